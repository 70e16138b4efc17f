using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>What does not fit between the records of a ledger and its suppressions. Any of it may be a no that was made to disappear.</summary>
internal enum SuppressionFault
{
    /// <summary>Those that the newest snapshot covers have another count or root than it says: one is missing, was added or was changed.</summary>
    SnapshotDiffers,

    /// <summary>A record says that one was added, and it is not there.</summary>
    Missing,

    /// <summary>One is there that no record and no snapshot tells of, or it is another than the record says.</summary>
    Differs,

    /// <summary>It is lifted, and no record says so; or the other way round.</summary>
    LiftDiffers,

    /// <summary>After erasures there are not as many as those say.</summary>
    KeptDiffers,
}

/// <summary>Something that does not fit.</summary>
/// <param name="Fault">What.</param>
/// <param name="Seq">The record; null: there is none.</param>
internal sealed record SuppressionFinding(SuppressionFault Fault, long? Seq);

/// <summary>Compares suppressions with the records about them. Given the records first, in order, then the rows; only what is newer than the last snapshot is remembered.</summary>
internal sealed class SuppressionAudit
{
    // A record is put in order a little after its command was begun; in between it may become midnight.
    private static readonly Duration Moment = Duration.FromSeconds(1);

    private readonly Dictionary<long, Digest?> added;
    private readonly Dictionary<long, long> lifted;
    private readonly Dictionary<long, long> erased;
    private readonly List<(long Seq, long Size)> snapshots;
    private readonly SuppressionRoot covered = new();
    private readonly List<SuppressionFinding> findings = [];
    private readonly HashSet<Digest> untied = [];
    private readonly HashSet<long> named = [];
    private readonly HashSet<long> days;
    private long keptThere;
    private long keptUncovered;
    private long keptEver;
    private long leastChain = 1;

    // Up to which record the tags were wrapped anew last.
    private long rewrappedTo;

    public SuppressionAudit() => (added, lifted, erased, snapshots, days) = ([], [], [], [], []);

    private SuppressionAudit(SuppressionAudit other)
    {
        (added, lifted, erased, snapshots, days) = (new(other.added), new(other.lifted), new(other.erased), [.. other.snapshots], [.. other.days]);
        (rewrappedTo, leastChain, keptEver, Snapshot, HasAll, MostChain) = (other.rewrappedTo, other.leastChain, other.keptEver, other.Snapshot, other.HasAll, other.MostChain);
    }

    /// <summary>The newest snapshot, or rewrapping, that was given; null: none.</summary>
    public LedgerRecord? Snapshot { get; private set; }

    /// <summary>Up to which record the newest snapshot covers.</summary>
    public long CoveredTo => Snapshot?.Detail?["size"]?.AsNumber ?? 0;

    /// <summary>Another one that was given the same records, and no row yet.</summary>
    public SuppressionAudit Copy() => new(this);

    /// <summary>Takes the next record.</summary>
    public void Add(LedgerRecord record)
    {
        switch (record.Type)
        {
            case RecordType.SuppressionSnapshot or RecordType.SuppressionRewrapped:
                Snapshot = record;
                snapshots.Add((record.Seq, CoveredTo));
                Forget(CoveredTo);
                if (record.Type == RecordType.SuppressionRewrapped)
                    (rewrappedTo, leastChain) = (CoveredTo, record.Detail?["chain"]?.AsNumber ?? 1);
                break;
            case RecordType.SuppressionAdded:
                added.Add(record.Seq, record.Commits?.Tag);
                break;
            case RecordType.SuppressionLifted when !PartialLift.Is(record):
                foreach (var seq in record.About ?? [])
                    lifted[seq] = record.Seq;
                break;
            case RecordType.ErasureRequested:
                var kept = record.Detail?["kept"]?.AsNumber ?? 0;
                erased[record.Seq] = kept;
                keptEver += kept;
                if (kept > 0)
                    days.UnionWith([SuppressionLeaf.DayOf(record.At), SuppressionLeaf.DayOf(record.At - Moment)]);
                break;
        }
    }

    /// <summary>Whether every record of the ledger was given, and not those since the newest snapshot only.</summary>
    public bool HasAll { get; set; }

    /// <summary>How many keys there are that a tag can have gone through.</summary>
    public short MostChain { get; set; } = short.MaxValue;

