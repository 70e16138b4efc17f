using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>A passkey of somebody's.</summary>
internal sealed record Passkey(byte[] Id, string Name, NodaTime.Instant Created)
{
    /// <summary>By which a page names it.</summary>
    public string Handle => Base64Url.EncodeToString(Id);
}

/// <summary>Signing in by a passkey, which is both factors at once: what they have, opened by what they know or are. The framework does what the standard asks for.</summary>
/// <remarks>Source: W3C Web Authentication, level 3, sections 7.1 and 7.2. User verification is required; what the device is made by is not asked.</remarks>
internal sealed class Passkeys
{
    private const int MostName = 60;

    private readonly Entrance entrance;
    private readonly PasskeyHandler<Account> handler;

    public Passkeys(Entrance entrance)
    {
        this.entrance = entrance;
        var options = new IdentityPasskeyOptions
        {
            UserVerificationRequirement = "required",
            ResidentKeyRequirement = "required",
            AttestationConveyancePreference = "none",
            ServerDomain = entrance.Address?.Host,
            // A page of ours alone, and in no frame of another's.
            ValidateOrigin = context => ValueTask.FromResult(!context.CrossOrigin && string.Equals(context.Origin, entrance.RootOf(context.HttpContext.Request), StringComparison.OrdinalIgnoreCase)),
        };
#pragma warning disable CA2000 // it holds nothing but the store
        var users = new UserManager<Account>(
            new PasskeyStore(entrance.Accounts), Options.Create(new IdentityOptions { Stores = { SchemaVersion = IdentitySchemaVersions.Version3 } }), new PasswordHasher<Account>(), [], [],
            new UpperInvariantLookupNormalizer(), new IdentityErrorDescriber(), null!, NullLogger<UserManager<Account>>.Instance);
#pragma warning restore CA2000
        handler = new PasskeyHandler<Account>(users, Options.Create(options));
    }

    private Accounts Accounts => entrance.Accounts;

    /// <summary>Somebody's passkeys, the oldest first.</summary>
    public Task<IReadOnlyList<Passkey>> ListAsync(string account, CancellationToken cancel) => Accounts.Rows.ReadAsync(
        "select id, name, created from staff_passkey where account = $1 order by created", static cells => new Passkey(cells.Bytes(0), cells.Text(1), Micros.ToInstant(cells.Long(2))), cancel, account);

    /// <summary>Asks the browser to make one; what the page's script hands to it, JSON.</summary>
    public async Task<string> BeginMakingAsync(HttpContext http, Account account)
    {
        var made = await handler.MakeCreationOptionsAsync(new PasskeyUserEntity { Id = account.Id, Name = account.Mail, DisplayName = account.Name }, http);
        await entrance.SignIn.BeginStepAsync(http, "passkey-making", account.Id, Encoding.UTF8.GetBytes(made.AttestationState ?? ""));
        return made.CreationOptionsJson;
    }

