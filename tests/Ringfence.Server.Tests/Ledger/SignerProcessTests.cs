using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>The signer as a process: a child asked over its streams, and one that listens on a socket.</summary>
public sealed class SignerProcessTests : IDisposable
{
    private const string Origin = "ledger.example/acme/e1";

    private readonly string folder = Directory.CreateTempSubdirectory("ringfence-signer-").FullName;
    private readonly GrowingTree tree = new GrowingTree().Grow(50);

    private static readonly string[] Program = ServedProcess.Program;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_child_signs_what_continues_and_refuses_what_does_not()
    {
        await using var client = new SignerClient(Child);
        await AskEverythingAsync(client);
    }

    [Fact]
    public async Task One_that_listens_on_a_socket_does_the_same_and_serves_several()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Sockets with file modes are of Unix.");
            return;
        }

        var socket = Path.Combine(folder, "signer.sock");
        using var process = await ListenAsync(socket);
        try
        {
            await using var client = new SignerClient(Child with { Socket = socket });
            await using var other = new SignerClient(Child with { Socket = socket });
            await AskEverythingAsync(client);
            Assert.Equal(20, (await other.StateAsync(Origin, Cancel))!.Size);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(socket));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_signer_that_was_killed_is_started_again_and_forgot_nothing()
    {
        await using var client = new SignerClient(Child);
        await SignAsync(client, 0, 0);
        await SignAsync(client, 0, 9);
        var killed = Process.GetProcesses().Where(IsOurs).ToList();
        Assert.Single(killed);
        foreach (var process in killed)
        {
            process.Kill();
            process.WaitForExit();
        }

        Assert.Equal("behind", (await Assert.ThrowsAsync<SignerException>(() => SignAsync(client, 0, 8))).Code);
        await SignAsync(client, 9, 12);
    }

    [Fact]
    public async Task The_child_ends_with_whoever_started_it()
    {
        await using (var client = new SignerClient(Child))
        {
            await SignAsync(client, 0, 0);
            Assert.Single(Process.GetProcesses(), IsOurs);
        }

        Assert.DoesNotContain(Process.GetProcesses(), IsOurs);
    }

    [Fact]
    public async Task One_that_cannot_be_reached_says_why()
    {
        await using (var client = new SignerClient(Child with { Socket = Path.Combine(folder, "none.sock") }))
            Assert.Equal("not-reached", (await Assert.ThrowsAsync<SignerException>(() => SignAsync(client, 0, 0))).Code);
        using var held = Signer.Open(folder, adopt: false);
        await using (var client = new SignerClient(Child))
        {
            var refused = await Assert.ThrowsAsync<SignerException>(() => SignAsync(client, 0, 0));
            Assert.Equal("not-reached", refused.Code);
            Assert.Contains(folder, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"do":"sign"}""", "malformed")]
    [InlineData("""{"do":"nothing"}""", "unknown-request")]
    [InlineData("""{"do":"hello","more":1}""", "malformed")]
    [InlineData("""{"do":"keys","origin":"ledger.example/acme/e1","origin":"b"}""", "malformed")]
    [InlineData("""{"do":"keys","origin":7}""", "malformed")]
    [InlineData("""[1]""", "malformed")]
    [InlineData("""no json""", "malformed")]
    [InlineData("""{"do":"sign","origin":"ledger.example/acme/e1","size":1.5,"root":"","frontier":"","consistency":[]}""", "malformed")]
    [InlineData("""{"do":"sign","origin":"ledger.example/acme/e1","size":0,"root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","frontier":"","consistency":[],"force":true}""", "malformed")]
    public async Task A_request_that_is_not_of_its_form_is_refused_and_nothing_is_done(string request, string code)
    {
        using var signer = Signer.Open(folder, adopt: false);
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(request + "\n"));
        using var output = new MemoryStream();
        await new SignerDesk(signer).AnswerAsync(input, output, Cancel);
        using var answer = JsonDocument.Parse(output.ToArray());
        Assert.Equal((false, code), (answer.RootElement.GetProperty("ok").GetBoolean(), answer.RootElement.GetProperty("error").GetString()));
        Assert.Empty(Directory.GetDirectories(folder));
    }

    [Fact]
    public async Task A_line_without_end_is_cut_off()
    {
        using var signer = Signer.Open(folder, adopt: false);
        using var input = new MemoryStream(new byte[SignerLines.Longest + 1]);
        using var output = new MemoryStream();
        await new SignerDesk(signer).AnswerAsync(input, output, Cancel);
        Assert.Contains("malformed", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    private SignerPlace Child => new(null, folder, Program);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task AskEverythingAsync(SignerClient client)
    {
        Assert.Null(await client.StateAsync(Origin, Cancel));
        Assert.Equal("unknown-origin", (await Assert.ThrowsAsync<SignerException>(() => SignAsync(client, 0, 3))).Code);
        await SignAsync(client, 0, 0);
        var note = await SignAsync(client, 0, 20);
        var state = (await client.StateAsync(Origin, Cancel))!;
        Assert.Equal((20, tree.Root(20), 2), (state.Size, state.Root, state.Keys.Count));
        Assert.True(Checkpoint.TryOpen(note, Origin, [VerifierKey.OfEcdsa(Origin, state.Keys[0].Spki)], out _));
        Assert.Equal("behind", (await Assert.ThrowsAsync<SignerException>(() => SignAsync(client, 19, 19))).Code);
        Assert.Equal("inconsistent", (await Assert.ThrowsAsync<SignerException>(() => SignAsync(client, 19, 21))).Code);

        var digest = TreeHash.Sha256("r"u8);
        var receipt = await client.SignReceiptAsync(Origin, digest, Cancel);
        Assert.Equal(NoteVerdict.Verified, receipt.VerifyBy(Origin + "/receipts", [VerifierKey.OfEcdsa(Origin + "/receipts", state.Keys[1].Spki)]));

        var key = await client.RotateAsync(Origin, SignerUse.Receipts, Cancel);
        await client.ActivateAsync(Origin, key.Digest, Cancel);
        Assert.Equal(2, (await client.SignReceiptAsync(Origin, digest, Cancel)).Signatures.Count);
        await client.RetireAsync(Origin, state.Keys[1].Digest, Cancel);
        Assert.Equal(key.Digest, Assert.Single((await client.StateAsync(Origin, Cancel))!.Signing(SignerUse.Receipts)).Digest);
    }

    private Task<SignedNote> SignAsync(SignerClient client, int from, int to) =>
        client.SignAsync(tree.Checkpoint(Origin, to), tree.Edge(to), tree.Consistency(from, to), Cancel);

    private async Task<Process> ListenAsync(string socket)
    {
        var process = Process.Start(new ProcessStartInfo(Program[0], [Program[1], "signer", "--state", folder, "--listen", socket]) { RedirectStandardError = true })!;
        for (var tries = 0; tries < 200; tries++)
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await probe.ConnectAsync(new UnixDomainSocketEndPoint(socket), Cancel);
                return process;
            }
            catch (SocketException)
            {
                await Task.Delay(50, Cancel);
            }
        }

        process.Kill();
        throw new TimeoutException(await process.StandardError.ReadToEndAsync(Cancel));
    }

    private bool IsOurs(Process process)
    {
        try
        {
            return File.Exists($"/proc/{process.Id}/cmdline") && File.ReadAllText($"/proc/{process.Id}/cmdline").Contains("--state\0" + folder, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
