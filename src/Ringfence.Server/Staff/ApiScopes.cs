using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>What a program may do that calls the HTTP API.</summary>
[Flags]
internal enum ApiScopes
{
    None = 0,

    /// <summary>Ask whether somebody may be contacted, and look decisions up.</summary>
    Decide = 1 << 0,

    /// <summary>Have contacts permitted, use the permits, and say what came of it.</summary>
    Permit = 1 << 6,

    /// <summary>Write down consents.</summary>
    Consent = 1 << 1,

    /// <summary>Write down that somebody says no.</summary>
    Withdraw = 1 << 2,

    /// <summary>Suppress on behalf of the house, a regulator or a complaint.</summary>
    Suppress = 1 << 3,

    /// <summary>See personal data of contacts. Each look is written down.</summary>
    Contacts = 1 << 4,

    /// <summary>Read the ledger's files and proofs.</summary>
    Ledger = 1 << 5,

    /// <summary>Say which other systems are told of every no, and see which have confirmed.</summary>
    Webhooks = 1 << 10,

    /// <summary>Confirm, as one of these systems, that it obeyed.</summary>
    Confirm = 1 << 11,

    /// <summary>Bring lists in, see how far they are, and take them back.</summary>
    Import = 1 << 9,
}

/// <summary>The words of the scopes.</summary>
internal static class ScopeWords
{
    private static readonly (ApiScopes Scope, string Word)[] All =
    [
        (ApiScopes.Decide, "decide"), (ApiScopes.Permit, "permit"), (ApiScopes.Consent, "consent"), (ApiScopes.Withdraw, "withdraw"), (ApiScopes.Suppress, "suppress"), (ApiScopes.Contacts, "contacts"),
        (ApiScopes.Ledger, "ledger"), (ApiScopes.Webhooks, "webhooks"), (ApiScopes.Confirm, "confirm"), (ApiScopes.Import, "import"),
    ];

    /// <summary>The scopes that staff with some rights may give a program: none that shows what they may not see themselves.</summary>
    public static ApiScopes ThatMayBeGiven(Right rights) => All.Aggregate(ApiScopes.None, (given, one) => rights.HasFlag(Needs(one.Scope)) ? given | one.Scope : given);

    /// <summary>What somebody has to be allowed to see to let a program see it; nothing, where a program only brings something in.</summary>
    private static Right Needs(ApiScopes scope) => scope switch
    {
        ApiScopes.Contacts => Right.FindContact,
        ApiScopes.Decide or ApiScopes.Permit => Right.SeeGate,
        ApiScopes.Ledger => Right.SeeLedger,
        _ => Right.None,
    };

    /// <summary>All words, in order.</summary>
    public static IEnumerable<string> Words => All.Select(static one => one.Word);

    /// <summary>The words of a set, sorted, with a blank between.</summary>
    public static string Of(ApiScopes scopes) => string.Join(' ', All.Where(one => scopes.HasFlag(one.Scope)).Select(static one => one.Word).Order(StringComparer.Ordinal));

    /// <summary>Reads words that are parted by blanks or commas. A word that is not known gives nothing at all.</summary>
    public static bool TryRead(string text, out ApiScopes scopes)
    {
        scopes = ApiScopes.None;
        foreach (var word in text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var known = Array.Find(All, one => one.Word == word);
            if (known.Word is null)
            {
                scopes = ApiScopes.None;
                return false;
            }

            scopes |= known.Scope;
        }

        return scopes != ApiScopes.None;
    }
}
