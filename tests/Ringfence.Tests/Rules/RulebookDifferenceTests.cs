using Ringfence.Rules;
using Ringfence.Rules.House;
using Xunit;

namespace Ringfence.Tests.Rules;

/// <summary>Two sets of rules are compared file by file, and a file is shown as it was written.</summary>
public sealed class RulebookDifferenceTests
{
    private static readonly (string, string)[] Files = [(SampleRule.PackFile, SampleRule.PackText), (SampleRule.File, SampleRule.Head + "refuse: sector-ban\n")];

    private static readonly (string, string) Later =
        ("rules/fr/hours/2027-01-01.yaml", SampleRule.Head.Replace("2024-01-01", "2027-01-01", StringComparison.Ordinal) + "refuse: sector-ban\n");

    private static readonly (string, string) Ended =
        (SampleRule.File, SampleRule.Head + "until: 2027-01-01\nrefuse: sector-ban\n");

    [Fact]
    public void Sets_with_the_same_files_do_not_differ_however_lines_end() =>
        Assert.True(RulebookDifference.Between(Rulebook.Read(Files), Rulebook.Read([.. Files.Select(file => (file.Item1, file.Item2.Replace("\n", "\r\n", StringComparison.Ordinal)))])).IsNone);

    [Fact]
    public void Versions_that_come_go_and_change_are_told_apart()
    {
        var (before, after) = (Rulebook.Read(Files), Rulebook.Read([Files[0], Ended, Later]));
        var there = RulebookDifference.Between(before, after);
        Assert.Equal(["rules/fr/hours/2027-01-01.yaml"], there.Added.Select(rule => rule.File));
        Assert.Equal([SampleRule.File], there.Changed.Select(rule => rule.File));
        Assert.Empty(there.Removed);
        var back = RulebookDifference.Between(after, before);
        Assert.Equal(["rules/fr/hours/2027-01-01.yaml"], back.Removed.Select(rule => rule.File));
        Assert.Empty(back.Added);
    }

    [Fact]
    public void A_pack_or_a_shared_file_that_differs_is_told()
    {
        (string, string)[] changed = [(SampleRule.PackFile, SampleRule.PackText.Replace("FR, GP", "FR", StringComparison.Ordinal)), Files[1]];
        Assert.Equal([SampleRule.PackFile], RulebookDifference.Between(Rulebook.Read(Files), Rulebook.Read(changed)).OtherFiles);
        (string, string)[] withShipped = [.. Files, ("rules/places.yaml", Rulebook.Shipped.Text("rules/places.yaml")!)];
        Assert.True(RulebookDifference.Between(Rulebook.Read(Files), Rulebook.Read(withShipped)).IsNone);
        (string, string)[] withOther = [.. Files, ("rules/places.yaml", Rulebook.Shipped.Text("rules/places.yaml") + "# more\n")];
        Assert.Equal(["rules/places.yaml"], RulebookDifference.Between(Rulebook.Read(Files), Rulebook.Read(withOther)).OtherFiles);
    }

    [Theory]
    [InlineData("when: { channel: [voice] }\n# Why.\nrefuse: sector-ban\nitem: opt-out\n", "when: { channel: [voice] }\n# Why.\nrefuse: sector-ban\nitem: opt-out")]
    [InlineData("reading: \"Long\n  text.\"\nrefuse:\n  sector-ban\nuntil: 2030-01-01\nobliges:\n  - identity\n", "refuse:\n  sector-ban\nobliges:\n  - identity")]
    public void The_passage_is_what_a_rule_applies_to_and_does(string body, string passage)
    {
        var book = Rulebook.Read([Files[0], (SampleRule.File, SampleRule.Head + body)]);
        Assert.Equal(passage, book.Passage(Assert.Single(book.Rules)));
    }

    [Fact]
    public void Of_a_file_whose_keys_share_a_line_all_is_the_passage()
    {
        const string text = """{ "id": "fr-hours", "says": { "en": "a", "zh-Hans": "b", "zh-Hant": "c" }, "cites": "d", "source": "https://example.org/act", "certainty": "verified", "grade": "statute", "from": "2024-01-01", "refuse": "sector-ban" }""";
        var book = Rulebook.Read([Files[0], (SampleRule.File, text)]);
        Assert.Equal(text, book.Passage(Assert.Single(book.Rules)));
    }

    [Fact]
    public void The_passage_of_a_house_rule_is_its_own_part_of_the_file()
    {
        const string house = """
            house: acme
            rules:
              - id: house-rest
                says: Rest.
                when:
                  channel: [voice]
                # Half a year.
                cool-down: { after: [refused], lasts: P180D, counting: full-days }

              # Another one.
              - says: Nobody under 21.
                id: house-age
                refuse: minor
            waives: []
            """;
        var book = Rulebook.Read(Files).With(HouseRules.Read("house.yaml", house));
        string Passage(string id) => book.Passage(book.Rules.Single(rule => rule.Id == id));
        Assert.Equal("when:\n  channel: [voice]\n# Half a year.\ncool-down: { after: [refused], lasts: P180D, counting: full-days }", Passage("house-rest"));
        Assert.Equal("refuse: minor", Passage("house-age"));
        Assert.Equal("refuse: sector-ban", Passage("fr-hours"));
        Assert.True(RulebookDifference.Between(book, Rulebook.Read(Files)).IsNone);
    }

    [Fact]
    public void Every_rule_that_ships_has_a_passage_that_names_what_it_does()
    {
        string[] does = [.. BodyReader.Bodies, "obliges"];
        Assert.All(Rulebook.Shipped.Rules, rule =>
        {
            var passage = Rulebook.Shipped.Passage(rule);
            Assert.Contains(does, key => passage.StartsWith(key + ":", StringComparison.Ordinal) || passage.Contains("\n" + key + ":", StringComparison.Ordinal));
            Assert.DoesNotContain("\ncites:", passage, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("fr-hour", "fr-hours")]
    [InlineData("FR-HOURS", "fr-hours")]
    [InlineData("hours", "fr-hours")]
    public void An_id_that_may_have_been_meant_is_found(string word, string id) => Assert.Equal([id], Rulebook.Read(Files).Nearest(word));

    [Theory]
    [InlineData("")]
    [InlineData("register")]
    [InlineData("a-word-so-long-that-nobody-can-have-mistyped-it")]
    public void Where_no_id_is_near_none_is_found(string word) => Assert.Empty(Rulebook.Read(Files).Nearest(word));
}
