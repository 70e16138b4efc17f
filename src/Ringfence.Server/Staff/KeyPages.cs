using System.Globalization;
using NodaTime;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>Keys by which programs call the HTTP API.</summary>
internal static class KeyPages
{
    private const int LongestName = 80;
    private const int MostDays = 3660;

    /// <summary>What the page shows.</summary>
    internal sealed record Model(IReadOnlyList<ApiKeyRow> Keys, string? Fault);

    /// <summary>A new key, shown once.</summary>
    internal sealed record MadeModel(string Name, string Key);

    public static Task<PageAnswer> ShowAsync(PageCall call) => ShowAsync(call, null, StatusCodes.Status200OK);

    public static async Task<PageAnswer> AddAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (name, scopes, days) = (form.TextOrNull("name") ?? "", form.All("scope"), form.TextOrNull("days"));
        form.Done();
        if (StepUp.Ask(call, call.At("keys")) is { } ask)
            return ask;
        var count = 0;
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl))
            return await ShowAsync(call, "name", StatusCodes.Status422UnprocessableEntity);
        if (!ScopeWords.TryRead(string.Join(',', scopes), out var may))
            return await ShowAsync(call, "scopes", StatusCodes.Status422UnprocessableEntity);
        // Nobody sees by a program what they may not see themselves.
        if ((may & ~MayGive(call)) != 0)
            throw new PageFault(StatusCodes.Status403Forbidden, "no-right");
        if (days is not null && (!int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MostDays))
            return await ShowAsync(call, "days", StatusCodes.Status422UnprocessableEntity);
        var key = ApiKey.New(call.Controller);
        await call.DoAsync(new AddApiKeyCommand(call.Actor, key, name, may, days is null ? null : call.Now + Duration.FromDays(count)));
        // Shown in the answer itself: only its hash is kept.
        return await call.PageAsync<KeyMadePage>(call.T("Keys.Made"), new MadeModel(name, key.Show()));
    }

    public static async Task<PageAnswer> RevokeAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        // Whoever shuts a door is not asked twice who they are.
        await call.DoAsync(new RevokeApiKeyCommand(call.Actor, call.Path("id")));
        return PageCall.SeeOther(call.At("keys"));
    }

    /// <summary>The scopes that whoever asks may give.</summary>
    public static ApiScopes MayGive(PageCall call) => ScopeWords.ThatMayBeGiven(call.Staff.For(call.Controller));

    private static async Task<PageAnswer> ShowAsync(PageCall call, string? fault, int status)
    {
        var keys = new List<ApiKeyRow>();
        await foreach (var row in call.Installation.Store.ApiKeysAsync(call.Ledger.Ledger, call.Cancel))
            keys.Add(row);
        return await call.PageAsync<KeysPage>(call.T("Room.keys"), new Model([.. keys.OrderByDescending(static key => key.Seq)], fault), status);
    }
}
