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
        Assert.Contains("ledger?kind=given", after.Text, StringComparison.Ordinal);
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
    public async Task The_overview_waits_for_nothing_and_no_figure_is_older_than_it_says()
    {
        var time = new MovedTime();
        await using var house = await PageHouse.BuildAsync(Store, time);
        await house.House.FillAsync(10);
        var open = new TaskCompletionSource();
        house.Served.Figures.Through = rows => HeldAsync(rows, open.Task);
        var figures = house.Served.Figures.Of(house.House.Ledger);
        house.Served.Figures.Patience = TimeSpan.Zero;

        // Nothing is known yet, and nothing is said to be so many.
        var first = await ShownAsync();
        Assert.Contains("still being counted", first.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("consents stand;", first.Text, StringComparison.Ordinal);
        open.SetResult();
        Assert.True(await figures.CatchUpAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
        await figures.EndsAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        var counted = time.GetUtcNow();

        // What is written while nothing can be counted is not in it, and the page says as of when it is.
        time.Ahead = TimeSpan.FromMinutes(7);
        open = new TaskCompletionSource();
        await house.House.Writer.DoAsync(new WriteCommand(RecordType.ConsentGiven, RecordState.Given, 3), TestContext.Current.CancellationToken);
        var written = time.GetUtcNow();
        for (var i = 0; i < 2; i++)
        {
            var before = await ShownAsync();
            Assert.Equal("0", Kpi(before.Text, "Consents given"));
            Assert.True(Since(before.Text) <= counted, before.Text);
            time.Ahead += TimeSpan.FromMinutes(1);
        }

        // Once it is counted beside, it is shown, by whichever look comes first after it.
        open.SetResult();
        for (var given = "0"; given != "3";)
        {
            var after = await ShownAsync();
            given = Kpi(after.Text, "Consents given");
            Assert.True(given == "3" || Since(after.Text) < written, after.Text);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        async Task<Seen> ShownAsync() => await house.GetAsync(house.Controller + "overview", Role.PrivacyOfficer);
    }

    [Fact]
    public async Task Until_the_ledger_is_counted_nobody_says_that_no_backup_was_taken_and_no_room_is_held_up()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        await house.House.FillAsync(10);
        var open = new TaskCompletionSource();
        house.Served.Figures.Through = rows => HeldAsync(rows, open.Task);
        house.Served.Figures.Patience = TimeSpan.Zero;
        foreach (var room in new[] { "settings/backups", "ledger", "ledger?kind=ended&days=30" })
        {
            var seen = await house.GetAsync(house.Controller + room, Role.Administrator);
            Assert.Contains("still being counted", seen.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("No backup was taken", seen.Text, StringComparison.Ordinal);
        }

        open.SetResult();
        Assert.True(await house.Served.Figures.Of(house.House.Ledger).CatchUpAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
        Assert.Contains("No backup was taken", (await house.GetAsync(house.Controller + "settings/backups", Role.Administrator)).Text, StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<RecordRow> HeldAsync(IAsyncEnumerable<RecordRow> rows, Task opened)
    {
        await opened;
        await foreach (var row in rows)
            yield return row;
    }

    private static DateTimeOffset? Since(string page) =>
        Regex.Match(page, "figures are as of <time datetime=\"([^\"]+)\"") is { Success: true } match ? DateTimeOffset.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : null;

    [Fact]
    public async Task A_consent_that_ends_with_time_alone_stands_no_more()
    {
        var time = new MovedTime();
        await using var house = await PageHouse.BuildAsync(Store, time);
        var figures = new FigureFollower(house.House.Installation, house.House.Ledger);
        var given = new ProjectionRows();
        given.Consents.Add(new([.. Enumerable.Repeat((byte)1, 16)], new byte[16], 0, "offers", (short)ConsentStanding.Given, 1, 0, Micros.Of(NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow()) + NodaTime.Duration.FromHours(1))));
        await house.House.Installation.Store.ReplaceProjectionsAsync(house.House.Ledger.Ledger, new[] { given }.ToAsyncEnumerable(), TestContext.Current.CancellationToken);
        Assert.Equal(1, await StandingAsync());
        time.Ahead = TimeSpan.FromHours(2);
        Assert.NotNull(figures.SinceOf(figures.Ends!));
        Assert.Equal(0, await StandingAsync());
        Assert.Null(figures.SinceOf(figures.Ends!));

        async Task<long> StandingAsync()
        {
            Assert.True(await figures.CatchUpAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
            return (await figures.EndsAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken))!.Standing;
        }
    }

    [Fact]
    public async Task Every_figure_leads_to_as_many_records_as_it_says_and_to_those_that_a_naive_count_finds()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await house.House.Writer.DoAsync(new HistoryCommand(random, 500), TestContext.Current.CancellationToken);
        var stored = await house.House.Installation.Store.RecordsAsync(house.House.Ledger.Ledger, 0, long.MaxValue, TestContext.Current.CancellationToken).Select(StoredRecord.Read).ToListAsync(TestContext.Current.CancellationToken);
        var now = NodaTime.Instant.FromDateTimeOffset(house.House.Installation.Time.GetUtcNow());

        // Of some consents it is known when they end; one in three names two channels, one of which may end later or never.
        var rows = new ProjectionRows();
        var last = new Dictionary<long, NodaTime.Instant?>();
        foreach (var given in stored.Where(static record => record is { Type: RecordType.ConsentGiven, State: RecordState.Given }))
        {
            byte[] sid = [.. Guid.NewGuid().ToByteArray()];
            for (var channel = 0; channel <= (random.Next(3) == 0 ? 1 : 0); channel++)
            {
                NodaTime.Instant? until = random.Next(6) == 0 ? null : now + NodaTime.Duration.FromHours(random.Next(-40 * 24, 10 * 24));
                last[given.Seq] = channel == 1 && (last[given.Seq] is null || until < last[given.Seq]) ? last[given.Seq] : until;
                rows.Consents.Add(new(sid, new byte[16], (short)channel, "offers", (short)(until < now ? ConsentStanding.Expired : ConsentStanding.Given), given.Seq, 0, until is { } end ? Micros.Of(end) : null));
            }
        }

        await house.House.Installation.Store.ReplaceProjectionsAsync(house.House.Ledger.Ledger, new[] { rows }.ToAsyncEnumerable(), TestContext.Current.CancellationToken);
        var (seen, bars) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var period in new[] { "days=7", "days=30" })
        {
            var page = (await house.GetAsync(house.Controller + "overview?" + period, Role.PrivacyOfficer)).Text;
            foreach (Match link in Regex.Matches(page, "<a( class=\"kpi\")? href=\"(/[^\"]*ledger\\?kind=([a-z-]+)&amp;from=([0-9-]+)&amp;to=([0-9-]+))\"[^>]*>(.*?)(</li>|</td>|</p>|<svg)", RegexOptions.Singleline))
            {
                var (kind, from, to) = (link.Groups[3].Value, Day(link.Groups[4].Value), Day(link.Groups[5].Value));
                // The first number behind the link; the sentences of the page say theirs in it.
                var figure = long.Parse(Regex.Match(Regex.Replace(link.Groups[6].Value, "<[^>]*>", " "), "[0-9][0-9,]*").Value.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);
                var listed = await ListedAsync(WebUtility.HtmlDecode(link.Groups[2].Value));
                var expected = stored.Where(record => Counts(record, kind, from, to)).Select(static record => record.Seq).OrderDescending();
                Assert.True(expected.SequenceEqual(listed), $"seed {seed}: {kind} from {from} to {to}: {string.Join(' ', listed)}");
                Assert.True(figure == listed.Count, $"seed {seed}: {kind} from {from} to {to}: {figure} of {listed.Count}: {link.Value}");
                seen.Add(kind);
            }

            // A bar counts people; behind it are the contacts with them.
            foreach (Match link in Regex.Matches(page, "(?:<b>([0-9,]+)</b><svg[^>]*>(?:(?!<b>).)*?<span>|<p[^>]*>)<a href=\"(/[^\"]*ledger\\?kind=contacted&amp;times=([0-9]+)(-?)([0-9]*)&amp;from=([0-9-]+)&amp;to=([0-9-]+))\">([^<]*)", RegexOptions.Singleline))
            {
                var (least, from, to) = (int.Parse(link.Groups[3].Value, System.Globalization.CultureInfo.InvariantCulture), Day(link.Groups[6].Value), Day(link.Groups[7].Value));
                var most = link.Groups[4].Length == 0 ? least : link.Groups[5].Length == 0 ? int.MaxValue : int.Parse(link.Groups[5].Value, System.Globalization.CultureInfo.InvariantCulture);
                var used = stored.Where(record => record.Type == RecordType.PermitRedeemed && (record.EventAt ?? record.At).InUtc().Date is var day && day >= from && day <= to).ToList();
                var people = used.Where(static record => record.Subject is not null).GroupBy(static record => record.Subject!.Value.Sid).Where(group => group.Count() >= least && group.Count() <= most).ToList();
                var expected = (most == 0 ? used.Where(static record => record.Subject is null) : people.SelectMany(static group => group)).Select(static record => record.Seq).OrderDescending().ToList();
                var listed = await ListedAsync(WebUtility.HtmlDecode(link.Groups[2].Value));
                Assert.True(expected.SequenceEqual(listed), $"seed {seed}: {link.Value}: {string.Join(' ', listed)} and not {string.Join(' ', expected)}");
                if (link.Groups[1].Success)
                    Assert.Equal(people.Count.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), link.Groups[1].Value);
                else
                    Assert.Contains(expected.Count.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), link.Groups[8].Value, StringComparison.Ordinal);
                // What is chosen beside it, such as a type, comes on top of it.
                var address = WebUtility.HtmlDecode(link.Groups[2].Value);
                var room = (await house.GetAsync(address, Role.Auditor)).Text;
                foreach (var said in address[(address.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(static said => said.Split('=')))
                    Assert.Matches($"<input [^>]*name=\"{said[0]}\" value=\"{said[1]}\"", room);
                seen.Add("contacted");
                bars.Add(link.Groups[3].Value);
            }
        }

        // With nobody who is known, with somebody, and more than one bar.
        Assert.Superset(new HashSet<string> { "0", "1" }, bars);
        Assert.InRange(bars.Count, 3, 7);

        Assert.Equal(Ringfence.Gate.Words<Ringfence.Figures.FigureKind>.All.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));

        async Task<List<long>> ListedAsync(string address)
        {
            var all = new List<long>();
            for (var next = address; next.Length > 0;)
            {
                var list = await house.GetAsync(next, Role.Auditor);
                all.AddRange(Seqs(list.Text));
                next = WebUtility.HtmlDecode(Regex.Match(list.Text, "href=\"([^\"]*before=[^\"]*)\">Older").Groups[1].Value);
            }

            return all;
        }

        bool Counts(LedgerRecord record, string kind, NodaTime.LocalDate from, NodaTime.LocalDate to)
        {
            if (kind == "ended")
                return last.TryGetValue(record.Seq, out var end) && end <= now && from <= end.Value.InUtc().Date && end.Value.InUtc().Date <= to;
            var day = (record.EventAt ?? record.At).InUtc().Date;
            if (day < from || day > to)
                return false;
            var wait = record.EventAt is { } said && record.EventSource != EventSource.Import ? (record.At - said).TotalSeconds : (double?)null;
            var what = stored.Where(other => other.About is { } about && about[0] == record.Seq).Select(static other => other.Type).ToList();
            return kind switch
            {
                "given" => record is { Type: RecordType.ConsentGiven, State: RecordState.Given } || record.Type == RecordType.ConsentConfirmed && stored[(int)record.About![0]].Type == RecordType.ConsentRequested,
                "declined" => record.State == RecordState.Refused,
                "withdrawn" => record is { Type: RecordType.ConsentWithdrawn, State: RecordState.Withdrawn },
                "permit-open" => record.Type == RecordType.PermitIssued && what.Count == 0,
                "permit-used" => record.Type == RecordType.PermitIssued && what.Contains(RecordType.PermitRedeemed),
                "permit-back" => record.Type == RecordType.PermitIssued && what.Contains(RecordType.PermitRevoked),
                _ => record is { Type: RecordType.ConsentWithdrawn, State: RecordState.Withdrawn } && wait is { } seconds && kind == seconds switch { < 60 => "wait-minute", < 3600 => "wait-hour", < 86400 => "wait-day", < 864000 => "wait-ten-days", _ => "wait-longer" },
            };
        }
    }

    private static NodaTime.LocalDate Day(string text) => NodaTime.Text.LocalDatePattern.Iso.Parse(text).Value;

    // What may happen, in any order: many a thing twice, and some of it long before it is written.
    private sealed class HistoryCommand(Random random, int count) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted)
        {
        }

        public override byte[] Run(LedgerTurn turn)
        {
            var (asked, permits) = (new List<long>(), new List<long>());
            for (var i = 0; i < count; i++)
            {
                var (type, state) = random.Next(10) switch
                {
                    0 => (RecordType.ConsentRequested, RecordState.Requested),
                    1 when asked.Count > 0 => (RecordType.ConsentConfirmed, RecordState.Confirmed),
                    2 => (RecordType.ConsentGiven, RecordState.Refused),
                    3 or 4 => (RecordType.ConsentGiven, RecordState.Given),
                    5 or 6 => (RecordType.ConsentWithdrawn, random.Next(5) == 0 ? RecordState.Refused : RecordState.Withdrawn),
                    7 or 8 => (RecordType.PermitIssued, (RecordState?)null),
                    9 when permits.Count > 0 => (random.Next(3) == 0 ? RecordType.PermitRevoked : RecordType.PermitRedeemed, null),
                    _ => (RecordType.ContactAdded, null),
                };
                var about = type == RecordType.ConsentConfirmed ? Any(asked) : type is RecordType.PermitRedeemed or RecordType.PermitRevoked ? Any(permits) : (long?)null;
                if (type is RecordType.PermitRedeemed or RecordType.PermitRevoked)
                    permits.Remove(about!.Value);
                NodaTime.Instant? said = random.Next(3) == 0 ? null : turn.Now - NodaTime.Duration.FromMilliseconds((long)(1000 * Math.Exp(random.NextDouble() * 14.5)));
                var record = turn.Append(RecordDraft.Of(type, new Actor(ActorKind.System, "test"), record => record with
                {
                    State = state,
                    EventAt = said,
                    EventSource = said is null ? null : random.Next(4) == 0 ? EventSource.Import : EventSource.Staff,
                    About = about is { } place ? ValueList.Of<long>([place]) : null,
                    Subject = type == RecordType.PermitRedeemed && random.Next(3) > 0 ? new Subject(new OpaqueId(1 + (UInt128)Math.Min(random.Next(1, 9), random.Next(1, 9)))) : null,
                }));
                if (type is RecordType.ConsentRequested or RecordType.ConsentGiven)
                    asked.Add(record.Seq);
                if (type == RecordType.PermitIssued)
                    permits.Add(record.Seq);
            }

            return [];
        }

        private long Any(List<long> places) => places[random.Next(places.Count)];
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
