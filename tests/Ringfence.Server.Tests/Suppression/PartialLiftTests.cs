using System.Globalization;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Rights;
using Xunit;

namespace Ringfence.Server.Tests.Suppression;

/// <summary>Somebody who refused more says yes to something and confirms it from the handset: just that is opened again, and the no stands for all the rest.</summary>
public sealed class PartialLiftTests
{
    private const string Ann = "+447400123456";

    private static readonly Channel[] Asked = [Channel.Voice, Channel.Sms, Channel.Whatsapp];
    private static readonly string[] Purposes = ["offers", "offers:solar", "research"];

    [Fact]
    public async Task Who_refused_everything_and_confirms_one_thing_may_be_contacted_for_that_alone()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        var yes = await ConfirmsAsync(house, "sms", "offers");
        await LiftAsync(house, yes);
        Assert.Equal(["Sms offers", "Sms offers:solar"], await OpenAsync(house));
        // The entry stands, as it was and told as it was.
        Assert.Null(Assert.Single(await house.SuppressionsAsync(Ann)).Purposes);
        Assert.Empty(await house.FaultsAsync());
        await SuppressionSnapshot.TakeAsync(house.Installation, house.Ledger, House.Staff, TestContext.Current.CancellationToken);
        Assert.Empty(await house.FaultsAsync());
        // Done twice it is done once.
        var size = await house.SizeAsync();
        await LiftAsync(house, yes);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task Another_no_closes_it_again_though_the_first_one_said_as_much()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        var yes = await ConfirmsAsync(house, "sms", "offers");
        await LiftAsync(house, yes);
        await house.WithdrawAsync(Ann);
        Assert.Empty(await OpenAsync(house));
        Assert.Equal(2, (await house.SuppressionsAsync(Ann)).Count);
        // The yes of before the second no opens nothing any more.
        await LiftAsync(house, yes);
        Assert.Empty(await OpenAsync(house));
        Assert.Empty(await house.FaultsAsync());
    }

    [Fact]
    public async Task A_no_in_a_list_closes_it_again()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        await LiftAsync(house, await ConfirmsAsync(house, "sms", "offers"));
        await house.ImportAsync($"name,phone,notes\nAnn Smith,{Ann},asked not to be contacted again\n");
        Assert.Empty(await OpenAsync(house));
    }

    [Fact]
    public async Task A_yes_that_was_taken_back_or_not_confirmed_opens_nothing()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        var yes = await ConfirmsAsync(house, "sms", "offers");
        await house.WithdrawAsync(Ann, "sms", "offers");
        var seq = (await house.SuppressionsAsync(Ann))[0].Seq!.Value;
        Assert.Equal("not-confirmed", (await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(LiftCommand.ByOptIn(House.Person, house.Tags(Ann), seq, yes)))).Code);
        var given = await house.SaysAsync(Ann);
        Assert.Equal("not-confirmed", (await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(LiftCommand.ByOptIn(House.Person, house.Tags(Ann), seq, given.Seq)))).Code);
        Assert.Empty(await OpenAsync(house));
    }

    [Fact]
    public async Task What_somebody_else_closed_is_not_the_persons_to_open()
    {
        await using var house = await House.BuildAsync();
        await house.DoAsync(new WithdrawCommand(House.Staff, [house.Tags(Ann)], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Regulator, SuppressionKind.Suppression, "letter")));
        var yes = await ConfirmsAsync(house, "sms", "offers");
        var seq = Assert.Single(await house.SuppressionsAsync(Ann)).Seq!.Value;
        Assert.Equal("not-theirs", (await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(LiftCommand.ByOptIn(House.Person, house.Tags(Ann), seq, yes)))).Code);
        Assert.Empty(await OpenAsync(house));
    }

    [Fact]
    public async Task After_an_erasure_all_of_it_is_closed()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        await LiftAsync(house, await ConfirmsAsync(house, "sms", "offers"));
        await house.EraseAsync((await house.FindAsync(Ann))!.Person.Sid);
        Assert.Empty(await OpenAsync(house));
        Assert.Empty(await house.FaultsAsync());
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_SEEDS") ?? "6", CultureInfo.InvariantCulture))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_is_said_in_whatever_order_nothing_is_open_that_was_refused_last(int seed)
    {
        var random = new Random(seed);
        await using var house = await House.BuildAsync();
        var said = new List<(bool IsNo, HashSet<Channel> Channels, HashSet<string>? Purposes, long Yes)>();
        for (var step = 0; step < 12; step++)
        {
            var (channels, purposes) = (Some(random, Asked), Some(random, Purposes));
            var words = string.Join(',', channels.Select(static channel => channel.Word()));
            if (random.Next(2) == 0)
            {
                // Of everything, of some channels for every purpose, or of both.
                var (isAll, named) = (random.Next(3) == 0, random.Next(2) == 0 ? null : purposes);
                await house.WithdrawAsync(Ann, isAll ? null : words, isAll || named is null ? null : string.Join(',', named));
                said.Add((true, isAll ? [.. Asked] : [.. channels], isAll || named is null ? null : [.. named], 0));
            }
            else
            {
                var yes = await ConfirmsAsync(house, words, string.Join(',', purposes));
                said.Add((false, [.. channels], [.. purposes], yes));
                await LiftAsync(house, yes);
                // Nothing came in between: what they just said yes to is open.
                Assert.Superset(
                    channels.SelectMany(channel => purposes.Select(purpose => $"{channel} {purpose}")).ToHashSet(), (await OpenAsync(house)).ToHashSet());
            }

            if (random.Next(3) == 0)
            {
                foreach (var (_, _, _, yes) in said.Where(static one => !one.IsNo))
                    await LiftAsync(house, yes);
            }

            var open = await OpenAsync(house);
            foreach (var channel in Asked)
            {
                foreach (var purpose in Purposes)
                {
                    var last = said.FindLast(one => one.Channels.Contains(channel) && (one.Purposes is null || Covers(one.Purposes, purpose)));
                    if (last.Channels is not null && last.IsNo)
                        Assert.DoesNotContain($"{channel} {purpose}", open);
                }
            }
        }

        Assert.Empty(await house.FaultsAsync());
    }

    private static bool Covers(IEnumerable<string> named, string purpose) => named.Any(name => purpose == name || purpose.StartsWith(name + ":", StringComparison.Ordinal));

    private static List<T> Some<T>(Random random, T[] of) => [.. of.Where(_ => random.Next(2) == 0).DefaultIfEmpty(of[random.Next(of.Length)])];

    private static async Task<long> ConfirmsAsync(House house, string channels, string purposes)
    {
        var asked = await house.SaysAsync(Ann, RecordType.ConsentRequested, RecordState.Requested, channels, purposes);
        return (await house.SaysAsync(Ann, RecordType.ConsentConfirmed, RecordState.Confirmed, channels, purposes, asked.Seq, Ceremony.DoubleOptIn)).Seq;
    }

    // Every entry that the yes is good for, as the command line does it.
    private static async Task LiftAsync(House house, long yes)
    {
        foreach (var row in await house.SuppressionsAsync(Ann))
        {
            try
            {
                await house.DoAsync(LiftCommand.ByOptIn(House.Person, house.Tags(Ann), row.Seq!.Value, yes));
            }
            catch (CommandRefusedException e) when (e.Code == "not-confirmed")
            {
            }
        }
    }

    // What no entry of the list closes, as the gate is told.
    private static async Task<List<string>> OpenAsync(House house)
    {
        var facts = await LedgerFacts.ReadAsync(house.Installation, house.Ledger, house.Tags(Ann), TestContext.Current.CancellationToken);
        var open = new List<string>();
        foreach (var channel in Asked)
        {
            foreach (var purpose in Purposes)
            {
                var asked = AskedFile.Read(new ContactQuestion(Instant.FromUtc(2027, 6, 9, 11, 0), "acme", channel, purpose), "facts.yaml", null);
                var situation = await facts.AdviseAsync(house.Installation, house.Ledger, asked, TestContext.Current.CancellationToken);
                if (!(situation.Suppressions ?? []).Any(entry => entry.Channels.Has(channel) && (entry.Purposes is null || Covers(entry.Purposes, purpose))))
                    open.Add($"{channel} {purpose}");
            }
        }

        return open;
    }
}
