using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Ringfence.Server.Tests.Verify;

/// <summary>RFC 3161 by hand: the structure with an ASN.1 reader, the signature as any CMS signature, the chain link by link.</summary>
internal static class SecondStamp
{
    /// <summary>The time of a token over the bytes and whether the authority of that root made it; null where it is no such token.</summary>
    public static (DateTime At, bool Trusted)? Judge(byte[] token, byte[] stamped, X509Certificate2? root)
    {
        try
        {
            new AsnReader(token, AsnEncodingRules.BER).ReadSequence();
            if (new AsnReader(token, AsnEncodingRules.BER).PeekEncodedValue().Length != token.Length)
                return null;
            var cms = new SignedCms();
            cms.Decode(token);
            var signer = Assert1(cms.SignerInfos);
            if (cms.ContentInfo.ContentType.Value != "1.2.840.113549.1.9.16.1.4" || signer.Certificate is not { } certificate)
                return null;
            var info = new AsnReader(cms.ContentInfo.Content, AsnEncodingRules.DER).ReadSequence();
            info.ReadInteger();
            info.ReadObjectIdentifier();
            var imprint = info.ReadSequence();
            var algorithm = imprint.ReadSequence().ReadObjectIdentifier();
            var hash = imprint.ReadOctetString();
            info.ReadInteger();
            var at = info.ReadGeneralizedTime().UtcDateTime;
            if (algorithm != "2.16.840.1.101.3.4.2.1" || !SHA256.HashData(stamped).AsSpan().SequenceEqual(hash))
                return null;
            cms.CheckSignature(verifySignatureOnly: true);
            if (!Names(signer, certificate) || !MayStamp(certificate) || at < certificate.NotBefore.ToUniversalTime() || at > certificate.NotAfter.ToUniversalTime())
                return null;
            return (at, root is not null && IsIssuedBy(certificate, root) && at >= root.NotBefore.ToUniversalTime() && at <= root.NotAfter.ToUniversalTime());
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static SignerInfo Assert1(SignerInfoCollection signers) => signers.Count == 1 ? signers[0] : throw new InvalidOperationException();

    // The attribute signing-certificate-v2 ties the token to one certificate.
    private static bool Names(SignerInfo signer, X509Certificate2 certificate)
    {
        var attribute = signer.SignedAttributes.OfType<CryptographicAttributeObject>().Single(attribute => attribute.Oid.Value == "1.2.840.113549.1.9.16.2.47");
        var named = new AsnReader(attribute.Values[0].RawData, AsnEncodingRules.DER).ReadSequence().ReadSequence().ReadSequence().ReadOctetString();
        return SHA256.HashData(certificate.RawData).AsSpan().SequenceEqual(named);
    }

    private static bool MayStamp(X509Certificate2 certificate) => certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
        .Any(usage => usage.Critical && usage.EnhancedKeyUsages is { Count: 1 } uses && uses[0].Value == "1.3.6.1.5.5.7.3.8");

    private static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 root)
    {
        var outer = new AsnReader(certificate.RawData, AsnEncodingRules.DER).ReadSequence();
        var signed = outer.ReadEncodedValue();
        outer.ReadSequence();
        var signature = outer.ReadBitString(out _);
        using var key = root.GetECDsaPublicKey()!;
        return certificate.IssuerName.RawData.AsSpan().SequenceEqual(root.SubjectName.RawData)
            && key.VerifyData(signed.Span, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
