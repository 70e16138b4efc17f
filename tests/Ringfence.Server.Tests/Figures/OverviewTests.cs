using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Figures;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Figures;

public sealed class SqliteOverviewTests() : OverviewContract(isPostgres: false);

public sealed class PostgresOverviewTests() : OverviewContract(isPostgres: true);

/// <summary>The overview and the room of the ledger, by what records there are.</summary>
public abstract class OverviewContract(bool isPostgres) : StoreContract(isPostgres)
{
    [Fact]
    public async Task The_overview_tells_what_the_records_come_to_and_follows_them()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        await house.House.FillAsync(10);
        var before = await house.GetAsync(house.Controller + "overview", Role.PrivacyOfficer);
        Assert.Equal(HttpStatusCode.OK, before.Status);
        Assert.Equal("0", Kpi(before.Text, "Consents given"));
        Assert.Contains("There is no backup", before.Text, StringComparison.Ordinal);
        Assert.Contains("First steps", before.Text, StringComparison.Ordinal);

        await house.House.Writer.DoAsync(new WriteCommand(RecordType.ConsentGiven, RecordState.Given, 3), TestContext.Current.CancellationToken);
        await house.House.Writer.DoAsync(new WriteCommand(RecordType.BackupTaken, null, 1), TestContext.Current.CancellationToken);
        var after = await house.GetAsync(house.Controller + "overview", Role.PrivacyOfficer);
        Assert.Equal("3", Kpi(after.Text, "Consents given"));
        Assert.DoesNotContain("There is no backup", after.Text, StringComparison.Ordinal);
        Assert.Contains("ledger?type=consent.given", after.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_may_not_see_figures_sees_none_and_whoever_may_not_see_records_gets_no_link_to_them()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        foreach (var role in Roles.All)
        {
            var seen = await house.GetAsync(house.Controller + "overview", role);
            Assert.Equal(HttpStatusCode.OK, seen.Status);
            Assert.Equal((role.Rights() & Right.SeeFigures) != 0, seen.Text.Contains("class=\"kpi-n\"", StringComparison.Ordinal));
            Assert.Equal((role.Rights() & Right.SeeLedger) != 0, seen.Text.Contains("/ledger\"", StringComparison.Ordinal));
            if ((role.Rights() & Right.SeeLedger) == 0)
                Assert.DoesNotContain("/ledger?", seen.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_ledger_that_was_put_back_to_an_older_state_is_counted_anew()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        await house.House.FillAsync(20);
        var figures = new FigureFollower(house.House.Installation, house.House.Ledger);
        Assert.True(await figures.CatchUpAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var size = await house.SizeAsync();
        Assert.Equal(size, figures.With(static book => book.Size));
        await house.House.FillAsync(5);
        Assert.True(await figures.CatchUpAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(size + 5, figures.With(static book => book.All[RecordType.ConfigChanged]) + house.House.Founded);
    }

    [Fact]
    public async Task What_was_written_just_now_is_in_the_consents_that_stand_where_looking_takes_a_moment()
    {
        await using var house = await PageHouse.BuildAsync(Store, new MomentTime());
        var figures = new FigureFollower(house.House.Installation, house.House.Ledger);
        Assert.Equal(0, await StandingAsync());
        var given = new ProjectionRows();
        given.Consents.Add(new([.. Enumerable.Repeat((byte)1, 16)], new byte[16], 0, "offers", (short)ConsentStanding.Given, 1, 0, null));
        await house.House.Installation.Store.ReplaceProjectionsAsync(house.House.Ledger.Ledger, new[] { given }.ToAsyncEnumerable(), TestContext.Current.CancellationToken);
        await house.House.FillAsync(1);
        Assert.Equal(1, await StandingAsync());

        async Task<long> StandingAsync()
        {
            Assert.True(await figures.CatchUpAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
            return (await figures.EndsAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken))!.Standing;
        }
    }

    [Fact]
    public async Task The_first_steps_lead_to_the_first_form_until_there_is_one()
    {
        var time = new StandingTime();
        await using var house = await PageHouse.BuildAsync(Store, time);
        var overview = house.Controller + "overview";
        Assert.Contains($"href=\"/{house.Controller}forms/new\"", (await house.GetAsync(overview, Role.Administrator)).Text, StringComparison.Ordinal);
        var form = FormDocument.Read("form.yaml", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml"), TestContext.Current.CancellationToken));
        await Ringfence.Server.Consent.Forms.PublishedForms.PublishAsync(house.House.Installation, house.House.Ledger, House.Staff, form, house.Served.Gate.Rules, TestContext.Current.CancellationToken);
        // Forms are held for a moment.
        time.Gone = TimeSpan.FromSeconds(10);
        Assert.DoesNotContain("/forms/new\"", (await house.GetAsync(overview, Role.Administrator)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_room_of_the_ledger_lists_records_by_type_and_time_and_shows_each_with_its_proof()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        await house.House.FillAsync(120);
        await house.House.Installation.NotaryOf(house.House.Ledger).CheckpointAsync(anchor: true, TestContext.Current.CancellationToken);
        var list = await house.GetAsync(house.Controller + "ledger?type=config.changed", Role.Auditor);
        Assert.Equal(HttpStatusCode.OK, list.Status);
        Assert.Equal(50, Regex.Count(list.Text, "<a class=\"seq\""));
        Assert.Contains(">120<", list.Text, StringComparison.Ordinal);
        var older = Regex.Match(list.Text, "href=\"([^\"]*before=[^\"]*)\"").Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal);
        var next = await house.GetAsync(older, Role.Auditor);
        Assert.Empty(Seqs(list.Text).Intersect(Seqs(next.Text)));
        Assert.Equal(Seqs(list.Text).Min() - 1, Seqs(next.Text).Max());

        var record = await house.GetAsync(house.Controller + "ledger/7", Role.Auditor);
        var body = (await house.House.Installation.Store.RecordsAsync(house.House.Ledger.Ledger, 7, 8, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken))[0].Body;
        Assert.Contains(WebUtility.HtmlEncode(System.Text.Encoding.UTF8.GetString(body)).Replace("&#39;", "'", StringComparison.Ordinal), WebUtility.HtmlEncode(WebUtility.HtmlDecode(record.Text)).Replace("&#39;", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        var bundle = await house.GetAsync(house.Controller + "ledger/7/bundle", Role.Auditor);
        Assert.Equal("application/json", bundle.Response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("ringfence/evidence/v1", bundle.Text, StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String(body), bundle.Text, StringComparison.Ordinal);
        foreach (var nonsense in new[] { "ledger/99999", "ledger/-1", "ledger/x", "ledger/99999/bundle" })
            Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(house.Controller + nonsense, Role.Auditor)).Status);
        foreach (var odd in new[] { "ledger?type=nothing", "ledger?before=-5", "ledger?from=x&to=y", "ledger?before=999999999999", "overview?from=0000-01-01" })
            Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(house.Controller + odd, Role.Auditor)).Status);
    }

    [Fact]
    public async Task A_consent_that_names_several_channels_ends_once_and_one_that_was_withdrawn_does_not_end()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var now = NodaTime.Instant.FromUtc(2026, 11, 20, 12, 0);
        var point = new byte[16];
        ConsentRow Row(byte person, short channel, ConsentStanding state, long seq, int days) =>
            new([.. Enumerable.Repeat(person, 16)], point, channel, "offers", (short)state, seq, 0, Micros.Of(now + NodaTime.Duration.FromDays(days)));
        var projected = new ProjectionRows();
        projected.Consents.AddRange(
        [
            Row(1, 0, ConsentStanding.Given, 5, 3), Row(1, 2, ConsentStanding.Given, 5, 3), Row(2, 0, ConsentStanding.Withdrawn, 6, 3), Row(3, 0, ConsentStanding.Expired, 7, -2),
            Row(4, 0, ConsentStanding.Given, 8, 200), Row(5, 0, ConsentStanding.Given, 9, 0) with { Until = null },
        ]);
        await house.House.Installation.Store.ReplaceProjectionsAsync(house.House.Ledger.Ledger, new[] { projected }.ToAsyncEnumerable(), TestContext.Current.CancellationToken);
        var ends = await ConsentEnds.ReadAsync(house.House.Installation.Store, house.House.Ledger, now, 10, TestContext.Current.CancellationToken);
        var around = Ringfence.Figures.FigurePeriod.Of(60, new NodaTime.LocalDate(2026, 12, 15));
        Assert.Equal((3L, 1L, 1L), (ends.Standing, ends.EndedIn(around), ends.EndingIn(around)));
    }

    private static string Kpi(string page, string label) =>
        WebUtility.HtmlDecode(Regex.Match(page, "kpi-l\">" + Regex.Escape(label) + "</span><span class=\"kpi-n\">([^ <]+)").Groups[1].Value);

    private static IReadOnlyList<long> Seqs(string page) => [.. Regex.Matches(page, "<a class=\"seq\"[^>]*>#([0-9,]+)<").Select(static match => long.Parse(match.Groups[1].Value.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture))];

    // Whatever is done takes no time by it.
    private sealed class MomentTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }

    private sealed class WriteCommand(RecordType type, RecordState? state, int count) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted)
        {
        }

        public override byte[] Run(LedgerTurn turn)
        {
            for (var i = 0; i < count; i++)
                turn.Append(RecordDraft.Of(type, new Actor(ActorKind.System, "test"), record => record with { State = state }));
            return [];
        }
    }
}
