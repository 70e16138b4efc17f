using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>What the program hands out, as the auditor's verifier sees it.</summary>
public sealed class EvidenceBundleTests : IDisposable
{
    private const string Ann = "+442079460018";

    private readonly Verifying verifying = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly HashSet<CommitGroup> Everything = [CommitGroup.Person, CommitGroup.Evidence, CommitGroup.Note];

    public void Dispose() => verifying.Dispose();

    [Fact]
    public async Task Records_are_proved_and_what_is_opened_fits()
    {
        await using var house = await House.BuildAsync();
        var said = await house.SaysAsync(Ann);
        await house.FillAsync(700);
        var (exit, output, line) = await VerifyAsync(house, [0, said.Seq, 300], Everything);
        Assert.Equal((3, "unanchored"), (exit, line.GetProperty("result").GetString()));
        Assert.Contains("3", output, StringComparison.Ordinal);
        var bundle = await GatherAsync(house, [said.Seq], Everything);
        Assert.Equal("""{"page":"https://acme.example/form"}""", System.Text.Encoding.UTF8.GetString(bundle.Opened(said.Seq, CommitGroup.Evidence)!));
        Assert.Equal(said.Sid, Assert.Single(bundle.Revealed).ToString());
    }

    [Fact]
    public async Task Each_group_is_opened_on_its_own_and_what_was_not_asked_for_is_withheld()
    {
        await using var house = await House.BuildAsync();
        var said = await house.SaysAsync(Ann);
        var bundle = await GatherAsync(house, [said.Seq], [CommitGroup.Evidence]);
        Assert.Null(bundle.Opened(said.Seq, CommitGroup.Person));
        Assert.DoesNotContain("2079460018", System.Text.Encoding.UTF8.GetString(bundle.ToBytes()), StringComparison.Ordinal);
        Assert.Equal(3, (await VerifyAsync(house, [said.Seq], [CommitGroup.Evidence])).Exit);
        Assert.Empty((await GatherAsync(house, [said.Seq], [])).Revealed);
    }

    [Fact]
    public async Task A_timestamp_on_each_side_of_a_record_goes_with_it_and_the_bundle_is_verified()
    {
        using var authority = LocalTimestampAuthority.Start();
        await using var house = await House.BuildAsync(authority: new TimestampAuthority(authority.Url, authority.Authority));
        var notary = house.Installation.NotaryOf(house.Ledger);
        await notary.CheckpointAsync(anchor: true, Cancel);
        var said = await house.SaysAsync(Ann);
        await notary.CheckpointAsync(anchor: true, Cancel);
        await house.FillAsync(300);
        await notary.CheckpointAsync(anchor: true, Cancel);
        var bytes = (await GatherAsync(house, [said.Seq], Everything)).ToBytes();
        using var json = JsonDocument.Parse(bytes);
        Assert.Equal(3, json.RootElement.GetProperty("anchors").GetArrayLength());
        var (exit, output, _) = await VerifyAsync(house, [said.Seq], Everything, "--tsa", authority.CertificateFile);
        Assert.True(exit == 0, output);

        using var other = LocalTimestampAuthority.Start("Somebody else");
        Assert.NotEqual(0, (await VerifyAsync(house, [said.Seq], Everything, "--tsa", other.CertificateFile)).Exit);
    }

    [Fact]
    public async Task After_an_erasure_the_record_is_proved_still_and_what_says_so_goes_with_it()
    {
        await using var house = await House.BuildAsync();
        var said = await house.SaysAsync(Ann);
        _ = OpaqueId.TryParse(said.Sid, out var sid);
        await new Erasure(house.Installation, house.Ledger, House.Staff).RunAsync(sid, "request", Cancel);
        var bundle = await GatherAsync(house, [said.Seq], Everything);
        Assert.Equal([said.Seq, (await house.RecordsAsync()).Single(static record => record.Type == RecordType.ErasureCompleted).Seq], bundle.Records.Select(static record => record.Seq));
        Assert.Empty(bundle.Revealed);
        var held = verifying.Write("held", (await house.Installation.FilesOf(house.Ledger).TryGetAsync("checkpoint", Cancel))!);
        Assert.Equal((4, "erased"), await VerifiedAsync("--held", held));

        async Task<(int, string?)> VerifiedAsync(params string[] more)
        {
            var (exit, _, line) = await VerifyAsync(house, [said.Seq], Everything, more);
            return (exit, line.GetProperty("result").GetString());
        }
    }

