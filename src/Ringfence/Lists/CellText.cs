using System.Collections.Frozen;
using System.Text;

namespace Ringfence.Lists;

/// <summary>Folds what people write into one spelling, so that tables need each word once.</summary>
/// <remarks>
/// Case, width and diacritics go; letters of two parts are written out (<c>ß</c> as <c>ss</c>); traditional Chinese characters become
/// simplified ones, as far as the words of lists need them; Arabic letters lose their marks; invisible characters vanish.
/// </remarks>
internal static class CellText
{
    /// <summary>A character that folding drops.</summary>
    public const char Nothing = '\0';

    private const string Accented =
        "àáâãäåāăąǎçćĉċčďèéêëēĕėęěĝğġģĥìíîïĩīĭįıĵķĺļľñńņňòóôõöōŏőøŕŗřśŝşšșţťțùúûüũūŭůűųŵýÿŷźżžłđħŧёўأإآٱىةیک";

    private const string Plain =
        "aaaaaaaaaacccccdeeeeeeeeegggghiiiiiiiiijklllnnnnooooooooorrrssssstttuuuuuuuuuuwyyyzzzldhtеуاااايهيك";

    // Pairs: the simplified character, then the traditional one.
    private const string SimplifiedTraditional =
        "国國电電话話号號码碼机機备備注註处處来來绝絕订訂阅閱邮郵营營销銷间間时時条條历歷历曆记記录錄联聯系繫系係络絡户戶称稱单單职職务務业業员員负負责責状狀态態标標签籤签簽区區县縣乡鄉镇鎮门門从從见見赞贊许許权權认認确確经經请請吗嗎无無关關闭閉开開启啟启啓选選预預设設传傳简簡讯訊语語视視现現实實" +
        "龄齡岁歲诞誕级級类類种種网網页頁发發复復复複复覆应應动動后後个個们們对對错錯过過还還这這样樣书書写寫读讀说説说說该該谁誰试試询詢问問题題额額频頻头頭顾顧愿願须須显顯风風骚騷扰擾验驗点點强強张張换換据據择擇担擔拨撥挂掛弃棄终終结結约約统統总總维維线線编編紧緊给給纪紀获獲产產毕畢异異当當浏瀏" +
        "览覽济濟满滿准準决決没沒测測沟溝潜潛湾灣尔爾华華万萬叶葉兰蘭众衆众眾术術卫衛装裝补補制製亲親计計托託调調谈談论論证證识識护護变變让讓财財货貨费費买買资資卖賣购購账賬账帳迹跡车車软軟输輸办辦递遞适適远遠钱錢键鍵长長阳陽际際随隨离離难難双雙响響馆館体體齐齊龙龍东東广廣庆慶欧歐汉漢滨濱为為与與" +
        "旧舊举舉莱萊萨薩苏蘇罗羅台臺兴興宁寧将將导導币幣库庫厅廳汇彙汇匯征徵属屬层層岛島屿嶼严嚴划劃别別则則创創刚剛内內两兩优優亿億价價侧側参參协協图圖团團场場坏壞报報奖獎妇婦学學审審专專寻尋几幾厂廠败敗数數断斷于於暂暫会會楼樓乐樂栏欄欢歡归歸气氣况況净淨减減润潤泽澤烦煩热熱独獨玛瑪环環尽盡监監" +
        "盘盤礼禮税稅笔筆红紅纳納细細组組绑綁绿綠缘緣缩縮续續继繼习習听聽声聲脱脫临臨范範蓝藍药藥冲衝里裡里裏诉訴评評词詞误誤课課咨諮诺諾谢謝译譯议議贝貝贵貴贸貿质質赠贈轻輕载載转轉农農回迴连連进進运運达達违違迟遲医醫释釋针針铃鈴银銀锁鎖链鏈钟鐘铁鐵闲閒陆陸队隊阶階隐隱静靜项項顺順领領养養鲁魯鲜鮮" +
        "麦麥黄黃册冊仅僅档檔凭憑庄莊杰傑伟偉执執谨謹宽寬弹彈驳駁辞辭";

