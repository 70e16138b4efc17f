using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ringfence.Server.Storage;

/// <summary>One file of a backup.</summary>
/// <param name="Path">From the folder of the backup, with slashes.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its digest, hex.</param>
internal sealed record BackupFile(string Path, long Bytes, string Sha256);

/// <summary>How far one ledger was when the backup was taken.</summary>
/// <param name="Origin">Origin of its checkpoints.</param>
/// <param name="Size">Signed records that the backup holds at least.</param>
/// <param name="Root">Root over them, hex.</param>
internal sealed record BackupLedger(string Origin, long Size, string Root);

/// <summary>What a backup consists of: <c>backup.json</c> in its folder, written last.</summary>
/// <param name="Format"><c>ringfence/backup/v1</c>.</param>
/// <param name="MadeAt">When, ISO 8601.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Store"><c>sqlite</c> or <c>postgres</c>.</param>
/// <param name="Keyring">Id of the keyring that belongs to it.</param>
/// <param name="Ledgers">The ledgers in it.</param>
/// <param name="Files">Its files.</param>
/// <param name="Sha256">The digest of this file with nothing in the place of the digest, hex.</param>
internal sealed record BackupManifest(
    string Format, string MadeAt, string Version, string Store, string Keyring, IReadOnlyList<BackupLedger> Ledgers, IReadOnlyList<BackupFile> Files, string Sha256 = "")
{
    public const string Name = "backup.json";
    public const string CurrentFormat = "ringfence/backup/v1";
    public const string SqliteFile = "data/ringfence.db";
    public const string PostgresFile = "data/ringfence.dump";
    public const string KeyringFile = "keyring/keyring.db";
    public const string KeyringDump = "keyring/keyring.dump";
    public const string JournalFile = "erasures/erasures.journal";
    public const string BlockedFile = "erasures/erasures.blocked";
    public const string ProofsFolder = "erasures/proofs";

    /// <summary>The file as it is written.</summary>
    public byte[] ToBytes() => Bytes(this with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(Bytes(this with { Sha256 = "" }))) });

    /// <summary>Reads the manifest of a folder and sees that every file is there and is what it was.</summary>
    /// <exception cref="BackupException">It is no backup, or not whole.</exception>
    public static async Task<BackupManifest> ReadAsync(string folder, CancellationToken cancel)
    {
        var file = Path.Combine(folder, Name);
        if (!File.Exists(file))
            throw new BackupException("no-backup", folder);
        var bytes = await File.ReadAllBytesAsync(file, cancel);
        BackupManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(bytes, BackupJson.Default.BackupManifest)!;
        }
        catch (JsonException e)
        {
            throw new BackupException("altered", Name, e);
        }

        if (manifest is null || !manifest.ToBytes().AsSpan().SequenceEqual(bytes))
            throw new BackupException("altered", Name);
        if (manifest.Format != CurrentFormat)
            throw new BackupException("other-format", manifest.Format);
        foreach (var one in manifest.Files)
        {
            if (one.Path.Split('/').Any(static part => part is "" or "." or "..") || Path.IsPathRooted(one.Path))
                throw new BackupException("altered", one.Path);
            var path = Path.Combine(folder, one.Path);
            if (!File.Exists(path))
                throw new BackupException("missing", one.Path);
            if (new FileInfo(path).Length != one.Bytes || await DigestAsync(path, cancel) != one.Sha256)
                throw new BackupException("altered", one.Path);
        }

        return manifest;
    }

    /// <summary>The entry of a file.</summary>
    public static async Task<BackupFile> FileAsync(string folder, string path, CancellationToken cancel)
    {
        var full = Path.Combine(folder, path);
        return new BackupFile(path, new FileInfo(full).Length, await DigestAsync(full, cancel));
    }

    private static byte[] Bytes(BackupManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, BackupJson.Default.BackupManifest);

    private static async Task<string> DigestAsync(string path, CancellationToken cancel)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }
}

/// <summary>A backup that can't be taken or put back.</summary>
/// <param name="code">
/// <c>no-backup</c> (folder), <c>other-format</c> (its name), <c>missing</c> (file), <c>altered</c> (file), <c>not-empty</c> (folder or database), <c>other-store</c> (kind),
/// <c>other-keyring-store</c> (kind), <c>no-keys</c> (file), <c>other-keyring</c> (id), <c>signed-missing</c> (ledger and sizes), <c>ledger-missing</c> (ledger), <c>forked</c> (ledger),
/// <c>no-tool</c> (what), <c>no-access</c> (database), <c>keys-inside</c> (folder), <c>busy</c> (folder), <c>half-restored</c> (folder).
/// </param>
/// <param name="what">What it is about.</param>
/// <param name="inner">What was wrong with it.</param>
internal sealed class BackupException(string code, string what, Exception? inner = null) : Exception($"The backup can't be used: {code}, {what}.", inner)
{
    public string Code { get; } = code;

    public string What { get; } = what;

    /// <summary>Databases that hold what was put back by then and that nobody can write to: to be dropped before another try. Empty: nothing is left behind.</summary>
    public string Left { get; init; } = "";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
