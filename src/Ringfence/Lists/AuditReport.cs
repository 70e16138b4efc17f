using NodaTime;

namespace Ringfence.Lists;

/// <summary>The truth about one or more lists, as it is told on the terminal, in <c>report.html</c> and in <c>audit.json</c>.</summary>
/// <remarks>Counts are of rows unless a name says otherwise. Nothing here names or numbers a person.</remarks>
public sealed record AuditReport
{
    /// <summary>Version of the form of this report: 1.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The program's version.</summary>
    public required string Ringfence { get; init; }

    /// <summary>The day as of which ages were counted and laws taken.</summary>
    public required LocalDate AsOf { get; init; }

    /// <summary>The sender in whose name people would be contacted; null where the user named none.</summary>
    public string? Controller { get; init; }

    /// <summary>Yearly worldwide turnover in EUR, where the user gave it.</summary>
    public decimal? Turnover { get; init; }

    /// <summary>After how many months without a sign of life a contact counts as long inactive.</summary>
    public required int InactiveAfterMonths { get; init; }

    /// <summary>The files, in the order given.</summary>
    public required IReadOnlyList<AuditedFile> Files { get; init; }

    /// <summary>All rows below the headers, unreadable ones included.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that could not be read as the header says; they are in <c>rejected.csv</c>.</summary>
    public required long UnreadableRows { get; init; }

    /// <summary>Lines in <c>rejected.csv</c>: unreadable rows and unusable cells.</summary>
    public required long RejectedLines { get; init; }

    /// <summary>Grades and reasons per channel, in the order of <see cref="Channels.All"/>.</summary>
    public required IReadOnlyList<ChannelTally> Channels { get; init; }

    /// <summary>What became of the number cells.</summary>
    public required NumberTally Numbers { get; init; }

    /// <summary>Repeated numbers and persons.</summary>
    public required DuplicateTally Duplicates { get; init; }

    /// <summary>Where refusals stood.</summary>
    public required RefusalTally Refusals { get; init; }

    /// <summary>Where people are, most first, the unknown last.</summary>
    public required IReadOnlyList<PlaceTally> Places { get; init; }

    /// <summary>Kinds of source, most first.</summary>
    public required IReadOnlyList<SourceTally> Sources { get; init; }

    /// <summary>Age of the consents that say yes, per year of age, youngest first; the last entry is "no date".</summary>
    public required IReadOnlyList<ConsentAgeTally> ConsentAges { get; init; }

    /// <summary>What contacting the list as it is could cost, per regime.</summary>
    public required IReadOnlyList<ExposureEstimate> Exposure { get; init; }

    /// <summary>Contacts without a ground that no estimate covers, per country.</summary>
    public IReadOnlyList<Rules.UncountedContacts> Uncounted { get; init; } = [];

    /// <summary>What to do, in this order.</summary>
    public required IReadOnlyList<NextStep> NextSteps { get; init; }

    /// <summary>Codes of what was not checked, such as <c>registers</c>, <c>sender</c>, <c>reassigned-numbers</c>.</summary>
    public required IReadOnlyList<string> NotChecked { get; init; }

    /// <summary>How long the run took, in seconds.</summary>
    public double Seconds { get; init; }
}

/// <summary>One file of an audit and how it was read.</summary>
/// <param name="Name">File name without folders.</param>
/// <param name="Format"><c>csv</c>, <c>xlsx</c> or <c>ndjson</c>.</param>
/// <param name="Separator">For text tables the separator: <c>,</c>, <c>;</c>, <c>|</c> or a tab.</param>
/// <param name="Encoding">IANA name of the encoding found, such as <c>utf-8</c> or <c>gb18030</c>.</param>
/// <param name="Sheet">For workbooks, the sheet read.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hex.</param>
/// <param name="Rows">Rows below the header.</param>
/// <param name="HasHeader">Whether the first row was a header.</param>
/// <param name="Columns">How each column was understood.</param>
/// <param name="Suppression">Whether the user said that every row of it is a refusal.</param>
public sealed record AuditedFile(
    string Name, string Format, string? Separator, string Encoding, string? Sheet, long Bytes, string Sha256, long Rows,
    bool HasHeader, IReadOnlyList<ColumnReading> Columns, bool Suppression = false);

/// <summary>Grades and reasons on one channel. The four grades add up to all rows.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Usable">Rows that may be contacted.</param>
/// <param name="Reconfirm">Rows to be asked again.</param>
/// <param name="Never">Rows never to be contacted.</param>
/// <param name="Fix">Rows without a usable number or address.</param>
/// <param name="UsablePoints">Different numbers or addresses among the usable rows.</param>
/// <param name="Reasons">Rows per reason, most first within a grade; a row may count under several.</param>
/// <param name="WouldBeUsable">Rows that only lack the name of the sender, which the user did not give.</param>
public sealed record ChannelTally(
    Channel Channel, long Usable, long Reconfirm, long Never, long Fix, long UsablePoints, IReadOnlyList<ReasonTally> Reasons,
    long WouldBeUsable);

