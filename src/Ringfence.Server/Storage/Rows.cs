using System.Buffers.Binary;

namespace Ringfence.Server.Storage;

// Rows as they are stored. Times are microseconds since 1970 in UTC. Arrays are never changed after a row was made.

/// <summary>One ledger: one serial order of one controller.</summary>
/// <param name="Ledger">Its number; the first column of every table.</param>
/// <param name="Controller">The controller's short word, such as <c>acme</c>.</param>
/// <param name="Origin">Origin line of its checkpoints.</param>
/// <param name="Lane">Which of the controller's lanes it is, from 0.</param>
/// <param name="Lanes">How many there are.</param>
/// <param name="Epoch">From 1; a restore that lost signed records begins a new one.</param>
public sealed record LedgerRow(long Ledger, string Controller, string Origin, int Lane, int Lanes, int Epoch);

/// <summary>The right edge of a ledger.</summary>
/// <param name="Size">Number of records.</param>
/// <param name="LastAt">Time of the last one; 0 for none.</param>
/// <param name="Frontier">Hashes of the right edge of the tree, 32 bytes each, the largest subtree first; as <c>Frontier.ToBytes</c>.</param>
public sealed record HeadRow(long Size, long LastAt, byte[] Frontier);

/// <summary>One record: exactly the bytes that were hashed.</summary>
public sealed record RecordRow(long Seq, byte[] Leaf, byte[] Body);

/// <summary>A full tile of the tree.</summary>
public sealed record TileRow(int Level, long N, byte[] Bytes);

/// <summary>A signed checkpoint.</summary>
/// <param name="Note">The whole signed note, UTF-8.</param>
public sealed record CheckpointRow(long Size, byte[] Root, byte[] Note);

/// <summary>Salt and plaintext of one commitment, encrypted.</summary>
/// <param name="Seq">The record.</param>
/// <param name="Group">0 person, 1 evidence, 2 note, 3 tag.</param>
/// <param name="Nonce">12 bytes.</param>
/// <param name="Ciphertext">With its tag.</param>
public sealed record SealedRow(long Seq, short Group, byte[] Nonce, byte[] Ciphertext);

/// <summary>The scan of a signed paper, encrypted.</summary>
/// <param name="Seq">The record whose evidence names it.</param>
/// <param name="Nonce">12 bytes.</param>
/// <param name="Ciphertext">With its tag.</param>
public sealed record ScanRow(long Seq, byte[] Nonce, byte[] Ciphertext);

/// <summary>A content-addressed document: a wording, a party, a rule pack. Nothing personal.</summary>
public sealed record DocumentRow(byte[] Digest, string Media, byte[] Bytes);

/// <summary>A number or address that must not be contacted. Primary data: nothing else says so.</summary>
/// <param name="Id">16 bytes: of a row that is tied to a record its place and 64 random bits, of any other all random.</param>
/// <param name="Tag">32 bytes: the keyed hash under the newest key it was wrapped by.</param>
/// <param name="Chain">How many keys it went through, from 1.</param>
/// <param name="Salt">32 bytes: of its commitment.</param>
/// <param name="Channels">Bits of the channels it closes.</param>
/// <param name="Purposes">Words it closes, sorted, joined by a line feed; null: every purpose.</param>
/// <param name="Seq">The record that added it; null once that tie was erased.</param>
/// <param name="Since">When it was said.</param>
/// <param name="By">0 the person, 1 staff, 2 the controller, 3 a provider.</param>
/// <param name="Kind">As <c>SuppressionKind</c> of the gate.</param>
/// <param name="Snapshot">Seq of the first snapshot record that covers it; null: none yet.</param>
/// <param name="LiftedSeq">The record that lifted it; null: it stands. A lifted row stays until the next snapshot.</param>
public sealed record SuppressionRow(
    byte[] Id, byte[] Tag, short Chain, byte[] Salt, int Channels, string? Purposes, long? Seq, long Since, short By, short Kind, long? Snapshot, long? LiftedSeq);

