using System.Security.Cryptography;
using NodaTime;
using Ringfence.Ledger;

namespace Ringfence.Server.Sealing;

/// <summary>The keys of people: one for each, random, and nothing of what is sealed opens without it. Destroying it erases.</summary>
/// <remarks>
/// Invariant: a key is on the disk before <see cref="CreateAsync"/> returns, and nothing may be sealed by a key that was not created so. A key whose record was then never
/// written does no harm; a record whose key is not on the disk could never be read.
/// </remarks>
internal sealed partial class Keyring : IAsyncDisposable
{
    // In one transaction: long enough that waiting for the disk does not matter, short enough that nobody else waits long.
    private const int AddedAtOnce = 20_000;

    // Two generations of 32 bytes a key: 2 MiB.
    private const int KeptInMemory = 32_768;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private readonly KeyringStore store;
    private readonly KeyProvider provider;
    private readonly KeyCache cache;

    private Keyring(KeyringStore store, KeyProvider provider, KeyCache cache) => (this.store, this.provider, this.cache) = (store, provider, cache);

    /// <summary>128 random bits, 32 hex digits: a ledger notes them, so that it notices when it is given another keyring than its own.</summary>
    public string Id => store.Id;

    /// <summary>Takes a store into use. It and the provider are disposed of with the keyring.</summary>
    /// <param name="store">Where the wrapped keys are.</param>
    /// <param name="provider">The key-encryption keys.</param>
    /// <param name="create">Whether keys that are nobody's are made where there are none. Only for a ledger that has no record yet: with new ones nobody would know any more who must not be contacted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="KeysException">Code <c>unknown-kek</c>: something may be wrapped by a key that the provider does not have; <c>sealed-otherwise</c>: a key does not open, or is missing.</exception>
    public static async Task<Keyring> OpenAsync(KeyringStore store, KeyProvider provider, bool create, TimeProvider time, CancellationToken cancel)
    {
        await store.NoteKidAsync(provider.Current.Kid, cancel);
        foreach (var kid in await store.KidsAsync(cancel))
            provider.Get(kid);
        var keyring = new Keyring(store, provider, new KeyCache(KeptInMemory, KeptFor, time));
        if (create)
            await keyring.CreateSecretsAsync(cancel);
        await keyring.RequireSecretsAsync(cancel);
        return keyring;
    }

