using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ringfence.Verify;

/// <summary>What came out, as its exit code.</summary>
internal enum Result
{
    Verified = 0,
    False = 1,
    Unusable = 2,
    Unanchored = 3,
    Erased = 4,
}

/// <summary>What was checked, what failed, and what follows from it.</summary>
internal sealed class Report
{
    // Who sees a hundred faults needs no more; how many there are is said.
    private const int MostTold = 100;

    private readonly List<string> checks = [];
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
    private readonly List<Fault> faults = [];
    private readonly List<(string Why, string Where)> passedOver = [];
    private readonly SortedSet<string> anchoredBy = new(StringComparer.Ordinal);
    private readonly List<(long Record, long By)> erased = [];
    private Checkpoint? ledger;
    private long faultsInAll;

    private sealed record Fault(string Check, string Why, long? Record, string? Where);

    /// <summary>How many records, from the first, are fixed by something outside the operator's hands.</summary>
    public long Anchored { get; private set; }

    /// <summary>How many records, from the first, have to be fixed so for what was asked; 0 where that is not the question.</summary>
    public long ToBeAnchored { get; set; }

    /// <summary>How many records there were at the last audit; null where that was not said.</summary>
    public long? Since { get; set; }

    /// <summary>Why nothing could be checked; null where it could.</summary>
    public UnusableException? Unusable { get; set; }

    public Result Result => (faultsInAll, Unusable) switch
    {
        ( > 0, _) => Result.False,
        (_, not null) => Result.Unusable,
        _ when Anchored < ToBeAnchored => Result.Unanchored,
        _ => erased.Count > 0 ? Result.Erased : Result.Verified,
    };

    /// <summary>The checkpoint that what was checked leads to.</summary>
    public void Of(Checkpoint checkpoint) => ledger = checkpoint;

    /// <summary>A check was made so many times, whatever came out.</summary>
    public void Checked(string check, long times = 1)
    {
        if (times == 0)
            return;
        if (counts.TryAdd(check, 0))
            checks.Add(check);
        counts[check] += times;
    }

    /// <summary>A check failed.</summary>
    /// <param name="check">The check.</param>
    /// <param name="why">A stable word.</param>
    /// <param name="record">The number of the record.</param>
    /// <param name="where">The file or the size.</param>
    public void Failed(string check, string why, long? record = null, string? where = null)
    {
        if (counts.TryAdd(check, 0))
            checks.Add(check);
        if (faultsInAll++ < MostTold)
            faults.Add(new Fault(check, why, record, where));
    }

    /// <summary>Something was there that could not be judged and so counts for nothing.</summary>
    public void PassedOver(string why, string where)
    {
        if (passedOver.Count < MostTold && !passedOver.Contains((why, where)))
            passedOver.Add((why, where));
    }

    /// <summary>Something outside the operator's hands fixes the records below this size.</summary>
    public void IsAnchored(long size, string by)
    {
        Anchored = Math.Max(Anchored, size);
        anchoredBy.Add(by);
    }

    /// <summary>Openings of a record are erased, as another record says.</summary>
    public void IsErased(long record, long by) => erased.Add((record, by));

    /// <summary>Tells it to people.</summary>
    public void Tell(TextWriter output, Texts texts)
    {
        if (ledger is not null)
            output.WriteLine(texts.Say("ledger", ledger.Origin, ledger.Size, Convert.ToBase64String(ledger.Root)));
        foreach (var check in checks)
        {
            if (faults.All(fault => fault.Check != check))
                output.WriteLine($"  {texts.Say("mark.ok")} {texts.Say("ok." + check, counts[check])}");
        }

        foreach (var fault in faults)
        {
            var where = fault.Record is { } record ? texts.Say("at.record", record) : fault.Where is { } place ? texts.Say("at.place", Visible(place)) : "";
            output.WriteLine($"  {texts.Say("mark.false")} {where}{texts.Say("bad." + fault.Check)} ({fault.Why})");
        }

        if (faultsInAll > faults.Count)
            output.WriteLine($"  {texts.Say("mark.false")} {texts.Say("more", faultsInAll - faults.Count)}");
        foreach (var (why, where) in passedOver)
            output.WriteLine($"  {texts.Say("mark.note")} {texts.Say("over." + why, Visible(where))}");
        foreach (var (record, by) in erased)
            output.WriteLine($"  {texts.Say("mark.note")} {texts.Say("erased", record, by)}");
        if (Since is { } since && since <= ledger?.Size)
            output.WriteLine($"  {texts.Say("mark.note")} {texts.Say("since", ledger.Size - since, since)}");
        if (Result is Result.Verified or Result.Unanchored or Result.Erased && ToBeAnchored > 0)
            output.WriteLine($"  {texts.Say(Anchored == 0 ? "mark.note" : "mark.ok")} {texts.Say(Anchored == 0 ? "anchored.none" : "anchored", Anchored - 1, string.Join(texts.Say("and"), anchoredBy.Select(by => texts.Say("by." + by))))}");
        if (Unusable is not null)
            output.WriteLine($"  {texts.Say("mark.note")} {texts.Say("unusable." + Unusable.Why, Visible(Unusable.Where))}");
        output.WriteLine(texts.Say(Result == Result.Verified && ToBeAnchored == 0 ? "result.Agree" : $"result.{Result}"));
    }

    /// <summary>Tells it to programs: one line of JSON.</summary>
    public string Line()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("result", Result.ToString().ToLowerInvariant());
            json.WriteNumber("exit", (int)Result);
            WriteChecked(json);
            WriteFailed(json);
            WriteRest(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private void WriteChecked(Utf8JsonWriter json)
    {
        json.WriteStartObject("checked");
        if (ledger is not null)
        {
            json.WriteString("ledger", ledger.Origin);
            json.WriteNumber("size", ledger.Size);
            json.WriteString("root", Convert.ToBase64String(ledger.Root));
        }

        foreach (var check in checks)
            json.WriteNumber(check, counts[check]);
        if (Since is { } since)
            json.WriteNumber("since", since);
        json.WriteNumber("anchored", Anchored);
        if (anchoredBy.Count > 0)
            json.WriteString("anchored_by", string.Join(' ', anchoredBy));
        json.WriteEndObject();
    }

    private void WriteFailed(Utf8JsonWriter json)
    {
        json.WriteStartArray("failed");
        foreach (var fault in faults)
        {
            json.WriteStartObject();
            json.WriteString("check", fault.Check);
            if (fault.Record is { } record)
                json.WriteNumber("record", record);
            if (fault.Where is { } where)
                json.WriteString("where", Visible(where));
            json.WriteString("why", fault.Why);
            json.WriteEndObject();
        }

        if (Unusable is not null)
        {
            json.WriteStartObject();
            json.WriteString("check", "input");
            json.WriteString("where", Visible(Unusable.Where));
            json.WriteString("why", Unusable.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (faultsInAll > faults.Count)
            json.WriteNumber("more_failed", faultsInAll - faults.Count);
    }

    private void WriteRest(Utf8JsonWriter json)
    {
        if (passedOver.Count > 0)
        {
            json.WriteStartArray("passed_over");
            foreach (var (why, where) in passedOver)
            {
                json.WriteStartObject();
                json.WriteString("where", Visible(where));
                json.WriteString("why", why);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (erased.Count == 0)
            return;
        json.WriteStartArray("erased");
        foreach (var (record, by) in erased)
        {
            json.WriteStartObject();
            json.WriteNumber("record", record);
            json.WriteNumber("by", by);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // A name of a file may hold what moves the cursor.
    private static string Visible(string text) =>
        string.Concat(text.Select(c => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate ? '?' : c));
}
