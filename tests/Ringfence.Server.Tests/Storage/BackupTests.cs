using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Rights;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

public sealed class BackupTests
{
    private const string Number = "+442079460777";
    private const string Other = "+442079460778";
    private const string Name = "Zaphod Beeblebrox";
    private static readonly string[] Markers = [Number[1..], Name, "Magrathea"];

    [Fact]
    public async Task A_backup_put_back_is_the_ledger_that_was_copied_and_it_goes_on()
    {
        await using var house = await House.BuildAsync();
        await KnownAsync(house, Number, Name);
        var taken = await Backup.TakeAsync(house.Installation, house.In("copy"), null, House.Staff, CancellationToken.None);
        var root = Assert.Single(taken.Ledgers).Root;
        await house.Installation.DisposeAsync();
        // Nothing was signed since: the record of the backup itself is the only one that came.
        var outcome = await Restore.RunAsync(house.In("copy"), To(house), null, false, House.Staff, TimeProvider.System, CancellationToken.None);
        Assert.Empty(outcome.Epochs);
        await using var again = await Installation.OpenAsync(To(house), TimeProvider.System, CancellationToken.None);
        var ledger = await again.LedgerAsync(null, CancellationToken.None);
        var found = await Contacts.FindAsync(again, ledger, again.TagsOf(Point(Number)), CancellationToken.None);
        Assert.Equal(Name, found!.Data.Name);
        Assert.Equal(root, again.NotaryOf(ledger).Tiles.Root(taken.Ledgers[0].Size).ToString());
        Assert.Equal(LedgerReadiness.Ready, (await again.NotaryOf(ledger).ExamineAsync(CancellationToken.None)).Readiness);
        Assert.Equal(await StateDigest.OfAsync(again.Store, ledger.Ledger, CancellationToken.None), await Rebuild.DigestAsync(again.Store, ledger.Ledger, CancellationToken.None));
    }

