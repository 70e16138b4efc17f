using System.Globalization;
using Ringfence.Lists;

namespace Ringfence.Server.Lists;

/// <summary>Says in one sentence what to do with a row; each combination is worded once. Safe for several threads.</summary>
internal sealed class NextSteps(Func<AuditGrade, AuditReasons, Channel, CultureInfo, string> wording, CultureInfo language)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(AuditGrade, AuditReasons, Channel), byte[]> worded = [];

    /// <summary>The sentence, as UTF-8.</summary>
    public ReadOnlySpan<byte> For(AuditGrade grade, AuditReasons reasons, Channel channel) =>
        worded.GetOrAdd((grade, reasons, channel), key => System.Text.Encoding.UTF8.GetBytes(wording(key.Item1, key.Item2, key.Item3, language)));
}
