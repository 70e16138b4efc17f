using Ringfence.Lists;

namespace Ringfence.People;

/// <summary>Reads the e-mail cell of a list.</summary>
public static class EmailCell
{
    // RFC 5321 4.5.3.1: 64 octets before the @, 255 after.
    private const int LocalMost = 64;
    private const int DomainMost = 255;

    private static readonly HashSet<string> Nothing = new(StringComparer.OrdinalIgnoreCase)
    {
        "-", "--", "n/a", "na", "none", "null", "nil", "no", "no email", "noemail", "unknown", "?", "x", "keine", "aucun", "无", "無", "沒有", "没有", "未知",
    };

    private static readonly WordSet SharedNames = new(
    [
        "info", "office", "sales", "contact", "contacts", "kontakt", "contacto", "contatto", "admin", "mail", "email", "post", "team", "hello", "hallo",
        "support", "service", "help", "marketing", "billing", "accounts", "accounting", "buchhaltung", "reception", "enquiries", "inquiries",
        "noreply", "no-reply", "donotreply", "none", "noemail", "no-email", "test", "unknown", "nobody", "webmaster", "postmaster", "zentrale", "verkauf", "vertrieb",
    ]);

    /// <summary>Reads a cell: the first address in it that can be written to.</summary>
    /// <param name="cell">The text of the cell.</param>
    /// <param name="address">The address as written, without what stands around it; empty where there is none.</param>
    public static EmailStatus Read(ReadOnlySpan<char> cell, out ReadOnlySpan<char> address)
    {
        address = default;
        cell = cell.Trim();
        if (IsPlain(cell))
        {
            address = cell;
            return EmailStatus.Valid;
        }

        if (cell.IsEmpty || (cell.Length <= 10 && Nothing.GetAlternateLookup<ReadOnlySpan<char>>().Contains(cell)))
            return EmailStatus.Missing;
        foreach (var range in cell.SplitAny(";,| \t\r\n<>\"'()，；、"))
        {
            var part = cell[range];
            if (part.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
                part = part["mailto:".Length..];
            if (!IsAddress(part))
                continue;
            address = part;
            return EmailStatus.Valid;
        }

        return EmailStatus.Invalid;
    }

    /// <summary>Whether an address belongs to a desk rather than a person, such as <c>info@</c>.</summary>
    public static bool IsShared(ReadOnlySpan<char> address) => SharedNames.ContainsInAnyCase(address[..Math.Max(0, address.IndexOf('@'))]);

    /// <summary>Most addresses: ASCII letters, digits, dots, dashes and underscores around one @. What is not plain may still be an address.</summary>
    private static bool IsPlain(ReadOnlySpan<char> cell)
    {
        var at = -1;
        var dot = -1;
        for (var i = 0; i < cell.Length; i++)
        {
            var c = cell[i];
            if (char.IsAsciiLetter(c))
                continue;
            if (c == '.')
            {
                // Between two other characters, and the last label holds letters alone.
                if (i == dot + 1 || i == at + 1)
                    return false;
                dot = i;
            }
            else if (c == '@')
            {
                if (at >= 0 || i is 0 or > LocalMost || i == dot + 1)
                    return false;
                (at, dot) = (i, -1);
            }
            else if (!(char.IsAsciiDigit(c) && (at < 0 || dot < 0)) && !(at < 0 && c is '-' or '_'))
            {
                return false;
            }
        }

        return at > 0 && dot > at + 1 && cell.Length - dot > 2 && cell.Length - at <= 64;
    }

    private static bool IsAddress(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf('@');
        if (at is < 1 or > LocalMost || text[(at + 1)..].Contains('@'))
            return false;
        var local = text[..at];
        var domain = text[(at + 1)..];
        if (domain.Length is < 3 or > DomainMost || local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal))
            return false;
        foreach (var c in local)
        {
            if (!char.IsLetterOrDigit(c) && !"!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal))
                return false;
        }

        return IsDomain(domain);
    }

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        var labels = 0;
        var last = ReadOnlySpan<char>.Empty;
        foreach (var range in domain.Split('.'))
        {
            last = domain[range];
            labels++;
            if (last.Length is 0 or > 63 || last[0] == '-' || last[^1] == '-')
                return false;
            foreach (var c in last)
            {
                if (!char.IsLetterOrDigit(c) && c != '-')
                    return false;
            }
        }

        return labels >= 2 && last.Length >= 2 && !last.ContainsAnyInRange('0', '9') | last.StartsWith("xn--", StringComparison.OrdinalIgnoreCase);
    }
}
