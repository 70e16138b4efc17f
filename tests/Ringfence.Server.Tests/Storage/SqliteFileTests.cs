using System.Globalization;
using Ringfence.Server.Storage;
using Ringfence.Server.Storage.Sqlite;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>What there is to files and processes of the embedded store.</summary>
public sealed class SqliteFileTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_program_is_told_who_has_the_folder()
    {
        await using var home = new SqliteHome();
        using (var started = new ChildProcess("append", home.Folder))
        {
            var child = started.Process;
            await child.StandardOutput.ReadLineAsync(Cancel);
            var fault = await Assert.ThrowsAsync<StoreException>(() => LedgerStores.OpenAsync(home.Options, Cancel));
            Assert.Equal(StoreFault.InUse, fault.Fault);
            if (!OperatingSystem.IsWindows())
                Assert.Contains($"({child.Id})", fault.Message, StringComparison.Ordinal);
            child.Kill();
            await child.WaitForExitAsync(Cancel);
        }

        // The lock dies with the process.
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        Assert.Equal(StoreFault.InUse, await Sample.FaultAsync(() => LedgerStores.OpenAsync(home.Options, Cancel)));
    }

    [Fact]
    public async Task Whatever_a_killed_program_acknowledged_is_there()
    {
        await using var home = new SqliteHome();
        for (var round = 1; round <= 6; round++)
        {
            using var started = new ChildProcess("append", home.Folder);
            var child = started.Process;
            var told = 0L;
            for (var i = 0; i < 5 * round && await child.StandardOutput.ReadLineAsync(Cancel) is { } line; i++)
                told = long.Parse(line, CultureInfo.InvariantCulture);
            child.Kill();
            // What it still said before it was gone was acknowledged too.
            foreach (var line in (await child.StandardOutput.ReadToEndAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.All(char.IsAsciiDigit)))
                told = Math.Max(told, long.Parse(line, CultureInfo.InvariantCulture));
            await child.WaitForExitAsync(Cancel);
            await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
            var size = (await store.HeadAsync(1, Cancel)).Size;
            Assert.InRange(size, told, told + 3);
            Assert.Equal(size, (await store.LeavesAsync(1, 0, size, Cancel)).Length / 32);
        }
    }

    [Fact]
    public async Task After_a_failure_of_the_disk_the_process_is_gone_at_once_with_a_plain_line()
    {
        using var started = new ChildProcess("end", "nowhere");
        var child = started.Process;
        var words = await child.StandardError.ReadToEndAsync(Cancel);
        Assert.Equal("", await child.StandardOutput.ReadToEndAsync(Cancel));
        await child.WaitForExitAsync(Cancel);
        Assert.Equal(70, child.ExitCode);
        Assert.Equal("the last words", words.Trim());
    }

    [Fact]
    public async Task A_write_ahead_file_torn_anywhere_gives_back_a_beginning_of_what_was_written_with_all_that_it_covers()
    {
        await using var home = new SqliteHome(inMemory: true);
        var acknowledged = new List<(long Bytes, long Size)>();
        await using (var store = await LedgerStores.OpenAsync(home.Options, Cancel))
        {
            await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
            await store.ScrubFreedAsync(Cancel);
            for (var i = 0; i < 12; i++)
            {
                var size = (await store.AppendAsync(1 + (i % 4), writes => writes.Suppressions.Add(Sample.Suppression(i)))).Size;
                acknowledged.Add((new FileInfo(home.File + "-wal").Length, size));
            }

            var crashed = (await home.CrashAsync()).Folder!;
            var log = await File.ReadAllBytesAsync(Path.Combine(crashed, "ringfence.db-wal"), Cancel);
            var database = await File.ReadAllBytesAsync(Path.Combine(crashed, "ringfence.db"), Cancel);
            // A thousand places, and those around each commit.
            var cuts = Enumerable.Range(0, 1000).Select(i => (long)log.Length * i / 1000).Concat(acknowledged.SelectMany(a => (long[])[a.Bytes - 1, a.Bytes, a.Bytes + 1])).Where(cut => cut <= log.Length);
            foreach (var cut in cuts)
            {
                await File.WriteAllBytesAsync(Path.Combine(crashed, "ringfence.db"), database, Cancel);
                await File.WriteAllBytesAsync(Path.Combine(crashed, "ringfence.db-wal"), log[..(int)cut], Cancel);
                using var session = SqliteSession.Open(Path.Combine(crashed, "ringfence.db"), write: true, layer: null);
                var size = SqliteLoading.Head(session, 1)!.Size;
                var covered = acknowledged.Where(a => a.Bytes <= cut).Select(a => a.Size).DefaultIfEmpty(0).Max();
                Assert.Equal(covered, size);
                Assert.Equal(size, long.Parse(session.Ask("select count(*) from ledger_record where seq < (select size from ledger_head)")!, CultureInfo.InvariantCulture));
                Assert.Equal(acknowledged.Count(a => a.Size <= size), int.Parse(session.Ask("select count(*) from suppression")!, CultureInfo.InvariantCulture));
            }
        }
    }

    [Fact]
    public async Task Files_are_for_the_user_of_the_program_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps rights otherwise.");
        await using var home = new SqliteHome();
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
        await store.BackUpAsync(Path.Combine(home.Folder, "copy.db"), Cancel);
