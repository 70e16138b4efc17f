using NodaTime;
using Ringfence.Lists;

namespace Ringfence.Server.Tests.Lists.Report;

/// <summary>Made-up reports whose figures agree with each other: they are counted from made-up rows.</summary>
internal static class SampleReports
{
    private static readonly Channel[] UsualChannels = [Channel.Voice, Channel.VoiceAuto, Channel.Sms, Channel.Whatsapp, Channel.Email];

    private static readonly string?[] Countries =
        ["US", "US", "US", "US", "DE", "DE", "DE", "GB", "GB", "FR", "CN", "TW", "CA", "IT", "ES", "HK", "AU", "IN", "BR", "JO", null];

    private static readonly string?[] States =
        ["US-CA", "US-NY", "US-TX", "US-FL", "US-WA", "US-OR", "US-IL", "US-NC", "US-DC", "US-PR", null];

    private static readonly SourceKind[] Kinds =
        [SourceKind.Own, SourceKind.Own, SourceKind.Own, SourceKind.Referral, SourceKind.Bought, SourceKind.Broker, SourceKind.CoRegistration, SourceKind.Scraped, SourceKind.Unknown, SourceKind.Unclear];

    /// <summary>No row at all.</summary>
    public static AuditReport Empty() => Make(rows: 0, scale: 1, UsualChannels, "Ringmuster Ltd", File(0));

    /// <summary>A list as most people have it: two thousand rows.</summary>
    public static AuditReport Ordinary() => Make(rows: 2000, scale: 1, UsualChannels, "Ringmuster Ltd", File(2000));

    /// <summary>The same without a sender.</summary>
    public static AuditReport NoSender() => Make(rows: 2000, scale: 1, UsualChannels, null, File(2000));

    /// <summary>One channel, and no country known.</summary>
    public static AuditReport OneChannel() => Make(rows: 40, scale: 1, [Channel.Email], "Ringmuster Ltd", File(40)) with
    {
        Places = [new PlaceTally(null, 40, 0, 0, 0, 0, 0, [])],
        Exposure = [],
        NextSteps = [],
    };

    /// <summary>Ten million rows in forty files with hostile names, all channels, everything that can occur.</summary>
    public static AuditReport Maximal()
    {
        var report = Make(rows: 4000, scale: 2500, [.. Channels.All], "Donaudampfschifffahrtsgesellschaft & Söhne <script>alert(1)</script> Beteiligungs-GmbH", File(250_000));
        var files = Enumerable.Range(1, 40).Select(i => report.Files[0] with
        {
            Name = i switch
            {
                1 => "leads \u001b[31m\"red\" <b>&amp;</b> \u202Egnp.csv",
                2 => new string('x', 240) + ".csv",
                3 => "客户名单（2025 年第三季度 最终版 再次修订）.xlsx",
                _ => $"export-{i}.csv",
            },
            Columns = [.. Enumerable.Range(0, 1024).Select(c => new ColumnReading(c, c == 5 ? "</table><img src=x onerror=alert(1)>" : $"column {c + 1}",
                (ListField)(c % 23), (ChannelSet)(c % 64), (ReadingCertainty)(c % 3), (ReadingGround)(c % 4)))],
        });
        return report with
        {
            Files = [.. files],
            UnreadableRows = 12_345,
            RejectedLines = 99_999,
            Turnover = 1_250_000_000.50m,
            NotChecked = [.. report.NotChecked, "a-code-nobody-knows"],
            Exposure =
            [
                .. report.Exposure,
                .. Enumerable.Range(0, 20).Select(i => new ExposureEstimate($"xx-{i}", i % 2 == 0 ? "US-FL" : "SG", 1_000_000 + i, i % 2 == 0 ? "per-contact" : "cap", "USD",
                    i % 2 == 0 ? 500 : null, i % 2 == 0 ? 1500 : null, i % 2 == 0 ? 500m * (1_000_000 + i) : null, 1500m * (1_000_000 + i), i % 3 == 0 ? 10 : null, false,
                    "A Very Long Act Relating to Telephone Solicitation, § 501.059(10)(a)", i % 4 == 0 ? "javascript:alert(1)" : "https://example.org/law?a=1&b=2", "to-verify", ["private-claims", "new-code"])),
            ],
        };
    }

