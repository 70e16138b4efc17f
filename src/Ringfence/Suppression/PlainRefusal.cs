using Ringfence.Language;

namespace Ringfence.Suppression;

/// <summary>Finds a refusal of contact in what somebody wrote in their own words, in any of our languages.</summary>
/// <remarks>
/// What counts as a refusal, and what only looks like one, stands in the <c>refusal.*.phrases</c> files beside this one.
/// Where a text is unclear they lean towards the refusal: a call too few is cheaper than a call too many.
/// </remarks>
public static class PlainRefusal
{
    private static readonly Phrasebook Book = new(
        "all",
        "Suppression/refusal.en.phrases", "Suppression/refusal.zh.phrases", "Suppression/refusal.de.phrases",
        "Suppression/refusal.fr.phrases", "Suppression/refusal.es.phrases", "Suppression/refusal.it.phrases",
        "Suppression/refusal.pt.phrases", "Suppression/refusal.nl.phrases", "Suppression/refusal.pl.phrases",
        "Suppression/refusal.more.phrases");

    /// <summary>The channels a text closes; none where it holds no refusal.</summary>
    /// <remarks>
    /// A refusal of calls closes every channel that reaches a telephone number, and one that names no channel closes all,
    /// unless the text itself says that a channel is welcome. Never throws; linear in the length of the text.
    /// </remarks>
    public static ChannelSet Find(ReadOnlySpan<char> text)
    {
        using var folded = FoldedText.Of(text);
        return Sum(Book.Read(folded));
    }

    /// <summary>The phrases by which <see cref="Find"/> came to its answer, as they stand in the phrase files, each with its language.</summary>
    public static IReadOnlyList<(string Language, string Phrase)> Explain(ReadOnlySpan<char> text)
    {
        using var folded = FoldedText.Of(text);
        return [.. Book.Read(folded).Select(f => (f.Phrase.Language, f.Phrase.Line)).Distinct()];
    }

    private static ChannelSet Sum(Finding[] findings)
    {
        ChannelSet closed = ChannelSet.None, named = ChannelSet.None, welcome = ChannelSet.None;
        foreach (var finding in findings)
        {
            var said = SaidBy(finding.Phrase.Tag);
            (closed, named, welcome) = (closed | said.Closed, named | said.Named, welcome | said.Welcome);
        }

        // "No calls, calls ok" stays a no: only what nobody named as unwanted can be welcome.
        return closed & ~(welcome & ~named);
    }

    private static (ChannelSet Closed, ChannelSet Named, ChannelSet Welcome) SaidBy(string tag) => tag switch
    {
        "phone" => (ChannelSet.Phone, ChannelSet.Voice | ChannelSet.VoiceAuto, ChannelSet.None),
        "sms" => (ChannelSet.Sms, ChannelSet.Sms, ChannelSet.None),
        "whatsapp" => (ChannelSet.Whatsapp, ChannelSet.Whatsapp, ChannelSet.None),
        "email" => (ChannelSet.Email, ChannelSet.Email, ChannelSet.None),
        "fax" => (ChannelSet.Fax, ChannelSet.Fax, ChannelSet.None),
        "but voice" => (ChannelSet.None, ChannelSet.None, ChannelSet.Voice),
        "but sms" => (ChannelSet.None, ChannelSet.None, ChannelSet.Sms),
        "but whatsapp" => (ChannelSet.None, ChannelSet.None, ChannelSet.Whatsapp),
        "but email" => (ChannelSet.None, ChannelSet.None, ChannelSet.Email),
        "but fax" => (ChannelSet.None, ChannelSet.None, ChannelSet.Fax),
        "only sms" => (ChannelSet.All & ~ChannelSet.Sms, ChannelSet.None, ChannelSet.Sms),
        "only whatsapp" => (ChannelSet.All & ~ChannelSet.Whatsapp, ChannelSet.None, ChannelSet.Whatsapp),
        "only email" => (ChannelSet.Phone, ChannelSet.None, ChannelSet.Email),
        _ => (ChannelSet.All, ChannelSet.None, ChannelSet.None),
    };
}