    /// <summary>Takes what the browser made.</summary>
    /// <returns>False: it is not in order, or what was begun has ended.</returns>
    public async Task<bool> EndMakingAsync(HttpContext http, Account account, string name, string credential)
    {
        if (await entrance.SignIn.StepAsync(http, "passkey-making", 1) is not { } step || step.Account != account.Id || name.Length is 0 or > MostName || name.Any(char.IsControl))
            return false;
        var result = await handler.PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = http, CredentialJson = credential, AttestationState = Encoding.UTF8.GetString(step.State) });
        await entrance.SignIn.EndStepAsync(http, step.Hash);
        // For whom it was made stands in what was begun: that and who is signed in have to be one.
        if (!result.Succeeded || result.UserEntity.Id != account.Id || !result.Passkey.IsUserVerified)
            return false;
        result.Passkey.Name = name;
        await new PasskeyStore(Accounts).AddOrUpdatePasskeyAsync(account, result.Passkey, http.RequestAborted);
        return true;
    }

    /// <summary>Asks the browser for one; nobody says whose, so that nobody learns who has any.</summary>
    public async Task<string> BeginAsync(HttpContext http)
    {
        var asked = await handler.MakeRequestOptionsAsync(null, http);
        await entrance.SignIn.BeginStepAsync(http, "passkey", null, Encoding.UTF8.GetBytes(asked.AssertionState ?? ""));
        return asked.RequestOptionsJson;
    }

    /// <summary>Whose passkey the browser has shown; null: nobody's who may come in.</summary>
    public async Task<Account?> EndAsync(HttpContext http, string credential)
    {
        if (await entrance.SignIn.StepAsync(http, "passkey", 1) is not { } step)
            return null;
        var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = http, CredentialJson = credential, AssertionState = Encoding.UTF8.GetString(step.State) });
        await entrance.SignIn.EndStepAsync(http, step.Hash);
        if (!result.Succeeded || !result.Passkey.IsUserVerified || result.User is not { Status: AccountStatus.Active } account)
            return null;
        await new PasskeyStore(Accounts).AddOrUpdatePasskeyAsync(account, result.Passkey, http.RequestAborted);
        return account;
    }

    /// <summary>Takes one away.</summary>
    public Task RemoveAsync(string account, string handle, CancellationToken cancel) => TryBytes(handle) is { } id
        ? Accounts.Rows.RunAsync("delete from staff_passkey where account = $1 and id = $2", cancel, account, id) : Task.CompletedTask;

    private static byte[]? TryBytes(string handle)
    {
        try
        {
            return Base64Url.DecodeFromChars(handle);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>What the framework's handler of passkeys asks of a store, and no more.</summary>
internal sealed class PasskeyStore(Accounts accounts) : IUserPasskeyStore<Account>
{
    private const string Columns = "p.id, p.public_key, p.created, p.sign_count, p.transports, p.backup, p.name";

    public Task AddOrUpdatePasskeyAsync(Account user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => accounts.Rows.RunAsync(
        """
        insert into staff_passkey(id, account, name, public_key, sign_count, transports, backup, created) values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (id) do update set sign_count = excluded.sign_count, backup = excluded.backup where staff_passkey.account = excluded.account and staff_passkey.sign_count <= excluded.sign_count
        """,
        cancellationToken, passkey.CredentialId, user.Id, passkey.Name ?? "", passkey.PublicKey, (long)passkey.SignCount, string.Join(' ', passkey.Transports ?? []),
        passkey.IsBackedUp ? 2L : passkey.IsBackupEligible ? 1L : 0L, Micros.Of(NodaTime.Instant.FromDateTimeOffset(passkey.CreatedAt)));

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Account user, CancellationToken cancellationToken) =>
        [.. await accounts.Rows.ReadAsync($"select {Columns} from staff_passkey p where p.account = $1", Read, cancellationToken, user.Id)];

    public async Task<Account?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        await accounts.Rows.FirstAsync("select account from staff_passkey where id = $1", static cells => cells.Text(0), cancellationToken, credentialId) is { } id ? await accounts.FindAsync(id, cancellationToken) : null;

    public Task<UserPasskeyInfo?> FindPasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken) =>
        accounts.Rows.FirstAsync($"select {Columns} from staff_passkey p where p.account = $1 and p.id = $2", Read, cancellationToken, user.Id, credentialId);

    public Task RemovePasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken) =>
        accounts.Rows.RunAsync("delete from staff_passkey where account = $1 and id = $2", cancellationToken, user.Id, credentialId);

    public Task<string> GetUserIdAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Mail);

    public Task<string?> GetNormalizedUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Mail);

    public Task<Account?> FindByIdAsync(string userId, CancellationToken cancellationToken) => accounts.FindAsync(userId, cancellationToken);

    public Task<Account?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => accounts.FindByMailAsync(normalizedUserName, cancellationToken);

    public Task SetUserNameAsync(Account user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(Account user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private static UserPasskeyInfo Read(ICells cells) => new(
        cells.Bytes(0), cells.Bytes(1), Micros.ToInstant(cells.Long(2)).ToDateTimeOffset(), (uint)cells.Long(3), cells.Text(4).Split(' ', StringSplitOptions.RemoveEmptyEntries), true,
        cells.Long(5) > 0, cells.Long(5) == 2, [], [])
    {
        Name = cells.Text(6),
    };
}
