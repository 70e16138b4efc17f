using System.Globalization;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Suppression;

public sealed class SuppressionRotationTests
{
    private const string Ann = "+442079460777";
    private const string Bea = "+442079460019";
    private const string Cat = "+442079460020";
    private const string Eve = "eve@example.org";

    private static readonly string[] Spellings =
    [
        "+442079460777", "+44 20 7946 0777", "+44-20-7946-0777", "+44.20.7946.0777", "+44/20/79460777", "+44(20)79460777", "(+44) 20 7946 0777", "00442079460777", "0044 20 7946 0777",
        "0044-20-7946-0777", "02079460777", "020 7946 0777", "(020) 7946 0777", "020-7946-0777", "020.7946.0777", "＋４４２０７９４６０７７７", "０２０ ７９４６ ０７７７", " +44 20 7946 0777 ",
        "+44 20 7946 0777", "tel:+442079460777",
    ];

    // RINGFENCE_TEST_KILLS=100 for more.
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_KILLS") ?? "30", CultureInfo.InvariantCulture);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_said_no_is_blocked_in_every_spelling_before_while_and_after_keys_are_added(bool inPostgres)
    {
        await using var home = inPostgres ? await PostgresHome.MakeAsync() : null;
        await using var house = await House.BuildAsync(store: home?.Options);
        await house.WithdrawAsync(Ann);
        await house.WithdrawAsync(Bea, "sms", "offers");
        await SuppressionSnapshot.TakeAsync(house.Installation, house.Ledger, House.Staff, Cancel);
        await house.WithdrawAsync(Eve);
        await BlockedAsync(house);

        // The key is there, and nothing went through it yet: as if the rotation were cut off here.
        await house.Installation.SuppressionKeys.AddAsync(Cancel);
        await BlockedAsync(house);
        var before = await house.WithdrawAsync(Ann);
        Assert.True(before.Already);
        await house.WithdrawAsync(Cat);
        Assert.Equal([1, 1, 1, 2], (await RowsAsync(house)).Select(static row => (int)row.Chain).Order());
        Assert.Empty(await AuditAsync(house));

        var outcome = await SuppressionRotation.RunAsync(house.Installation, House.Staff, Cancel);
        Assert.Equal(new SuppressionRotationOutcome(2, 4, Resumed: true), outcome);
        await BlockedAsync(house);
        Assert.Equal(new SuppressionRotationOutcome(3, 4, Resumed: false), await SuppressionRotation.RunAsync(house.Installation, House.Staff, Cancel));
        await BlockedAsync(house);
        Assert.All(await RowsAsync(house), static row => Assert.Equal(3, row.Chain));
        Assert.True((await house.WithdrawAsync(Ann)).Already);
        Assert.Empty(await AuditAsync(house));

        var record = (await house.RecordsAsync()).Last(static record => record.Type == RecordType.SuppressionRewrapped);
        Assert.Equal((3L, 4L), (record.Detail!["chain"]!.AsNumber, record.Detail["count"]!.AsNumber));
        // A snapshot after it, and one more no, are as they would be without.
        await house.WithdrawAsync("+442079460021");
        await SuppressionSnapshot.TakeAsync(house.Installation, house.Ledger, House.Staff, Cancel);
        await SuppressionSnapshot.TakeAsync(house.Installation, house.Ledger, House.Staff, Cancel);
        Assert.Empty(await AuditAsync(house));
        await LooksFineAsync(house);
    }

    [Fact]
    public async Task What_is_lifted_or_erased_after_a_rotation_is_so()
    {
        await using var house = await House.BuildAsync();
        var ann = await house.SaysAsync(Ann);
        await house.SaysAsync(Bea);
        var no = await house.WithdrawAsync(Bea, "sms", "offers");
        await house.WithdrawAsync(Ann);
        await SuppressionRotation.RunAsync(house.Installation, House.Staff, Cancel);
        await house.DoAsync(LiftCommand.AsError(House.Staff, house.Tags(Bea), no.Seq, "eve", """{"reason":"slip"}"""u8.ToArray()));
        Assert.Empty(await house.SuppressionsAsync(Bea));
        await new Erasure(house.Installation, house.Ledger, House.Staff).RunAsync(OpaqueId.TryParse(ann.Sid, out var sid) ? sid : default, "request", Cancel);
        await BlockedAsync(house, everyone: false);
        Assert.Empty(await AuditAsync(house));
        await SuppressionRotation.RunAsync(house.Installation, House.Staff, Cancel);
        await BlockedAsync(house, everyone: false);
        Assert.DoesNotContain(await RowsAsync(house), static row => row.LiftedSeq is not null);
        Assert.Empty(await AuditAsync(house));
        await LooksFineAsync(house);
    }

