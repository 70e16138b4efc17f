namespace Ringfence.Staff;

/// <summary>What somebody is for a controller. One may be several things, and different ones for different controllers.</summary>
public enum Role
{
    /// <summary>Runs the installation; sees nobody.</summary>
    Administrator,

    /// <summary>Answers for what is done with people's data.</summary>
    PrivacyOfficer,

    /// <summary>Plans who is asked and contacted.</summary>
    Marketer,

    /// <summary>Talks with people, one at a time.</summary>
    Agent,

    /// <summary>Checks the records; changes nothing, and sees nobody.</summary>
    Auditor,

    /// <summary>Connects other systems.</summary>
    Integrator,
}

/// <summary>What goes with the roles.</summary>
public static class Roles
{
    private static readonly (Role Role, string Word, Right Rights)[] Table =
    [
        (Role.Administrator, "administrator", Right.ManageStaff | Right.ManageKeys | Right.ManageHouse | Right.ManageSystem | Right.SeeRequests | Right.SeeGate | Right.SeeLedger | Right.SeeFigures),
        (Role.PrivacyOfficer, "privacy-officer",
            Right.FindContact | Right.ListContacts | Right.SeeEvidence | Right.RecordConsent | Right.Withdraw | Right.Suppress | Right.LiftSuppression | Right.Merge | Right.AskGate | Right.SeeGate
            | Right.ActivateRules | Right.LoadRegisters | Right.AuditLists | Right.Import | Right.ExportContacts | Right.ExportPerson | Right.SeeFigures | Right.SeeLedger | Right.ManageHouse | Right.PublishNotice | Right.SeeRequests | Right.AnswerRequests),
        (Role.Marketer, "marketer",
            Right.FindContact | Right.ListContacts | Right.RecordConsent | Right.Withdraw | Right.Suppress | Right.Merge | Right.AskGate | Right.SeeGate | Right.AuditLists | Right.Import
            | Right.ExportContacts | Right.SeeFigures),
        (Role.Agent, "agent", Right.FindContact | Right.RecordConsent | Right.Withdraw | Right.AskGate),
        (Role.Auditor, "auditor", Right.SeeRequests | Right.SeeGate | Right.SeeLedger | Right.SeeFigures),
        (Role.Integrator, "integrator", Right.ManageKeys | Right.AskGate | Right.SeeGate | Right.SeeLedger),
    ];

    /// <summary>All roles, in order.</summary>
    public static IReadOnlyList<Role> All { get; } = [.. Table.Select(static one => one.Role)];

    /// <summary>The word of a role, as it is stored and called: <c>privacy-officer</c>.</summary>
    public static string Word(this Role role) => Table[(int)role].Word;

    /// <summary>What a role may do.</summary>
    public static Right Rights(this Role role) => Table[(int)role].Rights;

    /// <summary>The role of a word; false: there is none.</summary>
    public static bool TryRead(string word, out Role role)
    {
        var at = Array.FindIndex(Table, one => one.Word == word);
        role = at < 0 ? default : Table[at].Role;
        return at >= 0;
    }

    /// <summary>What several roles together may do.</summary>
    public static Right RightsOf(IEnumerable<Role> roles) => roles.Aggregate(Right.None, static (rights, role) => rights | role.Rights());
}
