using System.Diagnostics;
using System.Text;
using Ringfence.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Timestamps of RFC 3161 count where a given authority made them over these bytes, and bound the times of records.</summary>
public sealed class VerifierTimestampTests
{
    private static readonly ForgedAuthority Authority = new();

    private static readonly byte[] Stamped = Encoding.UTF8.GetBytes("checkpoint");

    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_token_of_a_given_authority_is_trusted_and_gives_its_time()
    {
        var token = Authority.Stamp(Stamped, Noon);
        var stamp = new TimestampAuthorities([Authority.Root]).Judge(token, Stamped);
        Assert.Equal((Standing.Trusted, "2026-01-02T12:00:00.000000Z"), (stamp.Standing, Encodings.Instant(stamp.At)));
        Assert.Equal((Noon.UtcDateTime, true), SecondStamp.Judge(token, Stamped, Authority.Root));
        // The certificate of the signer itself may be given.
        Assert.Equal(Standing.Trusted, new TimestampAuthorities([Authority.Signer]).Judge(token, Stamped).Standing);
    }

    [Fact]
    public void A_token_of_somebody_else_is_right_in_itself_and_no_more()
    {
        var token = Authority.Stamp(Stamped, Noon);
        // The same names under other keys: what a forger would make.
        var namesake = new ForgedAuthority();
        foreach (var given in new[] { namesake.Root, namesake.Signer, new ForgedAuthority("Others").Root })
            Assert.Equal(Standing.Stranger, new TimestampAuthorities([given]).Judge(token, Stamped).Standing);
        Assert.Equal(Standing.Stranger, new TimestampAuthorities([]).Judge(token, Stamped).Standing);
        Assert.False(SecondStamp.Judge(token, Stamped, namesake.Root)!.Value.Trusted);
    }

    [Fact]
    public void A_token_outside_the_validity_of_its_certificates_or_by_a_signer_that_may_not_stamp_is_refused()
    {
        var authorities = new TimestampAuthorities([Authority.Root]);
        Assert.Equal(Standing.Broken, authorities.Judge(Authority.Stamp(Stamped, new DateTimeOffset(2019, 1, 1, 0, 0, 0, TimeSpan.Zero)), Stamped).Standing);
        Assert.Equal(Standing.Broken, authorities.Judge(Authority.Stamp(Stamped, new DateTimeOffset(2045, 1, 1, 0, 0, 0, TimeSpan.Zero)), Stamped).Standing);
        var other = new ForgedAuthority("Any", mayStamp: false);
        Assert.Equal(Standing.Broken, new TimestampAuthorities([other.Root]).Judge(other.Stamp(Stamped, Noon), Stamped).Standing);
    }

    [Fact]
    public void A_token_without_its_certificate_counts_for_nothing_unless_the_certificate_was_given()
    {
        var token = Authority.Stamp(Stamped, Noon, withCertificate: false);
        Assert.Equal(Standing.Anonymous, new TimestampAuthorities([Authority.Root]).Judge(token, Stamped).Standing);
        Assert.Equal(Standing.Trusted, new TimestampAuthorities([Authority.Root, Authority.Signer]).Judge(token, Stamped).Standing);
    }

    [Fact]
    public void Flipped_bytes_of_a_token_change_nothing_that_is_trusted_or_are_found()
    {
        var token = Authority.Stamp(Stamped, Noon);
        var authorities = new TimestampAuthorities([Authority.Root]);
        var found = 0;
        for (var at = 0; at < token.Length; at++)
        {
            var changed = token.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            var stamp = authorities.Judge(changed, Stamped);
            found += stamp.Standing == Standing.Broken ? 1 : 0;
            Assert.True(stamp.Standing != Standing.Trusted || stamp.At == Noon.UtcDateTime.Ticks / 10, $"byte {at} moves the time");
        }

        Assert.True(found > token.Length * 9 / 10, $"{found} of {token.Length}");
    }

