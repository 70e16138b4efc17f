using System.Text;
using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Ledger;

/// <summary>What the signer knows of one origin: the last checkpoint it signed, and its keys.</summary>
/// <remarks>
/// One file in the folder of the origin: the line <c>ringfence-signer/v1</c> with SHA-256 of what follows, and JSON. It is on the disk before a signature that
/// it stands for leaves the signer, so that no crash makes it forget.
/// </remarks>
internal sealed record SignerState(string Origin, long Size, Digest Root, byte[] Frontier, IReadOnlyList<SignerKey> Keys)
{
    private const string Head = "ringfence-signer/v1 ";

    /// <summary>Nothing signed yet.</summary>
    public static SignerState First(string origin, IReadOnlyList<SignerKey> keys) => new(origin, 0, TreeHash.EmptyRoot, [], keys);

    /// <summary>Keys of a use that sign.</summary>
    public IEnumerable<SignerKey> Signing(SignerUse use) => Keys.Where(key => key.Use == use && key.State == SignerKeyState.Active);

    /// <summary>Whether a name can be an origin here: it becomes the name of a folder, and stands in records.</summary>
    public static bool IsOrigin(string origin) => LeafText.Allows(origin) && origin.AsSpan().ContainsAnyInRange('a', 'z') && !origin.Contains("..", StringComparison.Ordinal);

    /// <summary>The folder of an origin: no two origins share one.</summary>
    public static string FolderOf(string origin) => Uri.EscapeDataString(origin);

    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes()
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("origin", Origin);
            writer.WriteNumber("size", Size);
            writer.WriteString("root", Root.ToBase64());
            writer.WriteBase64String("frontier", Frontier);
            writer.WriteStartArray("keys");
            foreach (var key in Keys)
            {
                writer.WriteStartObject();
                writer.WriteString("use", SignerKey.WordOf(key.Use));
                writer.WriteNumber("number", key.Number);
                writer.WriteString("state", Word(key.State));
                writer.WriteBase64String("spki", key.Spki);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        var body = json.ToArray();
        return [.. Encoding.ASCII.GetBytes(Head + TreeHash.Sha256(body) + "\n"), .. body];
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="SignerException"><c>state-damaged</c>: not what <see cref="ToBytes"/> writes.</exception>
    public static SignerState Read(string file, byte[] bytes)
    {
        var line = bytes.AsSpan().IndexOf((byte)'\n');
        try
        {
            if (line == Head.Length + 2 * Digest.Size && Encoding.ASCII.GetString(bytes, 0, line) is var head
                && head == Head + TreeHash.Sha256(bytes.AsSpan(line + 1)))
            {
                using var json = JsonDocument.Parse(bytes.AsMemory(line + 1), new JsonDocumentOptions { AllowDuplicateProperties = false });
                var root = json.RootElement;
                var state = new SignerState(
                    root.GetProperty("origin").GetString()!, root.GetProperty("size").GetInt64(), new Digest(root.GetProperty("root").GetBytesFromBase64()),
                    root.GetProperty("frontier").GetBytesFromBase64(), [.. root.GetProperty("keys").EnumerateArray().Select(KeyOf)]);
                if (new Frontier(state.Size, state.Frontier).Root == state.Root)
                    return state;
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Damaged(file, e);
        }

        throw Damaged(file, null);
    }

    /// <summary>Writes the file in the place of the one before, to the disk.</summary>
    public void Save(string file)
    {
        if (File.Exists(file))
            DurableFile.Replace(file, ToBytes());
        else
            DurableFile.Create(file, ToBytes());
    }

    /// <summary>A key as it stands in the file, and in answers.</summary>
    public static SignerKey KeyOf(JsonElement key) => new(
        key.GetProperty("use").GetString() switch
        {
            "log" => SignerUse.Log,
            "receipts" => SignerUse.Receipts,
            _ => throw new FormatException(),
        },
        key.GetProperty("number").GetInt32(),
        key.GetProperty("state").GetString() switch
        {
            "new" => SignerKeyState.New,
            "active" => SignerKeyState.Active,
            "retired" => SignerKeyState.Retired,
            _ => throw new FormatException(),
        },
        key.GetProperty("spki").GetBytesFromBase64());

    /// <summary>The word of a state.</summary>
    public static string Word(SignerKeyState state) => state switch
    {
        SignerKeyState.New => "new",
        SignerKeyState.Active => "active",
        SignerKeyState.Retired => "retired",
    };

    private static SignerException Damaged(string file, Exception? inner) => new(
        "state-damaged",
        $"What was signed before can't be read from {file}. Nothing more is signed for this origin until it is put back from its backup.", inner);
}
