using System.Text;
using Ringfence.Numbers;

namespace Ringfence.Server.Bridges.Vicidial;

/// <summary>One line of a file that VICIdial's lead loader takes as its standard format: 25 fields with tabs between, no header.</summary>
/// <remarks>
/// Source: VICIdial's help on its list loader, "the fields in their proper order for the lead files", and the lengths of its <c>NON-AGENT_API.txt</c>, <c>add_lead</c>.
/// The field for a further number stays empty: the dialler would call it, and nobody asked about it.
/// </remarks>
internal static class VicidialLead
{
    private static readonly (string Field, int Longest, string[] Headers)[] Fields =
    [
        ("vendor_lead_code", 20, ["id", "contact_id", "customer_id", "lead_id"]), ("source_id", 50, ["source"]), ("list_id", 0, []), ("phone_code", 0, []), ("phone_number", 0, []),
        ("title", 4, ["salutation"]), ("first_name", 30, ["firstname", "given_name", "forename"]), ("middle_initial", 1, ["middle_name"]), ("last_name", 30, ["lastname", "family_name", "surname"]),
        ("address1", 100, ["address", "street"]), ("address2", 100, []), ("address3", 100, []), ("city", 50, ["town"]), ("state", 2, []), ("province", 50, []),
        ("postal_code", 10, ["zip", "zip_code", "postcode"]), ("country_code", 3, ["country"]), ("gender", 1, []), ("date_of_birth", 10, []), ("alt_phone", 0, []), ("email", 70, ["e_mail", "email_address"]),
        ("security_phrase", 100, []), ("comments", 255, ["notes"]), ("rank", 5, []), ("owner", 20, []),
    ];

    /// <summary>For each field the column of a list it is taken from; -1: none.</summary>
    public static int[] ColumnsOf(IReadOnlyList<string> headers)
    {
        string[] plain = [.. headers.Select(Plain)];
        // A header of VICIdial's own goes before one that means the same.
        return [.. Fields.Select(field => field.Longest == 0 ? -1 : field.Headers.Prepend(field.Field).Select(header => Array.IndexOf(plain, header)).FirstOrDefault(static at => at >= 0, -1))];
    }

    /// <summary>Writes one.</summary>
    /// <param name="to">Where.</param>
    /// <param name="number">Whom it calls.</param>
    /// <param name="list">The list in VICIdial.</param>
    /// <param name="cell">The text under a column.</param>
    /// <param name="columns">As <see cref="ColumnsOf"/> gave them.</param>
    public static void Write(StringBuilder to, PhoneNumber number, string list, Func<int, string> cell, int[] columns)
    {
        var (code, national) = Dialled(number);
        for (var i = 0; i < Fields.Length; i++)
        {
            if (i > 0)
                to.Append('\t');
            to.Append(Fields[i].Field switch
            {
                "list_id" => list,
                "phone_code" => code,
                "phone_number" => national,
                _ => columns[i] < 0 ? "" : Cell(cell(columns[i]), Fields[i].Longest),
            });
        }

        to.Append('\n');
    }

    /// <summary>A number as VICIdial has it: the calling code, and what follows it.</summary>
    public static (string Code, string National) Dialled(PhoneNumber number)
    {
        // What is put into groups has a blank behind the calling code.
        var written = number.FormatInternational();
        var length = 1;
        while (length < written.Length && char.IsAsciiDigit(written[length]))
            length++;
        var digits = number.E164[1..];
        return (digits[..(length - 1)], digits[(length - 1)..]);
    }

    // What separates fields or lines there can't stand in one; nor what some of its pages take for the end of a value.
    private static string Cell(string text, int longest)
    {
        var clean = new StringBuilder(Math.Min(text.Length, longest));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > longest)
                break;
            clean.Append(Rune.IsControl(rune) || rune.Value is '|' or '"' or '\\' or ';' or '`' ? " " : rune.ToString());
        }

        return clean.ToString().Trim();
    }

    private static string Plain(string header) => new([.. header.Trim().ToLowerInvariant().Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_')]);
}
