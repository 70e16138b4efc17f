using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Lists;

namespace Ringfence.Server.People.Import;

/// <summary>Finds the person that a row is about among those who are known.</summary>
/// <remarks>
/// The same number is the same person, unless the names differ: a number may have been given to somebody else since. Another number of the row, or its e-mail address, leads there only where the name agrees too: an address is
/// handed on, shared, mistyped. A row that has neither a name nor a number is about whoever has its address. What points to two people is offered as a merge, and never merged here.
/// </remarks>
/// <param name="findPerson">The person a number or address leads to, whoever they were merged into; null: nobody.</param>
/// <param name="nameOf">The key of a person's name (<see cref="NameKey"/>); 0: none is known.</param>
internal sealed class KnownPeople(Func<Ledger.PointTags, OpaqueId?> findPerson, Func<OpaqueId, ulong> nameOf)
{
    /// <summary>Finds the person.</summary>
    /// <param name="row">The row.</param>
    /// <param name="ofRows">Whom earlier rows of the same person were written down as; null: there is none.</param>
    public Found Find(PreparedRow row, OpaqueId? ofRows)
    {
        var name = row.Row.NameKey;
        var found = new Found(ofRows, OtherName: false, IsRenamed: false);
        if (row.Phones.Count > 0 && findPerson(row.Phones[0]) is { } byNumber && byNumber != ofRows)
        {
            var isAnother = name != 0 && nameOf(byNumber) is var known && known != 0 && known != name;
            if (!isAnother)
                found = found with { Sid = byNumber };
            else if (row.Row.IsFirst && HasAddress(row, byNumber))
                found = found with { Sid = byNumber, IsRenamed = true };
            else
                found = found with { OtherName = true };
        }

        foreach (var tags in row.Points)
        {
            if (findPerson(tags) is not { } sid || sid == found.Sid)
                continue;
            // A row that is nothing but an address is about whoever has it.
            var agrees = name != 0 ? nameOf(sid) == name : row.Phones.Count == 0;
            if (found.Sid is null && agrees && !IsOfDesk(tags.Point))
                found = found with { Sid = sid };
            else
                found = found with { Other = found.Other ?? sid };
        }

        return found;
    }

    // The row's first e-mail address is the person's, too, and not one of a desk.
    private bool HasAddress(PreparedRow row, OpaqueId sid) =>
        row.Emails.Count > 0 && !IsOfDesk(row.Emails[0].Point) && findPerson(row.Emails[0]) == sid;

    private static bool IsOfDesk(ContactPoint point) => point.Kind == PointKind.Email && EmailCell.IsShared(point.Value);
}

/// <summary>Whom a row is about.</summary>
/// <param name="Sid">The person; null: nobody who is known.</param>
/// <param name="OtherName">Whether the number is known under another name than the row's: it stays with whom it is known, and the row is about somebody else.</param>
/// <param name="IsRenamed">Whether number and address are known, and only the name is new.</param>
/// <param name="Other">Somebody else to whom a number or address of the row leads; null: nobody.</param>
internal readonly record struct Found(OpaqueId? Sid, bool OtherName, bool IsRenamed, OpaqueId? Other = null);
