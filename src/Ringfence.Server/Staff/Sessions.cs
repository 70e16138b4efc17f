using System.Security.Cryptography;
using NodaTime;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>One browser in which somebody is signed in.</summary>
/// <param name="Handle">By which it is named on a page; opens nothing.</param>
/// <param name="Way">How they came in: <c>password</c>, <c>totp</c>, <c>recovery</c>, <c>passkey</c>, <c>outside</c>.</param>
/// <param name="Device">Browser and system, as far as the browser says.</param>
internal sealed record Session(string Handle, string Account, Instant Created, Instant Seen, string Way, string Device);

/// <summary>Who is signed in. The browser holds a token, the store its hash; it is looked up on each request, so that whatever ends a session ends it at once and everywhere.</summary>
/// <param name="accounts">The staff.</param>
/// <param name="isHttps">Whether people reach the program by https; then the cookie goes nowhere else.</param>
internal sealed class Sessions(Accounts accounts, Func<HttpContext, bool> isHttps)
{
    // Source: NIST SP 800-63B-4, 2.2.3: at the second level an hour without use and a day altogether.
    private static readonly Duration Idle = Duration.FromHours(1);
    private static readonly Duration Longest = Duration.FromHours(24);

    // Whoever clicks on is not written down each time.
    private static readonly Duration Step = Duration.FromMinutes(5);

    // Who shows again that it is them is believed for so long.
    private static readonly Duration Fresh = Duration.FromMinutes(10);

    private ILocalRows Rows => accounts.Rows;

    /// <summary>Whether somebody has just shown that it is them.</summary>
    public static bool IsSteppedUp(SignedIn staff, Instant now) => staff.SteppedUpAt is { } at && now - at < Fresh;

    /// <summary>Who asks; null: nobody who is signed in.</summary>
    public async Task<SignedIn?> FindAsync(HttpContext http)
    {
        var cancel = http.RequestAborted;
        if (TokenOf(http) is not { } token)
            return null;
        var hash = Token.Hash(token);
        var now = accounts.Now;
        var found = await Rows.FirstAsync(
            "select account, created, seen, stepped_up from staff_session where hash = $1",
            static cells => new { Account = cells.Text(0), Created = Micros.ToInstant(cells.Long(1)), Seen = Micros.ToInstant(cells.Long(2)), SteppedUp = Micros.ToInstant(cells.Long(3)) }, cancel, hash);
        // A clock that went back makes nobody's session longer.
        if (found is null || now - found.Seen > Idle || now - found.Created > Longest || found.Created - now > Idle)
            return null;
        if (await accounts.FindAsync(found.Account, cancel) is not { Status: AccountStatus.Active } account)
            return null;
        if (now - found.Seen > Step)
            await Rows.RunAsync("update staff_session set seen = $2 where hash = $1", cancel, hash, Micros.Of(now));
        var (rights, everywhere) = await accounts.RightsAsync(account.Id, cancel);
        return new SignedIn(account.Id, account.Name, account.Language, rights, found.SteppedUp, PageHost.FormTokenOf(token)) { LetterKeys = account.LetterKeys, Everywhere = everywhere };
    }

    /// <summary>Signs somebody in, in this browser; whoever was signed in there before is out.</summary>
    /// <param name="shown">When they showed that it is them; null: nobody says so.</param>
    public async Task BeginAsync(HttpContext http, Account account, string way, Instant? shown)
    {
        var (token, now) = (Token.New(), accounts.Now);
        await EndAsync(http);
        var begun = await Rows.WriteAsync(
            async turn =>
            {
                await turn.RunAsync("delete from staff_session where seen < $1 or created < $2", Micros.Of(now - Idle), Micros.Of(now - Longest));
                // Suspended meanwhile, or given another password: whoever came in by the old one is not let in.
                return await turn.RunAsync(
                    "insert into staff_session(hash, account, created, seen, stepped_up, way, device) select $1, id, $3, $3, $7, $4, $5 from staff_account where id = $2 and status = 1 and coalesce(password, '') = $6",
                    Token.Hash(token), account.Id, Micros.Of(now), way, DeviceOf(http.Request.Headers.UserAgent.ToString()), account.Password ?? "", shown is { } at ? Micros.Of(Instant.Min(at, now)) : 0L);
            },
            http.RequestAborted);
        if (begun == 1)
            Set(http, Name, token, Longest);
    }

