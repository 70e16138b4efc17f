using System.Text;
using Ringfence.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Keys, notes, checkpoints and policies are read as their specifications have them.</summary>
public sealed class VerifierNoteTests
{
    private const string KnownKey = "ledger.example/brand-1+a17c1ba8+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKrIpYALgVhBahTPS6PyIyyE9ycbUBAYkEfOBhOOtgZ4ed0ln5m68IV6dGrTIxcXuRi1CR6UxmJ4umjCnaS0oeQ=";

    private const string KnownCheckpoint =
        "ledger.example/brand-1\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n"
        + "— ledger.example/brand-1 oXwbqDBFAiAWmJk8Laf1zonleuTTwrxThRDyYF/g50XlJdpfz2Fr/wIhAMoC37+IgGA07uzZP6uBjQZTQ5p6rXXv2/kuU69YThG5\n";

    [Fact]
    public void A_known_checkpoint_verifies_under_its_key_and_no_other_text_does()
    {
        var signatures = new Signatures(Policy.Read(Encoding.UTF8.GetBytes($"log {KnownKey}\nquorum none\n"), ""));
        var checkpoint = Checkpoint.Read(KnownCheckpoint)!;
        Assert.Equal(8, checkpoint.Size);
        Assert.Null(signatures.Fault(checkpoint));
        Assert.Equal("bad-signature", signatures.Fault(Checkpoint.Read(KnownCheckpoint.Replace("\n8\n", "\n9\n", StringComparison.Ordinal))!));
        Assert.Equal("unknown-ledger", signatures.Fault(Checkpoint.Read(KnownCheckpoint.Replace("brand-1", "brand-2", StringComparison.Ordinal))!));
    }

    [Theory]
    [InlineData("no line feed at the end", "o\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— o AAAAAAA=")]
    [InlineData("no signature", "o\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n")]
    [InlineData("a hyphen for the dash", "o\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n- o AAAAAAA=\n")]
    [InlineData("a leading zero", "o\n01\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— o AAAAAAA=\n")]
    [InlineData("a negative size", "o\n-1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— o AAAAAAA=\n")]
    [InlineData("a size of 2^53", "o\n9007199254740992\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— o AAAAAAA=\n")]
    [InlineData("an extension line", "o\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\nmore\n\n— o AAAAAAA=\n")]
    [InlineData("no origin", "\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— o AAAAAAA=\n")]
    [InlineData("a short root", "o\n1\nXcna\n\n— o AAAAAAA=\n")]
    [InlineData("spare bits in the root", "o\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n\n— o AAAAAAA=\n")]
    [InlineData("carriage returns", "o\r\n1\r\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\r\n\r\n— o AAAAAAA=\r\n")]
    [InlineData("a signature of the key ID alone", "o\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— o AAAAAA==\n")]
    [InlineData("one line twice", "o\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— o AAAAAAA=\n— o AAAAAAA=\n")]
    [InlineData("a blank in the name", "o\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— o\u00a0p AAAAAAA=\n")]
    public void What_is_no_checkpoint_is_none_to_either_verifier(string what, string note)
    {
        Assert.True(Checkpoint.Read(note) is null, what);
        Assert.True(SecondCheckpoint.Read(note) is null, what);
    }

    // Source: RFC 8032 section 7.1, tests 1 to 3 and SHA(abc).
    [Theory]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f", "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void Ed25519_known_answers(string key, string message, string signature)
    {
        var (k, m, s) = (Convert.FromHexString(key), Convert.FromHexString(message), Convert.FromHexString(signature));
        Assert.True(Ed25519.Verify(k, m, s));
        Assert.True(SecondEd25519.Verify(k, m, s));
        for (var i = 0; i < 64; i += 9)
        {
            s[i] ^= 0x10;
            Assert.False(Ed25519.Verify(k, m, s));
            Assert.False(SecondEd25519.Verify(k, m, s));
            s[i] ^= 0x10;
        }

        Assert.False(Ed25519.Verify(k, [.. m, 0], s));
    }

    [Fact]
    public void A_signature_of_Ed25519_in_a_second_encoding_is_refused()
    {
        // s + L signs as s does; RFC 8032 section 5.1.7 wants s below L.
        var secret = new byte[32];
        var (key, message) = (SecondEd25519.PublicKey(secret), "note"u8.ToArray());
        var signature = SecondEd25519.Sign(secret, message);
        var order = System.Numerics.BigInteger.Pow(2, 252) + System.Numerics.BigInteger.Parse("27742317777372353535851937790883648493", null);
        var larger = (new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + order).ToByteArray(isUnsigned: true);
        Assert.True(Ed25519.Verify(key, message, signature));
        Assert.False(Ed25519.Verify(key, message, [.. signature[..32], .. larger]));
        Assert.False(SecondEd25519.Verify(key, message, [.. signature[..32], .. larger]));
    }

