using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Suppression;

/// <summary>A withdrawal that could not be put into the ledger yet.</summary>
/// <param name="Id">Makes it one and the same however often it is applied.</param>
/// <param name="Controller">The controller's word; null where there was only one.</param>
/// <param name="Point">E.164, or an address; empty where a link tells whose it is.</param>
/// <param name="Channels">Bits.</param>
/// <param name="Purposes">Null: every one.</param>
/// <param name="Way">How it came in.</param>
/// <param name="By">Who took it.</param>
/// <param name="Micros">When, in microseconds since 1970.</param>
/// <param name="Said">Who said it: <see cref="Ringfence.Gate.SuppressedBy"/>; the person, where it was kept before others could.</param>
/// <param name="Kind">What kind of no it is: <see cref="Ringfence.Gate.SuppressionKind"/>.</param>
/// <param name="Taker">What whoever took it is: <see cref="Ringfence.Ledger.ActorKind"/>; staff, where it was kept before others could.</param>
/// <param name="Link">By which it came; null: by none, and the number or address was told.</param>
/// <param name="AnswerVia">The channel on which whoever said it can be answered: <see cref="Ringfence.Channel"/>; null: none, or it was kept before this was asked.</param>
/// <param name="AnswerIn">In which language; null: nobody knows.</param>
internal sealed record SpooledWithdrawal(
    string Id, string? Controller, string Point, int Channels, IReadOnlyList<string>? Purposes, string Way, string By, long Micros, short Said = 0, short Kind = 0, short Taker = (short)Ringfence.Ledger.ActorKind.Staff, SpooledLink? Link = null, short? AnswerVia = null,
    string? AnswerIn = null);

/// <summary>Whose no it is, as the link says that it came by: a store that is away tells nobody's number.</summary>
/// <param name="Subject">The person, in hex.</param>
/// <param name="Point">The number or address that the link was sent to, in hex.</param>
internal sealed record SpooledLink(string Subject, string Point);

/// <summary>Withdrawals that came while the store could not be reached: kept on this machine, sealed, and applied before anything else once it can be reached again.</summary>
/// <remarks>
/// What is kept is not in force on other nodes, so it is not acknowledged; and while anything is kept, this node contacts nobody. A line for each: the key-encryption key, and in
/// base64url a key of its own, wrapped, and the withdrawal sealed by it. Every line is on the disk before <see cref="Keep"/> returns.
/// </remarks>
internal sealed class WithdrawalSpool(string path, KeyProvider keys)
{
    private const string Purpose = "ringfence/spool";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>What the file that is held while somebody writes is called beside the spool's own name.</summary>
    public const string LockSuffix = ".lock";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The file for a folder of data.</summary>
    public static string FileIn(string data) => Path.Combine(data, "withdrawals.spool");

    /// <summary>Whether nothing is kept.</summary>
    public static bool IsEmpty(string data) => new FileInfo(FileIn(data)) is { Exists: false } or { Length: 0 };