/// <summary>How many suppressions close the same, said by the same kind of party.</summary>
/// <param name="Channels">As in <see cref="SuppressionRow"/>.</param>
/// <param name="By">Likewise.</param>
/// <param name="Kind">Likewise.</param>
/// <param name="Count">So many.</param>
public sealed record SuppressionCount(int Channels, short By, short Kind, long Count);

/// <summary>Which person a number or address leads to.</summary>
/// <param name="Tag">32 bytes: keyed hash, by another key than suppressions.</param>
/// <param name="Sid">16 bytes.</param>
/// <param name="Point">16 bytes: the contact point.</param>
public sealed record LookupRow(byte[] Tag, byte[] Sid, byte[] Point);

/// <summary>Projection: where a person stands, for lists and filters.</summary>
/// <param name="MergedInto">The person this one was merged into; null: stands for itself.</param>
/// <param name="Status">0 contactable, 1 quarantined, 2 held, 3 erased, 4 merged.</param>
/// <param name="Residence">ISO 3166 code; null: not known.</param>
/// <param name="Source">Word of the provenance.</param>
/// <param name="Batch">Id of the import it came by, 16 bytes; null: by none.</param>
/// <param name="FirstAt">Time of its first record that is not idle.</param>
/// <param name="LastAt">Time of its last such.</param>
public sealed record SubjectRow(byte[] Sid, byte[]? MergedInto, short Status, string? Residence, string? Source, byte[]? Batch, long FirstAt, long LastAt);

/// <summary>Projection: the state of one consent, for lists and filters.</summary>
/// <param name="Point">16 zero bytes: every point of the person.</param>
/// <param name="Channel">As <c>Channel</c>; -1: every one.</param>
/// <param name="Purpose">Empty: every one.</param>
/// <param name="State">As <c>ConsentStanding</c>.</param>
/// <param name="Seq">The record it rests on.</param>
/// <param name="At">When it happened.</param>
/// <param name="Until">First instant at which it has ended; null: no end.</param>
public sealed record ConsentRow(byte[] Sid, byte[] Point, short Channel, string Purpose, short State, long Seq, long At, long? Until);

/// <summary>What was answered to a client's key.</summary>
/// <param name="Fingerprint">32 bytes: of what was asked.</param>
public sealed record IdempotencyRow(string Client, string Key, byte[] Fingerprint, byte[] Response, long At);

/// <summary>That a record is about a person. Projection.</summary>
/// <param name="Idle">Whether it tells nothing of how the person stands.</param>
public sealed record SubjectRecordRow(byte[] Sid, long Seq, bool Idle = false);

/// <summary>How far what is told of a person by this name goes. Records are only ever added, and so nothing was told since as long as it is the same.</summary>
/// <param name="Count">How many records are not idle.</param>
/// <param name="Newest">The place of the newest such.</param>
/// <param name="Leaf">Its hash: a store that was put back gives a place out a second time.</param>
public sealed record StandingRow(byte[] Sid, long Count, long Newest, byte[] Leaf);

/// <summary>How far an import has come: written with the rows it stands for, so that a killed one goes on where it was.</summary>
/// <param name="Batch">16 bytes.</param>
/// <param name="Done">Rows of the list that are settled, from the first on.</param>
/// <param name="State">0 running, 1 finished, 2 undone, 3 being undone.</param>
/// <param name="Facts">What else is kept of it: JSON, nothing personal.</param>
public sealed record BatchRow(byte[] Batch, long Done, short State, byte[] Facts);

/// <summary>A key by which a program calls the HTTP API.</summary>
/// <param name="Id">The part of it that may be seen: small letters and digits.</param>
/// <param name="Name">What the people who made it call it.</param>
/// <param name="Hash">SHA-256 of the secret part.</param>
/// <param name="Scopes">Words of what it may do, sorted, joined by a blank.</param>
/// <param name="Seq">The record that made it.</param>
/// <param name="Expires">First instant at which it is no longer taken; null: none.</param>
/// <param name="RevokedSeq">The record that ended it; null: none did.</param>
public sealed record ApiKeyRow(string Id, string Name, byte[] Hash, string Scopes, long Seq, long? Expires, long? RevokedSeq);

