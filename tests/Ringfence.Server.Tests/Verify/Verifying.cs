using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ringfence.Verify;

namespace Ringfence.Server.Tests.Verify;

/// <summary>The verifier as it is run, on files in a folder that is taken away after.</summary>
internal sealed class Verifying : IDisposable
{
    private static readonly JsonSerializerOptions Plainly = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string folder = Directory.CreateTempSubdirectory("ringfence-verify-").FullName;

    public string Path(string name) => System.IO.Path.Combine(folder, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(name))!);
        File.WriteAllBytes(Path(name), bytes);
        return Path(name);
    }

    /// <summary>Runs it: the exit code, all that was printed, and the last line as JSON.</summary>
    public static (int Exit, string Output, JsonElement Line) Run(params string[] words)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var exit = Verification.Run(words, output, _ => null);
        var last = output.ToString().TrimEnd('\n').Split('\n')[^1];
        using var line = JsonDocument.Parse(last);
        Xunit.Assert.Equal(exit, line.RootElement.GetProperty("exit").GetInt32());
        return (exit, output.ToString(), line.RootElement.Clone());
    }

    /// <summary>What failed, as <c>check/why</c>.</summary>
    public static string[] Failed(JsonElement line) =>
        [.. line.GetProperty("failed").EnumerateArray().Select(fault => $"{fault.GetProperty("check").GetString()}/{fault.GetProperty("why").GetString()}")];

    public void Dispose() => Directory.Delete(folder, true);

    /// <summary>The exit code for a bundle, without files: what the command does, ten thousand times.</summary>
    public static int Exit(Auditor auditor, byte[] bundle, bool receipt = false)
    {
        var report = new Report();
        try
        {
            if (receipt)
                new ReceiptCheck(auditor, report).Check(ReceiptFile.Read(bundle, ""));
            else
                new EvidenceCheck(auditor, report).Check(BundleFile.Read(bundle, ""));
        }
        catch (UnusableException unusable)
        {
            report.Unusable = unusable;
        }

        return (int)report.Result;
    }

    public static Auditor Auditor(string policy, ForgedAuthority? authority = null, params string[] held) => new(
        Policy.Read(Encoding.UTF8.GetBytes(policy), "policy"),
        new TimestampAuthorities(authority is null ? [] : [authority.Root]),
        [.. held.Select(note => (Checkpoint.Read(note)!, "held"))]);

    public static byte[] Bytes(JsonNode json) => JsonSerializer.SerializeToUtf8Bytes(json, Plainly);
}
