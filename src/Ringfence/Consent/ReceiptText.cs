using System.Globalization;
using System.Text;
using NodaTime;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>A receipt as plain text, a line for each thing a person may want to know.</summary>
internal sealed class ReceiptText
{
    private static readonly IReadOnlyDictionary<string, RuleText> Table = TextTable.Load("receipt-texts.tsv", 2);

    private readonly Receipt receipt;
    private readonly GateLanguage language;
    private readonly StringBuilder text = new();

    private ReceiptText(Receipt receipt, string tag) => (this.receipt, language) = (receipt, new GateLanguage(tag));

    /// <summary>All that is written there.</summary>
    internal static IEnumerable<KeyValuePair<string, RuleText>> All => Table;

    public static string Of(Receipt receipt, string tag)
    {
        var written = new ReceiptText(receipt, tag);
        written.Write();
        return written.text.ToString();
    }

    private void Write()
    {
        var record = receipt.Record;
        text.Append(Say("title", RecordWords.States.Of(record.State!.Value))).Append("\n\n");
        WriteWho(receipt.Controller);
        Line("channels", record.Scope?.Channels is { } channels ? language.List(channels.Select(ChannelName)) : null);
        Line("purposes", record.Scope?.Purposes is { } purposes ? language.List(purposes) : null);
        if (receipt.Wording?.Frequency is { } most)
            Line("frequency", most.Most.ToString(CultureInfo.InvariantCulture), language.Period(most.Within));
        WriteTerm(record);
        Line("event", Time(record.EventAt ?? record.At));
        Line("recorded", Time(record.At));
        if (receipt.Evidence is { } evidence)
            WriteHow(evidence);
        if (receipt.Wording is { } wording)
            WriteWording(wording);
        WriteWords(record);
        Line("record", record.Id.ToString());
        Line("digest", receipt.Digest.ToString());
    }

    private void WriteWho(PartyDocument controller)
    {
        Line("controller", language.List([controller.Name, controller.Address, language.Place(controller.Country)]));
        Line("contact", Reach(controller.Contact));
        Line("officer", controller.PrivacyOfficer is { } officer ? Reach(officer) : null);
    }

    private void WriteTerm(LedgerRecord record)
    {
        if (ConsentEvent.From(record) is not { IsNo: false } yes || record.State == RecordState.Requested)
            return;
        if (record.ValidFor is null or "until-withdrawn")
            Line("until-withdrawn", []);
        else
            Line("term", language.Period(yes.ValidFor!));
    }

    private void WriteHow(ConsentEvidence evidence)
    {
        Line("method", language.Word("method", Words<ConsentMethod>.Of(evidence.Method)));
        Line("page", evidence.Page ?? evidence.Place ?? evidence.Call);
        if (evidence.Confirmation is { } confirmed)
            Line("confirmed", ChannelName(confirmed.Via.Word()), Time(confirmed.At));
    }

    private void WriteWording(WordingDocument wording)
    {
        Line("stop", wording.Stop.IsNone ? null : language.Parts(WaysOf(wording.Stop)));
        if (wording.Notice is { } notice)
            Line("notice", notice.Page, notice.Version);
        Line("data", Named(wording.Processing.Data));
        Line("third-parties", Named(wording.ThirdParties));
        Line("recipients", Named(wording.Processing.Recipients.Concat(wording.Callers).Distinct(StringComparer.Ordinal)));
        Line("storage", Named(wording.Processing.Storage.Select(language.Place)));
        Line("retention", wording.Processing.Retention is { } kept ? language.Period(kept) : null);
        Line("rights", Named(wording.Processing.Rights.Select(right => Say("right", Words<RequestKind>.Of(right)))));
        Line("authority", wording.Processing.Authority);
    }

    private void WriteWords(LedgerRecord record)
    {
        if (record.Notice is not { } notice)
            return;
        if (receipt.Words is not { } words)
        {
            Line("words-missing", notice.Doc.ToString());
            return;
        }

        Line("words", receipt.Wording!.Version);
        foreach (var line in words.Text.Split('\n'))
            text.Append("    ").Append(line).Append('\n');
    }

    private List<string> WaysOf(WordingStop stop)
    {
        var ways = new List<string>();
        foreach (var (way, value) in (ReadOnlySpan<(string, string?)>)[("reply", stop.Reply), ("page", stop.Page), ("email", stop.Email), ("phone", stop.Phone), ("post", stop.Post)])
        {
            if (value is not null)
                ways.Add(Say("stop", way, value));
        }

        ways.AddRange(Words<StopPlaces>.All.Where(word => Words<StopPlaces>.TryParse(word, out var place) && stop.In.HasFlag(place)).Select(word => Say("stop", word)));
        return ways;
    }

    private string Reach(PartyContact contact) => language.List(new[] { contact.Name, contact.Email, contact.Phone, contact.Page }.OfType<string>());

    private string? Named(IEnumerable<string> names) => names.ToArray() is { Length: > 0 } some ? language.List(some) : null;

    private string ChannelName(string word) => Channels.TryParse(word, out var channel) ? GateTexts.Of(channel).In(language.Tag) : word;

    private string Time(Instant at)
    {
        var local = at.InUtc().LocalDateTime;
        return Say("line", "utc", language.Date(local.Date), local.TimeOfDay.ToString("HH':'mm':'ss", CultureInfo.InvariantCulture));
    }

    private void Line(string key, params string?[] values)
    {
        if (!values.Contains(null))
            text.Append(Say("line", key, values!)).Append('\n');
    }

    private string Say(string kind, string key, params object[] values) =>
        string.Format(CultureInfo.InvariantCulture, Table[$"{kind} {key}"].In(language.Tag), values);
}
