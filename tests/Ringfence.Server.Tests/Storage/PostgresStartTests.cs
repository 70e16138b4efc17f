using System.Globalization;
using Npgsql;
using Ringfence.Server.Storage;
using Ringfence.Server.Storage.Postgres;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>How the store in PostgreSQL comes up, and when it refuses to.</summary>
public sealed class PostgresStartTests
{
    // More pieces than a start sends.
    private const int MostPieces = 100;
    private const int Alike = 24;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_first_start_cut_off_anywhere_leaves_nothing_or_all_and_the_next_one_comes_up()
    {
        var cuts = 0;
        // Everywhere at first; later, where one statement that makes tables is as the other, at every third, before and after it in turn.
        for (var piece = 1; piece < MostPieces; piece += piece < Alike ? 1 : 3)
        {
            await using var home = await PostgresHome.MakeAsync();
            var sent = 0;
            using var line = new CutLine(home.Connection, _ => ++sent == piece ? (piece % 2 == 0 ? CutLine.Cut.After : CutLine.Cut.Before) : CutLine.Cut.No);
            if (await TryAsync(home.Options with { Connection = line.Connection }) is not { } fault)
                break;
            Assert.True(line.Broken);
            Assert.Equal(StoreFault.OutOfReach, fault);
            cuts++;
            await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
            Assert.DoesNotContain(await store.ExamineAsync(Cancel), finding => finding.Verdict == FindingVerdict.Refuse);
            await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
            await store.AppendAsync(3);
        }

        Assert.InRange(cuts, 10, MostPieces - 2);
    }

    [Fact]
    public async Task A_later_start_cut_off_anywhere_leaves_all_that_is_there()
    {
        await using var home = await PostgresHome.MakeAsync();
        HeadRow head;
        await using (var store = await LedgerStores.OpenAsync(home.Options, Cancel))
        {
            await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
            head = await store.AppendAsync(7);
        }

        var cuts = 0;
        for (var piece = 1; piece < MostPieces; piece++)
        {
            var sent = 0;
            using var line = new CutLine(home.Connection, _ => ++sent == piece ? CutLine.Cut.Before : CutLine.Cut.No);
            if (await TryAsync(home.Options with { Connection = line.Connection }) is not { } fault)
                break;
            Assert.Equal(StoreFault.OutOfReach, fault);
            cuts++;
            Assert.Equal(7L, await home.AskAsync("select count(*) from ledger_record"));
        }

        Assert.InRange(cuts, 4, MostPieces - 2);
        await using var after = await LedgerStores.OpenAsync(home.Options, Cancel);
        Sample.Same([head], [await after.HeadAsync(1, Cancel)]);
    }