/// <summary>Somebody who said yes or no, and has to be told by law what came of it: who, and whether they were. Nothing of them stays once they were.</summary>
/// <param name="Seq">The record of what they said.</param>
/// <param name="Said">Word of what it was: <see cref="Ringfence.Rights.ResultSaid"/>.</param>
/// <param name="At">When they said it.</param>
/// <param name="Day">The same as the day of the place whose law it is: <c>2026-03-03</c>.</param>
/// <param name="Due">The last day there on which they may be told.</param>
/// <param name="LateAt">First instant at which it is too late.</param>
/// <param name="Rule">The rule that wants it.</param>
/// <param name="Sid">The person; null: nobody is known by the number, or they were told.</param>
/// <param name="Point">The name of their number or address; null likewise.</param>
/// <param name="Tag">Its lookup tag; null: they were told.</param>
/// <param name="Via">The channel on which they can be told by a message; null: none that is known to be theirs.</param>
/// <param name="Language">Theirs.</param>
/// <param name="Nonce">Of the seal of <paramref name="Words"/>.</param>
/// <param name="Words">The number or address, sealed, where nobody is known by it; null: somebody is, or they were told.</param>
/// <param name="NextAt">When a message may be sent; of one that is on its way, when nobody waits for it any more. Null: none will be.</param>
/// <param name="SendUntil">First instant at which no message is sent any more; null: none ever was to be.</param>
/// <param name="Attempts">How often one was.</param>
/// <param name="Lease">16 bytes: of whoever is sending it; null: nobody.</param>
/// <param name="Fault">Why none went; null: none was tried, or one did.</param>
/// <param name="ToldOn">The day on which they were told; null: they were not yet.</param>
/// <param name="ToldBy">How: <c>message</c>, or as staff say.</param>
/// <param name="Teller">Who says so, as records name them; null: the program sent it.</param>
public sealed record ResultTaskRow(
    long Seq, string Said, long At, string Day, string Due, long LateAt, string Rule, byte[]? Sid, byte[]? Point, byte[]? Tag, short? Via, string Language, byte[]? Nonce, byte[]? Words, long? NextAt, long? SendUntil,
    int Attempts = 0, byte[]? Lease = null, string? Fault = null, string? ToldOn = null, string? ToldBy = null, string? Teller = null);

/// <summary>Rules of a controller's own that somebody wants in force, or no longer.</summary>
/// <param name="Id">Its name, as records tell it.</param>
/// <param name="Kind"><c>house</c>.</param>
/// <param name="Name">What the rules call themselves.</param>
/// <param name="Doc">32 bytes: the document that states them.</param>
/// <param name="Retire">Whether they are to be in force no longer.</param>
/// <param name="AskedBy">Who asked, as records name them.</param>
/// <param name="Seq">The record of that.</param>
/// <param name="AnsweredBy">Who answered, somebody else where it was yes; null: nobody did yet.</param>
/// <param name="AnsweredSeq">The record of that; null likewise.</param>
/// <param name="Agreed">Whether it was yes; null likewise.</param>
public sealed record RuleChangeRow(string Id, string Kind, string Name, byte[] Doc, bool Retire, string AskedBy, long Seq, string? AnsweredBy, long? AnsweredSeq, bool? Agreed);

/// <summary>What somebody asks for by law, or complains of: where it stands, and, sealed, what they wrote.</summary>
/// <param name="Id">16 random bytes.</param>
/// <param name="Tag">The lookup tag of the number or address it came for; null: whoever it was is forgotten.</param>
/// <param name="Kind">Word of the kind.</param>
/// <param name="State">Word of where it stands.</param>
/// <param name="Language">Theirs.</param>
/// <param name="Received">When it came.</param>
/// <param name="Due">The last day on which an answer is in time, as of its last record: <c>2026-03-03</c>.</param>
/// <param name="Closed">When it ended; null: it has not.</param>
/// <param name="Records">Places of its records, in order, joined by blanks.</param>
/// <param name="Nonce">Of what they wrote.</param>
/// <param name="Words">What they wrote and were answered, with the number or address, encrypted; null: nothing is kept.</param>
public sealed record RightsRequestRow(byte[] Id, byte[]? Tag, string Kind, string State, string Language, long Received, string Due, long? Closed, string Records, byte[]? Nonce, byte[]? Words);

