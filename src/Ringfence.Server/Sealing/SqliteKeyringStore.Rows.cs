using Microsoft.Data.Sqlite;
using Ringfence.Ledger;

namespace Ringfence.Server.Sealing;

/// <content>What is read and written.</content>
internal sealed partial class SqliteKeyringStore
{
    /// <inheritdoc/>
    public override ValueTask<bool[]> AddAsync(IReadOnlyList<(OpaqueId Sid, byte[] Wrapped)> keys, Kid kid, CancellationToken cancel) => WriteAsync(() =>
    {
        var added = new bool[keys.Count];
        using var insert = Command(writer, "INSERT INTO dek (sid, kid, wrapped) VALUES ($sid, $kid, $wrapped) ON CONFLICT (sid) DO NOTHING", "$sid", "$kid", "$wrapped");
        insert.Parameters[1].Value = kid.ToString();
        for (var i = 0; i < added.Length; i++)
        {
            insert.Parameters[0].Value = keys[i].Sid.ToArray();
            insert.Parameters[2].Value = keys[i].Wrapped;
            added[i] = insert.ExecuteNonQuery() == 1;
        }

        return added;
    }, cancel);

    /// <inheritdoc/>
    public override ValueTask<KeyringEntry> FindAsync(OpaqueId sid, CancellationToken cancel) => ReadAsync(() =>
    {
        using var find = Command(reader, "SELECT kid, wrapped FROM dek WHERE sid = $sid", "$sid");
        find.Parameters[0].Value = sid.ToArray();
        using var row = find.ExecuteReader();
        if (!row.Read())
            return default;
        return row.GetString(0) == DestroyedKid ? new KeyringEntry(null, Destroyed: true) : new KeyringEntry(KeyOf(row, 0), Destroyed: false);
    }, cancel);