    [Fact]
    public async Task Many_that_start_at_once_on_an_empty_database_all_come_up()
    {
        for (var round = 0; round < 4; round++)
        {
            await using var home = await PostgresHome.MakeAsync();
            var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => LedgerStores.OpenAsync(home.Options, Cancel), Cancel)));
            Assert.Equal((long)Migrations.Of("Postgres").Count, await home.AskAsync("select count(*) from schema_version"));
            foreach (var store in stores)
            {
                await store.LedgersAsync(Cancel);
                await store.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Tables_begun_and_not_finished_are_completed_where_nothing_else_is_there_and_refused_otherwise()
    {
        const string versions = "create table schema_version(version bigint not null primary key, name text not null, digest bytea not null, applied_at bigint not null)";
        await using (var begun = await PostgresHome.MakeAsync())
        {
            await begun.RunAsync(versions);
            await using var store = await LedgerStores.OpenAsync(begun.Options, Cancel);
            Assert.DoesNotContain(await store.ExamineAsync(Cancel), finding => finding.Verdict == FindingVerdict.Refuse);
        }

        await using var half = await PostgresHome.MakeAsync();
        await half.RunAsync($"{versions}; create table ledger_record(ledger bigint, seq bigint); insert into ledger_record values (1, 1)");
        Assert.Equal(StoreFault.Damaged, await Sample.FaultAsync(() => LedgerStores.OpenAsync(half.Options, Cancel)));
        Assert.Equal(1L, await half.AskAsync("select count(*) from ledger_record"));
    }

    [Theory]
    [InlineData("synchronous_commit = off", "synchronous-commit")]
    [InlineData("synchronous_commit = local", "synchronous-commit")]
    [InlineData("default_transaction_read_only = on", "read-only")]
    public async Task A_server_that_would_lose_what_it_acknowledges_is_refused(string setting, string code)
    {
        await using var home = await PostgresHome.MakeAsync();
        await home.RunAsync($"alter database {home.Name} set {setting}");
        var fault = await Assert.ThrowsAsync<StoreException>(() => LedgerStores.OpenAsync(home.Options, Cancel));
        Assert.Equal(StoreFault.NotDurable, fault.Fault);
        Assert.Equal(code, Assert.Single(fault.Findings, finding => finding.Verdict == FindingVerdict.Refuse).Code);
        Assert.Contains(await LedgerStores.ExamineAsync(home.Options, Cancel), finding => finding.Code == code && finding.Verdict == FindingVerdict.Refuse);
    }

    [Theory]
    [InlineData("fsync", 0, "off")]
    [InlineData("full-page-writes", 1, "off")]
    [InlineData("synchronous-commit", 2, "off")]
    [InlineData("synchronous-commit", 2, "local")]
    [InlineData("standby", 3, "true")]
    [InlineData("read-only", 4, "on")]
    [InlineData("encoding", 5, "SQL_ASCII")]
    public void Each_setting_turned_down_is_refused(string code, int place, string value)
    {
        string[] sound = ["on", "on", "on", "false", "off", "UTF8"];
        Assert.All(PostgresSettings.Judge(sound), finding => Assert.Equal(FindingVerdict.Fine, finding.Verdict));
        sound[place] = value;
        Assert.Equal(code, Assert.Single(PostgresSettings.Judge(sound), finding => finding.Verdict == FindingVerdict.Refuse).Code);
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_any_password()
    {
        await using var home = await PostgresHome.MakeAsync();
        var wrong = new NpgsqlConnectionStringBuilder(home.Connection) { Password = "open-sesame", Username = "nobody-here" }.ToString();
        var fault = await Assert.ThrowsAsync<StoreException>(() => LedgerStores.OpenAsync(home.Options with { Connection = wrong }, Cancel));
        Assert.Equal(StoreFault.OutOfReach, fault.Fault);
        Assert.DoesNotContain("sesame", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_works_as_a_role_that_may_only_add_to_what_is_append_only()
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
        await store.AppendAsync();
        Assert.Equal(new StoreFinding("role-rights", FindingVerdict.Fine, $"ringfence_at_{home.Name}", null), Assert.Single(await store.ExamineAsync(Cancel), finding => finding.Code == "role-rights"));
        // Not by the triggers alone: without them it is still refused.
        await home.RunAsync("alter table ledger_record disable trigger user");
        foreach (var sql in (string[])["update ledger_record set seq = 5", "delete from ledger_record", "truncate ledger_record", "delete from checkpoint", "update document set media = ''", "drop table ledger_record"])
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => home.RunAsync($"set role ringfence_at_{home.Name}; {sql}"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task A_user_that_may_make_no_roles_is_taken_with_a_warning_and_one_that_owns_nothing_is_enough()
    {
        await using var home = await PostgresHome.MakeAsync();
        var owner = $"{home.Name}_owner";
        var worker = $"{home.Name}_worker";
        await home.RunAsync($"create role {owner} login password 'pw'; grant create on schema public to {owner}; create role {worker} login password 'pw'");
        try
        {
            var options = home.Options with { Connection = new NpgsqlConnectionStringBuilder(home.Connection) { Username = owner, Password = "pw" }.ToString() };
            await using (var store = await LedgerStores.OpenAsync(options, Cancel))
            {
                await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
                await store.AppendAsync();
                var finding = Assert.Single(await store.ExamineAsync(Cancel), finding => finding.Code == "role-rights");
                Assert.Equal(FindingVerdict.Warn, finding.Verdict);
                Assert.Contains("delete ledger_record", finding.Value, StringComparison.Ordinal);
            }

            // An administrator makes the role by starting once; then a user who owns nothing works as it.
            await (await LedgerStores.OpenAsync(home.Options, Cancel)).DisposeAsync();
            await home.RunAsync($"grant ringfence_at_{home.Name} to {worker}");
            options = home.Options with { Connection = new NpgsqlConnectionStringBuilder(home.Connection) { Username = worker, Password = "pw" }.ToString() };
            await using (var store = await LedgerStores.OpenAsync(options, Cancel))
            {
                Assert.Equal(2, (await store.AppendAsync()).Size);
                Assert.Equal(FindingVerdict.Fine, Assert.Single(await store.ExamineAsync(Cancel), finding => finding.Code == "role-rights").Verdict);
            }
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await home.RunAsync($"reassign owned by {owner} to current_user; drop owned by {owner}, {worker}; drop role {owner}, {worker}");
        }
    }

    [Fact]
    public async Task A_backup_restores_to_the_same_ledger()
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var other = await PostgresHome.MakeAsync();
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PATH")!.Split(':').All(folder => !File.Exists(Path.Combine(folder, "pg_restore"))), "No pg_restore on the path.");
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
        var head = await store.AppendAsync(300, writes => writes.Suppressions.Add(Sample.Suppression(1)));
        var folder = Directory.CreateTempSubdirectory("ringfence-backup-").FullName;
        try
        {
            var file = Path.Combine(folder, "copy.dump");
            await store.BackUpAsync(file, Cancel);
            await Assert.ThrowsAsync<IOException>(() => store.BackUpAsync(file, Cancel));
            Assert.Equal([file], Directory.GetFiles(folder));
            await RestoreAsync(other, file);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        await using var copy = await LedgerStores.OpenAsync(other.Options, Cancel);
        Sample.Same([head], [await copy.HeadAsync(1, Cancel)]);
        Assert.Equal(await store.LeavesAsync(1, 0, 300, Cancel), await copy.LeavesAsync(1, 0, 300, Cancel));
        Assert.Single(await copy.SuppressionsAsync(1, Cancel).ListAsync());
        await copy.AppendAsync();
    }

    private static async Task RestoreAsync(PostgresHome home, string file)
    {
        var settings = new NpgsqlConnectionStringBuilder(home.Connection);
        var start = new System.Diagnostics.ProcessStartInfo("pg_restore", ["--no-owner", "--no-privileges", "--exit-on-error", "-d", home.Name, file]) { RedirectStandardError = true };
        (start.Environment["PGHOST"], start.Environment["PGPORT"]) = (settings.Host, settings.Port.ToString(CultureInfo.InvariantCulture));
        (start.Environment["PGUSER"], start.Environment["PGPASSWORD"]) = (settings.Username, settings.Password);
        using var restore = System.Diagnostics.Process.Start(start)!;
        Assert.Equal("", await restore.StandardError.ReadToEndAsync(Cancel));
        await restore.WaitForExitAsync(Cancel);
        Assert.Equal(0, restore.ExitCode);
    }

    // The fault that a start ended with; null: it came up.
    private static async Task<StoreFault?> TryAsync(StoreOptions options)
    {
        try
        {
            await using var store = await LedgerStores.OpenAsync(options with { Patience = TimeSpan.FromSeconds(5) }, Cancel);
            return null;
        }
        catch (StoreException e)
        {
            return e.Fault;
        }
    }
}
