using System.Net;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gateways;
using static Ringfence.Server.Gateways.SentJson;

namespace Ringfence.Server.Gateways;

/// <summary>What Google Ads sends of a lead form: all of it at once, with the key that was typed in there.</summary>
/// <remarks>Source: https://developers.google.com/google-ads/webhook/docs/implementation. Members that are not known are passed over, as it asks for.</remarks>
/// <param name="Key">The key; empty: none.</param>
/// <param name="IsTest">Whether somebody tries the way out; only what says that it is none is none.</param>
/// <param name="Lead">What was filled in.</param>
internal sealed record GoogleLead(string Key, bool IsTest, SentLead Lead)
{
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">It holds half a letter.</exception>
    public static GoogleLead Read(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body, Strict);
        var root = json.RootElement;
        var answers = List(root, "user_column_data").Where(static column => Part(column, "string_value").ValueKind == JsonValueKind.String).ToLookup(static column => Text(column, "column_id"), static column => Text(column, "string_value"), StringComparer.Ordinal);
        var at = OffsetDateTimePattern.Rfc3339.Parse(Text(root, "lead_submit_time")).TryGetValue(default, out var told) ? told.ToInstant() : (Instant?)null;
        var lead = new SentLead(Text(root, "form_id"), Text(root, "lead_id"), at, answers, Array.Empty<string>().ToLookup(static key => key, static _ => false));
        return new GoogleLead(Text(root, "google_key"), Part(root, "is_test").ValueKind is not (JsonValueKind.Undefined or JsonValueKind.False), lead);
    }
}

/// <summary>That somebody filled in a lead form of Facebook or Instagram. What they filled in is fetched.</summary>
/// <remarks>Source: https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving.</remarks>
/// <param name="Form">The form.</param>
/// <param name="Id">What was filled in.</param>
internal sealed record MetaLead(string Form, string Id)
{
    private const int LongestId = 40;
    private const int MostAnswer = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // As the Graph API writes it: 2026-11-23T10:20:30+0000.
    private static readonly OffsetDateTimePattern Times = OffsetDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm':'sso<+HHmm>");

    /// <summary>Those of a delivery; what tells of anything else is passed over.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">It holds half a letter.</exception>
    public static IReadOnlyList<MetaLead> Read(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body, Strict);
        return
        [
            .. List(json.RootElement, "entry").SelectMany(static entry => List(entry, "changes")).Where(static change => Text(change, "field") == "leadgen").Select(static change => Part(change, "value"))
                .Select(static value => new MetaLead(Text(value, "form_id"), Text(value, "leadgen_id"))).Where(static lead => lead.Id.Length is > 0 and <= LongestId && lead.Id.All(char.IsAsciiDigit)).Distinct(),
        ];
    }

    /// <summary>Fetches what was filled in.</summary>
    /// <returns>It; null: it could not be had, or is something else. And whether anybody answered.</returns>
    public async Task<(SentLead? Sent, bool IsAnswered)> FetchAsync(HttpMessageInvoker client, string graph, string token, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{graph}/{Id}?fields=id,form_id,created_time,field_data,custom_disclaimer_responses");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        var (status, body, _) = await HttpAttempt.SendAsync(client, request, Patience, MostAnswer, cancel);
        try
        {
            return (status == HttpStatusCode.OK ? Of(body) : null, status is not null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, true);
        }
    }

    private SentLead? Of(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body, Strict);
        var root = json.RootElement;
        if (Text(root, "id") != Id || Text(root, "form_id") != Form || !Times.Parse(Text(root, "created_time")).TryGetValue(default, out var at))
            return null;
        var answers = List(root, "field_data").SelectMany(static field => List(field, "values").Where(static value => value.ValueKind == JsonValueKind.String).Select(value => (Name: Text(field, "name"), Value: value.GetString()!)));
        // A box that was left alone comes as "", one that was ticked as "1".
        var ticks = List(root, "custom_disclaimer_responses").ToLookup(static one => Text(one, "checkbox_key"), static one => Part(one, "is_checked").ValueKind == JsonValueKind.True || Text(one, "is_checked") == "1", StringComparer.Ordinal);
        return new SentLead(Form, Id, at.ToInstant(), answers.ToLookup(static one => one.Name, static one => one.Value, StringComparer.Ordinal), ticks);
    }
}
