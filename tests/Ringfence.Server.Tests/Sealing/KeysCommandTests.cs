using Ringfence.Server.Cli;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class KeysCommandTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Rotation_takes_a_new_key_when_it_is_due_and_destroys_the_old_one_35_days_later()
    {
        await RunAsync(0, ["list"]);
        Assert.Equal(["k2026-11-22"], Kids());
        await RunAsync(29, ["rotate"]);
        Assert.Equal(["k2026-11-22"], Kids());
        await RunAsync(30, ["rotate"]);
        Assert.Equal(["k2026-11-22", "k2026-12-22"], Kids());
        await RunAsync(31, ["rotate", "--now"]);
        Assert.Equal(["k2026-11-22", "k2026-12-22", "k2026-12-23"], Kids());
        await RunAsync(64, ["rotate"]);
        Assert.Contains("k2026-11-22", Kids());
        await RunAsync(65, ["rotate"]);
        Assert.DoesNotContain("k2026-11-22", Kids());
    }

    [Fact]
    public async Task What_is_wrong_with_the_keys_ends_as_not_ready()
    {
        await RunAsync(0, ["list"]);
        Modes.Set(folder.In("data-keys", "kek"), DurableFile.OwnerOnly | UnixFileMode.OtherRead);
        await RunAsync(0, ["list"], Exit.NotReady);
    }

    private async Task RunAsync(int day, string[] arguments, int expected = Exit.Done) =>
        Assert.Equal(expected, await KeysCliCommand.Create(new OnDay(day)).Parse([.. arguments, "--data", folder.In("data")]).InvokeAsync(cancellationToken: Keys.Cancel));

    private string[] Kids()
    {
        using var keys = KeyFile.Open(folder.In("data-keys", "kek"));
        return [.. keys.Kids.Select(static kid => kid.ToString())];
    }

    private sealed class OnDay(int day) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(Keys.Day(day).ToDateTimeUnspecified(), TimeSpan.Zero);
    }
}
