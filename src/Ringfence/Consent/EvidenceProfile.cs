using Ringfence.Gate;
using Ringfence.Suppression;

namespace Ringfence.Consent;

/// <summary>What evidence of a yes may hold.</summary>
[Flags]
public enum EvidenceParts : uint
{
    None = 0,

    /// <summary>The words that were shown.</summary>
    Wording = 1 << 0,

    /// <summary>The moment.</summary>
    Moment = 1 << 1,
    Page = 1 << 2,
    Call = 1 << 3,
    Place = 1 << 4,
    Ip = 1 << 5,

    /// <summary>The message that was answered.</summary>
    Message = 1 << 6,

    /// <summary>The answer, and that it is no refusal.</summary>
    Answer = 1 << 7,
    Account = 1 << 8,
    LeadForm = 1 << 9,

    /// <summary>The hash of a recording.</summary>
    Recording = 1 << 10,

    /// <summary>That the recording was announced.</summary>
    Announcement = 1 << 11,

    /// <summary>The hash of a scan.</summary>
    Scan = 1 << 12,

    /// <summary>Who took it down.</summary>
    Recorder = 1 << 13,

    /// <summary>That it was confirmed from the address itself.</summary>
    Confirmation = 1 << 14,
}

/// <summary>What evidence lacks.</summary>
/// <param name="Missing">What the method asks for and is not there.</param>
/// <param name="Flaws">What makes the yes none; with any, nothing else helps.</param>
public readonly record struct EvidenceCheck(EvidenceParts Missing, ConsentFlaws Flaws)
{
    public bool IsComplete => Missing == EvidenceParts.None && Flaws == ConsentFlaws.None;
}

/// <summary>Which evidence each way of saying yes needs.</summary>
/// <remarks>The table stands in <c>docs/reference/consents.md</c>.</remarks>
public static class EvidenceProfile
{
    private const EvidenceParts Always = EvidenceParts.Wording | EvidenceParts.Moment;
    private const EvidenceParts OnPage = Always | EvidenceParts.Page | EvidenceParts.Ip;
    private const EvidenceParts ByReply = Always | EvidenceParts.Message | EvidenceParts.Answer;

    /// <summary>The sets of parts of which a method needs one.</summary>
    public static IReadOnlyList<EvidenceParts> Needed(ConsentMethod method) => method switch
    {
        ConsentMethod.Checkbox or ConsentMethod.Button or ConsentMethod.Choice => [OnPage],
        ConsentMethod.Account => [Always | EvidenceParts.Account],
        ConsentMethod.Reply => [ByReply],
        ConsentMethod.Oral => [Always | EvidenceParts.Recorder | EvidenceParts.Place, Always | EvidenceParts.Recorder | EvidenceParts.Call],
        ConsentMethod.RecordedCall => [Always | EvidenceParts.Recorder | EvidenceParts.Call | EvidenceParts.Recording | EvidenceParts.Announcement],
        ConsentMethod.Paper => [Always | EvidenceParts.Recorder | EvidenceParts.Scan],
        ConsentMethod.LeadForm => [Always | EvidenceParts.LeadForm],
        ConsentMethod.DoubleOptIn =>
        [
            OnPage | EvidenceParts.Confirmation, ByReply | EvidenceParts.Confirmation,
            Always | EvidenceParts.LeadForm | EvidenceParts.Confirmation, Always | EvidenceParts.Account | EvidenceParts.Confirmation,
        ],
    };

    /// <summary>The key of a part in the content of evidence.</summary>
    /// <param name="part">One part.</param>
    public static string FieldOf(EvidenceParts part) => part switch
    {
        EvidenceParts.Wording => "shown",
        EvidenceParts.Moment => "at",
        EvidenceParts.Page => "page",
        EvidenceParts.Call => "call",
        EvidenceParts.Place => "place",
        EvidenceParts.Ip => "ip",
        EvidenceParts.Message => "message",
        EvidenceParts.Answer => "answer",
        EvidenceParts.Account => "account",
        EvidenceParts.LeadForm => "leadForm",
        EvidenceParts.Recording => "recording.digest",
        EvidenceParts.Announcement => "recording.announced",
        EvidenceParts.Scan => "scan",
        EvidenceParts.Recorder => "recorder",
        EvidenceParts.Confirmation => "confirmation",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "Not one part."),
    };

    /// <summary>What evidence lacks by itself.</summary>
    public static EvidenceCheck Check(ConsentEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        var held = Held(evidence);
        // Of several sets the one that least is missing of.
        var missing = Needed(evidence.Method).Select(needed => needed & ~held).MinBy(static parts => System.Numerics.BitOperations.PopCount((uint)parts));
        return new EvidenceCheck(missing, evidence.Flaws);
    }

    /// <summary>The same, with what is amiss with the words themselves.</summary>
    /// <param name="evidence">The evidence.</param>
    /// <param name="shown">What the wording proves; one that is not what the evidence says was shown, or not for such an act, counts as not there.</param>
    public static EvidenceCheck Check(ConsentEvidence evidence, WordingProof? shown)
    {
        var check = Check(evidence);
        return shown is null || evidence.Shown is not { } said || said.Doc != shown.Doc || said.Language != shown.Language || !shown.Methods.Contains(evidence.Method)
            ? check with { Missing = check.Missing | EvidenceParts.Wording }
            : check with { Flaws = check.Flaws | shown.Flaws };
    }

    /// <summary>What evidence holds.</summary>
    public static EvidenceParts Held(ConsentEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        var held = EvidenceParts.None;
        void Has(bool it, EvidenceParts part) => held |= it ? part : EvidenceParts.None;
        Has(evidence.Shown is not null, EvidenceParts.Wording);
        Has(evidence.At is not null, EvidenceParts.Moment);
        Has(evidence.Page is not null, EvidenceParts.Page);
        Has(evidence.Call is not null, EvidenceParts.Call);
        Has(evidence.Place is not null, EvidenceParts.Place);
        Has(evidence.Ip is not null, EvidenceParts.Ip);
        Has(evidence.Message is not null, EvidenceParts.Message);
        Has(IsAnswered(evidence), EvidenceParts.Answer);
        Has(evidence.Account is not null, EvidenceParts.Account);
        Has(evidence.LeadForm is not null, EvidenceParts.LeadForm);
        Has(evidence.Recording is not null, EvidenceParts.Recording);
        Has(evidence.Recording is { IsAnnounced: true }, EvidenceParts.Announcement);
        Has(evidence.Scan is not null, EvidenceParts.Scan);
        Has(evidence.Recorder is not null, EvidenceParts.Recorder);
        Has(evidence.Confirmation is not null, EvidenceParts.Confirmation);
        return held;
    }

    // An answer that asks to be left alone, or that nobody can make out, is none.
    private static bool IsAnswered(ConsentEvidence evidence) =>
        evidence.Answer is { } answer && !string.IsNullOrWhiteSpace(answer) && OptOut.Read(answer, InboundContext.Unknown) is OptOutReading.OptIn or OptOutReading.NoOptOut;
}
