using System.Text;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class ConsentEvidenceTests
{
    private static readonly WordingDocument Wording = WordingLintTests.Sample();

    private static readonly Digest Hash = new(new byte[Digest.Size]);

    /// <summary>Evidence that has everything.</summary>
    internal static ConsentEvidence Full(ConsentMethod method) => new()
    {
        Method = method,
        Shown = new ShownWording(Wording.Digest, "en"),
        At = Instant.FromUtc(2026, 11, 22, 9, 30, 1),
        Page = "https://ringmuster.example/offers",
        Call = "call-77",
        Place = "Musterham fair",
        Ip = "2001:db8::7",
        Device = "Mozilla/5.0",
        Message = new MessageSeen("m-1", Channel.Sms),
        Answer = "YES",
        Account = "u-7",
        LeadForm = new LeadFormSeen("example", "f-1", "l-1"),
        Form = new FormSeen(Hash, "plain", Hash),
        Recording = new Recording(Hash, IsAnnounced: true),
        Scan = Hash,
        Signature = SignatureKind.Electronic,
        Recorder = new Recorder(ActorKind.Staff, "agent-4"),
        Confirmation = new Confirmation(Instant.FromUtc(2026, 11, 22, 9, 31), Channel.Sms, "m-2"),
        Guardian = "Erika Muster",
        Address = "1 Example Street",
    };

    /// <summary>Evidence with a part taken out.</summary>
    private static ConsentEvidence Without(ConsentEvidence evidence, EvidenceParts part) => part switch
    {
        EvidenceParts.Wording => evidence with { Shown = null },
        EvidenceParts.Moment => evidence with { At = null },
        EvidenceParts.Page => evidence with { Page = null },
        EvidenceParts.Call => evidence with { Call = null },
        EvidenceParts.Place => evidence with { Place = null },
        EvidenceParts.Ip => evidence with { Ip = null },
        EvidenceParts.Message => evidence with { Message = null },
        EvidenceParts.Answer => evidence with { Answer = null },
        EvidenceParts.Account => evidence with { Account = null },
        EvidenceParts.LeadForm => evidence with { LeadForm = null },
        EvidenceParts.Recording => evidence with { Recording = null },
        EvidenceParts.Announcement => evidence with { Recording = new Recording(Hash, IsAnnounced: false) },
        EvidenceParts.Scan => evidence with { Scan = null },
        EvidenceParts.Recorder => evidence with { Recorder = null },
        EvidenceParts.Confirmation => evidence with { Confirmation = null },
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    private static EvidenceParts[] Parts => [.. Enum.GetValues<EvidenceParts>().Where(part => part != EvidenceParts.None)];

    [Fact]
    public void Each_method_needs_its_parts_and_no_other()
    {
        foreach (var method in Enum.GetValues<ConsentMethod>())
        {
            Assert.True(EvidenceProfile.Check(Full(method)).IsComplete, $"{method}");
            foreach (var needed in EvidenceProfile.Needed(method))
            {
                var bare = Parts.Where(part => (needed & part) == 0).Aggregate(Full(method), Without);
                Assert.True(EvidenceProfile.Check(bare).IsComplete, $"{method} {needed}");
                foreach (var part in Parts.Where(part => (needed & part) != 0))
                {
                    var missing = EvidenceProfile.Check(Without(bare, part)).Missing;
                    // Where there are several ways, what another one lacks may be told.
                    Assert.True((missing & part) != 0 || (missing != EvidenceParts.None && EvidenceProfile.Needed(method).Count > 1), $"{method} without {part}: {missing}");
                }
            }
        }
    }

    [Theory]
    [InlineData(ConsentMethod.Checkbox, "Page, Ip")]
    [InlineData(ConsentMethod.Account, "Account")]
    [InlineData(ConsentMethod.Reply, "Message, Answer")]
    [InlineData(ConsentMethod.Oral, "Recorder")]
    [InlineData(ConsentMethod.RecordedCall, "Call, Recording, Announcement, Recorder")]
    [InlineData(ConsentMethod.Paper, "Scan, Recorder")]
    [InlineData(ConsentMethod.LeadForm, "LeadForm")]
    public void With_nothing_but_words_and_moment_the_rest_is_missing(ConsentMethod method, string missing)
    {
        var bare = new ConsentEvidence { Method = method, Shown = new ShownWording(Wording.Digest, "en"), At = Instant.FromUtc(2026, 1, 1, 0, 0) };
        Assert.All(missing.Split(", "), part => Assert.Contains(part, EvidenceProfile.Check(bare).Missing.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("YES", true)]
    [InlineData("Ja, gern", true)]
    [InlineData("同意", true)]
    [InlineData("STOP", false)]
    [InlineData("please do not call me", false)]
    [InlineData("No thanks", false)]
    [InlineData("  ", false)]
    public void An_answer_that_is_no_yes_is_none(string answer, bool isAnswer) =>
        Assert.Equal(isAnswer, EvidenceProfile.Check(Full(ConsentMethod.Reply) with { Answer = answer }).IsComplete);

    [Theory]
    [InlineData(ConsentFlaws.Silence)]
    [InlineData(ConsentFlaws.PreTicked)]
    [InlineData(ConsentFlaws.Bundled)]
    [InlineData(ConsentFlaws.Inactivity)]
    public void Silence_a_ticked_box_and_a_bundle_are_refused_whatever_else_there_is(ConsentFlaws flaw)
    {
        var check = EvidenceProfile.Check(Full(ConsentMethod.Checkbox) with { Flaws = flaw });
        Assert.False(check.IsComplete);
        Assert.Equal(flaw, check.Flaws);
    }

    [Fact]
    public void Words_that_void_every_yes_void_this_one()
    {
        var good = Full(ConsentMethod.Checkbox);
        Assert.True(EvidenceProfile.Check(good, Proof(Wording)).IsComplete);
        Assert.Equal(ConsentFlaws.PreTicked, Flaws(Wording with { Choice = Wording.Choice with { Preset = ChoicePreset.Yes } }));
        Assert.Equal(ConsentFlaws.Bundled, Flaws(Wording with { Choice = Wording.Choice with { AlsoCovers = ["terms"] } }));
        Assert.Equal(ConsentFlaws.Tied, Flaws(Wording with { ConditionOf = ["purchase"] }));
        Assert.Equal(ConsentFlaws.Silence, Flaws(Wording with { Choice = Wording.Choice with { Kind = ChoiceKind.Silence } }));
        Assert.Equal(ConsentFlaws.Browsing, Flaws(Wording with { Choice = Wording.Choice with { Kind = ChoiceKind.Browsing } }));
        Assert.Equal(ConsentFlaws.Misleading, Flaws(Wording with { Sender = "Hammerklang AG" }));

        ConsentFlaws Flaws(WordingDocument document) => EvidenceProfile.Check(good with { Shown = new ShownWording(document.Digest, "en") }, Proof(document)).Flaws;
    }

    [Fact]
    public void Another_wording_or_language_or_one_for_another_act_counts_as_none()
    {
        var good = Full(ConsentMethod.Checkbox);
        Assert.Equal(EvidenceParts.Wording, EvidenceProfile.Check(good with { Shown = new ShownWording(Hash, "en") }, Proof(Wording)).Missing);
        Assert.Equal(EvidenceParts.Wording, EvidenceProfile.Check(good with { Shown = new ShownWording(Wording.Digest, "de") }, Proof(Wording)).Missing);
        Assert.Equal(EvidenceParts.Wording, EvidenceProfile.Check(good with { Method = ConsentMethod.Paper }, Proof(Wording)).Missing);
        Assert.Equal(EvidenceParts.Wording, EvidenceProfile.Check(good, shown: null).Missing);
        Assert.Null(WordingProof.Of(Wording, "sv"));
    }

    [Fact]
    public void It_comes_back_from_its_bytes()
    {
        foreach (var method in Enum.GetValues<ConsentMethod>())
        {
            var evidence = Full(method) with { Flaws = ConsentFlaws.PreTicked | ConsentFlaws.Misleading, At = Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromTicks(70) };
            Assert.Equal(evidence, ConsentEvidence.FromBytes(evidence.ToBytes()));
        }

        Assert.Equal("""{"format":"ringfence/consent-evidence/v1","method":"oral"}""", Encoding.UTF8.GetString(new ConsentEvidence { Method = ConsentMethod.Oral }.ToBytes()));
    }

    [Theory]
    [InlineData("\"oral\"", "\"oral\",\"phone\":\"+442079460000\"")]
    [InlineData("\"oral\"", "\"mouth-of-Erika\"")]
    [InlineData("\"oral\"", "\"oral\" ")]
    [InlineData("evidence/v1", "evidence/v2")]
    [InlineData("\"oral\"", "\"oral\",\"at\":\"Erika at noon\"")]
    [InlineData("\"oral\"", "\"oral\",\"recording\":{\"digest\":\"Erika\"}")]
    public void Other_bytes_are_refused_without_repeating_them(string from, string to)
    {
        var json = """{"format":"ringfence/consent-evidence/v1","method":"oral"}""".Replace(from, to, StringComparison.Ordinal);
        var e = Assert.Throws<RuleFileException>(() => ConsentEvidence.FromBytes(Encoding.UTF8.GetBytes(json)));
        Assert.DoesNotContain("Erika", e.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("phone", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_does_not_show_itself() => Assert.DoesNotContain("Erika", Full(ConsentMethod.Paper).ToString(), StringComparison.Ordinal);

    private static WordingProof Proof(WordingDocument document) => WordingProof.Of(document, "en")!;
}