    private static readonly FrozenDictionary<char, char> Map = BuildMap();

    /// <summary>One character folded; <see cref="Nothing"/> where it vanishes. Letters of two parts give their first.</summary>
    public static char Fold(char c)
    {
        if (c < 0x80)
            return char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
        if (c is >= '\uff01' and <= '\uff5e')
            return Fold((char)(c - 0xfee0));
        if (Vanishes(c))
            return Nothing;
        if (char.IsWhiteSpace(c))
            return ' ';
        var digit = char.IsDigit(c) ? System.Globalization.CharUnicodeInfo.GetDecimalDigitValue(c) : -1;
        if (digit >= 0)
            return (char)('0' + digit);
        c = char.ToLowerInvariant(c);
        return Map.GetValueOrDefault(c, c);
    }

    /// <summary>A text folded: letters, digits and everything else, each in its one spelling.</summary>
    public static string Fold(ReadOnlySpan<char> text)
    {
        var folded = new StringBuilder(text.Length + 4);
        foreach (var c in text)
            Append(folded, c);
        return folded.ToString();
    }

    /// <summary>The letters and digits of a text folded, and nothing between them: the key of names.</summary>
    public static string Key(ReadOnlySpan<char> text)
    {
        var key = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c))
                Append(key, c);
        }

        return key.ToString();
    }

    /// <summary>Appends one character folded, both parts of a letter of two.</summary>
    public static void Append(StringBuilder folded, char c)
    {
        switch (c)
        {
            case 'ß' or 'ẞ':
                folded.Append("ss");
                break;
            case 'æ' or 'Æ':
                folded.Append("ae");
                break;
            case 'œ' or 'Œ':
                folded.Append("oe");
                break;
            case 'þ' or 'Þ':
                folded.Append("th");
                break;
            case '…':
                folded.Append("...");
                break;
            default:
                if (Fold(c) is not Nothing and var f)
                    folded.Append(f);
                break;
        }
    }

    /// <summary>Whether a letter stands for a word or syllable of its own, so that words need no blanks: Han, kana, hangul.</summary>
    public static bool StandsAlone(char c) =>
        c is (>= '\u3400' and <= '\u9fff') or (>= '\uf900' and <= '\ufaff') or (>= '\u3005' and <= '\u3007')
            or (>= '\u3041' and <= '\u30ff') or (>= '\uac00' and <= '\ud7af');

    /// <summary>Cuts blanks, quotation marks, invisible characters and the like from both ends.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        var start = 0;
        var end = text.Length;
        while (start < end && IsRim(text[start]))
            start++;
        while (end > start && IsRim(text[end - 1]))
            end--;
        return text[start..end];
    }

    private static bool IsRim(char c) =>
        c is '"' or '\'' or '’' or '‘' or '“' or '”' or '„' or '`' or '´' or '＂' or '＇' or '«' or '»' or '「' or '」' ||
        c <= ' ' || (c >= 0x7f && (char.IsWhiteSpace(c) || Vanishes(c)));

    private static bool Vanishes(char c) =>
        c is '\u00ad' or '\u061c' or '\ufeff' or (>= '\u0300' and <= '\u036f') or (>= '\u064b' and <= '\u065f') or '\u0640'
            or (>= '\u200b' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2060' and <= '\u206f') or (>= '\ufe00' and <= '\ufe0f')
            || char.IsControl(c) && !char.IsWhiteSpace(c);

    private static FrozenDictionary<char, char> BuildMap()
    {
        var map = new Dictionary<char, char>();
        for (var i = 0; i < Accented.Length; i++)
            map[Accented[i]] = Plain[i];
        for (var i = 0; i + 1 < SimplifiedTraditional.Length; i += 2)
            map[SimplifiedTraditional[i + 1]] = SimplifiedTraditional[i];
        foreach (var dash in "‐‑‒–—―−")
            map[dash] = '-';
        foreach (var apostrophe in "’‘`´ʼ")
            map[apostrophe] = '\'';
        return map.ToFrozenDictionary();
    }
}
