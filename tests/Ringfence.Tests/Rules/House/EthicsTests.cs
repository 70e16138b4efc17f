using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Rules.House;
using Xunit;

namespace Ringfence.Tests.Rules.House;

/// <summary>The code of conduct that ships.</summary>
public sealed class EthicsTests
{
    public static TheoryData<string, int> Cases => [.. HouseCases.Select(worked => (worked.File, worked.Line))];

    private static IEnumerable<WorkedCase> HouseCases =>
        CaseFile.Shipped.Where(path => path.StartsWith("cases/house/", StringComparison.Ordinal)).SelectMany(CaseFile.ReadShipped);

    [Fact]
    public void It_goes_with_the_rules_that_ship_and_is_not_among_them()
    {
        var house = HouseRules.Shipped("ethics");
        Assert.Contains("ethics", HouseRules.ShippedNames);
        Assert.DoesNotContain(Rulebook.Shipped.Packs, pack => pack.IsHouse);
        Assert.Equal("house-ethics", Rulebook.Shipped.With(house).Packs.Single(pack => pack.IsHouse).Name);
        Assert.Empty(house.Waives);
        Assert.Throws<ArgumentException>(() => HouseRules.Shipped("ethic"));
    }

    [Fact]
    public void Every_rule_speaks_three_languages()
    {
        Assert.All(Rulebook.Shipped.With(HouseRules.Shipped("ethics")).Rules.Where(rule => rule.Pack == "house-ethics"), rule =>
        {
            Assert.DoesNotContain(rule.Says.En, IsHan);
            Assert.Contains(rule.Says.ZhHans, IsHan);
            Assert.NotEqual(rule.Says.ZhHans, rule.Says.ZhHant);
        });

        static bool IsHan(char c) => c is >= '\u4e00' and <= '\u9fff';
    }

    [Fact]
    public void Every_rule_has_a_case()
    {
        var gate = ContactGate.Shipped.With(HouseRules.Shipped("ethics"));
        var shown = HouseCases.SelectMany(worked => gate.Decide(worked.Situation).AllReasons).Select(reason => reason.Rule?.Id).ToHashSet();
        // A term of consents gives no reason of its own, and one holiday rule is as the others.
        var rules = gate.Rules.Rules.Where(rule => rule is { Pack: "house-ethics", ConsentTerm: null } && !rule.Id.StartsWith("house-holidays-", StringComparison.Ordinal));
        Assert.Empty(rules.Select(rule => rule.Id).Except(shown!));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_cases_come_out_as_they_say(string file, int line)
    {
        var worked = HouseCases.Single(one => one.File == file && one.Line == line);
        Assert.NotNull(worked.House);
        Assert.Empty(CaseCheck.Run(worked, ContactGate.Shipped));
    }

    [Fact]
    public void A_case_file_may_name_house_rules_that_ship_or_a_path_that_the_reader_knows()
    {
        const string cases = "house: own.yaml\ncases:\n  - { case: a, source: b, given: clean, at: 2026-06-09T11:00:00Z, expect: { verdict: refused } }\n";
        Assert.Contains("c.yaml:1:8: 'house': there is no file 'own.yaml'", Assert.Throws<RuleFileException>(() => CaseFile.Read("c.yaml", cases)).Message, StringComparison.Ordinal);
        var own = HouseRules.Read("own.yaml", "house: own\nrules:\n  - { id: house-a, says: a, refuse: basis }\n");
        Assert.Same(own, Assert.Single(CaseFile.Read("c.yaml", cases, path => path == "own.yaml" ? own : null)).House);
    }
}
