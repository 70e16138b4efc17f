using Ringfence.People;
using Xunit;

namespace Ringfence.Tests.People;

public sealed class KeyTableTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void Keeps_what_a_dictionary_keeps_however_small_it_began(int expected)
    {
        var table = new KeyTable(expected);
        var dictionary = new Dictionary<ulong, int>();
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            // Numbers in a row, numbers apart, and many a one twice.
            var key = i % 2 == 0 ? 16_505_550_000UL + (ulong)random.Next(6000) : (ulong)random.NextInt64(1, 9000) << 40;
            ref var kept = ref table.Of(key, out var known);
            Assert.Equal(dictionary.TryGetValue(key, out var value), known);
            Assert.Equal(value, kept);
            kept = dictionary[key] = i;
        }
    }
}
