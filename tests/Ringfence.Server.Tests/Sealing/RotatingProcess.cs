using System.Diagnostics;
using System.Reflection;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Tests.Sealing;

/// <summary>A process that does nothing but rotate a keyring, until it is killed.</summary>
internal static class RotatingProcess
{
    /// <summary>Tells the program of the tests to be this.</summary>
    public const string Argument = "rotate-until-killed";

    private const string Ready = "rotating";

    /// <summary>Starts it, and returns when it has begun.</summary>
    public static async Task<Process> StartAsync(string folder)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location, Argument, folder]) { RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadLineAsync();
        return line == Ready ? process : throw new InvalidOperationException(line + await process.StandardOutput.ReadToEndAsync());
    }

    /// <summary>The keyring in a folder.</summary>
    public static Task<Keyring> OpenAsync(string folder, bool create) => Keyring.OpenAsync(
        SqliteKeyringStore.Open(Path.Combine(folder, "keyring"), create), KeyFile.Open(Path.Combine(folder, "kek")), create, TimeProvider.System, CancellationToken.None);

    /// <summary>What it does: epoch after epoch, each with a new key-encryption key and the end of an old one.</summary>
    public static async Task<int> RunAsync(string folder)
    {
        await using var keyring = await OpenAsync(folder, create: false);
        Console.WriteLine(Ready);
        for (var today = Keys.Day(0); ;)
        {
            var kid = await keyring.BeginKekAsync(today, CancellationToken.None);
            await keyring.RotateAsync(null, CancellationToken.None);
            await keyring.DestroyOldKeksAsync(kid.Day.PlusDays(Kid.KeptDays), CancellationToken.None);
            today = kid.Until;
        }
    }
}
