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
        "staff.revealed", "staff.role_changed", "staff.export", "config.changed", "backup.taken", "restore.performed");

    private static readonly Shape Sid = Hex(16);

    private static readonly Shape Digest = Hex(32);

    // In maps within a record every field is needed but those that the page calls absent.
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
        new("method", false, Map(new("collection", false, IsWord), new("ceremony", false, OneOf(Keys("single", "double"))))),
        new("withdraw", false, IsWord),
        new("jurisdiction", false, IsListOfWords),
        new("about", false, IsRising),
        new("commits", false, Map(
            new("person", false, Digest), new("evidence", false, Digest), new("note", false, Digest), new("tag", false, Digest))),
        new("pack", false, Map(new("id", true, IsWord), new("version", false, IsWord), new("digest", true, Digest))),
        new("decision", false, Map(
            new("verdict", false, IsWord), new("reasons", false, IsListOfWords), new("as_of", false, (body, nodes, node) => IsCount(nodes[node])),
            new("instant", false, IsInstant), new("facts", false, (body, nodes, node) => nodes[node].Shape == LeafShape.Map),
            new("packs", false, (body, nodes, node) => nodes[node].Shape != LeafShape.Number), new("engine", false, IsWord), new("tz", false, IsWord))),
        new("detail", false, (body, nodes, node) => IsDetail(nodes, node)),
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

    private static bool IsWord(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node) => nodes[node].Shape == LeafShape.Word;

    private static bool IsNumber(LeafNode node) => node.Shape == LeafShape.Number;

    private static bool IsCount(LeafNode node) => IsNumber(node) && node.Number >= 0;

    private static bool IsInstant(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node) =>
        IsWord(body, nodes, node) && Encodings.TryInstant(Text(body, nodes[node]), out _);

    private static bool IsListOfWords(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node)
    {
        if (nodes[node].Shape != LeafShape.List)
            return false;
        for (var item = node + 1; item < nodes[node].Next; item = nodes[item].Next)
        {
            if (nodes[item].Shape != LeafShape.Word)
                return false;
        }

        return true;
    }

    private static bool IsSetOfWords(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node)
    {
        if (!IsListOfWords(body, nodes, node))
            return false;
        for (var item = node + 2; item < nodes[node].Next; item++)
        {
            if (Text(body, nodes[item - 1]).SequenceCompareTo(Text(body, nodes[item])) >= 0)
                return false;
        }

        return true;
    }

    private static bool IsRising(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node)
    {
        if (nodes[node].Shape != LeafShape.List)
            return false;
        var before = -1L;
        for (var item = node + 1; item < nodes[node].Next; item = nodes[item].Next)
        {
            if (!IsCount(nodes[item]) || nodes[item].Number <= before)
                return false;
            before = nodes[item].Number;
        }

        return true;
    }

    // Words and numbers by name, lists of them, and maps of the same that hold no further map.
    private static bool IsDetail(ReadOnlySpan<LeafNode> nodes, int map, bool mapsInside = true)
    {
        if (nodes[map].Shape != LeafShape.Map)
            return false;
        for (var item = map + 1; item < nodes[map].Next; item = nodes[item].Next)
        {
            if (nodes[item].Shape == LeafShape.Map ? !mapsInside || !IsDetail(nodes, item, false) : nodes[item].Shape == LeafShape.List && !IsFlat(nodes, item))
                return false;
        }

        return true;
    }

    private static bool IsFlat(ReadOnlySpan<LeafNode> nodes, int list)
    {
        for (var item = list + 1; item < nodes[list].Next; item = nodes[item].Next)
        {
            if (nodes[item].Shape is LeafShape.List or LeafShape.Map)
                return false;
        }

        return true;
    }

    // ISO 8601 in whole numbers, such as P2Y or P1DT12H.
    private static bool IsValidity(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node)
    {
        if (!IsWord(body, nodes, node))
            return false;
        var text = Text(body, nodes[node]);
        if (text.SequenceEqual("until-withdrawn"u8))
            return true;
        if (text[0] != 'P' || text.Length < 3)
            return false;
        text = text[1..];
        var time = text.IndexOf((byte)'T');
        return time < 0
            ? InOrder(text, "YMWD"u8)
            : InOrder(text[..time], "YMWD"u8) && time + 1 < text.Length && InOrder(text[(time + 1)..], "HMS"u8);
    }

    private static bool InOrder(ReadOnlySpan<byte> text, ReadOnlySpan<byte> units)
    {
        while (text.Length > 0)
        {
            var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits < 1 || units.IndexOf(text[digits]) is not (>= 0 and var unit))
                return false;
            units = units[(unit + 1)..];
            text = text[(digits + 1)..];
        }

        return true;
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> body, LeafNode node) => body.Slice(node.At, node.Length);

    private static byte[][] Keys(params string[] words) => [.. words.Select(System.Text.Encoding.ASCII.GetBytes)];
}
