using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Rules;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>One group of a record, sealed again.</summary>
/// <param name="Seq">The record.</param>
/// <param name="Record">Its id.</param>
/// <param name="Group">0: person, 1: evidence.</param>
/// <param name="Nonce">Of the seal.</param>
/// <param name="Ciphertext">Of the seal.</param>
internal sealed record KeptRow(long Seq, string Record, short Group, byte[] Nonce, byte[] Ciphertext);

/// <summary>What is kept of the consents of somebody who was forgotten, because a law wants their proof kept; sealed by a key that opens nothing else.</summary>
/// <param name="Format"><c>ringfence/kept-proof/v1</c>.</param>
/// <param name="Key">The id of the key in the keyring.</param>
/// <param name="Controller">The controller's word.</param>
/// <param name="Sid">Who was forgotten.</param>
/// <param name="Made">When, ISO 8601.</param>
/// <param name="Until">The last day, UTC.</param>
/// <param name="Rule">The rule that wants it.</param>
/// <param name="Cites">Its provision.</param>
/// <param name="Seqs">The records of the consents.</param>
/// <param name="Rows">What is sealed.</param>
/// <param name="Scans">The records whose scan is kept too, each in a file of its own; null: none.</param>
internal sealed record KeptProof(
    string Format, string Key, string Controller, string Sid, string Made, string Until, string Rule, string Cites, IReadOnlyList<long> Seqs, IReadOnlyList<KeptRow> Rows, IReadOnlyList<long>? Scans = null)
{
    public const string Version = "ringfence/kept-proof/v1";

    [JsonIgnore]
    public LocalDate UntilDay => LocalDatePattern.Iso.Parse(Until).Value;

    [JsonIgnore]
    public OpaqueId KeyId => OpaqueId.TryParse(Key, out var id) ? id : default;

    [JsonIgnore]
    public OpaqueId SidId => OpaqueId.TryParse(Sid, out var id) ? id : default;
}

/// <summary>What is opened of proofs.</summary>
/// <param name="Proofs">The proofs.</param>
/// <param name="Blobs">What opens the groups of their records.</param>
/// <param name="Scans">The scans of the papers, by the record that names them.</param>
internal sealed record OpenedProofs(IReadOnlyList<KeptProof> Proofs, IReadOnlyDictionary<(long Seq, CommitGroup Group), OpenedBlob> Blobs, IReadOnlyDictionary<long, ScanFile> Scans)
{
    public OpenedBlob? Of(long seq, CommitGroup group) => Blobs.TryGetValue((seq, group), out var blob) ? blob : null;
}

/// <summary>The proofs of consent that stay sealed beside the erasure journal until the law lets go of them: a file for each, and one for each scan, which nobody opens but for a claim or an authority.</summary>
/// <remarks>
/// A file is on the disk before anything of the person is forgotten, and its key before the file. When its day is over the key stands in the erasure journal, is destroyed, and the file goes: stopped anywhere, it can be done again.
/// <c>docs/decisions/0015-proof-outlives-the-person.md</c>.
/// </remarks>
internal sealed class KeptProofs(Installation installation)
{
    // A file whose erasure did not come to pass is nobody's after that.
    private static readonly Duration Unused = Duration.FromDays(1);

    private const string Suffix = ".proof";
    private const string ScanSuffix = ".scan";

    private string Folder => installation.KeysFolder.Proofs;

    /// <summary>All of them, soonest ended first. What can't be read is passed over.</summary>
    public IReadOnlyList<KeptProof> All() => [.. FilesIn(Folder).Select(static file => Read(file)).OfType<KeptProof>().OrderBy(static proof => proof.Until, StringComparer.Ordinal).ThenBy(static proof => proof.Key, StringComparer.Ordinal)];

    /// <summary>Those of one person.</summary>
    public IReadOnlyList<KeptProof> Of(LedgerRow ledger, OpaqueId sid) => [.. All().Where(proof => proof.Controller == ledger.Controller && proof.SidId == sid)];