    /// <summary>Keeps withdrawals; on the disk when the call returns.</summary>
    public void Keep(params IReadOnlyList<SpooledWithdrawal> withdrawals)
    {
        var folder = Path.GetDirectoryName(path)!;
        DurableFile.MakeFolder(folder);
        using var alone = Hold();
        var isNew = !File.Exists(path);
        using var file = isNew ? DurableFile.CreateNew(path) : new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 0);
        // What a crash left of a line was never said to be kept; a line of its own begins after it.
        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.ASCII.GetBytes(string.Concat(withdrawals.Select(one => LineOf(Seal(one))))));
        file.Flush(flushToDisk: true);
        if (isNew)
            DurableFile.SyncFolder(folder);
    }

    /// <summary>Everything that is kept, in the order it came.</summary>
    /// <exception cref="KeysException">Code <c>unknown-kek</c>; or <c>damaged</c>: a whole line does not open. Somebody's no may be lost, so nobody is contacted until it is put back.</exception>
    public IReadOnlyList<SpooledWithdrawal> ReadAll() => [.. Lines().Select(static line => line.Kept)];

    /// <summary>Takes out what is in the ledger by now; what came meanwhile stays.</summary>
    public void Remove(IEnumerable<SpooledWithdrawal> applied)
    {
        using var alone = Hold();
        var gone = applied.Select(static one => one.Id).ToHashSet(StringComparer.Ordinal);
        var rest = string.Concat(Lines().Where(line => !gone.Contains(line.Kept.Id)).Select(static line => LineOf(line.Text)));
        DurableFile.Replace(path, Encoding.ASCII.GetBytes(rest));
    }

    private static string LineOf(string text) => "\n" + text + "\n";

    private List<(string Text, SpooledWithdrawal Kept)> Lines()
    {
        if (!File.Exists(path))
            return [];
        var lines = File.ReadAllText(path, Encoding.ASCII).Split('\n');
        var kept = new List<(string, SpooledWithdrawal)>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
                continue;
            if (Open(lines[i]) is { } withdrawal)
                kept.Add((lines[i], withdrawal));
            // The last line without an end is what a crash left.
            else if (i < lines.Length - 1 && !IsTorn(lines, i))
                throw KeysException.Damaged(path, i + 1);
        }

        return kept;
    }

    // Many may come at once, of this process and of others; beside the file, because that is replaced.
    private FileStream Hold()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = DurableFile.OwnerOnly;
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return new FileStream(path + LockSuffix, options);
            }
            catch (IOException) when (File.Exists(path + LockSuffix) && Stopwatch.GetElapsedTime(began) < Patience)
            {
                Thread.Sleep(5);
            }
        }
    }

    // A line is preceded by an empty one where the line before it was whole: each begins with a line feed of its own.
    private static bool IsTorn(string[] lines, int at) => at + 1 < lines.Length && lines[at + 1].Length > 0;

    private string Seal(SpooledWithdrawal withdrawal)
    {
        var kek = keys.Current;
        var plaintext = JsonSerializer.SerializeToUtf8Bytes(withdrawal, SpoolJson.Default.SpooledWithdrawal);
        var key = RandomNumberGenerator.GetBytes(Kek.Bytes);
        var wrapped = new byte[Kek.Bytes + Kek.Overhead];
        kek.Wrap(Purpose, key, wrapped);
        var sealedBytes = new byte[NonceBytes + plaintext.Length + TagBytes];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, NonceBytes));
        using (var cipher = new AesGcm(key, TagBytes))
            cipher.Encrypt(sealedBytes.AsSpan(0, NonceBytes), plaintext, sealedBytes.AsSpan(NonceBytes, plaintext.Length), sealedBytes.AsSpan(NonceBytes + plaintext.Length));
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(plaintext);
        return $"{kek.Kid} {Base64Url.EncodeToString(wrapped)} {Base64Url.EncodeToString(sealedBytes)}";
    }

    private SpooledWithdrawal? Open(string line)
    {
        var parts = line.Split(' ');
        if (parts.Length != 3 || !Kid.TryParse(parts[0], out var kid))
            return null;
        try
        {
            var key = new byte[Kek.Bytes];
            if (!keys.Get(kid).TryUnwrap(Purpose, Base64Url.DecodeFromChars(parts[1]), key))
                return null;
            var bytes = Base64Url.DecodeFromChars(parts[2]);
            var plaintext = new byte[bytes.Length - NonceBytes - TagBytes];
            using (var cipher = new AesGcm(key, TagBytes))
                cipher.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, plaintext.Length), bytes.AsSpan(NonceBytes + plaintext.Length), plaintext);
            return JsonSerializer.Deserialize(plaintext, SpoolJson.Default.SpooledWithdrawal);
        }
        catch (Exception e) when (e is FormatException or AuthenticationTagMismatchException or JsonException or OverflowException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(SpooledWithdrawal))]
internal sealed partial class SpoolJson : JsonSerializerContext;
