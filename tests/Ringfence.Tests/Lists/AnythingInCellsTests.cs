using FsCheck;
using FsCheck.Fluent;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;
using Xunit;

namespace Ringfence.Tests.Lists;

/// <summary>Whatever stands in a list: nothing throws, and no spelling of a word changes what it says.</summary>
public sealed class AnythingInCellsTests
{
    private static readonly string[] Pieces =
    [
        "yes", "no", "同意", "2024", "-", "/", ".", "1", "31", "月", "日", "年", "十", "元", "百", "t", ":", " ", "mar", "out", "(", "US", "é", "\ud83d", "\udc4d", "\0",
        "\u202e", "'", "１", "٣", "consent", "Phone", "_", "İ", "ß", ",", "民國", "e", "+", "x",
    ];

    [Fact]
    public void Nothing_throws_whatever_the_text()
    {
        var pieces = Gen.Elements(Pieces).ListOf().Select(list => string.Concat(list));
        var any = Gen.OneOf(ArbMap.Default.GeneratorFor<string>().Where(s => s is not null), pieces);
        Prop.ForAll(any.ToArbitrary(), text =>
        {
            ReadAll(text);
            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Nothing_throws_at_ten_thousand_characters()
    {
        foreach (var piece in Pieces)
            ReadAll(string.Concat(Enumerable.Repeat(piece, 10_000 / piece.Length)));
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("opted out")]
    [InlineData("Zustimmung erteilt")]
    [InlineData("désabonné")]
    [InlineData("不同意")]
    [InlineData("legitimate interest")]
    public void Case_width_and_blanks_don_t_change_an_answer(string cell)
    {
        var answer = ConsentCell.Read(cell).Answer;
        Assert.Equal(answer, ConsentCell.Read(cell.ToUpperInvariant()).Answer);
        Assert.Equal(answer, ConsentCell.Read($"\u00a0 \"{cell}\".\u200b").Answer);
        Assert.Equal(answer, ConsentCell.Read(cell.Replace(' ', '_')).Answer);
        Assert.Equal(answer, ConsentCell.Read(string.Concat(cell.Select(c => c is > ' ' and < '\x7f' ? (char)(c + 0xfee0) : c))).Answer);
    }

    private static void ReadAll(string text)
    {
        ListDate.TryRead(text, DateOrder.Unknown, out _, out _);
        ListDate.TryRead(text, DateOrder.DayFirst, out _, out _);
        ListDate.OrderOf(text);
        ConsentCell.Read(text);
        Places.Country(text);
        Places.State(text, Region.None);
        Places.State(text, Region.Of("US"));
        ColumnReader.Understand([text, text], [[text, text], [text]], []);
    }
}
