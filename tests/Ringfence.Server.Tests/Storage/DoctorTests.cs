using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>Each thing that an installation depends on, turned down one at a time: the doctor finds it, says so and what to do, and changes nothing.</summary>
public sealed class DoctorTests
{
    // What a house for tests is not given: disks, users and authorities of others. And nobody backed it up.
    private static readonly string[] Usual = ["anchor-same-disk", "backup-none", "keys-beside", "no-authority", "signer-with-us"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sound_installation_has_what_is_to_be_looked_at_and_nothing_refused()
    {
        await using var house = await SoundAsync();
        var found = await LookAsync(house);
        Assert.Equal(Usual, found.Where(static one => one.Verdict != FindingVerdict.Fine).Select(static one => one.Code).Order(StringComparer.Ordinal));
        Assert.Equal(Doctor.Areas, found.Select(static one => one.Area).Distinct());
        Assert.Contains(found, static one => one.Code == "rules" && one.Value.Length == 64);
        Assert.True(found.Count(static one => one.Code == "pack") > 50);
    }

    [Fact]
    public async Task The_doctor_changes_nothing()
    {
        await using var house = await SoundAsync();
        Installation.Spool(House.In(house.Folder), No());
        PendingErasures.Of(house.Installation.KeysFolder).Add(house.Ledger.Ledger, Fresh.Id());
        var before = Everything(house.Folder);
        await LookAsync(house);
        Assert.Equal(before, Everything(house.Folder));
    }

    public static TheoryData<string, string, string> TooOpen() => new()
    {
        { "data", "755", "mode-folder" },
        { "data/ringfence.db", "644", "mode-ringfence.db" },
        { "keys/signer", "755", "mode" },
        { "keys/erasures", "750", "mode" },
        { "anchors", "777", "anchor-too-open" },
        { "keys/kek", "644", "!keys-too-open" },
        { "keys/kek", "620", "!keys-too-open" },
        { "keys", "775", "!keys-too-open" },
        { "keys/keyring", "777", "!keys-too-open" },
        { "keys/keyring/keyring.db", "640", "!keys-too-open" },
        { "keys/erasures/erasures.journal", "666", "!keys-too-open" },
        { "keys/erasures", "772", "!keys-too-open" },
    };

    [Theory, MemberData(nameof(TooOpen))]
    public async Task Whatever_others_may_get_at_is_found(string path, string mode, string code)
    {
        await using var house = await SoundAsync();
        path = path == "anchors" ? house.Installation.Anchors.Folder : Path.Combine(house.Folder, path);
        Sealing.Modes.Set(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        await FindsAsync(house, code);
    }

    public static TheoryData<string, string> Losses() => new()
    {
        { "keys/kek", "!keys-no-keys" },
        { "keys/keyring", "!keys-no-keyring" },
        { "keys/erasures/erasures.journal", "!keys-no-journal" },
        { "keys/signer", "!signer-unknown" },
        { "data", "!store-away" },
        { "data-anchors", "anchor-none" },
    };

    [Theory, MemberData(nameof(Losses))]
    public async Task Whatever_is_missing_is_found(string path, string code)
    {
        await using var house = await SoundAsync();
        path = Path.Combine(house.Folder, path);
        if (File.Exists(path))
            File.Delete(path);
        else
            Directory.Delete(path, recursive: true);
        await FindsAsync(house, code);
    }

    [Theory]
    [InlineData("drop trigger record_kept", "!trigger-record_kept")]
    [InlineData("pragma user_version = 99; insert into schema_version values (99, 'x', zeroblob(32), 1)", "!store-foreign")]
    public async Task A_database_that_was_laid_hands_on_is_found(string sql, string code)
    {
        await using var house = await SoundAsync();
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(house.Folder, "data", "ringfence.db")};Pooling=False"))
        {
            connection.Open();
            await using var command = connection.CreateCommand();
            if (code.StartsWith("!trigger", StringComparison.Ordinal))
            {
                command.CommandText = "select name from sqlite_schema where type = 'trigger' order by name limit 1";
                var name = (string)(await command.ExecuteScalarAsync(Cancel))!;
                (sql, code) = ($"drop trigger {name}", "!trigger-" + name);
            }

#pragma warning disable CA2100 // statements of tests
            command.CommandText = sql;
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(Cancel);
        }

        await FindsAsync(house, code);
    }

    [Fact]
    public async Task A_disk_of_another_machine_is_found()
    {
        await using var house = await SoundAsync();
        var mounts = Path.Combine(house.Folder, "mounts");
        await File.WriteAllTextAsync(mounts, "1 0 0:1 / / rw - nfs4 server:/ rw\n", Cancel);
        var options = House.In(house.Folder);
        await FindsAsync(house, "!file-system", options with { Store = options.Store with { MountTable = mounts } });
    }

    [Fact]
    public async Task Keys_in_the_folder_of_the_data_are_found()
    {
        await using var house = await SoundAsync();
        Directory.Move(Path.Combine(house.Folder, "keys"), Path.Combine(house.Folder, "data", "keys"));
        await FindsAsync(house, "!keys-not-apart", House.In(house.Folder) with { Keys = Path.Combine(house.Folder, "data", "keys") });
    }

    [Fact]
    public async Task Keys_of_another_installation_are_found()
    {
        await using var house = await SoundAsync();
        await using var other = await SoundAsync();
        File.Copy(Path.Combine(other.Folder, "keys", "kek"), Path.Combine(house.Folder, "keys", "kek"), overwrite: true);
        await FindsAsync(house, "!keys-sealed-otherwise");
    }

    [Fact]
    public async Task A_file_of_keys_that_is_damaged_is_found()
    {
        await using var house = await SoundAsync();
        var kek = Path.Combine(house.Folder, "keys", "kek");
        var content = await File.ReadAllBytesAsync(kek, Cancel);
        content[^20] ^= 1;
        await File.WriteAllBytesAsync(kek, content, Cancel);
        await FindsAsync(house, "!keys-damaged");
    }

    [Theory]
    [InlineData(29, null)]
    [InlineData(31, "kek-due")]
    public async Task A_key_whose_epoch_is_over_is_found(int days, string? code)
    {
        await using var house = await SoundAsync();
        var found = await LookAsync(house, time: new MovedTime { Ahead = TimeSpan.FromDays(days) });
        Assert.Equal(code is not null, found.Any(static one => one.Code == "kek-due"));
    }

    [Fact]
    public async Task A_key_that_should_be_gone_and_what_is_still_wrapped_by_it_are_found()
    {
        await using var house = await SoundAsync();
        await house.ReopenAsync();
        await house.SaysAsync("+442079460100");
        await house.Installation.Keyring.BeginKekAsync(Kid.Today(TimeProvider.System).PlusDays(1), Cancel);
        await house.Installation.SignWrittenAsync(Cancel);
        await house.CloseAsync();
        await FindsAsync(house, "kek-in-use");
        Assert.DoesNotContain(await LookAsync(house, time: new MovedTime { Ahead = TimeSpan.FromDays(60) }), static one => one.Code == "kek-overdue");
        await FindsAsync(house, "kek-overdue", time: new MovedTime { Ahead = TimeSpan.FromDays(70) });
    }

    [Fact]
    public async Task Witnesses_that_were_not_asked_for_long_are_found()
    {
        await using var house = await SoundAsync();
        // Nothing came since: nothing is missing outside.
        Assert.DoesNotContain(await LookAsync(house, time: new MovedTime { Ahead = TimeSpan.FromDays(2) }), static one => one.Code is "anchor-old" or "unsigned");
        await house.ReopenAsync();
        await house.FillAsync(1);
        await house.CloseAsync();
        Assert.DoesNotContain(await LookAsync(house), static one => one.Code is "anchor-old" or "unsigned");
        var late = new MovedTime { Ahead = TimeSpan.FromDays(2) };
        await FindsAsync(house, "anchor-old", time: late);
        await FindsAsync(house, "unsigned", time: late);
        await FindsAsync(house, "stamp-old", House.In(house.Folder, new TimestampAuthority(new Uri("http://127.0.0.1:1/"), null)));
    }

    [Fact]
    public async Task A_signer_that_does_not_answer_is_found()
    {
        await using var house = await SoundAsync();
        await FindsAsync(house, "!signer-away", House.In(house.Folder) with { Signer = static _ => new SignerClient(static () => (Stream.Null, Stream.Null)) });
    }

    [Fact]
    public async Task Where_another_node_signs_it_is_said_and_this_one_writes_and_signs_nothing()
    {
        await using var house = await SoundAsync();
        var elsewhere = House.In(house.Folder) with { Signer = static _ => new SignerClient(new SignerPlace(SignerPlace.AnotherNode, "", [])) };
        await house.ReopenAsync(elsewhere);
        await house.FillAsync(3);
        await house.Installation.SignWrittenAsync(Cancel);
        var signed = await house.Installation.Store.CheckpointAsync(house.Ledger.Ledger, long.MaxValue, Cancel);
        Assert.True(signed!.Size < (await house.Installation.Store.HeadAsync(house.Ledger.Ledger, Cancel)).Size);
        await Assert.ThrowsAsync<SignerException>(() => house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel));
        await house.CloseAsync();
        var found = (await LookAsync(house, elsewhere)).Where(static one => one.Area == "signer");
        Assert.Equal([("signer-elsewhere", FindingVerdict.Warn)], found.Select(static one => (one.Code, one.Verdict)));
    }