/// <summary>How many rows of one grade have one reason.</summary>
public sealed record ReasonTally(AuditGrade Grade, AuditReasons Reason, long Rows);

/// <summary>What became of the number cells.</summary>
/// <param name="Valid">Rows with a valid number.</param>
/// <param name="Invalid">Rows with something that is no valid number.</param>
/// <param name="Missing">Rows with nothing.</param>
/// <param name="Notes">Rows per remark (<c>repaired</c>, <c>two-numbers</c>, <c>extension</c>, <c>scientific</c>, ...), most first.</param>
/// <param name="Types">Valid numbers per type, most first.</param>
public sealed record NumberTally(
    long Valid, long Invalid, long Missing, IReadOnlyList<CodeTally> Notes, IReadOnlyList<CodeTally> Types);

/// <summary>A count under a stable code.</summary>
public sealed record CodeTally(string Code, long Rows);

/// <summary>Repeated numbers and persons.</summary>
/// <param name="SameNumber">Rows whose number stands in an earlier row.</param>
/// <param name="SamePerson">Rows whose person stands in an earlier row, by e-mail, name and number, or second number.</param>
/// <param name="RefusalFoundElsewhere">Rows that hold no refusal themselves and are closed by another row's.</param>
public sealed record DuplicateTally(long SameNumber, long SamePerson, long RefusalFoundElsewhere);

/// <summary>Where refusals stood.</summary>
/// <param name="Rows">Rows that refuse in any way.</param>
/// <param name="NotesOnly">Rows whose refusal stood in free text only.</param>
/// <param name="Places">Rows per place: <c>consent</c>, <c>refusal-flag</c>, <c>notes</c>, <c>wording</c>, <c>other</c>.</param>
public sealed record RefusalTally(long Rows, long NotesOnly, IReadOnlyList<CodeTally> Places);

/// <summary>People of one place.</summary>
/// <param name="Country">ISO 3166-1 alpha-2; null where unknown.</param>
/// <param name="Rows">Rows there.</param>
/// <param name="UsableForCalls">Of those, usable on voice.</param>
/// <param name="ByCountryCell">Known from a country cell.</param>
/// <param name="ByState">Known from a state cell only.</param>
/// <param name="ByNumber">Known from the number only.</param>
/// <param name="Conflicts">Rows where cell and number name different countries; they count under the cell's.</param>
/// <param name="States">For the US and Canada, rows per ISO 3166-2 state, most first; code null where unknown.</param>
public sealed record PlaceTally(
    string? Country, long Rows, long UsableForCalls, long ByCountryCell, long ByState, long ByNumber, long Conflicts,
    IReadOnlyList<StateTally> States);

/// <summary>People of one state.</summary>
public sealed record StateTally(string? State, long Rows);

/// <summary>Contacts of one kind of source.</summary>
public sealed record SourceTally(SourceKind Kind, long Rows);

/// <summary>Consents of one age. <paramref name="Years"/> is whole years; null means no date.</summary>
public sealed record ConsentAgeTally(int? Years, long Rows);

/// <summary>What contacting a list as it is could cost under one regime: an estimate of statutory exposure, no advice.</summary>
/// <param name="Regime">Stable id, such as <c>us-tcpa</c>.</param>
/// <param name="Jurisdiction">ISO 3166 code or <c>EU</c>.</param>
/// <param name="Contacts">Different numbers or addresses that would be contacted without a ground under this regime.</param>
/// <param name="Kind"><c>per-contact</c> (contacts times an amount) or <c>cap</c> (a maximum for all together).</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="PerContactFrom">For <c>per-contact</c>, the lower amount per contact.</param>
/// <param name="PerContactTo">For <c>per-contact</c>, the upper amount per contact.</param>
/// <param name="From">Lower end of the range; null where there is no minimum.</param>
/// <param name="To">Upper end of the range.</param>
/// <param name="TurnoverPercent">For caps that depend on turnover, the percentage; the higher of both counts.</param>
/// <param name="TurnoverKnown">Whether <paramref name="To"/> already takes the turnover given into account.</param>
/// <param name="Citation">The provision.</param>
/// <param name="Source">Public address of the source.</param>
/// <param name="Certainty"><c>verified</c>, <c>secondary</c> or <c>to-verify</c>.</param>
/// <param name="NotCounted">Codes of what the figure leaves out.</param>
public sealed record ExposureEstimate(
    string Regime, string Jurisdiction, long Contacts, string Kind, string Currency, decimal? PerContactFrom, decimal? PerContactTo,
    decimal? From, decimal? To, decimal? TurnoverPercent, bool TurnoverKnown, string Citation, string Source, string Certainty,
    IReadOnlyList<string> NotCounted);

/// <summary>One thing to do now.</summary>
/// <param name="Code">Stable code: <c>suppress</c>, <c>use</c>, <c>ask-again</c>, <c>prove-source</c>, <c>name-sender</c>, <c>fix</c>, <c>read-rejected</c>.</param>
/// <param name="Channel">The channel it is about; null where it is about the rows as such.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="File">The file with these rows, in the output folder; null where there is none.</param>
public sealed record NextStep(string Code, Channel? Channel, long Rows, string? File);
