using Ringfence.Lists;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Lists.Desk;

/// <summary>Leads from the figures of a report to pages with their rows.</summary>
/// <param name="at">The address of the list, without a slash at its end.</param>
internal sealed class RowsLinks(string at) : ReportLinks
{
    public override bool AreFiles => false;

    public override string File(string name)
    {
        if (name == ReportFacts.RejectedFile)
            return at + "/rejected";
        foreach (var grade in AuditWords.AllGrades)
        {
            if (name.StartsWith(grade.Word() + "-", StringComparison.Ordinal) && name.EndsWith(".csv", StringComparison.Ordinal))
                return $"{at}/rows?channel={name[(grade.Word().Length + 1)..^4]}&grade={grade.Word()}";
        }

        return name == ReportFacts.ContactsFile ? at + "/rows" : "#files";
    }

    public override string Reason(AuditGrade grade, Channel channel, AuditReasons reason) => $"{at}/rows?channel={channel.Word()}&grade={grade.Word()}&reason={reason.Word()}";

    public override string Where(string column, string? word)
    {
        var value = word switch { null => "any", "" => "none", _ => Uri.EscapeDataString(word) };
        // Types are told of valid numbers only.
        return $"{at}/rows?{column}={value}" + (column == "number_type" ? "&number_status=valid" : "");
    }
}
