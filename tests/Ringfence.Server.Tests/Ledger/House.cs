using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>An installation of its own in a temporary folder, with one controller.</summary>
internal sealed class House : IAsyncDisposable
{
    public static readonly Actor Staff = new(ActorKind.Staff, "ada");
    public static readonly Actor Person = new(ActorKind.Person, "web");

    private House(string folder, Installation installation, LedgerRow ledger, LedgerWriter writer) =>
        (Folder, Installation, Ledger, Writer) = (folder, installation, ledger, writer);

    public string Folder { get; }

    public Installation Installation { get; private set; }

    public LedgerRow Ledger { get; }

    /// <summary>How many records founding a ledger writes: the genesis, the party, two keys.</summary>
    public long Founded { get; } = 4;

    public LedgerWriter Writer { get; private set; }

    public static InstallationOptions In(string folder, TimestampAuthority? authority = null) =>
        new(new StoreOptions { Folder = Path.Combine(folder, "data") }, Path.Combine(folder, "data"), Path.Combine(folder, "keys"))
        {
            Environment = static _ => null,
            Signer = SignerInside.InKeys,
            Anchors = AnchorOptions.Of(null, null, null, Path.Combine(folder, "data"), static _ => null) with { Authority = authority },
        };

    public static async Task<House> BuildAsync(TimeProvider? time = null, TimestampAuthority? authority = null, StoreOptions? store = null, string? keyring = null, Func<string, string?>? environment = null)
    {
        var folder = Directory.CreateTempSubdirectory("rf-house-").FullName;
        var options = In(folder, authority);
        var installation = await Installation.OpenAsync(options with { Store = store ?? options.Store, KeyringConnection = keyring, Environment = environment ?? options.Environment }, time ?? TimeProvider.System, CancellationToken.None);
        var ledger = await installation.AddControllerAsync("acme", "ledger.example/acme", Acme, CancellationToken.None);
        return new House(folder, installation, ledger, await installation.WriterAsync(ledger, CancellationToken.None));
    }

    /// <summary>Closes the installation; its folder stays.</summary>
    public ValueTask CloseAsync() => Installation.DisposeAsync();

    /// <summary>Opens it again, to look; whether it may be written to shows when somebody does.</summary>
    public async Task ReopenAsync(InstallationOptions? options = null, TimeProvider? time = null)
    {
        Installation = await Installation.OpenAsync(options ?? In(Folder), time ?? TimeProvider.System, CancellationToken.None);
        Writer = null!;
    }

    /// <summary>Copies the data of a closed installation aside; as somebody does who wants to put it back.</summary>
    public void CopyData(string name, bool withKeys = false)
    {
        CopyFolder(Path.Combine(Folder, "data"), Path.Combine(Folder, name));
        if (withKeys)
            CopyFolder(Path.Combine(Folder, "keys"), Path.Combine(Folder, name + "-keys"));
    }

    /// <summary>Puts a copy in the place of the data.</summary>
    public void PutBack(string name, bool withKeys = false)
    {
        Directory.Delete(Path.Combine(Folder, "data"), recursive: true);
        CopyFolder(Path.Combine(Folder, name), Path.Combine(Folder, "data"));
        if (!withKeys)
            return;
        Directory.Delete(Path.Combine(Folder, "keys"), recursive: true);
        CopyFolder(Path.Combine(Folder, name + "-keys"), Path.Combine(Folder, "keys"));
    }

    /// <summary>Every record.</summary>
    public async Task<IReadOnlyList<LedgerRecord>> RecordsAsync() =>
        [.. (await Installation.Store.RecordsAsync(Ledger.Ledger, 0, long.MaxValue, CancellationToken.None).ToListAsync()).Select(StoredRecord.Read)];

    /// <summary>What a look through all of it finds that is not as it should be.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync() =>
        [.. (await new Fsck(Installation, Ledger, full: true).RunAsync(CancellationToken.None)).All.Where(static finding => finding.Weight != FsckWeight.Warning).Select(static finding => finding.Code)];

    /// <summary>Writes so many records about nobody.</summary>
    public async Task FillAsync(int count)
    {
        Writer ??= await Installation.WriterAsync(Ledger, CancellationToken.None);
        await Writer.DoAsync(new FillCommand(count), CancellationToken.None);
    }

