using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Gate;
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

/// <summary>Whatever happens, and whenever the file is written, read, or thrown away: the snapshot says what the store says, or asks it.</summary>
public sealed class SnapshotHistoryTests
{
    private const int Steps = 60;

    internal static readonly string[] Points = ["+447400123456", "+447400123457", "+447400123458", "+493023125123", "ann@example.org", "bea@example.org"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Over_any_history_it_says_what_the_store_says(int seed)
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await LiveAsync(house, new Random(seed));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Over_any_history_on_PostgreSQL_too(int seed)
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var house = await SnapshotHouse.BuildAsync(home.Options);
        await LiveAsync(house, new Random(seed));
    }

    private static async Task LiveAsync(SnapshotHouse house, Random random)
    {
        var (told, asked) = (0, 0);
        for (var step = 0; step < Steps; step++)
        {
            house.LetOthersWrite(random.Next(3) == 0);
            var what = "";
            for (var some = random.Next(1, 4); some > 0; some--)
                what += await DoAsync(house, random) + "; ";
            // Before anything is worked out: what is not marked has to be right, and of others' writing nothing is known before the ledger is looked at.
            await house.Follower.LookAsync(CancellationToken.None);
            var (known, all) = await CompareAsync(house, random, $"step {step}, {what}at once");
            switch (random.Next(5))
            {
                case 0:
                    await house.Follower.WriteAsync(CancellationToken.None);
                    break;
                case 1:
                    await house.Follower.WriteAsync(CancellationToken.None);
                    house.Follower.Wipe();
                    await house.ReopenAsync();
                    what += "opened again; ";
                    break;
                case 2:
                    house.Follower.Wipe();
                    break;
            }

            await house.SettleAsync();
            (known, all) = await CompareAsync(house, random, $"step {step}, {what}settled");
            (told, asked) = (told + known, asked + all);
        }

        // Only of those whose wording is missing, and while keys change, does it ask the store.
        Assert.True(told * 2 > asked, $"Of {asked} questions {told} were answered without the store.");
    }

    private static async Task<(int Told, int All)> CompareAsync(SnapshotHouse house, Random random, string when)
    {
        var (told, all) = (0, 0);
        var at = Instant.FromUtc(2026, 11, 1, 12, 0) + Duration.FromDays(random.Next(0, 900));
        foreach (var point in Points)
        {
            var asked = SnapshotHouse.Asked(at, random.Next(3) == 0 ? Channel.Voice : Channel.Sms, random.Next(3) == 0 ? "offers:solar" : "offers");
            all++;
            if (house.Snapshot.Advise(asked, house.House.Tags(point)) is not { Situation: { } situation })
                continue;
            told++;
            Assert.True(SnapshotHouse.Told(await house.StoreAsync(point, asked)) == SnapshotHouse.Told(situation), $"{when}, {point}:\n{SnapshotHouse.Told(await house.StoreAsync(point, asked))}\n{SnapshotHouse.Told(situation)}");
        }

        return (told, all);
    }

