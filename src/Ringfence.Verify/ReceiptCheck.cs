using System.Security.Cryptography;

namespace Ringfence.Verify;

/// <summary>Checks a receipt: signed by the ledger's key for receipts, and saying what the record says that its evidence proves.</summary>
internal sealed class ReceiptCheck(Auditor auditor, Report report)
{
    // What the receipt says, and where the record says it. The first of several that the record has counts.
    private static readonly (string InReceipt, string[] InRecord, bool Needed)[] Agreeing =
    [
        ("event_type", ["type"], false),
        ("event_state", ["state"], true),
        ("event_time", ["event_at", "at"], false),
        ("recorded_at", ["at"], true),
        ("controller.digest", ["controller"], true),
        ("notice.digest", ["notice.doc"], false),
        ("notice.version", ["notice.version"], false),
        ("language", ["notice.lang"], false),
        ("subject_id", ["subject.sid"], false),
        ("pii_principal_id", ["subject.sid"], false),
        ("event_source", ["event_src"], false),
        ("entity_id.kind", ["actor.kind"], false),
        ("entity_id.ref", ["actor.ref"], false),
        ("validity_duration", ["valid_for"], false),
        ("lawful_basis", ["basis"], false),
        ("service", ["scope.service"], false),
        ("collection_method.collection", ["method.collection"], false),
        ("collection_method.ceremony", ["method.ceremony"], false),
    ];

    private static readonly (string InReceipt, string InRecord)[] AgreeingLists =
        [("channels", "scope.channels"), ("purposes", "scope.purposes"), ("jurisdiction", "jurisdiction")];

    // What people read of a document, and where the record names it.
    private static readonly (string InReceipt, string InRecord)[] Quoted = [("notice.text", "notice.doc"), ("controller.party_name", "controller")];

    public void Check(ReceiptFile file)
    {
        var evidence = new EvidenceCheck(auditor, report);
        if (evidence.Check(file.Evidence) is not { } checkpoint)
            return;
        CheckSignature(file, checkpoint.Origin);
        report.Checked("receipt");
        if (Text(file.Receipt, "record_id") is not { } id || evidence.Records.FirstOrDefault(leaf => leaf.Is("id", id)) is not { } record)
            report.Failed("receipt", "record_id");
        else
            CheckFields(file.Receipt, record, evidence);
    }

    private void CheckSignature(ReceiptFile file, string origin)
    {
        report.Checked("receipt-signature");
        var keys = auditor.Policy.KeysOfReceipts(origin).ToList();
        var digest = Convert.ToHexStringLower(SHA256.HashData(file.Receipt.Canonical()));
        if (SignedNote.Read(file.Signature) is not { } note)
            report.Failed("receipt-signature", "not-a-note");
        else if (keys.Count == 0)
            report.Failed("receipt-signature", "unknown-key");
        else if (note.Text != $"{origin}{Policy.ReceiptKeys}\nsha256:{digest}\n")
            report.Failed("receipt-signature", "other-content");
        else if (new Signatures(auditor.Policy).Fault(note, keys) is { } fault)
            report.Failed("receipt-signature", fault);
    }

    private void CheckFields(JsonValue.Map receipt, Leaf record, EvidenceCheck evidence)
    {
        foreach (var (inReceipt, inRecord, needed) in Agreeing)
        {
            if (Find(receipt, inReceipt) is null && !needed)
                continue;
            report.Checked("receipt");
            var said = Text(receipt, inReceipt);
            if (said is null || said != inRecord.Select(record.Word).FirstOrDefault(word => word is not null))
                report.Failed("receipt", inReceipt, record.Seq);
        }

        foreach (var (inReceipt, inRecord) in AgreeingLists)
        {
            if (Find(receipt, inReceipt) is not { } said)
                continue;
            report.Checked("receipt");
            // People may be told them in any order.
            var words = said is JsonValue.List list && list.Items.All(item => item is JsonValue.Text)
                ? list.Items.Select(item => ((JsonValue.Text)item).Value).Order(StringComparer.Ordinal) : null;
            if (words is null || !words.SequenceEqual((record.Words(inRecord) ?? []).Order(StringComparer.Ordinal)))
                report.Failed("receipt", inReceipt, record.Seq);
        }

        foreach (var (inReceipt, inRecord) in Quoted)
        {
            if (Find(receipt, inReceipt) is null)
                continue;
            report.Checked("receipt");
            if (Text(receipt, inReceipt) is not { } quoted || evidence.Document(record.Word(inRecord)) is not { } document || !Says(document, quoted))
                report.Failed("receipt", inReceipt, record.Seq);
        }
    }

    // Word for word, as the whole document or as one of the texts in it.
    private static bool Says(byte[] document, string quoted) =>
        JsonText.Read(document, fractions: true) is { } json ? Says(json, quoted) : document.AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(quoted));

    private static bool Says(JsonValue value, string quoted) => value switch
    {
        JsonValue.Text text => text.Value == quoted,
        JsonValue.List list => list.Items.Any(item => Says(item, quoted)),
        JsonValue.Map map => map.Fields.Values.Any(item => Says(item, quoted)),
        _ => false,
    };

    private static string? Text(JsonValue.Map receipt, string path) => Find(receipt, path) is JsonValue.Text text ? text.Value : null;

    private static JsonValue? Find(JsonValue value, string path)
    {
        JsonValue? found = value;
        foreach (var key in path.Split('.'))
            found = found is JsonValue.Map map ? map.Fields.GetValueOrDefault(key) : null;
        return found;
    }
}
