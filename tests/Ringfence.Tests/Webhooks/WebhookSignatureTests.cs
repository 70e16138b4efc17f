using System.Text;
using NodaTime;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Tests.Webhooks;

/// <summary>Messages are signed as the Standard Webhooks specification says, and nothing else passes for one.</summary>
public sealed class WebhookSignatureTests
{
    // The published example, which every library of the specification is tried with.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const long Timestamp = 1614265330;
    private const string Body = """{"test": 2432232314}""";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private static readonly Instant Then = Instant.FromUnixTimeSeconds(Timestamp);

    private static byte[] Key => WebhookSecret.TryRead(Secret, out var key) ? key : [];

    [Fact]
    public void The_published_example_is_signed_as_published()
    {
        Assert.Equal(Signature, WebhookSignature.Sign([Key], Id, Timestamp, Encoding.UTF8.GetBytes(Body)));
        Assert.True(Verify());
    }

    [Fact]
    public void Whatever_is_changed_by_one_bit_is_not_signed()
    {
        var body = Encoding.UTF8.GetBytes(Body);
        for (var bit = 0; bit < body.Length * 8; bit++)
        {
            var changed = body.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(WebhookSignature.Verify([Key], Id, "1614265330", Signature, changed, Then));
        }

        var signature = Convert.FromBase64String(Signature[3..]);
        for (var bit = 0; bit < signature.Length * 8; bit++)
        {
            var changed = signature.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Verify(signature: "v1," + Convert.ToBase64String(changed)));
        }

        Assert.False(Verify(body: Body.Replace(" ", "", StringComparison.Ordinal)));
        Assert.False(Verify(id: Id + "x"));
        // What is moved from one part to the next is another message.
        Assert.False(Verify(id: Id + ".1614265330", timestamp: "1614265330"));
        Assert.False(WebhookSignature.Verify([new byte[24]], Id, "1614265330", Signature, Encoding.UTF8.GetBytes(Body), Then));
        Assert.False(WebhookSignature.Verify([], Id, "1614265330", Signature, Encoding.UTF8.GetBytes(Body), Then));
    }

    [Theory]
    [InlineData(-301, false)]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    [InlineData(86_400, false)]
    public void What_is_older_or_newer_than_five_minutes_is_not_taken(int seconds, bool taken) => Assert.Equal(taken, Verify(now: Then + Duration.FromSeconds(seconds)));

    [Theory]
    [InlineData("+1614265330")]
    [InlineData("1614265330.0")]
    [InlineData(" 1614265330")]
    [InlineData("1614265330\n")]
    [InlineData("-9223372036854775808")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999999")]
    [InlineData("")]
    [InlineData(null)]
    public void A_time_that_is_none_is_not_taken(string? timestamp) => Assert.False(Verify(timestamp: timestamp));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("v1,")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1O==")]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OEgg0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    public void A_signature_that_is_none_is_not_taken(string? signature) => Assert.False(Verify(signature: signature));

    [Fact]
    public void While_a_secret_is_exchanged_either_signs_and_either_is_taken()
    {
        var body = Encoding.UTF8.GetBytes(Body);
        byte[] fresh = [.. Enumerable.Repeat((byte)7, 32)];
        var both = WebhookSignature.Sign([fresh, Key], Id, Timestamp, body);
        Assert.Equal(2, both.Split(' ').Length);
        Assert.EndsWith(Signature, both, StringComparison.Ordinal);
        Assert.True(Verify(signature: both));
        Assert.True(WebhookSignature.Verify([fresh], Id, "1614265330", both, body, Then));
        Assert.True(WebhookSignature.Verify([fresh, Key], Id, "1614265330", Signature, body, Then));
        // Of versions that nobody knows yet.
        Assert.True(Verify(signature: $"v2,xxx v1a,AAAA {Signature}"));
    }

    [Theory]
    [InlineData("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false)]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=", false)]
    [InlineData("whsec_", false)]
    [InlineData("whsec_not base64", false)]
    [InlineData(null, false)]
    public void A_secret_has_24_to_64_bytes(string? text, bool taken)
    {
        Assert.Equal(taken, WebhookSecret.TryRead(text, out var secret));
        if (taken)
            Assert.Equal(text, WebhookSecret.Show(secret));
    }

    [Fact]
    public void Waiting_grows_and_never_by_the_same_for_all()
    {
        var waits = Enumerable.Range(1, 40).Select(static n => RetryDelay.OfMessage(n, 0.999).TotalSeconds).ToArray();
        Assert.True(waits.Zip(waits.Skip(1)).All(static pair => pair.First <= pair.Second));
        Assert.InRange(waits[0], 4.9, 5);
        Assert.InRange(waits[^1], 43_100, 43_200);
        for (var n = 1; n < 40; n++)
            Assert.Equal(RetryDelay.OfMessage(n, 1).TotalSeconds / 2, RetryDelay.OfMessage(n, 0).TotalSeconds, 3);
        // Three days of failures are some twenty attempts, not some thousands.
        var (attempts, gone) = (0, Duration.Zero);
        while (gone < Duration.FromDays(3))
            gone += RetryDelay.OfMessage(++attempts, 0.5);
        Assert.InRange(attempts, 15, 25);
    }

    private static bool Verify(string? id = Id, string? timestamp = "1614265330", string? signature = Signature, string body = Body, Instant? now = null) =>
        WebhookSignature.Verify([Key], id, timestamp, signature, Encoding.UTF8.GetBytes(body), now ?? Then);
}
