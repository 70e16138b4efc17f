using System.Security.Cryptography;
using System.Text;
using NodaTime.Text;
using Ringfence.Gate;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>
/// The whole verdicts of all worked situations, as they were when last accepted: what a case does not expect may not change silently either.
/// </summary>
/// <remarks>
/// <c>RINGFENCE_ACCEPT=1</c> writes the file anew. Where a verdict changed, it does so only if a starred line of the changelog changed too.
/// </remarks>
public sealed class GoldenVerdictsTests
{
    /// <summary>Fewer would be no corpus.</summary>
    private const int Least = 2000;

    private const string Changelog = "# starred lines of the changelog: ";

    private static readonly string Golden = Path.Combine(Repository.Root, "tests", "Ringfence.Tests", "Gate", "golden", "verdicts.approved.txt");

    [Fact]
    public void A_verdict_changes_only_with_a_starred_line_in_the_changelog()
    {
        var now = Verdicts();
        var stars = Stars();
        var accepted = File.Exists(Golden) ? File.ReadAllLines(Golden) : [];
        var then = accepted.Where(line => !line.StartsWith('#')).Select(line => line.Split('\t', 2)).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var changed = now.Where(pair => then.TryGetValue(pair.Key, out var old) && old != pair.Value)
            .Select(pair => $"{pair.Key}\n    was {then[pair.Key]}\n    is  {pair.Value}").ToArray();
        var starred = accepted.Length == 0 || accepted[0] != Changelog + stars;

        if (Environment.GetEnvironmentVariable("RINGFENCE_ACCEPT") == "1")
        {
            Assert.True(changed.Length == 0 || starred, "Verdicts changed, and no starred line of CHANGELOG.md did:\n" + string.Join('\n', changed.Take(20)));
            Directory.CreateDirectory(Path.GetDirectoryName(Golden)!);
            File.WriteAllLines(Golden, [Changelog + stars, .. now.Select(pair => $"{pair.Key}\t{pair.Value}")]);
            return;
        }

        Assert.True(now.Count >= Least, $"{now.Count} situations are no corpus.");
        Assert.True(changed.Length == 0, $"{changed.Length} verdicts changed. Star the change in CHANGELOG.md, then run with RINGFENCE_ACCEPT=1:\n" + string.Join('\n', changed.Take(20)));
        var others = now.Keys.Except(then.Keys, StringComparer.Ordinal).Concat(then.Keys.Except(now.Keys, StringComparer.Ordinal)).ToArray();
        Assert.True(others.Length == 0, $"{others.Length} situations are new or gone. Run with RINGFENCE_ACCEPT=1:\n" + string.Join('\n', others.Take(20)));
    }

    [Fact]
    public void A_situation_judged_twice_has_one_verdict()
    {
        var again = Verdicts();
        Assert.All(Verdicts(), pair => Assert.Equal(pair.Value, again[pair.Key]));
    }

    // By file, place in it and name: a case that moves within its file is a new one.
    private static SortedDictionary<string, string> Verdicts()
    {
        var verdicts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        // The law alone: a house may change its rules as it likes.
        foreach (var worked in CaseFile.Shipped.SelectMany(CaseFile.ReadShipped).Where(worked => worked.House is null))
        {
            var key = $"{worked.File}: {worked.Name}";
            for (var twin = 2; verdicts.ContainsKey(key); twin++)
                key = $"{worked.File}: {worked.Name} ({twin})";
            verdicts.Add(key, Text(ContactGate.Shipped.Decide(worked.Situation)));
        }

        return verdicts;
    }

    private static string Text(Verdict verdict)
    {
        var text = new StringBuilder(verdict.Word);
        var until = verdict switch { Verdict.Deferred deferred => deferred.Until, Verdict.Allowed { Until: { } end } => end, _ => default(NodaTime.Instant?) };
        if (until is { } instant)
            text.Append(" until ").Append(InstantPattern.ExtendedIso.Format(instant));
        foreach (var reason in verdict.AllReasons)
        {
            text.Append("; ").Append(Words<ReasonCode>.Of(reason.Code)).Append('@').Append(reason.Rule?.Id).Append(reason.Item is { } item ? $" [{item}]" : "");
            if (reason.Marks != ReasonMarks.None)
                text.Append(" (").Append(reason.Marks).Append(')');
        }

        if (verdict is Verdict.Allowed allowed)
        {
            foreach (var duty in allowed.Obligations)
                text.Append("; ").Append(Words<ObligationCode>.Of(duty.Code)).Append('@').Append(duty.Rule?.Id);
            foreach (var ground in allowed.Grounds)
                text.Append("; ground ").Append(ground.Alternative).Append('@').Append(ground.Rule.Id);
        }

        foreach (var note in verdict.Notes)
            text.Append("; note ").Append(note.Code).Append('@').Append(note.Place ?? note.Rule?.Id);
        return text.ToString();
    }

    private static string Stars()
    {
        var starred = File.ReadAllText(Path.Combine(Repository.Root, "CHANGELOG.md")).ReplaceLineEndings("\n").Split("\n- ").Where(line => line.StartsWith('★'));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', starred))))[..16];
    }
}
