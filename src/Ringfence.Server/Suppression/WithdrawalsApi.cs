using Ringfence.Gate;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;

namespace Ringfence.Server.Suppression;

/// <summary><c>/api/v1/withdrawals</c> and <c>/api/v1/suppressions</c>: somebody says no, or the house says it for them.</summary>
internal static class WithdrawalsApi
{
    /// <summary><c>POST withdrawals</c>.</summary>
    public static async Task<ApiAnswer> WithdrawAsync(ApiCall call)
    {
        var body = JsonBody.Read(call.Body);
        var way = body.TextOrNull("way") ?? "api";
        if (!WithdrawCliCommand.IsWay(way))
            throw ApiFault.Bad("bad-way", body.At("way"), string.Join(", ", WithdrawCliCommand.Ways));
        var (said, via) = SaidAs(body);
        // Whoever wrote the words can be answered where they wrote them, unless whoever calls knows better.
        var answer = body.Flag("answerable", otherwise: said is not null) ? AnswerTo.Of(via, said is null ? null : InboundTaking.LanguageOf(said.Words, via)) : null;
        return await RefuseAsync(call, body, new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, way, Evidence: said?.ToEvidence()) { Answer = answer }, said);
    }

    /// <summary><c>POST suppressions</c>.</summary>
    public static async Task<ApiAnswer> SuppressAsync(ApiCall call)
    {
        var body = JsonBody.Read(call.Body);
        return await RefuseAsync(call, body, new RefusalFacts(
            Word(body, "by", SuppressedBy.Controller), Word(body, "kind", SuppressionKind.Suppression), "api"));
    }

    private static async Task<ApiAnswer> RefuseAsync(ApiCall call, JsonBody body, RefusalFacts facts, SaidNo? said = null)
    {
        call.RequireController(body);
        var tags = call.Tags(body, "to");
        var scope = said is null ? Scope(body) : said.Widen(Scope(body), isNamed: body.TextsOrNull("channels") is not null);
        var key = call.ClientKey();
        body.Done();
        var answer = await SayingNo.DoAsync(
            call.Installation, call.Ledger, call.Caller.Actor, [tags], scope, facts, () => Contacts.PointsOfAsync(call.Installation, call.Ledger, tags, call.Cancel), key, call.Cancel);
        return ApiAnswer.Json(answer.Already ? StatusCodes.Status200OK : StatusCodes.Status201Created, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("record", answer.Seq);
            json.WriteBoolean("already", answer.Already);
            json.WriteString("contact", answer.Sid);
            json.WriteStartArray("channels");
            foreach (var channel in Channels.All.Where(channel => scope.Channels.Has(channel)))
                json.WriteStringValue(channel.Word());
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static (SaidNo? Said, Channel? Via) SaidAs(JsonBody body)
    {
        var words = body.TextOrNull("words");
        var via = body.TextOrNull("via") is not { } word ? (Channel?)null : Channels.TryParse(word, out var channel) ? channel : throw ApiFault.Bad("bad-channel", body.At("via"), word);
        return words is null ? (null, via) : words.Length <= SaidNo.LongestWords && !string.IsNullOrWhiteSpace(words) ? (new SaidNo(words, via), via) : throw ApiFault.Bad("bad-words", body.At("words"), SaidNo.LongestWords.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static SuppressionScope Scope(JsonBody body)
    {
        try
        {
            return ScopeArguments.Read(Joined("channels"), Joined("purposes"));
        }
        catch (CommandRefusedException e)
        {
            throw ApiFault.Bad(e.Code, body.At(e.Code == "bad-channel" ? "channels" : "purposes"), [.. e.Arguments]);
        }

        // An empty list names nothing, and nothing named would be everything: that has to be said by leaving it out.
        string? Joined(string name) => body.TextsOrNull(name) is not { } words ? null
            : words.Count > 0 && words.All(static word => !string.IsNullOrWhiteSpace(word) && !word.Contains(',', StringComparison.Ordinal)) ? string.Join(',', words)
            : throw ApiFault.Bad("wants-words", body.At(name));
    }

    private static T Word<T>(JsonBody body, string name, T otherwise) where T : struct, Enum => body.TextOrNull(name) is not { } word ? otherwise
        : Words<T>.TryParse(word, out var known) ? known : throw ApiFault.Bad("bad-word", body.At(name), word, string.Join(", ", Words<T>.All));
}