    [Fact]
    public async Task An_older_copy_in_the_place_of_the_data_is_found()
    {
        await using var house = await SoundAsync();
        house.CopyData("older");
        await house.ReopenAsync();
        await house.FillAsync(1);
        await house.Installation.SignWrittenAsync(Cancel);
        await house.CloseAsync();
        house.PutBack("older");
        await FindsAsync(house, "!rolled-back");
    }

    [Fact]
    public async Task Withdrawals_and_erasures_that_wait_are_found()
    {
        await using var house = await SoundAsync();
        PendingErasures.Of(house.Installation.KeysFolder).Add(house.Ledger.Ledger, Fresh.Id());
        await FindsAsync(house, "erasure-pending");
        Installation.Spool(House.In(house.Folder), No());
        await FindsAsync(house, "!spool-waiting");
    }

    [Fact]
    public async Task An_erasure_of_which_only_the_ledger_knows_is_found()
    {
        await using var house = await SoundAsync();
        await house.ReopenAsync();
        var sid = (await house.SaysAsync("+442079460100")).Sid!;
        await house.Installation.SignWrittenAsync(Cancel);
        await house.CloseAsync();
        await ErasingProcess.RunAsync(house.Folder, sid, ErasureStep.Requested);
        Directory.Delete(Path.Combine(house.Folder, "keys", "erasures", "pending"), recursive: true);
        await FindsAsync(house, "erasure-open");
    }

