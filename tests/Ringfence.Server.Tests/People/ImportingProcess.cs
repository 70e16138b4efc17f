using System.Diagnostics;
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

    private const string Begun = "importing";
    private const string Done = "done";

    /// <summary>Starts it, and kills it so long after it has begun.</summary>
    /// <returns>Whether it had come to its end.</returns>
    public static async Task<bool> RunAsync(string folder, string lists, int milliseconds)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location, Argument, folder, lists]) { RedirectStandardOutput = true })!;
        if (await process.StandardOutput.ReadLineAsync() is var said && said != Begun)
            throw new InvalidOperationException(said + await process.StandardOutput.ReadToEndAsync());
        var rest = process.StandardOutput.ReadToEndAsync();
        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(milliseconds));
        process.Kill();
        await process.WaitForExitAsync();
        return (await rest).Trim() switch { "" => false, Done => true, var failed => throw new InvalidOperationException(failed) };
    }

    /// <summary>What it does.</summary>
    public static async Task<int> DoAsync(string folder, string lists)
    {
        await using var installation = await Installation.OpenAsync(House.In(folder), TimeProvider.System, CancellationToken.None);
        var ledger = await installation.LedgerAsync(null, CancellationToken.None);
        using var rejected = new RejectedFile(null);
        Console.WriteLine(Begun);
        await ImportRun.RunAsync(installation, ledger, House.Staff, Options(lists), null, false, rejected, ProgressBar.None, CancellationToken.None);
        Console.WriteLine(Done);
        return 0;
    }

    /// <summary>How the lists of a folder are imported.</summary>
    public static ImportOptions Options(string lists) =>
        Importing.Options("", ContactSource.Form) with { Files = [.. Directory.GetFiles(lists).Order(StringComparer.Ordinal)] };
}
