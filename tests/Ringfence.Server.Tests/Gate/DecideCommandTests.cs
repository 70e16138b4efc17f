using System.Text.Json;
using Ringfence.Server.Gate;
using Ringfence.Server.Tests.Rules;
using Xunit;

namespace Ringfence.Server.Tests.Gate;

public sealed class DecideCommandTests : IDisposable
{
    private const string Facts = """
        given: clean
        at: 2026-06-09T11:00 Europe/Amsterdam
        ask: { controller: acme, channel: voice, class: marketing, purpose: offers }
        contact: { phone: "+31612345678", residence: NL }

        """;

    private const string Consent = "consents: [{ channels: [voice], purposes: [offers], grantedAt: 2026-05-01, method: double-opt-in, evidence: complete }]\n";

    private readonly RuleFolders folders = new();

    public void Dispose() => folders.Dispose();

    [Fact]
    public void What_is_refused_is_told_in_a_paragraph_and_a_table()
    {
        var (code, output, errors) = Decide(Facts.Replace("T11:00", "T09:00", StringComparison.Ordinal));
        Assert.Equal((1, ""), (code, errors));
        Golden.Matches("decide-refused", output);
    }

    [Fact]
    public void What_is_allowed_is_told_with_its_duties_and_ground()
    {
        var (code, output, errors) = Decide(Facts + Consent, language: "zh-Hant");
        Assert.Equal((0, ""), (code, errors));
        Golden.Matches("decide-allowed.zh-Hant", output);
    }

