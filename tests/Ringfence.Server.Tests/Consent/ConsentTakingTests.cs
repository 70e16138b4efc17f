using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

public sealed class ConsentTakingTests
{
    private const string Ann = "+442079460018";
    private const string Bea = "bea@example.org";

    private static readonly ConsentEvidence Box = new() { Method = ConsentMethod.Checkbox, Page = "https://ringmuster.example/offers", Ip = "192.0.2.7" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_yes_with_all_it_needs_is_written_under_the_words_that_were_shown_and_can_be_shown_to_the_gate()
    {
        await using var house = await House.BuildAsync();
        var wording = await PublishAsync(house);
        var at = Now() - Duration.FromHours(1);
        var outcome = await TakeAsync(house, Ann, Asked(Box) with { Wording = "offers@2026-11", At = at, TimeFrom = EventSource.Provider, Name = "Ann Example", Residence = "GB" });
        Assert.Empty(outcome.Findings);

        var record = (await house.RecordsAsync())[(int)Assert.Single(outcome.Written)];
        Assert.Equal((RecordType.ConsentGiven, RecordState.Given), (record.Type, record.State!.Value));
        Assert.Equal((wording.Digest, "en", "2026-11"), (record.Notice!.Doc, record.Notice.Lang, record.Notice.Version));
        Assert.Equal(["sms", "voice"], record.Scope!.Channels!);
        Assert.Equal(["offers"], record.Scope.Purposes!);
        Assert.Equal(("P1Y", "consent", "reply", LedgerTime.Cut(at), EventSource.Provider), (record.ValidFor, record.Basis, record.Withdraw, record.EventAt, record.EventSource));
        Assert.NotNull(record.Commits!.Evidence);

        var overview = await OverviewAsync(house, Ann);
        Assert.All(overview.Lines, static line => Assert.True(line.Answer.IsYes));
        Assert.Equal(2, overview.Lines.Count);
        Assert.Equal("Ann Example", (await house.FindAsync(Ann))!.Data.Name);
    }

    [Fact]
    public async Task What_somebody_fills_in_for_a_number_that_nobody_showed_to_be_theirs_changes_neither_name_nor_law()
    {
        await using var house = await House.BuildAsync();
        var form = new Actor(ActorKind.Person, "form-1");
        await SaidAsync(Ann, House.Staff, RecordType.ConsentGiven, "checkbox", "Ann Example", "GB");
        var asked = await SaidAsync(Ann, form, RecordType.ConsentRequested, "checkbox", "Mickey Mouse", "US");
        await SaidAsync(Ann, form, RecordType.ConsentGiven, "checkbox", "Donald Duck", "CN");
        await SaidAsync(Ann, new Actor(ActorKind.Client, "meta"), RecordType.ConsentGiven, Words<ConsentMethod>.Of(ConsentMethod.LeadForm), "Goofy", "TW");
        Assert.Equal(("GB", "Ann Example"), await KnownAsync(Ann));
        // A shop that writes down what is said to it knows better.
        await SaidAsync(Ann, House.Staff, RecordType.ConsentGiven, "checkbox", "Ann Exempel", "DE");
        Assert.Equal(("DE", "Ann Exempel"), await KnownAsync(Ann));
        // Whoever tells the code that went to the number has shown it.
        await SaidAsync(Ann, form, RecordType.ConsentConfirmed, "checkbox", null, null, asked);
        Assert.Equal("US", (await KnownAsync(Ann)).Residence);

        // Nobody is known by anything else: a yes that counts at once counts with where they live, a question with nothing.
        await SaidAsync("+447400123498", form, RecordType.ConsentGiven, "checkbox", "Bea", "GB");
        Assert.Equal(("GB", "Bea"), await KnownAsync("+447400123498"));
        var first = await SaidAsync("+447400123497", form, RecordType.ConsentRequested, "checkbox", "Cid", "GB");
        Assert.Equal((null, "Cid"), await KnownAsync("+447400123497"));
        await SaidAsync("+447400123497", form, RecordType.ConsentConfirmed, "checkbox", null, null, first);
        Assert.Equal(("GB", "Cid"), await KnownAsync("+447400123497"));

        async Task<long> SaidAsync(string point, Actor actor, RecordType type, string way, string? name, string? residence, long? about = null) => (await house.DoAsync(new RecordConsentCommand(
            new ConsentSaid
            {
                Type = type,
                State = type switch { RecordType.ConsentRequested => RecordState.Requested, RecordType.ConsentConfirmed => RecordState.Confirmed, _ => RecordState.Given },
                Actor = actor,
                Tags = house.Tags(point),
                Scope = new RecordScope(["sms"], ["offers"]),
                Method = new CollectionMethod(way, type == RecordType.ConsentGiven ? Ceremony.SingleOptIn : Ceremony.DoubleOptIn),
                Person = name is null ? null : new PersonalData { Name = name },
                Residence = residence,
                About = about,
            },
            await house.Installation.NewPersonAsync(Cancel)))).Seq;

        async Task<(string? Residence, string? Name)> KnownAsync(string point) => (await house.FindAsync(point)) is { } found ? (found.Person.Residence, found.Data.Name) : default;
    }

    [Fact]
    public async Task What_lacks_something_is_not_written_at_all()
    {
        await using var house = await House.BuildAsync();
        await PublishAsync(house);
        var size = await house.SizeAsync();
        var outcome = await TakeAsync(house, Ann, Asked(Box with { Ip = null, Page = null }) with { Wording = "offers" });
        Assert.Equal(["page", "ip"], outcome.Findings.Select(static finding => finding.Field));
        // Of an address the words ask nothing.
        Assert.Equal(ConsentFault.Reach, Assert.Single((await TakeAsync(house, Bea, Asked(Box) with { Wording = "offers" })).Findings).Fault);
        Assert.Equal("shown", Assert.Single((await TakeAsync(house, Ann, Asked(Box))).Findings).Field);
        Assert.Equal("no-such-wording", await RefusedAsync(() => TakeAsync(house, Ann, Asked(Box) with { Wording = "offers@2025-01" })));
        Assert.Equal("which-language", await RefusedAsync(() => TakeAsync(house, Ann, Asked(Box) with { Wording = "offers", Language = null })));
        Assert.Equal(size, await house.SizeAsync());
        Assert.Null(await house.FindAsync(Ann));
    }

    [Fact]
    public async Task A_double_opt_in_counts_once_it_is_confirmed_from_the_handset_and_rests_on_both_records()
    {
        await using var house = await House.BuildAsync();
        await PublishAsync(house);
        var asked = await TakeAsync(house, Ann, Asked(Box) with { Wording = "offers" }, ConsentStep.Request);
        Assert.All((await OverviewAsync(house, Ann)).Lines, static line => Assert.Equal(ConsentStanding.Pending, line.Answer.Standing));
        Assert.Equal(ConsentFault.ConfirmedElsewhere, Assert.Single((await TakeAsync(house, Ann, Asked(null) with { Via = Channel.Email, Message = "m-1" }, ConsentStep.Confirm)).Findings).Fault);
        Assert.Equal("confirmation", Assert.Single((await TakeAsync(house, Ann, Asked(null), ConsentStep.Confirm)).Findings).Field);

        var confirmed = await TakeAsync(house, Ann, Asked(null) with { Via = Channel.Sms, Message = "m-1" }, ConsentStep.Confirm);
        Assert.Empty(confirmed.Findings);
        Assert.All((await OverviewAsync(house, Ann)).Lines, line => Assert.Equal(
            (ConsentStanding.Confirmed, asked.Written[0], confirmed.Written[0]), (line.Answer.Standing, line.Answer.Seqs[0], line.Answer.Seqs[1])));
        Assert.Equal("nothing-to-confirm", await RefusedAsync(() => TakeAsync(house, Ann, Asked(null) with { Via = Channel.Sms, Message = "m-1" }, ConsentStep.Confirm)));
    }

    [Fact]
    public async Task A_double_opt_in_of_the_past_is_written_as_a_yes_and_its_confirmation()
    {
        await using var house = await House.BuildAsync();
        await PublishAsync(house);
        var (given, confirmed) = (Now() - Duration.FromDays(2), Now() - Duration.FromDays(1));
        var evidence = Box with { Method = ConsentMethod.DoubleOptIn, At = given, Confirmation = new Confirmation(confirmed, Channel.Sms, "m-1") };
        var outcome = await TakeAsync(house, Ann, Asked(evidence) with { Wording = "offers" });
        Assert.Equal(2, outcome.Written.Count);
        var records = await house.RecordsAsync();
        Assert.Equal((LedgerTime.Cut(given), LedgerTime.Cut(confirmed)), (records[(int)outcome.Written[0]].EventAt, records[(int)outcome.Written[1]].EventAt));
        Assert.All((await OverviewAsync(house, Ann)).Lines, static line => Assert.Equal(ConsentStanding.Confirmed, line.Answer.Standing));
    }

    [Fact]
    public async Task No_yes_takes_anybody_off_the_list_and_none_that_happened_before_a_no_opens_again()
    {
        await using var house = await House.BuildAsync();
        await PublishAsync(house);
        await house.WithdrawAsync(Ann, "sms", "offers");
        await TakeAsync(house, Ann, Asked(Box) with { Wording = "offers" });
        var overview = await OverviewAsync(house, Ann);
        Assert.Single(overview.Suppressions);
        await house.WithdrawAsync(Ann, "sms", "offers");
        await TakeAsync(house, Ann, Asked(Box) with { Wording = "offers", At = Now() - Duration.FromDays(30) });
        Assert.Contains((await OverviewAsync(house, Ann)).Lines, static line => line is { Channel: Channel.Voice, Answer.IsYes: true });
    }

    [Fact]
    public async Task A_second_no_takes_back_what_was_agreed_to_in_between_and_a_third_writes_nothing()
    {
        await using var house = await House.BuildAsync();
        await PublishAsync(house);
        await house.WithdrawAsync(Ann);
        await TakeAsync(house, Ann, Asked(Box) with { Wording = "offers" });
        Assert.Contains((await OverviewAsync(house, Ann)).Lines, static line => line.Answer.IsYes);
        Assert.False((await house.WithdrawAsync(Ann)).Already);
        Assert.DoesNotContain((await OverviewAsync(house, Ann)).Lines, static line => line.Answer.IsYes);
        Assert.Single(await house.SuppressionsAsync(Ann));
        var size = await house.SizeAsync();
        Assert.True((await house.WithdrawAsync(Ann)).Already);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task A_consent_to_pass_data_on_is_one_of_its_own_and_opens_no_channel()
    {
        await using var house = await House.BuildAsync();
        var wording = WordingDocument.Read("third.yaml", await File.ReadAllTextAsync(Sample("wording-offers.yaml"), Cancel)) with
        {
            Id = "third",
            Kind = WordingKind.ThirdParties,
            Channels = ChannelSet.None,
            Frequency = null,
            Term = null,
            ThirdParties = ["Sonnenhaus GmbH"],
            Texts = new Dictionary<string, WordingWords>
            {
                ["en"] = new("I agree that Ringmuster Ltd may pass my number on to Sonnenhaus GmbH. I can withdraw my consent at any time: by replying STOP, at ringmuster.example/stop, or in any call. My consent is not a condition of buying anything. More is in the privacy notice.", null, null, null),
            },
        };
        Assert.True(WordingLint.Passes(WordingLint.Check(wording)), string.Join("; ", WordingLint.Check(wording).Select(static finding => $"{finding.Code} {finding.Where} {finding.Detail}")));
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", wording.ToBytes(), "en", wording.Version));
        var outcome = await TakeAsync(house, Ann, Asked(Box) with { Wording = "third" });
        Assert.Empty(outcome.Findings);
        var overview = await OverviewAsync(house, Ann);
        Assert.Empty(overview.Lines);
        Assert.Equal((WordingKind.ThirdParties, ConsentStanding.Given), (Assert.Single(overview.Separate).Kind, overview.Separate[0].Standing));
        await house.WithdrawAsync(Ann);
        Assert.Equal(ConsentStanding.Withdrawn, Assert.Single((await OverviewAsync(house, Ann)).Separate).Standing);
    }

    [Theory]
    [InlineData("Acme Ltd", true)]
    [InlineData("Sonnenhaus GmbH", false)]
    public async Task A_separate_consent_is_shown_to_the_gate_for_a_controller_that_is_named_and_for_no_other(string recipient, bool isShown)
    {
        await using var house = await House.BuildAsync();
        await PublishAsync(house);
        await TakeAsync(house, Ann, Asked(Box) with { Wording = "offers" });
        var abroad = WordingDocument.Read("abroad.yaml", $$"""
            format: ringfence/wording/v1
            id: abroad
            version: "1"
            kind: export
            sender: Acme Ltd
            thirdParties: [{{recipient}}]
            purposes: [offers]
            stop: { page: "https://acme.example/stop" }
            notice: { page: "https://acme.example/privacy", version: "1" }
            choice: { kind: box, stands: apart }
            texts: { en: "I agree that Acme Ltd may transfer my number abroad, to {{recipient}}. I can withdraw this at any time at acme.example/stop. It is not a condition of buying anything. See the privacy notice." }
            """);
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", abroad.ToBytes(), "en", abroad.Version));
        var outcome = await TakeAsync(house, Ann, Asked(Box) with { Wording = "abroad" });
        Assert.Empty(outcome.Findings);
        Assert.Equal("export", (await house.RecordsAsync())[(int)Assert.Single(outcome.Written)].Scope!.Service);

        var facts = await Ringfence.Server.Gate.LedgerFacts.ReadAsync(house.Installation, house.Ledger, house.Tags(Ann), Cancel);
        var asked = AskedFile.Read(new ContactQuestion(Now(), "acme", Channel.Voice, "offers"), "facts.yaml", null);
        var consents = (await facts.AdviseAsync(house.Installation, house.Ledger, asked, Cancel)).Consents!;
        Assert.NotEmpty(consents);
        Assert.All(consents, consent => Assert.Equal(isShown ? EvidenceItems.SeparateExport : EvidenceItems.None, consent.Holds & (EvidenceItems.SeparateExport | EvidenceItems.SeparateProvision)));
    }

    [Fact]
    public async Task How_it_stood_at_an_instant_is_told_by_what_was_known_then()
    {
        await using var house = await House.BuildAsync();
        await PublishAsync(house);
        await TakeAsync(house, Ann, Asked(Box) with { Wording = "offers" });
        var between = (await house.RecordsAsync())[^1].At;
        await house.WithdrawAsync(Ann);
        Assert.All((await ConsentOverview.ReadAsync(house.Installation, house.Ledger, house.Tags(Ann), between, between, Cancel)).Lines, static line => Assert.True(line.Answer.IsYes));
        Assert.DoesNotContain((await OverviewAsync(house, Ann)).Lines, static line => line.Answer.IsYes);
        var before = between - Duration.FromDays(1);
        Assert.Empty((await ConsentOverview.ReadAsync(house.Installation, house.Ledger, house.Tags(Ann), before, before, Cancel)).Lines);
    }

    [Theory]
    [InlineData(Exit.Unusable, "method: checkbox\nwhen: now\n")]
    [InlineData(Exit.NotReady, "method: checkbox\n")]
    public async Task A_file_that_can_not_be_read_is_told_before_anything_is_opened(int expected, string text)
    {
        var folder = Directory.CreateTempSubdirectory("rf-consent-").FullName;
        try
        {
            var file = Path.Combine(folder, "yes.yaml");
            await File.WriteAllTextAsync(file, text, Cancel);
            // The place of the data is a file: no store can be opened there.
            Assert.Equal(expected, await ConsentCliCommand.Create(TimeProvider.System).Parse(["record", Ann, "--evidence", file, "--data", file]).InvokeAsync(cancellationToken: Cancel));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Everything_that_can_stand_in_the_way_has_words_in_every_language()
    {
        ConsentFinding[] all =
        [
            .. Enum.GetValues<EvidenceParts>().Where(static part => part != EvidenceParts.None).Select(static part => new ConsentFinding(ConsentFault.Missing, "x", part)),
            .. Enum.GetValues<ConsentFlaws>().Where(static flaw => flaw != ConsentFlaws.None).Select(static flaw => new ConsentFinding(ConsentFault.Flaw, "flaws", Flaw: flaw)),
            .. Enum.GetValues<ConsentFault>().Where(static fault => fault is not (ConsentFault.Missing or ConsentFault.Flaw)).Select(static fault => new ConsentFinding(fault, "x", Detail: "y")),
            new ConsentFinding(ConsentFault.Reach, "channels"),
        ];
        foreach (var language in (string[])["en", "zh-Hans", "zh-Hant"])
        {
            System.Globalization.CultureInfo.CurrentUICulture = new(language);
            var page = new StringWriter();
            ConsentPage.Write(new TextSheet(page, 80, colour: false), all);
            Assert.All(all, finding => Assert.Contains(ConsentPage.CodeOf(finding), page.ToString(), StringComparison.Ordinal));
        }
    }

    internal static string Sample(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Ringfence.slnx")))
            folder = folder.Parent!;
        return Path.Combine(folder.FullName, "samples", name);
    }

    internal static async Task<WordingDocument> PublishAsync(House house)
    {
        var wording = WordingDocument.Read("offers.yaml", await File.ReadAllTextAsync(Sample("wording-offers.yaml"), Cancel));
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", wording.ToBytes(), "mul", wording.Version));
        return wording;
    }

    internal static ConsentAsked Asked(ConsentEvidence? evidence) => new() { Evidence = evidence, Language = "en", Now = Now() };

    internal static Task<ConsentOutcome> TakeAsync(House house, string point, ConsentAsked asked, ConsentStep step = ConsentStep.Record) =>
        new ConsentTaking(house.Installation, house.Ledger, House.Staff, house.Tags(point), asked).RunAsync(step, Cancel);

    internal static Task<ConsentOverview> OverviewAsync(House house, string point) =>
        ConsentOverview.ReadAsync(house.Installation, house.Ledger, house.Tags(point), Instant.MaxValue, Now(), Cancel);

    private static Instant Now() => SystemClock.Instance.GetCurrentInstant();

    private static async Task<string> RefusedAsync(Func<Task> action) => (await Assert.ThrowsAsync<CommandRefusedException>(action)).Code;
}
