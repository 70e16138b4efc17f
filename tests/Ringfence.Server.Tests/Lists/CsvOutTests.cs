using System.Text;
using Ringfence.Server.Lists;
using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists;

public sealed class CsvOutTests
{
    private static string Cell(string text)
    {
        var line = new CsvOut();
        line.Cell(text);
        return Encoding.UTF8.GetString(line.Written);
    }

    [Theory]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("-2+3", "\"'-2+3\"")]
    [InlineData("+1+cmd", "\"'+1+cmd\"")]
    [InlineData("\t=1", "\"'\t'=1\"")]
    [InlineData("\r=1", "\"'\r'=1\"")]
    [InlineData("\n=1", "\"'\n'=1\"")]
    [InlineData("\0=1", "\"'\0=1\"")]
    [InlineData("  =1", "\"'  =1\"")]
    [InlineData("＝1+1", "\"'＝1+1\"")]
    [InlineData("＠SUM", "\"'＠SUM\"")]
    [InlineData("+49 (0) 30 =1", "\"'+49 (0) 30 =1\"")]
    [InlineData("\uFEFF=1", "\"'\uFEFF=1\"")]
    // Where cells are parted by semicolons, or each line is a row whatever is quoted, these begin one.
    [InlineData("x;=1+1;y", "\"x;'=1+1;y\"")]
    [InlineData("x; @SUM(A1)", "\"x;' @SUM(A1)\"")]
    [InlineData("x\n=1+1", "\"x\n'=1+1\"")]
    [InlineData("x\t-2+3", "\"x\t'-2+3\"")]
    [InlineData("=1;=\"2\"", "\"'=1;'=\"\"2\"\"\"")]
    [InlineData("x;\"=1+1\"", "\"x;'\"\"=1+1\"\"\"")]
    // What is not seen, or not as a sign of ASCII, stands before it or for it.
    [InlineData("\u00A0=1", "\"'\u00A0=1\"")]
    [InlineData("\u3000＝1", "\"'\u3000＝1\"")]
    [InlineData("\u200B@SUM", "\"'\u200B@SUM\"")]
    [InlineData("\u0001=1", "\"'\u0001=1\"")]
    [InlineData("﹦1", "\"'﹦1\"")]
    [InlineData("−1+1", "\"'−1+1\"")]
    public void A_cell_that_a_spreadsheet_would_run_is_made_text(string text, string written) => Assert.Equal(written, Cell(text));

    [Theory]
    [InlineData("+493023125123", "+493023125123")]
    [InlineData("-", "-")]
    [InlineData("--", "--")]
    [InlineData("a;b", "a;b")]
    [InlineData("+493023125123;+493023125124", "\"'+493023125123;+493023125124\"")]
    [InlineData("x; +493023125123", "x; +493023125123")]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData(" padded", "\" padded\"")]
    [InlineData("王伟", "王伟")]
    [InlineData("\u00A0Café", "\u00A0Café")]
    [InlineData("かな", "かな")]
    [InlineData("\uFEFF+493023125123", "\uFEFF+493023125123")]
    public void Any_other_cell_stays_as_it_is(string text, string written) => Assert.Equal(written, Cell(text));

    [Fact]
    public void Cells_of_a_batch_are_written_like_each_by_itself()
    {
        // Around the length of a vector, with what wants quotes at every place.
        string[] marks = ["", ",", "\"", "\n", "\r", " ", "=", "+", "-", "@", "é", "＝", "\u00A0=", "\u200B@", "か", ";\"=", ";", "\t", ";=", "\n-x"];
        string[] texts = [.. from length in Enumerable.Range(0, 70) from mark in marks from place in (int[])[0, length / 2, length] select new string('x', length).Insert(place, mark)];
        foreach (var row in texts.Chunk(7))
        {
            var batch = new RowBatch();
            foreach (var text in row)
                batch.AddCell(Encoding.UTF8.GetBytes(text));
            batch.EndRow();
            var (together, alone) = (new CsvOut(), new CsvOut());
            together.Cells(batch, 0, [.. Enumerable.Range(0, row.Length), -1, 7]);
            foreach (var text in row)
                alone.Cell(text);
            alone.Empty();
            alone.Empty();
            Assert.Equal(Encoding.UTF8.GetString(alone.Written), Encoding.UTF8.GetString(together.Written));
        }
    }

    [Fact]
    public void A_row_of_three_parts_is_one_row()
    {
        var (first, last, line) = (new CsvOut(), new CsvOut(), new CsvOut());
        first.Number(1);
        last.Cell("end");
        last.EndRow();
        line.Row(first.Written, "a,b"u8, last.Written);
        line.Code("row "u8, 12);
        line.EndRow();
        Assert.Equal("1,a,b,end\r\nrow 12\r\n", Encoding.UTF8.GetString(line.Written));
    }

    [Fact]
    public void Rows_end_in_line_breaks_and_cells_are_parted_by_commas()
    {
        var line = new CsvOut();
        line.Number(-7);
        line.E164(493023125123);
        line.Empty();
        line.Code("usable"u8);
        line.EndRow();
        line.Empty();
        line.EndRow();
        Assert.Equal("-7,+493023125123,,usable\r\n\r\n", Encoding.UTF8.GetString(line.Written));
    }
}
