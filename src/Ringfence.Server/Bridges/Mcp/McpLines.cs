using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;

namespace Ringfence.Server.Bridges.Mcp;

/// <summary>The protocol over a pair of streams: one message a line. A line that is too long or is no message is answered, and the next one is read.</summary>
/// <remarks>The SDK's own transport holds a line of any length, and lets one that is no message go unanswered.</remarks>
internal sealed class McpLines : ITransport
{
    // Whoever sends faster than it can be answered waits.
    private const int MostWaiting = 64;

    // Whoever closed their end may still read what they asked for.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HashSet<RequestId> unanswered = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (RequestId Id, TaskCompletionSource Done)? greeting;
    private bool isEnd;

    private readonly System.Threading.Channels.Channel<JsonRpcMessage> incoming = System.Threading.Channels.Channel.CreateBounded<JsonRpcMessage>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true });
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource stop = new();
    private readonly PipeReader input;
    private readonly Stream output;
    private readonly Task loop;

    public McpLines(Stream input, Stream output)
    {
        (this.input, this.output) = (PipeReader.Create(input, new StreamPipeReaderOptions(leaveOpen: true)), output);
        loop = Task.Run(ReadAsync);
    }

    public string? SessionId => null;

    public ChannelReader<JsonRpcMessage> MessageReader => incoming.Reader;

    public async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        await WriteAsync(McpMessages.Write(message));
        if (message is JsonRpcResponse or JsonRpcError)
            Answered(((JsonRpcMessageWithId)message).Id);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        incoming.Writer.TryComplete();
        // Whoever waits for a line at a terminal can't be woken; the process ends anyway.
        await Task.WhenAny(loop, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, CancellationToken.None));
    }

    private async Task ReadAsync()
    {
        try
        {
            var skips = false;
            while (true)
            {
                var read = await input.ReadAsync(stop.Token);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    if (!skips)
                        await TakeAsync(rest.Slice(0, end));
                    skips = false;
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                // What is too long is not kept until its end is found.
                if (rest.Length > McpMessages.MostBytes)
                {
                    if (!skips)
                        await WriteAsync(McpMessages.TooLong);
                    skips = true;
                    rest = rest.Slice(rest.End);
                }

                // What stands before the end of the stream without a line feed counts, too.
                if (read.IsCompleted && !skips && rest.Length > 0)
                    await TakeAsync(rest);
                input.AdvanceTo(read.IsCompleted ? rest.End : rest.Start, rest.End);
                if (read.IsCompleted)
                    break;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or ChannelClosedException)
        {
            // The other end is gone.
        }
        finally
        {
            lock (unanswered)
            {
                isEnd = true;
                if (unanswered.Count == 0)
                    ended.TrySetResult();
            }

            await Task.WhenAny(ended.Task, Task.Delay(Patience, stop.Token));
            incoming.Writer.TryComplete();
        }
    }

    private void Answered(RequestId id)
    {
        lock (unanswered)
        {
            if (greeting is { } begun && begun.Id.Equals(id))
                begun.Done.TrySetResult();
            if (unanswered.Remove(id) && isEnd && unanswered.Count == 0)
                ended.TrySetResult();
        }
    }

    private async Task TakeAsync(ReadOnlySequence<byte> line)
    {
        if (line.Length > McpMessages.MostBytes)
        {
            await WriteAsync(McpMessages.TooLong);
            return;
        }

        var bytes = line.ToArray();
        if (bytes.AsSpan().Trim(" \t\r"u8).IsEmpty)
            return;
        if (McpMessages.Read(bytes, out var answer) is not { } message)
        {
            await WriteAsync(answer!);
            return;
        }

        Task greeted = Task.CompletedTask;
        if (message is JsonRpcRequest request)
        {
            lock (unanswered)
            {
                unanswered.Add(request.Id);
                if (request.Method == RequestMethods.Initialize)
                    greeted = (greeting = (request.Id, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))).Value.Done.Task;
            }
        }

        await incoming.Writer.WriteAsync(message, stop.Token);
        // What was sent right behind the greeting is spoken in the revision that it agrees on.
        await Task.WhenAny(greeted, Task.Delay(Patience, stop.Token));
        // What was called off is not answered.
        if (message is JsonRpcNotification { Method: NotificationMethods.CancelledNotification } called
            && called.Params?["requestId"] is System.Text.Json.Nodes.JsonValue value && McpMessages.TryId(value, out var off))
            Answered(off);
    }

    private async Task WriteAsync(byte[] message)
    {
        await writing.WaitAsync(stop.Token);
        try
        {
            await output.WriteAsync((byte[])[.. message, (byte)'\n'], stop.Token);
            await output.FlushAsync(stop.Token);
        }
        finally
        {
            writing.Release();
        }
    }
}
