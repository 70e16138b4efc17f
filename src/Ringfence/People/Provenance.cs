using Ringfence.Gate;
using Ringfence.Lists;

namespace Ringfence.People;

/// <summary>Where contacts came from, and what has to be shown of it before anybody may be contacted.</summary>
public static class Provenance
{
    /// <summary>The source of one row of a list: what its own cell says can only make that of the list worse.</summary>
    /// <param name="ofList">What was said of the list as a whole.</param>
    /// <param name="ofRow">What the cell says.</param>
    public static ContactSource Of(ContactSource ofList, SourceKind ofRow)
    {
        ContactSource? said = ofRow switch
        {
            SourceKind.Unknown or SourceKind.Unclear or SourceKind.Own => null,
            SourceKind.Referral => ContactSource.Referral,
            SourceKind.Bought or SourceKind.Rented or SourceKind.Broker => ContactSource.Purchased,
            SourceKind.CoRegistration or SourceKind.Affiliate => ContactSource.Partner,
            SourceKind.Scraped => ContactSource.Scraped,
        };
        return said is { } other ? Person.Worse(ofList, other) : ofList;
    }

    /// <summary>Whether a contact of this source stays in quarantine until a passport shows the chain from the person to the controller.</summary>
    public static bool NeedsPassport(ContactSource source) => source switch
    {
        ContactSource.Form or ContactSource.Inbound or ContactSource.Customer or ContactSource.Event or ContactSource.Referral => false,
        ContactSource.Purchased or ContactSource.Partner or ContactSource.Directory or ContactSource.Published or ContactSource.Scraped or ContactSource.Generated => true,
    };

    /// <summary>Whether no passport can mend the source: nobody collected the contact from the person.</summary>
    public static bool IsBeyondPassport(ContactSource source) => source is ContactSource.Scraped or ContactSource.Generated;
}
