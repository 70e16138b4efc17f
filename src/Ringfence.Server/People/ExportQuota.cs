using System.Globalization;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Staff;

namespace Ringfence.Server.People;

/// <summary>How much one member of staff takes out in a day, in UTC: rows of files and of pages with people alike, by what the ledger says they saw.</summary>
/// <param name="Again">Beyond so many rows whoever takes a file out shows again that it is them; 0: always.</param>
/// <param name="Second">Beyond so many rows somebody else has to agree to each file.</param>
internal sealed record ExportQuota(long Again, long Second)
{
    public const string AgainVariable = "RINGFENCE_EXPORT_AGAIN";
    public const string SecondVariable = "RINGFENCE_EXPORT_SECOND";

    /// <summary>What holds where nothing is said.</summary>
    public static ExportQuota Usual { get; } = new(0, 5_000);

    /// <summary>Reads what the environment says.</summary>
    /// <param name="valueOf">The value of a variable.</param>
    /// <param name="amiss">The variable that can't be read.</param>
    public static ExportQuota Read(Func<string, string?> valueOf, out string? amiss)
    {
        string? wrong = null;
        var quota = new ExportQuota(Rows(AgainVariable, Usual.Again), Rows(SecondVariable, Usual.Second));
        amiss = wrong;
        return quota;

        long Rows(string variable, long usual)
        {
            if (valueOf(variable) is not { Length: > 0 } text)
                return usual;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rows))
                return rows;
            wrong ??= variable;
            return usual;
        }
    }

    /// <summary>What an export is known again by: whom it was asked for, and nothing of who they are.</summary>
    public static Digest Of(IEnumerable<string> filter, IEnumerable<OpaqueId> picked, string? text) =>
        TreeHash.Sha256(Encoding.UTF8.GetBytes(string.Join('\n', [.. filter, "", .. picked.Order().Select(static sid => sid.ToString()), "", text ?? ""])));

    /// <summary>Whether somebody may take so many rows out now, on top of what they have seen since the day began.</summary>
    /// <param name="call">Who asks.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="of">By what the export is known again.</param>
    /// <param name="back">The page that they come back to.</param>
    /// <returns>The way to show again that it is them, or who agreed; both null: they may go on.</returns>
    /// <exception cref="PageFault"><c>export-second</c>: somebody else has to agree first; they are asked by now.</exception>
    public async Task<(PageAnswer? Ask, string? AgreedBy)> AskAsync(PageCall call, int rows, Digest of, string back)
    {
        var all = rows + await call.Served.Reach.Of(call.Ledger).OfAsync(call.Staff.Account, null, call.Cancel);
        if (all > Again && StepUp.Ask(call, back) is { } ask)
            return (ask, null);
        if (all <= Second)
            return (null, null);
        var approvals = new ExportApprovals(call.Installation, call.Served.Entrance.Accounts);
        if (await approvals.TakeAsync(call.Ledger, call.Staff.Account, of, rows, call.Cancel) is { } by)
            return (null, by);
        await approvals.AskAsync(call.Ledger, call.Staff.Account, of, rows, call.Cancel);
        throw Beyond(all);
    }

    /// <summary>Holds a file back that is written down already, where others of the same member of staff were written down at the same time.</summary>
    /// <exception cref="PageFault"><c>export-second</c>.</exception>
    public async Task HoldAsync(PageCall call, long record)
    {
        if (await call.Served.Reach.Of(call.Ledger).OfAsync(call.Staff.Account, record, call.Cancel) is var all && all > Second)
            throw Beyond(all);
    }

    private PageFault Beyond(long all) => new(StatusCodes.Status403Forbidden, "export-second", all, Second);
}
