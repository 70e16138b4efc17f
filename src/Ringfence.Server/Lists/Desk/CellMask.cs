using System.Globalization;
using System.Text;
using Ringfence.Lists;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Lists.Desk;

/// <summary>Shows what a cell of a list looks like without saying what stands in it.</summary>
internal static class CellMask
{
    // Enough to tell a number from a date and a name from a note.
    private const int Longest = 40;

    // 2026-03-03T12:00:00.000+01:00, and 20260303 within it; September.
    private const int LongestOfADay = 30;
    private const int DigitsOfADay = 8;
    private const int LongestMonth = 9;

    // So many digits may be a number of somebody.
    private const int DigitsOfANumber = 6;

    /// <summary>A cell of a column that tells this: whole where it tells of nobody in particular, else its shape.</summary>
    public static string Of(ListField field, string text) => (IsDay(field) ? IsLikeADay(text) : IsOfNobody(field) && !MayNameSomebody(text)) ? Cut(ReportLanguage.Visible(text)) : Shape(text);

    /// <summary>The first letter of each word, and a dot for each other letter or digit; what stands between them stays.</summary>
    public static string Shape(string text)
    {
        var shape = new StringBuilder();
        var isFirst = true;
        foreach (var rune in Cut(ReportLanguage.Visible(text)).EnumerateRunes())
        {
            if (Rune.IsLetter(rune) && isFirst && rune.Value < 0x2E80)
                shape.Append(rune);
            else if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.OtherSymbol or UnicodeCategory.Surrogate)
                shape.Append('•');
            else
                shape.Append(rune);
            isFirst = Rune.IsWhiteSpace(rune);
        }

        return shape.ToString();
    }

    private static bool IsDay(ListField field) => field is ListField.ConsentAt or ListField.ConsentUntil or ListField.LastActivity or ListField.CreatedAt;

    // Words of a day and its time are short, and its figures are few together.
    private static bool IsLikeADay(string text) =>
        text.Length < Longest && !text.Contains('@', StringComparison.Ordinal) && text.Split(' ').All(static word => word.Length <= LongestOfADay && word.Count(char.IsLetter) <= LongestMonth)
        && !text.Split(' ', '-', '/', '.', ':', 'T').Any(static part => part.Count(char.IsDigit) > DigitsOfADay);

    private static bool IsOfNobody(ListField field) => field switch
    {
        ListField.Country or ListField.State or ListField.Source or ListField.Consent or ListField.Refusal or ListField.ConsentAt or ListField.ConsentUntil or ListField.ConsentMethod
            or ListField.LastActivity or ListField.CreatedAt or ListField.Minor => true,
        ListField.None or ListField.Id or ListField.Name or ListField.GivenName or ListField.FamilyName or ListField.Company or ListField.Phone or ListField.OtherPhone or ListField.Email
            or ListField.ConsentWording or ListField.Notes or ListField.BornOn or ListField.Age or ListField.OtherEmail => false,
    };

    // A column that was understood wrongly may hold anything. A day has dashes, dots or slashes between few digits.
    private static bool MayNameSomebody(string text)
    {
        var run = 0;
        foreach (var c in text)
        {
            run = char.IsDigit(c) ? run + 1 : 0;
            if (c == '@' || run >= DigitsOfANumber)
                return true;
        }

        return text.Count(static c => c == ' ') > 3;
    }

    private static string Cut(string text) => text.Length <= Longest ? text : text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)] + "…";
}
