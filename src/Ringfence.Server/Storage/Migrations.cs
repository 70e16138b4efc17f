using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Server.Storage;

/// <summary>One step of a store's tables, as shipped.</summary>
internal sealed record Migration(int Number, string Name, string Sql, byte[] Digest);

/// <summary>One step that a database says was applied to it.</summary>
internal sealed record AppliedMigration(long Number, string Name, byte[] Digest);

/// <summary>The numbered steps by which tables are made: forward only, each applied once, each known by the digest of its text.</summary>
internal static class Migrations
{
    /// <summary>The steps of a store, in order.</summary>
    /// <param name="store">The folder: <c>Sqlite</c>, <c>Postgres</c>.</param>
    public static IReadOnlyList<Migration> Of(string store)
    {
        var program = typeof(Migrations).Assembly;
        var folder = $"Storage/{store}/";
        return
        [
            .. program.GetManifestResourceNames()
                .Select(name => (Resource: name, Path: name.Replace('\\', '/')))
                .Where(name => name.Path.StartsWith(folder, StringComparison.Ordinal) && name.Path.EndsWith(".sql", StringComparison.Ordinal))
                .Select(name => Read(program, name.Resource, name.Path[folder.Length..^".sql".Length]))
                .OrderBy(migration => migration.Number),
        ];
    }

    /// <summary>The steps that are still to be applied.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Foreign"/>: what was applied is not what we have.</exception>
    public static IReadOnlyList<Migration> Pending(IReadOnlyList<Migration> ours, IReadOnlyList<AppliedMigration> applied)
    {
        for (var i = 0; i < applied.Count; i++)
        {
            if (i >= ours.Count)
                throw new StoreException(StoreFault.Foreign, $"The database was made by a newer version: it has migration {applied[i].Number}, this one knows {ours.Count}.");
            if (applied[i].Number != ours[i].Number || !applied[i].Digest.AsSpan().SequenceEqual(ours[i].Digest))
                throw new StoreException(StoreFault.Foreign, $"Migration {applied[i].Number} of the database is not the one of this version.");
        }

        return [.. ours.Skip(applied.Count)];
    }

    private static Migration Read(Assembly program, string resource, string name)
    {
        using var reader = new StreamReader(program.GetManifestResourceStream(resource)!, Encoding.UTF8);
        // What a checkout does to line ends is no other migration.
        var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
        return new Migration(int.Parse(name[..4], CultureInfo.InvariantCulture), name[5..], sql, SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
    }
}
