using System.Collections.Concurrent;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.People;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Suppression.Registers;

namespace Ringfence.Server.Ledger;

/// <summary>Where an installation keeps its things.</summary>
/// <param name="Store">The store of the ledgers.</param>
/// <param name="Data">The folder of the embedded store, or of what a node keeps beside PostgreSQL.</param>
/// <param name="Keys">The folder of the keys; null: beside the data.</param>
/// <param name="KeyringConnection">PostgreSQL database of the keyring, where several nodes share it; null: a file in the folder of the keys.</param>
internal sealed record InstallationOptions(StoreOptions Store, string Data, string? Keys, string? KeyringConnection = null)
{
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>Where checkpoints are carried to; null: as the environment says, else files beside the data.</summary>
    public AnchorOptions? Anchors { get; init; }

    /// <summary>Who signs checkpoints, given the folder of the keys; null: as the environment says, else a process started for it.</summary>
    public Func<string, SignerClient>? Signer { get; init; }

    /// <summary>Whether it is opened to be looked at as it is: nothing is made, brought forward, gone on with or applied.</summary>
    public bool AsItIs { get; init; }
}

/// <summary>One installation: its store, its keys, its controllers and their ledgers. Nothing else opens them.</summary>
internal sealed partial class Installation : IAsyncDisposable
{
    // Of a new ledger, to take a number before others do.
    private const int MostTries = 16;

    private readonly ConcurrentDictionary<long, LedgerWriter> writers = [];
    private readonly SecretKey lookupKey;
    private readonly SuppressionKeysInUse suppressionKeys;
    private readonly TimeProvider time;

    private Installation(
        InstallationOptions options, KeysFolder keys, ILedgerStore store, Keyring keyring, ErasureJournal journal, SecretKey lookupKey, SecretKey tokenKey, SuppressionKeys suppressionKeys,
        TimeProvider time)
    {
        (Options, Store, Keyring, Journal) = (options, store, keyring, journal);
        (this.lookupKey, this.suppressionKeys, this.time) = (lookupKey, new SuppressionKeysInUse(keyring, suppressionKeys), time);
        Links = new PersonLinks(tokenKey);
        Seals = new Gateways.ReportSeals(tokenKey);
        Results = new Rights.ResultNotes(tokenKey);
        Registers = new RegisterScreen(options.Data, time);
        Signer = options.Signer?.Invoke(keys.Path) ?? new SignerClient(SignerPlace.Of(keys.Path, options.Environment));
        Anchors = options.Anchors ?? AnchorOptions.Of(null, null, null, options.Data, options.Environment);
    }

    public InstallationOptions Options { get; }

    /// <summary>Where its keys lie.</summary>
    public KeysFolder KeysFolder => KeysFolder.For(Options.Keys, Options.Data, Options.Environment);

    public ILedgerStore Store { get; }

    public Keyring Keyring { get; }

    public ErasureJournal Journal { get; }

    public TimeProvider Time => time;

    /// <summary>What stands in links that people are sent.</summary>
    public PersonLinks Links { get; }

    /// <summary>What messages carry so that a report on them can be believed.</summary>
    public Gateways.ReportSeals Seals { get; }

    /// <summary>Notes who has to be told, by law, what came of what they said.</summary>
    public Rights.ResultNotes Results { get; }

    /// <summary>The registers of others that it keeps.</summary>
    public RegisterScreen Registers { get; }

    /// <summary>How many keys the tag of a new suppression goes through.</summary>
    public short SuppressionChain => (short)suppressionKeys.Current.Versions;

    /// <summary>The keys by which numbers and addresses are suppressed.</summary>
    public SuppressionKeysInUse SuppressionKeys => suppressionKeys;

