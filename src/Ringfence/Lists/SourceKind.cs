namespace Ringfence.Lists;

/// <summary>Where a contact came from, as far as a source cell tells.</summary>
public enum SourceKind : byte
{
    /// <summary>The cell is empty or says that nobody knows.</summary>
    Unknown,

    /// <summary>Something is written that we can't place; taken as unproven.</summary>
    Unclear,

    /// <summary>The person came to the sender: own form, shop, call, event stand, customer.</summary>
    Own,

    /// <summary>Named by somebody who knows the person.</summary>
    Referral,

    /// <summary>Bought from a seller or vendor.</summary>
    Bought,

    /// <summary>Rented for a time or a number of uses.</summary>
    Rented,

    /// <summary>Through a list or data broker.</summary>
    Broker,

    /// <summary>A yes given on somebody else's form beside theirs.</summary>
    CoRegistration,

    /// <summary>Through an affiliate or lead generator.</summary>
    Affiliate,

    /// <summary>Collected from public pages or directories without asking.</summary>
    Scraped,
}

/// <summary>What kinds of source have in common.</summary>
public static class SourceKinds
{
    private static readonly string[] Words =
        ["unknown", "unclear", "own", "referral", "bought", "rented", "broker", "co-registration", "affiliate", "scraped"];

    /// <summary>The word of a kind in files and the API.</summary>
    public static string Word(this SourceKind kind) => Words[(int)kind];

    /// <summary>Whether the contact was had from somebody who is neither the person nor an acquaintance.</summary>
    public static bool IsThirdParty(this SourceKind kind) => kind >= SourceKind.Bought;
}
