using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Webhooks;

/// <summary>Seals and opens what signs messages: bound to the webhook and to its hash, so that no other can be put in its place.</summary>
internal sealed class WebhookSecrets(SecretKey key) : IDisposable
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Those of an installation.</summary>
    /// <param name="create">Whether its key is made where there is none.</param>
    /// <returns>Null: there is no key, and so nothing was ever sealed.</returns>
    public static async Task<WebhookSecrets?> OpenAsync(Keyring keyring, bool create, CancellationToken cancel) =>
        await keyring.WebhookKeyAsync(create, cancel) is { } key ? new WebhookSecrets(key) : null;

    /// <summary>What is kept of a secret: sealed, and its hash.</summary>
    public (byte[] Sealed, byte[] Hash) Seal(string webhook, ReadOnlySpan<byte> secret)
    {
        var hash = SHA256.HashData(secret);
        var bytes = new byte[NonceBytes + secret.Length + TagBytes];
        Fresh.Fill(bytes.AsSpan(0, NonceBytes));
        using var cipher = Cipher();
        cipher.Encrypt(bytes.AsSpan(0, NonceBytes), secret, bytes.AsSpan(NonceBytes, secret.Length), bytes.AsSpan(NonceBytes + secret.Length), Bound(webhook, hash));
        return (bytes, hash);
    }

    /// <summary>Opens one; null: it is not what was sealed, or by another key.</summary>
    public byte[]? Open(string webhook, byte[] sealedBytes, byte[] hash)
    {
        if (sealedBytes.Length <= NonceBytes + TagBytes)
            return null;
        var secret = new byte[sealedBytes.Length - NonceBytes - TagBytes];
        try
        {
            using var cipher = Cipher();
            cipher.Decrypt(sealedBytes.AsSpan(0, NonceBytes), sealedBytes.AsSpan(NonceBytes, secret.Length), sealedBytes.AsSpan(NonceBytes + secret.Length), secret, Bound(webhook, hash));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return SHA256.HashData(secret).AsSpan().SequenceEqual(hash) ? secret : null;
    }

    /// <summary>All that sign for a webhook at a time, the newest first; empty: they can't be opened.</summary>
    public IReadOnlyList<byte[]> Signing(WebhookRow row, Instant at)
    {
        if (Open(row.Id, row.Secret, row.Hash) is not { } newest)
            return [];
        var both = row.SecretBefore is { } sealedBefore && row.HashBefore is { } hash && row.BeforeUntil is { } until && at < Micros.ToInstant(until);
        return both && Open(row.Id, row.SecretBefore!, row.HashBefore!) is { } before ? [newest, before] : [newest];
    }

    public void Dispose() => key.Dispose();

    private static byte[] Bound(string webhook, byte[] hash) => [.. Encoding.UTF8.GetBytes(webhook), 0, .. hash];

    private AesGcm Cipher()
    {
        var field = key.Mac("ringfence/webhook/v1", "");
        var cipher = new AesGcm(field, TagBytes);
        CryptographicOperations.ZeroMemory(field);
        return cipher;
    }
}
