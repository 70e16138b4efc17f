using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using NodaTime;
using Ringfence.Figures;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Gate;

/// <summary>The gate room: what was answered, why, and whether it comes out the same again.</summary>
internal static class GatePages
{
    /// <summary>Rows of one page.</summary>
    public const int Rows = 50;

    // Whoever opens the room waits so long for what was written meanwhile; of a large ledger they see the rest later.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>The page of one decision below the controller.</summary>
    public static string PathOf(long seq) => FormattableString.Invariant($"gate/decisions/{seq}");

    /// <summary><c>GET gate</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var filter = FilterOf(call);
        long? before = call.Query("before") is not { } text ? null : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : throw Bad("before");
        var recent = call.Served.RecentOf(call.Ledger);
        await recent.CatchUpAsync(Patience);
        var rows = recent.Newest(filter, before, Rows + 1);
        return await call.PageAsync<GatePage>(call.T("Room.gate"), new GateView(
            filter, recent.Count(new DecisionFilter(From: call.Now - Duration.FromDays(1))), recent.Count(new DecisionFilter()), recent.Reasons(new DecisionFilter()), [.. rows.Take(Rows)],
            rows.Count > Rows ? rows[Rows - 1].Seq : null, recent.Days(new DecisionFilter(), call.Now.InUtc().Date), call.Served.Advised.Of(call.Ledger), call.Served.Advised.Since, recent.Seen,
            recent.Ahead, recent.IsWhole, PeriodOf(call), recent.Count(filter).All));
    }

    /// <summary><c>GET gate/live</c>: what is answered from now on, as it is written down.</summary>
    public static Task<PageAnswer> LiveAsync(PageCall call)
    {
        var filter = FilterOf(call);
        return Task.FromResult<PageAnswer>(new PageAnswer.Events("decided", FollowAsync(call, filter)));
    }

    /// <summary><c>POST gate/find</c>: goes to a decision by its id or the number of its record.</summary>
    public static async Task<PageAnswer> FindAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var text = form.Text("id");
        form.Done();
        // As people copy it: dec_81734, #81,734, 81734.
        var digits = string.Concat(text.Where(static c => c is not (',' or '#' or ' ' or '，')));
        if (digits.StartsWith("dec_", StringComparison.Ordinal))
            digits = digits[4..];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? PageCall.SeeOther(call.At(PathOf(seq))) : throw new PageFault(StatusCodes.Status404NotFound, "no-decision");
    }

    /// <summary><c>GET gate/decisions/{id}</c>: one that was written down, in words by the rules of then, and computed anew.</summary>
    public static async Task<PageAnswer> DecisionAsync(PageCall call)
    {
        if (!long.TryParse(call.Path("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
            throw new PageFault(StatusCodes.Status404NotFound, "no-decision");
        Replay replay;
        try
        {
            replay = await Replay.RunAsync(call.Installation.Store, call.Ledger, seq, call.Cancel);
        }
        catch (CommandRefusedException e) when (e.Code is "no-such-record" or "no-decision")
        {
            throw new PageFault(StatusCodes.Status404NotFound, "no-decision");
        }
        catch (RuleArchiveException e)
        {
            throw new PageFault(StatusCodes.Status409Conflict, "rules-of-then", e.Name);
        }

        await RevealAsync(call, replay.Record);
        var (situation, verdict) = (replay.Recorded.Situation, replay.Again.Verdict!);
        return await call.PageAsync<DecisionPage>(
            call.T("Decision.Title", seq),
            new DecisionView(replay, Explanation.Of(situation, verdict, [], call.Words.Tag), VerdictDifference.Between(verdict, call.Served.InForce.Of(call.Ledger).Gate.Decide(situation))));
    }

    /// <summary>A decision holds what was known of somebody, though it names nobody. Whoever looks at that is written down before it is shown, where it is about somebody who is known.</summary>
    public static async Task RevealAsync(PageCall call, LedgerRecord record)
    {
        if (record is { Decision: not null, Subject: { } subject } && await Contacts.FindAsync(call.Installation, call.Ledger, subject.Sid, call.Cancel) is { } found)
            await call.DoAsync(new RevealCommand(call.Actor, found.Person.Sid, "decision"));
    }

    /// <summary>What an address looks for.</summary>
    private static DecisionFilter FilterOf(PageCall call)
    {
        var period = PeriodOf(call);
        return new(
            call.Query("verdict") is not { } verdict ? null : verdict is "allowed" or "deferred" or "refused" ? verdict : throw Bad("verdict"),
            call.Query("reason") is not { } reasons ? null : [.. reasons.Split(',').Select(static word => Words<ReasonCode>.TryParse(word, out var code) ? code : throw Bad("reason")).Distinct()],
            call.Query("channel") is not { } word ? null : Channels.TryParse(word, out var channel) ? channel : throw Bad("channel"),
            call.Query("rule"),
            call.Query("kind") switch { null => null, "permit" => true, "decision" => false, _ => throw Bad("kind") },
            period?.From.AtMidnight().InUtc().ToInstant(), period?.Until.AtMidnight().InUtc().ToInstant());
    }

    // The days of the address, as figures are about them; null: all that are kept.
    private static FigurePeriod? PeriodOf(PageCall call) => call.Query("from") is null ? null : FigurePeriod.Read(call.Query, call.Now.InUtc().Date);

    private static PageFault Bad(string field) => new(StatusCodes.Status400BadRequest, "bad-field", field);

    private static async IAsyncEnumerable<string> FollowAsync(PageCall call, DecisionFilter filter, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var recent = call.Served.RecentOf(call.Ledger);
        await recent.CatchUpAsync(cancel);
        var last = recent.Newest(new DecisionFilter(), null, 1) is [var newest] ? newest.Seq : -1;
        while (true)
        {
            await Task.Delay(Beat, call.Installation.Time, cancel);
            await recent.CatchUpAsync(cancel);
            var fresh = recent.Newest(new DecisionFilter(), null, Rows).TakeWhile(entry => entry.Seq > last).ToList();
            if (fresh.Count == 0)
                continue;
            last = fresh[0].Seq;
            var shown = fresh.FindAll(entry => filter.Takes(entry));
            var rows = shown.Count == 0 ? "" : await PageWriter.PartAsync<DecisionRows>(call with { Model = shown });
            var day = recent.Count(new DecisionFilter(From: Instant.FromDateTimeOffset(call.Installation.Time.GetUtcNow()) - Duration.FromDays(1)));
            yield return Told(rows, day);
        }
    }

    // As the script of the pages reads it: rows to be put in, and what stands in elements.
    private static string Told(string rows, VerdictCounts day)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("into", "feed");
            json.WriteNumber("keep", Rows);
            json.WriteString("rows", rows);
            json.WriteStartObject("text");
            json.WriteString("n-allowed", ReportLanguage.Number(day.Allowed));
            json.WriteString("n-deferred", ReportLanguage.Number(day.Deferred));
            json.WriteString("n-refused", ReportLanguage.Number(day.Refused));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}

/// <summary>What the gate room shows.</summary>
/// <param name="Filter">What the list is of.</param>
/// <param name="Day">Answers of the last 24 hours.</param>
/// <param name="Month">Those of the last thirty days.</param>
/// <param name="Reasons">What most of these were held back by.</param>
/// <param name="Rows">The list.</param>
/// <param name="Older">Where it goes on; null: it ends.</param>
/// <param name="Days">By day.</param>
/// <param name="Advised">Answers of this server that were not written down.</param>
/// <param name="Since">Since when these are counted.</param>
/// <param name="Seen">Records that were looked through.</param>
/// <param name="Ahead">Those that still are to be.</param>
/// <param name="IsWhole">Whether the list reaches back thirty days.</param>
/// <param name="Period">The days that the list is of; null: all that are kept.</param>
/// <param name="Fits">How many answers are in it.</param>
internal sealed record GateView(
    DecisionFilter Filter, VerdictCounts Day, VerdictCounts Month, IReadOnlyList<(ReasonCode Reason, long Times)> Reasons, IReadOnlyList<DecisionEntry> Rows, long? Older,
    IReadOnlyList<(LocalDate Day, VerdictCounts Counts)> Days, VerdictCounts Advised, Instant Since, long Seen, long Ahead, bool IsWhole, FigurePeriod? Period, long Fits);

/// <summary>One decision, and what came of it when it was computed anew.</summary>
/// <param name="Replay">Both.</param>
/// <param name="Told">In words, by the rules of then.</param>
/// <param name="Now">What the same facts would come to by the rules in force now: what differs.</param>
internal sealed record DecisionView(Replay Replay, Explanation Told, IReadOnlyList<VerdictDifference> Now);
