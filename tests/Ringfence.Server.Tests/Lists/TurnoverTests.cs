using Ringfence.Server.Lists;
using Xunit;

namespace Ringfence.Server.Tests.Lists;

public class TurnoverTests
{
    [Theory]
    [InlineData("40000000", 40_000_000)]
    [InlineData("40,000,000", 40_000_000)]
    [InlineData("40.000.000", 40_000_000)]
    [InlineData("40 000 000", 40_000_000)]
    [InlineData("40_000_000", 40_000_000)]
    [InlineData("40M", 40_000_000)]
    [InlineData("2.5M", 2_500_000)]
    [InlineData("2,5M", 2_500_000)]
    [InlineData("2,5 m", 2_500_000)]
    [InlineData("EUR 1.2B", 1_200_000_000)]
    [InlineData("€750k", 750_000)]
    [InlineData("1,234", 1_234)]
    [InlineData("1234,56", 1_234.56)]
    [InlineData("0", 0)]
    public void An_amount_is_read_as_people_write_it(string text, double amount)
    {
        Assert.True(Turnover.TryRead(text, out var read));
        Assert.Equal((decimal)amount, read);
    }

    [Theory]
    [InlineData("1.234")]
    [InlineData("1.234M")]
    [InlineData("1,234M")]
    [InlineData("1.234,56.7")]
    [InlineData("12,34,567")]
    [InlineData("1,234.567,890")]
    [InlineData("-5")]
    [InlineData("1e6")]
    [InlineData("lots")]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("9999999999999999")]
    [InlineData("9999999B")]
    public void What_could_be_two_amounts_or_none_is_refused(string text) => Assert.False(Turnover.TryRead(text, out _));
}
