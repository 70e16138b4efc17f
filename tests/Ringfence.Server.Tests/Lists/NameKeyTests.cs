using System.Globalization;
using System.Text;
using NodaTime;
using Ringfence.Server.Lists;
using Xunit;

namespace Ringfence.Server.Tests.Lists;

public sealed class NameKeyTests
{
    [Theory]
    [InlineData("Sophia Whitfield", "whitfield,  SOPHIA")]
    [InlineData("Dr. José Muñoz", "Jose Munoz")]
    [InlineData("Ｓｏｐｈｉａ Whitfield", "Sophia Whitfield")]
    [InlineData("O'Brien", "O’Brien")]
    [InlineData("王伟", " 王伟 ")]
    public void The_same_name_has_the_same_key(string one, string other) => Assert.Equal(NameKey.Add(0, one), NameKey.Add(0, other));

    [Theory]
    [InlineData("Sophia Whitfield", "Sofia Whitfield")]
    [InlineData("王伟", "王伟明")]
    [InlineData("Ann Ann", "Ann")]
    public void Another_name_has_another_key(string one, string other) => Assert.NotEqual(NameKey.Add(0, one), NameKey.Add(0, other));

    [Fact]
    public void No_name_has_no_key() => Assert.Equal(0UL, NameKey.Add(0, " - . Mr "));

    [Fact]
    public void Given_and_family_name_in_two_cells_are_one_name() =>
        Assert.Equal(NameKey.Add(0, "Sophia Whitfield"), NameKey.Add(NameKey.Add(0, "Whitfield"), "Sophia"));

    [Fact]
    public void Days_agree_with_the_calendar()
    {
        for (var date = new LocalDate(1899, 12, 1); date.Year < 2110; date = date.PlusDays(1))
        {
            var written = new byte[Days.Length];
            Days.Write(Days.Of(date), written);
            Assert.Equal(date, Days.Date(Days.Of(date)));
            Assert.Equal(date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture), Encoding.ASCII.GetString(written));
        }
    }
}
