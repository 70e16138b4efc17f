using System.Globalization;
using Ringfence.Server.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>Somebody with every right over the database changes one value, or takes, adds or exchanges rows. Each time it is found.</summary>
public abstract class FsckMutationContract(FullHouse full, ITestOutputHelper output)
{
    // What holds for ever and what is primary; then what can be made anew.
    private static readonly string[] Tables =
    [
        "ledger", "ledger_head", "ledger_record", "checkpoint", "document", "sealed", "scan", "suppression", "subject_lookup", "ledger_tile", "subject", "subject_record", "consent_state",
        "api_key", "webhook",
    ];

    // For answers to clients, counts of requests and of answers to forms, whom staff have to tell something, and the progress of what others are told no record vouches; imports, permits, requests by law and changes of rules are tried by themselves (FsckRowsTests, RuleChangePagesTests); those of the schema and of tiles are the store's own, which it looks at when it opens.
    private static readonly string[] Others =
    [
        "approval", "code", "code_count", "form_count", "idempotency", "import_batch", "inbound_task", "permit", "rate", "result_task", "rights_request", "rule_change", "schema_version", "staff_account", "staff_challenge", "staff_link", "staff_passkey", "staff_recovery", "staff_role", "staff_session",
        "staff_setup", "staff_view", "tile_rebuild", "webhook_delivery", "webhook_feed",
    ];

