using System.Diagnostics;
using System.Reflection;
using Ringfence.Server.Ledger;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;

namespace Ringfence.Server.Tests.Suppression;

/// <summary>A process that does nothing but add suppression keys and wrap the list by them, until it is killed.</summary>
internal static class SuppressionRotatingProcess
{
    /// <summary>Tells the program of the tests to be this.</summary>
    public const string Argument = "rotate-suppression-until-killed";

    private const string Ready = "rotating";

    /// <summary>Starts it, and returns when it has begun.</summary>
    public static async Task<Process> StartAsync(string folder)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location, Argument, folder]) { RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadLineAsync();
        return line == Ready ? process : throw new InvalidOperationException(line + await process.StandardOutput.ReadToEndAsync());
    }

    /// <summary>What it does.</summary>
    public static async Task<int> RunAsync(string folder)
    {
        await using var installation = await Installation.OpenAsync(House.In(folder), TimeProvider.System, CancellationToken.None);
        Console.WriteLine(Ready);
        while (true)
            await SuppressionRotation.RunAsync(installation, House.Staff, CancellationToken.None);
    }
}
