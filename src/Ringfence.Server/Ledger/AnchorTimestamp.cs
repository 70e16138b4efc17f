using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using NodaTime;
using Ringfence.Ledger;

namespace Ringfence.Server.Ledger;

/// <summary>An RFC 3161 timestamp: somebody else's word that these bytes were there at that time.</summary>
/// <param name="Token">TimeStampToken, DER.</param>
/// <param name="At">The time it tells.</param>
internal sealed record AnchorTimestamp(byte[] Token, Instant At)
{
    /// <summary>Media type under which tokens are kept among the documents.</summary>
    public const string Media = "application/timestamp-token";

    /// <summary>Reads a token and sees whether it is over these bytes and signed by a timestamp authority.</summary>
    /// <param name="token">The token.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="pinned">The certificate of the authority, or of one that vouches for it; null: any authority will do.</param>
    /// <returns>Null where it is not.</returns>
    public static AnchorTimestamp? Read(byte[] token, ReadOnlySpan<byte> data, X509Certificate2? pinned)
    {
        try
        {
            if (!Rfc3161TimestampToken.TryDecode(token, out var decoded, out var read) || read != token.Length
                || !decoded.VerifySignatureForData(data, out var signer, pinned is null ? null : [pinned])
                || pinned is not null && !IsVouchedFor(signer, pinned, decoded))
                return null;
            return new AnchorTimestamp(token, Instant.FromDateTimeOffset(decoded.TokenInfo.Timestamp));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The SHA-256 that a token is over; null where it is none, or over another hash.</summary>
    public static Digest? ImprintOf(byte[] token) =>
        Rfc3161TimestampToken.TryDecode(token, out var decoded, out _) && decoded.TokenInfo.HashAlgorithmId.Value == Sha256 && decoded.TokenInfo.GetMessageHash().Length == Digest.Size
            ? new Digest(decoded.TokenInfo.GetMessageHash().Span)
            : null;

    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    private static bool IsVouchedFor(X509Certificate2 signer, X509Certificate2 pinned, Rfc3161TimestampToken token)
    {
        if (signer.RawDataMemory.Span.SequenceEqual(pinned.RawDataMemory.Span))
            return true;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(pinned);
        chain.ChainPolicy.ExtraStore.AddRange(token.AsSignedCms().Certificates);
        // A timestamp is judged as of its own time, and without asking anybody: so will the auditor, years from now.
        chain.ChainPolicy.VerificationTime = token.TokenInfo.Timestamp.UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(signer);
    }
}

/// <summary>Where timestamps are had.</summary>
/// <param name="Url">http or https.</param>
/// <param name="Certificate">The certificate of the authority, or of one that vouches for it; null: any.</param>
internal sealed record TimestampAuthority(Uri Url, X509Certificate2? Certificate)
{
    /// <summary>Names the authority where no option does.</summary>
    public const string Variable = "RINGFENCE_TSA";

    // An answer is a few kilobytes, with the certificates.
    private const int MostBytes = 64 * 1024;

    private static readonly HttpClient Http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        MaxResponseContentBufferSize = MostBytes,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>How long an answer may take. It is asked for beside the work, never in it; one that takes longer is asked for again later.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether this can be the address of an authority.</summary>
    public static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0;

    /// <summary>Has bytes stamped.</summary>
    /// <exception cref="TimestampException">There is none to be had.</exception>
    public async Task<AnchorTimestamp> StampAsync(byte[] data, CancellationToken cancel)
    {
        // The nonce tells this answer from one to an earlier question. It is a positive integer in DER.
        var nonce = RandomNumberGenerator.GetBytes(16);
        nonce[0] = (byte)(nonce[0] & 0x7f | 0x40);
        var request = Rfc3161TimestampRequest.CreateFromData(data, HashAlgorithmName.SHA256, nonce: nonce, requestSignerCertificates: true);
        var answer = await PostAsync(request.Encode(), cancel);
        Rfc3161TimestampToken token;
        try
        {
            // Throws where the answer is a refusal, or not to this question: imprint and nonce are compared.
            token = request.ProcessResponse(answer, out _);
        }
        catch (CryptographicException e)
        {
            throw new TimestampException("refused", "The timestamp authority refused, or answered something else.", e);
        }

        return AnchorTimestamp.Read(token.AsSignedCms().Encode(), data, Certificate)
            ?? throw new TimestampException("not-trusted", "The timestamp is not signed by the authority that was named.", null);
    }

    private async Task<byte[]> PostAsync(byte[] request, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            using var content = new ByteArrayContent(request);
            content.Headers.ContentType = new("application/timestamp-query");
            using var answer = await Http.PostAsync(Url, content, patience.Token);
            if (!answer.IsSuccessStatusCode)
                throw new TimestampException("http", $"The timestamp authority answered with HTTP {(int)answer.StatusCode}.", null);
            return await answer.Content.ReadAsByteArrayAsync(patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            throw new TimestampException("not-reached", "The timestamp authority does not answer.", e);
        }
    }
}

/// <summary>No timestamp was to be had; later perhaps.</summary>
/// <param name="code"><c>not-reached</c>, <c>http</c>, <c>refused</c>, <c>not-trusted</c>.</param>
internal sealed class TimestampException(string code, string message, Exception? inner) : Exception(message, inner)
{
    public string Code { get; } = code;
}