    private static AuditedFile File(long rows) => new(
        "leads-2000.csv", "csv", ",", "utf-8", null, rows * 187 + 171, string.Concat(Enumerable.Repeat("5be077c19d34fe0a", 4)), rows, true,
        [
            new(0, "lead_id", ListField.Id, ChannelSet.None, ReadingCertainty.Sure, ReadingGround.Header),
            new(1, "full_name", ListField.Name, ChannelSet.None, ReadingCertainty.Sure, ReadingGround.Header),
            new(2, "company", ListField.Company, ChannelSet.None, ReadingCertainty.Sure, ReadingGround.Header),
            new(3, "country", ListField.Country, ChannelSet.None, ReadingCertainty.Sure, ReadingGround.Header),
            new(4, "state", ListField.State, ChannelSet.None, ReadingCertainty.Sure, ReadingGround.Header),
            new(5, "phone", ListField.Phone, ChannelSet.None, ReadingCertainty.Sure, ReadingGround.Map),
            new(6, "alt_phone", ListField.OtherPhone, ChannelSet.None, ReadingCertainty.Likely, ReadingGround.Header),
            new(7, "email", ListField.Email, ChannelSet.None, ReadingCertainty.Sure, ReadingGround.Header),
            new(8, "source", ListField.Source, ChannelSet.None, ReadingCertainty.Sure, ReadingGround.Header),
            new(9, "phone_consent", ListField.Consent, ChannelSet.Voice, ReadingCertainty.Sure, ReadingGround.Header),
            new(10, "consent_date", ListField.ConsentAt, ChannelSet.Voice, ReadingCertainty.Likely, ReadingGround.Header, DateOrder.MonthFirst),
            new(11, "consent_wording", ListField.ConsentWording, ChannelSet.Voice, ReadingCertainty.Likely, ReadingGround.Header),
            new(12, "notes", ListField.Notes, ChannelSet.None, ReadingCertainty.Guess, ReadingGround.Content),
            new(13, "utm_campaign", ListField.None, ChannelSet.None, ReadingCertainty.Guess, ReadingGround.Nothing),
        ]);

