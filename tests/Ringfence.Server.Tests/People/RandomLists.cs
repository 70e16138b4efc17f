using System.Globalization;
using System.Text;

namespace Ringfence.Server.Tests.People;

/// <summary>Lists in which few numbers, addresses and names stand in many rows, so that rows meet in every way; several short lists, for each is a batch of its own.</summary>
internal sealed class RandomLists(int seed)
{
    private const string Header = "name,phone,other phone,email,country,source,call_consent,call_consent_date,call_consent_wording,email_opt_in,sms_opt_in,age,notes\n";

    private static readonly string[] Names = ["Ann Smith", "Smith Ann", "Bob Jones", "Cy Low", "", "Dee Ray", "Eve Moor", "Jo Wu"];
    private static readonly string[] Answers = ["", "yes", "no", "?", "pending", "yes, but do not call", "opted in 2025-03-01"];
    private static readonly string[] Sources = ["", "web form", "bought list", "trade fair", "scraped", "referral", "partner co-registration"];
    private static readonly string[] Wordings = ["", Importing.Wording, "I agree to calls and text messages with offers from Acme Ltd", "Bob Jones may be called by Acme Ltd with offers", "I accept the terms"];
    private static readonly string[] Notes = ["", "", "", "", "likes tea", "asked not to be called again", "unsubscribed from e-mail"];

    private readonly Random random = new(seed);

    /// <summary>Writes lists.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="lists">How many.</param>
    /// <param name="rows">Rows of each.</param>
    /// <param name="people">Out of how many numbers and addresses they are drawn.</param>
    public void Write(string folder, int lists, int rows, int people)
    {
        for (var list = 0; list < lists; list++)
        {
            var text = new StringBuilder(Header);
            for (var row = 0; row < rows; row++)
                text.AppendJoin(',', Row(people)).Append('\n');
            File.WriteAllText(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"list-{list:000}.csv")), text.ToString());
        }
    }

    private string[] Row(int people) =>
    [
        One(Names), random.Next(8) == 0 ? "" : Phone(people), random.Next(5) == 0 ? Phone(people) : "", random.Next(3) == 0 ? "" : $"p{random.Next(people)}@example.org",
        random.Next(3) == 0 ? "" : "GB", One(Sources), One(Answers), random.Next(2) == 0 ? "" : $"2026-0{random.Next(1, 10)}-11", One(Wordings), One(Answers), One(Answers),
        random.Next(12) == 0 ? "17" : "", One(Notes),
    ];

    private string Phone(int people)
    {
        var national = string.Create(CultureInfo.InvariantCulture, $"20 7946 0{random.Next(people):000}");
        return random.Next(3) switch { 0 => $"+44 {national}", 1 => $"+44 (0){national}", _ => $"0044{national.Replace(" ", "", StringComparison.Ordinal)}" };
    }

    private string One(string[] of) => of[random.Next(of.Length)] is var text && text.Contains(',', StringComparison.Ordinal) ? $"\"{text}\"" : text;
}