/// <summary>A contact that was permitted, and what became of it.</summary>
/// <param name="Id">16 random bytes.</param>
/// <param name="Tag">The lookup tag of the number or address.</param>
/// <param name="Suppress">Its suppression tag, as of issue.</param>
/// <param name="Chain">How many keys that went through.</param>
/// <param name="Sid">The person; null: nobody known.</param>
/// <param name="Channel">As <c>Channel</c>.</param>
/// <param name="Purpose">What for; null: not said.</param>
/// <param name="Agent">Who contacts; null: not said.</param>
/// <param name="Subject">What about; null: not said.</param>
/// <param name="Campaign">In which campaign; null: not said.</param>
/// <param name="Seq">The record that issued it.</param>
/// <param name="Issued">When.</param>
/// <param name="Expires">First instant at which it can't be redeemed any more.</param>
/// <param name="Redeemed">When it was used; null: it was not.</param>
/// <param name="RedeemedSeq">The record that says so.</param>
/// <param name="EndedSeq">The record that took it back; null: none did.</param>
/// <param name="Outcome">As <c>Outcome</c> of the gate; null: nobody said.</param>
/// <param name="OutcomeSeq">The record that says so.</param>
public sealed record PermitRow(
    byte[] Id, byte[] Tag, byte[] Suppress, short Chain, byte[]? Sid, short Channel, string? Purpose, string? Agent, string? Subject, string? Campaign, long Seq, long Issued, long Expires,
    long? Redeemed, long? RedeemedSeq, long? EndedSeq, short? Outcome, long? OutcomeSeq);

/// <summary>Rows to be looked up.</summary>
public sealed class RowsWanted
{
    /// <summary>Lookup tags: the answer holds the lookup rows, and the records of the persons they lead to.</summary>
    public HashSet<byte[]> Points { get; } = new(ByteArrays.Equal);

    /// <summary>Persons: the answer holds their records, with those of persons merged with them.</summary>
    public HashSet<byte[]> Subjects { get; } = new(ByteArrays.Equal);

    /// <summary>Lookup tags: the answer holds the lookup rows alone, and nothing of the persons they lead to.</summary>
    public HashSet<byte[]> Ways { get; } = new(ByteArrays.Equal);

    /// <summary>Persons: the answer holds how far what is told of each goes, and no record.</summary>
    public HashSet<byte[]> Standings { get; } = new(ByteArrays.Equal);

    /// <summary>Suppression tags, each of the whole chain of keys.</summary>
    public HashSet<byte[]> Suppressions { get; } = new(ByteArrays.Equal);

    /// <summary>Suppression rows by the record that added them.</summary>
    public HashSet<long> SuppressionsBySeq { get; } = [];

    public HashSet<(string Client, string Key)> Idempotency { get; } = [];

    public HashSet<byte[]> Documents { get; } = new(ByteArrays.Equal);

    public HashSet<byte[]> Batches { get; } = new(ByteArrays.Equal);

    /// <summary>API keys by id.</summary>
    public HashSet<string> ApiKeys { get; } = [];

    /// <summary>Webhooks by id.</summary>
    public HashSet<string> Webhooks { get; } = [];

    /// <summary>Whether every change of the controller's own rules is wanted.</summary>
    public bool WithRuleChanges { get; set; }

    /// <summary>Requests by id.</summary>
    public HashSet<byte[]> RightsRequests { get; } = new(ByteArrays.Equal);

