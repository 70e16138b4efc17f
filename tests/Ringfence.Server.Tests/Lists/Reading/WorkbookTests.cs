using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

public class WorkbookTests
{
    private static string[] Row(params string[] cells)
    {
        var rows = new WorkbookFile().Sheet($"<row><c t=\"str\"><v>h</v></c></row><row>{string.Concat(cells)}</row>").Read().Rows;
        return rows.Count > 1 ? rows[1] : [];
    }

    private static string Value(string value, string format, bool since1904 = false) =>
        new WorkbookFile(since1904).Formats(format).Sheet($"<row><c t=\"str\"><v>h</v></c></row><row><c s=\"0\"><v>{value}</v></c></row>").Read().Rows[1][0];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Texts_are_read_wherever_they_stand(bool strict)
    {
        var list = new WorkbookFile(strict: strict)
            .Strings("<t>name</t>", "<r><rPr><b/></rPr><t>Ada </t></r><r><t xml:space=\"preserve\">Byron </t></r>",
                "<t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh><phoneticPr fontId=\"1\"/>")
            .Sheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>city</t></is></c><c r=\"C1\" t=\"str\"><f>A1</f><v>note</v></c></row>"
                + "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\" t=\"s\"><v>2</v></c><c r=\"C2\" t=\"inlineStr\"><is><r><t>a_x000D_&lt;</t></r><r><t>b</t></r></is></c></row>")
            .Read();