    // For each of these checks there is a change that nothing else finds: switched off, it would be missed.
    private static readonly string[] Needed =
    [
        "api-key-differs", "api-key-missing", "api-key-unknown", "checkpoint-beyond", "checkpoint-malformed", "checkpoint-missing", "checkpoint-signature", "document-differs", "document-media", "document-missing", "genesis-differs", "head-missing",
        "head-time", "ledger-missing", "lookup-differs", "lookup-missing", "lookup-nobody", "lookup-point", "projections-differ", "record-place", "scan-differs", "scan-missing", "scan-unexpected", "sealed-differs", "sealed-missing",
        "sealed-unexpected", "suppression-differs", "suppression-erased", "suppression-kept", "suppression-lifted", "suppression-missing", "suppression-snapshot", "tile-differs",
        "tile-missing", "tile-unexpected", "unreadable", "webhook-differs", "webhook-missing", "webhook-secret", "webhook-unknown",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Every so manieth of the changes is tried.</summary>
    private protected virtual int Every => 1;

    /// <summary>How many there have to be.</summary>
    private protected virtual int Fewest => 1_000;

    private protected abstract RawStore Open();

    [Fact]
    public async Task Nothing_is_found_where_nothing_was_done()
    {
        var findings = await LookAsync();
        Assert.Empty(findings.Where(static finding => finding.Weight != FsckWeight.Warning).Select(static finding => finding.Code));
    }

    [Fact]
    public void Every_table_is_tried_or_named_as_none_of_the_ledgers()
    {
        using var raw = Open();
        Assert.Equal(Tables.Order(StringComparer.Ordinal), raw.Tables().Except(Others).Order(StringComparer.Ordinal));
        Assert.All(Tables, table => Assert.NotEmpty(raw.Rows($"select 1 from {table} limit 1")));
    }

    [Fact]
    public async Task Each_change_of_what_is_stored_is_found()
    {
        using var raw = Open();
        var (missed, found, alone) = (new List<string>(), new SortedDictionary<string, int>(StringComparer.Ordinal), new SortedDictionary<string, int>(StringComparer.Ordinal));
        var tried = 0;
        foreach (var table in Tables)
        {
            raw.Keep(table);
            var columns = raw.Columns(table).Select(static column => column.Name).Where(column => (table, column) is not ("api_key" or "webhook", "name")).ToHashSet(StringComparer.Ordinal);
            foreach (var mutation in Mutation.Of(raw, table).Where((_, i) => i % Every == 0))
            {
                if (!raw.TryRun(mutation.Sql) || MeansNothing(mutation))
                {
                    raw.PutBack(table);
                    continue;
                }

                var codes = (await LookAsync()).Where(static finding => finding.Weight != FsckWeight.Warning).Select(static finding => finding.Code).Distinct().ToList();
                tried++;
                columns.Remove(mutation.Column ?? "");
                if (codes.Count == 0)
                    missed.Add(mutation.Sql);
                foreach (var code in codes)
                    found[code] = found.GetValueOrDefault(code) + 1;
                if (codes.Count == 1)
                    alone[codes[0]] = alone.GetValueOrDefault(codes[0]) + 1;
                raw.PutBack(table);
            }

            if (Every == 1)
                Assert.True(columns.Count == 0, $"Nothing was tried with {table}: {string.Join(", ", columns)}.");
        }

        output.WriteLine($"{tried} changes: {string.Join(", ", found.Select(static one => $"{one.Key} {one.Value}"))}");
        output.WriteLine($"By one check alone: {string.Join(", ", alone.Select(static one => $"{one.Key} {one.Value}"))}");
        Assert.True(missed.Count == 0, $"{missed.Count} of {tried} were not found:\n{string.Join('\n', missed)}");
        Assert.True(tried >= Fewest, tried.ToString(CultureInfo.InvariantCulture));
        if (Every == 1)
            Assert.Empty(Needed.Except(alone.Keys));
        Assert.Empty((await LookAsync()).Where(static finding => finding.Weight != FsckWeight.Warning).Select(static finding => finding.Code));
    }

    private async Task<IReadOnlyList<FsckFinding>> LookAsync()
    {
        var installation = full.House.Installation;
        var findings = new List<FsckFinding>();
        foreach (var origin in await Fsck.MissingAsync(installation, Cancel))
            findings.Add(new FsckFinding("ledger-missing", FsckWeight.StopsGate, origin));
        foreach (var ledger in await installation.LedgersAsync(Cancel))
            findings.AddRange((await new Fsck(installation, ledger, full: true).RunAsync(Cancel)).All);
        return findings;
    }

    // The random name of a suppression says nothing until a snapshot holds it. Of one that an erasure left, nothing but its number, its scope and that it stands matters until then.
    private static bool MeansNothing(Mutation mutation)
    {
        // What people call a key, or who is told.
        if (mutation is { Table: "api_key" or "webhook", Column: "name" })
            return true;
        // The engine has no head without its ledger, and nobody asks for one.
        if (mutation.Table == "ledger_head" && mutation.Sql.StartsWith("insert", StringComparison.Ordinal))
            return true;
        if (mutation.Table != "suppression" || mutation.Row["snapshot"] is not null)
            return false;
        if (mutation.Sql.Split("snapshot = null", StringSplitOptions.None).Length == 3)
            return true;
        var isKept = mutation.Row["seq"] is null && ((byte[])mutation.Row["salt"]!).Any(static b => b != 0);
        // A longer one is no name.
        return mutation.Column == "id" ? !mutation.Sql.Contains(Convert.ToHexStringLower((byte[])mutation.Row["id"]!) + "00' where", StringComparison.Ordinal) : isKept && mutation.Column is "salt" or "said_by" or "kind";
    }
}

/// <summary>In the embedded store.</summary>
public sealed class FsckMutationTests(FullHouse full, ITestOutputHelper output) : FsckMutationContract(full, output), IClassFixture<FullHouse>
{
    private readonly FullHouse full = full;

    private protected override RawStore Open() => new(full.House.Folder);
}

/// <summary>In PostgreSQL, some of them.</summary>
public sealed class PostgresFsckMutationTests(PostgresFullHouse full, ITestOutputHelper output) : FsckMutationContract(full, output), IClassFixture<PostgresFullHouse>
{
    private readonly PostgresFullHouse full = full;

    private protected override int Every => 7;

    private protected override int Fewest => 150;

    private protected override RawStore Open() => RawStore.OnPostgres(full.Home.Connection);
}
