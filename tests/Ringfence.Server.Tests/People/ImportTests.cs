using System.Globalization;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Lists.Reading;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Storage;
using Xunit;
using static Ringfence.Server.Tests.People.Importing;

namespace Ringfence.Server.Tests.People;

/// <summary>What an import writes, and what it never does.</summary>
public sealed class ImportTests : IAsyncLifetime
{
    private House house = null!;

    public async ValueTask InitializeAsync() => house = await House.BuildAsync();

    public async ValueTask DisposeAsync() => await house.DisposeAsync();

    [Fact]
    public async Task A_row_with_a_consent_is_one_record_that_carries_its_person()
    {
        var before = await house.SizeAsync();
        await house.ImportAsync($"id,first name,last name,phone,email,country,call_consent,call_consent_date,call_consent_wording\nL7,Ann,Smith,020 7946 0100,Ann@Example.org,GB,yes,2026-01-04,{Wording}\n");
        var records = (await house.RecordsAsync()).Skip((int)before).ToList();
        Assert.Equal(
            [RecordType.ImportStarted, RecordType.DocPublished, RecordType.ConsentImported, RecordType.ImportFinished], records.Select(static r => r.Type));
        var yes = records[2];
        Assert.Equal((RecordState.Given, "voice", "offers"), (yes.State!.Value, yes.Scope!.Channels![0], yes.Scope.Purposes![0]));
        Assert.Equal((NodaTime.Instant.FromUtc(2026, 1, 4, 0, 0), EventSource.Import), (yes.EventAt!.Value, yes.EventSource!.Value));
        Assert.Equal(records[1].Notice!.Doc, yes.Notice!.Doc);
        Assert.NotNull(yes.Commits!.Person);
        Assert.NotNull(yes.Commits.Evidence);
        Assert.Equal("GB", yes.Jurisdiction![0]);

        var found = await house.PersonAsync("+442079460100");
        Assert.Equal(("Ann", "Smith"), (found.Data.Given, found.Data.Family));
        Assert.Equal(["+442079460100"], found.Data.Phones!.Values);
        Assert.Equal(["ann@example.org"], found.Data.Emails!.Values);
        Assert.Equal(found.Person.Sid, (await house.PersonAsync("ann@example.org")).Person.Sid);
        Assert.Equal((ContactSource.Form, "GB", ResidenceBasis.Declared, PersonStatus.Contactable), (found.Person.Source!.Value, found.Person.Residence, found.Person.ResidenceBasis, found.Person.Status));
        Assert.Equal(found.Data.Phones.Keys.Single(), yes.Subject!.Value.Point.ToString());
    }

    [Theory]
    [InlineData("leads-2000.csv")]
    [InlineData("leads-zh-utf8bom-300.csv")]
    [InlineData("leads-zh-gb18030-200.csv")]
    public Task A_sample_list_imported_twice_adds_nothing_the_second_time(string name) => TwiceAsync(house, name);

