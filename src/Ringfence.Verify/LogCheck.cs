using System.Security.Cryptography;

namespace Ringfence.Verify;

/// <summary>Checks a published ledger, whole: every record, every checkpoint that was signed, every stamp and document, in one pass.</summary>
internal sealed class LogCheck(Auditor auditor, Report report, LedgerFolder folder, bool full)
{
    // A tile of the longest records takes two megabytes.
    private const int TilesAtOnce = 16;

    private const int LongestDocument = 256 << 20;

    // Digests known to be there; more than that are looked up again.
    private const int MostKnown = 1 << 16;

    private readonly Signatures signatures = new(auditor.Policy);
    private readonly Frontier frontier = new();
    private readonly Epochs epochs = new(report);
    private readonly HashSet<Digest> known = [];
    private readonly UpperTiles upper = new(folder);
    private readonly List<(string Check, string Why, long? Record, string? Where)> faults = [];
    private Milestones milestones = null!;
    private long lastTime = long.MinValue;

    public void Check()
    {
        var checkpoint = Checkpoint.Read(folder.Read("checkpoint", SignedNote.LongestBytes));
        if (!signatures.Accepts(checkpoint, report, "signature", "checkpoint"))
            return;
        report.Of(checkpoint!);
        report.ToBeAnchored = Math.Max(1, checkpoint!.Size);
        milestones = new Milestones(auditor, signatures, report, folder, checkpoint);
        milestones.Reach(frontier, lastTime);
        if (!ReadRecords(checkpoint.Size))
            return;
        report.Checked("root");
        if (!frontier.Root().AsSpan().SequenceEqual(checkpoint.Root))
            report.Failed("root", "other-root", where: "checkpoint");
        milestones.Finish();
        if (checkpoint.Size > 0)
            epochs.End(checkpoint.Origin);
        CheckDocuments();
        report.Since = auditor.Since?.Size;
    }

    private bool ReadRecords(long size)
    {
        if (size > 0 && !folder.HasEntries)
            throw new UnusableException("no-entries", "tile/entries");
        var tiles = Enumerable.Range(0, TilesAtOnce).Select(_ => new TileReading(folder, full)).ToArray();
        for (var first = 0L; first * LedgerFolder.TileWidth < size; first += TilesAtOnce)
        {
            var many = (int)Math.Min(TilesAtOnce, ((size - 1) / LedgerFolder.TileWidth) + 1 - first);
            var from = first;
            Parallel.For(0, many, i => tiles[i].Read(from + i, (int)Math.Min(LedgerFolder.TileWidth, size - ((from + i) * LedgerFolder.TileWidth))));
            for (var i = 0; i < many; i++)
            {
                if (!Take(tiles[i]))
                    return false;
            }
        }

        if (full)
        {
            upper.Finish(faults);
            report.Checked("tile", upper.Compared);
            TellFaults(faults);
        }

        return true;
    }

    private bool Take(TileReading tile)
    {
        TellFaults(tile.Faults);
        if (!tile.IsComplete)
            return false;
        report.Checked("record", tile.Width);
        report.Checked("order", tile.Width);
        report.Checked("tile", tile.Compared);
        foreach (var (digest, (record, why)) in tile.Documents)
        {
            if (!IsThere(digest))
                report.Failed("document", why, record);
        }

        if (full && tile.Width == LedgerFolder.TileWidth)
            upper.Add(tile.Root, faults);
        if (milestones.Next >= frontier.Size + tile.Width && tile.Width == LedgerFolder.TileWidth && tile.Names.Count == 0)
            TakeWhole(tile);
        else
            TakeEach(tile);
        return true;
    }

    private void TakeWhole(TileReading tile)
    {
        milestones.Leave(frontier.Size, tile.Times[0]);
        for (var i = 0; i < tile.Width; i++)
            CheckOrder(tile.Times[i], frontier.Size + i);
        frontier.Add(tile.Root, 8);
        milestones.Reach(frontier, lastTime);
    }

    private void TakeEach(TileReading tile)
    {
        var name = 0;
        for (var i = 0; i < tile.Width; i++)
        {
            if (name < tile.Names.Count && tile.Names[name].Record == frontier.Size)
                epochs.Take(tile.Names[name++], frontier.Root());
            milestones.Leave(frontier.Size, tile.Times[i]);
            CheckOrder(tile.Times[i], frontier.Size);
            frontier.Add(tile.Hashes.AsSpan(i * Tree.HashLength, Tree.HashLength), 0);
            milestones.Reach(frontier, lastTime);
        }
    }

    private void CheckOrder(long time, long record)
    {
        if (time <= lastTime && time != 0)
            report.Failed("order", "not-rising", record);
        lastTime = Math.Max(lastTime, time);
    }

    private void TellFaults(List<(string Check, string Why, long? Record, string? Where)> told)
    {
        foreach (var (check, why, record, where) in told)
            report.Failed(check, why, record, where);
        told.Clear();
    }

    private bool IsThere(Digest digest)
    {
        if (known.Contains(digest))
            return true;
        if (!folder.Has($"documents/{digest}"))
            return false;
        if (known.Count >= MostKnown)
            known.Clear();
        known.Add(digest);
        return true;
    }

    private void CheckDocuments()
    {
        foreach (var name in folder.Names("documents"))
        {
            if (!Encodings.TryHex(name, 32, out var digest))
            {
                report.PassedOver("not-of-a-ledger", "documents");
                continue;
            }

            report.Checked("document");
            using var stream = folder.Open($"documents/{name}");
            if (stream.Length > LongestDocument)
                report.Failed("document", "too-long", where: name);
            else if (!SHA256.HashData(stream).AsSpan().SequenceEqual(digest))
                report.Failed("document", "other-content", where: name);
        }
    }
}
