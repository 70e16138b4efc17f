using Ringfence.Gate;

namespace Ringfence.Consent;

/// <summary>In what two notices differ. The words are stable: <c>new-purpose</c>, ...</summary>
public enum NoticeDifference : byte
{
    Controller,
    ControllerContact,
    NewPurpose,
    PurposeGone,
    PurposeWords,
    NewBasis,
    NewChannel,
    ChannelGone,
    MoreOften,
    LessOften,
    NewData,
    DataGone,
    NewSource,
    SourceGone,
    NewRecipient,
    RecipientGone,
    RecipientChanged,
    NewTransfer,
    TransferGone,
    LongerRetention,
    ShorterRetention,
    Other,
}

/// <summary>One thing in which a notice differs from another.</summary>
/// <param name="Difference">What.</param>
/// <param name="Detail">Of what; words of files and names. Null where there is but one.</param>
public sealed record NoticeChange(NoticeDifference Difference, string? Detail)
{
    /// <summary>Whether somebody who agreed under the older one has to be asked again: more is done with their data than they were told, or by somebody else.</summary>
    /// <remarks>Source: GDPR Art 4(11), 5(1)(b), 13(3); EDPB Guidelines 05/2020, paragraph 110; PIPL Art 14(2). Our reading: words alone do not matter, whatever they are worth.</remarks>
    public bool Matters => Difference is NoticeDifference.Controller or NoticeDifference.NewPurpose or NoticeDifference.NewBasis or NoticeDifference.NewChannel or NoticeDifference.MoreOften or NoticeDifference.NewData
        or NoticeDifference.NewRecipient or NoticeDifference.NewTransfer or NoticeDifference.LongerRetention;

    /// <summary>What changed, in a language.</summary>
    public string Say(string language) => NoticeWords.Say("change", Words<NoticeDifference>.Of(Difference), language, Detail ?? "");

    /// <summary>In what a notice differs from an older one; empty where nothing but version and moment does.</summary>
    public static IReadOnlyList<NoticeChange> Between(NoticeDocument older, NoticeDocument newer)
    {
        ArgumentNullException.ThrowIfNull(older);
        ArgumentNullException.ThrowIfNull(newer);
        var changes = new List<NoticeChange>();
        CompareControllers(older.Controller, newer.Controller, changes);
        ComparePurposes(older, newer, changes);
        Gains(older.Data.Select(Words<NoticeData>.Of), newer.Data.Select(Words<NoticeData>.Of), NoticeDifference.NewData, NoticeDifference.DataGone, changes);
        Gains(older.Sources.Select(static one => one.Name), newer.Sources.Select(static one => one.Name), NoticeDifference.NewSource, NoticeDifference.SourceGone, changes);
        CompareRecipients(older, newer, changes);
        CompareRetention(older, newer, changes);
        // Whatever else there is: it is a change, though none that concerns anybody's data.
        if (changes.Count == 0 && older with { Version = "1", Since = default } != newer with { Version = "1", Since = default })
            changes.Add(new NoticeChange(NoticeDifference.Other, null));
        return changes;
    }

    private static void CompareControllers(NoticeParty older, NoticeParty newer, List<NoticeChange> changes)
    {
        if (older.Name != newer.Name || older.Country != newer.Country)
            changes.Add(new NoticeChange(NoticeDifference.Controller, newer.Name));
        else if (older != newer)
            changes.Add(new NoticeChange(NoticeDifference.ControllerContact, null));
    }

