using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

/// <summary>What is written is looked through byte by byte, the write-ahead log too.</summary>
public sealed class NothingInPlainTests : IDisposable
{
    private const string Marker = "+442079460123 Zaphod Beeblebrox";

    private readonly TestFolder folder = new();
    private readonly TestFolder copies = new();

    public NothingInPlainTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "files are copied by cp while they are open");

    public void Dispose()
    {
        folder.Dispose();
        copies.Dispose();
    }

    [Fact]
    public async Task No_key_and_nothing_that_is_sealed_stands_in_any_file()
    {
        var place = Place();
        var sids = Keys.Sids(100);
        var (keyring, journal) = await place.OpenAsync(null, create: true, static _ => null, TimeProvider.System, Keys.Cancel);
        await using (keyring)
        using (journal)
        {
            await SealAsync(keyring, sids);
            await keyring.BeginKekAsync(Kid.Today(TimeProvider.System), Keys.Cancel);
            await SealAsync(keyring, Keys.Sids(50));
            await keyring.RotateAsync(null, Keys.Cancel);
            (await keyring.AddSuppressionKeyAsync(1, Keys.Cancel)).Dispose();
            await SealAsync(keyring, Keys.Sids(50));
            journal.Append(sids[7]);
            await keyring.DestroyAsync([sids[7]], Keys.Cancel);
            await SealAsync(keyring, Keys.Sids(50));

            var files = await FilesAsync();
            Assert.Contains(files, static file => file.Name == "keyring.db-wal" && file.Content.Length > 0);
            Assert.Empty(Found(files, await SecretsAsync(place)));
        }

        Assert.Empty(Found(await FilesAsync(), await SecretsAsync(place)));
    }

    [Fact]
    public async Task A_key_that_would_stand_in_a_file_would_be_found()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        foreach (var written in Spellings(secret))
        {
            await File.WriteAllBytesAsync(folder.In("x"), [1, 2, 3, .. written, 4], Keys.Cancel);
            Assert.NotEmpty(Found(await FilesAsync(), [secret]));
        }

        foreach (var before in (byte[][])[[], [7], [7, 7]])
        {
            await File.WriteAllTextAsync(folder.In("x"), Convert.ToBase64String([.. before, .. secret, 9]), Keys.Cancel);
            Assert.NotEmpty(Found(await FilesAsync(), [secret]));
        }
    }

    [Fact]
    public async Task Of_a_destroyed_key_not_even_its_wrapped_form_is_left()
    {
        var place = Place();
        var sids = Keys.Sids(3000);
        var (keyring, journal) = await place.OpenAsync(null, create: true, static _ => null, TimeProvider.System, Keys.Cancel);
        await using (keyring)
        using (journal)
        {
            // Keys come in several goes, some are destroyed in between, and are wrapped anew: whatever makes a store move its rows about.
            foreach (var some in sids.Chunk(700))
                (await keyring.CreateAsync(some, Keys.Cancel)).Dispose();
            var wrapped = Wrapped(await CopyAsync());
            await keyring.DestroyAsync([.. sids.Where(static (_, i) => i % 5 == 1)], Keys.Cancel);
            await keyring.BeginKekAsync(Kid.Today(TimeProvider.System), Keys.Cancel);
            await keyring.RotateAsync(null, Keys.Cancel);
            (await keyring.CreateAsync(Keys.Sids(500), Keys.Cancel)).Dispose();
            var rewrapped = Wrapped(await CopyAsync());
            OpaqueId[] doomed = [.. sids.Where(static (_, i) => i % 3 == 0)];
            await keyring.DestroyAsync(doomed, Keys.Cancel);

            var files = await FilesAsync();
            foreach (var sid in doomed)
            {
                Assert.False(IsIn(files, wrapped[sid]));
                if (rewrapped.TryGetValue(sid, out var anew))
                    Assert.False(IsIn(files, anew));
            }

            // Those who stay are there: the search finds what there is.
            Assert.True(IsIn(files, rewrapped[sids[2]]));
        }
    }

    private KeysFolder Place() => KeysFolder.For(folder.In("keys"), folder.In("data"), static _ => null);

    private async Task SealAsync(Keyring keyring, OpaqueId[] sids)
    {
        using var keys = await keyring.CreateAsync(sids, Keys.Cancel);
        var rows = new List<byte>();
        for (var i = 0; i < sids.Length; i++)
        {
            using var sealer = keys.SealerOf(i);
            foreach (var group in Enum.GetValues<CommitGroup>())
            {
                var blob = sealer.Seal(Keys.NewSid(), group, RandomNumberGenerator.GetBytes(Commitment.SaltSize), Encoding.UTF8.GetBytes(Marker));
                rows.AddRange(blob.Nonce);
                rows.AddRange(blob.Ciphertext);
            }
        }

        Directory.CreateDirectory(folder.In("data"));
        await File.WriteAllBytesAsync(folder.In("data", sids[0].ToString()), [.. rows], Keys.Cancel);
    }

    // Every key there is, from what the keyring's files hold and the key-encryption keys; and what was sealed.
    private async Task<List<byte[]>> SecretsAsync(KeysFolder place)
    {
        using var keks = KeyFile.Open(place.KeyFile);
        List<byte[]> secrets = [Encoding.UTF8.GetBytes(Marker), .. keks.Kids.Select(kid => keks.Get(kid).Key.ToArray())];
        await using var copy = new SqliteConnection($"Data Source={await CopyAsync()};Pooling=False");
        await copy.OpenAsync(Keys.Cancel);
        await using var read = copy.CreateCommand();
        read.CommandText = """
            SELECT 'ringfence/dek|' || lower(hex(sid)), kid, wrapped FROM dek WHERE kid <> 'k0000-00-00'
            UNION ALL SELECT 'ringfence/secret|' || name || '|' || version, kid, wrapped FROM secret
            """;
        await using var row = await read.ExecuteReaderAsync(Keys.Cancel);
        while (await row.ReadAsync(Keys.Cancel))
        {
            var wrapped = row.GetFieldValue<byte[]>(2);
            var secret = new byte[wrapped.Length - Kek.Overhead];
            Assert.True(Kid.TryParse(row.GetString(1), out var kid) && keks.Get(kid).TryUnwrap(row.GetString(0), wrapped, secret));
            secrets.Add(secret);
            if (secret.Length == SubjectKey.Bytes)
            {
                var ready = new byte[SubjectKey.Bytes];
                SubjectKey.Ready(secret, ready);
                secrets.Add(ready);
            }
        }

        Assert.True(secrets.Count > 400);
        return secrets;
    }

    private static Dictionary<OpaqueId, byte[]> Wrapped(string db)
    {
        using var copy = new SqliteConnection($"Data Source={db};Pooling=False");
        copy.Open();
        using var read = copy.CreateCommand();
        read.CommandText = "SELECT sid, wrapped FROM dek WHERE kid <> 'k0000-00-00'";
        using var row = read.ExecuteReader();
        var wrapped = new Dictionary<OpaqueId, byte[]>();
        while (row.Read())
            wrapped.Add(new OpaqueId(row.GetFieldValue<byte[]>(0)), row.GetFieldValue<byte[]>(1));
        return wrapped;
    }

    private async Task<string> CopyAsync() => Path.Combine(await CopyAsync(folder.In("keys", "keyring")), "keyring.db");

    private async Task<List<(string Name, byte[] Content)>> FilesAsync()
    {
        var files = new List<(string, byte[])>();
        foreach (var file in Directory.EnumerateFiles(await CopyAsync(folder.Path), "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file) != "kek"))
            files.Add((Path.GetFileName(file), await File.ReadAllBytesAsync(file, Keys.Cancel)));
        Assert.NotEmpty(files);
        return files;
    }

    // What is on the disk now. The files themselves are not opened here: closing them would let go of the locks that this process has on them.
    private async Task<string> CopyAsync(string of)
    {
        var copy = copies.In(Guid.NewGuid().ToString("n"));
        await RunAsync("cp", ["-r", of, copy]);
        return copy;
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Keys.Cancel);
        Assert.Equal(0, process.ExitCode);
    }

    private static List<string> Found(List<(string Name, byte[] Content)> files, List<byte[]> secrets) =>
        [.. from file in files from secret in secrets from spelling in Spellings(secret) where file.Content.AsSpan().IndexOf(spelling) >= 0 select file.Name];

    private static bool IsIn(List<(string Name, byte[] Content)> files, byte[] wanted) => files.Exists(file => file.Content.AsSpan().IndexOf(wanted) >= 0);

    // As it is, as hex, as base64 whatever stands before it, and all text in UTF-16 too. Sixteen bytes of a key are enough to find it by.
    private static IEnumerable<byte[]> Spellings(byte[] secret)
    {
        var part = secret[..16];
        yield return part;
        var text = Encoding.UTF8.GetString(secret);
        if (!text.Contains('\uFFFD', StringComparison.Ordinal))
            yield return Encoding.Unicode.GetBytes(text);
        foreach (var spelling in (string[])[Convert.ToHexString(part), Convert.ToHexStringLower(part), .. Enumerable.Range(0, 3).Select(before => Base64After(part, before))])
        {
            yield return Encoding.ASCII.GetBytes(spelling);
            yield return Encoding.Unicode.GetBytes(spelling);
        }
    }

    // What base64 makes of it behind so many bytes, less the digits at the ends that other bytes have a share in.
    private static string Base64After(byte[] part, int before) => Convert.ToBase64String([.. new byte[before], .. part])[(before == 0 ? 0 : before + 1)..^4];
}
