using System.Security.Cryptography;
using System.Text;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class SealerTests
{
    private const string Record = "0123456789abcdef0123456789abcdef";
    private const string OtherRecord = "0123456789abcdef0123456789abcdee";

    private static readonly byte[] Salt = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("""{"e164":"+442079460000"}""");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(27)]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(92)]
    [InlineData(4060)]
    [InlineData(4061)]
    [InlineData(100_000)]
    public void What_was_sealed_opens_with_salt_and_content(int length)
    {
        using var sealer = New();
        var content = RandomNumberGenerator.GetBytes(length);
        var blob = sealer.Seal(Record, "person", Salt, content);
        Assert.True(sealer.TryOpen(Record, "person", blob, out var opened));
        Assert.Equal(Salt, opened.Salt);
        Assert.Equal(content, opened.Content);
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(28, 64)]
    [InlineData(29, 128)]
    [InlineData(92, 128)]
    [InlineData(93, 192)]
    public void The_length_tells_steps_of_64_bytes_alone(int content, int padded)
    {
        using var sealer = New();
        Assert.Equal(padded + Sealer.TagBytes, sealer.Seal(Record, "person", Salt, new byte[content]).Ciphertext.Length);
    }

    [Fact]
    public void A_blob_of_another_record_group_schema_or_person_is_refused()
    {
        using var sealer = New();
        using var other = New(1);
        var blob = sealer.Seal(Record, "person", Salt, Content);
        Assert.True(sealer.TryOpen(Record, "person", blob, out _));
        Assert.False(sealer.TryOpen(OtherRecord, "person", blob, out _));
        Assert.False(sealer.TryOpen(Record, "evidence", blob, out _));
        Assert.False(sealer.TryOpen(Record, "person", blob, out _, schema: 2));
        Assert.False(other.TryOpen(Record, "person", blob, out _));
    }

    [Fact]
    public void An_older_blob_of_another_record_does_not_take_the_place_of_a_newer()
    {
        using var sealer = New();
        var older = sealer.Seal(OtherRecord, "person", Salt, Content);
        var newer = sealer.Seal(Record, "person", Salt, [1, 2, 3]);
        Assert.False(sealer.TryOpen(Record, "person", older, out _));
        Assert.False(sealer.TryOpen(Record, "person", newer with { Nonce = older.Nonce }, out _));
        Assert.False(sealer.TryOpen(Record, "person", newer with { Ciphertext = older.Ciphertext }, out _));
    }

    [Fact]
    public void Every_bit_that_is_turned_and_every_cut_is_refused()
    {
        using var sealer = New();
        var blob = sealer.Seal(Record, "person", Salt, Content);
        for (var i = 0; i < blob.Nonce.Length * 8; i++)
            Assert.False(sealer.TryOpen(Record, "person", blob with { Nonce = Turned(blob.Nonce, i) }, out _));
        for (var i = 0; i < blob.Ciphertext.Length * 8; i++)
            Assert.False(sealer.TryOpen(Record, "person", blob with { Ciphertext = Turned(blob.Ciphertext, i) }, out _));
        for (var length = 0; length < blob.Ciphertext.Length; length++)
            Assert.False(sealer.TryOpen(Record, "person", blob with { Ciphertext = blob.Ciphertext[..length] }, out _));
        Assert.False(sealer.TryOpen(Record, "person", blob with { Ciphertext = [.. blob.Ciphertext, .. new byte[64]] }, out _));
        for (var length = 0; length < blob.Nonce.Length; length++)
            Assert.False(sealer.TryOpen(Record, "person", blob with { Nonce = blob.Nonce[..length] }, out _));
    }

    [Theory]
    [InlineData(61)] // longer than there is room for
    [InlineData(0x80000018)]
    [InlineData(0xFFFFFFFF)]
    public void A_length_that_can_not_be_is_refused_though_it_was_sealed_by_the_key(uint length)
    {
        var plaintext = new byte[64];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(plaintext, length);
        using var sealer = New();
        Assert.False(sealer.TryOpen(Record, "person", SealedByHand(plaintext), out _));
    }

    [Fact]
    public void Padding_that_is_not_zero_or_too_long_is_refused_though_it_was_sealed_by_the_key()
    {
        using var sealer = New();
        Assert.True(sealer.TryOpen(Record, "person", SealedByHand(new byte[64]), out _));
        var noZeros = new byte[64];
        noZeros[63] = 1;
        Assert.False(sealer.TryOpen(Record, "person", SealedByHand(noZeros), out _));
        Assert.False(sealer.TryOpen(Record, "person", SealedByHand(new byte[128]), out _));
    }

    [Fact]
    public void The_same_content_is_never_sealed_alike()
    {
        using var sealer = New();
        var blobs = Enumerable.Range(0, 1000).Select(_ => sealer.Seal(Record, "person", Salt, Content)).ToList();
        Assert.Equal(1000, blobs.Select(static blob => Convert.ToHexString(blob.Nonce)).Distinct().Count());
        Assert.Equal(1000, blobs.Select(static blob => Convert.ToHexString(blob.Ciphertext)).Distinct().Count());
    }

    [Theory]
    [InlineData("0123456789ABCDEF0123456789abcdef", "person")]
    [InlineData("0123456789abcdef", "person")]
    [InlineData(Record, "")]
    [InlineData(Record, "per|son")]
    [InlineData(Record, "Person")]
    public void What_is_no_record_or_group_is_refused(string record, string group)
    {
        using var sealer = New();
        Assert.Throws<ArgumentException>(() => sealer.Seal(record, group, Salt, Content));
    }

    [Fact]
    public void A_content_that_is_too_long_is_refused()
    {
        using var sealer = New();
        Assert.Throws<ArgumentOutOfRangeException>(() => sealer.Seal(Record, "note", Salt, new byte[Sealer.MostContent + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => sealer.Seal(Record, "note", Salt.AsSpan(1), Content));
    }

    private static byte[] Key(int seed) => [.. Enumerable.Range(0, 32).Select(i => (byte)(0x40 + seed + i))];

    private static Sealer New(int seed = 0)
    {
        var ready = new byte[SubjectKey.Bytes];
        SubjectKey.Ready(Key(seed), ready);
        return new Sealer(ready);
    }

    private static byte[] Turned(byte[] bytes, int bit)
    {
        var turned = bytes.ToArray();
        turned[bit / 8] ^= (byte)(1 << (bit % 8));
        return turned;
    }

    // The page's words done once more: whole HKDF, AES-256-GCM, what is bound.
    private static SealedBlob SealedByHand(byte[] plaintext)
    {
        using var cipher = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, Key(0), 32, [], "ringfence/field|person|v1"u8.ToArray()), 16);
        var blob = new SealedBlob(new byte[12], new byte[plaintext.Length + 16]);
        cipher.Encrypt(blob.Nonce, plaintext, blob.Ciphertext.AsSpan(0, plaintext.Length), blob.Ciphertext.AsSpan(plaintext.Length), Encoding.ASCII.GetBytes(Record + "|person|1"));
        return blob;
    }
}