    /// <summary>Does anything that may happen.</summary>
    internal static async Task<string> DoAsync(SnapshotHouse followed, Random random)
    {
        var house = followed.House;
        var point = Points[random.Next(Points.Length)];
        var other = Points[random.Next(Points.Length)];
        var what = random.Next(24);
        try
        {
            switch (what)
            {
                case 0 or 1 or 2:
                    await house.SaysAsync(point, channels: random.Next(2) == 0 ? "sms" : "sms,voice", purposes: random.Next(2) == 0 ? "offers" : "offers:solar,research");
                    break;
                case 3:
                    await house.SaysAsync(point, RecordType.ConsentRequested, RecordState.Requested, ceremony: Ceremony.DoubleOptIn);
                    break;
                case 4 or 5:
                    await SaysWithWordingAsync(house, point);
                    break;
                case 6:
                    await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
                    break;
                case 7 or 8 or 9:
                    await house.WithdrawAsync(point, random.Next(2) == 0 ? null : "sms", random.Next(3) == 0 ? "offers:solar" : null);
                    break;
                case 10 when (await house.SuppressionsAsync(point)).FirstOrDefault(static row => row.Seq is not null) is { } row:
                    await house.DoAsync(LiftCommand.AsError(House.Staff, house.Tags(point), row.Seq!.Value, "eve", """{"reason":"slip"}"""u8.ToArray()));
                    break;
                case 11 when (await house.FindAsync(point), await house.FindAsync(other)) is ({ } one, { } two) && one.Person.Sid != two.Person.Sid:
                    await house.DoAsync(new MergeCommand(House.Staff, one.Person.Sid, two.Person.Sid));
                    break;
                case 12 when await house.FindAsync(point) is { Person.Merged.Count: > 0 } merged:
                    await house.DoAsync(new UnmergeCommand(House.Staff, merged.Person.Sid, merged.Person.Merged.First()));
                    break;
                case 13 or 14 when await house.FindAsync(point) is { } held:
                    await house.DoAsync(what == 13 ? new HoldCommand(House.Staff, held.Person.Sid, "accuracy") : new ReleaseCommand(House.Staff, held.Person.Sid, null));
                    break;
                case 15 when await house.FindAsync(point) is { } gone:
                    await house.EraseAsync(gone.Person.Sid);
                    break;
                case 16:
                    await house.ImportAsync(
                        $"name,phone,email,sms_consent,sms_consent_date,sms_consent_wording,country,age\nAnn Smith,{Points[random.Next(4)]},{Points[random.Next(4, 6)]},{(random.Next(2) == 0 ? "yes" : "no")},2026-06-01,Acme Ltd may send me text messages with offers,GB,{random.Next(15, 40)}\n",
                        random.Next(2) == 0 ? ContactSource.Form : ContactSource.Purchased, name: $"list{random.Next()}.csv");
                    break;
                case 17:
                    await SuppressionSnapshot.TakeAsync(house.Installation, house.Ledger, House.Staff, CancellationToken.None);
                    break;
                case 18 when random.Next(3) == 0:
                    await SuppressionRotation.RunAsync(house.Installation, House.Staff, CancellationToken.None);
                    break;
                case 19 or 20 or 21:
                    await PermitAsync(house, point, random);
                    break;
                case 22:
                    await ContactDecision.MakeAsync(
                        house.Installation, house.Ledger, House.Staff, ContactGate.Shipped, SnapshotHouse.Asked(Instant.FromUtc(2027, 6, 9, 11, 0)), house.Tags(point), record: true, CancellationToken.None);
                    break;
                default:
                    await house.FillAsync(3);
                    break;
            }
        }
        catch (CommandRefusedException e)
        {
            return $"{what} {e.Code}";
        }

        return what.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    // What is permitted is counted whatever the gate said: the row is put there as the gate would.
    private static async Task PermitAsync(House house, string point, Random random)
    {
        var id = Fresh.Id();
        await house.DoAsync(new PutPermitCommand(house.Tags(point), (await house.FindAsync(point))?.Person.Sid, id));
        var wanted = new RowsWanted();
        wanted.Permits.Add(id.ToArray());
        var row = (await house.Installation.Store.LoadAsync(house.Ledger.Ledger, wanted, CancellationToken.None)).Permits.Single();
        if (random.Next(3) == 0)
            await house.DoAsync(new EndPermitCommand(House.Staff, row));
        else if (CommandAnswer.Read(await house.Writer.DoAsync(new RedeemPermitCommand(House.Staff, row), CancellationToken.None)).Ended is null && random.Next(2) == 0)
            await house.DoAsync(new OutcomeCommand(House.Staff, row, random.Next(2) == 0 ? Outcome.NoAnswer : Outcome.Answered));
    }

    private static async Task SaysWithWordingAsync(House house, string point) => await house.DoAsync(new RecordConsentCommand(
        new ConsentSaid
        {
            Type = RecordType.ConsentGiven,
            State = RecordState.Given,
            Actor = House.Person,
            Tags = house.Tags(point),
            Scope = new RecordScope(["sms"], ["offers"]),
            Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
            EventAt = Instant.FromUtc(2026, 6, 1, 12, 0),
            Source = EventSource.Server,
            Notice = new Notice(House.Offers.Digest, "en", House.Offers.Version),
            Evidence = new ConsentEvidence
            {
                Method = ConsentMethod.Checkbox,
                Shown = new ShownWording(House.Offers.Digest, "en"),
                At = Instant.FromUtc(2026, 6, 1, 12, 0),
                Page = "https://acme.example/offers",
                Ip = "192.0.2.7",
                Recorder = new Recorder(ActorKind.System, "form-offers"),
            }.ToBytes(),
        },
        await house.Installation.NewPersonAsync(CancellationToken.None)));

    internal sealed class PutPermitCommand(PointTags tags, OpaqueId? sid, OpaqueId id) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted) => wanted.Points.Add(tags.Lookup);

        public override byte[] Run(LedgerTurn turn)
        {
            var record = turn.Append(RecordDraft.Of(RecordType.PermitIssued, House.Staff, record => record with
            {
                Subject = sid is { } known ? new Subject(known) : null,
                Detail = LeafValue.Map.Of(("permit", id)),
            }));
            var now = Micros.Of(turn.Now);
            turn.Put(new PermitRow(
                id.ToArray(), tags.Lookup, turn.TagOf(tags), turn.SuppressionChain, sid?.ToArray(), (short)Channel.Sms, "offers", "mary.smith", null, "june", record.Seq, now, now + 60_000_000, null, null, null,
                null, null));
            return new CommandAnswer(record.Seq, null, Permit: id.ToString()).ToBytes();
        }
    }
}