#pragma warning disable CA1416 // skipped above
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(home.Folder));
        Assert.All(Directory.EnumerateFiles(home.Folder), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.DoesNotContain(await store.ExamineAsync(Cancel), finding => finding.Code.StartsWith("mode-", StringComparison.Ordinal) && finding.Verdict != FindingVerdict.Fine);
        File.SetUnixFileMode(home.File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
#pragma warning restore CA1416
        Assert.Equal(FindingVerdict.Warn, Assert.Single(await store.ExamineAsync(Cancel), finding => finding.Code == "mode-ringfence.db").Verdict);
    }

    [Fact]
    public async Task A_database_that_is_gone_while_its_write_ahead_file_is_there_is_not_begun_anew()
    {
        await using var home = new SqliteHome();
        await using (var store = await LedgerStores.OpenAsync(home.Options, Cancel))
        {
            await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
            var crashed = await home.CrashAsync();
            var log = new FileInfo(Path.Combine(crashed.Folder!, "ringfence.db-wal")).Length;
            Assert.True(log > 0);
            File.Delete(Path.Combine(crashed.Folder!, "ringfence.db"));
            Assert.Equal(StoreFault.Damaged, await Sample.FaultAsync(() => LedgerStores.OpenAsync(crashed, Cancel)));
            await File.WriteAllBytesAsync(Path.Combine(crashed.Folder!, "ringfence.db"), [], Cancel);
            Assert.Equal(StoreFault.Damaged, await Sample.FaultAsync(() => LedgerStores.OpenAsync(crashed, Cancel)));
            Assert.Equal(log, new FileInfo(Path.Combine(crashed.Folder!, "ringfence.db-wal")).Length);
        }
    }

    [Theory]
    [InlineData("Dear diary, this is no database at all, and it is long enough to be taken for one if nobody looks at its first bytes.")]
    [InlineData("x")]
    public async Task A_file_that_is_no_database_is_left_as_it_is(string text)
    {
        await using var home = new SqliteHome();
        Directory.CreateDirectory(home.Folder);
        await File.WriteAllTextAsync(home.File, text, Cancel);
        Assert.Equal(StoreFault.Foreign, await Sample.FaultAsync(() => LedgerStores.OpenAsync(home.Options, Cancel)));
        Assert.Equal(text, await File.ReadAllTextAsync(home.File, Cancel));
    }

    [Fact]
    public async Task The_empty_database_of_another_program_is_left_alone_and_an_empty_one_of_nobodys_is_taken()
    {
        await using var home = new SqliteHome();
        Directory.CreateDirectory(home.Folder);
        await home.RunAsync("pragma application_id = 77");
        Assert.Equal(StoreFault.Foreign, await Sample.FaultAsync(() => LedgerStores.OpenAsync(home.Options, Cancel)));
        Assert.Equal(77L, await home.AskAsync("pragma application_id"));
        await home.RunAsync("pragma application_id = 0; create table t(x); drop table t");
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        Assert.Equal("2", Assert.Single(await store.ExamineAsync(Cancel), finding => finding.Code == "auto_vacuum").Value);
    }

    [Fact]
    public async Task A_backup_opens_and_holds_everything()
    {
        await using var home = new SqliteHome();
        await using var other = new SqliteHome();
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
        var head = await store.AppendAsync(500, writes => writes.Suppressions.Add(Sample.Suppression(1)));
        Directory.CreateDirectory(other.Folder);
        await store.BackUpAsync(other.File, Cancel);
        await store.AppendAsync();
        await Assert.ThrowsAsync<IOException>(() => store.BackUpAsync(other.File, Cancel));
        Assert.Equal([StoreOptions.FileName], Directory.EnumerateFiles(other.Folder).Select(Path.GetFileName));
        await using var copy = await LedgerStores.OpenAsync(other.Options, Cancel);
        Sample.Same([head], [await copy.HeadAsync(1, Cancel)]);
        Assert.Equal(await store.LeavesAsync(1, 0, 500, Cancel), await copy.LeavesAsync(1, 0, 500, Cancel));
        Assert.Single(await copy.SuppressionsAsync(1, Cancel).ListAsync());
        Assert.DoesNotContain(await copy.ExamineAsync(Cancel), finding => finding.Verdict == FindingVerdict.Refuse);
    }

    [Fact]
    public async Task A_backup_that_is_stopped_leaves_no_file()
    {
        await using var home = new SqliteHome();
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
        await store.AppendAsync(20_000);
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        var before = Directory.GetFiles(home.Folder).Length;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.BackUpAsync(Path.Combine(home.Folder, "copy.db"), stopped.Token));
        Assert.Equal(before, Directory.GetFiles(home.Folder).Length);
    }

    [Fact]
    public async Task What_was_erased_and_scrubbed_is_in_no_file_any_more()
    {
        await using var home = new SqliteHome();
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
        var mark = Sample.Tag(4711);
        await store.AppendAsync(50, writes =>
        {
            for (var i = 0; i < 50; i++)
                writes.Sealed.Add(new SealedRow(i, 0, new byte[12], [.. Enumerable.Repeat(i == 30 ? mark : Sample.Tag(i), 60).SelectMany(b => b)]));
        });
        await store.ScrubFreedAsync(Cancel);
        Assert.True(Holds(home.Folder, mark));
        await store.AppendAsync(1, writes => writes.SealedGone.Add(30));
        await store.ScrubFreedAsync(Cancel);
        Assert.False(Holds(home.Folder, mark));
        Assert.True(Holds(home.Folder, Sample.Tag(31)));
    }

    [Fact]
    public async Task Replacing_a_record_is_refused_like_deleting_it()
    {
        await using var home = new SqliteHome();
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
        await store.AppendAsync();
        using var session = SqliteSession.Open(home.File, write: true, layer: null);
        var refused = Assert.Throws<InvalidOperationException>(() => session.Run("insert or replace into ledger_record(ledger, seq, leaf, body) values (1, 0, zeroblob(32), zeroblob(9))"));
        Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("journal_mode", "delete")]
    [InlineData("synchronous", "2")]
    [InlineData("synchronous", "0")]
    [InlineData("secure_delete", "0")]
    [InlineData("foreign_keys", "0")]
    [InlineData("trusted_schema", "1")]
    [InlineData("wal_autocheckpoint", "1000")]
    public void A_setting_turned_down_is_refused(string name, string value) => Assert.Equal(FindingVerdict.Refuse, SqliteSettings.Judge(name, value).Verdict);

    [Theory]
    [InlineData(13, StoreFault.Full)]
    [InlineData(8, StoreFault.Full)]
    [InlineData(1032, StoreFault.Full)]
    [InlineData(5, StoreFault.OutOfReach)]
    [InlineData(14, StoreFault.OutOfReach)]
    [InlineData(778, StoreFault.OutOfReach)]
    [InlineData(11, StoreFault.Damaged)]
    [InlineData(267, StoreFault.Damaged)]
    [InlineData(26, StoreFault.Foreign)]
    [InlineData(1555, StoreFault.Conflict)]
    [InlineData(2067, StoreFault.Conflict)]
    public void A_code_of_the_engine_has_its_fault(int code, StoreFault fault) => Assert.Equal(fault, Assert.IsType<StoreException>(SqliteFaults.Of(code, "")).Fault);

    private static bool Holds(string folder, byte[] mark) => Directory.EnumerateFiles(folder).Any(file =>
    {
        if (Path.GetFileName(file) == SqliteLock.FileName)
            return false;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(mark) >= 0;
    });
}
