using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Suppression;

/// <summary>A no as a form of a page says it: how far it reaches, how it came, in whose words. Where that is unclear, everything is meant.</summary>
internal sealed class RefusalForm
{
    private const string Everything = "all";
    private const string SomeChannels = "channels";
    private const string SomePurposes = "purposes";

    // As they are heard by staff; what programs hear comes by the API.
    public static readonly string[] Ways = ["agent", "call", "person", "email", "letter", "keyword", "preference-centre"];

    private static readonly SuppressedBy[] Causes = [SuppressedBy.Controller, SuppressedBy.Complaint, SuppressedBy.Regulator, SuppressedBy.Platform];

    private readonly SaidNo? said;
    private readonly SuppressedBy by = SuppressedBy.Person;
    private readonly SuppressionKind kind = SuppressionKind.Suppression;
    private readonly string way;

    private RefusalForm(PageCall call, PageForm form, bool isOfPerson)
    {
        To = form.TextOrNull("to");
        Point = State.Keep("point", form.TextOrNull("point"));
        var reach = State.Keep("reach", form.TextOrNull("reach"));
        var channels = ChannelsOf(call, State.Keep("channels", form.All("channels")));
        var purposes = PurposesOf(call, [.. State.Keep("purposes", form.All("purposes"))], State.Keep("purpose", form.TextOrNull("purpose")));
        way = isOfPerson ? State.Keep("way", form.TextOrNull("way")) ?? "agent" : "staff";
        if (isOfPerson)
        {
            if (!Ways.Contains(way))
                State.Blame("way", call.T("Refuse.BadWay"));
            kind = form.Has("objects") ? SuppressionKind.Objection : SuppressionKind.Suppression;
            if (kind == SuppressionKind.Objection)
                State.Keep("objects", ["yes"]);
            _ = form.All("objects");
            var words = State.Keep("words", form.TextOrNull("words"));
            if (words?.Length > SaidNo.LongestWords)
                State.Blame("words", call.T("Refuse.LongWords", SaidNo.LongestWords));
            else if (words is not null)
                said = new SaidNo(words, null);
        }
        else
        {
            if (Words<SuppressedBy>.TryParse(State.Keep("by", form.TextOrNull("by")) ?? "", out var who) && Causes.Contains(who))
                by = who;
            else
                State.Blame("by", call.T("Refuse.BadCause"));
            if (Words<SuppressionKind>.TryParse(State.Keep("kind", form.TextOrNull("kind")) ?? Words<SuppressionKind>.Of(SuppressionKind.Suppression), out var what))
                kind = what;
            else
                State.Blame("kind", call.T("Refuse.BadCause"));
        }

        form.Done();
        Scope = reach switch
        {
            null or Everything => SuppressionScope.Everything,
            SomeChannels when channels != ChannelSet.None => new SuppressionScope(channels, null),
            SomePurposes when purposes.Count > 0 => new SuppressionScope(ChannelSet.All, purposes),
            _ => null,
        };
        if (Scope is null)
            State.Blame(reach == SomePurposes ? "purpose" : "channels", call.T(reach == SomePurposes ? "Refuse.NoPurpose" : "Refuse.NoChannel"));
    }

    /// <summary>The form, to be shown again.</summary>
    public FormState State { get; } = new();

    /// <summary>The number or address, where nobody is known by it; null: the person is in the path.</summary>
    public string? To { get; }

    /// <summary>The one number or address that is meant; null: all of them.</summary>
    public string? Point { get; }

    /// <summary>What is closed; null: nobody can tell.</summary>
    public SuppressionScope? Scope { get; }

    /// <summary>By what causes the house closes somebody.</summary>
    public static IReadOnlyList<SuppressedBy> HouseCauses => Causes;

    /// <summary>Reads it.</summary>
    /// <param name="call">The page.</param>
    /// <param name="isOfPerson">Whether the person said it; else the house does.</param>
    public static async Task<RefusalForm> ReadAsync(PageCall call, bool isOfPerson) => new(call, await call.FormAsync(), isOfPerson);

    /// <summary>Writes it down.</summary>
    public Task<CommandAnswer> DoAsync(PageCall call, ActTarget target)
    {
        // What they said in their own words counts where it reaches further.
        var scope = said is null ? Scope! : said.Widen(Scope!, isNamed: true);
        PointView[] points = [.. target.Points.Where(point => Point is null || point.Id.ToString() == Point).Where(point => (point.Point.Channels & scope.Channels) != 0)];
        if (points.Length == 0)
            points = [.. target.Points];
        PointTags[] tags = [.. points.Select(point => call.Installation.TagsOf(point.Point))];
        return SayingNo.DoAsync(
            call.Installation, call.Ledger, call.Actor, tags, scope, new RefusalFacts(by, kind, way, Evidence: said?.ToEvidence()), () => EveryAsync(call, target), null, call.Cancel);
    }

    // Of the one that is meant nothing else is closed; else all of theirs are.
    private Task<IReadOnlyList<PointTags>> EveryAsync(PageCall call, ActTarget target) =>
        Task.FromResult<IReadOnlyList<PointTags>>([.. target.Points.Where(point => Point is null || point.Id.ToString() == Point).Select(point => call.Installation.TagsOf(point.Point))]);

    private ChannelSet ChannelsOf(PageCall call, IReadOnlyList<string> words)
    {
        var set = ChannelSet.None;
        foreach (var word in words)
        {
            if (Channels.TryParse(word, out var channel))
                set |= channel.Only();
            else
                State.Blame("channels", call.T("Ask.BadChannel"));
        }

        return set;
    }

    private List<string> PurposesOf(PageCall call, List<string> named, string? typed)
    {
        if (typed is not null)
            named.Add(typed);
        if (named.Any(static purpose => !ScopeArguments.IsPurpose(purpose)))
            State.Blame("purpose", call.T("Ask.BadPurpose"));
        return [.. named.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
