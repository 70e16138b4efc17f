namespace Ringfence.Server.Sealing;

/// <summary>The suppression keys that this program goes by. Another program may add one: tags are then wrapped anew, and whoever still went by the old keys would find nobody suppressed.</summary>
/// <remarks>Safe for several threads. Keys that were in use stay until the end, for whoever is at work with them.</remarks>
internal sealed class SuppressionKeysInUse(Keyring keyring, SuppressionKeys first) : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<SuppressionKeys> all = [first];
    private volatile SuppressionKeys current = first;

    /// <summary>The newest that are known here.</summary>
    public SuppressionKeys Current => current;

    /// <summary>Takes up what was added, where rows are found that went through more keys than are known here.</summary>
    /// <param name="chain">The most keys that any row went through.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether the keys are others than before.</returns>
    /// <exception cref="KeysException">Code <c>keyring-older</c>: the keyring does not have so many. Nobody can tell who must not be contacted.</exception>
    public async Task<bool> RequireAsync(int chain, CancellationToken cancel)
    {
        if (chain <= Current.Versions)
            return false;
        await ReloadAsync(cancel);
        return chain <= Current.Versions ? true : throw KeysException.KeyringOlder(chain, Current.Versions);
    }

    /// <summary>Adds a key to them.</summary>
    public async Task AddAsync(CancellationToken cancel)
    {
        (await keyring.AddSuppressionKeyAsync(Current.Versions, cancel)).Dispose();
        await ReloadAsync(cancel);
    }

    public void Dispose()
    {
        lock (gate)
            all.ForEach(static keys => keys.Dispose());
    }

    private async Task ReloadAsync(CancellationToken cancel)
    {
        var newest = await keyring.SuppressionKeysAsync(cancel);
        lock (gate)
        {
            all.Add(newest);
            if (newest.Versions > current.Versions)
                current = newest;
        }
    }
}
