using System.Text;
using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

public class EncodingTests
{
    private const string Simplified = "线索编号,姓名,国家,电话,来源,备注\nL1,王伟,中国,+86 138 0000 0001,网站表单,请勿再打电话\nL2,欧阳娜娜,中国,010-8000 0002,老客户推荐,喜欢微信联系\n";
    private const string Traditional = "編號,姓名,國家,電話,來源,備註\n1,陳志豪,台灣,0912 000 001,展會掃描,請勿來電\n2,林淑芬,香港,+852 9000 0002,網站表單,喜歡用簡訊聯絡\n";
    private const string Japanese = "番号,氏名,フリガナ,電話番号,備考\n1,佐藤 健一,サトウ ケンイチ,03-0000-0001,電話しないでください\n2,髙橋 美咲,タカハシ ミサキ,090-0000-0002,メール希望\n";
    private const string Korean = "번호,이름,전화번호,비고\n1,김민준,010-0000-0001,전화하지 마세요\n2,이서연,02-000-0002,이메일 선호\n";
    private const string German = "Nr,Name,Ort,Bemerkung\n1,Jörg Müller,Köln,nicht mehr anrufen – schließt Verträge über Händler ab\n2,Käthe Großmann,Düsseldorf,ok\n";
    private const string French = "n°,nom,ville,remarque\n1,Françoise Lefèvre,Orléans,« ne plus appeler » – déjà client\n2,Benoît Noël,Besançon,à rappeler\n";
    private const string Spanish = "id,nombre,ciudad,notas\n1,José Muñoz,Málaga,no llamar más\n2,Íñigo Peña,A Coruña,llamar mañana\n";
    private const string Russian = "номер,имя,телефон,заметка\n1,Иван Петров,+7 900 000-00-01,больше не звонить\n2,Мария Сидорова,+7 900 000-00-02,перезвонить\n";
    private const string Polish = "nr,imię i nazwisko,miasto,uwagi\n1,Łukasz Wałęsa,Łódź,proszę nie dzwonić\n2,Małgorzata Żółć,Gdańsk,zadzwonić później\n";

    // The tests name encodings themselves, whichever of them comes first.
    static EncodingTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static TheoryData<string, string> Lists => new()
    {
        { "gb18030", Simplified }, { "big5", Traditional }, { "shift_jis", Japanese }, { "euc-jp", Japanese.Replace('髙', '高') },
        { "euc-kr", Korean }, { "windows-1252", German }, { "windows-1252", French }, { "windows-1252", Spanish },
        { "windows-1251", Russian }, { "windows-1250", Polish },
        { "utf-8", Simplified }, { "utf-8", Traditional }, { "utf-8", Japanese }, { "utf-8", Korean }, { "utf-8", German },
        { "utf-8", French }, { "utf-8", Spanish }, { "utf-8", Russian }, { "utf-8", Polish },
        { "utf-16", Simplified }, { "utf-16BE", Traditional }, { "utf-16", German }, { "utf-16BE", Japanese },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void The_encoding_is_found_from_the_content(string encoding, string csv)
    {
        var list = ListOnDisk.Of(csv, encoding);

        Assert.Equal(encoding, list.Encoding, ignoreCase: true);
        Assert.Equal(csv.TrimEnd('\n').Split('\n').Select(line => line.Replace(',', '|')), list.Lines);
        Assert.Empty(list.Faults);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_header_and_one_row_are_enough(string encoding, string csv)
    {
        var short1 = string.Join('\n', csv.Split('\n')[..2]) + "\n";
        Assert.Equal(short1.TrimEnd('\n').Split('\n').Select(line => line.Replace(',', '|')), ListOnDisk.Of(short1, encoding).Lines);
    }

    [Theory]
    [InlineData("gb18030", "name,phone\n王伟,1\n")]
    [InlineData("gb18030", "name,phone\n李娜,1\n")]
    [InlineData("gb18030", "name,phone\n张敏,1\n")]
    [InlineData("gb18030", "name,note\nWang,不同意\n")]
    [InlineData("gb18030", "name,note\nWang,拒绝来电\n")]
    [InlineData("gb18030", "name,consent\nWang,是\n")]
    [InlineData("gb18030", "name,consent\nWang,否\n")]
    [InlineData("gb18030", "姓名\n")]
    [InlineData("gb18030", "吴淑芬,张宗翰,吳淑芬,張宗翰\n")]
    [InlineData("big5", "name,phone\n陳怡君,1\n")]
    [InlineData("big5", "name,note\nChen,不同意\n")]
    [InlineData("big5", "name,note\nChen,請勿來電\n")]
    [InlineData("big5", "姓名,電話\n")]
    [InlineData("shift_jis", "name,note\nSato,電話しないでください\n")]
    [InlineData("shift_jis", "氏名,電話番号\n山田太郎,03\n")]
    [InlineData("shift_jis", "ｼﾒｲ,ﾃﾞﾝﾜ\nﾔﾏﾀﾞ ﾀﾛｳ,03\n")]
    [InlineData("windows-1252", "name,phone\nJosé,1\n")]
    [InlineData("windows-1252", "name,phone\nGroßmann,1\n")]
    [InlineData("windows-1252", "name,phone\nÄngelholm,1\n")]
    [InlineData("windows-1252", "name,phone\nMüller,1\n")]
    [InlineData("windows-1252", "name,note\nBob,“don’t call”\n")]
    [InlineData("windows-1252", "name,amount\nBob,10 €\n")]
    [InlineData("windows-1252", "name,amount\nBjörk Guðmundsdóttir,1\n")]
    [InlineData("utf-8", "name,phone\nJosé,1\n")]
    [InlineData("utf-8", "name,phone\nÉ,1\n")]
    [InlineData("utf-8", "name,phone\nGroßmann,1\n")]
    [InlineData("utf-8", "name,phone\nИван,1\n")]
    [InlineData("utf-8", "name,phone\nΓιάννης,1\n")]
    [InlineData("utf-8", "name,phone\nיוסי,1\n")]
    [InlineData("utf-8", "name,phone\nعلي,1\n")]
    [InlineData("utf-8", "name,phone\nŁódź żółć,1\n")]
    [InlineData("utf-8", "name,phone\n李,1\n")]
    [InlineData("utf-8", "name,note\nBob,😀\n")]
    public void A_few_characters_are_enough(string encoding, string csv) =>
        Assert.Equal(csv.TrimEnd('\n').Split('\n').Select(line => line.Replace(',', '|')), ListOnDisk.Of(csv, encoding).Lines);

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("utf-32BE")]
    public void A_byte_order_mark_tells_and_is_no_part_of_the_text(string encoding)
    {
        var e = Encoding.GetEncoding(encoding);
        var list = ListOnDisk.Of([.. e.GetPreamble(), .. e.GetBytes("姓名,城市\n李,München\n")]);

        Assert.Equal(["姓名|城市", "李|München"], list.Lines);
        Assert.Equal(encoding, list.Encoding, ignoreCase: true);
    }

    [Theory]
    [InlineData("gb18030")]
    [InlineData("utf-8")]
    public void What_is_not_ASCII_may_come_first_at_the_end_of_a_long_file(string encoding)
    {
        var ascii = "id,name,note\n" + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i},Ada Byron,fine\n"));
        var list = ListOnDisk.Of(ascii + "200000,王伟,请勿来电\n", encoding);

        Assert.Equal(encoding, list.Encoding);
        Assert.Equal(["200000", "王伟", "请勿来电"], list.Rows[^1]);
    }

