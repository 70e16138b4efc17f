using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class KilledRotationTests : IDisposable
{
    private static readonly OpaqueId Record = Keys.NewSid();
    private const int People = 5_000;

    // RINGFENCE_TEST_KILLS=100 for more.
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_KILLS") ?? "30", CultureInfo.InvariantCulture);

    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Killed_at_any_point_of_a_rotation_everything_can_still_be_read()
    {
        KeyFile.Create(folder.In("kek"), Keys.Day(0)).Dispose();
        var sids = Keys.Sids(People);
        var (blobs, tag) = await FillAsync(sids);

        var random = new Random(20261122);
        var (halfway, epochs) = (0, new HashSet<string>());
        for (var kill = 0; kill < Kills; kill++)
        {
            using (var process = await RotatingProcess.StartAsync(folder.Path))
            {
                await Task.Delay(random.Next(0, 500), Keys.Cancel);
                process.Kill();
                await process.WaitForExitAsync(Keys.Cancel);
            }

            halfway += await IsHalfwayAsync(epochs) ? 1 : 0;
            await using var keyring = await RotatingProcess.OpenAsync(folder.Path, create: false);
            for (var i = 0; i < People; i++)
            {
                using var sealer = await keyring.FindAsync(sids[i], Keys.Cancel);
                Assert.NotNull(sealer);
                Assert.True(sealer.TryOpen(Record, CommitGroup.Person, blobs[i], out var opened));
                Assert.Equal(i, BitConverter.ToInt32(opened.Content));
            }

            using var suppression = await keyring.SuppressionKeysAsync(Keys.Cancel);
            Assert.Equal(tag, suppression.Tag("+442079460000"));
        }

        // Else the kills hit nothing, and the test would show nothing.
        TestContext.Current.SendDiagnosticMessage("{0} kills, {1} with a rotation half done, {2} epochs", Kills, halfway, epochs.Count);
        Assert.True(halfway >= Kills / 5, $"{halfway} of {Kills}");
        Assert.True(epochs.Count >= Kills / 2, $"{epochs.Count}");
    }

    private async Task<(SealedBlob[] Blobs, ContactTag Tag)> FillAsync(OpaqueId[] sids)
    {
        await using var keyring = await RotatingProcess.OpenAsync(folder.Path, create: true);
        using var keys = await keyring.CreateAsync(sids, Keys.Cancel);
        var blobs = new SealedBlob[sids.Length];
        for (var i = 0; i < sids.Length; i++)
        {
            using var sealer = keys.SealerOf(i);
            blobs[i] = sealer.Seal(Record, CommitGroup.Person, new byte[Commitment.SaltSize], BitConverter.GetBytes(i));
        }

        using var suppression = await keyring.SuppressionKeysAsync(Keys.Cancel);
        return (blobs, suppression.Tag("+442079460000"));
    }

    private async Task<bool> IsHalfwayAsync(HashSet<string> epochs)
    {
        using var keks = KeyFile.Open(folder.In("kek"));
        epochs.Add(keks.Current.Kid.ToString());
        await using var store = SqliteKeyringStore.Open(folder.In("keyring"), create: false);
        var old = 0L;
        foreach (var kid in keks.Kids.SkipLast(1))
            old += await store.CountUnderAsync(kid, Keys.Cancel);
        return old is > 0 and < People;
    }
}
