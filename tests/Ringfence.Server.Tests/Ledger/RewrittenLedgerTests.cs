using Ringfence.Server.Ledger;
using Ringfence.Server.Tests.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>Somebody who has the machine puts an older ledger in its place, or another one, and signs it with the very keys. What is held elsewhere speaks against it.</summary>
public sealed class RewrittenLedgerTests : IDisposable
{
    private readonly Verifying verifying = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_older_copy_is_known_by_the_signer_and_by_the_copies_outside_each_alone()
    {
        await using var house = await GrownAsync(withKeys: true);
        house.PutBack("copy");
        await house.ReopenAsync();
        Assert.Contains("rolled-back", await StopsAsync(house));
        await house.CloseAsync();

        // With the signer's memory put back, too.
        house.PutBack("copy", withKeys: true);
        await house.ReopenAsync();
        Assert.Contains("rolled-back", await StopsAsync(house));
        await house.CloseAsync();

        // With the copies gone, and the signer as it was.
        await using var other = await GrownAsync(withKeys: false);
        other.PutBack("copy");
        Directory.Delete(Path.Combine(other.Folder, "data-anchors"), recursive: true);
        await other.ReopenAsync();
        Assert.Contains("rolled-back", await StopsAsync(other));
    }

    [Fact]
    public async Task Another_history_signed_with_the_same_key_contradicts_what_is_held()
    {
        await using var house = await GrownAsync(withKeys: true);
        await house.ReopenAsync();
        var size = await house.SizeAsync();
        var first = await NoteAsync(house);
        var policy = verifying.Write("policy", string.Concat((await house.Installation.NotaryOf(house.Ledger).KeysAsync(Cancel)).Select(static key => $"log {key}\n")) + "quorum none\n");
        await house.CloseAsync();

        house.PutBack("copy", withKeys: true);
        await house.ReopenAsync();
        // As long as the copies outside are there, nothing more is written.
        Assert.Equal("rolled-back", (await Assert.ThrowsAsync<LedgerAlarmException>(() => house.FillAsync(1))).Code);
        await house.CloseAsync();
        var (anchors, aside) = (Path.Combine(house.Folder, "data-anchors"), Path.Combine(house.Folder, "aside"));
        Directory.Move(anchors, aside);
        await house.ReopenAsync();
        await house.FillAsync((int)(size - await house.SizeAsync()));
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel);
        // That it was carried outside is written after it, and signed again.
        var second = await NoteAsync(house, size);
        var (exit, output, line) = Verifying.Run("compare", verifying.Write("first", first), verifying.Write("second", second), "--policy", policy);
        Assert.Equal((1, "fork/two-roots-for-one-size"), (exit, string.Join(' ', Verifying.Failed(line))));
        Assert.Contains("FORK", output, StringComparison.Ordinal);
        await house.CloseAsync();
        Directory.Delete(anchors, recursive: true);
        Directory.Move(aside, anchors);
        await house.ReopenAsync();
        Assert.Contains("fork", await StopsAsync(house));

        // Once the copies are gone as well, only who holds a checkpoint knows.
        await house.CloseAsync();
        Directory.Delete(Path.Combine(house.Folder, "data-anchors"), recursive: true);
        await house.ReopenAsync();
        Assert.DoesNotContain("fork", await StopsAsync(house));
        var folder = verifying.Path("log");
        await new PublishedFolder(house.Installation.Store, house.Ledger, house.Installation.FilesOf(house.Ledger), house.Installation.NotaryOf(house.Ledger).Tiles, folder).PublishAsync(Cancel);
        Assert.Equal(3, Verifying.Run("log", folder, "--policy", policy).Exit);
        (exit, _, line) = Verifying.Run("log", folder, "--policy", policy, "--held", verifying.Path("first"));
        Assert.Equal((1, "held/fork"), (exit, string.Join(' ', Verifying.Failed(line))));
    }

    [Fact]
    public async Task Another_history_signed_with_another_key_is_not_the_ledger_that_was_pinned()
    {
        await using var house = await GrownAsync(withKeys: false);
        await house.ReopenAsync();
        var policy = verifying.Write("policy", string.Concat((await house.Installation.NotaryOf(house.Ledger).KeysAsync(Cancel)).Select(static key => $"log {key}\n")) + "quorum none\n");
        await using var other = await GrownAsync(withKeys: false);
        await other.ReopenAsync();
        var folder = verifying.Path("log");
        await new PublishedFolder(other.Installation.Store, other.Ledger, other.Installation.FilesOf(other.Ledger), other.Installation.NotaryOf(other.Ledger).Tiles, folder).PublishAsync(Cancel);
        var (exit, _, line) = Verifying.Run("log", folder, "--policy", policy);
        Assert.Equal(1, exit);
        Assert.StartsWith("signature/", Assert.Single(Verifying.Failed(line)), StringComparison.Ordinal);
        await house.CloseAsync();

        // Put in the place of the first, whose signer and copies it does not have.
        Directory.Delete(Path.Combine(house.Folder, "data"), recursive: true);
        await other.CloseAsync();
        other.CopyData("all");
        Directory.Move(Path.Combine(other.Folder, "all"), Path.Combine(house.Folder, "data"));
        await house.ReopenAsync();
        Assert.Contains("fork", await StopsAsync(house));
        await other.ReopenAsync();
    }

    public void Dispose() => verifying.Dispose();

    // A copy of some records, then more of them, all signed and kept outside; closed.
    private static async Task<House> GrownAsync(bool withKeys)
    {
        var house = await House.BuildAsync();
        await house.SaysAsync("+442079460018");
        await house.FillAsync(300);
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: true, Cancel);
        await house.CloseAsync();
        house.CopyData("copy", withKeys);
        await house.ReopenAsync();
        await house.FillAsync(20);
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel);
        await house.CloseAsync();
        return house;
    }

    private static async Task<byte[]> NoteAsync(House house, long atMost = long.MaxValue) => (await house.Installation.Store.CheckpointAsync(house.Ledger.Ledger, atMost, Cancel))!.Note;

    private static async Task<IReadOnlyList<string>> StopsAsync(House house) =>
        [.. (await new Fsck(house.Installation, house.Ledger, full: false).RunAsync(Cancel)).All.Where(static finding => finding.Weight == FsckWeight.StopsGate).Select(static finding => finding.Code)];
}
