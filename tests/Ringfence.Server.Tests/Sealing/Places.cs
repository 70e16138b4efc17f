using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

/// <summary>A folder of its own for a test, gone after it.</summary>
public sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ringfence-keys-").FullName;

    public string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>What the tests of keys often say.</summary>
internal static class Keys
{
    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static NodaTime.LocalDate Day(int day) => new NodaTime.LocalDate(2026, 11, 22).PlusDays(day);

    public static OpaqueId NewSid() => new(System.Security.Cryptography.RandomNumberGenerator.GetBytes(OpaqueId.Size));

    public static OpaqueId[] Sids(int count) => [.. Enumerable.Range(0, count).Select(static _ => NewSid())];

    public static async Task<KeysException> RefusedAsync(string code, Func<Task> action)
    {
        var refusal = await Assert.ThrowsAsync<KeysException>(action);
        Assert.Equal(code, refusal.Code);
        return refusal;
    }

    public static KeysException Refused(string code, Action action)
    {
        var refusal = Assert.Throws<KeysException>(action);
        Assert.Equal(code, refusal.Code);
        return refusal;
    }
}

/// <summary>Who may read a file. A test that asks is skipped where files have no modes.</summary>
internal static class Modes
{
    public static UnixFileMode Of(string path)
    {
        if (!OperatingSystem.IsWindows())
            return File.GetUnixFileMode(path);
        Assert.Skip("no file modes");
        return default;
    }

    public static void Set(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("no file modes");
        else
            File.SetUnixFileMode(path, mode);
    }
}
