using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Rights;
using Xunit;
using static Ringfence.Server.Tests.Storage.BackupHouse;

namespace Ringfence.Server.Tests.Storage;

/// <summary>What a backup and its return have to do, on every store.</summary>
public abstract class BackupContract
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract Task<BackupHouse> BuildAsync();

    [Fact]
    public async Task A_backup_put_back_is_the_ledger_that_was_copied_and_it_goes_on()
    {
        await using var house = await BuildAsync();
        await house.KnownAsync();
        var taken = await house.BackUpAsync();
        var root = Assert.Single(taken.Ledgers).Root;
        await house.House.CloseAsync();
        // Nothing was signed since: the record of the backup itself is the only one that came.
        var outcome = await house.RestoreAsync();
        Assert.Null(Assert.Single(outcome.Ledgers).Known);
        await using var again = await house.OpenAsync();
        var ledger = await again.LedgerAsync(null, Cancel);
        Assert.Equal(Name, (await Contacts.FindAsync(again, ledger, again.TagsOf(Point(Number)), Cancel))!.Data.Name);
        Assert.Equal(root, again.NotaryOf(ledger).Tiles.Root(taken.Ledgers[0].Size).ToString());
        Assert.Equal(LedgerReadiness.Ready, (await again.NotaryOf(ledger).ExamineAsync(Cancel)).Readiness);
        Assert.Equal(await StateDigest.OfAsync(again.Store, ledger.Ledger, Cancel), await Rebuild.DigestAsync(again.Store, ledger.Ledger, Cancel));
        await WholeAsync(again);
        await WithdrawAsync(again, ledger, Number);
    }

    [Fact]
    public async Task A_backup_has_no_key_in_it_that_opens_anything_and_nothing_personal()
    {
        await using var house = await BuildAsync();
        await house.KnownAsync();
        await house.BackUpAsync(keys: "kept");
        await house.SpreadOutAsync();
        Assert.Empty(await Traces.OfAsync(house.In("copy"), Markers));
        var kek = (await File.ReadAllTextAsync(Path.Combine(house.In("kept"), "kek"), Cancel))
            .Split([' ', '\n', ':'], StringSplitOptions.RemoveEmptyEntries).Where(static part => part.Length == 64).ToArray();
        Assert.NotEmpty(kek);
        Assert.Empty(await Traces.OfAsync(house.In("copy"), [.. kek, .. kek.Select(static key => System.Text.Encoding.Latin1.GetString(Convert.FromHexString(key)))]));
        var inside = await Assert.ThrowsAsync<BackupException>(() => Backup.TakeAsync(house.House.Installation, house.In("copy2"), house.In("copy2/keys"), House.Staff, Cancel));
        Assert.Equal("keys-inside", inside.Code);
    }

    [Fact]
    public async Task Nobody_but_its_owner_may_read_a_backup()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file modes");
        await using var house = await BuildAsync();
        await house.BackUpAsync(keys: "kept");
        foreach (var file in (string[])["copy", "kept"])
            Assert.All(Directory.GetFiles(house.In(file), "*", SearchOption.AllDirectories), static file => Assert.Equal(DurableFile.OwnerOnly, Modes(file)));

        static UnixFileMode Modes(string file) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file);
    }

    [Fact]
    public async Task Who_was_erased_since_does_not_come_back_and_stays_blocked()
    {
        await using var house = await BuildAsync();
        var sid = await house.KnownAsync();
        await house.KnownAsync(Other, "Ann Example");
        await house.House.WithdrawAsync(Number, "sms");
        await house.BackUpAsync();
        await house.House.EraseAsync(sid);
        await house.House.CloseAsync();

        Assert.Equal("signed-missing", (await house.RefusedAsync()).Code);
        var outcome = await house.RestoreAsync(newEpoch: true, to: "again");
        Assert.Equal("ledger.example/acme/e2", Assert.Single(outcome.Ledgers).Origin);
        Assert.Equal(1, outcome.ErasedAgain);
        await using (var again = await house.OpenAsync("again"))
        {
            var ledger = await again.LedgerAsync(null, Cancel);
            Assert.Equal(2, ledger.Epoch);
            Assert.Equal(PersonStatus.Erased, (await Contacts.FindAsync(again, ledger, sid, Cancel))!.Person.Status);
            var tags = again.TagsOf(Point(Number));
            Assert.Null(await Contacts.FindAsync(again, ledger, tags, Cancel));
            Assert.Equal("Ann Example", (await Contacts.FindAsync(again, ledger, again.TagsOf(Point(Other)), Cancel))!.Data.Name);
            Assert.Contains(await BlockedAsync(again, ledger, tags), static row => row is { Purposes: null, Channels: (int)ChannelSet.Phone, Kind: 1 });
            Assert.All(await BlockedAsync(again, ledger, tags), static row => Assert.Null(row.Seq));
            var (before, after) = await Rebuild.RunAsync(again.Store, ledger.Ledger, null, Cancel);
            Assert.Equal(before, after);
            await WholeAsync(again);
        }

        await house.SpreadOutAsync();
        Assert.Empty(await Traces.OfAsync(house.House.Folder, Markers));
    }

    [Fact]
    public async Task In_twenty_spellings_a_number_stays_blocked_after_its_owner_was_erased_and_after_an_old_backup_came_back()
    {
        await using var house = await BuildAsync();
        var sid = await house.KnownAsync();
        await house.BackUpAsync();
        await house.House.EraseAsync(sid);
        await StaysBlockedAsync(house, house.House.Installation);
        await house.House.CloseAsync();
        await house.RestoreAsync(newEpoch: true);
        await using var again = await house.OpenAsync();
        await StaysBlockedAsync(house, again);
    }

    [Fact]
    public async Task Who_was_met_and_erased_since_the_backup_stays_blocked_too()
    {
        await using var house = await BuildAsync();
        await house.BackUpAsync();
        var sid = await house.KnownAsync();
        await house.House.EraseAsync(sid);
        await house.House.CloseAsync();
        await house.RestoreAsync(newEpoch: true);
        await using var again = await house.OpenAsync();
        var ledger = await again.LedgerAsync(null, Cancel);
        Assert.NotEmpty(await BlockedAsync(again, ledger, again.TagsOf(Point(Number))));
        Assert.Empty(await ErasureTests.OpenAsync(again, ledger));
    }

    [Fact]
    public async Task A_new_epoch_says_what_was_held_and_known_and_leaves_the_old_log_as_it_was()
    {
        await using var house = await BuildAsync();
        await house.KnownAsync();
        var taken = await house.BackUpAsync();
        await house.House.WithdrawAsync(Other);
        var known = (await house.House.Installation.NotaryOf(house.House.Ledger).CheckpointAsync(anchor: true, Cancel))!;
        await house.House.CloseAsync();
        await house.RestoreAsync(newEpoch: true);

        await using var again = await house.OpenAsync();
        var ledgers = await again.Store.LedgersAsync(Cancel);
        var (old, next) = (ledgers.Single(static row => row.Epoch == 1), ledgers.Single(static row => row.Epoch == 2));
        var held = await LogCheck.RunAsync(again.Store, old, Cancel);
        await LogCheck.RunAsync(again.Store, next, Cancel);
        Assert.Equal(taken.Ledgers[0].Size, held.Size);
        var records = (await again.Store.RecordsAsync(next.Ledger, 0, long.MaxValue, Cancel).ListAsync()).ConvertAll(StoredRecord.Read);
        var recovered = records[(int)held.Size];
        Assert.Equal(RecordType.LedgerRecovered, recovered.Type);
        Assert.Equal(
            (held.Size, taken.Ledgers[0].Root, known.Size, known.Checkpoint.Root.ToString(), "ledger.example/acme/e1"),
            (recovered.Detail!["held_size"]!.AsNumber, recovered.Detail["held_root"]!.AsText, recovered.Detail["known_size"]!.AsNumber, recovered.Detail["known_root"]!.AsText, recovered.Detail["origin"]!.AsText));
        Assert.Equal(RecordType.LedgerKeyAdded, records[(int)held.Size + 1].Type);
        Assert.Equal(LedgerReadiness.Ready, (await again.NotaryOf(next).ExamineAsync(Cancel)).Readiness);
        // Beside the closed log nothing is left that opens, or leads anywhere.
        Assert.Empty(await again.Store.SealedAsync(old.Ledger, 0, long.MaxValue, Cancel).ListAsync());
        Assert.Empty(await again.Store.LookupsAsync(old.Ledger, Cancel).ListAsync());
        Assert.Empty(await again.Store.SuppressionsAsync(old.Ledger, Cancel).ListAsync());
    }

    [Fact]
    public async Task An_old_backup_put_back_twice_takes_the_place_of_both_that_were_before()
    {
        await using var house = await BuildAsync();
        await house.KnownAsync();
        await house.BackUpAsync();
        await house.House.WithdrawAsync(Other);
        await house.BackUpAsync("newer");
        await house.House.CloseAsync();
        await house.RestoreAsync(newEpoch: true);
        long known;
        await using (var second = await house.OpenAsync())
        {
            var ledger = await second.LedgerAsync(null, Cancel);
            await WithdrawAsync(second, ledger, Number);
            known = (await second.NotaryOf(ledger).CheckpointAsync(anchor: true, Cancel))!.Size;
        }

        // Under the old origin nothing of it is missing, but the ledger went on under the next one.
        Assert.Equal("signed-missing", (await house.RefusedAsync("newer", "third")).Code);
        var outcome = Assert.Single((await house.RestoreAsync(newEpoch: true, copy: "newer", to: "fourth")).Ledgers);
        Assert.Equal(("ledger.example/acme/e3", known), (outcome.Origin, outcome.Known!.Value));
        await using var again = await house.OpenAsync("fourth");
        var goesOn = await again.LedgerAsync(null, Cancel);
        Assert.Equal(3, goesOn.Epoch);
        var recovered = (await again.Store.RecordsAsync(goesOn.Ledger, outcome.Held, outcome.Held + 1, Cancel).ListAsync()).ConvertAll(StoredRecord.Read).Single();
        Assert.Equal(("ledger.example/acme/e1", "ledger.example/acme/e2"), (recovered.Detail!["origin"]!.AsText, recovered.Detail["known_origin"]!.AsText));
        // What was lost is told of, and alarms nobody any more.
        Assert.Empty(await Fsck.MissingAsync(again, Cancel));
        await WholeAsync(again);
    }

    [Fact]
    public async Task A_controller_that_came_after_the_backup_is_not_lost_in_silence()
    {
        await using var house = await BuildAsync();
        await house.BackUpAsync();
        var later = await house.House.Installation.AddControllerAsync("zenith", "ledger.example/zenith", House.Acme, Cancel);
        await house.House.Installation.NotaryOf(later).CheckpointAsync(anchor: false, Cancel);
        await house.House.CloseAsync();
        var refused = await house.RefusedAsync();
        Assert.Equal(("ledger-missing", "ledger.example/zenith/e1"), (refused.Code, refused.What));
        var outcome = await house.RestoreAsync(newEpoch: true, to: "again");
        Assert.Null(Assert.Single(outcome.Ledgers).Known);
        Assert.Equal(["ledger.example/zenith/e1"], outcome.Lost);
    }

    [Fact]
    public async Task A_file_that_is_not_what_it_was_is_told_by_its_name_and_nothing_is_put_back()
    {
        await using var house = await BuildAsync();
        await house.KnownAsync();
        await house.House.EraseAsync(await house.KnownAsync(Other));
        var manifest = await house.BackUpAsync();
        await house.House.CloseAsync();
        Assert.Equal(4, manifest.Files.Count);
        foreach (var name in manifest.Files.Select(static file => file.Path).Append(BackupManifest.Name))
        {
            var path = Path.Combine(house.In("copy"), name);
            var content = await File.ReadAllBytesAsync(path, Cancel);
            for (var at = 0; at < content.Length; at += Math.Max(1, content.Length / 50))
            {
                content[at] ^= 1;
                await TellsAsync("altered");
                content[at] ^= 1;
            }

            foreach (var length in (int[])[0, content.Length / 2, content.Length - 1])
            {
                await File.WriteAllBytesAsync(path, content[..length], Cancel);
                Assert.Equal(("altered", name), Of(await house.RefusedAsync()));
            }

            File.Delete(path);
            Assert.Equal(name == BackupManifest.Name ? ("no-backup", house.In("copy")) : ("missing", name), Of(await house.RefusedAsync()));
            await File.WriteAllBytesAsync(path, content, Cancel);

            async Task TellsAsync(string code)
            {
                await File.WriteAllBytesAsync(path, content, Cancel);
                Assert.Equal((code, name), Of(await house.RefusedAsync()));
            }
        }

        Assert.False(Directory.Exists(house.In("back")));
        // And whole it is whole.
        await house.RestoreAsync();

        static (string, string) Of(BackupException e) => (e.Code, e.What);
    }

    [Fact]
    public async Task Nothing_is_ever_put_over_something()
    {
        await using var house = await BuildAsync();
        await house.BackUpAsync();
        Assert.Equal("not-empty", (await Assert.ThrowsAsync<BackupException>(() => house.BackUpAsync())).Code);
        await house.House.CloseAsync();
        await house.RestoreAsync();
        Assert.Equal("not-empty", (await house.RefusedAsync()).Code);
        await using var again = await house.OpenAsync();
        await WholeAsync(again);
    }

    [Fact]
    public async Task With_all_keys_lost_a_backup_and_a_copy_of_the_keys_are_enough_to_go_on_in_a_new_epoch()
    {
        await using var house = await BuildAsync();
        await house.KnownAsync();
        await house.BackUpAsync("older");
        await house.House.WithdrawAsync(Other);
        var later = await house.KnownAsync("+442079460779", "Ann Example");
        await house.BackUpAsync(keys: "kept");
        await house.House.CloseAsync();
        Directory.Delete(house.In("keys"), recursive: true);
        if (Directory.Exists(house.In("data")))
            Directory.Delete(house.In("data"), recursive: true);
        Assert.Equal("no-keys", (await house.RefusedAsync()).Code);
        // The signer's memory is gone with the keys, so that nobody can sign under the old origin.
        Assert.Equal("signed-missing", (await Assert.ThrowsAsync<BackupException>(() => house.RestoreAsync(keys: "kept", copy: "older", to: "refused"))).Code);
        // Of what was refused nothing stays: its keyring would not know who came later.
        Assert.DoesNotContain(Directory.GetFiles(house.In("keys"), "*", SearchOption.AllDirectories), static file => Path.GetFileName(file) is "kek" or "keyring.db" or "erasures.journal");
        await house.RestoreAsync(newEpoch: true, keys: "kept", to: "again");
        await using var again = await house.OpenAsync("again");
        var ledger = await again.LedgerAsync(null, Cancel);
        Assert.Equal(Name, (await Contacts.FindAsync(again, ledger, again.TagsOf(Point(Number)), Cancel))!.Data.Name);
        Assert.Equal("Ann Example", (await Contacts.FindAsync(again, ledger, later, Cancel))!.Data.Name);
        Assert.NotEmpty(await BlockedAsync(again, ledger, again.TagsOf(Point(Other))));
    }

    [Theory]
    [InlineData(BackupStep.Begun)]
    [InlineData(BackupStep.Data)]
    [InlineData(BackupStep.Keyring)]
    [InlineData(BackupStep.Erasures)]
    [InlineData(BackupStep.Whole)]
    public async Task A_backup_that_was_killed_is_taken_for_none_until_it_is_whole(object at)
    {
        var step = (BackupStep)at;
        await using var house = await BuildAsync();
        await house.KnownAsync();
        await house.House.CloseAsync();
        await CopyingProcess.RunAsync(house.House.Folder, house.House.Installation.Options, step);
        if (step == BackupStep.Whole)
        {
            await house.RestoreAsync();
            await using var again = await house.OpenAsync();
            await WholeAsync(again);
            return;
        }

        Assert.Equal("no-backup", (await house.RefusedAsync()).Code);
        Assert.False(Directory.Exists(house.In("back")));
        await using var goesOn = await Installation.OpenAsync(house.House.Installation.Options, TimeProvider.System, Cancel);
        await Backup.TakeAsync(goesOn, house.In("next"), null, House.Staff, Cancel);
    }

    [Theory]
    [InlineData(RestoreStep.Begun, false)]
    [InlineData(RestoreStep.Keys, false)]
    [InlineData(RestoreStep.Data, false)]
    [InlineData(RestoreStep.Verified, true)]
    [InlineData(RestoreStep.Written, false)]
    [InlineData(RestoreStep.Written, true)]
    [InlineData(RestoreStep.Whole, true)]
    [InlineData(RestoreStep.Signed, false)]
    [InlineData(RestoreStep.Signed, true)]
    [InlineData(RestoreStep.Done, true)]
    public async Task A_restore_that_was_killed_is_taken_for_none_until_all_of_it_is_done(object at, bool newEpoch)
    {
        var step = (RestoreStep)at;
        await using var house = await BuildAsync();
        var sid = await house.KnownAsync();
        await house.BackUpAsync();
        if (newEpoch)
            await house.House.EraseAsync(sid);
        await house.House.CloseAsync();
        var database = "first try";
        await CopyingProcess.RunAsync(house.House.Folder, await house.ToAsync("back", database), step, newEpoch);
        if (step != RestoreStep.Done)
        {
            // Nobody can start on it, in its folder or, past that, elsewhere.
            Assert.Equal("half-restored", (await Assert.ThrowsAsync<BackupException>(() => house.OpenAsync("back", database))).Code);
            var elsewhere = await house.ToAsync("elsewhere", database);
            if (elsewhere.Store.Connection is not null && step >= RestoreStep.Data)
                Assert.Equal(StoreFault.NotDurable, (await Assert.ThrowsAsync<StoreException>(() => Installation.OpenAsync(elsewhere, TimeProvider.System, Cancel))).Fault);
            if (elsewhere.Store.Connection is not null && step is >= RestoreStep.Data and < RestoreStep.Whole and not RestoreStep.Written)
            {
                Assert.Equal("not-empty", (await house.RefusedAsync(database: database)).Code);
                database = "second try";
            }
            else if (elsewhere.Store.Connection is not null && step == RestoreStep.Written)
            {
                database = "second try";
            }

            var outcome = Assert.Single((await house.RestoreAsync(newEpoch, database: database)).Ledgers);
            Assert.Equal(newEpoch ? "ledger.example/acme/e2" : "ledger.example/acme/e1", outcome.Origin);
        }

        await using (var again = await house.OpenAsync("back", database))
        {
            var ledger = await again.LedgerAsync(null, Cancel);
            Assert.Equal(newEpoch ? 2 : 1, ledger.Epoch);
            await WholeAsync(again);
            Assert.Equal(newEpoch, (await Contacts.FindAsync(again, ledger, sid, Cancel))!.Person.Status == PersonStatus.Erased);
            Assert.Equal(newEpoch, (await BlockedAsync(again, ledger, again.TagsOf(Point(Number)))).Count > 0);
            Assert.Single((await again.Store.RecordsAsync(ledger.Ledger, 0, long.MaxValue, Cancel).ListAsync()).ConvertAll(StoredRecord.Read), static record => record.Type == RecordType.RestorePerformed);
        }

        if (!newEpoch)
            return;
        await house.SpreadOutAsync();
        Assert.Empty(await Traces.OfAsync(house.House.Folder, Markers));
    }

    [Fact]
    public async Task Who_stands_in_the_journal_of_the_backup_is_forgotten_where_the_one_in_place_is_an_older_one()
    {
        await using var house = await BuildAsync();
        await house.BackUpAsync("first");
        var sid = await house.KnownAsync();
        await house.BackUpAsync();
        await house.House.EraseAsync(sid);
        await house.BackUpAsync("erased");
        await house.House.CloseAsync();
        // As if the folder of keys had come from the first backup, and the journal of the third were at hand.
        File.Copy(Path.Combine(house.In("first"), BackupManifest.JournalFile), Path.Combine(house.In("keys"), "erasures", "erasures.journal"), overwrite: true);
        File.Delete(Path.Combine(house.In("keys"), "erasures", "erasures.blocked"));
        await house.RestoreAsync(copy: "erased");
        await using var again = await house.OpenAsync();
        Assert.Contains(sid, again.Journal.ReadAll());
        using var key = await again.Keyring.ErasedKeyAsync(Cancel);
        Assert.NotEmpty(new ErasedNumbers(again.KeysFolder.Blocked, key).ReadAll()[sid]);
    }

    /// <summary>Nobody may be contacted at a number, however it is written, by a decision or by an import of all its spellings with a yes for each.</summary>
    private static async Task StaysBlockedAsync(BackupHouse house, Installation installation)
    {
        var ledger = await installation.LedgerAsync(null, Cancel);
        var asked = AskedFile.Read(new ContactQuestion(Instant.FromUtc(2027, 6, 9, 11, 0), "acme", Channel.Sms, "offers"), "", null);
        Assert.Equal(20, ErasureTests.Spellings.Length);
        await RefusedAsync();

        var list = "name,phone,country,sms_consent,sms_consent_date,sms_consent_wording\n" +
            string.Concat(ErasureTests.Spellings.Select((spelling, i) => $"Somebody {i},\"{spelling}\",GB,yes,2026-01-04,I agree that Acme Ltd may text me with offers\n"));
        var path = house.In("spellings.csv");
        await File.WriteAllTextAsync(path, list, Cancel);
        using (var rejected = new RejectedFile(null))
        {
            await ImportRun.RunAsync(
                installation, ledger, House.Staff, Importing.Options(path), null, false, rejected, Ringfence.Server.Cli.ProgressBar.None, Cancel);
        }

        File.Delete(path);
        await RefusedAsync();

        async Task RefusedAsync()
        {
            foreach (var spelling in ErasureTests.Spellings)
            {
                Assert.True(ContactPoint.TryRead(spelling, Ringfence.Numbers.Region.Of("GB"), out var point), spelling);
                var answer = await ContactDecision.MakeAsync(installation, ledger, House.Staff, ContactGate.Shipped, asked, installation.TagsOf(point), false, Cancel);
                Assert.IsType<Verdict.Refused>(answer.Decision.Verdict);
                Assert.Contains(answer.Decision.Verdict.AllReasons, static reason => reason.Code == ReasonCode.Objected);
            }

            // A number that nobody asked to leave alone is not refused for that.
            var open = await ContactDecision.MakeAsync(installation, ledger, House.Staff, ContactGate.Shipped, asked, installation.TagsOf(Point("+442079460799")), false, Cancel);
            Assert.DoesNotContain(open.Decision.Verdict!.AllReasons, static reason => reason.Code is ReasonCode.Objected or ReasonCode.Suppressed);
        }
    }

    private static async Task WholeAsync(Installation installation)
    {
        var newest = (await installation.LedgersAsync(Cancel)).Max(static row => row.Epoch);
        foreach (var ledger in await installation.LedgersAsync(Cancel))
        {
            var findings = await new Fsck(installation, ledger, full: true).RunAsync(Cancel);
            Assert.DoesNotContain(findings.All, static finding => finding.Weight != FsckWeight.Warning);
            Assert.Equal(ledger.Epoch < newest, findings.All.Any(static finding => finding.Code == "epoch-closed"));
        }
    }

    private static async Task WithdrawAsync(Installation installation, LedgerRow ledger, string number) => await (await installation.WriterAsync(ledger, Cancel)).DoAsync(
        new WithdrawCommand(House.Person, [installation.TagsOf(Point(number))], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "link")), Cancel);

    private protected static ContactPoint Point(string number) =>
        ContactPoint.TryRead(number, Ringfence.Numbers.Region.None, out var point) ? point : throw new ArgumentException("Not a point.", nameof(number));

    private static async Task<List<SuppressionRow>> BlockedAsync(Installation installation, LedgerRow ledger, PointTags tags)
    {
        var wanted = new RowsWanted();
        wanted.Suppressions.UnionWith(tags.Suppress);
        return [.. (await installation.Store.LoadAsync(ledger.Ledger, wanted, Cancel)).Suppressions.Where(static row => row.LiftedSeq is null)];
    }
}

