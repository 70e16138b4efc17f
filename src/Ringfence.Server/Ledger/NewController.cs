using Ringfence.Consent;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Pages;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Ledger;

/// <summary>A controller that is to be founded, as a form says who it is: the first one, and each further one.</summary>
internal static class NewController
{
    private const int Longest = 300;

    /// <summary>The fields of the form.</summary>
    public static readonly string[] Fields = ["legal", "word", "address", "country", "contact", "officer", "officer-email"];

    /// <summary>Who it is; null: something is amiss.</summary>
    /// <param name="fields">What was typed; word and country are put as they are kept.</param>
    /// <param name="faults">Gets what is amiss: by field, the text <c>SetUp.Fault.KEY</c>.</param>
    public static PartyDocument? Read(Dictionary<string, string> fields, Dictionary<string, string> faults)
    {
        foreach (var name in (string[])["legal", "address"])
        {
            if (fields[name].Length is 0 or > Longest || fields[name].Any(char.IsControl))
                faults[name] = name;
        }

        // Whoever types it as a name is understood.
        fields["word"] = fields["word"].ToLowerInvariant();
        if (!ControllerCliCommand.IsWord(fields["word"]))
            faults["word"] = "word";
        fields["country"] = fields["country"].ToUpperInvariant();
        if (fields["country"].Length != 2 || Places.Country(fields["country"]) != Region.Of(fields["country"]))
            faults["country"] = "country";
        if (Accounts.MailOf(fields["contact"]) is null)
            faults["contact"] = "email";
        if ((fields["officer"].Length > 0 || fields["officer-email"].Length > 0) && Accounts.MailOf(fields["officer-email"]) is null)
            faults["officer-email"] = "email";
        if (faults.Count > 0)
            return null;
        try
        {
            // Read back as it will be read ever after: what that would refuse is refused now.
            return PartyDocument.FromBytes(new PartyDocument
            {
                Id = fields["word"], Kind = PartyKind.Controller, Name = fields["legal"], Address = fields["address"], Country = fields["country"],
                Contact = new PartyContact(null, fields["contact"], null, null),
                PrivacyOfficer = fields["officer-email"].Length == 0 ? null : new PartyContact(fields["officer"] is { Length: > 0 } officer ? officer : null, fields["officer-email"], null, null),
            }.ToBytes());
        }
        catch (RuleFileException)
        {
            faults["legal"] = "party";
            return null;
        }
    }

    /// <summary>The origin of its checkpoints, without epoch.</summary>
    public static string OriginOf(PageCall call, string word) => $"{call.Served.Address?.Host ?? "ringfence.local"}/{word}";
}
