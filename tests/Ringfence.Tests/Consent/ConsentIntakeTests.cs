using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class ConsentIntakeTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 22, 12, 0);

    public static TheoryData<ConsentMethod> Methods() => [.. Enum.GetValues<ConsentMethod>()];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_yes_given_in_the_way_that_the_words_ask_for_is_taken_and_without_any_part_it_needs_it_is_not(ConsentMethod method)
    {
        var whole = Intake(method);
        Assert.Empty(whole.Check(Now, out var agreed));
        Assert.Equal(["offers"], agreed!.Purposes);
        Assert.Equal(ChannelSet.Voice | ChannelSet.Sms, agreed.Channels);
        Assert.Equal(Period.FromYears(1), agreed.Term);

        // Of several sets any will do; this one is of what a part is left out of.
        var parts = EvidenceProfile.Needed(method)[0] & ~EvidenceParts.Wording;
        var own = whole with { Evidence = Only(whole.Evidence, parts) };
        Assert.Empty(own.Check(Now, out _));
        foreach (var part in Enum.GetValues<EvidenceParts>().Where(part => part != EvidenceParts.None && (parts & part) != 0))
        {
            var finding = Assert.Single((own with { Evidence = Only(whole.Evidence, parts & ~part) }).Check(Now, out var nothing), finding => finding.Part == part || finding.Field.StartsWith(EvidenceProfile.FieldOf(part), StringComparison.Ordinal));
            Assert.Equal((ConsentFault.Missing, EvidenceProfile.FieldOf(part)), (finding.Fault, finding.Field));
            Assert.Null(nothing);
        }
    }

    public static TheoryData<ConsentFault, string, Func<ConsentIntake, ConsentIntake>> Spoilt() => new()
    {
        { ConsentFault.Flaw, "flaws", good => good with { Evidence = good.Evidence with { Flaws = ConsentFlaws.PreTicked } } },
        { ConsentFault.Flaw, "flaws", good => good with { Evidence = good.Evidence with { Flaws = ConsentFlaws.Silence } } },
        { ConsentFault.Wording, "wording", good => With(good, good.Wording with { Choice = good.Wording.Choice with { Preset = ChoicePreset.Yes } }) },
        { ConsentFault.Wording, "wording", good => With(good, good.Wording with { Choice = good.Wording.Choice with { AlsoCovers = ["terms"] } }) },
        { ConsentFault.Wording, "wording", good => With(good, good.Wording with { ThirdParties = ["Sonnenhaus GmbH"] }) },
        { ConsentFault.OtherWording, "shown", good => good with { Evidence = good.Evidence with { Shown = new ShownWording(new Digest(new byte[Digest.Size]), "en") } } },
        { ConsentFault.Language, "shown.lang", good => good with { Language = "fr", Evidence = good.Evidence with { Shown = good.Evidence.Shown! with { Language = "fr" } } } },
        { ConsentFault.Method, "method", good => good with { Evidence = good.Evidence with { Method = ConsentMethod.Paper } } },
        { ConsentFault.Channel, "channels", good => good with { Channels = ChannelSet.Voice | ChannelSet.Whatsapp } },
        { ConsentFault.Purpose, "purposes", good => good with { Purposes = ["offers", "research"] } },
        { ConsentFault.Purpose, "purposes", good => good with { Purposes = ["offersmore"] } },
        { ConsentFault.Reach, "channels", good => Unconfirmed(good) with { Reach = ChannelSet.Email } },
        { ConsentFault.Reach, "channels", good => Unconfirmed(good) with { Reach = ChannelSet.Email, Channels = ChannelSet.Sms } },
        { ConsentFault.Future, "at", good => Unconfirmed(good, Now + Duration.FromMinutes(6)) },
        { ConsentFault.Future, "confirmation.at", good => good with { Evidence = good.Evidence with { Confirmation = new Confirmation(Now + Duration.FromMinutes(6), Channel.Sms, "m") } } },
        { ConsentFault.ConfirmedBefore, "confirmation.at", good => good with { Evidence = good.Evidence with { Confirmation = new Confirmation(Instant.FromUtc(2026, 1, 1, 0, 0), Channel.Sms, "m") } } },
        { ConsentFault.ConfirmedElsewhere, "confirmation.via", good => good with { Evidence = good.Evidence with { Confirmation = good.Evidence.Confirmation! with { Via = Channel.Email } } } },
        { ConsentFault.Answer, "answer", good => Reply(good, "STOP") },
        { ConsentFault.Answer, "answer", good => Reply(good, "please don't call me") },
        { ConsentFault.Missing, "answer", good => Reply(good, null) },
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void One_fault_is_found_where_it_is_and_nothing_is_agreed(ConsentFault fault, string field, Func<ConsentIntake, ConsentIntake> spoil)
    {
        var findings = spoil(Intake(ConsentMethod.DoubleOptIn)).Check(Now, out var agreed);
        Assert.Equal([(fault, field)], findings.Select(static finding => (finding.Fault, finding.Field)).Distinct());
        Assert.Null(agreed);
    }

    [Fact]
    public void Less_than_the_words_ask_for_may_be_agreed_to_and_a_part_of_a_purpose()
    {
        Assert.Empty((Intake(ConsentMethod.Checkbox) with { Channels = ChannelSet.Sms, Purposes = ["offers:solar"] }).Check(Now, out var agreed));
        Assert.Equal(ChannelSet.Sms, agreed!.Channels);
        Assert.Equal(["offers:solar"], agreed.Purposes);
    }

    [Fact]
    public void What_awaits_its_confirmation_needs_all_but_that()
    {
        var asked = Intake(ConsentMethod.DoubleOptIn);
        asked = asked with { Evidence = asked.Evidence with { Confirmation = null } };
        Assert.Equal(EvidenceParts.Confirmation, Assert.Single(asked.Check(Now, out _)).Part);
        Assert.Empty((asked with { AwaitsConfirmation = true }).Check(Now, out _));
    }

    [Theory]
    [InlineData("method: checkbox\nat: 2026-11-22T10:30:00+01:00\n", true)]
    [InlineData("{\"method\":\"checkbox\",\"at\":\"2026-11-22T09:30:00Z\",\"format\":\"ringfence/consent-evidence/v1\"}", true)]
    [InlineData("method: checkbox\nat: yesterday\n", false)]
    [InlineData("method: checkbox\npage: http://ringmuster.example\n", false)]
    [InlineData("method: checkbox\npage: \"\"\n", false)]
    [InlineData("method: checkbox\npage:\n", false)]
    [InlineData("method: checkbox\nip: 10\n", false)]
    [InlineData("method: checkbox\nip: 192.0.2\n", false)]
    [InlineData("method: checkbox\nIP: 192.0.2.1\n", false)]
    [InlineData("method: telepathy\n", false)]
    [InlineData("method: paper\nscan: abc\n", false)]
    [InlineData("method: oral\nrecorder: { kind: staff, ref: \" \" }\n", false)]
    [InlineData("format: other/v1\nmethod: checkbox\n", false)]
    public void A_file_is_read_strictly(string text, bool isRead)
    {
        if (isRead)
            Assert.Equal(Instant.FromUtc(2026, 11, 22, 9, 30), ConsentEvidence.Read("yes.yaml", text).At);
        else
            Assert.StartsWith("yes.yaml", Assert.Throws<RuleFileException>(() => ConsentEvidence.Read("yes.yaml", text)).Message, StringComparison.Ordinal);
    }

    private static ConsentIntake Intake(ConsentMethod method)
    {
        var wording = WordingLintTests.Sample() with { Choice = new WordingChoice(KindOf(method), ChoicePreset.Nothing, ChoiceStands.Apart, []) };
        return new ConsentIntake
        {
            Wording = wording, Language = "en", Reach = ChannelSet.Phone,
            Evidence = ConsentEvidenceTests.Full(method) with { Shown = new ShownWording(wording.Digest, "en") },
        };
    }

    private static ConsentIntake With(ConsentIntake good, WordingDocument wording) =>
        good with { Wording = wording, Evidence = good.Evidence with { Shown = new ShownWording(wording.Digest, "en") } };

    private static ConsentIntake Unconfirmed(ConsentIntake good, Instant? at = null) =>
        good with { Evidence = good.Evidence with { Method = ConsentMethod.Checkbox, Confirmation = null, At = at ?? good.Evidence.At } };

    private static ConsentIntake Reply(ConsentIntake good, string? answer)
    {
        var replied = With(good, good.Wording with { Choice = good.Wording.Choice with { Kind = ChoiceKind.Reply } });
        return replied with { Evidence = replied.Evidence with { Method = ConsentMethod.Reply, Answer = answer } };
    }

    private static ChoiceKind KindOf(ConsentMethod method) => method switch
    {
        ConsentMethod.Checkbox or ConsentMethod.DoubleOptIn => ChoiceKind.Box,
        ConsentMethod.Button => ChoiceKind.Button,
        ConsentMethod.Choice => ChoiceKind.YesNo,
        ConsentMethod.Account => ChoiceKind.Setting,
        ConsentMethod.Reply => ChoiceKind.Reply,
        ConsentMethod.Oral or ConsentMethod.RecordedCall => ChoiceKind.Spoken,
        ConsentMethod.Paper => ChoiceKind.Signature,
        ConsentMethod.LeadForm => ChoiceKind.LeadForm,
    };

    private static ConsentEvidence Only(ConsentEvidence full, EvidenceParts parts) => new()
    {
        Method = full.Method,
        Shown = full.Shown,
        At = Has(parts, EvidenceParts.Moment) ? full.At : null,
        Page = Has(parts, EvidenceParts.Page) ? full.Page : null,
        Call = Has(parts, EvidenceParts.Call) ? full.Call : null,
        Place = Has(parts, EvidenceParts.Place) ? full.Place : null,
        Ip = Has(parts, EvidenceParts.Ip) ? full.Ip : null,
        Message = Has(parts, EvidenceParts.Message) ? full.Message : null,
        Answer = Has(parts, EvidenceParts.Answer) ? full.Answer : null,
        Account = Has(parts, EvidenceParts.Account) ? full.Account : null,
        LeadForm = Has(parts, EvidenceParts.LeadForm) ? full.LeadForm : null,
        Recording = Has(parts, EvidenceParts.Recording) ? full.Recording! with { IsAnnounced = Has(parts, EvidenceParts.Announcement) } : null,
        Scan = Has(parts, EvidenceParts.Scan) ? full.Scan : null,
        Recorder = Has(parts, EvidenceParts.Recorder) ? full.Recorder : null,
        Confirmation = Has(parts, EvidenceParts.Confirmation) ? full.Confirmation : null,
    };

    private static bool Has(EvidenceParts parts, EvidenceParts part) => (parts & part) != 0;
}
