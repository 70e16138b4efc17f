using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ringfence.Ledger;

namespace Ringfence.Server.Ledger;

/// <summary>Where the signer is.</summary>
/// <param name="Socket">The Unix socket it listens on; null: it is started as a child.</param>
/// <param name="Folder">The folder a child keeps its keys and states in.</param>
/// <param name="Program">The program to start, and what stands before <c>signer</c> on its command line.</param>
internal sealed record SignerPlace(string? Socket, string Folder, IReadOnlyList<string> Program)
{
    /// <summary>Whether a child may take on a ledger that it does not know and that is not empty.</summary>
    public bool Adopt { get; init; }

    /// <summary>Names the socket of a signer that runs on its own, or says that another node signs.</summary>
    public const string Variable = "RINGFENCE_SIGNER";

    /// <summary>What <see cref="Variable"/> says where another node signs.</summary>
    public const string AnotherNode = "elsewhere";

    /// <summary>The one named in the environment, else a child with its folder among the keys.</summary>
    /// <param name="keys">The folder of the keys.</param>
    /// <param name="environment">Environment variables.</param>
    public static SignerPlace Of(string keys, Func<string, string?> environment) =>
        new(environment(Variable) is { Length: > 0 } socket ? socket : null, Path.Combine(keys, "signer"), ThisProgram());

    // Started by the host of the framework, the program is the first argument of that.
    private static string[] ThisProgram()
    {
        var host = Environment.ProcessPath ?? throw new InvalidOperationException("The program does not know its own file.");
        return Path.GetFileNameWithoutExtension(host) == "dotnet" ? [host, Path.Combine(AppContext.BaseDirectory, "ringfence.dll")] : [host];
    }
}

/// <summary>Asks a signer, be it a child of this process or one that listens on a socket. One question at a time; a signer that died is sought again once.</summary>
internal sealed class SignerClient : IAsyncDisposable
{
    // A signature takes milliseconds; a disk that hangs longer is as good as none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Func<CancellationToken, Task<Connection>> open;
    private readonly SemaphoreSlim turn = new(1);
    private Connection? connection;
    private bool disposed;

    /// <param name="place">Where the signer is.</param>
    public SignerClient(SignerPlace place)
    {
        open = stop => Connection.OpenAsync(place, stop);
        IsElsewhere = place.Socket == SignerPlace.AnotherNode;
    }

    /// <param name="open">Reaches a signer: what it answers, and what it is asked. Called again when a question was broken off.</param>
    public SignerClient(Func<(Stream Input, Stream Output)> open) => this.open = _ =>
    {
        var (input, output) = open();
        return Task.FromResult(new Connection(input, output));
    };

    /// <summary>Whether another node of the installation signs: this one writes and answers, and can't be asked to sign.</summary>
    public bool IsElsewhere { get; }

    /// <summary>What the signer knows of an origin; null: it does not know it.</summary>
    /// <exception cref="SignerException">It does not answer, or its state can't be used.</exception>
    public async Task<SignerState?> StateAsync(string origin, CancellationToken cancel)
    {
        try
        {
            using var answer = await AskAsync("keys", json => json.WriteString("origin", origin), cancel);
            var root = answer.RootElement;
            return new SignerState(
                origin, root.GetProperty("size").GetInt64(), new Digest(root.GetProperty("root").GetBytesFromBase64()), [],
                [.. root.GetProperty("keys").EnumerateArray().Select(SignerState.KeyOf)]);
        }
        catch (SignerException e) when (e.Code == "unknown-origin")
        {
            return null;
        }
    }

    /// <summary>Has a checkpoint signed.</summary>
    /// <exception cref="SignerException">It is refused, or the signer does not answer.</exception>
    public async Task<SignedNote> SignAsync(Checkpoint checkpoint, byte[] frontier, IReadOnlyList<Digest> consistency, CancellationToken cancel)
    {
        using var answer = await AskAsync("sign", json =>
        {
            json.WriteString("origin", checkpoint.Origin);
            json.WriteNumber("size", checkpoint.Size);
            json.WriteString("root", checkpoint.Root.ToBase64());
            json.WriteBase64String("frontier", frontier);
            json.WriteStartArray("consistency");
            foreach (var hash in consistency)
                json.WriteStringValue(hash.ToBase64());
            json.WriteEndArray();
        }, cancel);
        return NoteOf(answer);
    }

    /// <summary>Has a receipt signed.</summary>
    public async Task<SignedNote> SignReceiptAsync(string origin, Digest receipt, CancellationToken cancel)
    {
        using var answer = await AskAsync("sign-receipt", json =>
        {
            json.WriteString("origin", origin);
            json.WriteString("digest", receipt.ToString());
        }, cancel);
        return NoteOf(answer);
    }

    /// <summary>Has a further key made.</summary>
    public async Task<SignerKey> RotateAsync(string origin, SignerUse use, CancellationToken cancel)
    {
        using var answer = await AskAsync("rotate", json =>
        {
            json.WriteString("origin", origin);
            json.WriteString("use", SignerKey.WordOf(use));
        }, cancel);
        return SignerState.KeyOf(answer.RootElement);
    }

    /// <summary>Lets a key sign.</summary>
    public Task ActivateAsync(string origin, Digest key, CancellationToken cancel) => ChangeAsync("activate", origin, key, cancel);

