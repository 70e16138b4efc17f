namespace Ringfence.Server.Storage;

/// <summary>Where ledgers are kept and how the store behaves: PostgreSQL when <see cref="Connection"/> is given, else SQLite in <see cref="Folder"/>.</summary>
public sealed record StoreOptions
{
    /// <summary>The file of the embedded store, in <see cref="Folder"/>.</summary>
    public const string FileName = "ringfence.db";

    /// <summary>Folder of the embedded store. It is made, for the user of the program alone, if it is not there.</summary>
    public string? Folder { get; init; }

    /// <summary>Connection string of PostgreSQL, as Npgsql reads it.</summary>
    public string? Connection { get; init; }

    /// <summary>Whether a database proven empty gets our tables, and an older version the newer ones. Without, either is refused.</summary>
    public bool Migrate { get; init; } = true;

    /// <summary>Whether <see cref="ILedgerStore.ExamineAsync"/> reads every page of an embedded store, which takes as long as reading the file.</summary>
    public bool ReadEveryPage { get; init; }

    /// <summary>How long a statement may take, waiting for whoever holds a head included, and how long a start waits for another that migrates.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// Ends the process after a write could not be forced to the disk; given a line for people. What the system says afterwards of the same file can't be
    /// believed, so nothing is tried again.
    /// </summary>
    public Action<string> EndProcess { get; init; } = Disk.EndProcess;

    /// <summary>Where Linux lists what is mounted.</summary>
    internal string MountTable { get; init; } = "/proc/self/mountinfo";

    /// <summary>Name of the layer through which SQLite reaches the disk; null: its own.</summary>
    internal string? SqliteFileLayer { get; init; }
}
