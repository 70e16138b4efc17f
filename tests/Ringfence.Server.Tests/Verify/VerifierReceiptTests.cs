using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ringfence.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>A receipt says what the record says, signed with the key for receipts.</summary>
public sealed class VerifierReceiptTests
{
    private static readonly ForgedLedger Ledger = new(20);

    [Fact]
    public void A_receipt_that_says_what_the_record_says_is_verified()
    {
        Both(3, Receipt());
        // Fields that the record knows nothing of are the signer's to say, in any script.
        Both(3, Receipt(receipt => receipt["purpose_text"] = "Werbung für Ω, 优惠, \ud83d\ude00 \u0007\u2028 \"so\\\" /"));
        Both(3, Receipt(receipt => (receipt["ünten"], receipt["Z"], receipt["\ud83d\ude00"], receipt["\uffee"]) = (1, -9007199254740991, true, null)));
        Both(3, Receipt(receipt => receipt["channels"] = new JsonArray("voice", "sms")));
    }

    [Fact]
    public void What_is_written_otherwise_and_says_the_same_has_the_same_digest()
    {
        var text = Encoding.UTF8.GetString(Receipt(receipt => receipt["text"] = "é/\u0001"));
        Both(3, Encoding.UTF8.GetBytes(text.Replace("é/", "\\u00e9\\/", StringComparison.Ordinal)));
        Both(3, Encoding.UTF8.GetBytes(text.Replace("\"event_state\":", "\n \"event_state\" :\t", StringComparison.Ordinal)));
        Both(1, Encoding.UTF8.GetBytes(text.Replace("é/", "e\u0301/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("record_id", "00000000000000000000000000000000")]
    [InlineData("event_state", "confirmed")]
    [InlineData("event_type", "consent.confirmed")]
    [InlineData("event_time", "2026-01-02T03:04:05.000000Z")]
    [InlineData("recorded_at", "2026-01-02T03:04:05.000000Z")]
    [InlineData("subject_id", "00000000000000000000000000000000")]
    [InlineData("controller", "acme")]
    [InlineData("notice", "n")]
    [InlineData("channels", "sms")]
    [InlineData("jurisdiction", "US")]
    [InlineData("pii_principal_id", "00000000000000000000000000000000")]
    [InlineData("event_source", "staff")]
    [InlineData("validity_duration", "P9Y")]
    [InlineData("lawful_basis", "contract")]
    [InlineData("service", "news")]
    [InlineData("language", "fr")]
    public void A_field_that_says_something_else_is_found_though_it_is_signed(string field, string value)
    {
        // A notice without a digest says nothing that a record could gainsay.
        Both(field == "notice" ? 3 : 1, Receipt(receipt => receipt[field] = value));
        if (field is "controller" or "notice")
            Both(1, Receipt(receipt => receipt[field]!["digest"] = new string('0', 64)));
        if (field == "channels")
            Both(1, Receipt(receipt => receipt[field] = new JsonArray("sms")));
    }

    [Theory]
    [InlineData("record_id", 1)]
    [InlineData("event_state", 1)]
    [InlineData("recorded_at", 1)]
    [InlineData("controller", 1)]
    [InlineData("event_type", 3)]
    [InlineData("event_time", 3)]
    [InlineData("notice", 3)]
    [InlineData("subject_id", 3)]
    [InlineData("channels", 3)]
    [InlineData("purposes", 3)]
    public void What_identifies_the_record_may_not_be_missing(string field, int exit) => Both(exit, Receipt(receipt => receipt.Remove(field)));

    [Fact]
    public void Words_that_the_named_document_does_not_say_are_found()
    {
        Both(1, Receipt(receipt => receipt["notice"]!["text"] = "Yes, Acme may call me about offer 0. I can stop it at any time. Or not."));
        Both(1, Receipt(receipt => receipt["notice"]!["text"] = Ledger.Controller));
        Both(1, Receipt(receipt => receipt["controller"]!["party_name"] = "Acme Holdings Ltd"));
        Both(1, Receipt(receipt => receipt["controller"]!["party_name"] = 7));
        Both(1, Receipt(receipt => receipt["entity_id"]!["ref"] = "form-8"));
        Both(1, Receipt(receipt => receipt["collection_method"]!["ceremony"] = "single"));
    }

    [Fact]
    public void A_receipt_signed_otherwise_is_refused()
    {
        var text = Encoding.UTF8.GetString(Receipt());
        var right = JsonNode.Parse(text)!["signature"]!.ToString();
        var note = right[..right.IndexOf("\n\n", StringComparison.Ordinal)] + "\n";
        foreach (var (exit, signature) in new (int, string)[]
        {
            (3, Ledger.ReceiptKey.Note(note)),
            (3, Ledger.ReceiptKey.Note(note) + new ForgedKey("stranger.example").SignatureLine(note)),
            (1, Ledger.Key.Note(note)),
            (1, new ForgedKey(ForgedLedger.Origin + "/receipts").Note(note)),
            (1, new ForgedKey(ForgedLedger.Origin + "/receipts") { Id = Ledger.ReceiptKey.Id }.Note(note)),
            (1, Ledger.ReceiptKey.Note(note.Replace("e1/receipts", "e2/receipts", StringComparison.Ordinal))),
            (1, Ledger.ReceiptKey.Note(note.ToUpperInvariant())),
            (1, Ledger.ReceiptKey.Note(note + "more\n")),
            (1, note),
            (1, ""),
        })
        {
            var json = JsonNode.Parse(text)!;
            json["signature"] = signature;
            Both(exit, Verifying.Bytes(json));
        }
    }

    [Fact]
    public void A_policy_without_a_key_for_receipts_accepts_none()
    {
        var policy = $"log {Ledger.Key.Line}\nquorum none\n";
        Assert.Equal(1, Verifying.Exit(Verifying.Auditor(policy), Receipt(), true));
        Assert.Equal(1, new SecondOpinion(policy).JudgeReceipt(Receipt()));
    }

    [Fact]
    public void A_file_that_is_no_receipt_is_unusable()
    {
        var text = Encoding.UTF8.GetString(Receipt());
        foreach (var changed in new[]
        {
            "", "{}", "[]", text[1..], text + " x",
            text.Replace("receipt/v1", "receipt/v2", StringComparison.Ordinal),
            text.Replace("\"signature\":", "\"signed\":", StringComparison.Ordinal),
            text.Replace("\"event_state\":", "\"event_state\":\"given\",\"event_state\":", StringComparison.Ordinal),
            text.Replace("\"event_state\":", "\"n\":1.5,\"event_state\":", StringComparison.Ordinal),
            text.Replace("\"event_state\":", "\"n\":9007199254740992,\"event_state\":", StringComparison.Ordinal),
            text.Replace("\"event_state\":", "\"n\":-0,\"event_state\":", StringComparison.Ordinal),
            text.Replace("\"event_state\":", "\"n\":\"\\udc00\",\"event_state\":", StringComparison.Ordinal),
            Encoding.UTF8.GetString(Verifying.Bytes(Ledger.Bundle(20, [3]))),
        })
        {
            Both(2, Encoding.UTF8.GetBytes(changed));
        }
    }

    [Fact]
    public void Flipped_bytes_of_what_a_receipt_says_are_all_found()
    {
        var right = Receipt(receipt => receipt["text"] = "您可以随时撤回同意");
        var text = Encoding.Latin1.GetString(right);
        var (from, until) = (text.IndexOf("\"receipt\":", StringComparison.Ordinal), text.IndexOf(",\"evidence\":", StringComparison.Ordinal));
        for (var at = from; at < until; at++)
        {
            var changed = right.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            var exit = Verifying.Exit(Auditor, changed, true);
            Assert.True(exit is 1 or 2 && exit == Second.JudgeReceipt(changed), $"{at}: {exit}, {Second.JudgeReceipt(changed)}");
        }
    }

    private static readonly Auditor Auditor = Verifying.Auditor(Ledger.Policy);

    private static readonly SecondOpinion Second = new(Ledger.Policy);

    private static void Both(int exit, byte[] file)
    {
        Assert.Equal(exit, Verifying.Exit(Auditor, file, true));
        Assert.Equal(exit, Second.JudgeReceipt(file));
    }

    private static byte[] Receipt(Action<JsonObject>? change = null)
    {
        var record = Ledger.Record(3);
        var receipt = new JsonObject
        {
            ["record_id"] = record["id"]!.DeepClone(),
            ["event_type"] = record["type"]!.DeepClone(),
            ["event_state"] = record["state"]!.DeepClone(),
            ["event_time"] = record["event_at"]!.DeepClone(),
            ["recorded_at"] = record["at"]!.DeepClone(),
            ["controller"] = new JsonObject { ["digest"] = record["controller"]!.DeepClone(), ["party_name"] = "Acme Ltd" },
            ["entity_id"] = new JsonObject { ["kind"] = "person", ["ref"] = "form-7" },
            ["collection_method"] = new JsonObject { ["collection"] = "web_form", ["ceremony"] = "double" },
            ["jurisdiction"] = new JsonArray("US-CA", "US"),
            ["validity_duration"] = "P2Y",
            ["lawful_basis"] = "consent",
            ["event_source"] = "server",
            ["language"] = "en",
            ["notice"] = new JsonObject { ["digest"] = record["notice"]!["doc"]!.DeepClone(), ["version"] = "3", ["text"] = Encoding.UTF8.GetString(Ledger.Documents[Ledger.Wordings[0]]) },
            ["subject_id"] = record["subject"]!["sid"]!.DeepClone(),
            ["channels"] = record["scope"]!["channels"]!.DeepClone(),
            ["purposes"] = record["scope"]!["purposes"]!.DeepClone(),
        };
        change?.Invoke(receipt);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Canonical(receipt)));
        return Verifying.Bytes(new JsonObject
        {
            ["format"] = "ringfence/receipt/v1",
            ["receipt"] = receipt,
            ["evidence"] = Ledger.Bundle(20, [3, 4]),
            ["signature"] = Ledger.ReceiptKey.Note($"{ForgedLedger.Origin}/receipts\nsha256:{digest}\n"),
        });
    }

    // RFC 8785 for the receipts of these tests, by a third hand: the library's relaxed writer escapes a few characters that JCS does not.
    private static byte[] Canonical(JsonNode node) => Encoding.UTF8.GetBytes(Unescaped().Replace(
        Encoding.UTF8.GetString(ForgedLedger.Canonical(node)),
        match => match.Groups["code"].Success && Convert.ToInt32(match.Groups["code"].Value, 16) is >= 0x20 and var code ? ((char)code).ToString() : match.Value.ToLowerInvariant()));

    private static System.Text.RegularExpressions.Regex Unescaped() => new(@"\\u(?<code>[0-9A-Fa-f]{4})|\\.", System.Text.RegularExpressions.RegexOptions.CultureInvariant);
}
