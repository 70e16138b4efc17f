using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary><c>/api/v1/permits</c>: leave to make one contact now. Only a permit that was redeemed lets anybody be contacted.</summary>
internal static class PermitsApi
{
    /// <summary>What the name of a permit begins with.</summary>
    public const string Mark = "per_";

    // Somebody wrote about the person while it was read; a further try sees it.
    private const int MostTries = 5;

    // Of a batch so many are judged in one go: whoever says no meanwhile, or asks for one permit, waits for these and not for a thousand.
    private const int MostTogether = 100;

    // The store has a few connections for everybody.
    private const int MostReaders = 8;

    /// <summary><c>POST permits</c>.</summary>
    public static async Task<ApiAnswer> IssueAsync(ApiCall call)
    {
        var body = JsonBody.Read(call.Body);
        var asked = Read(call, body);
        var key = call.ClientKey();
        call.RequireOpen();

        var writer = await call.Installation.WriterAsync(call.Ledger, call.Cancel);
        await call.Served.KeepRulesAsync(call.Ledger, call.Caller.Actor, call.Cancel);
        var facts = await TurnFacts.OfAsync(call.Installation, call.Ledger, asked.Tags, call.Cancel);
        var issued = await IssueAsync(call, writer, asked, key, facts);
        var told = (await TellAsync(call, [issued]))[0];
        return new ApiAnswer(issued.Answer.Permit is null ? StatusCodes.Status200OK : StatusCodes.Status201Created, told);
    }

