using System.Net;
using System.Text.RegularExpressions;
using Ringfence.People;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Desk;

/// <summary>What of a list is imported in the browser: chosen, tried, brought in, let out of quarantine, taken back; on both stores.</summary>
public abstract class ImportPagesContract
{
    private const string Wording = "I agree that Acme may call me and send me text messages with offers. I can stop this at any time.";
    private const string Leads =
        "name,phone,phone_consent,consent_date,consent_wording,notes\n"
        + $"Ann Smith,+442079460100,yes,2026-01-05,\"{Wording}\",\n"
        + "Bo Li,+442079460101,,,,\n"
        + "Cy Roe,+442079460102,,,,never call me again\n"
        + "Di Fox,12,,,,\n";

    private protected abstract Task<ListHouse> BuildAsync();

    [Fact]
    public async Task A_list_is_tried_without_a_trace_then_brought_in_and_taken_back_and_its_refusals_stay()
    {
        await using var house = await BuildAsync();
        var at = await AuditedAsync(house);
        var size = await house.Pages.SizeAsync();
        var tried = await house.PostAsync(at + "/choose", await ChoiceAsync(house, at, "try", ("source", "customer")));
        Assert.EndsWith("/choose#trial", tried.Location, StringComparison.Ordinal);
        var figures = await house.UntilAsync(at + "/choose", static seen => seen.Text.Contains("Nothing was written", StringComparison.Ordinal));
        Assert.Contains("Of 4 rows this would come", figures.Text, StringComparison.Ordinal);
        Assert.Contains("<dt>new</dt><dd>2</dd>", figures.Text, StringComparison.Ordinal);
        Assert.Equal(size, await house.Pages.SizeAsync());
        Assert.DoesNotContain("dry run", (await house.GetAsync(house.Pages.Controller + "imports")).Text, StringComparison.Ordinal);

        var (import, done) = await ImportAsync(house, at, ("source", "customer"));
        Assert.Contains("2 contacts are new", done.Text, StringComparison.Ordinal);
        Assert.Contains("/contacts?batch=", done.Text, StringComparison.Ordinal);
        Assert.NotNull(await house.House.FindAsync("+442079460100"));
        Assert.Null(await house.House.FindAsync("+442079460102"));
        Assert.NotEmpty(await house.House.SuppressionsAsync("+442079460102"));
        Assert.DoesNotContain("Ann Smith", done.Text, StringComparison.Ordinal);
        Assert.Contains("row 4", done.Text, StringComparison.Ordinal);
        await Folders.EmptiedAsync(Path.Combine(house.House.Installation.Options.Data, "imports"));
        var started = (await house.House.RecordsAsync()).Last(static record => record.Type == Ringfence.Ledger.RecordType.ImportStarted);
        Assert.Equal(new Ringfence.Ledger.Actor(Ringfence.Ledger.ActorKind.Staff, "acc-marketer"), started.Actor);
        var index = await house.GetAsync(house.Pages.Controller + "imports");
        Assert.Contains("imported</span>", index.Text, StringComparison.Ordinal);
        Assert.Contains("Mira Okonkwo", index.Text, StringComparison.Ordinal);

        Assert.Contains("A no is never undone".ToUpperInvariant(), (await house.GetAsync(import + "/undo")).Text.ToUpperInvariant(), StringComparison.Ordinal);
        Assert.EndsWith(import, (await house.PostAsync(import + "/undo")).Location, StringComparison.Ordinal);
        var undone = await house.UntilAsync(import, static seen => seen.Text.Contains("is undone", StringComparison.Ordinal));
        Assert.Contains("<b>2</b> contacts were forgotten", undone.Text, StringComparison.Ordinal);
        Assert.Null(await house.House.FindAsync("+442079460100"));
        Assert.NotEmpty(await house.House.SuppressionsAsync("+442079460102"));
    }

    [Fact]
    public async Task Only_what_may_be_used_comes_in_where_that_is_asked_for_and_refusals_all_the_same()
    {
        await using var house = await BuildAsync();
        var at = await AuditedAsync(house);
        var (_, done) = await ImportAsync(house, at, ("source", "form"), ("rows", "usable"));
        Assert.Contains("1 contact is new", done.Text, StringComparison.Ordinal);
        Assert.Contains("<dt>not chosen: only the refusal kept</dt>", done.Text, StringComparison.Ordinal);
        Assert.NotNull(await house.House.FindAsync("+442079460100"));
        Assert.Null(await house.House.FindAsync("+442079460101"));
        Assert.NotEmpty(await house.House.SuppressionsAsync("+442079460102"));
    }

    [Fact]
    public async Task A_refusal_in_a_row_that_was_not_chosen_reaches_whom_it_leads_to()
    {
        await using var house = await BuildAsync();
        var first = await AuditedAsync(house, "name,phone,email\nCy Roe,+442079460102,cy@example.org\n");
        await ImportAsync(house, first, ("source", "customer"));
        Assert.NotNull(await house.House.FindAsync("cy@example.org"));
        var second = await AuditedAsync(house);
        await ImportAsync(house, second, ("source", "form"), ("rows", "usable"));
        var known = (await house.House.FindAsync("+442079460102"))!;
        Assert.Contains(known.Person.Records, static record => record is { Type: Ringfence.Ledger.RecordType.ConsentImported, State: Ringfence.Ledger.RecordState.Refused });
    }

