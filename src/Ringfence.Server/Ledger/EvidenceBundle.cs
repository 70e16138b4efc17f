using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Everything needed to check some records offline, in one file: <c>docs/reference/ledger.md</c>, "Evidence bundle".</summary>
internal sealed class EvidenceBundle
{
    /// <summary>Indented, and nothing escaped that need not be.</summary>
    internal static readonly JsonWriterOptions Plainly = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // A verifier takes no larger file than 64 MB, and bytes are written by fours for three; what does not fit is handed out with its record alone.
    private const int MostScans = 4 * ScanFile.MostBytes;

    private readonly SignedCheckpoint checkpoint;
    private readonly IReadOnlyList<Entry> entries;
    private readonly IReadOnlyList<DocumentRow> documents;
    private readonly IReadOnlyList<Anchor> anchors;

    private EvidenceBundle(SignedCheckpoint checkpoint, IReadOnlyList<Entry> entries, IReadOnlyList<DocumentRow> documents, IReadOnlyList<Anchor> anchors) =>
        (this.checkpoint, this.entries, this.documents, this.anchors) = (checkpoint, entries, documents, anchors);

    /// <summary>A record with what proves and what opens it.</summary>
    private sealed record Entry(LedgerRecord Record, byte[] Body, TlogProof Proof, IReadOnlyList<(CommitGroup Group, byte[] Salt, byte[] Content)> Opened, IReadOnlyList<CommitGroup> Erased);

    /// <summary>A checkpoint that was stamped, and how it belongs to that of the bundle.</summary>
    private sealed record Anchor(SignedCheckpoint Signed, Digest[] Consistency, byte[] Token);

    /// <summary>The persons of whom something is opened.</summary>
    public IReadOnlyCollection<OpaqueId> Revealed => [.. entries.Where(static entry => entry.Opened.Count > 0).Select(static entry => entry.Record.Subject!.Value.Sid).Distinct()];

    /// <summary>The records, in order.</summary>
    public IReadOnlyList<LedgerRecord> Records => [.. entries.Select(static entry => entry.Record)];

    /// <summary>What is opened of a record's group; null: nothing.</summary>
    public byte[]? Opened(long seq, CommitGroup group) =>
        entries.FirstOrDefault(entry => entry.Record.Seq == seq)?.Opened.Where(opened => opened.Group == group).Select(static opened => opened.Content).FirstOrDefault();

    /// <summary>A document of the bundle.</summary>
    public byte[]? Document(Digest digest) => documents.FirstOrDefault(document => digest.Bytes.SequenceEqual(document.Digest))?.Bytes;

    /// <summary>Gathers a bundle.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="seqs">The records; what tells of erased openings is added.</param>
    /// <param name="open">The groups that are opened; what is not, is withheld.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="kept">What opens groups that are gone from beside their records; null: nothing does.</param>
    /// <param name="scans">Gives the scan that the evidence of a record names, to go with it as a document where the evidence is opened; null: none is to.</param>
    /// <exception cref="CommandRefusedException"><c>nothing-signed</c>; <c>no-such-record</c>: there is none, or it is not signed yet.</exception>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: something can't be opened, and no record says that it was erased; or something is missing.</exception>
    public static async Task<EvidenceBundle> GatherAsync(
        Installation installation, LedgerRow ledger, IEnumerable<long> seqs, IReadOnlySet<CommitGroup> open, CancellationToken cancel, Func<long, CommitGroup, OpenedBlob?>? kept = null,
        Func<LedgerRecord, Task<ScanFile?>>? scans = null)
    {
        var files = installation.FilesOf(ledger);
        var checkpoint = await files.NewestAsync(cancel) ?? throw new CommandRefusedException("nothing-signed");
        var gathering = new Gathering(installation, ledger, checkpoint, kept);
        foreach (var seq in seqs)
            await gathering.AddAsync(seq, open, cancel);
        await gathering.AddNamesAsync(cancel);
        await gathering.AddErasuresAsync(cancel);
        var entries = gathering.Entries;
        var documents = new Dictionary<Digest, DocumentRow>();
        foreach (var digest in entries.SelectMany(static entry => DocumentsOf(entry.Record)).Distinct())
        {
            documents.Add(digest, await files.DocumentAsync(digest, cancel)
                ?? throw new StoreException(StoreFault.Damaged, $"Document {digest} is missing."));
        }

        var room = MostScans;
        foreach (var entry in entries.Where(static entry => KeptScan.IsBeside(entry.Record) && entry.Opened.Any(static opened => opened.Group == CommitGroup.Evidence)))
        {
            if (scans is not null && await scans(entry.Record) is { } scan && (room -= scan.Content.Length) >= 0)
                documents[scan.Digest] = new DocumentRow(scan.Digest.Bytes.ToArray(), scan.Media, scan.Content.ToArray());
        }

        return new EvidenceBundle(checkpoint, entries, [.. documents.Values], Anchors(await files.StampedAsync(cancel), checkpoint, entries, installation.NotaryOf(ledger).Tiles));
    }

