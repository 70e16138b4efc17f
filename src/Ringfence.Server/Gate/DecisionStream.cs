using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Ringfence.Server.Hosting;

namespace Ringfence.Server.Gate;

/// <summary><c>POST decisions/stream</c>: questions as lines of JSON, of any number; one line of answer for each, in their order, while they come in.</summary>
/// <remarks>
/// What is read and not yet answered is a few dozen lines at most: whoever does not take the answers is not listened to. A line that can't be answered is answered by a problem, with the
/// number of the line; so is the end, where it is not the client's own: <c>no-access</c>, <c>idle</c>, <c>stopping</c> name the first line that was not answered.
/// </remarks>
internal sealed class DecisionStream
{
    public const string Media = "application/x-ndjson";

    /// <summary>The longest line, in bytes: a question with facts of its own is a tenth of it.</summary>
    public const int LongestLine = 64 << 10;

    private const int MostUnderWay = 64;

    // What was written goes out when nothing else is ready, or there is so much of it.
    private const int FlushAt = 32 << 10;

    private static readonly TimeSpan CheckAgain = TimeSpan.FromSeconds(1);

    private readonly ApiCall call;
    private readonly CancellationTokenSource ended;
    private readonly Channel<Task<ReadOnlyMemory<byte>>> answers = System.Threading.Channels.Channel.CreateBounded<Task<ReadOnlyMemory<byte>>>(
        new BoundedChannelOptions(MostUnderWay) { SingleReader = true, SingleWriter = true });

    private DecisionStream(ApiCall call, CancellationTokenSource ended) => (this.call, this.ended) = (call, ended);

    /// <summary>Serves a request.</summary>
    public static async Task RunAsync(ApiCall call)
    {
        var http = call.Http;
        if (!Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var media) || !media.MediaType.Equals(Media, StringComparison.OrdinalIgnoreCase))
            throw new ApiFault(StatusCodes.Status415UnsupportedMediaType, "wants-ndjson");
        call.RequireOpen();
        Unlimit(http);
        http.Response.ContentType = Media + "; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        try
        {
            await new DecisionStream(call, ended).RunAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Nobody is there any more, or nobody who listens.
            http.Abort();
        }
    }

    // Here, and nowhere else: its length has no end, and what comes slowly has a patience of its own.
    private static void Unlimit(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } incoming)
            incoming.MinDataRate = null;
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } outgoing)
            outgoing.MinDataRate = null;
    }

    private async Task RunAsync()
    {
        var writing = WriteAsync();
        try
        {
            await ReadAsync();
            answers.Writer.Complete();
        }
        catch (Exception e)
        {
            answers.Writer.TryComplete(e);
            throw;
        }
        finally
        {
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await writing;
    }

    private async Task ReadAsync()
    {
        var lines = new RequestLines(call.Http.Request.BodyReader, LongestLine);
        var (time, patience) = (call.Installation.Time, call.Served.StreamPatience);
        var stopping = call.Http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, stopping);
        var checkedAt = time.GetTimestamp();
        while (true)
        {
            (long Number, byte[]? Text)? read;
            try
            {
                waiting.CancelAfter(patience);
                read = await lines.NextAsync(waiting.Token);
                // Whoever waits for us is not idle.
                waiting.CancelAfter(Timeout.InfiniteTimeSpan);
            }
            catch (OperationCanceledException) when (!ended.IsCancellationRequested)
            {
                await EndAsync(StatusCodes.Status503ServiceUnavailable, stopping.IsCancellationRequested ? "stopping" : "idle", lines.Number + 1);
                return;
            }

            if (read is not { } line)
                return;
            if (time.GetElapsedTime(checkedAt) > CheckAgain)
            {
                // A key that was revoked meanwhile ends what was begun with it.
                if (!await call.IsStillIn())
                {
                    await EndAsync(StatusCodes.Status401Unauthorized, "no-access", line.Number);
                    return;
                }

                checkedAt = time.GetTimestamp();
            }

            await answers.Writer.WriteAsync(AnswerAsync(line.Number, line.Text), ended.Token);
        }
    }

    private ValueTask EndAsync(int status, string code, long line) => answers.Writer.WriteAsync(Task.FromResult(ApiProblem.Of(new ApiFault(status, code), call.Language, line).Bytes), ended.Token);

    private async Task<ReadOnlyMemory<byte>> AnswerAsync(long number, byte[]? text)
    {
        try
        {
            return await DecisionsApi.AnswerAsync(call, text ?? throw new ApiFault(
                StatusCodes.Status413PayloadTooLarge, "line-too-long", null, LongestLine.ToString(CultureInfo.InvariantCulture)));
        }
#pragma warning disable CA1031 // whatever it is, it is said in its place, and the lines behind it are answered
        catch (Exception failure) when (!ended.IsCancellationRequested)
#pragma warning restore CA1031
        {
            var problem = ApiProblem.Of(failure, call.Language, number);
            if (problem.Status == StatusCodes.Status500InternalServerError)
                ServerLog.Fault(call.Http, call.Http.GetEndpoint()!.Metadata.GetRequiredMetadata<ApiRoute>(), failure);
            return problem.Bytes;
        }
    }

    private async Task WriteAsync()
    {
        var writer = call.Http.Response.BodyWriter;
        try
        {
            var pending = 0L;
            while (await answers.Reader.WaitToReadAsync(ended.Token))
            {
                while (answers.Reader.TryRead(out var answer))
                {
                    // What is ready goes out before anybody waits for what is not.
                    if (!answer.IsCompleted && pending > 0)
                        pending = await FlushAsync(writer);
                    var bytes = await answer.WaitAsync(ended.Token);
                    writer.Write(bytes.Span);
                    writer.Write("\n"u8);
                    pending += bytes.Length + 1;
                    if (pending >= FlushAt)
                        pending = await FlushAsync(writer);
                }

                if (pending > 0)
                    pending = await FlushAsync(writer);
            }
        }
        catch
        {
            // Nobody is there to take it: no more is read.
            await ended.CancelAsync();
            throw;
        }
    }

    private async Task<long> FlushAsync(PipeWriter writer)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
        patience.CancelAfter(call.Served.StreamPatience);
        try
        {
            var flushed = await writer.FlushAsync(patience.Token);
            if (flushed.IsCompleted || flushed.IsCanceled)
                throw new OperationCanceledException(ended.Token);
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            call.Http.Abort();
            throw;
        }

        return 0;
    }
}
