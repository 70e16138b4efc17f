using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Gate;

/// <summary><c>/api/v1/decisions</c>: may somebody be contacted?</summary>
internal static class DecisionsApi
{
    /// <summary>How many questions one request may hold.</summary>
    public const int MostInBatch = 1_000;

    private const string Mark = "dec_";

    /// <summary><c>POST decisions</c>: one.</summary>
    public static async Task<ApiAnswer> DecideAsync(ApiCall call)
    {
        var decided = await DecideAsync(call, JsonBody.Read(call.Body), mayRecord: true);
        return ApiAnswer.Json(decided.Seq is null ? StatusCodes.Status200OK : StatusCodes.Status201Created, json => Write(json, decided));
    }

    /// <summary><c>POST decisions/batch</c>: up to a thousand; what is amiss with one is said in its place.</summary>
    public static async Task<ApiAnswer> DecideManyAsync(ApiCall call)
    {
        var body = JsonBody.Read(call.Body);
        var questions = body.List("requests");
        body.Done();
        if (questions.Count > MostInBatch)
            throw ApiFault.Bad("too-many", "/requests", MostInBatch.ToString(CultureInfo.InvariantCulture));
        var answers = new List<(Decided? Decided, Exception? Fault)>(questions.Count);
        for (var i = 0; i < questions.Count; i++)
        {
            try
            {
                answers.Add((await DecideAsync(call, JsonBody.Of(questions[i], FormattableString.Invariant($"/requests/{i}")), mayRecord: false), null));
            }
            catch (Exception fault) when (fault is ApiFault or CommandRefusedException or RuleFileException)
            {
                answers.Add((null, fault));
            }
        }

        return ApiAnswer.Json(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("decisions");
            foreach (var (decided, fault) in answers)
            {
                if (decided is not null)
                    Write(json, decided);
                else
                    json.WriteRawValue(ApiProblem.Of(fault!, call.Language).Bytes.Span);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary><c>GET decisions/{id}</c>: one that was written down, as it stands in the ledger.</summary>
    public static async Task<ApiAnswer> ShowAsync(ApiCall call)
    {
        var replay = await ReplayAsync(call);
        return ApiAnswer.Json(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", IdOf(replay.Record.Seq));
            json.WriteNumber("record", replay.Record.Seq);
            json.WriteString("at", InstantPattern.ExtendedIso.Format(replay.Record.At));
            json.WritePropertyName("decision");
            json.WriteRawValue(replay.Recorded.ToBytes());
            json.WriteEndObject();
        });
    }

    /// <summary><c>POST decisions/{id}/replay</c>: computes it anew under the rules of then.</summary>
    public static async Task<ApiAnswer> ReplayOneAsync(ApiCall call)
    {
        if (!call.Body.IsEmpty)
            JsonBody.Read(call.Body).Done();
        var replay = await ReplayAsync(call);
        return ApiAnswer.Json(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", IdOf(replay.Record.Seq));
            json.WriteBoolean("same", replay.IsSame);
            Texts(json, "differences", replay.Differences);
            Texts(json, "notes", replay.Notes);
            json.WriteEndObject();
        });
    }

    private static async Task<Replay> ReplayAsync(ApiCall call)
    {
        var id = call.Path("id");
        return id.StartsWith(Mark, StringComparison.Ordinal) && long.TryParse(id.AsSpan(Mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            ? await Replay.RunAsync(call.Installation.Store, call.Ledger, seq, call.Cancel)
            : throw new CommandRefusedException("no-such-record");
    }

    private static async Task<Decided> DecideAsync(ApiCall call, JsonBody body, bool mayRecord)
    {
        call.RequireOpen();
        call.RequireController(body);
        var tags = call.Tags(body, "to");
        var asked = Asked(call, body);
        var record = body.Flag("record");
        body.Done();
        if (record && !mayRecord)
            throw ApiFault.Bad("not-in-batch", body.At("record"));
        if (!record)
        {
            var (situation, asOf) = await AdviseAsync(call, asked, tags);
            var verdict = call.Gate.Decide(situation);
            Meters.Count(verdict.Word, permit: false);
            return new Decided(verdict, Told(call, situation, verdict), asOf, null);
        }

        var answer = await ContactDecision.MakeAsync(call.Installation, call.Ledger, call.Caller.Actor, call.Gate, asked, tags, record: true, call.Cancel);
        return new Decided(answer.Decision.Verdict!, Told(call, answer.Situation, answer.Decision.Verdict!), answer.Decision.AsOf, answer.Seq);
    }

    // From what this node knows; from the store, where that has changed and is not worked out yet.
    private static async ValueTask<(Situation Situation, long AsOf)> AdviseAsync(ApiCall call, Situation asked, PointTags tags)
    {
        asked = call.Installation.Registers.On(asked, tags.Point, call.Gate);
        if (call.Installation.Snapshots?.Of(call.Ledger) is { } snapshot)
        {
            // Not even by the store: a node that does not keep up is one that something is wrong with.
            var advice = snapshot.IsBehind ? null : snapshot.Advise(asked, tags);
            if (advice is null)
                throw ApiCall.Shut("behind");
            if (advice.Value.Situation is { } known)
                return (known, advice.Value.AsOf);
        }

        return await ContactDecision.AdviseAsync(call.Installation, call.Ledger, asked, tags, call.Cancel);
    }

    /// <summary>What is asked, with the facts that the caller states.</summary>
    public static Situation Asked(ApiCall call, JsonBody body)
    {
        if (!Channels.TryParse(body.Text("channel"), out var channel))
            throw ApiFault.Bad("bad-channel", body.At("channel"), body.Text("channel"));
        var purpose = body.Text("purpose");
        if (!ScopeArguments.IsPurpose(purpose))
            throw ApiFault.Bad("bad-purpose", body.At("purpose"), purpose);
        Technique? technique = null;
        if (body.TextOrNull("technique") is { } word)
            technique = Words<Technique>.TryParse(word, out var known) ? known : throw ApiFault.Bad("bad-technique", body.At("technique"), word);
        Instant at;
        try
        {
            at = KnownContactOptions.InstantOf(body.TextOrNull("at"), call.Installation.Time);
        }
        catch (CommandRefusedException e)
        {
            throw ApiFault.Bad(e.Code, body.At("at"), [.. e.Arguments]);
        }

        return AskedFile.Read(new ContactQuestion(at, call.Ledger.Controller, channel, purpose, technique), "facts", body.RawOrNull("facts"), call.Served.Facts);
    }

    private static Explanation Told(ApiCall call, Situation situation, Verdict verdict) =>
        Explanation.Of(situation, verdict, verdict is Verdict.Allowed ? [] : call.Gate.Alternatives(situation), LanguageTexts.TagOf(call.Language));

    private static void Write(Utf8JsonWriter json, Decided decided)
    {
        json.WriteStartObject();
        if (decided.Seq is { } seq)
            json.WriteString("id", IdOf(seq));
        VerdictJson.Write(json, decided.Verdict, decided.Told, decided.Seq);
        json.WriteNumber("asOf", decided.AsOf);
        json.WriteEndObject();
    }

    private static string IdOf(long seq) => FormattableString.Invariant($"{Mark}{seq}");

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private sealed record Decided(Verdict Verdict, Explanation Told, long AsOf, long? Seq);
}