    private static AuditReport Make(int rows, long scale, Channel[] channels, string? controller, AuditedFile file)
    {
        var made = Enumerable.Range(0, rows).Select(Row.Number).ToList();
        long Count(Func<Row, bool> holds) => made.Count(holds) * scale;

        var tallies = channels.Select(channel =>
        {
            var graded = made.Select(r => (Row: r, Grade: r.Grade(channel, controller), Reasons: r.Reasons(channel, controller))).ToList();
            long Of(AuditGrade grade) => graded.Count(x => x.Grade == grade) * scale;
            return new ChannelTally(channel, Of(AuditGrade.Usable), Of(AuditGrade.Reconfirm), Of(AuditGrade.Never), Of(AuditGrade.Fix),
                graded.Count(x => x.Grade == AuditGrade.Usable && !x.Row.Repeats) * scale,
                [
                    .. from grade in AuditWords.AllGrades
                       from reason in AuditWords.AllReasons
                       let n = graded.Count(x => x.Grade == grade && (x.Reasons & reason) != 0) * scale
                       where n > 0
                       orderby grade, n descending
                       select new ReasonTally(grade, reason, n),
                ],
                controller is null ? graded.Count(x => x.Reasons == AuditReasons.OptInNotSpecific && x.Row.WordingFits) * scale : 0);
        }).ToList();
        var head = tallies[0];

        return new AuditReport
        {
            Ringfence = "0.1.0",
            AsOf = new LocalDate(2026, 11, 21),
            Controller = controller,
            InactiveAfterMonths = 24,
            Files = [file],
            Rows = rows * scale,
            UnreadableRows = 0,
            RejectedLines = Count(r => r.Broken),
            Channels = tallies,
            Numbers = new NumberTally(Count(r => !r.Broken && !r.Blank), Count(r => r.Broken), Count(r => r.Blank),
                rows == 0 ? [] : [new("no-plus", Count(r => r.Dice(9) == 1)), new("two-numbers", Count(r => r.Dice(31) == 1)), new("scientific", Count(r => r.Broken && r.Dice(2) == 0)), new("repaired", Count(r => r.Dice(53) == 1))],
                rows == 0 ? [] : [new("mobile", Count(r => !r.Broken && !r.Blank && r.Dice(3) > 0)), new("fixed-line", Count(r => !r.Broken && !r.Blank && r.Dice(3) == 0))]),
            Duplicates = new DuplicateTally(Count(r => r.Repeats), Count(r => r.Repeats && r.Dice(2) == 0), Count(r => r.RefusedElsewhere)),
            Refusals = new RefusalTally(Count(r => r.Refused), Count(r => r.Refused && r.Dice(5) == 0),
                rows == 0 ? [] : [new("consent", Count(r => r.Refused && r.Dice(5) > 1)), new("notes", Count(r => r.Refused && r.Dice(5) == 0)), new("wording", Count(r => r.Refused && r.Dice(5) == 1))]),
            Places =
            [
                .. made.GroupBy(r => r.Country).OrderBy(g => g.Key is null).ThenByDescending(g => g.Count()).Select(g => new PlaceTally(
                    g.Key, g.Count() * scale, g.Count(r => channels.Contains(Channel.Voice) && r.Grade(Channel.Voice, controller) == AuditGrade.Usable) * scale,
                    g.Key is null ? 0 : g.Count(r => r.Dice(3) > 0) * scale, 0, g.Key is null ? 0 : g.Count(r => r.Dice(3) == 0) * scale, g.Key is null ? 0 : g.Count(r => r.Dice(40) == 1) * scale,
                    g.Key != "US" ? [] : [.. g.GroupBy(r => r.State).OrderByDescending(s => s.Count()).Select(s => new StateTally(s.Key, s.Count() * scale))])),
            ],
            Sources = [.. made.GroupBy(r => r.Source).OrderByDescending(g => g.Count()).Select(g => new SourceTally(g.Key, g.Count() * scale))],
            ConsentAges = [.. made.Where(r => r.SaysYes).GroupBy(r => r.ConsentYears).OrderBy(g => g.Key ?? int.MaxValue).Select(g => new ConsentAgeTally(g.Key, g.Count() * scale))],
            Exposure = rows == 0 ? [] :
            [
                new("eu-gdpr", "EU", Count(r => r.Country is "DE" or "FR" or "IT" or "ES"), "cap", "EUR", null, null, null, 20_000_000, 4, false, "GDPR Art. 83(5)",
                    "https://eur-lex.europa.eu/eli/reg/2016/679/oj", "verified", ["private-claims", "other-breaches"]),
                new("us-tcpa", "US", Count(r => r.Country == "US"), "per-contact", "USD", 500, 1500, 500 * Count(r => r.Country == "US"), 1500 * Count(r => r.Country == "US"), null, false,
                    "47 USC 227(b)(3)", "https://www.law.cornell.edu/uscode/text/47/227", "verified", ["one-contact-each", "contested", "b2b-not-told", "state-law", "other-breaches"]),
                new("cn-pipl", "CN", Count(r => r.Country == "CN"), "cap", "CNY", null, null, null, 50_000_000, 5, false, "PIPL Art. 66", "https://www.gov.cn/xinwen/2021-08/20/content_5632486.htm", "verified", ["currency"]),
            ],
            Uncounted = rows == 0 ? [] : [new("JO", Count(r => r.Country == "JO"), "no-figure"), new("IN", Count(r => r.Country == "IN"), "no-figure"), new(null, Count(r => r.Country is null), "unknown-residence")],
            NextSteps = rows == 0 ? [] :
            [
                .. controller is null ? new NextStep[] { new("name-sender", null, tallies.Max(t => t.WouldBeUsable), null) } : [],
                new("suppress", head.Channel, head.Never, $"never-{head.Channel.Word()}.csv"),
                .. head.Usable > 0 ? new NextStep[] { new("use", head.Channel, head.Usable, $"usable-{head.Channel.Word()}.csv") } : [],
                new("ask-again", head.Channel, head.Reconfirm, $"reconfirm-{head.Channel.Word()}.csv"),
                new("prove-source", null, Count(r => r.Source.IsThirdParty()), "contacts.csv"),
                new("fix", head.Channel, head.Fix, $"fix-{head.Channel.Word()}.csv"),
                new("read-rejected", null, Count(r => r.Broken), "rejected.csv"),
            ],
            NotChecked = [.. controller is null ? new[] { "sender" } : [], "registers", "reassigned-numbers"],
            Seconds = 1.8,
        };
    }

