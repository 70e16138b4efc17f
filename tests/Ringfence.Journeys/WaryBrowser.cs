using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>A browser that tells of every text that became more than a text: what ran, what was fetched from elsewhere, what stands in a page and is not of the house. It heeds no policy that a page brings: each page has to be harmless without one.</summary>
internal sealed partial class WaryBrowser : IAsyncDisposable
{
    // What the policy of a page is worth is known by its words; that it is heeded is the browser's business.
    private const string NoPolicy = "unsafe-";

    // Faults, links, and all that can be read. Only what the house itself writes is let pass: no element that runs or fetches something, no attribute that listens, no address of another kind.
    private const string Look = """
        () => {
          const faults = [], texts = [document.title, document.body.textContent], here = location.origin;
          const foreign = new Set(['x-pwn', 'iframe', 'frame', 'base', 'object', 'embed', 'applet', 'math', 'mtext', 'video', 'audio', 'style', 'marquee', 'portal']);
          for (const e of document.querySelectorAll('*')) {
            const tell = why => faults.push(`${location.pathname} ${why}: ${e.cloneNode(false).outerHTML.slice(0, 200)}`);
            if (foreign.has(e.localName)) tell('element');
            if (e.localName === 'script' && (!e.src || new URL(e.src).origin !== here || !new URL(e.src).pathname.startsWith('/assets/'))) tell('script');
            if (e.localName === 'link' && new URL(e.href).protocol !== 'data:' && new URL(e.href).origin !== here) tell('link');
            if (e.localName === 'meta' && e.httpEquiv) tell('meta');
            for (const a of e.attributes) {
              texts.push(a.value);
              if (/^on|pwn|srcdoc|["'<`=]/i.test(a.name)) tell('attribute ' + a.name);
              if (!/^(href|src|action|formaction|data|poster|background|ping|srcset|xlink:href|cite|manifest)$/.test(a.name)) continue;
              let to = null;
              try { to = new URL(a.value, document.baseURI); } catch { continue; }
              if (!['http:', 'https:', 'mailto:', 'tel:'].includes(to.protocol) && !(e.localName === 'link' && a.value === 'data:,') || to.host.includes('pwn')) tell('address');
              if (a.name.endsWith('action') && to.origin !== here) tell('form');
            }
          }
          for (const e of document.querySelectorAll('textarea, input')) texts.push(e.value);
          const links = [...document.querySelectorAll('a[href]')].filter(a => a.origin === here && !a.hasAttribute('download')).map(a => a.pathname + a.search);
          return [faults, links, texts.filter(text => /~|pwn/i.test(text))];
        }
        """;

    // As a page of the staff would send it: what it carries to show that it is one comes first; a page that tells of a fault has none.
    private const string Send = """
        ([path, fields, file]) => {
          document.documentElement.dataset.left = 'yes';
          const form = Object.assign(document.createElement('form'), { method: 'post', action: path, enctype: file ? 'multipart/form-data' : 'application/x-www-form-urlencoded' });
          const token = document.querySelector('input[name=_t]')?.value ?? sessionStorage.getItem('token');
          sessionStorage.setItem('token', token);
          for (const [name, value] of [['_t', token], ...fields])
            form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
          if (file) {
            const chosen = new DataTransfer();
            chosen.items.add(new File([file[2]], file[1]));
            form.append(Object.assign(document.createElement('input'), { type: 'file', name: file[0], files: chosen.files }));
          }
          document.body.append(form);
          setTimeout(() => form.submit());
        }
        """;

    private readonly IBrowserContext context;
    private readonly string root;
    private readonly List<string> faults = [];
    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private int status;

    private WaryBrowser(IBrowserContext context, IPage page, string root) => (this.context, Page, this.root) = (context, page, root);

    public IPage Page { get; }

    /// <summary>Pages looked at.</summary>
    public int Looked { get; private set; }

