using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Hosting.Nodes;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>The tables of a ledger can be spread over machines by the ledger, as Citus does it: what its documentation asks of tables and statements holds for all of ours.</summary>
/// <remarks><see href="https://docs.citusdata.com/en/stable/sharding/data_modeling.html"/> and <see href="https://docs.citusdata.com/en/stable/develop/reference_workarounds.html"/>.</remarks>
public sealed partial class DistributionTests
{
    // Of no ledger, and small: who has which ledger, which migrations were made, who the staff are.
    private static readonly string[] Everywhere =
    [
        "ledger", "schema_version", "staff_account", "staff_role", "staff_passkey", "staff_recovery", "staff_session", "staff_challenge", "staff_link", "staff_setup", "staff_view",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_table_begins_with_its_ledger_and_every_key_holds_it()
    {
        await using var home = await PostgresHome.MakeAsync();
        await using (await LedgerStores.OpenAsync(home.Options, Cancel))
        {
        }

        Assert.NotEmpty(await ListAsync(home, "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"));
        Assert.Empty(await FaultsAsync(home));
    }

    [Theory]
    [InlineData("create table later(id bigint not null primary key, ledger bigint not null)")]
    [InlineData("create table later(ledger integer not null, id bigint not null, primary key (ledger, id))")]
    [InlineData("create table later(ledger bigint not null, id bigint generated always as identity, primary key (ledger, id))")]
    [InlineData("create table later(ledger bigint not null, id uuid not null default gen_random_uuid(), primary key (ledger, id))")]
    [InlineData("create table later(ledger bigint not null, id bigint not null, primary key (id, ledger))")]
    [InlineData("create table later(ledger bigint not null, id bigint not null, code text unique, primary key (ledger, id))")]
    [InlineData("create table later(ledger bigint not null, id bigint not null, seq bigint not null, primary key (ledger, id), unique (ledger, seq)); create table after(ledger bigint not null, n bigint not null, primary key (ledger, n), foreign key (n, ledger) references later(ledger, id))")]
    [InlineData("create table later(ledger bigint not null, n bigint, primary key (ledger), foreign key (ledger) references ledger(ledger) on delete set null)")]
    [InlineData("create table later(ledger bigint not null, id bigint not null)")]
    public async Task A_table_that_could_not_be_spread_is_found(string table)
    {
        await using var home = await PostgresHome.MakeAsync();
        await using (await LedgerStores.OpenAsync(home.Options, Cancel))
        {
        }

        await home.RunAsync(table);
        Assert.NotEmpty(await FaultsAsync(home));
    }

    [Fact]
    public async Task Every_statement_that_the_program_sends_stays_in_one_ledger()
    {
        await using var group = await ServerNode.Group.StartAsync(1, "-c log_min_duration_statement=0 -c log_line_prefix='|%m %d '");
        await LiveAsync(group);
        var tables = new List<string>();
        await using (var source = NpgsqlDataSource.Create(group.Options.Store.Connection!))
        {
            await using var command = source.CreateCommand("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace");
            await using var rows = await command.ExecuteReaderAsync(Cancel);
            while (await rows.ReadAsync(Cancel))
                tables.Add(rows.GetString(0));
        }

        var hot = new Regex($@"\b({string.Join('|', tables.Except(Everywhere))})\b", RegexOptions.None, TimeSpan.FromSeconds(5));
        var sent = Statements(await File.ReadAllTextAsync(group.Log, Cancel)).Where(static sql => !Aside().IsMatch(sql)).Distinct().ToList();
        Assert.True(sent.Count(sql => hot.IsMatch(sql)) > 40, $"Only {sent.Count} different statements were seen.");
        Assert.Equal([], sent.Where(sql => hot.IsMatch(sql) && !StaysIn(sql)));
        Assert.Equal([], sent.Where(static sql => Refused().IsMatch(sql)));
    }

    [Theory]
    [InlineData("select seq from ledger_record where ledger = $1 and seq = $2", true)]
    [InlineData("insert into permit(ledger, id) select h.ledger, u.id from ledger_head h, unnest($2) u(id) where h.ledger = $1", true)]
    [InlineData("select seq from ledger_record where seq = $1", false)]
    [InlineData("insert into ledger_head(ledger, size) values ($1, 0)", true)]
    [InlineData("insert into ledger_head(size, ledger) values ($1, $2)", false)]
    [InlineData("insert into permit(ledger, id) select $1, u.id from unnest($2) u(id)", false)]
    [InlineData("COPY ledger_record(ledger, seq) FROM STDIN BINARY", true)]
    public void A_statement_that_goes_to_every_machine_is_found(string sql, bool stays) => Assert.Equal(stays, StaysIn(sql));

    [Theory]
    [InlineData("select size from ledger_head where ledger = $1 for update")]
    [InlineData("with new as (insert into permit(ledger) values ($1) returning id) select id from new")]
    [InlineData("update cap set at = (at || $2)[1:3] where ledger = $1")]
    [InlineData("insert into permit(ledger, at) values ($1, 1) on conflict (ledger) do update set at = now()")]
    [InlineData("select pg_advisory_xact_lock($1)")]
    [InlineData("notify heads")]
    public void A_statement_that_does_not_hold_across_machines_is_found(string sql) => Assert.Matches(Refused(), sql);

    // What is done with a ledger in its life.
    private static async Task LiveAsync(ServerNode.Group group)
    {
        var node = group.Nodes.Single();
        const string ask = """{"to":"ann@example.org","channel":"email","purpose":"offers"}""";
        await AskAsync("consents", """
            {"to":"ann@example.org","wording":"letters@2026-11","language":"en","residence":"GB",
             "evidence":{"format":"ringfence/consent-evidence/v1","method":"checkbox","page":"https://ringmuster.example/form","ip":"203.0.113.7","device":"Firefox"}}
            """);
        await AskAsync("decisions", ask);
        await AskAsync("decisions", ask[..^1] + ",\"record\":true}");
        var permit = (await AskAsync("permits", ask)).GetProperty("permit").GetString();
        await AskAsync($"permits/{permit}/redeem", "");
        await AskAsync($"permits/{permit}/outcome", """{"outcome":"delivered"}""");
        await AskAsync("permits", ask);
        await AskAsync("contacts/find", """{"point":"ann@example.org"}""");
        await AskAsync("withdrawals", """{"to":"ann@example.org"}""");

        await node.KillAsync();

        var list = group.File("list.csv");
        await File.WriteAllTextAsync(list, "name,phone,consent,consent_date\nBea,+44 20 7946 0101,yes,2026-05-01\nCat,+44 20 7946 0102,do not call,\nDan,+44 20 7946 0103,yes,2026-05-02\n", Cancel);
        await group.TypeAsync("import", list, "--source", "form", "--quiet");
        await group.TypeAsync("contact", "merge", "+442079460101", "+442079460103");
        await group.TypeAsync("export", "ann@example.org", "--out", group.File("export"));
        await group.TypeAsync("erase", "ann@example.org");
        await group.TypeAsync("import", "undo", (await group.TypeAsync("import", "list")).Split(' ')[0]);
        await group.TypeAsync("keys", "rotate", "--suppression");
        await group.TypeAsync("keys", "api", "list");
        await group.TypeAsync("suppress", "list");
        await group.TypeAsync("upkeep");
        await group.TypeAsync("ledger", "checkpoint");
        await group.TypeAsync("ledger", "rebuild");
        await group.TypeAsync("verify", "--full");

        async Task<JsonElement> AskAsync(string path, string body)
        {
            var key = Guid.NewGuid().ToString("N");
            var answer = await node.AskAsync(path, body, key, TimeSpan.FromSeconds(30));
            // A node that could not look for a second tells nobody anything; on a busy machine that is soon over.
            for (var tries = 0; tries < 100 && answer is { Status: HttpStatusCode.ServiceUnavailable }; tries++)
            {
                await Task.Delay(100, Cancel);
                answer = await node.AskAsync(path, body, key, TimeSpan.FromSeconds(30));
            }

            Assert.True(answer is { Status: HttpStatusCode.OK or HttpStatusCode.Created }, $"{path}: {answer} {node.Complained}");
            return answer!.Value.Json;
        }
    }

    private static bool StaysIn(string sql) =>
        sql.StartsWith("copy ", StringComparison.OrdinalIgnoreCase) || OfLedger().IsMatch(sql);

    private static IEnumerable<string> Statements(string log) =>
        from line in log.Split("\n|")
            // The keyring is a database of its own, and stays on one machine.
        where line.Contains(" postgres LOG: ", StringComparison.Ordinal)
        let statement = Sent().Match(line)
        where statement.Success
        select Blank().Replace(statement.Groups[1].Value, " ").Trim();

    private static async Task<List<string>> FaultsAsync(PostgresHome home)
    {
        var everywhere = string.Join(',', Everywhere.Select(static name => $"'{name}'"));
        return await ListAsync(home, $"""
            with hot as (select oid, relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and relname not in ({everywhere}))
            select relname || ': the first column is not "ledger bigint not null"' from hot
                where not exists (select from pg_attribute where attrelid = hot.oid and attnum = 1 and attname = 'ledger' and atttypid = 'bigint'::regtype and attnotnull)
            union all select relname || ': has no primary key' from hot where not exists (select from pg_constraint where conrelid = hot.oid and contype = 'p')
            union all select relname || ': ' || indexrelid::regclass || ' does not begin with the ledger' from hot join pg_index on indrelid = hot.oid where indkey[0] <> 1
            union all select relname || ': ' || conname || ' leaves the ledger' from hot join pg_constraint on conrelid = hot.oid
                where contype = 'f' and (confdeltype in ('n', 'd') or confupdtype in ('n', 'd') or not exists (
                    select from generate_subscripts(conkey, 1) i join pg_attribute a on a.attrelid = confrelid and a.attnum = confkey[i] where conkey[i] = 1 and a.attname = 'ledger'))
            union all select relname || ': ' || conname || ' excludes beyond the ledger' from hot join pg_constraint on conrelid = hot.oid where contype = 'x' and not 1 = any(conkey)
            union all select relname || '.' || attname || ': is drawn from a sequence' from hot join pg_attribute on attrelid = hot.oid where attidentity <> ''
            union all select relname || '.' || attname || ': is filled in by a function' from hot join pg_attribute on attrelid = hot.oid join pg_attrdef on adrelid = hot.oid and adnum = attnum
                where attgenerated = '' and pg_get_expr(adbin, adrelid) like '%(%'
            union all select relname || ': has rules' from hot join pg_rewrite on ev_class = hot.oid
            """);
    }

    private static async Task<List<string>> ListAsync(PostgresHome home, string sql)
    {
        var found = await home.AskAsync($"select string_agg(found.fault, E'\\n') from ({sql}) found(fault)");
        return found is string text ? [.. text.Split('\n')] : [];
    }

    [GeneratedRegex(@"duration: [\d.]+ ms +(?:statement|execute [^:]*): (.*)$", RegexOptions.Singleline)]
    private static partial Regex Sent();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    [GeneratedRegex(@"\bledger = \$1\b|^insert into \w+\(ledger, [^)]*\) values \(\$1, ", RegexOptions.IgnoreCase)]
    private static partial Regex OfLedger();

    // Making the tables, looking at the server, and giving room back: not work on a ledger.
    [GeneratedRegex(@"\bpg_catalog\b|\bpg_(class|index|trigger|proc|type|settings|roles|attribute|database|namespace)\b|^(create|lock table|grant|revoke|alter|vacuum|set|show|reset|discard|begin|commit|rollback|--)\b|^-- ", RegexOptions.IgnoreCase)]
    private static partial Regex Aside();

    [GeneratedRegex(
        @"\bledger_head\b.*\bfor (update|share)\b|\bwith\b.*\binsert into\b|\bset \w+ = \([^;]*\)\[|\bon conflict\b.*\b(now\(\)|current_timestamp|clock_timestamp\(\))|\bpg_(try_)?advisory|^\s*(listen|notify)\b|\bpg_notify\b",
        RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Refused();
}
