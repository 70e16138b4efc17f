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

    public Installation Installation { get; }

    public LedgerRow Ledger { get; }

    public LedgerWriter Writer { get; }

    public static InstallationOptions In(string folder) =>
        new(new StoreOptions { Folder = Path.Combine(folder, "data") }, Path.Combine(folder, "data"), Path.Combine(folder, "keys")) { Environment = static _ => null };

    public static async Task<House> BuildAsync(TimeProvider? time = null)
    {
        var folder = Directory.CreateTempSubdirectory("rf-house-").FullName;
        var installation = await Installation.OpenAsync(In(folder), time ?? TimeProvider.System, CancellationToken.None);
        var ledger = await installation.AddControllerAsync("acme", "ledger.example/acme", Acme, CancellationToken.None);
        return new House(folder, installation, ledger, await installation.WriterAsync(ledger, CancellationToken.None));
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

    public PointTags Tags(string point) =>
        Installation.TagsOf(ContactPoint.TryRead(point, Region.None, out var read) ? read : throw new ArgumentException("Not a point.", nameof(point)));

    public async Task<CommandAnswer> DoAsync(LedgerCommand command) => CommandAnswer.Read(await Writer.DoAsync(command, CancellationToken.None));

    /// <summary>Records a yes, or a question; returns its place.</summary>
    public async Task<CommandAnswer> SaysAsync(
        string point, RecordType type = RecordType.ConsentGiven, RecordState state = RecordState.Given, string channels = "sms", string purposes = "offers", long? about = null, Ceremony ceremony = Ceremony.SingleOptIn) =>
        await DoAsync(new RecordConsentCommand(
            new ConsentSaid
            {
                Type = type,
                State = state,
                Actor = Person,
                Tags = Tags(point),
                Scope = new RecordScope([.. channels.Split(',').Order(StringComparer.Ordinal)], [.. purposes.Split(',')]),
                Method = new CollectionMethod("web_form", ceremony),
                Evidence = """{"page":"https://acme.example/form"}"""u8.ToArray(),
                About = about,
            },
            await Installation.NewPersonAsync(CancellationToken.None)));

    public Task<CommandAnswer> WithdrawAsync(string point, string? channels = null, string? purposes = null) => DoAsync(new WithdrawCommand(
        Person, [Tags(point)], ScopeArguments.Read(channels, purposes), new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "link")));

    public async Task<FoundContact?> FindAsync(string point) => await Contacts.FindAsync(Installation, Ledger, Tags(point), CancellationToken.None);

    public async Task<long> SizeAsync() => (await Installation.Store.HeadAsync(Ledger.Ledger, CancellationToken.None)).Size;

    public async Task<IReadOnlyList<SuppressionRow>> SuppressionsAsync(string point)
    {
        var wanted = new RowsWanted();
        wanted.Suppressions.Add(Tags(point).Suppress);
        return [.. (await Installation.Store.LoadAsync(Ledger.Ledger, wanted, CancellationToken.None)).Suppressions.Where(static row => row.LiftedSeq is null)];
    }

    public async ValueTask DisposeAsync()
    {
        await Installation.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
