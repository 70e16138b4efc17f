using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>The gate against a second one that was written from the documents alone.</summary>
public sealed partial class ReferenceTests(ITestOutputHelper output)
{
    private const int ShippedSituations = 100_000;

    // A slip is mostly made in many situations at once; the first few tell enough.
    private const int MostShown = 5;

    [Fact]
    public void The_gate_and_a_naive_one_agree_on_the_rules_that_ship() => Agree(Rulebook.Shipped, ShippedSituations);

    [GeneratedRegex("@[a-z0-9-]+")]
    private static partial Regex RuleId();

    private void Agree(Rulebook rulebook, int situations)
    {
        foreach (var seed in Seeds.Now)
        {
            output.WriteLine($"{Seeds.Variable}={seed}");
            var (gate, reference, generator) = (new ContactGate(rulebook), new ReferenceGate(rulebook), new SituationGenerator(rulebook, seed));
            var words = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
            var found = new System.Collections.Concurrent.ConcurrentBag<(int Number, Situation Situation)>();
            Parallel.For(0, situations / Seeds.Now.Count, (number, loop) =>
            {
                var situation = generator.Situation(number);
                var verdict = ReferenceVerdict.Of(gate.Decide(situation));
                words.AddOrUpdate(verdict.Word, 1, static (_, count) => count + 1);
                if (verdict == reference.Decide(situation))
                    return;
                found.Add((number, situation));
                if (found.Count >= 50 * MostShown)
                    loop.Stop();
            });
            output.WriteLine(string.Join(", ", words.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}"))));
            Assert.True(found.IsEmpty, Told(seed, found.OrderBy(one => one.Number), gate, reference));
            var all = words.Values.Sum();
            Assert.True(words.GetValueOrDefault("allowed") >= all * 15 / 100, "too few are allowed");
            Assert.True(words.GetValueOrDefault("deferred") >= all * 15 / 100, "too few are deferred");
        }
    }

    private static string Told(int seed, IEnumerable<(int Number, Situation Situation)> found, ContactGate gate, ReferenceGate reference)
    {
        var text = new StringBuilder();
        foreach (var alike in found.GroupBy(one => RuleId().Replace(DifferenceOf(one.Situation), "@..")).OrderByDescending(group => group.Count()))
            text.AppendLine(CultureInfo.InvariantCulture, $"{alike.Count()} times: {alike.Key}");
        var shown = new HashSet<string>();
        foreach (var (number, situation) in found)
        {
            var difference = DifferenceOf(situation);
            if (!shown.Add(RuleId().Replace(difference, "@..")) || shown.Count > MostShown)
                continue;
            var small = SituationText.Shrink(situation, one => DifferenceOf(one) == difference);
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"seed {seed}, number {number}: {difference}")
                .AppendLine(CultureInfo.InvariantCulture, $"gate: {ReferenceVerdict.Of(gate.Decide(small))}")
                .AppendLine(CultureInfo.InvariantCulture, $"reference: {reference.Decide(small)}")
                .AppendLine(SituationText.Of(small));
        }

        return text.ToString();

        string DifferenceOf(Situation one) => ReferenceVerdict.Difference(ReferenceVerdict.Of(gate.Decide(one)), reference.Decide(one));
    }
}

/// <summary>The seeds of a run: one that never changes, and one that is new each time; or the one that is asked for.</summary>
internal static class Seeds
{
    public const string Variable = "RINGFENCE_SEED";

    public static IReadOnlyList<int> Now { get; } =
        int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.Integer, CultureInfo.InvariantCulture, out var asked) ? [asked] : [20260611, Random.Shared.Next()];
}
