using System.Text.Json;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Staff;

/// <summary>What one member of staff asks for and another has to agree to: that a suppression was an error.</summary>
/// <param name="Id">By which a page names it.</param>
/// <param name="AskedBy">The account.</param>
/// <param name="Seq">The record that suppressed them.</param>
internal sealed record AskedLift(OpaqueId Id, string AskedBy, NodaTime.Instant Asked, ContactPoint Point, long Seq, string Reason);

/// <summary>Requests that take two. What is asked is sealed, and gone once it was answered: what was done of it stands in the ledger.</summary>
internal sealed class Approvals(Installation installation, Accounts accounts)
{
    private const string Lift = "lift";
    private const int MostReason = 500;

    private ILocalRows Rows => accounts.Rows;

    /// <summary>Asks for the lift of a suppression that is an error.</summary>
    /// <param name="by">The account that asks.</param>
    /// <param name="point">A number or address, as typed.</param>
    /// <param name="seq">The record that is meant; null: there is one.</param>
    /// <exception cref="CommandRefusedException"><c>not-a-point</c>, <c>no-reason</c>, <c>no-such-suppression</c>, <c>which-suppression</c>.</exception>
    public async Task<OpaqueId> AskAsync(LedgerRow ledger, string by, string point, long? seq, string reason, CancellationToken cancel)
    {
        if (!ContactPoint.TryRead(point, Region.None, out var read))
            throw new CommandRefusedException("not-a-point");
        if (reason.Trim() is not { Length: > 0 and <= MostReason } why)
            throw new CommandRefusedException("no-reason");
        var standing = (await Contacts.SuppressionsAsync(installation, ledger, [installation.TagsOf(read)], cancel)).Where(row => row.Seq is { } at && (seq is null || at == seq)).ToList();
        if (standing.Count == 0)
            throw new CommandRefusedException("no-such-suppression");
        if (standing.Count > 1)
            throw new CommandRefusedException("which-suppression", string.Join("; ", standing.Select(static row => row.Seq)));
        var id = Fresh.Id();
        var what = JsonSerializer.SerializeToUtf8Bytes(new SealedLift(read.Value, standing[0].Seq!.Value, why), ApprovalJson.Default.SealedLift);
        await Rows.RunAsync(
            "insert into approval(ledger, id, kind, what, asked_by, asked) values ($1, $2, $3, $4, $5, $6)", cancel,
            ledger.Ledger, id.ToArray(), Lift, (await accounts.SealAsync(cancel)).Seal("approval|" + id, what), by, Micros.Of(accounts.Now));
        return id;
    }

    /// <summary>What waits for an answer, the oldest first.</summary>
    public async Task<IReadOnlyList<AskedLift>> OpenAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var key = await accounts.SealAsync(cancel);
        return await Rows.ReadAsync("select id, what, asked_by, asked from approval where ledger = $1 and kind = $2 and answered is null order by asked, id", cells => Read(key, cells), cancel, ledger.Ledger, Lift);
    }

    /// <summary>Since when requests wait, whatever they ask for.</summary>
    public Task<IReadOnlyList<Instant>> WaitingAsync(LedgerRow ledger, CancellationToken cancel) =>
        Rows.ReadAsync("select asked from approval where ledger = $1 and answered is null order by asked", static cells => Micros.ToInstant(cells.Long(0)), cancel, ledger.Ledger);

    /// <summary>Agrees, and lifts; or does not, and all stays as it is. Nobody agrees to what they asked for themselves.</summary>
    /// <exception cref="CommandRefusedException"><c>no-such-request</c>, <c>two-people</c>, <c>same-hand</c>; or as the lift says.</exception>
    public async Task AnswerAsync(LedgerRow ledger, Actor by, OpaqueId id, bool agree, CancellationToken cancel)
    {
        var asked = (await OpenAsync(ledger, cancel)).FirstOrDefault(one => one.Id == id) ?? throw new CommandRefusedException("no-such-request");
        if (agree && asked.AskedBy == by.Ref)
            throw new CommandRefusedException("two-people");
        if (agree)
        {
            await TwoPeople.RequireAsync(installation, accounts, asked.AskedBy, by.Ref, cancel);
            var note = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["reason"] = asked.Reason }, LiftJson.Default.DictionaryStringString);
            var writer = await installation.WriterAsync(ledger, cancel);
            try
            {
                await writer.DoAsync(LiftCommand.AsError(by, installation.TagsOf(asked.Point), asked.Seq, asked.AskedBy, note), cancel);
            }
            catch (CommandRefusedException e) when (e.Code == "no-such-suppression")
            {
                // Lifted meanwhile: there is nothing left to agree to.
                await CloseAsync(ledger, by, id, false, cancel);
                throw;
            }
        }

        await CloseAsync(ledger, by, id, agree, cancel);
    }

    private Task<int> CloseAsync(LedgerRow ledger, Actor by, OpaqueId id, bool agreed, CancellationToken cancel) => Rows.RunAsync(
        "update approval set what = $3, answered_by = $4, answered = $5, agreed = $6 where ledger = $1 and id = $2 and answered is null", cancel,
        ledger.Ledger, id.ToArray(), Array.Empty<byte>(), by.Ref, Micros.Of(accounts.Now), agreed ? 1L : 0L);

    private static AskedLift Read(StaffSeal key, ICells cells)
    {
        var id = new OpaqueId(cells.Bytes(0));
        var what = JsonSerializer.Deserialize(key.Open("approval|" + id, cells.Bytes(1)), ApprovalJson.Default.SealedLift)!;
        return ContactPoint.TryRead(what.Point, Region.None, out var point)
            ? new AskedLift(id, cells.Text(2), Micros.ToInstant(cells.Long(3)), point, what.Seq, what.Reason) : throw new StoreException(StoreFault.Damaged, "A request names no number.");
    }
}

/// <summary>What is sealed of a request.</summary>
internal sealed record SealedLift(string Point, long Seq, string Reason);

[System.Text.Json.Serialization.JsonSerializable(typeof(SealedLift))]
internal sealed partial class ApprovalJson : System.Text.Json.Serialization.JsonSerializerContext;