    /// <summary>One made-up row; everything about it follows from its number.</summary>
    private sealed record Row(int Seed)
    {
        public static Row Number(int index) => new(unchecked((int)((uint)(index + 1) * 2654435761u >> 1)));

        public int Dice(int sides) => (int)(unchecked((uint)Seed * 2246822519u ^ (uint)sides * 3266489917u) >> 7) % sides;

        public bool Blank => Dice(47) == 0;
        public bool Broken => !Blank && Dice(23) == 0;
        public bool Refused => Dice(6) == 0;
        public bool RefusedElsewhere => !Refused && Dice(37) == 0;
        public bool Repeats => Dice(8) == 0;
        public bool SaysYes => !Refused && Dice(7) > 1;
        public bool WordingFits => Dice(11) > 2;
        public int? ConsentYears => Dice(13) == 0 ? null : Dice(17) % 9;
        public string? Country => Countries[Dice(Countries.Length)];
        public string? State => States[Dice(States.Length)];
        public SourceKind Source => Kinds[Dice(Kinds.Length)];

        public AuditGrade Grade(Channel channel, string? controller) => Reasons(channel, controller) switch
        {
            var r when (r & (AuditReasons.Refused | AuditReasons.RefusedElsewhere | AuditReasons.Minor)) != 0 => AuditGrade.Never,
            var r when (r & (AuditReasons.InvalidNumber | AuditReasons.MissingNumber)) != 0 => AuditGrade.Fix,
            AuditReasons.None => AuditGrade.Usable,
            _ => AuditGrade.Reconfirm,
        };

        public AuditReasons Reasons(Channel channel, string? controller)
        {
            if (Refused)
                return AuditReasons.Refused;
            if (RefusedElsewhere)
                return AuditReasons.RefusedElsewhere;
            if (Dice(211) == 0)
                return AuditReasons.Minor;
            if (Blank || Broken)
                return Blank ? AuditReasons.MissingNumber : AuditReasons.InvalidNumber;
            var reasons = AuditReasons.None;
            if (Source.IsThirdParty())
                reasons |= AuditReasons.ThirdPartySource;
            if (!SaysYes)
                reasons |= AuditReasons.OptInNotRecorded;
            else if (ConsentYears is null)
                reasons |= AuditReasons.OptInNotRecorded;
            else if (ConsentYears > 2)
                reasons |= AuditReasons.LongInactive;
            if (SaysYes && (!WordingFits || controller is null))
                reasons |= AuditReasons.OptInNotSpecific;
            if (SaysYes && channel is not Channel.Voice && Dice(10 + (int)channel) > 2 + (int)channel)
                reasons |= AuditReasons.NoOptInForUse;
            if (Dice(97) == 0)
                reasons |= AuditReasons.PreTicked;
            return reasons;
        }
    }
}
