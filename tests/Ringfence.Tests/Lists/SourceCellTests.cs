using FsCheck;
using FsCheck.Fluent;
using Ringfence.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class SourceCellTests
{
    public static TheoryData<string, string> Cells() =>
        [.. WordTable.Rows("sources.tsv").Select(row => new TheoryDataRow<string, string>(row[0], row[1]))];

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_names_its_kind_of_source(string kind, string cell) =>
        Assert.Equal(Enum.Parse<SourceKind>(kind), SourceCell.Read(cell));

    [Fact]
    public void Case_width_blanks_and_quotes_change_nothing()
    {
        foreach (var row in WordTable.Rows("sources.tsv"))
        {
            foreach (var spelling in WordTable.Spellings(row[1]))
                Assert.True(Enum.Parse<SourceKind>(row[0]) == SourceCell.Read(spelling), $"{spelling}: {SourceCell.Read(spelling)}");
        }
    }

    [Fact]
    public void A_third_party_outweighs_an_own_form_in_the_same_cell()
    {
        foreach (var row in WordTable.Rows("sources.tsv").Where(r => Enum.Parse<SourceKind>(r[0]).IsThirdParty()))
            Assert.True(SourceCell.Read($"website form; {row[1]}").IsThirdParty(), row[1]);
    }

    [Fact]
    public void No_text_makes_it_throw()
    {
        Prop.ForAll<string>(text => { _ = SourceCell.Read(text); }).QuickCheckThrowOnFailure();
        foreach (var text in WordTable.Evil(100_000))
            _ = SourceCell.Read(text);
    }
}
