using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Consent;

/// <summary>A privacy notice tells what the system does, and nobody publishes one that leaves out what it has to tell.</summary>
public sealed class NoticeTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 22, 9, 0);

    private static readonly FormDocument Form = FormDocument.Read("form-offers.yaml", File.ReadAllText(Path.Combine(Repository.Root, "samples", "form-offers.yaml")));

    private static readonly PartyDocument Party = new()
    {
        Id = "ringmuster", Kind = PartyKind.Controller, Name = "Ringmuster Ltd", Address = "1 High Street, London", Country = "GB", Contact = new PartyContact(null, "hello@ringmuster.example", null, null),
        PrivacyOfficer = new PartyContact("Ann Privacy", "privacy@ringmuster.example", null, null),
    };

    private static readonly GatewaySetting Sms = new() { Name = "sms-out", Kind = GatewayKind.Kannel, Channels = ChannelSet.Sms };

    [Fact]
    public void What_is_set_up_stands_in_it_and_what_nobody_can_know_is_missing()
    {
        var found = Found(places: ["GB"]);
        var notice = found.With(null, "1", Now);
        Assert.Equal(Form.Purposes.Select(static one => one.Name).Order(), notice.Purposes.Select(static one => one.Name));
        Assert.All(notice.Purposes, static one => Assert.Equal(NoticeBasis.Consent, one.Basis));
        Assert.Contains(notice.Recipients, static one => one is { Key: "gateway:sms-out", Channels: ChannelSet.Sms, Name: null });
        Assert.Contains(notice.Recipients, static one => one.Key == "system:abc");
        Assert.Contains(NoticeData.Phone, notice.Data);
        Assert.DoesNotContain(NoticeData.Origin, notice.Data);
        Assert.Equal(["recipients", "retention", "storage", "transfers"], Missing(notice));
        Assert.Empty(Missing(Complete(found)));
        // A folder is nobody.
        Assert.DoesNotContain(NoticeFound.Of(Party, [], [], [Sms with { Kind = GatewayKind.File }], [], [], false).Recipients, static one => one.Key == "gateway:sms-out");
    }

    [Fact]
    public void Whoever_people_agreed_to_have_their_data_passed_on_to_is_a_recipient_by_the_newest_words()
    {
        WordingDocument PassedOn(string version, params string[] to) => FormWords.WordingOf(Form, Form.Boxes.First()) with
        {
            Id = "pass-on",
            Version = version,
            Kind = WordingKind.ThirdParties,
            Channels = ChannelSet.None,
            Purposes = [],
            ThirdParties = to,
        };
        var found = NoticeFound.Of(Party, [], [PassedOn("1", "Old Partner"), PassedOn("2", "Partner GmbH")], [], [], [], false);
        Assert.Equal(["party:Partner GmbH"], found.Recipients.Where(static one => one.Key.StartsWith("party:", StringComparison.Ordinal)).Select(static one => one.Key));
        Assert.Equal(NoticeRole.Receiver, found.Recipients.Single(static one => one.Key == "party:Partner GmbH").Role);
        Assert.Empty(found.Purposes);
    }

    public static TheoryData<string, string> Flaws() => new()
    {
        { "no-officer", "officer" }, { "no-purpose", "purposes" }, { "no-basis", "basis" }, { "interests", "interests" }, { "unnamed", "recipients" }, { "no-role", "recipients" }, { "nowhere", "transfers" },
        { "abroad", "transfers" }, { "no-storage", "storage" }, { "one-kept", "retention" }, { "lists", "source" }, { "one-language", "plain-words" }, { "no-channel", "kinds" }, { "no-frequency", "frequency" },
        { "condition", "no-condition" }, { "eu", "representative" }, { "france", "fr-term" }, { "china", "cn-representative" }, { "china", "cn-export" }, { "china-child", "cn-sensitive" },
        { "china-receiver", "cn-recipients" }, { "china", "transfers" }, { "china-one-kept", "cn-after" }, { "china-interests", "cn-basis" },
    };

    [Theory]
    [MemberData(nameof(Flaws))]
    public void Whatever_is_left_out_is_found_with_the_provision_that_wants_it(string flaw, string code)
    {
        var good = Complete(Found(places: ["GB"]));
        var offers = good.Purposes[0];
        var gateway = good.Recipients.First(static one => one.Key == "gateway:sms-out");
        NoticeDocument Recipient(NoticeRecipient one) => good with { Recipients = [.. good.Recipients.Select(other => other.Key == one.Key ? one : other)] };
        NoticeDocument Purpose(NoticePurpose one) => good with { Purposes = [one, .. good.Purposes.Skip(1)] };
        var bad = flaw switch
        {
            "no-officer" => good with { Controller = good.Controller with { PrivacyOfficer = null } },
            "no-purpose" => good with { Purposes = [] },
            "no-basis" => Purpose(offers with { Basis = null }),
            "interests" => Purpose(offers with { Basis = NoticeBasis.LegitimateInterests, Interests = new Dictionary<string, string> { ["en"] = "ours" } }),
            "unnamed" => Recipient(gateway with { Name = null }),
            "no-role" => Recipient(gateway with { Role = null }),
            "nowhere" => Recipient(gateway with { Country = null }),
            "abroad" => Recipient(gateway with { Country = "US", Safeguards = NoticeSafeguards.StandardClauses }),
            "no-storage" => good with { Storage = [] },
            "one-kept" => good with { Retention = [.. good.Retention.Skip(1)] },
            "lists" => good with { HasLists = true },
            "one-language" => Purpose(offers with { About = new Dictionary<string, string> { ["en"] = "offers" } }),
            "no-channel" => Purpose(offers with { Channels = ChannelSet.None }),
            "no-frequency" => Purpose(offers with { Frequency = null }),
            "condition" => good with { ConditionOf = ["purchase"] },
            "eu" => good with { Places = ["DE"] },
            "france" => Purpose(offers with { Term = Period.FromMonths(13), Channels = ChannelSet.Voice }) with { Places = ["FR"] },
            "china-child" => good with { Places = ["CN"], ForChildren = true },
            "china-receiver" => Recipient(gateway with { Role = NoticeRole.Receiver, Contact = null }) with { Places = ["CN"] },
            "china-interests" => Purpose(offers with { Basis = NoticeBasis.LegitimateInterests, Interests = offers.About }) with { Places = ["CN"] },
            "china-one-kept" => good with { Places = ["CN"], Retention = [.. good.Retention.Skip(1)] },
            _ => good with { Places = ["CN"] },
        };
        Assert.DoesNotContain(code, Missing(good));
        Assert.Contains(code, Missing(bad));
        var finding = NoticeCheck.MissingIn(bad).First(finding => finding.Code == code);
        Assert.NotEmpty(finding.Missing);
        Assert.NotEmpty(finding.Cites);
        Assert.All(NoticeDocument.Languages, language => Assert.True(finding.Title(language).Length > 3 && finding.Cure(language).Length > 5));
    }

    [Fact]
    public void A_british_agreement_or_a_chinese_contract_is_good_for_its_own_law_only()
    {
        var good = Complete(Found(places: ["GB"])) with { Representatives = [new(NoticeRegime.Eu, "Rep", "Berlin, DE", "rep@ringmuster.example"), new(NoticeRegime.Cn, "Rep", "Beijing, CN", "cn@ringmuster.example")] };
        NoticeDocument With(NoticeSafeguards safeguards, params string[] places) =>
            good with { Places = places, Recipients = [.. good.Recipients.Select(one => one with { Country = "US", Safeguards = safeguards, Contact = "x@example.com" })] };
        Assert.DoesNotContain("transfers", Missing(With(NoticeSafeguards.UkAgreement, "GB")));
        Assert.Contains("transfers", Missing(With(NoticeSafeguards.UkAgreement, "GB", "DE")));
        Assert.DoesNotContain("transfers", Missing(With(NoticeSafeguards.UkAgreement | NoticeSafeguards.StandardClauses, "GB", "DE")));
        Assert.Contains("transfers", Missing(With(NoticeSafeguards.UkAgreement | NoticeSafeguards.StandardClauses, "GB", "DE", "CN")));
        Assert.DoesNotContain("transfers", Missing(With(NoticeSafeguards.Adequacy | NoticeSafeguards.CnContract, "GB", "DE", "CN")));
        // A system of one's own is nobody else's.
        var own = good with { Places = ["GB"], Recipients = [.. good.Recipients.Select(static one => new NoticeRecipient(one.Key) { Role = NoticeRole.Own })] };
        Assert.Empty(Missing(own));
        Assert.DoesNotContain("gateway:", NoticePage.Write(own, "en", "/why/x"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_item_has_its_provision_and_whatever_can_be_missing_its_cure()
    {
        var texts = NoticeWords.All.ToDictionary(static text => text.Key, static text => text.Value, StringComparer.Ordinal);
        foreach (var code in Words<NoticeItem>.All)
        {
            Assert.True(Words<NoticeItem>.TryParse(code, out var item));
            var finding = new NoticeFinding(item, []);
            Assert.Equal(Uri.UriSchemeHttps[..4], finding.Source.Scheme[..4]);
            Assert.Contains("item " + code, texts.Keys);
        }

        Assert.Empty(Flaws().Select(static row => "cure " + row.Data.Item2).Except(texts.Keys));
        foreach (var (kind, words) in new (string, IReadOnlyList<string>)[]
        {
            ("basis", Words<NoticeBasis>.All), ("data", Words<NoticeData>.All), ("origin", Words<NoticeOrigin>.All), ("role", Words<NoticeRole>.All), ("kept", Words<NoticeKept>.All), ("from", Words<NoticeFrom>.All),
            ("then", Words<NoticeThen>.All), ("regime", Words<NoticeRegime>.All), ("change", Words<NoticeDifference>.All), ("safeguard", Words<NoticeSafeguards>.All),
        })
        {
            Assert.Empty(words.Select(word => $"{kind} {word}").Except(texts.Keys));
        }

        Assert.All(texts, static text => Assert.All(NoticeDocument.Languages, language => Assert.NotEmpty(text.Value.In(language))));
    }

    [Fact]
    public void The_page_says_everything_in_three_languages_with_the_objection_before_the_rest_and_weighs_little()
    {
        var found = Found(places: [.. "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK GB CH CN HK TW SG US".Split(' ')]);
        var notice = Complete(found) with { Version = "<b>1</b>" };
        foreach (var language in NoticeDocument.Languages)
        {
            var html = NoticePage.Write(notice, language, "/why/x");
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(html), 4000, 26_000);
            Assert.DoesNotContain("<b>1", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
            Assert.True(html.IndexOf("id=\"object\"", StringComparison.Ordinal) < html.IndexOf("id=\"who\"", StringComparison.Ordinal));
            foreach (var part in new[] { "Ringmuster Ltd", "privacy@ringmuster.example", "Texter GmbH", "https://www.cnil.fr", "https://www.cac.gov.cn", "L. 223-1", "/why/x", "STOP", NoticeWords.Say("page", "automated", language), NoticeWords.Say("page", "object", language) })
                Assert.Contains(System.Net.WebUtility.HtmlEncode(part), html, StringComparison.Ordinal);
            Assert.Equal(html, NoticePage.Write(NoticeDocument.FromBytes(notice with { Version = "1" } is var plain ? plain.ToBytes() : []) with { Version = "<b>1</b>" }, language, "/why/x"));
        }

        // Of laws that nobody is under nothing is said.
        var british = NoticePage.Write(Complete(Found(places: ["GB"])), "en", "/why/x");
        Assert.DoesNotContain("L. 223-1", british, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"china\"", british, StringComparison.Ordinal);
        Assert.DoesNotContain("cnil.fr", british, StringComparison.Ordinal);
    }

    [Fact]
    public void The_canonical_form_comes_back_as_it_was_and_is_read_strictly()
    {
        var notice = Complete(Found(places: ["GB", "DE", "CN"])) with
        {
            HasLists = true,
            Sources = [new("Fair 2026", NoticeOrigin.Company)],
            Representatives = [new(NoticeRegime.Eu, "Rep", "Berlin, DE", "rep@ringmuster.example")],
            Sensitive = new Dictionary<string, string> { ["en"] = "none" },
            ConditionOf = ["download"],
        };
        Assert.Equal(notice, NoticeDocument.FromBytes(notice.ToBytes()));
        Assert.NotEqual(notice.Digest, (notice with { Version = "2" }).Digest);
        var text = System.Text.Encoding.UTF8.GetString(notice.ToBytes());
        Assert.Equal(notice, NoticeDocument.Read("notice.json", text));
        Assert.Throws<RuleFileException>(() => NoticeDocument.FromBytes([.. notice.ToBytes(), (byte)' ']));
        foreach (var (good, bad) in new[]
        {
            ("\"version\":\"1\"", "\"version\":\"1\",\"more\":\"x\""), ("\"country\":\"GB\"", "\"country\":\"Britain\""), ("2026-11-22T09:00:00Z", "yesterday"), ("gateway:sms-out", "sms-out"), ("\"basis\":\"consent\"", "\"basis\":\"habit\""),
        })
        {
            Assert.Contains(good, text, StringComparison.Ordinal);
            Assert.Throws<RuleFileException>(() => NoticeDocument.Read("notice.json", text.Replace(good, bad, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void What_matters_in_a_change_is_told_from_what_does_not()
    {
        var before = Complete(Found(places: ["GB"]));
        var offers = before.Purposes[0];
        var kept = before.Retention[0];
        string[] Change(NoticeDocument now, bool matters)
        {
            var changes = NoticeChange.Between(before, now);
            Assert.Equal(matters, changes.Any(static change => change.Matters));
            Assert.All(changes, static change => Assert.All(NoticeDocument.Languages, language => Assert.NotEmpty(change.Say(language))));
            return [.. changes.Select(static change => Words<NoticeDifference>.Of(change.Difference))];
        }

        NoticeDocument Purpose(NoticePurpose one) => before with { Purposes = [one, .. before.Purposes.Skip(1)] };
        NoticeDocument Kept(NoticeRetention one) => before with { Retention = [one, .. before.Retention.Skip(1)] };
        Assert.Empty(Change(before with { Version = "2", Since = Now + Duration.FromDays(1) }, matters: false));
        Assert.Equal(["controller"], Change(before with { Controller = before.Controller with { Name = "Other Ltd" } }, matters: true));
        Assert.Equal(["controller-contact"], Change(before with { Controller = before.Controller with { Address = "2 High Street" } }, matters: false));
        Assert.Equal(["new-purpose"], Change(before with { Purposes = [.. before.Purposes, offers with { Name = "zoo" }] }, matters: true));
        Assert.Equal(["purpose-gone"], Change(before with { Purposes = [.. before.Purposes.Skip(1)] }, matters: false));
        Assert.Equal(["new-basis"], Change(Purpose(offers with { Basis = NoticeBasis.Contract }), matters: true));
        Assert.Equal(["new-channel"], Change(Purpose(offers with { Channels = offers.Channels | ChannelSet.Fax }), matters: true));
        Assert.Equal(["channel-gone"], Change(Purpose(offers with { Channels = offers.Channels & ~ChannelSet.Sms }), matters: false));
        Assert.Equal(["purpose-words"], Change(Purpose(offers with { About = new Dictionary<string, string>(offers.About) { ["en"] = "other words" } }), matters: false));
        Assert.Equal(["more-often"], Change(Purpose(offers with { Frequency = new WordingFrequency(9, Period.FromDays(1), ChannelSet.None) }), matters: true));
        Assert.Equal(["less-often"], Change(Purpose(offers with { Frequency = new WordingFrequency(1, Period.FromYears(1), ChannelSet.None) }), matters: false));
        Assert.Equal(["new-recipient", "new-transfer"], Change(before with { Recipients = [.. before.Recipients, new NoticeRecipient("said:9") { Name = "Host", Role = NoticeRole.Processor, Country = "US" }] }, matters: true));
        Assert.Equal(["new-recipient"], Change(before with { Recipients = [.. before.Recipients.Select(static one => one.Key == "gateway:sms-out" ? one with { Role = NoticeRole.Receiver } : one)] }, matters: true));
        Assert.Equal(["recipient-gone"], Change(before with { Recipients = [.. before.Recipients.Where(static one => one.Key != "gateway:sms-out")] }, matters: false));
        Assert.Equal(["new-transfer"], Change(before with { Storage = ["GB", "US"] }, matters: true));
        Assert.Equal(["longer-retention"], Change(Kept(kept with { Time = Period.FromYears(30) }), matters: true));
        Assert.Equal(["longer-retention"], Change(Kept(kept with { From = NoticeFrom.LastContact }), matters: true));
        Assert.Equal(["shorter-retention"], Change(Kept(kept with { Time = Period.FromDays(9) }), matters: false));
        Assert.Equal(["new-data"], Change(before with { Data = [.. before.Data, NoticeData.Origin] }, matters: true));
        Assert.Equal(["other"], Change(before with { Registers = ["xx-list"] }, matters: false));
    }

    [Fact]
    public void A_gateway_that_was_added_shows_as_a_difference_and_what_was_said_of_the_rest_stays()
    {
        var published = Complete(Found(places: ["GB"]));
        var now = NoticeFound.Of(Party, [Form], [], [Sms, Sms with { Name = "mail-out", Channels = ChannelSet.Email }], [("abc", "CRM")], [], false).With(published, "1", Now);
        Assert.Contains(NoticeChange.Between(published, now), static change => change is { Difference: NoticeDifference.NewRecipient, Detail: "gateway:mail-out" });
        Assert.Equal("Texter GmbH", now.Recipients.First(static one => one.Key == "gateway:sms-out").Name);
        Assert.Equal(published.Retention, now.Retention);
        // What was added by hand stays; what is not set up any more goes.
        var said = published with { Recipients = [.. published.Recipients, new NoticeRecipient("said:host") { Name = "Host" }, new NoticeRecipient("gateway:gone") { Name = "Gone" }] };
        var again = Found(places: ["GB"]).With(said, "1", Now);
        Assert.Contains(again.Recipients, static one => one.Key == "said:host");
        Assert.DoesNotContain(again.Recipients, static one => one.Key == "gateway:gone");
        // Of several versions of a form the newest counts.
        var two = NoticeFound.Of(Party, [Form, Form with { Version = "2027-01", Blocks = [.. Form.Blocks.Where(static block => block is not FormBox { Channels: ChannelSet.Voice })] }], [], [], [], [], false);
        Assert.DoesNotContain(two.Purposes, static one => one.Channels.HasFlag(ChannelSet.Voice));
    }

    private static NoticeFound Found(string[] places) =>
        NoticeFound.Of(Party, [Form with { OfferedIn = places }], Form.Boxes.Select(box => FormWords.WordingOf(Form, box)), [Sms], [("abc", "CRM")], [], false);

    private static NoticeDocument Complete(NoticeFound found)
    {
        var bare = found.With(null, "1", Now);
        return bare with
        {
            Purposes = [.. bare.Purposes.Select(static one => one with { About = new Dictionary<string, string> { ["en"] = "offers for kitchens", ["zh-Hans"] = "厨房优惠", ["zh-Hant"] = "廚房優惠" } })],
            Recipients = [.. bare.Recipients.Select(static one => one with { Name = one.Key == "gateway:sms-out" ? "Texter GmbH" : "Other & Co", Role = NoticeRole.Processor, Country = "GB" })],
            Storage = ["GB"],
            Retention = [.. Enum.GetValues<NoticeKept>().Select(static what => new NoticeRetention(what, Period.FromYears(3), NoticeFrom.Collection, NoticeThen.Deleted)).OrderBy(static one => Words<NoticeKept>.Of(one.What), StringComparer.Ordinal)],
        };
    }

    private static string[] Missing(NoticeDocument notice) => [.. NoticeCheck.MissingIn(notice).Select(static finding => finding.Code).Order(StringComparer.Ordinal)];
}
