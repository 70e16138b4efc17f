using System.Net;
using System.Text;
using System.Text.Json;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Gate;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>Decisions over HTTP from what the node knows.</summary>
public sealed class SnapshotApiTests
{
    private const string Ann = "+447400123456";
    private const string Bea = "+447400123457";
    private const string Cat = "cat@example.org";
    private const string Dan = "+493023125123";
    private static readonly string[] Instants = ["2027-06-09T10:00:00Z", "2027-06-09T10:00:00.5Z", "2027-06-09T22:30:00+01:00", "2027-03-28T00:59:59.999Z", "2027-03-28T01:00:00Z"];

    [Fact]
    public async Task Whatever_is_asked_is_answered_in_the_same_bytes_as_by_the_store_and_told_afresh()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(ApiScopes.Decide);
        await FillAsync(api.House);
        var followed = await FollowAsync(api);
        var seen = new HashSet<string>();
        foreach (var (to, channel) in ((string, string)[])[(Ann, "sms"), (Ann, "voice"), (Bea, "sms"), (Cat, "email"), (Dan, "voice"), (Dan, "sms")])
        {
            foreach (var at in Instants)
            {
                var body = $$"""{"to":"{{to}}","channel":"{{channel}}","purpose":"offers","at":"{{at}}","facts":{{CampaignFacts.Bulk}}}""";
                foreach (var language in (string[])["en", "zh-Hans", "zh-TW"])
                {
                    await followed.Follower.LookAsync(CancellationToken.None);
                    // The first time the question is read for good, the second time it is known.
                    await api.PostAsync("decisions", key, body, ("Accept-Language", language));
                    var quick = await api.PostAsync("decisions", key, body, ("Accept-Language", language));
                    api.House.Installation.Snapshots = null;
                    var slow = await api.PostAsync("decisions", key, body, ("Accept-Language", language));
                    api.House.Installation.Snapshots = followed.All;
                    Assert.Equal(HttpStatusCode.OK, quick.Status);
                    Assert.Equal(slow.Text, quick.Text);
                    Assert.Equal(await ToldAsync(api, to, channel, at, language), quick.Text);
                    seen.Add(quick.Json.GetProperty("verdict").GetString()!);
                }
            }
        }

