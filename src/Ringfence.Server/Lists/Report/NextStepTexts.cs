using System.Globalization;
using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>What to do with one row on one channel, as <c>next_step</c> in the files says it.</summary>
internal static class NextStepTexts
{
    /// <summary>One short sentence for a grade, its weightiest reason and the channel.</summary>
    public static string For(AuditGrade grade, AuditReasons reasons, Channel channel, CultureInfo language)
    {
        var say = ReportLanguage.Of(language);
        var act = say["Act." + channel.Word()];
        return say.Say("Do." + Key(grade, reasons, channel), act);
    }

    private static string Key(AuditGrade grade, AuditReasons reasons, Channel channel) => grade switch
    {
        AuditGrade.Usable => "usable",
        AuditGrade.Reconfirm => Weightiest(reasons, Asked) ?? "reconfirm",
        AuditGrade.Never => Weightiest(reasons, Closed) ?? "never",
        AuditGrade.Fix => Weightiest(reasons, Broken) is { } word
            ? channel.IsAddress() ? word.Replace("number", "address", StringComparison.Ordinal) : word
            : "fix",
    };

    private const AuditReasons Closed = AuditReasons.Refused | AuditReasons.RefusedElsewhere | AuditReasons.Minor;
    private const AuditReasons Broken = AuditReasons.InvalidNumber | AuditReasons.MissingNumber;
    private const AuditReasons Asked = ~(Closed | Broken);

    // A row refused and without a number is "never" with both reasons: only those that explain the grade count.
    private static string? Weightiest(AuditReasons reasons, AuditReasons among) =>
        AuditWords.AllReasons.FirstOrDefault(r => (reasons & among & r) != 0) is var first && first != AuditReasons.None ? first.Word() : null;
}
