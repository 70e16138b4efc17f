using System.Text;
using Ringfence.Server.Numbers;
using Xunit;

namespace Ringfence.Server.Tests.Numbers;

public class NumbersCommandTests
{
    [Fact]
    public void Table_has_its_header_and_one_row_a_line_with_escapes_undone_and_written_again()
    {
        var (code, output, _) = Run("\\u0020+44\\u00A020 7946 0018\tZZ\n555-0123\tUS\n0044 20 7946 0018\tUS\n+1 902 345 6789\n", tsv: true);

        Assert.Equal(
            [
                "input\tdefault_region\te164\tpossible\tvalid\tregion\ttype\treason\text\tnational\tinternational\tzones\tsubdivisions\trepaired",
                "\\u0020+44\\u00A020 7946 0018\tZZ\t+442079460018\tyes\tyes\tGB\tFIXED_LINE\tIS_POSSIBLE\t\t020 7946 0018\t+44 20 7946 0018\tEurope/London\t\t",
                "555-0123\tUS\t+15550123\tlocal\tno\t\tUNKNOWN\tIS_POSSIBLE_LOCAL_ONLY\t\t555-0123\t+1 5550123\t\t\t",
                "0044 20 7946 0018\tUS\t+100442079460018\tno\tno\t\tUNKNOWN\tTOO_LONG\t\t00442079460018\t+1 00442079460018\t\t\t+442079460018",
                "+1 902 345 6789\tZZ\t+19023456789\tyes\tyes\tCA\tFIXED_LINE_OR_MOBILE\tIS_POSSIBLE\t\t(902) 345-6789\t+1 902-345-6789\tAmerica/Halifax\tCA-NS;CA-PE\t",
                "",
            ],
            output.Split('\n'));
        Assert.Equal(4, code);
    }

    [Fact]
    public void All_numbers_valid_is_done_and_one_that_is_not_is_done_with_rejects()
    {
        Assert.Equal(0, Run("020 7946 0018\n+1 202 555 0143\r\n", region: "GB").Code);
        Assert.Equal(4, Run("020 7946 0018\n\n", region: "GB").Code);
        Assert.Equal(0, Run("").Code);
    }

    [Theory]
    [InlineData("UK", false, false)]
    [InlineData("Germany", false, false)]
    [InlineData("GB", true, true)]
    public void Unusable_arguments_say_what_to_write_instead(string region, bool tsv, bool json)
    {
        var (code, output, errors) = Run("020 7946 0018", region, tsv, json);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("ringfence: --", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_end_is_refused_and_the_next_one_read()
    {
        var (code, output, _) = Run(new string('1', 5_000_000) + "\n+442079460018\n", tsv: true);
        var rows = output.Split('\n');
        Assert.Equal(4, code);
        Assert.Equal(4, rows.Length);
        Assert.Contains("\tNOT_A_NUMBER\t", rows[1], StringComparison.Ordinal);
        Assert.True(rows[1].Length < 200);
        Assert.StartsWith("+442079460018\tZZ\t+442079460018\tyes\tyes", rows[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_one_object_a_line_that_tells_fault_and_remarks()
    {
        var output = Run("4.42E+11\n'020 7946 0018 x5\n", region: "GB", json: true).Output.Split('\n');
        using var lost = System.Text.Json.JsonDocument.Parse(output[0]);
        using var read = System.Text.Json.JsonDocument.Parse(output[1]);
        Assert.Equal("scientific", lost.RootElement.GetProperty("fault").GetString());
        Assert.Equal("+442079460018", read.RootElement.GetProperty("e164").GetString());
        Assert.Equal(["extension", "apostrophe"], read.RootElement.GetProperty("remarks").EnumerateArray().Select(remark => remark.GetString()));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_answered_like_any_line()
    {
        using var output = new MemoryStream();
        var code = NumbersCommand.Run(null, true, false, new MemoryStream([0xff, 0xfe, (byte)'1', 0, (byte)'\n', 0xc3]), output, TextWriter.Null);
        Assert.Equal(4, code);
        Assert.Equal(3, Encoding.UTF8.GetString(output.ToArray()).Count(c => c == '\n'));
    }

    [Fact]
    public void The_line_for_people_says_what_was_read_or_why_nothing_was()
    {
        var (code, output, _) = Run("020 7946 0018; 07911 123456\n4.42E+11\n0044 20 7946 0018\tUS\n+49 030 23125123\n", region: "GB");
        Assert.Equal(
            [
                "+442079460018     GB   Fixed line            Europe/London  [Two numbers in a cell]  and +447911123456",
                "-                      4.42E+11              A spreadsheet cut the digits (4.42E+11)",
                "-                      0044 20 7946 0018     Too long  (perhaps +442079460018)  [Another country than the row’s]",
                "+493023125123     DE   Fixed line            Europe/Berlin  [Look twice: a digit or sign was dropped, Another country than the row’s]",
                "",
            ],
            output.Split('\n'));
        Assert.Equal(4, code);
    }

    [Fact]
    public void The_line_for_people_counts_as_read_what_it_shows_as_a_number()
    {
        Assert.Equal(0, Run("020 7946 0018; 07911 123456\n", region: "GB").Code);
        Assert.Equal(4, Run("020 7946 0018; 07911 123456\n", region: "GB", tsv: true).Code);
    }

    private static (int Code, string Output, string Errors) Run(string input, string? region = null, bool tsv = false, bool json = false)
    {
        using var output = new MemoryStream();
        var errors = new StringWriter();
        var code = NumbersCommand.Run(region, tsv, json, new MemoryStream(Encoding.UTF8.GetBytes(input)), output, errors);
        return (code, Encoding.UTF8.GetString(output.ToArray()), errors.ToString());
    }
}
