using System.Text.Json;
using Ringfence.Server.Rules;
using Xunit;

namespace Ringfence.Server.Tests.Rules;

public sealed class RulesTestCommandTests : IDisposable
{
    private readonly RuleFolders folders = new();

    public void Dispose() => folders.Dispose();

    [Fact]
    public void Cases_that_come_out_as_expected_are_counted()
    {
        var (code, output, errors) = Run(folders.Cases(RuleFolders.TwoCases));
        Assert.Equal((0, "2 passed, 0 failed\n", ""), (code, output, errors));
    }

    [Fact]
    public void A_case_that_comes_out_otherwise_is_named_with_its_place_and_what_came_instead()
    {
        var path = folders.Cases(RuleFolders.TwoCases.Replace("deferred, first: hours", "allowed", StringComparison.Ordinal));
        var (code, output, errors) = Run(path);
        Assert.Equal(1, code);
        Assert.Empty(errors);
        Assert.Equal(
            [$"{path}:12: at half past nine", "    verdict: expected allowed, got deferred (hours@nl-hours)", "1 passed, 1 failed", ""],
            output.Split('\n'));
    }

    [Fact]
    public void Json_tells_the_same()
    {
        var path = folders.Cases(RuleFolders.TwoCases.Replace("deferred, first: hours", "allowed", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(Run(path, json: true).Output);
        Assert.Equal((1, 1), (json.RootElement.GetProperty("passed").GetInt32(), json.RootElement.GetProperty("failed").GetInt32()));
        var failure = Assert.Single(json.RootElement.GetProperty("failures").EnumerateArray());
        Assert.Equal((path, 12, "at half past nine"), (failure.GetProperty("file").GetString(), failure.GetProperty("line").GetInt32(), failure.GetProperty("case").GetString()));
        var difference = Assert.Single(failure.GetProperty("differences").EnumerateArray());
        Assert.Equal(("verdict", "allowed", "deferred (hours@nl-hours)"), (difference.GetProperty("what").GetString(), difference.GetProperty("expected").GetString(), difference.GetProperty("got").GetString()));
    }

    [Fact]
    public void A_folder_stands_for_all_case_files_in_it()
    {
        folders.Cases(RuleFolders.TwoCases, "cases/nl/a.yaml");
        folders.Cases(RuleFolders.TwoCases, "cases/nl/deep/b.yaml");
        folders.Cases("facts: {}", "cases/clean.yaml");
        Assert.Equal((0, "4 passed, 0 failed\n", ""), Run(Path.Combine(folders.Root, "cases")));
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hans")]
    [InlineData("zh-Hant")]
    public void A_file_that_is_not_in_order_is_told_of_with_line_and_column_and_the_others_run(string language)
    {
        var good = folders.Cases(RuleFolders.TwoCases);
        var bad = folders.Cases(RuleFolders.TwoCases.Replace("audience:", "audiense:", StringComparison.Ordinal), "bad.yaml");
        var (code, output, errors) = Run([bad, good, Path.Combine(folders.Root, "none.yaml")], language: language);
        Assert.Equal(2, code);
        Assert.Equal("2 passed, 0 failed\n", output);
        Assert.Contains($"{bad}:3:", errors, StringComparison.Ordinal);
        Assert.Contains("audiense", errors, StringComparison.Ordinal);
        Assert.Contains(language switch { "en" => "There is no file", "zh-Hans" => "找不到文件", _ => "找不到檔案" }, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_that_are_not_in_order_are_told_of_with_the_path_the_user_knows()
    {
        var rules = folders.Rules(hours: "{ days: mon-frei, from: \"10:00\", until: \"20:00\" }");
        var (code, output, errors) = RunBy(rules, [folders.Cases(RuleFolders.TwoCases)]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(Path.Combine(rules, "nl/hours/2020-01-01.yaml") + ":14:18: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void House_rules_come_on_top_from_a_file_or_by_name()
    {
        var cases = folders.Cases(RuleFolders.TwoCases);
        var house = folders.Write("house.yaml", "house: own\nrules:\n  - { id: house-late, says: a, instead-of: nl-hours, hours: { open: [{ days: mon-fri, from: \"12:00\", until: \"20:00\" }] } }\n");
        var (code, output, errors) = RunBy(folders.Rules(), [cases], house: house);
        Assert.Equal((1, ""), (code, errors));
        Assert.Contains("    verdict: expected allowed, got deferred (hours@house-late)", output, StringComparison.Ordinal);
        Assert.Equal((0, "2 passed, 0 failed\n", ""), RunBy(folders.Rules(), [cases], house: "ethics"));
    }

    [Fact]
    public void A_case_file_names_house_rules_beside_it()
    {
        folders.Write("cases/own.yaml", "house: own\nrules:\n  - { id: house-never, says: a, refuse: basis }\n");
        var cases = folders.Cases("house: own.yaml\n" + RuleFolders.TwoCases.Replace("verdict: allowed, obligations: [identity]", "verdict: refused, first: basis@house-never", StringComparison.Ordinal)
            .Replace("verdict: deferred, first: hours", "verdict: refused", StringComparison.Ordinal), "cases/a.yaml");
        Assert.Equal((0, "2 passed, 0 failed\n", ""), Run(cases));
    }

    [Theory]
    [InlineData("house: own\nrules:\n  - { id: house-early, says: a, instead-of: nl-hours, hours: { open: [{ days: mon, from: \"09:00\", until: \"12:00\" }] } }\n", "opens Mon 09:00-10:00, which nl-hours keeps closed")]
    [InlineData("house: own\nwaives: [nl-calls]\n", "nl-calls is of grade statute")]
    [InlineData("house: own\nrule: []\n", "unknown key 'rule'")]
    [InlineData(null, "house.yaml")]
    public void House_rules_that_would_loosen_or_are_not_in_order_are_told_of(string? text, string why)
    {
        var house = text is null ? Path.Combine(folders.Root, "house.yaml") : folders.Write("house.yaml", text);
        var (code, output, errors) = RunBy(folders.Rules(), [folders.Cases(RuleFolders.TwoCases)], house: house);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(why, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData(".")]
    public void A_folder_without_rules_is_no_set_of_rules(string folder)
    {
        var (code, output, errors) = RunBy(Path.Combine(folders.Root, folder), []);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("ringfence: ", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zh-Hans", "    结论：应为 allowed，实为 deferred (hours@nl-hours)")]
    [InlineData("zh-Hant", "    結論：應為 allowed，實為 deferred (hours@nl-hours)")]
    public void What_differs_is_told_in_the_language_of_the_run_and_the_last_line_is_the_same(string language, string difference)
    {
        var path = folders.Cases(RuleFolders.TwoCases.Replace("deferred, first: hours", "allowed", StringComparison.Ordinal));
        Assert.Equal([$"{path}:12: at half past nine", difference, "1 passed, 1 failed", ""], Run([path], language: language).Output.Split('\n'));
    }

    [Fact]
    public void A_case_that_names_a_rule_there_is_none_of_fails()
    {
        var path = folders.Cases(RuleFolders.TwoCases.Replace("first: hours", "first: hours@nl-ours", StringComparison.Ordinal));
        Assert.Contains("    no rule has the id nl-ours\n", Run(path).Output, StringComparison.Ordinal);
    }

    private (int Code, string Output, string Errors) Run(string file, bool json = false) => Run([file], json);

    private (int Code, string Output, string Errors) Run(string[] files, bool json = false, string language = "en") => RunBy(folders.Rules(), files, json, language);

    private static (int Code, string Output, string Errors) RunBy(string rules, string[] files, bool json = false, string language = "en", string? house = null) =>
        Commands.Run((output, errors) => RulesTestCommand.Run(files, rules, json, output, errors, house), language);
}
