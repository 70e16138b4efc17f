namespace Ringfence.Verify;

/// <summary>What a group of a record's commitments was made of.</summary>
internal sealed record Opening(string Group, byte[] Salt, byte[] Plaintext);

/// <summary>A record in a bundle, with what proves and what opens it.</summary>
internal sealed record BundledRecord(byte[] Body, string Proof, IReadOnlyList<Opening> Opened, IReadOnlyList<string> Erased);

/// <summary>A document in a bundle.</summary>
internal sealed record BundledDocument(byte[] Digest, byte[] Bytes);

/// <summary>Another checkpoint of the ledger, tied to that of the bundle, and perhaps stamped.</summary>
internal sealed record BundledAnchor(string Checkpoint, IReadOnlyList<byte[]> Consistency, byte[]? Timestamp);

/// <summary>An evidence bundle as it is written; nothing of it is checked but its form.</summary>
internal sealed record BundleFile(string Checkpoint, IReadOnlyList<BundledRecord> Records, IReadOnlyList<BundledDocument> Documents, IReadOnlyList<BundledAnchor> Anchors)
{
    /// <summary>Room for thousands of records; whoever has more to show publishes the ledger's files.</summary>
    public const int LongestBytes = 64 << 20;

    // Each has signatures to be checked. An hourly stamp makes as many in six weeks; one on each side of a record is enough.
    private const int MostAnchors = 1024;

    /// <summary>Reads a bundle.</summary>
    /// <exception cref="UnusableException">It is none.</exception>
    public static BundleFile Read(byte[] bytes, string file) => Of(JsonText.Read(bytes) ?? throw new UnusableException("not-json", file), "");

    /// <summary>The bundle that a value is.</summary>
    public static BundleFile Of(JsonValue value, string place) => JsonFields.Of(value, place, fields =>
    {
        if (fields.Text("format") != "ringfence/evidence/v1")
            throw JsonFields.Wrong(place + "format");
        var bundle = new BundleFile(
            fields.Text("checkpoint"),
            fields.List("records", ReadRecord),
            fields.List("documents", ReadDocument),
            fields.ListOrNone("anchors", ReadAnchor));
        return bundle.Records.Count > 0 && bundle.Anchors.Count <= MostAnchors ? bundle : throw JsonFields.Wrong(place + (bundle.Records.Count > 0 ? "anchors" : "records"));
    });

    private static BundledRecord ReadRecord(JsonValue value, string place) => JsonFields.Of(value, place, fields => new BundledRecord(
        fields.Bytes("body"), fields.Text("proof"), fields.ListOrNone("opened", ReadOpening), fields.ListOrNone("erased", ReadGroup)));

    private static Opening ReadOpening(JsonValue value, string place) => JsonFields.Of(value, place, fields =>
        new Opening(fields.Text("group"), fields.Hex("salt", 32), fields.Bytes("plaintext")));

    private static string ReadGroup(JsonValue value, string place) => value is JsonValue.Text group ? group.Value : throw JsonFields.Wrong(place);

    private static BundledDocument ReadDocument(JsonValue value, string place) => JsonFields.Of(value, place, fields =>
    {
        // What kind of file it is, is for who reads it; its digest is what counts.
        fields.Text("media");
        return new BundledDocument(fields.Hex("digest", 32), fields.Bytes("bytes"));
    });

    private static BundledAnchor ReadAnchor(JsonValue value, string place) => JsonFields.Of(value, place, fields => new BundledAnchor(
        fields.Text("checkpoint"),
        fields.List("consistency", (hash, where) => hash is JsonValue.Text text && Encodings.TryHash(text.Value, out var bytes) ? bytes : throw JsonFields.Wrong(where)),
        fields.BytesOrNone("timestamp")));
}

/// <summary>A receipt as it is written.</summary>
/// <param name="Receipt">What the person is told.</param>
/// <param name="Evidence">What proves it.</param>
/// <param name="Signature">A signed note over the digest of <paramref name="Receipt"/>.</param>
internal sealed record ReceiptFile(JsonValue.Map Receipt, BundleFile Evidence, string Signature)
{
    /// <summary>Reads a receipt.</summary>
    /// <exception cref="UnusableException">It is none.</exception>
    public static ReceiptFile Read(byte[] bytes, string file) => JsonFields.Of(JsonText.Read(bytes) ?? throw new UnusableException("not-json", file), "", fields =>
    {
        if (fields.Text("format") != "ringfence/receipt/v1")
            throw JsonFields.Wrong("format");
        return new ReceiptFile(
            fields.Any("receipt") as JsonValue.Map ?? throw JsonFields.Wrong("receipt"),
            BundleFile.Of(fields.Any("evidence"), "evidence"),
            fields.Text("signature"));
    });
}
