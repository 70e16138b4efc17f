using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Ledger;

/// <summary>What the records of a ledger say, as far as the rest of it is compared with it.</summary>
internal sealed class FsckKnown
{
    /// <summary>Documents that records name, with what kind each is, where a record says so.</summary>
    public Dictionary<Digest, string?> Documents { get; } = [];

    /// <summary>Persons in whose name there is a record.</summary>
    public HashSet<OpaqueId> Persons { get; } = [];

    /// <summary>Whose each number and address is.</summary>
    public Dictionary<OpaqueId, OpaqueId> Points { get; } = [];

    /// <summary>Persons whose erasure was begun.</summary>
    public HashSet<OpaqueId> Erased { get; } = [];

    /// <summary>Those of them of whom numbers were blocked by it.</summary>
    public HashSet<OpaqueId> Blocked { get; } = [];

    /// <summary>Persons whose erasure has ended.</summary>
    public HashSet<OpaqueId> Gone { get; } = [];

    /// <summary>Records whose openings were erased, as records say.</summary>
    public HashSet<long> ErasedOpenings { get; } = [];

    /// <summary>Openings that are not there.</summary>
    public List<(long Seq, OpaqueId? Sid)> MissingOpenings { get; } = [];

    /// <summary>Scans that are not there.</summary>
    public List<(long Seq, OpaqueId? Sid)> MissingScans { get; } = [];

    /// <summary>Checkpoints that are kept outside, as records say, with the name the ledger had then; null: its own.</summary>
    public List<(long Seq, long Size, Digest Digest, Digest? Token, string? Origin)> Anchored { get; } = [];

    /// <summary>Signing keys that records tell of.</summary>
    public HashSet<string> Keys { get; } = [];

    /// <summary>Roots of the tree at sizes that were asked for.</summary>
    public Dictionary<long, Digest> Roots { get; } = [];

    /// <summary>Suppressions, as records tell of them.</summary>
    public SuppressionAudit Suppressions { get; } = new() { HasAll = true };

    /// <summary>Keys of the HTTP API, as records tell of them.</summary>
    public FsckApiKeys ApiKeys { get; } = new();

    /// <summary>Rules of the controller's own, as records tell of them.</summary>
    public FsckRules Rules { get; } = new();

    /// <summary>What people ask for by law, as records tell of it.</summary>
    public FsckRequests Requests { get; } = new();

    /// <summary>Imports, as records tell of them.</summary>
    public FsckImports Imports { get; } = new();

    /// <summary>Permits, as records tell of them.</summary>
    public FsckPermits Permits { get; } = new();

    /// <summary>Who else is told of what happens, as records say.</summary>
    public FsckWebhooks Webhooks { get; } = new();

    /// <summary>How many anomalies of the clock were written down.</summary>
    public int ClockAnomalies { get; set; }
}

