using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class SuppressionKeysTests
{
    // As in docs/reference/ledger.md.
    private const string Tag = "dec7a6c19283571b4aeec6c255b2a6880a4dac3e2c812e9e5fc930e237cb6fa9";
    private const string Wrapped = "dc4f5fe2e0b45b0ecb2b398f87b9fb9dd08c622070fb27f463faf57f8e569f59";

    [Fact]
    public void Tags_are_those_of_the_reference()
    {
        using var one = new SuppressionKeys([From(0xa0)]);
        using var two = new SuppressionKeys([From(0xa0), From(0x40)]);
        Assert.Equal(Tag, Hex(one.Tag("+442079460000")));
        Assert.Equal(Wrapped, Hex(two.Tag("+442079460000")));
        Assert.Equal(Wrapped, Hex(two.Renew(one.Tag("+442079460000"), chain: 1)));
        Assert.Equal(Wrapped, Hex(two.Renew(two.Tag("+442079460000"), chain: 2)));
        Assert.Equal([Tag, Wrapped], two.Tags("+442079460000").Select(Hex));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_tag_of_a_chain_that_is_not_known_is_refused(int chain)
    {
        using var two = new SuppressionKeys([From(0xa0), From(0x40)]);
        Assert.Throws<ArgumentOutOfRangeException>(() => two.Renew(new ContactTag(new byte[32]), chain));
    }

    [Fact]
    public void Nothing_is_tagged_by_the_zeros_that_are_left_of_a_key()
    {
        var gone = new SuppressionKeys([From(0xa0), From(0x40)]);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gone.Tag("+442079460000"));
        Assert.Throws<ObjectDisposedException>(() => gone.Tags("+442079460000"));
        Assert.Throws<ObjectDisposedException>(() => gone.Renew(new ContactTag(new byte[32]), chain: 1));
        var secret = new SecretKey(From(0));
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secret.Mac("ringfence/lookup/v1", "+442079460000"));
    }

    private static string Hex(ContactTag tag) => Convert.ToHexStringLower(tag.ToArray());

    private static byte[] From(int first) => [.. Enumerable.Range(first, 32).Select(static i => (byte)i)];
}