    /// <summary>Lookup tags: the answer holds every request that came for the number or address.</summary>
    public HashSet<byte[]> RightsRequestsOf { get; } = new(ByteArrays.Equal);

    /// <summary>Permits by id.</summary>
    public HashSet<byte[]> Permits { get; } = new(ByteArrays.Equal);

    /// <summary>Lookup tags: the answer holds every permit of the number or address.</summary>
    public HashSet<byte[]> PermitsOf { get; } = new(ByteArrays.Equal);

    /// <summary>Sealed rows of these records.</summary>
    public HashSet<long> Sealed { get; } = [];

    /// <summary>Records by place.</summary>
    public HashSet<long> Records { get; } = [];

    /// <summary>Records of these batches: the persons an import brought.</summary>
    public HashSet<byte[]> SubjectsOfBatches { get; } = new(ByteArrays.Equal);

    /// <summary>Whether the records of the persons are wanted, or their lookup and subject rows only.</summary>
    public bool WithRecords { get; set; } = true;

    /// <summary>Whether of these also the idle ones are wanted: permits, decisions and looks, of which one person may have thousands.</summary>
    public bool WithIdle { get; set; } = true;

    /// <summary>Whether all lookup rows of the persons are wanted too.</summary>
    public bool WithPoints { get; set; }
}

/// <summary>What was found.</summary>
public sealed class StoredRows
{
    public List<LookupRow> Lookups { get; } = [];

    public List<SubjectRow> Subjects { get; } = [];

    /// <summary>Which records are about whom.</summary>
    public List<SubjectRecordRow> SubjectRecords { get; } = [];

    /// <summary>How far what is told of persons goes; none of one of whom nothing is told.</summary>
    public List<StandingRow> Standings { get; } = [];

    /// <summary>By place, none twice.</summary>
    public SortedDictionary<long, RecordRow> Records { get; } = [];

    public List<SuppressionRow> Suppressions { get; } = [];

    /// <summary>The most keys that the tag of any suppression of the ledger went through, where suppressions were asked for by tag; 0: there is none, or nobody asked.</summary>
    public short SuppressionChain { get; set; }

    /// <summary>The fewest keys that the tag of any went through, also of one that was lifted; as above.</summary>
    public short SuppressionLeast { get; set; }

    public List<IdempotencyRow> Idempotency { get; } = [];

    public List<DocumentRow> Documents { get; } = [];

    public List<BatchRow> Batches { get; } = [];

    public List<ApiKeyRow> ApiKeys { get; } = [];

    public List<WebhookRow> Webhooks { get; } = [];

    public List<RuleChangeRow> RuleChanges { get; } = [];

    public List<RightsRequestRow> RightsRequests { get; } = [];

    public List<PermitRow> Permits { get; } = [];

    public List<SealedRow> Sealed { get; } = [];

    /// <summary>Drops what was found in two ways.</summary>
    internal void DropRepeated()
    {
        var seen = new HashSet<byte[]>(ByteArrays.Equal);
        Lookups.RemoveAll(row => !seen.Add(row.Tag));
        seen.Clear();
        Suppressions.RemoveAll(row => !seen.Add(row.Id));
        seen.Clear();
        Permits.RemoveAll(row => !seen.Add(row.Id));
        seen.Clear();
        RightsRequests.RemoveAll(row => !seen.Add(row.Id));
    }
}

/// <summary>Rows of projections.</summary>
public sealed class ProjectionRows
{
    public List<SubjectRow> Subjects { get; } = [];

    public List<SubjectRecordRow> SubjectRecords { get; } = [];

    public List<ConsentRow> Consents { get; } = [];

    public List<TileRow> Tiles { get; } = [];
}

/// <summary>Everything one transaction writes.</summary>
/// <remarks>
/// First goes what goes away (lookups and projections of persons, sealed rows and scans, old answers), then comes what comes, so that a person's last row can be written
/// with what takes all others away. What one command adds and a later one of the same transaction takes away again is for the writer to leave out.
/// Of suppressions the new come first, then the changed, then those that go.
/// </remarks>
public sealed class LedgerWrites
{
    /// <summary>The head after it. Its size is the old one plus the records.</summary>
    public required HeadRow Head { get; set; }

