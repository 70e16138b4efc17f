using System.Globalization;
using System.Security.Cryptography;

namespace Ringfence.Server.Sealing;

/// <content>Keys that are nobody's: each random, each for one use.</content>
internal sealed partial class Keyring
{
    private const string Suppression = "suppress";
    private const string Lookup = "lookup";
    private const string Token = "token";
    private const string Receipt = "receipt";
    private const string Erased = "erased";
    private const string Webhook = "webhook";
    private const string Staff = "staff";

    /// <summary>The keys by which numbers are suppressed, with all that came before.</summary>
    public async Task<SuppressionKeys> SuppressionKeysAsync(CancellationToken cancel)
    {
        var keys = new List<byte[]>();
        foreach (var secret in (await store.SecretsAsync(cancel)).Where(static secret => secret.Name == Suppression))
            keys.Add(secret.Version == keys.Count + 1 ? Opened(secret) : throw KeysException.SealedOtherwise(Suppression));
        return keys.Count > 0 ? new SuppressionKeys(keys) : throw KeysException.SealedOtherwise(Suppression);
    }

    /// <summary>Adds a key to those by which numbers are suppressed. Tags that were made before have to be wrapped by it: <see cref="SuppressionKeys.Renew"/>.</summary>
    /// <param name="after">How many there are. If there are more by now, as after a crash, nothing is added.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<SuppressionKeys> AddSuppressionKeyAsync(int after, CancellationToken cancel)
    {
        using (var now = await SuppressionKeysAsync(cancel))
            ArgumentOutOfRangeException.ThrowIfGreaterThan(after, now.Versions);
        await AddSecretAsync(Suppression, after + 1, NewSymmetric(), cancel);
        return await SuppressionKeysAsync(cancel);
    }

    /// <summary>The key by which a number leads to the person it belongs to.</summary>
    public async Task<SecretKey> LookupKeyAsync(CancellationToken cancel) => new(await OpenedAsync(Lookup, cancel));

    /// <summary>The key that signs what stands in links: to unsubscribe, to confirm.</summary>
    public async Task<SecretKey> TokenKeyAsync(CancellationToken cancel) => new(await OpenedAsync(Token, cancel));

    /// <summary>The key that seals what is kept of the numbers of erased people, so that they stay blocked after a restore.</summary>
    public async Task<SecretKey> ErasedKeyAsync(CancellationToken cancel) => new(await OpenedAsync(Erased, cancel));

    /// <summary>The key that seals what signs messages to other systems. A keyring has none before the first of them is told anything.</summary>
    /// <param name="create">Whether one is made where there is none; of two at once the first one's holds.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null: there is none.</returns>
    public Task<SecretKey?> WebhookKeyAsync(bool create, CancellationToken cancel) => LaterKeyAsync(Webhook, create, cancel);

    /// <summary>The key that seals names, addresses and secrets of staff. A keyring has none before somebody works here.</summary>
    public async Task<SecretKey> StaffKeyAsync(CancellationToken cancel) => (await LaterKeyAsync(Staff, create: true, cancel))!;

    /// <summary>The key that signs receipts: ECDSA on P-256.</summary>
    public async Task<ECDsa> ReceiptKeyAsync(CancellationToken cancel)
    {
        var secret = await OpenedAsync(Receipt, cancel);
        try
        {
            var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(secret, out _);
            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private async Task<SecretKey?> LaterKeyAsync(string name, bool create, CancellationToken cancel)
    {
        if (!(await store.SecretsAsync(cancel)).Any(secret => secret.Name == name))
        {
            if (!create)
                return null;
            await AddSecretAsync(name, 1, NewSymmetric(), cancel);
        }

        return new SecretKey(await OpenedAsync(name, cancel));
    }

    private static string PurposeOf(string name, int version) => string.Create(CultureInfo.InvariantCulture, $"ringfence/secret|{name}|{version}");

    private static byte[] NewSymmetric() => RandomNumberGenerator.GetBytes(SecretKey.Length);

    private static byte[] NewReceiptKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    // What is there stays: a creation that was stopped goes on, and of two at once the first one's keys hold.
    private async Task CreateSecretsAsync(CancellationToken cancel)
    {
        await AddSecretAsync(Suppression, 1, NewSymmetric(), cancel);
        await AddSecretAsync(Lookup, 1, NewSymmetric(), cancel);
        await AddSecretAsync(Token, 1, NewSymmetric(), cancel);
        await AddSecretAsync(Receipt, 1, NewReceiptKey(), cancel);
        await AddSecretAsync(Erased, 1, NewSymmetric(), cancel);
    }

    private async Task RequireSecretsAsync(CancellationToken cancel)
    {
        (await SuppressionKeysAsync(cancel)).Dispose();
        foreach (var name in (string[])[Lookup, Token, Receipt, Erased])
            CryptographicOperations.ZeroMemory(await OpenedAsync(name, cancel));
    }

    private async Task AddSecretAsync(string name, int version, byte[] secret, CancellationToken cancel)
    {
        var kek = provider.Current;
        var wrapped = new WrappedKey(kek.Kid, new byte[secret.Length + Kek.Overhead]);
        kek.Wrap(PurposeOf(name, version), secret, wrapped.Bytes);
        CryptographicOperations.ZeroMemory(secret);
        await store.AddSecretAsync(new StoredSecret(name, version, wrapped), cancel);
    }

    private async Task<byte[]> OpenedAsync(string name, CancellationToken cancel)
    {
        foreach (var secret in await store.SecretsAsync(cancel))
        {
            if (secret.Name == name && secret.Version == 1)
                return Opened(secret);
        }

        throw KeysException.SealedOtherwise(name);
    }

    private byte[] Opened(StoredSecret stored)
    {
        var secret = GC.AllocateArray<byte>(Math.Max(stored.Key.Bytes.Length - Kek.Overhead, 0), pinned: true);
        return provider.Get(stored.Key.Kid).TryUnwrap(PurposeOf(stored.Name, stored.Version), stored.Key.Bytes, secret)
            ? secret
            : throw KeysException.SealedOtherwise(stored.Name);
    }
}
