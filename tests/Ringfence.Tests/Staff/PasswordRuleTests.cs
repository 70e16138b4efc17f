using Ringfence.Staff;
using Xunit;

namespace Ringfence.Tests.Staff;

public sealed class PasswordRuleTests
{
    [Theory]
    [InlineData("seven grey herons wait", PasswordFault.None)]
    [InlineData("correct horse stapler tuna", PasswordFault.None)]
    [InlineData("xkq7-vbn2-mwp9-zt", PasswordFault.None)]
    [InlineData("今天天气很好我们去公园里散步看花", PasswordFault.None)]
    [InlineData("wir fahren morgen nach Köln", PasswordFault.None)]
    [InlineData("fourteen signs", PasswordFault.TooShort)]
    [InlineData("", PasswordFault.TooShort)]
    [InlineData("passwordpassword", PasswordFault.Common)]
    [InlineData("P@ssw0rdP@ssw0rd!", PasswordFault.Common)]
    [InlineData("123456789012345", PasswordFault.Common)]
    [InlineData("qwertyuiopasdfgh", PasswordFault.Common)]
    [InlineData("1q2w3e4r5t6y7u8i9o0p", PasswordFault.Common)]
    [InlineData("aaaaaaaaaaaaaaaaaaaa", PasswordFault.Common)]
    [InlineData("abababababababababab", PasswordFault.Common)]
    [InlineData("Winter2026Winter2026", PasswordFault.Common)]
    [InlineData("September2026!!!", PasswordFault.Common)]
    [InlineData("ringfence ringfence", PasswordFault.Common)]
    [InlineData("Ada Byron Acme 2026", PasswordFault.Common)]
    [InlineData("ada@acme.example1", PasswordFault.Common)]
    [InlineData("correcthorsebatterystaple", PasswordFault.Common)]
    [InlineData("iloveyouforever!", PasswordFault.Common)]
    [InlineData("zyxwvutsrqponmlkji", PasswordFault.Common)]
    public void What_others_would_try_first_is_refused_and_what_is_one_s_own_is_not(string password, PasswordFault fault) =>
        Assert.Equal(fault, PasswordRule.Judge(password, ["ada@acme.example", "Ada Byron", "Acme Ltd"]));

    [Fact]
    public void Length_is_counted_in_signs_as_people_see_them_and_has_an_end()
    {
        Assert.Equal(PasswordFault.TooShort, PasswordRule.Judge(string.Concat(Enumerable.Repeat("👩‍🚀", 14)), []));
        Assert.Equal(PasswordFault.TooLong, PasswordRule.Judge(string.Concat(Enumerable.Range(0, 300).Select(static i => (char)('a' + (i * 7 % 26)))), []));
    }
}
