using NodaTime;

namespace Ringfence.Server.Sealing;

/// <summary>What a rotation did.</summary>
/// <param name="Rewrapped">Keys that were wrapped anew.</param>
/// <param name="Unreadable">Keys that opened under no key-encryption key and were left as they are.</param>
internal readonly record struct Rotation(long Rewrapped, long Unreadable);

/// <summary>What became of key-encryption keys whose time is over.</summary>
/// <param name="Destroyed">Those that are destroyed.</param>
/// <param name="LeftToOperator">Those that nothing is wrapped by any more, and that have to be taken out where they were set.</param>
/// <param name="StillNeeded">Those whose time is over while something is still wrapped by them: rotate first.</param>
internal readonly record struct KekDestruction(IReadOnlyList<Kid> Destroyed, IReadOnlyList<Kid> LeftToOperator, IReadOnlyList<Kid> StillNeeded);

/// <content>Key-encryption keys come, and go with what is in old backups.</content>
internal sealed partial class Keyring
{
    // In one transaction: others wait for it, and so much is done again after a crash.
    private const int RewrappedAtOnce = 1_000;

    /// <summary>The key-encryption keys, oldest first, each with how many keys are wrapped by it. Reads everything.</summary>
    public async Task<IReadOnlyList<(Kid Kid, long Keys)>> KeksAsync(CancellationToken cancel)
    {
        var keks = new List<(Kid, long)>();
        foreach (var kid in provider.Kids)
            keks.Add((kid, await store.CountUnderAsync(kid, cancel)));
        return keks;
    }

    /// <summary>Whether the current key-encryption key has served its epoch, so that a new one is due.</summary>
    public bool IsKekDue(LocalDate today) => provider.Changeable && today >= provider.Current.Kid.Until;

    /// <summary>Makes a new key-encryption key and makes it current. Keys are wrapped by it from now on; <see cref="RotateAsync"/> takes the others over.</summary>
    /// <exception cref="KeysException">Code <c>keys-elsewhere</c>.</exception>
    public async Task<Kid> BeginKekAsync(LocalDate today, CancellationToken cancel)
    {
        var kid = provider.Begin(today);
        await store.NoteKidAsync(kid, cancel);
        return kid;
    }

    /// <summary>Wraps every key by the current key-encryption key. Stopped at any point, by whatever means, everything stays readable, and the next call goes on.</summary>
    /// <param name="progress">Told now and then how many keys were wrapped anew.</param>
    /// <param name="cancel">Stops between two batches.</param>
    public async Task<Rotation> RotateAsync(IProgress<long>? progress, CancellationToken cancel)
    {
        var kek = provider.Current;
        await store.NoteKidAsync(kek.Kid, cancel);
        var (done, unreadable) = (await RotateSecretsAsync(kek, cancel), 0L);
        for (long after = 0; ;)
        {
            cancel.ThrowIfCancellationRequested();
            var batch = await store.NotUnderAsync(kek.Kid, after, RewrappedAtOnce, cancel);
            if (batch.Count == 0)
                break;
            after = batch[^1].Place;

            var before = new List<PlacedKey>(batch.Count);
            var renewed = new List<WrappedKey>(batch.Count);
            foreach (var placed in batch)
            {
                if (Rewrapped(PurposeOf(placed.Sid), placed.Key, kek) is not { } key)
                    continue;
                before.Add(placed);
                renewed.Add(key);
            }

            await store.RewrapAsync(before, renewed, cancel);
            (done, unreadable) = (done + before.Count, unreadable + batch.Count - before.Count);
            progress?.Report(done);
        }

        await store.TidyAsync(cancel);
        return new Rotation(done, unreadable);
    }

    /// <summary>Destroys the key-encryption keys whose epoch ended long enough ago, if nothing is wrapped by them. What is in older backups can then no longer be opened by anybody.</summary>
    public async Task<KekDestruction> DestroyOldKeksAsync(LocalDate today, CancellationToken cancel)
    {
        List<Kid> destroyed = [], left = [], needed = [];
        var kids = provider.Kids;
        for (var i = 0; i < kids.Count - 1; i++)
        {
            if (today < kids[i].DestroyFrom(kids[i + 1]))
                continue;
            if (await store.CountUnderAsync(kids[i], cancel) > 0)
            {
                needed.Add(kids[i]);
                continue;
            }

            // The store forgets it first: stopped in between, the key is one too many, and the next call takes it.
            await store.ForgetKidAsync(kids[i], cancel);
            (provider.Changeable ? destroyed : left).Add(kids[i]);
            if (provider.Changeable)
                provider.Destroy(kids[i]);
        }

        return new KekDestruction(destroyed, left, needed);
    }

    private async Task<long> RotateSecretsAsync(Kek kek, CancellationToken cancel)
    {
        var renewed = new List<StoredSecret>();
        foreach (var secret in await store.SecretsAsync(cancel))
        {
            if (secret.Key.Kid != kek.Kid)
                renewed.Add(secret with { Key = Rewrapped(PurposeOf(secret.Name, secret.Version), secret.Key, kek) ?? throw KeysException.SealedOtherwise(secret.Name) });
        }

        await store.RewrapSecretsAsync(renewed, cancel);
        return renewed.Count;
    }

    // Null if it does not open.
    private WrappedKey? Rewrapped(string purpose, WrappedKey wrapped, Kek kek)
    {
        Span<byte> key = stackalloc byte[wrapped.Bytes.Length - Kek.Overhead];
        if (!provider.Get(wrapped.Kid).TryUnwrap(purpose, wrapped.Bytes, key))
            return null;
        var renewed = new WrappedKey(kek.Kid, new byte[wrapped.Bytes.Length]);
        kek.Wrap(purpose, key, renewed.Bytes);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
        return renewed;
    }
}
