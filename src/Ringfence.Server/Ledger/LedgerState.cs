using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>How a ledger stands: whether it may be relied on, how far it is signed, and who outside vouches for it.</summary>
/// <param name="Ledger">Which.</param>
/// <param name="Standing">Whether it may be relied on.</param>
/// <param name="Root">The root of its tree.</param>
/// <param name="Checkpoint">The newest signed checkpoint; null: none was signed.</param>
/// <param name="Keys">The keys that sign it; empty where the signer can't be asked.</param>
internal sealed record LedgerState(LedgerRow Ledger, LedgerStanding Standing, Digest Root, SignedCheckpoint? Checkpoint, IReadOnlyList<SignerKey> Keys)
{
    /// <summary>Where checkpoints are kept as files.</summary>
    public required string Folder { get; init; }

    /// <summary>The newest of them; null: there is none.</summary>
    public long? Copied { get; init; }

    /// <summary>When a file was last carried there, as a record tells; null: never.</summary>
    public Instant? CopiedAt { get; init; }

    /// <summary>The newest timestamp of somebody else: over how many records, and when; null: there is none.</summary>
    public (long Size, Instant At)? Stamped { get; init; }

    /// <summary>The last time it was looked through on this machine; null: never.</summary>
    public LastVerify? Verified { get; init; }

    /// <summary>Whether nobody outside vouches for it.</summary>
    public bool LacksOutside { get; init; }

    /// <summary>What is wrong, and stops nothing: words of the texts <c>Ledger.Warn.WORD</c>.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What is held against the clock; null: nothing.</summary>
    public ClockAnomaly? Clock { get; init; }

    /// <summary>Asks for all of it.</summary>
    public static async Task<LedgerState> ReadAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        var notary = installation.NotaryOf(ledger);
        var standing = await notary.ExamineAsync(cancel);
        var head = await installation.Store.HeadAsync(ledger.Ledger, cancel);
        notary.Clock.Look(Micros.ToInstant(head.LastAt));
        IReadOnlyList<SignerKey> keys = [];
        try
        {
            keys = (await installation.Signer.StateAsync(ledger.Origin, cancel))?.Keys ?? [];
        }
        catch (SignerException)
        {
            // The standing tells of it.
        }

        var folder = new AnchorFolder(installation.Anchors.Folder, ledger.Origin);
        var sizes = folder.Sizes();
        return new LedgerState(ledger, standing, new Frontier(head.Size, head.Frontier).Root, await installation.FilesOf(ledger).NewestAsync(cancel), keys)
        {
            Folder = installation.Anchors.Folder,
            Copied = sizes.Count == 0 ? null : sizes[^1],
            CopiedAt = folder.Rounds.File is > 0 and var at ? Micros.ToInstant(at) : null,
            Stamped = NewestStamp(folder, sizes, installation.Anchors),
            Verified = LastVerify.Read(installation.Options.Data, ledger),
            LacksOutside = notary.LacksOutsideAnchor(),
            Warnings = [.. WarningsOf(notary)],
            Clock = notary.Clock.Anomaly,
        };
    }

    /// <summary>The newest timestamp that is kept beside a checkpoint; null: there is none.</summary>
    private static (long Size, Instant At)? NewestStamp(AnchorFolder folder, IReadOnlyList<long> sizes, AnchorOptions anchors)
    {
        foreach (var size in sizes.Reverse())
        {
            if (folder.ReadToken(size) is { } token && folder.Read(size) is { } kept && AnchorTimestamp.Read(token, kept.Note.Bytes.Span, anchors.Authority?.Certificate) is { } stamp)
                return (size, stamp.At);
        }

        return null;
    }

    private static IEnumerable<string> WarningsOf(Notary notary)
    {
        if (notary.LacksOutsideAnchor())
            yield return "outside";
        if (notary.TimestampFault is not null)
            yield return "timestamp";
        if (notary.FolderFault is not null)
            yield return "folder";
        if (notary.Clock.Anomaly is not null)
            yield return "clock";
    }
}
