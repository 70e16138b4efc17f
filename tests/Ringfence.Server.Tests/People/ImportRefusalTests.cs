using System.Globalization;
using System.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Rights;
using Xunit;
using static Ringfence.Server.Tests.People.Importing;

namespace Ringfence.Server.Tests.People;

/// <summary>An import adds refusals and never lifts one.</summary>
public sealed class ImportRefusalTests : IAsyncLifetime
{
    private const int Closed = 10_000;

    private static readonly string Passport = $$"""
        passport: hub-1
        seller: { name: Hub Fiktiv Ltd }
        contract: { reference: H1, date: 2026-03-01 }
        collected: { by: Quiz Fiktiv GmbH, where: quiz.example, how: checkbox, from: 2020-01-01, until: 2026-02-28 }
        wording: { text: {{Wording}} }
        evidence: { records: [time], reference: vault 7 }
        """;

    private House house = null!;

    public async ValueTask InitializeAsync() => house = await House.BuildAsync();

    public async ValueTask DisposeAsync() => await house.DisposeAsync();

    private static string Number(int i) => string.Create(CultureInfo.InvariantCulture, $"+491512{i:0000000}");

    private static string List(int count, Func<int, string> row)
    {
        var list = new StringBuilder("name,phone,email,call_consent,call_consent_date,call_consent_wording,sms_opt_in,do not contact,source\n");
        for (var i = 0; i < count; i++)
            list.Append(row(i)).Append('\n');
        return list.ToString();
    }

    [Fact]
    public async Task Ten_thousand_closed_numbers_stay_closed_in_every_mode_of_import()
    {
        var first = await house.ImportAsync(List(Closed, static i => $"Person {i},{Number(i)},,,,,,yes,"));
        Assert.Equal((Closed, Closed, 0L), (first.Batch.Tally.Suppressions, first.Batch.Tally.Closed, first.Batch.Tally.New));
        var before = await StandingAsync();
        Assert.Equal(Closed, before.Count);

        var yes = List(Closed, static i => $"Person {i},{Number(i)},,yes,2026-01-04,{Wording},yes,no,");
        var bought = List(Closed, static i => $"Other {i},{Number(i)},,yes,2026-01-04,{Wording},yes,,bought list");
        foreach (var (list, source, passport) in ((string, ContactSource, string?)[])[(yes, ContactSource.Form, null), (bought, ContactSource.Purchased, Passport), (yes, ContactSource.Purchased, null)])
        {
            var outcome = await house.ImportAsync(list, source, passport);
            Assert.Equal((0L, Closed), (outcome.Batch.Tally.New, outcome.Batch.Tally.Closed));
        }

        // With another address of theirs they are known, and still nobody may call.
        var more = await house.ImportAsync(List(200, static i => $"Person {i},{Number(i)},p{i}@example.org,yes,2026-01-04,{Wording},yes,,"));
        // Neither for calls nor for messages, which they said apart.
        Assert.Equal((200L, 400L), (more.Batch.Tally.New, more.Batch.Tally.NotReopened));
        Assert.Equal(before, await StandingAsync());
        Assert.All(await house.RecordsAsync(), static record => Assert.True(record.Type != RecordType.SuppressionLifted && record.State is not (RecordState.Given or RecordState.Confirmed)));
    }

    private async Task<List<string>> StandingAsync()
    {
        var rows = new List<string>();
        await foreach (var row in house.Installation.Store.SuppressionsAsync(house.Ledger.Ledger, TestContext.Current.CancellationToken))
            rows.Add($"{Convert.ToHexString(row.Tag)} {row.Channels} {row.Purposes} {row.Seq} {row.LiftedSeq}");
        return rows;
    }

