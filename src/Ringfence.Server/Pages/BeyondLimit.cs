using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Ringfence.Server.Hosting;

namespace Ringfence.Server.Pages;

/// <summary>What whoever comes too often is told: drawn once in each language, and sent as it is. Nothing of the request stands in it.</summary>
internal sealed class BusyPages(Served served)
{
    private readonly ConcurrentDictionary<string, Task<byte[]>> pages = new(StringComparer.Ordinal);

    /// <summary>Sends it.</summary>
    public async Task SendAsync(HttpContext http, string language)
    {
        var response = http.Response;
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        response.Headers.RetryAfter = PublicSources.RetryAfter;
        response.ContentType = "text/html; charset=utf-8";
        var bytes = await pages.GetOrAdd(language, DrawAsync);
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    // Of a request that nobody made: its path is empty, so that the links to other languages lead to where they are.
    private async Task<byte[]> DrawAsync(string language)
    {
        var words = PageCall.WordsOf(language);
        var call = new PageCall(served, new DefaultHttpContext(), PublicRoutes.All[0], null, null, "", words);
        return await PageHost.FaultAsync(call, new PageFault(StatusCodes.Status429TooManyRequests, "too-often")) is PageAnswer.Html page ? Encoding.UTF8.GetBytes(page.Text) : throw new InvalidOperationException("A fault is a page.");
    }
}

/// <summary>Hears the noes of sources that come too often: all of them, one after another, with a rest between. So a flood of them gets no more than a quarter of one core, and leaves the ledger to others. Safe for many threads.</summary>
internal sealed class LateNoes : IDisposable
{
    private const int RestsAfter = 3;

    // Shorter ones are put together: no clock wakes anybody earlier.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(4);

    private readonly SemaphoreSlim turn = new(1, 1);
    private TimeSpan owed;

    /// <summary>Hears one when its turn comes; whoever has hung up by then is not waited for.</summary>
    public async Task HearAsync(Func<Task> serve, CancellationToken gone)
    {
        try
        {
            await turn.WaitAsync(gone);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            var began = Stopwatch.GetTimestamp();
            await serve();
            owed += Stopwatch.GetElapsedTime(began) * RestsAfter;
            if (owed < Shortest)
                return;
            // Whoever was heard has their answer already.
            var rest = owed;
            owed = TimeSpan.Zero;
            await Task.Delay(rest, CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();
}
