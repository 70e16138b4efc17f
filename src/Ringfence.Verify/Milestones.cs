using System.Globalization;

namespace Ringfence.Verify;

/// <summary>The sizes at which something was said of a ledger: checkpoints it signed, stamps over them, checkpoints that the auditor kept.</summary>
internal sealed class Milestones
{
    private readonly Auditor auditor;
    private readonly Signatures signatures;
    private readonly Report report;
    private readonly LedgerFolder folder;
    private readonly Checkpoint newest;
    private readonly List<long> sizes;
    private readonly List<(Checkpoint Checkpoint, string File)> held;
    private readonly List<long> stamped;
    private readonly Anchors stamps = new();
    private int next;
    private int nextHeld;
    private long left = -1;

    public Milestones(Auditor auditor, Signatures signatures, Report report, LedgerFolder folder, Checkpoint newest)
    {
        (this.auditor, this.signatures, this.report, this.folder, this.newest) = (auditor, signatures, report, folder, newest);
        (sizes, var others) = folder.Sizes("checkpoints", "");
        (stamped, var otherStamps) = folder.Sizes("anchors", ".tst");
        if (others > 0)
            report.PassedOver("not-of-a-ledger", "checkpoints");
        if (otherStamps > 0)
            report.PassedOver("not-of-a-ledger", "anchors");
        held = [.. auditor.Held.OrderBy(kept => kept.Checkpoint.Size)];
        if (held.Find(kept => kept.Checkpoint.Origin != newest.Origin) is { File: { } file })
            throw new UnusableException("held-other-ledger", file);
    }

    /// <summary>The next size at which something was said; beyond all sizes where nothing more was.</summary>
    public long Next => Math.Min(next < sizes.Count ? sizes[next] : long.MaxValue, nextHeld < held.Count ? held[nextHeld].Checkpoint.Size : long.MaxValue);

    /// <summary>The tree has grown to a size: what was said of it there has to be true.</summary>
    public void Reach(Frontier frontier, long lastTime)
    {
        if (Next != frontier.Size)
            return;
        var root = frontier.Root();
        for (; nextHeld < held.Count && held[nextHeld].Checkpoint.Size == frontier.Size; nextHeld++)
            CheckHeld(held[nextHeld], root);
        if (next == sizes.Count || sizes[next] != frontier.Size)
            return;
        CheckSigned(sizes[next++], root, lastTime);
    }

    /// <summary>The tree grows beyond a size, by a record of that time.</summary>
    public void Leave(long size, long time)
    {
        if (left != size || time == 0)
            return;
        report.Checked("time");
        if (!stamps.Permit(size, time))
            report.Failed("time", "before-its-anchors", size);
    }

    /// <summary>The tree has grown to its end: what was said of larger ones was said of records that are not there.</summary>
    public void Finish()
    {
        foreach (var (checkpoint, file) in held.Skip(nextHeld))
        {
            report.Checked("held");
            report.Failed("held", "rolled-back", where: file);
        }

        foreach (var size in sizes.Skip(next))
            report.Failed("signed", "rolled-back", where: $"checkpoints/{size}");
        if (sizes.BinarySearch(newest.Size) < 0)
            report.Failed("signed", "missing", where: $"checkpoints/{newest.Size}");
        foreach (var size in stamped.Where(size => sizes.BinarySearch(size) < 0))
            report.Failed("timestamp", "no-checkpoint", where: $"anchors/{size}.tst");
    }

    private void CheckHeld((Checkpoint Checkpoint, string File) kept, byte[] root)
    {
        report.Checked("held");
        if (kept.Checkpoint.Root.AsSpan().SequenceEqual(root))
            report.IsAnchored(kept.Checkpoint.Size, "held");
        else
            report.Failed("held", "fork", where: kept.File);
    }

    private void CheckSigned(long size, byte[] root, long lastTime)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"checkpoints/{size}");
        var checkpoint = Checkpoint.Read(folder.Find(path, SignedNote.LongestBytes) ?? []);
        if (!signatures.Accepts(checkpoint, report, "signed", path))
            return;
        if (checkpoint!.Size != size || checkpoint.Origin != newest.Origin)
            report.Failed("signed", "other-name", where: path);
        else if (!checkpoint.Root.AsSpan().SequenceEqual(root))
            report.Failed("signed", "other-root", where: path);
        else if (stamped.BinarySearch(size) >= 0)
            CheckStamp(checkpoint, lastTime);
    }

    // Times rise with the records, so those next to the size decide for all.
    private void CheckStamp(Checkpoint checkpoint, long lastTime)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"anchors/{checkpoint.Size}.tst");
        stamps.Clear();
        stamps.Judge(folder.Find(path, TimestampAuthorities.LongestToken) ?? [], checkpoint, auditor.Authorities, report, path);
        left = checkpoint.Size;
        if (checkpoint.Size == 0 || lastTime == 0)
            return;
        report.Checked("time");
        if (!stamps.Permit(checkpoint.Size - 1, lastTime))
            report.Failed("time", "after-its-anchors", checkpoint.Size - 1);
    }
}
