namespace Ringfence.Staff;

/// <summary>One thing that a member of staff may do for a controller. Whoever has no right to it may not.</summary>
[Flags]
public enum Right
{
    None = 0,

    /// <summary>Find one person by a number or address that is at hand, and see what may be done with them.</summary>
    FindContact = 1 << 0,

    /// <summary>See lists of people.</summary>
    ListContacts = 1 << 1,

    /// <summary>See what was shown, said and signed when somebody agreed, and who looked at it.</summary>
    SeeEvidence = 1 << 2,

    /// <summary>Write down that somebody said yes.</summary>
    RecordConsent = 1 << 3,

    /// <summary>Write down that somebody says no.</summary>
    Withdraw = 1 << 4,

    /// <summary>Close a person off on behalf of the house.</summary>
    Suppress = 1 << 5,

    /// <summary>Ask for, or approve, that a closed person is opened again; it takes two.</summary>
    LiftSuppression = 1 << 6,

    /// <summary>Say that two entries are one person, or that they are not.</summary>
    Merge = 1 << 7,

    /// <summary>Ask whether somebody may be contacted.</summary>
    AskGate = 1 << 8,

    /// <summary>See decisions, rules and registers.</summary>
    SeeGate = 1 << 9,

    /// <summary>Put rules in force; it takes two.</summary>
    ActivateRules = 1 << 10,

    /// <summary>Load copies of registers.</summary>
    LoadRegisters = 1 << 11,

    /// <summary>Have a list looked through.</summary>
    AuditLists = 1 << 12,

    /// <summary>Bring the people of a list in, and take an import back.</summary>
    Import = 1 << 13,

    /// <summary>Take lists of people out.</summary>
    ExportContacts = 1 << 14,

    /// <summary>Hand a person everything that is held of them, and the proof.</summary>
    ExportPerson = 1 << 15,

    /// <summary>See figures about all people, and nobody in particular.</summary>
    SeeFigures = 1 << 16,

    /// <summary>See records, proofs and the state of the ledger, and nobody's name.</summary>
    SeeLedger = 1 << 17,

    /// <summary>Say what holds for the house: purposes, its own rules, identity.</summary>
    ManageHouse = 1 << 18,

    /// <summary>Make and end keys of programs, and say which systems are told.</summary>
    ManageKeys = 1 << 19,

    /// <summary>Invite and suspend staff, and give them roles.</summary>
    ManageStaff = 1 << 20,

    /// <summary>Look after the installation: backups, anchors, checks.</summary>
    ManageSystem = 1 << 21,

    /// <summary>Publish the privacy notice.</summary>
    PublishNotice = 1 << 22,

    /// <summary>See which requests there are and until when they are to be answered, and nothing of who sent them.</summary>
    SeeRequests = 1 << 23,

    /// <summary>Read what people ask for by law and complain of, and answer it.</summary>
    AnswerRequests = 1 << 24,
}