    /// <summary>Opens what is there; makes it, where there is nothing at all and it may be made.</summary>
    /// <exception cref="StoreException">The store can't be used.</exception>
    /// <exception cref="KeysException">The keys can't be used. Keys are never made for a store that holds something.</exception>
    /// <exception cref="BackupException">A restore was begun there and not ended.</exception>
    public static async Task<Installation> OpenAsync(InstallationOptions options, TimeProvider time, CancellationToken cancel)
    {
        if (options.AsItIs)
            options = options with { Store = options.Store with { Migrate = false } };
        else
            RestorePlace.RequireNone(options.Data);
        var folder = KeysFolder.For(options.Keys, options.Data, options.Environment);
        var store = await LedgerStores.OpenAsync(options.Store, cancel);
        Installation? installation = null;
        try
        {
            // New keys for old data would neither open what is sealed nor know who must not be contacted. A first start that was stopped half-way goes on.
            var create = !options.AsItIs && (await store.LedgersAsync(cancel)).Count == 0;
            var (keyring, journal) = await folder.OpenAsync(options.KeyringConnection, create, options.Environment, time, cancel);
            installation = new Installation(options, folder, store, keyring, journal, await keyring.LookupKeyAsync(cancel), await keyring.TokenKeyAsync(cancel), await keyring.SuppressionKeysAsync(cancel), time);
            // An old keyring beside newer data would find nobody suppressed.
            foreach (var ledger in await installation.NewestLedgersAsync(cancel))
                await installation.suppressionKeys.RequireAsync((await store.SuppressionChainsAsync(ledger.Ledger, cancel)).Most, cancel);
            if (options.AsItIs)
                return installation;
            try
            {
                await installation.GoOnAsync(cancel);
            }
            catch (LedgerAlarmException)
            {
                // Nothing may be written to this ledger until somebody found out why; what is kept stays kept, and it may still be looked at.
            }

            return installation;
        }
        catch
        {
            await (installation?.DisposeAsync() ?? store.DisposeAsync());
            throw;
        }
    }

    /// <summary>All controllers.</summary>
    public async Task<IReadOnlyList<LedgerRow>> LedgersAsync(CancellationToken cancel) => await Store.LedgersAsync(cancel);

    /// <summary>Of every controller the ledger that goes on: the newest epoch of each lane.</summary>
    public async Task<IReadOnlyList<LedgerRow>> NewestLedgersAsync(CancellationToken cancel) => LedgersAsLastRead =
        [.. (await Store.LedgersAsync(cancel)).GroupBy(static row => (row.Controller, row.Lane)).Select(static group => group.MaxBy(static row => row.Epoch)!).OrderBy(static row => row.Ledger)];

    /// <summary>What <see cref="NewestLedgersAsync"/> gave last: for what can't wait until the store is back.</summary>
    public IReadOnlyList<LedgerRow> LedgersAsLastRead { get; private set; } = [];

    /// <summary>The ledger of a controller; the only one where none is named.</summary>
    /// <exception cref="CommandRefusedException"><c>no-controller</c>, <c>which-controller</c>, <c>unknown-controller</c>.</exception>
    public async Task<LedgerRow> LedgerAsync(string? controller, CancellationToken cancel)
    {
        var all = await Store.LedgersAsync(cancel);
        if (all.Count == 0)
            throw new CommandRefusedException("no-controller");
        // Of a controller's epochs the newest goes on.
        var newest = all.GroupBy(static row => row.Controller, StringComparer.Ordinal).Select(static group => group.MaxBy(static row => row.Epoch)!).ToList();
        if (controller is null)
            return newest.Count == 1 ? newest[0] : throw new CommandRefusedException("which-controller", string.Join(", ", newest.Select(static row => row.Controller)));
        return newest.Find(row => row.Controller == controller)
            ?? throw new CommandRefusedException("unknown-controller", controller, string.Join(", ", newest.Select(static row => row.Controller)));
    }

