using System.Text;
using System.Text.Json;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;

namespace Ringfence.Server.People;

/// <summary>One thing that a piece of evidence says.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Text">What it says, fit to be shown.</param>
/// <param name="IsCode">Whether it is to be read letter by letter: a digest, a name in another system.</param>
public sealed record EvidenceLine(string Name, string Text, bool IsCode = false);

/// <summary>What evidence says, for people.</summary>
internal static class EvidenceLines
{
    // Whatever else was sealed has few members; what is longer is for the bundle.
    private const int MostOther = 40;

    /// <summary>What was sealed as evidence of a record.</summary>
    public static IReadOnlyList<EvidenceLine> Of(PageCall call, byte[] content)
    {
        try
        {
            return [.. Of(call, ConsentEvidence.FromBytes(content)).Where(static line => line.Text.Length > 0)];
        }
        catch (RuleFileException)
        {
            return [.. Other(call, content).Take(MostOther)];
        }
    }

    /// <summary>A digest as it is read aloud: in fours.</summary>
    public static string Digest(Digest digest) => "sha256:" + digest;

    private static IEnumerable<EvidenceLine> Of(PageCall call, ConsentEvidence evidence)
    {
        EvidenceLine Line(string key, string? text, bool code = false) => new(call.T("Evidence." + key), text is null ? "" : ReportLanguage.Visible(text), code);
        yield return Line("method", call.T("Method." + Words<ConsentMethod>.Of(evidence.Method)));
        if (evidence.At is { } at)
            yield return Line("at", Time(call, at));
        yield return Line("page", evidence.Page);
        yield return Line("call", evidence.Call, true);
        yield return Line("place", evidence.Place);
        yield return Line("ip", evidence.Ip, true);
        yield return Line("device", evidence.Device);
        if (evidence.Message is { } message)
        {
            yield return Line("message", message.Id, true);
            yield return Line("messageVia", message.Via is { } via ? call.T("Channel." + via.Word()) : null);
        }

        yield return Line("answer", evidence.Answer);
        yield return Line("account", evidence.Account, true);
        if (evidence.LeadForm is { } form)
            yield return Line("leadForm", $"{form.Platform}, {form.Form}, {form.Lead}", true);
        if (evidence.Form is { } filled)
        {
            yield return Line("form", Digest(filled.Doc), true);
            yield return Line("formPage", Digest(filled.Page), true);
        }

        if (evidence.Recording is { } recording)
        {
            yield return Line("recording", Digest(recording.Digest), true);
            yield return Line("announced", call.T(recording.IsAnnounced ? "Evidence.Yes" : "Evidence.No"));
        }

        if (evidence.Scan is { } scan)
            yield return Line("scan", Digest(scan), true);
        if (evidence.Signature is { } signature)
            yield return Line("signature", call.T("Signature." + Words<SignatureKind>.Of(signature)));
        if (evidence.Recorder is { } recorder)
            yield return Line("recorder", $"{call.T("Actor." + RecordWords.ActorKinds.Of(recorder.Kind))} {recorder.Ref}");
        if (evidence.Confirmation is { } confirmed)
            yield return Line("confirmation", call.T("Evidence.ConfirmedBy", Time(call, confirmed.At), call.T("Channel." + confirmed.Via.Word()), ReportLanguage.Visible(confirmed.Message)));
        yield return Line("guardian", evidence.Guardian);
        yield return Line("address", evidence.Address);
        foreach (var word in Words<ConsentFlaws>.All.Where(word => Words<ConsentFlaws>.TryParse(word, out var flaw) && (evidence.Flaws & flaw) != 0))
            yield return Line("flaw", GateTexts.Item(word)?.In(call.Words.Tag) ?? word);
    }

    // What a list said of a yes, the words of a no, why a lift was an error: names as they were written down, with those we know in the reader's language.
    private static IEnumerable<EvidenceLine> Other(PageCall call, byte[] content)
    {
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(content);
        }
        catch (JsonException)
        {
            return [new EvidenceLine(call.T("Evidence.words"), ReportLanguage.Visible(Encoding.UTF8.GetString(content)))];
        }

        using (json)
        {
            return [.. Flat("", json.RootElement).GroupBy(static one => one.Name)
                .Select(group => new EvidenceLine(NameOf(call, group.Key), call.Words.Join(group.Select(one => ReportLanguage.Visible(WordOf(call, one.Name, one.Value)))), group.Key is "file" or "format"))];
        }
    }

    private static string NameOf(PageCall call, string name) => call.Words.Find("Evidence." + name) ?? ReportLanguage.Visible(name);

    private static string WordOf(PageCall call, string name, string value) => name switch
    {
        "holds" or "flaws" => GateTexts.Item(value)?.In(call.Words.Tag) ?? value,
        "via" when Channels.TryParse(value, out var channel) => call.T("Channel." + channel.Word()),
        "method" => call.Words.Find("Method." + value) ?? value,
        _ => value,
    };

    private static IEnumerable<(string Name, string Value)> Flat(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Flat(name.Length == 0 ? member.Name : $"{name}.{member.Name}", member.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Flat(name, item)),
        JsonValueKind.Null or JsonValueKind.Undefined => [],
        _ => [(name, value.ToString())],
    };

    private static string Time(PageCall call, Instant at) =>
        call.T("Time.Exact", call.Words.Date(at.InUtc().Date), at.InUtc().TimeOfDay.ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
}
