using System.Buffers;
using Ringfence.Files;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>Values as wordings and party documents write them.</summary>
internal static class DocumentReader
{
    // A name, an address or a keyword; longer is a slip of the pen.
    private const int LongestLine = 300;

    // Source: RFC 5321, section 4.5.3.1.3, a path of 256 octets with its angle brackets.
    private const int LongestEmail = 254;

    // Source: ITU-T E.164, at most fifteen digits.
    private const int MostDigits = 15;
    private const int LeastDigits = 7;

    private static readonly SearchValues<char> Capitals = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    extension(RuleMap map)
    {
        /// <summary>A text of one line.</summary>
        public string Line(string key) => map.OptionalLine(key) ?? throw map.Missing(key);

        public string? OptionalLine(string key) => map.OptionalText(key) is not { } text ? null
            : text.Length > LongestLine || text.Any(char.IsControl) || text.Trim() != text ? throw map.Wrong(key, "is no text of one line, without blanks at its ends, of 300 characters at most")
            : text;

        /// <summary>A country by its two letters.</summary>
        public string? OptionalCountry(string key) => map.OptionalText(key) is not { } text ? null
            : text.Length == 2 && PlaceGroups.IsPlace(text) ? text
            : throw map.Wrong(key, $"'{text}' is no code of ISO 3166-1, such as FR");

        public string? OptionalEmail(string key) => map.OptionalLine(key) is not { } text ? null
            : text.Length <= LongestEmail && text.Count(c => c == '@') == 1 && text[0] != '@' && text[^1] != '@' && !text.Contains(' ', StringComparison.Ordinal) ? text
            : throw map.Wrong(key, "is no e-mail address");

        /// <summary>A number in E.164.</summary>
        public string? OptionalPhone(string key) => map.OptionalLine(key) is not { } text ? null
            : text[0] == '+' && text.Length is > LeastDigits and <= MostDigits + 1 && !text.AsSpan(1).ContainsAnyExceptInRange('0', '9') ? text
            : throw map.Wrong(key, "is no number in E.164, such as +442079460000");

        /// <summary>A public address.</summary>
        public string? OptionalAddress(string key) => map.OptionalLine(key) is not { } text ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps ? text
            : throw map.Wrong(key, $"'{text}' is no https address");

        /// <summary>A version as the ledger can hold it.</summary>
        public string Version(string key)
        {
            var text = map.Line(key);
            return LeafText.Allows(text) && text.Length <= 40 ? text : throw map.Wrong(key, $"'{text}' is no version in letters, digits, dots and hyphens, such as 2026-03 or v3");
        }

        /// <summary>Purposes in order, none twice: names, each with further names behind colons.</summary>
        public IReadOnlyList<string> PurposesInOrder(string key)
        {
            var purposes = map.Items(key).Select(item => IsPurpose(item.Text)
                ? item.Text
                : throw RuleFileException.At(item.At, $"'{item.Text}' is no purpose in small letters, digits and hyphens, such as offers or product-enquiry:solar")).Order(StringComparer.Ordinal).ToArray();
            return purposes.Distinct(StringComparer.Ordinal).Count() == purposes.Length ? purposes : throw map.Wrong(key, "a purpose stands twice");
        }
    }

    /// <summary>Whether a text is a purpose.</summary>
    public static bool IsPurpose(string text) =>
        text.Length <= 120 && LeafText.Allows(text) && !text.AsSpan().ContainsAny(Capitals) && text.Split(':').All(static part => RuleMapValues.NameOf(part) is not null);

    /// <summary>The error for bytes that say what they say in another form than the canonical one.</summary>
    public static RuleFileException NotCanonical(string format) => RuleFileException.At(new FilePlace(format, 1, 1), "this is not its canonical form");
}
