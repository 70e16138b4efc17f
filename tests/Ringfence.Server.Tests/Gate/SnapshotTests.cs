using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Rights;
using Xunit;

namespace Ringfence.Server.Tests.Gate;

public sealed class SnapshotTests
{
    private const string Ann = "+447400123456";
    private const string Bea = "+447400123457";
    private const string Cai = "+447400123458";

    private static readonly Instant Noon = Instant.FromUtc(2027, 6, 9, 11, 0);

    [Fact]
    public async Task A_withdrawal_of_this_node_is_known_before_it_is_acknowledged()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await house.House.SaysAsync(Ann);
        await house.SettleAsync();
        Assert.Empty(Advised(house, Ann)!.Suppressions!);
        await house.House.WithdrawAsync(Ann);
        // Not looked, nothing worked out.
        Assert.Null(Advised(house, Ann));
        Assert.NotNull(Advised(house, Bea));
        Assert.NotEmpty((await house.StoreAsync(Ann, SnapshotHouse.Asked(Noon))).Suppressions!);
        await house.SettleAsync();
        Assert.NotEmpty(Advised(house, Ann)!.Suppressions!);
    }

    [Fact]
    public async Task What_another_node_wrote_is_known_once_the_ledger_was_looked_at()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        house.LetOthersWrite(true);
        await house.House.WithdrawAsync(Ann);
        Assert.Empty(Advised(house, Ann)!.Suppressions!);
        await house.Follower.LookAsync(CancellationToken.None);
        Assert.Null(Advised(house, Ann));
        await house.SettleAsync();
        Assert.NotEmpty(Advised(house, Ann)!.Suppressions!);
        Assert.Equal(await house.House.SizeAsync(), house.Snapshot.Position);
    }

    [Theory]
    [InlineData("the same key")]
    [InlineData("no key")]
    [InlineData("a number that is theirs, too")]
    public async Task A_no_that_another_node_wrote_is_known_here_before_it_is_acknowledged_once_more(string again)
    {
        await using var house = await SnapshotHouse.BuildAsync();
        var (ann, cai) = (await house.House.SaysAsync(Ann), await house.House.SaysAsync(Cai));
        await house.House.DoAsync(new MergeCommand(House.Staff, Sid(ann), Sid(cai)));
        await house.SettleAsync();
        house.LetOthersWrite(true);
        await SayNoAsync(Ann);
        house.LetOthersWrite(false);
        Assert.Empty(Advised(house, Ann)!.Suppressions!);
        Assert.Empty(Advised(house, Cai)!.Suppressions!);
        // It is written already, and nothing more is: the acknowledgement is this node's.
        var size = await house.House.SizeAsync();
        await SayNoAsync(again.StartsWith("a number", StringComparison.Ordinal) ? Cai : Ann);
        Assert.Equal(size, await house.House.SizeAsync());
        Assert.Null(Advised(house, Ann));
        Assert.Null(Advised(house, Cai));
        Assert.NotNull(Advised(house, Bea));
        await house.SettleAsync();
        Assert.NotEmpty(Advised(house, Ann)!.Suppressions!);

        Task SayNoAsync(string point) => house.House.DoAsync(new WithdrawCommand(
            House.Staff, [house.House.Tags(point)], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "api"), [house.House.Tags(Ann), house.House.Tags(Cai)])
        {
            ClientKey = again == "the same key" ? new ClientKey("dialer", "1", new byte[32]) : null,
        });

        static OpaqueId Sid(CommandAnswer answer) => OpaqueId.TryParse(answer.Sid, out var sid) ? sid : throw new InvalidOperationException("Nobody.");
    }

    [Theory]
    [InlineData(1.1, 0)]
    [InlineData(0, 1.1)]
    public async Task Who_was_stopped_tells_nobody_anything_before_the_ledger_was_looked_at_again(double stood, double moved)
    {
        var time = new StandingTime();
        await using var house = await SnapshotHouse.BuildAsync(time: time);
        Assert.False(house.Snapshot.IsBehind);
        (time.Gone, time.Moved) = (TimeSpan.FromSeconds(stood), TimeSpan.FromSeconds(moved));
        Assert.True(house.Snapshot.IsBehind);
        Assert.Null(house.Snapshot.Advise(SnapshotHouse.Asked(Noon), house.House.Tags(Ann)));
        await house.Follower.LookAsync(CancellationToken.None);
        Assert.NotNull(Advised(house, Ann));
    }

    [Fact]
    public async Task The_file_is_taken_up_and_what_came_since_is_caught_up_with()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await house.House.SaysAsync(Ann);
        await house.SettleAsync();
        await house.Follower.WriteAsync(CancellationToken.None);
        Assert.Equal(0, house.Snapshot.Newer);
        house.LetOthersWrite(true);
        await house.House.WithdrawAsync(Bea);
        await house.ReopenAsync();
        Assert.False(house.Snapshot.IsVoid);
        // Before the ledger is looked at the store is asked.
        Assert.Null(Advised(house, Ann));
        await house.Follower.LookAsync(CancellationToken.None);
        Assert.Single(Advised(house, Ann)!.Consents!);
        Assert.Null(Advised(house, Bea));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(house.File));
        house.Snapshot.File!.Close();
        Assert.Empty(await Traces.OfAsync(Path.GetDirectoryName(house.File)!, Ann[1..], "acme.example"));
    }

    [Fact]
    public async Task A_file_with_one_byte_changed_anywhere_is_thrown_away()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await house.House.SaysAsync(Ann);
        await house.House.WithdrawAsync(Bea);
        await house.SettleAsync();
        await house.Follower.WriteAsync(CancellationToken.None);
        house.Snapshot.File!.Close();
        var good = await File.ReadAllBytesAsync(house.File, TestContext.Current.CancellationToken);
        var random = new Random(1);
        for (var round = 0; round < 40; round++)
        {
            var bad = good.ToArray();
            bad[round switch { 0 => 0, 1 => bad.Length - 1, 2 => 16, _ => random.Next(bad.Length) }] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(house.File, bad, TestContext.Current.CancellationToken);
            await house.ReopenAsync();
            await house.Follower.LookAsync(CancellationToken.None);
            Assert.Null(Advised(house, Bea));
            Assert.True(house.Snapshot.IsVoid);
        }

        foreach (var length in (int[])[0, 100, good.Length / 2, good.Length - 1])
        {
            await File.WriteAllBytesAsync(house.File, good[..length], TestContext.Current.CancellationToken);
            await house.ReopenAsync();
            Assert.True(house.Snapshot.IsVoid);
        }

        await house.SettleAsync();
        Assert.NotEmpty(Advised(house, Bea)!.Suppressions!);
    }

    [Fact]
    public async Task A_file_of_another_installation_or_ahead_of_the_ledger_is_thrown_away()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await using var foreign = await SnapshotHouse.BuildAsync();
        foreign.Snapshot.File!.Close();
        house.Snapshot.File!.Close();
        File.Copy(foreign.File, house.File, overwrite: true);
        await house.ReopenAsync();
        Assert.True(house.Snapshot.IsVoid);
        Assert.False(File.Exists(house.File));

        // An older state of the ledger is put back, and grows another history.
        await house.SettleAsync();
        await house.House.CloseAsync();
        house.House.CopyData("before");
        await house.House.ReopenAsync();
        await house.House.WithdrawAsync(Ann);
        var snapshots = new Snapshots(house.House.Installation);
        var follower = await snapshots.FollowAsync(house.House.Ledger, CancellationToken.None);
        await follower.LookAsync(CancellationToken.None);
        while (await follower.RefreshAsync(CancellationToken.None))
        {
        }

        await follower.WriteAsync(CancellationToken.None);
        var ahead = await File.ReadAllBytesAsync(house.File, TestContext.Current.CancellationToken);
        await house.House.CloseAsync();
        house.House.PutBack("before", withKeys: false);
        await File.WriteAllBytesAsync(house.File, ahead, TestContext.Current.CancellationToken);
        await house.House.ReopenAsync();
        snapshots = new Snapshots(house.House.Installation);
        await snapshots.FollowAsync(house.House.Ledger, CancellationToken.None);
        Assert.True(snapshots.Of(house.House.Ledger)!.IsVoid);
    }

    [Fact]
    public async Task Of_an_erased_person_the_file_holds_nothing_when_the_erasure_is_acknowledged()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await house.House.SaysAsync(Ann);
        await house.House.SaysAsync(Bea);
        await house.SettleAsync();
        await house.Follower.WriteAsync(CancellationToken.None);
        var found = (await house.House.FindAsync(Ann))!;
        var tags = house.House.Tags(Ann);
        Assert.True(Holds(await CopyAsync(house), tags.Lookup[..16]) && Holds(await CopyAsync(house), found.Person.Sid.ToArray()));
        await house.House.EraseAsync(found.Person.Sid);
        var after = await CopyAsync(house);
        Assert.False(Holds(after, tags.Lookup[..16]) || Holds(after, found.Person.Sid.ToArray()) || Holds(after, tags.Suppress[^1][..16]) || Holds(after, found.Person.Points.First().Key.ToArray()));
        // Everybody else is found as before, and the number stays blocked.
        await house.SettleAsync();
        Assert.Single(Advised(house, Bea)!.Consents!);
        Assert.NotEmpty(Advised(house, Ann)!.Suppressions!);
        await house.Follower.WriteAsync(CancellationToken.None);
        await house.ReopenAsync();
        await house.SettleAsync();
        Assert.Single(Advised(house, Bea)!.Consents!);
        Assert.NotEmpty(Advised(house, Ann)!.Suppressions!);
        Assert.False(Holds(await CopyAsync(house), found.Person.Sid.ToArray()));
    }

    [Fact]
    public async Task An_erasure_while_nobody_serves_takes_the_file_away()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await house.House.SaysAsync(Ann);
        await house.SettleAsync();
        await house.Follower.WriteAsync(CancellationToken.None);
        house.Snapshot.File!.Close();
        var sid = (await house.House.FindAsync(Ann))!.Person.Sid;
        house.House.Installation.Snapshots = null;
        house.LetOthersWrite(true);
        await house.House.EraseAsync(sid);
        Assert.False(File.Exists(house.File));
    }

    [Fact]
    public async Task While_the_keys_of_suppressions_change_the_store_is_asked()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await house.House.WithdrawAsync(Ann);
        await house.SettleAsync();
        await house.House.Installation.SuppressionKeys.AddAsync(CancellationToken.None);
        Assert.Null(Advised(house, Ann));
        await house.Follower.LookAsync(CancellationToken.None);
        await Assert.ThrowsAsync<Server.Storage.StoreException>(() => house.Follower.BuildAsync(CancellationToken.None));
        Assert.Null(Advised(house, Ann));
        await SuppressionRotation.RunAsync(house.House.Installation, House.Staff, CancellationToken.None);
        await house.SettleAsync();
        Assert.NotEmpty(Advised(house, Ann)!.Suppressions!);
    }

    private static Situation? Advised(SnapshotHouse house, string point) => house.Snapshot.Advise(SnapshotHouse.Asked(Noon), house.House.Tags(point))!.Value.Situation;

    // The file is locked while it is open.
    private static async Task<byte[]> CopyAsync(SnapshotHouse house)
    {
        var copy = Path.Combine(house.House.Folder, "copy");
        using (var cp = System.Diagnostics.Process.Start("cp", [house.File, copy]))
            await cp.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await File.ReadAllBytesAsync(copy, TestContext.Current.CancellationToken);
    }

    private static bool Holds(byte[] file, byte[] name) => file.AsSpan().IndexOf(name) >= 0;
}
