using NodaTime;
using Ringfence.Gate;
using Ringfence.Gateways;

namespace Ringfence.Consent;

/// <summary>What the program knows of what a controller does with people's data, as it is set up now.</summary>
public sealed record NoticeFound
{
    public required NoticeParty Controller { get; init; }

    public IReadOnlyList<string> Places { get; init; } = [];

    public bool ForChildren { get; init; }

    public IReadOnlyList<NoticePurpose> Purposes { get; init; } = [];

    public IReadOnlyList<NoticeData> Data { get; init; } = [];

    public bool HasLists { get; init; }

    public IReadOnlyList<NoticeRecipient> Recipients { get; init; } = [];

    public IReadOnlyList<string> Registers { get; init; } = [];

    public IReadOnlyList<WordingStop> Stops { get; init; } = [];

    public IReadOnlyList<string> ConditionOf { get; init; } = [];

    /// <summary>How long what was written of requests is kept once they were answered, as this installation is set; null: nobody can say.</summary>
    public Period? RequestsKept { get; init; }

    // Whatever is set up, these come of contact itself.
    private static readonly NoticeData[] Always = [NoticeData.Answers, NoticeData.Contacts, NoticeData.Wishes];

    /// <summary>Looks at everything that is set up.</summary>
    /// <param name="party">The controller.</param>
    /// <param name="forms">Its published forms, all versions; the last of each name counts.</param>
    /// <param name="wordings">Its published wordings, all versions; those that are not of a form count, the last of each name.</param>
    /// <param name="gateways">By which its messages leave.</param>
    /// <param name="systems">Other systems that are told of what happens: id and name.</param>
    /// <param name="registers">Registers of which a copy is here.</param>
    /// <param name="hasLists">Whether lists of people were brought in.</param>
    public static NoticeFound Of(
        PartyDocument party, IEnumerable<FormDocument> forms, IEnumerable<WordingDocument> wordings, IEnumerable<GatewaySetting> gateways, IEnumerable<(string Id, string Name)> systems,
        IEnumerable<string> registers, bool hasLists)
    {
        ArgumentNullException.ThrowIfNull(party);
        var everyForm = forms.ToArray();
        FormDocument[] inUse = [.. everyForm.GroupBy(static form => form.Id, StringComparer.Ordinal).Select(static same => same.Last())];
        var ofForms = everyForm.SelectMany(static form => form.Boxes.SelectMany(box => FormWords.Choices.Select(choice => FormWords.IdOf(form, box, choice)))).ToHashSet(StringComparer.Ordinal);
        WordingDocument[] newest = [.. wordings.Where(wording => !ofForms.Contains(wording.Id)).GroupBy(static wording => wording.Id, StringComparer.Ordinal).Select(static same => same.Last())];
        WordingDocument[] alone = [.. newest.Where(static wording => wording.Kind == WordingKind.Contact)];
        return new NoticeFound
        {
            Controller = NoticeParty.Of(party),
            Places = Sorted(inUse.SelectMany(static form => form.OfferedIn)),
            ForChildren = inUse.Any(static form => form.ForChildren),
            Purposes = PurposesOf(inUse, alone),
            Data = [.. inUse.SelectMany(static form => form.Fields).Select(static field => DataOf(field.Asks)).OfType<NoticeData>().Concat(Always).Concat(inUse.Length > 0 ? [NoticeData.Device] : [])
                .Concat(alone.SelectMany(static wording => PointsOf(wording.Channels))).Concat(hasLists ? [NoticeData.Phone, NoticeData.Email, NoticeData.Name, NoticeData.Residence, NoticeData.Origin] : []).Distinct().Order()],
            HasLists = hasLists,
            // Whoever is named in any of them gets something, also in those that ask for passing it on and nothing else.
            Recipients = RecipientsOf(inUse, newest, gateways, systems),
            Registers = Sorted(registers),
            Stops = [.. inUse.Select(static form => form.Stop).Concat(alone.Select(static wording => wording.Stop)).Where(static stop => !stop.IsNone).Distinct()],
            ConditionOf = Sorted(inUse.SelectMany(static form => form.ConditionOf).Concat(alone.SelectMany(static wording => wording.ConditionOf))),
        };
    }