    /// <summary>Founds the ledger of a new controller.</summary>
    /// <param name="word">Its short word: small letters, digits and dashes.</param>
    /// <param name="origin">The origin of its checkpoints, without epoch.</param>
    /// <param name="party">Who it is.</param>
    /// <param name="cancel">Gives up before anything was written.</param>
    /// <param name="by">Who says so; null: whoever has the machine.</param>
    public async Task<LedgerRow> AddControllerAsync(string word, string origin, PartyDocument party, CancellationToken cancel, Actor? by = null)
    {
        // The signer knows a ledger from its first record on, so that none can be put in its place.
        IReadOnlyList<SignerKey>? keys = null;
        LedgerRow? ledger;
        for (var tries = 0; ; tries++)
        {
            var all = await Store.LedgersAsync(cancel);
            ledger = all.FirstOrDefault(row => row.Controller == word);
            // One that was stopped half-way goes on: nothing was recorded of it yet.
            if (ledger is not null && (ledger.Origin != origin + "/e1" || (await Store.HeadAsync(ledger.Ledger, cancel)).Size > 0))
                throw new CommandRefusedException("controller-there", word);
            keys ??= await Notary.BeginAsync(Signer, origin + "/e1", cancel);
            if (ledger is not null)
                break;
            ledger = new LedgerRow(all.Count == 0 ? 1 : all.Max(static row => row.Ledger) + 1, word, origin + "/e1", 0, 1, 1);
            try
            {
                await Store.CreateLedgerAsync(ledger, cancel);
                break;
            }
            catch (StoreException e) when (e.Fault == StoreFault.Taken && tries < MostTries)
            {
                // Another was founded in the same moment, and took the number.
            }
        }

        var publish = new PublishCommand(by ?? LedgerActors.Program, "party", "application/json", party.ToBytes(), "und", "1");
        await (await WriterAsync(ledger, publish.Digest, cancel)).DoAsync(new FoundCommand(ledger, publish, keys), cancel);
        return ledger;
    }

    /// <summary>The one writer of a ledger on this node.</summary>
    public Task<LedgerWriter> WriterAsync(LedgerRow ledger, CancellationToken cancel) => WriterAsync(ledger, null, cancel);

    /// <summary>A writer that does to another store what this one's would do: what is tried and thrown away. To be disposed of by itself.</summary>
    public async Task<LedgerWriter> WriterOnAsync(LedgerRow ledger, ILedgerStore store, CancellationToken cancel) =>
        new(store, ledger, Keyring, await PartyAsync(ledger, cancel), suppressionKeys, time) { Results = Results };

    /// <summary>The keyed hashes of a number or address.</summary>
    public PointTags TagsOf(ContactPoint point) => new(point, lookupKey.Mac("ringfence/lookup/v1", point.Value), suppressionKeys);

    /// <summary>The keys by which a whole list is compared with what is suppressed: those of the newest entry at least.</summary>
    /// <exception cref="KeysException">Code <c>keyring-older</c>: nobody can tell who must not be contacted.</exception>
    public async Task<SuppressionKeys> SuppressionKeysOfAsync(LedgerRow ledger, CancellationToken cancel)
    {
        await suppressionKeys.RequireAsync((await Store.SuppressionChainsAsync(ledger.Ledger, cancel)).Most, cancel);
        return suppressionKeys.Current;
    }

    /// <summary>The keyed hashes of a number or address, written where they are wanted: 32 bytes each.</summary>
    public void WriteTags(SuppressionKeys keys, string point, Span<byte> lookup, Span<byte> suppress)
    {
        lookupKey.Mac("ringfence/lookup/v1", point).CopyTo(lookup);
        keys.Tag(point).CopyTo(suppress);
    }

    /// <summary>The tag of a suppression under the newest key.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="chain">How many keys it went through.</param>
    public byte[] Renewed(byte[] tag, short chain) => suppressionKeys.Current.Renew(new ContactTag(tag), chain).ToArray();

    /// <summary>What was said of some numbers and addresses, under whatever key; what was lifted too.</summary>
    /// <exception cref="KeysException">Code <c>keyring-older</c>: nobody can tell.</exception>
    public async Task<IReadOnlyList<SuppressionRow>> SuppressionsAsync(LedgerRow ledger, IReadOnlyCollection<PointTags> points, CancellationToken cancel) =>
        (await LoadAsync(ledger, points, new RowsWanted { WithRecords = false }, cancel)).Suppressions;