    /// <summary>Makes keys for people; who has one keeps it. They are on the disk when the call returns.</summary>
    /// <returns>The keys, in the order of the ids.</returns>
    /// <exception cref="KeysException">Code <c>destroyed</c>: one of them was erased. The keys of the others may have been made.</exception>
    public async Task<SubjectKeys> CreateAsync(IReadOnlyList<OpaqueId> sids, CancellationToken cancel)
    {
        var keys = new SubjectKeys(sids.Count);
        try
        {
            for (var done = 0; done < sids.Count; done += AddedAtOnce)
                await CreateAsync(sids, done, Math.Min(AddedAtOnce, sids.Count - done), keys, cancel);
            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <summary>What seals and opens for a person; null if there is no key, or none any more.</summary>
    /// <exception cref="KeysException">Code <c>unknown-kek</c>, <c>sealed-otherwise</c> or <c>failed</c>: there is a key, but it can't be had.</exception>
    public async ValueTask<Sealer?> FindAsync(OpaqueId sid, CancellationToken cancel)
    {
        if (FromCache(sid) is { } known)
            return known;
        var readAt = cache.Destructions;
        return (await store.FindAsync(sid, cancel)).Key is { } wrapped ? Unwrapped(sid, wrapped, readAt) : null;
    }

    /// <summary>Destroys the keys of people for good. When the call returns they are gone from the disk and from memory.</summary>
    /// <returns>The first day on which no backup holds them in a readable form either.</returns>
    /// <exception cref="KeysException">Code <c>not-truncated</c>: call again.</exception>
    public async Task<LocalDate> DestroyAsync(IReadOnlyCollection<OpaqueId> sids, CancellationToken cancel)
    {
        cache.Destroy(sids);
        await store.DestroyAsync(sids, cancel);
        cache.Destroy(sids); // whoever read one in between has not kept it, or keeps it no longer
        return provider.Current.Kid.DestroyFrom(next: null);
    }

    /// <summary>Destroys the keys of people who were erased and have one all the same, as after a keyring was put back from its backup.</summary>
    /// <returns>How many had one.</returns>
    public async Task<int> DestroyAgainAsync(IEnumerable<OpaqueId> erased, CancellationToken cancel)
    {
        var back = new HashSet<OpaqueId>();
        foreach (var sid in erased)
        {
            if (!(await store.FindAsync(sid, cancel)).Destroyed)
                back.Add(sid);
        }

        if (back.Count > 0)
            await DestroyAsync(back, cancel);
        return back.Count;
    }

    /// <summary>Writes a consistent copy of the keyring to a file that is not there yet. It is worth nothing without the key-encryption keys.</summary>
    /// <returns>False: it is in a database of its own, which is copied with the means of that.</returns>
    public async Task<bool> BackUpAsync(string copy, CancellationToken cancel)
    {
        if (store is not SqliteKeyringStore file)
            return false;
        await file.BackUpAsync(copy, cancel);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        cache.Dispose();
        await store.DisposeAsync();
        provider.Dispose();
    }

    private static string PurposeOf(OpaqueId sid) => "ringfence/dek|" + sid;

    private async Task CreateAsync(IReadOnlyList<OpaqueId> sids, int first, int count, SubjectKeys keys, CancellationToken cancel)
    {
        var readAt = cache.Destructions;
        var kek = provider.Current;
        var wrapped = new (OpaqueId Sid, byte[] Wrapped)[count];
        // Asking the system for a thousand keys costs as much as for one.
        var fresh = GC.AllocateUninitializedArray<byte>(count * SubjectKey.Bytes, pinned: true);
        RandomNumberGenerator.Fill(fresh);
        for (var i = 0; i < count; i++)
            wrapped[i] = (sids[first + i], Wrapped(sids[first + i], kek, fresh.AsSpan(i * SubjectKey.Bytes, SubjectKey.Bytes), keys.Place(first + i)));
        CryptographicOperations.ZeroMemory(fresh);
        var added = await store.AddAsync(wrapped, kek.Kid, cancel);
        for (var i = 0; i < count; i++)
        {
            if (!added[i])
                await ReadExistingAsync(sids[first + i], keys.Place(first + i), cancel);
            cache.Keep(sids[first + i], keys.Place(first + i).Span, readAt);
        }
    }

    // A key is made ready in the place given, and wrapped.
    private static byte[] Wrapped(OpaqueId sid, Kek kek, ReadOnlySpan<byte> key, Memory<byte> ready)
    {
        var wrapped = new byte[KeyringStore.WrappedBytes];
        kek.Wrap(PurposeOf(sid), key, wrapped);
        SubjectKey.Ready(key, ready.Span);
        return wrapped;
    }

    private async Task ReadExistingAsync(OpaqueId sid, Memory<byte> ready, CancellationToken cancel)
    {
        var entry = await store.FindAsync(sid, cancel);
        Unwrap(sid, entry.Key ?? throw KeysException.Destroyed(), ready.Span);
    }

    private Sealer? FromCache(OpaqueId sid)
    {
        Span<byte> ready = stackalloc byte[SubjectKey.Bytes];
        if (!cache.TryGet(sid, ready))
            return null;
        var sealer = new Sealer(ready);
        CryptographicOperations.ZeroMemory(ready);
        return sealer;
    }

    private Sealer Unwrapped(OpaqueId sid, WrappedKey wrapped, long readAt)
    {
        Span<byte> ready = stackalloc byte[SubjectKey.Bytes];
        Unwrap(sid, wrapped, ready);
        cache.Keep(sid, ready, readAt);
        var sealer = new Sealer(ready);
        CryptographicOperations.ZeroMemory(ready);
        return sealer;
    }

    private void Unwrap(OpaqueId sid, WrappedKey wrapped, Span<byte> ready)
    {
        Span<byte> key = stackalloc byte[SubjectKey.Bytes];
        if (!provider.Get(wrapped.Kid).TryUnwrap(PurposeOf(sid), wrapped.Bytes, key))
            throw KeysException.SealedOtherwise("person");
        SubjectKey.Ready(key, ready);
        CryptographicOperations.ZeroMemory(key);
    }
}

/// <summary>Keys of people, ready for sealing. Dispose of them when the records are sealed.</summary>
internal sealed class SubjectKeys(int count) : IDisposable
{
    private readonly byte[] keys = GC.AllocateArray<byte>(count * SubjectKey.Bytes, pinned: true);
    private bool disposed;

    /// <summary>How many.</summary>
    public int Count => count;

    /// <summary>What seals for one of them, to be disposed of by itself.</summary>
    public Sealer SealerOf(int index) => new(Place(index).Span);

    /// <summary>Where one stands.</summary>
    internal Memory<byte> Place(int index)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return keys.AsMemory(index * SubjectKey.Bytes, SubjectKey.Bytes);
    }

    public void Dispose()
    {
        disposed = true;
        CryptographicOperations.ZeroMemory(keys);
    }
}
