using System.Globalization;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Compares a ledger with the checkpoints that were carried outside, and the times of its records with the timestamps over them.</summary>
internal sealed class FsckAnchors(Installation installation, LedgerRow ledger, FsckFindings findings)
{
    // What clocks of two houses may differ by; the auditor's verifier allows as much.
    private static readonly Duration Tolerance = Duration.FromMinutes(5);

    public async Task RunAsync(AnchorFolder folder, FsckKnown known, HeadRow head, IReadOnlyCollection<VerifierKey>? keys, CancellationToken cancel)
    {
        await FolderAsync(folder, known, head, keys, cancel);
        var epochs = (await installation.LedgersAsync(cancel)).ToDictionary(static row => row.Origin, StringComparer.Ordinal);
        foreach (var told in known.Anchored)
        {
            // What was carried outside under a name that the ledger had before is kept by that.
            if (epochs.TryGetValue(told.Origin ?? ledger.Origin, out var epoch))
                await ToldAsync(epoch.Ledger, told.Seq, told.Size, told.Digest, told.Token, cancel);
            else
                findings.Fault("checkpoint-missing", told.Size);
        }

        Missing(known);
    }

    // What was carried outside once is there still. It may lie elsewhere by now, which the one who moved it knows.
    private void Missing(FsckKnown known)
    {
        foreach (var told in known.Anchored.DistinctBy(static told => (told.Origin, told.Size, told.Token is null)))
        {
            var folder = new AnchorFolder(installation.Anchors.Folder, told.Origin ?? ledger.Origin);
            var place = told.Size.ToString(CultureInfo.InvariantCulture);
            if (told.Token is not null && folder.ReadToken(told.Size) is null)
                findings.Warn("anchor-missing", place + ".tst");
            // One that is there and damaged is told of as that.
            else if (told.Token is null && !folder.Has(told.Size))
                findings.Warn("anchor-missing", place);
        }
    }

    private async Task FolderAsync(AnchorFolder folder, FsckKnown known, HeadRow head, IReadOnlyCollection<VerifierKey>? keys, CancellationToken cancel)
    {
        foreach (var size in folder.Sizes())
        {
            var place = size.ToString(CultureInfo.InvariantCulture);
            if (folder.Read(size) is not { } kept || keys is not null && kept.Note.VerifyBy(ledger.Origin, keys) != NoteVerdict.Verified)
            {
                findings.Fault("anchor-malformed", place);
                continue;
            }

            // One that is ahead has been told of as what it is: the ledger was rolled back.
            if (size > head.Size)
                continue;
            if (known.Roots.TryGetValue(size, out var root) && root != kept.Checkpoint.Root)
                findings.StopGate("anchor-fork", place);
            if ((await installation.Store.CheckpointAsync(ledger.Ledger, size, cancel))?.Size != size)
                findings.Fault("checkpoint-missing", place);
            if (folder.ReadToken(size) is { } token && AnchorTimestamp.Read(token, kept.Note.Bytes.Span, installation.Anchors.Authority?.Certificate) is null)
                findings.Fault("anchor-token", place);
        }
    }

    // What the ledger says of its anchors.
    private async Task ToldAsync(long epoch, long seq, long size, Digest digest, Digest? token, CancellationToken cancel)
    {
        var row = await installation.Store.CheckpointAsync(epoch, size, cancel);
        if (row is null || row.Size != size)
        {
            findings.Fault("checkpoint-missing", size);
            return;
        }

        // The same checkpoint signed again is another note; then the one that was carried outside is there alone.
        if (TreeHash.Sha256(row.Note) != digest)
        {
            findings.Fault("anchor-digest", seq);
            return;
        }

        if (token is not { } named || await installation.FilesOf(ledger).DocumentAsync(named, cancel) is not { } document)
            return;
        if (AnchorTimestamp.Read(document.Bytes, row.Note, installation.Anchors.Authority?.Certificate) is not { } stamp)
            findings.Fault("anchor-token", size);
        else if (await TimeOfAsync(size - 1, cancel) is { } before && before > stamp.At + Tolerance || await TimeOfAsync(size, cancel) is { } after && after < stamp.At - Tolerance)
            findings.Fault("record-outside-anchors", size);
    }

    private async Task<Instant?> TimeOfAsync(long seq, CancellationToken cancel)
    {
        var wanted = new RowsWanted();
        wanted.Records.Add(seq);
        return (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Records.TryGetValue(seq, out var row) && RecordReader.TryRead(row.Body, out var record, out _) ? record.At : null;
    }
}
