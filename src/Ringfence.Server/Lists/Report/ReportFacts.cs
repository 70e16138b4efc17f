using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>What the page and the terminal both draw from a report.</summary>
internal static class ReportFacts
{
    /// <summary>Every row with grades and reasons.</summary>
    public const string ContactsFile = "contacts.csv";

    /// <summary>What could not be used.</summary>
    public const string RejectedFile = "rejected.csv";

    /// <summary>The channel the headline is about: live calls where looked at, else the first; null where none was.</summary>
    public static ChannelTally? Headline(this AuditReport report) =>
        report.Channels.FirstOrDefault(c => c.Channel == Channel.Voice) ?? (report.Channels.Count > 0 ? report.Channels[0] : null);

    /// <summary>The file with the rows of one grade on one channel.</summary>
    public static string GradeFile(AuditGrade grade, Channel channel) => $"{grade.Word()}-{channel.Word()}.csv";

    /// <summary>A figure that opens the rows of one grade on one channel.</summary>
    public static Figure Figure(this ChannelTally tally, AuditGrade grade) => new(tally.Rows(grade), GradeFile(grade, tally.Channel));

    /// <summary>Rows of one grade.</summary>
    public static long Rows(this ChannelTally tally, AuditGrade grade) => grade switch
    {
        AuditGrade.Usable => tally.Usable,
        AuditGrade.Reconfirm => tally.Reconfirm,
        AuditGrade.Never => tally.Never,
        AuditGrade.Fix => tally.Fix,
    };

    private const AuditReasons Unreachable = AuditReasons.InvalidNumber | AuditReasons.MissingNumber;

    /// <summary>Rows that lack permission and can be reached: a refused row without a number can't.</summary>
    public static long WithoutPermission(this ChannelTally tally) => tally.Reconfirm + tally.Never
        - tally.Reasons.Where(r => r.Grade == AuditGrade.Never && (r.Reason & Unreachable) != 0).Sum(r => r.Rows);

    /// <summary>Reasons that explain one grade, most first. That a refused row has no number either does not explain why it is closed.</summary>
    public static IReadOnlyList<ReasonTally> ReasonsFor(this ChannelTally tally, AuditGrade grade) =>
    [
        .. tally.Reasons.Where(r => r.Grade == grade && r.Rows > 0 && (grade == AuditGrade.Fix || (r.Reason & Unreachable) == 0))
            .OrderByDescending(r => r.Rows).ThenBy(r => r.Reason),
    ];

    /// <summary>Whether a channel goes to an address rather than a telephone number.</summary>
    public static bool IsAddress(this Channel channel) => channel == Channel.Email;

    /// <summary>Whether numbers are wanted and no list has a column of them: then more likely a column was missed than the numbers.</summary>
    public static bool HasNoNumberColumn(this AuditReport report) =>
        report.Rows > 0 && report.Channels.Any(c => !c.Channel.IsAddress())
        && !report.Files.Any(f => f.Columns.Any(c => c.Field is ListField.Phone or ListField.OtherPhone));

    // How people call files of those who said no, folded to letters; in the languages of our headers.
    private static readonly string[] NamesOfRefusals =
    [
        "unsub", "optout", "optedout", "suppress", "blacklist", "blocklist", "blocked", "donotcall", "donotcontact", "dnc", "abgemeldet", "abmeldung",
        "sperrliste", "widerruf", "werbesperre", "désabonn", "desabonn", "désinscri", "desinscri", "oppos", "robinson", "disiscri", "cancellati",
        "退订", "退訂", "黑名单", "黑名單", "拒绝", "拒絕", "取消订阅", "取消訂閱", "谢绝", "謝絕", "勿扰", "勿擾",
    ];

    /// <summary>Files that are called like a list of people who said no, while no column of theirs says so: their rows close nobody.</summary>
    public static IReadOnlyList<AuditedFile> SilentRefusals(this AuditReport report) =>
    [
        .. report.Files.Where(f => f.Rows > 0 && !f.Suppression
            && !f.Columns.Any(c => c.Field is ListField.Refusal or ListField.Consent)
            && string.Concat(f.Name.Where(char.IsLetter)) is var name
            && NamesOfRefusals.Any(n => name.Contains(n, StringComparison.OrdinalIgnoreCase))),
    ];

    /// <summary>The files' name where there is one, else how many.</summary>
    public static string FilesName(this AuditReport report, ReportLanguage language) => report.Files.Count == 1
        ? ReportLanguage.Visible(report.Files[0].Name)
        : language.Say("Head.Files", report.Files.Count);
}