    [Theory]
    [InlineData("en", "You may not call this person now, ", "Earliest: Wednesday 10 June 2026, 10:00 their time (Europe/Amsterdam).")]
    [InlineData("zh-Hans", "还不可以致电此人。", "最早：对方当地时间 2026 年 6 月 10 日（星期三）10:00（Europe/Amsterdam）。")]
    [InlineData("zh-Hant", "還不可以致電此人。", "最早：對方當地時間 2026 年 6 月 10 日（星期三）10:00（Europe/Amsterdam）。")]
    public void What_has_to_wait_is_no_yes_and_says_until_when(string language, string may, string until)
    {
        var (code, output, _) = Decide((Facts + Consent).Replace("T11:00", "T20:00", StringComparison.Ordinal), language: language, quiet: true);
        Assert.Equal(1, code);
        var paragraph = output.Replace("\n", language == "en" ? " " : "", StringComparison.Ordinal);
        Assert.Contains(may, paragraph, StringComparison.Ordinal);
        // A line may be broken between a number and its unit.
        Assert.Contains(until.Replace(" ", "", StringComparison.Ordinal), paragraph.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("nl-hours", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_the_shape_of_every_answer_of_the_gate()
    {
        var (code, output, _) = Decide(Facts.Replace("T11:00", "T09:00", StringComparison.Ordinal), json: true);
        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        var verdict = json.RootElement;
        Assert.Equal(
            ["verdict", "number", "places", "zones", "explanation", "reasons", "obligations", "evidence", "registers", "until", "notes", "alternatives", "packs"],
            verdict.EnumerateObject().Select(property => property.Name));
        Assert.Equal("refused", verdict.GetProperty("verdict").GetString());
        var number = verdict.GetProperty("number");
        Assert.Equal(("+31612345678", "NL", "mobile"), (number.GetProperty("e164").GetString(), number.GetProperty("region").GetString(), number.GetProperty("type").GetString()));
        Assert.Equal(["no-consent", "hours"], verdict.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("code").GetString()));
        var first = verdict.GetProperty("reasons")[0];
        Assert.Equal(
            ["code", "rank", "rule", "says", "cites", "source", "certainty", "grade", "text", "remedy", "item", "marks", "until"],
            first.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("nl-calls", "Art. 11.7", "verified"), (first.GetProperty("rule").GetString(), first.GetProperty("cites").GetString(), first.GetProperty("certainty").GetString()));
        Assert.Equal("2026-06-09T08:00:00Z", verdict.GetProperty("reasons")[1].GetProperty("until").GetString());
        Assert.Equal(JsonValueKind.Null, verdict.GetProperty("until").ValueKind);
        Assert.Matches("^sha256:[0-9a-f]{64}$", verdict.GetProperty("packs").GetProperty("nl").GetString());
    }

    [Fact]
    public void Json_of_what_is_allowed_names_duties_and_evidence()
    {
        using var json = JsonDocument.Parse(Decide(Facts + Consent, json: true).Output);
        var verdict = json.RootElement;
        var duty = Assert.Single(verdict.GetProperty("obligations").EnumerateArray());
        Assert.Equal(("identity", "nl-calls"), (duty.GetProperty("code").GetString(), duty.GetProperty("rule").GetString()));
        var ground = Assert.Single(verdict.GetProperty("evidence").EnumerateArray());
        Assert.Equal((0, 0, JsonValueKind.Null), (ground.GetProperty("alternative").GetInt32(), ground.GetProperty("consent").GetInt32(), ground.GetProperty("relation").ValueKind));
        Assert.Equal("2026-06-09T18:00:00Z", verdict.GetProperty("until").GetString());
        Assert.Equal("allowed", verdict.GetProperty("verdict").GetString());
    }

    [Fact]
    public void House_rules_come_on_top_and_are_marked_as_policy()
    {
        var house = folders.Write("house.yaml", "house: acme\nrules:\n  - id: house-noon\n    says: Nobody before noon.\n    hours: { open: [{ days: daily, from: \"12:00\", until: \"20:00\" }] }\n");
        var (code, output, errors) = Decide(Facts + Consent, house: house);
        Assert.Equal((1, ""), (code, errors));
        Assert.Contains("hours  house-noon\n", output, StringComparison.Ordinal);
        Assert.Contains("Marks        a policy, not law\n", output, StringComparison.Ordinal);
        Assert.Contains("Earliest: Tuesday 9 June 2026, 12:00 their time", output.Replace('\n', ' '), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Decide(Facts + Consent, json: true, house: house).Output);
        Assert.Equal(["house"], json.RootElement.GetProperty("reasons")[0].GetProperty("marks").EnumerateArray().Select(mark => mark.GetString()));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("reasons")[0].GetProperty("source").ValueKind);
        Assert.Equal(2, Decide(Facts, house: folders.Write("bad.yaml", "house: acme\n")).Code);
    }

    [Fact]
    public void A_situation_may_be_written_as_json()
    {
        var file = folders.Write("s.json", """{ "at": "2026-06-09T11:00 Europe/Amsterdam", "ask": { "channel": "voice" }, "contact": { "phone": "+31612345678" } }""");
        var (code, output, _) = Run(file, json: true);
        Assert.Equal(1, code);
        Assert.Contains("\"item\": \"contact.age\"", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "not in order")]
    [InlineData("zh-Hans", "文件内容有误")]
    [InlineData("zh-Hant", "檔案內容有誤")]
    public void A_file_that_cannot_be_used_names_file_line_and_column(string language, string says)
    {
        var file = folders.Write("s.yaml", Facts.Replace("purpose:", "purpos:", StringComparison.Ordinal));
        var (code, output, errors) = Run(file, language: language);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.Contains($"{file}:3:", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none.yaml")]
    [InlineData(".")]
    public void A_file_that_is_not_there_is_said_so(string name)
    {
        var (code, output, errors) = Run(Path.Combine(folders.Root, name));
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("ringfence: ", errors, StringComparison.Ordinal);
    }

    private (int Code, string Output, string Errors) Decide(string situation, bool json = false, bool quiet = false, string language = "en", string? house = null) =>
        Run(folders.Write("situation.yaml", situation), json, quiet, language, house);

    private (int Code, string Output, string Errors) Run(string file, bool json = false, bool quiet = false, string language = "en", string? house = null)
    {
        var rules = folders.Rules();
        return Commands.Run((output, errors) => DecideCommand.Run(file, rules, json, quiet, output, errors, house), language);
    }
}
