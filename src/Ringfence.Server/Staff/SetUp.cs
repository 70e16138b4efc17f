using NodaTime;
using Ringfence.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>The first account of an installation: made once, by whoever sees what the program prints when it starts, and never again.</summary>
internal sealed class SetUp(Installation installation, Accounts accounts)
{
    // Whoever sends the form twice, or two who send it at once: one of them is heard, and if the program died over it, the next one is after so long.
    private static readonly Duration Claim = Duration.FromMinutes(2);

    private ILocalRows Rows => accounts.Rows;

    /// <summary>Opens it anew where nobody has an account yet: what was printed before is void.</summary>
    /// <returns>What opens it; null: it was done.</returns>
    public async Task<string?> OfferAsync(CancellationToken cancel)
    {
        var token = Token.New();
        return await Rows.WriteAsync(
            async turn =>
            {
                var any = (await turn.ReadAsync("select 1 from staff_account limit 1", static _ => true)).Count > 0;
                return !any && await turn.RunAsync("insert into staff_setup(one, hash) values (1, $1) on conflict (one) do update set hash = excluded.hash where staff_setup.done is null", Token.Hash(token)) == 1;
            },
            cancel) ? token : null;
    }

    /// <summary>Whether somebody who shows this may go on.</summary>
    public async Task<bool> IsOpenAsync(string token, CancellationToken cancel) =>
        Token.Is(token) && (await Rows.ReadAsync("select 1 from staff_setup where one = 1 and hash = $1 and done is null", static _ => true, cancel, Token.Hash(token))).Count == 1;

    /// <summary>Makes the first account, and the first controller where there is none.</summary>
    /// <param name="controller">Its word, the origin of its checkpoints and who it is; null: there are controllers already.</param>
    /// <param name="password">Hashed.</param>
    /// <returns>Null: it is not open, or was done meanwhile.</returns>
    public async Task<Account?> DoAsync(
        string token, (string Word, string Origin, PartyDocument Party)? controller, string mail, string name, string language, string password, CancellationToken cancel)
    {
        var (hash, now) = (Token.Hash(token), accounts.Now);
        if (!Token.Is(token) || await Rows.RunAsync(
                "update staff_setup set claimed = $2 where one = 1 and hash = $1 and done is null and (claimed is null or claimed < $3)", cancel, hash, Micros.Of(now), Micros.Of(now - Claim)) != 1)
        {
            return null;
        }

        try
        {
            if (controller is { } founded)
                await installation.AddControllerAsync(founded.Word, founded.Origin, founded.Party, cancel);
            IReadOnlyList<(string, Role)> roles = [(GivenRole.Everywhere, Role.Administrator), (GivenRole.Everywhere, Role.PrivacyOfficer)];
            var account = await accounts.AddAsync(
                mail, name, language, password, roles,
                async (turn, _) => await turn.RunAsync("update staff_setup set done = $2, hash = null where one = 1 and hash = $1 and done is null", hash, Micros.Of(now)) == 1, cancel);
            if (account is not null)
                await RoleRecords.WriteAsync(installation, GivenRole.Everywhere, new Ringfence.Ledger.Actor(Ringfence.Ledger.ActorKind.Staff, account.Id), account.Id, RoleRecords.Given, [Role.Administrator, Role.PrivacyOfficer], cancel);
            return account;
        }
        catch
        {
            await Rows.RunAsync("update staff_setup set claimed = null where one = 1 and hash = $1 and done is null", CancellationToken.None, hash);
            throw;
        }
    }
}
