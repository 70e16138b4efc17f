using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Lists.Reading;
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
    public async Task A_sample_list_imported_twice_adds_nothing_the_second_time(string name)
    {
        var options = Options(Path.Combine(SampleListTests.Folder, name));
        var first = await house.RunAsync(options);
        var size = await house.SizeAsync();
        var tally = first.Batch.Tally;
        Assert.Equal(first.Batch.Rows, tally.Rows);
        Assert.Equal(tally.Rows, tally.New + tally.Known + tally.Closed + tally.Pointless);
        Assert.True(tally.New > 100 && tally.Given.Values.Sum() > 20 && tally.Suppressions > 5 && tally.Quarantined.Count > 0);

        var second = await house.RunAsync(options);
        // It says that it ran, and nothing else.
        Assert.Equal(size + 2, await house.SizeAsync());
        Assert.Equal((0, 0), (second.Batch.Tally.New, second.Batch.Tally.Suppressions));
    }
}
