using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

public sealed class AnchorTimestampTests : IDisposable
{
    private static readonly byte[] Data = "ledger.example/acme/e1\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"u8.ToArray();

    private readonly LocalTimestampAuthority authority = LocalTimestampAuthority.Start();

    public void Dispose() => authority.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_timestamp_is_over_the_bytes_and_tells_the_time()
    {
        var before = Instant.FromDateTimeOffset(DateTimeOffset.UtcNow).Minus(Duration.FromSeconds(2));
        var stamp = await new TimestampAuthority(authority.Url, null).StampAsync(Data, Cancel);
        Assert.InRange(stamp.At, before, before.Plus(Duration.FromMinutes(1)));
        Assert.Equal(TreeHash.Sha256(Data), AnchorTimestamp.ImprintOf(stamp.Token));
        Assert.Equal(stamp.At, AnchorTimestamp.Read(stamp.Token, Data, null)!.At);
        Assert.Null(AnchorTimestamp.Read(stamp.Token, [.. Data, 0], null));
        Assert.Null(AnchorTimestamp.Read([.. stamp.Token, 0], Data, null));
        Assert.Null(AnchorTimestamp.Read([], Data, null));
    }

    [Fact]
    public async Task The_authority_can_be_pinned_by_its_certificate_or_by_the_one_above()
    {
        using var other = LocalTimestampAuthority.Start("Somebody else");
        _ = await new TimestampAuthority(authority.Url, authority.Signer).StampAsync(Data, Cancel);
        var stamp = await new TimestampAuthority(authority.Url, authority.Authority).StampAsync(Data, Cancel);
        Assert.NotNull(AnchorTimestamp.Read(stamp.Token, Data, authority.Authority));
        Assert.Null(AnchorTimestamp.Read(stamp.Token, Data, other.Authority));
        Assert.Equal("not-trusted", await FailsAsync(new TimestampAuthority(authority.Url, other.Authority)));
        Assert.Equal("not-trusted", await FailsAsync(new TimestampAuthority(authority.Url, other.Signer)));
    }

    [Fact]
    public async Task An_answer_to_an_earlier_question_is_refused()
    {
        _ = await new TimestampAuthority(authority.Url, null).StampAsync(Data, Cancel);
        // The same bytes with the nonce of before: only the nonce tells that it is not fresh.
        authority.AskInstead = authority.Question;
        Assert.Equal("refused", await FailsAsync(new TimestampAuthority(authority.Url, null)));
    }

    [Fact]
    public async Task An_answer_over_other_bytes_is_refused()
    {
        await new TimestampAuthority(authority.Url, null).StampAsync([1, 2, 3], Cancel);
        authority.AskInstead = authority.Question;
        Assert.Equal("refused", await FailsAsync(new TimestampAuthority(authority.Url, null)));
    }

    [Fact]
    public async Task A_damaged_token_never_tells_another_time_or_of_other_bytes()
    {
        var stamp = await new TimestampAuthority(authority.Url, authority.Authority).StampAsync(Data, Cancel);
        var refused = 0;
        for (var at = 0; at < stamp.Token.Length; at++)
        {
            var damaged = stamp.Token.ToArray();
            damaged[at] ^= 0x04;
            // Version and the like are not signed; what they say changes nothing.
            var read = AnchorTimestamp.Read(damaged, Data, authority.Authority);
            Assert.True(read is null || read.At == stamp.At, $"byte {at}");
            refused += read is null ? 1 : 0;
        }

        Assert.True(refused > stamp.Token.Length / 2, $"{refused} of {stamp.Token.Length}");
    }

    [Fact]
    public async Task An_authority_that_fails_or_is_not_there_is_told_of()
    {
        authority.Answer = static _ => "no"u8.ToArray();
        Assert.Equal("refused", await FailsAsync(new TimestampAuthority(authority.Url, null)));
        authority.Answer = static _ => new byte[100_000];
        Assert.Equal("not-reached", await FailsAsync(new TimestampAuthority(authority.Url, null)));
        authority.Answer = static bytes =>
        {
            Thread.Sleep(1000);
            return bytes;
        };
        Assert.Equal("not-reached", await FailsAsync(new TimestampAuthority(authority.Url, null) { Patience = TimeSpan.FromMilliseconds(200) }));
        authority.Answer = static bytes => bytes;
        authority.Status = 302;
        Assert.Equal("http", await FailsAsync(new TimestampAuthority(authority.Url, null)));
        Assert.Equal("not-reached", await FailsAsync(new TimestampAuthority(new Uri("http://127.0.0.1:1/"), null)));
    }

    [Theory]
    [InlineData("http://tsa.example/", true)]
    [InlineData("https://tsa.example/a?b", true)]
    [InlineData("ftp://tsa.example/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("https://user:password@tsa.example/", false)]
    [InlineData("tsa.example", false)]
    public void Only_web_addresses_are_asked(string text, bool allowed) => Assert.Equal(allowed, TimestampAuthority.IsAddress(text));

    private static async Task<string> FailsAsync(TimestampAuthority asked) =>
        (await Assert.ThrowsAsync<TimestampException>(() => asked.StampAsync(Data, Cancel))).Code;
}
