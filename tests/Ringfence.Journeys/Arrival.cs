using System.Diagnostics;
using System.IO.Enumeration;
using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>Getting from one page to the next.</summary>
internal static class Arrival
{
    private const int Patience = 30_000;
    private const int Pause = 50;

    /// <summary>Waits until the browser is at an address, such as <c>**/overview</c>, and all of the page is there.</summary>
    public static Task ArriveAsync(this IPage page, string address, int patience = Patience) => page.ArriveAsync(url => FileSystemName.MatchesSimpleExpression(address, url), patience);

    /// <summary>The same for an address that is one of some.</summary>
    /// <remarks>The page itself is asked: where a machine has much to do, word of where it went, and that it has loaded, gets lost on its way.</remarks>
    public static async Task ArriveAsync(this IPage page, Func<string, bool> isIt, int patience = Patience)
    {
        for (var began = Stopwatch.StartNew(); began.ElapsedMilliseconds < patience; await Task.Delay(Pause, TestContext.Current.CancellationToken))
        {
            try
            {
                if (await page.EvaluateAsync<string?>("document.readyState === 'complete' ? location.href : null") is { } url && isIt(url))
                    return;
            }
            catch (PlaywrightException) when (!page.IsClosed)
            {
                // It leads on to another.
            }
        }

        throw new TimeoutException(page.Url + " is not it, or not all there");
    }
}