    /// <inheritdoc/>
    public override async ValueTask DestroyAsync(IReadOnlyCollection<OpaqueId> sids, CancellationToken cancel)
    {
        await WriteAsync(() =>
        {
            using var destroy = Command(writer, $"""
                INSERT INTO dek (sid, kid, wrapped) VALUES ($sid, '{DestroyedKid}', zeroblob({WrappedBytes}))
                ON CONFLICT (sid) DO UPDATE SET kid = excluded.kid, wrapped = excluded.wrapped
                """, "$sid");
            foreach (var sid in sids)
            {
                destroy.Parameters[0].Value = sid.ToArray();
                destroy.ExecuteNonQuery();
            }

            return sids.Count;
        }, cancel);
        await TidyAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public override ValueTask<List<PlacedKey>> NotUnderAsync(Kid kid, long after, int most, CancellationToken cancel) => ReadAsync(() =>
    {
        using var next = Command(reader, $"SELECT n, sid, kid, wrapped FROM dek WHERE n > $after AND kid <> $kid AND kid <> '{DestroyedKid}' ORDER BY n LIMIT $most", "$after", "$kid", "$most");
        next.Parameters[0].Value = after;
        next.Parameters[1].Value = kid.ToString();
        next.Parameters[2].Value = most;
        using var row = next.ExecuteReader();
        var keys = new List<PlacedKey>();
        while (row.Read())
            keys.Add(new PlacedKey(row.GetInt64(0), new OpaqueId(row.GetFieldValue<byte[]>(1)), KeyOf(row, 2)));
        return keys;
    }, cancel);

    /// <inheritdoc/>
    public override async ValueTask RewrapAsync(IReadOnlyList<PlacedKey> before, IReadOnlyList<WrappedKey> after, CancellationToken cancel) => await WriteAsync(() =>
    {
        using var rewrap = Command(writer, "UPDATE dek SET kid = $kid, wrapped = $wrapped WHERE n = $n AND kid = $old", "$kid", "$wrapped", "$n", "$old");
        for (var i = 0; i < before.Count; i++)
        {
            rewrap.Parameters[0].Value = after[i].Kid.ToString();
            rewrap.Parameters[1].Value = after[i].Bytes;
            rewrap.Parameters[2].Value = before[i].Place;
            rewrap.Parameters[3].Value = before[i].Key.Kid.ToString();
            rewrap.ExecuteNonQuery();
        }

        return before.Count;
    }, cancel);

    /// <inheritdoc/>
    public override ValueTask<long> CountUnderAsync(Kid kid, CancellationToken cancel) => ReadAsync(() =>
    {
        using var count = Command(reader, "SELECT (SELECT count(*) FROM dek WHERE kid = $kid) + (SELECT count(*) FROM secret WHERE kid = $kid)", "$kid");
        count.Parameters[0].Value = kid.ToString();
        return (long)count.ExecuteScalar()!;
    }, cancel);

    /// <inheritdoc/>
    public override ValueTask<List<StoredSecret>> SecretsAsync(CancellationToken cancel) => ReadAsync(() =>
    {
        using var all = Command(reader, "SELECT name, version, kid, wrapped FROM secret ORDER BY name, version");
        using var row = all.ExecuteReader();
        var secrets = new List<StoredSecret>();
        while (row.Read())
            secrets.Add(new StoredSecret(row.GetString(0), row.GetInt32(1), KeyOf(row, 2)));
        return secrets;
    }, cancel);

    /// <inheritdoc/>
    public override ValueTask<bool> AddSecretAsync(StoredSecret secret, CancellationToken cancel) => WriteAsync(() =>
    {
        using var insert = Command(writer, "INSERT INTO secret (name, version, kid, wrapped) VALUES ($name, $version, $kid, $wrapped) ON CONFLICT DO NOTHING", "$name", "$version", "$kid", "$wrapped");
        insert.Parameters[0].Value = secret.Name;
        insert.Parameters[1].Value = secret.Version;
        insert.Parameters[2].Value = secret.Key.Kid.ToString();
        insert.Parameters[3].Value = secret.Key.Bytes;
        return insert.ExecuteNonQuery() == 1;
    }, cancel);

    /// <inheritdoc/>
    public override async ValueTask RewrapSecretsAsync(IReadOnlyList<StoredSecret> secrets, CancellationToken cancel) => await WriteAsync(() =>
    {
        using var rewrap = Command(writer, "UPDATE secret SET kid = $kid, wrapped = $wrapped WHERE name = $name AND version = $version", "$kid", "$wrapped", "$name", "$version");
        foreach (var secret in secrets)
        {
            rewrap.Parameters[0].Value = secret.Key.Kid.ToString();
            rewrap.Parameters[1].Value = secret.Key.Bytes;
            rewrap.Parameters[2].Value = secret.Name;
            rewrap.Parameters[3].Value = secret.Version;
            rewrap.ExecuteNonQuery();
        }

        return secrets.Count;
    }, cancel);

    /// <inheritdoc/>
    public override ValueTask<List<Kid>> KidsAsync(CancellationToken cancel) => ReadAsync(() =>
    {
        using var all = Command(reader, "SELECT kid FROM kek ORDER BY kid");
        using var row = all.ExecuteReader();
        var kids = new List<Kid>();
        while (row.Read())
            kids.Add(KidOf(row.GetString(0)));
        return kids;
    }, cancel);

    /// <inheritdoc/>
    public override async ValueTask NoteKidAsync(Kid kid, CancellationToken cancel) =>
        await RunAsync("INSERT INTO kek (kid) VALUES ($kid) ON CONFLICT DO NOTHING", kid, cancel);

    /// <inheritdoc/>
    public override async ValueTask ForgetKidAsync(Kid kid, CancellationToken cancel) => await RunAsync("DELETE FROM kek WHERE kid = $kid", kid, cancel);

    private async ValueTask RunAsync(string sql, Kid kid, CancellationToken cancel) => await WriteAsync(() =>
    {
        using var run = Command(writer, sql, "$kid");
        run.Parameters[0].Value = kid.ToString();
        return run.ExecuteNonQuery();
    }, cancel);

    private static WrappedKey KeyOf(SqliteDataReader row, int first) => new(KidOf(row.GetString(first)), row.GetFieldValue<byte[]>(first + 1));

    private static Kid KidOf(string text) => Kid.TryParse(text, out var kid) ? kid : throw KeysException.SealedOtherwise(text);
}
