using System.Globalization;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>Somebody changes what lies beside the database: keys, journal, the signer's memory, checkpoints that were carried outside. Either nothing opens any more, or it is told.</summary>
public sealed class FsckFilesTests(FullHouse full, ITestOutputHelper output) : IClassFixture<FullHouse>
{
    private const string Keyring = "keys/keyring/keyring.db";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_change_of_a_file_is_found()
    {
        await full.House.CloseAsync();
        var before = await LookAsync();
        var folder = full.House.Folder;
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Where(IsKept).Order(StringComparer.Ordinal).ToList();
        foreach (var part in new[] { "keys/kek", "keys/erasures/erasures.journal", "keys/erasures/erasures.blocked", "/state", "/log-1.pem", "/receipts-1.pem", ".tst" })
            Assert.Contains(files, file => file.EndsWith(part, StringComparison.Ordinal));
        var told = await ToldAsync();
        var (tried, missed, found) = (0, new List<string>(), new SortedDictionary<string, int>(StringComparer.Ordinal));
        foreach (var file in files)
        {
            var path = Path.Combine(folder, file);
            var bytes = await File.ReadAllBytesAsync(path, Cancel);
            foreach (var (what, changed) in Changes(bytes))
            {
                // A checkpoint that no record tells of was never counted on.
                if (changed is null && file.Contains("data-anchors", StringComparison.Ordinal) && !told.Contains(Path.GetFileName(file)))
                    continue;
                // Written into the file that is there: a new one would be refused for who may read it.
                if (changed is null)
                    File.Move(path, Path.Combine(folder, "aside"));
                else
                    await File.WriteAllBytesAsync(path, changed, Cancel);
                await CountAsync($"{file}: {what}");
                if (changed is null)
                    File.Move(Path.Combine(folder, "aside"), path, overwrite: true);
                else
                    await File.WriteAllBytesAsync(path, bytes, Cancel);
            }
        }

        var there = People(folder);
        using (var raw = new RawStore(folder, Keyring))
        {
            foreach (var table in raw.Tables())
            {
                raw.Keep(table);
                foreach (var mutation in Mutation.Of(raw, table))
                {
                    if (!MeansNothing(mutation, there) && raw.TryRun(mutation.Sql))
                        await CountAsync(mutation.Sql);
                    raw.PutBack(table);
                }
            }
        }

        output.WriteLine($"{tried} changes: {string.Join(", ", found.Select(static one => $"{one.Key} {one.Value}"))}");
        Assert.True(missed.Count == 0, $"{missed.Count} of {tried} were not found:\n{string.Join('\n', missed)}");
        Assert.True(tried >= 100, tried.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(before, await LookAsync());

        async Task CountAsync(string change)
        {
            tried++;
            var more = (await LookAsync()).Except(before).ToList();
            if (more.Count == 0)
                missed.Add(change);
            foreach (var code in more.Select(static one => one.Split(' ')[0]).Distinct())
                found[code] = found.GetValueOrDefault(code) + 1;
        }
    }

    // The database has its own test; a lock holds nothing, and when to carry out the next checkpoint proves nothing.
    private static bool IsKept(string file) =>
        !file.StartsWith("data/", StringComparison.Ordinal) && !file.StartsWith("keys/keyring/", StringComparison.Ordinal) && Path.GetFileName(file) is not ("lock" or "rounds");

    private static IEnumerable<(string What, byte[]? Changed)> Changes(byte[] bytes)
    {
        foreach (var at in new[] { 0, bytes.Length / 3, bytes.Length / 2, bytes.Length - 3 }.Where(at => at >= 0 && at < bytes.Length).Distinct())
        {
            var flipped = bytes.ToArray();
            flipped[at] ^= 1;
            yield return ($"bit of byte {at}", flipped);
        }

        // After its last line a key file may hold anything.
        var isKeyFile = bytes.AsSpan().StartsWith("-----BEGIN"u8);
        if (bytes.Length > 40)
            yield return ("cut", bytes[..^40]);
        yield return ("half", bytes[..(bytes.Length / 2)]);
        yield return ("emptied", []);
        if (!isKeyFile)
            yield return ("more", [.. bytes, .. bytes[^Math.Min(10, bytes.Length)..]]);
        yield return ("gone", null);
    }

    private static HashSet<string> People(string folder)
    {
        using var raw = new RawStore(folder);
        return [.. raw.Rows("select distinct sid from subject_record").Select(static row => Convert.ToHexString((byte[])row[0]!))];
    }

    // Where a key stands, the mark of one that is destroyed and the name of the key above them are put right when the keyring is opened, or say nothing; a key that nothing was sealed
    // by opens nothing; the name of the keyring tells its backups from those of others.
    private static bool MeansNothing(Mutation mutation, HashSet<string> there) =>
        mutation.Column == "n" || mutation.Table is "keyring" || mutation.Table == "kek" && mutation.Column is null
        || mutation.Table == "dek" && ((string)mutation.Row["kid"]! == "k0000-00-00" || !there.Contains(Convert.ToHexString((byte[])mutation.Row["sid"]!)) || mutation.Sql.StartsWith("insert", StringComparison.Ordinal));

    private async Task<HashSet<string>> ToldAsync()
    {
        await using var installation = await Installation.OpenAsync(House.In(full.House.Folder), TimeProvider.System, Cancel);
        var told = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in installation.Store.RecordsAsync(full.House.Ledger.Ledger, 0, long.MaxValue, Cancel))
        {
            var record = StoredRecord.Read(row);
            if (record.Type != Ringfence.Ledger.RecordType.LedgerAnchored)
                continue;
            var size = record.Detail!["size"]!.AsNumber.ToString();
            told.UnionWith(record.Notice is null ? [size!] : [size!, size + ".tst"]);
        }

        return told;
    }

    private async Task<IReadOnlyList<string>> LookAsync()
    {
        try
        {
            await using var installation = await Installation.OpenAsync(House.In(full.House.Folder), TimeProvider.System, Cancel);
            var findings = new List<string>();
            foreach (var origin in await Fsck.MissingAsync(installation, Cancel))
                findings.Add($"ledger-missing {origin}");
            foreach (var ledger in await installation.LedgersAsync(Cancel))
                findings.AddRange((await new Fsck(installation, ledger, full: true).RunAsync(Cancel)).All.Select(static finding => $"{finding.Code} {finding.Place}"));
            return findings;
        }
        catch (Exception e) when (e is KeysException or StoreException or SignerException)
        {
            return [$"refused {e.GetType().Name}"];
        }
    }
}
