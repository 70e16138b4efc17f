using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.Gate;

/// <summary>
/// Decisions that need nothing but what this node knows: read, decided and written in one go. Whatever is asked in another form, is at fault, or has to be read from the store, is left to
/// <see cref="DecisionsApi"/>, whose answers are the same.
/// </summary>
internal static class QuickDecisions
{
    // Fewer are decided sooner than they are dealt out.
    private const int LeastForOneThread = 32;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonBody.Deepest };

    /// <summary>Answers one; null: it is not for us.</summary>
    public static ApiAnswer? One(ApiCall call)
    {
        if (!TryRead(call.Body.Span, out var question))
            return null;
        call.RequireOpen();
        if (call.Installation.Snapshots?.Of(call.Ledger) is not { } snapshot)
            return null;
        var bytes = new ArrayBufferWriter<byte>(question.Explain == false ? 512 : 4096);
        if (Decide(call, snapshot, question, question.Explain ?? true, bytes) is not { } verdict)
            return null;
        call.Served.Count(call.Ledger, verdict.Word);
        return new ApiAnswer(StatusCodes.Status200OK, bytes.WrittenMemory);
    }

    /// <summary>Answers many, on all processors; null: nothing of it is for us.</summary>
    public static async Task<ApiAnswer?> ManyAsync(ApiCall call)
    {
        if (!TryScan(call.Body.Span, out var questions, out var explain) || questions.Count > DecisionsApi.MostInBatch || call.Installation.Snapshots?.Of(call.Ledger) is not { } snapshot)
            return null;
        call.RequireOpen();
        var answers = new ReadOnlyMemory<byte>[questions.Count];
        var parts = Math.Clamp(questions.Count / LeastForOneThread, 1, Environment.ProcessorCount);
        var isBehind = false;
        if (parts == 1)
            Answer(0);
        else
            Parallel.For(0, parts, Answer);
        if (isBehind)
            throw ApiCall.Shut("behind");
        for (var i = 0; i < answers.Length; i++)
        {
            if (!answers[i].IsEmpty)
                continue;
            // What is no JSON by stricter rules spoils the whole, and is told by whoever reads the whole.
            if (!JsonBody.TryRead(call.Body[questions[i]], FormattableString.Invariant($"/requests/{i}"), out var body))
                return null;
            answers[i] = await DecisionsApi.OneOfManyAsync(call, body, explain);
        }

        return new ApiAnswer(StatusCodes.Status200OK, Joined(answers));

        void Answer(int part)
        {
            var (from, until) = (questions.Count * part / parts, questions.Count * (part + 1) / parts);
            var bytes = new ArrayBufferWriter<byte>(Math.Max(1, until - from) * (explain ? 2048 : 256));
            var places = new (int From, int Until)[until - from];
            var words = new Dictionary<string, int>(3);
            for (var i = from; i < until; i++)
            {
                var begun = bytes.WrittenCount;
                try
                {
                    if (TryRead(call.Body[questions[i]].Span, out var question) && question.Explain is null && Decide(call, snapshot, question, explain, bytes) is { } verdict)
                    {
                        places[i - from] = (begun, bytes.WrittenCount);
                        CollectionsMarshal.GetValueRefOrAddDefault(words, verdict.Word, out _)++;
                    }
                }
                catch (ApiFault)
                {
                    Volatile.Write(ref isBehind, true);
                    return;
                }
            }

            foreach (var (word, count) in words)
                call.Served.Count(call.Ledger, word, count);
            for (var i = from; i < until; i++)
                answers[i] = bytes.WrittenMemory[places[i - from].From..places[i - from].Until];
        }
    }

    // Null: it is not for us, and nothing was written.
    private static Verdict? Decide(ApiCall call, LedgerSnapshot snapshot, in QuickQuestion question, bool explain, IBufferWriter<byte> to)
    {
        if (question.Controller is { } named && named != call.Ledger.Controller)
            return null;
        if (call.Served.Templates.Find(new(call.Ledger.Controller, question.Channel!, question.Purpose!, question.Technique, question.Facts)) is not { } template)
            return null;
        var region = Region.None;
        if (question.Region is { } code && ((code.Length != 2 || !code.All(char.IsAsciiLetterUpper)) || (region = Region.Of(code)) == Region.None))
            return null;
        if (!ContactPoint.TryRead(question.To!, region, out var point))
            return null;
        Instant at;
        try
        {
            at = KnownContactOptions.InstantOf(question.At, call.Installation.Time);
        }
        catch (CommandRefusedException)
        {
            return null;
        }

        var asked = call.Installation.Registers.On(template with { At = at }, point, call.Gate);
        if (DecisionsApi.Known(snapshot, asked, call.Installation.TagsOf(point)) is not { Situation: { } situation } advice)
            return null;
        var verdict = call.Gate.Decide(situation);
        if (explain)
            call.Served.Told.Write(to, situation, verdict, verdict is Verdict.Allowed ? [] : call.Gate.Alternatives(situation), LanguageTexts.TagOf(call.Language), new DecisionFrame(advice.AsOf));
        else
            call.Served.Told.WriteBrief(to, verdict, advice.AsOf);
        return verdict;
    }

    private static bool TryRead(ReadOnlySpan<byte> body, out QuickQuestion question)
    {
        try
        {
            var reader = new Utf8JsonReader(body, Options);
            // What stands behind it is not for us.
            return reader.Read() & QuickQuestion.TryRead(ref reader, body, out question) && !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            question = default;
            return false;
        }
    }

    // Where each question stands, and whether words are wanted.
    private static bool TryScan(ReadOnlySpan<byte> body, out List<Range> questions, out bool explain)
    {
        (questions, explain) = ([], true);
        bool? said = null;
        var isThere = false;
        try
        {
            var reader = new Utf8JsonReader(body, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("explain"u8) && said is null && reader.Read() && reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                {
                    said = reader.GetBoolean();
                    continue;
                }

                if (isThere || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("requests"u8) || !reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                    return false;
                isThere = true;
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    questions.Add(start..(int)reader.BytesConsumed);
                }

                if (reader.TokenType != JsonTokenType.EndArray)
                    return false;
            }

            explain = said ?? true;
            return isThere && reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Joined(ReadOnlyMemory<byte>[] answers)
    {
        ReadOnlySpan<byte> before = "{\"decisions\":["u8, after = "]}"u8;
        var joined = new byte[before.Length + after.Length + Math.Max(0, answers.Length - 1) + answers.Sum(static one => one.Length)];
        before.CopyTo(joined);
        var at = before.Length;
        for (var i = 0; i < answers.Length; i++)
        {
            if (i > 0)
                joined[at++] = (byte)',';
            answers[i].Span.CopyTo(joined.AsSpan(at));
            at += answers[i].Length;
        }

        after.CopyTo(joined.AsSpan(at));
        return joined;
    }
}
