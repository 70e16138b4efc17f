using System.Globalization;
using Ringfence.Lists;

namespace Ringfence.Server.Lists;

/// <summary>Says in one sentence what to do with a row; each combination is worded once. Safe for several threads.</summary>
internal sealed class NextSteps(Func<AuditGrade, AuditReasons, Channel, CultureInfo, string> wording, CultureInfo language)
{
    // By channel and grade, then by the bits of the reasons. Two threads may word the same sentence once each: it is the same.
    private readonly byte[]?[][] worded =
        [.. Enumerable.Range(0, Channels.All.Count * AuditWords.AllGrades.Count).Select(static _ => new byte[1 << AuditWords.AllReasons.Count][])];

    /// <summary>The sentence, as UTF-8.</summary>
    public ReadOnlySpan<byte> For(AuditGrade grade, AuditReasons reasons, Channel channel)
    {
        var ofGrade = worded[((int)channel * AuditWords.AllGrades.Count) + (int)grade];
        return Volatile.Read(ref ofGrade[(int)reasons])
            ?? (ofGrade[(int)reasons] = System.Text.Encoding.UTF8.GetBytes(wording(grade, reasons, channel, language)));
    }
}