    /// <summary>A notice of what is found, with what somebody said of it. Of what is there no more nothing is kept but purposes and recipients that were added by hand.</summary>
    /// <param name="said">What was said; null: nothing yet.</param>
    /// <param name="version">Its version.</param>
    /// <param name="since">From when it holds.</param>
    public NoticeDocument With(NoticeDocument? said, string version, Instant since)
    {
        var purposes = Purposes.Select(found => said?.Purposes.FirstOrDefault(one => one.Name == found.Name) is { } told
            ? found with { About = Joined(told.About, found.About), Basis = told.Basis ?? NoticeBasis.Consent, Interests = told.Interests }
            : found with { Basis = NoticeBasis.Consent });
        var recipients = Recipients.Select(found => said?.Recipients.FirstOrDefault(one => one.Key == found.Key) is { } told
            ? told with { Name = told.Name ?? found.Name, Role = told.Role ?? found.Role, Channels = found.Channels }
            : found);
        return new NoticeDocument
        {
            Version = version,
            Since = since,
            Controller = Controller,
            HasNoOfficer = said?.HasNoOfficer == true && Controller.PrivacyOfficer is null,
            Representatives = said?.Representatives ?? [],
            Places = Places,
            ForChildren = ForChildren,
            Purposes = [.. purposes.Concat((said?.Purposes ?? []).Where(one => Purposes.All(found => found.Name != one.Name))).OrderBy(static one => one.Name, StringComparer.Ordinal)],
            Data = Data,
            HasLists = HasLists,
            Sources = said?.Sources ?? [],
            Recipients = [.. recipients.Concat((said?.Recipients ?? []).Where(static one => one.Key.StartsWith(NoticeRecipient.BySomebody, StringComparison.Ordinal))).OrderBy(static one => one.Key, StringComparer.Ordinal)],
            Registers = Registers,
            Storage = said?.Storage ?? [],
            Retention = RetentionOf(said?.Retention ?? []),
            Stops = Stops,
            ConditionOf = ConditionOf,
            Sensitive = said?.Sensitive ?? new Dictionary<string, string>(),
        };
    }

    // What the program does itself is not for anybody to say otherwise.
    private IReadOnlyList<NoticeRetention> RetentionOf(IReadOnlyList<NoticeRetention> said) => RequestsKept is not { } kept ? said :
    [
        .. said.Where(static one => one.What != NoticeKept.Requests).Append(new NoticeRetention(NoticeKept.Requests, kept, NoticeFrom.Answer, NoticeThen.Deleted)).OrderBy(static one => Words<NoticeKept>.Of(one.What), StringComparer.Ordinal),
    ];

    private sealed record Asked(string Name, IReadOnlyDictionary<string, string> About, ChannelSet Channels, WordingFrequency? Frequency, Period? Term);

    private static NoticePurpose[] PurposesOf(FormDocument[] forms, WordingDocument[] wordings)
    {
        var asked = forms.SelectMany(static form => form.Boxes.SelectMany(box => form.Purposes.Where(purpose => box.Purposes.Contains(purpose.Name)).Select(purpose =>
                new Asked(purpose.Name, purpose.About, box.Channels, purpose.Frequency, purpose.Term))))
            .Concat(wordings.SelectMany(static wording => wording.Purposes.Select(purpose => new Asked(purpose, GoodsOf(wording), wording.Channels, wording.Frequency, wording.Term))));
        return [.. asked.GroupBy(static one => one.Name, StringComparer.Ordinal).OrderBy(static same => same.Key, StringComparer.Ordinal).Select(static same => new NoticePurpose(same.Key)
        {
            About = same.Aggregate((IReadOnlyDictionary<string, string>)new Dictionary<string, string>(), static (all, one) => Joined(all, one.About)),
            Channels = same.Aggregate(ChannelSet.None, static (all, one) => all | one.Channels),
            // People are told the most that any of them promises, and the longest.
            Frequency = same.Any(static one => one.Frequency is null) ? null : same.Select(static one => one.Frequency!).MaxBy(RateOf)! with { Channels = ChannelSet.None },
            Term = same.Any(static one => one.Term is null) ? null : same.Select(static one => one.Term!).MaxBy(DaysOf),
        })];
    }