    public List<RecordRow> Records { get; } = [];

    public List<SubjectRecordRow> SubjectRecords { get; } = [];

    public List<TileRow> Tiles { get; } = [];

    public List<SealedRow> Sealed { get; } = [];

    public List<ScanRow> Scans { get; } = [];

    public List<DocumentRow> Documents { get; } = [];

    /// <summary>New suppressions.</summary>
    public List<SuppressionRow> Suppressions { get; } = [];

    /// <summary>Suppressions that take the place of the row with their id: rotation, erasure, snapshot, lifting.</summary>
    public List<SuppressionRow> SuppressionsChanged { get; } = [];

    /// <summary>Ids of tombstones that a snapshot has covered.</summary>
    public List<byte[]> SuppressionsGone { get; } = [];

    /// <summary>New ways to a person, or such that take the place of the one of the same tag.</summary>
    public List<LookupRow> Lookups { get; } = [];

    /// <summary>
    /// Persons whose lookups and projections go away: their subject row, their consent states, their permits, and which records are about them. Sealed rows are named by <see cref="SealedGone"/>.
    /// </summary>
    public List<byte[]> LookupsGoneOf { get; } = [];

    /// <summary>Records whose sealed rows go away, every group, and their scans.</summary>
    public List<long> SealedGone { get; } = [];

    /// <summary>Projections, inserted or in place of what stands there.</summary>
    public List<SubjectRow> Subjects { get; } = [];

    public List<ConsentRow> Consents { get; } = [];

    /// <summary>Persons whose projected consents are dropped before <see cref="Consents"/> are written.</summary>
    public List<byte[]> ConsentsGoneOf { get; } = [];

    public List<IdempotencyRow> Idempotency { get; } = [];

    /// <summary>Answers given before this time go away; null: none.</summary>
    public long? IdempotencyGoneBefore { get; set; }

    public List<BatchRow> Batches { get; } = [];

    /// <summary>New API keys, and such that end.</summary>
    public List<ApiKeyRow> ApiKeys { get; } = [];

    /// <summary>New webhooks, and such that something became of.</summary>
    public List<WebhookRow> Webhooks { get; } = [];

    /// <summary>New changes of rules, and such that are answered.</summary>
    public List<RuleChangeRow> RuleChanges { get; } = [];

    /// <summary>New requests, and such that something became of.</summary>
    public List<RightsRequestRow> RightsRequests { get; } = [];

    /// <summary>Statements whose result has to be told.</summary>
    public List<ResultTaskRow> ResultTasks { get; } = [];

    /// <summary>Lookup tags of numbers and addresses of which nobody is told anything any more: nothing is known of whoever has them. Those of a person go with <see cref="LookupsGoneOf"/>.</summary>
    public List<byte[]> ResultTasksGoneOf { get; } = [];

    /// <summary>New permits.</summary>
    public List<PermitRow> Permits { get; } = [];

    /// <summary>Permits that something became of; of one that stands here twice the last word is written.</summary>
    public List<PermitRow> PermitsChanged { get; } = [];
}

/// <summary>Byte arrays as keys.</summary>
public sealed class ByteArrays : IEqualityComparer<byte[]>, IComparer<byte[]>
{
    public static readonly ByteArrays Equal = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj)
    {
        var hash = new HashCode();
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);

    /// <summary>Rows about in the order of their keys, by the first eight bytes: keys that are hashes fall anywhere in a table, and so each of its pages is met once.</summary>
    public static T[] Near<T>(IReadOnlyCollection<T> rows, Func<T, byte[]> key)
    {
        var near = new T[rows.Count];
        var beginnings = new ulong[near.Length];
        var at = 0;
        foreach (var row in rows)
        {
            var bytes = key(row);
            beginnings[at] = bytes.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;
            near[at++] = row;
        }

        Array.Sort(beginnings, near);
        return near;
    }
}
