using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>Tells the gate what can be shown of a recorded consent. What can't be shown is not claimed.</summary>
public static class ConsentProof
{
    // Source: UWG § 7a(1) wants a consent to calls documented when it is given. Our reading: what a provider passes on within a day is.
    private static readonly Duration PassedOnAtOnce = Duration.FromHours(24);

    /// <summary>What a record and its evidence show of a consent.</summary>
    /// <param name="record">The record of a yes, a question or a confirmation; what others say of a consent shows nothing.</param>
    /// <param name="evidence">What was sealed with it; null where there is none, or it was erased.</param>
    /// <param name="wording">What the wording proves that the record names; null where nobody has it.</param>
    /// <param name="hasName">Whether the person's name is known.</param>
    /// <param name="controller">The legal name of the controller of the record; null: not known, and then nobody is shown to have agreed that it gets the data.</param>
    public static ShownEvidence Shown(LedgerRecord record, ConsentEvidence? evidence, WordingProof? wording, bool hasName, string? controller = null)
    {
        ArgumentNullException.ThrowIfNull(record);
        // A correction is somebody's word about a consent, not the person's.
        if (evidence is null || ConsentEvent.From(record) is not { IsNo: false, IsCorrection: false } said || said.Kind is not (ConsentEventKind.Requested or ConsentEventKind.Given or ConsentEventKind.Confirmed))
            return default;
        var named = wording is not null && record.Notice is { } notice && notice.Doc == wording.Doc && notice.Lang == wording.Language ? wording : null;
        var (holds, flaws) = Of(said, evidence, named, hasName);
        // Passing data on, and giving it abroad, is agreed to for those who are named: it proves nothing for a controller that is not among them.
        if (named is not null && (controller is null || !named.Recipients.Contains(controller, StringComparer.OrdinalIgnoreCase)))
            holds &= ~(EvidenceItems.SeparateProvision | EvidenceItems.SeparateExport);
        if (named is not null && Exceeds(said, named))
            flaws |= ConsentFlaws.Misleading;
        return new ShownEvidence(holds, flaws, evidence.Method, named?.Terms);
    }

    // A record that names more than the words is about something else than what was agreed to.
    private static bool Exceeds(ConsentEvent said, WordingProof wording) =>
        (said.Channels is { } channels && (channels & ~wording.Channels) != 0) || (said.Purposes is { } purposes && !purposes.All(purpose => PurposeNames.Cover(wording.Purposes, purpose)));

    private static (EvidenceItems Holds, ConsentFlaws Flaws) Of(ConsentEvent said, ConsentEvidence evidence, WordingProof? wording, bool hasName)
    {
        var check = EvidenceProfile.Check(evidence, wording);
        var held = EvidenceProfile.Held(evidence);
        var holds = EvidenceItems.None;
        void Has(bool it, EvidenceItems items) => holds |= it ? items : EvidenceItems.None;

        // A declaration is on record where all is there that the method needs; the network address only helps to show who it was.
        var isRecorded = (check.Missing & ~EvidenceParts.Ip) == EvidenceParts.None;
        var hasWording = (check.Missing & EvidenceParts.Wording) == EvidenceParts.None;
        var isOnPaper = evidence.Method == ConsentMethod.Paper && evidence.Scan is not null;
        var isOnTape = evidence.Method == ConsentMethod.RecordedCall && evidence.Recording is not null;
        var confirmed = said is { Kind: ConsentEventKind.Confirmed, IsImport: false } ? evidence.Confirmation : null;
        var answeredVia = (held & EvidenceParts.Answer) != 0 ? evidence.Message?.Via : null;
        Has(isRecorded, EvidenceItems.Record);
        Has(hasWording, wording?.Items ?? EvidenceItems.None);
        Has(isRecorded && hasWording, EvidenceItems.Exportable);
        Has(evidence.At is not null, EvidenceItems.TimeRecorded);
        Has(isRecorded, EvidenceItems.MannerRecorded);
        Has(evidence.Recorder is not null, EvidenceItems.RecipientRecorded);
        Has(isRecorded && (isOnPaper || isOnTape || IsDocumentedAtOnce(said, evidence)), EvidenceItems.DocumentedAtGrant);
        Has(isOnPaper || evidence.Signature is not null, EvidenceItems.Signature);
        Has(isRecorded && evidence.Method is not (ConsentMethod.Oral or ConsentMethod.RecordedCall), EvidenceItems.Writing);
        Has(confirmed is not null, EvidenceItems.Confirmed);
        Has(confirmed?.Via is Channel.Sms or Channel.Whatsapp or Channel.Voice || answeredVia is Channel.Sms or Channel.Whatsapp, EvidenceItems.NumberVerified);
        Has(confirmed?.Via is Channel.Email || answeredVia is Channel.Email, EvidenceItems.EmailVerified);
        Has(hasName, EvidenceItems.PersonNamed);
        Has(evidence.Account is not null || (hasName && (confirmed is not null || isOnPaper || isOnTape)), EvidenceItems.PersonLinked);
        // Anybody can type a name: what somebody says of being a parent is a claim until a signature, a voice or an answer from the number shows who said it.
        Has(evidence.Guardian is not null && (confirmed is not null || isOnPaper || isOnTape), EvidenceItems.Parent);
        return (holds, check.Flaws);
    }

    private static bool IsDocumentedAtOnce(ConsentEvent said, ConsentEvidence evidence) =>
        !said.IsImport && evidence.Method != ConsentMethod.Oral && (said.Source ?? EventSource.Server) switch
        {
            EventSource.Server => true,
            EventSource.Provider => said.EventAt is { } at && said.At - at <= PassedOnAtOnce,
            EventSource.Import or EventSource.Staff => false,
        };
}
