using System.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Suppression;

public sealed class WithdrawalSpoolTests
{
    private const string Ann = "+442079460018";
    private const string Home = "+442079460019";

    private static SpooledWithdrawal No(string id = "a1b2c3d4e5f60718a1b2c3d4e5f60718") => new(id, null, Ann, (int)ChannelSet.Sms, ["offers"], "link", "ada", 1_770_000_000_000_000);

    [Fact]
    public async Task What_was_kept_while_the_store_was_away_is_applied_before_anything_else_and_once()
    {
        await using var house = await House.BuildAsync();
        await house.Installation.DisposeAsync();
        var options = House.In(house.Folder);
        Installation.Spool(options, No());
        Assert.False(WithdrawalSpool.IsEmpty(options.Data));
        var before = await File.ReadAllBytesAsync(WithdrawalSpool.FileIn(options.Data), TestContext.Current.CancellationToken);

        await using (var again = await Installation.OpenAsync(options, TimeProvider.System, CancellationToken.None))
        {
            Assert.True(WithdrawalSpool.IsEmpty(options.Data));
            Assert.Equal(house.Founded + 1, (await again.Store.HeadAsync(1, CancellationToken.None)).Size);
        }

        // Stopped after it was applied and before the file was emptied, it is applied again and says nothing new.
        await File.WriteAllBytesAsync(WithdrawalSpool.FileIn(options.Data), before, TestContext.Current.CancellationToken);
        await using var third = await Installation.OpenAsync(options, TimeProvider.System, CancellationToken.None);
        Assert.Equal(house.Founded + 1, (await third.Store.HeadAsync(1, CancellationToken.None)).Size);
    }

    [Theory]
    [InlineData(SuppressedBy.Person, SuppressionKind.Restriction)]
    [InlineData(SuppressedBy.Person, SuppressionKind.Objection)]
    [InlineData(SuppressedBy.Complaint, SuppressionKind.Suppression)]
    public async Task It_comes_back_as_it_was_said_and_of_everything_for_every_number_of_the_person(SuppressedBy by, SuppressionKind kind)
    {
        await using var house = await House.BuildAsync();
        var one = Sid((await house.SaysAsync(Ann)).Sid);
        var other = Sid((await house.SaysAsync(Home)).Sid);
        _ = await house.DoAsync(new MergeCommand(House.Staff, one, other));
        Installation.Spool(house.Installation.Options, No() with { Channels = (int)ChannelSet.All, Purposes = null, Said = (short)by, Kind = (short)kind });
        Assert.Equal(1, await house.Installation.ApplySpoolAsync(CancellationToken.None));
        Assert.Equal((by, kind), Only(await house.SuppressionsAsync(Ann)));
        Assert.Equal((by, kind), Only(await house.SuppressionsAsync(Home)));

        static OpaqueId Sid(string? text) => OpaqueId.TryParse(text, out var sid) ? sid : throw new InvalidOperationException("No person.");

        static (SuppressedBy, SuppressionKind) Only(IReadOnlyList<SuppressionRow> rows) => ((SuppressedBy)Assert.Single(rows).By, (SuppressionKind)rows[0].Kind);
    }

    [Fact]
    public async Task Nothing_personal_stands_in_the_file()
    {
        await using var house = await House.BuildAsync();
        var options = House.In(house.Folder);
        Installation.Spool(options, No());
        var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(WithdrawalSpool.FileIn(options.Data), TestContext.Current.CancellationToken));
        Assert.DoesNotContain("2079460018", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Ann))[..12], text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_cut_at_any_byte_was_never_said_to_be_kept_and_the_next_one_is_whole()
    {
        await using var house = await House.BuildAsync();
        var options = House.In(house.Folder);
        var path = WithdrawalSpool.FileIn(options.Data);
        Installation.Spool(options, No());
        var first = new FileInfo(path).Length;
        Installation.Spool(options, No("ffffffffffffffffffffffffffffffff"));
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        using var keys = KeyProvider.Open(KeysFolder.For(options.Keys, options.Data, static _ => null), static _ => null);
        var spool = new WithdrawalSpool(path, keys);
        for (var length = first; length < whole.Length; length += 7)
        {
            await File.WriteAllBytesAsync(path, whole[..(int)length], TestContext.Current.CancellationToken);
            Assert.InRange(spool.ReadAll().Count, 1, 2);
            spool.Keep(No("00000000000000000000000000000000"));
            Assert.Equal("00000000000000000000000000000000", spool.ReadAll()[^1].Id);
        }
    }

    [Fact]
    public async Task A_line_that_was_altered_closes_the_house()
    {
        await using var house = await House.BuildAsync();
        await house.Installation.DisposeAsync();
        var options = House.In(house.Folder);
        var path = WithdrawalSpool.FileIn(options.Data);
        Installation.Spool(options, No());
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[^20] = bytes[^20] == 'A' ? (byte)'B' : (byte)'A';
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        Assert.Equal("damaged", (await Assert.ThrowsAsync<KeysException>(() => Installation.OpenAsync(options, TimeProvider.System, CancellationToken.None))).Code);
    }
}