    [Fact]
    public async Task A_restore_that_was_cut_off_is_found()
    {
        await using var house = await SoundAsync();
        Directory.CreateDirectory(Path.Combine(house.Folder, "data", "restoring"));
        await FindsAsync(house, "!half-restored");
    }

    [Fact]
    public async Task A_backup_that_is_old_and_a_snapshot_that_is_missing_or_old_are_found()
    {
        await using var house = await SoundAsync();
        await house.ReopenAsync();
        await Backup.TakeAsync(house.Installation, Path.Combine(house.Folder, "copy"), null, House.Staff, Cancel);
        await house.WithdrawAsync("+442079460100");
        await house.Installation.SignWrittenAsync(Cancel);
        await house.CloseAsync();
        Assert.DoesNotContain(await LookAsync(house), static one => one.Code is "backup-none" or "backup-old" or "snapshot-none" or "snapshot-old");
        var late = new MovedTime { Ahead = TimeSpan.FromDays(3) };
        await FindsAsync(house, "backup-old", time: late);
        await FindsAsync(house, "snapshot-none", time: late);
        await house.ReopenAsync();
        await SuppressionSnapshot.TakeAsync(house.Installation, house.Ledger, House.Staff, Cancel);
        await house.Installation.SignWrittenAsync(Cancel);
        await house.CloseAsync();
        Assert.Contains(await LookAsync(house), static one => one is { Code: "snapshot", Verdict: FindingVerdict.Fine });
        await FindsAsync(house, "snapshot-old", time: late);
    }

