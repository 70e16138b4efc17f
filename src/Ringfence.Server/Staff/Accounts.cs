using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>Who the staff of an installation are, and what they are for whom.</summary>
internal sealed class Accounts(Installation installation)
{
    private const string Columns = "id, person, language, status, password, totp, totp_step, letter_keys, outside, created";
    private const int MostName = 100;
    private const int MostMail = 254;

    private StaffSeal? seal;

    public ILocalRows Rows => installation.Store.Local;

    public Instant Now => Instant.FromDateTimeOffset(installation.Time.GetUtcNow());

    /// <summary>The key of the staff's things; made where there is none.</summary>
    public async ValueTask<StaffSeal> SealAsync(CancellationToken cancel) => seal ??= new StaffSeal(await installation.Keyring.StaffKeyAsync(cancel));

    /// <summary>An e-mail address as it is looked for; null: it is none.</summary>
    public static string? MailOf(string text)
    {
        var mail = text.Trim().ToLowerInvariant();
        var at = mail.IndexOf('@', StringComparison.Ordinal);
        return mail.Length <= MostMail && at > 0 && at < mail.Length - 1 && at == mail.LastIndexOf('@') && !mail.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c)) ? mail : null;
    }

    /// <summary>A name as it is kept; null: it is none.</summary>
    public static string? NameOf(string text) => text.Trim() is { Length: > 0 and <= MostName } name && !name.Any(char.IsControl) ? name : null;

    public async Task<Account?> FindAsync(string id, CancellationToken cancel) => await FirstAsync("id = $1", id, cancel);

    public async Task<Account?> FindByMailAsync(string mail, CancellationToken cancel) => await FirstAsync("mail = $1", (await SealAsync(cancel)).Tag("mail", mail), cancel);

    /// <summary>Who somebody is whom an identity provider vouches for.</summary>
    /// <param name="outside">Of <see cref="OutsideAsync"/>.</param>
    public async Task<Account?> FindOutsideAsync(byte[] outside, CancellationToken cancel) => await FirstAsync("outside = $1", outside, cancel);

    /// <summary>What is kept of who somebody is elsewhere: the issuer and its word for them, and no address, which another may have tomorrow.</summary>
    public async Task<byte[]> OutsideAsync(string issuer, string subject, CancellationToken cancel) => (await SealAsync(cancel)).Tag("outside", issuer + "\n" + subject);

    /// <summary>All of them, by name.</summary>
    public async Task<IReadOnlyList<Account>> AllAsync(CancellationToken cancel)
    {
        var key = await SealAsync(cancel);
        return [.. (await Rows.ReadAsync($"select {Columns} from staff_account", cells => Read(key, cells), cancel)).OrderBy(static account => account.Name, StringComparer.Ordinal)];
    }

    /// <summary>What roles there are: of everybody, or of one.</summary>
    public Task<IReadOnlyList<GivenRole>> RolesAsync(string? account, CancellationToken cancel) => account is null
        ? Rows.ReadAsync("select account, controller, role from staff_role order by account, controller, role", Role, cancel)
        : Rows.ReadAsync("select account, controller, role from staff_role where account = $1 order by controller, role", Role, cancel, account);

    /// <summary>What somebody may do: by controller, and for the installation as a whole.</summary>
    public async Task<(IReadOnlyDictionary<string, Right> ByController, Right Everywhere)> RightsAsync(string account, CancellationToken cancel)
    {
        var rights = new Dictionary<string, Right>(StringComparer.Ordinal);
        foreach (var given in await RolesAsync(account, cancel))
            rights[given.Controller] = rights.GetValueOrDefault(given.Controller) | given.Role.Rights();
        if (!rights.Remove(GivenRole.Everywhere, out var everywhere))
            return (rights, Right.None);
        foreach (var controller in (await installation.NewestLedgersAsync(cancel)).Select(static row => row.Controller))
            rights[controller] = rights.GetValueOrDefault(controller) | everywhere;
        return (rights, everywhere);
    }

    /// <summary>Makes an account.</summary>
    /// <param name="password">Hashed; null: they are invited, and choose it themselves.</param>
    /// <param name="with">What is done in the same transaction, given the account's id; false: none of it is done.</param>
    /// <returns>Null: it was not to be done.</returns>
    /// <exception cref="CommandRefusedException"><c>account-there</c>.</exception>
    public async Task<Account?> AddAsync(
        string mail, string name, string? language, string? password, IReadOnlyCollection<(string Controller, Role Role)> roles, Func<ILocalTurn, string, Task<bool>>? with, CancellationToken cancel)
    {
        var key = await SealAsync(cancel);
        var id = "st-" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 10);
        try
        {
            var added = await Rows.WriteAsync(
                async turn =>
                {
                    if (with is not null && !await with(turn, id))
                        return false;
                    await turn.RunAsync(
                        "insert into staff_account(id, mail, person, language, status, password, letter_keys, created) values ($1, $2, $3, $4, $5, $6, 1, $7)",
                        id, key.Tag("mail", mail), Person(key, id, mail, name), language, (long)(password is null ? AccountStatus.Invited : AccountStatus.Active), password, Micros.Of(Now));
                    foreach (var (controller, role) in roles)
                        await turn.RunAsync("insert into staff_role(account, controller, role) values ($1, $2, $3)", id, controller, role.Word());
                    return true;
                },
                cancel);
            return added ? await FindAsync(id, cancel) : null;
        }
        catch (StoreException e) when (e.Fault == StoreFault.Conflict)
        {
            throw new CommandRefusedException("account-there");
        }
    }

    /// <summary>Sets a password, and makes whoever was invited active. Everybody who was signed in is out, but for one.</summary>
    /// <param name="password">Hashed.</param>
    /// <param name="but">Hash of the session that stays; null: none.</param>
    public Task SetPasswordAsync(string account, string password, byte[]? but, CancellationToken cancel) => Rows.WriteAsync(
        async turn =>
        {
            await turn.RunAsync("update staff_account set password = $2, status = case when status = 0 then 1 else status end where id = $1", account, password);
            return await EndAllAsync(turn, account, but);
        },
        cancel);

    public async Task SetPersonAsync(Account account, string name, string? language, bool letterKeys, CancellationToken cancel)
    {
        var person = Person(await SealAsync(cancel), account.Id, account.Mail, name);
        await Rows.RunAsync("update staff_account set person = $2, language = $3, letter_keys = $4 where id = $1", cancel, account.Id, person, language, letterKeys ? 1L : 0L);
    }

    /// <summary>Links an account with who they are for the identity provider; null: with nobody.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Conflict"/>: another account is linked with them.</exception>
    public Task SetOutsideAsync(string account, byte[]? outside, CancellationToken cancel) => Rows.RunAsync("update staff_account set outside = $2 where id = $1", cancel, account, outside);

    /// <summary>Lets somebody in or shuts them out; whoever is shut out is out at once.</summary>
    public Task SetStatusAsync(string account, AccountStatus status, CancellationToken cancel) => Rows.WriteAsync(
        async turn =>
        {
            await turn.RunAsync("update staff_account set status = $2 where id = $1", account, (long)status);
            if (status != AccountStatus.Suspended)
                return 0;
            await turn.RunAsync("delete from staff_link where account = $1", account);
            return await EndAllAsync(turn, account, null);
        },
        cancel);

    /// <summary>Gives a role, or takes it.</summary>
    public Task SetRoleAsync(GivenRole given, bool has, CancellationToken cancel) => has
        ? Rows.RunAsync("insert into staff_role(account, controller, role) values ($1, $2, $3) on conflict do nothing", cancel, given.Account, given.Controller, given.Role.Word())
        : Rows.RunAsync("delete from staff_role where account = $1 and controller = $2 and role = $3", cancel, given.Account, given.Controller, given.Role.Word());

    /// <summary>Ends what was signed in or begun for an account.</summary>
    public static async Task<int> EndAllAsync(ILocalTurn turn, string account, byte[]? but)
    {
        await turn.RunAsync("delete from staff_challenge where account = $1", account);
        return await turn.RunAsync("delete from staff_session where account = $1 and hash <> $2", account, but ?? []);
    }

    /// <summary>Ends what everybody is signed in to, has begun, or holds a link to.</summary>
    public static Task<int> EndEverybodyAsync(ILocalRows rows, CancellationToken cancel) => rows.WriteAsync(
        static async turn =>
        {
            await turn.RunAsync("delete from staff_challenge");
            await turn.RunAsync("delete from staff_link");
            return await turn.RunAsync("delete from staff_session");
        },
        cancel);

    private static GivenRole Role(ICells cells) =>
        new(cells.Text(0), cells.Text(1), Roles.TryRead(cells.Text(2), out var role) ? role : throw new StoreException(StoreFault.Damaged, "A role is none."));

    private static byte[] Person(StaffSeal key, string id, string mail, string name) => key.Seal("person|" + id, Encoding.UTF8.GetBytes(mail + "\n" + name));

    private static Account Read(StaffSeal key, ICells cells)
    {
        var id = cells.Text(0);
        var person = Encoding.UTF8.GetString(key.Open("person|" + id, cells.Bytes(1))).Split('\n', 2);
        return new Account(
            id, person[0], person[1], cells.TextOrNull(2), (AccountStatus)cells.Long(3), cells.TextOrNull(4), cells.BytesOrNull(5), cells.LongOrNull(6), cells.Long(7) == 1,
            cells.BytesOrNull(8), Micros.ToInstant(cells.Long(9)));
    }

    private async Task<Account?> FirstAsync(string condition, object value, CancellationToken cancel)
    {
        var key = await SealAsync(cancel);
        return await Rows.FirstAsync($"select {Columns} from staff_account where {condition}", cells => Read(key, cells), cancel, value);
    }
}
