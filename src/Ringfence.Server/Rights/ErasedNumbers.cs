using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Rights;

/// <summary>What is kept of one number of an erased person: its keyed hash, and no way back to it.</summary>
/// <param name="Controller">The controller's word.</param>
/// <param name="Sid">The person.</param>
/// <param name="Tag">The keyed hash, base64url.</param>
/// <param name="Chain">How many keys it went through.</param>
/// <param name="Channels">Bits of the channels that reach it.</param>
internal sealed record ErasedNumber(string Controller, string Sid, string Tag, short Chain, int Channels)
{
    [JsonIgnore]
    public byte[] TagBytes => Base64Url.DecodeFromChars(Tag);
}

/// <summary>The blocked numbers of erased people, beside the erasure journal: an old backup of the data knows nothing of their erasure, and nobody could tell any more which numbers were theirs.</summary>
/// <remarks>Sealed by a key of its own from the keyring; a line for each number, on the disk before <see cref="Add"/> returns.</remarks>
internal sealed class ErasedNumbers(string path, SecretKey key)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Those of an installation.</summary>
    public static async Task<ErasedNumbers> OpenAsync(KeysFolder keys, Keyring keyring, CancellationToken cancel) => new(keys.Blocked, await keyring.ErasedKeyAsync(cancel));

    /// <summary>Keeps some.</summary>
    public void Add(IEnumerable<ErasedNumber> numbers)
    {
        var lines = new StringBuilder();
        foreach (var number in numbers)
            lines.Append('\n').Append(Seal(number)).Append('\n');
        if (lines.Length == 0)
            return;
        var folder = Path.GetDirectoryName(path)!;
        DurableFile.MakeFolder(folder);
        var isNew = !File.Exists(path);
        using var file = isNew ? DurableFile.CreateNew(path) : new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0);
        // What a crash left of a line was of an erasure that had not begun; a line of its own begins after it.
        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.ASCII.GetBytes(lines.ToString()));
        file.Flush(flushToDisk: true);
        if (isNew)
            DurableFile.SyncFolder(folder);
    }

    /// <summary>All of them by person. What a crash left of a line is passed over.</summary>
    public ILookup<OpaqueId, ErasedNumber> ReadAll() =>
        Lines().Select(Open).OfType<ErasedNumber>().Distinct().ToLookup(static number => OpaqueId.TryParse(number.Sid, out var sid) ? sid : default);

    /// <summary>How many lines can't be opened.</summary>
    public int CountUnreadable() => Lines().Count(line => Open(line) is null);

    private IEnumerable<string> Lines() => (File.Exists(path) ? File.ReadAllLines(path, Encoding.Latin1) : []).Where(static line => line.Length > 0);

    private string Seal(ErasedNumber number)
    {
        var plaintext = JsonSerializer.SerializeToUtf8Bytes(number, ErasedNumberJson.Default.ErasedNumber);
        var bytes = new byte[NonceBytes + plaintext.Length + TagBytes];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, NonceBytes));
        using var cipher = Cipher();
        cipher.Encrypt(bytes.AsSpan(0, NonceBytes), plaintext, bytes.AsSpan(NonceBytes, plaintext.Length), bytes.AsSpan(NonceBytes + plaintext.Length));
        return Base64Url.EncodeToString(bytes);
    }

    private ErasedNumber? Open(string line)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(line);
            var plaintext = new byte[bytes.Length - NonceBytes - TagBytes];
            using var cipher = Cipher();
            cipher.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, plaintext.Length), bytes.AsSpan(NonceBytes + plaintext.Length), plaintext);
            return JsonSerializer.Deserialize(plaintext, ErasedNumberJson.Default.ErasedNumber);
        }
        catch (Exception e) when (e is FormatException or AuthenticationTagMismatchException or JsonException or OverflowException)
        {
            return null;
        }
    }

    private AesGcm Cipher()
    {
        var field = key.Mac("ringfence/erased/v1", "");
        var cipher = new AesGcm(field, TagBytes);
        CryptographicOperations.ZeroMemory(field);
        return cipher;
    }
}

[JsonSerializable(typeof(ErasedNumber))]
internal sealed partial class ErasedNumberJson : JsonSerializerContext;
