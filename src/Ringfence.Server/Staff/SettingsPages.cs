using Ringfence.Server.Pages;

namespace Ringfence.Server.Staff;

/// <summary>Where everything is that holds for the house: each to those who may see it.</summary>
internal static class SettingsPages
{
    /// <summary>What there is: the text <c>Settings.KEY</c> names it, <c>Settings.KEY.Say</c> says what it is for.</summary>
    private static readonly (string Key, string Path, string Icon)[] Rooms =
    [
        ("controller", "settings/controller", "building"), ("controllers", "settings/controllers", "building"), ("purposes", "settings/purposes", "list-check"), ("notice", "settings/notice", "receipt"), ("wordings", "settings/wordings", "form"), ("rules", "rules", "book"), ("registers", "registers", "shield"), ("team", "team", "people"),
        ("keys", "keys", "key"), ("webhooks", "settings/webhooks", "send"), ("backups", "settings/backups", "download"), ("health", "settings/health", "check"),
    ];

    /// <summary>The way to each.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call) => call.PageAsync<SettingsPage>(call.T("Room.settings"), new Settings(
        [.. Rooms.Select(room => (room.Key, room.Icon, Href: call.WayTo(room.Path))).Where(static room => room.Href is not null).Select(static room => (room.Key, room.Icon, room.Href!))],
        PageWays.WayOut("account")));

    /// <summary>What the page shows.</summary>
    /// <param name="Rooms">What whoever asks may see.</param>
    /// <param name="Account">Their own account; null: there is no page of it.</param>
    internal sealed record Settings(IReadOnlyList<(string Key, string Icon, string Href)> Rooms, string? Account);
}