    [Fact]
    public void Groups_of_witnesses_are_counted_as_the_policy_says()
    {
        var ledger = new ForgedLedger(3);
        ForgedKey[] witnesses = [new("w1.example"), new("w2.example", 1), new("w3.example"), new("w4.example", 4)];
        string[] lines = [.. witnesses.Select(witness => witness.SignatureLine(ledger.CheckpointText(3)))];
        var names = string.Concat(witnesses.Select((witness, i) => $"witness w{i} {witness.Line} https://{witness.Name}/\n"));
        foreach (var (groups, enough) in new (string, Func<int, bool>)[]
        {
            ("quorum w0", present => (present & 1) != 0),
            ("group g any w0 w1\nquorum g", present => (present & 3) != 0),
            ("group g all w0 w1 w2\nquorum g", present => (present & 7) == 7),
            ("group g 2 w0 w1 w2\nquorum g", present => int.PopCount(present & 7) >= 2),
            ("group g any w0 w1\ngroup h all g w3\nquorum h", present => (present & 3) != 0 && (present & 8) != 0),
            ("quorum none", _ => false),
        })
        {
            var policy = $"log {ledger.Key.Line}\n{names}{groups}\n";
            for (var present = 0; present < 16; present++)
            {
                var note = ledger.Checkpoint(3) + string.Concat(lines.Where((_, i) => (present & (1 << i)) != 0));
                var report = new Report();
                Assert.True(new Signatures(Policy.Read(Encoding.UTF8.GetBytes(policy), "")).Accepts(Checkpoint.Read(note), report, "signature"));
                Assert.Equal(enough(present), report.Anchored == 3);
                // The second verifier takes its time over Ed25519.
                if ((present & 10) == 0 || present % 5 == 0)
                    Assert.Equal((true, enough(present)), new SecondNotes(policy).Judge(note, ForgedLedger.Origin));
            }
        }
    }

    [Fact]
    public void A_witness_whose_key_cannot_be_checked_is_absent_and_said_to_be()
    {
        var ledger = new ForgedLedger(2);
        var policy = $"log {ledger.Key.Line}\nwitness far far.example+01020304+{Convert.ToBase64String([6, .. new byte[1312]])}\nquorum far\n";
        using var files = new Verifying();
        var (exit, output, _) = Verifying.Run("bundle", files.Write("b.json", Verifying.Bytes(ledger.Bundle(2, [1]))), "--policy", files.Write("p", policy));
        Assert.Equal(3, exit);
        Assert.Contains("the witness far is of a kind that cannot be checked", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "ledger x")]
    [InlineData(2, "log")]
    [InlineData(2, "log KEY u v")]
    [InlineData(2, "log KEY")]
    [InlineData(2, "witness none WITNESS")]
    [InlineData(2, "witness w KEY")]
    [InlineData(3, "witness a WITNESS\nwitness b WITNESS")]
    [InlineData(3, "witness a WITNESS\nwitness a OTHER")]
    [InlineData(2, "group g any")]
    [InlineData(2, "group g any a")]
    [InlineData(3, "witness a WITNESS\ngroup g 2 a")]
    [InlineData(3, "witness a WITNESS\ngroup g 0 a")]
    [InlineData(3, "witness a WITNESS\ngroup g some a")]
    [InlineData(4, "witness a WITNESS\ngroup g any a\ngroup h any a")]
    [InlineData(2, "quorum nobody")]
    [InlineData(3, "quorum none\nquorum none")]
    [InlineData(2, "log KEY\r")]
    public void A_line_of_a_policy_that_is_not_understood_is_named(int line, string lines)
    {
        var text = $"log {KnownKey}\n" + lines.Replace("KEY", KnownKey, StringComparison.Ordinal)
            .Replace("WITNESS", new ForgedKey("w.example").Line, StringComparison.Ordinal).Replace("OTHER", new ForgedKey("o.example", 4).Line, StringComparison.Ordinal);
        var once = new ForgedKey("w.example").Line;
        text = lines.Contains("WITNESS\nwitness b", StringComparison.Ordinal) ? $"log {KnownKey}\nwitness a {once}\nwitness b {once}" : text;
        var fault = Assert.Throws<UnusableException>(() => Policy.Read(Encoding.UTF8.GetBytes(text + "\n"), "mine"));
        Assert.Equal(("not-a-policy", $"mine:{line}"), (fault.Why, fault.Where));
    }

