using System.Buffers;
using System.Text;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Server.Gate;
using Ringfence.Server.Hosting;
using Xunit;

namespace Ringfence.Server.Tests.Gate;

public sealed class DecisionJsonTests
{
    // Of a decision that nobody wrote down, of one that somebody did, of a permit, of a refusal to give one.
    private static readonly DecisionFrame[] Frames =
    [
        new(AsOf: 7),
        new(AsOf: 7, Record: 12, static json => json.WriteString("id", "dec_12")),
        new(AsOf: null, Record: long.MaxValue, static json =>
        {
            json.WriteString("permit", "per_1");
            json.WriteString("expires", "2027-06-09T10:01:00Z");
        }),
        new(AsOf: null, Record: 0),
    ];

    [Fact]
    public void Every_worked_case_is_told_in_the_same_bytes_whether_it_was_told_before_or_not()
    {
        var told = new DecisionJson();
        var kinds = new HashSet<string>();
        foreach (var worked in CaseFile.Shipped.SelectMany(CaseFile.ReadShipped))
        {
            var gate = worked.House is { } house ? ContactGate.Shipped.With(house) : ContactGate.Shipped;
            foreach (var language in LanguageTexts.Tags)
            {
                // A moment later the same is told, of another second.
                foreach (var later in (Duration[])[Duration.Zero, Duration.FromMilliseconds(1), Duration.FromSeconds(1)])
                {
                    var situation = worked.Situation with { At = worked.Situation.At + later };
                    var verdict = gate.Decide(situation);
                    kinds.Add(verdict.Word);
                    var alternatives = verdict is Verdict.Allowed ? [] : gate.Alternatives(situation);
                    for (var times = 0; times < 2 * Frames.Length; times++)
                    {
                        var frame = Frames[times % Frames.Length];
                        var bytes = new ArrayBufferWriter<byte>();
                        told.Write(bytes, situation, verdict, alternatives, language, frame);
                        Assert.True(Encoding.UTF8.GetString(bytes.WrittenSpan) == Afresh(situation, verdict, alternatives, language, frame), $"{worked.File}:{worked.Line} {language} {later} {times}");
                    }
                }
            }
        }

        Assert.Equal(3, kinds.Count);
    }

    private static string Afresh(Situation situation, Verdict verdict, System.Collections.Immutable.ImmutableArray<Channel> alternatives, string language, DecisionFrame frame)
    {
        var explanation = Explanation.Of(situation, verdict, alternatives, language);
        return Encoding.UTF8.GetString(ApiAnswer.Json(200, json =>
        {
            json.WriteStartObject();
            frame.Head?.Invoke(json);
            VerdictJson.Write(json, verdict, explanation, frame.Record);
            if (frame.AsOf is { } asOf)
                json.WriteNumber("asOf", asOf);
            json.WriteEndObject();
        }).Bytes.Span);
    }
}