    private static Dictionary<string, string> GoodsOf(WordingDocument wording) =>
        wording.Texts.Where(static text => text.Value.Goods is not null).ToDictionary(static text => text.Key, static text => text.Value.Goods!, StringComparer.Ordinal);

    private static NoticeRecipient[] RecipientsOf(FormDocument[] forms, WordingDocument[] wordings, IEnumerable<GatewaySetting> gateways, IEnumerable<(string Id, string Name)> systems)
    {
        // What goes into a folder goes to nobody.
        var found = gateways.Where(static one => one.Kind != GatewayKind.File).Select(static one => new NoticeRecipient("gateway:" + one.Name) { Channels = one.Channels })
            .Concat(systems.Select(static one => new NoticeRecipient("system:" + one.Id)))
            .Concat(forms.SelectMany(static form => form.Callers).Concat(wordings.SelectMany(static wording => wording.Callers)).Select(static name => new NoticeRecipient("caller:" + name) { Name = name, Role = NoticeRole.Processor }))
            .Concat(forms.SelectMany(static form => form.Boxes).SelectMany(static box => box.ThirdParties)
                // Where data goes abroad the sender may be who gets it there.
                .Concat(wordings.SelectMany(static wording => wording.ThirdParties.Where(name => name != wording.Sender)))
                .Select(static name => new NoticeRecipient("party:" + name) { Name = name, Role = NoticeRole.Receiver }))
            .Concat(forms.SelectMany(static form => form.Processing.Recipients).Concat(wordings.SelectMany(static wording => wording.Processing.Recipients)).Select(static name => new NoticeRecipient("party:" + name) { Name = name }));
        return [.. found.DistinctBy(static one => one.Key).OrderBy(static one => one.Key, StringComparer.Ordinal)];
    }

    // How many in a year.
    private static double RateOf(WordingFrequency frequency) => frequency.Most * 365.0 / Math.Max(1, DaysOf(frequency.Within));

    internal static long DaysOf(Period period) => (period.Years * 365L) + (period.Months * 30L) + (period.Weeks * 7L) + period.Days;

    internal static double RateOf(NoticePurpose purpose) => purpose.Frequency is { } frequency ? RateOf(frequency) : double.PositiveInfinity;

    // What stands first goes before.
    private static Dictionary<string, string> Joined(IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> then) => first.Concat(then)
        .Where(static text => NoticeDocument.Languages.Contains(text.Key)).GroupBy(static text => text.Key, StringComparer.Ordinal).ToDictionary(static same => same.Key, static same => same.First().Value, StringComparer.Ordinal);

    private static NoticeData? DataOf(FormAsks asks) => asks switch
    {
        FormAsks.Phone => NoticeData.Phone,
        FormAsks.Email => NoticeData.Email,
        FormAsks.Name => NoticeData.Name,
        FormAsks.Address => NoticeData.Address,
        FormAsks.Residence => NoticeData.Residence,
        FormAsks.Age => NoticeData.Age,
        FormAsks.Guardian => NoticeData.Guardian,
        // No form that asks for these is published.
        FormAsks.BirthDate or FormAsks.Company or FormAsks.Income or FormAsks.Health or FormAsks.IdNumber => null,
    };

    private static IEnumerable<NoticeData> PointsOf(ChannelSet channels)
    {
        if ((channels & ChannelSet.Phone) != 0)
            yield return NoticeData.Phone;
        if (channels.HasFlag(ChannelSet.Email))
            yield return NoticeData.Email;
    }

    private static string[] Sorted(IEnumerable<string> words) => [.. words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
