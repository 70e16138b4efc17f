using System.Numerics;
using System.Security.Cryptography;

namespace Ringfence.Verify;

/// <summary>Verifies signatures of RFC 8032 section 5.1. Nothing here is secret, so nothing takes care how long it takes.</summary>
/// <remarks>.NET has no Ed25519, and the witnesses of transparency logs sign with nothing else.</remarks>
internal static class Ed25519
{
    public const int KeyLength = 32;

    public const int SignatureLength = 64;

    // Source: RFC 8032 section 5.1: the field, the order of the base point, and d of the curve -x^2 + y^2 = 1 + d x^2 y^2.
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly BigInteger D = Field(-121665 * Inverse(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly Point Base = Decode(BasePoint())!.Value;

    /// <summary>Whether the signature is that of the key over the message. Encodings other than the shortest are refused.</summary>
    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (key.Length != KeyLength || signature.Length != SignatureLength || Decode(key) is not { } signer)
            return false;
        var s = new BigInteger(signature[32..], isUnsigned: true);
        if (s >= Order)
            return false;
        byte[] hashed = [.. signature[..32], .. key, .. message];
        var k = new BigInteger(SHA512.HashData(hashed), isUnsigned: true) % Order;
        // s B = R + k A, written as R = s B - k A and compared as bytes.
        var negated = signer with { X = Field(-signer.X), T = Field(-signer.T) };
        return signature[..32].SequenceEqual(Encode(Add(Times(s, Base), Times(k, negated))));
    }

    /// <summary>A point in extended coordinates: x = X/Z, y = Y/Z, x y = T/Z.</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T);

    // Source: RFC 8032 section 5.1.4. The formulas are complete: they double as well.
    private static Point Add(Point one, Point other)
    {
        var a = Field((one.Y - one.X) * (other.Y - other.X));
        var b = Field((one.Y + one.X) * (other.Y + other.X));
        var c = Field(2 * D * one.T * other.T);
        var d = Field(2 * one.Z * other.Z);
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new Point(Field(e * f), Field(g * h), Field(f * g), Field(e * h));
    }

    private static Point Times(BigInteger factor, Point point)
    {
        var sum = new Point(0, 1, 1, 0);
        for (var bit = 255; bit >= 0; bit--)
        {
            sum = Add(sum, sum);
            if (!(factor >> bit).IsEven)
                sum = Add(sum, point);
        }

        return sum;
    }

    private static byte[] Encode(Point point)
    {
        var inverse = Inverse(point.Z);
        var (x, y) = (Field(point.X * inverse), Field(point.Y * inverse));
        var bytes = new byte[KeyLength];
        y.TryWriteBytes(bytes, out _, isUnsigned: true);
        if (!x.IsEven)
            bytes[31] |= 0x80;
        return bytes;
    }

    // Source: RFC 8032 section 5.1.3.
    private static Point? Decode(ReadOnlySpan<byte> bytes)
    {
        var odd = (bytes[31] & 0x80) != 0;
        byte[] low = [.. bytes[..31], (byte)(bytes[31] & 0x7f)];
        var y = new BigInteger(low, isUnsigned: true);
        if (y >= P)
            return null;
        var square = Field((y * y) - 1);
        var below = Field((D * y * y) + 1);
        // The root of u/v is u v^3 (u v^7)^((p-5)/8), or that times the root of minus one.
        var x = Field(square * Power(below, 3) * Power(Field(square * Power(below, 7)), (P - 5) / 8));
        var found = Field(below * x * x);
        if (found == Field(-square))
            x = Field(x * RootOfMinusOne);
        else if (found != square)
            return null;
        if (x.IsZero && odd)
            return null;
        if (x.IsEven == odd)
            x = P - x;
        return new Point(x, y, 1, Field(x * y));
    }

    // The base point has y = 4/5 and an even x.
    private static byte[] BasePoint()
    {
        var bytes = new byte[KeyLength];
        Field(4 * Inverse(5)).TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private static BigInteger Power(BigInteger value, BigInteger exponent) => BigInteger.ModPow(value, exponent, P);

    private static BigInteger Inverse(BigInteger value) => Power(Field(value), P - 2);

    private static BigInteger Field(BigInteger value)
    {
        var rest = value % P;
        return rest.Sign < 0 ? rest + P : rest;
    }
}