    /// <summary>What an erasure would keep of a person, and why.</summary>
    public static IReadOnlyList<ProofDuty> Duties(FoundContact found, Instant at)
    {
        var regions = found.Points().Where(static point => point.Point.Kind == PointKind.Phone)
            .ToDictionary(static point => point.Id, static point => Ringfence.Numbers.PhoneNumber.TryParse(point.Point.Value, Ringfence.Numbers.Region.None, out var number) && !number.Region.IsNone ? number.Region.ToString() : null);
        return ProofDuty.Of(found.Person, Rulebook.Shipped, PlacesOf, at);

        // As the gate sees it: the law of where they live, and of where the number says.
        IReadOnlyCollection<string> PlacesOf(OpaqueId? point) =>
            [.. new[] { found.Person.Residence?[..2], point is { } id ? regions.GetValueOrDefault(id) : null }.OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Seals what has to be kept of somebody who is about to be forgotten: one key for each day on which something ends.</summary>
    /// <returns>What is kept; it is on the disk.</returns>
    public async Task<IReadOnlyList<KeptProof>> KeepAsync(LedgerRow ledger, FoundContact found, CancellationToken cancel)
    {
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        var duties = Duties(found, now);
        if (duties.Count == 0)
            return [];
        var records = found.Person.Records.ToDictionary(static record => record.Seq);
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Sealed.UnionWith(duties.SelectMany(static duty => duty.Seqs));
        wanted.Sealed.UnionWith(found.Person.CarriedBy);
        var opened = new Dictionary<(long Seq, CommitGroup Group), OpenedBlob>();
        foreach (var row in (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Sealed.Where(static row => row.Group is (short)CommitGroup.Person or (short)CommitGroup.Evidence))
        {
            if (records.TryGetValue(row.Seq, out var record) && await installation.OpenAsync(record, row, cancel) is { } blob)
                opened[(row.Seq, (CommitGroup)row.Group)] = blob;
        }

        var kept = new List<KeptProof>();
        foreach (var same in duties.GroupBy(static duty => (duty.Until, duty.Rule)))
        {
            var key = Fresh.Id();
            (await installation.Keyring.CreateAsync([key], cancel)).Dispose();
            using var sealer = await installation.Keyring.FindAsync(key, cancel) ?? throw new InvalidOperationException("A key that was just made is not there.");
            var rows = new List<KeptRow>();
            foreach (var (seq, group) in same.SelectMany(duty => OpeningsOf(duty, found.Person, opened)).Distinct().Order())
            {
                var blob = opened[(seq, group)];
                var again = sealer.Seal(records[seq].Id, group, blob.Salt, blob.Content);
                rows.Add(new KeptRow(seq, records[seq].Id.ToString(), (short)group, again.Nonce, again.Ciphertext));
            }

            if (rows.Count == 0)
                continue;
            var proof = new KeptProof(
                KeptProof.Version, key.ToString(), ledger.Controller, found.Person.Sid.ToString(), InstantPattern.ExtendedIso.Format(now), LocalDatePattern.Iso.Format(same.Key.Until), same.Key.Rule.Id, same.Key.Rule.Cites,
                [.. same.SelectMany(static duty => duty.Seqs).Distinct().Order()], rows);
            proof = proof with { Scans = proof.Seqs.Where(seq => KeptScan.IsBeside(records[seq]) && rows.Exists(row => row.Seq == seq)).ToArray() is [_, ..] scans ? scans : null };
            DurableFile.MakeFolder(Folder);
            // Invariant: what is named here and not there is of an erasure that did not come to pass.
            DurableFile.Create(FileOf(proof.Key), ToBytes(proof));
            kept.Add(proof);
            foreach (var seq in proof.Scans ?? [])
            {
                // Without the paper itself its digest proves nothing.
                var scan = await KeptScan.OpenAsync(installation, ledger, records[seq], cancel) ?? throw new StoreException(StoreFault.Damaged, $"The scan beside record {seq} is missing.");
                var again = sealer.SealScan(records[seq].Id, scan.Content.Span);
                DurableFile.Create(ScanOf(proof.Key, seq), [.. again.Nonce, .. again.Ciphertext]);
            }
        }

        return kept;
    }

    /// <summary>Lets go of some: their keys are destroyed, and can't come back with an old backup; then the files go.</summary>
    public async Task EndAsync(IReadOnlyCollection<KeptProof> proofs, CancellationToken cancel)
    {
        if (proofs.Count == 0)
            return;
        var journaled = installation.Journal.ReadAll().ToHashSet();
        foreach (var proof in proofs.Where(proof => !journaled.Contains(proof.KeyId)))
            installation.Journal.Append(proof.KeyId);
        _ = await installation.Keyring.DestroyAsync([.. proofs.Select(static proof => proof.KeyId)], cancel);
        foreach (var proof in proofs)
        {
            foreach (var seq in proof.Scans ?? [])
                File.Delete(ScanOf(proof.Key, seq));
            File.Delete(FileOf(proof.Key));
        }

        DurableFile.SyncFolder(Folder);
    }

    /// <summary>Lets go of what is due in a ledger: whose last day is over, and what was sealed for an erasure that did not come to pass.</summary>
    /// <returns>How many.</returns>
    public async Task<int> EndDueAsync(LedgerRow ledger, Actor actor, CancellationToken cancel)
    {
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        var today = now.InUtc().Date;
        var own = All().Where(proof => proof.Controller == ledger.Controller).ToArray();
        var due = own.Where(proof => proof.UntilDay < today).ToArray();
        var unused = new List<KeptProof>();
        foreach (var proof in own.Where(proof => InstantPattern.ExtendedIso.Parse(proof.Made).Value + Unused < now))
        {
            if (await Contacts.FindAsync(installation, ledger, proof.SidId, cancel) is { Person.Status: not PersonStatus.Erased })
                unused.Add(proof);
        }

        await EndAsync(unused, cancel);
        await EndAsync([.. due.Except(unused)], cancel);
        if (due.Except(unused).ToArray() is not [_, ..] ended)
            return unused.Count;
        var writer = await installation.WriterAsync(ledger, cancel);
        foreach (var same in ended.GroupBy(static proof => proof.SidId))
            _ = await writer.DoAsync(new ProofEndedCommand(actor, same.Key, same.Count()), cancel);
        return unused.Count + ended.Length;
    }

    /// <summary>Opens what is kept of the consent given with a number or address.</summary>
    /// <returns>None: nothing is kept of it.</returns>
    public async Task<OpenedProofs> OpenAsync(LedgerRow ledger, ContactPoint point, CancellationToken cancel)
    {
        var (proofs, all, scans) = (new List<KeptProof>(), new Dictionary<(long, CommitGroup), OpenedBlob>(), new Dictionary<long, ScanFile>());
        foreach (var proof in All().Where(proof => proof.Controller == ledger.Controller))
        {
            using var sealer = await installation.Keyring.FindAsync(proof.KeyId, cancel);
            if (sealer is null)
                continue;
            var opened = new Dictionary<(long, CommitGroup), OpenedBlob>();
            foreach (var row in proof.Rows)
            {
                if (OpaqueId.TryParse(row.Record, out var record) && sealer.TryOpen(record, (CommitGroup)row.Group, new SealedBlob(row.Nonce, row.Ciphertext), out var blob))
                    opened[(row.Seq, (CommitGroup)row.Group)] = blob;
            }

            if (!opened.Any(one => one.Key.Item2 == CommitGroup.Person && Names(PersonalData.Read(one.Value.Content), point)))
                continue;
            proofs.Add(proof);
            foreach (var (at, blob) in opened)
                all[at] = blob;
            foreach (var seq in proof.Scans ?? [])
            {
                var bytes = await File.ReadAllBytesAsync(ScanOf(proof.Key, seq), cancel);
                var record = proof.Rows.Where(row => row.Seq == seq).Select(static row => OpaqueId.TryParse(row.Record, out var id) ? id : default).FirstOrDefault();
                scans[seq] = bytes.Length > Sealer.NonceBytes && sealer.OpenScan(record, new SealedBlob(bytes[..Sealer.NonceBytes], bytes[Sealer.NonceBytes..])) is { } content && ScanFile.Read(content) is { } scan
                    ? scan
                    : throw new StoreException(StoreFault.Damaged, $"The scan of record {seq} that is kept is not what was sealed.");
            }
        }

        return new OpenedProofs(proofs, all, scans);
    }

    /// <summary>The proofs in a folder of them.</summary>
    public static IEnumerable<string> FilesIn(string folder) => FilesIn(folder, Suffix);

    /// <summary>The same with the scans that belong to them.</summary>
    public static IEnumerable<string> EverythingIn(string folder) => [.. FilesIn(folder, Suffix), .. FilesIn(folder, ScanSuffix)];

    /// <summary>Takes back from a copy what is not in its place, unless its key is destroyed.</summary>
    public async Task TakeBackAsync(string copies, CancellationToken cancel)
    {
        foreach (var proof in FilesIn(copies).Select(static file => Read(file)).OfType<KeptProof>().Where(proof => !File.Exists(FileOf(proof.Key))))
        {
            using var sealer = await installation.Keyring.FindAsync(proof.KeyId, cancel);
            if (sealer is null)
                continue;
            DurableFile.MakeFolder(Folder);
            // The proof last: whoever finds it has its scans.
            foreach (var seq in (proof.Scans ?? []).Where(seq => !File.Exists(ScanOf(proof.Key, seq))))
                DurableFile.Create(ScanOf(proof.Key, seq), await File.ReadAllBytesAsync(Path.Combine(copies, ScanName(proof.Key, seq)), cancel));
            DurableFile.Create(FileOf(proof.Key), ToBytes(proof));
        }
    }

    // What shows the yes, and whose it is: the records of the consent, and where these do not say it, the first that tells the number or address.
    private static IEnumerable<(long Seq, CommitGroup Group)> OpeningsOf(ProofDuty duty, Person person, Dictionary<(long Seq, CommitGroup Group), OpenedBlob> opened)
    {
        foreach (var seq in duty.Seqs)
        {
            foreach (var group in (CommitGroup[])[CommitGroup.Person, CommitGroup.Evidence])
            {
                if (opened.ContainsKey((seq, group)))
                    yield return (seq, group);
            }
        }

        if (duty.Point is { } point && !duty.Seqs.Any(seq => Tells(seq, point)))
        {
            foreach (var seq in person.CarriedBy.Where(seq => Tells(seq, point)).Take(1))
                yield return (seq, CommitGroup.Person);
        }

        bool Tells(long seq, OpaqueId point) =>
            opened.TryGetValue((seq, CommitGroup.Person), out var blob) && PersonalData.Read(blob.Content) is var data && (data.Phones?.ContainsKey(point.ToString()) == true || data.Emails?.ContainsKey(point.ToString()) == true);
    }

    private static bool Names(PersonalData data, ContactPoint point) => (data.Phones?.ContainsValue(point.Value) ?? false) || (data.Emails?.ContainsValue(point.Value) ?? false);

    private static IEnumerable<string> FilesIn(string folder, string suffix) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + suffix).Order(StringComparer.Ordinal) : [];

    private string FileOf(string key) => Path.Combine(Folder, key + Suffix);

    private string ScanOf(string key, long seq) => Path.Combine(Folder, ScanName(key, seq));

    private static string ScanName(string key, long seq) => FormattableString.Invariant($"{key}.{seq}{ScanSuffix}");

    private static byte[] ToBytes(KeptProof proof) => JsonSerializer.SerializeToUtf8Bytes(proof, KeptProofJson.Default.KeptProof);

    private static KeptProof? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), KeptProofJson.Default.KeptProof) is { Format: KeptProof.Version } proof
                && proof.Key == Path.GetFileNameWithoutExtension(file) && OpaqueId.TryParse(proof.Key, out _) && LocalDatePattern.Iso.Parse(proof.Until).Success && InstantPattern.ExtendedIso.Parse(proof.Made).Success ? proof : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Says that proofs of consent of somebody who was forgotten are gone, too.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="sid">Whose.</param>
/// <param name="count">How many.</param>
internal sealed class ProofEndedCommand(Actor actor, OpaqueId sid, int count) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Subjects.Add(sid.ToArray());

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.KeyDestroyed, actor, record => record with
    {
        Subject = new Subject(sid),
        Detail = LeafValue.Map.Of(("proofs", count)),
    })).Seq, sid.ToString()).ToBytes();
}

/// <summary>Somebody is about to have the proof of a consent of a person who was forgotten: written down before it is handed out.</summary>
/// <param name="actor">Who.</param>
/// <param name="proofs">Which.</param>
/// <param name="reason">Why.</param>
internal sealed class RevealProofCommand(Actor actor, IReadOnlyList<KeptProof> proofs, string reason) : LedgerCommand
{
    /// <summary>What it may be opened for: GDPR Art 17(3)(b) and (e).</summary>
    public static readonly string[] Reasons = ["legal-claim", "authority"];

    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var seq = -1L;
        foreach (var proof in proofs)
        {
            seq = turn.Append(RecordDraft.Of(RecordType.StaffRevealed, actor, record => record with
            {
                Detail = LeafValue.Map.Of(("view", "proof"), ("proof", proof.KeyId), ("reason", reason)),
            })).Seq;
        }

        return new CommandAnswer(seq, null).ToBytes();
    }
}

[JsonSerializable(typeof(KeptProof))]
internal sealed partial class KeptProofJson : JsonSerializerContext;
