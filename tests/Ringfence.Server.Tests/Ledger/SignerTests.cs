using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

public sealed class SignerTests : IDisposable
{
    private const string Origin = "ledger.example/acme/e1";

    private readonly string folder = Directory.CreateTempSubdirectory("ringfence-signer-").FullName;
    private readonly GrowingTree tree = new GrowingTree().Grow(300);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_ledger_that_grows_is_signed_at_every_size()
    {
        using var signer = Signer.Open(folder, adopt: false);
        var from = 0;
        foreach (var to in new[] { 0, 1, 2, 3, 8, 9, 255, 256, 257, 300 })
        {
            var note = Sign(signer, from, to);
            Assert.True(Checkpoint.TryOpen(note, Origin, Keys(signer), out var checkpoint));
            Assert.Equal(tree.Checkpoint(Origin, to), checkpoint);
            from = to;
        }
    }

    [Fact]
    public void The_same_checkpoint_is_signed_again_for_one_whose_answer_was_lost()
    {
        using var signer = Begun(7);
        Assert.True(Checkpoint.TryOpen(Sign(signer, 7, 7), Origin, Keys(signer), out _));
    }

    [Fact]
    public void A_size_that_was_signed_gets_no_other_root()
    {
        using var signer = Begun(7);
        var other = new GrowingTree("other").Grow(7);
        Assert.Equal("fork", Refused(() => signer.Sign(other.Checkpoint(Origin, 7), other.Edge(7), [])));
        Assert.Equal(7, signer.StateOf(Origin).Size);
    }

    [Fact]
    public void An_older_database_is_told_of_and_not_signed()
    {
        using var signer = Begun(7);
        Assert.Equal("behind", Refused(() => Sign(signer, 6, 6)));
        Assert.Equal("behind", Refused(() => signer.Sign(new Checkpoint(Origin, 0, TreeHash.EmptyRoot), [], [])));
    }

    [Fact]
    public void Records_that_were_rewritten_are_not_signed_however_many_were_added()
    {
        using var signer = Begun(7);
        var other = new GrowingTree("other").Grow(20);
        Assert.Equal("inconsistent", Refused(() => signer.Sign(other.Checkpoint(Origin, 20), other.Edge(20), other.Consistency(7, 20))));
        Assert.Equal("inconsistent", Refused(() => signer.Sign(tree.Checkpoint(Origin, 20), tree.Edge(20), [])));
        Assert.Equal("inconsistent", Refused(() => signer.Sign(tree.Checkpoint(Origin, 20), tree.Edge(20), [.. tree.Consistency(7, 20), tree.Root(1)])));
        Assert.Equal("inconsistent", Refused(() => signer.Sign(tree.Checkpoint(Origin, 20), tree.Edge(20), tree.Consistency(6, 20))));
        Assert.Equal(7, signer.StateOf(Origin).Size);
    }

    [Fact]
    public void An_edge_that_does_not_lead_to_the_root_is_refused()
    {
        using var signer = Begun(7);
        Assert.Equal("malformed", Refused(() => signer.Sign(tree.Checkpoint(Origin, 8), tree.Edge(4), tree.Consistency(7, 8))));
        Assert.Equal("malformed", Refused(() => signer.Sign(tree.Checkpoint(Origin, 8), tree.Edge(7), tree.Consistency(7, 8))));
        Assert.Equal("malformed", Refused(() => signer.Sign(new Checkpoint(Origin, -1, TreeHash.EmptyRoot), [], [])));
    }

    [Fact]
    public void A_ledger_that_is_not_known_begins_empty_unless_somebody_adopts_it()
    {
        using (var signer = Signer.Open(folder, adopt: false))
            Assert.Equal("unknown-origin", Refused(() => Sign(signer, 0, 5)));
        using (var signer = Signer.Open(folder, adopt: true))
            Assert.Equal(5, signer.StateOf(Sign(signer, 0, 5) is null ? "" : Origin).Size);
        // Adopting is for what is not known: what was signed binds all the same.
        using (var signer = Signer.Open(folder, adopt: true))
            Assert.Equal("behind", Refused(() => Sign(signer, 0, 4)));
    }

