using System.Numerics;
using System.Security.Cryptography;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Ed25519 by the curve's own equations, with nothing in it that could be clever. It signs as well.</summary>
internal static class SecondEd25519
{
    private static readonly BigInteger P = (BigInteger.One << 255) - 19;
    private static readonly BigInteger L = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
    private static readonly BigInteger D = Mod(-121665 * Invert(121666));
    private static readonly (BigInteger X, BigInteger Y) B = Recover(Mod(4 * Invert(5)), false)!.Value;

    public static byte[] PublicKey(byte[] secret) => Bytes(Multiply(Scalar(SHA512.HashData(secret)), B));

    public static byte[] Sign(byte[] secret, byte[] message)
    {
        var expanded = SHA512.HashData(secret);
        var a = Scalar(expanded);
        var key = Bytes(Multiply(a, B));
        var r = Number(SHA512.HashData([.. expanded[32..], .. message])) % L;
        var point = Bytes(Multiply(r, B));
        var s = (r + (Number(SHA512.HashData([.. point, .. key, .. message])) * a)) % L;
        return [.. point, .. LittleEndian(s)];
    }

    public static bool Verify(byte[] key, byte[] message, byte[] signature)
    {
        if (signature.Length != 64 || FromBytes(key) is not { } a || FromBytes(signature[..32]) is not { } r)
            return false;
        var s = Number(signature[32..]);
        var k = Number(SHA512.HashData([.. signature[..32], .. key, .. message])) % L;
        return s < L && Multiply(s, B) == Add(r, Multiply(k, a));
    }

    private static BigInteger Scalar(byte[] expanded)
    {
        var low = expanded[..32];
        low[0] &= 248;
        low[31] = (byte)((low[31] & 127) | 64);
        return Number(low);
    }

    private static (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) p, (BigInteger X, BigInteger Y) q) => Affine(Add((p.X, p.Y, 1), (q.X, q.Y, 1)));

    private static (BigInteger X, BigInteger Y) Multiply(BigInteger factor, (BigInteger X, BigInteger Y) point) => Affine(Times(factor, (point.X, point.Y, 1)));

    private static (BigInteger X, BigInteger Y) Affine((BigInteger X, BigInteger Y, BigInteger Z) p) => (Mod(p.X * Invert(p.Z)), Mod(p.Y * Invert(p.Z)));

    // x = (x1 y2 + x2 y1) / (1 + d x1 x2 y1 y2) and y = (y1 y2 + x1 x2) / (1 - d x1 x2 y1 y2), over a common denominator.
    private static (BigInteger X, BigInteger Y, BigInteger Z) Add((BigInteger X, BigInteger Y, BigInteger Z) p, (BigInteger X, BigInteger Y, BigInteger Z) q)
    {
        var (one, both) = (Mod(p.Z * q.Z), Mod(D * Mod(p.X * q.X) * Mod(p.Y * q.Y)));
        var square = Mod(one * one);
        var (below, above) = (square + both, square - both);
        return (Mod(one * Mod((p.X * q.Y) + (q.X * p.Y)) * above), Mod(one * Mod((p.Y * q.Y) + (p.X * q.X)) * below), Mod(below * above));
    }

    private static (BigInteger X, BigInteger Y, BigInteger Z) Times(BigInteger factor, (BigInteger X, BigInteger Y, BigInteger Z) point)
    {
        if (factor.IsZero)
            return (0, 1, 1);
        var half = Times(factor >> 1, point);
        var even = Add(half, half);
        return factor.IsEven ? even : Add(even, point);
    }

    private static (BigInteger X, BigInteger Y)? FromBytes(byte[] bytes)
    {
        var number = Number(bytes);
        var odd = number >> 255 == 1;
        var y = number & ((BigInteger.One << 255) - 1);
        return bytes.Length == 32 && y < P ? Recover(y, odd) : null;
    }

    private static (BigInteger X, BigInteger Y)? Recover(BigInteger y, bool odd)
    {
        var square = Mod(((y * y) - 1) * Invert((D * y * y) + 1));
        var x = BigInteger.ModPow(square, (P + 3) / 8, P);
        if (Mod((x * x) - square) != 0)
            x = Mod(x * BigInteger.ModPow(2, (P - 1) / 4, P));
        if (Mod((x * x) - square) != 0 || (x == 0 && odd))
            return null;
        return (x.IsEven == odd ? P - x : x, y);
    }

    private static byte[] Bytes((BigInteger X, BigInteger Y) point) => LittleEndian(point.Y + (point.X.IsEven ? 0 : BigInteger.One << 255));

    private static byte[] LittleEndian(BigInteger number)
    {
        var bytes = number.ToByteArray(isUnsigned: true);
        Array.Resize(ref bytes, 32);
        return bytes;
    }

    private static BigInteger Number(byte[] littleEndian) => new(littleEndian, isUnsigned: true);

    private static BigInteger Invert(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);

    private static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;
}
