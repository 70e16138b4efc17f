using System.Security.Cryptography;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Suppression;

public sealed class SuppressionSnapshotTests
{
    private const string Ann = "+442079460018";
    private const string Bea = "+442079460019";
    private const string Cat = "+442079460020";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_snapshot_holds_count_and_root_and_marks_what_it_covers()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        await house.WithdrawAsync(Bea, "sms", "offers");
        var (seq, count) = await TakeAsync(house);
        Assert.Equal(2, count);
        var record = (await house.RecordsAsync())[(int)seq];
        var rows = await RowsAsync(house);
        Assert.All(rows, row => Assert.Equal(seq, row.Snapshot));
        Assert.Equal((2L, seq), (record.Detail!["count"]!.AsNumber, record.Detail["size"]!.AsNumber));
        Assert.Equal(RootByHand(rows), record.Detail["root"]!.AsText);

        await house.WithdrawAsync(Cat);
        var (second, all) = await TakeAsync(house);
        Assert.Equal(3, all);
        // A row keeps the first snapshot that covers it.
        Assert.Equal([seq, seq, second], (await RowsAsync(house)).Select(static row => row.Snapshot!.Value).Order());
        Assert.Empty(await AuditAsync(house));
    }

    [Fact]
    public async Task What_was_lifted_stays_until_the_next_snapshot_and_no_longer()
    {
        await using var house = await House.BuildAsync();
        var no = await house.WithdrawAsync(Ann);
        await house.WithdrawAsync(Bea);
        await TakeAsync(house);
        await house.DoAsync(LiftCommand.AsError(House.Staff, house.Tags(Ann), no.Seq, "eve", """{"reason":"slip"}"""u8.ToArray()));
        Assert.Equal(2, (await RowsAsync(house)).Count);
        Assert.Empty(await AuditAsync(house));
        await TakeAsync(house);
        Assert.Single(await RowsAsync(house));
        Assert.Empty(await AuditAsync(house));
    }

    [Fact]
    public async Task After_an_erasure_the_snapshot_before_still_fits_and_the_number_is_tied_to_no_record()
    {
        await using var house = await House.BuildAsync();
        var yes = await house.SaysAsync(Ann);
        await house.WithdrawAsync(Ann);
        await house.WithdrawAsync(Bea);
        await TakeAsync(house);
        await new Erasure(house.Installation, house.Ledger, House.Staff).RunAsync(Sid(yes), "request", Cancel);

        // What was said, again and untied; that of the erasure; what stays of the row for the snapshot; and Bea's.
        var rows = await RowsAsync(house);
        Assert.Equal(4, rows.Count);
        Assert.Empty(await AuditAsync(house));
        var blocking = await house.SuppressionsAsync(Ann);
        Assert.Equal(2, blocking.Count);
        Assert.All(blocking, static row => Assert.Null(row.Seq));
        Assert.All(blocking, static row => Assert.Equal(0, row.Since % (24L * 3600 * 1_000_000)));
        // Neither by its tag nor by its salt does the number lead to the record that closed it.
        var commitments = (await house.RecordsAsync()).Select(static record => record.Commits?.Tag).OfType<Digest>().ToList();
        Assert.All(blocking, row => Assert.DoesNotContain(Commitment.Of(row.Salt, row.Tag), commitments));
        Assert.False(Assert.Single(rows, SuppressionLeaf.IsUntied).Tag.AsSpan().SequenceEqual(blocking[0].Tag));

        await TakeAsync(house);
        Assert.Equal(3, (await RowsAsync(house)).Count);
        Assert.Empty(await AuditAsync(house));
        Assert.Equal(2, (await house.SuppressionsAsync(Ann)).Count);
    }

    [Fact]
    public async Task An_erasure_before_any_snapshot_leaves_nothing_that_could_go_unseen()
    {
        await using var house = await House.BuildAsync();
        var yes = await house.SaysAsync(Ann);
        await house.WithdrawAsync(Ann);
        await new Erasure(house.Installation, house.Ledger, House.Staff).RunAsync(Sid(yes), "request", Cancel);
        Assert.Empty(await AuditAsync(house));
        await AfterAsync(house, "delete from suppression where salt <> zeroblob(32)");
        Assert.Contains(await AuditAsync(house), static finding => finding.Fault == SuppressionFault.KeptDiffers);
    }

    [Theory]
    [InlineData("delete from suppression where tag = (select min(tag) from suppression)", SuppressionFault.SnapshotDiffers)]
    [InlineData("update suppression set channels = 1", SuppressionFault.SnapshotDiffers)]
    [InlineData("update suppression set lifted_seq = 5 where seq is not null", SuppressionFault.LiftDiffers)]
    [InlineData("update suppression set snapshot = null", SuppressionFault.SnapshotDiffers)]
    [InlineData("update suppression set purposes = 'research'", SuppressionFault.Differs)]
    public async Task A_suppression_that_goes_missing_or_is_changed_shows_and_no_new_snapshot_covers_it_up(string sql, object fault)
    {
        await using var house = await House.BuildAsync();
        foreach (var number in new[] { Ann, Bea, Cat })
            await house.WithdrawAsync(number);
        await TakeAsync(house);
        Assert.Empty(await AuditAsync(house));
        await AfterAsync(house, sql);
        Assert.Contains(await AuditAsync(house), finding => finding.Fault == (SuppressionFault)fault);
        Assert.Equal("suppressions-differ", (await Assert.ThrowsAsync<CommandRefusedException>(() => TakeAsync(house))).Code);
    }

    [Fact]
    public async Task One_that_no_snapshot_covers_yet_is_told_by_its_record()
    {
        await using var house = await House.BuildAsync();
        var first = await house.WithdrawAsync(Ann);
        await AfterAsync(house, "delete from suppression");
        Assert.Equal([new SuppressionFinding(SuppressionFault.Missing, first.Seq)], await AuditAsync(house));
    }

    [Fact]
    public async Task One_that_is_slipped_in_shows()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        await TakeAsync(house);
        await AfterAsync(house, """
            insert into suppression select ledger, randomblob(16), randomblob(32), chain, randomblob(32), channels, purposes, null, since, said_by, kind, null, null from suppression
            """);
        Assert.Contains(await AuditAsync(house), static finding => finding.Fault == SuppressionFault.KeptDiffers);
    }

    [Fact]
    public async Task A_snapshot_among_people_who_say_no_is_right_all_the_same()
    {
        await using var house = await House.BuildAsync();
        var saying = Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
                await house.WithdrawAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"+4420794600{i % 90 + 10}"), null, $"p{i / 90}");
        }, Cancel);
        for (var i = 0; i < 10; i++)
        {
            await TakeAsync(house);
            await Task.Delay(20, Cancel);
        }

        await saying;
        Assert.Empty(await AuditAsync(house));
        await TakeAsync(house);
        Assert.Empty(await AuditAsync(house));
    }

    private static OpaqueId Sid(CommandAnswer answer) => OpaqueId.TryParse(answer.Sid, out var sid) ? sid : throw new InvalidOperationException();

    private static Task<(long Seq, long Count)> TakeAsync(House house) => SuppressionSnapshot.TakeAsync(house.Installation, house.Ledger, House.Staff, Cancel);

    private static async Task<List<SuppressionRow>> RowsAsync(House house) => await house.Installation.Store.SuppressionsAsync(house.Ledger.Ledger, Cancel).ToListAsync(Cancel);

    private static async Task<IReadOnlyList<SuppressionFinding>> AuditAsync(House house)
    {
        var audit = new SuppressionAudit();
        foreach (var record in await house.RecordsAsync())
            audit.Add(record);
        await foreach (var some in SuppressionSnapshot.WithRecordsAsync(house.Installation.Store, house.Ledger.Ledger, Cancel))
        {
            foreach (var (row, record) in some)
                audit.Add(row, record);
        }

        return audit.End();
    }

    // As the page on records has it, told without the program's own tree.
    private static string RootByHand(List<SuppressionRow> rows)
    {
        var leaves = rows.Select(static row =>
        {
            using var leaf = new MemoryStream();
            leaf.Write(SHA256.HashData([.. "ringfence/commit/v1\0"u8, .. row.Salt, .. row.Tag]));
            leaf.Write(row.Id);
            foreach (var (value, bytes) in new (long, int)[] { (row.Channels, 4), (row.Since, 8), (row.By, 2), (row.Kind, 2), (row.Chain, 2) })
            {
                for (var i = bytes - 1; i >= 0; i--)
                    leaf.WriteByte((byte)(value >> (8 * i) & 0xff));
            }

            leaf.Write(System.Text.Encoding.UTF8.GetBytes(row.Purposes is null ? "" : "\n" + row.Purposes));
            return leaf.ToArray();
        }).Order(ByteArrays.Equal).Select(static leaf => SHA256.HashData([0, .. leaf])).ToList();
        Assert.Equal(2, leaves.Count);
        return Convert.ToHexStringLower(SHA256.HashData([1, .. leaves[0], .. leaves[1]]));
    }

    private static async Task AfterAsync(House house, string sql)
    {
        await house.CloseAsync();
        using (var raw = new RawStore(house.Folder))
            Assert.NotEqual(0, raw.Run(sql));
        await house.ReopenAsync();
    }
}