    [Fact]
    public async Task What_is_missing_without_a_record_of_its_erasure_is_damage_and_no_bundle_covers_it_up()
    {
        await using var house = await House.BuildAsync();
        var said = await house.SaysAsync(Ann);
        await house.CloseAsync();
        using (var raw = new RawStore(house.Folder))
            Assert.Equal(2, raw.Run("delete from sealed"));
        await house.ReopenAsync();
        var damaged = await Assert.ThrowsAsync<StoreException>(() => GatherAsync(house, [said.Seq], []));
        Assert.Equal(StoreFault.Damaged, damaged.Fault);
    }

    [Fact]
    public async Task There_is_no_bundle_of_what_is_not_there()
    {
        await using var house = await House.BuildAsync();
        Assert.Equal("no-such-record", (await Assert.ThrowsAsync<CommandRefusedException>(() => GatherAsync(house, [1000], []))).Code);
        Assert.Equal("no-such-record", (await Assert.ThrowsAsync<CommandRefusedException>(() => GatherAsync(house, [-1], []))).Code);
    }

    [Fact]
    public async Task A_published_ledger_is_verified_as_it_grows_and_is_not_taken_back()
    {
        using var authority = LocalTimestampAuthority.Start();
        await using var house = await House.BuildAsync(authority: new TimestampAuthority(authority.Url, authority.Authority));
        var folder = verifying.Path("log");
        foreach (var more in new[] { 1, 250, 3, 600 })
        {
            await house.FillAsync(more);
            var said = await house.SaysAsync(Ann);
            Assert.True(said.Seq > 0);
            await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: more == 250, Cancel);
            var outcome = await PublishAsync(house, folder);
            Assert.True(outcome.Written > 0);
            Assert.Equal(0, (await PublishAsync(house, folder)).Written);
            // What came after the newest timestamp is vouched for by nobody else, unless the auditor keeps a checkpoint of it.
            var policy = await PolicyAsync(house);
            var (exit, output, _) = Verifying.Run("log", folder, "--policy", policy, "--tsa", authority.CertificateFile, "--full");
            Assert.True(exit == 3, output);
            (exit, output, _) = Verifying.Run("log", folder, "--policy", policy, "--tsa", authority.CertificateFile, "--held", Path.Combine(folder, "checkpoint"), "--full");
            Assert.True(exit == 0, output);
        }

        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(folder, "tile", "0"), "000.p"));
        Assert.DoesNotContain("2079460018", string.Concat(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(static file => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_holds_more_or_another_ledger_is_not_written_over()
    {
        await using var house = await House.BuildAsync();
        await house.Installation.SignWrittenAsync(Cancel);
        var folder = verifying.Path("log");
        await PublishAsync(house, folder);
        var older = await File.ReadAllBytesAsync(Path.Combine(folder, "checkpoint"), Cancel);
        await house.FillAsync(10);
        await house.Installation.SignWrittenAsync(Cancel);
        await PublishAsync(house, folder);

        await using (var other = await House.BuildAsync())
        {
            await other.Installation.SignWrittenAsync(Cancel);
            // Of the same origin, with other records.
            Assert.Equal("rolled-back", (await Assert.ThrowsAsync<LedgerAlarmException>(() => PublishAsync(other, folder))).Code);
            await File.WriteAllBytesAsync(Path.Combine(folder, "checkpoint"), older, Cancel);
            Assert.Equal("fork", (await Assert.ThrowsAsync<LedgerAlarmException>(() => PublishAsync(other, folder))).Code);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "checkpoint"), "something else", Cancel);
        Assert.Equal("published-other", (await Assert.ThrowsAsync<CommandRefusedException>(() => PublishAsync(house, folder))).Code);
    }

    [Fact]
    public async Task Files_and_proofs_are_given_by_their_path_and_nothing_else_is()
    {
        await using var house = await House.BuildAsync();
        await house.FillAsync(600);
        var notary = house.Installation.NotaryOf(house.Ledger);
        var first = (await notary.CheckpointAsync(anchor: false, Cancel))!;
        await house.FillAsync(10);
        var second = (await notary.CheckpointAsync(anchor: false, Cancel))!;
        var files = house.Installation.FilesOf(house.Ledger);
        async Task<byte[]?> Get(FormattableString path) => await files.TryGetAsync(FormattableString.Invariant(path), Cancel);

        Assert.Equal(second.Note.Bytes.ToArray(), await Get($"checkpoint"));
        Assert.Equal(first.Note.Bytes.ToArray(), await Get($"checkpoints/{first.Size}"));
        Assert.Equal(8192, (await Get($"tile/0/000"))!.Length);
        Assert.Equal(2 * 32, (await Get($"tile/1/000.p/2"))!.Length);
        Assert.NotNull(await Get($"tile/entries/001"));
        var keys = await notary.KeysAsync(Cancel);
        var body = (await house.Installation.Store.RecordsAsync(house.Ledger.Ledger, 5, 6, Cancel).ToListAsync(Cancel))[0].Body;
        Assert.True(TlogProof.TryParse(await Get($"inclusion?seq=5&size={first.Size}"), out var proof));
        Assert.True(proof.Verifies(TreeHash.Leaf(body), house.Ledger.Origin, keys));
        Assert.True(ConsistencyProof.TryParse(await Get($"consistency?from={first.Size}&to={second.Size}"), out var consistency));
        Assert.True(ConsistencyProof.Verifies(consistency.AsSpan(), first.Size, second.Size, first.Checkpoint.Root, second.Checkpoint.Root));

        foreach (var path in (string[])
            [
                "", "checkpoints/1", "checkpoints/01", "checkpoints/x", "tile/0/999", "tile/0/002.p/200", "tile/9/000", "tile/0/0", "tile/entries/003", "tile/63/000", "anchors/5.tst",
                "documents/00", "documents/../x", "inclusion?seq=5&size=7", $"inclusion?seq={first.Size}&size={first.Size}", "inclusion?size=5", "consistency?from=5&to=99999",
                "consistency?from=7&to=5", "consistency?from=-1&to=5", "consistency?from=1&to=5&x=1", "../checkpoint",
            ])
            Assert.Null(await files.TryGetAsync(path, Cancel));
    }

    private static async Task<EvidenceBundle> GatherAsync(House house, long[] seqs, HashSet<CommitGroup> open)
    {
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel);
        return await EvidenceBundle.GatherAsync(house.Installation, house.Ledger, seqs, open, Cancel);
    }

    private async Task<string> PolicyAsync(House house) => verifying.Write(
        "policy", string.Concat((await house.Installation.NotaryOf(house.Ledger).KeysAsync(Cancel)).Select(static key => $"log {key}\n")) + "quorum none\n");

    private async Task<(int Exit, string Output, JsonElement Line)> VerifyAsync(House house, long[] seqs, HashSet<CommitGroup> open, params string[] more)
    {
        var file = verifying.Write("bundle", (await GatherAsync(house, seqs, open)).ToBytes());
        return Verifying.Run(["bundle", file, "--policy", await PolicyAsync(house), .. more]);
    }

    private static Task<PublishedFolder.Outcome> PublishAsync(House house, string folder) =>
        new PublishedFolder(house.Installation.Store, house.Ledger, house.Installation.FilesOf(house.Ledger), house.Installation.NotaryOf(house.Ledger).Tiles, folder).PublishAsync(Cancel);
}
