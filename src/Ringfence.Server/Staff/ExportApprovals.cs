using System.Text.Json;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>A file of people that one member of staff wants to take out and another has to agree to.</summary>
/// <param name="Id">By which a page names it.</param>
/// <param name="AskedBy">The account.</param>
/// <param name="Rows">How many people are in it at most.</param>
internal sealed record AskedExport(OpaqueId Id, string AskedBy, Instant Asked, string Of, int Rows);

/// <summary>Files of people that take two. Who agrees, agrees to one file of those people, that day.</summary>
internal sealed class ExportApprovals(Installation installation, Accounts accounts)
{
    private const string Export = "export";

    // Whoever agreed in the morning did not agree for ever.
    private static readonly Duration Keeps = Duration.FromHours(24);

    private ILocalRows Rows => accounts.Rows;

    /// <summary>Asks, unless the same is asked for already.</summary>
    public async Task AskAsync(LedgerRow ledger, string by, Digest of, int rows, CancellationToken cancel)
    {
        if ((await OpenAsync(ledger, cancel)).Any(asked => asked.AskedBy == by && asked.Of == of.ToString() && asked.Rows >= rows))
            return;
        var id = Fresh.Id();
        var what = JsonSerializer.SerializeToUtf8Bytes(new SealedExport(of.ToString(), rows), ExportApprovalJson.Default.SealedExport);
        await Rows.RunAsync(
            "insert into approval(ledger, id, kind, what, asked_by, asked) values ($1, $2, $3, $4, $5, $6)", cancel,
            ledger.Ledger, id.ToArray(), Export, (await accounts.SealAsync(cancel)).Seal("approval|" + id, what), by, Micros.Of(accounts.Now));
    }

    /// <summary>What waits for an answer, the oldest first.</summary>
    public async Task<IReadOnlyList<AskedExport>> OpenAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var key = await accounts.SealAsync(cancel);
        return await Rows.ReadAsync("select id, what, asked_by, asked from approval where ledger = $1 and kind = $2 and answered is null order by asked, id", cells => Read(key, cells), cancel, ledger.Ledger, Export);
    }

    /// <summary>Agrees, or does not. Nobody agrees to what they asked for themselves.</summary>
    /// <returns>Whether it was a file that was asked for.</returns>
    /// <exception cref="CommandRefusedException"><c>two-people</c>, <c>same-hand</c>.</exception>
    public async Task<bool> AnswerAsync(LedgerRow ledger, Actor by, OpaqueId id, bool agree, CancellationToken cancel)
    {
        if ((await OpenAsync(ledger, cancel)).FirstOrDefault(one => one.Id == id) is not { } asked)
            return false;
        if (agree && asked.AskedBy == by.Ref)
            throw new CommandRefusedException("two-people");
        if (agree)
            await TwoPeople.RequireAsync(installation, accounts, asked.AskedBy, by.Ref, cancel);
        // What was agreed to is kept until it is taken out; what was not is gone.
        await Rows.RunAsync(
            agree ? "update approval set answered_by = $3, answered = $4, agreed = 1 where ledger = $1 and id = $2 and answered is null"
                : "update approval set what = $5, answered_by = $3, answered = $4, agreed = 0 where ledger = $1 and id = $2 and answered is null", cancel,
            agree ? [ledger.Ledger, id.ToArray(), by.Ref, Micros.Of(accounts.Now)] : [ledger.Ledger, id.ToArray(), by.Ref, Micros.Of(accounts.Now), Array.Empty<byte>()]);
        return true;
    }

    /// <summary>Takes what somebody else agreed to lately: once.</summary>
    /// <returns>Who agreed; null: nobody did, to so many rows of these people.</returns>
    public async Task<string?> TakeAsync(LedgerRow ledger, string by, Digest of, int rows, CancellationToken cancel)
    {
        var key = await accounts.SealAsync(cancel);
        var agreed = await Rows.ReadAsync(
            "select id, what, asked_by, asked, answered_by from approval where ledger = $1 and kind = $2 and asked_by = $3 and agreed = 1 and answered > $4 and what <> $5 order by answered",
            cells => (Asked: Read(key, cells), By: cells.Text(4)), cancel, ledger.Ledger, Export, by, Micros.Of(accounts.Now - Keeps), Array.Empty<byte>());
        foreach (var (asked, who) in agreed)
        {
            // Of two who take it at once one comes first.
            if (asked.Of == of.ToString() && asked.Rows >= rows
                && await Rows.RunAsync("update approval set what = $3 where ledger = $1 and id = $2 and what <> $3", cancel, ledger.Ledger, asked.Id.ToArray(), Array.Empty<byte>()) == 1)
                return who;
        }

        return null;
    }

    private static AskedExport Read(StaffSeal key, ICells cells)
    {
        var id = new OpaqueId(cells.Bytes(0));
        var what = JsonSerializer.Deserialize(key.Open("approval|" + id, cells.Bytes(1)), ExportApprovalJson.Default.SealedExport)!;
        return new AskedExport(id, cells.Text(2), Micros.ToInstant(cells.Long(3)), what.Of, what.Rows);
    }
}

/// <summary>What is sealed of a request.</summary>
internal sealed record SealedExport(string Of, int Rows);

[System.Text.Json.Serialization.JsonSerializable(typeof(SealedExport))]
internal sealed partial class ExportApprovalJson : System.Text.Json.Serialization.JsonSerializerContext;