    /// <summary>The documents a record names.</summary>
    public static IEnumerable<Digest> DocumentsOf(LedgerRecord record) => record.Notice is { } notice ? [record.Controller, notice.Doc] : [record.Controller];

    /// <summary>The file.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plainly))
            Write(json);
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    /// <summary>Writes it as a value.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("format", "ringfence/evidence/v1");
        json.WriteString("checkpoint", checkpoint.Note.ToString());
        json.WriteStartArray("records");
        foreach (var entry in entries)
            Write(json, entry);
        json.WriteEndArray();
        json.WriteStartArray("documents");
        foreach (var document in documents)
        {
            json.WriteStartObject();
            json.WriteString("digest", Convert.ToHexStringLower(document.Digest));
            json.WriteString("media", document.Media);
            json.WriteBase64String("bytes", document.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("anchors");
        foreach (var anchor in anchors)
        {
            json.WriteStartObject();
            json.WriteString("checkpoint", anchor.Signed.Note.ToString());
            json.WriteStartArray("consistency");
            foreach (var hash in anchor.Consistency)
                json.WriteStringValue(hash.ToBase64());
            json.WriteEndArray();
            json.WriteBase64String("timestamp", anchor.Token);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The word of a group.</summary>
    public static string WordOf(CommitGroup group) => group switch
    {
        CommitGroup.Person => "person",
        CommitGroup.Evidence => "evidence",
        CommitGroup.Note => "note",
        CommitGroup.Tag => "tag",
    };

    private static void Write(Utf8JsonWriter json, Entry entry)
    {
        json.WriteStartObject();
        json.WriteBase64String("body", entry.Body);
        json.WriteString("proof", entry.Proof.ToString());
        if (entry.Opened.Count > 0)
        {
            json.WriteStartArray("opened");
            foreach (var (group, salt, content) in entry.Opened)
            {
                json.WriteStartObject();
                json.WriteString("group", WordOf(group));
                json.WriteString("salt", Convert.ToHexStringLower(salt));
                json.WriteBase64String("plaintext", content);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (entry.Erased.Count > 0)
        {
            json.WriteStartArray("erased");
            foreach (var group in entry.Erased)
                json.WriteStringValue(WordOf(group));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // Of each record the stamps that bound its time most narrowly; and the newest, which covers all.
    private static List<Anchor> Anchors(IReadOnlyList<(SignedCheckpoint Signed, byte[] Token)> stamped, SignedCheckpoint checkpoint, IReadOnlyList<Entry> entries, TileStore tiles)
    {
        var wanted = new SortedSet<int>();
        foreach (var entry in entries)
        {
            for (var i = 0; i < stamped.Count && stamped[i].Signed.Size <= checkpoint.Size; i++)
            {
                if (stamped[i].Signed.Size > entry.Record.Seq)
                {
                    wanted.Add(i);
                    if (i > 0)
                        wanted.Add(i - 1);
                    break;
                }
            }
        }

        var newest = stamped.TakeWhile(one => one.Signed.Size <= checkpoint.Size).Count() - 1;
        if (newest >= 0)
            wanted.Add(newest);
        return [.. wanted.Select(i => new Anchor(stamped[i].Signed, tiles.Consistency(stamped[i].Signed.Size, checkpoint.Size), stamped[i].Token))];
    }

    /// <summary>The records of a bundle as they come together.</summary>
    private sealed class Gathering(Installation installation, LedgerRow ledger, SignedCheckpoint checkpoint, Func<long, CommitGroup, OpenedBlob?>? kept)
    {
        // The salt of a tag is kept with its suppression and never leaves the program, and nothing is sealed of it.
        private static readonly CommitGroup[] Sealed = [CommitGroup.Person, CommitGroup.Evidence, CommitGroup.Note];

        private readonly SortedDictionary<long, Entry> entries = [];
        private readonly TileStore tiles = installation.NotaryOf(ledger).Tiles;

        public IReadOnlyList<Entry> Entries => [.. entries.Values];

        public async Task AddAsync(long seq, IReadOnlySet<CommitGroup> open, CancellationToken cancel)
        {
            if (seq < 0 || seq >= checkpoint.Size)
                throw new CommandRefusedException("no-such-record", seq.ToString(CultureInfo.InvariantCulture));
            if (entries.ContainsKey(seq))
                return;
            var wanted = new RowsWanted();
            wanted.Records.Add(seq);
            wanted.Sealed.Add(seq);
            var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
            if (!rows.Records.TryGetValue(seq, out var row))
                throw new StoreException(StoreFault.Damaged, $"Record {seq} is missing.");
            await AddAsync(StoredRecord.Read(row), row.Body, rows.Sealed, open, cancel);
        }

        private async Task AddAsync(LedgerRecord record, byte[] body, List<SealedRow> sealedRows, IReadOnlySet<CommitGroup> open, CancellationToken cancel)
        {
            var opened = new List<(CommitGroup, byte[], byte[])>();
            var erased = new List<CommitGroup>();
            foreach (var group in Sealed)
            {
                if (record.Commits?[group] is null)
                    continue;
                var row = sealedRows.Find(row => row.Seq == record.Seq && row.Group == (short)group);
                if (row is null && kept?.Invoke(record.Seq, group) is { } again && Commitment.Of(again.Salt, again.Content) == record.Commits[group])
                    opened.Add((group, again.Salt, again.Content));
                else if (row is null)
                    erased.Add(group);
                else if (await installation.OpenAsync(record, row, cancel) is not { } blob)
                    erased.Add(group);
                else if (open.Contains(group))
                    opened.Add((group, blob.Salt, blob.Content));
            }

            entries.Add(record.Seq, new Entry(
                record, body, new TlogProof(record.Seq, [.. tiles.Inclusion(record.Seq, checkpoint.Size)], checkpoint.Note), opened, erased));
        }

        /// <summary>Where the first record is among them and says a name that the ledger had before: adds those that say why it goes on under this one.</summary>
        public async Task AddNamesAsync(CancellationToken cancel)
        {
            if (ledger.Epoch == 1 || !entries.ContainsKey(0))
                return;
            await foreach (var row in installation.Store.RecordsAsync(ledger.Ledger, 1, checkpoint.Size, cancel))
            {
                if (StoredRecord.Read(row) is { Type: RecordType.LedgerRecovered } record && !entries.ContainsKey(record.Seq))
                    await AddAsync(record, row.Body, [], new HashSet<CommitGroup>(), cancel);
            }
        }

        /// <summary>Adds the records that list what can't be opened any more.</summary>
        public async Task AddErasuresAsync(CancellationToken cancel)
        {
            foreach (var entry in entries.Values.Where(static entry => entry.Erased.Count > 0).ToList())
            {
                var wanted = new RowsWanted();
                wanted.Subjects.Add(entry.Record.Subject!.Value.Sid.ToArray());
                var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
                var records = rows.Records.Values.Select(StoredRecord.Read).ToList();
                var told = records.Find(record => record.Type == RecordType.ErasureCompleted && record.About?.Contains(entry.Record.Seq) == true);
                if (told is null && records.Exists(record => record.Type == RecordType.ErasureRequested && record.Seq > entry.Record.Seq))
                    throw new CommandRefusedException("erasure-pending", entry.Record.Seq.ToString(CultureInfo.InvariantCulture));
                if (told is null)
                    throw new StoreException(StoreFault.Damaged, $"What is sealed beside record {entry.Record.Seq} is missing, and no record says that it was erased.");
                await AddAsync(told.Seq, new HashSet<CommitGroup>(), cancel);
            }
        }
    }
}
