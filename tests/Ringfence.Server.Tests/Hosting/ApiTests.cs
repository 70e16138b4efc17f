using System.Net;
using System.Text;
using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

public sealed class ApiTests
{
    private const string Ann = "+447400123456";
    private const string Question = """{"to":"+447400123456","channel":"sms","purpose":"offers"}""";
    private static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);

    [Fact]
    public async Task A_decision_says_why_and_what_it_knew()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var size = await api.SizeAsync();
        var refused = await api.PostAsync("decisions", key, Question);
        Assert.Equal((HttpStatusCode.OK, "refused"), (refused.Status, refused.Json.GetProperty("verdict").GetString()));
        Assert.Equal(size, refused.Json.GetProperty("asOf").GetInt64());
        Assert.Equal("no-consent", refused.Json.GetProperty("reasons")[0].GetProperty("code").GetString());
        Assert.Equal(Ann, refused.Json.GetProperty("number").GetProperty("e164").GetString());
        // Advice is not written down.
        Assert.Equal(size, await api.SizeAsync());
    }

    [Fact]
    public async Task A_decision_that_is_written_down_can_be_fetched_and_computed_anew()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var written = await api.PostAsync("decisions", key, Question[..^1] + ""","record":true}""");
        Assert.Equal(HttpStatusCode.Created, written.Status);
        var id = written.Json.GetProperty("id").GetString();
        var shown = await api.GetAsync($"decisions/{id}", key);
        Assert.Equal("refused", shown.Json.GetProperty("decision").GetProperty("verdict").GetString());
        Assert.DoesNotContain(Ann[4..], shown.Text, StringComparison.Ordinal);
        Assert.True((await api.PostAsync($"decisions/{id}/replay", key, "{}")).Json.GetProperty("same").GetBoolean());
        Assert.Equal((HttpStatusCode.NotFound, "no-decision"), (await api.GetAsync("decisions/dec_0", key)).Said);
    }

    [Fact]
    public async Task A_withdrawal_is_written_once_and_refuses_from_then_on()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var first = await api.PostAsync("withdrawals", key, """{"to":"+44 (0)7400 123456"}""", ("Idempotency-Key", "k1"));
        Assert.Equal((HttpStatusCode.Created, false), (first.Status, first.Json.GetProperty("already").GetBoolean()));
        var size = await api.SizeAsync();
        Assert.Equal(first.Text, (await api.PostAsync("withdrawals", key, """{"to":"+44 (0)7400 123456"}""", ("Idempotency-Key", "k1"))).Text);
        var again = await api.PostAsync("withdrawals", key, """{"to":"07400 123456","region":"GB"}""", ("Idempotency-Key", "\"k2\""));
        Assert.Equal((HttpStatusCode.OK, true), (again.Status, again.Json.GetProperty("already").GetBoolean()));
        Assert.Equal(size, await api.SizeAsync());
        var reused = await api.PostAsync("withdrawals", key, """{"to":"+447400123457"}""", ("Idempotency-Key", "k1"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "key-reused"), (reused.Status, reused.Code));
        // Another client's key of the same name is another key.
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("withdrawals", await api.KeyAsync(All), """{"to":"+447400123457"}""", ("Idempotency-Key", "k1"))).Status);
        Assert.Equal("objected", (await api.PostAsync("decisions", key, Question)).Json.GetProperty("reasons")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_scope_of_a_no_is_as_meant_and_an_empty_list_is_not_taken_for_everything()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        await api.PostAsync("suppressions", key, """{"to":"+447400123456","channels":["sms"],"purposes":["offers"],"by":"regulator","kind":"objection"}""");
        var found = await api.PostAsync("contacts/find", key, """{"point":"+447400123456"}""");
        var row = Assert.Single(found.Json.GetProperty("suppressions").EnumerateArray());
        Assert.Equal(("sms", "offers", "regulator", "objection"), (row.GetProperty("channels")[0].GetString(), row.GetProperty("purposes")[0].GetString(), row.GetProperty("by").GetString(), row.GetProperty("kind").GetString()));
        foreach (var scope in (string[])["\"channels\":[]", "\"purposes\":[\"\"]", "\"channels\":[\"sms,voice\"]"])
            Assert.Equal((HttpStatusCode.BadRequest, "wants-words"), (await api.PostAsync("withdrawals", key, $$"""{"to":"+447400123456",{{scope}}}""")).Said);
    }

    [Fact]
    public async Task Whoever_looks_at_a_contact_is_written_down_first()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var said = await api.House.SaysAsync(Ann);
        var found = await api.PostAsync("contacts/find", key, $$"""{"contact":"{{said.Sid}}"}""");
        Assert.Equal(Ann, found.Json.GetProperty("points")[0].GetProperty("value").GetString());
        var person = (await api.House.FindAsync(Ann))!.Person;
        Assert.Equal((RecordType.StaffRevealed, "key-" + key.Id), (person.Records[^1].Type, person.Records[^1].Actor.Ref));
        var line = await api.GetAsync($"contacts/{said.Sid}/timeline", key);
        Assert.Equal(person.Records.Count, line.Json.GetProperty("records").GetArrayLength());
        Assert.DoesNotContain(Ann[4..], line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_answers_in_order_and_says_of_each_what_is_amiss()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var answer = await api.PostAsync("decisions/batch", key, $$"""{"requests":[{{Question}},{"to":"nobody","channel":"sms","purpose":"offers"},{"to":"+447400123456","channel":"pigeon","purpose":"offers"},{"x":1}]}""");
        var all = answer.Json.GetProperty("decisions").EnumerateArray().ToList();
        Assert.Equal("refused", all[0].GetProperty("verdict").GetString());
        Assert.Equal(["not-a-point /requests/1/to", "bad-channel /requests/2/channel", "missing-field /requests/3/to"], all.Skip(1).Select(static one => $"{one.GetProperty("code").GetString()} {one.GetProperty("field").GetString()}"));
        var many = await api.PostAsync("decisions/batch", key, $$"""{"requests":[{{string.Join(',', Enumerable.Repeat(Question, 1001))}}]}""");
        Assert.Equal((HttpStatusCode.BadRequest, "too-many"), (many.Status, many.Code));
    }

    [Theory]
    [InlineData("", "bad-json")]
    [InlineData("{", "bad-json")]
    [InlineData("[]", "wants-object")]
    [InlineData("{\"to\":1}", "wants-text")]
    [InlineData("{\"to\":\"+447400123456\",\"to\":\"+447400123457\"}", "bad-json")]
    [InlineData("{\"to\":\"+447400123456\",\"region\":\"gb\",\"channel\":\"sms\",\"purpose\":\"offers\"}", "bad-region")]
    [InlineData("{\"to\":\"+447400123456\",\"channel\":\"sms\",\"purpose\":\"offers\",\"at\":\"tomorrow\"}", "bad-instant")]
    [InlineData("{\"to\":\"+447400123456\",\"channel\":\"sms\",\"purpose\":\"offers\",\"technique\":\"magic\"}", "bad-technique")]
    [InlineData("{\"to\":\"+447400123456\",\"channel\":\"sms\",\"purpose\":\"offers\",\"facts\":{\"consents\":[]}}", "bad-facts")]
    [InlineData("{\"to\":\"+447400123456\",\"channel\":\"sms\",\"purpose\":\"offers\",\"facts\":[]}", "bad-facts")]
    [InlineData("{\"to\":\"+447400123456\",\"channel\":\"sms\",\"purpose\":\"offers\",\"sure\":true}", "unknown-field")]
    public async Task What_cannot_be_understood_is_said_by_name(string body, string code)
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var answer = await api.PostAsync("decisions", key, body);
        Assert.Equal((HttpStatusCode.BadRequest, code, "application/problem+json"), (answer.Status, answer.Code, answer.Media));
    }

    [Fact]
    public async Task Every_problem_has_a_sentence_in_each_language()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var said = new HashSet<string>();
        foreach (var language in (string[])["en", "zh-CN", "zh-TW", "fr"])
            said.Add((await api.PostAsync("decisions", key, "{}", ("Accept-Language", language))).Json.GetProperty("title").GetString()!);
        Assert.Equal(3, said.Count);
    }

    [Fact]
    public async Task Huge_deep_and_foreign_bodies_are_refused_and_others_are_served()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var deep = new string('[', 100_000) + new string(']', 100_000);
        Assert.Equal("bad-json", (await api.PostAsync("decisions", key, $$"""{"to":"+447400123456","channel":"sms","purpose":"offers","facts":{{deep}}}""")).Code);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await api.PostAsync("decisions", key, new string(' ', 5 << 20), ("Expect", "100-continue"))).Status);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "wants-json"), (await api.SendAsync(HttpMethod.Post, "decisions", key.Show(), new StringContent(Question, Encoding.UTF8, "text/plain"))).Said);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("../../etc/passwd", key)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("decisions", key, Question)).Status);
    }

    [Fact]
    public async Task Random_bodies_are_never_a_fault()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(All);
        var random = new Random(20261122);
        string[] paths = ["decisions", "decisions/batch", "withdrawals", "suppressions", "contacts/find", "decisions/dec_5/replay"];
        string[] pieces = ["{", "}", "[", "]", ":", ",", "\"to\"", "\"+447400123456\"", "\"channel\"", "\"sms\"", "\"purpose\"", "\"offers\"", "\"facts\"", "null", "true", "1e400", "\"\\u0000\"", "\"requests\"", "\"\ud800\"", "\"point\""];
        for (var i = 0; i < 1_000; i++)
        {
            var body = i % 2 == 0
                ? string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => pieces[random.Next(pieces.Length)]))
                : $$$"""{"to":{{{pieces[random.Next(6, pieces.Length)]}}},"channel":{{{pieces[random.Next(6, pieces.Length)]}}},"purpose":"offers","facts":{"ask":{{{pieces[random.Next(6, pieces.Length)]}}}}}""";
            var answer = await api.PostAsync(paths[random.Next(paths.Length)], key, body);
            Assert.True((int)answer.Status < 500, $"{body}: {answer}");
        }
    }
}
