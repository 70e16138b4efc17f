using Ringfence.Language;

namespace Ringfence.Suppression;

/// <summary>Finds a refusal of contact in what somebody wrote in their own words, in any of our languages.</summary>
/// <remarks>
/// What counts as a refusal, and what only looks like one, stands in the <c>refusal.*.phrases</c> files beside this one.
/// Where a text is unclear they lean towards the refusal: a call too few is cheaper than a call too many.
/// </remarks>
public static class PlainRefusal
{
    /// <summary>The tag of a refusal that names no channel; a phrase around it that says more takes its place.</summary>
    internal const string General = "all";

    /// <summary>The files of the phrases.</summary>
    internal static readonly string[] Files =
    [
        "Suppression/refusal.en.phrases", "Suppression/refusal.zh.phrases", "Suppression/refusal.de.phrases",
        "Suppression/refusal.fr.phrases", "Suppression/refusal.es.phrases", "Suppression/refusal.it.phrases",
        "Suppression/refusal.pt.phrases", "Suppression/refusal.nl.phrases", "Suppression/refusal.pl.phrases",
        "Suppression/refusal.more.phrases",
    ];

    private static readonly Phrasebook Book = new(General, Files);

    /// <summary>The channels a text closes; none where it holds no refusal.</summary>
    /// <remarks>
    /// A refusal of calls closes every channel that reaches a telephone number, and one that names no channel closes all,
    /// unless the text itself says that a channel is welcome. Never throws; linear in the length of the text.
    /// </remarks>
    public static ChannelSet Find(ReadOnlySpan<char> text)
    {
        var closed = Read(text);
        return closed != ChannelSet.All && WithLinesJoined(text) is { } joined ? closed | Read(joined) : closed;
    }

    /// <summary>The phrases by which <see cref="Find"/> came to its answer, as they stand in the phrase files, each with its language.</summary>
    public static IReadOnlyList<(string Language, string Phrase)> Explain(ReadOnlySpan<char> text)
    {
        using var folded = FoldedText.Of(text);
        IEnumerable<Finding> findings = Book.Read(folded);
        if (WithLinesJoined(text) is { } joined)
        {
            using var unwrapped = FoldedText.Of(joined);
            findings = findings.Concat(Book.Read(unwrapped));
        }

        return [.. findings.Select(f => (f.Phrase.Language, f.Phrase.Line)).Distinct()];
    }

    private static ChannelSet Read(ReadOnlySpan<char> text)
    {
        using var folded = FoldedText.Of(text);
        return Sum(Book.Read(folded));
    }

    /// <summary>The text with those line breaks taken away that only wrap a sentence; null where there are none.</summary>
    internal static string? WithLinesJoined(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAny('\n', '\r'))
            return null;
        char[]? joined = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\n' or '\r'))
                continue;
            var start = i;
            while (i + 1 < text.Length && char.IsWhiteSpace(text[i + 1]))
                i++;
            if (text[start..(i + 1)].Count('\n') > 1 || !Wraps(text[..start].TrimEnd(), text[(i + 1)..]))
                continue;
            joined ??= text.ToArray();
            joined.AsSpan(start, i + 1 - start).Fill(' ');
        }

        return joined is null ? null : new string(joined);
    }

    // A sentence goes on in the next line where that begins with no capital, or all is written in capitals.
    private static bool Wraps(ReadOnlySpan<char> before, ReadOnlySpan<char> after) =>
        before.Length > 0 && after.Length > 0 && char.IsLetter(after[0]) && (char.IsLetter(before[^1]) || before[^1] is ',' or '，' or '、')
        && (!char.IsUpper(after[0]) || char.IsUpper(before[^1]));

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

    /// <summary>What a tag of the refusal files says: the channels it closes, those among them it names, and those it welcomes.</summary>
    internal static (ChannelSet Closed, ChannelSet Named, ChannelSet Welcome) SaidBy(string tag) => tag switch
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