    [Fact]
    public async Task A_clock_that_is_behind_the_records_or_a_key_is_found()
    {
        await using var house = await SoundAsync();
        await FindsAsync(house, "!clock-behind", time: new MovedTime { Ahead = TimeSpan.FromMinutes(-1) });
        await FindsAsync(house, "kek-ahead", time: new MovedTime { Ahead = TimeSpan.FromDays(-2) });
    }

    [Fact]
    public async Task A_clock_that_is_behind_a_timestamp_is_found()
    {
        using var authority = LocalTimestampAuthority.Start();
        var asked = new TimestampAuthority(authority.Url, authority.Authority);
        await using var house = await House.BuildAsync(authority: asked);
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: true, Cancel);
        await house.CloseAsync();
        Assert.Contains(await LookAsync(house, House.In(house.Folder, asked)), static one => one is { Code: "stamp", Verdict: FindingVerdict.Fine });
        await FindsAsync(house, "!clock-anchor", House.In(house.Folder, asked), new MovedTime { Ahead = TimeSpan.FromMinutes(-10) });
    }

    [Fact]
    public async Task Rules_that_cannot_be_used_are_found()
    {
        await using var house = await SoundAsync();
        var found = await new Doctor(House.In(house.Folder), static () => throw new UnusableFileException("x"), TimeProvider.System).RunAsync(Cancel);
        Assert.Contains(found, static one => one is { Code: "rules-unusable", Verdict: FindingVerdict.Refuse });
    }

    [Fact]
    public async Task A_form_of_a_social_network_that_leads_nowhere_is_found()
    {
        await using var house = await House.BuildAsync();
        var form = FormDocument.Read("form-offers.yaml", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml"), Cancel)) with { OfferedIn = ["GB"], Layouts = [] };
        await PublishedForms.PublishAsync(house.Installation, house.Ledger, House.Staff, form, Rulebook.Shipped, Cancel);
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: true, Cancel);
        await house.CloseAsync();
        var file = Path.Combine(house.Folder, "channels.yaml");
        var options = House.In(house.Folder) with { Environment = name => name == GatewaySet.Variable ? file : null };
        async Task<string> FoundAsync(string yaml)
        {
            await File.WriteAllTextAsync(file, "format: ringfence/channels/v1\n" + yaml, Cancel);
            return string.Join('|', (await LookAsync(house, options)).Where(static one => one.Code.StartsWith("lead-form", StringComparison.Ordinal) || one.Code == "channels-unusable").Select(static one => one.Code == "channels-unusable" ? $"{one.Code} {one.Verdict}" : $"{one.Code} {one.Verdict} {one.Value} {one.Wanted}".TrimEnd()));
        }

        string Leads(string of, string language = "en", string field = "phone", string box = "offers-sms", string controller = "acme") =>
            $"inbound: [{{ kind: google-leads, controller: {controller}, secret-env: IN, forms: [{{ form: {of}, language: {language}, lead-forms: ['1'], fields: {{ {field}: P }}, boxes: {{ {box}: {{ question: Q, yes: [Y] }} }} }}] }}]";
        Assert.Equal("", await FoundAsync("gateways: []"));
        Assert.Equal("", await FoundAsync(Leads("kitchen-news@none", controller: "other")));
        Assert.Equal("channels-unusable Warn", await FoundAsync("inbound: x"));
        Assert.Equal("lead-form-none Warn kitchen-news@none", await FoundAsync(Leads("kitchen-news@none")));
        Assert.Equal("lead-form-unfit Warn kitchen-news@2026-11 telephone, offers-fax, fr", await FoundAsync(Leads("kitchen-news@2026-11", "fr", "telephone", "offers-fax")));
        Assert.Equal("lead-form Fine kitchen-news@2026-11", await FoundAsync(Leads("kitchen-news@2026-11")));
    }

    [Fact]
    public async Task An_installation_that_goes_on_from_a_backup_says_so()
    {
        await using var house = await SqliteBackupHouse.BuildAsync();
        await house.BackUpAsync();
        await house.House.WithdrawAsync("+442079460100");
        await house.House.Installation.SignWrittenAsync(Cancel);
        await house.House.CloseAsync();
        await house.RestoreAsync(newEpoch: true);
        var found = await new Doctor(await house.ToAsync(), static () => ContactGate.Shipped, TimeProvider.System).RunAsync(Cancel);
        Assert.Contains(found, static one => one is { Code: "recovered", Verdict: FindingVerdict.Warn });
        Assert.DoesNotContain(found, static one => one.Verdict == FindingVerdict.Refuse);
    }

    [Fact]
    public async Task While_a_server_runs_what_is_outside_of_the_store_is_looked_at()
    {
        await using var house = await House.BuildAsync();
        var found = await LookAsync(house);
        Assert.Contains(found, static one => one is { Code: "store-in-use", Verdict: FindingVerdict.Warn });
        Assert.DoesNotContain(found, static one => one.Verdict == FindingVerdict.Refuse);
    }

    [Fact]
    public async Task Where_nothing_was_begun_nothing_is_said_to_be_lost()
    {
        using var folder = new TestFolder();
        var found = await new Doctor(House.In(folder.Path), static () => ContactGate.Shipped, TimeProvider.System).RunAsync(Cancel);
        Assert.Equal("nothing-yet", Assert.Single(found).Code);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task In_PostgreSQL_a_sound_installation_is_sound_and_what_a_role_or_database_turns_down_is_found()
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var house = await House.BuildAsync(store: home.Options);
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: true, Cancel);
        await house.CloseAsync();
        var options = House.In(house.Folder) with { Store = home.Options };
        Assert.DoesNotContain(await LookAsync(house, options), static one => one.Verdict == FindingVerdict.Refuse);
        foreach (var (setting, code) in ((string, string)[])[("synchronous_commit = off", "!synchronous-commit"), ("synchronous_commit = local", "!synchronous-commit")])
        {
            await home.RunAsync($"alter database {home.Name} set {setting}");
            await FindsAsync(house, code, options);
            await home.RunAsync($"alter database {home.Name} reset all");
            // For one user in one database, as somebody does who wants to be fast.
            await home.RunAsync($"alter role current_user in database {home.Name} set {setting}");
            await FindsAsync(house, code, options);
            await home.RunAsync($"alter role current_user in database {home.Name} reset all");
        }

        await FindsAsync(house, "clock-database", options with { Store = options.Store with { Time = new MovedTime { Ahead = TimeSpan.FromSeconds(5) } } });
        await home.RunAsync($"alter database {home.Name} set default_transaction_read_only = on");
        await FindsAsync(house, "!read-only", options);
        await FindsAsync(house, "!store-away", options with { Store = options.Store with { Connection = new NpgsqlConnectionStringBuilder(home.Connection) { Database = home.Name + "_not" }.ToString() } });
    }

    [Fact]
    public async Task A_server_without_fsync_or_full_pages_is_found()
    {
        await using var server = await PrivatePostgres.StartAsync();
        var options = new StoreOptions { Connection = server.Connection, Patience = TimeSpan.FromSeconds(20) };
        await using var house = await House.BuildAsync(store: options);
        await house.CloseAsync();
        var there = House.In(house.Folder) with { Store = options };
        Assert.DoesNotContain(await LookAsync(house, there), static one => one.Verdict == FindingVerdict.Refuse);
        foreach (var (setting, code) in ((string, string)[])[("fsync", "!fsync"), ("full_page_writes", "!full-page-writes")])
        {
            await server.RunAsync($"alter system set {setting} = off");
            await server.RunAsync("select pg_reload_conf(), pg_sleep(1)");
            NpgsqlConnection.ClearAllPools();
            await FindsAsync(house, code, there);
            await server.RunAsync($"alter system reset {setting}");
            await server.RunAsync("select pg_reload_conf(), pg_sleep(1)");
        }

        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Founded, signed, carried outside, closed.</summary>
    private static async Task<House> SoundAsync()
    {
        var house = await House.BuildAsync();
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: true, Cancel);
        await house.CloseAsync();
        return house;
    }

    private static Task<IReadOnlyList<DoctorFinding>> LookAsync(House house, InstallationOptions? options = null, TimeProvider? time = null) =>
        new Doctor(options ?? House.In(house.Folder), static () => ContactGate.Shipped, time ?? TimeProvider.System).RunAsync(Cancel);

    /// <param name="code">What is to be found; with an exclamation mark, what has to stop everything.</param>
    private static async Task FindsAsync(House house, string code, InstallationOptions? options = null, TimeProvider? time = null)
    {
        var found = await LookAsync(house, options, time);
        var verdict = code[0] == '!' ? FindingVerdict.Refuse : FindingVerdict.Warn;
        var one = found.FirstOrDefault(one => one.Code == code.TrimStart('!') && one.Verdict == verdict);
        Assert.True(one is not null, string.Join('\n', found.Where(static one => one.Verdict != FindingVerdict.Fine).Select(static one => $"{one.Verdict} {one.Code} {one.Place} {one.Value}")));
        var before = CultureInfo.CurrentUICulture;
        foreach (var language in (string[])["en", "zh-Hans", "zh-Hant"])
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
            Assert.NotEmpty(DoctorCliCommand.Say(one));
            Assert.NotEmpty(DoctorCliCommand.Do(one));
        }

        CultureInfo.CurrentUICulture = before;
    }

    private static SpooledWithdrawal No() => new(Fresh.Id().ToString(), null, "+442079460018", (int)ChannelSet.Sms, ["offers"], "link", "ada", 1_770_000_000_000_000);

    // Every file with the digest of its content; but for what is only ever locked, or shared by whoever has a database open.
    private static List<string> Everything(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(static file => !file.EndsWith("lock", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal) && !file.EndsWith("-wal", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(static file => $"{file} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"),
    ];
}

/// <summary>A PostgreSQL of its own, whose settings may be turned down without anybody else's tests noticing.</summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    private readonly string folder;

    private PrivatePostgres(string connection, string folder) => (Connection, this.folder) = (connection, folder);

    public string Connection { get; }

    public static async Task<PrivatePostgres> StartAsync()
    {
        Assert.SkipWhen(PostgresHome.Cluster is null || OperatingSystem.IsWindows(), PostgresHome.Wanting);
        var said = (await ScriptAsync("start_postgres >&2 && printf '%s\\n%s\\n' \"$RINGFENCE_TEST_POSTGRES\" \"$postgres_folder\"")).Split('\n');
        Assert.SkipWhen(said.Length < 2, "No programs to start a PostgreSQL with.");
        return new PrivatePostgres(said[0], said[1]);
    }

    public Task RunAsync(string sql) => PostgresHome.ExecuteAsync(Connection, sql);

    public async ValueTask DisposeAsync() => await ScriptAsync($"postgres_folder='{folder}'; postgres_ctl=$(postgres_programs)/pg_ctl; stop_postgres");

    private static async Task<string> ScriptAsync(string script, [CallerFilePath] string here = "")
    {
        var top = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
        // What is started goes on when the script has ended, so its output is no pipe of ours.
        var output = Path.GetTempFileName();
        try
        {
            using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", $"cd '{top}'; source .ci/postgres.sh; {{ {script}; }} >'{output}' 2>/dev/null"]))!;
            await bash.WaitForExitAsync();
            return (await File.ReadAllTextAsync(output)).Trim();
        }
        finally
        {
            File.Delete(output);
        }
    }
}