    private sealed class FillCommand(int count) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted)
        {
        }

        public override byte[] Run(LedgerTurn turn)
        {
            for (var i = 0; i < count; i++)
                turn.Append(RecordDraft.Of(RecordType.ConfigChanged, Staff, record => record with { Detail = LeafValue.Map.Of(("n", i)) }));
            return [];
        }
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file) != "lock"))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            File.Copy(file, copy, overwrite: true);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(copy, File.GetUnixFileMode(file));
        }
    }

    public static PartyDocument Acme { get; } = PartyDocument.Read("party.yaml", """
        format: ringfence/party/v1
        id: acme
        kind: controller
        name: Acme Ltd
        address: 1 Example Street, London
        country: GB
        contact: { email: privacy@acme.example }
        """);

    /// <summary>Words that ask for leave to send offers by text message.</summary>
    public static WordingDocument Offers { get; } = WordingOf("offers", "sms",
        "Yes, Acme Ltd may send me text messages at the number I entered above with offers for solar panels, at most 4 a month. I can stop this at any time by replying STOP. My consent is not a condition of any purchase. See the privacy notice.");

    /// <summary>Words that ask for leave to make offers by some channels, at most four a month.</summary>
    public static WordingDocument WordingOf(string id, string channels, string english) => WordingDocument.Read(id + ".yaml", $$"""
        format: ringfence/wording/v1
        id: {{id}}
        version: "1"
        sender: Acme Ltd
        channels: [{{channels}}]
        purposes: [offers]
        frequency: { most: 4, within: P1M }
        stop: { reply: STOP }
        notice: { page: "https://acme.example/privacy", version: "1" }
        choice: { kind: box, stands: apart }
        texts:
          en: >-
            {{english}}
        """);

    public PointTags Tags(string point) =>
        Installation.TagsOf(ContactPoint.TryRead(point, Region.None, out var read) ? read : throw new ArgumentException("Not a point.", nameof(point)));

    public async Task<CommandAnswer> DoAsync(LedgerCommand command)
    {
        Writer ??= await Installation.WriterAsync(Ledger, CancellationToken.None);
        return CommandAnswer.Read(await Writer.DoAsync(command, CancellationToken.None));
    }

    /// <summary>Records a yes, or a question; returns its place.</summary>
    public async Task<CommandAnswer> SaysAsync(
        string point, RecordType type = RecordType.ConsentGiven, RecordState state = RecordState.Given, string channels = "sms", string purposes = "offers", long? about = null, Ceremony ceremony = Ceremony.SingleOptIn,
        string? scan = null) =>
        await DoAsync(new RecordConsentCommand(
            new ConsentSaid
            {
                Type = type,
                State = state,
                Actor = Person,
                Tags = Tags(point),
                Scope = new RecordScope([.. channels.Split(',').Order(StringComparer.Ordinal)], [.. purposes.Split(',')]),
                Method = new CollectionMethod("web_form", ceremony),
                Evidence = scan is null ? """{"page":"https://acme.example/form"}"""u8.ToArray() : new ConsentEvidence { Method = Ringfence.Gate.ConsentMethod.Paper, Scan = ScanOf(scan)!.Digest }.ToBytes(),
                Scan = ScanOf(scan),
                About = about,
            },
            await Installation.NewPersonAsync(CancellationToken.None)));

    private static ScanFile? ScanOf(string? content) => content is null ? null : ScanFile.Read(System.Text.Encoding.ASCII.GetBytes(content));

    public Task<CommandAnswer> WithdrawAsync(string point, string? channels = null, string? purposes = null) => DoAsync(new WithdrawCommand(
        Person, [Tags(point)], ScopeArguments.Read(channels, purposes), new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "link")));

    public async Task<FoundContact?> FindAsync(string point) => await Contacts.FindAsync(Installation, Ledger, Tags(point), CancellationToken.None);

    public async Task<long> SizeAsync() => (await Installation.Store.HeadAsync(Ledger.Ledger, CancellationToken.None)).Size;

    public async Task<IReadOnlyList<SuppressionRow>> SuppressionsAsync(string point)
    {
        var wanted = new RowsWanted();
        wanted.Suppressions.UnionWith(Tags(point).Suppress);
        return [.. (await Installation.Store.LoadAsync(Ledger.Ledger, wanted, CancellationToken.None)).Suppressions.Where(static row => row.LiftedSeq is null)];
    }

    public async ValueTask DisposeAsync()
    {
        await Installation.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
