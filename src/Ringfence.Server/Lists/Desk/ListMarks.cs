using Ringfence.Lists;
using Ringfence.Server.Design;
using Ringfence.Server.People.Import;

namespace Ringfence.Server.Lists.Desk;

/// <summary>How columns and states of lists are drawn.</summary>
internal static class ListMarks
{
    /// <summary>How sure the reading of a column is; of one that is not used nobody has to be.</summary>
    public static string ClassOf(ColumnReading column) => Marks.ClassOf(CertaintyOf(column));

    public static string IconOf(ColumnReading column) => Marks.IconOf(CertaintyOf(column));

    /// <summary>The word of where a list or an import stands.</summary>
    public static string StateOf(ListLine line) => line.Import is { } import ? Ringfence.Gate.Words<ImportState>.Of(import.State) : line.Case!.State switch
    {
        ListState.Waiting => "reading",
        ListState.Read => "audited",
        ListState.Unreadable => "unreadable",
    };

    private static ReadingCertainty CertaintyOf(ColumnReading column) =>
        column.Certainty == ReadingCertainty.Guess && column.Field == ListField.None ? ReadingCertainty.Likely : column.Certainty;
}
