using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Ringfence.Server.Tests.Verify;

/// <summary>A timestamp authority under a root of its own, which stamps with whatever time it is told.</summary>
internal sealed class ForgedAuthority
{
    private readonly X509Certificate2 signer;

    public ForgedAuthority(string name = "Stamps", bool mayStamp = true)
    {
        var from = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest($"CN={name} root", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        root.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using var made = root.CreateSelfSigned(from, from.AddYears(30));
        Root = X509CertificateLoader.LoadCertificate(made.RawData);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest($"CN={name} signer", key, HashAlgorithmName.SHA256);
        leaf.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        if (mayStamp)
            leaf.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.8")], true));
        using var issued = leaf.Create(made, from, from.AddYears(20), [1, 2, 3, 4]);
        signer = issued.CopyWithPrivateKey(key);
        Signer = X509CertificateLoader.LoadCertificate(issued.RawData);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Signer { get; }

    /// <summary>A token of RFC 3161 over the bytes, of that time, in whole seconds.</summary>
    public byte[] Stamp(byte[] stamped, DateTimeOffset at, bool withCertificate = true)
    {
        var cms = new SignedCms(new ContentInfo(new Oid("1.2.840.113549.1.9.16.1.4"), Info(stamped, at)));
        var signing = new CmsSigner(signer)
        {
            DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"),
            IncludeOption = withCertificate ? X509IncludeOption.EndCertOnly : X509IncludeOption.None,
        };
        signing.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.840.113549.1.9.16.2.47"), SigningCertificate()));
        cms.ComputeSignature(signing);
        return cms.Encode();
    }

    private static byte[] Info(byte[] stamped, DateTimeOffset at)
    {
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            info.WriteInteger(1);
            info.WriteObjectIdentifier("1.3.6.1.4.1.4146.2.3");
            using (info.PushSequence())
            {
                using (info.PushSequence())
                {
                    info.WriteObjectIdentifier("2.16.840.1.101.3.4.2.1");
                    info.WriteNull();
                }

                info.WriteOctetString(SHA256.HashData(stamped));
            }

            info.WriteInteger(new BigInteger(at.UtcTicks));
            info.WriteGeneralizedTime(at, omitFractionalSeconds: true);
        }

        return info.Encode();
    }

    private byte[] SigningCertificate()
    {
        var attribute = new AsnWriter(AsnEncodingRules.DER);
        using (attribute.PushSequence())
        using (attribute.PushSequence())
        using (attribute.PushSequence())
            attribute.WriteOctetString(SHA256.HashData(signer.RawData));
        return attribute.Encode();
    }
}
