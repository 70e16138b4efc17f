using System.IO.Compression;
using System.Net;
using System.Text;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Rules.Packs;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Rules;

/// <summary>Packs of law that a controller sends in: what they may do, and how they come into force.</summary>
public sealed class PackUploadTests
{
    private const string CapFile = "rules/fr/cap-4in30/2026-08-11.yaml";
    private const string PackFile = "rules/fr/pack.yaml";

    private const string Cases = """
        cases:
          - case: two calls in thirty days are as many as there may be
            source: our own counsel
            given: clean
            at: 2026-09-15T11:00 Europe/Paris
            ask: { controller: acme, channel: voice, class: marketing, purpose: offers }
            contact: { phone: "+33612345678", residence: FR, audience: b2c }
            history:
              - { at: 2026-09-01T11:00 Europe/Paris, channel: voice, outcome: no-answer }
              - { at: 2026-09-08T11:00 Europe/Paris, channel: voice, outcome: no-answer }
            expect: { reasons: [cap@fr-cap-4in30] }

        """;

    private static readonly string Cap = Rulebook.Shipped.Text(CapFile)!;
    private static readonly string Pack = Rulebook.Shipped.Text(PackFile)!;
    private static readonly string Stricter = Cap.Replace("most: 4", "most: 2", StringComparison.Ordinal);

