using System.Globalization;
using System.Text;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists;
using Ringfence.Server.People.Import;
using Ringfence.Server.Tests.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.People;

/// <summary>What is kept of the rows of lists, before anything is written.</summary>
public sealed class ImportReadingTests : IDisposable
{
    private const string Wording = "I agree that Acme Ltd may call me by phone with offers";

    private readonly string folder = Directory.CreateTempSubdirectory("ringfence-import").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static ImportOptions Options(ContactSource source, params string[] files) => new()
    {
        Files = files, AsOf = new LocalDate(2026, 11, 21), Controller = "Acme Ltd", Source = source, Language = CultureInfo.GetCultureInfo("en"), Threads = 2,
    };

    private string Write(string name, string content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static async Task<List<ImportedRow>> ReadAsync(ImportOptions options, long done = 0, List<ImportedRow>? settled = null, StringBuilder? rejected = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        var reading = await ImportReading.OpenAsync(options, ProgressBar.None, cancel);
        var rows = new List<ImportedRow>();
        reading.Run(done, static batch => batch, batch =>
        {
            rows.AddRange(batch.Rows);
            settled?.AddRange(batch.Settled);
            rejected?.Append(Encoding.UTF8.GetString(batch.RejectedCsv.Written));
        }, cancel);
        return rows;
    }

    private Task<List<ImportedRow>> ReadAsync(string content, ContactSource source = ContactSource.Form, Func<ImportOptions, ImportOptions>? with = null) =>
        ReadAsync((with ?? (static o => o))(Options(source, Write("list.csv", content))));

    [Fact]
    public async Task A_row_brings_its_person_and_each_consent_with_day_words_and_method()
    {
        var row = Assert.Single(await ReadAsync(
            "id,first name,last name,phone,mobile,email,country,source,call_consent,call_consent_date,call_consent_wording,call_consent_method,email_opt_in,last_purchase,notes,shoe size\n"
            + $"L1,Ann,Smith,020 7946 0100,0131 496 0100,Ann.Smith@Example.ORG,GB,web form,yes,2026-01-04,{Wording},ticked box,yes,2026-06-01,likes tea,42\n"));
        Assert.Equal(("L1", "Ann", "Smith", (string?)null), (row.ListId, row.GivenName, row.FamilyName, row.WholeName));
        Assert.Equal([442079460100ul, 441314960100ul], row.Phones.Select(static n => n.Digits));
        Assert.Equal(["ann.smith@example.org"], row.Emails);
        Assert.Equal(("GB", PlaceGrounds.CountryCell | PlaceGrounds.Number), (row.Residence, row.ResidenceGround));
        Assert.Equal((ContactSource.Form, "web form", QuarantineCause.None), (row.Source, row.SourceWords, row.Quarantine));
        Assert.Equal(Days.Of(new LocalDate(2026, 6, 1)), row.LastSign);
        Assert.Equal(
            [
                new ImportedConsent(ListedAnswer.Given, ChannelSet.Voice, Days.Of(new LocalDate(2026, 1, 4)), ContactFacts.NoDay, Wording, "ticked box", ListedFlaws.None),
                new ImportedConsent(ListedAnswer.Given, ChannelSet.Email, ContactFacts.NoDay, ContactFacts.NoDay, null, null, ListedFlaws.NoDay | ListedFlaws.NoWording),
            ],
            row.Consents);
        Assert.Equal(ChannelSet.None, row.Refusal.Channels);
    }

    [Fact]
    public async Task Channels_that_are_told_the_same_are_one_consent()
    {
        const string Both = "I agree to calls and text messages with offers from Acme Ltd";
        var row = Assert.Single(await ReadAsync($"phone,consent,consent_date,consent_wording\n+442079460100,yes,2026-01-04,{Both}\n"));
        var consent = Assert.Single(row.Consents);
        Assert.Equal((ListedAnswer.Given, ChannelSet.Voice | ChannelSet.Sms), (consent.Answer, consent.Channels));
    }

    [Fact]
    public async Task A_damaged_number_is_not_taken_and_a_refusal_still_reaches_the_one_it_may_be()
    {
        var rejected = new StringBuilder();
        var rows = await ReadAsync(Options(ContactSource.Form, Write("list.csv", "phone,name,do not call\n+44 (0)20 7946 0100,A B,\n44 20 7946 010,A C,\n+4420794601011,A D,yes\n")), rejected: rejected);
        Assert.Equal([442079460100ul], rows[0].Phones.Select(static n => n.Digits));
        Assert.Empty(rows[1].Phones);
        Assert.Empty(rows[2].Phones);
        Assert.Equal(ChannelSet.Phone, rows[2].Refusal.Channels & ChannelSet.Phone);
        Assert.Contains("list.csv,2,phone,", rejected.ToString(), StringComparison.Ordinal);
        Assert.Contains("list.csv,3,phone,", rejected.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_calls_closes_every_channel_of_the_number_in_all_rows_of_the_person()
    {
        var rows = await ReadAsync(
            "name,phone,email,call_consent,call_consent_date,call_consent_wording,notes\n"
            + $"Ann Smith,+442079460100,ann@example.org,yes,2026-01-04,{Wording},\n"
            + "Smith Ann,+442079460101,ann@example.org,,,,asked not to be called again\n"
            + $"Bob Jones,+442079460102,bob@example.org,yes,2026-01-04,{Wording},\n");
        Assert.Equal([0, 0, 2], rows.Select(static r => r.Person));
        Assert.Equal([ChannelSet.Phone, ChannelSet.Phone, ChannelSet.None], rows.Select(static r => r.Refusal.Channels));
        Assert.Equal([ChannelSet.Phone, ChannelSet.Phone, ChannelSet.None], rows.Select(static r => r.Refusal.OfPerson));
        Assert.Equal([true, true, false], rows.Select(static r => r.HasMore));
        Assert.Equal((RefusalPlaces.None, 1), (rows[0].Refusal.Places, rows[0].Refusal.By));
        Assert.Equal((RefusalPlaces.Notes, -1), (rows[1].Refusal.Places, rows[1].Refusal.By));
        Assert.Empty(rows[0].Consents);
        Assert.Single(rows[2].Consents);
    }

    [Fact]
    public async Task Who_merely_has_the_number_of_somebody_who_refused_has_not_refused()
    {
        var rows = await ReadAsync("name,phone,email,notes\nAnn Smith,+442079460100,ann@example.org,do not call me\nBob Jones,+442079460100,bob@example.org,\nCy Low,+442079460102,,\n");
        Assert.Equal([ChannelSet.Phone, ChannelSet.Phone, ChannelSet.None], rows.Select(static r => r.Refusal.Channels));
        Assert.Equal([ChannelSet.Phone, ChannelSet.None, ChannelSet.None], rows.Select(static r => r.Refusal.OfPerson));
        Assert.Equal([true, true, false], rows.Select(static r => r.IsShared));
    }

    [Fact]
    public async Task A_row_that_can_not_be_read_brings_refusals_only()
    {
        var rows = await ReadAsync($"name,phone,email,call_consent,notes\nAnn Smith,+442079460100,ann@example.org,yes,extra,do not call\nBob,+442079460101,bob@example.org,yes,\n");
        Assert.True(rows[0].IsUnreadable);
        Assert.Equal([442079460100ul], rows[0].Guessed.Select(static n => n.Digits));
        Assert.Equal(["ann@example.org"], rows[0].Emails);
        Assert.Empty(rows[0].Phones);
        Assert.Empty(rows[0].Consents);
        Assert.NotEqual(ChannelSet.None, rows[0].Refusal.Channels & ChannelSet.Phone);
        Assert.False(rows[1].IsUnreadable);
    }

    [Fact]
    public async Task An_answer_that_is_no_yes_and_no_no_is_told_as_what_it_is()
    {
        var rows = await ReadAsync("phone,sms_opt_in\n+442079460100,pending\n+442079460101,?\n+442079460102,\n+442079460103,maybe next year\n");
        Assert.Equal([ListedAnswer.Asked], rows[0].Consents.Select(static c => c.Answer));
        Assert.Equal(ChannelSet.Sms, rows[0].Consents[0].Channels);
        Assert.All(rows.Skip(1), static r => Assert.Empty(r.Consents));
        Assert.Equal([ChannelSet.None, ChannelSet.Sms, ChannelSet.None, ChannelSet.Sms], rows.Select(static r => r.Unclear));
    }

    [Fact]
    public async Task Who_is_or_may_be_a_minor_is_marked()
    {
        var rows = await ReadAsync("phone,age\n+442079460100,17\n+442079460101,18\n+442079460102,16-24\n");
        Assert.Equal([true, false, true], rows.Select(static r => r.IsMinor));
    }

    [Fact]
    public async Task Contacts_of_others_are_held_back_unless_a_passport_shows_the_chain()
    {
        const string List = $"phone,source,call_consent,call_consent_date\n+442079460100,,yes,2026-01-04\n+442079460101,bought from a broker,yes,2026-01-04\n+442079460102,scraped from the web,yes,2026-01-04\n+442079460103,bought list,yes,2024-01-04\n";
        var passport = Passport.Read("p.yaml", $$"""
            passport: hub-1
            seller: { name: Hub Fiktiv Ltd }
            contract: { reference: H1, date: 2026-03-01 }
            collected: { by: Quiz Fiktiv GmbH, where: "quiz.example", how: checkbox, from: 2025-06-01, until: 2026-02-28 }
            wording: { text: {{Wording}} }
            evidence: { records: [time, ip], reference: vault 7 }
            """);
        static IEnumerable<QuarantineCause> Causes(List<ImportedRow> rows) => rows.Select(static r => r.Quarantine);
        Assert.Equal(
            [QuarantineCause.None, QuarantineCause.NoPassport, QuarantineCause.BeyondPassport, QuarantineCause.NoPassport], Causes(await ReadAsync(List)));
        Assert.Equal(
            [QuarantineCause.NoPassport, QuarantineCause.NoPassport, QuarantineCause.BeyondPassport, QuarantineCause.NoPassport], Causes(await ReadAsync(List, ContactSource.Purchased)));
        var shown = await ReadAsync(List, ContactSource.Purchased, o => o with { Passport = passport });
        Assert.Equal([QuarantineCause.None, QuarantineCause.None, QuarantineCause.BeyondPassport, QuarantineCause.OutsidePeriod], Causes(shown));
        Assert.Equal((Wording, "checkbox", ListedFlaws.None), (shown[0].Consents[0].Wording, shown[0].Consents[0].Method, shown[0].Consents[0].Flaws));
        Assert.Equal(QuarantineCause.PassportLacks, (await ReadAsync(List, ContactSource.Purchased, o => o with { Passport = passport with { Seller = null } }))[0].Quarantine);
    }

    [Fact]
    public async Task Going_on_after_settled_rows_brings_the_rest_and_the_first_rows_of_persons_still_to_come()
    {
        var list = new StringBuilder("name,phone,email\n");
        for (var i = 0; i < 100; i++)
            list.Append(CultureInfo.InvariantCulture, $"Person {(char)('A' + (i % 26))}{(char)('a' + (i / 26))},,p{i % 90}@example.org\n");
        var options = Options(ContactSource.Form, Write("list.csv", list.ToString()));
        var all = await ReadAsync(options);
        var settled = new List<ImportedRow>();
        var rest = await ReadAsync(options, done: 95, settled);
        Assert.Equal(Enumerable.Range(95, 5), rest.Select(static r => r.At));
        Assert.Equal(all.Skip(95).Select(static r => r.Person).Distinct(), settled.Select(static r => r.At));
        Assert.Equal(["p5@example.org"], settled[0].Emails);
    }

    [Theory]
    [InlineData("leads-2000.csv", 2000)]
    [InlineData("leads-zh-utf8bom-300.csv", 300)]
    [InlineData("leads-zh-gb18030-200.csv", 200)]
    public async Task Every_row_of_the_sample_lists_is_kept_in_order_and_none_that_refused_with_a_consent(string name, int count)
    {
        var rows = await ReadAsync(Options(ContactSource.Form, Path.Combine(SampleListTests.Folder, name)));
        Assert.Equal(Enumerable.Range(0, count), rows.Select(static r => r.At));
        Assert.All(rows, static row =>
        {
            Assert.All(row.Consents, consent => Assert.Equal(ChannelSet.None, consent.Channels & row.Refusal.Channels));
            Assert.Equal(QuarantineCause.None != row.Quarantine, Provenance.NeedsPassport(row.Source));
        });
        Assert.Contains(rows, static r => r.Consents.Any(static c => c is { Answer: ListedAnswer.Given, Wording.Length: > 0 }));
        Assert.Contains(rows, static r => r.Refusal.Channels != ChannelSet.None);
        Assert.Contains(rows, static r => r.Quarantine != QuarantineCause.None);
    }
}