    [Theory]
    [InlineData("leads-2000.csv")]
    [InlineData("leads-zh-utf8bom-300.csv")]
    [InlineData("leads-zh-gb18030-200.csv")]
    public async Task So_it_is_in_PostgreSQL(string name)
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var there = await House.BuildAsync(store: home.Options);
        await TwiceAsync(there, name);
    }

    private static async Task TwiceAsync(House house, string name)
    {
        var options = Options(Path.Combine(SampleListTests.Folder, name));
        var would = await house.RunAsync(options, isDry: true);
        var before = await house.SizeAsync();
        var first = await house.RunAsync(options);
        var size = await house.SizeAsync();
        var tally = first.Batch.Tally;
        Assert.Equal(first.Batch.Rows, tally.Rows);
        Assert.Equal(tally.Rows, tally.New + tally.Known + tally.Closed + tally.Pointless);
        Assert.True(tally.New > 100 && tally.Given.Values.Sum() > 20 && tally.Suppressions > 5 && tally.Quarantined.Count > 0);
        // What a dry run tells is what comes, and it leaves nothing behind.
        Assert.Equal(house.Founded, before);
        Assert.Equal(Figures(tally), Figures(would.Batch.Tally));

        var everything = await house.EverythingAsync();
        var second = await house.RunAsync(options);
        // It says that it ran, and nothing else.
        Assert.Equal(size + 2, await house.SizeAsync());
        Assert.Equal((0, 0), (second.Batch.Tally.New, second.Batch.Tally.Suppressions));
        Assert.Equal(everything, await house.EverythingAsync());
    }

    private static string Figures(ImportTally tally) => System.Text.Json.JsonSerializer.Serialize(new
    {
        tally.New,
        tally.Known,
        tally.Changed,
        tally.Closed,
        tally.Pointless,
        tally.Quarantined,
        tally.HeldBack,
        tally.Given,
        tally.Asked,
        tally.Lacking,
        tally.NotReopened,
        tally.Refusals,
        tally.Suppressions,
        tally.OtherName,
        tally.Merges,
        tally.Minors,
        tally.Expired,
        tally.Unclear,
        tally.Records,
    });

    // RINGFENCE_TEST_SEEDS=200 for more.
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_SEEDS") ?? "8", CultureInfo.InvariantCulture))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_the_lists_say_the_second_time_adds_nothing_and_nobody_who_refused_is_open(int seed)
    {
        var lists = Directory.CreateDirectory(Path.Combine(house.Folder, "lists")).FullName;
        new RandomLists(seed).Write(lists, lists: 8, rows: 20, people: 40);
        await house.RunAsync(ImportingProcess.Options(lists));
        var size = await house.SizeAsync();
        var everything = await house.EverythingAsync();
        await house.RunAsync(ImportingProcess.Options(lists));
        // It says that it ran, and nothing else.
        Assert.Equal([RecordType.ImportStarted, RecordType.ImportFinished], (await house.RecordsAsync()).Skip((int)size).Select(static record => record.Type));
        Assert.Equal(everything, await house.EverythingAsync());
        Assert.All(await house.RecordsAsync(), static record => Assert.NotEqual(RecordType.SuppressionLifted, record.Type));
        await AssertNobodyIsOpenOnWhatTheyRefusedAsync();
    }

    /// <summary>No consent is written after a refusal of the same person in its scope, and none for a number that is closed.</summary>
    private async Task AssertNobodyIsOpenOnWhatTheyRefusedAsync()
    {
        var closed = new Dictionary<OpaqueId, ChannelSet>();
        foreach (var record in await house.RecordsAsync())
        {
            if (record.Subject is not { } subject || record.Type != RecordType.ConsentImported)
                continue;
            var channels = SuppressionScope.Of(record.Scope).Channels;
            if (record.State == RecordState.Refused)
                closed[subject.Sid] = closed.GetValueOrDefault(subject.Sid) | channels;
            else
                Assert.Equal(ChannelSet.None, channels & closed.GetValueOrDefault(subject.Sid));
        }

        foreach (var line in await house.EverythingAsync())
            Assert.DoesNotContain("?", line.Split(':')[0], StringComparison.Ordinal);
        byte[]? last = null;
        while (await house.Installation.Store.SubjectsAsync(house.Ledger.Ledger, last, 500, CancellationToken.None) is { Count: > 0 } page)
        {
            last = page[^1].Sid;
            foreach (var row in page)
            {
                var found = await Contacts.FindAsync(house.Installation, house.Ledger, new OpaqueId(row.Sid), CancellationToken.None);
                foreach (var (id, point) in found!.Points())
                {
                    var suppressed = (await house.SuppressionsAsync(point.Value)).Aggregate(ChannelSet.None, static (set, entry) => set | (ChannelSet)entry.Channels);
                    var given = found.Person.Records.Where(record => record.Type == RecordType.ConsentImported && record.State != RecordState.Refused && record.Subject?.Point == id);
                    Assert.All(given, record => Assert.Equal(ChannelSet.None, SuppressionScope.Of(record.Scope).Channels & suppressed));
                }
            }
        }
    }

    [Fact]
    public async Task A_wording_that_names_the_person_is_sealed_and_no_document()
    {
        var outcome = await house.ImportAsync(
            "name,phone,call_consent,call_consent_date,call_consent_wording\n"
            + "Ann Smith,+442079460100,yes,2026-01-04,\"I, Ann Smith, agree that Acme Ltd may call me with offers\"\n"
            + $"Annual Report,+442079460101,yes,2026-01-04,{Wording} annually\n"
            + "Bo Li,+442079460102,yes,2026-01-04,Acme Ltd may call +44 20 7946 0102 with offers\n");
        Assert.Equal(3, outcome.Batch.Tally.New);
        var documents = await house.Installation.Store.DocumentsAsync(house.Ledger.Ledger, TestContext.Current.CancellationToken).Select(static row => System.Text.Encoding.UTF8.GetString(row.Bytes)).ToListAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(documents, static text => text.Contains("Ann Smith", StringComparison.Ordinal) || text.Contains("7946", StringComparison.Ordinal));
        var record = (await house.PersonAsync("+442079460100")).Person.Records.Single();
        Assert.Null(record.Notice);
        Assert.Equal("I, Ann Smith, agree that Acme Ltd may call me with offers", (await house.EvidenceAsync(record)).Wording);
        Assert.Contains("record", (await house.EvidenceAsync(record)).Holds!);
    }

    [Fact]
    public async Task What_a_list_says_of_a_yes_is_kept_as_evidence_and_what_it_lacks_as_flaws()
    {
        await house.ImportAsync("id,name,phone,call_consent,call_consent_date,call_consent_wording,call_consent_method,source\nX1,Bo Li,+442079460100,yes,2026-01-04,I agree to calls with offers,checkbox,web form\n");
        var record = (await house.PersonAsync("+442079460100")).Person.Records.Single();
        Assert.Equal(["no-sender"], ((LeafValue.List)record.Detail!["flaws"]!).Items.Select(static item => item.AsText));
        var evidence = await house.EvidenceAsync(record);
        Assert.Equal((1, "X1", "2026-01-04", "checkbox", "web form"), (evidence.Row, evidence.Id, evidence.Day, evidence.Method, evidence.Source));
        Assert.Equal(["wording", "channel-named", "person-named", "time-recorded", "manner-recorded"], evidence.Holds);
    }

    [Fact]
    public async Task A_number_known_under_another_name_keeps_its_consents_to_itself()
    {
        await house.ImportAsync($"name,phone,email,call_consent,call_consent_date,call_consent_wording\nAnn Smith,+442079460100,ann@example.org,yes,2026-01-04,{Wording}\n");
        var outcome = await house.ImportAsync($"name,phone,email,call_consent,call_consent_date,call_consent_wording,email_opt_in\nBob Jones,+442079460100,bob@example.org,yes,2026-02-04,{Wording},yes\n");
        Assert.Equal((1L, 1L, 1L), (outcome.Batch.Tally.OtherName, outcome.Batch.Tally.New, outcome.Batch.Tally.Merges));
        var ann = await house.PersonAsync("+442079460100");
        Assert.Equal("Ann Smith", ann.Data.Name);
        Assert.Single(ann.Person.Records);
        var bob = await house.PersonAsync("bob@example.org");
        Assert.Null(bob.Data.Phones);
        Assert.Equal(["email"], Assert.Single(bob.Person.Records).Scope!.Channels!);
    }

    [Fact]
    public async Task A_new_number_of_a_known_person_has_no_consent()
    {
        await house.ImportAsync($"name,phone,email,call_consent,call_consent_date,call_consent_wording\nAnn Smith,+442079460100,ann@example.org,yes,2026-01-04,{Wording}\n");
        await house.ImportAsync("name,phone,email\nSmith Ann,+442079460199,ann@example.org\n");
        var ann = await house.PersonAsync("+442079460199");
        Assert.Equal(2, ann.Data.Phones!.Count);
        Assert.Equal([RecordType.ConsentImported, RecordType.ContactChanged], ann.Person.Records.Select(static r => r.Type));
        var first = ann.Data.Phones.Single(static pair => pair.Value == "+442079460100").Key;
        Assert.Equal(first, ann.Person.Records[0].Subject!.Value.Point.ToString());
        // An address that another name has is nobody's proof.
        var outcome = await house.ImportAsync("name,phone,email\nCy Low,+442079460150,ann@example.org\n");
        Assert.Equal((1L, 1L), (outcome.Batch.Tally.New, outcome.Batch.Tally.Merges));
        Assert.NotEqual(ann.Person.Sid, (await house.PersonAsync("+442079460150")).Person.Sid);
    }

    [Fact]
    public async Task A_name_changes_where_number_and_address_agree_and_else_stays()
    {
        await house.ImportAsync("name,phone,email\nAnn Smith,+442079460100,ann@example.org\n");
        await house.ImportAsync("name,phone,email\nAnn Miller,+442079460100,ann@example.org\n");
        Assert.Equal("Ann Miller", (await house.PersonAsync("+442079460100")).Data.Name);
        await house.ImportAsync("name,phone,email\nAnn Other,+442079460100,\n");
        Assert.Equal("Ann Miller", (await house.PersonAsync("+442079460100")).Data.Name);
    }

    [Fact]
    public async Task A_minor_stays_one_and_a_worse_source_counts()
    {
        await house.ImportAsync("name,phone,age\nAnn Smith,+442079460100,17\n");
        await house.ImportAsync("name,phone,age,source\nAnn Smith,+442079460100,25,referral\n");
        var ann = (await house.PersonAsync("+442079460100")).Person;
        Assert.True(ann.IsMinor);
        Assert.Equal(ContactSource.Referral, ann.Source);
        await house.ImportAsync("name,phone,source\nAnn Smith,+442079460100,web form\n");
        Assert.Equal(ContactSource.Referral, (await house.PersonAsync("+442079460100")).Person.Source);
    }

    [Fact]
    public async Task A_yes_that_has_ended_says_so_by_its_term_and_closes_nothing()
    {
        await house.ImportAsync($"name,phone,call_consent,call_consent_date,call_consent_until,call_consent_wording\nAnn Smith,+442079460100,yes,2024-01-01,2024-12-31,{Wording}\nBo Li,+442079460101,yes,,2027-12-31,{Wording}\n");
        var ended = (await house.PersonAsync("+442079460100")).Person.Records.Single();
        Assert.Equal((RecordState.Given, "P366D"), (ended.State!.Value, ended.ValidFor));
        // An end that can't be counted from a day would be lost.
        Assert.Equal(RecordState.Requested, (await house.PersonAsync("+442079460101")).Person.Records.Single().State);
    }

    [Fact]
    public async Task Nothing_personal_stands_in_any_file_in_plain()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("rf-list-").FullName, "list.csv");
        try
        {
            await File.WriteAllTextAsync(path, $"name,phone,email,call_consent,call_consent_date,call_consent_wording,notes\nZebediah Quux,+442079460123,zebediah.quux@example.org,yes,2026-01-04,{Wording},met at the Xyzzyfair\nNo Body,+442079460124,nobody.quux@example.org,no,,,do not call\n", TestContext.Current.CancellationToken);
            await house.RunAsync(Options(path));
            Assert.Empty(await Traces.OfAsync(house.Folder, "Zebediah", "Quux", "quux", "2079460123", "2079460124", "Xyzzyfair"));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