    public static TheoryData<string, string, PackEffectKind, bool> Changes => new()
    {
        { "stricter figures", "rule-stricter", PackEffectKind.Tightens, false },
        { "looser figures", "rule-other", PackEffectKind.Loosens, true },
        { "an exception", "rule-other", PackEffectKind.Loosens, true },
        { "a narrower condition", "rule-other", PackEffectKind.Loosens, true },
        { "stricter figures under a narrower condition", "rule-other", PackEffectKind.Loosens, true },
        { "begins later", "rule-gone", PackEffectKind.Loosens, true },
        { "a lesser grade, which could be waived", "rule-other", PackEffectKind.Loosens, true },
        { "gone", "rule-gone", PackEffectKind.Loosens, true },
        { "off", "rule-off", PackEffectKind.Loosens, true },
        { "other words", "rule-words", PackEffectKind.Words, false },
        { "ends, by a pack that nobody went through since", "rule-ends", PackEffectKind.Loosens, true },
        { "ends, by somebody's account", "rule-ends", PackEffectKind.Loosens, true },
        { "ends, verified", "rule-ends", PackEffectKind.Loosens, false },
        { "ended before it was last read", "rule-ends", PackEffectKind.Loosens, true },
        { "succeeded by a looser one, verified", "rule-succeeded", PackEffectKind.Loosens, false },
        { "succeeded by a looser one, by somebody's account", "rule-succeeded", PackEffectKind.Loosens, true },
        { "succeeded by a looser one in a pack that nobody went through since", "rule-succeeded", PackEffectKind.Loosens, true },
        { "succeeded by a stricter one", "rule-succeeded", PackEffectKind.Tightens, false },
        { "covers less", "pack-covers-less", PackEffectKind.Loosens, true },
        { "not gone through", "pack-older", PackEffectKind.Loosens, true },
        { "reaches less", "pack-reaches-less", PackEffectKind.Loosens, true },
        { "another rule", "rule-new", PackEffectKind.Tightens, false },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_a_pack_loosens_is_told_and_is_let_in_only_where_the_law_went_on(string what, string code, PackEffectKind kind, bool isBarred)
    {
        const string later = "reviewed: 2027-05-01", verified = "certainty: verified";
        static string With(string text, string old, string with) => text.Contains(old, StringComparison.Ordinal) ? text.Replace(old, with, StringComparison.Ordinal) : throw new InvalidOperationException(old);
        var reviewed = Pack.Split('\n').Single(static line => line.StartsWith("reviewed:", StringComparison.Ordinal));
        string Ending(string until, string? certainty = null) => With(certainty is null ? Cap : With(Cap, "certainty: secondary", certainty), "from: 2026-08-11", "from: 2026-08-11\nuntil: " + until);
        string Next(string figures, string certainty) => With(With(With(Cap, "from: 2026-08-11", "from: 2027-06-01"), "most: 4", figures), "certainty: secondary", certainty);
        const string next = "rules/fr/cap-4in30/2027-06-01.yaml";
        (string Path, string? Text)[] changed = what switch
        {
            "stricter figures" => [(CapFile, Stricter)],
            "looser figures" => [(CapFile, With(Cap, "most: 4", "most: 5"))],
            "an exception" => [(CapFile, Cap + "unless:\n  - similar: true\n")],
            "a narrower condition" => [(CapFile, With(Cap, "audience: [b2c, sole]", "audience: [b2c]"))],
            "stricter figures under a narrower condition" => [(CapFile, With(Stricter, "audience: [b2c, sole]", "audience: [b2c]"))],
            "begins later" => [(CapFile, null), ("rules/fr/cap-4in30/2026-12-11.yaml", With(Cap, "from: 2026-08-11", "from: 2026-12-11"))],
            "a lesser grade, which could be waived" => [(CapFile, With(Cap, "grade: regulation", "grade: self-regulation"))],
            "gone" => [(CapFile, null)],
            "off" => [(CapFile, Cap + "state: disabled\n")],
            "other words" => [(CapFile, With(Cap, "One firm", "A firm"))],
            "ends, by a pack that nobody went through since" => [(CapFile, Ending("2027-06-01", verified))],
            "ends, by somebody's account" => [(CapFile, Ending("2027-06-01")), (PackFile, With(Pack, reviewed, later))],
            "ends, verified" => [(CapFile, Ending("2027-06-01", verified)), (PackFile, With(Pack, reviewed, later))],
            "ended before it was last read" => [(CapFile, Ending("2026-09-01", verified)), (PackFile, With(Pack, reviewed, later))],
            "succeeded by a looser one, verified" => [(CapFile, Ending("2027-06-01")), (next, Next("most: 6", verified)), (PackFile, With(Pack, reviewed, later))],
            "succeeded by a looser one, by somebody's account" => [(CapFile, Ending("2027-06-01")), (next, Next("most: 6", "certainty: to-verify")), (PackFile, With(Pack, reviewed, later))],
            "succeeded by a looser one in a pack that nobody went through since" => [(CapFile, Ending("2027-06-01")), (next, Next("most: 6", verified))],
            "succeeded by a stricter one" => [(CapFile, Ending("2027-06-01")), (next, Next("most: 3", "certainty: to-verify"))],
            "covers less" => [(PackFile, With(Pack, ", RE,", ","))],
            "not gone through" => [(PackFile, With(Pack, reviewed, ""))],
            "reaches less" => [(PackFile, Pack + "reaches: [area-code]\n")],
            "another rule" => [("rules/fr/cap-two/2026-01-01.yaml", With(With(Stricter, "id: fr-cap-4in30", "id: fr-cap-two"), "from: 2026-08-11", "from: 2026-01-01"))],
            _ => throw new InvalidOperationException(what),
        };
        var files = Rulebook.Shipped.Files.Where(static path => path.StartsWith("rules/fr/", StringComparison.Ordinal)).ToDictionary(static path => path, static path => Rulebook.Shipped.Text(path)!);
        foreach (var (path, text) in changed)
        {
            if (text is null)
                files.Remove(path);
            else
                files[path] = text;
        }

        var pack = PackFiles.Of(Rulebook.Shipped, [.. files.Select(static file => (file.Key, file.Value))]);
        var with = Rulebook.Shipped.With(PackFiles.Read("fr", pack.Document));
        var effect = Assert.Single(PackChange.Between(Rulebook.Shipped, with, "fr"), one => one.Code == code);
        Assert.Equal((kind, isBarred), (effect.Kind, effect.IsBarred));
        // The digest of what is kept is that of the pack.
        Assert.Equal("sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(pack.Document)), with.Packs.Single(static one => one.Name == "fr").Digest);
        Assert.Equal(effect.Kind == PackEffectKind.Words, PackChange.Between(Rulebook.Shipped, with, "fr").All(static one => one.Kind == PackEffectKind.Words));
    }

    [Theory]
    [InlineData("strict-default: [basis, register, hours, cap, rest, reconfirm]", false, PackEffectKind.Tightens, false)]
    [InlineData("", false, PackEffectKind.Loosens, true)]
    [InlineData("strict-default: [basis, register, hours, rest, reconfirm]", true, PackEffectKind.Loosens, false)]
    [InlineData("strict-default: [basis, register, hours, cap, rest]", true, PackEffectKind.Loosens, true)]
    public void A_pack_for_a_place_without_one_keeps_the_strict_default_where_no_verified_rule_stands_for_it(string rest, bool hasCap, PackEffectKind kind, bool isBarred)
    {
        var pack = $"prefix: ar\nname: {{ en: A, zh-Hans: A, zh-Hant: A }}\ncovers: [AR]\nreviewed: 2026-11-21\n{rest}\n";
        var rule = Cap.Replace("id: fr-cap-4in30", "id: ar-" + (hasCap ? "cap" : "other"), StringComparison.Ordinal).Replace("certainty: secondary", "certainty: verified", StringComparison.Ordinal);
        if (!hasCap)
            rule = rule.Replace("cap: { most: 4, within: P30D, counting: days }", "refuse: basis", StringComparison.Ordinal);
        var files = PackFiles.Of(Rulebook.Shipped, [("rules/ar/pack.yaml", pack), ($"rules/ar/{(hasCap ? "cap" : "other")}/2026-08-11.yaml", rule)]);
        var effects = PackChange.Between(Rulebook.Shipped, Rulebook.Shipped.With(files), "ar");
        var effect = Assert.Single(effects, static one => one.Code == "pack-new");
        Assert.Equal((kind, isBarred), (effect.Kind, effect.IsBarred));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pack_comes_into_force_by_two_judges_from_then_on_and_old_decisions_keep_the_rules_of_then(bool isPostgres)
    {
        await using var home = isPostgres ? await PostgresHome.MakeAsync() : null;
        await using var house = await PageHouse.BuildAsync(home?.Options);
        var ledger = house.House.Ledger;
        await house.Served.KeepRulesAsync(ledger, House.Staff, TestContext.Current.CancellationToken);
        var before = house.Served.JudgedBy(ledger).Rules.Digest;

        // One rule of the law: where it belongs is told by what it says.
        var asked = await SendAsync(house, "any.yaml", Encoding.UTF8.GetBytes(Stricter), Cases);
        Assert.True(asked.Status == HttpStatusCode.SeeOther, asked.ToString());
        var path = asked.Location![1..].Split('?')[0];
        var page = await house.GetAsync(path, Role.Auditor);
        Assert.Contains("the same rule with stricter figures", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("most: 2", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("fr-live-bloctel", page.Text, StringComparison.Ordinal);
        Assert.Equal(4, MostOf(house.Served.GateOf(ledger)));
        Assert.Equal(HttpStatusCode.Conflict, (await house.PostAsync(path + "/agree", Role.PrivacyOfficer, ("since", "0"))).Status);
        house.Which = ".second";
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path + "/agree", Role.PrivacyOfficer, ("since", "0"))).Status);
        Assert.Equal(2, MostOf(house.Served.GateOf(ledger)));
        var during = house.Served.JudgedBy(ledger);
        Assert.Contains("Rules fr", (await house.GetAsync(house.Controller + "rules", Role.Auditor)).Text, StringComparison.Ordinal);
        // House rules go on top of it.
        Assert.Equal(4, MostOf(await house.Served.GateOfAsync(ledger, before, TestContext.Current.CancellationToken)));
        Assert.Empty(await house.House.FaultsAsync());

        var retire = (await house.PostAsync(house.Controller + "rules/retire", Role.PrivacyOfficer, ("name", "fr"), ("kind", "law"))).Location![1..];
        house.Which = "";
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(retire + "/agree", Role.PrivacyOfficer, ("since", during.Since.ToString(System.Globalization.CultureInfo.InvariantCulture)))).Status);
        Assert.Equal(4, MostOf(house.Served.GateOf(ledger)));
        Assert.Equal(2, MostOf(await house.Served.GateOfAsync(ledger, during.Rules.Digest, TestContext.Current.CancellationToken)));
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Fact]
    public async Task What_loosens_has_no_case_or_is_no_pack_is_told_and_nothing_is_asked()
    {
        await using var house = await PageHouse.BuildAsync();
        var size = await house.SizeAsync();
        var whole = Zip(("fr/pack.yaml", Pack), ("fr/cap-4in30/2026-08-11.yaml", Stricter));
        var bomb = Zip(("rules/fr/pack.yaml", new string(' ', 9 << 20)));
        foreach (var (name, bytes, cases, told) in new (string, byte[], string?, string)[]
        {
            ("cap.yaml", Encoding.UTF8.GetBytes(Cap.Replace("most: 4", "most: 9", StringComparison.Ordinal)), Cases, "Nobody can put this in force"),
            ("cap.yaml", Encoding.UTF8.GetBytes(Stricter), null, "fr-cap-4in30"),
            ("cap.yaml", Encoding.UTF8.GetBytes(Stricter), Cases.Replace("cap@fr-cap-4in30", "hours@fr-hours", StringComparison.Ordinal), "fr-cap-4in30"),
            ("cap.yaml", Encoding.UTF8.GetBytes(Cap), Cases, "does the same as the program"),
            ("cap.yaml", Encoding.UTF8.GetBytes(Stricter + "rulez: 1\n"), Cases, "rulez"),
            // A whole pack with one rule of many takes the others away.
            ("fr.zip", whole, Cases, "gone"),
            ("fr.zip", bomb, null, "longer than any file"),
            ("fr.zip", [.. "PK"u8, 1, 2, 3], null, "no ZIP file"),
            ("fr.zip", Zip(("../../etc/passwd", "x")), null, "a mapping is wanted"),
            ("fr.zip", Zip(("rules/fr/a/b/c/2026-01-01.yaml", Cap)), null, "no file is expected here"),
            ("fr.zip", Zip((CapFile, Stricter), ("rules/de/pack.yaml", Pack)), null, "one pack at a time"),
            ("fr.zip", Zip(("cases/a.yaml", Cases)), null, "no rule is among the files"),
        })
        {
            var amiss = await SendAsync(house, name, bytes, cases);
            Assert.True(amiss.Status == HttpStatusCode.UnprocessableEntity, $"{told}: {amiss}");
            Assert.Contains(told, WebUtility.HtmlDecode(amiss.Text), StringComparison.Ordinal);
        }

        Assert.Equal(size, await house.SizeAsync());
        // The same in one ZIP file, with the cases in it.
        Assert.Equal(HttpStatusCode.SeeOther, (await SendAsync(house, "fr.zip", Zip(("mine/rules/fr/cap-4in30/2026-08-11.yaml", Stricter), ("mine/cases/cap.yaml", Cases)), null)).Status);
    }

    private static int MostOf(ContactGate gate) => ((CapBody)gate.Rules.Rules.Single(static rule => rule.File == CapFile).Body!).Most;

    private static byte[] Zip(params (string Path, string Text)[] files)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                using var to = zip.CreateEntry(path).Open();
                to.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return bytes.ToArray();
    }

    private static Task<Seen> SendAsync(PageHouse house, string name, byte[] file, string? cases)
    {
        var form = new MultipartFormDataContent { { new StringContent(PageHouse.TokenOf(Role.PrivacyOfficer)), "_t" }, { new ByteArrayContent(file), "file", name } };
        if (cases is not null)
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(cases)), "cases", "cases.yaml");
        return house.SendAsync(HttpMethod.Post, house.Controller + "rules/new", Role.PrivacyOfficer, form);
    }
}
