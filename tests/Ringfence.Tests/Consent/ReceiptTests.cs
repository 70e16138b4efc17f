using System.Text;
using System.Text.Json;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Tests.Ledger;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class ReceiptTests
{
    private static readonly WordingDocument Wording = WordingLintTests.Sample();
    private static readonly PartyDocument Controller = PartyDocumentTests.Sample();

    private static readonly LedgerRecord Record = new()
    {
        Seq = 12,
        Id = new OpaqueId(0x1234),
        Type = RecordType.ConsentGiven,
        State = RecordState.Given,
        At = Instant.FromUtc(2026, 11, 22, 9, 30, 2) + 5 * LedgerTime.Step,
        EventAt = Instant.FromUtc(2026, 11, 22, 9, 30, 1),
        EventSource = EventSource.Server,
        Controller = Controller.Digest,
        Actor = new Actor(ActorKind.Person, "form-offers"),
        Subject = new Subject(new OpaqueId(0xabc), new OpaqueId(0xdef)),
        Scope = new RecordScope(["sms", "voice"], ["offers"]),
        ValidFor = "P1Y",
        Basis = "consent",
        Notice = new Notice(Wording.Digest, "en", "2026-11"),
        Pii = ["phone"],
        Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
        Jurisdiction = ["GB"],
    };

    private static readonly ConsentEvidence Evidence = ConsentEvidenceTests.Full(ConsentMethod.Checkbox) with { Confirmation = null };

    private static Receipt Full => Receipt.Of(Record, Controller, Wording, Evidence);

    /// <summary>One that has every field.</summary>
    internal static Receipt WithEverything
    {
        get
        {
            var document = WordingDocumentTests.Full();
            var record = Record with { Scope = Record.Scope! with { Service = "news" }, Notice = new Notice(document.Digest, "en", document.Version) };
            return Receipt.Of(record, Controller, document, Evidence);
        }
    }

    [Fact]
    public void It_says_what_the_record_says()
    {
        var json = JsonDocument.Parse(Full.ToBytes()).RootElement;
        Assert.Equal("00000000000000000000000000001234", Text(json, "record_id"));
        Assert.Equal("consent.given", Text(json, "event_type"));
        Assert.Equal("given", Text(json, "event_state"));
        Assert.Equal("2026-11-22T09:30:01.000000Z", Text(json, "event_time"));
        Assert.Equal("2026-11-22T09:30:02.000005Z", Text(json, "recorded_at"));
        Assert.Equal(Wording.Digest.ToString(), Text(json, "notice", "digest"));
        Assert.Equal(Controller.Digest.ToString(), Text(json, "controller", "digest"));
        Assert.Equal("00000000000000000000000000000abc", Text(json, "subject_id"));
        Assert.Equal(["sms", "voice"], json.GetProperty("channels").EnumerateArray().Select(item => item.GetString()));
        Assert.Equal(["offers"], json.GetProperty("purposes").EnumerateArray().Select(item => item.GetString()));
        // Written as the record itself is, which an auditor compares it with.
        var body = JsonDocument.Parse(RecordBytes.ToArray(Record)).RootElement;
        Assert.Equal((Text(body, "event_at"), Text(body, "at"), Text(body, "id")), (Text(json, "event_time"), Text(json, "recorded_at"), Text(json, "record_id")));
        Assert.Equal("2026-11-22T09:30:02.000005Z", Text(JsonDocument.Parse(Receipt.Of(Record with { EventAt = null, EventSource = null }, Controller, Wording, null).ToBytes()).RootElement, "event_time"));
    }

    [Fact]
    public void It_carries_the_exact_words_and_who_is_responsible()
    {
        var json = JsonDocument.Parse(Full.ToBytes()).RootElement;
        Assert.Equal(Wording.Texts["en"].Text, Text(json, "notice", "text"));
        Assert.Equal("Ringmuster Ltd", Text(json, "controller", "party_name"));
        Assert.Equal("privacy@ringmuster.example", Text(json, "controller", "privacy_officer", "email"));
        Assert.Equal("STOP", Text(json, "withdrawal_method", "reply"));
        Assert.Equal("P3Y", Text(json, "retention_period"));
    }

    [Fact]
    public void It_holds_nothing_that_names_the_person()
    {
        var receipt = Encoding.UTF8.GetString(Full.ToBytes()) + Full.ToText("en");
        Assert.All([Evidence.Ip!, Evidence.Device!, Evidence.Account!, Evidence.Answer!, Evidence.Guardian!, "000000000000def"], secret => Assert.DoesNotContain(secret, receipt, StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_canonical_and_its_digest_is_what_is_signed()
    {
        var bytes = Full.ToBytes();
        Assert.Equal(TreeHash.Sha256(bytes), Full.Digest);
        Assert.Equal($"ledger.example/acme/e1/receipts\nsha256:{Full.Digest}\n", Full.NoteText("ledger.example/acme/e1"));
        Assert.StartsWith("{\"channels\":[\"sms\",\"voice\"],\"collection_method\":{", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.DoesNotContain("null", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.NotEqual(Full.Digest, Receipt.Of(Record, Controller, Wording, null).Digest);
    }

    [Fact]
    public void What_does_not_belong_to_the_record_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Receipt.Of(Record with { Controller = Wording.Digest }, Controller, Wording, null));
        Assert.Throws<ArgumentException>(() => Receipt.Of(Record with { Notice = null }, Controller, Wording, null));
        Assert.Throws<ArgumentException>(() => Receipt.Of(Record with { Subject = null }, Controller, Wording, null));
        Assert.Throws<ArgumentException>(() => Receipt.Of(Record with { State = null }, Controller, Wording, null));
        Assert.Throws<ArgumentException>(() => Receipt.Of(Record with { Type = RecordType.SuppressionAdded }, Controller, Wording, null));
    }

    [Fact]
    public void Everything_may_be_missing_but_record_and_controller()
    {
        var bare = Record with { EventAt = null, EventSource = null, Scope = null, ValidFor = null, Basis = null, Notice = null, Pii = null, Method = null, Jurisdiction = null };
        var receipt = Receipt.Of(bare with { Type = RecordType.ConsentWithdrawn, State = RecordState.Withdrawn }, Controller, null, null);
        Assert.Equal("withdrawn", Text(JsonDocument.Parse(receipt.ToBytes()).RootElement, "event_state"));
        Assert.DoesNotContain("Holds", receipt.ToText("en"), StringComparison.Ordinal);
        foreach (var language in new[] { "en", "zh-Hans", "zh-Hant" })
            Assert.NotEmpty(Receipt.Of(bare with { Notice = new Notice(Wording.Digest) }, Controller, null, null).ToText(language));
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hans")]
    [InlineData("zh-Hant")]
    public void As_text_it_reads_as_approved(string language)
    {
        var confirmed = Record with { Type = RecordType.ConsentConfirmed, State = RecordState.Confirmed, About = [11], Notice = Record.Notice! with { Lang = language == "zh-Hant" ? "en" : language } };
        var evidence = Evidence with { Method = ConsentMethod.DoubleOptIn, Confirmation = new Confirmation(Instant.FromUtc(2026, 11, 22, 9, 31), Channel.Sms, "m-2") };
        var text = Receipt.Of(confirmed, Controller, Wording, evidence).ToText(language);
        var file = Path.Combine(Repository.Root, "tests", "Ringfence.Tests", "Consent", "golden", $"receipt.{language}.approved.txt");
        if (Environment.GetEnvironmentVariable("RINGFENCE_ACCEPT") == "1")
            File.WriteAllText(file, text);
        Assert.Equal(File.Exists(file) ? File.ReadAllText(file) : "", text);
    }

    [Fact]
    public void Every_state_has_a_title_and_every_right_a_word()
    {
        var keys = ReceiptText.All.Select(text => text.Key).ToHashSet();
        Assert.All(RecordWords.States.All, word => Assert.Contains($"title {word}", keys));
        Assert.All(Words<RequestKind>.All, word => Assert.Contains($"right {word}", keys));
        Assert.All(Words<StopPlaces>.All, word => Assert.Contains($"stop {word}", keys));
        Assert.All(ReceiptText.All, text => Assert.True(text.Value.En.Length > 0 && text.Value.ZhHans.Length > 0 && text.Value.ZhHant.Length > 0, text.Key));
    }

    private static string? Text(JsonElement json, params string[] path) => path.Aggregate(json, static (at, key) => at.GetProperty(key)).GetString();
}
