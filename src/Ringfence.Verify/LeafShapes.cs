using static Ringfence.Verify.LeafValues;

namespace Ringfence.Verify;

/// <summary>Which fields a record has, and of what shape: the table of "Record" in <c>docs/reference/ledger.md</c>.</summary>
internal static class LeafShapes
{
    private delegate bool Shape(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node);

    private sealed record Field(string Name, bool Needed, Shape Shape)
    {
        public byte[] Key { get; } = System.Text.Encoding.ASCII.GetBytes(Name);
    }

    private static readonly byte[][] Types = Keys(
        "ledger.genesis", "ledger.recovered", "ledger.key_added", "ledger.key_retired", "ledger.anchored", "ledger.clock_anomaly",
        "doc.published", "pack.activated", "pack.retired",
        "consent.requested", "consent.given", "consent.confirmed", "consent.withdrawn", "consent.corrected", "consent.imported",
        "suppression.added", "suppression.lifted", "suppression.snapshot", "suppression.rewrapped",
        "contact.added", "contact.changed", "contact.merged", "contact.unmerged",
        "import.started", "import.finished", "import.undone",
        "decision.allowed", "decision.denied", "permit.issued", "permit.redeemed", "permit.revoked", "contact.outcome",
        "processing.held", "processing.released", "erasure.requested", "erasure.completed", "key.created", "key.destroyed",
        "staff.revealed", "staff.role_changed", "staff.export", "config.changed", "backup.taken", "restore.performed",
        "request.received", "request.progressed", "request.closed");

    private static readonly Shape Sid = Hex(16);

    private static readonly Shape Digest = Hex(32);

    // Within a map every field is needed but those that the page says may be absent.
    private static readonly Field[] Record =
    [
        new("v", true, (body, nodes, node) => IsNumber(nodes[node]) && nodes[node].Number == 1),
        new("seq", true, (body, nodes, node) => IsCount(nodes[node])),
        new("id", true, Hex(16)),
        new("type", true, OneOf(Types)),
        new("at", true, IsInstant),
        new("controller", true, Digest),
        new("actor", true, Map(
            new("kind", true, OneOf(Keys("person", "staff", "client", "provider", "system"))),
            new("ref", true, IsWord))),
        new("state", false, OneOf(Keys("requested", "given", "confirmed", "withdrawn", "refused", "expired", "invalidated"))),
        new("event_at", false, IsInstant),
        new("event_src", false, OneOf(Keys("server", "provider", "import", "staff"))),
        new("valid_for", false, IsValidity),
        new("subject", false, Map(new("sid", true, Sid), new("point", false, Sid))),
        new("scope", false, Map(
            new("channels", false, IsSetOfWords),
            new("purposes", false, IsSetOfWords),
            new("service", false, IsWord))),
        new("basis", false, IsWord),
        new("notice", false, Map(new("doc", true, Digest), new("lang", false, IsWord), new("version", false, IsWord))),
        new("pii", false, IsListOfWords),
        new("method", false, Map(new("collection", true, IsWord), new("ceremony", false, OneOf(Keys("single", "double"))))),
        new("withdraw", false, IsWord),
        new("jurisdiction", false, IsListOfWords),
        new("about", false, IsRising),
        new("commits", false, Map(
            new("person", false, Digest), new("evidence", false, Digest), new("note", false, Digest), new("tag", false, Digest))),
        new("pack", false, Map(new("id", true, IsWord), new("version", true, IsWord), new("digest", true, Digest))),
        new("decision", false, (body, nodes, node) => IsTree(nodes, node, 2) && HasMembers(body, nodes, node)),
        new("detail", false, (body, nodes, node) => IsTree(nodes, node, 1)),
    ];

    // What a verdict is made of beside these is its own affair; it is computed anew, not read.
    private static readonly Field[] Decision =
    [
        new("verdict", false, IsWord),
        new("reasons", false, IsListOfWords),
        new("as_of", false, (body, nodes, node) => IsCount(nodes[node])),
        new("instant", false, IsMoment),
    ];

    /// <summary>What is wrong with the fields of a record that was read, as a stable word; null where nothing is.</summary>
    public static string? Fault(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes)
    {
        if (Fault(body, nodes, 0, Record) is { } fault)
            return fault;
        var (seq, about) = (0L, 0);
        for (var item = 1; item < nodes.Length; item = nodes[item].Next)
        {
            var key = body.Slice(nodes[item].KeyAt, nodes[item].KeyLength);
            if (key.SequenceEqual("seq"u8))
                seq = nodes[item].Number;
            else if (key.SequenceEqual("about"u8))
                about = item;
        }

        // Earlier records only; they rise, so the last decides.
        return about == 0 || nodes[nodes[about].Next - 1].Number < seq ? null : "about";
    }

    private static string? Fault(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int map, Field[] fields)
    {
        var found = 0;
        for (var item = map + 1; item < nodes[map].Next; item = nodes[item].Next)
        {
            var field = IndexOf(fields, body.Slice(nodes[item].KeyAt, nodes[item].KeyLength));
            if (field < 0)
                return "unknown-field";
            if (!fields[field].Shape(body, nodes, item))
                return fields[field].Name;
            found |= 1 << field;
        }

        for (var field = 0; field < fields.Length; field++)
        {
            if (fields[field].Needed && (found & (1 << field)) == 0)
                return fields[field].Name;
        }

        return null;
    }

    private static int IndexOf(Field[] fields, ReadOnlySpan<byte> key)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (key.SequenceEqual(fields[i].Key))
                return i;
        }

        return -1;
    }

    private static Shape Map(params Field[] fields) =>
        (body, nodes, node) => nodes[node].Shape == LeafShape.Map && Fault(body, nodes, node, fields) is null;

    private static Shape Hex(int bytes) => (body, nodes, node) => IsWord(body, nodes, node) && Encodings.IsHex(Text(body, nodes[node]), bytes);

    private static Shape OneOf(byte[][] words) => (body, nodes, node) =>
    {
        if (!IsWord(body, nodes, node))
            return false;
        foreach (var word in words)
        {
            if (Text(body, nodes[node]).SequenceEqual(word))
                return true;
        }

        return false;
    };

    private static bool HasMembers(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int decision)
    {
        for (var item = decision + 1; item < nodes[decision].Next; item = nodes[item].Next)
        {
            var member = IndexOf(Decision, body.Slice(nodes[item].KeyAt, nodes[item].KeyLength));
            if (member >= 0 && !Decision[member].Shape(body, nodes, item))
                return false;
        }

        return true;
    }

    private static byte[][] Keys(params string[] words) => [.. words.Select(System.Text.Encoding.ASCII.GetBytes)];
}
