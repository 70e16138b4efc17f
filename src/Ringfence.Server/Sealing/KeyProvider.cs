using NodaTime;

namespace Ringfence.Server.Sealing;

/// <summary>Where the key-encryption keys come from: a file or the environment.</summary>
/// <remarks>The newest key is current: it wraps what is made now. The older ones open what has not been wrapped anew yet.</remarks>
internal abstract class KeyProvider : IDisposable
{
    /// <summary>Set, it holds the keys, and no file of keys is read.</summary>
    public const string Variable = "RINGFENCE_KEK";

    private readonly Lock change = new();
    private Kek[] keks;

    /// <param name="keks">At least one, in rising order, none twice.</param>
    protected KeyProvider(IEnumerable<Kek> keks) => this.keks = [.. keks];

    /// <summary>Names of the keys, oldest first.</summary>
    public IReadOnlyList<Kid> Kids => [.. keks.Select(static kek => kek.Kid)];

    /// <summary>The key that wraps what is made now.</summary>
    public Kek Current => keks[^1];

    /// <summary>Whether this program may add and destroy keys. Where it may not, whoever set them does.</summary>
    public abstract bool Changeable { get; }

    /// <summary>The keys for an installation: those of <see cref="Variable"/> where it is set, else those of the file.</summary>
    /// <exception cref="KeysException">There are none, or they are not in order.</exception>
    public static KeyProvider Open(KeysFolder folder, Func<string, string?> environment) =>
        environment(Variable) is { Length: > 0 } keys ? EnvironmentKeys.Parse(keys) : KeyFile.Open(folder.KeyFile);

    /// <summary>The key of a name.</summary>
    /// <exception cref="KeysException">Code <c>unknown-kek</c>.</exception>
    public Kek Get(Kid kid)
    {
        foreach (var kek in keks)
        {
            if (kek.Kid == kid)
                return kek;
        }

        throw KeysException.UnknownKek(kid);
    }

    /// <summary>Makes a new key and makes it current. When the call returns, it is on the disk.</summary>
    /// <param name="today">The first day of its epoch; the day after that of the newest key where that is later, so that it is always the newest.</param>
    /// <exception cref="KeysException">Code <c>keys-elsewhere</c>: not <see cref="Changeable"/>.</exception>
    public Kid Begin(LocalDate today)
    {
        RequireChangeable();
        lock (change)
        {
            var kek = NewKek(new Kid(LocalDate.Max(today, Current.Kid.Day.PlusDays(1))));
            Keep([.. keks, kek]);
            keks = [.. keks, kek];
            return kek.Kid;
        }
    }

    /// <summary>Destroys a key and with it everything that is still wrapped by it. When the call returns, the place it was kept in holds it no more.</summary>
    /// <exception cref="KeysException">Code <c>keys-elsewhere</c>: not <see cref="Changeable"/>; <c>unknown-kek</c>.</exception>
    /// <exception cref="InvalidOperationException">It is current.</exception>
    public void Destroy(Kid kid)
    {
        RequireChangeable();
        lock (change)
        {
            var doomed = Get(kid);
            if (doomed == Current)
                throw new InvalidOperationException("The current key-encryption key can't be destroyed.");
            var kept = keks.Where(kek => kek != doomed).ToArray();
            Keep(kept);
            keks = kept;
            doomed.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var kek in keks)
            kek.Dispose();
    }

    /// <summary>A key that nobody has had before.</summary>
    protected static Kek NewKek(Kid kid)
    {
        Span<byte> key = stackalloc byte[Kek.Bytes];
        System.Security.Cryptography.RandomNumberGenerator.Fill(key);
        var kek = new Kek(kid, key);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
        return kek;
    }

    /// <summary>Writes all keys to where they are kept, durably; only called where <see cref="Changeable"/>.</summary>
    protected abstract void Keep(IReadOnlyList<Kek> all);

    private void RequireChangeable()
    {
        if (!Changeable)
            throw KeysException.KeysElsewhere();
    }
}