        Assert.Equal("xlsx", list.Format);
        Assert.Equal("Sheet1", list.Sheet);
        Assert.Equal(["name|city|note", "Ada Byron |東京|a\r<b"], list.Lines);
        Assert.Empty(list.Faults);
    }

    [Theory]
    [InlineData("441234567890", "441234567890")]
    [InlineData("4.41234567890E+11", "441234567890")]
    [InlineData("4.4123456789E11", "441234567890")]
    [InlineData("1.5E-3", "0.0015")]
    [InlineData("-12.50", "-12.5")]
    [InlineData("1.1000000000000001", "1.1")]
    [InlineData("0.30000000000000004", "0.3")]
    [InlineData("9.9999999999999995E-2", "0.1")]
    [InlineData("8613800000000123456", "8613800000000123456")]
    [InlineData("0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("007", "7")]
    [InlineData("1E+400000000", "1E+400000000")]
    [InlineData("12a", "12a")]
    [InlineData("NaN", "NaN")]
    public void Numbers_lose_no_digit_and_have_no_exponent(string stored, string read) => Assert.Equal(read, Value(stored, "0"));

    [Theory]
    [InlineData("00000", "7512", "07512")]
    [InlineData("00000000000", "1715550123", "01715550123")]
    [InlineData("\"+\"0", "441234567890", "+441234567890")]
    [InlineData("\\+0", "441234567890", "+441234567890")]
    [InlineData("0##########", "171555", "171555")]
    [InlineData("000\\-0000\\-0000", "9012345678", "09012345678")]
    [InlineData("#,##0.00", "1234.5", "1234.5")]
    [InlineData("0.00E+00", "441234567890", "441234567890")]
    [InlineData("[Red]#,##0", "5", "5")]
    [InlineData("#,##0 \"days\"", "5", "5")]
    [InlineData("[h]:mm", "1.5", "1.5")]
    public void Digits_that_only_the_format_shows_belong_to_the_number(string format, string stored, string read) =>
        Assert.Equal(read, Value(stored, format));

    [Theory]
    [InlineData("14", "45352", "2024-03-01")]
    [InlineData("22", "45352.75", "2024-03-01 18:00:00")]
    [InlineData("31", "45352", "2024-03-01")]       // built in for Chinese and Japanese
    [InlineData("57", "45352", "2024-03-01")]
    [InlineData("21", "0.5", "12:00:00")]
    [InlineData("yyyy\"年\"m\"月\"d\"日\"", "45352", "2024-03-01")]
    [InlineData("[$-409]d\\-mmm\\-yy;@", "45352", "2024-03-01")]
    [InlineData("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "45352", "2024-03-01")]
    [InlineData("dd.mm.yyyy hh:mm:ss.000", "45352.999999999", "2024-03-02")]
    [InlineData("ggge\"年\"", "45352", "2024-03-01")]
    [InlineData("14", "59", "1900-02-28")]
    [InlineData("14", "61", "1900-03-01")]
    [InlineData("14", "1", "1900-01-01")]
    [InlineData("14", "2958465", "9999-12-31")]
    [InlineData("14", "2958466", "2958466")]
    [InlineData("14", "-5", "-5")]
    [InlineData("m/d/yyyy", "441234567890", "441234567890")]
    public void Dates_are_told_by_the_format_and_given_as_ISO(string format, string stored, string read) => Assert.Equal(read, Value(stored, format));

    [Fact]
    public void Days_may_be_counted_from_1904() => Assert.Equal("2024-03-01", Value("43890", "14", since1904: true));

    [Fact]
    public void Booleans_errors_and_dates_as_text_are_read()
    {
        Assert.Equal(["TRUE", "FALSE", "", "2024-03-01", "2024-03-01 10:15:00", "last"], Row(
            "<c t=\"b\"><v>1</v></c>", "<c t=\"b\"><v>0</v></c>", "<c t=\"e\"><v>#N/A</v></c>",
            "<c t=\"d\"><v>2024-03-01T00:00:00</v></c>", "<c t=\"d\"><v>2024-03-01T10:15:00</v></c>", "<c t=\"str\"><v>last</v></c>"));
    }

    [Fact]
    public void Sparse_unnumbered_and_disordered_cells_find_their_columns()
    {
        var list = new WorkbookFile().Sheet(
            "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"B1\"><v>2</v></c><c r=\"C1\"><v>3</v></c><c r=\"D1\"><v>4</v></c></row>"
            + "<row r=\"900\"><c r=\"D900\"><v>4</v></c><c r=\"B900\"><v>2</v></c></row><row r=\"7\"><c r=\"B7\"><v>2</v></c><c><v>3</v></c></row>"
            + "<row/><row r=\"9\"><c r=\"A9\" s=\"1\"/></row><row hidden=\"1\"><c><v>1</v></c></row>").Read();

        Assert.Equal(["1|2|3|4", "|2||4", "|2|3|", "1|||"], list.Lines);
        Assert.Empty(list.Faults);
    }

    [Fact]
    public void A_lone_value_far_to_the_right_is_a_fault_of_its_row_and_not_lost()
    {
        var header = "<row><c><v>1</v></c><c><v>2</v></c></row>";
        var rows = string.Concat(Enumerable.Repeat("<row><c><v>3</v></c></row>", 100));
        var list = new WorkbookFile().Sheet(header + rows + "<row r=\"1048576\"><c r=\"A1048576\"><v>5</v></c><c r=\"XFD1048576\"><v>6</v></c></row>").Read();

        Assert.Equal(2, list.ColumnCount);
        Assert.Equal(["5", "", "6"], list.Rows[^1]);
        Assert.Equal([(101, "too-many-cells", 2)], list.Faults);
    }

    [Fact]
    public void The_first_visible_sheet_with_a_header_and_a_row_is_read_unless_another_is_named()
    {
        static string Two(string text) => $"<row><c t=\"str\"><v>h</v></c></row><row><c t=\"str\"><v>{text}</v></c></row>";
        var book = new WorkbookFile().Sheet(Two("hidden"), "Old", "hidden").Sheet("<row><c><v>1</v></c></row>", "Cover").Sheet("", "Empty").Sheet(Two("list"), "Kontakte").Sheet(Two("more"), "2");

        Assert.Equal("list", book.Read().Rows[1][0]);
        Assert.Equal("list", book.Read("KONTAKTE").Rows[1][0]);
        Assert.Equal("hidden", book.Read("1").Rows[1][0]);
        Assert.Equal("more", book.Read("2").Rows[1][0]);
        using var file = book.OnDisk();
        Assert.Equal("no-such-sheet", file.CodeOfRefusal(new ListReadOptions("9")));
        Assert.Equal("no-such-sheet", file.CodeOfRefusal(new ListReadOptions("../Kontakte")));
    }

    [Fact]
    public void A_column_without_a_name_beside_the_list_is_a_column()
    {
        var list = new WorkbookFile().Sheet("<row><c><v>1</v></c></row><row><c><v>2</v></c><c t=\"str\"><v>do not call</v></c></row>").Read();

        Assert.Equal(["1|", "2|do not call"], list.Lines);
        Assert.Empty(list.Faults);
    }

    [Fact]
    public void Long_sheets_come_in_many_batches()
    {
        var list = new WorkbookFile().Strings([.. Enumerable.Range(0, 10_000).Select(i => $"<t>name {i}</t>")])
            .Sheet(string.Concat(Enumerable.Range(0, 10_000).Select(i => $"<row r=\"{i + 1}\"><c r=\"A{i + 1}\" t=\"s\"><v>{i}</v></c><c r=\"B{i + 1}\"><v>{i}</v></c></row>"))).Read();

        Assert.Equal(10_000, list.Rows.Count);
        Assert.All(list.Rows.Select((row, i) => (row, i)), r => Assert.Equal([$"name {r.i}", $"{r.i}"], r.row));
    }
}