    [Fact]
    public async Task A_bought_list_goes_to_quarantine_until_its_passport_shows_where_it_came_from()
    {
        await using var house = await BuildAsync();
        var at = await AuditedAsync(house);
        var (_, done) = await ImportAsync(house, at, ("source", "purchased"));
        Assert.Contains("2 people in quarantine", done.Text, StringComparison.Ordinal);
        Assert.Equal(PersonStatus.Quarantined, (await house.House.FindAsync("+442079460100"))!.Person.Status);
        Assert.Contains($"{at}/choose#passport", done.Text, StringComparison.Ordinal);

        (string, string)[] passport =
        [
            ("source", "purchased"), ("passport-seller", "ListHub: \"Fiktiv\" Ltd # 1"), ("passport-contract", "LH-1"), ("passport-date", "2026-01-01"), ("passport-by", "Quiz"), ("passport-where", "https://quiz.example"),
            ("passport-from", "2025-01-01"), ("passport-until", "2026-02-01"), ("passport-wording", Wording), ("passport-records", "time, page"), ("passport-reference", "LH-1 schedule"),
        ];
        var wrong = await house.PostAsync(at + "/choose", await ChoiceAsync(house, at, "import", [.. passport.Select(static one => one.Item1 == "passport-until" ? ("passport-until", "2020-01-01") : one)]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("the last day of collection is before the first", wrong.Text, StringComparison.Ordinal);
        var (_, cleared) = await ImportAsync(house, at, passport);
        Assert.Contains("let out by the passport", cleared.Text, StringComparison.Ordinal);
        Assert.Equal(PersonStatus.Contactable, (await house.House.FindAsync("+442079460100"))!.Person.Status);
    }

    [Fact]
    public async Task A_form_sent_twice_imports_once_and_one_that_says_nothing_imports_nothing()
    {
        await using var house = await BuildAsync();
        var at = await AuditedAsync(house);
        var fields = await ChoiceAsync(house, at, "import", ("source", "customer"));
        var one = await house.PostAsync(at + "/choose", fields);
        var two = await house.PostAsync(at + "/choose", fields);
        Assert.Equal(one.Location, two.Location);
        await house.UntilAsync(one.Location![1..], static seen => seen.Text.Contains("are new", StringComparison.Ordinal));
        Assert.Single(await house.House.RecordsAsync(), static record => record.Type == Ringfence.Ledger.RecordType.ImportStarted);
        foreach (var bad in new (string, string)[][] { [("source", "")], [("source", "nowhere")], [("source", "form"), ("purposes", "a b!")] })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(at + "/choose", await ChoiceAsync(house, at, "import", bad))).Status);
        foreach (var bad in new (string, string)[][] { [("source", "form"), ("act", "else")], [("source", "form"), ("rows", "some")], [("source", "form"), ("once", "x")], [("source", "form"), ("more", "x")] })
            Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync(at + "/choose", await ChoiceAsync(house, at, "import", bad))).Status);
        await Folders.EmptiedAsync(Path.Combine(house.House.Installation.Options.Data, "imports"));
    }

    private static async Task<string> AuditedAsync(ListHouse house, string text = Leads)
    {
        var at = await house.BringAsync(text);
        await house.ReadAsync(at);
        return at;
    }

    private static async Task<(string, string)[]> ChoiceAsync(ListHouse house, string at, string act, params (string Name, string Value)[] said)
    {
        var once = Regex.Match((await house.GetAsync(at + "/choose")).Text, "name=\"once\" value=\"([^\"]+)\"").Groups[1].Value;
        return [.. new[] { ("act", act), ("once", once), ("purposes", "offers") }.Where(one => said.All(other => other.Name != one.Item1)), .. said];
    }

    internal static async Task<(string At, Seen Done)> ImportAsync(ListHouse house, string at, params (string, string)[] said)
    {
        var begun = await house.PostAsync(at + "/choose", await ChoiceAsync(house, at, "import", said));
        Assert.True(begun.Status == HttpStatusCode.SeeOther, begun.ToString());
        var import = begun.Location![1..];
        return (import, await house.UntilAsync(import, static seen => Regex.IsMatch(seen.Text, "<h1>[0-9]+ contacts? (is|are) new</h1>")));
    }
}

/// <summary>In the embedded store.</summary>
public sealed class SqliteImportPagesTests : ImportPagesContract
{
    private protected override Task<ListHouse> BuildAsync() => ListHouse.BuildAsync();
}

/// <summary>In PostgreSQL.</summary>
public sealed class PostgresImportPagesTests : ImportPagesContract
{
    private protected override Task<ListHouse> BuildAsync() => ListHouse.OnPostgresAsync();
}
