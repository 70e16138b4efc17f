using System.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Tests.Ledger;
using Xunit;
using static Ringfence.Server.Tests.People.Importing;

namespace Ringfence.Server.Tests.People;

/// <summary>Contacts had from others are held back, and only the passport of their own list lets them out.</summary>
public sealed class ImportQuarantineTests : IAsyncLifetime
{
    private const string Bought = $"name,phone,call_consent,call_consent_date,call_consent_wording\nAnn Smith,+442079460100,yes,2026-01-04,{Wording}\nBo Li,+442079460101,yes,2019-01-04,{Wording}\n";

    private static readonly string Passport = $$"""
        passport: hub-1
        seller: { name: Hub Fiktiv Ltd }
        contract: { reference: H1, date: 2026-03-01 }
        collected: { by: Quiz Fiktiv GmbH, where: quiz.example, how: checkbox, from: 2025-06-01, until: 2026-02-28 }
        wording: { text: {{Wording}} }
        evidence: { records: [time], reference: vault 7 }
        """;

    private House house = null!;

    public async ValueTask InitializeAsync() => house = await House.BuildAsync();

    public async ValueTask DisposeAsync() => await house.DisposeAsync();

    private async Task<PersonStatus> StatusAsync(string point) => (await house.PersonAsync(point)).Person.Status;

    [Fact]
    public async Task A_bought_list_is_held_back_and_its_passport_lets_out_whom_it_covers()
    {
        var first = await house.ImportAsync(Bought, ContactSource.Purchased);
        Assert.Equal(2, first.Batch.Tally.Quarantined["no-passport"]);
        Assert.Equal(PersonStatus.Quarantined, await StatusAsync("+442079460100"));

        // Not by the same people on a better list, and not by a passport that lacks something.
        await house.ImportAsync(Bought.Replace("2019", "2026", StringComparison.Ordinal), ContactSource.Form, name: "form.csv");
        await house.ImportAsync(Bought, ContactSource.Purchased, Passport.Replace("contract: { reference: H1, date: 2026-03-01 }", "", StringComparison.Ordinal));
        Assert.Equal(PersonStatus.Quarantined, await StatusAsync("+442079460100"));

        var second = await house.ImportAsync(Bought, ContactSource.Purchased, Passport);
        Assert.Equal(1, second.Batch.Tally.Cleared);
        Assert.Equal((PersonStatus.Contactable, PersonStatus.Quarantined), (await StatusAsync("+442079460100"), await StatusAsync("+442079460101")));
        var size = await house.SizeAsync();
        await house.ImportAsync(Bought, ContactSource.Purchased, Passport);
        Assert.Equal(size + 2, await house.SizeAsync());
        var cleared = (await house.RecordsAsync()).Single(static record => record.Detail?["quarantine"]?.AsText == "no");
        Assert.Equal((RecordType.ContactChanged, TreeHash.Sha256(Encoding.UTF8.GetBytes(Passport))), (cleared.Type, cleared.Notice!.Doc));
    }

    [Fact]
    public async Task A_passport_says_nothing_for_another_list_that_holds_somebody_back()
    {
        await house.ImportAsync(Bought + "Cy Low,+442079460102,,,\n", ContactSource.Purchased, name: "first.csv");
        await house.ImportAsync(Bought, ContactSource.Purchased, Passport, name: "second.csv");
        Assert.Equal(PersonStatus.Quarantined, await StatusAsync("+442079460100"));
    }

    [Fact]
    public async Task Who_came_by_a_way_of_their_own_stays_open_and_nothing_of_a_bought_list_is_taken_but_refusals()
    {
        await house.ImportAsync($"name,phone,sms_opt_in,sms_opt_in_date,sms_opt_in_wording\nAnn Smith,+442079460100,yes,2026-01-04,I agree to text messages with offers from Acme Ltd\n");
        var outcome = await house.ImportAsync("name,phone,other phone,call_consent,email_opt_in\nAnn Smith,+442079460100,+442079460177,yes,no\n", ContactSource.Purchased);
        Assert.Equal((1L, 0L), (outcome.Batch.Tally.HeldBack, outcome.Batch.Tally.New));
        var ann = (await house.PersonAsync("+442079460100")).Person;
        Assert.Equal((PersonStatus.Contactable, ContactSource.Form), (ann.Status, ann.Source!.Value));
        Assert.Equal([RecordState.Given, RecordState.Refused], ann.Records.Select(static record => record.State!.Value));
        Assert.Null(await house.FindAsync("+442079460177"));
    }

    [Fact]
    public async Task Scraped_contacts_stay_whatever_is_shown()
    {
        await house.ImportAsync(Bought, ContactSource.Scraped, Passport);
        Assert.Equal(PersonStatus.Quarantined, await StatusAsync("+442079460100"));
        await house.ImportAsync(Bought, ContactSource.Purchased, Passport);
        Assert.Equal(ContactSource.Scraped, (await house.PersonAsync("+442079460100")).Person.Source);
    }
}
