using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>A timestamp authority on this machine: OpenSSL behind a small HTTP server. It can be made to misbehave.</summary>
internal sealed class LocalTimestampAuthority : IDisposable
{
    private const string Configuration = """
        [ req ]
        distinguished_name = name
        prompt = no
        [ name ]
        CN = Test timestamps
        [ ca ]
        basicConstraints = critical, CA:true
        keyUsage = critical, keyCertSign
        [ leaf ]
        basicConstraints = critical, CA:false
        keyUsage = critical, digitalSignature
        extendedKeyUsage = critical, timeStamping
        [ tsa ]
        default_tsa = tsa1
        [ tsa1 ]
        serial = serial
        crypto_device = builtin
        signer_digest = sha256
        default_policy = 1.2.3.4.1
        digests = sha256
        accuracy = secs:1
        ordering = no
        tsa_name = no
        ess_cert_id_chain = no
        ess_cert_id_alg = sha256
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("ringfence-tsa-").FullName;
    private readonly HttpListener listener = new();
    private readonly Task serving;

    private LocalTimestampAuthority(string name)
    {
        File.WriteAllText(Path.Combine(folder, "tsa.cnf"), Configuration.Replace("Test timestamps", name, StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, "serial"), "01\n");
        OpenSsl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 3650 -config tsa.cnf -extensions ca");
        OpenSsl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tsa.key -out tsa.csr -config tsa.cnf -subj /CN=Signer");
        OpenSsl("x509 -req -in tsa.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tsa.crt -days 3650 -extfile tsa.cnf -extensions leaf");
        Authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "ca.crt"));
        Signer = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "tsa.crt"));
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/tsa/");
        }

        listener.Prefixes.Add(Url.ToString());
        listener.Start();
        serving = Task.Run(ServeAsync);
    }

    /// <summary>Starts one; skips the test where there is no OpenSSL.</summary>
    public static LocalTimestampAuthority Start(string name = "Test timestamps")
    {
        try
        {
            using var openssl = Process.Start(new ProcessStartInfo("openssl", "version") { RedirectStandardOutput = true })!;
            openssl.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("OpenSSL is not installed.");
        }

        return new LocalTimestampAuthority(name);
    }

    public Uri Url { get; }

    public string CertificateFile => Path.Combine(folder, "ca.crt");

    public X509Certificate2 Authority { get; }

    public X509Certificate2 Signer { get; }

    /// <summary>How many were asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>What is done with an answer before it is sent.</summary>
    public Func<byte[], byte[]> Answer { get; set; } = static bytes => bytes;

    /// <summary>The HTTP status.</summary>
    public int Status { get; set; } = 200;

    /// <summary>What is asked in the place of the question that came.</summary>
    public byte[]? AskInstead { get; set; }

    /// <summary>The last question.</summary>
    public byte[] Question { get; private set; } = [];

    public void Dispose()
    {
        try
        {
            listener.Stop();
            listener.Close();
        }
        catch (HttpListenerException)
        {
            // It looks for its port anew while closing, which somebody else may have taken by then.
        }

        serving.Wait();
        Directory.Delete(folder, recursive: true);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or InvalidOperationException)
            {
                return;
            }

            using var asked = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(asked);
            Asked++;
            Question = asked.ToArray();
            await File.WriteAllBytesAsync(Path.Combine(folder, "q"), AskInstead ?? Question);
            OpenSsl("ts -reply -queryfile q -signer tsa.crt -inkey tsa.key -config tsa.cnf -out r");
            var bytes = Answer(await File.ReadAllBytesAsync(Path.Combine(folder, "r")));
            context.Response.StatusCode = Status;
            context.Response.ContentType = "application/timestamp-reply";
            try
            {
                await context.Response.OutputStream.WriteAsync(bytes);
                context.Response.Close();
            }
            catch (HttpListenerException)
            {
                // Whoever asked has hung up.
            }
        }
    }

    private void OpenSsl(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"openssl {arguments}: {errors}");
    }
}
