using Microsoft.Data.Sqlite;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Rules.House;
using Ringfence.Server.Consent;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Rights;
using Xunit;

namespace Ringfence.Server.Tests.Gate;

public sealed class LedgerDecisionTests
{
    // The example numbers of the numbering plan.
    private const string Ann = "+447400123456";
    private const string Bea = "+447400123457";

    private static readonly Instant Noon = Instant.FromUtc(2027, 6, 9, 11, 0);

    [Fact]
    public async Task Who_said_yes_may_be_contacted_and_nobody_else()
    {
        await using var house = await House.BuildAsync();
        await YesAsync(house, Ann);
        var allowed = await DecideAsync(house, Ann);
        Assert.IsType<Verdict.Allowed>(allowed.Decision.Verdict);
        Assert.IsType<Verdict.Refused>((await DecideAsync(house, Bea)).Decision.Verdict);
        Assert.IsType<Verdict.Refused>((await DecideAsync(house, Ann, channel: Channel.Whatsapp)).Decision.Verdict);
        Assert.IsType<Verdict.Refused>((await DecideAsync(house, Ann, purpose: "research")).Decision.Verdict);
    }

    [Fact]
    public async Task What_nobody_stated_is_not_known_and_refuses_by_name()
    {
        await using var house = await House.BuildAsync();
        await YesAsync(house, Ann);
        var refused = await DecideAsync(house, Ann, isStated: false);
        var missing = refused.Decision.Verdict!.AllReasons.Where(static reason => reason.Code == ReasonCode.MissingFact).SelectMany(static reason => reason.Item!.Split(", ")).ToHashSet();
        Assert.Superset(new HashSet<string> { "ask.class", "history", "rightsRequests", "contact.age" }, missing);
    }

