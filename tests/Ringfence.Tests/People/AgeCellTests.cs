using Ringfence.People;
using Xunit;

namespace Ringfence.Tests.People;

public sealed class AgeCellTests
{
    [Theory]
    [InlineData("17", "17 years", "17 ans", "17,9", "17.5", " 9 ", "16-24", "15–17", "under 18", "<18", "< 25", "unter 21", "moins de 18 ans", "menor de 18 años")]
    [InlineData("未满18岁", "18岁以下", "１７", "minor", "minderjährig", "未成年", "mineur", "up to 20", "0")]
    public void These_may_be_under_age(params string[] cells) => Assert.All(cells, cell => Assert.True(AgeCell.Read(cell, 18) == AgeGroup.Under, cell));

    [Theory]
    [InlineData("18", "45", "45.0", "45 years", "18-24", "65+", "18岁", "over 21", "18 bis 25", "３０", "99")]
    public void These_are_of_age(params string[] cells) => Assert.All(cells, cell => Assert.True(AgeCell.Read(cell, 18) == AgeGroup.Of, cell));

    [Theory]
    [InlineData("", " ", "-", "n/a", "unknown", "1980", "250", "-5", "adult?", "\u0000")]
    public void These_tell_nothing(params string[] cells) => Assert.All(cells, cell => Assert.True(AgeCell.Read(cell, 18) == AgeGroup.Unknown, cell));
}
