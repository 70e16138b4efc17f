using Microsoft.AspNetCore.WebUtilities;
using Ringfence.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>Filters of the list of contacts that a member of staff kept under a name.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="Name">As they call it.</param>
/// <param name="IsShared">Whether everybody sees it who sees lists of the controller.</param>
/// <param name="Query">What stands in the address; nothing personal.</param>
internal sealed record SavedView(string Account, string Name, bool IsShared, string Query);

/// <summary>Kept filters of a controller. A view is an address and holds nobody: who fits is looked up each time, by whoever looks and as far as they may.</summary>
internal sealed class SavedViews(ILocalRows rows, string controller)
{
    /// <summary>As many one member of staff keeps of a controller.</summary>
    public const int Most = 30;

    public const int LongestName = 60;

    private const string Own = "contacts";
    private const string Shared = "contacts-team";

    /// <summary>A name as it is kept; null: it is none.</summary>
    public static string? NameOf(string? text) => text?.Trim() is { Length: > 0 and <= LongestName } name && !name.Any(char.IsControl) ? name : null;

    /// <summary>What of an address is kept: filters and their order, each as the list itself says it; null: it can't be read.</summary>
    public static string? QueryOf(Func<string, string?> valueOf)
    {
        if (!AudienceFilter.TryRead(valueOf, out var filter, out _) || (valueOf("order") is { } said && !Ringfence.Gate.Words<AudienceOrder>.TryParse(said, out _)))
            return null;
        var words = filter.Words();
        if (valueOf("order") is { } order && order != Ringfence.Gate.Words<AudienceOrder>.Of(AudienceOrder.Added))
            words = words.Append(("order", order));
        return string.Join('&', words.Select(static word => $"{word.Name}={Uri.EscapeDataString(word.Value)}"));
    }

    /// <summary>Those of somebody, and those that others share, by name. What this program can't read any more is not shown.</summary>
    public async Task<IReadOnlyList<SavedView>> OfAsync(string account, CancellationToken cancel)
    {
        var all = await rows.ReadAsync(
            "select account, name, room, query from staff_view where controller = $1 and ((room = $2 and account = $3) or room = $4)",
            static cells => new SavedView(cells.Text(0), cells.Text(1), cells.Text(2) == Shared, cells.Text(3)), cancel, controller, Own, account, Shared);
        return [.. all.Where(static view => QueryOf(NamesIn(view.Query)) == view.Query).OrderBy(static view => view.Name, StringComparer.OrdinalIgnoreCase).ThenBy(static view => view.Account, StringComparer.Ordinal)];
    }

    /// <summary>Keeps one; one of the same name is replaced. False: there are as many as there may be.</summary>
    public Task<bool> KeepAsync(SavedView view, CancellationToken cancel) => rows.WriteAsync(
        async turn =>
        {
            await turn.RunAsync("delete from staff_view where account = $1 and controller = $2 and room = $3 and name = $4", view.Account, controller, RoomOf(view.IsShared), view.Name);
            if ((await turn.ReadAsync("select name from staff_view where account = $1 and controller = $2", static cells => cells.Text(0), view.Account, controller)).Count >= Most)
                return false;
            return await turn.RunAsync("insert into staff_view(account, controller, room, name, query) values ($1, $2, $3, $4, $5)", view.Account, controller, RoomOf(view.IsShared), view.Name, view.Query) == 1;
        }, cancel);

    /// <summary>Calls one otherwise; false: there is none, or there is one of that name already.</summary>
    public Task<bool> RenameAsync(string account, string name, bool isShared, string to, CancellationToken cancel) => rows.WriteAsync(
        async turn => (await turn.ReadAsync("select name from staff_view where account = $1 and controller = $2 and room = $3 and name = $4", static cells => cells.Text(0), account, controller, RoomOf(isShared), to)).Count == 0
            && await turn.RunAsync("update staff_view set name = $5 where account = $1 and controller = $2 and room = $3 and name = $4", account, controller, RoomOf(isShared), name, to) == 1, cancel);

    /// <summary>Takes one away; false: there is none.</summary>
    public async Task<bool> RemoveAsync(string account, string name, bool isShared, CancellationToken cancel) =>
        await rows.RunAsync("delete from staff_view where account = $1 and controller = $2 and room = $3 and name = $4", cancel, account, controller, RoomOf(isShared), name) == 1;

    private static string RoomOf(bool isShared) => isShared ? Shared : Own;

    private static Func<string, string?> NamesIn(string query)
    {
        var said = QueryHelpers.ParseQuery(query);
        return name => said.TryGetValue(name, out var value) ? value.ToString() : null;
    }
}