    [Fact]
    public async Task A_backup_has_no_key_in_it_that_opens_anything_and_nothing_personal()
    {
        await using var house = await House.BuildAsync();
        await KnownAsync(house, Number, Name);
        await Backup.TakeAsync(house.Installation, house.In("copy"), house.In("kept"), House.Staff, CancellationToken.None);
        Assert.Empty(await Traces.OfAsync(house.In("copy"), Markers));
        var kek = (await File.ReadAllTextAsync(Path.Combine(house.In("kept"), "kek"), TestContext.Current.CancellationToken))
            .Split([' ', '\n', ':'], StringSplitOptions.RemoveEmptyEntries).Where(static part => part.Length == 64).ToArray();
        Assert.NotEmpty(kek);
        Assert.Empty(await Traces.OfAsync(house.In("copy"), kek));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(house.In("copy"), "*", SearchOption.AllDirectories))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        var inside = await Assert.ThrowsAsync<BackupException>(
            () => Backup.TakeAsync(house.Installation, house.In("copy2"), house.In("copy2/keys"), House.Staff, CancellationToken.None));
        Assert.Equal("keys-inside", inside.Code);
    }

    [Fact]
    public async Task Who_was_erased_since_does_not_come_back_and_stays_blocked()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house, Number, Name);
        await KnownAsync(house, Other, "Ann Example");
        await house.WithdrawAsync(Number, "sms");
        await Backup.TakeAsync(house.Installation, house.In("copy"), null, House.Staff, CancellationToken.None);
        await house.EraseAsync(sid);
        await house.Installation.DisposeAsync();

        Assert.Equal("signed-missing", (await FailAsync(house)).Code);
        Assert.False(Directory.Exists(house.In("back")));

        var outcome = await Restore.RunAsync(house.In("copy"), To(house), null, true, House.Staff, TimeProvider.System, CancellationToken.None);
        Assert.Equal("ledger.example/acme/e2", Assert.Single(outcome.Epochs).Ledger.Origin);
        Assert.Equal(1, outcome.ErasedAgain);
        await using var again = await Installation.OpenAsync(To(house), TimeProvider.System, CancellationToken.None);
        var ledger = await again.LedgerAsync(null, CancellationToken.None);
        Assert.Equal(2, ledger.Epoch);
        Assert.Equal(PersonStatus.Erased, (await Contacts.FindAsync(again, ledger, sid, CancellationToken.None))!.Person.Status);
        var tags = again.TagsOf(Point(Number));
        Assert.Null(await Contacts.FindAsync(again, ledger, tags, CancellationToken.None));
        Assert.Equal("Ann Example", (await Contacts.FindAsync(again, ledger, again.TagsOf(Point(Other)), CancellationToken.None))!.Data.Name);
        Assert.Contains(await BlockedAsync(again, ledger, tags), static row => row is { Purposes: null, Channels: (int)ChannelSet.Phone, Kind: 1 });
        Assert.All(await BlockedAsync(again, ledger, tags), static row => Assert.Null(row.Seq));
        Assert.Empty(await Traces.OfAsync(house.Folder, Markers));
        var (before, after) = await Rebuild.RunAsync(again.Store, ledger.Ledger, null, CancellationToken.None);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task Who_was_met_and_erased_since_the_backup_stays_blocked_too()
    {
        await using var house = await House.BuildAsync();
        await Backup.TakeAsync(house.Installation, house.In("copy"), null, House.Staff, CancellationToken.None);
        var sid = await KnownAsync(house, Number, Name);
        await house.EraseAsync(sid);
        await house.Installation.DisposeAsync();
        await Restore.RunAsync(house.In("copy"), To(house), null, true, House.Staff, TimeProvider.System, CancellationToken.None);
        await using var again = await Installation.OpenAsync(To(house), TimeProvider.System, CancellationToken.None);
        var ledger = await again.LedgerAsync(null, CancellationToken.None);
        Assert.NotEmpty(await BlockedAsync(again, ledger, again.TagsOf(Point(Number))));
        Assert.Empty(await Rights.ErasureTests.OpenAsync(again, ledger));
    }

    [Fact]
    public async Task A_new_epoch_says_what_was_held_and_known_and_leaves_the_old_log_as_it_was()
    {
        await using var house = await House.BuildAsync();
        await KnownAsync(house, Number, Name);
        var taken = await Backup.TakeAsync(house.Installation, house.In("copy"), null, House.Staff, CancellationToken.None);
        await house.WithdrawAsync(Other);
        var known = (await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: true, CancellationToken.None))!;
        await house.Installation.DisposeAsync();
        await Restore.RunAsync(house.In("copy"), To(house), null, true, House.Staff, TimeProvider.System, CancellationToken.None);

        await using var again = await Installation.OpenAsync(To(house), TimeProvider.System, CancellationToken.None);
        var ledgers = await again.Store.LedgersAsync(CancellationToken.None);
        var (old, next) = (ledgers.Single(static row => row.Epoch == 1), ledgers.Single(static row => row.Epoch == 2));
        var held = await LogCheck.RunAsync(again.Store, old, CancellationToken.None);
        await LogCheck.RunAsync(again.Store, next, CancellationToken.None);
        Assert.Equal(taken.Ledgers[0].Size, held.Size);
        var records = new List<LedgerRecord>();
        await foreach (var row in again.Store.RecordsAsync(next.Ledger, 0, long.MaxValue, CancellationToken.None))
            records.Add(StoredRecord.Read(row));
        var recovered = records[(int)held.Size];
        Assert.Equal(RecordType.LedgerRecovered, recovered.Type);
        Assert.Equal(
            (held.Size, taken.Ledgers[0].Root, known.Size, "ledger.example/acme/e1"),
            (recovered.Detail!["held_size"]!.AsNumber, recovered.Detail["held_root"]!.AsText, recovered.Detail["known_size"]!.AsNumber, recovered.Detail["origin"]!.AsText));
        Assert.Equal(RecordType.LedgerKeyAdded, records[(int)held.Size + 1].Type);
        Assert.Equal(LedgerReadiness.Ready, (await again.NotaryOf(next).ExamineAsync(CancellationToken.None)).Readiness);
        // Beside the closed log nothing is left that opens, or leads anywhere.
        await foreach (var _ in again.Store.SealedAsync(old.Ledger, 0, long.MaxValue, CancellationToken.None))
            Assert.Fail("something is sealed beside the closed log");
        await foreach (var _ in again.Store.LookupsAsync(old.Ledger, CancellationToken.None))
            Assert.Fail("a number leads somewhere in the closed log");
        await foreach (var _ in again.Store.SuppressionsAsync(old.Ledger, CancellationToken.None))
            Assert.Fail("a suppression stands beside the closed log alone");
    }

    [Fact]
    public async Task A_file_that_is_not_what_it_was_or_is_missing_is_told_and_nothing_is_put_back()
    {
        await using var house = await House.BuildAsync();
        await KnownAsync(house, Number, Name);
        await Backup.TakeAsync(house.Installation, house.In("copy"), null, House.Staff, CancellationToken.None);
        await house.Installation.DisposeAsync();
        foreach (var file in (string[])[BackupManifest.SqliteFile, BackupManifest.KeyringFile, BackupManifest.JournalFile])
        {
            var path = Path.Combine(house.In("copy"), file);
            var content = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            content[^1] ^= 1;
            await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
            Assert.Equal("altered", (await FailAsync(house)).Code);
            content[^1] ^= 1;
            await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
            File.Move(path, path + ".aside");
            Assert.Equal("missing", (await FailAsync(house)).Code);
            File.Move(path + ".aside", path);
        }

        Assert.False(Directory.Exists(house.In("back")));
    }

    [Fact]
    public async Task Nothing_is_ever_put_over_something()
    {
        await using var house = await House.BuildAsync();
        await Backup.TakeAsync(house.Installation, house.In("copy"), null, House.Staff, CancellationToken.None);
        Assert.Equal("not-empty", (await Assert.ThrowsAsync<BackupException>(
            () => Backup.TakeAsync(house.Installation, house.In("copy"), null, House.Staff, CancellationToken.None))).Code);
        Directory.CreateDirectory(house.In("back"));
        await File.WriteAllTextAsync(Path.Combine(house.In("back"), "mine"), "x", TestContext.Current.CancellationToken);
        Assert.Equal("not-empty", (await FailAsync(house)).Code);
        Assert.True(File.Exists(Path.Combine(house.In("back"), "mine")));
    }

    [Fact]
    public async Task With_all_keys_lost_a_backup_and_a_copy_of_the_keys_are_enough_to_go_on_in_a_new_epoch()
    {
        await using var house = await House.BuildAsync();
        await KnownAsync(house, Number, Name);
        await house.WithdrawAsync(Other);
        await Backup.TakeAsync(house.Installation, house.In("copy"), house.In("kept"), House.Staff, CancellationToken.None);
        await house.Installation.DisposeAsync();
        Directory.Delete(house.In("keys"), recursive: true);
        Directory.Delete(house.In("data"), recursive: true);
        Assert.Equal("no-keys", (await FailAsync(house)).Code);
        // The signer's memory is gone with the keys, so that nobody can sign under the old origin.
        Assert.Equal("signed-missing", (await Assert.ThrowsAsync<BackupException>(
            () => Restore.RunAsync(house.In("copy"), To(house), house.In("kept"), false, House.Staff, TimeProvider.System, CancellationToken.None))).Code);
        await Restore.RunAsync(house.In("copy"), To(house), house.In("kept"), true, House.Staff, TimeProvider.System, CancellationToken.None);
        await using var again = await Installation.OpenAsync(To(house), TimeProvider.System, CancellationToken.None);
        var ledger = await again.LedgerAsync(null, CancellationToken.None);
        Assert.Equal(Name, (await Contacts.FindAsync(again, ledger, again.TagsOf(Point(Number)), CancellationToken.None))!.Data.Name);
        Assert.NotEmpty(await BlockedAsync(again, ledger, again.TagsOf(Point(Other))));
    }

    private static Task<BackupException> FailAsync(House house) =>
        Assert.ThrowsAsync<BackupException>(() => Restore.RunAsync(house.In("copy"), To(house), null, false, House.Staff, TimeProvider.System, CancellationToken.None));

    private static InstallationOptions To(House house) => House.In(house.Folder) with
    {
        Store = new StoreOptions { Folder = house.In("back") },
        Data = house.In("back"),
    };

    private static ContactPoint Point(string number) =>
        ContactPoint.TryRead(number, Ringfence.Numbers.Region.None, out var point) ? point : throw new ArgumentException("Not a point.", nameof(number));

    private static async Task<List<SuppressionRow>> BlockedAsync(Installation installation, LedgerRow ledger, PointTags tags)
    {
        var wanted = new RowsWanted();
        wanted.Suppressions.Add(tags.Suppress);
        return [.. (await installation.Store.LoadAsync(ledger.Ledger, wanted, CancellationToken.None)).Suppressions.Where(static row => row.LiftedSeq is null)];
    }

    private static async Task<OpaqueId> KnownAsync(House house, string number, string name)
    {
        var answer = await house.DoAsync(new RecordConsentCommand(
            new ConsentSaid
            {
                Type = RecordType.ConsentGiven,
                State = RecordState.Given,
                Actor = House.Person,
                Tags = house.Tags(number),
                Scope = new RecordScope(["sms"], ["offers"]),
                Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
                Evidence = """{"page":"Magrathea form 42"}"""u8.ToArray(),
                Person = new PersonalData { Name = name },
            },
            await house.Installation.NewPersonAsync(CancellationToken.None)));
        return OpaqueId.TryParse(answer.Sid, out var sid) ? sid : throw new InvalidOperationException();
    }
}

/// <summary>Places beside a house.</summary>
internal static class BesideHouse
{
    public static string In(this House house, string name) => Path.Combine(house.Folder, name);
}
