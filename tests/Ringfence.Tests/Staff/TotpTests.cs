using NodaTime;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Tests.Staff;

public sealed class TotpTests
{
    // RFC 6238, appendix B, the rows of SHA-1; of their eight digits the last six.
    private static readonly byte[] Secret = "12345678901234567890"u8.ToArray();

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code)
    {
        var at = Instant.FromUnixTimeSeconds(seconds);
        Assert.Equal(code, Totp.Code(Secret, Totp.StepOf(at)));
        Assert.Equal(Totp.StepOf(at), Totp.Match(Secret, code, at, null));
    }

    [Fact]
    public void A_code_counts_one_step_to_either_side_and_never_twice()
    {
        var at = Instant.FromUnixTimeSeconds(1_700_000_010);
        var step = Totp.StepOf(at);
        foreach (var (off, counts) in new[] { (-2, false), (-1, true), (0, true), (1, true), (2, false) })
            Assert.Equal(counts ? step + off : null, Totp.Match(Secret, Totp.Code(Secret, step + off), at, null));
        // That one and all before it are over.
        Assert.Null(Totp.Match(Secret, Totp.Code(Secret, step), at, step));
        Assert.Null(Totp.Match(Secret, Totp.Code(Secret, step - 1), at, step));
        Assert.Equal(step + 1, Totp.Match(Secret, Totp.Code(Secret, step + 1), at, step));
        foreach (var wrong in (string[])["", "00000", "0000000", "abcdef", Totp.Code(Secret, step) + "0"])
            Assert.Null(Totp.Match(Secret, wrong, at, null));
    }

    [Fact]
    public void The_secret_is_told_to_apps_as_they_read_it()
    {
        Assert.Equal("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", Totp.Show(Secret));
        Assert.Equal("otpauth://totp/Ringfence:ada%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ringfence&algorithm=SHA1&digits=6&period=30", Totp.Address(Secret, "ada@acme.example"));
    }
}
