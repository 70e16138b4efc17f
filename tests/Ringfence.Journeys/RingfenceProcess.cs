using System.Diagnostics;
using System.Reflection;

namespace Ringfence.Journeys;

/// <summary>The program, run as a process of its own.</summary>
public static class RingfenceProcess
{
    /// <summary>The program; RINGFENCE_TEST_PROGRAM names one that was compiled before it starts, as <c>./ringfence</c> runs it.</summary>
    public static string Dll { get; } = Environment.GetEnvironmentVariable("RINGFENCE_TEST_PROGRAM") ?? Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "ringfence.dll");

    /// <summary>The verifier, which the program does not contain.</summary>
    public static string Verifier { get; } = Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "ringfence-verify.dll");

    /// <summary>The root of the sources.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>Starts the program.</summary>
    public static Process Start(params string[] arguments) => Start(arguments, []);

    /// <summary>Starts the program with variables of its own.</summary>
    public static Process Start(string[] arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Dll, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Root,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments) => await RunAsync("", arguments);

    /// <summary>Runs the program to its end, with something on its standard input.</summary>
    public static async Task<(int Exit, string Output, string Errors)> RunAsync(string input, string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "Ringfence.slnx")) ? folder : FindRoot(Path.GetDirectoryName(folder)!);
}
