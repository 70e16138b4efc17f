using System.Globalization;
using System.Text;
using NodaTime;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists;
using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists;

/// <summary>Lists as people have them, and what the audit says of their rows.</summary>
public sealed class AuditedRowsTests : IDisposable
{
    private const string Wording = "I agree that Acme Ltd may call me by phone with offers";

    private readonly string folder = Directory.CreateTempSubdirectory("ringfence-rows").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Audits lists, given as name and content; gives the rows of <c>contacts.csv</c>, each as column to cell.</summary>
    private List<Dictionary<string, string>> Audit(params (string Name, string Content)[] lists)
    {
        foreach (var (name, content) in lists)
            File.WriteAllText(Path.Combine(folder, name), content);
        var options = new AuditOptions
        {
            Files = [.. lists.Select(l => Path.Combine(folder, l.Name))],
            Out = Path.Combine(folder, "out"),
            AsOf = new LocalDate(2026, 11, 21),
            Controller = "Acme Ltd",
            Language = CultureInfo.GetCultureInfo("en"),
            Threads = 1,
        };
        using var into = new OutFolder(options.Out);
        Ringfence.Server.Lists.Audit.Run(options, into, new NextSteps(static (_, _, _, _) => "", options.Language), ProgressBar.None, CancellationToken.None);
        into.Complete();
        using var file = ListFile.Open(Path.Combine(options.Out, "contacts.csv"), new ListReadOptions(null));
        var batch = new RowBatch();
        file.Read(batch);
        string[][] lines = [.. Enumerable.Range(0, batch.Count).Select(row => Enumerable.Range(0, batch.CellCount(row)).Select(c => Encoding.UTF8.GetString(batch.Cell(row, c))).ToArray())];
        return [.. lines.Skip(1).Select(cells => lines[0].Zip(cells).ToDictionary(static c => c.First, static c => c.Second))];
    }

    /// <summary>Audits one list of people in Britain, with a recorded yes to calls unless the cells say otherwise; gives the grades for calls.</summary>
    private string[] GradesForCalls(string header, params string[] rows)
    {
        var n = 0;
        var lines = rows.Select(row => $"Person {(char)('A' + n)},+44 20 7946 01{n++:00},2026-01-01,{Wording},2026-06-01,{row}");
        return [.. Audit(("list.csv", $"name,phone,call_consent_date,call_consent_wording,last_purchase,{header}\n" + string.Join('\n', lines))).Select(static r => r["voice_grade"])];
    }

    [Theory]
    [InlineData("Under 18?")]
    [InlineData("minderjährig")]
    [InlineData("是否未成年")]
    public void A_yes_or_a_doubt_under_a_header_of_minors_closes_the_row(string header) =>
        Assert.Equal(
            ["never", "usable", "usable", "never"], GradesForCalls("call_consent," + header, "yes,yes", "yes,no", "yes,", "yes,?"));

    [Fact]
    public void Each_channel_goes_by_the_date_and_wording_of_its_own_columns()
    {
        const string Header = "phone,sms_opt_in,sms_opt_in_date,sms_opt_in_wording,call_consent,call_consent_date,call_consent_wording,last_purchase\n";
        var rows = Audit(("list.csv", Header
            + $"+44 20 7946 0100,yes,2026-01-01,I agree to receive SMS offers from Acme Ltd,yes,2026-01-04,{Wording},2026-06-01\n"
            + $"+44 20 7946 0101,yes,,I agree to receive SMS offers from Acme Ltd,yes,2026-01-04,{Wording},2026-06-01\n"
            + $"+44 20 7946 0102,yes,2027-01-01,I agree to receive SMS offers from Acme Ltd,opted in 2020-01-01,,{Wording},2020-06-01\n"));
        Assert.Equal(["usable", "reconfirm", "reconfirm"], rows.Select(static r => r["sms_grade"]));
        Assert.Equal(["usable", "usable", "reconfirm"], rows.Select(static r => r["voice_grade"]));
        Assert.Equal(["", "opt-in-not-recorded", "opt-in-not-recorded;long-inactive"], rows.Select(static r => r["sms_reasons"]));
    }

    [Fact]
    public void A_refusal_in_the_cell_of_a_number_a_date_a_company_or_an_unused_column_is_found()
    {
        const string Header = "phone,name,company,city,owner notes,call_consent,call_consent_date,call_consent_wording,last_purchase\n";
        string[] rows =
        [
            $"020 7946 0100 (do not call),A B,,,,yes,2026-01-01,{Wording},2026-06-01", $"020 7946 0101,A C,,,,yes,withdrawn 2026-05-05,{Wording},2026-06-01",
            $"020 7946 0102,A D,Example Ltd - do not contact,,,yes,2026-01-01,{Wording},2026-06-01", $"020 7946 0103,A E,,DO NOT CALL,,yes,2026-01-01,{Wording},2026-06-01",
            $"020 7946 0104,A F,,,asked us not to ring,yes,2026-01-01,{Wording},2026-06-01", $"020 7946 0105,A G,Example Ltd,London,VIP,yes,2026-01-01,{Wording},2026-06-01",
        ];
        Assert.Equal(
            ["never", "never", "never", "never", "never", "usable"],
            Audit(("list.csv", Header + string.Join('\n', rows.Select(r => "+44 " + r[1..])))).Select(static r => r["voice_grade"]));
    }

