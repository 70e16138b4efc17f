using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Ringfence.Server.Tests.Storage;

/// <summary>A line to the server that breaks at a certain moment.</summary>
internal sealed class CutLine : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder settings;
    private readonly CancellationTokenSource over = new();
    private readonly Func<byte[], Cut> judge;
    private readonly Lock guard = new();

    /// <param name="connection">Where the line leads.</param>
    /// <param name="judge">Given what the program is about to send: whether to pass it on. Called for one piece at a time.</param>
    public CutLine(string connection, Func<byte[], Cut> judge)
    {
        settings = new NpgsqlConnectionStringBuilder(connection);
        this.judge = judge;
        listener.Start();
        Connection = new NpgsqlConnectionStringBuilder(connection) { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, SslMode = SslMode.Disable, Pooling = true }.ToString();
        _ = AcceptAsync();
    }

    public enum Cut
    {
        No,

        /// <summary>What was to be sent does not get there.</summary>
        Before,

        /// <summary>What was sent gets there, the answer does not come back.</summary>
        After,
    }

    /// <summary>How to reach the server over the line.</summary>
    public string Connection { get; }

    /// <summary>Whether it broke.</summary>
    public bool Broken { get; private set; }

    /// <summary>Breaks it now: nothing more gets through, and whoever calls again is hung up on.</summary>
    public void Break()
    {
        lock (guard)
            Broken = true;
    }

    /// <summary>Whoever calls from now on is let through.</summary>
    public void Mend()
    {
        lock (guard)
            Broken = false;
    }

    public void Dispose()
    {
        over.Cancel();
        listener.Dispose();
        over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await listener.AcceptSocketAsync(over.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // No more calls are taken.
        }
    }

    private async Task CarryAsync(Socket program)
    {
        using (program)
        using (var server = await ConnectAsync())
        {
            try
            {
                if (!Broken)
                    await Task.WhenAny(SendAsync(program, server), AnswerAsync(server, program));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Either end hung up.
            }
        }
    }

    private async Task SendAsync(Socket program, Socket server)
    {
        var buffer = new byte[1 << 16];
        while (await program.ReceiveAsync(buffer, over.Token) is > 0 and var count)
        {
            Cut cut;
            lock (guard)
            {
                cut = Broken ? Cut.Before : judge(buffer[..count]);
                Broken |= cut != Cut.No;
            }

            if (cut == Cut.Before)
                return;
            _ = await server.SendAsync(buffer.AsMemory(0, count), over.Token);
            if (cut == Cut.After)
            {
                // Until it is done, and its answer lost.
                await Task.Delay(300, over.Token);
                return;
            }
        }
    }

    private async Task AnswerAsync(Socket server, Socket program)
    {
        var buffer = new byte[1 << 16];
        while (await server.ReceiveAsync(buffer, over.Token) is > 0 and var count)
        {
            if (Broken)
            {
                await Task.Delay(Timeout.Infinite, over.Token);
                return;
            }

            _ = await program.SendAsync(buffer.AsMemory(0, count), over.Token);
        }
    }

    private async Task<Socket> ConnectAsync()
    {
        if (settings.Host!.StartsWith('/'))
        {
            var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await local.ConnectAsync(new UnixDomainSocketEndPoint($"{settings.Host}/.s.PGSQL.{settings.Port}"), over.Token);
            return local;
        }

        var remote = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await remote.ConnectAsync(settings.Host, settings.Port, over.Token);
        return remote;
    }
}
