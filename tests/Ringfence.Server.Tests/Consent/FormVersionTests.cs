using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

/// <summary>A new version of a form begins with all that the last one says, whether the page has a field for it or not.</summary>
public sealed partial class FormVersionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Some of it is refused by the lint; none of it is lost before that.
    private static FormDocument EveryKey { get; } = new()
    {
        Id = "every-key",
        Version = "7",
        Sender = "Ringmuster Ltd",
        Callers = ["Ring Partner Ltd", "Zweite GmbH, Köln"],
        Languages = ["zh-Hans", "en"],
        OfferedIn = ["GB", "US-FL"],
        ForChildren = true,
        OptIn = FormOptIn.Single,
        Purposes =
        [
            new FormPurpose("offers", new Dictionary<string, string> { ["en"] = "offers \"A\" & <B>", ["zh-Hans"] = "优惠", ["fr"] = "offres", ["pt"] = "ofertas" }, new WordingFrequency(5, Period.FromWeeks(2), ChannelSet.Sms), Period.FromMonths(18)),
            new FormPurpose("research", new Dictionary<string, string> { ["en"] = "surveys" }, null, null),
        ],
        Stop = new WordingStop { Reply = "STOP", Page = "https://ringmuster.example/stop", Email = "stop@ringmuster.example", Phone = "+442079460000", Post = "1 Example Street, London", In = StopPlaces.Account | StopPlaces.EveryCall | StopPlaces.EveryMessage },
        StopSteps = 7,
        Notice = new WordingNotice("https://ringmuster.example/privacy", "3"),
        EmbedIn = ["https://a.example", "https://b.example:8443"],
        ConditionOf = ["download"],
        Processing = new WordingProcessing { Data = ["phone"], Recipients = ["Cloud GmbH"], Storage = ["DE"], Retention = Period.FromYears(3), Rights = [RequestKind.Access, RequestKind.Erasure], Authority = "ICO" },
        Blocks =
        [
            new FormHeading("title", new Dictionary<string, string> { ["en"] = "May we?", ["zh-Hans"] = "可以吗？", ["de"] = "Dürfen wir?" }),
            new FormText("note", new Dictionary<string, string> { ["en"] = "First line.\nSecond line.", ["zh-Hans"] = "第一行。\n第二行。", ["fr"] = "Une.\nDeux." }),
            new FormField("phone", FormAsks.Phone, true),
            new FormField("name", FormAsks.Name, false),
            new FormBox("offers-sms")
            {
                Channels = ChannelSet.Sms, Purposes = ["offers"], Preset = ChoicePreset.Yes, IsRequired = true, AlsoCovers = ["terms"], ThirdParties = ["Sonnenhaus GmbH"],
                Words = new Dictionary<string, WordingWords> { ["en"] = new("I agree.", "Ringmuster", "kitchens", "free"), ["fr"] = new("J'accepte.", null, "cuisines", "gratuit") },
            },
            new FormBox("research-voice") { Channels = ChannelSet.Voice, Purposes = ["research"] },
        ],
        Layouts =
        [
            new FormLayout("a", [], FormSpacing.Even, FormDecline.Equal), new FormLayout("b", ["title", "phone", "name", "note", "research-voice", "offers-sms"], FormSpacing.Wide, FormDecline.Smaller),
            new FormLayout("c", ["title", "name", "phone", "note", "offers-sms", "research-voice"], FormSpacing.Even, FormDecline.Equal),
        ],
    };

    private static FormDocument Sample { get; } = FormDocument.Read("form-offers.yaml", File.ReadAllText(Path.Combine(Repository.Root, "samples", "form-offers.yaml")));

    [Fact]
    public async Task A_new_version_loses_nothing_that_a_form_can_say()
    {
        await using var house = await PageHouse.BuildAsync();
        foreach (var form in new[] { Sample, EveryKey, EveryKey with { Layouts = [EveryKey.Layouts[1]], Languages = ["en"] } })
        {
            var version = form with { Version = $"v-{form.Digest}"[..8] };
            await KeepAsync(house, version);
            Assert.Equal(Text(version), Text(Read(await SentAsync(house, version), version)));
            // Nor by a button, which draws the page anew.
            var again = await house.PostAsync(house.Controller + "forms/new", Role.PrivacyOfficer, [.. await SentAsync(house, version), ("do", "look")]);
            Assert.Equal(Text(version), Text(Read(Controls(again), version)));
        }
    }

    [Fact]
    public async Task A_new_version_is_published_with_all_that_the_last_one_says()
    {
        await using var house = await PageHouse.BuildAsync();
        var first = Sample with { OfferedIn = ["GB"], Languages = ["zh-Hant", "en"], Callers = ["Nordruf GmbH"], Stop = Sample.Stop with { Email = "stop@ringmuster.example" }, Processing = new WordingProcessing { Retention = Period.FromYears(3), Authority = "ICO" } };
        Assert.Empty(FormLint.Check(first, Rulebook.Shipped, new LocalDate(2026, 11, 22)).Select(static finding => $"{finding.Code} {finding.Where}"));
        await KeepAsync(house, first);
        var make = house.Controller + "forms/new";
        (string, string)[] sent = [.. (await SentAsync(house, first)).Where(static field => field.Item1 != "version"), ("version", "2026-12")];
        var looked = await house.PostAsync(make, Role.PrivacyOfficer, [.. sent, ("do", "look")]);
        var published = await house.PostAsync(make, Role.PrivacyOfficer, [.. Controls(looked), ("do", "publish")]);
        Assert.Equal(HttpStatusCode.SeeOther, published.Status);
        Assert.Equal([Text(first), Text(first with { Version = "2026-12" })], (await PublishedForms.AllAsync(house.House.Installation.Store, house.House.Ledger, Cancel)).Select(Text));
        // A new version of what is not there would be short of it.
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync(make, Role.PrivacyOfficer, [.. sent.Where(static field => field.Item1 != "from"), ("from", new string('0', 64)), ("do", "look")])).Status);
    }

    [Fact]
    public async Task Parts_that_are_called_otherwise_moved_added_and_taken_out_keep_what_they_say_and_their_place_in_each_layout()
    {
        await using var house = await PageHouse.BuildAsync();
        await KeepAsync(house, EveryKey);
        (string, string)[] renamed =
        [
            .. (await SentAsync(house, EveryKey)).Select(static field => field switch
            {
                ("b.4.name", _) => ("b.4.name", "texts"),
                ("p.0.name", _) => ("p.0.name", "offers:kitchens"),
                ("b.4.purpose", _) => ("b.4.purpose", "offers:kitchens"),
                _ => field,
            }),
        ];
        var now = Read(renamed, EveryKey, "up 4");
        Assert.Equal(["title", "note", "phone", "texts", "name", "research-voice"], now.Blocks.Select(static block => block.Name));
        var box = Assert.Single(now.Boxes, static box => box.Name == "texts");
        Assert.Equal(("Ringmuster", "cuisines", "terms"), (box.Words["en"].Sender, box.Words["fr"].Goods, box.AlsoCovers.Single()));
        Assert.Equal("ofertas", now.Purposes.Single(static purpose => purpose.Name == "offers:kitchens").About["pt"]);
        Assert.Equal(["title", "phone", "name", "note", "research-voice", "texts"], now.Layouts[1].Order);
        Assert.DoesNotContain(FormLint.Check(now, Rulebook.Shipped, new LocalDate(2026, 11, 22)), static finding => finding.Code == "layout-differs");
        foreach (var (pressed, order) in new[]
        {
            ("remove 1", new[] { "title", "phone", "name", "research-voice", "texts" }), ("add-field", ["title", "phone", "name", "note", "email", "research-voice", "texts"]),
            ("add-box", ["title", "phone", "name", "note", "research-voice", "texts", "box"]),
        })
        {
            Assert.Equal(order, Read(renamed, EveryKey, pressed).Layouts[1].Order);
        }
    }

    private static string Text(FormDocument form) => System.Text.Encoding.UTF8.GetString(form.ToBytes());

    private static FormDocument Read(IEnumerable<(string Name, string Value)> sent, FormDocument from, string pressed = "look")
    {
        var fields = new PageForm(new FormCollection(sent.GroupBy(static field => field.Name).ToDictionary(static fields => fields.Key, static fields => new StringValues([.. fields.Select(static field => field.Value)]))));
        _ = (fields.TextOrNull("from"), fields.TextOrNull("seen"));
        var draft = FormDraft.Read(fields, pressed, from);
        fields.Done();
        Assert.Null(draft.Fault);
        return draft.Form;
    }

    // As one that was published by other rules than today's.
    private static async Task KeepAsync(PageHouse house, FormDocument form) =>
        await house.House.DoAsync(new PublishCommand(Ledger.House.Staff, "form", "application/json", form.ToBytes(), "mul", form.Version));

    private static async Task<List<(string Name, string Value)>> SentAsync(PageHouse house, FormDocument form) =>
        Controls(await house.GetAsync(house.Controller + "forms/new?from=" + form.Digest, Role.PrivacyOfficer));

    /// <summary>What a browser sends of the page when nobody changed anything.</summary>
    private static List<(string Name, string Value)> Controls(Seen page)
    {
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var form = MakerForm().Match(page.Text).Value;
        Assert.NotEqual("", form);
        List<(string, string)> sent = [];
        foreach (var control in Control().Matches(form).Cast<Match>())
        {
            var head = control.Groups["head"].Value;
            if (Attribute(head, "name") is not { } name || name == PageForm.Token)
                continue;
            if (control.Groups["options"] is { Success: true, Value: var options })
            {
                var all = Option().Matches(options).Select(static option => option.Groups[1].Value).ToArray();
                sent.Add((name, Attribute(all.FirstOrDefault(static option => Regex.IsMatch(option, " selected(?![a-z])")) ?? all[0], "value")!));
            }
            else if (control.Groups["text"] is { Success: true, Value: var text })
            {
                sent.Add((name, WebUtility.HtmlDecode(text.StartsWith('\n') ? text[1..] : text).ReplaceLineEndings("\r\n")));
            }
            else if (Attribute(head, "type") != "checkbox")
            {
                // A field of one line drops breaks.
                sent.Add((name, (Attribute(head, "value") ?? "").ReplaceLineEndings("")));
            }
            else if (Regex.IsMatch(head, " checked(?![a-z])"))
            {
                sent.Add((name, Attribute(head, "value")!));
            }
        }

        return sent;
    }

    private static string? Attribute(string head, string name) => Regex.Match(head, $" {name}=\"([^\"]*)\"") is { Success: true } found ? WebUtility.HtmlDecode(found.Groups[1].Value) : null;

    [GeneratedRegex("<form method=\"post\" action=\"[^\"]*forms/new\".*?</form>", RegexOptions.Singleline)]
    private static partial Regex MakerForm();

    [GeneratedRegex("<input(?<head>[^>]*)>|<select(?<head>[^>]*)>(?<options>.*?)</select>|<textarea(?<head>[^>]*)>(?<text>.*?)</textarea>", RegexOptions.Singleline)]
    private static partial Regex Control();

    [GeneratedRegex("<option([^>]*)>")]
    private static partial Regex Option();
}
