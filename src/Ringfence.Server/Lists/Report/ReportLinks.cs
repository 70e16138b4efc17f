using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>Where the rows behind a figure of a report are to be seen.</summary>
public abstract class ReportLinks
{
    /// <summary>In files beside the report.</summary>
    public static ReportLinks Files { get; } = new Beside();

    /// <summary>Whether the rows are in files, in which the reader looks for a word by themselves.</summary>
    public abstract bool AreFiles { get; }

    /// <summary>What stands in a file of the report.</summary>
    /// <param name="name">Its name.</param>
    public abstract string File(string name);

    /// <summary>Rows of one grade on one channel that have a reason.</summary>
    public abstract string Reason(AuditGrade grade, Channel channel, AuditReasons reason);

    /// <summary>Rows that have a word in a column of <c>contacts.csv</c>.</summary>
    /// <param name="column">The column.</param>
    /// <param name="word">The word; null: anything.</param>
    public abstract string Where(string column, string? word);

    private sealed class Beside : ReportLinks
    {
        public override bool AreFiles => true;

        public override string File(string name) => name;

        public override string Reason(AuditGrade grade, Channel channel, AuditReasons reason) => ReportFacts.GradeFile(grade, channel);

        public override string Where(string column, string? word) => ReportFacts.ContactsFile;
    }
}
