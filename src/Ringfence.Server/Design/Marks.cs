using Ringfence.Lists;

namespace Ringfence.Server.Design;

/// <summary>How channels, grades and certainties are drawn, in reports and pages alike: class and symbol.</summary>
public static class Marks
{
    /// <summary>The symbol of a channel.</summary>
    public static string IconOf(Channel channel) => channel switch
    {
        Channel.Voice => "call",
        Channel.VoiceAuto => "call-auto",
        Channel.Sms => "text",
        Channel.Whatsapp => "chat",
        Channel.Email => "mail",
        Channel.Fax => "fax",
    };

    /// <summary>The class that colours a grade's word.</summary>
    public static string ClassOf(AuditGrade grade) => grade switch
    {
        AuditGrade.Usable => "is-ok",
        AuditGrade.Reconfirm => "is-wait",
        AuditGrade.Never => "is-no",
        AuditGrade.Fix => "is-un",
    };

    /// <summary>The ring that stands for a grade.</summary>
    public static string RingOf(AuditGrade grade) => grade switch
    {
        AuditGrade.Usable => "ring-yes",
        AuditGrade.Reconfirm => "ring-wait",
        AuditGrade.Never => "ring-no",
        AuditGrade.Fix => "ring-unasked",
    };

    /// <summary>The class of a certainty's mark.</summary>
    public static string ClassOf(ReadingCertainty certainty) => certainty switch
    {
        ReadingCertainty.Sure => "state state-note",
        ReadingCertainty.Likely => "state",
        ReadingCertainty.Guess => "state state-wait",
    };

    /// <summary>The symbol of a certainty.</summary>
    public static string IconOf(ReadingCertainty certainty) => certainty switch
    {
        ReadingCertainty.Sure => "check",
        ReadingCertainty.Likely => "minus",
        ReadingCertainty.Guess => "alert",
    };
}