    [Fact]
    public void What_was_signed_is_still_known_after_a_restart()
    {
        Begun(7).Dispose();
        using var signer = Signer.Open(folder, adopt: false);
        Assert.Equal((7, tree.Root(7)), (signer.StateOf(Origin).Size, signer.StateOf(Origin).Root));
        Assert.Equal(tree.Edge(7), signer.StateOf(Origin).Frontier);
        Assert.Equal("behind", Refused(() => Sign(signer, 6, 6)));
        Assert.True(Checkpoint.TryOpen(Sign(signer, 7, 9), Origin, Keys(signer), out _));
    }

    [Fact]
    public void Without_knowing_what_was_signed_nothing_is_signed()
    {
        Begun(7).Dispose();
        var state = Path.Combine(folder, SignerState.FolderOf(Origin), "state");
        var bytes = File.ReadAllBytes(state);
        for (var at = 0; at < bytes.Length; at += 37)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 1;
            File.WriteAllBytes(state, damaged);
            using var signer = Signer.Open(folder, adopt: true);
            Assert.Equal("state-damaged", Refused(() => Sign(signer, 7, 9)));
        }

        File.Delete(state);
        using (var signer = Signer.Open(folder, adopt: true))
            Assert.Equal("state-lost", Refused(() => Sign(signer, 0, 0)));
    }

    [Fact]
    public void A_state_of_another_ledger_is_not_taken()
    {
        Begun(7).Dispose();
        CopyFolder(SignerState.FolderOf(Origin), SignerState.FolderOf(Origin + "x"));
        using var signer = Signer.Open(folder, adopt: true);
        Assert.Equal("state-damaged", Refused(() => signer.StateOf(Origin + "x")));
    }

    [Fact]
    public void Two_signers_do_not_share_a_folder()
    {
        using var signer = Signer.Open(folder, adopt: false);
        Assert.Equal("in-use", Refused(() => Signer.Open(folder, adopt: false)));
    }

    [Fact]
    public void Private_keys_are_readable_by_their_owner_alone_and_refused_otherwise()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("File modes are of Unix.");
            return;
        }

        Begun(7).Dispose();
        var files = Directory.GetFiles(Path.Combine(folder, SignerState.FolderOf(Origin)));
        Assert.Equal(["log-1.pem", "receipts-1.pem", "state"], files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in files)
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        File.SetUnixFileMode(files.Single(static file => file.EndsWith("log-1.pem", StringComparison.Ordinal)), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        using var signer = Signer.Open(folder, adopt: false);
        Assert.Equal("too-open", Assert.Throws<KeysException>(() => Sign(signer, 7, 8)).Code);
    }

    [Fact]
    public void Another_key_in_the_place_of_the_one_that_signed_is_refused()
    {
        Begun(7).Dispose();
        var place = Path.Combine(folder, SignerState.FolderOf(Origin));
        File.Copy(Path.Combine(place, "receipts-1.pem"), Path.Combine(place, "log-1.pem"), overwrite: true);
        using var signer = Signer.Open(folder, adopt: false);
        Assert.Equal("key-damaged", Refused(() => Sign(signer, 7, 8)));
    }

    [Fact]
    public void A_receipt_is_signed_by_a_key_of_its_own()
    {
        using var signer = Begun(7);
        var digest = TreeHash.Sha256("receipt"u8);
        var note = signer.SignReceipt(Origin, digest);
        Assert.Equal($"{Origin}/receipts\nsha256:{digest}\n", System.Text.Encoding.UTF8.GetString(note.Text.Span));
        Assert.Equal(NoteVerdict.Verified, note.VerifyBy(Origin + "/receipts", Keys(signer)));
        Assert.Equal(NoteVerdict.NotSigned, note.VerifyBy(Origin, Keys(signer)));
        Assert.NotEqual(signer.StateOf(Origin).Keys[0].Digest, signer.StateOf(Origin).Keys[1].Digest);
    }

    [Fact]
    public void A_further_key_signs_beside_the_first_and_then_in_its_place_and_old_notes_stay_signed()
    {
        using var signer = Begun(7);
        var first = Keys(signer);
        var old = Sign(signer, 7, 7);

        var key = signer.Rotate(Origin, SignerUse.Log);
        Assert.Equal((2, SignerKeyState.New), (key.Number, key.State));
        Assert.Equal(key.Digest, signer.Rotate(Origin, SignerUse.Log).Digest);
        Assert.Single(Sign(signer, 7, 8).Signatures);

        signer.Activate(Origin, key.Digest);
        var second = VerifierKey.OfEcdsa(Origin, key.Spki);
        var both = Sign(signer, 8, 9);
        Assert.Equal(2, both.Signatures.Count);
        Assert.True(Checkpoint.TryOpen(both, Origin, first, out _));
        Assert.True(Checkpoint.TryOpen(both, Origin, [second], out _));

        signer.Retire(Origin, signer.StateOf(Origin).Keys[0].Digest);
        var after = Sign(signer, 9, 10);
        Assert.False(Checkpoint.TryOpen(after, Origin, first, out _));
        Assert.True(Checkpoint.TryOpen(after, Origin, [second], out _));
        Assert.True(Checkpoint.TryOpen(old, Origin, first, out _));
        Assert.False(File.Exists(Path.Combine(folder, SignerState.FolderOf(Origin), "log-1.pem")));
    }

    [Fact]
    public void The_last_key_of_a_use_cannot_be_retired_and_a_retired_one_does_not_come_back()
    {
        using var signer = Begun(7);
        var first = signer.StateOf(Origin).Keys[0].Digest;
        Assert.Equal("key-in-use", Refused(() => signer.Retire(Origin, first)));
        var second = signer.Rotate(Origin, SignerUse.Log).Digest;
        Assert.Equal("key-in-use", Refused(() => signer.Retire(Origin, first)));
        signer.Activate(Origin, second);
        signer.Retire(Origin, first);
        signer.Retire(Origin, first);
        Assert.Equal("unknown-key", Refused(() => signer.Activate(Origin, first)));
        Assert.Equal("unknown-key", Refused(() => signer.Retire(Origin, TreeHash.EmptyRoot)));
    }

    [Fact]
    public void A_rotation_that_was_cut_off_is_taken_up_again()
    {
        Begun(7).Dispose();
        var place = Path.Combine(folder, SignerState.FolderOf(Origin));
        // A key whose file was written, and whose state was not.
        File.Copy(Path.Combine(place, "log-1.pem"), Path.Combine(place, "log-2.pem"));
        Digest second;
        using (var signer = Signer.Open(folder, adopt: false))
        {
            second = signer.Rotate(Origin, SignerUse.Log).Digest;
            Assert.NotEqual(signer.StateOf(Origin).Keys[0].Digest, second);
            signer.Activate(Origin, second);
            signer.Retire(Origin, signer.StateOf(Origin).Keys[0].Digest);
        }

        // A key that was retired, and whose file was not yet destroyed.
        File.Copy(Path.Combine(place, "receipts-1.pem"), Path.Combine(place, "log-1.pem"));
        using (var signer = Signer.Open(folder, adopt: false))
            Assert.Single(Sign(signer, 7, 8).Signatures);
        Assert.False(File.Exists(Path.Combine(place, "log-1.pem")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("with space")]
    [InlineData("a+b")]
    [InlineData("line\nfeed")]
    public void What_is_no_name_of_a_ledger_is_refused(string origin)
    {
        using var signer = Signer.Open(folder, adopt: true);
        Assert.Equal("malformed", Refused(() => signer.Sign(new Checkpoint(origin, 0, TreeHash.EmptyRoot), [], [])));
        Assert.Equal("malformed", Refused(() => signer.StateOf(origin)));
    }

    private Signer Begun(int size)
    {
        var signer = Signer.Open(folder, adopt: false);
        Sign(signer, 0, 0);
        Sign(signer, 0, size);
        return signer;
    }

    private SignedNote Sign(Signer signer, int from, int to) => signer.Sign(tree.Checkpoint(Origin, to), tree.Edge(to), tree.Consistency(from, to));

    private static List<VerifierKey> Keys(Signer signer) =>
        [.. signer.StateOf(Origin).Keys.Select(static key => VerifierKey.OfEcdsa(SignerKey.NameOf(key.Use, Origin), key.Spki))];

    private static string Refused(Func<object?> act) => Assert.Throws<SignerException>(act).Code;

    private static string Refused(Action act) => Assert.Throws<SignerException>(act).Code;

    private void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(Path.Combine(folder, to));
        foreach (var file in Directory.GetFiles(Path.Combine(folder, from)))
            File.Copy(file, Path.Combine(folder, to, Path.GetFileName(file)));
    }
}
