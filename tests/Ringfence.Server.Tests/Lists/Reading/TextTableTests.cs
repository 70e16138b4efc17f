using System.Text;
using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

public class TextTableTests
{
    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    public void The_separator_is_found_from_the_content(char separator)
    {
        var list = ListOnDisk.Of("name;phone;note\nAda;+44 20 7946 0001;\"a; b\"\nBob;+44 20 7946 0002;x\n".Replace(';', separator));

        Assert.Equal(separator, list.Separator);
        Assert.Equal(["name", "phone", "note"], list.Rows[0]);
        Assert.Equal(["Ada", "+44 20 7946 0001", $"a{separator} b"], list.Rows[1]);
        Assert.Empty(list.Faults);
    }

    [Theory]
    [InlineData("name;price;city\nAda;1,5;Rome\nBob;2,5;Bonn\n", ';')]              // decimal commas
    [InlineData("name\tnote\nAda\tone, two, three\nBob\tfour, five, six\n", '\t')]   // text with commas
    [InlineData("name,tags\nAda,a|b|c\nBob,d|e|f\n", ',')]                           // lists in cells
    [InlineData("Last, First;Phone;Land\nA, B;1;DE\nC, D;2;DE\n", ';')]              // both agree: the one that cuts more
    [InlineData("\"a;b\",\"c;d\"\n\"1;2\",\"3;4\"\n", ',')]
    public void Other_separators_in_the_text_do_not_mislead(string csv, char separator) =>
        Assert.Equal(separator, ListOnDisk.Of(csv).Separator);

    [Fact]
    public void A_list_of_one_column_stays_one_column()
    {
        var list = ListOnDisk.Of("phone\n+44 20 7946 0001\n+44 20 7946 0002, ext. 3\n");

        Assert.Equal(1, list.ColumnCount);
        Assert.Equal(["phone"], list.Rows[0]);
        Assert.Equal(3, list.Rows.Count);
    }

    [Theory]
    [InlineData("sep=;\r\na;b,c\r\n1;2\r\n")]
    [InlineData("\"sep=;\"\na;b,c\n1;2\n")]
    [InlineData("SEP=;\ra;b,c\r1;2\r")]
    public void The_line_with_which_Excel_names_the_separator_is_honoured_and_is_no_row(string csv)
    {
        var list = ListOnDisk.Of(csv);

        Assert.Equal(';', list.Separator);
        Assert.Equal(["a|b,c", "1|2"], list.Lines);
    }

    [Theory]
    [InlineData("a,b\r\n1,2\r\n3,4\r\n")]
    [InlineData("a,b\n1,2\n3,4")]
    [InlineData("a,b\r1,2\r3,4\r")]
    [InlineData("a,b\r\n1,2\n3,4\r")]
    [InlineData("\n\na,b\n\n1,2\r\n\r\n   \n3,4\n\n\n")]
    [InlineData("\uFEFFa,b\n1,2\n3,4\n")]
    [InlineData("a,b\n1,2\n3,4\n\u001a")]
    [InlineData("\"a\",\"b\"\r\n\"1\",\"2\"\r\n\"3\",\"4\"")]
    [InlineData("a,b\n1, \"2\" \n3,\"4\"\t\n")]
    public void Line_ends_of_all_kinds_end_rows_and_empty_lines_are_none(string csv)
    {
        var list = ListOnDisk.Of(csv);

        Assert.Equal(["a|b", "1|2", "3|4"], list.Lines);
        Assert.Empty(list.Faults);
    }

    [Fact]
    public void Quotes_hold_separators_line_ends_and_doubled_quotes()
    {
        var list = ListOnDisk.Of("a,b,c\n\"1,1\",\"two\r\nlines\n\nfour\",\"say \"\"no\"\"\"\n\"\",\"\"\"\",x\n");

        Assert.Equal(["1,1", "two\r\nlines\n\nfour", "say \"no\""], list.Rows[1]);
        Assert.Equal(["", "\"", "x"], list.Rows[2]);
        Assert.Empty(list.Faults);
    }

    [Fact]
    public void A_quote_inside_an_unquoted_cell_is_a_character()
    {
        var list = ListOnDisk.Of("a,b\n5\" pipe,Robert \"Bob\" Smith\n");

        Assert.Equal(["5\" pipe", "Robert \"Bob\" Smith"], list.Rows[1]);
        Assert.Empty(list.Faults);
    }

