using Ringfence.Gate;
using Ringfence.Lists;

namespace Ringfence.Campaigns;

/// <summary>Tells by which protected characteristic a field picks people, from what the field is called.</summary>
/// <remarks>
/// Sources: GDPR Art 9(1) for ethnic origin, politics, religion, trade union, health and sex life; Directive 2004/113/EC for sex;
/// Directive 2005/29/EC Art 5(3) for people who are vulnerable by infirmity, age or credulity.
/// Our reading: what tells a characteristic almost surely, as a place of birth tells an origin, counts as the characteristic itself.
/// The words are in <c>protected-selection.txt</c>.
/// </remarks>
public static class ProtectedSelection
{
    /// <summary>By these nobody may be picked.</summary>
    public const Selection Never =
        Selection.EthnicOrigin | Selection.Religion | Selection.Politics | Selection.Health | Selection.SexLife | Selection.TradeUnion | Selection.Sex | Selection.Vulnerability;

    private static readonly Lazy<Vocabulary<Selection>> Words = new(static () => Vocabulary<Selection>.Load("protected-selection.txt", compounds: false));

    /// <summary>What a field selects by.</summary>
    /// <param name="field">
    /// Its name, its label or a value it is compared with, in English or Chinese, in any case and with any separators: <c>maritalStatus</c>, <c>religion_code</c>, 民族.
    /// </param>
    /// <returns>
    /// Of <see cref="Never"/>, all that it names; and <see cref="Selection.Region"/> for a place where people live, which is not protected itself but
    /// can stand in for who lives there. None where it names nothing of these. Never throws.
    /// </returns>
    public static Selection Of(string? field)
    {
        if (string.IsNullOrWhiteSpace(field))
            return Selection.None;
        // A name is short; who pastes a page gets an answer from its beginning.
        var text = field.AsSpan(0, Math.Min(field.Length, MostLetters));
        return Words.Value.Read(text).Words.Aggregate(Selection.None, static (all, word) => all | word.Meaning);
    }

    private const int MostLetters = 500;
}
