namespace Ringfence.Tests;

public sealed class ChannelTests
{
    [Xunit.Fact]
    public void Every_channel_reads_its_own_word()
    {
        foreach (var channel in Channels.All)
        {
            Xunit.Assert.True(Channels.TryParse(channel.Word(), out var read));
            Xunit.Assert.Equal(channel, read);
        }
    }
}