    [Theory]
    [InlineData(30, 0, 0)]
    [InlineData(30, 299, 0)]
    [InlineData(30, 301, 1)]
    [InlineData(10, -299, 0)]
    [InlineData(10, -301, 1)]
    public void A_record_lies_between_its_anchors_give_or_take_five_minutes(int anchor, int seconds, int exit)
    {
        // Record 20 is covered by a size of 30 and not by one of 10. Records are a millisecond apart.
        var ledger = new ForgedLedger(31);
        var at = ledger.Time(20).AddSeconds(-seconds);
        var stamped = new DateTimeOffset(at.Ticks - (at.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        var bundle = Verifying.Bytes(ledger.Bundle(31, [20],
            ledger.Anchor(anchor, 31, Authority.Stamp(Encoding.UTF8.GetBytes(ledger.Checkpoint(anchor)), stamped)),
            ledger.Anchor(31, 31, Authority.Stamp(Encoding.UTF8.GetBytes(ledger.Checkpoint(31)), ledger.From))));
        Assert.Equal(exit, Verifying.Exit(Verifying.Auditor(ledger.Policy, Authority), bundle));
        Assert.Equal(exit, new SecondOpinion(ledger.Policy, Authority.Root).Judge(bundle));
    }

    [Fact]
    public void A_token_that_OpenSSL_made_is_verified()
    {
        Assert.SkipUnless(HasOpenSsl(), "openssl is not installed");
        using var files = new Verifying();
        // Times of records near to now, which is what OpenSSL stamps with.
        var ledger = new ForgedLedger(12, from: DateTimeOffset.UtcNow);
        files.Write("checkpoint", ledger.Checkpoint(12));
        files.Write("tsa.cnf",
            """
            [req]
            distinguished_name=dn
            [dn]
            [root]
            basicConstraints=critical,CA:TRUE
            keyUsage=critical,keyCertSign
            [stamp]
            basicConstraints=CA:FALSE
            keyUsage=critical,digitalSignature
            extendedKeyUsage=critical,timeStamping
            [tsa]
            default_tsa=tsa_config
            [tsa_config]
            serial=serial
            default_policy=1.2.3.4.1
            digests=sha256,sha512
            signer_digest=sha256
            ess_cert_id_alg=sha256
            accuracy=secs:1
            ordering=yes
            """);
        files.Write("serial", "01\n");
        Run("req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj /CN=Root -config tsa.cnf -extensions root");
        Run("req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=Stamps -config tsa.cnf");
        Run("x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -out tsa.pem -days 20 -extfile tsa.cnf -extensions stamp");
        foreach (var digest in new[] { "sha256", "sha512" })
        {
            Run($"ts -query -data checkpoint -{digest} -cert -out query");
            Run("ts -reply -queryfile query -inkey tsa.key -signer tsa.pem -config tsa.cnf -section tsa_config -token_out -out token");
            Run("ts -verify -data checkpoint -in token -token_in -CAfile root.pem");
            var token = File.ReadAllBytes(files.Path("token"));
            var bundle = files.Write("bundle", Verifying.Bytes(ledger.Bundle(12, [3, 11], ledger.Anchor(12, 12, token))));
            var policy = files.Write("policy", ledger.Policy);
            Assert.Equal(0, Verifying.Run("bundle", bundle, "--policy", policy, "--tsa", files.Path("root.pem")).Exit);
            Assert.Equal(0, Verifying.Run("bundle", bundle, "--policy", policy, "--tsa", files.Path("tsa.pem")).Exit);
            Assert.Equal(3, Verifying.Run("bundle", bundle, "--policy", policy, "--tsa", files.Write("other.pem", Authority.Root.ExportCertificatePem())).Exit);
            var late = new ForgedLedger(12, from: DateTimeOffset.UtcNow.AddHours(1)) { Key = ledger.Key };
            Assert.Equal(1, Verifying.Run("bundle", files.Write("late", Verifying.Bytes(late.Bundle(12, [3], ledger.Anchor(12, 12, token)))), "--policy", policy).Exit);
        }

        void Run(string words)
        {
            using var process = Process.Start(new ProcessStartInfo("openssl", words) { WorkingDirectory = files.Path(""), RedirectStandardError = true, RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"openssl {words}: {errors}{output.Result}");
        }
    }

    private static bool HasOpenSsl()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("openssl", "version") { RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
