using Ringfence.Figures;
using Xunit;

namespace Ringfence.Tests.Figures;

public sealed class ContactTimesTests
{
    [Theory]
    [InlineData("3", 3, 3)]
    [InlineData("4-5", 4, 5)]
    [InlineData("11-", 11, int.MaxValue)]
    [InlineData("0", 0, 0)]
    public void Are_written_as_they_are_read(string text, int least, int most)
    {
        var times = ContactTimes.Read(text);
        Assert.Equal(new ContactTimes(least, most), times);
        Assert.Equal(text, times.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-5")]
    [InlineData("1-2-3")]
    [InlineData("often")]
    [InlineData("99999999999")]
    [InlineData("+1")]
    public void What_says_no_such_thing_is_however_often(string? text) => Assert.Equal(ContactTimes.Any, ContactTimes.Read(text));
}
