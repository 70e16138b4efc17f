using System.Net;
using Ringfence.Ledger;
using Ringfence.Rights;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Rights;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Hosting;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>Somebody changes permits, or how far imports have come, behind the program's back: what the records say of them is compared with.</summary>
public abstract class FsckRowsContract : IAsyncLifetime
{
    private const string Ann = "+447400123456";
    private const string Cy = "+447400123470";

    private static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);

    private readonly MovedTime time = new();
    private ApiHouse api = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Eleven in the morning in London, on a Wednesday.
        time.Ahead = new DateTimeOffset(2027, 6, 9, 10, 0, 0, TimeSpan.Zero) - time.GetUtcNow();
        api = await ApiHouse.BuildAsync(await StoreAsync(), time);
        await api.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
        var key = await api.KeyAsync(All);
        await ImportsAsync();
        await PermitsAsync(key);
        await RequestsAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await (api?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<StoreOptions?> StoreAsync();

    private protected abstract RawStore Open(House house);

    [Theory]
    [InlineData("permit", 150, "permit-differs,permit-missing,permit-unknown")]
    [InlineData("import_batch", 40, "import-differs,import-missing,import-unknown")]
    [InlineData("rights_request", 150, "request-differs,request-missing,request-unknown,request-words")]
    public async Task Each_change_of_a_row_that_records_tell_of_is_found(string table, int fewest, string codes)
    {
        Assert.Empty(await api.House.FaultsAsync());
        using var raw = Open(api.House);
        raw.Keep(table);
        var (missed, found, tried) = (new List<string>(), new HashSet<string>(), 0);
        var columns = raw.Columns(table).Select(static column => column.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var mutation in Mutation.Of(raw, table))
        {
            if (raw.TryRun(mutation.Sql) && !IsUntold(mutation))
            {
                var faults = await api.House.FaultsAsync();
                tried++;
                columns.Remove(mutation.Column ?? "");
                found.UnionWith(faults);
                if (faults.Count == 0)
                    missed.Add(mutation.Sql);
            }

            raw.PutBack(table);
        }

        Assert.True(missed.Count == 0, $"{missed.Count} of {tried} were not found:\n{string.Join('\n', missed)}");
        Assert.InRange(tried, fewest, int.MaxValue);
        Assert.True(columns.Count == 0, $"Nothing was tried with {table}: {string.Join(", ", columns)}.");
        Assert.Superset(codes.Split(',').ToHashSet(), found);
        Assert.Empty(await api.House.FaultsAsync());
    }

    [Fact]
    public async Task What_records_do_not_tell_is_no_fault_of_a_row()
    {
        // Of records from before they said so.
        var batches = new List<BatchRow>();
        await foreach (var row in api.House.Installation.Store.BatchesAsync(api.House.Ledger.Ledger, Cancel))
            batches.Add(row);
        var told = new FsckImports();
        foreach (var record in await api.House.RecordsAsync())
            told.Add(record.Detail is { } detail ? record with { Detail = LeafValue.Map.Of([.. detail.Members.Where(static member => member.Key != "facts").Select(static member => (member.Key, member.Value))]) } : record);
        Assert.Empty(told.Compare(batches));
    }

    [Fact]
    public async Task A_request_that_an_erasure_was_cut_off_at_is_told_of_and_the_next_start_ends_it()
    {
        var request = await api.House.AsksAsync(Cy, RightsKind.Access, "Marvin");
        var erasure = new Erasure(api.House.Installation, api.House.Ledger, House.Staff) { Reached = static step => { if (step == ErasureStep.KeyDestroyed) throw new InvalidOperationException("cut off"); } };
        await Assert.ThrowsAsync<InvalidOperationException>(() => erasure.ForgetRequestsAsync([request.Told.Id], Cancel));
        Assert.Equal(["request-erased"], await api.House.FaultsAsync());
        Assert.Equal(1, await Erasure.ResumeAsync(api.House.Installation, Cancel));
        Assert.Empty(PendingErasures.Of(api.House.Installation.KeysFolder).All());
        Assert.Empty(await api.House.FaultsAsync());
        var left = await api.House.RequestAsync(request.Told.Id);
        Assert.Equal((RightsState.Erased, null, null), (left.Told.State, left.Row.Tag, left.Row.Words));
    }

    // The name of who contacts stands in no record. Of an import that runs, how far it has come and its figures stand in its row alone.
    private static bool IsUntold(Mutation mutation)
    {
        if (mutation.Table == "permit")
            return mutation.Column == "agent" && !mutation.Sql.Contains("agent = null", StringComparison.Ordinal);
        return mutation.Column == "done" && Convert.ToInt64(mutation.Row["state"], System.Globalization.CultureInfo.InvariantCulture) == (long)ImportState.Running
            && Convert.ToInt64(mutation.Row["done"], System.Globalization.CultureInfo.InvariantCulture) is var done && !mutation.Sql.Contains("done = 30000", StringComparison.Ordinal)
            && !mutation.Sql.Contains("done = 70000", StringComparison.Ordinal) && !mutation.Sql.Contains("done = -", StringComparison.Ordinal) && done >= 0;
    }

    // One that came to its end, one that was undone, and one that was stopped.
    private async Task ImportsAsync()
    {
        var house = api.House;
        await house.ImportAsync("name,phone,email\nBea Ray,+447400123457,bea@example.org\n");
        var undone = await house.ImportAsync("name,phone,sms_opt_in\nCy Low,+447400123458,\nDee Moor,+447400123459,no\n", name: "other.csv");
        await new UndoRun(house.Installation, house.Ledger, House.Staff).RunAsync(undone.Batch, ImportState.Finished, ProgressBar.None, Cancel);
        var command = new StartImportCommand(undone.Batch with { Id = Fresh.Id().ToString(), Rows = 20, Tally = new ImportTally(), Undo = null, UndoneUntil = null, From = 0, Until = 0 }, House.Staff, null);
        await house.Writer.DoAsync(command, Cancel);
    }

    // Of somebody known and of nobody known; one at each state, and some of people who were forgotten since.
    private async Task RequestsAsync()
    {
        var house = api.House;
        await house.AsksAsync(Ann, RightsKind.Access, "What do you know?");
        var shown = await house.StepAsync(await house.AsksAsync(Cy, RightsKind.Copy), RightsStep.Identified);
        await house.StepAsync(await house.StepAsync(shown, RightsStep.Extended, text: "Many ask"), RightsStep.Paused, text: "Which year?");
        await house.AsksAsync("cy@example.org", RightsKind.Objection, isSettled: true);
        await house.AnsweredAsync(await house.AsksAsync(Ann, RightsKind.Explanation, "Why?"), "Because you asked");
        await house.StepAsync(await house.AsksAsync(Cy, RightsKind.Complaint, "Too often"), null, RightsState.TakenBack);
        await new Erasure(house.Installation, house.Ledger, House.Staff).ForgetRequestsAsync([(await house.AsksAsync("gone@example.org", RightsKind.Erasure, "Forget me")).Told.Id], Cancel);
        var dee = Sid((await house.SaysAsync("+447400123460")).Sid);
        await house.AnsweredAsync(await house.AsksAsync("+447400123460", RightsKind.Access, "And what now?"), "This");
        await house.AsksAsync("+447400123460", RightsKind.Erasure, "Forget me");
        await house.EraseAsync(dee);

        static OpaqueId Sid(string? text) => OpaqueId.TryParse(text, out var sid) ? sid : throw new ArgumentException("Not a sid.", nameof(text));
    }

    // Used, with what came of it; given back; lying there; and of somebody who was forgotten since.
    private async Task PermitsAsync(ApiKey key)
    {
        async Task<string> PermitAsync()
        {
            var answer = await api.PostAsync("permits", key, $$"""{"to":"{{Ann}}","channel":"sms","purpose":"offers","facts":{{CampaignFacts.Bulk}}}""");
            Assert.True(answer.Status == HttpStatusCode.Created, answer.ToString());
            return answer.Json.GetProperty("permit").GetString()!;
        }

        var yes = await api.PostAsync("consents", key, $$"""
            { "to": "{{Ann}}", "wording": "{{House.Offers.Digest}}", "language": "en", "channels": ["sms"], "purposes": ["offers"],
              "evidence": { "format": "ringfence/consent-evidence/v1", "method": "checkbox", "page": "https://acme.example/offers", "ip": "192.0.2.7", "device": "x",
                "recorder": { "kind": "client", "ref": "form-offers" } } }
            """);
        Assert.True(yes.Status == HttpStatusCode.Created, yes.ToString());
        var used = await PermitAsync();
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"permits/{used}/redeem", key, "")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"permits/{used}/outcome", key, """{"outcome":"delivered"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"permits/{await PermitAsync()}/cancel", key, "")).Status);
        await PermitAsync();
    }
}

/// <summary>In the embedded store.</summary>
public sealed class FsckRowsTests : FsckRowsContract
{
    protected override ValueTask<StoreOptions?> StoreAsync() => default;

    private protected override RawStore Open(House house) => new(house.Folder);
}

/// <summary>In PostgreSQL.</summary>
public sealed class PostgresFsckRowsTests : FsckRowsContract
{
    private PostgresHome home = null!;

    protected override async ValueTask<StoreOptions?> StoreAsync() => (home = await PostgresHome.MakeAsync()).Options;

    private protected override RawStore Open(House house) => RawStore.OnPostgres(home.Connection);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (home is not null)
            await home.DisposeAsync();
    }
}
