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
public readonly record struct ConsentWording(ChannelSet Channels, WordingFlaws Flaws)
{
    /// <summary>Judges a wording. Never throws.</summary>
    /// <param name="wording">The words the person agreed to.</param>
    /// <param name="sender">Who wants to make contact, as on the command line; legal forms such as <c>Ltd</c> don't matter. Null where nobody said.</param>
    public static ConsentWording Judge(ReadOnlySpan<char> wording, string? sender) => throw new NotImplementedException();
}
