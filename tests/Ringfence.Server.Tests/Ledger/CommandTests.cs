using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

public sealed class CommandTests
{
    private const string Ann = "+442079460018";
    private const string Bea = "+442079460019";

    [Fact]
    public async Task A_yes_makes_a_person_who_is_found_by_the_number_and_whose_number_can_be_opened()
    {
        await using var house = await House.BuildAsync();
        await house.SaysAsync(Ann);
        var found = await house.FindAsync(Ann);
        Assert.NotNull(found);
        Assert.Equal(Ann, Assert.Single(found.Points()).Point.Value);
        Assert.Equal(PersonStatus.Contactable, found.Person.Status);
        Assert.Equal(ContactSource.Form, found.Person.Source);
    }

    [Fact]
    public async Task A_second_yes_of_the_same_number_is_of_the_same_person()
    {
        await using var house = await House.BuildAsync();
        var one = await house.SaysAsync(Ann);
        var two = await house.SaysAsync("+44 20 7946 0018", channels: "voice");
        Assert.Equal(one.Sid, two.Sid);
        Assert.Equal(2, (await house.FindAsync(Ann))!.Person.Records.Count);
    }

    [Fact]
    public async Task A_no_said_twice_is_written_once_and_answered_with_the_first_record()
    {
        await using var house = await House.BuildAsync();
        var first = await house.WithdrawAsync(Ann, "sms");
        var size = await house.SizeAsync();
        var second = await house.WithdrawAsync(Ann, "sms");
        Assert.True(second.Already);
        Assert.Equal(first.Seq, second.Seq);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task A_narrower_no_after_a_wider_one_says_nothing_new_and_a_wider_one_does()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann, "sms", "offers");
        Assert.False((await house.WithdrawAsync(Ann, "sms")).Already);
        Assert.True((await house.WithdrawAsync(Ann, "sms", "research")).Already);
        Assert.False((await house.WithdrawAsync(Ann)).Already);
        Assert.True((await house.WithdrawAsync(Ann, "voice")).Already);
    }

    [Fact]
    public async Task A_no_of_somebody_nobody_knows_is_kept()
    {
        await using var house = await House.BuildAsync();
        Assert.Null((await house.WithdrawAsync(Ann)).Sid);
        Assert.Equal((int)ChannelSet.Phone, Assert.Single(await house.SuppressionsAsync(Ann)).Channels);
    }

    [Fact]
    public async Task A_no_of_a_known_person_stands_in_their_history_and_names_what_it_closes()
    {
        await using var house = await House.BuildAsync();
        var yes = await house.SaysAsync(Ann);
        await house.WithdrawAsync(Ann, "sms");
        var no = (await house.FindAsync(Ann))!.Person.Records.Single(static r => r.Type == RecordType.ConsentWithdrawn);
        Assert.Equal([yes.Seq], no.About!);
        Assert.Equal(["sms"], no.Scope!.Channels!);
    }

    [Fact]
    public async Task A_new_yes_alone_lifts_nothing()
    {
        await using var house = await House.BuildAsync();
        await house.SaysAsync(Ann);
        await house.WithdrawAsync(Ann);
        await house.SaysAsync(Ann);
        Assert.Single(await house.SuppressionsAsync(Ann));
    }

    [Theory]
    // confirmed by double opt-in, wide enough, after the no
    [InlineData(true, "voice,voice-auto,sms,whatsapp,fax", true, true)]
    [InlineData(false, "voice,voice-auto,sms,whatsapp,fax", true, false)]
    [InlineData(true, "email", true, false)]
    [InlineData(true, "voice,voice-auto,sms,whatsapp,fax", false, false)]
    public async Task Only_a_fresh_yes_to_all_of_it_that_was_confirmed_from_the_handset_lifts(bool confirmed, string channels, bool after, bool lifts)
    {
        await using var house = await House.BuildAsync();
        const string purposes = "offers";
        long yes;
        if (after)
            await house.WithdrawAsync(Ann, purposes: purposes);
        if (confirmed)
        {
            var asked = await house.SaysAsync(Ann, RecordType.ConsentRequested, RecordState.Requested, channels, purposes);
            yes = (await house.SaysAsync(Ann, RecordType.ConsentConfirmed, RecordState.Confirmed, channels, purposes, asked.Seq, Ceremony.DoubleOptIn)).Seq;
        }
        else
        {
            yes = (await house.SaysAsync(Ann, channels: channels, purposes: purposes)).Seq;
        }

        if (!after)
            await house.WithdrawAsync(Ann, purposes: purposes);
        var seq = Assert.Single(await house.SuppressionsAsync(Ann)).Seq!.Value;
        var lift = LiftCommand.ByOptIn(House.Person, house.Tags(Ann), seq, yes);
        if (lifts)
            await house.DoAsync(lift);
        else
            Assert.Equal("not-confirmed", (await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(lift))).Code);
        Assert.Equal(lifts ? 0 : 1, (await house.SuppressionsAsync(Ann)).Count);
    }

    [Fact]
    public async Task A_yes_to_words_that_were_never_published_is_refused_and_nothing_of_it_is_written()
    {
        await using var house = await House.BuildAsync();
        var size = await house.SizeAsync();
        var said = new ConsentSaid
        {
            Type = RecordType.ConsentGiven,
            State = RecordState.Given,
            Actor = House.Person,
            Tags = house.Tags(Ann),
            Scope = new RecordScope(["sms"], ["offers"]),
            Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
            Notice = new Notice(House.Offers.Digest, "en", House.Offers.Version),
        };
        var fresh = await house.Installation.NewPersonAsync(CancellationToken.None);
        Assert.Equal("no-such-wording", (await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(new RecordConsentCommand(said, fresh)))).Code);
        Assert.Equal(size, await house.SizeAsync());
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
        await house.DoAsync(new RecordConsentCommand(said, fresh));
    }

    [Fact]
    public async Task A_yes_confirmed_from_another_number_lifts_nothing()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann, "sms", "offers");
        var asked = await house.SaysAsync(Bea, RecordType.ConsentRequested, RecordState.Requested);
        var yes = await house.SaysAsync(Bea, RecordType.ConsentConfirmed, RecordState.Confirmed, about: asked.Seq, ceremony: Ceremony.DoubleOptIn);
        var seq = Assert.Single(await house.SuppressionsAsync(Ann)).Seq!.Value;
        await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(LiftCommand.ByOptIn(House.Person, house.Tags(Ann), seq, yes.Seq)));
    }

    [Theory]
    [InlineData("bob", "wrong number", null)]
    [InlineData("ada", "wrong number", "two-people")]
    [InlineData("ADA", "wrong number", "two-people")]
    [InlineData("bob", "", "no-reason")]
    public async Task Staff_take_back_an_error_in_twos_and_with_a_reason(string second, string reason, string? refused)
    {
        await using var house = await House.BuildAsync();
        await house.SaysAsync(Ann);
        await house.WithdrawAsync(Ann);
        var seq = Assert.Single(await house.SuppressionsAsync(Ann)).Seq!.Value;
        var lift = LiftCommand.AsError(House.Staff, house.Tags(Ann), seq, second, System.Text.Encoding.UTF8.GetBytes(reason));
        if (refused is null)
            await house.DoAsync(lift);
        else
            Assert.Equal(refused, (await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(lift))).Code);
        Assert.Equal(refused is null ? 0 : 1, (await house.SuppressionsAsync(Ann)).Count);
    }

    [Fact]
    public async Task What_is_confirmed_has_to_have_been_asked_of_the_same_number_for_no_less()
    {
        await using var house = await House.BuildAsync();
        var asked = await house.SaysAsync(Ann, RecordType.ConsentRequested, RecordState.Requested);
        await Assert.ThrowsAsync<CommandRefusedException>(() => house.SaysAsync(Bea, RecordType.ConsentConfirmed, RecordState.Confirmed, about: asked.Seq));
        await Assert.ThrowsAsync<CommandRefusedException>(() => house.SaysAsync(Ann, RecordType.ConsentConfirmed, RecordState.Confirmed, "sms,voice", about: asked.Seq));
        await house.SaysAsync(Ann, RecordType.ConsentConfirmed, RecordState.Confirmed, about: asked.Seq);
    }

    [Fact]
    public async Task Two_who_are_one_have_one_history_and_each_their_own_again_afterwards()
    {
        await using var house = await House.BuildAsync();
        var ann = Sid((await house.SaysAsync(Ann)).Sid);
        var bea = Sid((await house.SaysAsync(Bea, channels: "voice")).Sid);
        await house.DoAsync(new MergeCommand(House.Staff, ann, bea));
        Assert.Equal(ann, (await house.FindAsync(Bea))!.Person.Sid);
        Assert.Equal(2, (await house.FindAsync(Ann))!.Points().Count());
        Assert.True((await house.DoAsync(new MergeCommand(House.Staff, bea, ann))).Already);

        await house.WithdrawAsync(Ann, "sms");
        await house.DoAsync(new UnmergeCommand(House.Staff, ann, bea));
        var alone = (await house.FindAsync(Bea))!.Person;
        Assert.Equal(bea, alone.Sid);
        Assert.DoesNotContain(alone.Records, r => r.Subject?.Sid == ann && r.Type == RecordType.ConsentGiven);
        Assert.Contains(alone.Records, static r => r.Type == RecordType.ConsentWithdrawn);
        Assert.Contains((await house.FindAsync(Ann))!.Person.Records, static r => r.Type == RecordType.ConsentWithdrawn);
        await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(new UnmergeCommand(House.Staff, ann, bea)));
    }

    [Fact]
    public async Task What_is_projected_as_things_happen_is_what_a_rebuild_makes_of_the_records()
    {
        await using var house = await House.BuildAsync();
        var ann = Sid((await house.SaysAsync(Ann)).Sid);
        var bea = Sid((await house.SaysAsync(Bea, channels: "voice")).Sid);
        await house.DoAsync(new MergeCommand(House.Staff, ann, bea));
        // Something that is written of the one who was merged, by name.
        await house.DoAsync(new RevealCommand(House.Staff, bea, "contact"));
        await house.WithdrawAsync(Bea, "voice");
        await house.DoAsync(new UnmergeCommand(House.Staff, ann, bea));
        await house.WithdrawAsync(Ann);
        var (before, after) = await Rebuild.RunAsync(house.Installation.Store, house.Ledger.Ledger, null, CancellationToken.None);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task One_that_fails_does_not_take_the_others_of_its_batch_with_it()
    {
        await using var house = await House.BuildAsync();
        var numbers = Enumerable.Range(0, 200).Select(static i => $"+44207946{i:0000}").ToList();
        var fails = 0;
        await Task.WhenAll(numbers.Select(async (number, i) =>
        {
            try
            {
                if (i % 10 == 3)
                    await house.DoAsync(new FailingCommand(house.Tags(number), afterWriting: i % 20 == 3));
                else
                    await house.WithdrawAsync(number);
            }
            catch (Exception e) when (e is CommandRefusedException or InvalidOperationException)
            {
                Interlocked.Increment(ref fails);
            }
        }));
        Assert.Equal(20, fails);
        for (var i = 0; i < numbers.Count; i++)
            Assert.Equal(i % 10 == 3 ? 0 : 1, (await house.SuppressionsAsync(numbers[i])).Count);
        Assert.Equal(house.Founded + 180, await house.SizeAsync());
    }

    [Fact]
    public async Task The_same_key_gives_the_same_answer_once_and_another_question_under_it_is_refused()
    {
        await using var house = await House.BuildAsync();
        WithdrawCommand Command(string number, string client, byte fingerprint) => new(
            House.Person, [house.Tags(number)], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "api"))
        {
            ClientKey = new ClientKey(client, "key-1", [.. Enumerable.Repeat(fingerprint, 32)]),
        };
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => house.DoAsync(Command(Ann, "crm", 1))));
        Assert.Single(answers.Select(static a => a.Seq).Distinct());
        Assert.Equal(house.Founded + 1, await house.SizeAsync());
        Assert.Equal("key-reused", (await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(Command(Bea, "crm", 2)))).Code);
        // A key of one client means nothing to another.
        Assert.False((await house.DoAsync(Command(Bea, "dialer", 2))).Already);
    }

    [Fact]
    public async Task Records_stand_in_strictly_rising_time_even_when_the_clock_stands_still_or_goes_back()
    {
        var clock = new StoppedClock(new DateTimeOffset(2026, 3, 3, 12, 0, 0, TimeSpan.Zero));
        await using var house = await House.BuildAsync(clock);
        await house.WithdrawAsync(Ann);
        clock.Now -= TimeSpan.FromHours(2);
        await house.WithdrawAsync(Bea);
        NodaTime.Instant? last = null;
        await foreach (var row in house.Installation.Store.RecordsAsync(house.Ledger.Ledger, 0, long.MaxValue, CancellationToken.None))
        {
            var at = StoredRecord.Read(row).At;
            Assert.True(last is null || at > last);
            last = at;
        }
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_when_the_house_is_opened_again_and_the_tree_goes_on()
    {
        await using var house = await House.BuildAsync();
        await house.SaysAsync(Ann);
        await house.WithdrawAsync(Ann);
        await house.Installation.DisposeAsync();
        await using var again = await Installation.OpenAsync(House.In(house.Folder), TimeProvider.System, CancellationToken.None);
        var ledger = await again.LedgerAsync(null, CancellationToken.None);
        PointTags Tags(string number) => again.TagsOf(ContactPoint.TryRead(number, Region.None, out var point) ? point : throw new ArgumentException("Not a point."));
        Assert.NotNull(await Contacts.FindAsync(again, ledger, Tags(Ann), CancellationToken.None));
        var writer = await again.WriterAsync(ledger, CancellationToken.None);
        await writer.DoAsync(new WithdrawCommand(House.Person, [Tags(Bea)], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "link")), CancellationToken.None);
        var frontier = new Frontier();
        await foreach (var row in again.Store.RecordsAsync(ledger.Ledger, 0, long.MaxValue, CancellationToken.None))
            frontier.Append(TreeHash.Leaf(row.Body));
        Assert.Equal(frontier.ToBytes(), (await again.Store.HeadAsync(ledger.Ledger, CancellationToken.None)).Frontier);
    }

    private static OpaqueId Sid(string? text) => OpaqueId.TryParse(text, out var sid) ? sid : throw new ArgumentException("Not a sid.", nameof(text));

    private sealed class FailingCommand(PointTags tags, bool afterWriting) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted) => wanted.Suppressions.UnionWith(tags.Suppress);

        public override byte[] Run(LedgerTurn turn)
        {
            if (afterWriting)
                Refusing.Add(turn, House.Staff, tags, SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Controller, SuppressionKind.Suppression, "staff"), null);
            throw new CommandRefusedException("planted");
        }
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
