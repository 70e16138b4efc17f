using System.Security.Cryptography;

namespace Ringfence.Server.Sealing;

/// <summary>Key-encryption keys from an environment variable, for machines that get their secrets that way.</summary>
/// <remarks>
/// <c>k2026-11-22:&lt;64 hex digits&gt;</c>, several separated by commas, in any order. They are added and taken away where the variable is set: a new one on
/// every node first, then the rotation, and the old one out when the program says that nothing is wrapped by it any more.
/// </remarks>
internal sealed class EnvironmentKeys : KeyProvider
{
    private EnvironmentKeys(IEnumerable<Kek> keks) : base(keks) { }

    /// <inheritdoc/>
    public override bool Changeable => false;

    /// <summary>Reads the value of the variable.</summary>
    /// <exception cref="KeysException">Code <c>bad-variable</c>, with the number of the entry, from 1.</exception>
    public static EnvironmentKeys Parse(string value)
    {
        var keks = new SortedDictionary<Kid, Kek>();
        var entries = value.Split(',', StringSplitOptions.TrimEntries);
        for (var i = 0; i < entries.Length; i++)
        {
            if (ParseEntry(entries[i]) is not { } kek || !keks.TryAdd(kek.Kid, kek))
                throw KeysException.BadVariable(Variable, i + 1);
        }

        return new EnvironmentKeys(keks.Values);
    }

    /// <inheritdoc/>
    protected override void Keep(IReadOnlyList<Kek> all) => throw KeysException.KeysElsewhere();

    private static Kek? ParseEntry(string entry)
    {
        if (entry.Length != Kid.Length + 1 + 2 * Kek.Bytes || entry[Kid.Length] != ':' || !Kid.TryParse(entry[..Kid.Length], out var kid))
            return null;
        Span<byte> key = stackalloc byte[Kek.Bytes];
        if (Convert.FromHexString(entry.AsSpan(Kid.Length + 1), key, out _, out _) != System.Buffers.OperationStatus.Done)
            return null;
        var kek = new Kek(kid, key);
        CryptographicOperations.ZeroMemory(key);
        return kek;
    }
}