/// <summary>Backups on SQLite.</summary>
public sealed class SqliteBackupTests : BackupContract
{
    protected override Task<BackupHouse> BuildAsync() => SqliteBackupHouse.BuildAsync();

    [Fact]
    public async Task Withdrawals_that_wait_in_the_place_are_heard_first_of_all()
    {
        await using var house = await BuildAsync();
        await house.BackUpAsync();
        await house.House.CloseAsync();
        var to = await house.ToAsync();
        Directory.CreateDirectory(to.Data);
        Installation.Spool(to, new SpooledWithdrawal(Fresh.Id().ToString(), null, Number, (int)ChannelSet.All, null, "link", "ada", Micros.Of(Instant.FromUtc(2026, 11, 20, 0, 0))));
        await house.RestoreAsync();
        await using var again = await house.OpenAsync();
        Assert.True(WithdrawalSpool.IsEmpty(to.Data));
        var wanted = new RowsWanted();
        wanted.Suppressions.UnionWith(again.TagsOf(Point(Number)).Suppress);
        Assert.NotEmpty((await again.Store.LoadAsync((await again.LedgerAsync(null, TestContext.Current.CancellationToken)).Ledger, wanted, TestContext.Current.CancellationToken)).Suppressions);
    }

    [Fact]
    public async Task What_is_not_ours_in_the_place_is_left_alone()
    {
        await using var house = await BuildAsync();
        await house.BackUpAsync();
        await house.House.CloseAsync();
        Directory.CreateDirectory(house.In("back"));
        await File.WriteAllTextAsync(Path.Combine(house.In("back"), "mine"), "x", TestContext.Current.CancellationToken);
        Assert.Equal("not-empty", (await house.RefusedAsync()).Code);
        Assert.Equal([Path.Combine(house.In("back"), "mine")], Directory.GetFileSystemEntries(house.In("back")));
    }
}

