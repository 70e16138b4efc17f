using System.Security.Cryptography;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>What somebody shows beside a password: a code of their app, or one of those they wrote down.</summary>
internal sealed class SecondFactors(Accounts accounts)
{
    private const int RecoveryCodes = 10;

    // 80 bits: long enough that a plain hash keeps them.
    private const int RecoveryLength = 16;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Takes a code; the same is never taken again.</summary>
    /// <returns>Which kind it was: <c>totp</c>, <c>recovery</c>; null: it is wrong.</returns>
    public async Task<string?> TakeAsync(Account account, string typed, CancellationToken cancel)
    {
        var code = Bare(typed);
        if (code.Length == 6 && account.Totp is not null)
        {
            var secret = await SecretAsync(account, cancel);
            // Of two who show the same code at once, one is heard.
            return Totp.Match(secret, code, accounts.Now, account.TotpStep) is { } step
                && await accounts.Rows.RunAsync("update staff_account set totp_step = $2 where id = $1 and (totp_step is null or totp_step < $2)", cancel, account.Id, step) == 1 ? "totp" : null;
        }

        return code.Length == RecoveryLength && await accounts.Rows.RunAsync("delete from staff_recovery where account = $1 and hash = $2", cancel, account.Id, Token.Hash(code)) == 1 ? "recovery" : null;
    }

    /// <summary>Has an app make codes from now on, having shown one.</summary>
    /// <returns>Codes to be written down, shown once; null: the code is wrong.</returns>
    public async Task<IReadOnlyList<string>?> BeginAsync(Account account, byte[] secret, string typed, CancellationToken cancel)
    {
        if (Totp.Match(secret, Bare(typed), accounts.Now, null) is not { } step)
            return null;
        var sealedSecret = (await accounts.SealAsync(cancel)).Seal("totp|" + account.Id, secret);
        var codes = NewCodes();
        await accounts.Rows.WriteAsync(
            async turn =>
            {
                await turn.RunAsync("update staff_account set totp = $2, totp_step = $3 where id = $1", account.Id, sealedSecret, step);
                return await PutCodesAsync(turn, account.Id, codes);
            },
            cancel);
        return codes;
    }

    /// <summary>New codes to be written down; those before open nothing any more.</summary>
    public async Task<IReadOnlyList<string>> RenewAsync(Account account, CancellationToken cancel)
    {
        var codes = NewCodes();
        await accounts.Rows.WriteAsync(turn => PutCodesAsync(turn, account.Id, codes), cancel);
        return codes;
    }

    /// <summary>Goes without an app.</summary>
    public Task EndAsync(Account account, CancellationToken cancel) => accounts.Rows.WriteAsync(turn => EndAsync(turn, account.Id), cancel);

    /// <summary>The same, in a transaction.</summary>
    public static async Task<int> EndAsync(ILocalTurn turn, string account)
    {
        await turn.RunAsync("delete from staff_recovery where account = $1", account);
        return await turn.RunAsync("update staff_account set totp = null, totp_step = null where id = $1", account);
    }

    /// <summary>How many codes are left.</summary>
    public async Task<int> LeftAsync(string account, CancellationToken cancel) =>
        (await accounts.Rows.ReadAsync("select 1 from staff_recovery where account = $1", static _ => true, cancel, account)).Count;

    private async Task<byte[]> SecretAsync(Account account, CancellationToken cancel) => (await accounts.SealAsync(cancel)).Open("totp|" + account.Id, account.Totp!);

    private static async Task<int> PutCodesAsync(ILocalTurn turn, string account, IReadOnlyList<string> codes)
    {
        await turn.RunAsync("delete from staff_recovery where account = $1", account);
        foreach (var code in codes)
            await turn.RunAsync("insert into staff_recovery(account, hash) values ($1, $2)", account, Token.Hash(Bare(code)));
        return codes.Count;
    }

    private static IReadOnlyList<string> NewCodes() =>
        [.. Enumerable.Range(0, RecoveryCodes).Select(static _ => string.Join('-', RandomNumberGenerator.GetString(Alphabet, RecoveryLength).Chunk(4).Select(static group => new string(group))))];

    private static string Bare(string typed) => new([.. typed.ToUpperInvariant().Where(static c => char.IsAsciiLetterOrDigit(c))]);
}
