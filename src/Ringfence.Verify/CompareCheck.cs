namespace Ringfence.Verify;

/// <summary>Checks whether two checkpoints can be of one ledger: whether the larger one has all that the smaller one has, in its place.</summary>
internal sealed class CompareCheck(Auditor auditor, Report report)
{
    private readonly Signatures signatures = new(auditor.Policy);

    public void Check(string oneFile, string otherFile, string? directory)
    {
        var (one, other) = (Read(oneFile), Read(otherFile));
        // Both are looked at before anything is said of either.
        var (oneIsSigned, otherIsSigned) = (signatures.Accepts(one, report, "signature", oneFile), signatures.Accepts(other, report, "signature", otherFile));
        if (!oneIsSigned || !otherIsSigned)
            return;
        if (one.Origin != other.Origin)
            throw new UnusableException("two-ledgers", otherFile);
        report.Of(one.Size > other.Size ? one : other);
        report.Checked("fork");
        if (one.Contradicts(other))
            report.Failed("fork", "two-roots-for-one-size", where: $"{oneFile} {otherFile}");
        else if (directory is not null)
            CheckRoots(new LedgerFolder(directory), one, other, $"{oneFile} {otherFile}");
        else if (one.Size != other.Size)
            throw new UnusableException("sizes-differ", $"{one.Size}, {other.Size}");
    }

    private static Checkpoint Read(string file) =>
        Checkpoint.Read(Files.Read(file, SignedNote.LongestBytes)) ?? throw new UnusableException("not-a-checkpoint", file);

    private void CheckRoots(LedgerFolder folder, Checkpoint one, Checkpoint other, string both)
    {
        var (smaller, larger) = one.Size <= other.Size ? (one, other) : (other, one);
        var frontier = new Frontier();
        byte[]? root = smaller.Size == 0 ? frontier.Root() : null;
        foreach (var hash in folder.LeafHashes(larger.Size))
        {
            frontier.Add(hash.Span, 0);
            if (frontier.Size == smaller.Size)
                root = frontier.Root();
        }

        if (frontier.Size < larger.Size)
            throw new UnusableException("folder-too-small", LedgerFolder.TilePath(folder.HasEntries ? "entries" : "0", frontier.Size / LedgerFolder.TileWidth));
        report.Checked("root", 2);
        // Where the records of the folder are those of the larger checkpoint, what they give at the smaller size is what the smaller one had to say.
        if (!larger.Root.AsSpan().SequenceEqual(frontier.Root()))
            report.Failed("root", "other-root", where: folder.HasEntries ? "tile/entries" : "tile/0");
        else if (!smaller.Root.AsSpan().SequenceEqual(root))
            report.Failed("fork", "not-an-earlier-state", where: both);
    }
}