    [Theory]
    [InlineData("a,b,c\n1,\"the \"big\" one\",3\n4,5,6\n", "1|the \"big\" one|3")]
    [InlineData("a,b,c\n1,\"Bob\" Smith,3\n4,5,6\n", "1|\"Bob\" Smith|3")]
    [InlineData("a,b,c\n1,\"say \\\"hi\\\" now\",3\n4,5,6\n", "1|say \\\"hi\\\" now|3")]
    public void A_stray_quote_in_a_quoted_cell_is_kept_and_reported(string csv, string row)
    {
        var list = ListOnDisk.Of(csv);

        Assert.Equal(["a|b|c", row, "4|5|6"], list.Lines);
        Assert.Equal([(1, "bad-quote", 1)], list.Faults);
    }

    [Theory]
    [InlineData("1,\"Ada,x,y\n2,Bob,x,y\n3,Eve,x,y\n")]                     // to the end of the file
    [InlineData("1,\"Ada,x,y\n2,\"Bob\",x,y\n3,Eve,x,y\n")]                 // to an opening quote
    [InlineData("1,\"Ada,x,y\r\n2,Bob,x,y\r\n3,Eve,\"x\",y\r\n")]
    [InlineData("1,\"Ada,\"x\",y\n2,Bob,x,y\n3,Eve,x,y\n")]                 // to one in the same row
    public void A_quote_never_closed_costs_only_its_own_row_a_fault(string rows)
    {
        var list = ListOnDisk.Of("id,name,c,d\n" + rows);

        Assert.Equal(["id|name|c|d", "1|\"Ada|x|y", "2|Bob|x|y", "3|Eve|x|y"], list.Lines);
        Assert.Equal([(1, "open-quote", 1)], list.Faults);
    }

    [Fact]
    public void A_quote_closed_by_a_stray_one_some_rows_later_does_not_swallow_the_rows_between()
    {
        var list = ListOnDisk.Of("id,name,size,d\n1,\"Ada,x,y\n2,Bob,x,y\n3,Eve,5\",y\n4,Dan,x,y\n");

        Assert.Equal(["id|name|size|d", "1|\"Ada|x|y", "2|Bob|x|y", "3|Eve|5\"|y", "4|Dan|x|y"], list.Lines);
        Assert.Equal([(1, "open-quote", 1)], list.Faults);
    }

    [Fact]
    public void A_quote_never_closed_in_a_large_file_loses_nothing_behind_it()
    {
        var csv = new StringBuilder("id,name,c,d\n");
        for (var i = 1; i <= 60_000; i++)
            csv.Append(i).Append(i == 100 ? ",\"Ada" : ",Ada").Append(i % 7 == 0 && i != 100 && i > 30_000 ? ",\"x\"\"\",y\n" : ",x,y\n");
        var list = ListOnDisk.Of(csv.ToString());

        Assert.Equal(60_001, list.Rows.Count);
        Assert.Equal([(100, "open-quote", 1)], list.Faults);
        Assert.Equal("60000", list.Rows[^1][0]);
    }

    [Fact]
    public void Honest_notes_over_several_lines_with_separators_are_one_cell()
    {
        var list = ListOnDisk.Of("id,name,phone,notes\n1,Ada,+1,\"Dear all,\nplease call, but late\n\nthanks, Bob\"\n2,Eve,+2,ok\n");

        Assert.Equal(3, list.Rows.Count);
        Assert.Equal("Dear all,\nplease call, but late\n\nthanks, Bob", list.Rows[1][3]);
        Assert.Empty(list.Faults);
    }

    [Fact]
    public void Rows_with_too_many_or_too_few_cells_are_faults_and_keep_their_cells()
    {
        var list = ListOnDisk.Of("a,b,c\n1,2,3\n1,2,3,,\n1,2,3,4\n1,2\n1,2,\n");

        Assert.Equal(["a|b|c", "1|2|3", "1|2|3", "1|2|3|4", "1|2", "1|2|"], list.Lines);
        Assert.Equal([(3, "too-many-cells", 3), (4, "too-few-cells", 2)], list.Faults);
    }

    [Fact]
    public void Where_the_whole_file_leaves_out_empty_cells_at_the_end_short_rows_are_no_faults()
    {
        var list = ListOnDisk.Of("a,b,c,d\n1,2,3,4\n1\n1,2\n1,,3\n1,2,3,4\n1,2\n");

        Assert.Empty(list.Faults);
        Assert.Equal(["1"], list.Rows[2]);
    }

