using System.Net;
using System.Text.Json;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>What the document says of the program is what the program does.</summary>
public sealed class OpenApiTests
{
    private static readonly JsonElement Document = JsonDocument.Parse(ApiPages.OpenApi).RootElement;
    private static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);

    [Fact]
    public void It_tells_of_every_route_with_its_scope_and_of_no_other()
    {
        var told = Document.GetProperty("paths").EnumerateObject().SelectMany(static path => path.Value.EnumerateObject().Select(operation =>
            $"{operation.Name.ToUpperInvariant()} {path.Name} {operation.Value.GetProperty("security")[0].GetProperty("key")[0].GetString()}"));
        var there = ApiRoutes.All.Select(static route => $"{route.Method} {ApiRoutes.Root}{route.Path.Replace("{**path}", "{path}", StringComparison.Ordinal)} {ScopeWords.Of(route.Scope)}");
        Assert.Equal(there.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var text = Document.GetRawText();
        foreach (var part in text.Split("\"$ref\": \"#/").Skip(1))
        {
            var at = Document;
            foreach (var step in part[..part.IndexOf('"', StringComparison.Ordinal)].Split('/'))
                Assert.True(at.TryGetProperty(step, out at), part[..40]);
        }

        Assert.Contains("\"$ref\": \"#/", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_field_it_names_is_known_and_every_field_it_needs_is_needed()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        foreach (var route in ApiRoutes.All.Where(static route => route.Method == "POST"))
        {
            var operation = Document.GetProperty("paths").GetProperty(ApiRoutes.Root + route.Path).GetProperty("post");
            // What comes line by line has its own tests.
            if (route.ReadsBody || !operation.TryGetProperty("requestBody", out var body) || !body.GetProperty("content").TryGetProperty("application/json", out var media))
                continue;
            var path = route.Path.Replace("{id}", "per_" + new string('0', 32), StringComparison.Ordinal);
            if (path != route.Path)
                continue;
            var schema = Resolve(media.GetProperty("schema"));
            Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
            var unknown = await api.PostAsync(path, key, """{"no_such_field":1}""");
            Assert.True(unknown.Code is "unknown-field" or "missing-field", unknown.ToString());
            if (schema.TryGetProperty("required", out var required))
                Assert.Equal(("missing-field", "/" + required[0].GetString()), await api.PostAsync(path, key, "{}") is var missing ? (missing.Code, missing.Json.GetProperty("field").GetString()) : default);
            // Each field alone beside what is needed, of a kind that nothing takes: it is known, and refused for what it is.
            foreach (var name in schema.GetProperty("properties").EnumerateObject().Select(static property => property.Name))
            {
                var answer = await api.PostAsync(path, key, $$"""{"to":"+447400123456","channel":"sms","purpose":"offers","point":"+447400123456","{{name}}x":[[]]}""");
                Assert.NotEqual(HttpStatusCode.InternalServerError, answer.Status);
                var odd = await api.PostAsync(path, key, Odd(schema, name));
                Assert.False(odd.Code == "unknown-field" && odd.Json.GetProperty("field").GetString() == "/" + name, $"{path}: {odd}");
            }
        }
    }

    [Fact]
    public async Task Its_examples_are_taken()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var tried = 0;
        foreach (var route in ApiRoutes.All.Where(static route => route.Method == "POST" && !route.ReadsBody && !route.Path.Contains('{', StringComparison.Ordinal)))
        {
            var content = Document.GetProperty("paths").GetProperty(ApiRoutes.Root + route.Path).GetProperty("post").GetProperty("requestBody").GetProperty("content");
            if (!content.TryGetProperty("application/json", out var media) || !media.TryGetProperty("example", out var example))
                continue;
            var answer = await api.PostAsync(route.Path, key, example.GetRawText());
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created, $"{route.Path}: {answer}");
            tried++;
        }

        Assert.Equal(8, tried);
    }

    [Fact]
    public async Task It_is_read_by_a_page_that_asks_nothing_of_the_network()
    {
        await using var api = await ApiHouse.BuildAsync();
        using var client = new HttpClient { BaseAddress = new Uri(api.Url) };
        using var document = await client.GetAsync("openapi/v1.json", TestContext.Current.CancellationToken);
        Assert.Equal("3.1.0", JsonDocument.Parse(await document.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("openapi").GetString());
        using var page = await client.GetAsync("docs/index.html", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    private static JsonElement Resolve(JsonElement schema) =>
        schema.TryGetProperty("$ref", out var reference) ? Document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]) : schema;

    // Everything that is needed as it should be, and one field that is a list of a list.
    private static string Odd(JsonElement schema, string name)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var needed in schema.TryGetProperty("required", out var required) ? required.EnumerateArray().Select(static one => one.GetString()!) : [])
            fields[needed] = needed switch { "to" => "\"+447400123456\"", "channel" => "\"sms\"", "requests" => "[]", "outcome" => "\"sent\"", _ => "\"offers\"" };
        fields[name] = "[[]]";
        return "{" + string.Join(',', fields.Select(static field => $"\"{field.Key}\":{field.Value}")) + "}";
    }
}
