using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Rights;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Lists.Report;
using Xunit;

namespace Ringfence.Server.Tests.Rights;

public sealed class ExportTests
{
    private const string Ann = "+442079460018";
    private const string Bea = "+442079460019";
    private const string Wording = "Yes, Acme Ltd may send me offers by text message, at most four a month. Reply STOP to end them.";

    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root(), "docs/reference/export.schema.json"))).RootElement;

    [Fact]
    public async Task What_a_machine_gets_is_as_the_published_schema_says_and_holds_all_of_it()
    {
        await using var house = await House.BuildAsync();
        var sid = await LivedAsync(house);
        var json = Json(await ExportAsync(house, sid));
        Assert.Empty(new JsonSchemaCheck(Schema).Faults(json));
        Assert.Equal("安·史密斯", json.GetProperty("person").GetProperty("name").GetString());
        Assert.Equal(Ann, json.GetProperty("person").GetProperty("points")[0].GetProperty("value").GetString());
        Assert.Equal(["consent.given", "consent.withdrawn"], json.GetProperty("consents").EnumerateArray().Select(static one => one.GetProperty("type").GetString()));
        var shown = json.GetProperty("consents")[0].GetProperty("wording").GetProperty("document").GetString()!;
        Assert.Equal(Wording, json.GetProperty("documents").GetProperty(shown).GetProperty("text").GetString());
        Assert.Equal("203.0.113.7", json.GetProperty("consents")[0].GetProperty("evidence").GetProperty("ip").GetString());
        Assert.Equal("sms", json.GetProperty("blocked")[0].GetProperty("channels")[0].GetString());
        Assert.Equal("contact", json.GetProperty("seenBy")[0].GetProperty("view").GetString());
    }

    [Fact]
    public async Task What_they_asked_for_is_in_it_with_every_word_and_nothing_that_others_asked()
    {
        await using var house = await House.BuildAsync();
        // Before anybody knew whose number it was.
        await house.AsksAsync(Ann, RightsKind.Complaint, "Slartibartfast\nwas <here>");
        var sid = await LivedAsync(house);
        var asked = await house.AnsweredAsync(await house.AsksAsync(Ann, RightsKind.Access, "What do you know?"), "Here is all of it");
        await house.AsksAsync(Bea, RightsKind.Access, "Trillian asks");
        foreach (var (language, answer) in new[] { ("en", "the answer to you"), ("zh-Hans", "给您的答复"), ("zh-Hant", "給您的答覆") })
        {
            var export = await ExportAsync(house, sid, language);
            var (json, page) = (Json(export), Encoding.UTF8.GetString(export.Page));
            Assert.Empty(new JsonSchemaCheck(Schema).Faults(json));
            Assert.Equal(["complaint open Slartibartfast\nwas <here> ", "access answered What do you know? answer: Here is all of it"], json.GetProperty("requests").EnumerateArray().Select(static one =>
                $"{one.GetProperty("kind")} {one.GetProperty("state")} {one.GetProperty("text")} {string.Join(", ", one.GetProperty("notes").EnumerateArray().Select(static note => $"{note.GetProperty("what")}: {note.GetProperty("text")}"))}"));
            Assert.Equal((asked.Number, Ann), (json.GetProperty("requests")[1].GetProperty("number").GetString(), json.GetProperty("requests")[1].GetProperty("point").GetString()));
            foreach (var text in (string[])[asked.Number, "Slartibartfast<br />was &lt;here&gt;", "What do you know?", answer, "Here is all of it"])
                Assert.Contains(text, page, StringComparison.Ordinal);
            Assert.DoesNotContain("Trillian", Encoding.UTF8.GetString(export.Json) + page, StringComparison.Ordinal);
        }

        await house.EraseAsync(sid);
        var erased = await ExportAsync(house, sid);
        Assert.Empty(new JsonSchemaCheck(Schema).Faults(Json(erased)));
        Assert.All(Json(erased).GetProperty("requests").EnumerateArray(), static one => Assert.False(one.TryGetProperty("text", out _) || one.TryGetProperty("point", out _)));
        Assert.DoesNotContain("Slartibartfast", Encoding.UTF8.GetString(erased.Json) + Encoding.UTF8.GetString(erased.Page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_record_in_it_is_the_one_of_the_ledger_byte_for_byte()
    {
        await using var house = await House.BuildAsync();
        var sid = await LivedAsync(house);
        var json = Json(await ExportAsync(house, sid));
        foreach (var one in json.GetProperty("records").EnumerateArray())
        {
            var seq = one.GetProperty("body").GetProperty("seq").GetInt64();
            await foreach (var row in house.Installation.Store.RecordsAsync(house.Ledger.Ledger, seq, seq + 1, CancellationToken.None))
                Assert.Equal(Encoding.UTF8.GetString(row.Body), one.GetProperty("body").GetRawText());
        }
    }

    [Fact]
    public async Task Nothing_of_anybody_else_is_in_it()
    {
        await using var house = await House.BuildAsync();
        var sid = await LivedAsync(house);
        var other = await KnownAsync(house, Bea, "Bea Other");
        var export = await ExportAsync(house, sid);
        foreach (var text in (string[])[Encoding.UTF8.GetString(export.Json), Encoding.UTF8.GetString(export.Page)])
        {
            Assert.DoesNotContain("Bea", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Bea[1..], text, StringComparison.Ordinal);
            Assert.DoesNotContain(other.ToString(), text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("en", "What is held about you", "The wording as it was shown")]
    [InlineData("zh-Hans", "我们保存的关于您的信息", "当时展示的文字")]
    [InlineData("zh-Hant", "我們保存的關於您的資訊", "當時展示的文字")]
    public async Task What_a_person_gets_stands_alone_and_reads_in_their_language(string language, string title, string shown)
    {
        await using var house = await House.BuildAsync();
        var sid = await LivedAsync(house);
        var page = Encoding.UTF8.GetString((await ExportAsync(house, sid, language)).Page);
        Assert.Contains($"<html lang=\"{language}\">", page, StringComparison.Ordinal);
        foreach (var text in (string[])[title, shown, "安·史密斯", "203.0.113.7", "at most four a month"])
            Assert.Contains(text, page, StringComparison.Ordinal);
        // What happened is told in words, and not as the records call it.
        foreach (var type in RecordWords.Types.All)
            Assert.DoesNotContain(type, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        // What somebody typed into a form is text here, whatever it looks like.
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;img", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_can_happen_to_a_person_has_words_in_every_language()
    {
        // Records that are about nobody: the ledger's own, lists', the house's.
        RecordType[] aboutNobody =
        [
            RecordType.LedgerGenesis, RecordType.LedgerRecovered, RecordType.LedgerKeyAdded, RecordType.LedgerKeyRetired, RecordType.LedgerAnchored, RecordType.LedgerClockAnomaly,
            RecordType.DocPublished, RecordType.PackActivated, RecordType.PackRetired, RecordType.SuppressionSnapshot, RecordType.SuppressionRewrapped, RecordType.ImportStarted,
            RecordType.ImportFinished, RecordType.ImportUndone, RecordType.StaffRoleChanged, RecordType.ConfigChanged, RecordType.BackupTaken, RecordType.RestorePerformed,
        ];
        foreach (var language in (string[])["en", "zh-Hans", "zh-Hant"])
        {
            var words = Enum.GetValues<RecordType>().Except(aboutNobody).Select(type => CliText.Say(CultureInfo.GetCultureInfo(language), ExportPage.TypeKey(type))).ToList();
            Assert.Equal(words.Count, words.Distinct().Count());
        }
    }

    [Fact]
    public async Task It_is_written_down_with_the_digests_of_the_files_before_anybody_has_them()
    {
        await using var house = await House.BuildAsync();
        var sid = await LivedAsync(house);
        var export = await ExportAsync(house, sid);
        var record = (await house.FindAsync(Ann))!.Person.Records[^1];
        Assert.Equal((RecordType.StaffExport, export.Seq, House.Staff), (record.Type, record.Seq, record.Actor));
        Assert.Equal(
            [TreeHash.Sha256(export.Json).ToString(), TreeHash.Sha256(export.Page).ToString()],
            ((LeafValue.List)record.Detail!["digests"]!).Items.Select(static one => one.AsText));
    }

    [Fact]
    public async Task Where_the_ledger_does_not_take_the_record_there_is_no_export()
    {
        await using var house = await House.BuildAsync();
        var sid = await LivedAsync(house);
        await house.Writer.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => ExportAsync(house, sid));
    }

    [Fact]
    public async Task Of_an_erased_person_the_records_are_left_and_nothing_opens()
    {
        await using var house = await House.BuildAsync();
        var sid = await LivedAsync(house);
        await house.EraseAsync(sid);
        var export = await ExportAsync(house, sid);
        Assert.Empty(new JsonSchemaCheck(Schema).Faults(Json(export)));
        Assert.DoesNotContain("安", Encoding.UTF8.GetString(export.Json), StringComparison.Ordinal);
        Assert.DoesNotContain(Ann[1..], Encoding.UTF8.GetString(export.Page), StringComparison.Ordinal);
        Assert.Equal("erased", Json(export).GetProperty("person").GetProperty("status").GetString());
        Assert.NotEmpty(Json(export).GetProperty("records").EnumerateArray());
    }

    private static async Task<OpaqueId> LivedAsync(House house)
    {
        var publish = new PublishCommand(House.Staff, "wording", "text/plain", Encoding.UTF8.GetBytes(Wording), "en", "1");
        await house.DoAsync(publish);
        var sid = await KnownAsync(house, Ann, "安·史密斯", new Notice(publish.Digest, "en", "1"));
        await house.WithdrawAsync(Ann, "sms");
        await house.DoAsync(new RevealCommand(House.Staff, sid, "contact"));
        return sid;
    }

    private static async Task<OpaqueId> KnownAsync(House house, string number, string name, Notice? notice = null)
    {
        var answer = await house.DoAsync(new RecordConsentCommand(
            new ConsentSaid
            {
                Type = RecordType.ConsentGiven,
                State = RecordState.Given,
                Actor = House.Person,
                Tags = house.Tags(number),
                Scope = new RecordScope(["sms"], ["offers"]),
                Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
                Notice = notice,
                Evidence = """{"page":"https://acme.example/form","ip":"203.0.113.7","agent":"<img src=x onerror=alert(1)>"}"""u8.ToArray(),
                Person = new PersonalData { Name = name },
            },
            await house.Installation.NewPersonAsync(CancellationToken.None)));
        return OpaqueId.TryParse(answer.Sid, out var sid) ? sid : throw new InvalidOperationException();
    }

    private static Task<Export> ExportAsync(House house, OpaqueId sid, string language = "en") =>
        Export.MakeAsync(house.Installation, house.Ledger, sid, House.Staff, CultureInfo.GetCultureInfo(language), CancellationToken.None);

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));

    private static JsonElement Json(Export export) => JsonDocument.Parse(export.Json).RootElement;
}
