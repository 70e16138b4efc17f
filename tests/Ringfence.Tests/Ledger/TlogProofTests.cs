using System.Text;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Ledger;

public class TlogProofTests
{
    private const string Origin = "ledger.example/acme/e1";

    [Fact]
    public void A_proof_is_read_as_it_was_written_and_shows_its_leaf_only()
    {
        using var signer = new Signer(Origin);
        for (var size = 1; size <= 20; size++)
        {
            var note = NoteOf(signer, size);
            for (var index = 0; index < size; index++)
            {
                var written = new TlogProof(index, [.. InclusionProof.Of(index, size, NaiveTree.NodesOf(size))], note, index == 3 ? new byte[] { 1, 2 } : default);
                Assert.True(TlogProof.TryParse(written.ToBytes(), out var read));
                Assert.Equal(written.ToString(), read.ToString());
                Assert.Equal(written.Extra.ToArray(), read.Extra.ToArray());
                Assert.True(read.Verifies(NaiveTree.Leaf(index), Origin, [signer.Key]));
                Assert.False(read.Verifies(NaiveTree.Leaf(index + 1), Origin, [signer.Key]));
                Assert.False(read.Verifies(NaiveTree.Leaf(index), "ledger.example/acme/e2", [signer.Key]));
            }
        }
    }

    [Fact]
    public void No_proof_with_a_bit_changed_shows_its_leaf()
    {
        using var signer = new Signer(Origin);
        var bytes = new TlogProof(4, [.. InclusionProof.Of(4, 11, NaiveTree.NodesOf(11))], NoteOf(signer, 11)).ToBytes();
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var changed = bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(TlogProof.TryParse(changed, out var read) && read.Verifies(NaiveTree.Leaf(4), Origin, [signer.Key]), $"bit {bit}");
        }
    }

    [Theory]
    [InlineData("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2")]
    [InlineData("index 0\n", "")]
    [InlineData("index 0\n", "index 00\n")]
    [InlineData("index 0\n", "index -0\n")]
    [InlineData("index 0\n", "index 9007199254740992\n")]
    [InlineData("index 0\n", "index  0\n")]
    [InlineData("index 0\n", "index 0 \n")]
    [InlineData("index 0\n", "index 0\r\n")]
    [InlineData("index 0\n", "extra \nindex 0\n")]
    [InlineData("index 0\n", "extra AQ\nindex 0\n")]
    [InlineData("index 0\n", "index 0\nextra AQI=\n")]
    [InlineData("index 0\n", "extra AQI=\nextra AQI=\nindex 0\n")]
    [InlineData("index 0\n", "\nindex 0\n")]
    [InlineData("=\n\n", "=\n")]
    [InlineData("=\n\n", "=\n\n\n")]
    [InlineData("=\n\n", " \n\n")]
    public void Another_spelling_is_no_proof(string part, string instead)
    {
        using var signer = new Signer(Origin);
        var text = new TlogProof(0, [.. InclusionProof.Of(0, 2, NaiveTree.NodesOf(2))], NoteOf(signer, 2)).ToString();
        Assert.True(TlogProof.TryParse(Encoding.UTF8.GetBytes(text), out _));
        var at = text.IndexOf(part, StringComparison.Ordinal);
        Assert.False(TlogProof.TryParse(Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), instead, text.AsSpan(at + part.Length))), out _));
    }

    [Fact]
    public void A_proof_has_no_more_hashes_than_the_greatest_tree_asks_for()
    {
        using var signer = new Signer(Origin);
        var note = NoteOf(signer, 2);
        Assert.True(TlogProof.TryParse(new TlogProof(0, [.. Enumerable.Repeat(NaiveTree.Leaf(1), 53)], note).ToBytes(), out _));
        Assert.False(TlogProof.TryParse(new TlogProof(0, [.. Enumerable.Repeat(NaiveTree.Leaf(1), 54)], note).ToBytes(), out _));
    }

    private static SignedNote NoteOf(Signer signer, int size)
    {
        var text = new Checkpoint(Origin, size, NaiveTree.Root(0, size)).Text();
        return SignedNote.Of(text, signer.Sign(text));
    }
}
