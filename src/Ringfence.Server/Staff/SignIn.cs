using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using NodaTime;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>What comes of trying to sign in.</summary>
internal enum Entry
{
    /// <summary>They are in.</summary>
    In,

    /// <summary>The password is right; now the second factor.</summary>
    Second,

    /// <summary>Something is wrong, and nobody is told what.</summary>
    Wrong,

    /// <summary>Too often; right or wrong was not looked at.</summary>
    Wait,

    /// <summary>What was begun has ended: from the start.</summary>
    Over,
}

/// <summary>Signing in by a password, and by a second factor where somebody has one.</summary>
/// <remarks>
/// Guesses are counted before they are looked at, by address of the network and by e-mail address, whether there is such an account or not. A browser in which somebody has
/// signed in before has a count of its own, so that whoever guesses elsewhere does not keep the owner out; nor does a passkey, which can't be guessed, wait for anybody.
/// </remarks>
internal sealed class SignIn(Installation installation, Accounts accounts, Sessions sessions, IPasswordHasher<Account>? hashes = null)
{
    /// <summary>Holds what is begun.</summary>
    public const string StepCookie = "ringfence-step";

    private const string DeviceCookie = "ringfence-device";

    // One ledger's number that no ledger has.
    private const long NoLedger = 0;

    private const int FromOnePlace = 60;
    private const int InAnHour = 10;
    private const int InADay = 40;

    // Source: NIST SP 800-63B-4, 3.2.2: no more than 100 failures one after the other.
    private const int InARow = 100;

    private const int Codes = 5;

    // Places to count in: bounded, whoever comes. Two in one place are a matter of chance, and wait together.
    private const uint Places = 1 << 16;

    private static readonly Duration Step = Duration.FromMinutes(5);
    private static readonly Duration DeviceLasts = Duration.FromDays(180);

