using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>The tests' own program, started once more to do one thing and then be killed: what a process leaves behind is only seen when one really ends.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const string Variable = "RINGFENCE_TEST_CHILD";

    /// <param name="task"><c>append</c>: appends to ledger 1 of the store in a folder until it is killed, telling the size after each acknowledgement. <c>end</c>: ends as after a failure of the disk.</param>
    public ChildProcess(string task, string folder)
    {
        // The program is started by its own name, or by the runtime with its name.
        var program = Environment.ProcessPath!;
        string[] arguments = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(ChildProcess).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Variable] = $"{task} {folder}";
        Process = Process.Start(start)!;
    }

    public Process Process { get; }

    /// <summary>Kills it.</summary>
    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill();
        Process.Dispose();
    }

#pragma warning disable CA2255 // before the runner of tests takes over
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } told)
            return;
        // On this thread to the end, which the embedded store allows: any other waits until this module is loaded.
        var words = told.Split(' ', 2);
        Environment.Exit(RunAsync(words[0], words[1]).GetAwaiter().GetResult());
    }

    private static async Task<int> RunAsync(string task, string folder)
    {
        if (task == "end")
        {
            // Whoever is still registered to do something at the end does not get to it.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Console.WriteLine("farewell");
            Disk.EndProcess("the last words");
        }

        await using var store = await LedgerStores.OpenAsync(new StoreOptions { Folder = folder }, CancellationToken.None);
        if ((await store.LedgersAsync(CancellationToken.None)).Count == 0)
            await store.CreateLedgerAsync(Sample.Ledger(), CancellationToken.None);
        while (true)
        {
            await using var transaction = await store.BeginAsync(1, CancellationToken.None);
            var writes = Sample.Writes(transaction.Head, 3);
            await transaction.CommitAsync(writes, CancellationToken.None);
            Console.WriteLine(writes.Head.Size.ToString(CultureInfo.InvariantCulture));
            Console.Out.Flush();
        }
    }
}
