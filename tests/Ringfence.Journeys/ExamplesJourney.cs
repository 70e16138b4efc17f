using System.Diagnostics;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>The examples, run as they stand against the program, behind a proxy that loses the first answer to whatever changes something.</summary>
public sealed class ExamplesJourney(ServedForExamples served) : IClassFixture<ServedForExamples>
{
    // What examples/README.md shows.
    private static readonly string Printed = File.ReadAllText(Path.Combine(RingfenceProcess.Root, "examples/README.md"))
        .ReplaceLineEndings("\n").Split("```\n") is { Length: > 3 } parts ? parts[3] : "";

    [Theory]
    [InlineData("curl", "bash", "examples/curl/ask-first.sh")]
    [InlineData("csharp", "dotnet", "ask-first.dll")]
    [InlineData("python", "python3", "examples/python/ask_first.py")]
    [InlineData("javascript", "node", "examples/javascript/ask-first.mjs")]
    public async Task It_does_everything_once_though_answers_are_lost(string language, string program, string file)
    {
        Assert.SkipWhen(!IsThere(program), $"no {program}");
        // The program that was built beside these tests.
        file = file.EndsWith(".dll", StringComparison.Ordinal) ? Path.Combine(AppContext.BaseDirectory, file) : Path.Combine(RingfenceProcess.Root, file);
        var lost = served.Lost;
        var (exit, output, errors) = await RunAsync(program, file, $"{language}@example.org");
        Assert.Equal((0, ""), (exit, errors));
        Assert.Equal(Printed, output);
        // Consent, permit, twice redeem, outcome, withdrawal.
        Assert.Equal(6, served.Lost - lost);
    }

    [Theory]
    [InlineData("curl", "bash", "examples/curl/ask-first.sh")]
    [InlineData("csharp", "dotnet", "ask-first.dll")]
    [InlineData("python", "python3", "examples/python/ask_first.py")]
    [InlineData("javascript", "node", "examples/javascript/ask-first.mjs")]
    public async Task What_is_refused_ends_it_with_the_code(string language, string program, string file)
    {
        Assert.SkipWhen(!IsThere(program), $"no {program}");
        file = file.EndsWith(".dll", StringComparison.Ordinal) ? Path.Combine(AppContext.BaseDirectory, file) : Path.Combine(RingfenceProcess.Root, file);
        var (exit, output, errors) = await RunAsync(program, file, $"not an address of {language}");
        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith("422 not-a-point: ", errors, StringComparison.Ordinal);
    }

    private static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program)));

    private async Task<(int Exit, string Output, string Errors)> RunAsync(string program, string file, string to)
    {
        var start = new ProcessStartInfo(program, [file, to]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RINGFENCE_URL"] = served.Url;
        start.Environment["RINGFENCE_KEY"] = served.Key;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output).ReplaceLineEndings("\n"), await errors);
    }
}
