using System.Runtime.CompilerServices;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>The words of an enumeration as records write them, both ways.</summary>
/// <remarks>They are spelled out, not made from the names: a name can be changed, the bytes of a ledger can't.</remarks>
public sealed class WireWords<T> where T : struct, Enum
{
    private readonly string[] words;
    private readonly byte[][] encoded;

    // Words in the order of their bytes, each with its value.
    private readonly (byte[] Word, T Value)[] sorted;

    internal WireWords(params ReadOnlySpan<(T Value, string Word)> table)
    {
        words = new string[table.Length];
        encoded = new byte[table.Length][];
        sorted = new (byte[], T)[table.Length];
        for (var i = 0; i < table.Length; i++)
        {
            // Invariant: the n-th word is that of the n-th value.
            if (IndexOf(table[i].Value) != i)
                throw new ArgumentException($"The words of {typeof(T).Name} are not in its order.", nameof(table));
            words[i] = table[i].Word;
            encoded[i] = Encoding.ASCII.GetBytes(table[i].Word);
            sorted[i] = (encoded[i], table[i].Value);
        }

        Array.Sort(sorted, (x, y) => x.Word.AsSpan().SequenceCompareTo(y.Word));
    }

    /// <summary>All words, in the order of the enumeration.</summary>
    public IReadOnlyList<string> All => words;

    /// <summary>The word of one value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no value of the enumeration.</exception>
    public string Of(T value) => IndexOf(value) is var at && at < words.Length ? words[at] : throw new ArgumentOutOfRangeException(nameof(value));

    /// <summary>Reads a word, exactly as it is written.</summary>
    public bool TryParse(string? word, out T value)
    {
        var at = Array.IndexOf(words, word);
        value = at < 0 ? default : ValueAt(at);
        return at >= 0;
    }

    /// <summary>Reads a word, exactly as it is written.</summary>
    public bool TryParse(ReadOnlySpan<byte> word, out T value)
    {
        var (low, high) = (0, sorted.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = word.SequenceCompareTo(sorted[middle].Word);
            if (order == 0)
            {
                value = sorted[middle].Value;
                return true;
            }

            if (order < 0)
                high = middle - 1;
            else
                low = middle + 1;
        }

        value = default;
        return false;
    }

    // Null where it is no value of the enumeration.
    internal byte[]? BytesOf(T value) => IndexOf(value) is var at && at < encoded.Length ? encoded[at] : null;

    private static int IndexOf(T value) => Unsafe.BitCast<T, byte>(value);

    private static T ValueAt(int index) => Unsafe.BitCast<byte, T>((byte)index);
}

/// <summary>The words that records are written with.</summary>
public static class RecordWords
{
    public static WireWords<RecordType> Types { get; } = new(
        (RecordType.LedgerGenesis, "ledger.genesis"),
        (RecordType.LedgerRecovered, "ledger.recovered"),
        (RecordType.LedgerKeyAdded, "ledger.key_added"),
        (RecordType.LedgerKeyRetired, "ledger.key_retired"),
        (RecordType.LedgerAnchored, "ledger.anchored"),
        (RecordType.LedgerClockAnomaly, "ledger.clock_anomaly"),
        (RecordType.DocPublished, "doc.published"),
        (RecordType.PackActivated, "pack.activated"),
        (RecordType.PackRetired, "pack.retired"),
        (RecordType.ConsentRequested, "consent.requested"),
        (RecordType.ConsentGiven, "consent.given"),
        (RecordType.ConsentConfirmed, "consent.confirmed"),
        (RecordType.ConsentWithdrawn, "consent.withdrawn"),
        (RecordType.ConsentCorrected, "consent.corrected"),
        (RecordType.ConsentImported, "consent.imported"),
        (RecordType.SuppressionAdded, "suppression.added"),
        (RecordType.SuppressionLifted, "suppression.lifted"),
        (RecordType.SuppressionSnapshot, "suppression.snapshot"),
        (RecordType.SuppressionRewrapped, "suppression.rewrapped"),
        (RecordType.ContactAdded, "contact.added"),
        (RecordType.ContactChanged, "contact.changed"),
        (RecordType.ContactMerged, "contact.merged"),
        (RecordType.ContactUnmerged, "contact.unmerged"),
        (RecordType.ImportStarted, "import.started"),
        (RecordType.ImportFinished, "import.finished"),
        (RecordType.ImportUndone, "import.undone"),
        (RecordType.DecisionAllowed, "decision.allowed"),
        (RecordType.DecisionDenied, "decision.denied"),
        (RecordType.PermitIssued, "permit.issued"),
        (RecordType.PermitRedeemed, "permit.redeemed"),
        (RecordType.PermitRevoked, "permit.revoked"),
        (RecordType.ContactOutcome, "contact.outcome"),
        (RecordType.ProcessingHeld, "processing.held"),
        (RecordType.ProcessingReleased, "processing.released"),
        (RecordType.ErasureRequested, "erasure.requested"),
        (RecordType.ErasureCompleted, "erasure.completed"),
        (RecordType.KeyCreated, "key.created"),
        (RecordType.KeyDestroyed, "key.destroyed"),
        (RecordType.StaffRevealed, "staff.revealed"),
        (RecordType.StaffRoleChanged, "staff.role_changed"),
        (RecordType.StaffExport, "staff.export"),
        (RecordType.ConfigChanged, "config.changed"),
        (RecordType.BackupTaken, "backup.taken"),
        (RecordType.RestorePerformed, "restore.performed"),
        (RecordType.RequestReceived, "request.received"),
        (RecordType.RequestProgressed, "request.progressed"),
        (RecordType.RequestClosed, "request.closed"));

    public static WireWords<RecordState> States { get; } = new(
        (RecordState.Requested, "requested"),
        (RecordState.Given, "given"),
        (RecordState.Confirmed, "confirmed"),
        (RecordState.Withdrawn, "withdrawn"),
        (RecordState.Refused, "refused"),
        (RecordState.Expired, "expired"),
        (RecordState.Invalidated, "invalidated"));

    public static WireWords<EventSource> Sources { get; } = new(
        (EventSource.Server, "server"),
        (EventSource.Provider, "provider"),
        (EventSource.Import, "import"),
        (EventSource.Staff, "staff"));

    public static WireWords<ActorKind> ActorKinds { get; } = new(
        (ActorKind.Person, "person"),
        (ActorKind.Staff, "staff"),
        (ActorKind.Client, "client"),
        (ActorKind.Provider, "provider"),
        (ActorKind.System, "system"));

    public static WireWords<CommitGroup> Groups { get; } = new(
        (CommitGroup.Person, "person"),
        (CommitGroup.Evidence, "evidence"),
        (CommitGroup.Note, "note"),
        (CommitGroup.Tag, "tag"));

    public static WireWords<Ceremony> Ceremonies { get; } = new(
        (Ceremony.SingleOptIn, "single"),
        (Ceremony.DoubleOptIn, "double"));
}
