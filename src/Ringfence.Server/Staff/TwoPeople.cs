using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>Whether two accounts are two people, as far as the ledger tells: nobody agrees with an account that they made a little while ago.</summary>
internal static class TwoPeople
{
    /// <summary>So long a new account, a new role or a way back in stands out to the others before it counts as a second person.</summary>
    public static readonly Duration Apart = Duration.FromDays(7);

    /// <summary>Who agrees has to be somebody else than who asked, and neither made the other lately, nor one and the same account both, be it by others in between.</summary>
    /// <remarks>What was done on the machine itself binds nobody: whoever has the machine needs no second account.</remarks>
    /// <exception cref="CommandRefusedException"><c>same-hand</c>.</exception>
    public static async Task RequireAsync(Installation installation, Accounts accounts, string asked, string agrees, CancellationToken cancel)
    {
        if (asked == agrees)
            return;
        var people = (await accounts.Rows.ReadAsync("select id from staff_account", static cells => cells.Text(0), cancel)).ToHashSet(StringComparer.Ordinal);
        var makers = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var since = accounts.Now - Apart;
        foreach (var ledger in await installation.Store.LedgersAsync(cancel))
        {
            await foreach (var record in SinceAsync(installation, ledger, since, cancel))
            {
                if (record.Detail?["account"]?.AsText is not { } account || !people.Contains(record.Actor.Ref))
                    continue;
                if (!makers.TryGetValue(account, out var theirs))
                    makers.Add(account, theirs = new HashSet<string>(StringComparer.Ordinal));
                theirs.Add(record.Actor.Ref);
            }
        }

        if (Behind(asked, makers).Overlaps(Behind(agrees, makers)))
            throw new CommandRefusedException("same-hand");
    }

    // They themselves, who made them, who made those.
    private static HashSet<string> Behind(string account, Dictionary<string, HashSet<string>> makers)
    {
        HashSet<string> behind = new([account], StringComparer.Ordinal);
        var open = new Stack<string>([account]);
        while (open.TryPop(out var one))
        {
            foreach (var maker in makers.GetValueOrDefault(one) ?? [])
            {
                if (behind.Add(maker))
                    open.Push(maker);
            }
        }

        return behind;
    }

    // Few of very many records: only those are read whose bytes name the type.
    private static async IAsyncEnumerable<LedgerRecord> SinceAsync(Installation installation, LedgerRow ledger, Instant since, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var head = (await installation.Store.HeadAsync(ledger.Ledger, cancel)).Size;
        await foreach (var row in installation.Store.RecordsAsync(ledger.Ledger, await StaffReach.FirstOfAsync(installation, ledger, since, head, cancel), head, cancel))
        {
            if (row.Body.AsSpan().IndexOf("staff.role_changed"u8) >= 0 && StaffReach.Read(row) is { Type: RecordType.StaffRoleChanged, Actor.Kind: ActorKind.Staff } record
                && record.Detail?["what"]?.AsText is RoleRecords.Given or RoleRecords.Invited or RoleRecords.WayBack or RoleRecords.WayBackWithoutFactors)
            {
                yield return record;
            }
        }
    }
}
