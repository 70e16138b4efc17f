using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>Finds what is wrong with a form before anybody is asked with it. A form with a finding is not published: there is no advice here.</summary>
/// <remarks>
/// The words of each box are held by <see cref="WordingLint"/>, with the rules of the places where the form is offered; the form round them here.
/// Source: GDPR Art 4(11), 5(1)(c), 7, 8 and 12; CJEU C-673/17; EDPB Guidelines 05/2020 and 03/2022 (deceptive patterns). Our reading: one box to a channel and
/// a purpose, because nobody can take back a part of a yes that was one.
/// </remarks>
public static class FormLint
{
    // Official languages that a form can be written in. A place that is not here is content with any, for want of one that we could read.
    private static readonly Dictionary<string, string[]> Spoken = new(StringComparer.Ordinal)
    {
        ["DE"] = ["de"], ["AT"] = ["de"], ["LI"] = ["de"], ["CH"] = ["de", "fr", "it"], ["LU"] = ["fr", "de"], ["BE"] = ["fr", "de"], ["FR"] = ["fr"], ["MC"] = ["fr"], ["ES"] = ["es"], ["MX"] = ["es"],
        ["IT"] = ["it"], ["SM"] = ["it"], ["GB"] = ["en"], ["IE"] = ["en"], ["US"] = ["en", "es"], ["CA"] = ["en", "fr"], ["AU"] = ["en"], ["NZ"] = ["en"], ["IN"] = ["en"], ["MT"] = ["en"],
        ["SG"] = ["en", "zh-Hans"], ["CN"] = ["zh-Hans"], ["TW"] = ["zh-Hant"], ["HK"] = ["zh-Hant", "en"], ["MO"] = ["zh-Hant"],
    };