    /// <summary>What was found; nothing, where all is well.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (faults)
                return [.. faults];
        }
    }

    public static async Task<WaryBrowser> OpenAsync(Browser browser, string root, string device)
    {
        var context = await browser.NewAsync(new() { BypassCSP = true, UserAgent = device, Locale = "en", ViewportSize = new() { Width = 1280, Height = 900 } });
        var wary = new WaryBrowser(context, await context.NewPageAsync(), root);
        await context.ExposeBindingAsync("pwn", (BindingSource source) => wary.Tell($"{source.Page?.Url}: something ran"));
        context.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(root + "/", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                wary.Tell($"{request.Frame.Url} fetches {request.Url}");
        };
        context.Response += (_, response) =>
        {
            if (response.Request.ResourceType != "document" || response.Status is >= 300 and < 400)
                return;
            wary.status = response.Status;
            if (!response.Headers.TryGetValue("content-security-policy", out var policy) || policy.Contains(NoPolicy, StringComparison.Ordinal) || !policy.Contains("default-src", StringComparison.Ordinal))
                wary.Tell($"{response.Url} has no policy");
        };
        return wary;
    }

    /// <summary>Goes to a page, and looks at it.</summary>
    /// <returns>Where its links lead within the house.</returns>
    public async Task<IReadOnlyList<string>> GoAsync(string path)
    {
        // What goes on by itself as it is left gives no answer the first time.
        var answer = await Page.GotoAsync(root + path) ?? await Page.GotoAsync(root + path);
        Assert.True(answer?.Status < 500, $"{path}: {answer?.Status}");
        return await LookAsync();
    }

    /// <summary>Sends a form of the staff, and looks at the page that answers.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="fields">What is written into it.</param>
    /// <param name="file">A file: its field, its name, its content.</param>
    /// <param name="isRefused">Whether the page is to say what is wrong with it.</param>
    public async Task SendAsync(string path, (string Name, string Value)[] fields, (string Field, string Name, string Text)? file = null, bool isRefused = false)
    {
        await Page.EvaluateAsync(Send, new object?[] { path, fields.Select(static field => new[] { field.Name, field.Value }).ToArray(), file is { } one ? new[] { one.Field, one.Name, one.Text } : null });
        await Page.WaitForSelectorAsync("html:not([data-left])", new() { State = WaitForSelectorState.Attached });
        await Page.ArriveAsync(static _ => true);
        Assert.True(isRefused == status is >= 400 and < 500, $"{path}: {status} {await Page.InnerTextAsync("main")}");
        await LookAsync();
    }

    /// <summary>Presses something that leads to another page, and looks at that.</summary>
    public async Task PressAsync(string selector)
    {
        await Page.EvaluateAsync("document.documentElement.dataset.left = 'yes'");
        await Page.ClickAsync(selector);
        await Page.WaitForSelectorAsync("html:not([data-left])", new() { State = WaitForSelectorState.Attached });
        await Page.ArriveAsync(static _ => true);
        await LookAsync();
    }

    /// <summary>Looks at the page as it stands.</summary>
    public async Task<IReadOnlyList<string>> LookAsync()
    {
        var seen = await Page.EvaluateAsync<string[][]>(Look);
        foreach (var fault in seen[0])
            Tell(fault);
        read.UnionWith(seen[2]);
        Looked++;
        return seen[1];
    }

    /// <summary>Goes to every page that links lead to; of pages that differ only in what is asked for, to some.</summary>
    public async Task WalkAsync(int alikeMost, params IEnumerable<string> from)
    {
        var (queue, seen, alike) = (new Queue<string>(from), new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        while (queue.TryDequeue(out var path))
        {
            var kind = Numbers().Replace(Rule().Replace(path.Split('?')[0], "/rules/of/#"), "#");
            // What is told as it happens has no end, and a file is no page.
            if (!seen.Add(path) || kind.Contains("/assets/", StringComparison.Ordinal) || NoPage().IsMatch(kind) || (alike[kind] = alike.GetValueOrDefault(kind) + 1) > alikeMost)
                continue;
            foreach (var next in await GoAsync(path))
                queue.Enqueue(next);
        }
    }

    /// <summary>Whether a text stood anywhere to be read.</summary>
    public bool HasRead(string text) => read.Any(one => one.Contains(text, StringComparison.OrdinalIgnoreCase));

    public async ValueTask DisposeAsync() => await context.CloseAsync();

    private void Tell(string fault)
    {
        lock (faults)
            faults.Add(fault);
    }

    [GeneratedRegex("[0-9a-f-]{6,}|[0-9]+")]
    private static partial Regex Numbers();

    [GeneratedRegex("/rules/of/[^/]+")]
    private static partial Regex Rule();

    [GeneratedRegex("/(bundle|live|events|progress)$")]
    private static partial Regex NoPage();
}
