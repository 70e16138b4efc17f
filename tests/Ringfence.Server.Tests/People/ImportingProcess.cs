using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Ringfence.Gate;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Tests.Ledger;

namespace Ringfence.Server.Tests.People;

/// <summary>A process that imports lists, until it is done or killed.</summary>
internal static class ImportingProcess
{
    /// <summary>Tells the program of the tests to be this.</summary>
    public const string Argument = "import-until-killed";

    private const string Reached = "reached";
    private const string Done = "done";

    /// <summary>Starts it, and kills it so long after so many rows are settled.</summary>
    /// <returns>Whether it had come to its end.</returns>
    public static async Task<bool> RunAsync(string folder, string lists, long rows, int milliseconds)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location, Argument, folder, lists, rows.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadLineAsync();
        if (said == Reached)
            await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(milliseconds));
        process.Kill();
        await process.WaitForExitAsync();
        var rest = await process.StandardOutput.ReadToEndAsync();
        return said == Done || rest.Trim() switch { "" when said == Reached => false, Done => true, var failed => throw new InvalidOperationException(said + failed) };
    }

    /// <summary>What it does.</summary>
    public static async Task<int> DoAsync(string folder, string lists, long rows)
    {
        await using var installation = await Installation.OpenAsync(House.In(folder), TimeProvider.System, CancellationToken.None);
        var ledger = await installation.LedgerAsync(null, CancellationToken.None);
        using var rejected = new RejectedFile(null);
        _ = Task.Run(async () =>
        {
            while (await SettledAsync(installation, ledger.Ledger) < rows)
                await Task.Delay(1);
            Console.WriteLine(Reached);
        });
        await ImportRun.RunAsync(installation, ledger, House.Staff, Options(lists), null, false, rejected, ProgressBar.None, CancellationToken.None);
        Console.WriteLine(Done);
        return 0;
    }

    private static async Task<long> SettledAsync(Installation installation, long ledger)
    {
        var settled = 0L;
        await foreach (var row in installation.Store.BatchesAsync(ledger, CancellationToken.None))
            settled = row.Done;
        return settled;
    }

    /// <summary>How the lists of a folder are imported.</summary>
    public static ImportOptions Options(string lists) =>
        Importing.Options("", ContactSource.Form) with { Files = [.. Directory.GetFiles(lists).Order(StringComparer.Ordinal)] };
}
