using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Consent;

/// <summary>What stands in the way of writing down a yes.</summary>
public enum ConsentFault : byte
{
    /// <summary>The method needs a part of evidence that is not there: <see cref="ConsentFinding.Part"/>.</summary>
    Missing,

    /// <summary>There is an answer, and it refuses, or nobody can make it out.</summary>
    Answer,

    /// <summary>What makes the yes none: <see cref="ConsentFinding.Flaw"/>.</summary>
    Flaw,

    /// <summary>The words break a rule; the detail is the code of the lint.</summary>
    Wording,

    /// <summary>The evidence names other words than those it is to be recorded with.</summary>
    OtherWording,

    /// <summary>There are no words in this language; the detail names those there are.</summary>
    Language,

    /// <summary>The words ask for a yes given in another way; the detail names the methods.</summary>
    Method,

    /// <summary>A channel that the words do not name.</summary>
    Channel,

    /// <summary>A purpose that the words do not name.</summary>
    Purpose,

    /// <summary>A channel that does not reach the number or address; without one named, none of the words does.</summary>
    Reach,

    /// <summary>The moment is yet to come.</summary>
    Future,

    /// <summary>It was confirmed by a channel that does not reach the number or address, so from somewhere else.</summary>
    ConfirmedElsewhere,

    /// <summary>It was confirmed before it was given.</summary>
    ConfirmedBefore,
}

/// <summary>One thing that stands in the way.</summary>
/// <param name="Fault">What.</param>
/// <param name="Field">The key in the evidence, or <c>channels</c>, <c>purposes</c>, <c>wording</c>.</param>
/// <param name="Part">Of <see cref="ConsentFault.Missing"/>: which part.</param>
/// <param name="Flaw">Of <see cref="ConsentFault.Flaw"/>: which one.</param>
/// <param name="Detail">What else there is to say; nothing personal.</param>
public sealed record ConsentFinding(ConsentFault Fault, string Field, EvidenceParts Part = EvidenceParts.None, ConsentFlaws Flaw = ConsentFlaws.None, string? Detail = null);

/// <summary>A yes that somebody wants to have written down: to which words, how it can be shown, for what.</summary>
/// <remarks>It is written down only where nothing is found. What the gate makes of it later is for <see cref="ConsentProof"/> to say.</remarks>
public sealed record ConsentIntake
{
    // Clocks of two machines differ; more than that is a slip of the pen.
    private static readonly Duration ClockDifference = Duration.FromMinutes(5);

    /// <summary>The wording that was shown.</summary>
    public required WordingDocument Wording { get; init; }

    /// <summary>In which of its languages.</summary>
    public required string Language { get; init; }

    public required ConsentEvidence Evidence { get; init; }

    /// <summary>The channels that reach the number or address.</summary>
    public required ChannelSet Reach { get; init; }

    /// <summary>The channels agreed to; null: all that the words name and that reach the point. A consent to passing data on, or to publishing, has none.</summary>
    public ChannelSet? Channels { get; init; }

    /// <summary>The purposes agreed to; null: all of the wording.</summary>
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>Whether it will only count once it is confirmed.</summary>
    public bool AwaitsConfirmation { get; init; }

    /// <summary>What the person agreed to, and for how long, where nothing stands in the way.</summary>
    /// <param name="now">The time it is written down.</param>
    /// <param name="agreed">Channels and purposes by name, and the end.</param>
    /// <returns>Everything that stands in the way, in a fixed order; empty: nothing.</returns>
    public IReadOnlyList<ConsentFinding> Check(Instant now, out AgreedScope? agreed)
    {
        var findings = new List<ConsentFinding>();
        agreed = null;
        findings.AddRange(WordingLint.Check(Wording).Where(static finding => finding.Severity == WordingSeverity.Refuse).Select(static finding => finding.Code).Distinct()
            .Select(static code => new ConsentFinding(ConsentFault.Wording, "wording", Detail: code)));
        if (Evidence.Shown is { } shown && (shown.Doc != Wording.Digest || shown.Language != Language))
            findings.Add(new ConsentFinding(ConsentFault.OtherWording, "shown"));
        if (WordingProof.Of(Wording, Language) is not { } proof)
        {
            findings.Add(new ConsentFinding(ConsentFault.Language, "shown.lang", Detail: string.Join(", ", Wording.Texts.Keys.Order(StringComparer.Ordinal))));
            return findings;
        }

        if (!proof.Methods.Contains(Evidence.Method))
            findings.Add(new ConsentFinding(ConsentFault.Method, "method", Detail: string.Join(", ", proof.Methods.Select(Words<ConsentMethod>.Of))));
        // What is confirmed was said in the way that the words ask for, and needs what that way needs.
        var first = proof.Methods.FirstOrDefault(static method => method != ConsentMethod.DoubleOptIn, Evidence.Method);
        findings.AddRange(CheckAlone(Evidence.Method == ConsentMethod.DoubleOptIn ? Evidence with { Method = first } : Evidence, AwaitsConfirmation));
        if (Evidence is { Method: ConsentMethod.DoubleOptIn, Confirmation: null } && !AwaitsConfirmation)
            findings.Add(new ConsentFinding(ConsentFault.Missing, EvidenceProfile.FieldOf(EvidenceParts.Confirmation), EvidenceParts.Confirmation));
        if (Evidence.Confirmation is { } confirmed && !Reach.Has(confirmed.Via))
            findings.Add(new ConsentFinding(ConsentFault.ConfirmedElsewhere, "confirmation.via", Detail: confirmed.Via.Word()));
        findings.AddRange(OfTimes(now));
        findings.AddRange(OfScope(proof, out var channels, out var purposes));
        if (findings.Count == 0)
            agreed = new AgreedScope(channels, purposes, proof.Term);
        return findings;
    }

