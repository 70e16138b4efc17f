using Ringfence.Language;

namespace Ringfence.Suppression;

/// <summary>Reads from an inbound text whether the person wants to be left alone.</summary>
/// <remarks>
/// Source: 47 CFR 64.1200(a)(10), consent may be revoked by "any reasonable method"; an answer of stop, quit, end, revoke, opt out,
/// cancel or unsubscribe always does it, and other words do where a reasonable person would understand them so.
/// Our reading: in doubt the person opts out; a wrong suppression is cheap. What is understood stands in the
/// <c>optout.*.phrases</c> and <c>refusal.*.phrases</c> files beside this one.
/// </remarks>
public static class OptOut
{
    private static readonly string[] Files =
    [
        "Suppression/optout.any.phrases", "Suppression/optout.en.phrases", "Suppression/optout.zh.phrases",
        "Suppression/optout.de.phrases", "Suppression/optout.fr.phrases", "Suppression/optout.es.phrases",
        "Suppression/optout.it.phrases", "Suppression/optout.nl.phrases", "Suppression/optout.pl.phrases",
        "Suppression/optout.pt.phrases", "Suppression/optout.more.phrases",
    ];

    private static readonly Phrasebook Book = new(PlainRefusal.General, [.. Files, .. PlainRefusal.Files]);

