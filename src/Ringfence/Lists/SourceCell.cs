using Ringfence.Language;

namespace Ringfence.Lists;

/// <summary>Reads where a contact came from.</summary>
/// <remarks>The words stand in <c>source.phrases</c> beside this file.</remarks>
public static class SourceCell
{
    private static readonly Phrasebook Book = new(general: null, "Lists/source.phrases");

    // A third party anywhere in a cell outweighs whatever else it names; among third parties the more particular word counts.
    private static readonly (string Tag, SourceKind Kind)[] Weightiest =
    [
        ("rented", SourceKind.Rented), ("coreg", SourceKind.CoRegistration), ("scraped", SourceKind.Scraped),
        ("broker", SourceKind.Broker), ("bought", SourceKind.Bought), ("affiliate", SourceKind.Affiliate),
        ("referral", SourceKind.Referral), ("own", SourceKind.Own), ("unknown", SourceKind.Unknown),
    ];

    /// <summary>The kind of source a cell names. Never throws.</summary>
    public static SourceKind Read(ReadOnlySpan<char> cell)
    {
        using var text = FoldedText.Of(cell);
        if (text.Words.Length == 0)
            return SourceKind.Unknown;

        var found = Book.Read(text);
        if (found.Length == 0)
            return SourceKind.Unclear;
        foreach (var (tag, kind) in Weightiest)
        {
            if (Says(found, tag))
                return kind;
        }

        return SourceKind.Unclear;
    }

    private static bool Says(Finding[] found, string tag)
    {
        foreach (var finding in found)
        {
            if (finding.Phrase.Tag == tag)
                return true;
        }

        return false;
    }
}