    [Theory]
    [InlineData("delete from suppression where tag = (select min(tag) from suppression)", SuppressionFault.SnapshotDiffers)]
    [InlineData("update suppression set chain = 1", SuppressionFault.SnapshotDiffers)]
    [InlineData("update suppression set chain = 1", SuppressionFault.Differs)]
    [InlineData("update suppression set tag = randomblob(32)", SuppressionFault.SnapshotDiffers)]
    public async Task What_is_changed_after_a_rotation_shows_and_no_further_rotation_covers_it_up(string sql, object fault)
    {
        await using var house = await House.BuildAsync();
        foreach (var number in new[] { Ann, Bea, Cat })
            await house.WithdrawAsync(number);
        await SuppressionRotation.RunAsync(house.Installation, House.Staff, Cancel);
        Assert.Empty(await AuditAsync(house));
        await house.CloseAsync();
        using (var raw = new RawStore(house.Folder))
            Assert.NotEqual(0, raw.Run(sql));
        await house.ReopenAsync();
        Assert.Contains(await AuditAsync(house), finding => finding.Fault == (SuppressionFault)fault);
        Assert.Equal("suppressions-differ", (await Assert.ThrowsAsync<CommandRefusedException>(() => SuppressionRotation.RunAsync(house.Installation, House.Staff, Cancel))).Code);
    }

    [Fact]
    public async Task Data_from_before_a_rotation_are_still_understood_and_a_keyring_from_before_it_is_not_taken()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        await house.CloseAsync();
        house.CopyData("before", withKeys: true);
        await house.ReopenAsync();
        await SuppressionRotation.RunAsync(house.Installation, House.Staff, Cancel);
        await house.CloseAsync();
        house.CopyData("after", withKeys: true);

        house.PutBack("before");
        await house.ReopenAsync();
        Assert.Equal(1, Assert.Single(await RowsAsync(house)).Chain);
        await BlockedAsync(house, everyone: false);
        await house.CloseAsync();