    /// <summary>What evidence lacks by itself, whatever the words are.</summary>
    public static IEnumerable<ConsentFinding> CheckAlone(ConsentEvidence evidence, bool awaitsConfirmation)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        var check = EvidenceProfile.Check(evidence);
        var missing = check.Missing;
        if (awaitsConfirmation)
            missing &= ~EvidenceParts.Confirmation;
        foreach (var part in Enum.GetValues<EvidenceParts>().Where(part => part != EvidenceParts.None && (missing & part) != 0))
        {
            yield return part == EvidenceParts.Answer && evidence.Answer is not null
                ? new ConsentFinding(ConsentFault.Answer, EvidenceProfile.FieldOf(part))
                : new ConsentFinding(ConsentFault.Missing, EvidenceProfile.FieldOf(part), part);
        }

        foreach (var flaw in Enum.GetValues<ConsentFlaws>().Where(flaw => flaw != ConsentFlaws.None && (check.Flaws & flaw) != 0))
            yield return new ConsentFinding(ConsentFault.Flaw, "flaws", Flaw: flaw);
    }

    private IEnumerable<ConsentFinding> OfTimes(Instant now)
    {
        if (Evidence.At > now + ClockDifference)
            yield return new ConsentFinding(ConsentFault.Future, "at");
        if (Evidence.Confirmation is not { } confirmed)
            yield break;
        if (confirmed.At > now + ClockDifference)
            yield return new ConsentFinding(ConsentFault.Future, "confirmation.at");
        if (confirmed.At < Evidence.At)
            yield return new ConsentFinding(ConsentFault.ConfirmedBefore, "confirmation.at");
    }

    private List<ConsentFinding> OfScope(WordingProof proof, out ChannelSet channels, out IReadOnlyList<string> purposes)
    {
        var findings = new List<ConsentFinding>();
        channels = Channels ?? (proof.Channels & Reach);
        purposes = Purposes ?? proof.Purposes;
        foreach (var channel in Ringfence.Channels.All)
        {
            if (!channels.Has(channel))
                continue;
            if (!proof.Channels.Has(channel))
                findings.Add(new ConsentFinding(ConsentFault.Channel, "channels", Detail: channel.Word()));
            else if (!Reach.Has(channel))
                findings.Add(new ConsentFinding(ConsentFault.Reach, "channels", Detail: channel.Word()));
        }

        // Passing data on and publishing are consents of their own: they open no channel.
        if (channels == ChannelSet.None && Wording.Kind == WordingKind.Contact)
            findings.Add(new ConsentFinding(ConsentFault.Reach, "channels"));
        findings.AddRange(purposes.Where(purpose => !PurposeNames.Cover(proof.Purposes, purpose)).Select(static purpose => new ConsentFinding(ConsentFault.Purpose, "purposes", Detail: purpose)));
        return findings;
    }
}

/// <summary>What a person agreed to.</summary>
/// <param name="Channels">At least one; none where it is no consent to contact.</param>
/// <param name="Purposes">In order, none twice.</param>
/// <param name="Term">For how long; null: until it is taken back.</param>
public sealed record AgreedScope(ChannelSet Channels, IReadOnlyList<string> Purposes, Period? Term);
