using System.Globalization;
using NodaTime;
using Ringfence.Figures;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>The room of the ledger: what it holds, who vouches for it, and how anybody outside checks that. Records name nobody; one that holds what was known of somebody is looked at as a decision is.</summary>
internal static class LedgerPages
{
    private const int PageSize = 50;

    /// <summary>The state of the ledger, and its records, the newest first.</summary>
    public static async Task<PageAnswer> ListAsync(PageCall call)
    {
        var figures = call.Served.Figures.Of(call.Ledger);
        var isCounted = await figures.CatchUpAsync(call.Served.Figures.Patience, call.Cancel);
        var types = TypesOf(call.Query("type"));
        FigureKind? kind = Words<FigureKind>.TryParse(call.Query("kind") ?? "", out var named) ? named : null;
        var period = call.Query("from") is null ? null : FigurePeriod.Read(call.Query, call.Now.InUtc().Date);
        var before = Number(call.Query("before")) ?? long.MaxValue;
        var filter = new RecordFilter(types, kind, period);
        if (kind == FigureKind.Ended)
        {
            // No record tells of an end.
            var ends = await figures.EndsAsync(call.Served.Figures.Patience, call.Cancel);
            isCounted &= ends is not null;
            filter = filter with { Among = ends?.Ended(period) ?? [] };
        }

        if (kind == FigureKind.Contacted)
        {
            var times = ContactTimes.Read(call.Query("times"));
            filter = filter with { Times = times, Among = figures.With(book => book.ContactsOf(period, times)) };
        }

        var (seqs, count, newer) = figures.With(book => (book.Find(filter, before, PageSize), book.Count(filter), before >= book.Size ? null : book.BeforeOf(filter, before, PageSize)));
        var records = await ReadAsync(call, seqs);
        return await call.PageAsync<LedgerPage>(call.T("Room.ledger"), new LedgerView(await LedgerState.ReadAsync(call.Installation, call.Ledger, call.Cancel), records, count, filter)
        {
            Before = before == long.MaxValue ? null : before,
            Newer = newer,
            Older = seqs.Count == PageSize && seqs[^1] > 0 ? seqs[^1] : null,
            Counted = isCounted ? 1 : Math.Min(.99, figures.Part),
        });
    }

    /// <summary>One record, byte by byte, with what proves it.</summary>
    public static async Task<PageAnswer> RecordAsync(PageCall call)
    {
        var seq = SeqOf(call);
        if ((await RowsAsync(call, [seq])).FirstOrDefault() is not { } row)
            throw PageFault.Missing;
        var record = StoredRecord.Read(row);
        await GatePages.RevealAsync(call, record);
        var files = call.Installation.FilesOf(call.Ledger);
        var checkpoint = await files.NewestAsync(call.Cancel);
        var isSigned = checkpoint is { } signed && signed.Size > seq;
        var head = await call.Installation.Store.HeadAsync(call.Ledger.Ledger, call.Cancel);
        return await call.PageAsync<RecordPage>(call.T("Record.Title", seq), new RecordView(record, row.Body, TreeHash.Leaf(row.Body), isSigned ? checkpoint : null)
        {
            Proof = isSigned ? call.Installation.NotaryOf(call.Ledger).Tiles.Inclusion(seq, checkpoint!.Size) : [],
            Previous = seq > 0 ? seq - 1 : null,
            Next = seq + 1 < head.Size ? seq + 1 : null,
        });
    }

    /// <summary>What somebody outside needs to check a record without us. Nothing is opened in it.</summary>
    public static async Task<PageAnswer> BundleAsync(PageCall call)
    {
        var seq = SeqOf(call);
        EvidenceBundle bundle;
        try
        {
            bundle = await EvidenceBundle.GatherAsync(call.Installation, call.Ledger, [seq], new HashSet<CommitGroup>(), call.Cancel);
        }
        catch (CommandRefusedException e) when (e.Code is "nothing-signed" or "no-such-record")
        {
            throw PageFault.Missing;
        }

        foreach (var record in await ReadAsync(call, [seq]))
            await GatePages.RevealAsync(call, record);
        var bytes = bundle.ToBytes();
        return new PageAnswer.File($"record-{seq}.bundle.json", "application/json", (to, cancel) => to.WriteAsync(bytes, cancel).AsTask());
    }

    private static long SeqOf(PageCall call) => Number(call.Path("seq")) ?? throw PageFault.Missing;

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    // Words of types, with a comma between; one that nobody knows is passed over.
    private static IReadOnlyList<RecordType> TypesOf(string? words) =>
        [.. (words ?? "").Split(',').Select(static word => RecordWords.Types.TryParse(word, out var type) ? type : (RecordType?)null).OfType<RecordType>().Distinct()];

    private static async Task<IReadOnlyList<LedgerRecord>> ReadAsync(PageCall call, IReadOnlyList<long> seqs) =>
        [.. (await RowsAsync(call, seqs)).Select(StoredRecord.Read).OrderByDescending(static record => record.Seq)];

    private static async Task<IEnumerable<RecordRow>> RowsAsync(PageCall call, IReadOnlyList<long> seqs)
    {
        if (seqs.Count == 0)
            return [];
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Records.UnionWith(seqs);
        return (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel)).Records.Values;
    }
}

/// <summary>What the page of the ledger shows.</summary>
/// <param name="State">How the ledger stands.</param>
/// <param name="Records">Some records.</param>
/// <param name="Count">How many fit.</param>
/// <param name="Filter">Which are asked for.</param>
internal sealed record LedgerView(LedgerState State, IReadOnlyList<LedgerRecord> Records, long Count, RecordFilter Filter)
{
    /// <summary>The place before which the page ends; null: it is the first.</summary>
    public long? Before { get; init; }

    /// <summary>The same for the page with newer ones; null: there is none.</summary>
    public long? Newer { get; init; }

    /// <summary>The same for the page with older ones; null: there is none.</summary>
    public long? Older { get; init; }

    /// <summary>How much of the ledger is counted, from 0 to 1.</summary>
    public double Counted { get; init; } = 1;
}

/// <summary>What the page of a record shows.</summary>
/// <param name="Record">It.</param>
/// <param name="Body">Its bytes.</param>
/// <param name="Leaf">Its hash in the tree.</param>
/// <param name="Checkpoint">The newest checkpoint; null: it is not signed yet.</param>
internal sealed record RecordView(LedgerRecord Record, byte[] Body, Digest Leaf, SignedCheckpoint? Checkpoint)
{
    /// <summary>The hashes that lead from it to the root.</summary>
    public required IReadOnlyList<Digest> Proof { get; init; }

    public long? Previous { get; init; }

    public long? Next { get; init; }
}
