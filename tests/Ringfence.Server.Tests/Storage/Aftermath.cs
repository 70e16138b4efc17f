using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.People;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>Opens an installation whose process died, the way it is always opened, and compares what is there with everything that was ever acknowledged.</summary>
internal sealed class Aftermath(string folder, string? connection)
{
    // Nobody outside holds a checkpoint of these; and one may have been signed just before the kill, and not kept.
    private static readonly string[] NoMatter = ["no-outside-anchor", "checkpoint-unkept"];

    private byte[] before = [];

    /// <summary>Everything that was said by all processes so far.</summary>
    public List<Acknowledged> Said { get; } = [];

    /// <summary>How many records there were the last time.</summary>
    public long Size => before.Length / Digest.Size;

    /// <summary>Looks. Fails where anything that was acknowledged is not there, or not as it was, or anything else is wrong.</summary>
    public async Task CheckAsync()
    {
        await using var installation = await Installation.OpenAsync(AcknowledgingProcess.OptionsOf(folder, connection), TimeProvider.System, CancellationToken.None);
        Assert.Empty(PendingErasures.Of(installation.KeysFolder).All());
        if ((await installation.LedgersAsync(CancellationToken.None)).Count == 0 || (await installation.Store.HeadAsync(1, CancellationToken.None)).Size == 0)
        {
            // Killed before it was founded.
            Assert.Equal(0, Said.Sum(static one => one.Count));
            return;
        }

        var ledger = await installation.LedgerAsync(null, CancellationToken.None);
        var records = await TreeAsync(installation.Store, ledger.Ledger);
        var erased = installation.Journal.ReadAll().ToHashSet();
        foreach (var said in Said)
        {
            foreach (var (seq, leaf) in said.Leaves)
                Assert.Equal(leaf, Convert.ToHexStringLower(before.AsSpan((int)seq * Digest.Size, Digest.Size)));
            await NoAsync(installation, ledger, records, said, erased);
            await YesAsync(installation, ledger, records, said, erased);
            await GoneAsync(installation, ledger, records, said, erased);
        }

        await ListsAsync(installation, ledger);
        var findings = await new Fsck(installation, ledger, full: true).RunAsync(CancellationToken.None);
        Assert.DoesNotContain(findings.All, static finding => !NoMatter.Contains(finding.Code));
    }

    // What was there is there byte for byte, and the head is that of the records.
    private async Task<List<LedgerRecord>> TreeAsync(ILedgerStore store, long ledger)
    {
        var head = await store.HeadAsync(ledger, CancellationToken.None);
        var leaves = await store.LeavesAsync(ledger, 0, head.Size, CancellationToken.None);
        Assert.True(leaves.AsSpan().StartsWith(before), "A record that was there is not there, or is another.");
        var edge = new Frontier();
        var records = new List<LedgerRecord>();
        await foreach (var row in store.RecordsAsync(ledger, 0, long.MaxValue, CancellationToken.None))
        {
            Assert.Equal(records.Count, row.Seq);
            edge.Append(TreeHash.Leaf(row.Body));
            Assert.True(TreeHash.Leaf(row.Body).Bytes.SequenceEqual(leaves.AsSpan((int)row.Seq * Digest.Size, Digest.Size)));
            records.Add(StoredRecord.Read(row));
        }

        Assert.Equal(head.Size, records.Count);
        Assert.Equal(edge.Root, new Frontier(head.Size, head.Frontier).Root);
        before = leaves;
        return records;
    }

    private static async Task NoAsync(Installation installation, LedgerRow ledger, List<LedgerRecord> records, Acknowledged said, HashSet<OpaqueId> erased)
    {
        foreach (var (n, seq) in said.No)
        {
            Assert.InRange(seq, 0, records.Count - 1);
            var record = records[(int)seq];
            Assert.Equal(RecordType.SuppressionAdded, record.Type);
            var rows = await SuppressionsAsync(installation, ledger, AcknowledgingProcess.NumberOf(n));
            var isErased = record.Subject is { } subject && erased.Contains(subject.Sid);
            Assert.Contains(rows, row => row.Seq == seq || (isErased && row.Seq is null));
        }
    }

