using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Webhooks;

/// <summary>How the reference shows that a message is checked takes what is signed, and nothing else: each language is run.</summary>
public sealed partial class WebhookReferenceTests
{
    private const string Id = "msg_018f3c5a9b7e4d21a6c0f2e84b91d733";
    private const long Now = 1_772_559_000;

    private static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(static n => (byte)n)];
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"type":"consent.withdrawn","data":{"contact":"é"}}""");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Each with whether it is genuine.
    private static IEnumerable<(string Id, string Timestamp, string Signatures, byte[] Body, bool Genuine)> Messages()
    {
        var good = WebhookSignature.Sign([Secret], Id, Now, Body);
        yield return (Id, $"{Now}", good, Body, true);
        yield return (Id, $"{Now}", WebhookSignature.Sign([new byte[32], Secret], Id, Now, Body), Body, true);
        yield return (Id, $"{Now - 299}", WebhookSignature.Sign([Secret], Id, Now - 299, Body), Body, true);
        yield return (Id, $"{Now - 301}", WebhookSignature.Sign([Secret], Id, Now - 301, Body), Body, false);
        yield return (Id, $"{Now + 301}", WebhookSignature.Sign([Secret], Id, Now + 301, Body), Body, false);
        yield return (Id, $"{Now}", WebhookSignature.Sign([new byte[32]], Id, Now, Body), Body, false);
        yield return (Id, $"{Now + 1}", good, Body, false);
        yield return (Id + "x", $"{Now}", good, Body, false);
        yield return (Id, $"{Now}", good, [.. Body, (byte)' '], false);
        yield return (Id, $"{Now}", good[3..], Body, false);
        yield return (Id, $"{Now}", "v1a" + good[2..], Body, false);
        yield return (Id, $"{Now}", "", Body, false);
        yield return (Id, "soon", good, Body, false);
        yield return (Id, "", good, Body, false);
    }

    [Fact]
    public void CSharp_takes_what_is_signed_and_nothing_else()
    {
        // What is shown is what is run here.
        var own = File.ReadAllText(Path.Combine(Root(), "tests/Ringfence.Server.Tests/Webhooks/WebhookReferenceTests.cs"));
        Assert.Contains(Squeezed(Block("csharp").Replace("static bool", "private static bool", StringComparison.Ordinal)), Squeezed(own), StringComparison.Ordinal);
        foreach (var (id, timestamp, signatures, body, genuine) in Messages())
            Assert.Equal(genuine, IsGenuine(Secret, id, timestamp, signatures, body, DateTimeOffset.FromUnixTimeSeconds(Now)));
    }

    [Fact]
    public async Task Python_takes_what_is_signed_and_nothing_else() => await RunAsync(
        "python3", ["-"], Block("python") + "\nfor one in CASES:\n    print(str(is_genuine(*one)).lower())\n",
        static (id, timestamp, signatures, body) => $"(base64.b64decode('{Convert.ToBase64String(Secret)}'), '{id}', '{timestamp}', '{signatures}', base64.b64decode('{Convert.ToBase64String(body)}'), {Now})",
        static (block, cases) => $"import base64\nCASES = [{string.Join(",\n", cases)}]\n{block}");

    [Fact]
    public async Task JavaScript_takes_what_is_signed_and_nothing_else() => await RunAsync(
        "node", ["-"], Block("javascript") + "\nfor (const one of CASES) console.log(String(isGenuine(...one)));\n",
        static (id, timestamp, signatures, body) => $"[Buffer.from('{Convert.ToBase64String(Secret)}', 'base64'), '{id}', '{timestamp}', '{signatures}', Buffer.from('{Convert.ToBase64String(body)}', 'base64'), {Now}]",
        static (block, cases) => $"const CASES = [{string.Join(",\n", cases)}];\n{block}");

    private static async Task RunAsync(string program, string[] arguments, string block, Func<string, string, string, byte[], string> write, Func<string, IEnumerable<string>, string> script)
    {
        var messages = Messages().ToArray();
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"There is no {program} here.");
        }

        using (process)
        {
            await process!.StandardInput.WriteAsync(script(block, messages.Select(one => write(one.Id, one.Timestamp, one.Signatures, one.Body))));
            process.StandardInput.Close();
            var (said, complained) = (await process.StandardOutput.ReadToEndAsync(Cancel), await process.StandardError.ReadToEndAsync(Cancel));
            Assert.True(complained.Length == 0, complained);
            Assert.Equal(messages.Select(static one => one.Genuine ? "true" : "false"), said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
    }

    private static bool IsGenuine(byte[] secret, string id, string timestamp, string signatures, byte[] body, DateTimeOffset now)
    {
        if (!long.TryParse(timestamp, out var sent) || Math.Abs(now.ToUnixTimeSeconds() - (decimal)sent) > 300)
            return false;
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var own = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed)));
        return signatures.Split(' ').Any(one => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), own));
    }

    private static string Block(string language)
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs/reference/webhooks.md"));
        var start = text.IndexOf($"```{language}\n", StringComparison.Ordinal) + language.Length + 4;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ringfence.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    private static string Squeezed(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}
