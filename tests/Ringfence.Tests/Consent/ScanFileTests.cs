using Ringfence.Consent;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class ScanFileTests
{
    [Theory]
    [InlineData("255044462D312E37", "application/pdf", "pdf")]
    [InlineData("FFD8FFE000104A46", "image/jpeg", "jpg")]
    [InlineData("89504E470D0A1A0A00", "image/png", "png")]
    [InlineData("49492A0008000000", "image/tiff", "tiff")]
    [InlineData("4D4D002A00000008", "image/tiff", "tiff")]
    [InlineData("4D4D002B00080000", "image/tiff", "tiff")]
    [InlineData("524946461A00000057454250565038", "image/webp", "webp")]
    public void It_is_what_its_first_bytes_say(string bytes, string media, string extension)
    {
        var content = Convert.FromHexString(bytes);
        var scan = ScanFile.Read(content)!;
        Assert.Equal((media, extension, TreeHash.Sha256(content)), (scan.Media, scan.Extension, scan.Digest));
        Assert.Equal(content, scan.Content.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("20255044462D312E37")]
    [InlineData("4D5A90000300")]
    [InlineData("504B0304")]
    [InlineData("3C73766720")]
    [InlineData("474946383961")]
    [InlineData("FFD8")]
    [InlineData("49492A01")]
    [InlineData("524946461A00000057415645")]
    [InlineData("89504E470D0A1A")]
    public void Whatever_else_begins_otherwise_is_none(string bytes) => Assert.Null(ScanFile.Read(Convert.FromHexString(bytes)));

    [Fact]
    public void The_largest_is_taken_and_a_byte_more_is_not()
    {
        var content = new byte[ScanFile.MostBytes + 1];
        "%PDF-"u8.CopyTo(content);
        Assert.NotNull(ScanFile.Read(content[..^1]));
        Assert.Null(ScanFile.Read(content));
    }
}