    /// <summary>Ends the session of this browser.</summary>
    public async Task EndAsync(HttpContext http)
    {
        if (TokenOf(http) is not { } token)
            return;
        await Rows.RunAsync("delete from staff_session where hash = $1", http.RequestAborted, Token.Hash(token));
        http.Response.Cookies.Delete(NameOf(http, Name), Options(http, null));
    }

    /// <summary>They showed again that it is them.</summary>
    public async Task StepUpAsync(HttpContext http)
    {
        if (HashOf(http) is { } hash)
            await Rows.RunAsync("update staff_session set stepped_up = $2 where hash = $1", http.RequestAborted, hash, Micros.Of(accounts.Now));
    }

    /// <summary>Where somebody is signed in, the newest first.</summary>
    public async Task<IReadOnlyList<Session>> ListAsync(string account, CancellationToken cancel)
    {
        var now = accounts.Now;
        var all = await Rows.ReadAsync("select hash, account, created, seen, way, device from staff_session where account = $1 order by created desc", Read, cancel, account);
        return [.. all.Where(one => now - one.Seen <= Idle && now - one.Created <= Longest)];
    }

    /// <summary>Ends one of somebody's sessions.</summary>
    public async Task EndAsync(string account, string handle, CancellationToken cancel)
    {
        foreach (var hash in await Rows.ReadAsync("select hash from staff_session where account = $1", static cells => cells.Bytes(0), cancel, account))
        {
            if (HandleOf(hash) == handle)
                await Rows.RunAsync("delete from staff_session where hash = $1", cancel, hash);
        }
    }

    /// <summary>Ends all of somebody's sessions, but for this browser's where it is theirs.</summary>
    public Task EndOthersAsync(HttpContext http, string account) => Rows.WriteAsync(turn => Accounts.EndAllAsync(turn, account, HashOf(http)), http.RequestAborted);

    /// <summary>What is kept of this browser's session; null: it has none.</summary>
    public byte[]? HashOf(HttpContext http) => TokenOf(http) is { } token ? Token.Hash(token) : null;

    /// <summary>By which this browser's session is named.</summary>
    public string? HandleOf(HttpContext http) => HashOf(http) is { } hash ? HandleOf(hash) : null;

    /// <summary>Gives a browser something to hold, that no script reads and no other site sends.</summary>
    public void Set(HttpContext http, string name, string value, Duration lasts) => http.Response.Cookies.Append(NameOf(http, name), value, Options(http, lasts));

    /// <summary>What a browser holds; null: nothing.</summary>
    public string? Held(HttpContext http, string name) => http.Request.Cookies[NameOf(http, name)];

    /// <summary>Takes it away.</summary>
    public void Drop(HttpContext http, string name) => http.Response.Cookies.Delete(NameOf(http, name), Options(http, null));

    private const string Name = "ringfence";

    // With this prefix a browser takes a cookie from this very host alone, over https. Source: RFC 6265bis, 4.1.3.2.
    private string NameOf(HttpContext http, string name) => isHttps(http) ? "__Host-" + name : name;

    private CookieOptions Options(HttpContext http, Duration? lasts) => new()
    {
        HttpOnly = true, IsEssential = true, Path = "/", SameSite = SameSiteMode.Lax, Secure = isHttps(http), MaxAge = lasts?.ToTimeSpan(),
    };

    private string? TokenOf(HttpContext http) => Held(http, Name) is { } token && Token.Is(token) ? token : null;

    private static string HandleOf(byte[] hash) => Convert.ToHexStringLower(SHA256.HashData(hash)[..8]);

    private static Session Read(ICells cells) =>
        new(HandleOf(cells.Bytes(0)), cells.Text(1), Micros.ToInstant(cells.Long(2)), Micros.ToInstant(cells.Long(3)), cells.Text(4), cells.Text(5));

    // Enough to know one's own again; versions are nobody's business.
    private static string DeviceOf(string agent)
    {
        var browser = First(agent, ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")) ?? "?";
        var system = First(agent, ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")) ?? "?";
        return $"{browser}, {system}";

        static string? First(string agent, params ReadOnlySpan<(string Mark, string Name)> known)
        {
            foreach (var (mark, name) in known)
            {
                if (agent.Contains(mark, StringComparison.Ordinal))
                    return name;
            }

            return null;
        }
    }
}