/// <summary>Backups in PostgreSQL.</summary>
public sealed class PostgresBackupTests : BackupContract
{
    protected override Task<BackupHouse> BuildAsync() => PostgresBackupHouse.BuildAsync();

    [Fact]
    public async Task A_keyring_in_a_database_of_its_own_goes_and_comes_with_it()
    {
        await using var house = await PostgresBackupHouse.BuildAsync(keyring: true);
        await house.KnownAsync();
        var manifest = await house.BackUpAsync();
        Assert.Contains(manifest.Files, static file => file.Path == BackupManifest.KeyringDump);
        await house.House.CloseAsync();
        await house.RestoreAsync();
        await using var again = await house.OpenAsync();
        var ledger = await again.LedgerAsync(null, TestContext.Current.CancellationToken);
        Assert.Equal(Name, (await Contacts.FindAsync(again, ledger, again.TagsOf(Point(Number)), TestContext.Current.CancellationToken))!.Data.Name);
        await house.SpreadOutAsync();
        Assert.Empty(await Traces.OfAsync(house.House.Folder, Markers));
    }

    [Fact]
    public async Task What_was_refused_lies_in_a_database_that_nobody_can_write_to_and_is_named()
    {
        await using var house = await BuildAsync();
        await house.BackUpAsync();
        await house.House.WithdrawAsync(Number);
        await house.House.Installation.SignWrittenAsync(TestContext.Current.CancellationToken);
        await house.House.CloseAsync();
        var to = await house.ToAsync();
        var refused = await house.RefusedAsync();
        Assert.Equal("signed-missing", refused.Code);
        Assert.Equal(new Npgsql.NpgsqlConnectionStringBuilder(to.Store.Connection).Database, refused.Left);
        var fault = await Assert.ThrowsAsync<StoreException>(() => house.OpenAsync());
        Assert.Equal((StoreFault.NotDurable, "read-only"), (fault.Fault, Assert.Single(fault.Findings, static finding => finding.Verdict == FindingVerdict.Refuse).Code));
    }
}
