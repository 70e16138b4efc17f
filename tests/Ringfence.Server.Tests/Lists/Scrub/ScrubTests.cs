using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate;
using Ringfence.Server.Lists.Scrub;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Suppression.Registers;
using Ringfence.Suppression.Registers;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Scrub;

public sealed class ScrubTests : IDisposable
{
    private readonly ScrubHome home = new();

    [Theory]
    [InlineData(Channel.Voice, 1)]
    [InlineData(Channel.Voice, 2)]
    [InlineData(Channel.Sms, 3)]
    [InlineData(Channel.VoiceAuto, 4)]
    [InlineData(Channel.Whatsapp, 5)]
    public void Every_row_is_answered_as_if_it_were_asked_alone(Channel channel, int seed)
    {
        var random = new Random(seed);
        var people = Enumerable.Range(0, 9000).Select(_ => Made.Row(random)).ToArray();
        var (us, gb) = (Listed(random, people, "1", 0.3), Listed(random, people, "44", 0.3));
        RegisterHome.Build(home.Registers.Order("us-national", RegisterFormat.Plain) with { Covers = RegisterCoverage.Of(["1212", "1305", "1646", "1416"]) }, home.Write("us.txt", Lines(us)));
        RegisterHome.Build(home.Registers.Order("gb-tps", RegisterFormat.Plain, day: 1) with { Covers = RegisterCoverage.Of(["44"]) }, home.Write("gb.txt", Lines(gb)));
        var suppressed = Listed(random, people, "", 0.05);
        var sup = home.Write("sup.csv", "phone\n" + Lines(suppressed));
        var list = home.Write("list.csv", "id,name,phone,country,do not call,note\n" + string.Concat(people.Select(static (row, i) => $"{i},{row.Name},{row.Written},{row.Country},{row.Refusal},{row.Note}\n")));
        var asked = ScrubHome.Asked(channel, ScrubHome.AloneFacts + "\n" + (seed == 2 ? "" : "registers: { us-fl: { screenedAt: 2026-11-20, listed: false } }"), hasLedger: false, seed == 3 ? ScrubHome.Noon + Duration.FromHours(9) : null);

        var outcome = ScrubHome.Run(home.Options(list, asked, [sup], home.Registers.Open("gb-tps"), home.Registers.Open("us-national")));

        // The naive one: row by row, from what the row was made of.
        var refused = people.Where(static row => row.Refuses && row.Number is not null).Select(static row => row.Number!.Value).ToHashSet();
        var rows = home.Rows();
        Assert.Equal(people.Length + 1, rows.Length);
        Assert.Equal(people.Length, outcome.Rows);
        var seen = new Dictionary<string, int>();
        for (var i = 0; i < people.Length; i++)
        {
            var row = people[i];
            var screened = asked.Registers?.ToDictionary() ?? [];
            if (row.Number is { } number)
            {
                if (us.Contains(number) || RegisterCoverage.Of(["1212", "1305", "1646", "1416"]).Has(number))
                    screened["us-national"] = new Screening { ScreenedAt = Moment.On(new LocalDate(2026, 11, 20)), Listed = us.Contains(number) };
                if (number.ToString(CultureInfo.InvariantCulture).StartsWith("44", StringComparison.Ordinal))
                    screened["gb-tps"] = new Screening { ScreenedAt = Moment.On(new LocalDate(2026, 11, 1)), Listed = gb.Contains(number) };
            }

            var entries = new List<SuppressionEntry>();
            if (row.Number is { } one && suppressed.Contains(one))
                entries.Add(new SuppressionEntry());
            // Whose number can't be read is refused for that.
            if (row.Number is { } two && refused.Contains(two))
                entries.Add(new SuppressionEntry { By = SuppressedBy.Person, Kind = SuppressionKind.Objection, Channels = ChannelSet.All });
            var situation = asked with
            {
                Contact = asked.Contact with
                {
                    Phone = row.Number is { } digits ? $"+{digits}" : row.Written.Length == 0 ? null : "no number",
                    Residence = row.Country.Length == 2 ? [row.Country] : asked.Contact.Residence,
                },
                Registers = screened,
                Suppressions = entries,
            };
            var verdict = ContactGate.Shipped.Decide(situation);
            var cells = rows[i + 1];
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), cells[0]);
            Assert.Equal(row.Number is { } written ? $"+{written}" : "", cells[6]);
            Assert.Equal((i, verdict.Word), (i, cells[7]));
            Assert.True(string.Join(';', verdict.AllReasons.Select(Told)) == cells[8], $"{row}: {string.Join(';', verdict.AllReasons.Select(Told))} and not {cells[8]}");
            var until = verdict.Match(static allowed => allowed.Until, static deferred => deferred.Until, static _ => null);
            Assert.Equal(until is { } at ? InstantPattern.ExtendedIso.Format(at) : "", cells[9]);
            Assert.Equal($"gb-tps={Said("gb-tps", screened)}/v1/2026-11-01;us-national={Said("us-national", screened)}/v1/2026-11-20", cells[11]);
            seen[verdict.Word] = seen.GetValueOrDefault(verdict.Word) + 1;
        }

        // The list has rows of every kind, or nothing is shown.
        Assert.True(seen["refused"] > 100);
        if (channel == Channel.Voice && seed == 1)
            Assert.True(seen["allowed"] > 100, string.Join(' ', seen));
    }

    [Fact]
    public async Task Whom_the_ledger_knows_is_answered_as_decide_answers()
    {
        await using var house = await House.BuildAsync();
        var random = new Random(11);
        var numbers = Enumerable.Range(0, 120).Select(static i => $"+1212555{i:0000}").ToArray();
        for (var i = 0; i < numbers.Length; i++)
        {
            switch (i % 6)
            {
                case 0:
                    await house.SaysAsync(numbers[i], channels: i % 12 == 0 ? "voice" : "sms");
                    break;
                case 1:
                    await house.SaysAsync(numbers[i], channels: "voice");
                    await house.WithdrawAsync(numbers[i], "voice");
                    break;
                case 2:
                    await house.WithdrawAsync(numbers[i]);
                    break;
            }
        }

        // Noon in New York, on a Monday that is still to come for the ledger's own clock.
        var monday = SystemClock.Instance.GetCurrentInstant().InUtc().Date.Next(IsoDayOfWeek.Monday);
        RegisterHome.Build(home.Registers.Order("us-national", RegisterFormat.Plain) with { AsOf = monday }, home.Write("us.txt", string.Concat(numbers.Where(_ => random.Next(3) == 0).Select(static number => number + "\n"))));
        var register = home.Registers.Open("us-national");
        var asked = ScrubHome.Asked(Channel.Voice, ScrubHome.CleanFacts, hasLedger: true, monday.At(new LocalTime(17, 0)).InUtc().ToInstant());
        var screen = await LedgerScreen.ReadAsync(house.Installation, house.Ledger, TestContext.Current.CancellationToken);
        var outcome = ScrubHome.Run(home.Options(home.Write("list.csv", "phone,n\n" + string.Concat(numbers.Select(static (number, i) => $"{number},{i}\n"))), asked, null, register), screen);
        var rows = home.Rows();
        for (var i = 0; i < numbers.Length; i++)
        {
            var situation = asked with
            {
                Registers = new Dictionary<string, Screening>
                {
                    ["us-national"] = new() { ScreenedAt = Moment.On(register.Facts.AsOf), Listed = register.Of(ulong.Parse(numbers[i][1..], CultureInfo.InvariantCulture)) == RegisterAnswer.Listed },
                },
            };
            var decided = await ContactDecision.MakeAsync(house.Installation, house.Ledger, House.Staff, ContactGate.Shipped, situation, house.Tags(numbers[i]), record: false, TestContext.Current.CancellationToken);
            Assert.Equal((i, decided.Decision.Verdict!.Word), (i, rows[i + 1][3]));
            Assert.Equal((i, string.Join(';', decided.Decision.Verdict.AllReasons.Select(Told))), (i, rows[i + 1][4]));
        }

        Assert.Equal(60, outcome.OfLedger);
        Assert.Contains(rows, static row => row[4].Contains("withdrawn", StringComparison.Ordinal));
        Assert.Contains(rows, static row => row[4].Contains("objected", StringComparison.Ordinal));
        Assert.Contains(rows, static row => row[3] == "allowed");
    }

    [Fact]
    public void Where_nobody_says_who_refused_nobody_is_allowed()
    {
        var asked = ScrubHome.Asked(Channel.Voice, ScrubHome.AloneFacts, hasLedger: false);
        RegisterHome.Build(home.Registers.Order("us-national", RegisterFormat.Plain), home.Write("us.txt", "+12125550199\n"));
        var list = home.Write("list.csv", "phone,n\n+12125550100,1\n+12125550101,2\n");
        var image = home.Registers.Open("us-national");
        ScrubHome.Run(home.Options(list, asked, null, image));
        Assert.All(home.Rows()[1..], static row => Assert.StartsWith("missing-fact[suppressions]", row[4], StringComparison.Ordinal));
        ScrubHome.Run(home.Options(list, asked, [home.Write("none.csv", "phone,n\n+12125550177,1\n")], image));
        Assert.All(home.Rows()[1..], static row => Assert.Equal("allowed", row[3]));
        // Without the register, or with one that is too old, neither.
        ScrubHome.Run(home.Options(list, asked, [home.Write("none.csv", "phone,n\n+12125550177,1\n")]));
        Assert.All(home.Rows()[1..], static row => Assert.Equal("missing-fact[registers]@us-fed-ndnc", row[4]));
        ScrubHome.Run(home.Options(list, asked with { At = asked.At + Duration.FromDays(29) }, [home.Write("none.csv", "phone,n\n+12125550177,1\n")], image));
        Assert.All(home.Rows()[1..], static row => Assert.Equal("register-stale[us-national]@us-fed-ndnc", row[4]));
    }

    [Fact]
    public void A_no_in_the_last_row_closes_the_first()
    {
        var asked = ScrubHome.Asked(Channel.Voice, ScrubHome.AloneFacts, hasLedger: false);
        RegisterHome.Build(home.Registers.Order("us-national", RegisterFormat.Plain), home.Write("us.txt", "+12125550199\n"));
        var text = new System.Text.StringBuilder("phone,mobile,note,birth date\n+12125550100,,,\n");
        for (var i = 0; i < 20_000; i++)
            text.Append(CultureInfo.InvariantCulture, $"+1212{5560000 + i},,,\n");
        text.Append("+12125550101,+12125550100,do not call,\n+12125550102,,,2012-01-01\n+12125550102,,,\n");
        ScrubHome.Run(home.Options(home.Write("list.csv", text.ToString()), asked, [home.Write("none.csv", "phone,n\n+12125550177,1\n")], home.Registers.Open("us-national")));
        var rows = home.Rows();
        Assert.Equal(("objected", "refused-in-list"), (rows[1][6], rows[1][8]));
        Assert.Equal("allowed", rows[2][5]);
        Assert.Equal("objected", rows[^3][6]);
        Assert.Equal(("minor", "minor-in-list"), (rows[^1][6], rows[^1][8]));
        Assert.Equal("minor", rows[^2][6]);
    }

    [Fact]
    public void A_run_that_was_killed_goes_on_and_gives_the_same_file()
    {
        var asked = ScrubHome.Asked(Channel.Voice, ScrubHome.AloneFacts, hasLedger: false);
        var text = new System.Text.StringBuilder("phone,n\n");
        for (var i = 0; i < 60_000; i++)
            text.Append(CultureInfo.InvariantCulture, $"+1212{5000000 + (i * 31)},{i}\n");
        var options = home.Options(home.Write("list.csv", text.ToString()), asked, [home.Write("none.csv", "phone,n\n+12125550177,1\n")]) with { Resume = true };
        var whole = ScrubHome.Run(options);
        var expected = File.ReadAllBytes(home.Out);
        Assert.Equal(0, whole.Resumed);

        // What a kill leaves: some rows, a note of how far they go, and half a row behind it.
        File.Delete(home.Out);
        var at = InstantPattern.ExtendedIso.Format(asked.At);
        var fingerprint = Killed(options, at, expected, rows: 25_000);
        Assert.Equal(at, ScrubFile.InstantOf(home.Out));
        var resumed = ScrubHome.Run(options);
        Assert.Equal((25_000L, 60_000L), (resumed.Resumed, resumed.Rows));
        Assert.Equal(expected, File.ReadAllBytes(home.Out));
        Assert.Equal(whole.ByVerdict, resumed.ByVerdict);
        Assert.False(File.Exists(home.Out + ".unfinished.json"));

        // Asked otherwise, it begins anew.
        Killed(options, at, expected, rows: 25_000);
        Assert.Equal(0, ScrubHome.Run(options with { AskedAs = "otherwise" }).Resumed);
        Assert.Equal(expected, File.ReadAllBytes(home.Out));
        Assert.NotEmpty(fingerprint);
    }

    [Fact]
    public void Stopped_it_leaves_nothing_and_what_was_there_stays()
    {
        var asked = ScrubHome.Asked(Channel.Voice, ScrubHome.AloneFacts, hasLedger: false);
        var options = home.Options(home.Write("list.csv", "phone,n\n+12125550100,1\n"), asked);
        File.WriteAllText(home.Out, "before");
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => ScrubRun.Run(options, null, ProgressBar.None, stop.Token));
        Assert.Equal("before", File.ReadAllText(home.Out));
        Assert.Empty(Directory.EnumerateFiles(home.Registers.Folder, "*.unfinished*"));
    }

    [Fact]
    public void Rows_that_cannot_be_told_apart_are_refused_and_cells_come_out_as_they_went_in()
    {
        var asked = ScrubHome.Asked(Channel.Voice, ScrubHome.AloneFacts, hasLedger: false);
        var list = home.Write("list.csv", "phone;name;city;n\n+12125550100;\"Ann \"\"A\"\"; x\";Rome, IT;1\n+12125550101;Bob;2\n;Cy;Bonn;3\nabc;Di;=1+1;4\n");
        var outcome = ScrubHome.Run(home.Options(list, asked));
        var rows = home.Rows();
        Assert.Equal(["phone", "name", "city", "n", .. ScrubAnswer.Columns], rows[0]);
        Assert.Equal(["+12125550100", "Ann \"A\"; x", "Rome, IT", "1", "+12125550100"], rows[1][..5]);
        Assert.All(rows[1..], static row => Assert.Equal("refused", row[5]));
        Assert.Contains("number-invalid", rows[4][6], StringComparison.Ordinal);
        Assert.Contains("missing-fact[contact.phone]", rows[3][6], StringComparison.Ordinal);
        Assert.Equal("'=1+1", rows[4][2]);
        Assert.Equal((4L, 3L), (outcome.Rows, outcome.Unreadable));
    }

    // Makes the two files that a killed run leaves, from a whole one.
    private string Killed(ScrubOptions options, string at, byte[] whole, int rows)
    {
        var end = 0;
        for (var line = 0; line <= rows; line++)
            end = Array.IndexOf(whole, (byte)'\n', end) + 1;
        var fingerprint = ScrubRun.Fingerprint(options, Suppressed(options));
        using (var file = ScrubFile.Open(home.Out, at, fingerprint, resume: true))
        {
            file.Write(whole.AsSpan(0, end));
            Thread.Sleep(1100);
            var tally = new ScrubTally { Rows = rows };
            tally.ByVerdict[2] = rows;
            tally.ByReason[(int)ReasonCode.RegisterMissing] = rows;
            var outcome = new ScrubOutcome();
            outcome.Add(tally);
            file.Reached(rows, outcome);
            file.Write("+1212"u8);
        }

        return fingerprint;
    }

    private static RegisterImage? Suppressed(ScrubOptions options) => ScrubRun.Suppressed(options, new ScrubOutcome(), CancellationToken.None);

    private static string Said(string register, Dictionary<string, Screening> screened) =>
        screened.TryGetValue(register, out var one) ? one.Listed == true ? "listed" : "not-listed" : "not-covered";

    private static string Told(Reason reason) =>
        Words<ReasonCode>.Of(reason.Code) + (reason.Item is null ? "" : "[" + reason.Item.Replace(", ", " ", StringComparison.Ordinal) + "]") + (reason.Rule is null ? "" : "@" + reason.Rule.Id);

    private static HashSet<ulong> Listed(Random random, Made[] people, string beginning, double share) =>
        [.. people.Where(row => row.Number is { } number && number.ToString(CultureInfo.InvariantCulture).StartsWith(beginning, StringComparison.Ordinal) && random.NextDouble() < share).Select(static row => row.Number!.Value)];

    private static string Lines(IEnumerable<ulong> numbers) => string.Concat(numbers.Order().Select(static number => $"+{number}\n"));

    public void Dispose() => home.Dispose();

    /// <summary>One made-up row, with what it means.</summary>
    private sealed record Made(string Name, string Written, ulong? Number, string Country, string Refusal, string Note, bool Refuses)
    {
        private static readonly string[] Areas = ["212", "305", "646", "415", "808", "907", "206", "602", "416", "514"];

        public static Made Row(Random random)
        {
            var (written, number) = Spelled(random);
            var country = random.Next(5) switch { 0 => "US", 1 => "GB", 2 => random.Next(10) == 0 ? "FR" : "", _ => "" };
            // Written nationally, a number is of the country that its row names.
            if (number is not null && !written.StartsWith('+'))
                country = "";
            var (refusal, note) = (random.Next(40) == 0 ? "yes" : "no", random.Next(60) switch { 0 => "please do not call me again", 1 => "asked for a brochure", _ => "" });
            return new Made(random.Next(2) == 0 ? "Ann" : "Bob", written, number, country, refusal, note, refusal == "yes" || note.StartsWith("please", StringComparison.Ordinal));
        }

        private static (string, ulong?) Spelled(Random random)
        {
            var (area, rest) = (Areas[random.Next(Areas.Length)], random.Next(2000));
            var us = ulong.Parse($"1{area}555{rest:0000}", CultureInfo.InvariantCulture);
            return random.Next(12) switch
            {
                0 => ("", null),
                1 => ("abc", null),
                2 => ("+1212555", null),
                3 => ($"+44 20 7946 {rest % 1000:0000}", 442_079_460_000 + (ulong)(rest % 1000)),
                4 => ($"+33 1 99 00 {rest / 100 % 100:00} {rest % 100:00}", 33_199_000_000 + (ulong)(rest / 100 % 100 * 100) + (ulong)(rest % 100)),
                5 => ($"+49 30 23125{rest % 1000:000}", 49_302_312_5000 + (ulong)(rest % 1000)),
                6 => ($"({area}) 555-{rest:0000}", us),
                7 => ($"{area}-555-{rest:0000}", us),
                _ => ($"+{us}", us),
            };
        }
    }
}