    /// <summary>What is asked for, and what was said of some numbers and addresses, in one view.</summary>
    /// <exception cref="KeysException">Code <c>keyring-older</c>: nobody can tell who must not be contacted.</exception>
    public async Task<StoredRows> LoadAsync(LedgerRow ledger, IReadOnlyCollection<PointTags> points, RowsWanted wanted, CancellationToken cancel)
    {
        while (true)
        {
            var keys = suppressionKeys.Current;
            wanted.Suppressions.UnionWith(points.SelectMany(tags => tags.Under(keys)));
            var rows = await Store.LoadAsync(ledger.Ledger, wanted, cancel);
            if (!await suppressionKeys.RequireAsync(rows.SuppressionChain, cancel) && rows.SuppressionChain <= keys.Versions)
                return rows;
        }
    }

    /// <summary>A new person, whose key is on the disk already.</summary>
    public async Task<OpaqueId> NewPersonAsync(CancellationToken cancel)
    {
        var sid = Fresh.Id();
        (await Keyring.CreateAsync([sid], cancel)).Dispose();
        return sid;
    }

    /// <summary>Opens one group of a record.</summary>
    /// <returns>Salt and content; null where it was erased or never was.</returns>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: it is there and does not open, or is not what the record committed to.</exception>
    public async Task<OpenedBlob?> OpenAsync(LedgerRecord record, SealedRow row, CancellationToken cancel)
    {
        var group = (CommitGroup)row.Group;
        var sid = record.Subject?.Sid ?? throw new StoreException(StoreFault.Damaged, $"Something is sealed beside record {record.Seq}, which is about nobody.");
        using var sealer = await Keyring.FindAsync(sid, cancel);
        if (sealer is null)
            return null;
        if (!sealer.TryOpen(record.Id, group, new SealedBlob(row.Nonce, row.Ciphertext), out var opened)
            || record.Commits?[group] != Commitment.Of(opened.Salt, opened.Content))
        {
            throw new StoreException(StoreFault.Damaged, $"What is sealed beside record {record.Seq} is not what the record committed to.");
        }

        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in writers.Values)
            await writer.DisposeAsync();
        foreach (var notary in notaries.Values)
            notary.Dispose();
        await Signer.DisposeAsync();
        lookupKey.Dispose();
        Links.Dispose();
        suppressionKeys.Dispose();
        Journal.Dispose();
        await Keyring.DisposeAsync();
        await Store.DisposeAsync();
    }

    /// <summary>Keeps withdrawals on this machine while the store can't be reached. They are not acknowledged by that, and this node contacts nobody until they are applied.</summary>
    public static void Spool(InstallationOptions options, params IReadOnlyList<SpooledWithdrawal> withdrawals)
    {
        var folder = KeysFolder.For(options.Keys, options.Data, options.Environment);
        using var keys = KeyProvider.Open(folder, options.Environment);
        new WithdrawalSpool(WithdrawalSpool.FileIn(options.Data), keys).Keep(withdrawals);
    }

    /// <summary>How many withdrawals that waited were put into the ledger since it was opened, and how many erasures that had been cut off were ended.</summary>
    public (int Withdrawals, int Erasures) GoneOnWith { get; private set; }

    /// <summary>Goes on with what was cut off, before anything else: withdrawals that came while the store was away, then erasures.</summary>
    /// <exception cref="LedgerAlarmException">A ledger is not what was signed before; what is kept stays kept.</exception>
    public async Task GoOnAsync(CancellationToken cancel)
    {
        GoneOnWith = (GoneOnWith.Withdrawals + await ApplySpoolAsync(cancel), GoneOnWith.Erasures);
        GoneOnWith = (GoneOnWith.Withdrawals, GoneOnWith.Erasures + await Rights.Erasure.ResumeAsync(this, cancel));
    }

    /// <summary>Writes what came while the store was away.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> ApplySpoolAsync(CancellationToken cancel)
    {
        if (WithdrawalSpool.IsEmpty(Options.Data))
            return 0;
        using var keys = KeyProvider.Open(KeysFolder, Options.Environment);
        var spool = new WithdrawalSpool(WithdrawalSpool.FileIn(Options.Data), keys);
        var all = spool.ReadAll();
        foreach (var kept in all)
        {
            var ledger = await LedgerAsync(kept.Controller, cancel);
            var (named, every) = await MeantAsync(kept, ledger, cancel);
            // Erased meanwhile: nothing is held by which they could be contacted.
            if (named.Count == 0)
                continue;
            var writer = await WriterAsync(ledger, cancel);
            var facts = new RefusalFacts((Ringfence.Gate.SuppressedBy)kept.Said, (Ringfence.Gate.SuppressionKind)kept.Kind, kept.Way, Micros.ToInstant(kept.Micros), EventSource.Server)
            {
                Answer = Rights.AnswerTo.Of((Channel?)kept.AnswerVia, kept.AnswerIn),
            };
            await writer.DoAsync(
                new WithdrawCommand(new Actor((ActorKind)kept.Taker, kept.By), named, new SuppressionScope((ChannelSet)kept.Channels, kept.Purposes), facts, every)
                {
                    ClientKey = new ClientKey("spool", kept.Id, TreeHash.Sha256(System.Text.Encoding.UTF8.GetBytes(kept.Id)).Bytes.ToArray()),
                },
                cancel);
        }

        spool.Remove(all);
        return all.Count;
    }

    // Whoever wants to be left alone altogether means every number and address of theirs; which those are could not be looked up then.
    private async Task<(IReadOnlyList<PointTags> Named, IReadOnlyList<PointTags>? Every)> MeantAsync(SpooledWithdrawal kept, LedgerRow ledger, CancellationToken cancel)
    {
        var isAll = (ChannelSet)kept.Channels == ChannelSet.All;
        if (kept.Link is not { } link)
        {
            var tags = ContactPoint.TryRead(kept.Point, Ringfence.Numbers.Region.None, out var told) ? TagsOf(told) : throw KeysException.Damaged(WithdrawalSpool.FileIn(Options.Data), 1);
            return ([tags], isAll ? await Contacts.PointsOfAsync(this, ledger, tags, cancel) : null);
        }

        if (!OpaqueId.TryParse(link.Subject, out var subject) || !OpaqueId.TryParse(link.Point, out var point))
            throw KeysException.Damaged(WithdrawalSpool.FileIn(Options.Data), 1);
        if (await Contacts.FindAsync(this, ledger, subject, cancel) is not { Person.Status: not PersonStatus.Erased } found)
            return ([], null);
        IReadOnlyList<PointTags> theirs = [.. found.Points().Select(one => TagsOf(one.Point))];
        IReadOnlyList<PointTags> named = [.. found.Points().Where(one => one.Id == point).Select(one => TagsOf(one.Point))];
        // The one that the link was sent to is theirs no longer: then it is meant of whatever is.
        return (named.Count > 0 ? named : theirs, isAll ? theirs : null);
    }

    private async Task<LedgerWriter> WriterAsync(LedgerRow ledger, Digest? party, CancellationToken cancel)
    {
        if (writers.TryGetValue(ledger.Ledger, out var known))
            return known;
        if (party is null)
            await RequireKnownAsync(ledger, cancel);
        var writer = new LedgerWriter(Store, ledger, Keyring, party ?? await PartyAsync(ledger, cancel), suppressionKeys, time) { Results = Results };
        // Two may come at once; there is one writer all the same.
        var one = writers.GetOrAdd(ledger.Ledger, writer);
        if (one != writer)
            await writer.DisposeAsync();
        return one;
    }

    /// <summary>The party document of a ledger's controller: every record names that of its day, and the newest one's is in force.</summary>
    public async Task<Digest> PartyAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var head = await Store.HeadAsync(ledger.Ledger, cancel);
        await foreach (var row in Store.RecordsAsync(ledger.Ledger, head.Size - 1, head.Size, cancel))
            return StoredRecord.Read(row).Controller;
        throw new StoreException(StoreFault.Damaged, "The newest record of the ledger is missing.");
    }

    /// <summary>Who the controller of a ledger is by now.</summary>
    public async Task<Ringfence.Consent.PartyDocument> PartyDocumentAsync(LedgerRow ledger, CancellationToken cancel) =>
        await Store.DocumentAsync(ledger, await PartyAsync(ledger, cancel), cancel) is { } row
            ? Ringfence.Consent.PartyDocument.FromBytes(row.Bytes) : throw new StoreException(StoreFault.Damaged, "The document of the controller is missing.");
}
