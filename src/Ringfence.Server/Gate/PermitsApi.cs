using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary><c>/api/v1/permits</c>: leave to make one contact now. Only a permit that was redeemed lets anybody be contacted.</summary>
internal static class PermitsApi
{
    private const string Mark = "per_";

    // Somebody wrote about the person while it was read; a further try sees it.
    private const int MostTries = 5;

    /// <summary><c>POST permits</c>.</summary>
    public static async Task<ApiAnswer> IssueAsync(ApiCall call)
    {
        var body = JsonBody.Read(call.Body);
        call.RequireController(body);
        var tags = call.Tags(body, "to");
        if (body.TextOrNull("at") is not null)
            throw ApiFault.Bad("not-for-permits", body.At("at"));
        var asked = call.Installation.Registers.On(DecisionsApi.Asked(call, body), tags.Point, call.Gate);
        var key = call.ClientKey();
        body.Done();
        call.RequireOpen();

        var writer = await call.Installation.WriterAsync(call.Ledger, call.Cancel);
        await call.Served.KeepRulesAsync(call.Ledger, call.Caller.Actor, call.Cancel);
        for (var tries = 1; ; tries++)
        {
            var facts = await LedgerFacts.ReadAsync(call.Installation, call.Ledger, tags, call.Cancel);
            var command = new IssuePermitCommand(call.Caller.Actor, call.Gate, call.Served.Rules.Digest, asked, facts) { ClientKey = key };
            try
            {
                var answer = CommandAnswer.Read(await writer.DoAsync(command, call.Cancel));
                return await TellAsync(call, command, asked with { Contact = asked.Contact with { Phone = tags.Point.Kind == PointKind.Phone ? tags.Point.Value : null } }, answer);
            }
            catch (CommandRefusedException e) when (e.Code == "changed-meanwhile" && tries < MostTries)
            {
            }
        }
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

    private static async Task<ApiAnswer> TellAsync(ApiCall call, IssuePermitCommand command, Situation asked, CommandAnswer answer)
    {
        var (verdict, situation, expires) = (command.Decision?.Verdict, command.Judged, command.Expires);
        if (verdict is null)
        {
            // Answered before, to the same key: told from the record, by the rules of then.
            var replay = await Replay.RunAsync(call.Installation.Store, call.Ledger, answer.Seq, call.Cancel);
            verdict = replay.Again.Verdict;
            situation = replay.Recorded.Situation with { Contact = replay.Recorded.Situation.Contact with { Phone = asked.Contact.Phone, Number = null } };
            expires = replay.Record.Detail?["expires"]?.AsNumber is { } micros ? Micros.ToInstant(micros) : null;
        }

        Meters.Count(verdict!.Word, permit: true);
        var told = Explanation.Of(situation!, verdict!, [], LanguageTexts.TagOf(call.Language));
        return ApiAnswer.Json(answer.Permit is null ? StatusCodes.Status200OK : StatusCodes.Status201Created, json =>
        {
            json.WriteStartObject();
            if (answer.Permit is { } permit)
            {
                json.WriteString("permit", Mark + permit);
                json.WriteString("expires", InstantPattern.ExtendedIso.Format(expires!.Value));
            }

            VerdictJson.Write(json, verdict!, told, answer.Seq);
            json.WriteEndObject();
        });
    }

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
}
