using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Hosting;

/// <summary>The API of this program, called from inside it: the same routes, scopes, limits and answers that callers from outside meet.</summary>
/// <param name="served">What is served.</param>
/// <param name="caller">In whose name.</param>
/// <param name="services">Where faults are logged.</param>
/// <param name="told">Where it is told how the caller stands with the limits; null: nowhere.</param>
internal sealed class ApiInside(Served served, Caller caller, IServiceProvider services, IHeaderDictionary? told = null) : IApi
{
    /// <summary>In whose name.</summary>
    public string Controller => caller.Ledger.Controller;

    public bool May(ApiScopes scope) => (caller.Scopes & scope) != 0;

    public async Task<ApiReply> CallAsync(string method, string path, JsonObject? body, string? key, CultureInfo language, CancellationToken cancel)
    {
        var (route, values) = Find(method, path);
        var http = new DefaultHttpContext { RequestServices = services, RequestAborted = cancel };
        http.Request.Method = method;
        // As it is: what a caller put into it need not be one that can be decoded.
        http.Request.Path = new PathString(ApiRoutes.Root + path);
        http.Request.RouteValues = values;
        var bytes = Encoding.UTF8.GetBytes(body?.ToJsonString() ?? "");
        // Some routes read it for themselves.
        (http.Request.ContentType, http.Request.ContentLength, http.Request.Body) = ("application/json", bytes.Length, new MemoryStream(bytes));
        if (key is not null)
            http.Request.Headers["Idempotency-Key"] = key;
        // The core says what it says in the language of whoever asks.
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = language;
        try
        {
            var answer = await ApiHost.AnswerAsync(http, route, language, async () =>
            {
                if (!May(route.Scope))
                    throw new ApiFault(StatusCodes.Status403Forbidden, "no-scope", null, ScopeWords.Of(route.Scope));
                await ApiHost.LimitAsync(served, caller, route.Scope, told ?? http.Response.Headers, cancel);
                await ApiHost.LookAsync(served, caller, route);
                return await route.Do(new ApiCall(served, http, caller, bytes, language));
            });
            cancel.ThrowIfCancellationRequested();
            return new ApiReply(answer!.Status, JsonDocument.Parse(answer.Bytes).RootElement);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private static (ApiRoute Route, RouteValueDictionary Values) Find(string method, string path)
    {
        var parts = path.Split('/');
        foreach (var route in ApiRoutes.All)
        {
            var wanted = route.Path.Split('/');
            if (route.Method != method || wanted.Length != parts.Length)
                continue;
            var values = new RouteValueDictionary();
            var fits = true;
            for (var i = 0; i < parts.Length && fits; i++)
            {
                if (wanted[i] is ['{', .. var name, '}'])
                    values[name] = Uri.UnescapeDataString(parts[i]);
                else
                    fits = wanted[i] == parts[i];
            }

            if (fits)
                return (route, values);
        }

        throw new ArgumentException("There is no such route.", nameof(path));
    }
}