    private static async Task YesAsync(Installation installation, LedgerRow ledger, List<LedgerRecord> records, Acknowledged said, HashSet<OpaqueId> erased)
    {
        foreach (var (n, seq, sid) in said.Yes)
        {
            Assert.InRange(seq, 0, records.Count - 1);
            Assert.Equal((RecordType.ConsentGiven, sid), (records[(int)seq].Type, records[(int)seq].Subject!.Value.Sid));
            if (erased.Contains(sid))
                continue;
            Assert.Equal(sid, await LookupAsync(installation, ledger, AcknowledgingProcess.NumberOf(n)));
            using var sealer = await installation.Keyring.FindAsync(sid, CancellationToken.None);
            Assert.NotNull(sealer);
        }
    }

    private static async Task GoneAsync(Installation installation, LedgerRow ledger, List<LedgerRecord> records, Acknowledged said, HashSet<OpaqueId> erased)
    {
        foreach (var (n, sid, seqs) in said.Gone)
        {
            Assert.Contains(sid, erased);
            Assert.Contains(seqs, seq => records[(int)seq] is { Type: RecordType.ErasureCompleted, Subject: { } subject } && subject.Sid == sid);
            Assert.Null(await LookupAsync(installation, ledger, AcknowledgingProcess.NumberOf(n)));
            Assert.NotEmpty(await SuppressionsAsync(installation, ledger, AcknowledgingProcess.NumberOf(n)));
            using var sealer = await installation.Keyring.FindAsync(sid, CancellationToken.None);
            Assert.Null(sealer);
        }
    }

    // Lists that were imported are there; one that was cut off is ended by the same import again, and then every row is known once.
    private async Task ListsAsync(Installation installation, LedgerRow ledger)
    {
        foreach (var n in Said.SelectMany(static said => said.Lists))
            await RowsAsync(installation, ledger, n);
        var ended = Said.SelectMany(static said => said.Lists).ToHashSet();
        foreach (var n in Begun().Where(n => !ended.Contains(n)))
        {
            using var rejected = new RejectedFile(null);
            await ImportRun.RunAsync(
                installation, ledger, House.Staff, Importing.Options(AcknowledgingProcess.ListOf(folder, n)), null, false, rejected, ProgressBar.None, CancellationToken.None);
            await RowsAsync(installation, ledger, n);
            Said[^1].Lists.Add(n);
        }
    }

    private IEnumerable<int> Begun()
    {
        foreach (var file in Directory.GetFiles(folder, "list-*.csv"))
        {
            // Killed before the list was written.
            if (File.ReadAllLines(file).Length == AcknowledgingProcess.RowsOfList + 1)
                yield return int.Parse(Path.GetFileNameWithoutExtension(file)["list-".Length..], System.Globalization.CultureInfo.InvariantCulture);
            else
                File.Delete(file);
        }
    }

    private static async Task RowsAsync(Installation installation, LedgerRow ledger, int n)
    {
        for (var row = 0; row < AcknowledgingProcess.RowsOfList; row++)
            Assert.NotNull(await LookupAsync(installation, ledger, AcknowledgingProcess.NumberOf(n, row)));
    }

    private static async Task<List<SuppressionRow>> SuppressionsAsync(Installation installation, LedgerRow ledger, string number)
    {
        var wanted = new RowsWanted();
        wanted.Suppressions.UnionWith(TagsOf(installation, number).Suppress);
        return [.. (await installation.Store.LoadAsync(ledger.Ledger, wanted, CancellationToken.None)).Suppressions.Where(static row => row.LiftedSeq is null)];
    }

    private static async Task<OpaqueId?> LookupAsync(Installation installation, LedgerRow ledger, string number)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Points.Add(TagsOf(installation, number).Lookup);
        return (await installation.Store.LoadAsync(ledger.Ledger, wanted, CancellationToken.None)).Lookups is [var row] ? new OpaqueId(row.Sid) : null;
    }

    private static PointTags TagsOf(Installation installation, string number) =>
        installation.TagsOf(ContactPoint.TryRead(number, Region.None, out var read) ? read : throw new ArgumentException("Not a point.", nameof(number)));
}
