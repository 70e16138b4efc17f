using Ringfence.Ledger;

namespace Ringfence.Server.Sealing;

/// <summary>A key as the keyring holds it: wrapped by the key-encryption key of that name.</summary>
internal readonly record struct WrappedKey(Kid Kid, byte[] Bytes);

/// <summary>What a keyring knows of a person's key.</summary>
/// <param name="Key">The wrapped key; null where there is none.</param>
/// <param name="Destroyed">Whether there was one, or may have been, and the person was erased.</param>
internal readonly record struct KeyringEntry(WrappedKey? Key, bool Destroyed);

/// <summary>An entry in the order of rotation.</summary>
/// <param name="Place">Its place, rising.</param>
/// <param name="Sid">Whose key.</param>
/// <param name="Key">The wrapped key.</param>
internal readonly record struct PlacedKey(long Place, OpaqueId Sid, WrappedKey Key);

/// <summary>A key that is nobody's: of the suppression list, of look-ups, of receipts, of tokens.</summary>
/// <param name="Name">Its use.</param>
/// <param name="Version">From 1, without gaps.</param>
/// <param name="Key">The wrapped key.</param>
internal readonly record struct StoredSecret(string Name, int Version, WrappedKey Key);

/// <summary>Where wrapped keys are kept: a store of its own, with backups of its own. It sees no key that is not wrapped.</summary>
/// <remarks>
/// What a method changes is on the disk when it returns. An entry is never taken out: destroying one overwrites its key where it stands and leaves a mark that the id is
/// used up. So no key is ever moved within the store, and none leaves a copy behind.
/// </remarks>
internal abstract class KeyringStore : IAsyncDisposable
{
    /// <summary>Bytes of the wrapped key of a person.</summary>
    public const int WrappedBytes = Kek.Bytes + Kek.Overhead;

    /// <summary>Stands for the kid where a key is destroyed.</summary>
    protected const string DestroyedKid = "k0000-00-00";

    /// <summary>128 random bits that tell this keyring from any other, as 32 hex digits. A restored keyring has those of the one it is a copy of.</summary>
    public abstract string Id { get; }

    /// <summary>Adds keys of people; an id that is there is left as it is. All or none.</summary>
    /// <returns>For each, whether it was added.</returns>
    public abstract ValueTask<bool[]> AddAsync(IReadOnlyList<(OpaqueId Sid, byte[] Wrapped)> keys, Kid kid, CancellationToken cancel);

    /// <summary>What is known of a person's key.</summary>
    public abstract ValueTask<KeyringEntry> FindAsync(OpaqueId sid, CancellationToken cancel);

    /// <summary>Destroys keys; who has none is marked all the same. No trace of the key is left where this store can reach it.</summary>
    /// <exception cref="KeysException">Code <c>not-truncated</c>: the keys are destroyed, but a trace may be left; destroying again takes it away.</exception>
    public abstract ValueTask DestroyAsync(IReadOnlyCollection<OpaqueId> sids, CancellationToken cancel);

    /// <summary>Entries that are wrapped by another key than this one, in rising order of place.</summary>
    /// <param name="kid">The key.</param>
    /// <param name="after">Only places after this one; 0 for all.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancel">Gives up.</param>
    public abstract ValueTask<List<PlacedKey>> NotUnderAsync(Kid kid, long after, int most, CancellationToken cancel);

    /// <summary>Puts newly wrapped keys in the place of those that <see cref="NotUnderAsync"/> gave. All or none, but for one whose key was changed or destroyed meanwhile: that is left as it is.</summary>
    /// <param name="before">What was read.</param>
    /// <param name="after">The same keys, wrapped anew.</param>
    /// <param name="cancel">Gives up.</param>
    public abstract ValueTask RewrapAsync(IReadOnlyList<PlacedKey> before, IReadOnlyList<WrappedKey> after, CancellationToken cancel);

    /// <summary>How many keys, of people and others, are wrapped by a key. Reads everything.</summary>
    public abstract ValueTask<long> CountUnderAsync(Kid kid, CancellationToken cancel);

    /// <summary>All keys that are nobody's, by name and version.</summary>
    public abstract ValueTask<List<StoredSecret>> SecretsAsync(CancellationToken cancel);

    /// <summary>Adds a key that is nobody's; one that is there is left as it is.</summary>
    /// <returns>Whether it was added.</returns>
    public abstract ValueTask<bool> AddSecretAsync(StoredSecret secret, CancellationToken cancel);

    /// <summary>Puts newly wrapped ones in the place of those there. All or none.</summary>
    public abstract ValueTask RewrapSecretsAsync(IReadOnlyList<StoredSecret> secrets, CancellationToken cancel);

    /// <summary>The key-encryption keys that something may be wrapped by.</summary>
    public abstract ValueTask<List<Kid>> KidsAsync(CancellationToken cancel);

    /// <summary>Notes that something may be wrapped by a key from now on; nothing if it is noted already.</summary>
    public abstract ValueTask NoteKidAsync(Kid kid, CancellationToken cancel);

    /// <summary>Forgets a key-encryption key that nothing is wrapped by.</summary>
    public abstract ValueTask ForgetKidAsync(Kid kid, CancellationToken cancel);

    /// <summary>Takes away what rotation left behind of keys as they were wrapped before, as far as the store can.</summary>
    public abstract ValueTask TidyAsync(CancellationToken cancel);

    public abstract ValueTask DisposeAsync();
}
