using System.Net;
using System.Text.Json;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>An installation that is served at eleven on a Wednesday morning in London, to people who said yes to calls and text messages.</summary>
internal sealed class PermitHouse : IAsyncDisposable
{
    private PermitHouse(ApiHouse api, ApiKey key, MovedTime time) => (Api, Key, Time) = (api, key, time);

    public ApiHouse Api { get; }

    public ApiKey Key { get; }

    public MovedTime Time { get; }

    public House House => Api.House;

    /// <summary>Words that promise so much that no cap is reached by them.</summary>
    public static WordingDocument Wording { get; } = WordingDocument.Read("wording.yaml", """
        format: ringfence/wording/v1
        id: offers
        version: "2"
        sender: Acme Ltd
        channels: [voice, sms]
        purposes: [offers]
        frequency: { most: 900, within: P1M }
        stop: { reply: STOP, in: [every-call] }
        notice: { page: "https://acme.example/privacy", version: "1" }
        choice: { kind: box, stands: apart }
        texts:
          en: >-
            Yes, Acme Ltd may call me and send me text messages at the number I entered above with offers for solar panels, at most 900 times a month. I can
            stop this at any time by replying STOP or in any call. My consent is not a condition of any purchase. See the privacy notice.
        """);

    public static async Task<PermitHouse> BuildAsync(StoreOptions? store, ContactGate? gate = null, TimeSpan? streamPatience = null)
    {
        var time = new MovedTime();
        time.Ahead = new DateTimeOffset(2027, 6, 9, 10, 0, 0, TimeSpan.Zero) - time.GetUtcNow();
        var api = await ApiHouse.BuildAsync(store, time, gate, streamPatience);
        var key = await api.KeyAsync(Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one));
        foreach (var words in (WordingDocument[])[Wording, House.Offers])
            await api.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", words.ToBytes(), "en", words.Version));
        return new PermitHouse(api, key, time);
    }

    /// <summary>Somebody says yes.</summary>
    /// <param name="number">At this number.</param>
    /// <param name="words">To these words; null: <see cref="Wording"/>.</param>
    public async Task<string> YesAsync(string number, WordingDocument? words = null)
    {
        words ??= Wording;
        var answer = await Api.PostAsync("consents", Key, $$"""
            { "to": "{{number}}", "wording": "{{words.Digest}}", "language": "en", "channels": [{{string.Join(',', Channels.All.Where(channel => words.Channels.Has(channel)).Select(static channel => $"\"{channel.Word()}\""))}}], "purposes": ["offers"],
              "evidence": { "format": "ringfence/consent-evidence/v1", "method": "checkbox", "page": "https://acme.example/offers", "ip": "192.0.2.7", "device": "x",
                "recorder": { "kind": "client", "ref": "form-offers" } } }
            """);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.ToString());
        return number;
    }

    /// <summary>What holds of every contact, as the asker states it.</summary>
    public static string Facts(string channel = "sms", string subject = "solar", string agent = "mary.smith", string campaign = "june") => CampaignFacts.Of(
        channel == "voice" ? "manual" : "bulk", subject, agent, campaign,
        """{ "gb-tps": { "screenedAt": "2027-06-09", "listed": false }, "gb-ctps": { "screenedAt": "2027-06-09", "listed": false } }""");

    /// <summary>A question, in one line.</summary>
    public static string Ask(string number, string channel = "sms", string subject = "solar", string agent = "mary.smith", string campaign = "june") =>
        $$"""{"to":"{{number}}","channel":"{{channel}}","purpose":"offers","facts":{{Facts(channel, subject, agent, campaign).ReplaceLineEndings(" ")}}}""";

    /// <summary>Asks for a permit.</summary>
    public Task<Answered> PermitAsync(string question) => Api.PostAsync("permits", Key, question);

    /// <summary>Two numbers turn out to be of one person.</summary>
    public async Task MergeAsync(string kept, string merged) =>
        await House.DoAsync(new MergeCommand(House.Staff, (await House.FindAsync(kept))!.Person.Sid, (await House.FindAsync(merged))!.Person.Sid));

    /// <summary>What came of one, in a word; of a no, the deciding reason with its rule too.</summary>
    public static string Word(JsonElement answer) => answer.TryGetProperty("code", out var code) ? code.GetString()!
        : answer.TryGetProperty("permit", out _) ? "yes"
        : answer.GetProperty("reasons")[0] is var reason ? $"{answer.GetProperty("verdict").GetString()} {reason.GetProperty("code").GetString()} {reason.GetProperty("rule").GetString()}" : "";

    public ValueTask DisposeAsync() => Api.DisposeAsync();
}