    [Fact]
    public void A_policy_needs_a_ledger_and_a_quorum_and_may_have_comments()
    {
        Assert.Equal("policy-without-quorum", Assert.Throws<UnusableException>(() => Policy.Read(Encoding.UTF8.GetBytes($"log {KnownKey}\n"), "")).Why);
        Assert.Equal("policy-without-log", Assert.Throws<UnusableException>(() => Policy.Read("quorum none"u8.ToArray(), "")).Why);
        Assert.NotNull(Policy.Read(Encoding.UTF8.GetBytes($" # ours, 我们的\n\n\tlog  {KnownKey}\t https://ledger.example/ \n#x\nquorum none"), ""));
    }

    [Fact]
    public void A_key_whose_number_or_curve_is_not_its_own_is_refused()
    {
        Assert.NotNull(VerifierKey.Read(KnownKey));
        Assert.Null(VerifierKey.Read(KnownKey.Replace("a17c1ba8", "a17c1ba9", StringComparison.Ordinal)));
        Assert.Null(VerifierKey.Read(KnownKey.Replace("a17c1ba8", "A17C1BA8", StringComparison.Ordinal)));
        using var p384 = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        var key = p384.ExportSubjectPublicKeyInfo();
        Assert.Null(VerifierKey.Read($"x+{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(key)[..4])}+{Convert.ToBase64String([2, .. key])}"));
    }

    [Fact]
    public void A_note_has_64_signature_lines_at_most()
    {
        var text = "o\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n";
        var lines = Enumerable.Range(0, 65).Select(i => $"\u2014 k{i} AAAAAAA=\n").ToArray();
        Assert.NotNull(Checkpoint.Read(text + string.Concat(lines[..64])));
        Assert.NotNull(SecondCheckpoint.Read(text + string.Concat(lines[..64])));
        Assert.Null(Checkpoint.Read(text + string.Concat(lines)));
        Assert.Null(SecondCheckpoint.Read(text + string.Concat(lines)));
    }

    [Fact]
    public void A_ledger_may_have_two_keys_and_the_key_of_receipts_speaks_for_none()
    {
        var ledger = new ForgedLedger(2);
        var next = new ForgedKey(ForgedLedger.Origin);
        var policy = $"log {ledger.Key.Line}\nlog {next.Line}\nlog {ledger.ReceiptKey.Line}\nquorum none\n";
        var signatures = new Signatures(Policy.Read(Encoding.UTF8.GetBytes(policy), ""));
        Assert.Null(signatures.Fault(Checkpoint.Read(ledger.Checkpoint(2))!));
        Assert.Null(signatures.Fault(Checkpoint.Read(next.Note(ledger.CheckpointText(2)))!));
        Assert.Null(signatures.Fault(Checkpoint.Read(ledger.Checkpoint(2) + next.SignatureLine(ledger.CheckpointText(2)))!));
        Assert.Equal("bad-signature", signatures.Fault(Checkpoint.Read(ledger.Checkpoint(2) + next.SignatureLine(ledger.CheckpointText(1)))!));
        var twice = ledger.Checkpoint(2) + ledger.Key.SignatureLine(ledger.CheckpointText(2));
        Assert.Equal("signed-twice", signatures.Fault(Checkpoint.Read(twice)!));
        Assert.False(new SecondNotes(policy).Judge(twice, ForgedLedger.Origin).Signed);
        var stranger = new ForgedKey("stranger.example");
        Assert.Null(signatures.Fault(Checkpoint.Read(ledger.Checkpoint(2) + stranger.SignatureLine(ledger.CheckpointText(2)) + stranger.SignatureLine(ledger.CheckpointText(1)))!));
        Assert.Equal("unknown-ledger", signatures.Fault(Checkpoint.Read(ledger.ReceiptKey.Note(ledger.CheckpointText(2, ForgedLedger.Origin + "/receipts")))!));
        Assert.Equal("not-signed", signatures.Fault(Checkpoint.Read(ledger.ReceiptKey.Note(ledger.CheckpointText(2)))!));
    }
}
