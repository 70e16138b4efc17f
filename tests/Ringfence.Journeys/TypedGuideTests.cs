using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>Guides say what happens when one types what they say: it is typed, and happens.</summary>
public sealed partial class TypedGuideTests
{
    [Theory]
    [InlineData("prove-it.md")]
    [InlineData("put-it-before-your-dialer.md")]
    [InlineData("import-a-list.md")]
    public async Task What_the_guide_shows_is_what_is_seen(string guide)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the guide is a transcript of a Unix shell");
        await TypeGuideAsync("docs/guides/" + guide, new Dictionary<string, string?>());
    }

    private static async Task TypeGuideAsync(string guide, IReadOnlyDictionary<string, string?> environment)
    {
        var steps = Steps(await File.ReadAllTextAsync(Path.Combine(RingfenceProcess.Root, guide), TestContext.Current.CancellationToken));
        Assert.True(steps.Count > 10, "the guide has lost its commands");
        var folder = Directory.CreateTempSubdirectory("rf-guide-").FullName;
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(folder, "samples"), Path.Combine(RingfenceProcess.Root, "samples"));
            var outputs = await TypeAsync(folder, [.. steps.Select(static step => step.Command)], environment);
            for (var i = 0; i < steps.Count; i++)
                Assert.True(Fits(steps[i].Shown, outputs[i]), $"$ {steps[i].Command}\nshown:\n{steps[i].Shown}\nseen:\n{outputs[i]}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_the_page_on_several_machines_shows_is_what_is_seen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the page is a transcript of a Unix shell");
        var cluster = Environment.GetEnvironmentVariable("RINGFENCE_TEST_POSTGRES");
        Assert.SkipWhen(string.IsNullOrEmpty(cluster), "No PostgreSQL: ./check starts one of its own, or set RINGFENCE_TEST_POSTGRES to the connection string of one in which databases may be made.");
        var place = cluster.Split(';').Select(static part => part.Split('=', 2)).ToDictionary(static part => part[0], static part => part[1]);
        var environment = new Dictionary<string, string?> { ["PGHOST"] = place["Host"], ["PGUSER"] = place["Username"], ["PGPASSWORD"] = place.GetValueOrDefault("Password"), ["PGPORT"] = place.GetValueOrDefault("Port") };
        try
        {
            await TypeGuideAsync("docs/scale.md", environment);
        }
        finally
        {
            await TypeAsync(Path.GetTempPath(), ["dropdb --if-exists --force ringfence; dropdb --if-exists --force ringfence_keys"], environment);
        }
    }

    [Theory]
    [InlineData("prove-it", "zh-CN")]
    [InlineData("prove-it", "zh-TW")]
    [InlineData("put-it-before-your-dialer", "zh-CN")]
    [InlineData("put-it-before-your-dialer", "zh-TW")]
    [InlineData("import-a-list", "zh-CN")]
    [InlineData("import-a-list", "zh-TW")]
    public async Task A_translation_shows_the_very_same_commands_and_answers(string guide, string language)
    {
        var guides = Path.Combine(RingfenceProcess.Root, "docs/guides");
        var (there, here) = (
            await File.ReadAllTextAsync(Path.Combine(guides, $"{guide}.{language}.md"), TestContext.Current.CancellationToken),
            await File.ReadAllTextAsync(Path.Combine(guides, $"{guide}.md"), TestContext.Current.CancellationToken));
        Assert.NotEmpty(Steps(here));
        Assert.Equal(Steps(here), Steps(there));
    }

    [Theory]
    [InlineData("a … c\n", "a b c\n", true)]
    [InlineData("a … c\n", "a b d\n", false)]
    [InlineData("…\nlast\n", "one\ntwo\nlast\n", true)]
    [InlineData("one\n", "one\ntwo\n", false)]
    public void Dots_stand_for_what_differs_each_time(string shown, string seen, bool fits) => Assert.Equal(fits, Fits(shown, seen));

    // A line of dots alone stands for any lines.
    private static bool Fits(string shown, string seen)
    {
        var pattern = string.Join("\n", shown.Trim('\n').Split('\n').Select(static line => line.Trim() == "…" ? "(?s:.*)" : Regex.Escape(line).Replace("…", ".*", StringComparison.Ordinal)));
        // A shell tells of a program that a guide kills when it comes to notice it, among whatever is shown then.
        seen = Regex.Replace(seen.ReplaceLineEndings("\n"), @"(?m)^\S+: line \d+: +\d+ Killed .*\n?", "", RegexOptions.None, TimeSpan.FromSeconds(10));
        return Regex.IsMatch(seen.Trim('\n'), $"^{pattern}$", RegexOptions.None, TimeSpan.FromSeconds(10));
    }

    private static List<(string Command, string Shown)> Steps(string guide)
    {
        var steps = new List<(string, string)>();
        foreach (Match block in ConsoleBlock().Matches(guide.ReplaceLineEndings("\n")))
        {
            foreach (var part in ("\n" + block.Groups[1].Value).Split("\n$ ")[1..])
            {
                var end = part.IndexOf('\n', StringComparison.Ordinal);
                steps.Add(end < 0 ? (part, "") : (part[..end], part[(end + 1)..]));
            }
        }

        return steps;
    }

    // One shell for all, so that what a command sets the next one finds; what each prints stands between marks.
    private static async Task<string[]> TypeAsync(string folder, string[] commands, IReadOnlyDictionary<string, string?> environment)
    {
        var mark = Guid.NewGuid().ToString("N");
        var script = new StringBuilder();
        // Programs rather than functions: what a guide starts beside it, it also stops.
        script.AppendLine("trap 'kill $(jobs -p) 2>/dev/null; rm -rf \"$PROGRAMS\"' EXIT");
        script.AppendLine("PROGRAMS=$(mktemp -d); PATH=$PROGRAMS:$PATH");
        foreach (var (name, variable) in new[] { ("ringfence", "RINGFENCE_DLL"), ("ringfence-verify", "VERIFY_DLL") })
            script.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"printf '#!/bin/sh\\nexec dotnet \"${variable}\" \"$@\"\\n' >$PROGRAMS/{name}; chmod +x $PROGRAMS/{name}");
        foreach (var command in commands)
            script.Append(command.Replace("./ringfence", "ringfence", StringComparison.Ordinal)).Append(" 2>&1\necho ").AppendLine(mark);
        var start = new ProcessStartInfo("bash") { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["RINGFENCE_DLL"] = RingfenceProcess.Dll;
        start.Environment["VERIFY_DLL"] = RingfenceProcess.Verifier;
        foreach (var variable in (string[])["RINGFENCE_DATA", "RINGFENCE_DB", "RINGFENCE_KEYS", "RINGFENCE_KEK"])
            start.Environment.Remove(variable);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(script, TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var parts = (await output).Split(mark + "\n");
        Assert.True(parts.Length == commands.Length + 1, $"{await output}\n{await errors}");
        return parts;
    }

    [GeneratedRegex("```console\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ConsoleBlock();
}
