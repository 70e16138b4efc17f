using Ringfence.Consent;

namespace Ringfence.Lists;

/// <summary>What a row of a list says of one channel, as it may be put on record.</summary>
public enum ListedAnswer : byte
{
    /// <summary>Nothing about this channel.</summary>
    Nothing,

    /// <summary>Something that can't be read as an answer.</summary>
    Unclear,

    /// <summary>Asked, and no yes that stands: no answer yet, or a yes that is none by its own evidence.</summary>
    Asked,

    /// <summary>A yes, with whatever it lacks.</summary>
    Given,

    /// <summary>A yes whose own term has passed.</summary>
    Expired,

    /// <summary>A no.</summary>
    Refused,
}

/// <summary>What the yes of a list lacks, or holds against it.</summary>
[Flags]
public enum ListedFlaws : ushort
{
    None = 0,

    /// <summary>No day of the yes is stated.</summary>
    NoDay = 1 << 0,

    /// <summary>The stated day has not come yet.</summary>
    DayToCome = 1 << 1,

    /// <summary>Nobody recorded the words agreed to.</summary>
    NoWording = 1 << 2,

    /// <summary>The words are about other channels.</summary>
    OtherChannel = 1 << 3,

    /// <summary>The words name no channel.</summary>
    NoChannel = 1 << 4,

    /// <summary>The words do not name the sender.</summary>
    NoSender = 1 << 5,

    /// <summary>The words name another company.</summary>
    OtherSender = 1 << 6,

    /// <summary>The words do not say what for.</summary>
    NoPurpose = 1 << 7,

    /// <summary>The words are about terms or a contract.</summary>
    Bundled = 1 << 8,

    /// <summary>The words let unnamed partners in.</summary>
    UnnamedPartners = 1 << 9,

    /// <summary>The box was ticked beforehand, or silence was taken for a yes.</summary>
    PreTicked = 1 << 10,
}

