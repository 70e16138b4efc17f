using System.Security.Cryptography;
using System.Text;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Ledger;

public class SignedNoteTests
{
    private const string Origin = "ledger.example/brand-1";

    private const string KnownKey =
        "ledger.example/brand-1+a17c1ba8+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKrIpYALgVhBahTPS6PyIyyE9ycbUBAYkEfOBhOOtgZ4ed0ln5m68IV6dGrTIxcXuRi1CR6UxmJ4umjCnaS0oeQ=";

    private const string KnownNote =
        """
        ledger.example/brand-1
        8
        XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

        — ledger.example/brand-1 oXwbqDBFAiAWmJk8Laf1zonleuTTwrxThRDyYF/g50XlJdpfz2Fr/wIhAMoC37+IgGA07uzZP6uBjQZTQ5p6rXXv2/kuU69YThG5

        """;

    // Of the signed-note specification: an Ed25519 line, and a text with an empty line in it.
    private const string Poem =
        """
        Ognuno sta solo sul cuor della terra
        trafitto da un raggio di sole:

        ed è subito sera.

        — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=

        """;

    [Fact]
    public void The_known_checkpoint_is_signed_by_its_key()
    {
        Assert.True(VerifierKey.TryParse(KnownKey, out var key));
        Assert.Equal(KnownKey, key.ToString());
        var note = Parsed(KnownNote);
        Assert.True(Checkpoint.TryOpen(note, Origin, [key], out var checkpoint));
        Assert.Equal(new(Origin, 8, Checked("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")), checkpoint);
        Assert.Equal(note.Text.ToArray(), checkpoint.Text());
        Assert.Equal(KnownNote, note.ToString());
        Assert.False(Checkpoint.TryOpen(note, "ledger.example/brand-2", [key], out _));
    }

