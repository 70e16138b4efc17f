using System.Globalization;
using System.Text;
using Ringfence.Server.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>Somebody with every right over the database changes one value, or takes or adds one row. Each time it is found.</summary>
public sealed class FsckMutationTests(FullHouse full, ITestOutputHelper output) : IClassFixture<FullHouse>
{
    // What holds for ever and what is primary; then what can be made anew. Answers to clients expire, and the progress of an import is none of the ledger's.
    public static TheoryData<string> Tables() =>
    [
        "ledger", "ledger_head", "ledger_record", "checkpoint", "document", "sealed", "suppression", "subject_lookup", "ledger_tile", "subject", "subject_record", "consent_state",
    ];

    private static readonly string[] Derived = ["subject", "subject_record", "consent_state"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_found_where_nothing_was_done()
    {
        var findings = await LookAsync();
        Assert.Empty(findings.Select(static finding => finding.Code));
    }

    [Fact]
    public void Every_table_and_every_column_is_tried()
    {
        using var raw = new RawStore(full.House.Folder);
        var tables = raw.Texts("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").ToHashSet(StringComparer.Ordinal);
        tables.ExceptWith(["idempotency", "import_batch", "tile_rebuild", "schema_version"]);
        Assert.Equal(Tables().Select(static row => row.Data).Order(StringComparer.Ordinal), tables.Order(StringComparer.Ordinal));
        Assert.All(Tables(), row => Assert.True(Mutations(raw, row.Data).Count > 0, row.Data));
        var all = Tables().Sum(row => Mutations(raw, row.Data).Count);
        Assert.True(all >= 200, all.ToString(CultureInfo.InvariantCulture));
    }

    [Theory, MemberData(nameof(Tables))]
    public async Task Each_change_of_a_stored_value_is_found(string table)
    {
        using var raw = new RawStore(full.House.Folder);
        raw.Keep(table);
        var missed = new List<string>();
        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var mutation in Mutations(raw, table))
        {
            Assert.True(raw.Run(mutation) > 0, mutation);
            var findings = await LookAsync();
            if (!findings.Any(static finding => finding.Weight != FsckWeight.Warning))
                missed.Add(mutation);
            foreach (var code in findings.Select(static finding => finding.Code).Distinct())
                found[code] = found.GetValueOrDefault(code) + 1;
            raw.PutBack(table);
        }

        output.WriteLine($"{table}: {string.Join(", ", found.Select(static one => $"{one.Key} {one.Value}"))}");
        Assert.True(missed.Count == 0, string.Join('\n', missed));
        Assert.Empty((await LookAsync()).Select(static finding => finding.Code));
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

    // For each column a handful of changes in some rows; for each table rows that go and rows that come.
    private static List<string> Mutations(RawStore raw, string table)
    {
        var mutations = new List<string>();
        var columns = raw.Rows($"select name, type, pk, \"notnull\" from pragma_table_info('{table}')");
        var keys = string.Join(", ", columns.Where(static c => (long)c[2]! > 0).OrderBy(static c => (long)c[2]!).Select(static c => (string)c[0]!));
        var count = raw.Rows($"select count(*) from {table}")[0][0] is long n ? n : 0;
        foreach (var at in new[] { 0, count / 2, count - 1 }.Distinct())
        {
            var where = $"where ({keys}) = (select {keys} from {table} order by {keys} limit 1 offset {at})";
            foreach (var column in columns)
            {
                var (name, type, notNull) = ((string)column[0]!, (string)column[1]!, (long)column[3]! == 1);
                var value = raw.Rows($"select {name} from {table} {where}")[0][0];
                foreach (var change in Changes(name, type, value))
                    mutations.Add($"update {table} set {name} = {change} {where}");
                if (value is not null && !notNull)
                    mutations.Add($"update {table} set {name} = null {where}");
            }

            mutations.Add($"delete from {table} {where}");
        }

        // A row more: another key, and everything else as in one that is there.
        if (!Derived.Contains(table) && table is not ("ledger" or "ledger_head"))
        {
            var last = columns.Where(static c => (long)c[2]! > 0).MaxBy(static c => (long)c[2]!)!;
            var fresh = (string)last[1]! == "INTEGER" ? $"(select max({last[0]}) + 1 from {table})" : $"randomblob(length({last[0]}))";
            mutations.Add($"insert into {table} select {string.Join(", ", columns.Select(c => c == last || (string)c[0]! == (string)last[0]! ? fresh : (string)c[0]!))} from {table} order by {keys} limit 1");
        }

        return mutations;
    }

    private static IEnumerable<string> Changes(string column, string type, object? value)
    {
        switch (type)
        {
            case "INTEGER" when value is null:
                yield return "3";
                break;
            case "INTEGER":
                yield return $"{column} + 1";
                yield return $"{column} - 1";
                yield return "70000";
                break;
            case "TEXT" when value is null:
                yield return "'x'";
                break;
            case "TEXT":
                yield return $"{column} || 'x'";
                yield return $"'x' || substr({column}, 2)";
                break;
            case "BLOB" when value is null:
                yield return "zeroblob(16)";
                break;
            case "BLOB":
                var bytes = (byte[])value!;
                foreach (var at in new[] { 0, bytes.Length / 2, bytes.Length - 1 }.Distinct().Where(at => at < bytes.Length && at >= 0))
                {
                    var flipped = bytes.ToArray();
                    flipped[at] ^= 1;
                    yield return Hex(flipped);
                }

                yield return Hex([.. bytes, 0]);
                if (bytes.Length > 0)
                    yield return Hex(bytes[..^1]);
                break;
            default:
                throw new InvalidOperationException($"{column} is of type {type}.");
        }
    }

    private static string Hex(byte[] bytes) => new StringBuilder("x'").Append(Convert.ToHexStringLower(bytes)).Append('\'').ToString();
}