        Assert.Equal(["allowed", "refused"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_batch_answers_each_as_it_would_be_answered_alone_in_order_with_what_is_amiss_in_its_place()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(ApiScopes.Decide);
        await FillAsync(api.House);
        var followed = await FollowAsync(api);
        string[] questions =
        [
            .. Enumerable.Range(0, 150).Select(i => $$"""{"to":"{{(i % 4) switch { 0 => Ann, 1 => Bea, 2 => Cat, _ => Dan }}}","channel":"sms","purpose":"offers","at":"{{Instants[i % Instants.Length]}}","facts":{{CampaignFacts.Bulk}}}"""),
            """{"to":"nobody","channel":"sms","purpose":"offers"}""", """{"to":"+447400123456","channel":"smoke","purpose":"offers"}""", """{"to":"+447400123456","channel":"sms"}""",
            """{"to":"+447400123456","channel":"sms","purpose":"offers","colour":"red"}""", """{"to":"+447400123456","channel":"sms","purpose":"offers","record":true}""",
            """{"to":"07400 123456","region":"GB","channel":"sms","purpose":"offers","at":"2027-06-09T10:00:00Z"}""", """{"to":"+447400123456","channel":"sms","purpose":"offers","controller":"other"}""",
            """{"to":"+447400123456","channel":"sms","purpose":"offers","at":"soon"}""", """{"to":"+447400123456","channel":"sms","purpose":"offers","facts":{"consents":[]}}""", "{}",
        ];
        for (var round = 0; round < 2; round++)
        {
            foreach (var explain in (bool[])[true, false])
            {
                await followed.Follower.LookAsync(CancellationToken.None);
                var batch = await api.PostAsync("decisions/batch", key, $$"""{"requests":[{{string.Join(',', questions)}}],"explain":{{(explain ? "true" : "false")}}}""");
                Assert.Equal(HttpStatusCode.OK, batch.Status);
                var answers = batch.Json.GetProperty("decisions").EnumerateArray().ToArray();
                Assert.Equal(questions.Length, answers.Length);
                foreach (var (question, answer) in questions.Zip(answers).Where(static pair => !pair.First.Contains("\"record\"", StringComparison.Ordinal)))
                {
                    await followed.Follower.LookAsync(CancellationToken.None);
                    var alone = await api.PostAsync("decisions", key, explain || question == "{}" ? question : question[..^1] + ",\"explain\":false}");
                    if (alone.Status == HttpStatusCode.OK)
                        Assert.Equal(alone.Text, answer.GetRawText());
                    else
                        Assert.Equal(alone.Code, answer.GetProperty("code").GetString());
                }

                Assert.Equal("not-in-batch", answers[154].GetProperty("code").GetString());
            }
        }

        await followed.Follower.LookAsync(CancellationToken.None);
        foreach (var (bad, code) in ((string, string)[])[("""{"requests":[{"to":"+447400123456","to":"+447400123457","channel":"sms","purpose":"offers"}]}""", "bad-json"), ("""{"requests":[{}],"more":1}""", "unknown-field"), ("""{"requests":[{}]} x""", "bad-json"), ("""{"explain":true}""", "missing-field")])
            Assert.Equal((HttpStatusCode.BadRequest, code), (await api.PostAsync("decisions/batch", key, bad)).Said);
        Assert.Equal("wants-object", (await api.PostAsync("decisions/batch", key, """{"requests":[1]}""")).Json.GetProperty("decisions")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task By_codes_alone_nothing_is_told_of_the_number()
    {
        await using var api = await ApiHouse.BuildAsync();
        var key = await api.KeyAsync(ApiScopes.Decide);
        await FillAsync(api.House);
        await FollowAsync(api);
        var answer = await api.PostAsync("decisions", key, $$"""{"to":"{{Bea}}","channel":"sms","purpose":"offers","explain":false}""");
        Assert.Equal(["verdict", "reasons", "obligations", "until", "asOf"], answer.Json.EnumerateObject().Select(static one => one.Name));
        Assert.Equal("objected", answer.Json.GetProperty("reasons")[0].GetProperty("code").GetString());
        Assert.DoesNotContain("7400", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_answers_from_what_it_knows_and_nobody_when_that_is_too_old()
    {
        var time = new StandingTime();
        await using var api = await ApiHouse.BuildAsync(time: time);
        var key = await api.KeyAsync(ApiScopes.Decide | ApiScopes.Permit);
        await FillAsync(api.House);
        var (_, snapshot, follower) = await FollowAsync(api);
        var question = $$"""{"to":"{{Ann}}","channel":"sms","purpose":"offers","at":"2027-06-09T10:00:00Z","facts":{{CampaignFacts.Bulk}}}""";
        Assert.Equal("allowed", Verdict(await api.PostAsync("decisions", key, question)));
        // What another node wrote a moment ago.
        api.House.Writer.Committed = null;
        await api.House.WithdrawAsync(Ann);
        Assert.Equal("allowed", Verdict(await api.PostAsync("decisions", key, question)));
        time.Gone = TimeSpan.FromSeconds(1.5);
        var behind = await api.PostAsync("decisions", key, question);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "shut"), behind.Said);
        Assert.True(behind.Response.Headers.RetryAfter is not null);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "shut"), (await api.PostAsync("decisions/batch", key, $$"""{"requests":[{{question}}]}""")).Said);
        using var meters = new Meters();
        await using var watch = WatchHost.Build(api.Served, meters, "http://127.0.0.1:0");
        await watch.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(watch.Urls.Single()) };
        Assert.Equal("""{"ready":false,"shut":{"acme":"behind"}}""", await (await client.GetAsync("ready", TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        // Permits go by the serial order, which knows.
        Assert.Equal("refused", Verdict(await api.PostAsync("permits", key, question.Replace(",\"at\":\"2027-06-09T10:00:00Z\"", "", StringComparison.Ordinal), ("Idempotency-Key", "1"))));
        await follower.LookAsync(CancellationToken.None);
        Assert.Equal("refused", Verdict(await api.PostAsync("decisions", key, question)));
        Assert.Equal(1, Math.Sign(snapshot.Marked));
    }

    private static string? Verdict(Answered answer) => answer.Json.GetProperty("verdict").GetString();

    private sealed record Followed(Snapshots All, LedgerSnapshot Snapshot, SnapshotFollower Follower);

    private static async Task<Followed> FollowAsync(ApiHouse api)
    {
        var snapshots = new Snapshots(api.House.Installation);
        var follower = await snapshots.FollowAsync(api.House.Ledger, CancellationToken.None);
        await follower.BuildAsync(CancellationToken.None);
        await follower.LookAsync(CancellationToken.None);
        return new Followed(snapshots, snapshots.Of(api.House.Ledger)!, follower);
    }

    // As it was told before anything was kept for the next time.
    private static async Task<string> ToldAsync(ApiHouse api, string to, string channel, string at, string language)
    {
        var asked = AskedFile.Read(new ContactQuestion(KnownContactOptions.InstantOf(at, TimeProvider.System), "acme", Channels.TryParse(channel, out var by) ? by : default, "offers"), "facts", CampaignFacts.Bulk);
        var (situation, asOf) = await ContactDecision.AdviseAsync(api.House.Installation, api.House.Ledger, asked, api.House.Tags(to), CancellationToken.None);
        var verdict = ContactGate.Shipped.Decide(situation);
        var told = Explanation.Of(situation, verdict, verdict is Ringfence.Gate.Verdict.Allowed ? [] : ContactGate.Shipped.Alternatives(situation), LanguageTexts.TagOf(language));
        return Encoding.UTF8.GetString(ApiAnswer.Json(200, json =>
        {
            json.WriteStartObject();
            VerdictJson.Write(json, verdict, told, null);
            json.WriteNumber("asOf", asOf);
            json.WriteEndObject();
        }).Bytes.Span);
    }

    private static async Task FillAsync(House house)
    {
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
        foreach (var point in (string[])[Ann, Bea])
        {
            await house.DoAsync(new RecordConsentCommand(
                new ConsentSaid
                {
                    Type = RecordType.ConsentGiven,
                    State = RecordState.Given,
                    Actor = House.Person,
                    Tags = house.Tags(point),
                    Scope = new RecordScope(["sms"], ["offers"]),
                    Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
                    EventAt = Instant.FromUtc(2026, 6, 1, 12, 0),
                    Source = EventSource.Server,
                    Notice = new Notice(House.Offers.Digest, "en", House.Offers.Version),
                    Evidence = new ConsentEvidence
                    {
                        Method = ConsentMethod.Checkbox,
                        Shown = new ShownWording(House.Offers.Digest, "en"),
                        At = Instant.FromUtc(2026, 6, 1, 12, 0),
                        Page = "https://acme.example/offers",
                        Ip = "192.0.2.7",
                        Recorder = new Recorder(ActorKind.System, "form-offers"),
                    }.ToBytes(),
                },
                await house.Installation.NewPersonAsync(CancellationToken.None)));
        }

        await house.WithdrawAsync(Bea);
        await house.SaysAsync(Cat, channels: "email");
    }
}