/// <summary>The answer of a row on one channel.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Flaws">What is amiss with a yes; none for the other answers.</param>
/// <param name="HasWording">Whether the wording of the row belongs to this answer.</param>
public readonly record struct ListedConsent(ListedAnswer Answer, ListedFlaws Flaws, bool HasWording)
{
    /// <summary>What a yes that names no channel may have been about; nobody means a machine or a fax by it.</summary>
    public const ChannelSet OfGeneralYes = ChannelSet.Voice | ChannelSet.Sms | ChannelSet.Whatsapp | ChannelSet.Email;

    /// <summary>With any of these a yes is none, whatever the law of the place.</summary>
    private const ListedFlaws MakesNone = ListedFlaws.PreTicked | ListedFlaws.Bundled | ListedFlaws.OtherSender | ListedFlaws.OtherChannel;

    private static readonly (WordingFlaws Wording, ListedFlaws Listed)[] OfWording =
    [
        (WordingFlaws.NoSender, ListedFlaws.NoSender), (WordingFlaws.OtherSender, ListedFlaws.OtherSender), (WordingFlaws.NoPurpose, ListedFlaws.NoPurpose),
        (WordingFlaws.Bundled, ListedFlaws.Bundled), (WordingFlaws.UnnamedPartners, ListedFlaws.UnnamedPartners), (WordingFlaws.PreTicked, ListedFlaws.PreTicked),
    ];

    /// <summary>Reads the answer of a row on a channel.</summary>
    /// <param name="facts">The row.</param>
    /// <param name="closed">Channels closed by refusals in this row, or in another of the same number or person.</param>
    /// <param name="pending">Channels of which the row says that they were asked about and have not answered.</param>
    /// <param name="unclear">Channels with an answer that can't be read.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="consentCells">Channels that have a consent column of their own in this list.</param>
    /// <param name="asOf">The day of the import, counted from 1970-01-01.</param>
    /// <remarks>A yes counts for a channel under the same conditions as in <see cref="Grading"/>; what is missing beside it is told as a flaw.</remarks>
    public static ListedConsent Of(
        in ContactFacts facts, ChannelSet closed, ChannelSet pending, ChannelSet unclear, Channel channel, ChannelSet consentCells, int asOf)
    {
        if (closed.Has(channel))
            return new(ListedAnswer.Refused, ListedFlaws.None, false);
        if ((facts.Marks & ContactMarks.Unreadable) != 0)
            return default;
        var evidence = facts.Evidence[(int)EvidenceSlots.Of(channel)];
        var yes = YesOf(facts, evidence, channel, consentCells);
        if (yes.Answer == ListedAnswer.Nothing)
            return Open(pending, unclear, channel);

        var flaws = yes.Flaws | DayFlaws(evidence, asOf);
        if ((facts.Marks & ContactMarks.PreTicked) != 0)
            flaws |= ListedFlaws.PreTicked;
        if (yes.HasWording)
        {
            foreach (var (wording, listed) in OfWording)
                flaws |= (evidence.Flaws & wording) != 0 ? listed : ListedFlaws.None;
        }

        // Who named their partners and not themselves has no yes of their own.
        const ListedFlaws partnersOnly = ListedFlaws.UnnamedPartners | ListedFlaws.NoSender;
        var isNone = (flaws & MakesNone) != 0 || (flaws & partnersOnly) == partnersOnly;
        var answer = yes.Answer == ListedAnswer.Asked || isNone ? ListedAnswer.Asked
            : evidence.Until != ContactFacts.NoDay && evidence.Until < asOf ? ListedAnswer.Expired
            : ListedAnswer.Given;
        return new(answer, flaws, yes.HasWording);
    }

    private static ListedConsent Open(ChannelSet pending, ChannelSet unclear, Channel channel) =>
        new(pending.Has(channel) ? ListedAnswer.Asked : unclear.Has(channel) ? ListedAnswer.Unclear : ListedAnswer.Nothing, ListedFlaws.None, false);

    /// <summary>Whether there is a yes to this channel, and whether the wording is its own.</summary>
    private static ListedConsent YesOf(in ContactFacts facts, in Evidence evidence, Channel channel, ChannelSet consentCells)
    {
        var direct = facts.Yes.Has(channel);
        var general = (facts.Marks & ContactMarks.GeneralYes) != 0;
        var byPhone = channel is not (Channel.Voice or Channel.Email) && facts.Yes.Has(Channel.Voice);
        if (!direct && !general && !byPhone)
            return default;
        if (evidence.HasWording && evidence.WordingChannels.Has(channel))
            return new(ListedAnswer.Given, ListedFlaws.None, true);

        // Without words that name this channel, only its own cell, or one that leaves the channel open, can have meant it.
        if (!direct && (!general || !OfGeneralYes.Has(channel) || evidence.HasWording && evidence.WordingChannels != ChannelSet.None))
            return default;
        var answer = direct ? ListedAnswer.Given : ListedAnswer.Asked;
        if (!evidence.HasWording)
            return new(answer, ListedFlaws.NoWording | (direct ? ListedFlaws.None : ListedFlaws.NoChannel), false);
        if (evidence.WordingChannels == ChannelSet.None)
            return new(answer, ListedFlaws.NoChannel, true);

        // The words are about other channels. Where those have a cell of their own, the words belong to that one.
        return (consentCells & evidence.WordingChannels) != 0
            ? new(ListedAnswer.Given, ListedFlaws.NoWording, false)
            : new(ListedAnswer.Given, ListedFlaws.OtherChannel, true);
    }

    private static ListedFlaws DayFlaws(in Evidence evidence, int asOf) =>
        evidence.GivenOn == ContactFacts.NoDay ? ListedFlaws.NoDay : evidence.GivenOn > asOf ? ListedFlaws.DayToCome : ListedFlaws.None;
}
