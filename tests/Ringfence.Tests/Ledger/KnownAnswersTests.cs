using System.Security.Cryptography;
using System.Text;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Ledger;

/// <summary>Values that anybody who follows <c>docs/reference/ledger.md</c> has to come to.</summary>
public class KnownAnswersTests
{
    // The leaves of the reference trees of Certificate Transparency, in hex.
    private static readonly string[] ReferenceLeaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    [Fact]
    public void The_empty_tree_is_the_hash_of_nothing() =>
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", new Frontier().Root.ToString());

    [Theory]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void The_reference_trees_have_their_roots(int size, string root)
    {
        var tree = new Frontier();
        foreach (var leaf in ReferenceLeaves[..size])
            tree.Append(TreeHash.Leaf(Convert.FromHexString(leaf)));
        Assert.Equal(root, tree.Root.ToString());
    }

    // Proofs of the reference trees, as the tests of Certificate Transparency have them.
    [Theory]
    [InlineData(
        0, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
            + "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(
        5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 "
            + "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(
        1, 5, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
            + "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public void The_reference_trees_have_their_inclusion_proofs(long index, long size, string proof)
    {
        Assert.Equal(proof, string.Join(' ', InclusionProof.Of(index, size, ReferenceNodes)));
        Assert.True(InclusionProof.Verifies(InclusionProof.Of(index, size, ReferenceNodes), index, size, ReferenceNodes(0, index), TreeHash.Root(size, ReferenceNodes)));
    }

    [Theory]
    [InlineData(
        1, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e "
            + "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(
        6, 8, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 "
            + "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 5, "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public void The_reference_trees_have_their_consistency_proofs(long from, long to, string proof) =>
        Assert.Equal(proof, string.Join(' ', ConsistencyProof.Of(from, to, ReferenceNodes)));

    [Fact]
    public void A_commitment_hides_a_number_behind_its_salt() =>
        Assert.Equal(
            "a4b18a4629173d00f1d4aa33111a8db3f5888cfdde741eedd19850754f722d3a",
            Commitment.Of(Counting(0x00), Encoding.UTF8.GetBytes("""{"e164":"+442079460000"}""")).ToString());

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_salt_has_32_bytes(int size) => Assert.Throws<ArgumentException>(() => Commitment.Of(new byte[size], "x"u8));

    [Theory]
    [InlineData(400)]
    [InlineData(461)]
    [InlineData(462)]
    [InlineData(5000)]
    public void A_commitment_is_the_hash_of_the_prefix_the_salt_and_the_plaintext_whatever_its_length(int length)
    {
        var plaintext = Enumerable.Range(0, length).Select(n => (byte)(n % 251)).ToArray();
        byte[] whole = [.. Encoding.ASCII.GetBytes("ringfence/commit/v1"), 0, .. Counting(9), .. plaintext];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(whole)), Commitment.Of(Counting(9), plaintext).ToString());
    }

    [Theory]
    [InlineData(1022)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(8192)]
    public void A_leaf_is_the_hash_of_nought_and_the_body_whatever_its_length(int length)
    {
        var body = Enumerable.Range(0, length).Select(n => (byte)(n % 251)).ToArray();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([0, .. body])), TreeHash.Leaf(body).ToString());
    }

    [Fact]
    public void There_is_no_tag_without_a_key_or_a_number()
    {
        Assert.Throws<ArgumentException>(() => ContactTag.Of(default, "+442079460000"));
        Assert.Throws<ArgumentException>(() => ContactTag.Of(Counting(1), ""));
        Assert.Throws<ArgumentException>(() => ContactTag.Through([], "+442079460000"));
        Assert.Throws<ArgumentException>(() => ContactTag.Of(Counting(1), "+442079460000").Wrap(default));
        var tag = ContactTag.Of(Counting(1), "+442079460000");
        Assert.Equal(tag, new ContactTag(tag.ToArray()));
        Assert.NotEqual(tag, ContactTag.Of(Counting(1), "+442079460001"));
        Assert.Equal(Commitment.Of(Counting(7), tag.ToArray()), tag.CommitWith(Counting(7)));
    }

    [Fact]
    public void A_tag_is_of_its_key_and_number_and_can_be_wrapped_without_the_number()
    {
        var first = ContactTag.Of(Counting(0xa0), "+442079460000");
        var second = first.Wrap(Counting(0x40));
        Assert.Equal("dec7a6c19283571b4aeec6c255b2a6880a4dac3e2c812e9e5fc930e237cb6fa9", Convert.ToHexStringLower(first.ToArray()));
        Assert.Equal("dc4f5fe2e0b45b0ecb2b398f87b9fb9dd08c622070fb27f463faf57f8e569f59", Convert.ToHexStringLower(second.ToArray()));
        Assert.Equal(second, ContactTag.Through([Counting(0xa0), Counting(0x40)], "+442079460000"));
        Assert.DoesNotContain("dec7", first.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tag_is_the_same_by_a_hash_that_is_used_again_and_again()
    {
        using var keyed = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Counting(0xa0));
        // The longest of them is not tagged on the stack.
        foreach (var point in (string[])["+442079460000", "+442079460001", "+442079460000", new string('x', 300) + "@example.org"])
            Assert.Equal(ContactTag.Of(Counting(0xa0), point), ContactTag.By(keyed, point));
        Assert.Throws<ArgumentException>(() => ContactTag.By(keyed, ""));
        using var another = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Assert.Throws<ArgumentException>(() => ContactTag.By(another, "+442079460000"));
    }

    private static Digest ReferenceNodes(int level, long index) => level == 0
        ? TreeHash.Leaf(Convert.FromHexString(ReferenceLeaves[index]))
        : TreeHash.Node(ReferenceNodes(level - 1, 2 * index), ReferenceNodes(level - 1, 2 * index + 1));

    // 32 bytes, each one more than the one before.
    private static byte[] Counting(int from) => [.. Enumerable.Range(from, 32).Select(b => (byte)b)];
}