    /// <summary>Takes a row, in any order, after all records.</summary>
    /// <param name="row">The row.</param>
    /// <param name="record">The record it names; null: it names none, or there is none of that place.</param>
    public void Add(SuppressionRow row, LedgerRecord? record)
    {
        if (row.Id.Length != OpaqueId.Size || row.Tag.Length != ContactTag.Size || row.Salt.Length != Commitment.SaltSize)
        {
            findings.Add(new SuppressionFinding(SuppressionFault.Differs, row.Seq));
            return;
        }

        var isCovered = row.Snapshot is not null;
        if (isCovered)
            covered.Add(row);
        // Where only the newest is known, which of the earlier ones covered a row first can't be told.
        if (isCovered && (Snapshot is null || row.Snapshot > Snapshot.Seq || HasAll && !IsFirst(row)))
            findings.Add(new SuppressionFinding(SuppressionFault.Differs, row.Seq));
        if (SuppressionLeaf.IsUntied(row))
        {
            // It stands for a moment only, between an erasure and the next snapshot.
            if (!untied.Add(new Digest(row.Tag)) || row.Seq is not null || row.LiftedSeq is null || row.LiftedSeq < CoveredTo || !isCovered && !SuppressionLeaf.IsBare(row))
                findings.Add(new SuppressionFinding(SuppressionFault.Differs, row.Seq));
            return;
        }

        if (row.Chain < leastChain || row.Chain > MostChain)
            findings.Add(new SuppressionFinding(SuppressionFault.Differs, row.Seq));
        if (row.Seq is { } seq)
        {
            AddWithRecord(row, seq, record, isCovered);
            return;
        }

        keptThere++;
        keptUncovered += isCovered ? 0 : 1;
        // Until a snapshot holds it nothing says what it is; but it is one of those that an erasure leaves.
        if (!isCovered && !(days.Contains(row.Since) && IsOfWords(row)))
            findings.Add(new SuppressionFinding(SuppressionFault.Differs, null));
        // What has no record can't be named by one that lifts it.
        if (row.LiftedSeq is not null)
            findings.Add(new SuppressionFinding(SuppressionFault.LiftDiffers, null));
    }

    /// <summary>What does not fit.</summary>
    public IReadOnlyList<SuppressionFinding> End()
    {
        if (Snapshot is { } snapshot && (snapshot.Detail?["count"]?.AsNumber != covered.Count || snapshot.Detail?["root"]?.AsText != covered.Root().ToString()))
            findings.Add(new SuppressionFinding(SuppressionFault.SnapshotDiffers, snapshot.Seq));
        foreach (var (seq, commits) in added)
        {
            // Untied from a person who was erased, it is told by its commitment until the next snapshot.
            if (commits is not { } commitment || !untied.Contains(commitment))
                findings.Add(new SuppressionFinding(SuppressionFault.Missing, seq));
        }

        // Those that snapshots have covered since stand for ever, too: no record could lift them.
        if (erased.Values.Sum() != keptUncovered || HasAll && keptEver != keptThere)
            findings.Add(new SuppressionFinding(SuppressionFault.KeptDiffers, erased.Count == 0 ? null : erased.Keys.Max()));
        return findings;
    }

    private void AddWithRecord(SuppressionRow row, long seq, LedgerRecord? record, bool isCovered)
    {
        added.Remove(seq);
        if (!named.Add(seq))
            findings.Add(new SuppressionFinding(SuppressionFault.Differs, seq));
        if (record?.Type != RecordType.SuppressionAdded || !Says(record, row, isCovered))
            findings.Add(new SuppressionFinding(SuppressionFault.Differs, seq));
        // One that came after the snapshot is not covered by it, and one that came before is.
        if (isCovered != seq < CoveredTo)
            findings.Add(new SuppressionFinding(SuppressionFault.SnapshotDiffers, seq));
        // A lifting from before the snapshot has taken its row away with it.
        var lift = lifted.TryGetValue(seq, out var by) ? by : (long?)null;
        if (row.LiftedSeq != lift)
            findings.Add(new SuppressionFinding(SuppressionFault.LiftDiffers, seq));
    }

    private bool IsFirst(SuppressionRow row)
    {
        foreach (var (seq, size) in snapshots)
        {
            if (row.Seq is null ? seq == row.Snapshot : size > row.Seq)
                return seq == row.Snapshot;
        }

        return false;
    }

    private static bool IsOfWords(SuppressionRow row) =>
        ((ChannelSet)row.Channels & ~ChannelSet.All) == 0 && row.Channels != 0 && row.By >= 0 && row.Kind >= 0 && Enum.IsDefined((SuppressedBy)row.By) && Enum.IsDefined((SuppressionKind)row.Kind);

    private bool Says(LedgerRecord record, SuppressionRow row, bool isCovered)
    {
        var scope = SuppressionScope.Of(record.Scope);
        // A tag that was wrapped since is another than its record committed to; a snapshot fixes it. Where only the newest one is known, whether it was can't be told.
        var isFixed = isCovered && (record.Seq < rewrappedTo || !HasAll);
        return (isFixed || record.Commits?.Tag == SuppressionLeaf.CommitmentOf(row))
            && row.Channels == (int)scope.Channels && row.Purposes == scope.PurposeColumn
            && row.Since == Micros.Of(record.EventAt ?? record.At)
            && record.Detail?["by"]?.AsText is { } by && Words<SuppressedBy>.TryParse(by, out var who) && row.By == (short)who
            && record.Detail?["kind"]?.AsText is { } kind && Words<SuppressionKind>.TryParse(kind, out var what) && row.Kind == (short)what;
    }

    // What came before the snapshot it covers, or has dropped.
    private void Forget(long size)
    {
        foreach (var seq in added.Keys.Where(seq => seq < size).ToList())
            added.Remove(seq);
        foreach (var seq in erased.Keys.Where(seq => seq < size).ToList())
            erased.Remove(seq);
        foreach (var (seq, by) in lifted.ToList())
        {
            if (by < size)
                lifted.Remove(seq);
        }
    }
}
