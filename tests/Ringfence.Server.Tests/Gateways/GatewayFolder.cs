using System.Text.Json;
using Ringfence.Server.Gateways;

namespace Ringfence.Server.Tests.Gateways;

/// <summary>A file of gateways in a folder of its own, with what they write there.</summary>
internal sealed class GatewayFolder : IDisposable
{
    public const string Secret = "a-secret-that-nobody-guesses";
    public const string Verify = "another-secret-of-this-test";

    public const string Files = """
        format: ringfence/channels/v1
        gateways:
          - { name: files, kind: file, folder: out }

        """;

    private readonly string folder = Directory.CreateTempSubdirectory("rf-gateways-").FullName;

    public string Out => Path.Combine(folder, "out");

    public GatewaySet Open(string yaml, TimeProvider? time = null, Uri? address = null)
    {
        var file = Path.Combine(folder, "channels.yaml");
        File.WriteAllText(file, yaml);
        return GatewaySet.Open(file, static name => name switch { "IN" => Secret, "VERIFY" => Verify, "PASSWORD" => "p", _ => null }, time ?? TimeProvider.System, address);
    }

    /// <summary>Every message that was written, the newest last.</summary>
    public IReadOnlyList<JsonElement> Messages() => !Directory.Exists(Out) ? [] :
        [.. new DirectoryInfo(Out).GetFiles("*.json").OrderBy(static file => file.LastWriteTimeUtc).Select(static file => JsonDocument.Parse(File.ReadAllBytes(file.FullName)).RootElement)];

    /// <summary>How many went out.</summary>
    public int Count() => Directory.Exists(Out) ? Directory.EnumerateFiles(Out, "*.json").Count() : 0;

    /// <summary>The code that went to a number or address last.</summary>
    public string CodeTo(string point) => Messages().Last(message => message.GetProperty("to").GetString() == point).GetProperty("code").GetString()!;

    public void Clear()
    {
        if (Directory.Exists(Out))
            Directory.Delete(Out, recursive: true);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