    [Fact]
    public void A_separator_behind_the_last_column_of_the_header_or_of_the_rows_does_no_harm()
    {
        Assert.Empty(ListOnDisk.Of("a,b,c,\n1,2,3\n4,5,6\n").Faults);
        Assert.Empty(ListOnDisk.Of("a,b,c\n1,2,3,\n4,5,6,\n").Faults);
    }

    [Fact]
    public void A_row_of_empty_cells_is_a_row() =>
        Assert.Equal(["a|b", "|", "1|2"], ListOnDisk.Of("a,b\n,\n1,2\n").Lines);

    [Fact]
    public void NULs_in_a_cell_stay() =>
        Assert.Equal(["a|b", "1\0|2"], ListOnDisk.Of("a,b\n1\0,2\n").Lines);

    [Fact]
    public void A_damaged_character_in_a_UTF8_list_is_a_fault_of_its_cell_alone()
    {
        var bytes = Encoding.UTF8.GetBytes("name,city\nJosé,München\nZoë,Zürich\nX~,Köln\nÅsa,北~\n");
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = bytes[i] == '~' ? (byte)0xE9 : bytes[i];
        var list = ListOnDisk.Of(bytes);

        Assert.Equal("utf-8", list.Encoding);
        Assert.Equal(["name|city", "José|München", "Zoë|Zürich", "X\uFFFD|Köln", "Åsa|北\uFFFD"], list.Lines);
        Assert.Equal([(3, "bad-encoding", 0), (4, "bad-encoding", 1)], list.Faults);
    }

    [Fact]
    public void A_cell_longer_than_any_note_is_a_fault_and_keeps_its_text()
    {
        var long1 = new string('x', ListLimits.CellBytes + 1);
        var list = ListOnDisk.Of($"a,b\n1,{long1}\n2,y\n");

        Assert.Equal([(1, "cell-too-long", 1)], list.Faults);
        Assert.Equal(long1, list.Rows[1][1]);
    }

    [Fact]
    public void Rows_longer_than_the_buffers_are_read_like_others()
    {
        var note = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n"));
        var csv = "a,b\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},\"{note[..(i * 5_000)]}\"\n"));
        var list = ListOnDisk.Of(csv);

        Assert.Empty(list.Faults);
        Assert.Equal(41, list.Rows.Count);
        for (var i = 0; i < 40; i++)
            Assert.Equal(note[..(i * 5_000)], list.Rows[i + 1][1]);
    }

    [Fact]
    public void What_has_no_line_end_is_refused()
    {
        using var list = new ListOnDisk(new string('x', ListLimits.RowBytes + 3_000_000));
        Assert.Equal("row-too-long", list.CodeOfRefusal());
    }

    [Fact]
    public void More_columns_than_any_list_has_are_refused()
    {
        using var list = new ListOnDisk(string.Join(',', Enumerable.Range(0, 1025)) + "\n1\n");
        Assert.Equal("too-many-columns", list.CodeOfRefusal());
    }

    [Theory]
    [InlineData("\"\"x\n", 300_000)]
    [InlineData("\"\"x,", 300_000)]
    [InlineData("\"\n", 500_000)]
    [InlineData("\"", 1_000_000)]
    [InlineData("\"a,\"", 300_000)]
    [InlineData("\"\"\"\n", 300_000)]
    [InlineData("x,\"", 300_000)]
    [InlineData("\" ", 500_000)]
    [InlineData("\"\"\n\"\"x\",\"\n", 100_000)]
    [InlineData(",", 2_000_000)]
    public void Quotes_made_to_be_looked_at_again_and_again_are_read_in_linear_time(string piece, int times)
    {
        var csv = "a,b,c,d\n" + string.Concat(Enumerable.Repeat(piece, times));
        using var list = new ListOnDisk(csv);
        using var file = ListFile.Open(list.Path, new ListReadOptions(null));
        var batch = new RowBatch();
        while (file.Read(batch))
            Assert.True(batch.Count <= RowBatch.Capacity);
    }

    [Fact]
    public void A_list_packed_with_gzip_is_read_as_what_it_holds()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes("姓名,电话\n张伟,+86 138 0000 0001\n"));
        using var list = new ListOnDisk(packed.ToArray(), "csv.gz");

        Assert.Equal(["姓名|电话", "张伟|+86 138 0000 0001"], list.Read().Lines);
    }
}
