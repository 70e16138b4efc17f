using Ringfence.Consent;

namespace Ringfence.Server.Consent.Notices;

/// <summary>What several versions come to.</summary>
internal static class NoticeVersions
{
    /// <summary>The newest that says something that matters beyond the one before it: whoever agreed earlier has to be asked again. Null: none does.</summary>
    public static NoticeDocument? AsksAgain(this IReadOnlyList<NoticeDocument> all)
    {
        for (var i = all.Count - 1; i > 0; i--)
        {
            if (NoticeChange.Between(all[i - 1], all[i]).Any(static change => change.Matters))
                return all[i];
        }

        return null;
    }
}
