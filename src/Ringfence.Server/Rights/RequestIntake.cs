using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Rights;

/// <summary>Takes what somebody asks for by law: what it stops is stopped first, then it is written down. The same happens for everybody, known or not.</summary>
internal static class RequestIntake
{
    /// <summary>No law of a country that has a clock here may apply.</summary>
    public const string Unknown = "unknown";

    /// <summary>The longest that anybody writes.</summary>
    public const int LongestText = 4_000;

    /// <summary>As records call the way a complaint stops contact.</summary>
    public const string ComplaintWay = "complaint";

    /// <summary>As records call the way any other request does.</summary>
    public const string Way = "rights-request";

    /// <summary>The regimes that may apply, by what anybody can see: where the person says they are, where the number is, and where the controller is.</summary>
    /// <remarks>Nothing that is known of the person counts here: the date they are told would tell that they are known.</remarks>
    /// <param name="point">The number or address.</param>
    /// <param name="said">The regime that they say, or <see cref="Unknown"/>; null: they say nothing.</param>
    /// <param name="country">Where the controller is; null: not said.</param>
    public static IReadOnlyCollection<string> RegimesOf(ContactPoint point, string? said, string? country)
    {
        var regimes = new SortedSet<string>(StringComparer.Ordinal);
        var ofNumber = RegimeOf(point);
        if (ofNumber is not null)
            regimes.Add(ofNumber);
        regimes.Add(said ?? ofNumber ?? Unknown);
        if (RightsClocks.RegimeOf(country) is { } ofController)
            regimes.Add(ofController);
        return regimes;
    }

    /// <summary>Stops at once what a request stops, whoever sends it.</summary>
    /// <exception cref="Hosting.ApiFault">The store is away: it is kept here, or not even that.</exception>
    public static async Task StopAsync(Installation installation, LedgerRow ledger, Actor actor, ContactPoint point, RightsKind kind, bool isWrongNumber, CancellationToken cancel)
    {
        var stop = kind.Stops(isWrongNumber);
        if (stop == RightsStop.None)
            return;
        var tags = installation.TagsOf(point);
        // What stands because of a complaint is not theirs to open by a yes: somebody has to deal with the complaint first.
        var facts = new RefusalFacts(kind == RightsKind.Complaint ? SuppressedBy.Complaint : SuppressedBy.Person, kind switch
        {
            RightsKind.Objection or RightsKind.Erasure => SuppressionKind.Objection,
            RightsKind.Restriction => SuppressionKind.Restriction,
            _ => SuppressionKind.Suppression,
        }, kind == RightsKind.Complaint ? ComplaintWay : Way);
        await SayingNo.DoAsync(
            installation, ledger, actor, [tags], SuppressionScope.Everything, facts,
            () => stop == RightsStop.Everything ? Contacts.PointsOfAsync(installation, ledger, tags, cancel) : Task.FromResult<IReadOnlyList<PointTags>>([tags]), null, cancel);
    }

    /// <summary>Writes it down.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="ledger">Whose.</param>
    /// <param name="actor">Who writes it.</param>
    /// <param name="point">The number or address it is for.</param>
    /// <param name="kind">What is asked for.</param>
    /// <param name="text">What they wrote; empty: nothing.</param>
    /// <param name="with">What else is known of it; its words are set here.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<OpaqueId> ReceiveAsync(Installation installation, LedgerRow ledger, Actor actor, ContactPoint point, RightsKind kind, string text, Func<RequestAsked, RequestAsked> with, CancellationToken cancel)
    {
        var id = Fresh.Id();
        var words = await new RequestWords(point.Value, text, []).SealAsync(installation, id, cancel);
        var asked = with(new RequestAsked(id, kind, installation.TagsOf(point)) { Regimes = [], Language = "en", Way = "page", Words = words });
        _ = await (await installation.WriterAsync(ledger, cancel)).DoAsync(new ReceiveRequestCommand(actor, asked), cancel);
        return id;
    }

    /// <summary>Takes one that came by letter, by telephone, at the counter: stops what it stops, and writes it down.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="ledger">Whose.</param>
    /// <param name="actor">Who enters it.</param>
    /// <param name="point">The number or address it is for.</param>
    /// <param name="kind">What is asked for.</param>
    /// <param name="text">What they wrote or said; empty: nothing.</param>
    /// <param name="place">The regime of where they live, or <see cref="Unknown"/>; null: not said.</param>
    /// <param name="reason">Of a complaint.</param>
    /// <param name="day">On which it came; null: now.</param>
    /// <param name="language">In which they are written to.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<OpaqueId> EnterAsync(
        Installation installation, LedgerRow ledger, Actor actor, ContactPoint point, RightsKind kind, string text, string? place, ComplaintReason? reason, LocalDate? day, string language, CancellationToken cancel)
    {
        await StopAsync(installation, ledger, actor, point, kind, isWrongNumber: false, cancel);
        var country = (await installation.PartyDocumentAsync(ledger, cancel)).Country;
        return await ReceiveAsync(installation, ledger, actor, point, kind, text, asked => asked with
        {
            Regimes = RegimesOf(point, place, country),
            Country = country,
            Reason = kind == RightsKind.Complaint ? reason : null,
            Language = language,
            Way = "staff",
            NeedsIdentity = kind.NeedsIdentity(),
            At = day?.AtMidnight().InUtc().ToInstant(),
        }, cancel);
    }

    private static string? RegimeOf(ContactPoint point) =>
        point.Kind == PointKind.Phone && PhoneNumber.TryParse(point.Value, Region.None, out var number) ? RightsClocks.RegimeOf(number.Region.ToString()) : null;
}
