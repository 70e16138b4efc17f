using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Gate;

/// <summary>A permit is judged by what this node knows by heart of somebody only where the store says, in the serial order, that nothing was written about them since.</summary>
public sealed class SnapshotFactsTests
{
    private const int Steps = 60;

    private const string Ann = "+447400123456";
    private const string AnnsOther = "ann@example.org";

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    [InlineData(24)]
    public async Task Over_any_history_they_are_what_the_records_say_or_are_refused(int seed)
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await LiveAsync(house, new Random(seed));
    }

    [Theory]
    [InlineData(31)]
    public async Task Over_any_history_on_PostgreSQL_too(int seed)
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var house = await SnapshotHouse.BuildAsync(home.Options);
        await LiveAsync(house, new Random(seed));
    }

    public static TheoryData<string> Writings => ["no", "no to the other", "permit", "held", "erased", "a number more", "merged"];

    [Theory]
    [MemberData(nameof(Writings))]
    public async Task What_is_written_in_the_same_turn_is_seen(string what)
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await house.House.ImportAsync($"name,phone,email\nAnn Smith,{Ann},{AnnsOther}\n", ContactSource.Form);
        await house.House.SaysAsync("+493023125123");
        await house.SettleAsync();
        var (ann, other) = ((await house.House.FindAsync(Ann))!.Person.Sid, (await house.House.FindAsync("+493023125123"))!.Person.Sid);
        var facts = house.Snapshot.FactsOf(house.House.Tags(Ann));
        Assert.NotNull(facts);
        var asked = SnapshotHouse.Asked(Instant.FromDateTimeUtc(DateTime.UtcNow) + Duration.FromSeconds(20));
        LedgerCommand first = what switch
        {
            "no" => Withdraw(Ann),
            "no to the other" => Withdraw(AnnsOther),
            "held" => new HoldCommand(House.Staff, ann, "accuracy"),
            "erased" => new ForgetCommand(ann),
            "merged" => new MergeCommand(House.Staff, other, ann),
            "a number more" => new LinkCommand(new LookupRow(house.House.Tags("+447400123499").Lookup, ann.ToArray(), Fresh.Id().ToArray())),
            _ => new SnapshotHistoryTests.PutPermitCommand(house.House.Tags(Ann), ann, Fresh.Id()),
        };
        var second = new SituationCommand(facts, asked);
        var both = house.House.Writer.DoAsync(new BothCommand(first, second), CancellationToken.None);
        if (what == "permit")
        {
            // A permit more is no reason to read anything anew; it counts.
            await both;
            Assert.Single(second.Situation!.History!);
            return;
        }

        // It had written, and the turn is undone as a whole.
        Assert.Equal("changed-meanwhile", (await Assert.ThrowsAnyAsync<Exception>(() => both)) switch { InvalidOperationException { InnerException: CommandRefusedException e } => e.Code, CommandRefusedException e => e.Code, var e => e.ToString() });

        LedgerCommand Withdraw(string point) =>
            new WithdrawCommand(House.Person, [house.House.Tags(point)], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "link"));
    }

    private static async Task LiveAsync(SnapshotHouse house, Random random)
    {
        var kept = new List<(string Point, SnapshotFacts Facts)>();
        var (stood, refused, byHeart) = (0, 0, 0);
        for (var step = 0; step < Steps; step++)
        {
            house.LetOthersWrite(random.Next(3) == 0);
            var what = "";
            for (var some = random.Next(1, 4); some > 0; some--)
                what += await SnapshotHistoryTests.DoAsync(house, random) + "; ";
            // Whatever this node knew before any of it.
            foreach (var (point, facts) in kept)
            {
                if (await JudgeAsync(point, facts, $"step {step}, {what}") is true)
                    stood++;
                else
                    refused++;
            }

            kept.RemoveAll(_ => random.Next(2) == 0);
            await house.SettleAsync();
            foreach (var point in SnapshotHistoryTests.Points)
            {
                if (house.Snapshot.FactsOf(house.House.Tags(point)) is not { } facts)
                    continue;
                byHeart++;
                Assert.True(await JudgeAsync(point, facts, $"step {step}, {what}settled") || await IsUnderOldKeysAsync(), $"step {step}, {what}{point} is refused, though nothing was written.");
                if (random.Next(2) == 0)
                    kept.Add((point, facts));
            }
        }

        Assert.True(stood > 5 && refused > 5 && byHeart > 10, $"{stood} stood, {refused} were refused, {byHeart} were known.");

        // One that was lifted keeps its old tag until the next snapshot of suppressions, and until then people are read.
        async Task<bool> IsUnderOldKeysAsync()
        {
            var rows = await house.House.Installation.Store.LoadAsync(house.House.Ledger.Ledger, new RowsWanted { Suppressions = { new byte[32] } }, CancellationToken.None);
            return rows.SuppressionLeast < rows.SuppressionChain;
        }

        async Task<bool> JudgeAsync(string point, SnapshotFacts facts, string when)
        {
            var asked = SnapshotHouse.Asked(Instant.FromUtc(2026, 11, 1, 12, 0) + Duration.FromDays(random.Next(0, 900)), random.Next(3) == 0 ? Channel.Voice : Channel.Sms, random.Next(3) == 0 ? "offers:solar" : "offers");
            var command = new SituationCommand(facts, asked);
            try
            {
                await house.House.Writer.DoAsync(command, CancellationToken.None);
            }
            catch (CommandRefusedException e) when (e.Code == "changed-meanwhile")
            {
                return false;
            }

            var (store, told) = (SnapshotHouse.Told(await house.StoreAsync(point, asked)), SnapshotHouse.Told(command.Situation!));
            Assert.True(store == told, $"{when}, {point}:\n{store}\n{told}");
            Assert.Equal((await house.House.FindAsync(point))?.Person.Sid, command.Subject?.Sid);
            return true;
        }
    }

    private sealed class SituationCommand(TurnFacts facts, Situation asked) : LedgerCommand
    {
        public Situation? Situation { get; private set; }

        public Subject? Subject { get; private set; }

        public override void Ask(RowsWanted wanted) => facts.Ask(wanted);

        public override byte[] Run(LedgerTurn turn)
        {
            (Situation, Subject) = facts.SituationIn(turn, asked);
            return [];
        }
    }

    private sealed class BothCommand(LedgerCommand first, LedgerCommand second) : LedgerCommand
    {
        public override void MakeReady()
        {
            first.MakeReady();
            second.MakeReady();
        }

        public override void Ask(RowsWanted wanted)
        {
            first.Ask(wanted);
            second.Ask(wanted);
        }

        public override byte[] Run(LedgerTurn turn)
        {
            first.Run(turn);
            return second.Run(turn);
        }
    }

    private sealed class LinkCommand(LookupRow row) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted) => wanted.Subjects.Add(row.Sid);

        public override byte[] Run(LedgerTurn turn)
        {
            turn.Link(row);
            return [];
        }
    }

    private sealed class ForgetCommand(OpaqueId sid) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted)
        {
            wanted.Subjects.Add(sid.ToArray());
            wanted.WithPoints = true;
        }

        public override byte[] Run(LedgerTurn turn)
        {
            turn.Forget(sid, []);
            return [];
        }
    }
}
