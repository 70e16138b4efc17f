using System.Text.RegularExpressions;
using Npgsql;
using Ringfence.Server.Storage;
using Ringfence.Server.Storage.Sqlite;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>Rules for tables and statements, so that nothing primary can be lost by them and ledgers can be spread over machines.</summary>
public sealed partial class SchemaTests
{
    // The list of ledgers is the same on every machine, and so is what was applied.
    private const string Hot = "c.relname not in ('ledger', 'schema_version') and c.relname not like 'staff\\_%'";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Sources => [.. Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.*", SearchOption.AllDirectories)
        .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".sql", StringComparison.Ordinal))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(Root(), file))];

    [Fact]
    public async Task The_ledger_comes_first_in_every_key_of_postgresql()
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        Assert.Equal(28L, await home.AskAsync($"select count(*) from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace and {Hot}"));
        // Every unique index, and every other.
        Assert.Equal("", await home.AskAsync($"""
            select coalesce(string_agg(i.indexrelid::regclass::text, ', '), '') from pg_index i join pg_class c on c.oid = i.indrelid
            join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
            where c.relnamespace = 'public'::regnamespace and {Hot} and a.attname <> 'ledger'
            """));
        // Every table has one, and its ledger is a bigint that may not be null.
        Assert.Equal("", await home.AskAsync($"""
            select coalesce(string_agg(c.relname, ', '), '') from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and {Hot}
            and (not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
              or not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'ledger' and a.attnum = 1 and a.atttypid = 'bigint'::regtype and a.attnotnull))
            """));
        // Foreign keys lead by the ledger, and delete or refuse; none sets null.
        Assert.Equal("", await home.AskAsync("""
            select coalesce(string_agg(k.conname, ', '), '') from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
            where k.contype = 'f' and k.conrelid::regclass::text not like 'staff\_%' and (a.attname <> 'ledger' or k.confdeltype in ('n', 'd'))
            """));
        // Nothing is drawn from a sequence or made up by the server.
        Assert.Equal(0L, await home.AskAsync("select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relnamespace = 'public'::regnamespace and a.attidentity <> ''"));
        Assert.Equal(0L, await home.AskAsync("select count(*) from pg_attrdef d join pg_class c on c.oid = d.adrelid where c.relnamespace = 'public'::regnamespace"));
        Assert.Equal(0L, await home.AskAsync("select count(*) from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace"));
        // Rows are refused row by row, since statement triggers do not spread.
        Assert.Equal("", await home.AskAsync("""
            select coalesce(string_agg(tgname, ', '), '') from pg_trigger where not tgisinternal and tgrelid::regclass::text !~ '^pg_' and (tgtype & 1 = 0) <> (tgtype & 32 = 32)
            """));
    }

    [Fact]
    public async Task Both_stores_have_the_same_tables_and_columns()
    {
        // What is counted for limits is in memory where one program alone has the store open.
        await using var file = new SqliteHome(inMemory: true);
        await using var embedded = await LedgerStores.OpenAsync(file.Options, Cancel);
        var columns = await file.AskAsync("""
            select group_concat(x, ',') from (select m.name || '.' || c.name || case c."notnull" when 1 then '' else '?' end x from sqlite_schema m, pragma_table_info(m.name) c
            where m.type = 'table' and m.name not in ('tile_rebuild') and m.name not like 'sqlite%' order by 1)
            """);
        await using var home = await PostgresHome.MakeAsync();
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        Assert.Equal(columns, await home.AskAsync("""
            select string_agg(x, ',' order by x collate "C") from (select c.relname || '.' || a.attname || case when a.attnotnull then '' else '?' end x from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'rate') t
            """));
    }

    [Fact]
    public async Task The_ledger_comes_first_in_every_key_of_sqlite()
    {
        await using var home = new SqliteHome(inMemory: true);
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        Assert.Equal(DBNull.Value, await home.AskAsync("""
            select group_concat(i.name) from sqlite_schema m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
            where m.type = 'table' and m.name not in ('ledger', 'schema_version') and m.name not glob 'staff_*' and c.seqno = 0 and c.name <> 'ledger'
            """));
    }

    [Fact]
    public async Task Every_question_to_sqlite_goes_by_the_whole_key_and_not_through_the_ledger()
    {
        await using var home = new SqliteHome(inMemory: true);
        await using var store = await LedgerStores.OpenAsync(home.Options, Cancel);
        await store.CreateLedgerAsync(Sample.Ledger(), Cancel);
        using var session = SqliteSession.Open(home.File, write: false, layer: null);
        var wanted = new RowsWanted
        {
            Points = { Sample.Tag(1) }, Ways = { Sample.Tag(2) }, Standings = { Sample.Sid(1) }, Subjects = { Sample.Sid(1) }, Suppressions = { Sample.Tag(1) }, SuppressionsBySeq = { 1 }, Idempotency = { ("a", "b") }, Documents = { Sample.Tag(1) },
            Batches = { Sample.Sid(1) }, Sealed = { 1 }, Records = { 1 }, SubjectsOfBatches = { Sample.Sid(1) }, WithPoints = true,
        };
        _ = SqliteLoading.Load(session, 1, wanted, Cancel);
        Assert.InRange(session.Prepared.Count, 12, 20);
        foreach (var sql in session.Prepared.ToArray())
        {
            var plan = session.Prepare("explain query plan " + sql);
            while (plan.Read())
            {
                var step = plan.Text(3);
                Assert.True(step.StartsWith("SEARCH", StringComparison.Ordinal) && (step.Contains(" AND ", StringComparison.Ordinal) || step.Contains("ledger_head", StringComparison.Ordinal)
                        // One end of an index, and no further.
                        || (step.Contains("COVERING INDEX", StringComparison.Ordinal) && sql.EndsWith("limit 1", StringComparison.Ordinal)))
                    || step.StartsWith("USE TEMP B-TREE", StringComparison.Ordinal), $"{sql}: {step}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void No_statement_can_lose_what_is_primary(string file)
    {
        var text = File.ReadAllText(Path.Combine(Root(), file));
        Assert.DoesNotMatch(Losing(), text);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void No_statement_has_a_shape_that_does_not_spread(string file)
    {
        if (!file.Contains("Storage/Postgres", StringComparison.Ordinal) && !file.EndsWith("Storage/Table.cs", StringComparison.Ordinal))
            return;
        // Comments may speak of what is not done.
        var text = string.Join('\n', File.ReadLines(Path.Combine(Root(), file)).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && !line.TrimStart().StartsWith("--", StringComparison.Ordinal)));
        Assert.DoesNotMatch(NotSpreading(), text);
    }

    [Theory]
    [InlineData("drop table ledger_record")]
    [InlineData("DROP TABLE IF EXISTS suppression;")]
    [InlineData("truncate sealed")]
    [InlineData("insert or replace into checkpoint")]
    [InlineData("replace into checkpoint")]
    [InlineData("delete from ledger_record")]
    [InlineData("drop database x")]
    [InlineData("drop schema public cascade")]
    public void The_rule_against_losing_finds_it(string sql) => Assert.Matches(Losing(), $"var sql = \"{sql}\";");

    [Theory]
    [InlineData("select size from ledger_head where ledger = $1 for update")]
    [InlineData("on conflict (ledger) do update set at = now()")]
    [InlineData("set at = (a || b)[1:3]")]
    [InlineData("with x as (insert into cap values (1) returning 1) select 1")]
    [InlineData("select pg_advisory_xact_lock(1)")]
    [InlineData("listen heads")]
    public void The_rule_about_shapes_finds_it(string sql) => Assert.Matches(NotSpreading(), $"\"{sql}\"");

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ringfence.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    // What tables there are stays; rows of projections may go, and rows of what can be erased.
    [GeneratedRegex(
        @"\bdrop\s+(table|database|schema|owned)\b|\b(insert\s+or\s+)?replace\s+into\b|\bdelete\s+from\s+(ledger|ledger_head|ledger_record|checkpoint|document)\b|" +
        @"\btruncate\s+(table\s+|only\s+)*(ledger|ledger_\w+|checkpoint|document|sealed|suppression|subject\w*|consent_state|idempotency|import_batch)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Losing();

    // A lock that skips what others hold is of rows to work on, and need not outlive a move.
    [GeneratedRegex(@"\bfor\s+(no\s+key\s+)?update\b(?!\s+skip\s+locked)|\bon\s+conflict\b[^""]*\bnow\(\)|\bset\s+\w+\s*=\s*\([^""]*\)\[|\bas\s+\(\s*insert\b|pg_advisory|""\s*(listen|notify)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex NotSpreading();
}