    /// <summary>What a text says about being contacted. Never throws, whatever the text; linear in its length.</summary>
    /// <param name="text">The text as it arrived.</param>
    /// <param name="context">What is known of the conversation.</param>
    /// <remarks>
    /// The channels are those the person names, all where none is named; a caller may close more. A wish about one product or
    /// programme is taken for a wish about all. A word that opts in never weighs against one that opts out.
    /// </remarks>
    public static OptOutReading Read(ReadOnlySpan<char> text, InboundContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Reaction(text) is { } reaction)
            return reaction;
        var said = QuotedText.WithoutQuotedLines(text);
        var heard = Hear(said, context);
        if (PlainRefusal.WithLinesJoined(said) is { } joined)
            heard.Add(Hear(joined, context));
        return heard.Weigh(context);
    }

    /// <summary>A thumb or a heart that somebody tapped beside a message, which quotes it; null where the text is none.</summary>
    private static OptOutReading? Reaction(ReadOnlySpan<char> text)
    {
        if (QuotedText.HeadOfReaction(text) is not { } head)
            return null;
        using var folded = FoldedText.Of(head);
        foreach (var (phrase, from, until) in Book.Read(folded))
        {
            if (!phrase.Tag.StartsWith("reaction ", StringComparison.Ordinal) || from > 0 || until < folded.Words.Length)
                continue;
            if (phrase.Tag is "reaction sign" && folded.Words[0].Source == 0)
                continue; // no sign stands before it
            var sign = OptOutSign.Stop(head) ?? OptOutSign.Dislike(head);
            return phrase.Tag is not "reaction displeased" && sign is null
                ? new OptOutReading.NoOptOut()
                : new OptOutReading.Unclear(new Clues(new Clue(ClueKind.Quote, phrase.Language, sign ?? head.Trim(), phrase.Line)));
        }

        return null;
    }

    private static Heard Hear(ReadOnlySpan<char> said, InboundContext context)
    {
        using var text = FoldedText.Of(said);
        var findings = Book.Read(text);
        var hearing = new Hearing(text, findings, context);
        var heard = new Heard();
        HearPhrases(heard, hearing, findings, context.Via);
        HearWhole(heard, hearing, findings, context);
        HearSigns(heard, hearing, said);
        return heard;
    }

    /// <summary>What is said by phrases anywhere in the text.</summary>
    private static void HearPhrases(Heard heard, Hearing hearing, Finding[] findings, Channel? via)
    {
        ChannelSet named = ChannelSet.None, welcome = ChannelSet.None;
        foreach (var finding in findings)
        {
            if (Hearing.IsWord(finding.Phrase.Tag) || !hearing.IsTheirs(finding))
                continue;
            var clue = hearing.ClueOf(ClueKind.Phrase, finding);
            switch (finding.Phrase.Tag)
            {
                case "maybe":
                    heard.Doubt(clue);
                    break;
                case "unclear":
                    heard.Unclear(clue);
                    break;
                case "complaint":
                    heard.Close(ChannelSet.All, clue with { Kind = ClueKind.Complaint });
                    break;
                case "wrong person":
                    // The number is somebody else's. An e-mail address of the person we mean is still theirs.
                    heard.Close(ChannelSet.Phone, clue with { Kind = ClueKind.WrongPerson });
                    break;
                case "here":
                    heard.Close(Here(via), clue);
                    break;
                default:
                    var refused = PlainRefusal.SaidBy(finding.Phrase.Tag);
                    (named, welcome) = (named | refused.Named, welcome | refused.Welcome);
                    if (refused.Closed != ChannelSet.None)
                        heard.Close(refused.Closed, clue);
                    break;
            }
        }

        // On WhatsApp, "stop texting me" means WhatsApp too.
        if (via == Channel.Whatsapp && named.Has(Channel.Sms) && heard.Closed != ChannelSet.None)
            heard.Close(ChannelSet.Whatsapp);
        heard.Welcome(welcome & ~named);
    }

    /// <summary>What the text says as a whole: keywords, codes, help and opt-in words mean something only where nothing else stands.</summary>
    private static void HearWhole(Heard heard, Hearing hearing, Finding[] findings, InboundContext context)
    {
        const Part keys = Part.Key | Part.BareKey;
        if (hearing.IsOnly(Part.Key, beside: Part.Polite | Part.Help) || hearing.IsOnly(keys, beside: Part.None))
            heard.Close(ChannelSet.All, hearing.FirstOf(keys, ClueKind.Keyword, findings));
        else if (context.Codes.FirstOrDefault(hearing.IsCode) is { } code)
            heard.Close(ChannelSet.All, new Clue(ClueKind.Code, "und", code.Trim(), code.Trim()));
        else if (hearing.IsOnly(keys | Part.StrangeKey, beside: Part.Polite | Part.Help | Part.Start))
            heard.Doubt(hearing.FirstOf(keys | Part.StrangeKey, ClueKind.Keyword, findings));
        else if (hearing.IsOnly(Part.Code, beside: Part.Polite))
            heard.Unclear(hearing.FirstOf(Part.Code, ClueKind.Phrase, findings));
        else if (hearing.IsOnly(Part.Help, beside: Part.Polite))
            heard.Help(hearing.FirstOf(Part.Help, ClueKind.Keyword, findings));
        else if (hearing.IsOnly(Part.Start, beside: Part.Polite))
            heard.OptIn(hearing.FirstOf(Part.Start, ClueKind.Keyword, findings));

        // Whoever copies the instruction does what it says; whoever writes beside it may have quoted it.
        if (hearing.IsInstruction)
            heard.Close(ChannelSet.All, hearing.FirstOf(Part.Instruction, ClueKind.Quote, findings));
        else if (hearing.IsOurOffer)
            heard.Doubt(hearing.AllOf(ClueKind.Quote));
        else if (hearing.HasOurs)
            heard.Unclear(hearing.AllOf(ClueKind.Quote));
    }

    private static void HearSigns(Heard heard, Hearing hearing, ReadOnlySpan<char> said)
    {
        if (OptOutSign.Stop(said) is { } stop)
        {
            var clue = new Clue(ClueKind.Sign, "und", stop, stop);
            if (hearing.IsPolite)
                heard.Close(ChannelSet.All, clue);
            else
                heard.Unclear(clue);
        }
        else if (hearing.IsPolite && OptOutSign.Dislike(said) is { } dislike)
        {
            heard.Unclear(new Clue(ClueKind.Sign, "und", dislike, dislike));
        }
    }

    // A refusal of calls closes what reaches the telephone, here as in lists.
    private static ChannelSet Here(Channel? via) => via switch
    {
        null => ChannelSet.All,
        Channel.Voice or Channel.VoiceAuto => ChannelSet.Phone,
        { } channel => channel.Only(),
    };
}
