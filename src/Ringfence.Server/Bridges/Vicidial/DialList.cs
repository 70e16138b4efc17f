using System.Text;
using NodaTime;
using NodaTime.Text;
using Ringfence.Server.Lists;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Bridges.Vicidial;

/// <summary>How many rows went where.</summary>
/// <param name="Rows">All.</param>
/// <param name="Leads">To be called.</param>
/// <param name="Held">Not to be called.</param>
/// <param name="Refused">Numbers that refused for good.</param>
internal sealed record DialCount(long Rows, long Leads, long Held, long Refused);

/// <summary>Makes of an answered list what a VICIdial server loads: leads of those who may be called, and numbers for its list of those who never may.</summary>
internal static class DialList
{
    // What somebody said for good. Registers and hours change, and a number that they close now is no refusal.
    private static readonly string[] ForGood = ["suppressed", "objected", "withdrawn", "restricted"];

    /// <summary>Writes the files; each takes its place when it is whole.</summary>
    /// <param name="list">The list.</param>
    /// <param name="listId">The list in VICIdial that the leads go to.</param>
    /// <param name="now">Answers that were good until before it are good no more.</param>
    /// <param name="leads">Where the leads go.</param>
    /// <param name="held">Where it goes who was held back, and why; null: nowhere.</param>
    /// <param name="refused">Where the refused numbers go; null: nowhere.</param>
    /// <param name="cancel">Stops; no file is left.</param>
    public static DialCount Write(AnsweredList list, string listId, Instant now, string leads, string? held, string? refused, CancellationToken cancel)
    {
        using var leadFile = new FreshFile(leads);
        using var heldFile = held is null ? null : new FreshFile(held);
        using var refusedFile = refused is null ? null : new FreshFile(refused);
        var columns = VicidialLead.ColumnsOf(list.Headers);
        var (called, noes) = (new HashSet<ulong>(), new HashSet<ulong>());
        var (line, csv) = (new StringBuilder(), new CsvOut());
        var (rows, back) = (0L, 0L);
        Hold(csv, heldFile, "row", "number", "verdict", "reasons", "ask_again");
        foreach (var row in list.Rows())
        {
            cancel.ThrowIfCancellationRequested();
            rows++;
            if (row.Number.Digits != 0 && row.Verdict == "refused" && row.Reasons.Split(';').Any(IsForGood) && noes.Add(row.Number.Digits))
                refusedFile?.Write(VicidialLead.Dialled(row.Number).National + "\n");
            var why = row.Number.Digits == 0 ? "no-number" : row.Verdict != "allowed" ? row.Reasons : IsOver(row.AskAgain, now) ? "stale" : called.Add(row.Number.Digits) ? null : "duplicate";
            if (why is null)
            {
                line.Clear();
                VicidialLead.Write(line, row.Number, listId, row.Cell, columns);
                leadFile.Write(line.ToString());
                continue;
            }

            back++;
            Hold(csv, heldFile, row.Row.ToString(System.Globalization.CultureInfo.InvariantCulture), row.Number.Digits == 0 ? "" : row.Number.E164, row.Verdict, why, row.AskAgain);
        }

        // Those who must never be called come first: whoever stops in between calls nobody too many.
        refusedFile?.Complete();
        heldFile?.Complete();
        leadFile.Complete();
        return new DialCount(rows, called.Count, back, noes.Count);
    }

    // A code, with what it is about in brackets and its rule behind it.
    private static bool IsForGood(string reason) => ForGood.Contains(reason.Split('[', '@')[0]);

    private static bool IsOver(string until, Instant now) => until.Length > 0 && (!InstantPattern.ExtendedIso.Parse(until).TryGetValue(default, out var end) || end <= now);

    private static void Hold(CsvOut csv, FreshFile? to, params ReadOnlySpan<string> cells)
    {
        if (to is null)
            return;
        csv.Clear();
        foreach (var cell in cells)
            csv.Cell(Encoding.UTF8.GetBytes(cell));
        csv.EndRow();
        to.Write(csv.Written);
    }

    /// <summary>A file that is beside its place until it is whole; for its owner alone, for it names people.</summary>
    private sealed class FreshFile : IDisposable
    {
        private readonly string path;
        private readonly FileStream stream;
        private bool isDone;

        public FreshFile(string path)
        {
            this.path = Path.GetFullPath(path);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 16 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = DurableFile.OwnerOnly;
            stream = new FileStream(this.path + ".unfinished", options);
        }

        public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

        public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

        public void Complete()
        {
            stream.Flush(flushToDisk: true);
            stream.Dispose();
            File.Move(path + ".unfinished", path, overwrite: true);
            isDone = true;
        }

        public void Dispose()
        {
            stream.Dispose();
            if (!isDone)
                File.Delete(path + ".unfinished");
        }
    }
}