    /// <summary>Ends a key.</summary>
    public Task RetireAsync(string origin, Digest key, CancellationToken cancel) => ChangeAsync("retire", origin, key, cancel);

    public async ValueTask DisposeAsync()
    {
        if (disposed)
            return;
        disposed = true;
        await turn.WaitAsync();
        connection?.Dispose();
        connection = null;
        turn.Dispose();
    }

    private async Task ChangeAsync(string request, string origin, Digest key, CancellationToken cancel)
    {
        using var _ = await AskAsync(request, json =>
        {
            json.WriteString("origin", origin);
            json.WriteString("key", key.ToString());
        }, cancel);
    }

    private async Task<JsonDocument> AskAsync(string request, Action<Utf8JsonWriter> members, CancellationToken cancel)
    {
        if (IsElsewhere)
            throw new SignerException("elsewhere", $"Another node signs: {SignerPlace.Variable} says so.");
        await turn.WaitAsync(cancel);
        try
        {
            // Every request may be made again: a checkpoint that was signed is signed again, a key that was made is given again.
            return connection is null ? await AskOnceAsync(request, members, cancel) : await AskTwiceAsync(request, members, cancel);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<JsonDocument> AskTwiceAsync(string request, Action<Utf8JsonWriter> members, CancellationToken cancel)
    {
        try
        {
            return await AskOnceAsync(request, members, cancel);
        }
        catch (SignerException e) when (e.Code == "not-reached")
        {
            return await AskOnceAsync(request, members, cancel);
        }
    }

    private async Task<JsonDocument> AskOnceAsync(string request, Action<Utf8JsonWriter> members, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        JsonDocument? answer = null;
        var whole = false;
        try
        {
            connection ??= await open(patience.Token);
            await connection.Lines.WriteAsync(json =>
            {
                json.WriteString("do", request);
                members(json);
            }, patience.Token);
            answer = await connection.Lines.ReadAsync(patience.Token) ?? throw NotReached(connection.LastWords, null);
            whole = true;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or System.ComponentModel.Win32Exception && !cancel.IsCancellationRequested)
        {
            throw NotReached(connection?.LastWords ?? e.Message, e);
        }
        finally
        {
            // What comes next on this stream would be the answer to something else.
            if (!whole)
            {
                connection?.Dispose();
                connection = null;
            }
        }

        if (answer.RootElement.TryGetProperty("ok", out var ok) && ok.ValueKind == JsonValueKind.True)
            return answer;
        using (answer)
        {
            throw new SignerException(
                answer.RootElement.TryGetProperty("error", out var code) ? code.GetString() ?? "malformed" : "malformed",
                answer.RootElement.TryGetProperty("message", out var message) ? message.GetString() ?? "" : "");
        }
    }

    private static SignedNote NoteOf(JsonDocument answer) =>
        SignedNote.TryParse(Encoding.UTF8.GetBytes(answer.RootElement.GetProperty("note").GetString()!), out var note)
            ? note
            : throw new SignerException("malformed", "The signer answered with something that is no note.");

    private static SignerException NotReached(string why, Exception? inner) =>
        new("not-reached", $"The signer does not answer. {why}".TrimEnd(), inner);

    /// <summary>A stream to the signer, and the child behind it where there is one.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly Stream[] streams = [];
        private readonly Socket? socket;
        private readonly Process? child;
        private readonly StringBuilder errors = new();

        public Connection(Stream input, Stream output) => (streams, Lines) = ([output, input], new SignerLines(input, output));

        private Connection(Socket socket)
        {
            this.socket = socket;
            var stream = new NetworkStream(socket, ownsSocket: false);
            Lines = new SignerLines(stream, stream);
        }

        private Connection(Process child)
        {
            this.child = child;
            child.ErrorDataReceived += (_, line) =>
            {
                lock (errors)
                {
                    if (errors.Length < 2000)
                        errors.Append(line.Data).Append(' ');
                }
            };
            child.BeginErrorReadLine();
            Lines = new SignerLines(child.StandardOutput.BaseStream, child.StandardInput.BaseStream);
        }

        public SignerLines Lines { get; }

        /// <summary>What a child that ended said of it.</summary>
        public string LastWords
        {
            get
            {
                // What it said last may still be on its way.
                if (child?.WaitForExit(500) == true)
                    child.WaitForExit();
                lock (errors)
                    return errors.ToString().Trim();
            }
        }

        public static async Task<Connection> OpenAsync(SignerPlace place, CancellationToken cancel)
        {
            if (place.Socket is { } path)
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                    return new Connection(socket);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            }

            var start = new ProcessStartInfo(place.Program[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            foreach (var argument in (IEnumerable<string>)[.. place.Program.Skip(1), "signer", "--state", place.Folder, .. place.Adopt ? (string[])["--adopt"] : []])
                start.ArgumentList.Add(argument);
            return new Connection(Process.Start(start)!);
        }

        public void Dispose()
        {
            foreach (var stream in streams)
                stream.Dispose();
            socket?.Dispose();
            if (child is null)
                return;
            // It ends when it is asked nothing more; what it signed is on the disk before it answers.
            try
            {
                child.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended.
            }

            if (!child.WaitForExit(TimeSpan.FromSeconds(5)))
                child.Kill();
            child.Dispose();
        }
    }
}