    [Fact]
    public async Task A_file_may_not_say_what_is_for_the_ledger_to_say()
    {
        foreach (var key in (string[])["consents: []", "suppressions: []", "given: clean", "at: 2026-01-01T00:00:00Z", "contact: { phone: \"+447400123456\" }", "contact: { quarantine: false }", "contact: { source: { kind: form } }"])
            Assert.Throws<RuleFileException>(() => AskedFile.Read(new ContactQuestion(Noon, "acme", Channel.Sms, "offers"), "facts.yaml", key));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_yes_that_shows_no_evidence_allows_nothing()
    {
        await using var house = await House.BuildAsync();
        await house.SaysAsync(Ann);
        Assert.Contains((await DecideAsync(house, Ann)).Decision.Verdict!.AllReasons, static reason => reason.Code is ReasonCode.ConsentDefective or ReasonCode.ConsentUnverified);
    }

    [Fact]
    public async Task Evidence_that_merely_claims_what_it_holds_shows_nothing()
    {
        await using var house = await House.BuildAsync();
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
        await YesAsync(house, Ann, System.Text.Encoding.UTF8.GetBytes($$"""{"method":"double-opt-in","holds":["{{string.Join("\",\"", Words<EvidenceItems>.All)}}"]}"""));
        Assert.Contains((await DecideAsync(house, Ann)).Decision.Verdict!.AllReasons, static reason => reason.Code is ReasonCode.ConsentDefective);
    }

    [Theory]
    [InlineData("2026-06-01,Acme Ltd may send me text messages with offers", null)]
    [InlineData("2026-06-01,I want to win a kitchen", ReasonCode.ConsentDefective)]
    [InlineData(",Acme Ltd may send me text messages with offers", ReasonCode.ConsentDefective)]
    [InlineData("2026-06-01,", ReasonCode.ConsentDefective)]
    public async Task A_row_of_a_list_shows_a_yes_as_far_as_it_states_the_day_and_the_words(string row, ReasonCode? lacking)
    {
        await using var house = await House.BuildAsync();
        await house.ImportAsync($"name,phone,sms_consent,sms_consent_date,sms_consent_wording\nAnn Smith,{Ann},yes,{row}\n");
        var verdict = (await DecideAsync(house, Ann)).Decision.Verdict!;
        Assert.Equal(lacking, verdict is Verdict.Allowed ? null : verdict.AllReasons[0].Code);
    }

    [Fact]
    public async Task A_no_to_one_number_reaches_all_of_the_person()
    {
        await using var house = await House.BuildAsync();
        var one = Sid((await YesAsync(house, Ann)).Sid);
        var two = Sid((await YesAsync(house, Bea)).Sid);
        await house.DoAsync(new MergeCommand(House.Staff, one, two));
        Assert.IsType<Verdict.Allowed>((await DecideAsync(house, Ann)).Decision.Verdict);
        await house.WithdrawAsync(Bea);
        Assert.Equal(ReasonCode.Objected, (await DecideAsync(house, Ann)).Decision.Verdict!.AllReasons[0].Code);
    }

    [Fact]
    public async Task A_hold_a_no_and_an_erasure_each_refuse()
    {
        await using var house = await House.BuildAsync();
        var sid = Sid((await YesAsync(house, Ann)).Sid);
        await house.DoAsync(new HoldCommand(House.Staff, sid, "accuracy"));
        Assert.Equal(ReasonCode.Restricted, (await DecideAsync(house, Ann)).Decision.Verdict!.AllReasons[0].Code);
        await house.DoAsync(new ReleaseCommand(House.Staff, sid, null));
        Assert.IsType<Verdict.Allowed>((await DecideAsync(house, Ann)).Decision.Verdict);
        await house.EraseAsync(sid);
        Assert.Equal(ReasonCode.Objected, (await DecideAsync(house, Ann)).Decision.Verdict!.AllReasons[0].Code);
    }

    [Fact]
    public async Task A_decision_that_was_written_down_comes_out_the_same_also_when_everything_has_changed()
    {
        await using var house = await House.BuildAsync();
        var sid = Sid((await YesAsync(house, Ann)).Sid);
        var allowed = await DecideAsync(house, Ann, record: true);
        await house.WithdrawAsync(Ann);
        var refused = await DecideAsync(house, Ann, record: true);
        await house.DoAsync(new HoldCommand(House.Staff, sid, "other"));
        await house.DoAsync(new ReleaseCommand(House.Staff, sid, null));
        await SameAsync(house, allowed, "allowed");
        await SameAsync(house, refused, "refused");
        await house.EraseAsync(sid);
        await SameAsync(house, allowed, "allowed");
        await SameAsync(house, refused, "refused");
        Assert.Empty(await Traces.OfAsync(house.Folder, Ann[1..], "mary.smith"));
    }

    [Fact]
    public async Task The_record_says_what_it_rests_on_and_names_nobody()
    {
        await using var house = await House.BuildAsync();
        var yes = await YesAsync(house, Ann);
        var allowed = await DecideAsync(house, Ann, record: true);
        var record = (await house.FindAsync(Ann))!.Person.Records[^1];
        Assert.Equal((RecordType.DecisionAllowed, allowed.Seq), (record.Type, record.Seq));
        Assert.Equal(record.Seq, record.Decision!["as_of"]!.AsNumber);
        Assert.Equal([yes.Seq], ((LeafValue.List)record.Decision["consents"]!).Items.Select(static one => one.AsNumber!.Value));
        Assert.Equal(record.Pack!.Digest.ToString(), record.Decision["packs"]!.AsText);
        var text = System.Text.Encoding.UTF8.GetString(RecordBytes.ToArray(record));
        Assert.DoesNotContain(Ann[4..], text, StringComparison.Ordinal);
        Assert.DoesNotContain("mary", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task House_rules_of_then_decide_again_though_nobody_goes_by_them_now()
    {
        await using var house = await House.BuildAsync();
        await YesAsync(house, Ann);
        var gate = ContactGate.Shipped.With(HouseRules.Shipped("ethics"));
        var late = Noon + Duration.FromHours(9);
        var byHouse = await DecideAsync(house, Ann, gate: gate, at: late, record: true);
        var byLaw = await DecideAsync(house, Ann, at: late, record: true);
        Assert.NotEqual(byHouse.Decision.Rules, byLaw.Decision.Rules);
        await SameAsync(house, byHouse, byHouse.Decision.Verdict!.Word);
        await SameAsync(house, byLaw, byLaw.Decision.Verdict!.Word);
    }

    [Fact]
    public async Task Rules_of_which_one_byte_was_flipped_are_refused_and_missing_ones_too()
    {
        await using var house = await House.BuildAsync();
        await YesAsync(house, Ann);
        var decided = await DecideAsync(house, Ann, record: true);
        await house.Installation.DisposeAsync();
        const string open = "drop trigger document_no_update; drop trigger document_no_delete;";
        const string close =
            "create trigger document_no_update before update on document begin select raise(abort, 'document is append-only'); end;"
            + "create trigger document_no_delete before delete on document begin select raise(abort, 'document is append-only'); end;";
        const string british = "(select digest from document where instr(cast(bytes as text), 'rules/gb/') = 1 limit 1)";
        Run(house, open + $"update document set bytes = cast(replace(cast(bytes as text), 'PECR', 'PECS') as blob) where digest = {british};" + close);
        Assert.Equal("altered", await FaultAsync(house, decided.Seq!.Value));
        Run(house, open + $"delete from document where digest in (select digest from document where instr(cast(bytes as text), 'rules/gb/') = 1);" + close);
        Assert.Equal("missing", await FaultAsync(house, decided.Seq!.Value));
    }

    [Fact]
    public async Task A_decision_made_on_other_facts_than_the_records_had_is_found()
    {
        await using var house = await House.BuildAsync();
        var sid = Sid((await YesAsync(house, Ann)).Sid);
        await house.WithdrawAsync(Ann, "sms");
        await DecideAsync(house, Ann, record: true);
        // Somebody who writes the program anew leaves out the no.
        var lied = await house.DoAsync(new LyingCommand(sid, house.Tags(Ann), static situation => situation with
        {
            Suppressions = [],
            Consents = [.. situation.Consents!.Select(static consent => consent with { WithdrawnAt = null, GrantedAt = Moment.At(Noon - Duration.FromDays(1)), Holds = EvidenceItems.All })],
        }));
        var replay = await Replay.RunAsync(house.Installation.Store, house.Ledger, lied.Seq, CancellationToken.None);
        Assert.Equal("allowed", replay.Again.Verdict!.Word);
        Assert.Superset(new HashSet<string> { "facts.consents", "facts.suppressions" }, replay.Differences.ToHashSet());
    }

    [Fact]
    public async Task A_person_as_of_any_size_is_the_sum_of_the_records_before_it()
    {
        await using var house = await House.BuildAsync();
        var sid = Sid((await YesAsync(house, Ann)).Sid);
        await house.DoAsync(new HoldCommand(House.Staff, sid, "accuracy"));
        var held = await house.SizeAsync();
        await house.DoAsync(new ReleaseCommand(House.Staff, sid, null));
        await house.EraseAsync(sid);
        async Task<Ringfence.People.PersonStatus?> AsOf(long size) =>
            (await Replay.PersonAsync(house.Installation.Store, house.Ledger, sid, record => record.Seq < size, CancellationToken.None))?.Status;
        Assert.Null(await AsOf(0));
        Assert.Equal(Ringfence.People.PersonStatus.Contactable, await AsOf(held - 1));
        Assert.Equal(Ringfence.People.PersonStatus.Held, await AsOf(held));
        Assert.Equal(Ringfence.People.PersonStatus.Contactable, await AsOf(held + 1));
        Assert.Equal(Ringfence.People.PersonStatus.Erased, await AsOf(long.MaxValue));
    }

    [Fact]
    public async Task Rules_are_kept_once()
    {
        await using var house = await House.BuildAsync();
        await YesAsync(house, Ann);
        await DecideAsync(house, Ann, record: true);
        var size = await house.SizeAsync();
        await DecideAsync(house, Ann, record: true);
        Assert.Equal(size + 1, await house.SizeAsync());
    }

    private static async Task SameAsync(House house, ContactDecision decided, string word)
    {
        var replay = await Replay.RunAsync(house.Installation.Store, house.Ledger, decided.Seq!.Value, CancellationToken.None);
        Assert.True(replay.IsSame, string.Join(", ", replay.Differences));
        Assert.Equal(replay.Recorded.ToBytes(), replay.Again.ToBytes());
        Assert.Equal(word, replay.Again.Verdict!.Word);
        Assert.Empty(replay.Notes);
    }

    private static Task<ContactDecision> DecideAsync(
        House house, string number, Channel channel = Channel.Sms, string purpose = "offers", bool isStated = true, ContactGate? gate = null, Instant? at = null, bool record = false) =>
        ContactDecision.MakeAsync(
            house.Installation, house.Ledger, House.Staff, gate ?? ContactGate.Shipped, AskedFile.Read(new ContactQuestion(at ?? Noon, "acme", channel, purpose), "facts.json", isStated ? CampaignFacts.Bulk : null),
            house.Tags(number), record, CancellationToken.None);

    private static async Task<CommandAnswer> YesAsync(House house, string number)
    {
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
        return await YesAsync(house, number, new ConsentEvidence
        {
            Method = ConsentMethod.Checkbox,
            Shown = new ShownWording(House.Offers.Digest, "en"),
            At = Instant.FromUtc(2026, 6, 1, 12, 0),
            Page = "https://acme.example/offers",
            Ip = "192.0.2.7",
            Recorder = new Recorder(ActorKind.System, "form-offers"),
        }.ToBytes());
    }

    private static async Task<CommandAnswer> YesAsync(House house, string number, byte[] evidence) => await house.DoAsync(new RecordConsentCommand(
        new ConsentSaid
        {
            Type = RecordType.ConsentGiven,
            State = RecordState.Given,
            Actor = House.Person,
            Tags = house.Tags(number),
            Scope = new RecordScope(["sms"], ["offers"]),
            Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
            EventAt = Instant.FromUtc(2026, 6, 1, 12, 0),
            Source = EventSource.Server,
            Notice = new Notice(House.Offers.Digest, "en", House.Offers.Version),
            Evidence = evidence,
        },
        await house.Installation.NewPersonAsync(CancellationToken.None)));

    private static async Task<string> FaultAsync(House house, long seq)
    {
        await using var again = await Installation.OpenAsync(House.In(house.Folder), TimeProvider.System, CancellationToken.None);
        return (await Assert.ThrowsAsync<RuleArchiveException>(() => Replay.RunAsync(again.Store, house.Ledger, seq, CancellationToken.None))).Code;
    }

    private static void Run(House house, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(house.Folder, "data", StoreOptions.FileName), Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // statements of these tests
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static OpaqueId Sid(string? text) => OpaqueId.TryParse(text, out var sid) ? sid : throw new ArgumentException("Not a sid.", nameof(text));

    private sealed class LyingCommand(OpaqueId sid, PointTags tags, Func<Situation, Situation> lie) : LedgerCommand
    {
        public override void Ask(RowsWanted wanted)
        {
            wanted.Subjects.Add(sid.ToArray());
            wanted.Points.Add(tags.Lookup);
        }

        public override byte[] Run(LedgerTurn turn)
        {
            var person = turn.Person(sid);
            var last = person.Records.Last(static record => record.Decision is not null);
            Assert.True(RecordedDecision.TryRead(last.Decision!, out var honest));
            var situation = lie(honest.Situation) with { At = Noon };
            var decision = RecordedDecision.Decide(ContactGate.Shipped, honest.Rules, situation, turn.Size);
            return new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.DecisionAllowed, House.Staff, record => record with { Subject = last.Subject, Decision = decision.Whole })).Seq, null).ToBytes();
        }
    }
}
