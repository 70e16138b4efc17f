using Ringfence.Lists;
using Ringfence.People;
using Xunit;

namespace Ringfence.Tests.People;

public sealed class EmailCellTests
{
    [Theory]
    [InlineData("a.b+c@example.com", EmailStatus.Valid, "a.b+c@example.com")]
    [InlineData(" mailto:Ann@Example.org ", EmailStatus.Valid, "Ann@Example.org")]
    [InlineData("Ann Smith <ann@example.org>", EmailStatus.Valid, "ann@example.org")]
    [InlineData("ann@example.org; bob@example.org", EmailStatus.Valid, "ann@example.org")]
    [InlineData("用户@例子.公司", EmailStatus.Valid, "用户@例子.公司")]
    [InlineData("ann@example.xn--p1ai", EmailStatus.Valid, "ann@example.xn--p1ai")]
    [InlineData("", EmailStatus.Missing, "")]
    [InlineData(" n/a ", EmailStatus.Missing, "")]
    [InlineData("无", EmailStatus.Missing, "")]
    [InlineData("ann@example", EmailStatus.Invalid, "")]
    [InlineData("ann@@example.com", EmailStatus.Invalid, "")]
    [InlineData("ann example.com", EmailStatus.Invalid, "")]
    [InlineData(".ann@example.com", EmailStatus.Invalid, "")]
    [InlineData("ann@-example.com", EmailStatus.Invalid, "")]
    [InlineData("ann@example.c0m", EmailStatus.Invalid, "")]
    [InlineData("ann@1.2.3.4", EmailStatus.Invalid, "")]
    public void A_cell_reads_as_its_first_address(string cell, EmailStatus status, string address)
    {
        Assert.Equal(status, EmailCell.Read(cell, out var read));
        Assert.Equal(address, read.ToString());
    }

    [Theory]
    [InlineData("info@example.com", true)]
    [InlineData("KONTAKT@example.com", true)]
    [InlineData("ann@example.com", false)]
    [InlineData("information.ann@example.com", false)]
    public void A_desk_is_no_person(string address, bool shared) => Assert.Equal(shared, EmailCell.IsShared(address));
}
