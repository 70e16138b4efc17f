using System.Diagnostics;
using System.Reflection;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Tests.Ledger;

namespace Ringfence.Server.Tests.Rights;

/// <summary>A process that erases somebody and is killed when it has come to a step.</summary>
internal static class ErasingProcess
{
    /// <summary>Tells the program of the tests to be this.</summary>
    public const string Argument = "erase-until-killed";

    /// <summary>Runs it until it is dead.</summary>
    public static async Task RunAsync(string folder, string sid, ErasureStep step)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location, Argument, folder, sid, step.ToString()]) { RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (said.Length > 0)
            throw new InvalidOperationException(said);
    }

    /// <summary>What it does.</summary>
    public static async Task<int> DoAsync(string folder, string sid, string step)
    {
        await using var installation = await Installation.OpenAsync(House.In(folder), TimeProvider.System, CancellationToken.None);
        var ledger = await installation.LedgerAsync(null, CancellationToken.None);
        var last = Enum.Parse<ErasureStep>(step);
        var erasure = new Erasure(installation, ledger, House.Staff)
        {
            Reached = reached =>
            {
                if (reached == last)
                    Process.GetCurrentProcess().Kill();
            },
        };
        await erasure.RunAsync(OpaqueId.TryParse(sid, out var id) ? id : throw new ArgumentException("Not a sid.", nameof(sid)), "request", CancellationToken.None);
        Console.WriteLine("lived on");
        return 1;
    }
}
