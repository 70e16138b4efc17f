using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>The program, serving from a folder of its own until nobody needs it; with it goes what it kept.</summary>
internal sealed partial class ServingProcess : IAsyncDisposable
{
    private readonly StringBuilder complained = new();
    private readonly int port = FreePort();
    private Process? process;

    /// <summary>Holds all that it keeps.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("rf-served-").FullName;

    /// <summary>Where it is, as browsers reach it.</summary>
    public string Url => $"http://localhost:{port}";

    /// <summary>Its installation, as the command line names it.</summary>
    private string[] Store => ["--data", Path.Combine(Folder, "data")];

    /// <summary>Runs a command on its installation; what it printed. A command that fails fails the test.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        var (exit, output, errors) = await RingfenceProcess.RunAsync([.. command, .. Store]);
        Assert.True(exit == 0, errors);
        return output;
    }

    /// <summary>Writes a file into its folder.</summary>
    /// <returns>Where it lies.</returns>
    public async Task<string> WriteAsync(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }

    /// <summary>Starts it, until it printed where the first account is made.</summary>
    /// <returns>The link.</returns>
    public Task<string> StartAsync(params string[] more) => StartAsync(more, []);

    /// <summary>The same with variables of its own.</summary>
    public async Task<string> StartAsync(string[] more, params (string Name, string Value)[] environment) => (await StartAsync(SetUp(), 1, more, environment))[0].Value;

    /// <summary>Starts it, until it printed something.</summary>
    /// <param name="awaited">What.</param>
    /// <param name="lines">On how many lines.</param>
    /// <param name="more">Further words of its command line.</param>
    /// <param name="environment">Variables of its environment.</param>
    public async Task<IReadOnlyList<Match>> StartAsync(Regex awaited, int lines, string[] more, params (string Name, string Value)[] environment)
    {
        process = RingfenceProcess.Start(["serve", "--urls", $"http://127.0.0.1:{port}", "--watch", "none", .. more, .. Store], environment);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (complained)
                complained.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
        List<Match> found = [];
        while (found.Count < lines && await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (awaited.Match(line) is { Success: true } match)
                found.Add(match);
        }

        lock (complained)
            Assert.True(found.Count == lines, $"It ended: {complained}");
        _ = process.StandardOutput.ReadToEndAsync();
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"http://\S+/set-up/[A-Za-z0-9_-]+")]
    private static partial Regex SetUp();
}
