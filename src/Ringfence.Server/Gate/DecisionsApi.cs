using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Gate.Snapshot;
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
        if (QuickDecisions.One(call) is { } quick)
            return quick;
        var body = JsonBody.Read(call.Body);
        return await DecideAsync(call, body, body.Flag("explain", otherwise: true), mayRecord: true);
    }

    /// <summary><c>POST decisions/batch</c>: up to a thousand; what is amiss with one is said in its place.</summary>
    public static async Task<ApiAnswer> DecideManyAsync(ApiCall call)
    {
        if (await QuickDecisions.ManyAsync(call) is { } quick)
            return quick;
        var body = JsonBody.Read(call.Body);
        var questions = body.List("requests");
        var explain = body.Flag("explain", otherwise: true);
        body.Done();
        if (questions.Count > MostInBatch)
            throw ApiFault.Bad("too-many", "/requests", MostInBatch.ToString(CultureInfo.InvariantCulture));
        var answers = new List<ReadOnlyMemory<byte>>(questions.Count);
        for (var i = 0; i < questions.Count; i++)
        {
            var path = FormattableString.Invariant($"/requests/{i}");
            answers.Add(questions[i].ValueKind == JsonValueKind.Object
                ? await OneOfManyAsync(call, JsonBody.Of(questions[i], path), explain)
                : ApiProblem.Of(ApiFault.Bad("wants-object", path), call.Language).Bytes);
        }

        return ApiAnswer.Json(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("decisions");
            foreach (var answer in answers)
                json.WriteRawValue(answer.Span, skipInputValidation: true);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>The answer to one question of several, or what is amiss with it.</summary>
    public static async Task<ReadOnlyMemory<byte>> OneOfManyAsync(ApiCall call, JsonBody body, bool explain)
    {
        try
        {
            return (await DecideAsync(call, body, explain, mayRecord: false)).Bytes;
        }
        // A gate that is shut is shut for all of them.
        catch (Exception fault) when (fault is ApiFault { Code: not "shut" } or CommandRefusedException or RuleFileException)
        {
            return ApiProblem.Of(fault, call.Language).Bytes;
        }
    }

    /// <summary>One line of a stream: the question, and its answer as it stands in a line.</summary>
    public static async Task<ReadOnlyMemory<byte>> AnswerAsync(ApiCall call, byte[] question)
    {
        if (QuickDecisions.One(call with { Body = question }) is { } quick)
            return quick.Bytes;
        var body = JsonBody.Read(question);
        return (await DecideAsync(call, body, body.Flag("explain", otherwise: true), mayRecord: false)).Bytes;
    }

    /// <summary><c>GET decisions/{id}</c>: one that was written down, as it stands in the ledger, and in words, by the rules of then.</summary>
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
            json.WriteStartObject("explained");
            VerdictJson.Write(json, replay.Again.Verdict!, Explanation.Of(replay.Recorded.Situation, replay.Again.Verdict!, [], LanguageTexts.TagOf(call.Language)), replay.Record.Seq);
            json.WriteEndObject();
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

    private static async Task<ApiAnswer> DecideAsync(ApiCall call, JsonBody body, bool explain, bool mayRecord)
    {
        call.RequireOpen();
        call.RequireController(body);
        var tags = call.Tags(body, "to");
        var asked = Asked(call, body);
        var record = body.Flag("record");
        body.Done();
        if (record && !mayRecord)
            throw ApiFault.Bad("not-in-batch", body.At("record"));
        if (record)
            return await RecordAsync(call, asked, tags);
        var (situation, asOf) = await AdviseAsync(call, asked, tags);
        var verdict = call.Gate.Decide(situation);
        call.Served.Count(call.Ledger, verdict.Word);
        var bytes = new System.Buffers.ArrayBufferWriter<byte>(1024);
        if (explain)
            call.Served.Told.Write(bytes, situation, verdict, Alternatives(call, situation, verdict), LanguageTexts.TagOf(call.Language), new DecisionFrame(asOf));
        else
            call.Served.Told.WriteBrief(bytes, verdict, asOf);
        return new ApiAnswer(StatusCodes.Status200OK, bytes.WrittenMemory);
    }

    private static async Task<ApiAnswer> RecordAsync(ApiCall call, Situation asked, PointTags tags)
    {
        var answer = await ContactDecision.MakeAsync(call.Installation, call.Ledger, call.Caller.Actor, call.Gate, asked, tags, record: true, call.Cancel);
        var verdict = answer.Decision.Verdict!;
        var seq = answer.Seq!.Value;
        var bytes = new System.Buffers.ArrayBufferWriter<byte>(1024);
        call.Served.Told.Write(
            bytes, answer.Situation, verdict, Alternatives(call, answer.Situation, verdict), LanguageTexts.TagOf(call.Language),
            new DecisionFrame(answer.Decision.AsOf, seq, json => json.WriteString("id", IdOf(seq))));
        return new ApiAnswer(StatusCodes.Status201Created, bytes.WrittenMemory);
    }

    // From what this node knows; from the store, where that has changed and is not worked out yet.
    private static async ValueTask<(Situation Situation, long AsOf)> AdviseAsync(ApiCall call, Situation asked, PointTags tags)
    {
        asked = call.Installation.Registers.On(asked, tags.Point, call.Gate);
        if (call.Installation.Snapshots?.Of(call.Ledger) is { } snapshot && Known(snapshot, asked, tags) is { Situation: { } known } advice)
            return (known, advice.AsOf);
        return await ContactDecision.AdviseAsync(call.Installation, call.Ledger, asked, tags, call.Cancel);
    }

    /// <summary>What this node knows of a contact.</summary>
    /// <exception cref="ApiFault"><c>shut</c>: it does not know what others wrote a second ago. Not even the store is asked then: something is wrong with a node that does not keep up.</exception>
    public static Advice Known(LedgerSnapshot snapshot, Situation asked, PointTags tags) => (snapshot.IsBehind ? null : snapshot.Advise(asked, tags)) ?? throw ApiCall.Shut("behind");

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

        var question = new QuestionTemplates.Question(call.Ledger.Controller, body.Text("channel"), purpose, body.TextOrNull("technique"), body.RawOrNull("facts"));
        if (call.Served.Templates.Find(question) is { } before)
            return before with { At = at };
        var asked = AskedFile.Read(new ContactQuestion(at, call.Ledger.Controller, channel, purpose, technique), "facts", question.Facts, call.Served.Facts);
        call.Served.Templates.Keep(question, asked);
        return asked;
    }

    private static System.Collections.Immutable.ImmutableArray<Channel> Alternatives(ApiCall call, Situation situation, Verdict verdict) =>
        verdict is Verdict.Allowed ? [] : call.Gate.Alternatives(situation);

    private static string IdOf(long seq) => FormattableString.Invariant($"{Mark}{seq}");

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
