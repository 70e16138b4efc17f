using Microsoft.Data.Sqlite;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

public sealed class RebuildTests
{
    [Theory]
    [InlineData(1_000_000)]
    // In files, a part for every few records.
    [InlineData(7)]
    public async Task Made_anew_from_the_records_the_state_is_the_one_that_grew(int recordsAtOnce)
    {
        await using var house = await House.BuildAsync();
        await LiveAsync(house);
        var (before, after) = await Rebuild.RunAsync(house.Installation.Store, house.Ledger.Ledger, recordsAtOnce, null, CancellationToken.None);
        Assert.Equal(before, after);
        Assert.Equal(after, await StateDigest.OfAsync(house.Installation.Store, house.Ledger.Ledger, CancellationToken.None));
        Assert.Equal(after, await Rebuild.DigestAsync(house.Installation.Store, house.Ledger.Ledger, CancellationToken.None));
        Assert.Equal(PersonStatus.Held, (await house.FindAsync(NumberOf(3)))!.Person.Status);
    }

    [Theory]
    [InlineData("update subject set status = 0 where status = 2")]
    [InlineData("update subject set residence = 'FR' where sid = (select min(sid) from subject)")]
    [InlineData("update subject set first_at = first_at - 1 where sid = (select max(sid) from subject)")]
    [InlineData("update subject set merged_into = null")]
    [InlineData("delete from subject where sid = (select max(sid) from subject)")]
    [InlineData("delete from subject_record where seq = (select max(seq) from subject_record)")]
    [InlineData("insert into subject_record select ledger, sid, 0, 0 from subject limit 1")]
    [InlineData("update subject_record set idle = 1 where seq = (select max(seq) from subject_record)")]
    [InlineData("insert into consent_state select ledger, sid, zeroblob(16), 2, 'offers', 1, 1, 0, null from subject limit 1")]
    public async Task A_projection_that_was_touched_has_another_digest_and_is_as_it_was_afterwards(string touch)
    {
        await using var house = await House.BuildAsync();
        await LiveAsync(house);
        var right = await StateDigest.OfAsync(house.Installation.Store, house.Ledger.Ledger, CancellationToken.None);
        await house.Installation.DisposeAsync();
        Run(house, touch);
        await using var again = await Installation.OpenAsync(House.In(house.Folder), TimeProvider.System, CancellationToken.None);
        var (before, after) = await Rebuild.RunAsync(again.Store, house.Ledger.Ledger, null, CancellationToken.None);
        Assert.NotEqual(right, before);
        Assert.Equal(right, after);
        Assert.Equal(right, await StateDigest.OfAsync(again.Store, house.Ledger.Ledger, CancellationToken.None));
    }

    [Fact]
    public async Task A_record_that_is_not_what_its_hash_says_stops_it_and_nothing_is_changed()
    {
        await using var house = await House.BuildAsync();
        await LiveAsync(house);
        await house.Installation.DisposeAsync();
        Run(house, "drop trigger ledger_record_no_update; update ledger_record set body = cast(replace(cast(body as text), 'offers', 'offera') as blob) where seq = (select min(seq) from ledger_record where instr(cast(body as text), 'offers') > 0);"
            + "create trigger ledger_record_no_update before update on ledger_record begin select raise(abort, 'ledger_record is append-only'); end;");
        await using var again = await Installation.OpenAsync(House.In(house.Folder), TimeProvider.System, CancellationToken.None);
        var before = await StateDigest.OfAsync(again.Store, house.Ledger.Ledger, CancellationToken.None);
        var fault = await Assert.ThrowsAsync<StoreException>(() => Rebuild.RunAsync(again.Store, house.Ledger.Ledger, null, CancellationToken.None));
        Assert.Equal(StoreFault.Damaged, fault.Fault);
        Assert.Equal(before, await StateDigest.OfAsync(again.Store, house.Ledger.Ledger, CancellationToken.None));
    }

