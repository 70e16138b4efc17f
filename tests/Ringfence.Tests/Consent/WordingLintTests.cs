using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class WordingLintTests
{
    public static TheoryData<string, string, string, string, string, string, string, string> Asked() =>
    [
        .. WordTable.Rows("asked-wordings.tsv").Select(row => new TheoryDataRow<string, string, string, string, string, string, string, string>(
            row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7])),
    ];

    [Theory]
    [MemberData(nameof(Asked))]
    public void A_wording_is_refused_for_what_its_words_lack(string codes, string language, string sender, string channels, string frequency, string term, string stop, string words)
    {
        var document = Document(language, sender, channels, frequency, term, stop, words);
        var refused = WordingLint.Check(document).Where(finding => finding.Severity == WordingSeverity.Refuse).ToArray();
        Assert.True(
            codes.Split(' ').Where(code => code != "-").Order(StringComparer.Ordinal).SequenceEqual(refused.Select(finding => finding.Code).Distinct().Order(StringComparer.Ordinal)),
            $"{words}\n{string.Join("\n", refused.Select(finding => $"{finding.Code} {finding.Where} {finding.Detail} '{finding.Quote}'"))}");
    }

    /// <summary>One fault put into a wording that has none, each where it stands in the file.</summary>
    public static TheoryData<string, string, Func<WordingDocument, WordingDocument>> Spoilt() => new()
    {
        { "no-identity", "texts.en", good => Reworded(good, "Ringmuster Ltd may", "you may") },
        { "no-channel", "texts.en", good => good with { Channels = good.Channels | ChannelSet.Whatsapp } },
        { "no-purpose", "purposes", good => good with { Purposes = [] } },
        { "no-purpose", "texts.en", good => Reworded(good, " with offers for kitchen appliances", "") },
        { "no-frequency", "frequency", good => good with { Frequency = null } },
        { "no-frequency", "texts.en", good => Reworded(good, " at most 4 times a month,", "") },
        { "no-way-to-stop", "stop", good => good with { Stop = new WordingStop() } },
        { "no-way-to-stop", "texts.en", good => Reworded(good, "I can withdraw my consent at any time: by replying STOP, at ringmuster.example/stop, or in any call.", "") },
        { "hard-to-stop", "stop.post", good => good with { Stop = new WordingStop { Post = "1 Example Street" } } },
        { "no-notice", "notice", good => good with { Notice = null } },
        { "no-notice", "texts.en", good => Reworded(good, "More is in the privacy notice.", "") },
        { "condition-unsaid", "texts.en", good => Reworded(good, "My consent is not a condition of buying anything.", "") },
        { "condition-of-purchase", "conditionOf", good => good with { ConditionOf = ["purchase"] } },
        { "condition-of-purchase", "texts.en", good => Reworded(good, "My consent is not a condition", "My consent is a condition") },
        { "pre-ticked", "choice.preset", good => good with { Choice = good.Choice with { Preset = ChoicePreset.Yes } } },
        { "pre-ticked", "texts.en", good => Reworded(good, "I agree", "(The box is ticked by default.) I agree") },
        { "bundled", "choice.stands", good => good with { Choice = good.Choice with { Stands = ChoiceStands.AmongOthers } } },
        { "bundled", "choice.alsoCovers", good => good with { Choice = good.Choice with { AlsoCovers = ["terms"] } } },
        { "bundled", "texts.en", good => Reworded(good, "I agree", "I accept the terms and conditions and agree") },
        { "third-parties-unnamed", "texts.en", good => Reworded(good, "Ringmuster Ltd may", "Ringmuster Ltd and its partners may") },
        { "separate-consent-missing", "thirdParties", good => good with { ThirdParties = ["Sonnenhaus GmbH"] } },
        { "separate-consent-missing", "publishedIn", good => good with { PublishedIn = "the newsletter" } },
        { "separate-consent-missing", "texts.en", good => Reworded(good, "More is", "My number is passed on to Sonnenhaus GmbH. More is") },
        { "silence", "choice.kind", good => good with { Choice = good.Choice with { Kind = ChoiceKind.Silence } } },
        { "silence", "choice.kind", good => good with { Choice = good.Choice with { Kind = ChoiceKind.Browsing } } },
        { "silence", "texts.en", good => Reworded(good, "I agree", "If I do not reply, my silence means that I agree") },
        { "refusal", "texts.en", good => Reworded(good, "I agree that", "I do not agree that") },
        { "text-contradicts-fields", "texts.en", good => good with { Sender = "Hammerklang AG" } },
        { "text-contradicts-fields", "texts.en", good => good with { Frequency = good.Frequency! with { Most = 40 } } },
        { "text-contradicts-fields", "texts.en", good => good with { Term = null } },
        { "text-contradicts-fields", "texts.en", good => good with { Contact = new WordingContact("12 Example St, Toronto", null, null, null) } },
        { "text-contradicts-fields", "texts.en", good => good with { Contact = new WordingContact(null, "+14165550123", null, null) } },
        { "text-contradicts-fields", "texts.en", good => good with { Contact = new WordingContact(null, null, "hello@ringmuster.example", null) } },
        { "text-contradicts-fields", "texts.en", good => good with { Contact = new WordingContact(null, null, null, "https://ringmuster.example/contact") } },
        { "text-contradicts-fields", "texts.en", good => good with { Callers = ["Rufdienst GmbH"] } },
        { "text-contradicts-fields", "texts.en", good => good with { Techniques = [Technique.AiVoice] } },
        { "text-contradicts-fields", "texts.en", good => good with { Stop = good.Stop with { Reply = "QUIT" } } },
        { "text-contradicts-fields", "texts.en", good => good with { Stop = good.Stop with { Email = "stop@ringmuster.example" } } },
        { "text-contradicts-fields", "texts.en", good => good with { Stop = good.Stop with { Phone = "+442079460000" } } },
        { "text-contradicts-fields", "texts.en", good => good with { Stop = good.Stop with { In = StopPlaces.Account } } },
        { "text-contradicts-fields", "texts.en", good => With(good, "en", good.Texts["en"] with { Goods = "garden tools" }) },
        { "text-contradicts-fields", "texts.en", good => With(good, "en", good.Texts["en"] with { Cost = "nothing at all" }) },
        { "language-unread", "texts.sv", good => With(good, "sv", new WordingWords("Ringmuster Ltd", null, null, null)) },
        { "wrong-language", "texts.de", good => With(good, "de", good.Texts["en"]) },
        { "several-purposes", "purposes", good => good with { Purposes = ["offers", "research"] } },
        { "cost-unsaid", "texts.en", good => With(good, "en", good.Texts["en"] with { Cost = null }) },
    };

    [Theory]
    [MemberData(nameof(Spoilt), DisableDiscoveryEnumeration = true)]
    public void Each_fault_is_found_where_it_was_put_and_gone_where_it_is_mended(string code, string where, Func<WordingDocument, WordingDocument> spoil)
    {
        ArgumentNullException.ThrowIfNull(spoil);
        var good = Sample();
        Assert.Empty(WordingLint.Check(good));
        Assert.Contains(WordingLint.Check(spoil(good)), finding => finding.Code == code && finding.Where == where);
    }

    [Fact]
    public void Every_fault_is_put_somewhere()
    {
        var put = Spoilt().Select(row => row.Data.Item1).Append("law-wants").Append("contact-missing").Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Words<WordingFault>.All.Order(StringComparer.Ordinal), put);
    }

    [Fact]
    public void Only_advice_lets_a_wording_pass()
    {
        Assert.True(WordingLint.Passes(WordingLint.Check(Sample() with { Purposes = ["offers", "research"] })));
        Assert.False(WordingLint.Passes(WordingLint.Check(Sample() with { Notice = null })));
    }

    [Fact]
    public void What_the_words_say_wrongly_is_quoted()
    {
        var finding = Assert.Single(WordingLint.Check(Reworded(Sample(), "Ringmuster Ltd may", "Ringmuster Ltd and its partners may")));
        Assert.Equal("its partners", finding.Quote);
    }

    [Theory]
    [InlineData(null, null, null, null, "post, phone / email / page")]
    [InlineData("12 Example St, Toronto ON M5V 2T6", null, null, null, "phone / email / page")]
    [InlineData(null, "+14165550123", "hello@ringmuster.example", "https://ringmuster.example/", "post")]
    [InlineData("12 Example St, Toronto ON M5V 2T6", "+14165550123", null, null, "")]
    [InlineData("12 Example St, Toronto ON M5V 2T6", null, "hello@ringmuster.example", null, "")]
    [InlineData("12 Example St, Toronto ON M5V 2T6", null, null, "https://ringmuster.example/contact", "")]
    public void A_wording_for_Canada_says_at_which_postal_address_and_how_else_whoever_asks_is_reached(string? post, string? phone, string? email, string? page, string lacks)
    {
        var day = new NodaTime.LocalDate(2026, 11, 22);
        var contact = new WordingContact(post, phone, email, page);
        // Numbers as people write them, addresses as browsers show them.
        var says = $" Ringmuster Ltd can be reached at: {post}, {(phone is null ? "" : "(416) 555-0123")}, {email}, {page?.Replace("https://", "", StringComparison.Ordinal)}.";
        var asked = With(Sample(), "en", Sample().Texts["en"] with { Text = Sample().Texts["en"].Text + says }) with { Contact = contact.Tells == RequestItems.None ? null : contact };
        asked = asked with { Texts = new Dictionary<string, WordingWords> { ["en"] = asked.Texts["en"] } };
        var canadian = WordingLint.Check(asked, Rulebook.Shipped, ["CA"], day);
        Assert.Equal(lacks.Length == 0 ? [] : [("contact-missing", "contact", lacks, "ca-casl-consent", WordingSeverity.Refuse)], canadian.Select(finding => (finding.Code, finding.Where, finding.Detail!, finding.Rule!.Id, finding.Severity)));
        Assert.Equal(lacks.Length == 0, WordingLint.Passes(canadian));
        // Elsewhere nobody wants it, and a wording for calls alone needs none there either.
        Assert.All(["GB", "DE", "US", "AU"], place => Assert.DoesNotContain(WordingLint.Check(asked, Rulebook.Shipped, [place], day), static finding => finding.Code == "contact-missing"));
        Assert.DoesNotContain(WordingLint.Check(asked with { Channels = ChannelSet.Voice }, Rulebook.Shipped, ["CA"], day), static finding => finding.Code == "contact-missing");
        // That it can be taken back, and who asks, is wanted everywhere.
        Assert.Contains(WordingLint.Check(Reworded(asked, "I can withdraw my consent at any time: by replying STOP, at ringmuster.example/stop, or in any call.", ""), Rulebook.Shipped, ["CA"], day), static finding => finding.Code == "no-way-to-stop");
        Assert.Contains(WordingLint.Check(Reworded(Reworded(asked, "Ringmuster Ltd may", "you may"), "Ringmuster Ltd can", "It can"), Rulebook.Shipped, ["CA"], day), static finding => finding.Code == "no-identity");
    }

    private const string Handing = """
        format: ringfence/wording/v1
        id: handing-over
        version: "1"
        kind: third-parties
        sender: Ringmuster Ltd
        purposes: [offers:solar]
        stop: { page: "https://ringmuster.example/stop" }
        notice: { page: "https://ringmuster.example/privacy", version: "1" }
        choice: { kind: box, stands: apart }
        thirdParties: [Sonnenhaus GmbH, Windig AG]
        texts:
          en: >-
            Ringmuster Ltd may pass my name and number on to Sonnenhaus GmbH and Windig AG for offers of solar panels. I can withdraw this at any
            time at ringmuster.example/stop. It is not a condition of any purchase. See the privacy notice.
        """;

    [Theory]
    [InlineData("", "")]
    [InlineData("Sonnenhaus GmbH and Windig AG for|Sonnenhaus GmbH for", "third-parties-unnamed Windig AG")]
    [InlineData("Sonnenhaus GmbH and Windig AG for|Sonnenhaus GmbH, Windig AG and other partners for", "third-parties-unnamed ")]
    [InlineData("may pass my name and number on to|and", "text-contradicts-fields kind")]
    [InlineData("thirdParties: [Sonnenhaus GmbH, Windig AG]|thirdParties: []", "third-parties-unnamed ")]
    [InlineData("for offers of|and publish it, for offers of", "separate-consent-missing ")]
    [InlineData("kind: third-parties|kind: contact\nchannels: [sms]\nfrequency: { most: 1, within: P1M }", "separate-consent-missing Sonnenhaus GmbH")]
    public void A_consent_to_handing_data_over_names_each_that_gets_it(string change, string expected)
    {
        var text = change.Split('|') is [var from, var to] ? Handing.Replace(from, to, StringComparison.Ordinal) : Handing;
        var findings = WordingLint.Check(WordingDocument.Read("handing.yaml", text)).Select(finding => $"{finding.Code} {finding.Detail}").ToArray();
        if (expected.Length == 0)
            Assert.Empty(findings);
        else
            Assert.Contains(expected, findings);
    }

    [Theory]
    [InlineData("the customer magazine", "")]
    [InlineData("the window of the shop", "text-contradicts-fields publishedIn")]
    public void A_consent_to_publication_says_where(string place, string expected)
    {
        var findings = WordingLint.Check(WordingDocument.Read("publication.yaml", Handing.Replace("kind: third-parties", $"kind: publication\npublishedIn: {place}", StringComparison.Ordinal)
            .Replace("thirdParties: [Sonnenhaus GmbH, Windig AG]\n", "", StringComparison.Ordinal)
            .Replace("pass my name and number on to Sonnenhaus GmbH and Windig AG for offers of solar panels", "publish my name and my praise of its products in the customer magazine", StringComparison.Ordinal)));
        Assert.Equal(expected, string.Join(", ", findings.Select(finding => $"{finding.Code} {finding.Detail}")));
    }

    [Fact]
    public void What_the_law_of_a_place_wants_comes_with_the_rule_that_wants_it()
    {
        var day = new NodaTime.LocalDate(2026, 11, 22);
        var french = WordingLint.Check(Sample() with { Term = null }, Rulebook.Shipped, ["FR"], day).Where(finding => finding.Code == "law-wants").ToArray();
        Assert.All(french, finding => Assert.NotNull(finding.Rule));
        var oneYear = Assert.Single(french, finding => finding.Rule!.Id == "fr-consent-1y-2026" && finding.Where == "texts.en");
        Assert.Equal("period-stated", oneYear.Detail);
        Assert.DoesNotContain(WordingLint.Check(Sample(), Rulebook.Shipped, ["FR"], day), finding => finding.Code == "law-wants" && finding.Where == "texts.en");
        // Before the rule came into force.
        Assert.DoesNotContain(WordingLint.Check(Sample() with { Term = null }, Rulebook.Shipped, ["FR"], new NodaTime.LocalDate(2026, 8, 10)), finding => finding.Rule?.Id == "fr-consent-1y-2026");
        Assert.DoesNotContain(WordingLint.Check(Sample() with { Term = null }, Rulebook.Shipped, ["GB"], day), finding => finding.Rule?.Pack == "fr");
    }

    [Fact]
    public void Texts_to_the_united_states_want_the_word_automated_and_the_electronic_form()
    {
        var day = new NodaTime.LocalDate(2026, 11, 22);
        var wanted = Assert.Single(WordingLint.Check(Sample(), Rulebook.Shipped, ["US"], day), finding => finding.Rule?.Id == "us-fed-pewc" && finding.Where == "texts.en");
        Assert.Equal("auto-authorised, electronic-told", wanted.Detail);
        var told = Reworded(Reworded(Sample(), "send me text messages", "send me automated text messages"), "My consent is", "I sign this electronically, may have it on paper instead, and need a web browser to read it. My consent is");
        Assert.DoesNotContain(WordingLint.Check(told, Rulebook.Shipped, ["US"], day), finding => finding.Rule?.Id == "us-fed-pewc" && finding.Where == "texts.en");
        // On paper nothing has to be told of an electronic form.
        var paper = Reworded(Sample(), "send me text messages", "send me automated text messages") with { Choice = new WordingChoice(ChoiceKind.Signature, ChoicePreset.Nothing, ChoiceStands.Apart, []) };
        Assert.DoesNotContain(WordingLint.Check(paper, Rulebook.Shipped, ["US"], day), finding => finding.Rule?.Id == "us-fed-pewc" && finding.Where == "texts.en");
    }

    [Fact]
    public void No_text_makes_it_throw_or_take_long()
    {
        foreach (var text in WordTable.Evil(8000).Append(string.Concat(Enumerable.Repeat("1 month ", 1000))))
            _ = WordingLint.Check(Sample() with { Texts = new Dictionary<string, WordingWords> { ["en"] = new(text, "s", "g", "c"), ["zh-Hant"] = new(text, null, null, null) } });
    }

    internal static WordingDocument Sample() =>
        WordingDocument.Read("samples/wording-offers.yaml", File.ReadAllText(Path.Combine(Repository.Root, "samples", "wording-offers.yaml")));

    private static WordingDocument With(WordingDocument document, string language, WordingWords words) =>
        document with { Texts = new Dictionary<string, WordingWords>(document.Texts) { [language] = words } };

    private static WordingDocument Reworded(WordingDocument document, string from, string to)
    {
        var words = document.Texts["en"];
        Assert.Contains(from, words.Text, StringComparison.Ordinal);
        var goods = words.Goods is { } name && from.Contains(name, StringComparison.Ordinal) ? null : words.Goods;
        return With(document, "en", words with { Text = words.Text.Replace(from, to, StringComparison.Ordinal), Goods = goods });
    }

    private static WordingDocument Document(string language, string sender, string channels, string frequency, string term, string stop, string words) => new()
    {
        Id = "asked",
        Version = "1",
        Sender = sender,
        Channels = channels.Split('+').Aggregate(ChannelSet.None, (set, word) => Channels.TryParse(word, out var channel) ? set | channel.Only() : throw new FormatException(word)),
        Purposes = ["offers"],
        Frequency = frequency.Split('/') is [var most, var within] ? new WordingFrequency(int.Parse(most, null), PeriodPattern.NormalizingIso.Parse(within).Value, ChannelSet.None) : null,
        Term = term == "-" ? null : PeriodPattern.NormalizingIso.Parse(term).Value,
        Stop = stop == "-" ? new WordingStop() : stop.Split(' ').Aggregate(new WordingStop(), WithWay),
        Notice = new WordingNotice("https://acme.example/privacy", "1"),
        Choice = new WordingChoice(ChoiceKind.Box, ChoicePreset.Nothing, ChoiceStands.Apart, []),
        Texts = new Dictionary<string, WordingWords> { [language] = new(words, null, null, null) },
    };

    private static WordingStop WithWay(WordingStop stop, string way) => way.Replace('_', ' ').Split('=') switch
    {
        ["reply", var word] => stop with { Reply = word },
        ["page", var page] => stop with { Page = page },
        ["email", var email] => stop with { Email = email },
        ["phone", var phone] => stop with { Phone = phone },
        ["post", var post] => stop with { Post = post },
        ["in", var places] => stop with { In = places.Split('+').Aggregate(StopPlaces.None, (set, word) => Words<StopPlaces>.TryParse(word, out var place) ? set | place : throw new FormatException(word)) },
        _ => throw new FormatException(way),
    };
}