    // PBKDF2 with HMAC-SHA-512. Source: OWASP Password Storage Cheat Sheet: 210,000 rounds or more.
    private static readonly PasswordHasher<Account> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 220_000 }));

    // Where there is no account, as much is computed as where there is one.
    private static readonly Lazy<string> Nobody = new(static () => Hash(Token.New()));

    /// <summary>A password as it is kept.</summary>
    public static string Hash(string password) => Hasher.HashPassword(null!, password);

    /// <summary>Whether it is an account's password.</summary>
    public static bool IsPassword(Account? account, string password) => IsPassword(Hasher, account, password);

    private static bool IsPassword(IPasswordHasher<Account> hashes, Account? account, string password)
    {
        // Made the first time that anybody tries, not the first time that there is no account.
        var nobody = Nobody.Value;
        return hashes.VerifyHashedPassword(null!, account?.Password ?? nobody, password) != PasswordVerificationResult.Failed && account?.Password is not null;
    }

    /// <summary>Tries a password.</summary>
    public async Task<Entry> PasswordAsync(HttpContext http, string typedMail, string password)
    {
        var cancel = http.RequestAborted;
        var key = await accounts.SealAsync(cancel);
        var mail = Accounts.MailOf(typedMail) ?? "nobody";
        var account = await accounts.FindByMailAsync(mail, cancel);
        var counts = await CountsAsync(http, key, mail, account, cancel);
        if (!await TakeAsync(counts, cancel))
            return Entry.Wait;
        // What is longer is no password of ours, and hashing it is work.
        var right = IsPassword(hashes ?? Hasher, account, password.Length <= Ringfence.Staff.PasswordRule.Most ? password : "");
        if (!right || account is not { Status: AccountStatus.Active })
            return Entry.Wrong;
        await GiveBackAsync(counts, cancel);
        if (account.Totp is null)
        {
            await EnterAsync(http, account, "password");
            return Entry.In;
        }

        await BeginStepAsync(http, "second", account.Id, []);
        return Entry.Second;
    }

    /// <summary>Tries a code of the app, or one of those that were written down.</summary>
    public async Task<Entry> SecondAsync(HttpContext http, string typed)
    {
        var cancel = http.RequestAborted;
        if (await StepAsync(http, "second", Codes) is not { Account: { } id } step || await accounts.FindAsync(id, cancel) is not { Status: AccountStatus.Active } account)
            return Entry.Over;
        var counts = await CountsAsync(http, await accounts.SealAsync(cancel), account.Mail + "\ncode", account, cancel);
        if (!await TakeAsync(counts, cancel))
            return Entry.Wait;
        if (await new SecondFactors(accounts).TakeAsync(account, typed, cancel) is not { } way)
            return Entry.Wrong;
        await GiveBackAsync(counts, cancel);
        await EndStepAsync(http, step.Hash);
        await EnterAsync(http, account, way);
        return Entry.In;
    }

    /// <summary>They are in, having just shown that it is them.</summary>
    public Task EnterAsync(HttpContext http, Account account, string way) => EnterAsync(http, account, way, accounts.Now);

    /// <summary>They are in: in this browser, which is known from now on.</summary>
    /// <param name="shown">When they showed that it is them; null: nobody says so.</param>
    public async Task EnterAsync(HttpContext http, Account account, string way, Instant? shown)
    {
        await sessions.BeginAsync(http, account, way, shown);
        var nonce = Token.New();
        sessions.Set(http, DeviceCookie, $"{nonce}.{DeviceMac(await accounts.SealAsync(http.RequestAborted), account, nonce)}", DeviceLasts);
    }

    /// <summary>Begins something that this browser has to end.</summary>
    /// <param name="state">What has to be known then; sealed.</param>
    public async Task BeginStepAsync(HttpContext http, string kind, string? account, byte[] state)
    {
        var (token, now, key) = (Token.New(), accounts.Now, await accounts.SealAsync(http.RequestAborted));
        await accounts.Rows.WriteAsync(
            async turn =>
            {
                await turn.RunAsync("delete from staff_challenge where ends < $1", Micros.Of(now));
                return await turn.RunAsync(
                    "insert into staff_challenge(hash, kind, account, state, tries, ends) values ($1, $2, $3, $4, 0, $5)",
                    Token.Hash(token), kind, account, key.Seal("challenge|" + kind, state), Micros.Of(now + Step));
            },
            http.RequestAborted);
        sessions.Set(http, StepCookie, token, Step);
    }

    /// <summary>What this browser has begun; null: nothing, or it has ended. Each look is a try.</summary>
    public async Task<BegunStep?> StepAsync(HttpContext http, string kind, int most)
    {
        var cancel = http.RequestAborted;
        if (sessions.Held(http, StepCookie) is not { } token || !Token.Is(token))
            return null;
        var hash = Token.Hash(token);
        if (await accounts.Rows.RunAsync("update staff_challenge set tries = tries + 1 where hash = $1 and kind = $2 and tries < $3 and ends > $4", cancel, hash, kind, (long)most, Micros.Of(accounts.Now)) != 1)
            return null;
        var key = await accounts.SealAsync(cancel);
        return await accounts.Rows.FirstAsync("select account, state from staff_challenge where hash = $1", cells => new BegunStep(hash, cells.TextOrNull(0), key.Open("challenge|" + kind, cells.Bytes(1))), cancel, hash);
    }

    /// <summary>The same without counting: to show what is begun.</summary>
    public async Task<BegunStep?> LookAsync(HttpContext http, string kind)
    {
        if (sessions.Held(http, StepCookie) is not { } token || !Token.Is(token))
            return null;
        var (hash, key) = (Token.Hash(token), await accounts.SealAsync(http.RequestAborted));
        return await accounts.Rows.FirstAsync(
            "select account, state from staff_challenge where hash = $1 and kind = $2 and ends > $3", cells => new BegunStep(hash, cells.TextOrNull(0), key.Open("challenge|" + kind, cells.Bytes(1))), http.RequestAborted,
            hash, kind, Micros.Of(accounts.Now));
    }

    /// <summary>Somebody who is signed in shows again that it is them: by the password, and a code where they have an app.</summary>
    public async Task<Entry> AgainAsync(HttpContext http, Account account, string password, string code)
    {
        var cancel = http.RequestAborted;
        var counts = await CountsAsync(http, await accounts.SealAsync(cancel), account.Mail + "\nagain", account, cancel);
        if (!await TakeAsync(counts, cancel))
            return Entry.Wait;
        if (!IsPassword(account, password.Length <= Ringfence.Staff.PasswordRule.Most ? password : "")
            || (account.Totp is not null && await new SecondFactors(accounts).TakeAsync(account, code, cancel) is null))
        {
            return Entry.Wrong;
        }

        await GiveBackAsync(counts, cancel);
        await sessions.StepUpAsync(http);
        return Entry.In;
    }

    /// <summary>Ends it.</summary>
    public async Task EndStepAsync(HttpContext http, byte[] hash)
    {
        await accounts.Rows.RunAsync("delete from staff_challenge where hash = $1", http.RequestAborted, hash);
        sessions.Drop(http, StepCookie);
    }

    // Of a password that was changed since, no browser is known any more.
    private static string DeviceMac(StaffSeal key, Account account, string nonce) => Base64Url.EncodeToString(key.Tag("device", $"{account.Id}\n{account.Password}\n{nonce}"));

    private async Task<IReadOnlyList<Count>> CountsAsync(HttpContext http, StaffSeal key, string mail, Account? account, CancellationToken cancel)
    {
        var (seconds, place) = (accounts.Now.ToUnixTimeSeconds(), PlaceOf(key, "mail|" + mail));
        if (account is not null && sessions.Held(http, DeviceCookie)?.Split('.') is [var nonce, var mac]
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(mac), Encoding.UTF8.GetBytes(DeviceMac(key, account, nonce))))
        {
            return [new("sign-in:device:" + PlaceOf(key, "device|" + nonce), seconds / 3600, InAnHour)];
        }

        cancel.ThrowIfCancellationRequested();
        var address = http.Connection.RemoteIpAddress;
        return
        [
            // Through a proxy on this machine everybody comes from here: they are not one.
            .. address is null || IPAddress.IsLoopback(address) ? (Count[])[] : [new("sign-in:place:" + PlaceOf(key, "place|" + PlaceOf(address)), seconds / 900, FromOnePlace)],
            new("sign-in:hour:" + place, seconds / 3600, InAnHour),
            new("sign-in:day:" + place, seconds / 86_400, InADay),
            // A new password has not been guessed at.
            new("sign-in:row:" + PlaceOf(key, $"row|{mail}|{account?.Password}"), 0, InARow),
        ];
    }

    // Counted is what is looked at. Were the others counted, too, a hundred tries in a minute would shut an account for ever.
    private async Task<bool> TakeAsync(IReadOnlyList<Count> counts, CancellationToken cancel)
    {
        for (var i = 0; i < counts.Count; i++)
        {
            if ((await installation.Store.CountAsync(NoLedger, counts[i].Bucket, counts[i].Period, 1, cancel)).Taken <= counts[i].Most)
                continue;
            foreach (var count in counts.Take(i + 1))
                await installation.Store.CountAsync(NoLedger, count.Bucket, count.Period, -1, cancel);
            return false;
        }

        return true;
    }

    // Who knows the password has guessed nothing.
    private async Task GiveBackAsync(IReadOnlyList<Count> counts, CancellationToken cancel)
    {
        foreach (var count in counts)
        {
            var taken = (await installation.Store.CountAsync(NoLedger, count.Bucket, count.Period, -1, cancel)).Taken;
            if (count.Most == InARow)
                await installation.Store.CountAsync(NoLedger, count.Bucket, count.Period, -taken, cancel);
        }
    }

    // A household has one address, or of the newer kind a network of 64 bits.
    private static string PlaceOf(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        return address is { AddressFamily: AddressFamily.InterNetworkV6 } ? Convert.ToHexString(address.GetAddressBytes()[..8]) : address?.ToString() ?? "";
    }

    private static string PlaceOf(StaffSeal key, string what) => (BinaryPrimitives.ReadUInt32BigEndian(key.Tag("count", what)) % Places).ToString(CultureInfo.InvariantCulture);

    private sealed record Count(string Bucket, long Period, int Most);
}

/// <summary>What a browser has begun.</summary>
/// <param name="Hash">Under which it is kept.</param>
/// <param name="Account">About whom; null: nobody yet.</param>
/// <param name="State">What has to be known.</param>
internal sealed record BegunStep(byte[] Hash, string? Account, byte[] State);
