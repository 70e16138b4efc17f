using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Settings;

public sealed class SqliteSettingsTests() : SettingsContract(isPostgres: false);

public sealed class PostgresSettingsTests() : SettingsContract(isPostgres: true);

/// <summary>What holds for the house, and who may say it.</summary>
public abstract class SettingsContract(bool isPostgres) : StoreContract(isPostgres)
{
    private static readonly (string, string)[] Renamed =
    [
        ("legal", "Acme <b>& Daughters</b> GmbH"), ("address", "Neue Straße 2, 20457 Hamburg"), ("country", "de"), ("contact", "dpo@acme.example"), ("phone", ""), ("page", ""), ("officer", ""), ("officer-email", ""),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_controller_that_is_said_anew_is_shown_first_and_named_by_every_record_from_then_on()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var size = await house.SizeAsync();
        var preview = await house.PostAsync(house.Controller + "settings/controller", Role.PrivacyOfficer, Renamed);
        Assert.Equal(HttpStatusCode.OK, preview.Status);
        Assert.Equal(size, await house.SizeAsync());
        Assert.Contains("Acme &lt;b&gt;&amp; Daughters&lt;/b&gt; GmbH", preview.Text, StringComparison.Ordinal);
        var seen = Regex.Match(preview.Text, "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;

        // Something else than what was shown is shown first, too.
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(house.Controller + "settings/controller", Role.PrivacyOfficer, [.. Renamed[1..], ("legal", "Other GmbH"), ("seen", seen)])).Status);
        Assert.Equal(size, await house.SizeAsync());
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(house.Controller + "settings/controller", Role.PrivacyOfficer, [.. Renamed, ("seen", seen)])).Status);
        await house.House.FillAsync(2);
        var records = await house.House.RecordsAsync();
        Assert.All(records.Skip((int)size), record => Assert.Equal(seen, record.Controller.ToString()));
        Assert.Equal("acc-privacy-officer", records[(int)size].Actor.Ref);
        Assert.Empty(await house.House.FaultsAsync());

        // Back to the one before, which is kept already; and another node of the same store follows.
        var before = records[0].Controller;
        await using var other = await house.House.Installation.WriterOnAsync(house.House.Ledger, house.House.Installation.Store, Cancel);
        var party = Ringfence.Consent.PartyDocument.FromBytes((await house.House.Installation.FilesOf(house.House.Ledger).DocumentAsync(before, Cancel))!.Bytes);
        await other.DoAsync(new PublishPartyCommand(new Actor(ActorKind.System, "test"), party), Cancel);
        await house.House.FillAsync(1);
        Assert.All((await house.House.RecordsAsync()).TakeLast(2), record => Assert.Equal(before, record.Controller));
    }

    [Fact]
    public async Task What_is_no_party_is_refused_field_by_field_and_nothing_is_written()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var size = await house.SizeAsync();
        foreach (var (name, value) in ((string, string)[])[("country", "Germany"), ("contact", "nobody"), ("phone", "030 231"), ("page", "http://plain.example"), ("officer-email", "x"), ("legal", " "), ("address", new string('x', 400))])
        {
            var seen = await house.PostAsync(house.Controller + "settings/controller", Role.PrivacyOfficer, [.. Renamed.Where(field => field.Item1 != name), (name, value)]);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, seen.Status);
            Assert.Contains($"href=\"#{name}\"", seen.Text, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync(house.Controller + "settings/controller", Role.PrivacyOfficer, [.. Renamed, ("kind", "authority")])).Status);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task A_wording_is_looked_at_before_it_is_published_and_one_that_breaks_a_rule_never_is()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        using var sample = new StreamReader(typeof(Ringfence.Server.Pages.PageHost).Assembly.GetManifestResourceStream("samples/wording-offers.yaml")!);
        var text = await sample.ReadToEndAsync(Cancel);
        var size = await house.SizeAsync();
        var looked = await house.PostAsync(house.Controller + "settings/wordings", Role.PrivacyOfficer, ("text", text));
        Assert.Equal(HttpStatusCode.OK, looked.Status);
        var seen = Regex.Match(looked.Text, "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        Assert.Equal(size, await house.SizeAsync());
        var published = await house.PostAsync(house.Controller + "settings/wordings", Role.PrivacyOfficer, ("text", text), ("seen", seen));
        Assert.Equal(HttpStatusCode.SeeOther, published.Status);
        Assert.Equal(size + 1, await house.SizeAsync());
        Assert.Contains("I agree that Ringmuster Ltd", (await house.GetAsync(published.Location!, Role.Auditor)).Text, StringComparison.Ordinal);

        var flawed = text.Replace("sender: Ringmuster Ltd", "sender: Somebody Else Ltd", StringComparison.Ordinal).Replace("2026-11", "2027-01", StringComparison.Ordinal);
        var refused = await house.PostAsync(house.Controller + "settings/wordings", Role.PrivacyOfficer, ("text", flawed));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("text-contradicts-fields", refused.Text, StringComparison.Ordinal);
        var digest = Ringfence.Consent.WordingDocument.Read("x", flawed).Digest.ToString();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(house.Controller + "settings/wordings", Role.PrivacyOfficer, ("text", flawed), ("seen", digest))).Status);
        foreach (var nonsense in new[] { "]", "format: ringfence/wording/v1", "a: &a [*a]", new string('x', 200_000) })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(house.Controller + "settings/wordings", Role.PrivacyOfficer, ("text", nonsense))).Status);
        Assert.Equal(size + 1, await house.SizeAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(house.Controller + "settings/wordings/" + new string('0', 64), Role.Auditor)).Status);
    }

    [Fact]
    public async Task A_wording_comes_from_a_file_too_and_is_looked_at_all_the_same()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        using var sample = new StreamReader(typeof(Ringfence.Server.Pages.PageHost).Assembly.GetManifestResourceStream("samples/wording-offers.yaml")!);
        var text = await sample.ReadToEndAsync(Cancel);
        var size = await house.SizeAsync();
        // As an editor of Windows keeps it.
        var looked = await SendAsync("offers.yaml", [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"))]);
        Assert.Equal(HttpStatusCode.OK, looked.Status);
        Assert.Equal(size, await house.SizeAsync());
        var fields = Regex.Matches(looked.Text, "type=\"hidden\" name=\"(text|places|seen)\" value=\"([^\"]*)\"").Select(static match => (match.Groups[1].Value, WebUtility.HtmlDecode(match.Groups[2].Value))).ToArray();
        Assert.Equal(Ringfence.Consent.WordingDocument.Read("x", text).Digest.ToString(), fields.Single(static field => field.Item1 == "seen").Item2);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(house.Controller + "settings/wordings", Role.PrivacyOfficer, fields)).Status);
        Assert.Equal(size + 1, await house.SizeAsync());
        foreach (var (name, bytes) in new[] { ("<b>.yaml", "]"u8.ToArray()), ("x.yaml", [0xFF, 0xFE, 0x41]), ("x.yaml", new byte[200_000]) })
        {
            var refused = await SendAsync(name, bytes);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
            Assert.DoesNotContain("<b>", Regex.Match(refused.Text, "class=\"bad\".*").Value, StringComparison.Ordinal);
        }

        Assert.Equal(size + 1, await house.SizeAsync());

        async Task<Seen> SendAsync(string name, byte[] bytes)
        {
            using var form = new MultipartFormDataContent { { new StringContent(PageHouse.TokenOf(Role.PrivacyOfficer)), "_t" }, { new ByteArrayContent(bytes), "file", name } };
            return await house.SendAsync(HttpMethod.Post, house.Controller + "settings/wordings", Role.PrivacyOfficer, form);
        }
    }

    [Fact]
    public async Task Each_purpose_stands_with_the_words_that_ask_for_it_and_one_that_only_records_name_stands_there_too()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        Assert.Contains("nobody has said yes or no", (await house.GetAsync(house.Controller + "settings/purposes", Role.Auditor)).Text, StringComparison.Ordinal);
        await Consent.ConsentTakingTests.PublishAsync(house.House);
        var found = await FoundAsync("<h2 id=\"p-offers\">");
        Assert.Contains("I agree that Ringmuster Ltd", WebUtility.HtmlDecode(found), StringComparison.Ordinal);
        Assert.Contains("1 published wording asks for it", found, StringComparison.Ordinal);
        Assert.Contains("asks to be allowed to contact them", found, StringComparison.Ordinal);
        Assert.Contains("/settings/wordings/", found, StringComparison.Ordinal);

        // Wordings are held for a moment, and so is who said what.
        async Task<string> FoundAsync(string wanted)
        {
            for (var left = 100; ; left--)
            {
                var page = await house.GetAsync(house.Controller + "settings/purposes", Role.Auditor);
                if (page.Text.Contains(wanted, StringComparison.Ordinal) || left == 0)
                {
                    Assert.Contains(wanted, page.Text, StringComparison.Ordinal);
                    return page.Text;
                }

                await Task.Delay(100, Cancel);
            }
        }
    }

    [Fact]
    public async Task A_system_that_is_told_shows_its_secret_once_and_can_be_turned_off_and_removed()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var added = await house.PostAsync(house.Controller + "settings/webhooks", Role.Integrator, ("url", "https://crm.example/hook?key=1"), ("name", "CRM <script>"), ("deadline", "24h"));
        Assert.Equal(HttpStatusCode.OK, added.Status);
        var secret = SecretIn(added);
        Assert.NotEmpty(secret);
        var list = await house.GetAsync(house.Controller + "settings/webhooks", Role.Integrator);
        Assert.DoesNotContain("whsec_", list.Text, StringComparison.Ordinal);
        Assert.Contains("CRM &lt;script&gt;", list.Text, StringComparison.Ordinal);
        var id = Regex.Match(list.Text, "settings/webhooks/([a-z0-9]{10})/turn").Groups[1].Value;
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync($"{house.Controller}settings/webhooks/{id}/turn", Role.Integrator, ("to", "off"))).Status);
        Assert.Contains("Turn on", (await house.GetAsync(house.Controller + "settings/webhooks", Role.Integrator)).Text, StringComparison.Ordinal);
        var rotated = await house.PostAsync($"{house.Controller}settings/webhooks/{id}/rotate", Role.Integrator);
        Assert.NotEqual(secret, SecretIn(rotated));
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync($"{house.Controller}settings/webhooks/{id}/turn", Role.Integrator, ("to", "sideways"))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync($"{house.Controller}settings/webhooks/{id}/turn", Role.Integrator, ("to", "removed"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.PostAsync($"{house.Controller}settings/webhooks/{id}/test", Role.Integrator)).Status);
        // A plus is written otherwise in a page, also as the first sign of it.
        static string SecretIn(Seen page) => Regex.Match(WebUtility.HtmlDecode(page.Text), "whsec_[A-Za-z0-9+/=]{32,}").Value;
    }

    [Fact]
    public async Task A_backup_is_taken_beside_the_data_and_recorded_and_no_name_leads_elsewhere()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var before = (await house.House.RecordsAsync()).Count;
        foreach (var name in new[] { "../evil", "..", "/srv/evil", "a/b", "A", "a b", "-x", new string('a', 61), "a\\b", "." })
            Assert.NotEqual(HttpStatusCode.SeeOther, (await house.PostAsync(house.Controller + "settings/backups", Role.Administrator, ("name", name))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(house.Controller + "settings/backups", Role.Administrator, ("name", "first"))).Status);
        await house.Served.Backups.WaitAsync();
        Assert.Null(house.Served.Backups.Fault);
        var manifest = await BackupManifest.ReadAsync(Path.Combine(house.Served.Backups.Folder, "first"), Cancel);
        Assert.Contains(manifest.Ledgers, ledger => ledger.Origin == house.House.Ledger.Origin);
        Assert.Contains((await house.House.RecordsAsync()).Skip(before), static record => record is { Type: RecordType.BackupTaken, Actor.Ref: "acc-administrator" });
        Assert.Contains(">first<", (await house.GetAsync(house.Controller + "settings/backups", Role.Administrator)).Text, StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.SeeOther, (await house.PostAsync(house.Controller + "settings/backups", Role.Administrator, ("name", "first"))).Status);
    }

    [Fact]
    public async Task Every_page_of_settings_is_there_in_three_languages_and_offers_only_what_is_open()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        foreach (var tag in new[] { "en", "zh-Hans", "zh-Hant" })
        {
            foreach (var page in new[] { "settings", "settings/controller", "settings/controllers", "settings/purposes", "settings/notice", "settings/wordings", "settings/webhooks", "settings/backups", "settings/health" })
            {
                var seen = await house.GetAsync(house.Controller + page, Role.Administrator, tag);
                Assert.Equal(HttpStatusCode.OK, seen.Status);
                Assert.Equal(1, Regex.Count(seen.Text, "<h1[ >]"));
                Assert.InRange(seen.Text.Length, 1, 150_000);
                if (page == "settings/health")
                {
                    // What the doctor finds is told by the words of the command line, in the language of the page.
                    foreach (var other in new[] { "en", "zh-Hans", "zh-Hant" })
                        Assert.Equal(other == tag, seen.Text.Contains($">{CliText.Say(CultureInfo.GetCultureInfo(other), "Doctor.Area.signer")}</h2>", StringComparison.Ordinal));
                }
            }
        }

        var agent = (await house.GetAsync(house.Controller + "settings", Role.Agent)).Text;
        Assert.DoesNotContain("settings/webhooks", agent, StringComparison.Ordinal);
        Assert.DoesNotContain("settings/backups", agent, StringComparison.Ordinal);
        Assert.DoesNotContain("<form method=\"post\" action=\"/c/acme/settings/controller\"", (await house.GetAsync(house.Controller + "settings/controller", Role.Auditor)).Text, StringComparison.Ordinal);
    }
}
