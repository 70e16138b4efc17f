using NodaTime;
using Ringfence.Numbers;
using Ringfence.Server.Bridges.Vicidial;
using Ringfence.Server.Tests.Lists.Scrub;
using Xunit;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>What VICIdial loads, gives out and is told.</summary>
public sealed class VicidialTests : IDisposable
{
    private const string Header = "id,First Name,last_name,phone,alt_phone,zip,notes,ringfence_number,ringfence_verdict,ringfence_reasons,ringfence_ask_again,ringfence_evidence,ringfence_registers\r\n";
    private static readonly Instant Now = Instant.FromUtc(2027, 6, 9, 10, 0);

    private readonly string folder = Directory.CreateTempSubdirectory("rf-vici-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string In(string name) => Path.Combine(folder, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }

    private DialCount List(string rows)
    {
        using var list = AnsweredList.Open(Write("answered.csv", Header + rows))!;
        return DialList.Write(list, "1001", Now, In("leads.txt"), In("held.csv"), In("dnc.txt"), CancellationToken.None);
    }

    [Fact]
    public void Who_may_be_called_becomes_a_lead_and_nobody_else()
    {
        var count = List("""
            7,Ann,O'Hara,(202) 555-0123,202-555-0199,20001,"likes tea|tabs	and
            lines",'+12025550123,allowed,,2027-06-09T18:00:00Z,x,
            8,Bob,Lee,+44 7400 123456,,SW1,,'+447400123456,allowed,,,x,
            9,Cy,No,202 555 0124,,,,'+12025550124,refused,objected@us;no-consent@us,,,
            10,Di,Late,202 555 0125,,,,'+12025550125,deferred,hours@us,2027-06-09T13:00:00Z,,
            11,Ed,Stale,202 555 0126,,,,'+12025550126,allowed,,2027-06-09T10:00:00Z,x,
            12,Ann,Again,2025550123,,,,'+12025550123,allowed,,,x,
            13,Fay,None,none,,,,,refused,number-invalid,,,
            14,Gus,Register,202 555 0127,,,,'+12025550127,refused,register[us-national]@us,,,
            15,Hal,Odd,202 555 0128,,,,'+12025550128,ALLOWED,,,,
            16,Ida,Odd,202 555 0129,,,,'+12025550129,allowed,,soon,,
            17,Jo,No,202 555 0130,,,,'+12025550130,refused,missing-fact;suppressed[x]@us,,,
            """.ReplaceLineEndings("\r\n"));
        Assert.Equal(new DialCount(11, 2, 9, 2), count);
        var leads = File.ReadAllLines(In("leads.txt"));
        Assert.All(leads, static lead => Assert.Equal(25, lead.Split('\t').Length));
        Assert.Equal(["7", "", "1001", "1", "2025550123", "", "Ann", "", "O'Hara"], leads[0].Split('\t')[..9]);
        Assert.Equal(("20001", "", "likes tea tabs and  lines"), leads[0].Split('\t') is var ann ? (ann[15], ann[19], ann[22]) : default);
        Assert.Equal(["8", "", "1001", "44", "7400123456"], leads[1].Split('\t')[..5]);
        // The second number is nowhere: nobody asked about it.
        Assert.DoesNotContain("5550199", File.ReadAllText(In("leads.txt")), StringComparison.Ordinal);
        Assert.Equal(["2025550124", "2025550130"], File.ReadAllLines(In("dnc.txt")));
        var held = File.ReadAllLines(In("held.csv"));
        Assert.Equal("row,number,verdict,reasons,ask_again", held[0]);
        Assert.Equal(["objected@us;no-consent@us", "hours@us", "stale", "duplicate", "no-number", "register[us-national]@us", "", "stale", "missing-fact;suppressed[x]@us"], held.Skip(1).Select(static line => line.Split(',')[3]));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("leads.txt")));
    }

    [Fact]
    public void A_list_that_nobody_answered_is_none_and_one_that_breaks_off_leaves_no_file()
    {
        Assert.Null(AnsweredList.Open(Write("plain.csv", "id,phone\r\n1,2025550123\r\n")));
        using var list = AnsweredList.Open(Write("answered.csv", Header + "1,,,,,,,'+12025550123,allowed,,,,\r\n"))!;
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => DialList.Write(list, "1001", Now, In("leads.txt"), null, null, stopped.Token));
        Assert.Equal(["answered.csv", "plain.csv"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order());
        // A row that has more cells than the header says nothing that can be told.
        Assert.Equal(new DialCount(1, 0, 1, 0), List("1,,,,,,,'+12025550123,allowed,,,,,x,y\r\n"));
    }

    [Fact]
    public void It_reads_what_a_scrub_wrote()
    {
        using var home = new ScrubHome();
        var list = home.Write("leads.csv", "id,phone\r\n1,+12025550123\r\n2,+12025550124\r\n");
        var options = home.Options(list, ScrubHome.Asked(Channel.Voice, ScrubHome.AloneFacts, hasLedger: false), [home.Write("no.csv", "phone\r\n+12025550124\r\n")]);
        ScrubHome.Run(options);
        using var answered = AnsweredList.Open(home.Out)!;
        var count = DialList.Write(answered, "1001", ScrubHome.Noon, In("leads.txt"), In("held.csv"), In("dnc.txt"), CancellationToken.None);
        Assert.Equal(2, count.Rows);
        Assert.Equal(["2025550124"], File.ReadAllLines(In("dnc.txt")));
        Assert.Contains("12025550124,refused,suppressed", File.ReadAllText(In("held.csv")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+12025550123", "1", "2025550123")]
    [InlineData("+447400123456", "44", "7400123456")]
    [InlineData("+493023125123", "49", "3023125123")]
    [InlineData("+390612345678", "39", "0612345678")]
    [InlineData("+85221234567", "852", "21234567")]
    [InlineData("+886223456789", "886", "223456789")]
    public void A_number_is_parted_behind_its_calling_code(string e164, string code, string national)
    {
        Assert.True(PhoneNumber.TryParse(e164, Region.None, out var number));
        Assert.Equal((code, national), VicidialLead.Dialled(number));
    }

    [Fact]
    public void Refusals_are_read_from_its_lists_of_numbers_and_of_leads()
    {
        string[] Read(string text, params string[] statuses) =>
            [.. VicidialRefusals.Read(Write("in.txt", text), Region.Of("US"), statuses.Length > 0 ? statuses : VicidialRefusals.Statuses).Select(static one => one.Number.Digits == 0 ? $"{one.Line}?" : one.Number.E164)];
        Assert.Equal(["+12025550123", "2?", "+12025550124"], Read("2025550123\nnone\n12025550124\n"));
        Assert.Equal(["+12025550123", "+12025550124"], Read("2025550123,CAMP1\n2025550124,CAMP2\n"));
        const string leads = "lead_id\tstatus\tphone_code\tphone_number\talt_phone\n1\tDNC\t1\t2025550123\t\n2\tSALE\t1\t2025550124\t\n3\tdnccc\t1\t2025550125\t\n4\tDNCC\t44\t7400123456\t\n5\tDNCL\t01144\t7400123457\t\n6\tNI\t1\t2025550126\t\n";
        Assert.Equal(["+12025550123", "+447400123456", "+447400123457"], Read(leads));
        Assert.Equal(["+12025550126"], Read(leads, "NI"));
    }

    [Theory]
    // As its document has them.
    [InlineData("SUCCESS: add_dnc_phone DNC NUMBER HAS BEEN ADDED - 6666|7275551212|TESTCAMP", "Added")]
    [InlineData("ERROR: add_dnc_phone DNC NUMBER ALREADY EXISTS - 6666|7275551212", "Known")]
    [InlineData("ERROR: add_dnc_phone YOU MUST USE ALL REQUIRED FIELDS - 6666|||1000", "Refused")]
    [InlineData("ERROR: add_dnc_phone USER DOES NOT HAVE PERMISSION TO ADD DNC NUMBERS - 6666|0", "Shut")]
    [InlineData("ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - 6666|add_dnc_phone", "Shut")]
    [InlineData("ERROR: Login incorrect, please try again: |6666||BAD|", "Shut")]
    [InlineData("ERROR: NO FUNCTION SPECIFIED", "Shut")]
    [InlineData("<html>SUCCESS: add_dnc_phone </html>", "Shut")]
    [InlineData("", "Shut")]
    public void Only_what_is_known_to_be_a_yes_is_taken_for_one(string answer, string told) => Assert.Equal(told, VicidialServer.Read(answer).ToString());

    [Fact]
    public async Task A_server_is_told_in_the_body_of_a_request_and_follows_no_redirect()
    {
        var asked = new List<(string Address, string Body)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapPost("/vicidial/non_agent_api.php", async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync();
            lock (asked)
                asked.Add((http.Request.Path + http.Request.QueryString, body));
            if (body.Contains("phone_number=2025550199", StringComparison.Ordinal))
                http.Response.Redirect("/elsewhere");
            else
                await http.Response.WriteAsync(body.Contains("phone_number=2025550124", StringComparison.Ordinal) ? "ERROR: add_dnc_phone DNC NUMBER ALREADY EXISTS - 6666|2025550124\n" : "SUCCESS: add_dnc_phone DNC NUMBER HAS BEEN ADDED - 6666|x|SYSTEM_INTERNAL\n");
        });
        app.MapFallback(static http => http.Response.WriteAsync("SUCCESS: add_dnc_phone DNC NUMBER HAS BEEN ADDED"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(VicidialServer.IsUsable(app.Urls.Single(), out var address));
        using var server = new VicidialServer(address, "6666", "p&ss=1", VicidialServer.WholeServer);
        Assert.Equal(Told.Added, await server.AddAsync("2025550123", CancellationToken.None));
        Assert.Equal(Told.Known, await server.AddAsync("2025550124", CancellationToken.None));
        Assert.Equal(Told.Shut, await server.AddAsync("2025550199", CancellationToken.None));
        Assert.Equal(("/vicidial/non_agent_api.php", "source=ringfence&function=add_dnc_phone&user=6666&pass=p%26ss%3D1&phone_number=2025550123&campaign_id=SYSTEM_INTERNAL"), asked[0]);
        Assert.Equal(3, asked.Count);
        await app.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Told.Shut, await server.AddAsync("2025550125", CancellationToken.None));
    }

    [Theory]
    [InlineData("https://dialler.example", true)]
    [InlineData("https://dialler.example/sub", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://dialler.example", false)]
    [InlineData("https://u:p@dialler.example", false)]
    [InlineData("ftp://dialler.example", false)]
    [InlineData("dialler", false)]
    public void Nothing_personal_goes_over_a_network_in_the_clear(string server, bool isUsable) => Assert.Equal(isUsable, VicidialServer.IsUsable(server, out _));

    [Fact]
    public async Task Refusals_of_a_dialler_close_the_telephone()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        Assert.Equal("allowed", (await house.PostAsync("decisions", $$"""{"to":"{{BridgeHouse.Ann}}","channel":"voice","purpose":"offers","technique":"manual"}""")).Json.GetProperty("verdict").GetString());
        var read = VicidialRefusals.Read(Write("dnc.txt", "7400123456\n7400123457\nx\n7400123456\n"), Region.Of("GB"), VicidialRefusals.Statuses);
        var (written, known, lost) = await RefusalTaking.TakeAsync(house.House.Installation, house.House.Ledger, Ledger.House.Staff, read, CancellationToken.None);
        Assert.Equal((2, 1, 3), (written, known, Assert.Single(lost)));
        Assert.Equal("refused", (await house.PostAsync("decisions", $$"""{"to":"{{BridgeHouse.Ann}}","channel":"voice","purpose":"offers","technique":"manual"}""")).Json.GetProperty("verdict").GetString());
        Assert.Equal(ChannelSet.Phone, (ChannelSet)Assert.Single(await house.House.SuppressionsAsync("+447400123457")).Channels);
    }
}