        house.PutBack("before", withKeys: true);
        house.PutBack("after");
        var refusal = await Assert.ThrowsAsync<KeysException>(() => house.ReopenAsync());
        Assert.Equal("keyring-older", refusal.Code);
        house.PutBack("after", withKeys: true);
        await house.ReopenAsync();
        await BlockedAsync(house, everyone: false);
    }

    [Fact]
    public async Task A_program_that_still_goes_by_the_old_keys_takes_up_the_new_ones_before_it_answers()
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var ring = await PostgresHome.MakeAsync();
        await using var house = await House.BuildAsync();
        var options = House.In(house.Folder) with { Store = home.Options, KeyringConnection = ring.Connection, Data = Path.Combine(house.Folder, "node"), Keys = Path.Combine(house.Folder, "shared") };
        await using var other = await Installation.OpenAsync(options, TimeProvider.System, Cancel);
        var ledger = await other.AddControllerAsync("both", "ledger.example/both", House.Acme, Cancel);
        await SayNoAsync(other, ledger, Ann);

        // Another node adds a key and wraps the tags, while this one goes by what it read when it started.
        var kek = (await File.ReadAllLinesAsync(Path.Combine(house.Folder, "shared", "kek"), Cancel))[^1].Split(' ');
        await using (var keyring = await Keyring.OpenAsync(
            await PostgresKeyringStore.OpenAsync(ring.Connection, create: false, Cancel),
            KeyProvider.Open(KeysFolder.For(options.Keys, options.Data, options.Environment), name => name == KeyProvider.Variable ? $"{kek[0]}:{kek[1]}" : null), create: false, TimeProvider.System, Cancel))
        {
            using var both = await keyring.AddSuppressionKeyAsync(1, Cancel);
            var row = Assert.Single(await other.Store.SuppressionsAsync(ledger.Ledger, Cancel).ToListAsync(Cancel));
            await home.TamperAsync($"update suppression set chain = 2, tag = '\\x{Convert.ToHexStringLower(both.Renew(new ContactTag(row.Tag), 1).ToArray())}'");
        }

        Assert.Equal(1, other.SuppressionKeys.Current.Versions);
        var tags = other.TagsOf(ContactPoint.TryRead(Ann, Ringfence.Numbers.Region.None, out var point) ? point : null!);
        Assert.Single(await other.SuppressionsAsync(ledger, [tags], Cancel));
        Assert.Equal(2, other.SuppressionKeys.Current.Versions);
        Assert.True(await SayNoAsync(other, ledger, Ann));
    }

    [Fact]
    public async Task Killed_at_any_point_of_a_rotation_everybody_stays_blocked_and_the_next_one_goes_on()
    {
        await using var house = await House.BuildAsync();
        foreach (var (point, channels) in new[] { (Ann, null), (Bea, "sms"), (Eve, (string?)null) })
            await house.WithdrawAsync(point, channels);
        for (var i = 0; i < 900; i++)
            await house.WithdrawAsync(string.Create(CultureInfo.InvariantCulture, $"+4420794{i:00000}"));
        await house.CloseAsync();

        var random = new Random(20261122);
        var (begun, most) = (0, 1);
        for (var kill = 0; kill < Kills; kill++)
        {
            using (var process = await SuppressionRotatingProcess.StartAsync(house.Folder))
            {
                await Task.Delay(random.Next(0, 900), Cancel);
                process.Kill();
                await process.WaitForExitAsync(Cancel);
            }

            await house.ReopenAsync();
            var (least, chain) = await house.Installation.Store.SuppressionChainsAsync(house.Ledger.Ledger, Cancel);
            var keys = house.Installation.SuppressionKeys.Current.Versions;
            // One transaction wraps all of them: never some.
            Assert.Equal(least, chain);
            Assert.InRange(keys, (int)chain, chain + 1);
            begun += keys > chain ? 1 : 0;
            most = Math.Max(most, chain);
            await BlockedAsync(house);
            Assert.Empty(await AuditAsync(house));
            // A signer within this process lets go of its folder only once it was asked something.
            Assert.NotNull(await house.Installation.Signer.StateAsync(house.Ledger.Origin, Cancel));
            await house.CloseAsync();
        }

        await house.ReopenAsync();
        var outcome = await SuppressionRotation.RunAsync(house.Installation, House.Staff, Cancel);
        Assert.Equal(outcome.Keys, (await house.Installation.Store.SuppressionChainsAsync(house.Ledger.Ledger, Cancel)).Least);
        await BlockedAsync(house);
        // Else the kills hit nothing, and the test would show nothing.
        TestContext.Current.SendDiagnosticMessage("{0} kills, {1} with a key added and nothing wrapped by it, {2} keys", Kills, begun, most);
        Assert.True(begun >= Kills / 5, $"{begun} of {Kills}");
        Assert.True(most > 1, $"{most}");
    }

    private static async Task BlockedAsync(House house, bool everyone = true)
    {
        Assert.Equal(20, Spellings.Length);
        foreach (var spelling in Spellings)
        {
            Assert.True(ContactPoint.TryRead(spelling, Ringfence.Numbers.Region.Of("GB"), out var point), spelling);
            Assert.NotEmpty(await Ringfence.Server.People.Contacts.SuppressionsAsync(house.Installation, house.Ledger, [house.Installation.TagsOf(point)], Cancel));
        }

        foreach (var point in everyone ? new[] { Ann, Eve } : [Ann])
            Assert.Contains(await house.SuppressionsAsync(point), static row => row.Purposes is null);
        Assert.Empty(await house.SuppressionsAsync("+442079460099"));
    }

    private static async Task<List<SuppressionRow>> RowsAsync(House house) => await house.Installation.Store.SuppressionsAsync(house.Ledger.Ledger, Cancel).ToListAsync(Cancel);

    private static async Task<IReadOnlyList<SuppressionFinding>> AuditAsync(House house)
    {
        var audit = new SuppressionAudit { HasAll = true };
        foreach (var record in await house.RecordsAsync())
            audit.Add(record);
        await foreach (var some in SuppressionSnapshot.WithRecordsAsync(house.Installation.Store, house.Ledger.Ledger, Cancel))
        {
            foreach (var (row, record) in some)
                audit.Add(row, record);
        }

        return audit.End();
    }

    private static async Task LooksFineAsync(House house)
    {
        await house.Installation.SignWrittenAsync(Cancel);
        var findings = await new Fsck(house.Installation, house.Ledger, full: true).RunAsync(Cancel);
        Assert.DoesNotContain(findings.All, static finding => finding.Code.StartsWith("suppression", StringComparison.Ordinal));
    }

    private static async Task<bool> SayNoAsync(Installation installation, LedgerRow ledger, string number)
    {
        var tags = installation.TagsOf(ContactPoint.TryRead(number, Ringfence.Numbers.Region.None, out var point) ? point : null!);
        var writer = await installation.WriterAsync(ledger, Cancel);
        var facts = new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "link");
        return CommandAnswer.Read(await writer.DoAsync(new WithdrawCommand(House.Person, [tags], SuppressionScope.Everything, facts), Cancel)).Already;
    }
}
