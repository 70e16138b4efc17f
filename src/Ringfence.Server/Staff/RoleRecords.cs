using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>Writes down who may do what from now on: in the ledger of the controller it is about, or in all of them.</summary>
internal static class RoleRecords
{
    public const string Given = "role-given";
    public const string Invited = "invited";
    public const string WayBack = "way-back";
    public const string WayBackWithoutFactors = "way-back-without-factors";

    /// <summary>Writes it; before it holds, so that nobody ever may what was not written down.</summary>
    /// <param name="controller">A controller's word, or <see cref="GivenRole.Everywhere"/>.</param>
    /// <param name="by">Who decided it.</param>
    /// <param name="account">About whom.</param>
    /// <param name="what"><c>role-given</c>, <c>role-taken</c>, <c>invited</c>, <c>way-back</c>, <c>way-back-without-factors</c>, <c>suspended</c>, <c>restored</c>.</param>
    /// <param name="roles">Which; none, where it is about all of them.</param>
    public static async Task WriteAsync(Installation installation, string controller, Actor by, string account, string what, IReadOnlyCollection<Role> roles, CancellationToken cancel)
    {
        foreach (var ledger in await installation.NewestLedgersAsync(cancel))
        {
            if (controller == GivenRole.Everywhere || controller == ledger.Controller)
                await (await installation.WriterAsync(ledger, cancel)).DoAsync(new RoleChangedCommand(by, account, what, roles), cancel);
        }
    }
}

/// <summary>Writes down that somebody's roles changed.</summary>
internal sealed class RoleChangedCommand(Actor by, string account, string what, IReadOnlyCollection<Role> roles) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var detail = new List<(string, LeafValue)> { ("what", what), ("account", account) };
        if (roles.Count > 0)
            detail.Add(("roles", LeafValue.ListOf([.. roles.Select(static role => role.Word()).Order(StringComparer.Ordinal)])));
        return new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.StaffRoleChanged, by, record => record with { Detail = LeafValue.Map.Of([.. detail]) })).Seq, null).ToBytes();
    }
}