    /// <summary><c>POST permits/batch</c>: up to a thousand, issued in their order, each counting for those behind it; what is amiss with one is said in its place.</summary>
    public static async Task<ApiAnswer> IssueManyAsync(ApiCall call)
    {
        var body = JsonBody.Read(call.Body);
        var questions = body.List("requests");
        body.Done();
        if (questions.Count > DecisionsApi.MostInBatch)
            throw ApiFault.Bad("too-many", "/requests", DecisionsApi.MostInBatch.ToString(CultureInfo.InvariantCulture));
        var key = call.ClientKey();
        call.RequireOpen();

        var writer = await call.Installation.WriterAsync(call.Ledger, call.Cancel);
        await call.Served.KeepRulesAsync(call.Ledger, call.Caller.Actor, call.Cancel);
        // Another batch under the same key is told so before anything of it is done.
        if (key is not null)
            await writer.DoAsync(new BeginBatchCommand { ClientKey = key }, call.Cancel);
        var issued = new Issued[questions.Count];
        var faults = new Exception?[questions.Count];
        for (var from = 0; from < questions.Count; from += MostTogether)
        {
            var some = Math.Min(MostTogether, questions.Count - from);
            var facts = new (PermitAsked Asked, TurnFacts Facts)[some];
            await Parallel.ForAsync(0, some, new ParallelOptions { MaxDegreeOfParallelism = MostReaders, CancellationToken = call.Cancel }, async (i, cancel) =>
            {
                faults[from + i] = await FaultOfAsync(async () =>
                {
                    call.RequireOpen();
                    var asked = Read(call, JsonBody.Of(questions[from + i], FormattableString.Invariant($"/requests/{from + i}")));
                    facts[i] = (asked, await TurnFacts.OfAsync(call.Installation, call.Ledger, asked.Tags, cancel));
                });
            });
            // Queued one after the other, so that they are judged in this order; and committed as one group, or as few.
            var issuing = new Task<Exception?>[some];
            for (var i = 0; i < some; i++)
            {
                var at = from + i;
                var (asked, known) = facts[i];
                issuing[i] = faults[at] is not null ? Task.FromResult(faults[at]) : FaultOfAsync(async () =>
                    issued[at] = await IssueAsync(call, writer, asked, key is null ? null : key with { Key = FormattableString.Invariant($"{key.Key}\n{at}") }, known));
            }

            (await Task.WhenAll(issuing)).CopyTo(faults, from);
        }

        var told = await TellAsync(call, [.. issued.Where((_, i) => faults[i] is null)]);
        return ApiAnswer.Json(StatusCodes.Status200OK, json =>
        {
            var next = 0;
            json.WriteStartObject();
            json.WriteStartArray("permits");
            foreach (var fault in faults)
            {
                json.WriteRawValue((fault is null ? told[next++] : ApiProblem.Of(fault, call.Language).Bytes).Span, skipInputValidation: true);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary><c>POST permits/{id}/redeem</c>: just before the contact is made. Whoever gets anything but 200 makes none.</summary>
    public static async Task<ApiAnswer> RedeemAsync(ApiCall call)
    {
        var row = await RowAsync(call);
        Empty(call);
        call.RequireOpen();
        var answer = await call.DoAsync(new RedeemPermitCommand(call.Caller.Actor, row) { ClientKey = call.ClientKey() });
        return answer.Ended is { } why ? throw new ApiFault(StatusCodes.Status409Conflict, "permit-ended-now", null, why) : Done(row, answer);
    }

    /// <summary><c>POST permits/{id}/cancel</c>: no contact will be made.</summary>
    public static async Task<ApiAnswer> CancelAsync(ApiCall call)
    {
        var row = await RowAsync(call);
        Empty(call);
        return Done(row, await call.DoAsync(new EndPermitCommand(call.Caller.Actor, row) { ClientKey = call.ClientKey() }));
    }

    /// <summary><c>POST permits/{id}/outcome</c>: what came of it.</summary>
    public static async Task<ApiAnswer> OutcomeAsync(ApiCall call)
    {
        var row = await RowAsync(call);
        var body = JsonBody.Read(call.Body);
        var word = body.Text("outcome");
        if (!Words<Outcome>.TryParse(word, out var outcome) || outcome >= Outcome.Inbound)
            throw ApiFault.Bad("bad-outcome", body.At("outcome"), word, string.Join(", ", Words<Outcome>.All.Where(static name => Words<Outcome>.TryParse(name, out var known) && known < Outcome.Inbound)));
        body.Done();
        return Done(row, await call.DoAsync(new OutcomeCommand(call.Caller.Actor, row, outcome) { ClientKey = call.ClientKey() }));
    }

    private static PermitAsked Read(ApiCall call, JsonBody body)
    {
        call.RequireController(body);
        var tags = call.Tags(body, "to");
        if (body.TextOrNull("at") is not null)
            throw ApiFault.Bad("not-for-permits", body.At("at"));
        var asked = DecisionsApi.Asked(call, body);
        body.Done();
        return new PermitAsked(tags, call.Installation.Registers.On(asked, tags.Point, call.Gate));
    }

    private static async Task<Issued> IssueAsync(ApiCall call, LedgerWriter writer, PermitAsked asked, ClientKey? key, TurnFacts facts)
    {
        for (var tries = 1; ; tries++)
        {
            var by = call.Served.JudgedBy(call.Ledger);
            var command = new IssuePermitCommand(call.Caller.Actor, by, asked.Situation, facts) { ClientKey = key };
            try
            {
                return new Issued(asked, command, CommandAnswer.Read(await writer.DoAsync(command, call.Cancel)));
            }
            catch (CommandRefusedException e) when (e.Code == "changed-meanwhile" && tries < MostTries)
            {
                facts = await LedgerFacts.ReadAsync(call.Installation, call.Ledger, asked.Tags, call.Cancel);
            }
            catch (CommandRefusedException e) when (e.Code == "rules-changed" && tries < MostTries)
            {
                // Put in force by somebody else just now.
                await call.Served.InForce.RefreshAsync(call.Ledger, call.Cancel);
                await call.Served.KeepRulesAsync(call.Ledger, call.Caller.Actor, call.Cancel);
            }
        }
    }

    // What is wrong with one question; a store that is away is wrong with all of them, and the whole is to be asked again.
    private static async Task<Exception?> FaultOfAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (Exception fault) when (fault is ApiFault { Status: < StatusCodes.Status500InternalServerError } or CommandRefusedException or RuleFileException)
        {
            return fault;
        }
    }

    private static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> TellAsync(ApiCall call, IReadOnlyList<Issued> issued)
    {
        // Answered before, to the same key: told from the record, by the rules of then.
        var before = await Replay.RecallAsync(call.Served, call.Ledger, [.. issued.Where(static one => one.Command.Decision is null).Select(static one => one.Answer.Seq)], call.Cancel);
        return [.. issued.Select(one =>
        {
            var (verdict, situation, expires) = (one.Command.Decision?.Verdict, one.Command.Judged, one.Command.Expires);
            if (verdict is null)
            {
                var recalled = before[one.Answer.Seq];
                var phone = one.Asked.Tags.Point is { Kind: PointKind.Phone, Value: var number } ? number : null;
                verdict = recalled.Verdict;
                situation = recalled.Situation with { Contact = recalled.Situation.Contact with { Phone = phone, Number = null } };
                expires = recalled.Record.Detail?["expires"]?.AsNumber is { } micros ? Micros.ToInstant(micros) : null;
            }

            Meters.Count(verdict.Word, permit: true);
            var bytes = new System.Buffers.ArrayBufferWriter<byte>(1024);
            call.Served.Told.Write(bytes, situation!, verdict, [], LanguageTexts.TagOf(call.Language), new DecisionFrame(null, one.Answer.Seq, HeadOf(one.Answer, expires)));
            return bytes.WrittenMemory;
        })];
    }

    private static Action<Utf8JsonWriter>? HeadOf(CommandAnswer answer, Instant? expires) => answer.Permit is not { } permit ? null : json =>
    {
        json.WriteString("permit", Mark + permit);
        json.WriteString("expires", InstantPattern.ExtendedIso.Format(expires!.Value));
    };

    private static ApiAnswer Done(PermitRow row, CommandAnswer answer) => ApiAnswer.Json(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString("permit", Mark + new OpaqueId(row.Id));
        json.WriteNumber("record", answer.Seq);
        json.WriteBoolean("already", answer.Already);
        json.WriteEndObject();
    });

    private static void Empty(ApiCall call)
    {
        if (!call.Body.IsEmpty)
            JsonBody.Read(call.Body).Done();
    }

    private static async Task<PermitRow> RowAsync(ApiCall call)
    {
        var id = call.Path("id");
        if (!id.StartsWith(Mark, StringComparison.Ordinal) || !OpaqueId.TryParse(id.AsSpan(Mark.Length), out var permit))
            throw new CommandRefusedException("no-such-permit");
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Permits.Add(permit.ToArray());
        return (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel)).Permits.FirstOrDefault() ?? throw new CommandRefusedException("no-such-permit");
    }

    private sealed record PermitAsked(PointTags Tags, Situation Situation);

    private sealed record Issued(PermitAsked Asked, IssuePermitCommand Command, CommandAnswer Answer);
}
