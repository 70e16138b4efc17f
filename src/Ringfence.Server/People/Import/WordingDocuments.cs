using System.Collections.Concurrent;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>Makes documents of the words that people agreed to. Safe for several threads.</summary>
/// <remarks>A document is kept for ever, under the digest of its bytes; words that name the person are therefore none, and stay sealed with the evidence.</remarks>
internal sealed class WordingDocuments
{
    // Lists have a few wordings; one with a different one in every row must not fill the memory.
    private const int MostKept = 4096;

    // Shorter words of a name are in any text.
    private const int ShortestName = 3;

    // So many last digits tell a number.
    private const int TellingDigits = 6;

    private static readonly char[] BetweenNames = [' ', ',', '.', '-', '\''];

    private readonly ConcurrentDictionary<string, DocumentRow> kept = new(StringComparer.Ordinal);

    /// <summary>The document of a wording; null where there is none, or where it holds the name, a number or an address of the person.</summary>
    public DocumentRow? Of(ImportedRow row, string? wording)
    {
        if (wording is null || IsAbout(row, wording))
            return null;
        if (kept.Count >= MostKept)
            kept.Clear();
        return kept.GetOrAdd(wording, static words =>
        {
            var bytes = Encoding.UTF8.GetBytes(words);
            return new DocumentRow(TreeHash.Sha256(bytes).Bytes.ToArray(), "text/plain; charset=utf-8", bytes);
        });
    }

    private static bool IsAbout(ImportedRow row, string wording)
    {
        foreach (var name in (ReadOnlySpan<string?>)[row.WholeName, row.GivenName, row.FamilyName])
        {
            foreach (var word in name?.Split(BetweenNames, StringSplitOptions.RemoveEmptyEntries) ?? [])
            {
                if (Holds(wording, word))
                    return true;
            }
        }

        foreach (var email in row.Emails)
        {
            if (wording.Contains(email, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return row.Phones.Count > 0 && HoldsNumber(row, wording);
    }

    // A name in letters stands as a word of its own; one in Han characters has no blanks around it.
    private static bool Holds(string wording, string name)
    {
        if (name[0] >= '\u2E80')
            return name.Length > 1 && wording.Contains(name, StringComparison.Ordinal);
        if (name.Length < ShortestName)
            return false;
        for (var at = wording.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = wording.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + name.Length;
            if ((at == 0 || !char.IsLetter(wording[at - 1])) && (end == wording.Length || !char.IsLetter(wording[end])))
                return true;
        }

        return false;
    }

    private static bool HoldsNumber(ImportedRow row, string wording)
    {
        var digits = new StringBuilder();
        foreach (var c in wording)
        {
            if (char.IsDigit(c))
                digits.Append((char)('0' + (int)char.GetNumericValue(c)));
        }

        var written = digits.ToString();
        return written.Length >= TellingDigits && row.Phones.Any(phone => written.Contains(phone.E164[^TellingDigits..], StringComparison.Ordinal));
    }
}
