using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent.Forms;

/// <summary>How an answer to a form came.</summary>
/// <param name="Language">In which language it was shown.</param>
/// <param name="Layout">In which of its layouts.</param>
internal sealed record FormCame(string Language, FormLayout Layout)
{
    /// <summary>The address of the page.</summary>
    public string? Page { get; init; }

    /// <summary>The network address it came from.</summary>
    public string? Ip { get; init; }

    /// <summary>The browser, as it names itself.</summary>
    public string? Device { get; init; }

    /// <summary>The form of a social network it came by; null: our own page.</summary>
    public LeadFormSeen? LeadForm { get; init; }

    /// <summary>When, where whoever hands it on says so; null: now.</summary>
    public Instant? At { get; init; }
}

/// <summary>Writes down what a person answered to a published form: with a double opt-in a question for each yes, else the yes, each with the evidence that its way needs.</summary>
internal static class FormTaking
{
    // What browsers send of themselves has no end.
    private const int LongestDevice = 300;

    /// <summary>Takes an answer.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="ledger">Whose form it is.</param>
    /// <param name="form">The form, as it is published.</param>
    /// <param name="answer">What was answered; it is sound.</param>
    /// <param name="came">How.</param>
    /// <param name="actor">Who hands it over.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Per yes what was written, or what stood in the way.</returns>
    public static async Task<IReadOnlyList<(FormBox Box, ConsentOutcome Outcome)>> TakeAsync(
        Installation installation, LedgerRow ledger, FormDocument form, FormAnswer answer, FormCame came, Actor actor, CancellationToken cancel)
    {
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        var page = TreeHash.Sha256(FormPage.ToBytes(form, came.Layout, came.Language));
        var taken = new List<(FormBox, ConsentOutcome)>();
        foreach (var (box, point) in answer.Yeses)
        {
            var isLead = came.LeadForm is not null;
            var wording = FormWords.WordingOf(form, box, isLead ? ChoiceKind.LeadForm : ChoiceKind.Box);
            var evidence = new ConsentEvidence
            {
                Method = isLead ? ConsentMethod.LeadForm : ConsentMethod.Checkbox,
                Shown = new ShownWording(wording.Digest, came.Language),
                At = came.At ?? now,
                Page = came.Page,
                Ip = came.Ip,
                Device = came.Device is { Length: > LongestDevice } device ? device[..LongestDevice] : came.Device,
                LeadForm = came.LeadForm,
                // What a social network shows is its own page; of ours the very bytes are kept.
                Form = isLead ? null : new FormSeen(form.Digest, came.Layout.Name, page),
                Guardian = answer.Guardian,
                Address = answer.Address,
                Signature = WordingProof.Of(wording, came.Language) is { IsSigned: true } ? SignatureKind.Electronic : null,
                // Source: the regulator's notes on UWG § 7a want to know who received the declaration (de-consent-doc-content). Our reading: a page is received by the form itself.
                Recorder = isLead ? new Recorder(actor.Kind, actor.Ref) : new Recorder(ActorKind.System, FormConfirming.ActorOf(form).Ref),
            };
            var asked = new ConsentAsked
            {
                Evidence = evidence, Wording = wording.Digest.ToString(), Language = came.Language, Now = now, At = came.At, TimeFrom = isLead && came.At is not null ? EventSource.Provider : EventSource.Server,
                Name = answer.Name, Residence = answer.Residence,
            };
            var tags = installation.TagsOf(point);
            var taking = new ConsentTaking(installation, ledger, actor, tags, asked) { ClientKey = came.LeadForm is { } lead ? KeyOf(lead, box, tags) : null };
            taken.Add((box, await taking.RunAsync(form.OptIn == FormOptIn.Double ? ConsentStep.Request : ConsentStep.Record, cancel)));
        }

        return taken;
    }

    // Networks and programs bring a lead more than once. Under the same name it is the same yes, of the same number or address.
    private static ClientKey KeyOf(LeadFormSeen lead, FormBox box, PointTags tags) =>
        new("lead", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{lead.Platform}\n{lead.Lead}\n{box.Name}"))), SHA256.HashData(tags.Lookup));
}
