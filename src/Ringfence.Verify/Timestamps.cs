using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Ringfence.Verify;

/// <summary>How far a timestamp can be relied on.</summary>
internal enum Standing
{
    /// <summary>By an authority that the auditor gave.</summary>
    Trusted,

    /// <summary>Right in itself, by somebody the auditor did not name.</summary>
    Stranger,

    /// <summary>Not by anybody that can be found out: the certificate of its signer is missing.</summary>
    Anonymous,

    /// <summary>Not a timestamp over these bytes.</summary>
    Broken,
}

/// <summary>What a timestamp token is worth.</summary>
/// <param name="Standing">How far it can be relied on.</param>
/// <param name="At">Its time, in microseconds since the year 1; of a broken or anonymous one 0.</param>
/// <param name="Why">What is wrong, as a stable word.</param>
internal readonly record struct Timestamp(Standing Standing, long At, string Why);

/// <summary>The timestamp authorities that an auditor gave with <c>--tsa</c>, and what tokens of RFC 3161 are worth to them.</summary>
internal sealed class TimestampAuthorities(IReadOnlyList<X509Certificate2> certificates)
{
    /// <summary>A token is a few kilobytes; one with long chains, tens.</summary>
    public const int LongestToken = 1 << 20;

    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string Sha384 = "2.16.840.1.101.3.4.2.2";
    private const string Sha512 = "2.16.840.1.101.3.4.2.3";
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    /// <summary>Reads certificates in PEM, at least one.</summary>
    /// <exception cref="UnusableException">There is none.</exception>
    public static IEnumerable<X509Certificate2> Read(byte[] pem, string file)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(System.Text.Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException)
        {
            found.Clear();
        }

        return found.Count > 0 ? found : throw new UnusableException("not-a-certificate", file);
    }

    /// <summary>Judges a token over these bytes.</summary>
    public Timestamp Judge(byte[] token, byte[] stamped)
    {
        try
        {
            if (token.Length > LongestToken || !Rfc3161TimestampToken.TryDecode(token, out var decoded, out var read) || read != token.Length)
                return Broken("not-a-token");
            var imprint = decoded.TokenInfo.HashAlgorithmId.Value switch
            {
                Sha256 => SHA256.HashData(stamped),
                Sha384 => SHA384.HashData(stamped),
                Sha512 => SHA512.HashData(stamped),
                _ => [],
            };
            if (imprint.Length == 0 || !decoded.TokenInfo.GetMessageHash().Span.SequenceEqual(imprint))
                return Broken("other-bytes");
            if (!decoded.VerifySignatureForData(stamped, out var signer, [.. certificates]) || signer is null)
                return decoded.AsSignedCms().SignerInfos[0].Certificate is null ? new Timestamp(Standing.Anonymous, 0, "no-certificate") : Broken("bad-signature");
            var time = decoded.TokenInfo.Timestamp.ToUniversalTime();
            return new Timestamp(IsGiven(signer, decoded.AsSignedCms().Certificates, time) ? Standing.Trusted : Standing.Stranger, time.Ticks / TimeSpan.TicksPerMicrosecond, "unknown-authority");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or InvalidOperationException or OverflowException)
        {
            return Broken("not-a-token"); // bytes that pass for a token at first sight only
        }
    }

    // Whose chain was followed once, and between which times it holds: a ledger has thousands of stamps by one signer.
    private readonly Dictionary<string, (DateTime From, DateTime Until)> followed = new(StringComparer.Ordinal);

    private static Timestamp Broken(string why) => new(Standing.Broken, 0, why);

    private bool IsGiven(X509Certificate2 signer, X509Certificate2Collection others, DateTimeOffset time)
    {
        if (certificates.Count == 0)
            return false;
        var name = Convert.ToHexString(SHA256.HashData(signer.RawDataMemory.Span));
        if (followed.TryGetValue(name, out var known) && known.From <= time.UtcDateTime && time.UtcDateTime <= known.Until)
            return true;
        if (Follow(signer, others, time) is not { } found)
            return false;
        followed[name] = found;
        return true;
    }

    // No network: what is missing is missing. Whether a certificate was revoked later can't be known offline.
    private (DateTime From, DateTime Until)? Follow(X509Certificate2 signer, X509Certificate2Collection others, DateTimeOffset time)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(certificates.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(others);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStamping));
        // A certificate below the root may be given; then the chain need not go on to a root.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        if (!chain.Build(signer) || !chain.ChainElements.Any(element => certificates.Any(given => given.RawDataMemory.Span.SequenceEqual(element.Certificate.RawDataMemory.Span))))
            return null;
        var links = chain.ChainElements.Select(element => element.Certificate).ToList();
        return (links.Max(link => link.NotBefore.ToUniversalTime()), links.Min(link => link.NotAfter.ToUniversalTime()));
    }
}
