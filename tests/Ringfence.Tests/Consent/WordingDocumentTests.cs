using System.Text;
using Ringfence.Consent;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class WordingDocumentTests
{
    private const string Small = """
        format: ringfence/wording/v1
        id: small
        version: "1"
        sender: Acme Ltd
        channels: [sms]
        purposes: [offers]
        choice: { kind: box, stands: apart }
        texts:
          en: Yes
        """;

    [Fact]
    public void Its_canonical_form_is_what_it_says_in_order_without_what_is_usual() =>
        Assert.Equal(
            """{"channels":["sms"],"choice":{"kind":"box","stands":"apart"},"format":"ringfence/wording/v1","id":"small","purposes":["offers"],"sender":"Acme Ltd","texts":{"en":{"text":"Yes"}},"version":"1"}""",
            Encoding.UTF8.GetString(WordingDocument.Read("f", Small).ToBytes()));

    [Fact]
    public void Its_address_is_the_sha256_of_that()
    {
        // Computed with: printf %s '{...}' | sha256sum, over the bytes in the test above.
        var document = WordingDocument.Read("f", Small);
        Assert.Equal("62408bed4b9270810f5b48f59676b7c9d5159ccb4ffa49c783659dc6aaec1aa7", document.Digest.ToString());
    }

    [Theory]
    [InlineData("channels: [sms]", "channels: sms")]
    [InlineData("channels: [sms]", "channels: [sms, sms]")]
    [InlineData("  en: Yes", "  en: { text: \"Yes\" }")]
    [InlineData("choice: { kind: box, stands: apart }", "choice: { stands: apart, kind: box, preset: nothing, alsoCovers: [] }")]
    [InlineData("id: small", "kind: contact\nid: small")]
    public void Another_way_of_writing_the_same_has_the_same_address(string from, string to) =>
        Assert.Equal(WordingDocument.Read("f", Small), WordingDocument.Read("f", Small.Replace(from, to, StringComparison.Ordinal)));

    [Fact]
    public void Every_field_comes_back_from_the_bytes()
    {
        foreach (var document in new[] { WordingLintTests.Sample(), Full() })
        {
            var again = WordingDocument.FromBytes(document.ToBytes());
            Assert.Equal(document.ToBytes(), again.ToBytes());
            Assert.Equal(document, again);
            Assert.Equal(document.GetHashCode(), again.GetHashCode());
        }

        // Every field of the format is among them.
        var json = Encoding.UTF8.GetString(Full().ToBytes());
        foreach (var key in new[] { "callers", "techniques", "frequency", "term", "stop", "notice", "conditionOf", "preset", "alsoCovers", "thirdParties", "publishedIn", "processing", "retention", "authority", "goods", "cost", "in", "post" })
            Assert.Contains($"\"{key}\":", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\n")]
    public void Bytes_in_another_form_are_refused(string more)
    {
        var bytes = WordingDocument.Read("f", Small).ToBytes();
        Assert.Throws<RuleFileException>(() => WordingDocument.FromBytes([.. bytes, .. Encoding.UTF8.GetBytes(more)]));
        Assert.Throws<RuleFileException>(() => WordingDocument.FromBytes(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(",\"id\"", $",{more}\"id\"", StringComparison.Ordinal))));
        Assert.Throws<RuleFileException>(() => WordingDocument.FromBytes(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("\"kind\":\"box\"", "\"kind\":\"box\",\"preset\":\"nothing\"", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("format: ringfence/wording/v1", "format: ringfence/wording/v2", "f:1:9: 'format'")]
    [InlineData("sender: Acme Ltd", "sendr: Acme Ltd", "f:1:1: 'sender' is missing")]
    [InlineData("sender: Acme Ltd", "sender: Acme Ltd\ncolour: red", "f:5:1: unknown key 'colour'")]
    [InlineData("channels: [sms]", "channels: [smoke]", "f:5:12: 'smoke' is none of")]
    [InlineData("channels: [sms]", "channels: []", "f:5:11: 'channels': the list is empty")]
    [InlineData("purposes: [offers]", "purposes: [Offers]", "f:6:12: 'Offers' is no purpose")]
    [InlineData("purposes: [offers]", "purposes: [offers, offers]", "f:6:11: 'purposes': a purpose stands twice")]
    [InlineData("purposes: [offers]", "purposes: ['offers:']", "f:6:12: 'offers:' is no purpose")]
    [InlineData("version: \"1\"", "version: \"+49 170 1234567\"", "f:3:10: 'version'")]
    [InlineData("version: \"1\"", "version: \"4917012345\"", "f:3:10: 'version'")]
    [InlineData("choice: { kind: box, stands: apart }", "choice: { kind: box }", "f:7:9: 'stands' is missing")]
    [InlineData("choice: { kind: box, stands: apart }", "choice: { kind: box, stands: apart, ticked: yes }", "f:7:37: unknown key 'ticked'")]
    [InlineData("  en: Yes", "  en: { words: Yes }", "f:9:7: 'text' is missing")]
    [InlineData("  en: Yes", "  english-language: Yes", "f:9:3: 'english-language' is no language")]
    [InlineData("  en: Yes", "  en: Yes, {phone number}", "'text'|'en'")]
    [InlineData("  en: Yes", "  en: \"Yes\\u0007\"", "holds a control character")]
    [InlineData("texts:\n  en: Yes", "texts: {}", "a text in one language at least is wanted")]
    [InlineData("sender: Acme Ltd", "sender: Acme Ltd\nstop: { page: \"http://acme.example\" }", "is no https address")]
    [InlineData("sender: Acme Ltd", "sender: Acme Ltd\nstop: { phone: \"020 7946 0000\" }", "is no number in E.164")]
    [InlineData("sender: Acme Ltd", "sender: Acme Ltd\nstop: { email: \"acme.example\" }", "is no e-mail address")]
    [InlineData("sender: Acme Ltd", "sender: Acme Ltd\nfrequency: { most: 0, within: P1M }", "is no whole number")]
    [InlineData("sender: Acme Ltd", "sender: Acme Ltd\nfrequency: { most: 1, within: PT1H }", "has hours")]
    [InlineData("sender: Acme Ltd", "sender: Acme Ltd\nprocessing: { storage: [Germany] }", "is no code of ISO 3166")]
    [InlineData("sender: Acme Ltd", "sender: Acme Ltd\ncontact: {}", "'post' is missing|post")]
    [InlineData("sender: Acme Ltd", "sender: Acme Ltd\ncontact: { fax: \"+442079460000\" }", "fax")]
    public void What_is_not_in_order_is_refused_with_its_place(string from, string to, string message)
    {
        Assert.Contains(from, Small, StringComparison.Ordinal);
        var e = Assert.Throws<RuleFileException>(() => WordingDocument.Read("f", Small.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains(message.Split('|'), part => e.Message.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_person_enters_may_be_left_open() =>
        Assert.Equal("You may call me at {phone}.", WordingDocument.Read("f", Small.Replace("en: Yes", "en: \"You may call me at {phone}.\"", StringComparison.Ordinal)).Texts["en"].Text);

    internal static WordingDocument Full() => WordingDocument.Read("full", """
        format: ringfence/wording/v1
        id: full
        version: "2026.1"
        kind: contact
        sender: Acme Ltd
        callers: [Rufdienst GmbH, Callhaus AG]
        channels: [email, voice, voice-auto]
        techniques: [prerecorded, manual]
        purposes: [research, "offers:solar"]
        frequency: { most: 3, within: P1W, channels: [voice] }
        term: P18M
        stop: { reply: STOP, page: "https://acme.example/stop", email: stop@acme.example, phone: "+442079460000", post: "1 Street, Town", in: [account, every-call] }
        contact: { page: "https://acme.example/", post: "1 Street, Town", email: hello@acme.example, phone: "+442079460001" }
        notice: { page: "https://acme.example/privacy", version: "3" }
        conditionOf: [purchase]
        choice: { kind: yes-no, preset: no, stands: among-others, alsoCovers: [terms] }
        thirdParties: [Sonnenhaus GmbH]
        publishedIn: the newsletter
        processing:
          data: [phone, email]
          recipients: [Rufdienst GmbH]
          storage: [DE, US-CA]
          retention: P3Y
          rights: [withdrawal, access]
          authority: Information Commissioner's Office
        texts:
          en: { text: "Acme \"quoted\"\nover two lines, {phone}", goods: solar panels, cost: free }
          zh-Hant: { text: "同意「東方虛構」", sender: 東方虛構 }
        """);
}
