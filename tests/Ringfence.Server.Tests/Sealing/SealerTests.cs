using System.Security.Cryptography;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class SealerTests
{
    private static readonly OpaqueId Record = new(UInt128.Parse("0123456789abcdef0123456789abcdef", System.Globalization.NumberStyles.HexNumber, null));
    private static readonly OpaqueId OtherRecord = new(Record.Value - 1);

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
        var blob = sealer.Seal(Record, CommitGroup.Person, Salt, content);
        Assert.True(sealer.TryOpen(Record, CommitGroup.Person, blob, out var opened));
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
        Assert.Equal(padded + Sealer.TagBytes, sealer.Seal(Record, CommitGroup.Person, Salt, new byte[content]).Ciphertext.Length);
    }

    [Fact]
    public void A_blob_of_another_record_group_schema_or_person_is_refused()
    {
        using var sealer = New();
        using var other = New(1);
        var blob = sealer.Seal(Record, CommitGroup.Person, Salt, Content);
        Assert.True(sealer.TryOpen(Record, CommitGroup.Person, blob, out _));
        Assert.False(sealer.TryOpen(OtherRecord, CommitGroup.Person, blob, out _));
        Assert.False(sealer.TryOpen(Record, CommitGroup.Evidence, blob, out _));
        Assert.False(sealer.TryOpen(Record, CommitGroup.Person, blob, out _, schema: 2));
        Assert.False(other.TryOpen(Record, CommitGroup.Person, blob, out _));
    }

    [Fact]
    public void An_older_blob_of_another_record_does_not_take_the_place_of_a_newer()
    {
        using var sealer = New();
        var older = sealer.Seal(OtherRecord, CommitGroup.Person, Salt, Content);
        var newer = sealer.Seal(Record, CommitGroup.Person, Salt, [1, 2, 3]);
        Assert.False(sealer.TryOpen(Record, CommitGroup.Person, older, out _));
        Assert.False(sealer.TryOpen(Record, CommitGroup.Person, newer with { Nonce = older.Nonce }, out _));
        Assert.False(sealer.TryOpen(Record, CommitGroup.Person, newer with { Ciphertext = older.Ciphertext }, out _));
    }

    [Fact]
    public void Every_bit_that_is_turned_and_every_cut_is_refused()
    {
        using var sealer = New();
        var blob = sealer.Seal(Record, CommitGroup.Person, Salt, Content);
        for (var i = 0; i < blob.Nonce.Length * 8; i++)
            Assert.False(sealer.TryOpen(Record, CommitGroup.Person, blob with { Nonce = Turned(blob.Nonce, i) }, out _));
        for (var i = 0; i < blob.Ciphertext.Length * 8; i++)
            Assert.False(sealer.TryOpen(Record, CommitGroup.Person, blob with { Ciphertext = Turned(blob.Ciphertext, i) }, out _));
        for (var length = 0; length < blob.Ciphertext.Length; length++)
            Assert.False(sealer.TryOpen(Record, CommitGroup.Person, blob with { Ciphertext = blob.Ciphertext[..length] }, out _));
        Assert.False(sealer.TryOpen(Record, CommitGroup.Person, blob with { Ciphertext = [.. blob.Ciphertext, .. new byte[64]] }, out _));
        for (var length = 0; length < blob.Nonce.Length; length++)
            Assert.False(sealer.TryOpen(Record, CommitGroup.Person, blob with { Nonce = blob.Nonce[..length] }, out _));
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
        Assert.False(sealer.TryOpen(Record, CommitGroup.Person, SealedByHand(plaintext), out _));
    }

    [Fact]
    public void Padding_that_is_not_zero_or_too_long_is_refused_though_it_was_sealed_by_the_key()
    {
        using var sealer = New();
        Assert.True(sealer.TryOpen(Record, CommitGroup.Person, SealedByHand(new byte[64]), out _));
        var noZeros = new byte[64];
        noZeros[63] = 1;
        Assert.False(sealer.TryOpen(Record, CommitGroup.Person, SealedByHand(noZeros), out _));
        Assert.False(sealer.TryOpen(Record, CommitGroup.Person, SealedByHand(new byte[128]), out _));
    }

    [Fact]
    public void The_same_content_is_never_sealed_alike()
    {
        using var sealer = New();
        var blobs = Enumerable.Range(0, 1000).Select(_ => sealer.Seal(Record, CommitGroup.Person, Salt, Content)).ToList();
        Assert.Equal(1000, blobs.Select(static blob => Convert.ToHexString(blob.Nonce)).Distinct().Count());
        Assert.Equal(1000, blobs.Select(static blob => Convert.ToHexString(blob.Ciphertext)).Distinct().Count());
    }

    [Fact]
    public void A_content_that_is_too_long_is_refused()
    {
        using var sealer = New();
        Assert.Throws<ArgumentOutOfRangeException>(() => sealer.Seal(Record, CommitGroup.Note, Salt, new byte[Sealer.MostContent + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => sealer.Seal(Record, CommitGroup.Note, Salt.AsSpan(1), Content));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_is_sealed_by_the_zeros_that_are_left_of_a_key(bool used)
    {
        var gone = New();
        if (used)
            gone.Seal(Record, CommitGroup.Person, Salt, Content);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gone.Seal(Record, CommitGroup.Person, Salt, Content));
        var keys = new SubjectKeys(1);
        keys.Dispose();
        Assert.Throws<ObjectDisposedException>(() => keys.SealerOf(0));
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
        cipher.Encrypt(blob.Nonce, plaintext, blob.Ciphertext.AsSpan(0, plaintext.Length), blob.Ciphertext.AsSpan(plaintext.Length), "0123456789abcdef0123456789abcdef|person|1"u8);
        return blob;
    }
}
