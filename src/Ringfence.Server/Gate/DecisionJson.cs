using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Numbers;

namespace Ringfence.Server.Gate;

/// <summary>What an answer says of a decision beside it.</summary>
/// <param name="AsOf">How many records were known at least; null: its record tells.</param>
/// <param name="Record">The record of the ledger that holds it; null: none does.</param>
/// <param name="Head">Writes the members that stand before it; null: there are none.</param>
internal readonly record struct DecisionFrame(long? AsOf, long? Record = null, Action<Utf8JsonWriter>? Head = null);

/// <summary>
/// Writes decisions: the same bytes as <see cref="VerdictJson"/>, but what was written before in the same words is not written again, only copied.
/// </summary>
internal sealed class DecisionJson
{
    // Regions and kinds of line with their zones: as many as numbering plans have.
    private const int MostPlaces = 20_000;

    private readonly ExplanationShelf shelf = new();
    private readonly ConcurrentDictionary<(Region Region, NumberType Type, string[] Zones), byte[]> numbers = new();

    /// <summary>Writes one, whole.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="situation">What was judged.</param>
    /// <param name="verdict">The answer.</param>
    /// <param name="alternatives">The channels that would be allowed instead.</param>
    /// <param name="language">One of <see cref="LanguageTexts.Tags"/>.</param>
    /// <param name="frame">What is said beside it.</param>
    public void Write(IBufferWriter<byte> to, Situation situation, Verdict verdict, ImmutableArray<Channel> alternatives, string language, DecisionFrame frame)
    {
        var told = shelf.Tell(situation, verdict, alternatives, language, out var number, out var first);
        var pieces = told.Made as Pieces ?? Make(told, verdict);
        to.Write("{"u8);
        if (frame.Head is { } head)
        {
            to.Write(Members(head));
            to.Write(","u8);
        }

        to.Write(pieces.Beginning);
        if (frame.Record is { } record)
        {
            to.Write("\"record\":"u8);
            Digits(to, record, (byte)',');
        }

        Number(to, number);
        to.Write(pieces.Where);
        to.Write(JsonEncodedText.Encode(first, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        to.Write(pieces.Rest);
        End(to, frame.AsOf);
    }

    /// <summary>Writes one for a machine: codes and rules, no words, nothing of the number.</summary>
    public void WriteBrief(IBufferWriter<byte> to, Verdict verdict, long asOf)
    {
        var told = shelf.Brief(verdict);
        to.Write(told.Made as byte[] ?? (byte[])(told.Made = MakeBrief(verdict)));
        End(to, asOf);
    }

    private static Pieces Make(ShelvedExplanation told, Verdict verdict)
    {
        // A part of a text and a part of an object, cut from wholes, so that nobody has to know twice how they are written.
        var rest = Members(json => VerdictJson.Rest(json, verdict, told.Told));
        var paragraph = JsonEncodedText.Encode(told.Rest, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        var pieces = new Pieces(
            [.. Members(json => json.WriteString("verdict", verdict.Word)), .. ","u8],
            [.. ","u8, .. Members(json => VerdictJson.Where(json, told.Told)), .. ",\"explanation\":\""u8],
            [.. paragraph, .. "\","u8, .. rest]);
        told.Made = pieces;
        return pieces;
    }

    private static byte[] MakeBrief(Verdict verdict) =>
    [
        .. "{"u8, .. Members(json =>
        {
            json.WriteString("verdict", verdict.Word);
            json.WriteStartArray("reasons");
            foreach (var reason in verdict.AllReasons)
            {
                json.WriteStartObject();
                json.WriteString("code", Words<ReasonCode>.Of(reason.Code));
                json.WriteString("rule", reason.Rule?.Id);
                json.WriteString("item", reason.Item);
                json.WriteString("until", reason.Until is { } end ? InstantPattern.ExtendedIso.Format(end) : null);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("obligations");
            foreach (var duty in verdict is Verdict.Allowed { Obligations: var duties } ? duties : [])
            {
                json.WriteStartObject();
                json.WriteString("code", Words<ObligationCode>.Of(duty.Code));
                json.WriteString("rule", duty.Rule?.Id);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            var until = verdict.Match(static allowed => allowed.Until, static deferred => deferred.Until, static _ => (Instant?)null);
            json.WriteString("until", until is { } at ? InstantPattern.ExtendedIso.Format(at) : null);
        }),
    ];

    private void Number(IBufferWriter<byte> to, PhoneNumber number)
    {
        if (number.Digits == 0)
        {
            to.Write("\"number\":null"u8);
            return;
        }

        var room = to.GetSpan(64);
        "\"number\":{\"e164\":\""u8.CopyTo(room);
        var length = "\"number\":{\"e164\":\""u8.Length;
        number.TryFormatE164(room[length..], out var written);
        to.Advance(length + written);
        // Sets of zones are shared, so that being the same set is being equal.
        var key = (number.Region, number.Type, number.Zones as string[] ?? [.. number.Zones]);
        if (!numbers.TryGetValue(key, out var rest))
        {
            var whole = Members(json => VerdictJson.Number(json, number));
            // Behind the number itself, which ends with the first quote after its plus.
            rest = whole[(length + written)..];
            if (numbers.Count < MostPlaces)
                numbers.TryAdd(key, rest);
        }

        to.Write(rest);
    }

    private static void End(IBufferWriter<byte> to, long? asOf)
    {
        if (asOf is not { } known)
        {
            to.Write("}"u8);
            return;
        }

        to.Write(",\"asOf\":"u8);
        Digits(to, known, (byte)'}');
    }

    private static void Digits(IBufferWriter<byte> to, long number, byte behind)
    {
        var room = to.GetSpan(24);
        number.TryFormat(room, out var written, default, CultureInfo.InvariantCulture);
        room[written] = behind;
        to.Advance(written + 1);
    }

    // The members of an object without its braces.
    private static byte[] Members(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes, Hosting.ApiAnswer.Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan[1..^1].ToArray();
    }

    private sealed record Pieces(byte[] Beginning, byte[] Where, byte[] Rest);
}