    [Fact]
    public void Under_a_header_that_asks_for_a_refusal_only_a_plain_no_is_none() =>
        Assert.Equal(
            ["usable", "usable", "usable", "usable", "never", "never", "never", "never", "never", "never"],
            GradesForCalls("call_consent,unsubscribed", "yes,no", "yes,", "yes,0000-00-00", "yes,not blocked", "yes,revoked", "yes,2026-01-01", "yes,?", "yes,abgelehnt", "yes,已拒绝", "yes,no (withdrawn)"));

    [Fact]
    public void A_refusal_of_another_channel_in_the_column_of_calls_is_one_of_calls_too() =>
        Assert.Equal(["never", "never", "usable"], GradesForCalls("call_consent", "opted out by e-mail 2026-03-04", "no e-mails", "yes"));

    [Fact]
    public void An_end_that_cannot_be_read_counts_as_passed_and_one_that_says_there_is_none_does_not() =>
        Assert.Equal(
            ["usable", "usable", "usable", "usable", "reconfirm", "reconfirm", "never"],
            GradesForCalls("call_consent,consent valid until", "yes,", "yes,2026-11-21", "yes,until revoked", "yes,unbefristet", "yes,2026-11-20", "yes,end of contract", "yes,revoked"));

    [Fact]
    public void An_age_in_words_is_an_age() =>
        Assert.Equal(["never", "never", "usable", "usable"], GradesForCalls("call_consent,age", "yes,17 ans", "yes,16-24", "yes,18 years", "yes,"));

    [Fact]
    public void A_month_or_a_year_of_birth_stands_for_its_last_day() =>
        Assert.Equal(
            ["usable", "never", "never", "never", "never", "usable", "never", "usable"],
            GradesForCalls("call_consent,date of birth", "yes,2008-11-21", "yes,Nov 2008", "yes,2008年11月", "yes,11/2008", "yes,2008", "yes,2007", "yes,2008年", "yes,Oct 2008"));

    [Fact]
    public void A_refusal_in_another_file_is_found_under_a_second_address_or_number()
    {
        var rows = Audit(
            ("people.csv", "name,phone,mobile,email,email 2,call_consent,call_consent_date,call_consent_wording,last_purchase\n"
                + $"A B,+44 20 7946 0100,,a@example.com,a2@example.com,yes,2026-01-01,{Wording},2026-06-01\n"
                + $"A C,+44 20 7946 0101,020 7946 0111,c@example.com; c2@example.com,,yes,2026-01-01,{Wording},2026-06-01\n"
                + $"A D,+44 20 7946 0102,+44 20 7946 0112,d@example.com,,yes,2026-01-01,{Wording},2026-06-01\n"
                + $"A E,+44 20 7946 0103,,e@example.com,,yes,2026-01-01,{Wording},2026-06-01\n"
                + $"A F,+44 20 7946 0104,,f@example.com,,yes,2026-01-01,{Wording},2026-06-01\n"),
            ("mail.csv", "Email,Unsubscribed\nA2@example.com,2026-01-01\n c2@EXAMPLE.com,yes\nf@example.com,FALSE\n"),
            ("results.csv", "Phone;Result\n0044 20 7946 0112;\"do not\ncall\"\n"),
            ("dnc.csv", "number,do not contact\n00442079460103,yes\n"));
        Assert.Equal(["never", "never", "never", "never", "usable"], rows.Take(5).Select(static r => r["voice_grade"]));
    }

    [Fact]
    public void Of_a_row_with_too_many_cells_the_number_is_read_by_the_country_in_it_and_its_refusal_closes_the_others()
    {
        var rows = Audit(("list.csv", "id,phone,country,call_consent,do not call,notes\n1,(415) 555-0160,US,yes,no,please, no calls\n2,415-555-0160,US,yes,no,\n3,(415) 555-0161,US,,yes,one,two\n4,4155550161,US,yes,no,\n"));
        Assert.All(rows, static row => Assert.Equal("never", row["voice_grade"]));
        Assert.Equal(["unreadable-row", "", "unreadable-row", ""], rows.Select(static r => r["number_note"]));
    }

    [Fact]
    public void People_who_are_called_as_a_register_or_a_refusal_is_have_refused_nothing()
    {
        string[] names = ["Robinson", "Ng", "Nie", "No", "Ende", "Ann Robinson", "Dupont"];
        var rows = Audit(("list.csv", "last name,phone,company,call_consent,call_consent_date,call_consent_wording,last_purchase\n"
            + string.Concat(names.Select((name, i) => $"{name},+44 20 7946 01{i:00},Robinson & Sons Ltd,yes,2026-01-01,{Wording},2026-06-01\n"))));
        Assert.All(rows, static row => Assert.Equal("usable", row["voice_grade"]));
    }

    [Fact]
    public void All_addresses_of_a_cell_are_the_persons_however_oddly_it_is_written()
    {
        var odd = string.Concat(Enumerable.Repeat("a@example.com@ ", 500)) + "a@example.com; b@example.com";
        var rows = Audit(
            ("list.csv", $"name,email,email_opt_in\nA B,{odd},yes\nA C,c@example.com,yes\nA D,d@example.com,yes\n"), ("mail.csv", "email,unsubscribed\nb@example.com,yes\n"));
        Assert.Equal("never", rows[0]["email_grade"]);
    }

    [Fact]
    public void A_state_that_two_countries_have_is_read_by_the_country_of_the_number()
    {
        var rows = Audit(("list.csv", "phone,state\n+1 301 555 0105,WA\n+61 2 5550 3809,WA\n,WA\n"));
        Assert.Equal(["US-WA", "AU-WA", ""], rows.Select(static r => r["residence"]));
    }
}
