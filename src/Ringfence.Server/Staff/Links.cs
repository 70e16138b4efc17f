using NodaTime;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>Links that let somebody choose a password, once: an invitation, or a way back in. They sign nobody in.</summary>
internal sealed class Links(Accounts accounts)
{
    public const string Invitation = "invitation";
    public const string WayBack = "reset";

    private static readonly Duration InvitationLasts = Duration.FromDays(7);
    private static readonly Duration WayBackLasts = Duration.FromHours(2);

    /// <summary>Makes one; those made before for the account open nothing any more.</summary>
    /// <returns>What opens it, shown once.</returns>
    public async Task<string> MakeAsync(string account, string kind, CancellationToken cancel)
    {
        var (token, now) = (Token.New(), accounts.Now);
        await accounts.Rows.WriteAsync(
            async turn =>
            {
                await turn.RunAsync("delete from staff_link where account = $1 or ends < $2", account, Micros.Of(now));
                return await turn.RunAsync(
                    "insert into staff_link(hash, kind, account, ends) values ($1, $2, $3, $4)", Token.Hash(token), kind, account, Micros.Of(now + (kind == Invitation ? InvitationLasts : WayBackLasts)));
            },
            cancel);
        return token;
    }

    /// <summary>Whose it is; null: it opens nothing.</summary>
    public async Task<Account?> FindAsync(string token, string kind, CancellationToken cancel)
    {
        if (!Token.Is(token) || await accounts.Rows.FirstAsync(
                "select account from staff_link where hash = $1 and kind = $2 and ends > $3", static cells => cells.Text(0), cancel, Token.Hash(token), kind, Micros.Of(accounts.Now)) is not { } id)
        {
            return null;
        }

        return await accounts.FindAsync(id, cancel) is { } account && account.Status == (kind == Invitation ? AccountStatus.Invited : AccountStatus.Active) ? account : null;
    }

    /// <summary>Uses it: the password is that from now on, and whoever was signed in is out.</summary>
    /// <param name="password">Hashed.</param>
    /// <returns>False: it was used meanwhile, or ended.</returns>
    public Task<bool> UseAsync(string token, string kind, string account, string password, CancellationToken cancel) => accounts.Rows.WriteAsync(
        async turn =>
        {
            if (await turn.RunAsync("delete from staff_link where hash = $1 and kind = $2 and account = $3 and ends > $4", Token.Hash(token), kind, account, Micros.Of(accounts.Now)) != 1)
                return false;
            // Whoever was suspended meanwhile stays it.
            if (await turn.RunAsync("update staff_account set password = $2, status = 1 where id = $1 and status <> 2", account, password) != 1)
                return false;
            await Accounts.EndAllAsync(turn, account, null);
            return true;
        },
        cancel);
}
