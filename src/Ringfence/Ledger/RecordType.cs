namespace Ringfence.Ledger;

/// <summary>What a record tells: <c>docs/reference/ledger.md</c>. Its word is in <see cref="RecordWords.Types"/>.</summary>
public enum RecordType : byte
{
    LedgerGenesis,
    LedgerRecovered,
    LedgerKeyAdded,
    LedgerKeyRetired,
    LedgerAnchored,
    LedgerClockAnomaly,
    DocPublished,
    PackActivated,
    PackRetired,
    ConsentRequested,
    ConsentGiven,
    ConsentConfirmed,
    ConsentWithdrawn,
    ConsentCorrected,
    ConsentImported,
    SuppressionAdded,
    SuppressionLifted,
    SuppressionSnapshot,
    SuppressionRewrapped,
    ContactAdded,
    ContactChanged,
    ContactMerged,
    ContactUnmerged,
    ImportStarted,
    ImportFinished,
    ImportUndone,
    DecisionAllowed,
    DecisionDenied,
    PermitIssued,
    PermitRedeemed,
    PermitRevoked,
    ContactOutcome,
    ProcessingHeld,
    ProcessingReleased,
    ErasureRequested,
    ErasureCompleted,
    KeyCreated,
    KeyDestroyed,
    StaffRevealed,
    StaffRoleChanged,
    StaffExport,
    ConfigChanged,
    BackupTaken,
    RestorePerformed,
    RequestReceived,
    RequestProgressed,
    RequestClosed,
}

/// <summary>The state that a consent is in after the record.</summary>
public enum RecordState : byte
{
    Requested,
    Given,
    Confirmed,
    Withdrawn,
    Refused,
    Expired,
    Invalidated,
}

/// <summary>Who says when something happened.</summary>
public enum EventSource : byte
{
    Server,
    Provider,
    Import,
    Staff,
}

/// <summary>Who did what the record tells.</summary>
public enum ActorKind : byte
{
    Person,
    Staff,
    Client,
    Provider,
    System,
}

/// <summary>What is committed to apart from the rest, so that each can be opened, or erased, on its own.</summary>
public enum CommitGroup : byte
{
    Person,
    Evidence,
    Note,
    Tag,
}

/// <summary>Whether a yes was asked for once, or confirmed from the address itself.</summary>
public enum Ceremony : byte
{
    SingleOptIn,
    DoubleOptIn,
}
