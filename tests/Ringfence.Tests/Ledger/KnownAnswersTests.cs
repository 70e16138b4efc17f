using System.Text;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Ledger;

/// <summary>Values that anybody who follows <c>docs/reference/ledger.md</c> has to come to.</summary>
public class KnownAnswersTests
{
    // The leaves of the reference trees of Certificate Transparency, in hex.
    internal static readonly string[] ReferenceLeaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

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

    [Fact]
    public void A_commitment_hides_a_number_behind_its_salt() =>
        Assert.Equal(
            "a4b18a4629173d00f1d4aa33111a8db3f5888cfdde741eedd19850754f722d3a",
            Commitment.Of(Counting(0x00), Encoding.UTF8.GetBytes("""{"e164":"+442079460000"}""")).ToString());

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

    // 32 bytes, each one more than the one before.
    private static byte[] Counting(int from) => [.. Enumerable.Range(from, 32).Select(b => (byte)b)];
}
