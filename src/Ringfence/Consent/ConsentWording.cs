using Ringfence.Language;

namespace Ringfence.Consent;

/// <summary>What the wording of a consent lacks or holds that makes it less than a specific yes.</summary>
[Flags]
public enum WordingFlaws : ushort
{
    None = 0,

    /// <summary>It does not name the sender.</summary>
    NoSender = 1 << 0,

    /// <summary>It names no channel.</summary>
    NoChannel = 1 << 1,

    /// <summary>It does not say what for: no offers, products, advertising, research.</summary>
    NoPurpose = 1 << 2,

    /// <summary>It is about terms, a contract or a privacy notice, not about being contacted.</summary>
    Bundled = 1 << 3,

    /// <summary>It lets partners or third parties in without naming them.</summary>
    UnnamedPartners = 1 << 4,

    /// <summary>It says that the box was ticked beforehand, or takes silence for a yes.</summary>
    PreTicked = 1 << 5,

    /// <summary>It names another company than the sender, and not the sender.</summary>
    OtherSender = 1 << 6,

    /// <summary>It reads as a no.</summary>
    Refusal = 1 << 7,
}

/// <summary>What the wording of a consent says.</summary>
/// <param name="Channels">The channels it names; automated calls only where it names them.</param>
/// <param name="Flaws">What it lacks. <see cref="WordingFlaws.NoSender"/> is always set where no sender was given to look for.</param>
/// <remarks>The words it looks for stand in <c>wording.phrases</c> beside this file.</remarks>
public readonly record struct ConsentWording(ChannelSet Channels, WordingFlaws Flaws)
{
    private static readonly Phrasebook Book = new(general: null, "Consent/wording.phrases");
    private static readonly FoldedWord IsTerm = Book.Knows;

    /// <summary>Judges a wording. Never throws.</summary>
    /// <param name="wording">The words the person agreed to.</param>
    /// <param name="sender">Who wants to make contact, as on the command line; legal forms such as <c>Ltd</c> don't matter. Null where nobody said.</param>
    public static ConsentWording Judge(ReadOnlySpan<char> wording, string? sender)
    {
        using var text = FoldedText.Of(wording);
        return Judge(text, Book.Read(text), sender);
    }

    /// <summary>Judges a wording by what was found in it.</summary>
    internal static ConsentWording Judge(FoldedText text, ReadOnlySpan<Finding> findings, string? sender)
    {
        var (channels, flaws) = (ChannelSet.None, WordingFlaws.NoPurpose);
        var mentionsTerms = false;
        foreach (var finding in findings)
        {
            var tag = finding.Phrase.Tag;
            channels |= ChannelNamed(tag);
            flaws |= FlawNamed(tag);
            mentionsTerms |= tag == "terms";
            if (tag == "purpose")
                flaws &= ~WordingFlaws.NoPurpose;
        }

        if (channels == ChannelSet.None)
        {
            flaws |= WordingFlaws.NoChannel;
            // Terms beside a consent to calls are a reference; terms alone are what was agreed to.
            if (mentionsTerms)
                flaws |= WordingFlaws.Bundled;
        }

        return new ConsentWording(channels, flaws | SenderFlaws(text, sender));
    }

    /// <summary>Whether a wording names somebody; legal forms such as <c>Ltd</c> don't matter.</summary>
    internal static bool Names(FoldedText text, string name) => SenderName.Of(name)?.StandsIn(text, IsTerm) ?? false;

    private static WordingFlaws SenderFlaws(FoldedText text, string? sender)
    {
        if (SenderName.Of(sender) is not { } name)
            return WordingFlaws.NoSender;
        if (name.StandsIn(text, IsTerm))
            return WordingFlaws.None;
        return SenderName.AnyStandsIn(text, IsTerm) ? WordingFlaws.NoSender | WordingFlaws.OtherSender : WordingFlaws.NoSender;
    }

    private static ChannelSet ChannelNamed(string tag) => tag switch
    {
        "voice" => ChannelSet.Voice,
        "auto" => ChannelSet.Voice | ChannelSet.VoiceAuto,
        "sms" => ChannelSet.Sms,
        "whatsapp" => ChannelSet.Whatsapp,
        "email" => ChannelSet.Email,
        "fax" => ChannelSet.Fax,
        _ => ChannelSet.None,
    };

    private static WordingFlaws FlawNamed(string tag) => tag switch
    {
        "bundled" => WordingFlaws.Bundled,
        "partners" => WordingFlaws.UnnamedPartners,
        "preticked" => WordingFlaws.PreTicked,
        "no" => WordingFlaws.Refusal,
        _ => WordingFlaws.None,
    };
}
