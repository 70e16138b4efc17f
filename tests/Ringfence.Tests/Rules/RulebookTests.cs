using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Rules;

/// <summary>Files that are in order each by itself have to go together, too.</summary>
public sealed class RulebookTests
{
    private const string Rule = SampleRule.Head + "refuse: sector-ban\n";

    private static (string Path, string Text)[] Files(params (string Path, string Text)[] more) =>
        [(SampleRule.PackFile, SampleRule.PackText), (SampleRule.File, Rule), .. more];

    private static string Version(string from, string more = "") =>
        Rule.Replace("from: 2024-01-01", $"from: {from}", StringComparison.Ordinal) + more;

    [Fact]
    public void A_set_of_files_is_read_whatever_its_order_with_the_places_that_ship()
    {
        var files = Files(("rules\\us\\pack.yaml", "prefix: us\nname: { en: a, zh-Hans: b, zh-Hant: c }\ncovers: [EU-EEA]\nreaches: [person, area-code]\nstrict-default: [hours]\nreviewed: 2026-01-01\n"));
        var book = Rulebook.Read(files.Reverse());
        Assert.Equal(["fr", "us"], book.Packs.Select(pack => pack.Name));
        Assert.Equal(SampleRule.File, Assert.Single(book.Rules).File);
        var us = book.Packs[1];
        Assert.Equal(37, us.Covers.Count);
        Assert.Equal((Reach.Person | Reach.AreaCode, Aspects.Hours, new LocalDate(2026, 1, 1)), (us.Reaches, us.StrictDefault, us.Reviewed));
        Assert.NotEmpty(book.LeftOut);
    }

    [Fact]
    public void A_pack_may_cover_everywhere_or_the_rest()
    {
        Assert.True(SampleRule.ReadPack(SampleRule.PackText.Replace("[FR, GP]", "everywhere", StringComparison.Ordinal)) is { Everywhere: true, Rest: false, Covers.Count: 0 });
        Assert.True(SampleRule.ReadPack(SampleRule.PackText.Replace("[FR, GP]", "rest", StringComparison.Ordinal)) is { Everywhere: false, Rest: true, Covers.Count: 0 });
    }

