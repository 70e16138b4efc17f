namespace Ringfence.Server.Storage.Sqlite;

/// <summary>The tables of the embedded store: made in an empty file, brought forward, compared with what they have to be.</summary>
internal static class SqliteSchema
{
    // "Ring", in the header of every file of ours.
    private const int ApplicationId = 0x52696e67;
    private const int PageSize = 8192;

    private const string VersionTable =
        "create table schema_version(version integer not null primary key, name text not null, digest blob not null, applied_at integer not null) strict";

    public static IReadOnlyList<Migration> Ours { get; } = Migrations.Of("Sqlite");

    /// <summary>Makes the tables of an empty file or applies what is missing. All of it, or, if it is cut off, nothing.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Foreign"/>, <see cref="StoreFault.Damaged"/>.</exception>
    public static void BringForward(SqliteSession session, StoreOptions options)
    {
        var empty = IsEmpty(session);
        var pending = empty || Migrations.Pending(Ours, Applied(session)).Count > 0;
        if (pending && !options.Migrate)
            throw new StoreException(StoreFault.Foreign, empty ? "There is no store yet." : "The store is of an older version: start the server once.");
        if (empty)
            session.Run($"pragma page_size = {PageSize}; pragma auto_vacuum = incremental");
        // From here on the file is ours. A copy made for a backup has another journal.
        if (session.Ask("pragma journal_mode = wal") is var mode and not "wal")
            throw new StoreException(StoreFault.NotDurable, $"journal_mode is {mode} and can't be made wal: the disk did not take it.");
        if (!pending)
            return;
        // A file that somebody made and left empty may have been made without.
        if (empty && session.Ask("pragma auto_vacuum") != "2")
            session.Run("vacuum");
        session.Run("begin exclusive");
        try
        {
            // The file is ours by its lock, yet nothing is made on the strength of an earlier look.
            if (IsEmpty(session))
                session.Run($"pragma application_id = {ApplicationId}; {VersionTable}");
            foreach (var migration in Migrations.Pending(Ours, Applied(session)))
                Apply(session, migration, options.Time);
            session.Run("commit");
        }
        catch
        {
            if (session.InTransaction)
                session.Run("rollback");
            throw;
        }
    }

    /// <summary>Every table, index and trigger: whether it is there as we made it.</summary>
    public static IEnumerable<StoreFinding> Compare(SqliteSession session)
    {
        using var model = SqliteSession.Open(":memory:", write: true, layer: null);
        model.Run(VersionTable);
        foreach (var migration in Ours)
            model.Run(migration.Sql);
        var there = Objects(session);
        foreach (var (name, sql) in Objects(model))
        {
            var fine = there.Remove(name, out var found) && found == sql;
            yield return new StoreFinding(name.Replace(' ', '-'), fine ? FindingVerdict.Fine : FindingVerdict.Refuse, fine ? "as made" : found is null ? "missing" : "altered", fine ? null : sql);
        }

        foreach (var name in there.Keys)
            yield return new StoreFinding(name.Replace(' ', '-'), FindingVerdict.Warn, "not ours", "nothing else in this file");
    }

    private static bool IsEmpty(SqliteSession session)
    {
        var id = session.Ask("pragma application_id");
        if (id is not ("0" or "1382641255"))
            throw new StoreException(StoreFault.Foreign, "The file is the database of another program.");
        if (session.Ask("select count(*) from sqlite_schema") == "0")
            return true;
        if (session.Ask("select count(*) from sqlite_schema where type = 'table' and name = 'schema_version'") == "0")
            throw new StoreException(StoreFault.Foreign, "The file holds tables that are not ours.");
        return false;
    }

    private static void Apply(SqliteSession session, Migration migration, TimeProvider time)
    {
        session.Run(migration.Sql);
        var note = session.Prepare("insert into schema_version(version, name, digest, applied_at) values (?1, ?2, ?3, ?4)");
        note.Bind(1, migration.Number);
        note.Bind(2, migration.Name);
        note.Bind(3, migration.Digest);
        note.Bind(4, time.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
        _ = note.Run();
    }

    /// <summary>The migrations that the file says were applied.</summary>
    public static List<AppliedMigration> Applied(SqliteSession session)
    {
        var applied = new List<AppliedMigration>();
        var rows = session.Prepare("select version, name, digest from schema_version order by version");
        while (rows.Read())
            applied.Add(new AppliedMigration(rows.Long(0), rows.Text(1), rows.Bytes(2)));
        if (applied.Count == 0 && session.Ask("select count(*) from sqlite_schema") != "1")
            throw new StoreException(StoreFault.Damaged, "There are tables, and no migration says that it made them.");
        return applied;
    }

    private static Dictionary<string, string> Objects(SqliteSession session)
    {
        var objects = new Dictionary<string, string>(StringComparer.Ordinal);
        var rows = session.Prepare("select type || ' ' || name, sql from sqlite_schema where sql is not null and name not like 'sqlite~_%' escape '~' order by 1");
        while (rows.Read())
            objects.Add(rows.Text(0), rows.Text(1));
        return objects;
    }
}