    [Fact]
    public void No_note_with_a_bit_changed_passes()
    {
        Assert.True(VerifierKey.TryParse(KnownKey, out var key));
        var bytes = Encoding.UTF8.GetBytes(KnownNote);
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var changed = bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(SignedNote.TryParse(changed, out var note) && Checkpoint.TryOpen(note, Origin, [key], out _), $"bit {bit}");
        }
    }

    [Fact]
    public void A_note_is_divided_at_its_last_empty_line()
    {
        var note = Parsed(Poem);
        Assert.EndsWith("sera.\n", Encoding.UTF8.GetString(note.Text.Span), StringComparison.Ordinal);
        Assert.Equal(("quasimodo.example/salvatore", 0x367ba04bu, 64), (note.Signatures[0].Name, note.Signatures[0].KeyId, note.Signatures[0].Signature.Length));
        Assert.Equal(NoteVerdict.NotSigned, note.VerifyBy("quasimodo.example/salvatore", []));
    }

    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n\n")]
    [InlineData("text\n— a AAAAAAE=\n")]
    [InlineData("text\n\n— a AAAAAAE=")]
    [InlineData("text\n\n— a AAAAAAE=\n\n")]
    [InlineData("text\r\n\n— a AAAAAAE=\n")]
    [InlineData("te\tt\n\n— a AAAAAAE=\n")]
    [InlineData("te\0t\n\n— a AAAAAAE=\n")]
    [InlineData("text\n\n— a AAAAAAE=\nmore\n")]
    [InlineData("text\n\n- a AAAAAAE=\n")]
    [InlineData("text\n\n–  a AAAAAAE=\n")]
    [InlineData("text\n\n—a AAAAAAE=\n")]
    [InlineData("text\n\n—  AAAAAAE=\n")]
    [InlineData("text\n\n— a  AAAAAAE=\n")]
    [InlineData("text\n\n— a AAAAAAE= \n")]
    [InlineData("text\n\n— a+b AAAAAAE=\n")]
    [InlineData("text\n\n— a\u00a0b AAAAAAE=\n")]
    [InlineData("text\n\n— a\u3000 AAAAAAE=\n")]
    [InlineData("text\n\n— a AAAAAA==\n")]
    [InlineData("text\n\n— a AAAAAAE\n")]
    [InlineData("text\n\n— a AAAAAAF=\n")]
    [InlineData("text\n\n— a AAAA AAE=\n")]
    [InlineData("text\n\n— a AAAAAA-_\n")]
    [InlineData("text\n\n— a AAAAAAE=\n— a AAAAAAE=\n")]
    public void What_is_no_note_is_not_read(string text) => Assert.False(SignedNote.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void A_note_is_utf8_and_not_endless()
    {
        Assert.True(SignedNote.TryParse(Encoding.UTF8.GetBytes("text\n\n— a AAAAAAE=\n"), out _));
        Assert.False(SignedNote.TryParse([0xff, .. Encoding.UTF8.GetBytes("text\n\n— a AAAAAAE=\n")], out _));
        Assert.False(SignedNote.TryParse(Encoding.UTF8.GetBytes($"text\n\n{string.Concat(Enumerable.Range(0, 65).Select(n => $"— a{n} AAAAAAE=\n"))}"), out _));
        Assert.True(SignedNote.TryParse(Encoding.UTF8.GetBytes($"text\n\n{string.Concat(Enumerable.Range(0, 16).Select(n => $"— a{n} AAAAAAE=\n"))}"), out _));
        Assert.False(SignedNote.TryParse(Encoding.UTF8.GetBytes($"{new string('t', 300_000)}\n\n— a AAAAAAE=\n"), out _));
    }

    [Fact]
    public void Lines_of_strangers_are_passed_over_and_those_of_the_known_must_verify()
    {
        using var mine = new Signer(Origin);
        using var witness = new Signer("witness.example/w");
        var text = new Checkpoint(Origin, 3, NaiveTree.Root(0, 3)).Text();
        var note = SignedNote.Of(text, mine.Sign(text), new NoteSignature("stranger.example", 7, [1, 2, 3]));

        Assert.Equal(NoteVerdict.Verified, note.VerifyBy(Origin, [mine.Key]));
        Assert.Equal(NoteVerdict.Verified, note.VerifyBy(Origin, [mine.Key, witness.Key]));
        Assert.Equal(NoteVerdict.NotSigned, note.VerifyBy(Origin, [witness.Key]));
        Assert.Equal(NoteVerdict.NotSigned, note.VerifyBy(Origin, []));

        // A witness alone does not make it a checkpoint of the ledger.
        Assert.Equal(NoteVerdict.NotSigned, SignedNote.Of(text, witness.Sign(text)).VerifyBy(Origin, [mine.Key, witness.Key]));
        // One line by a known key that is on something else spoils the whole note.
        var spoiled = note.With(witness.Sign("another text\n"u8));
        Assert.Equal(NoteVerdict.Verified, spoiled.VerifyBy(Origin, [mine.Key]));
        Assert.Equal(NoteVerdict.BadSignature, spoiled.VerifyBy(Origin, [mine.Key, witness.Key]));
        Assert.Equal(NoteVerdict.BadSignature, SignedNote.Of(text, mine.Key.Line([1, 2, 3])).VerifyBy(Origin, [mine.Key]));
        // ECDSA signs anew each time: two good lines of one key are still one too many.
        Assert.Equal(NoteVerdict.KeyTwice, note.With(mine.Sign(text)).VerifyBy(Origin, [mine.Key]));
        Assert.Throws<ArgumentException>(() => note.With(note.Signatures[0]));
    }

    [Fact]
    public void A_key_of_the_same_name_is_another_key()
    {
        using var mine = new Signer(Origin);
        using var other = new Signer(Origin);
        var text = new Checkpoint(Origin, 3, NaiveTree.Root(0, 3)).Text();
        var note = SignedNote.Of(text, other.Sign(text));
        Assert.Equal(NoteVerdict.NotSigned, note.VerifyBy(Origin, [mine.Key]));
        // Rotation: both are known, either may sign.
        Assert.Equal(NoteVerdict.Verified, note.VerifyBy(Origin, [mine.Key, other.Key]));
        // The name and id of one key over the signature of another.
        var forged = SignedNote.Of(text, new NoteSignature(Origin, mine.Key.KeyId, note.Signatures[0].Signature.Span));
        Assert.Equal(NoteVerdict.BadSignature, forged.VerifyBy(Origin, [mine.Key, other.Key]));
    }

    [Fact]
    public void A_key_signs_for_its_own_ledger_only()
    {
        using var mine = new Signer(Origin);
        var text = new Checkpoint("ledger.example/brand-2", 3, NaiveTree.Root(0, 3)).Text();
        var note = SignedNote.Of(text, mine.Sign(text));
        Assert.Equal(NoteVerdict.Verified, note.VerifyBy(Origin, [mine.Key]));
        Assert.False(Checkpoint.TryOpen(note, Origin, [mine.Key], out _));
        Assert.False(Checkpoint.TryOpen(note, "ledger.example/brand-2", [mine.Key], out _));
    }

    [Fact]
    public void Keys_that_cannot_be_verified_here_are_known_but_vouch_for_nothing()
    {
        // Of the Go checksum database, whose key everybody has.
        const string written = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        Assert.True(VerifierKey.TryParse(written, out var key));
        Assert.False(key.CanVerify);
        Assert.Equal(written, key.ToString());
        var note = SignedNote.Of("text\n"u8, new NoteSignature(key.Name, key.KeyId, new byte[64]));
        Assert.Equal(NoteVerdict.NotSigned, note.VerifyBy(key.Name, [key]));
    }

    [Fact]
    public void A_key_is_read_in_one_spelling_and_only_with_its_own_id()
    {
        Assert.False(VerifierKey.TryParse(null, out _));
        Assert.False(VerifierKey.TryParse("", out _));
        Assert.False(VerifierKey.TryParse(KnownKey.Replace("a17c1ba8", "A17C1BA8", StringComparison.Ordinal), out _));
        Assert.False(VerifierKey.TryParse(KnownKey.Replace("a17c1ba8", "a17c1ba9", StringComparison.Ordinal), out _));
        Assert.False(VerifierKey.TryParse(KnownKey.Replace("+AjBZ", "+AzBZ", StringComparison.Ordinal), out _));
        Assert.False(VerifierKey.TryParse(KnownKey[..^4], out _));
        Assert.False(VerifierKey.TryParse($"{KnownKey}\n", out _));
        Assert.False(VerifierKey.TryParse($" {KnownKey}", out _));
        Assert.False(VerifierKey.TryParse(KnownKey["ledger.example/brand-1".Length..], out _));

        // On the curve P-384, off the curve, and with parameters spelled out: none of them is a key on P-256.
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<ArgumentException>(() => VerifierKey.OfEcdsa(Origin, other.ExportSubjectPublicKeyInfo()));
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var spki = mine.ExportSubjectPublicKeyInfo();
        Assert.Equal(Origin, VerifierKey.OfEcdsa(Origin, spki).Name);
        spki[^1] ^= 1;
        Assert.Throws<ArgumentException>(() => VerifierKey.OfEcdsa(Origin, spki));
        Assert.Throws<ArgumentException>(() => VerifierKey.OfEcdsa("two words", mine.ExportSubjectPublicKeyInfo()));
    }

    [Theory]
    [InlineData("o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", true)]
    [InlineData("o\n0\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", true)]
    [InlineData("o\n9007199254740991\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", true)]
    [InlineData("o\n9007199254740992\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", false)]
    [InlineData("o\n99999999999999999999\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", false)]
    [InlineData("o\n08\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", false)]
    [InlineData("o\n+8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", false)]
    [InlineData("o\n-8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", false)]
    [InlineData("o\n\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", false)]
    [InlineData("o\n٨\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", false)]
    [InlineData("\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", false)]
    [InlineData("o o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n", false)]
    [InlineData("o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n", false)]
    [InlineData("o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg\n", false)]
    [InlineData("o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=", false)]
    [InlineData("o\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\nextension\n", false)]
    public void A_checkpoint_is_three_lines_in_one_spelling(string text, bool isOne)
    {
        Assert.Equal(isOne, Checkpoint.TryParse(Encoding.UTF8.GetBytes(text), out var checkpoint));
        if (isOne)
            Assert.Equal(text, Encoding.UTF8.GetString(checkpoint!.Text()));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("two words", 1)]
    [InlineData("o", -1)]
    [InlineData("o", 1L << 53)]
    public void A_checkpoint_that_could_not_be_read_is_not_written(string origin, long size) =>
        Assert.Throws<InvalidOperationException>(() => new Checkpoint(origin, size, default).Text());

    internal static SignedNote Parsed(string text)
    {
        Assert.True(SignedNote.TryParse(Encoding.UTF8.GetBytes(text), out var note));
        return note;
    }

    private static Digest Checked(string hex) => Digest.TryParse(hex, out var digest) ? digest : throw new ArgumentException(hex);
}

/// <summary>Somebody with a key of their own.</summary>
internal sealed class Signer : IDisposable
{
    private readonly ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Signer(string name) => Key = VerifierKey.OfEcdsa(name, ecdsa.ExportSubjectPublicKeyInfo());

    public VerifierKey Key { get; }

    public NoteSignature Sign(ReadOnlySpan<byte> text) => Key.Line(ecdsa.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

    public void Dispose() => ecdsa.Dispose();
}