    [Theory]
    [InlineData("covers: [FR, GP]", "covers: [FR, rest]", "3:9: 'covers': 'rest' stands alone")]
    [InlineData("covers: [FR, GP]", "covers: rest\nstrict-default: [cap]", "4:17: 'strict-default': the strict default can't fall back on itself")]
    [InlineData("covers: [FR, GP]", "covers: []", "3:9: 'covers': no place is named")]
    [InlineData("prefix: fr", "prefix: FR", "1:9: 'prefix': 'FR' is no name")]
    [InlineData("prefix: fr", "prefix: fr\nbaseline: no", "2:11: 'baseline': 'no' is none of true")]
    [InlineData("prefix: fr", "prefix: fr\nstrict-default: [weather]", "2:18: 'weather' is none of basis, register, hours, cap, rest, reconfirm")]
    [InlineData("prefix: fr", "prefix: fr\nreviewed: yesterday", "2:11: 'reviewed': 'yesterday' is no day")]
    [InlineData("prefix: fr", "prefix: fr\nlaw: x", "2:1: unknown key 'law'")]
    public void A_pack_that_is_wrong_is_refused_where_it_is(string right, string wrong, string why)
    {
        var error = Assert.Throws<RuleFileException>(() => SampleRule.ReadPack(SampleRule.PackText.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.StartsWith($"{SampleRule.PackFile}:{why}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rules/fr/hours/2025-01-01.yaml", "2025-01-01", "", "rules/fr/hours/2024-01-01.yaml is still in force on that day")]
    [InlineData("rules/fr/hours/2023-01-01.yaml", "2023-01-01", "until: 2024-01-02\n", "rules/fr/hours/2023-01-01.yaml is still in force on that day")]
    public void No_two_versions_of_a_rule_hold_on_one_day(string path, string from, string more, string why)
    {
        var error = Assert.Throws<RuleFileException>(() => Rulebook.Read(Files((path, Version(from, more)))));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains(":7:7: 'from': ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Versions_may_follow_each_other_and_one_that_is_disabled_counts_for_nothing() =>
        Assert.Equal(3, Rulebook.Read(Files(
            ("rules/fr/hours/2023-01-01.yaml", Version("2023-01-01", "until: 2024-01-01\n")),
            ("rules/fr/hours/2025-01-01.yaml", Version("2025-01-01", "state: disabled\n")))).Rules.Count);

    [Fact]
    public void A_prefix_belongs_to_one_pack() =>
        Refused("rules/gp/pack.yaml:1:9: 'prefix': 'fr' is the prefix of rules/fr already", ("rules/gp/pack.yaml", SampleRule.PackText));

    [Fact]
    public void An_id_belongs_to_one_folder() =>
        Refused(
            "rules/fr/x-hours/2024-01-01.yaml:1:5: 'id': 'fr-x-hours' is the id of rules/fr-x/hours already",
            ("rules/fr/x-hours/2024-01-01.yaml", Rule.Replace("fr-hours", "fr-x-hours", StringComparison.Ordinal)),
            ("rules/fr-x/hours/2024-01-01.yaml", Rule.Replace("fr-hours", "fr-x-hours", StringComparison.Ordinal)),
            ("rules/fr-x/pack.yaml", SampleRule.PackText.Replace("prefix: fr", "prefix: fr-x", StringComparison.Ordinal)));

    [Fact]
    public void A_rule_of_the_gate_needs_a_pack() =>
        Refused("rules/gb/hours/2024-01-01.yaml:1:5: 'id': rules/gb/pack.yaml is missing", ("rules/gb/hours/2024-01-01.yaml", Rule.Replace("fr-hours", "gb-hours", StringComparison.Ordinal)));

    [Fact]
    public void A_calendar_has_to_be_there() =>
        Refused(
            "rules/fr/days/2024-01-01.yaml:8:8: 'hours': there is no calendar 'utopia'",
            ("rules/fr/days/2024-01-01.yaml", Rule.Replace("fr-hours", "fr-days", StringComparison.Ordinal)
                .Replace("refuse: sector-ban", "hours: { open: [{ days: mon, from: \"08:00\", until: \"09:00\" }], closed-on: [utopia] }", StringComparison.Ordinal)));

    [Theory]
    [InlineData("rules/fr/hours/2024-01-01.yml")]
    [InlineData("rules/fr/notes.yaml")]
    [InlineData("rules/fr/hours/old/2024-01-01.yaml")]
    [InlineData("rules/other.yaml")]
    [InlineData("laws/fr/hours/2024-01-01.yaml")]
    public void A_file_that_would_be_read_by_nobody_is_refused(string path) => Refused($"{path}:1:1: no file is expected here", (path, Rule));

    [Fact]
    public void A_file_is_there_once() => Refused($"{SampleRule.File}:1:1: the file is there twice", (SampleRule.File, Rule));

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        Assert.Empty(Rulebook.Faults(Files()));
        var faults = Rulebook.Faults(Files(
            ("rules/fr/a/2024-01-01.yaml", "x: 1"), ("rules/fr/b/2024-01-01.yaml", "- 1"), ("rules/gb/pack.yaml", ""),
            ("rules/gb/hours/2024-01-01.yaml", "not read while its pack is broken"), ("rules/fr/x.yml", "")));
        Assert.Equal(["rules/fr/a/2024-01-01.yaml", "rules/fr/b/2024-01-01.yaml", "rules/fr/x.yml", "rules/gb/pack.yaml"], faults.Select(fault => fault.File).Order());
        Assert.Equal("rules/places.yaml", Assert.Single(Rulebook.Faults(Files(("rules/places.yaml", "EU: 1")))).File);
    }

    [Fact]
    public void The_digest_of_a_pack_is_that_of_its_files_whatever_their_line_ends()
    {
        var digest = Rulebook.Read(Files()).Packs[0].Digest;
        var content = string.Concat(new[] { (SampleRule.File, Rule), (SampleRule.PackFile, SampleRule.PackText) }.Select(file => $"{file.Item1}\n{Encoding.UTF8.GetByteCount(file.Item2)}\n{file.Item2}"));
        Assert.Equal($"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}", digest);
        Assert.Equal(digest, Rulebook.Read(Files().Select(file => (file.Path, file.Text.Replace("\n", "\r\n", StringComparison.Ordinal)))).Packs[0].Digest);
        Assert.NotEqual(digest, Rulebook.Read(Files().Select(file => (file.Path, file.Text + "\n"))).Packs[0].Digest);
    }

    [Fact]
    public void The_rules_of_the_audit_are_those_in_force_among_all()
    {
        var all = Rulebook.Shipped.Rules.Where(rule => rule is { State: RuleState.InForce } and ({ Exposure: not null } or { ConsentTerm: not null }));
        Assert.Equal(all.Select(rule => rule.File), Rulebook.Shipped.OfAudit.Select(rule => rule.File));
    }

    private static void Refused(string why, params (string Path, string Text)[] more)
    {
        var error = Assert.Throws<RuleFileException>(() => Rulebook.Read(Files(more)));
        Assert.StartsWith(why, error.Message, StringComparison.Ordinal);
    }
}