    [Fact]
    public async Task What_one_of_two_merged_people_does_shows_in_the_other_at_once()
    {
        await using var house = await House.BuildAsync();
        var one = OpaqueId.TryParse((await house.SaysAsync(NumberOf(1))).Sid, out var sid) ? sid : default;
        var two = OpaqueId.TryParse((await house.SaysAsync(NumberOf(2))).Sid, out sid) ? sid : default;
        await house.DoAsync(new MergeCommand(House.Staff, one, two));
        // About the one that was merged alone, without the other being asked for.
        await house.DoAsync(new AloneCommand(two, RecordType.ProcessingHeld));
        var (before, after) = await Rebuild.RunAsync(house.Installation.Store, house.Ledger.Ledger, null, CancellationToken.None);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task What_is_permitted_and_decided_about_somebody_writes_no_row_of_how_they_stand_and_leaves_each_as_the_records_make_it()
    {
        await using var house = await House.BuildAsync();
        var one = OpaqueId.TryParse((await house.SaysAsync(NumberOf(1))).Sid, out var sid) ? sid : default;
        var two = OpaqueId.TryParse((await house.SaysAsync(NumberOf(2))).Sid, out sid) ? sid : default;
        // A yes that was none: nothing is said of since when.
        var slip = await house.SaysAsync(NumberOf(2), purposes: "research");
        await house.SaysAsync(NumberOf(2), RecordType.ConsentCorrected, RecordState.Invalidated, purposes: "research", about: slip.Seq);
        await house.DoAsync(new MergeCommand(House.Staff, one, two));
        var written = new List<LedgerWrites>();
        house.Writer.Committed = (_, writes, _) => written.Add(writes);
        await house.DoAsync(new AloneCommand(two, RecordType.PermitIssued, RecordType.PermitRedeemed));
        await house.DoAsync(new AloneCommand(one, RecordType.DecisionDenied));
        Assert.Equal([2, 1], written.Select(static writes => writes.SubjectRecords.Count(static row => row.Idle)));
        Assert.All(written, static writes => Assert.True(writes is { Subjects.Count: 0, Consents.Count: 0, ConsentsGoneOf.Count: 0 }));
        await SameAsync();

        // What tells beside what does not, of who was merged alone: both are written anew.
        await house.DoAsync(new AloneCommand(two, RecordType.PermitIssued, RecordType.ProcessingHeld));
        Assert.Equal(2, written[^1].ConsentsGoneOf.Count);
        Assert.Contains(written[^1].Consents, row => row.Sid.AsSpan().SequenceEqual(one.ToArray()) && row.State == (short)ConsentStanding.Invalidated);
        await SameAsync();

        async Task SameAsync()
        {
            var (before, after) = await Rebuild.RunAsync(house.Installation.Store, house.Ledger.Ledger, null, CancellationToken.None);
            Assert.Equal(before, after);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_store_from_before_idle_records_were_told_apart_each_is_marked_when_it_is_brought_forward(bool postgres)
    {
        await using StoreHome home = postgres ? await PostgresHome.MakeAsync() : new SqliteHome();
        await using var house = await House.BuildAsync(store: home.Options);
        RecordType[] idle = [.. Enum.GetValues<RecordType>().Where(Permits.IsIdle)];
        for (var i = 0; i < 3; i++)
        {
            var sid = OpaqueId.TryParse((await house.SaysAsync(NumberOf(i))).Sid, out var id) ? id : default;
            await house.DoAsync(new AloneCommand(sid, [.. idle, RecordType.ProcessingHeld, RecordType.ProcessingReleased]));
        }

        var right = await StateDigest.OfAsync(house.Installation.Store, house.Ledger.Ledger, CancellationToken.None);
        await house.CloseAsync();
        Assert.Equal(3L * idle.Length, await home.AskAsync("select count(*) from subject_record where idle = 1"));
        await home.RunAsync("alter table subject_record drop column idle");
        await home.RunAsync(Migrations.Of(postgres ? "Postgres" : "Sqlite").Single(static step => step.Number == 7).Sql);
        await house.ReopenAsync(House.In(house.Folder) with { Store = home.Options });
        Assert.Equal(right, await StateDigest.OfAsync(house.Installation.Store, house.Ledger.Ledger, CancellationToken.None));
        Assert.Equal(right, await Rebuild.DigestAsync(house.Installation.Store, house.Ledger.Ledger, CancellationToken.None));
    }

    private sealed class AloneCommand(OpaqueId sid, params RecordType[] types) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted) => wanted.Subjects.Add(sid.ToArray());

        public override byte[] Run(LedgerTurn turn)
        {
            var written = types.ToList().ConvertAll(type => turn.Append(RecordDraft.Of(type, House.Staff, record => record with
            {
                Subject = new Subject(sid),
                Detail = LeafValue.Map.Of(("reason", "other")),
            })));
            return new CommandAnswer(written[^1].Seq, null).ToBytes();
        }
    }

    private static string NumberOf(int i) => $"+44207946{i:0000}";

    private static async Task LiveAsync(House house)
    {
        var sids = new List<OpaqueId>();
        for (var i = 0; i < 40; i++)
            sids.Add(OpaqueId.TryParse((await house.SaysAsync(NumberOf(i))).Sid, out var sid) ? sid : default);
        for (var i = 0; i < 40; i += 4)
            await house.WithdrawAsync(NumberOf(i), i % 8 == 0 ? null : "sms");
        await house.DoAsync(new MergeCommand(House.Staff, sids[1], sids[2]));
        await house.DoAsync(new MergeCommand(House.Staff, sids[5], sids[1]));
        await house.DoAsync(new MergeCommand(House.Staff, sids[9], sids[10]));
        await house.DoAsync(new UnmergeCommand(House.Staff, sids[9], sids[10]));
        await house.DoAsync(new HoldCommand(House.Staff, sids[3], "accuracy"));
        await house.EraseAsync(sids[7]);
        await house.EraseAsync(sids[5]);
    }

    private static void Run(House house, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(house.Folder, "data", StoreOptions.FileName), Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // statements of these tests
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