/// <summary>Goes through every record once: its form, its hash, its place, the tree over all, and with it tiles, checkpoints and what is sealed beside.</summary>
/// <param name="sizes">At which sizes the root is wanted.</param>
internal sealed class FsckRecords(
    ILedgerStore store, LedgerRow ledger, HeadRow head, FsckFindings findings, FsckSealed sealing, IReadOnlyCollection<VerifierKey>? keys, IReadOnlyCollection<long> sizes, Action<long>? progress)
{
    private const int Step = 4096;

    private readonly Frontier frontier = new();
    private readonly TileGrowth growth = new();
    private readonly List<(Tile Tile, Digest Hash)> full = [];
    private bool torn;
    // By which name the ledger was begun, or was closed last; and whether it went on after that.
    private string? origin;
    private bool goesOn;

    /// <summary>Goes through them.</summary>
    public async Task<FsckKnown> RunAsync(CancellationToken cancel)
    {
        var known = new FsckKnown();
        var wanted = sizes.ToHashSet();
        // From before the first, so that what stands at no place at all shows, too.
        await using var checkpoints = Rows(store.CheckpointsAsync(ledger.Ledger, long.MinValue, cancel));
        await using var openings = Rows(store.SealedAsync(ledger.Ledger, long.MinValue, head.Size, cancel));
        await using var scans = Rows(store.ScansAsync(ledger.Ledger, cancel));
        await checkpoints.NextAsync();
        await openings.NextAsync();
        await scans.NextAsync();
        var (expected, last) = (0L, Instant.MinValue);
        await foreach (var row in store.RecordsAsync(ledger.Ledger, long.MinValue, head.Size, cancel))
        {
            await CompareAsync(checkpoints);
            if (row.Seq != expected)
            {
                findings.Fault(row.Seq > expected ? "record-missing" : "record-place", row.Seq > expected ? expected : row.Seq);
                torn = true;
            }

            expected = row.Seq + 1;
            var record = Read(row);
            if (record is not null)
            {
                if (record.At <= last)
                    findings.Fault("record-time", row.Seq);
                last = record.At;
                Note(known, record);
            }

            await sealing.CompareAsync(openings, scans, row.Seq, record, known, cancel);
            Grow(row);
            foreach (var (tile, hash) in full)
                await CompareAsync(tile, hash, cancel);
            full.Clear();
            if (wanted.Contains(frontier.Size))
                known.Roots[frontier.Size] = frontier.Root;
            if (row.Seq % Step == 0)
                progress?.Invoke(row.Seq);
        }

        await CompareAsync(checkpoints);
        for (; checkpoints.Has; await checkpoints.NextAsync())
            findings.Fault("checkpoint-beyond", checkpoints.Current.Size);
        for (; openings.Has; await openings.NextAsync())
            findings.Fault("sealed-unexpected", openings.Current.Seq);
        if (expected != head.Size)
            findings.Fault("record-missing", expected);
        // The epoch that a ledger goes on in may be any after the one it had.
        if (origin is not null && !IsOwn(origin))
            findings.Fault("genesis-differs", 0);
        CompareHead(last);
        return known;
    }

    private void CompareHead(Instant last)
    {
        // What follows from a record that is missing has been told with it.
        if (torn || frontier.Size != head.Size)
            return;
        if (!frontier.ToBytes().AsSpan().SequenceEqual(head.Frontier))
            findings.Fault("head-differs", head.Size);
        if (head.Size > 0 && last != Instant.MinValue && Micros.Of(last) != head.LastAt)
            findings.Fault("head-time", head.Size);
    }

    private LedgerRecord? Read(RecordRow row)
    {
        if (!RecordReader.TryRead(row.Body, out var record, out _))
        {
            findings.Fault("record-malformed", row.Seq);
            return null;
        }

        // What is read strictly has one form only; that this is so is seen to at every record.
        if (!RecordBytes.ToArray(record).AsSpan().SequenceEqual(row.Body))
            findings.Fault("record-form", row.Seq);
        if (record.Seq != row.Seq)
            findings.Fault("record-place", row.Seq);
        return record;
    }

    private void Grow(RecordRow row)
    {
        var leaf = TreeHash.Leaf(row.Body);
        if (!leaf.Bytes.SequenceEqual(row.Leaf))
            findings.Fault("leaf-differs", row.Seq);
        frontier.Append(leaf);
        growth.Append(leaf, (tile, hashes) => full.Add((tile, TreeHash.Sha256(System.Runtime.InteropServices.MemoryMarshal.AsBytes(hashes)))));
    }

    private async Task CompareAsync(Tile tile, Digest hash, CancellationToken cancel)
    {
        if (torn)
            return;
        if (await store.TileAsync(ledger.Ledger, tile.Level, tile.Index, cancel) is not { } kept)
            Missing.Add(tile);
        else if (TreeHash.Sha256(kept) != hash)
            findings.Fault("tile-differs", tile.Path);
    }

    /// <summary>Full tiles that are not kept.</summary>
    public List<Tile> Missing { get; } = [];

    // Checkpoints of the size that is reached, and those of sizes that can't be.
    private async Task CompareAsync(RowCursor<CheckpointRow> checkpoints)
    {
        for (; checkpoints.Has && checkpoints.Current.Size <= frontier.Size; await checkpoints.NextAsync())
        {
            var row = checkpoints.Current;
            if (!SignedNote.TryParse(row.Note, out var note) || !Checkpoint.TryParse(note.Text.Span, out var checkpoint)
                || checkpoint.Origin != ledger.Origin || checkpoint.Size != row.Size || !checkpoint.Root.Bytes.SequenceEqual(row.Root))
            {
                findings.Fault("checkpoint-malformed", row.Size);
                continue;
            }

            if (keys is not null && note.VerifyBy(ledger.Origin, keys) != NoteVerdict.Verified)
                findings.Fault("checkpoint-signature", row.Size);
            if (!torn && checkpoint.Root != frontier.Root)
                findings.StopGate("checkpoint-root", row.Size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private void Note(FsckKnown known, LedgerRecord record)
    {
        known.Documents.TryAdd(record.Controller, null);
        if (record.Pack is { } pack)
            known.Documents.TryAdd(pack.Digest, null);
        if (record.Notice is { } notice)
        {
            var kind = record.Type switch
            {
                RecordType.LedgerAnchored => "token",
                RecordType.PackActivated => "rules",
                RecordType.DocPublished => record.Detail?["kind"]?.AsText,
                _ => null,
            };
            if (kind is not null || !known.Documents.ContainsKey(notice.Doc))
                known.Documents[notice.Doc] = kind;
        }

        known.Suppressions.Add(record);
        known.ApiKeys.Add(record);
        known.Imports.Add(record);
        known.Permits.Add(record);
        known.Webhooks.Add(record);
        known.Rules.Add(record);
        known.Requests.Add(record);
        if (record.Subject is { } subject)
        {
            known.Persons.Add(subject.Sid);
            if (subject.Point is { } point)
                known.Points.TryAdd(point, subject.Sid);
            foreach (var list in (LeafValue?[])[record.Detail?["phones"], record.Detail?["emails"]])
            {
                foreach (var item in (list as LeafValue.List)?.Items ?? [])
                {
                    if (OpaqueId.TryParse(item.AsText, out var named))
                        known.Points.TryAdd(named, subject.Sid);
                }
            }
        }

        NoteByType(known, record);
    }

    private void NoteByType(FsckKnown known, LedgerRecord record)
    {
        switch (record.Type)
        {
            case RecordType.LedgerGenesis:
                origin = Detail("origin")?.AsText ?? "";
                if (record.Seq != 0 || Detail("epoch")?.AsNumber != Epochs.Split(origin).Epoch || Detail("controller")?.AsText != ledger.Controller
                    || Detail("lane")?.AsNumber != ledger.Lane || Detail("lanes")?.AsNumber != ledger.Lanes)
                {
                    findings.Fault("genesis-differs", record.Seq);
                }

                break;
            case RecordType.LedgerRecovered:
                // It goes on from the ledger by the name that it had until here, with all the records that were held of that.
                if (!Follows(Detail("origin")?.AsText) || Detail("held_size")?.AsNumber != record.Seq || !torn && Detail("held_root")?.AsText != frontier.Root.ToString())
                    findings.Fault("recovered-differs", record.Seq);
                (origin, goesOn) = (Detail("origin")?.AsText ?? "", true);
                for (var i = 0; i < known.Anchored.Count; i++)
                    known.Anchored[i] = known.Anchored[i] with { Origin = known.Anchored[i].Origin ?? origin };
                break;
            case RecordType.LedgerKeyAdded when Detail("key")?.AsText is { } key:
                known.Keys.Add(key);
                break;
            case RecordType.LedgerAnchored when Detail("size")?.AsNumber is { } size && Digest.TryParse(Detail("digest")?.AsText, out var digest):
                known.Anchored.Add((record.Seq, size, digest, record.Notice?.Doc, null));
                break;
            case RecordType.LedgerClockAnomaly:
                known.ClockAnomalies++;
                break;
            case RecordType.ErasureRequested when record.Subject is { } subject:
                known.Erased.Add(subject.Sid);
                // Of a list that was undone, and of somebody who came back with a backup, nobody had the numbers at hand.
                if (Detail("kept")?.AsNumber > 0 && Detail("reason")?.AsText is not ("import-undone" or "restored"))
                    known.Blocked.Add(subject.Sid);
                break;
            case RecordType.ErasureCompleted when record.Subject is { } subject:
                known.Gone.Add(subject.Sid);
                known.ErasedOpenings.UnionWith(record.About ?? []);
                break;
        }

        if (record.Seq == 0 && record.Type != RecordType.LedgerGenesis)
            findings.Fault("genesis-missing", 0);

        LeafValue? Detail(string name) => record.Detail?[name];
    }

    private bool Follows(string? closed) => closed is not null && origin is not null
        && (goesOn ? Epochs.Split(closed) is var (name, epoch) && Epochs.Split(origin) is var (before, last) && name == before && epoch > last : closed == origin);

    private bool IsOwn(string last) => Epochs.Split(last) is var (name, epoch) && name == Epochs.Split(ledger.Origin).Base && (goesOn ? ledger.Epoch > epoch : ledger.Epoch == epoch)
        && Epochs.NameOf(name, ledger.Epoch) == ledger.Origin;

    private static RowCursor<T> Rows<T>(IAsyncEnumerable<T> rows) => new(rows);
}

/// <summary>Rows that are gone through beside others.</summary>
internal sealed class RowCursor<T>(IAsyncEnumerable<T> rows) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<T> rows = rows.GetAsyncEnumerator();

    /// <summary>Whether there is one.</summary>
    public bool Has { get; private set; }

    public T Current => rows.Current;

    public async Task NextAsync() => Has = await rows.MoveNextAsync();

    public ValueTask DisposeAsync() => rows.DisposeAsync();
}
