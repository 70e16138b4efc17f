using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class FormLintTests
{
    private static readonly LocalDate Day = new(2026, 11, 22);

    private static readonly Uri Site = new("https://ringmuster.example/");

    private static readonly string[] Told = ["en", "zh-Hans", "zh-Hant"];

    private static readonly string Good = File.ReadAllText(Path.Combine(Repository.Root, "samples", "form-offers.yaml"));

    /// <summary>Forms that are refused, each a good one with one thing put wrong: <c>samples/forms-refused.yaml</c>.</summary>
    public static TheoryData<string, string, string, string, string> Refused()
    {
        using var text = File.OpenText(Path.Combine(Repository.Root, "samples", "forms-refused.yaml"));
        var data = new TheoryData<string, string, string, string, string>();
        foreach (var map in RuleMap.Read("forms-refused.yaml", text).Maps("cases"))
            data.Add(map.Text("case"), map.Text("code"), map.Text("where"), Lines(map.Text("change")), Lines(map.OptionalText("to") ?? ""));
        return data;
    }

    [Fact]
    public void A_good_form_is_found_good_wherever_it_is_offered() =>
        Assert.Empty(FormLint.Check(FormDocument.Read("form-offers.yaml", Good), Rulebook.Shipped, Day).Select(Said));

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_bad_form_is_refused_where_it_is_bad(string name, string code, string where, string change, string to)
    {
        Assert.True(Good.Contains(change, StringComparison.Ordinal), $"{name}: '{change}' does not stand in the good form");
        var at = Good.IndexOf(change, StringComparison.Ordinal);
        var bad = FormDocument.Read(name, to == "-" ? Good.Remove(at, change.Length) : Good.Remove(at, change.Length).Insert(at, to));
        var findings = FormLint.Check(bad, Rulebook.Shipped, Day, Site);
        Assert.True(findings.Any(finding => finding.Code == code && finding.Where == where), $"{name}: wanted {code} at {where}\n{string.Join("\n", findings.Select(Said))}");
        // One thing is wrong, and one thing is said; what follows from it may be said with it.
        Assert.True(findings.Select(finding => finding.Code).Distinct().Count() <= 3, $"{name}\n{string.Join("\n", findings.Select(Said))}");
        Assert.All(findings, finding => Assert.All(Told, language => Assert.True(finding.Reason.In(language).Length > 8 && finding.Cure.In(language).Length > 5)));
    }

    [Fact]
    public void Every_fault_of_a_form_has_a_case_and_there_are_more_than_twenty_five()
    {
        var codes = Refused().Select(row => row.Data.Item2).Distinct().ToArray();
        Assert.Empty(Words<FormFault>.All.Except(codes));
        Assert.True(codes.Length > 25, string.Join(" ", codes));
    }

    [Fact]
    public void Every_fault_is_told_in_three_languages() =>
        Assert.Equal(
            Words<FormFault>.All.SelectMany(code => new[] { "cure " + code, "reason " + code }).Order(StringComparer.Ordinal), FormFinding.All.Select(text => text.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void The_canonical_form_comes_back_as_it_was()
    {
        var form = FormDocument.Read("form-offers.yaml", Good);
        Assert.Equal(form, FormDocument.FromBytes(form.ToBytes()));
        Assert.NotEqual(form.Digest, (form with { Version = "2026-12" }).Digest);
        Assert.Throws<RuleFileException>(() => FormDocument.FromBytes([.. form.ToBytes(), (byte)' ']));
        Assert.Throws<RuleFileException>(() => FormDocument.Read("x", Good.Replace("optIn: double", "optIn: dubble", StringComparison.Ordinal)));
        Assert.Throws<RuleFileException>(() => FormDocument.Read("x", Good.Replace("sender: Ringmuster Ltd", "sender: Ringmuster Ltd\nticked: true", StringComparison.Ordinal)));
    }

    public static TheoryData<string> Tongues() => [.. FormWords.Languages];

    [Theory]
    [MemberData(nameof(Tongues))]
    public void Words_made_of_the_fields_pass_the_lint_in_every_language_channel_and_promise(string language)
    {
        var about = new Dictionary<string, string>
        {
            ["en"] = "offers for kitchen appliances", ["zh-Hans"] = "厨房电器的优惠", ["zh-Hant"] = "廚房電器的優惠", ["de"] = "Angebote für Küchengeräte",
            ["fr"] = "des offres d’électroménager", ["es"] = "ofertas de electrodomésticos", ["it"] = "offerte di elettrodomestici",
        };
        var wrong = new List<string>();
        foreach (var channel in Channels.All)
        {
            foreach (var (most, within, term) in new (int, Period, Period?)[]
            {
                (1, Period.FromDays(1), null), (3, Period.FromWeeks(1), Period.FromYears(1)), (1, Period.FromMonths(1), Period.FromMonths(6)), (4, Period.FromMonths(1), Period.FromYears(1)),
                (12, Period.FromYears(1), Period.FromYears(2)), (2, Period.FromMonths(3), Period.FromMonths(1)), (5, Period.FromDays(10), Period.FromDays(30)), (6, Period.FromWeeks(2), Period.FromMonths(18)),
            })
            {
                {
                    var together = most % 2 == 0;
                    var form = FormDocument.Read("form-offers.yaml", Good) with
                    {
                        Languages = [language],
                        OfferedIn = ["US"],
                        Purposes = [new FormPurpose("offers", about, new WordingFrequency(most, within, together ? ChannelSet.All : ChannelSet.None), term)],
                        Stop = new WordingStop { Reply = "STOP", Page = "https://ringmuster.example/stop", Email = "stop@ringmuster.example", Phone = "+442079460000", In = StopPlaces.EveryCall | StopPlaces.EveryMessage | StopPlaces.Account },
                        Contact = together ? new WordingContact("400-12 Example St, Toronto ON M5V 2T6", "+14165550123", "hello@ringmuster.example", "https://ringmuster.example/") : null,
                        Blocks = [new FormBox("x") { Channels = channel.Only(), Purposes = ["offers"] }],
                    };
                    foreach (var choice in FormWords.Choices)
                    {
                        var wording = FormWords.WordingOf(form, form.Boxes.Single(), choice);
                        foreach (var finding in WordingLint.Check(wording))
                            wrong.Add($"{choice} {finding.Code} {finding.Detail} '{finding.Quote}': {wording.Texts[language].Text}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count}\n{string.Join("\n", wrong.GroupBy(line => line.Split('\'')[0]).Select(group => group.First()))}");
    }

    [Fact]
    public void Words_for_paper_for_the_telephone_and_for_social_networks_pass_the_lint_too()
    {
        var form = FormDocument.Read("form-offers.yaml", Good);
        var wordings = form.Boxes.SelectMany(box => FormLint.WaysOf(form, box, Rulebook.Shipped, Day).Select(choice => FormWords.WordingOf(form, box, choice))).ToArray();
        Assert.Equal(wordings.Length, wordings.Select(wording => wording.Id).Distinct().Count());
        Assert.All(wordings, wording => Assert.Empty(WordingLint.Check(wording, Rulebook.Shipped, form.OfferedIn, Day).Select(finding => $"{wording.Id} {finding.Code} {finding.Where} {finding.Detail} {finding.Rule?.Id}")));
        Assert.All(wordings.Where(wording => wording.Choice.Kind is ChoiceKind.Spoken or ChoiceKind.LeadForm), wording => Assert.DoesNotContain("above", wording.Texts["en"].Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Words_of_each_way_of_saying_yes_are_held_by_the_rules_of_the_place()
    {
        var form = FormDocument.Read("form-offers.yaml", Good);
        // In the form of a network the tick is a signature too. What is spoken is none: a text to the United States is not asked for by telephone, a call is.
        Assert.Equal(
            [ChoiceKind.Box, ChoiceKind.Signature, ChoiceKind.LeadForm], FormLint.WaysOf(form, form.Boxes.First(box => box.Name == "offers-sms"), Rulebook.Shipped, Day));
        Assert.Equal(FormWords.Choices, FormLint.WaysOf(form, form.Boxes.First(box => box.Name == "offers-voice"), Rulebook.Shipped, Day));
        // Made as the first edition was, the words for networks tell nothing of a signature: the lint says which words it means.
        var first = FormLint.Check(form with { Edition = 1 }, Rulebook.Shipped, Day);
        Assert.Contains(first, finding => finding.Code == "law-wants" && finding.Where.StartsWith("blocks.offers-sms.words.", StringComparison.Ordinal) && finding.Rule?.Id == "us-fed-pewc");
        var told = Good.Replace("channels: sms, purposes: offers", "channels: sms, purposes: offers, words: { en: { text: \"I agree that Ringmuster Ltd may send me automated text messages at the number I entered above with offers for kitchen appliances, at most 4 times a month all ways together, for one year from today. Replying costs what my provider charges for a text message. I can withdraw my consent at any time: by replying STOP, at https://ringmuster.example/stop or in any call. My consent is not a condition of buying anything. I can have a copy of this consent. Ticking this box is my electronic signature. See the privacy notice.\", cost: Replying costs what my provider charges for a text message } }", StringComparison.Ordinal);
        var finding = Assert.Single(FormLint.Check(FormDocument.Read("told.yaml", told), Rulebook.Shipped, Day));
        Assert.Equal(("law-wants", "blocks.offers-sms.words.en", "electronic-told"), (finding.Code, finding.Where, finding.Detail));
    }

    [Theory]
    [MemberData(nameof(Tongues))]
    public void The_electronic_form_is_told_with_paper_instead_taking_it_back_and_what_it_takes_to_read_it(string language)
    {
        var form = FormDocument.Read("form-offers.yaml", Good) with { Languages = [language], OfferedIn = ["US"] };
        var box = form.Boxes.First(box => box.Name == "offers-sms");
        foreach (var choice in new[] { ChoiceKind.Box, ChoiceKind.LeadForm })
        {
            var wording = FormWords.WordingOf(form, box, choice);
            var proof = WordingProof.Of(wording, language)!;
            Assert.True(proof.IsSigned);
            Assert.True(proof.Items.HasFlag(EvidenceItems.ElectronicTold), wording.Texts[language].Text);
        }

        // The signature alone tells nothing of the rest.
        var first = WordingProof.Of(FormWords.WordingOf(form with { Edition = 1 }, box), language)!;
        Assert.Equal((true, false), (first.IsSigned, first.Items.HasFlag(EvidenceItems.ElectronicTold)));
        Assert.False(WordingProof.Of(FormWords.WordingOf(form with { OfferedIn = ["GB"] }, box), language)!.IsSigned);
    }

    [Fact]
    public void A_form_that_was_published_before_says_what_it_said()
    {
        // The digests are what the program made of it before there was a second edition.
        var form = FormDocument.Read("first-form.yaml", File.ReadAllText(Path.Combine(Repository.Root, "tests", "Ringfence.Tests", "Consent", "first-form.yaml"))) with { Edition = 1 };
        var kept = FormDocument.FromBytes(form.ToBytes());
        Assert.Equal(
            ["622af54a6e1e3ab757e1fd0b4728bad16791983edaf32884abd2ca0ac431d1ad", "72a5243b0128cc64bc1106d5bede60042694dc7426c92f250f29b33ca658e391", "4090257fbd3d9e2b9e9be13773a2ccf6faea6801ca80717bbed2f26a5877bfed"],
            [
                kept.Digest.ToString(), Hash(kept.Boxes.SelectMany(box => FormWords.Choices.SelectMany(choice => FormWords.WordingOf(kept, box, choice).ToBytes()))),
                Hash(kept.LayoutsShown.SelectMany(layout => kept.Languages.SelectMany(language => FormPage.ToBytes(kept, layout, language)))),
            ]);
        // What is read without a number is made with the newest, and says so.
        var newest = FormDocument.Read("form-offers.yaml", Good);
        Assert.Equal((FormWords.NewestEdition, FormWords.NewestEdition), (newest.Edition, FormDocument.FromBytes(newest.ToBytes()).Edition));

        static string Hash(IEnumerable<byte> bytes) => TreeHash.Sha256([.. bytes]).ToString();
    }

    [Theory]
    [InlineData("DE", 16)]
    [InlineData("CN", 14)]
    [InlineData("CN,DE", 16)]
    [InlineData("US", 18)]
    [InlineData("DE,SG", 18)]
    public void The_question_for_age_names_the_age_of_the_strictest_place(string places, int age)
    {
        var form = FormDocument.Read("form-offers.yaml", Good) with { ForChildren = true, OfferedIn = places.Split(',') };
        form = form with { Layouts = [], Blocks = [new FormField("age", FormAsks.Age, false), .. form.Blocks] };
        Assert.All(FormWords.Languages, language => Assert.Contains($"{age}", FormPage.Write(form with { Languages = [language] }, FormLayout.Plain, language, FormTyped.Nothing).Split("</label>")[0], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DE", true)]
    [InlineData("NL", false)]
    [InlineData("GB", false)]
    public void An_address_is_asked_for_where_the_record_of_a_yes_to_calls_has_to_hold_it(string place, bool passes)
    {
        var form = FormDocument.Read("form-offers.yaml", Good) with { OfferedIn = [place] };
        form = form with { Layouts = [], Blocks = [new FormField("address", FormAsks.Address, false), .. form.Blocks] };
        Assert.Equal(!passes, FormLint.Check(form, Rulebook.Shipped, Day).Any(finding => (finding.Code, finding.Where) == ("data-not-needed", "blocks.address")));
        form = form with { Blocks = [.. form.Blocks.Where(block => block is not FormBox { Channels: ChannelSet.Voice })] };
        Assert.Contains(FormLint.Check(form, Rulebook.Shipped, Day), finding => (finding.Code, finding.Where) == ("data-not-needed", "blocks.address"));
    }

    [Theory]
    [InlineData("FR", "P1Y", true)]
    [InlineData("RE", "P13M", false)]
    [InlineData("FR", "P2Y", false)]
    [InlineData("GB", "P2Y", true)]
    public void A_term_is_no_longer_than_the_law_of_the_place_lets_a_yes_last(string place, string term, bool passes)
    {
        var form = FormDocument.Read("form-offers.yaml", Good.Replace("term: P1Y", $"term: {term}", StringComparison.Ordinal)) with { OfferedIn = [place] };
        var found = FormLint.Check(form, Rulebook.Shipped, Day).Where(finding => finding.Code == "term-too-long").ToArray();
        Assert.Equal(passes ? [] : ["fr-consent-term-calls"], found.Select(finding => finding.Rule!.Id));
        // Before the rule came into force.
        Assert.DoesNotContain(FormLint.Check(form, Rulebook.Shipped, new LocalDate(2026, 8, 10)), finding => finding.Code == "term-too-long");
    }

    [Theory]
    // Canada wants the postal address and one more of whoever asks for a yes to messages.
    [InlineData("CA", "", "post, phone / email / page")]
    [InlineData("CA-ON", "", "post, phone / email / page")]
    [InlineData("CA", "phone: \"+14165550123\", email: hello@ringmuster.example, page: \"https://ringmuster.example/\"", "post")]
    [InlineData("CA", "post: 12 Example St Toronto", "phone / email / page")]
    [InlineData("CA", "post: 12 Example St Toronto, phone: \"+14165550123\"", null)]
    [InlineData("CA", "post: 12 Example St Toronto, email: hello@ringmuster.example", null)]
    [InlineData("CA", "post: 12 Example St Toronto, page: \"https://ringmuster.example/\"", null)]
    // Nobody else does.
    [InlineData("GB", "", null)]
    [InlineData("US", "", null)]
    [InlineData("AU", "", null)]
    public void Where_the_law_wants_it_whoever_asks_says_where_they_are_reached(string place, string contact, string? lacks)
    {
        var form = FormDocument.Read("form.yaml", contact.Length == 0 ? Good : Good.Replace("stopSteps: 2", $"stopSteps: 2\ncontact: {{ {contact} }}", StringComparison.Ordinal)) with { OfferedIn = [place] };
        var found = FormLint.Check(form, Rulebook.Shipped, Day);
        Assert.Equal(lacks is null ? [] : [("contact-missing", "contact", lacks, "ca-casl-consent")], found.Select(finding => (finding.Code, finding.Where, finding.Detail, finding.Rule?.Id)));
        // The words say it: all ways of saying yes have them.
        Assert.All(form.Boxes, box => Assert.Equal(contact.Contains("12 Example St Toronto", StringComparison.Ordinal), FormWords.WordingOf(form, box, ChoiceKind.Spoken).Texts["en"].Text.Contains("12 Example St Toronto", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("US")]
    [InlineData("US-FL")]
    [InlineData("US-TX")]
    public void The_law_of_a_country_is_held_against_a_form_for_one_of_its_states(string place)
    {
        // The first edition's words for networks tell nothing of a signature.
        var form = FormDocument.Read("form-offers.yaml", Good) with { Edition = 1, OfferedIn = [place] };
        var words = FormWords.WordingOf(form, form.Boxes.First(static box => box.Channels == ChannelSet.Sms), ChoiceKind.LeadForm);
        Assert.Contains(WordingLint.Check(words, Rulebook.Shipped, [place], Day), static finding => finding.Rule?.Id == "us-fed-pewc");
        Assert.NotEmpty(FormLint.Check(form, Rulebook.Shipped, Day));
    }

    [Fact]
    public void Calls_by_people_are_no_messages_and_words_of_ones_own_say_what_the_field_says()
    {
        var form = FormDocument.Read("form.yaml", Good) with { OfferedIn = ["CA"], Layouts = [] };
        Assert.DoesNotContain(FormLint.Check(form with { Blocks = [.. form.Blocks.Where(static block => block is not FormBox { Channels: not ChannelSet.Voice })] }, Rulebook.Shipped, Day), static finding => finding.Code == "contact-missing");
        // Before the law was in force nobody wanted it.
        Assert.DoesNotContain(FormLint.Check(form, Rulebook.Shipped, new LocalDate(2014, 6, 30)), static finding => finding.Code == "contact-missing");
        var told = form with { Contact = new WordingContact("12 Example St Toronto", null, "hello@ringmuster.example", null) };
        Assert.Empty(FormLint.Check(told, Rulebook.Shipped, Day));
        var box = told.Boxes.First(static box => box.Channels == ChannelSet.Email);
        var own = FormWords.Made(told, box, "en");
        FormDocument With(string text) => told with { Blocks = [.. told.Blocks.Select(block => block == box ? box with { Words = new Dictionary<string, WordingWords> { ["en"] = own with { Text = text } } } : block)] };
        Assert.Empty(FormLint.Check(With(own.Text), Rulebook.Shipped, Day));
        var silent = FormLint.Check(With(own.Text.Replace("12 Example St Toronto, ", "", StringComparison.Ordinal)), Rulebook.Shipped, Day);
        Assert.Contains(silent, static finding => (finding.Code, finding.Where, finding.Detail) == ("text-contradicts-fields", "blocks.offers-email.words.en", "contact.post"));
    }

    [Fact]
    public void What_is_no_condition_is_goods_and_services_and_a_link_stands_in_messages_of_every_kind()
    {
        Assert.Contains("商品或服务", FormWords.Say("nocondition", "zh-Hans"), StringComparison.Ordinal);
        Assert.Contains("商品或服務", FormWords.Say("nocondition", "zh-Hant"), StringComparison.Ordinal);
        Assert.All(["zh-Hans", "zh-Hant"], language => Assert.DoesNotMatch("短信|簡訊|邮件|郵件", FormWords.Say("way.message", language)));
    }

    [Fact]
    public void What_is_promised_for_a_purpose_holds_for_all_its_boxes_together()
    {
        var form = FormDocument.Read("form-offers.yaml", Good);
        var boxes = form.Boxes.ToDictionary(box => box.Name);
        Assert.Equal(ChannelSet.Voice | ChannelSet.Sms | ChannelSet.Email, FormWords.WordingOf(form, boxes["offers-sms"]).Frequency!.Channels);
        Assert.Equal(ChannelSet.None, FormWords.WordingOf(form, boxes["research-whatsapp"]).Frequency!.Channels);
        Assert.Equal("kitchen-news-offers-sms", FormWords.WordingOf(form, boxes["offers-sms"]).Id);
    }

    [Fact]
    public void Stopping_takes_no_more_steps_than_saying_yes()
    {
        var form = FormDocument.Read("form-offers.yaml", Good);
        Assert.All(FormSteps.Of(form), steps => Assert.True(steps.IsFair));
        Assert.Equal((5, 1, "reply"), FormSteps.Of(form).Where(steps => steps.Box.Name == "offers-sms").Select(steps => (steps.ToGive, steps.ToStop!.Value, steps.Way!)).Single());
        var single = form with { OptIn = FormOptIn.Single, StopSteps = 4, Stop = new WordingStop { Page = "https://ringmuster.example/stop" } };
        Assert.All(FormSteps.Of(single), steps => Assert.False(steps.IsFair));
    }

    [Fact]
    public void Compared_is_what_every_message_offers_and_each_way_is_told_as_it_is()
    {
        var form = FormDocument.Read("form-offers.yaml", Good) with { StopSteps = 1, Stop = new WordingStop { Page = "https://ringmuster.example/stop", Phone = "+442079460000", In = StopPlaces.EveryMessage } };
        var sms = FormSteps.Of(form).First(steps => steps.Box.Channels == ChannelSet.Sms);
        Assert.Equal((FormSteps.Link, "message"), (sms.ToStop!.Value, sms.Way!));
        Assert.Equal([("message", 2, true), ("page", 1, false), ("phone", 2, false)], sms.Ways.Select(way => (way.Name, way.Steps!.Value, way.IsAtHand)));
        // What nobody counted is compared with nothing, and no way at all is another matter.
        var page = FormSteps.Of(form with { StopSteps = null, Stop = new WordingStop { Page = "https://ringmuster.example/stop" } })[0];
        Assert.Equal((null, false, 1), (page.ToStop, page.IsFair, page.Ways.Count));
        Assert.Equal(["stop-steps-missing"], FormLint.Check(form with { StopSteps = null, Stop = new WordingStop { Page = "https://ringmuster.example/stop" } }, Rulebook.Shipped, Day).Select(static finding => finding.Code));
    }

    [Theory]
    [InlineData("https://ringmuster.example/why/acme", true)]
    [InlineData("https://ringmuster.example/p/acme/", true)]
    [InlineData("https://ringmuster.example/p/acme?lang=en", true)]
    [InlineData("https://ringmuster.example/p/acme/token", false)]
    [InlineData("https://ringmuster.example/stop", false)]
    [InlineData("https://other.example/why/acme", false)]
    public void Our_own_pages_are_those_of_our_site_on_which_a_number_is_typed(string page, bool isOwn)
    {
        Assert.Equal(isOwn, FormSteps.IsOwn(page, Site));
        Assert.False(FormSteps.IsOwn(page, null));
        var form = FormDocument.Read("form-offers.yaml", Good);
        Assert.Equal(isOwn ? ["stop-steps-wrong"] : [], FormLint.Check(form with { Stop = form.Stop with { Page = page } }, Rulebook.Shipped, Day, Site).Select(static finding => finding.Code));
        Assert.Empty(FormLint.Check(form with { StopSteps = FormSteps.OwnPage, Stop = form.Stop with { Page = page } }, Rulebook.Shipped, Day, Site));
    }

    [Fact]
    public void A_page_has_no_box_ticked_holds_the_exact_words_and_is_the_same_each_time()
    {
        var form = FormDocument.Read("form-offers.yaml", Good);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var layout in form.LayoutsShown)
        {
            foreach (var language in form.Languages)
            {
                var page = FormPage.Write(form, layout, language, FormTyped.Nothing);
                Assert.Equal(page, FormPage.Write(FormDocument.FromBytes(form.ToBytes()), layout, language, FormTyped.Nothing));
                Assert.True(seen.Add(page));
                Assert.DoesNotContain("checked", page, StringComparison.Ordinal);
                Assert.DoesNotContain("required", page, StringComparison.Ordinal);
                Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
                Assert.True(page.Length < 12_000);
                foreach (var box in form.Boxes)
                    Assert.Contains(System.Net.WebUtility.HtmlEncode(FormWords.WordingOf(form, box).Texts[language].Text), page, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void What_was_typed_stays_with_what_is_wrong_beside_it_and_nothing_of_it_is_markup()
    {
        var form = FormDocument.Read("form-offers.yaml", Good);
        var typed = new FormTyped();
        typed.Keep("phone", "\"><script>alert(1)</script>");
        typed.Tick("offers-sms");
        typed.Blame("phone", "error.phone");
        var page = FormPage.Write(form, form.LayoutsShown[0], "en", typed);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("href=\"#f-phone\"", page, StringComparison.Ordinal);
        Assert.Contains("aria-invalid=\"true\"", page, StringComparison.Ordinal);
        Assert.Equal(1, page.Split(" checked").Length - 1);
        var hostile = form with { Blocks = [new FormText("x", new Dictionary<string, string> { ["en"] = "<img src=x onerror=alert(1)>" }), .. form.Blocks], Layouts = [], Sender = "<b>Ringmuster</b> Ltd" };
        Assert.DoesNotContain("<img", FormPage.Write(hostile, FormLayout.Plain, "en", FormTyped.Nothing), StringComparison.Ordinal);
        Assert.DoesNotContain("<b>Ringmuster", FormPage.Write(hostile, FormLayout.Plain, "en", FormTyped.Nothing), StringComparison.Ordinal);
    }

    // A break within a line of the file.
    private static string Lines(string text) => text.Replace("{br}", "\n", StringComparison.Ordinal);

    private static string Said(FormFinding finding) => $"{finding.Code} {finding.Where} {finding.Detail} '{finding.Quote}' {finding.Rule?.Id}";
}
