using System.Globalization;
using System.Text;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Numbers;

public class NumberBlocksTests
{
    [Fact]
    public void What_is_read_fast_is_what_is_read_closely()
    {
        var random = new Random(20261122);
        var (fast, all) = (0, 0);
        var kinds = new NumberKinds(Rulebook.Shipped, null);
        for (var i = 0; i < 400_000; i++)
        {
            // Half of them around the edges of blocks, where ranges begin and end.
            var digits = 10_000_000_000UL + (ulong)random.NextInt64(10_000_000_000);
            if (i % 2 == 0)
                digits = (digits / 10_000 * 10_000) + (ulong)(random.Next(2) == 0 ? random.Next(3) : 9999 - random.Next(3));
            var text = digits.ToString("+0", CultureInfo.InvariantCulture);
            var cell = NumberReader.ReadCell(text, Region.None);
            if (!NumberReader.TryReadPlain(Encoding.ASCII.GetBytes(text), out var number))
            {
                all += cell.IsValid ? 1 : 0;
                continue;
            }

            (fast, all) = (fast + 1, all + 1);
            Assert.True(cell.IsValid && cell.Remarks == NumberRemarks.None, text);
            Assert.Equal((cell.Number.Digits, cell.Number.Region, cell.Number.Type), (number.Digits, number.Region, number.Type));
            Assert.Equal(cell.Number.Zones, number.Zones);
            Assert.Equal(kinds.Of(cell.Number), kinds.Of(number));
        }

        // It is of use only where it reads nearly all.
        Assert.True(fast > all * 0.95 && fast > 100_000, $"{fast} of {all}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("12125550100")]
    [InlineData("+1212555010")]
    [InlineData("+121255501000")]
    [InlineData("+1212555010x")]
    [InlineData("+441212345678")]
    [InlineData("+11125550100")]
    [InlineData("+1 2125550100")]
    public void Whatever_is_written_otherwise_wants_a_closer_look(string text) => Assert.False(NumberReader.TryReadPlain(Encoding.ASCII.GetBytes(text), out _));
}
