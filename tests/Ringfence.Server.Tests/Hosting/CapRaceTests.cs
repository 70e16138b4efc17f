using System.Collections.Concurrent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>Many issuers, few numbers, all at once: no cap is exceeded; and an issuer that counts first and writes then, which is the mistake to be made here, is found out by the same race.</summary>
public abstract class CapRaceContract : IAsyncLifetime
{
    private const int Issuers = 32;
    private const int Rounds = 100;
    private const int HotNumbers = 3;

    // What the words promise.
    private const int Most = 4;

    private PermitHouse house = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        house = await PermitHouse.BuildAsync(await StoreAsync());
        // So that all of them know the rules.
        await house.House.DoAsync(new KeepRulesCommand(House.Staff, Ringfence.Rules.RulebookArchive.Of(Ringfence.Rules.Rulebook.Shipped)));
    }

    public virtual async ValueTask DisposeAsync()
    {
        await (house?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<StoreOptions?> StoreAsync();

    private static Situation Asked { get; } =
        AskedFile.Read(new ContactQuestion(NodaTime.Instant.FromUtc(2027, 6, 9, 10, 0), "acme", Channel.Sms, "offers"), "facts", PermitHouse.Facts());

    // Every issuer wants one permit for each number of the round, in an order of its own.
    private async Task<int[]> RaceAsync<TFacts>(int rounds, Func<PointTags, Task<TFacts>> factsOf, Func<PointTags, TFacts, LedgerCommand> commandOf, Func<string[], Task>? begin = null)
    {
        var writer = await house.House.Installation.WriterAsync(house.House.Ledger, Cancel);
        var issued = new ConcurrentDictionary<string, int>();
        for (var round = 0; round < rounds; round++)
        {
            var numbers = Enumerable.Range(0, HotNumbers).Select(i => $"+44740012{(round * HotNumbers) + i:0000}").ToArray();
            await Task.WhenAll(numbers.Select(number => house.YesAsync(number, House.Offers)));
            await (begin?.Invoke(numbers) ?? Task.CompletedTask);
            await Task.WhenAll(Enumerable.Range(0, Issuers).Select(issuer => Task.Run(async () =>
            {
                for (var i = 0; i < HotNumbers; i++)
                {
                    var number = numbers[(issuer + i) % HotNumbers];
                    var tags = house.House.Tags(number);
                    var facts = await factsOf(tags);
                    if (CommandAnswer.Read(await writer.DoAsync(commandOf(tags, facts), Cancel)).Permit is not null)
                        issued.AddOrUpdate(number, 1, static (_, count) => count + 1);
                }
            }, Cancel)));
        }

        return [.. issued.Values];
    }

    private static Ringfence.Server.Rules.GateInForce By { get; } = new(ContactGate.Shipped, Ringfence.Rules.RulebookArchive.Of(Ringfence.Rules.Rulebook.Shipped), [], 0, null);

    private Task<LedgerFacts> ReadAsync(PointTags tags) => LedgerFacts.ReadAsync(house.House.Installation, house.House.Ledger, tags, Cancel);

    [Fact]
    public async Task No_cap_is_exceeded_in_a_hundred_rounds() =>
        await JudgedAsync(await RaceAsync(Rounds, ReadAsync, (_, facts) => new IssuePermitCommand(House.Staff, By, Asked, facts)));

    [Fact]
    public async Task Nor_by_issuers_who_know_everybody_by_heart()
    {
        var follower = await new Snapshots(house.House.Installation).FollowAsync(house.House.Ledger, Cancel);
        await follower.BuildAsync(Cancel);
        var (snapshot, known) = (house.House.Installation.Snapshots!.Of(house.House.Ledger)!, new Dictionary<ContactPoint, SnapshotFacts>());
        await JudgedAsync(await RaceAsync(Rounds, tags => Task.FromResult(known[tags.Point]), (_, facts) => new IssuePermitCommand(House.Staff, By, Asked, facts), async numbers =>
        {
            await follower.LookAsync(Cancel);
            while (await follower.RefreshAsync(Cancel))
            {
            }

            foreach (var tags in numbers.Select(house.House.Tags))
                known[tags.Point] = Assert.IsType<SnapshotFacts>(snapshot.FactsOf(tags));
        }));
    }

    private async Task JudgedAsync(int[] issued)
    {
        Assert.Equal(Enumerable.Repeat(Most, Rounds * HotNumbers), issued);
        // The store says so too, and so do the records.
        var permits = await house.House.Installation.Store.PermitsAsync(house.House.Ledger.Ledger, Cancel).ToListAsync(Cancel);
        Assert.All(permits.GroupBy(static row => Convert.ToHexString(row.Tag)), static one => Assert.Equal(Most, one.Count()));
        var records = (await house.House.RecordsAsync()).Where(static record => record.Type == RecordType.PermitIssued).ToList();
        Assert.Equal(permits.Count, records.Count);
        // Each was judged by everything that was written before it, and by nothing less.
        Assert.All(records, static record => Assert.Equal(record.Seq, record.Decision!["as_of"]!.AsNumber));
        var findings = await new Fsck(house.House.Installation, house.House.Ledger, full: true).RunAsync(Cancel);
        Assert.DoesNotContain(findings.All, static finding => finding.Code is not ("no-outside-anchor" or "checkpoint-unkept"));
    }

    [Fact]
    public async Task An_issuer_that_counts_first_and_writes_then_is_found_out_by_it()
    {
        var gate = ContactGate.Shipped;
        var issued = await RaceAsync(3, ReadAsync, (tags, facts) => new CountThenInsert(gate.Decide(facts.AdviseAsync(house.House.Installation, house.House.Ledger, Asked with { At = NodaTime.Instant.FromDateTimeOffset(house.Time.GetUtcNow()) }, Cancel).GetAwaiter().GetResult()) is Verdict.Allowed, tags, facts));
        Assert.Contains(issued, static count => count > Most);
    }

    /// <summary>The mistake: judged beside the serial order, written in it.</summary>
    private sealed class CountThenInsert(bool isAllowed, PointTags tags, LedgerFacts facts) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted) => facts.Ask(wanted);

        public override byte[] Run(LedgerTurn turn)
        {
            var sid = new OpaqueId(turn.Lookup(tags.Lookup)!.Sid);
            var record = turn.Append(RecordDraft.Of(isAllowed ? RecordType.PermitIssued : RecordType.DecisionDenied, House.Staff, draft => draft with { Subject = new Subject(sid) }));
            if (!isAllowed)
                return new CommandAnswer(record.Seq, null).ToBytes();
            var (id, now) = (Fresh.Id(), Micros.Of(turn.Now));
            turn.Put(new PermitRow(
                id.ToArray(), tags.Lookup, turn.TagOf(tags), turn.SuppressionChain, sid.ToArray(), (short)Channel.Sms, "offers", null, null, null, record.Seq, now,
                now + 60_000_000, null, null, null, null, null));
            return new CommandAnswer(record.Seq, null, Permit: id.ToString()).ToBytes();
        }
    }
}

public sealed class SqliteCapRaceTests : CapRaceContract
{
    protected override ValueTask<StoreOptions?> StoreAsync() => ValueTask.FromResult<StoreOptions?>(null);
}

public sealed class PostgresCapRaceTests : CapRaceContract
{
    private PostgresHome? home;

    protected override async ValueTask<StoreOptions?> StoreAsync() => (home = await PostgresHome.MakeAsync()).Options;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (home?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
