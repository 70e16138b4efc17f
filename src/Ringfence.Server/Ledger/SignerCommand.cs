using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ringfence.Server.Cli;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Ledger;

/// <summary><c>ringfence signer</c>: the process that holds the signing keys, and signs only what continues what it signed before.</summary>
/// <remarks>Started by the program as its child it is asked over its standard streams; run by itself, as another user, over a Unix socket.</remarks>
internal static class SignerCommand
{
    // Whoever may write to the socket may have things signed: its owner, and the group of its folder.
    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>The command, ready to be added.</summary>
    public static Command Create()
    {
        var state = new Option<string>("--state") { HelpName = "DIR", Required = true, Description = CliText.Say("Signer.Option.state") };
        var listen = new Option<string?>("--listen") { HelpName = "PATH", Description = CliText.Say("Signer.Option.listen") };
        var adopt = new Option<bool>("--adopt") { Description = CliText.Say("Signer.Option.adopt") };
        var command = new Command("signer", CliText.Say("Signer.Description")) { state, listen, adopt };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(state)!, parsed.GetValue(listen), parsed.GetValue(adopt), Console.Error, cancel));
        return command;
    }

    private static async Task<int> RunAsync(string state, string? listen, bool adopt, TextWriter errors, CancellationToken cancel)
    {
        try
        {
            using var signer = Signer.Open(state, adopt);
            var desk = new SignerDesk(signer);
            if (listen is null)
                await AnswerParentAsync(desk);
            else
                await ListenAsync(desk, listen, errors, cancel);
            return Exit.Done;
        }
        catch (SignerException e)
        {
            Terminal.Error(errors, CliText.SayOr("Signer.Fault." + e.Code, "Signer.Fault", e.Message));
            return Exit.NotReady;
        }
        catch (KeysException e)
        {
            Terminal.Error(errors, e.Message);
            return Exit.NotReady;
        }
    }

    private static async Task AnswerParentAsync(SignerDesk desk)
    {
        // Ctrl-C goes to all processes of a terminal; the parent may have something signed while it ends, and closes the stream then.
        using var _ = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true);
        await desk.AnswerAsync(Console.OpenStandardInput(), Console.OpenStandardOutput(), CancellationToken.None);
    }

    private static async Task ListenAsync(SignerDesk desk, string path, TextWriter errors, CancellationToken cancel)
    {
        using var socket = Bind(path);
        var answering = new List<Task>();
        errors.WriteLine(CliText.Say("Signer.Listening", path));
        try
        {
            while (true)
            {
                var caller = await socket.AcceptAsync(cancel);
                answering.RemoveAll(static task => task.IsCompleted);
                answering.Add(AnswerAsync(desk, caller, cancel));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(answering);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task AnswerAsync(SignerDesk desk, Socket caller, CancellationToken cancel)
    {
        using (caller)
        {
            try
            {
                await using var stream = new NetworkStream(caller, ownsSocket: false);
                await desk.AnswerAsync(stream, stream, cancel);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // Whoever asked went away, or the signer ends.
            }
        }
    }

    // Made under another name, so that nobody gets in before the mode is set.
    private static Socket Bind(string path)
    {
        path = Path.GetFullPath(path);
        using (var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            try
            {
                other.Connect(new UnixDomainSocketEndPoint(path));
                throw new SignerException("in-use", $"Another signer listens on {path}.");
            }
            catch (SocketException)
            {
                // Nobody is there, or nothing.
            }
        }

        var aside = path + ".new";
        File.Delete(aside);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(aside));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(aside, SocketMode);
        socket.Listen(16);
        File.Move(aside, path, overwrite: true);
        return socket;
    }
}
