using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Bridges.Agi;

/// <summary>Answers an Asterisk server over FastAGI: permit, or hang up. Whatever goes wrong, nobody is called.</summary>
/// <param name="served">What is served.</param>
/// <param name="callers">Tells whether a key is still good.</param>
/// <param name="keys">The keys in whose name is asked, by controller.</param>
/// <param name="secret">What the dialplan has to know; null: nothing, for whoever can reach the port is let in.</param>
/// <param name="patience">How long a session may take altogether.</param>
/// <remarks>
/// Scripts: <c>CONTROLLER/CHANNEL[.TECHNIQUE]/PURPOSE[/REGION]</c> asks for leave and uses it, <c>CONTROLLER/outcome</c> says what came of a permit, <c>CONTROLLER/optout[/REGION]</c> records a no.
/// The first argument is the number or the permit, the second of an outcome the DIALSTATUS; the secret comes last, as <c>token=...</c>.
/// </remarks>
internal sealed class AgiDesk(Served served, Callers callers, IReadOnlyDictionary<string, string> keys, string? secret, TimeSpan patience, IServiceProvider services)
{
    private const string SecretMark = "token=";

    private const string HangUp = "HANGUP";

    /// <summary>Serves one connection.</summary>
    public async Task ServeAsync(ConnectionContext connection)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        end.CancelAfter(patience);
        try
        {
            var lines = new AgiLines(connection.Transport);
            if (await lines.UntilEmptyAsync(end.Token) is not { } said || AgiRequest.Read(said) is not { } request)
                return;
            await AnswerAsync(lines, request, end.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionResetException or ConnectionAbortedException or InvalidOperationException)
        {
            // Gone, or too slow. Without a verdict the dialplan calls nobody.
        }
    }

    private async Task AnswerAsync(AgiLines lines, AgiRequest request, CancellationToken cancel)
    {
        var api = await ApiAsync(request, cancel);
        if (api is null)
        {
            await RefuseAsync(lines, "no-access", cancel);
            return;
        }

        switch (request.Script)
        {
            case [_, "outcome"]:
                await DoneAsync(lines, await OutcomeAsync(api, request, cancel), cancel);
                break;
            case [_, "optout", .. var where]:
                await DoneAsync(lines, await OptOutAsync(api, request, where, cancel), cancel);
                break;
            case [_, var way, var purpose, .. var region] when region.Length <= 1 && way.Split('.') is [("voice" or "voice-auto") and var channel, .. var technique] && technique.Length <= 1:
                var asked = new JsonObject { ["to"] = NumberOf(request), ["channel"] = channel, ["purpose"] = purpose };
                if (technique.Length > 0)
                    asked["technique"] = technique[0];
                if (region.Length > 0)
                    asked["region"] = region[0];
                await PermitAsync(lines, api, asked, cancel);
                break;
            default:
                await RefuseAsync(lines, "bad-script", cancel);
                break;
        }
    }

    private static async Task PermitAsync(AgiLines lines, ApiInside api, JsonObject asked, CancellationToken cancel)
    {
        var issued = await CallAsync(api, "permits", asked, cancel);
        if (issued.Text("permit") is not { } permit)
        {
            await RefuseAsync(lines, issued.IsDone ? ReasonOf(issued) : issued.Text("code") ?? "no-answer", cancel, issued.Text("verdict"));
            return;
        }

        var redeemed = await CallAsync(api, $"permits/{permit}/redeem", null, cancel);
        if (!redeemed.IsDone)
        {
            await RefuseAsync(lines, redeemed.Text("code") ?? "no-answer", cancel);
            return;
        }

        var isTold = false;
        try
        {
            // The verdict comes last: whoever reads it knows that the rest is there.
            isTold = await lines.SetAsync("RINGFENCE_PERMIT", permit, cancel) && await lines.SetAsync("RINGFENCE_REASON", "", cancel) && await lines.SetAsync("RINGFENCE_VERDICT", "permitted", cancel);
        }
        finally
        {
            // The channel is gone and nobody will be called.
            if (!isTold)
                await CallAsync(api, $"permits/{permit}/outcome", new JsonObject { ["outcome"] = "failed" }, CancellationToken.None);
        }

        if (!isTold)
            await lines.DoAsync(HangUp, cancel);
    }

    private static Task<ApiReply> OutcomeAsync(ApiInside api, AgiRequest request, CancellationToken cancel) => request.Arguments is [var permit, var status, ..]
        ? CallAsync(api, $"permits/{Uri.EscapeDataString(permit)}/outcome", new JsonObject { ["outcome"] = OutcomeOf(status) }, cancel)
        : Task.FromResult(ApiReply.Silence);

    private static Task<ApiReply> OptOutAsync(ApiInside api, AgiRequest request, string[] region, CancellationToken cancel)
    {
        var said = new JsonObject { ["to"] = NumberOf(request), ["way"] = "call" };
        if (region.Length > 0)
            said["region"] = region[0];
        return CallAsync(api, "withdrawals", said, cancel);
    }

    // Source: https://docs.asterisk.org, application Dial, DIALSTATUS.
    private static string OutcomeOf(string status) => status switch
    {
        "ANSWER" => "answered",
        "BUSY" => "busy",
        // Rang, and our side may have given up first: nobody was left hanging on.
        "NOANSWER" or "CANCEL" => "no-answer",
        _ => "failed",
    };

    private static async Task DoneAsync(AgiLines lines, ApiReply reply, CancellationToken cancel)
    {
        await lines.SetAsync("RINGFENCE_REASON", reply.IsDone ? "" : reply.Text("code") ?? "no-answer", cancel);
        await lines.SetAsync("RINGFENCE_DONE", reply.IsDone ? "yes" : "no", cancel);
    }

    private static async Task RefuseAsync(AgiLines lines, string reason, CancellationToken cancel, string? verdict = null)
    {
        await lines.SetAsync("RINGFENCE_VERDICT", verdict == "deferred" ? verdict : "refused", cancel);
        await lines.SetAsync("RINGFENCE_REASON", reason, cancel);
        await lines.DoAsync($"VERBOSE \"Ringfence: not permitted ({reason})\" 3", cancel);
        await lines.DoAsync(HangUp, cancel);
    }

    private static string ReasonOf(ApiReply issued) =>
        issued.Json.TryGetProperty("reasons", out var reasons) && reasons.GetArrayLength() > 0 ? reasons[0].GetProperty("code").GetString()! : "refused";

    private static string NumberOf(AgiRequest request) => request.Arguments is [{ Length: > 0 } first, ..] && !first.StartsWith(SecretMark, StringComparison.Ordinal) ? first : request.Extension;

    private static Task<ApiReply> CallAsync(ApiInside api, string path, JsonObject? body, CancellationToken cancel) => api.CallAsync("POST", path, body, null, CultureInfo.InvariantCulture, cancel);

    private async Task<ApiInside?> ApiAsync(AgiRequest request, CancellationToken cancel)
    {
        if (secret is not null)
        {
            var shown = request.Arguments is [.., var last] && last.StartsWith(SecretMark, StringComparison.Ordinal) ? last[SecretMark.Length..] : "";
            if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(secret))))
                return null;
        }

        if (!keys.TryGetValue(request.Script[0], out var key))
            return null;
        try
        {
            return await callers.FindAsync("Bearer " + key, mayBeOld: request.Script is [_, "optout", ..], cancel) is { } caller ? new ApiInside(served, caller, services) : null;
        }
        catch (Storage.StoreException)
        {
            // Nobody can tell now.
            return null;
        }
    }
}
