using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

public sealed class NotaryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ledger_tells_of_its_keys_from_the_first()
    {
        await using var house = await House.BuildAsync();
        var records = await house.RecordsAsync();
        Assert.Equal([RecordType.LedgerGenesis, RecordType.DocPublished, RecordType.LedgerKeyAdded, RecordType.LedgerKeyAdded], records.Select(static record => record.Type));
        var state = (await house.Installation.Signer.StateAsync(house.Ledger.Origin, Cancel))!;
        Assert.Equal(state.Keys.Select(static key => key.Digest.ToString()), records.Skip(2).Select(static record => record.Detail!["key"]!.AsText));
    }

    [Fact]
    public async Task What_is_committed_is_signed_and_signed_once()
    {
        await using var house = await House.BuildAsync();
        var notary = house.Installation.NotaryOf(house.Ledger);
        await house.SaysAsync("+442079460018");
        var signed = (await notary.CheckpointAsync(anchor: false, Cancel))!;
        Assert.True(Checkpoint.TryOpen(signed.Note, house.Ledger.Origin, await notary.KeysAsync(Cancel), out var checkpoint));
        Assert.Equal(await house.SizeAsync(), checkpoint.Size);
        Assert.Equal(notary.Tiles.Root(checkpoint.Size), checkpoint.Root);
        var again = (await notary.CheckpointAsync(anchor: false, Cancel))!;
        Assert.Equal(signed.Note.ToString(), again.Note.ToString());
    }

    [Fact]
    public async Task Full_tiles_are_kept_and_are_those_of_the_leaves()
    {
        await using var house = await House.BuildAsync();
        var notary = house.Installation.NotaryOf(house.Ledger);
        foreach (var many in new[] { 300, 3, 250, 2000, 512 })
        {
            await house.FillAsync(many);
            await notary.CheckpointAsync(anchor: false, Cancel);
        }

        var kept = await house.Installation.Store.TilesAsync(house.Ledger.Ledger, Cancel).ToListAsync(Cancel);
        var size = await house.SizeAsync();
        Assert.Equal(Tile.Filled(0, size).Select(static tile => (tile.Level, tile.Index)), kept.Select(static row => (row.Level, row.N)));
        Assert.All(kept, row => Assert.Equal(notary.Tiles.Make(new Tile(row.Level, row.N)).ToArray(), row.Bytes));
    }

    [Fact]
    public async Task Once_in_an_hour_it_is_carried_outside_and_the_ledger_tells_of_it()
    {
        using var authority = LocalTimestampAuthority.Start();
        var time = new MovedTime();
        await using var house = await House.BuildAsync(time, new TimestampAuthority(authority.Url, authority.Authority));
        var notary = house.Installation.NotaryOf(house.Ledger);
        await notary.CheckpointAsync(anchor: false, Cancel);
        await house.SaysAsync("+442079460018");
        await notary.CheckpointAsync(anchor: false, Cancel);
        Assert.Equal(1, authority.Asked);
        Assert.Equal(2, (await house.RecordsAsync()).Count(static record => record.Type == RecordType.LedgerAnchored));

        time.Ahead += TimeSpan.FromHours(1);
        // The authority tells another time than the clock that was moved; that is another test.
        await notary.CheckpointAsync(anchor: false, Cancel);
        Assert.Equal(2, authority.Asked);

        await notary.CheckpointAsync(anchor: true, Cancel);
        Assert.Equal(3, authority.Asked);

        var records = await house.RecordsAsync();
        var files = house.Installation.FilesOf(house.Ledger);
        var stamped = await files.StampedAsync(Cancel);
        Assert.Equal(3, stamped.Count);
        foreach (var (signed, token) in stamped)
        {
            Assert.NotNull(AnchorTimestamp.Read(token, signed.Note.Bytes.Span, authority.Authority));
            var told = records.Single(record => record.Type == RecordType.LedgerAnchored && record.Detail!["kind"]!.AsText == "rfc3161" && record.Detail["size"]!.AsNumber == signed.Size);
            Assert.Equal((TreeHash.Sha256(token), signed.Digest.ToString()), (told.Notice!.Doc, told.Detail!["digest"]!.AsText));
            var folder = new AnchorFolder(house.Installation.Anchors.Folder, house.Ledger.Origin);
            Assert.Equal(token, folder.ReadToken(signed.Size));
            Assert.Equal(signed.Note.ToString(), folder.Read(signed.Size)!.Value.Note.ToString());
        }
    }

    [Fact]
    public async Task An_authority_that_fails_is_asked_again_later_and_stops_nothing()
    {
        using var authority = LocalTimestampAuthority.Start();
        authority.Status = 500;
        var time = new MovedTime();
        await using var house = await House.BuildAsync(time, new TimestampAuthority(authority.Url, null));
        var notary = house.Installation.NotaryOf(house.Ledger);
        await notary.CheckpointAsync(anchor: false, Cancel);
        Assert.Equal("http", notary.TimestampFault);
        await house.SaysAsync("+442079460018");
        await notary.CheckpointAsync(anchor: false, Cancel);
        Assert.Equal(1, authority.Asked);
        time.Ahead += TimeSpan.FromSeconds(61);
        await notary.CheckpointAsync(anchor: false, Cancel);
        Assert.Equal(2, authority.Asked);
        // Twice as long after the second failure.
        time.Ahead += TimeSpan.FromSeconds(61);
        await notary.CheckpointAsync(anchor: false, Cancel);
        Assert.Equal(2, authority.Asked);
        authority.Status = 200;
        time.Ahead += TimeSpan.FromSeconds(61);
        await notary.CheckpointAsync(anchor: false, Cancel);
        Assert.Equal(3, authority.Asked);
        Assert.Null(notary.TimestampFault);
    }

    [Fact]
    public async Task A_clock_that_differs_from_the_authority_by_more_than_five_minutes_is_written_down_and_held_against_it()
    {
        using var authority = LocalTimestampAuthority.Start();
        var time = new MovedTime { Ahead = TimeSpan.FromMinutes(6) };
        await using var house = await House.BuildAsync(time, new TimestampAuthority(authority.Url, null));
        var notary = house.Installation.NotaryOf(house.Ledger);
        await notary.CheckpointAsync(anchor: false, Cancel);
        Assert.Equal(ClockAnomalyKind.Anchor, notary.Clock.Anomaly?.Kind);
        var told = Assert.Single(await house.RecordsAsync(), static record => record.Type == RecordType.LedgerClockAnomaly);
        Assert.Equal("anchor", told.Detail!["kind"]!.AsText);
        Assert.InRange(told.Detail["seconds"]!.AsNumber!.Value, 355, 365);
    }

    [Fact]
    public async Task An_older_copy_of_the_database_is_told_of_and_not_written_to()
    {
        await using var house = await House.BuildAsync();
        await house.SaysAsync("+442079460018");
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel);
        await house.CloseAsync();
        house.CopyData("older");
        await house.ReopenAsync();
        await house.SaysAsync("+442079460019");
        var newest = (await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel))!;
        await house.CloseAsync();
        house.PutBack("older");
        await house.ReopenAsync();

        var standing = await house.Installation.NotaryOf(house.Ledger).ExamineAsync(Cancel);
        Assert.Equal((LedgerReadiness.RolledBack, newest.Size), (standing.Readiness, standing.Known));
        Assert.Equal("rolled-back", (await Assert.ThrowsAsync<LedgerAlarmException>(() => house.Installation.WriterAsync(house.Ledger, Cancel))).Code);
    }

    [Fact]
    public async Task An_older_copy_is_told_of_by_the_files_outside_where_the_signer_was_put_back_with_it()
    {
        await using var house = await House.BuildAsync();
        await house.SaysAsync("+442079460018");
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel);
        await house.CloseAsync();
        house.CopyData("older", withKeys: true);
        await house.ReopenAsync();
        await house.SaysAsync("+442079460019");
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel);
        await house.CloseAsync();
        house.PutBack("older", withKeys: true);
        await house.ReopenAsync();
        Assert.Equal(LedgerReadiness.RolledBack, (await house.Installation.NotaryOf(house.Ledger).ExamineAsync(Cancel)).Readiness);
    }

    [Fact]
    public async Task Other_records_of_the_same_number_are_told_of()
    {
        await using var house = await House.BuildAsync();
        await house.CloseAsync();
        house.CopyData("older");
        await house.ReopenAsync();
        await house.SaysAsync("+442079460018");
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel);
        await house.CloseAsync();
        house.PutBack("older");
        // Grown anew behind the back of the signer, by somebody who has a signer of their own.
        await house.ReopenAsync(House.In(house.Folder) with
        {
            Signer = static _ => SignerInside.Open(Directory.CreateTempSubdirectory("rf-other-").FullName, adopt: true),
            Anchors = AnchorOptions.Of(Path.Combine(house.Folder, "elsewhere"), null, null, house.Folder, static _ => null),
        });
        await house.SaysAsync("+442079460018");
        await house.SaysAsync("+442079460019");
        await house.CloseAsync();
        await house.ReopenAsync();
        Assert.Equal(LedgerReadiness.Forked, (await house.Installation.NotaryOf(house.Ledger).ExamineAsync(Cancel)).Readiness);
        Assert.Equal("fork", (await Assert.ThrowsAsync<LedgerAlarmException>(() => house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel))).Code);
    }

    [Fact]
    public async Task A_running_notary_signs_what_is_written_within_a_second_and_ends_when_it_is_told()
    {
        await using var house = await House.BuildAsync();
        using var stop = new CancellationTokenSource();
        var faults = new List<string>();
        var running = house.Installation.NotaryOf(house.Ledger).RunAsync(faults.Add, stop.Token);
        await house.SaysAsync("+442079460018");
        var size = await house.SizeAsync();
        var until = DateTime.UtcNow.AddSeconds(10);
        while ((await house.Installation.FilesOf(house.Ledger).NewestAsync(Cancel))?.Size is not { } signed || signed < size)
        {
            Assert.True(DateTime.UtcNow < until, string.Join('\n', faults));
            await Task.Delay(50, Cancel);
        }

        await stop.CancelAsync();
        await running;
        Assert.Empty(faults);
    }

    [Fact]
    public async Task Without_a_signer_records_are_written_and_signed_later()
    {
        await using var house = await House.BuildAsync();
        await house.CloseAsync();
        await house.ReopenAsync(House.In(house.Folder) with { Signer = static _ => new SignerClient(new SignerPlace("/nowhere/signer.sock", "", [])) });
        Assert.Equal(LedgerReadiness.Unsure, (await house.Installation.NotaryOf(house.Ledger).ExamineAsync(Cancel)).Readiness);
        await house.SaysAsync("+442079460018");
        Assert.Equal("not-reached", (await Assert.ThrowsAsync<SignerException>(() => house.Installation.SignWrittenAsync(Cancel))).Code);
        await house.CloseAsync();
        await house.ReopenAsync();
        Assert.Equal(await house.SizeAsync(), (await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel))!.Size - 1);
    }

    [Fact]
    public async Task Nobody_outside_vouches_until_a_timestamp_was_had()
    {
        using var authority = LocalTimestampAuthority.Start();
        await using var house = await House.BuildAsync();
        var notary = house.Installation.NotaryOf(house.Ledger);
        await notary.CheckpointAsync(anchor: true, Cancel);
        Assert.True(notary.LacksOutsideAnchor());
        await house.CloseAsync();
        await house.ReopenAsync(House.In(house.Folder, new TimestampAuthority(authority.Url, null)));
        notary = house.Installation.NotaryOf(house.Ledger);
        await notary.CheckpointAsync(anchor: true, Cancel);
        Assert.False(notary.LacksOutsideAnchor());
    }
}
