using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Tidy;

/// <summary>Every code that a verdict may hold has its words in every language, and no words are left of a code that is gone.</summary>
public sealed partial class ExplanationTextTests
{
    private static readonly string[] Languages = ["en", "zh-Hans", "zh-Hant"];

    // A mobile, numbers of landlines, and of places whose rules ask for much.
    private static readonly string[] Phones = ["+33612345678", "+12125550123", "+34612345678", "+85291234567", "+919812345678", "+390612345678"];

    private static ILookup<string, string> Kinds => GateTexts.All.Select(text => text.Key.Split(' ')).Where(key => key.Length == 2).ToLookup(key => key[0], key => key[1]);

    [Fact]
    public void Every_code_of_every_enumeration_has_its_words_and_no_other()
    {
        Same<ReasonCode>("reason", "remedy");
        Same<ObligationCode>("obligation");
        Same<ReasonMarks>("mark");
        Same<EvidenceItems>("evidence");
        Same<ConsentFlaws>("flaw");
        Same<ContentBlocks>("block");
        Same<ConsentMethod>("method");
        Same<RelationKind>("relation");
        Same<Channel>("channel");
        Assert.Equal(Words<Channel>.All.Append("any").Order(StringComparer.Ordinal), Kinds["act"].Order(StringComparer.Ordinal));
        Assert.Equal(ExpectationReader.NoteCodes.Order(StringComparer.Ordinal), Kinds["note"].Order(StringComparer.Ordinal));
        Assert.Equal(["allowed", "deferred", "refused"], Kinds["verdict"].Order(StringComparer.Ordinal));
        Assert.Equal(RuleReader.Certainties.Append("house").Order(StringComparer.Ordinal), Kinds["certainty"].Order(StringComparer.Ordinal));
        Assert.Subset(Kinds["grade"].ToHashSet(), Rulebook.Shipped.Rules.Select(rule => rule.Grade).ToHashSet());
    }

    [Fact]
    public void Every_fact_that_a_condition_may_miss_has_its_words()
    {
        // What a condition asks for is told by its type, for some by which of several facts it is.
        var facts = typeof(Condition).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Condition)) && !type.IsAbstract)
            .Except([typeof(WordCondition), typeof(FlagCondition)]).Select(type => ((Condition)RuntimeHelpers.GetUninitializedObject(type)).Fact)
            .Concat(Enum.GetValues<WordFact>().Select(fact => new WordCondition(fact, 0).Fact))
            .Concat(Enum.GetValues<FlagFact>().Select(fact => new FlagCondition(fact, true).Fact)).OfType<string>().Distinct().ToArray();
        Assert.True(facts.Length > 30);
        Assert.Subset(Kinds["fact"].ToHashSet(), facts.ToHashSet());
    }

    [Fact]
    public void Every_register_that_a_rule_asks_for_has_a_name()
    {
        var registers = Rulebook.Shipped.Rules.Select(rule => rule.Body).OfType<RegisterBody>().Select(body => body.Name).ToHashSet();
        Assert.Equal(registers.Order(StringComparer.Ordinal), Kinds["register"].Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_item_that_a_worked_case_or_an_empty_situation_brings_out_has_its_words()
    {
        var items = CaseFile.Shipped.SelectMany(CaseFile.ReadShipped).Select(worked => worked.Situation).Concat(EmptySituations())
            .SelectMany(situation => ContactGate.Shipped.Decide(situation).AllReasons)
            .Where(reason => reason.Item is not null && reason.Code != ReasonCode.GroundEndsFirst)
            .SelectMany(reason => reason.Item!.Split(',', StringSplitOptions.TrimEntries)).ToHashSet();
        Assert.True(items.Count > 30);
        Assert.All(items, item => Assert.True(GateTexts.Item(item) is not null, item));
    }

    [Fact]
    public void What_reasons_say_is_what_the_reference_says()
    {
        var rows = LadderRow().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/reference/verdicts.md")));
        Assert.Equal(Words<ReasonCode>.All, rows.Select(row => row.Groups["code"].Value));
        foreach (Match row in rows)
        {
            Assert.True(Words<ReasonCode>.TryParse(row.Groups["code"].Value, out var code));
            Assert.Equal(WhatItNames().Replace(row.Groups["says"].Value, "."), GateTexts.Of(code).En);
            Assert.Equal(row.Groups["helps"].Value, GateTexts.Remedy(code).En);
        }
    }

    [Fact]
    public void Every_text_is_there_in_every_language_with_the_same_places_for_arguments()
    {
        foreach (var (key, text) in GateTexts.All)
        {
            var places = Places(text.En);
            foreach (var language in Languages)
                Assert.False(text.In(language).Length == 0 && key != "list.sentence", $"{key} {language}");
            // Chinese tells how many there are in all where English tells how many more.
            if (key != "list.more")
                Assert.True(places.SetEquals(Places(text.ZhHans)) && places.SetEquals(Places(text.ZhHant)), key);
            Assert.False(text.ZhHans.Contains('「', StringComparison.Ordinal) || text.ZhHant.Contains('“', StringComparison.Ordinal), key);
            Assert.DoesNotMatch(HalfWidthAfterHan(), text.ZhHans);
            Assert.DoesNotMatch(HalfWidthAfterHan(), text.ZhHant);
        }
    }

    [Fact]
    public void Reasons_and_remedies_are_sentences()
    {
        foreach (var (key, text) in GateTexts.All.Where(text => text.Key.Split(' ')[0] is "reason" or "remedy" or "note"))
        {
            Assert.True(text.En.EndsWith('.') && char.IsUpper(text.En[0]), key);
            Assert.True(text.ZhHans.EndsWith('。') && text.ZhHant.EndsWith('。'), key);
        }
    }

    private static IEnumerable<Situation> EmptySituations() =>
        from channel in Enum.GetValues<Channel>()
        from asked in Enum.GetValues<ContactClass>()
        from phone in Phones
        select new Situation
        {
            At = NodaTime.Instant.FromUtc(2026, 9, 9, 12, 0),
            Ask = new Ask { Channel = channel, Class = asked },
            Contact = new ContactedPerson { Phone = phone, Email = "somebody@example.org" },
        };

    private static void Same<T>(params string[] kinds) where T : struct, Enum
    {
        foreach (var kind in kinds)
            Assert.Equal(Words<T>.All.Order(StringComparer.Ordinal), Kinds[kind].Order(StringComparer.Ordinal));
    }

    private static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")]
    private static partial Regex HalfWidthAfterHan();

    // "...; `item` says what." is for readers of the table: what a verdict says goes on with the item itself.
    [GeneratedRegex(@"; `\w+` says \w+\.$")]
    private static partial Regex WhatItNames();

    [GeneratedRegex(@"^\| \d+ \| `(?<code>[a-z0-9-]+)` \| \w+ \| (?<says>[^|]+) \| (?<helps>[^|]+) \|", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex LadderRow();
}