    [Fact]
    public async Task A_refusal_in_the_last_row_is_there_before_the_first_is_written()
    {
        await house.ImportAsync($"name,phone,email,call_consent,call_consent_date,call_consent_wording,email_opt_in,notes\nAnn Smith,+442079460100,ann@example.org,yes,2026-01-04,{Wording},yes,\nBo Li,+442079460101,,yes,2026-01-04,{Wording},,\nSmith Ann,+442079460102,ann@example.org,,,,,do not call me\n");
        var ann = (await house.PersonAsync("ann@example.org")).Person;
        Assert.Equal((RecordState.Refused, RecordState.Given), (ann.Records[0].State!.Value, ann.Records[1].State!.Value));
        Assert.Equal(["email"], ann.Records[1].Scope!.Channels!);
        Assert.Equal(["fax", "sms", "voice", "voice-auto", "whatsapp"], ann.Records[0].Scope!.Channels!);
        foreach (var number in (string[])["+442079460100", "+442079460102"])
            Assert.Equal((int)ChannelSet.Phone, Assert.Single(await house.SuppressionsAsync(number)).Channels);
        Assert.Empty(await house.SuppressionsAsync("+442079460101"));
    }

    [Fact]
    public async Task What_was_withdrawn_since_is_not_opened_by_an_older_or_newer_list()
    {
        const string List = $"name,phone,call_consent,call_consent_date,call_consent_wording\nAnn Smith,+442079460100,yes,DAY,{Wording}\n";
        await house.ImportAsync(List.Replace("DAY", "2026-01-04", StringComparison.Ordinal));
        await house.WithdrawAsync("+442079460100", "sms");
        await house.WithdrawAsync("+442079460100", "voice");
        var size = await house.SizeAsync();
        var outcome = await house.ImportAsync(List.Replace("DAY", "2026-11-20", StringComparison.Ordinal));
        Assert.Equal(size + 2, await house.SizeAsync());
        Assert.Equal((0L, 1L), (outcome.Batch.Tally.New, outcome.Batch.Tally.Closed + outcome.Batch.Tally.NotReopened));
    }

    [Fact]
    public async Task A_number_of_somebody_erased_stays_closed_in_twenty_spellings()
    {
        string[] spellings =
        [
            "+44 20 7946 0100", "+442079460100", "0044 20 7946 0100", "020 7946 0100", "(020) 7946 0100", "+44 (0)20 7946 0100", "+44 (20) 7946-0100", "tel:+44-20-7946-0100", "44 20 7946 0100",
            "＋４４ ２０ ７９４６ ０１００", "020-7946-0100", "020.7946.0100", "020/79460100", "'+442079460100", "+44 20 79 46 01 00", "00442079460100", "02079460100", "+44\u00a020\u00a07946\u00a00100",
            "٠٢٠ ٧٩٤٦ ٠١٠٠", "020 7946 0100 (home)",
        ];
        Assert.Equal(20, spellings.Distinct().Count());
        await house.ImportAsync($"name,phone,country,call_consent,call_consent_date,call_consent_wording\nAnn Smith,+442079460100,GB,yes,2026-01-04,{Wording}\n");
        var ann = (await house.PersonAsync("+442079460100")).Person.Sid;
        await new Erasure(house.Installation, house.Ledger, House.Staff).RunAsync(ann, "request", CancellationToken.None);
        Assert.Null(await house.FindAsync("+442079460100"));

        var outcome = await house.ImportAsync(
            "name,phone,country,call_consent,call_consent_date,call_consent_wording\n" + string.Concat(spellings.Select(phone => $"Ann Smith,{phone},GB,yes,2026-01-04,{Wording}\n")));
        Assert.Equal((20L, 0L), (outcome.Batch.Tally.Closed, outcome.Batch.Tally.New));
        Assert.Null(await house.FindAsync("+442079460100"));
        Assert.Empty(await Traces.OfAsync(Path.Combine(house.Folder, "data"), "Ann Smith", "2079460100"));
    }

    [Fact]
    public async Task A_row_that_can_not_be_read_closes_every_number_it_may_hold()
    {
        var outcome = await house.ImportAsync("name,phone,call_consent\nAnn Smith,+442079460100,yes,one cell too many,do not contact,ann@example.org\nBo Li,44 20 7946 01011,no\n");
        Assert.Equal((0L, 2L), (outcome.Batch.Tally.New, outcome.Batch.Tally.Pointless));
        Assert.NotEmpty(await house.SuppressionsAsync("+442079460100"));
        Assert.NotEmpty(await house.SuppressionsAsync("ann@example.org"));
        Assert.Equal(2, outcome.Rejected.First.Select(static place => place.Row).Distinct().Count());
    }
}