    /// <summary>What is wrong with a form; empty where nothing is.</summary>
    /// <param name="form">The form.</param>
    /// <param name="rulebook">The rules.</param>
    /// <param name="day">The day whose rules count.</param>
    /// <param name="site">Where this program is reached, whose pages are counted here; null: nobody said.</param>
    public static IReadOnlyList<FormFinding> Check(FormDocument form, Rulebook rulebook, LocalDate day, Uri? site = null)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(rulebook);
        var findings = new List<FormFinding>();
        var places = CheckPlaces(form, findings);
        CheckFields(form, WantsAddress(form, rulebook, places, day), findings);
        CheckTexts(form, findings);
        CheckLayouts(form, findings);
        CheckBoxes(form, findings);
        foreach (var box in form.Boxes)
            CheckWords(form, box, rulebook, places, day, findings);
        CheckSteps(form, site, findings);
        // What is wrong with the form itself is said of it once, however many boxes it has.
        return [.. findings.DistinctBy(static finding => (finding.Code, finding.Where, finding.Detail, finding.Rule))];
    }

    /// <summary>The ways of saying yes to a box that can count wherever the form is offered: words are published, and read out, for these alone.</summary>
    /// <param name="form">The form.</param>
    /// <param name="box">One of its boxes.</param>
    /// <param name="rulebook">The rules.</param>
    /// <param name="day">The day whose rules count.</param>
    public static IReadOnlyList<ChoiceKind> WaysOf(FormDocument form, FormBox box, Rulebook rulebook, LocalDate day)
    {
        ArgumentNullException.ThrowIfNull(form);
        return [.. FormWords.Choices.Where(choice => WordingLaw.CanCount(FormWords.WordingOf(form, box, choice), rulebook, form.OfferedIn, day))];
    }

    /// <summary>The names of the boxes to which a yes counts, by a rule of a place where the form is offered, only with the name of whoever gave it.</summary>
    /// <param name="form">The form.</param>
    /// <param name="rulebook">The rules.</param>
    /// <param name="day">The day whose rules count.</param>
    public static IReadOnlySet<string> NamedBoxes(FormDocument form, Rulebook rulebook, LocalDate day)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(rulebook);
        return form.Boxes.Where(box => WordingLaw.WantName(FormWords.WordingOf(form, box), rulebook, form.OfferedIn, day).Any()).Select(static box => box.Name).ToHashSet(StringComparer.Ordinal);
    }

    private static void CheckSteps(FormDocument form, Uri? site, List<FormFinding> findings)
    {
        if (form.Stop.Page is { } page)
        {
            var isOwn = FormSteps.IsOwn(page, site);
            if (form.StopSteps is null)
                findings.Add(new FormFinding(FormFault.StopStepsMissing, "stopSteps", isOwn ? $"{FormSteps.OwnPage}" : null));
            else if (isOwn && form.StopSteps < FormSteps.OwnPage)
                findings.Add(new FormFinding(FormFault.StopStepsWrong, "stopSteps", $"{form.StopSteps} < {FormSteps.OwnPage}"));
        }

        // Of a form without any way, and of a way that nobody has counted, that is said.
        foreach (var steps in FormSteps.Of(form).Where(steps => !form.Stop.IsNone && !steps.IsFair))
        {
            if (steps.Ways.Count == 0)
                findings.Add(new FormFinding(FormFault.NoWayOnChannel, $"blocks.{steps.Box.Name}"));
            else if (steps.ToStop is { } stop)
                findings.Add(new FormFinding(FormFault.HarderToStop, $"blocks.{steps.Box.Name}", $"{stop} > {steps.ToGive}"));
        }
    }

    private static List<string> CheckPlaces(FormDocument form, List<FormFinding> findings)
    {
        if (form.OfferedIn.Count == 0)
            findings.Add(new FormFinding(FormFault.NoPlace, "offeredIn"));
        foreach (var place in form.OfferedIn.Where(static place => !PlaceGroups.IsPlace(place)))
            findings.Add(new FormFinding(FormFault.UnknownPlace, "offeredIn", place));
        var places = form.OfferedIn.Where(PlaceGroups.IsPlace).ToList();
        foreach (var place in places)
        {
            if (Spoken.TryGetValue(place[..2], out var spoken) && !spoken.Any(form.Languages.Contains))
                findings.Add(new FormFinding(FormFault.LanguageMissing, "languages", $"{place}: {string.Join(", ", spoken)}"));
        }

        foreach (var language in form.Languages.Where(static language => !WordingReader.Languages.Contains(language)))
            findings.Add(new FormFinding(new WordingFinding(WordingFault.LanguageUnread, "languages", language), "languages"));
        return places;
    }

    // Source: the regulator's notes on UWG § 7a want name and address of whoever agreed to calls (de-consent-doc-content). Our reading: the name is demanded; the address may be asked for.
    private static bool WantsAddress(FormDocument form, Rulebook rulebook, List<string> places, LocalDate day) =>
        form.Boxes.Any(box => WordingLaw.WantName(FormWords.WordingOf(form, box), rulebook, places, day, EvidenceItems.PersonNamed).Any());

    private static void CheckFields(FormDocument form, bool wantsAddress, List<FormFinding> findings)
    {
        // What is needed can't be told of a form that asks for nothing; that is said of it.
        if (!form.Boxes.Any())
            return;
        var channels = form.Boxes.Aggregate(ChannelSet.None, static (all, box) => all | box.Channels);
        foreach (var field in form.Fields)
        {
            var where = $"blocks.{field.Name}";
            var isNeeded = field.Asks switch
            {
                FormAsks.Phone => (channels & ChannelSet.Phone) != 0,
                FormAsks.Email => channels.HasFlag(ChannelSet.Email),
                FormAsks.Name or FormAsks.Residence => true,
                FormAsks.Age or FormAsks.Guardian => form.ForChildren,
                FormAsks.Address => wantsAddress,
                FormAsks.BirthDate or FormAsks.Company or FormAsks.Income or FormAsks.Health or FormAsks.IdNumber => false,
            };
            if (!isNeeded)
                findings.Add(new FormFinding(FormFault.DataNotNeeded, where, Words<FormAsks>.Of(field.Asks)));
            // A number alone may be demanded, where all boxes are about it; the rest is needed for some answers at most.
            else if (field.IsRequired && !(field.Asks == FormAsks.Phone && (channels & ~ChannelSet.Phone) == 0) && !(field.Asks == FormAsks.Email && channels == ChannelSet.Email))
                findings.Add(new FormFinding(FormFault.FieldRequired, where, Words<FormAsks>.Of(field.Asks)));
        }

        if (form.ForChildren && form.Fields.All(static field => field.Asks != FormAsks.Age))
            findings.Add(new FormFinding(FormFault.AgeNotAsked, "blocks"));
        if (form.ForChildren && form.Fields.All(static field => field.Asks != FormAsks.Guardian))
            findings.Add(new FormFinding(FormFault.GuardianNotAsked, "blocks"));
    }

    private static void CheckTexts(FormDocument form, List<FormFinding> findings)
    {
        foreach (var purpose in form.Purposes)
        {
            foreach (var language in form.Languages.Where(language => !purpose.About.ContainsKey(language)))
                findings.Add(new FormFinding(FormFault.TextMissing, $"purposes.{purpose.Name}.about", language));
        }

        foreach (var block in form.Blocks)
        {
            var texts = block switch
            {
                FormHeading heading => heading.Texts,
                FormText text => text.Texts,
                _ => null,
            };
            if (texts is null)
                continue;
            foreach (var language in form.Languages.Where(language => !texts.ContainsKey(language)))
                findings.Add(new FormFinding(FormFault.TextMissing, $"blocks.{block.Name}", language));
            foreach (var (language, text) in texts.Where(static text => WordingReader.Languages.Contains(text.Key)))
                CheckAround(text, language, $"blocks.{block.Name}.{language}", findings);
        }
    }

    /// <summary>What stands round the boxes says nothing that undoes them.</summary>
    private static void CheckAround(string text, string language, string where, List<FormFinding> findings)
    {
        var read = WordingText.Read(
            new WordingDocument
            {
                Id = "x", Version = "1", Sender = "-", Choice = new WordingChoice(ChoiceKind.Box, ChoicePreset.Nothing, ChoiceStands.Apart, []),
                Texts = new Dictionary<string, WordingWords> { [language] = new(text, null, null, null) },
            },
            language);
        foreach (var (tag, fault) in new[]
        {
            ("silence", WordingFault.Silence), ("preticked", WordingFault.PreTicked), ("bundled", WordingFault.Bundled), ("condition", WordingFault.ConditionOfPurchase),
            ("pass-on", WordingFault.SeparateConsentMissing), ("publish", WordingFault.SeparateConsentMissing), ("partners", WordingFault.ThirdPartiesUnnamed),
        })
        {
            if (read.Says(tag))
                findings.Add(new FormFinding(new WordingFinding(fault, where, Quote: read.Quote(tag)), where));
        }
    }

    private static void CheckLayouts(FormDocument form, List<FormFinding> findings)
    {
        var names = form.Blocks.Select(static block => block.Name).Order(StringComparer.Ordinal).ToArray();
        foreach (var layout in form.LayoutsShown)
        {
            var where = layout == FormLayout.Plain ? "blocks" : $"layouts.{layout.Name}";
            if (layout.Order.Count > 0 && !layout.Order.Order(StringComparer.Ordinal).SequenceEqual(names))
                findings.Add(new FormFinding(FormFault.LayoutDiffers, where));
            if (layout.Decline != FormDecline.Equal)
                findings.Add(new FormFinding(layout.Decline == FormDecline.Missing ? FormFault.DeclineMissing : FormFault.DeclineSmaller, where + ".decline"));
            // The words speak of the number entered above.
            var blocks = form.BlocksIn(layout);
            var firstBox = blocks.TakeWhile(static block => block is not FormBox).Count();
            if (blocks.Skip(firstBox).Any(static block => block is FormField { Asks: FormAsks.Phone or FormAsks.Email }))
                findings.Add(new FormFinding(FormFault.FieldBelowBox, where));
        }
    }

    private static void CheckBoxes(FormDocument form, List<FormFinding> findings)
    {
        if (!form.Boxes.Any())
            findings.Add(new FormFinding(FormFault.NoBox, "blocks"));
        var seen = new HashSet<(ChannelSet, string)>();
        foreach (var box in form.Boxes)
        {
            var where = $"blocks.{box.Name}";
            if (box.IsRequired)
                findings.Add(new FormFinding(FormFault.BoxRequired, where + ".required"));
            if (Channels.All.Count(channel => box.Channels.Has(channel)) > 1)
                findings.Add(new FormFinding(FormFault.SeveralChannels, where + ".channels"));
            if (box.Channels == ChannelSet.None && box.ThirdParties.Count == 0)
                findings.Add(new FormFinding(new WordingFinding(WordingFault.NoChannel, "channels"), where + ".channels"));
            foreach (var purpose in box.Purposes.Where(name => form.Purposes.All(purpose => purpose.Name != name)))
                findings.Add(new FormFinding(FormFault.UnknownPurpose, where + ".purposes", purpose));
            if (box.Purposes.Any(purpose => !seen.Add((box.Channels, purpose))))
                findings.Add(new FormFinding(FormFault.BoxTwice, where));
            if (((box.Channels & ChannelSet.Phone) != 0 && form.Fields.All(static field => field.Asks != FormAsks.Phone))
                || (box.Channels.HasFlag(ChannelSet.Email) && form.Fields.All(static field => field.Asks != FormAsks.Email)))
                findings.Add(new FormFinding(FormFault.PointNotAsked, where));
        }
    }

    private static void CheckWords(FormDocument form, FormBox box, Rulebook rulebook, List<string> places, LocalDate day, List<FormFinding> findings)
    {
        // Whoever says yes on paper, on the telephone or elsewhere is told no less than on the page; what is wrong with the words in every way is said once.
        var isSound = findings.Count == 0;
        var onPage = CheckWay(form, box, ChoiceKind.Box, rulebook, places, day, isSound);
        findings.AddRange(onPage);
        foreach (var choice in WaysOf(form, box, rulebook, day).Where(static choice => choice != ChoiceKind.Box))
        {
            findings.AddRange(CheckWay(form, box, choice, rulebook, places, day, isSound && onPage.Count == 0)
                .Where(finding => !onPage.Any(other => (other.Code, other.Where) == (finding.Code, finding.Where))).Select(finding => finding with { Detail = $"{Words<ChoiceKind>.Of(choice)}{(finding.Detail is { } detail ? ": " + detail : "")}" }));
        }

        var wording = FormWords.WordingOf(form, box);
        if (form.Sender is null)
            findings.Add(new FormFinding(new WordingFinding(WordingFault.NoIdentity, "sender"), "sender"));
        foreach (var (language, words) in box.Words.Where(static words => WordingReader.Languages.Contains(words.Key)))
        {
            var named = Asked(wording, language, words);
            if (named != ChannelSet.None && (named & box.Channels) == 0)
                findings.Add(new FormFinding(FormFault.OtherChannel, $"blocks.{box.Name}.words.{language}", string.Join(", ", Channels.All.Where(channel => named.Has(channel)).Select(static channel => channel.Word()))));
        }

        if (form.Fields.All(static field => field.Asks != FormAsks.Name))
            findings.AddRange(WordingLaw.WantName(wording, rulebook, places, day).Select(rule => new FormFinding(FormFault.NameNotAsked, $"blocks.{box.Name}", rule: rule)));
        findings.AddRange(WordingLaw.EndSooner(wording, rulebook, places, day)
            .Select(rule => new FormFinding(FormFault.TermTooLong, $"purposes.{FormWords.PromiseOf(form, box)!.Name}.term", $"{WordingJson.Iso(wording.Term)} > {WordingJson.Iso(rule.ConsentTerm!.Lasts)}", rule)));
        if (form.OptIn == FormOptIn.Single)
        {
            foreach (var rule in WordingLaw.WantConfirmation(wording, rulebook, places, day))
                findings.Add(new FormFinding(FormFault.ConfirmationMissing, "optIn", rule: rule));
        }
    }

    private static List<FormFinding> CheckWay(FormDocument form, FormBox box, ChoiceKind choice, Rulebook rulebook, List<string> places, LocalDate day, bool isSound)
    {
        var (wording, findings) = (FormWords.WordingOf(form, box, choice), new List<FormFinding>());
        var ofForm = new HashSet<string>(StringComparer.Ordinal);
        foreach (var finding in WordingLint.Check(wording, rulebook, places, day))
        {
            var where = WhereOf(box, finding.Where);
            // What a field lacks, words that are made of the fields can't say; once is enough.
            if (finding.Where.StartsWith("texts.", StringComparison.Ordinal))
            {
                var language = finding.Where["texts.".Length..];
                if (!box.Words.ContainsKey(language) && (ofForm.Contains(finding.Code) || (finding.Fault == WordingFault.NoPurpose && FormWords.PromiseOf(form, box)?.About.ContainsKey(language) != true)))
                    continue;
                // Lawful words fail for want of what is said already; what the law wants of them is told when they are otherwise sound.
                if (finding.Fault == WordingFault.LawWants && (findings.Count > 0 || !isSound))
                    continue;
                if (finding.Fault == WordingFault.NoIdentity && form.Sender is null)
                    where = "sender";
            }

            ofForm.Add(finding.Code);
            findings.Add(new FormFinding(finding, where));
        }

        return findings;
    }

    /// <summary>The channels that words ask for, apart from those by which it can be stopped.</summary>
    private static ChannelSet Asked(WordingDocument wording, string language, WordingWords words)
    {
        var asking = string.Join(". ", words.Text.Split('.', '。', '!', '！', '\n').Where(sentence => !Read(sentence).Says("stop")));
        return asking.Length == 0 ? ChannelSet.None : Read(asking).Channels;

        WordingText Read(string text) => WordingText.Read(wording with { Texts = new Dictionary<string, WordingWords> { [language] = words with { Text = text } } }, language);
    }

    // A field of the wording of a box, as the form calls it.
    private static string WhereOf(FormBox box, string where) => where.Split('.')[0] switch
    {
        "texts" => $"blocks.{box.Name}.words.{where["texts.".Length..]}",
        "choice" => $"blocks.{box.Name}.{where["choice.".Length..]}",
        "purposes" or "thirdParties" => $"blocks.{box.Name}.{where}",
        "frequency" => $"purposes.{(box.Purposes.Count > 0 ? box.Purposes[0] : "")}.frequency",
        _ => where,
    };
}
