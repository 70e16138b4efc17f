using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent.Forms;

/// <summary>How many answered a form in one of its layouts.</summary>
/// <param name="Layout">The layout.</param>
/// <param name="Yes">Answers with one yes at least; with a double opt-in, before it was confirmed.</param>
/// <param name="No">Answers by the button that says no.</param>
/// <param name="Nothing">Answers in which nothing was ticked.</param>
internal sealed record LayoutCount(string Layout, long Yes, long No, long Nothing)
{
    /// <summary>All of them.</summary>
    public long All => Yes + No + Nothing;
}

/// <summary>Counts answers by layout, so that staff see which one reads better. A number and no more is kept: not who, not when.</summary>
internal static class FormCounts
{
    /// <summary>Counts one answer.</summary>
    public static async Task AddAsync(ILedgerStore store, LedgerRow ledger, FormDocument form, FormLayout layout, bool isYes, bool isNo, CancellationToken cancel) => _ = await store.Local.RunAsync(
        """
        insert into form_count(ledger, form, layout, answer, taken) values ($1, $2, $3, $4, 1)
        on conflict (ledger, form, layout, answer) do update set taken = form_count.taken + 1
        """,
        cancel, ledger.Ledger, form.Digest.Bytes.ToArray(), layout.Name, isYes ? "yes" : isNo ? "no" : "nothing");

    /// <summary>What a form came to, by the order of its layouts.</summary>
    public static async Task<IReadOnlyList<LayoutCount>> OfAsync(ILedgerStore store, LedgerRow ledger, FormDocument form, CancellationToken cancel)
    {
        var rows = await store.Local.ReadAsync(
            "select layout, answer, taken from form_count where ledger = $1 and form = $2", static cells => (Layout: cells.Text(0), Answer: cells.Text(1), Taken: cells.Long(2)), cancel, ledger.Ledger, form.Digest.Bytes.ToArray());
        return [.. form.LayoutsShown.Select(layout => new LayoutCount(layout.Name, Sum(layout, "yes"), Sum(layout, "no"), Sum(layout, "nothing")))];

        long Sum(FormLayout layout, string answer) => rows.Where(row => row.Layout == layout.Name && row.Answer == answer).Sum(static row => row.Taken);
    }
}
