using Ringfence.Staff;

namespace Ringfence.Server.Pages;

/// <summary>The rooms of the house in the order of the sidebar. One that has no page yet is not in it.</summary>
internal static class Rooms
{
    public static IReadOnlyList<Room> All { get; } =
    [
        new("overview", "overview", "overview", Right.None, null, 'o'),
        new("contacts", "contacts", "people", Right.ListContacts, "Group.People", 'c'),
        new("imports", "imports", "list-check", Right.AuditLists, "Group.People", 'l'),
        new("gate", "gate", "gate", Right.SeeGate, "Group.Permission", 'a'),
        new("rules", "rules", "book", Right.SeeGate, "Group.Permission", null),
        new("registers", "registers", "shield", Right.SeeGate, "Group.Permission", null),
        new("forms", "forms", "form", Right.SeeGate, "Group.Permission", 'f'),
        new("suppression", "suppression", "stop-hand", Right.SeeFigures, "Group.Permission", null),
        new("requests", "requests", "receipt", Right.SeeRequests, "Group.Answer", 'r'),
        new("approvals", "approvals", "check", Right.LiftSuppression, "Group.Answer", null),
        new("ledger", "ledger", "ledger", Right.SeeLedger, "Group.Answer", 'b'),
        new("team", "team", "people", Right.ManageStaff, "Group.House", null),
        new("keys", "keys", "key", Right.ManageKeys, "Group.House", null),
        new("settings", "settings", "settings", Right.None, "Group.House", null),
    ];

    /// <summary>Those few that stand at the foot of a phone.</summary>
    public static IReadOnlyList<string> Short { get; } = ["overview", "contacts", "imports", "gate", "settings"];

    /// <summary>Where somebody arrives.</summary>
    public static Room First => All[0];
}