    private static void ComparePurposes(NoticeDocument older, NoticeDocument newer, List<NoticeChange> changes)
    {
        Gains(older.Purposes.Select(static one => one.Name), newer.Purposes.Select(static one => one.Name), NoticeDifference.NewPurpose, NoticeDifference.PurposeGone, changes);
        foreach (var now in newer.Purposes)
        {
            if (older.Purposes.FirstOrDefault(one => one.Name == now.Name) is not { } before)
                continue;
            if (before.Basis != now.Basis)
                changes.Add(new NoticeChange(NoticeDifference.NewBasis, now.Name));
            if (!Same(before.About, now.About) || !Same(before.Interests, now.Interests))
                changes.Add(new NoticeChange(NoticeDifference.PurposeWords, now.Name));
            Gains(ChannelsOf(before), ChannelsOf(now), NoticeDifference.NewChannel, NoticeDifference.ChannelGone, changes);
            var (rate, term) = (NoticeFound.RateOf(now).CompareTo(NoticeFound.RateOf(before)), TermOf(now).CompareTo(TermOf(before)));
            if (rate > 0 || term > 0)
                changes.Add(new NoticeChange(NoticeDifference.MoreOften, now.Name));
            else if (rate < 0 || term < 0)
                changes.Add(new NoticeChange(NoticeDifference.LessOften, now.Name));
        }
    }

    private static void CompareRecipients(NoticeDocument older, NoticeDocument newer, List<NoticeChange> changes)
    {
        var (before, now) = (older.Recipients.Where(static one => one.IsOutside).ToArray(), newer.Recipients.Where(static one => one.IsOutside).ToArray());
        Gains(before.Select(NameOf), now.Select(NameOf), NoticeDifference.NewRecipient, NoticeDifference.RecipientGone, changes);
        foreach (var one in now)
        {
            if (before.FirstOrDefault(other => NameOf(other) == NameOf(one)) is { } same && same with { Key = one.Key } != one)
            {
                // Who decides for themselves what they do with data is another recipient than who does as they are told.
                changes.Add(same.Role == NoticeRole.Processor && one.Role == NoticeRole.Receiver ? new NoticeChange(NoticeDifference.NewRecipient, NameOf(one)) : new NoticeChange(NoticeDifference.RecipientChanged, NameOf(one)));
            }
        }

        Gains(CountriesOf(older), CountriesOf(newer), NoticeDifference.NewTransfer, NoticeDifference.TransferGone, changes);
    }

    private static void CompareRetention(NoticeDocument older, NoticeDocument newer, List<NoticeChange> changes)
    {
        foreach (var now in newer.Retention)
        {
            if (older.Retention.FirstOrDefault(one => one.What == now.What) is not { } before || before == now)
                continue;
            // From another moment on, or another end: nobody can tell that it is shorter.
            var isShorter = before.From == now.From && before.Then == now.Then && now.Time is { } time && before.Time is { } was && NoticeFound.DaysOf(time) <= NoticeFound.DaysOf(was);
            changes.Add(new NoticeChange(isShorter ? NoticeDifference.ShorterRetention : NoticeDifference.LongerRetention, Words<NoticeKept>.Of(now.What)));
        }
    }

    private static string NameOf(NoticeRecipient one) => one.Name ?? one.Key;

    private static IEnumerable<string> CountriesOf(NoticeDocument notice) =>
        notice.Recipients.Where(static one => one.IsOutside).Select(static one => one.Country).OfType<string>().Concat(notice.Storage).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static IEnumerable<string> ChannelsOf(NoticePurpose purpose) => Channels.All.Where(channel => purpose.Channels.Has(channel)).Select(channel => $"{purpose.Name} / {channel.Word()}");

    private static double TermOf(NoticePurpose purpose) => purpose.Term is { } term ? NoticeFound.DaysOf(term) : double.PositiveInfinity;

    private static bool Same(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(text => other.TryGetValue(text.Key, out var same) && same == text.Value);

    private static void Gains(IEnumerable<string> older, IEnumerable<string> newer, NoticeDifference gained, NoticeDifference gone, List<NoticeChange> changes)
    {
        var (before, now) = (older.ToHashSet(StringComparer.Ordinal), newer.ToHashSet(StringComparer.Ordinal));
        changes.AddRange(now.Except(before).Order(StringComparer.Ordinal).Select(one => new NoticeChange(gained, one)));
        changes.AddRange(before.Except(now).Order(StringComparer.Ordinal).Select(one => new NoticeChange(gone, one)));
    }
}
