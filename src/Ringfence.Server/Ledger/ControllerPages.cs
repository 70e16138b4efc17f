using Ringfence.Consent;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Who the controller is, as it is named to people; and how that is said anew.</summary>
internal static class ControllerPages
{
    private const int Longest = 300;

    /// <summary>The fields of the form; each is a text <c>Party.NAME</c>.</summary>
    public static readonly string[] Fields = ["legal", "address", "country", "contact", "phone", "page", "officer", "officer-email"];

    /// <summary>What is in force.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var party = await call.Installation.PartyDocumentAsync(call.Ledger, call.Cancel);
        return await PageAsync(call, new PartyView(party, FieldsOf(party), [], null));
    }

    /// <summary>Shows what would change, and brings it in force when whoever saw it says so.</summary>
    public static async Task<PageAnswer> SayAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var fields = Fields.ToDictionary(static name => name, name => form.TextOrNull(name) ?? "", StringComparer.Ordinal);
        var isSeen = form.TextOrNull("seen");
        form.Done();
        var before = await call.Installation.PartyDocumentAsync(call.Ledger, call.Cancel);
        var faults = new List<string>();
        var party = Read(before.Id, fields, faults);
        if (party is null)
            return await PageAsync(call, new PartyView(before, fields, faults, null), StatusCodes.Status422UnprocessableEntity);
        // What is sent has to be what was shown.
        if (isSeen != party.Digest.ToString())
            return await PageAsync(call, new PartyView(before, fields, [], party));
        await call.DoAsync(new PublishPartyCommand(call.Actor, party));
        call.Served.Names.Forget(call.Controller);
        return PageCall.SeeOther(call.At("settings/controller"));
    }

    private static PartyDocument? Read(string id, Dictionary<string, string> fields, List<string> faults)
    {
        fields["country"] = fields["country"].ToUpperInvariant();
        faults.AddRange(fields.Where(static field => field.Value.Length > Longest || field.Value.Any(char.IsControl)).Select(static field => field.Key));
        faults.AddRange(((string[])["legal", "address"]).Where(name => fields[name].Length == 0));
        if (fields["country"].Length != 2 || Places.Country(fields["country"]) != Region.Of(fields["country"]))
            faults.Add("country");
        if (faults.Count > 0)
            return null;
        try
        {
            // Read back as it will be read ever after: what that would refuse is refused now.
            return PartyDocument.FromBytes(new PartyDocument
            {
                Id = id, Kind = PartyKind.Controller, Name = fields["legal"], Address = fields["address"], Country = fields["country"],
                Contact = new PartyContact(null, OrNull("contact"), OrNull("phone"), OrNull("page")),
                PrivacyOfficer = fields["officer"].Length + fields["officer-email"].Length == 0 ? null : new PartyContact(OrNull("officer"), OrNull("officer-email"), null, null),
            }.ToBytes());
        }
        catch (RuleFileException)
        {
            // One of those that have a form of their own.
            faults.AddRange(((string[])["contact", "phone", "page", "officer-email"]).Where(name => !IsFit(name, fields[name])));
            if (faults.Count == 0)
                faults.Add(fields["officer"].Length > 0 && fields["officer-email"].Length == 0 ? "officer-email" : "contact");
            return null;
        }

        string? OrNull(string name) => fields[name] is { Length: > 0 } text ? text : null;
    }

    private static bool IsFit(string name, string text)
    {
        if (text.Length == 0)
            return true;
        try
        {
            _ = PartyDocument.FromBytes(new PartyDocument
            {
                Id = "x", Kind = PartyKind.Controller, Name = "x", Address = "x", Country = "DE",
                Contact = name switch { "phone" => new PartyContact(null, null, text, null), "page" => new PartyContact(null, null, null, text), _ => new PartyContact(null, text, null, null) },
            }.ToBytes());
            return true;
        }
        catch (RuleFileException)
        {
            return false;
        }
    }

    private static Dictionary<string, string> FieldsOf(PartyDocument party) => new(StringComparer.Ordinal)
    {
        ["legal"] = party.Name, ["address"] = party.Address, ["country"] = party.Country, ["contact"] = party.Contact.Email ?? "", ["phone"] = party.Contact.Phone ?? "",
        ["page"] = party.Contact.Page ?? "", ["officer"] = party.PrivacyOfficer?.Name ?? "", ["officer-email"] = party.PrivacyOfficer?.Email ?? "",
    };

    private static Task<PageAnswer> PageAsync(PageCall call, PartyView view, int status = StatusCodes.Status200OK) => call.PageAsync<ControllerPage>(call.T("Settings.controller"), view, status);
}

/// <summary>What the page of the controller shows.</summary>
/// <param name="InForce">Who it is by now.</param>
/// <param name="Fields">What stands in the form.</param>
/// <param name="Faults">Fields that can't be taken.</param>
/// <param name="Next">Who it would be; null: nothing is proposed.</param>
internal sealed record PartyView(PartyDocument InForce, IReadOnlyDictionary<string, string> Fields, IReadOnlyList<string> Faults, PartyDocument? Next)
{
    /// <summary>What would change: field, before, after.</summary>
    public IEnumerable<(string Field, string Before, string After)> Changes
    {
        get
        {
            if (Next is null)
                yield break;
            foreach (var (name, of) in (IEnumerable<(string, Func<PartyDocument, string?>)>)
                [("legal", static party => party.Name), ("address", static party => party.Address), ("country", static party => party.Country), ("contact", static party => party.Contact.Email),
                    ("phone", static party => party.Contact.Phone), ("page", static party => party.Contact.Page), ("officer", static party => party.PrivacyOfficer?.Name), ("officer-email", static party => party.PrivacyOfficer?.Email)])
            {
                if (of(InForce) != of(Next))
                    yield return (name, of(InForce) ?? "", of(Next) ?? "");
            }
        }
    }
}