    [Fact]
    public void A_UTF8_list_with_one_cell_pasted_in_Latin_1_stays_UTF8()
    {
        var list = ListOnDisk.Of([.. Encoding.UTF8.GetBytes(German), .. Encoding.Latin1.GetBytes("3,José,x,y\n"), .. Encoding.UTF8.GetBytes("4,Jürgen,x,y\n")]);

        Assert.Equal([(3, "bad-encoding", 1)], list.Faults);
        Assert.Equal("Jos\uFFFD", list.Rows[3][1]);
        Assert.Equal("Jürgen", list.Rows[4][1]);
    }

    [Fact]
    public void A_damaged_character_of_a_double_byte_encoding_takes_no_separator_or_line_end_with_it()
    {
        foreach (var (encoding, csv) in new[] { ("gb18030", Simplified), ("big5", Traditional), ("shift_jis", Japanese), ("euc-kr", Korean) })
        {
            byte[] cut = [.. Encoding.GetEncoding(encoding).GetBytes(csv), (byte)'9', (byte)',', 0xC9, (byte)',', (byte)'x', 0xC9, (byte)'\n', (byte)'8', (byte)'\n'];
            var list = ListOnDisk.Of(cut);

            Assert.Equal(encoding, list.Encoding);
            Assert.Equal("9", list.Rows[3][0]);
            Assert.Equal(3, list.Rows[3].Length);
            Assert.Equal(["8"], list.Rows[4]);
            if (encoding != "shift_jis")        // there the byte is a half-width katakana
                Assert.Contains((3, "bad-encoding", 1), list.Faults);
        }
    }

    [Fact]
    public void The_user_may_name_the_encoding()
    {
        using var list = new ListOnDisk("naam\nJosé\n", "windows-1252");

        Assert.Equal("JosŽ", ListOnDisk.Of("naam\nJosé\n", "utf-8").Rows[1][0].Replace("é", "Ž"));
        Assert.Equal("Josй", list.Read(new ListReadOptions(null, "windows-1251")).Rows[1][0]);
        Assert.Equal("José", list.Read(new ListReadOptions(null, "ISO-8859-1")).Rows[1][0]);
        Assert.Equal("unknown-encoding", list.CodeOfRefusal(new ListReadOptions(null, "klingon")));
        Assert.Equal("unknown-encoding", list.CodeOfRefusal(new ListReadOptions(null, "utf-7")));
    }

    [Fact]
    public void GB2312_and_GBK_are_read_as_the_encoding_that_holds_them()
    {
        using var list = new ListOnDisk("姓名\n陳喆\n", "gb18030");
        Assert.Equal("陳喆", list.Read(new ListReadOptions(null, "gb2312")).Rows[1][0]);
        Assert.Equal("陳喆", list.Read(new ListReadOptions(null, "gbk")).Rows[1][0]);
    }
}
