using System.Text;
using System.Text.Json.Nodes;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Ways to make a bundle say what is not so. Each has to be refused, whichever bundle it is done to.</summary>
internal sealed class Mutation(string name, Func<MutatedBundle, Random, byte[]?> make)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    public string Name { get; } = name;

    /// <summary>The mutated file; null where it can't be done to that bundle.</summary>
    public byte[]? Make(MutatedBundle bundle, Random random) => make(bundle, random);

    public static IReadOnlyList<Mutation> All { get; } =
    [
        // The record.
        Record("a bit of the body flipped", (record, random) => record["body"] = Flipped(Bytes(record, "body"), random)),
        Body("another state", body => body["state"] = "confirmed"),
        Body("another time", body => body["at"] = "2026-01-02T03:04:05.999999Z"),
        Body("another place", body => body["seq"] = (int)body["seq"]! + 1),
        Body("another person", body => body["subject"] = new JsonObject { ["sid"] = new string('a', 32) }),
        Body("another number format", body => body["v"] = 2),
        Body("a field nobody knows", body => body["zone"] = "x"),
        Body("a number in the open", body => body["withdraw"] = "442079460000"),
        Text("a blank in the body", text => text.Replace(",", ", ", StringComparison.Ordinal)),
        Text("a line feed behind the body", text => text + "\n"),
        Text("a key twice in the body", text => text[..^1] + ",\"v\":1}"),
        Text("a needless escape in the body", text => text.Replace("\"type\"", "\"t\\u0079pe\"", StringComparison.Ordinal)),
        Text("an exponent in the body", text => text.Replace("\"v\":1", "\"v\":1e0", StringComparison.Ordinal)),
        Text("a byte order mark before the body", text => "\ufeff" + text),
        Record("a body that was cut short", (record, _) => record["body"] = Convert.ToBase64String(Bytes(record, "body")[..^1])),
        Json("a record twice", (json, random) => Records(json).Add(Any(Records(json), random).DeepClone())),
        Json("the bodies of two records swapped", (json, _) => Swap(Records(json), "body")),
        Json("no record", (json, _) => Records(json).Clear()),

        // The proof.
        Proof("a hash dropped", (lines, random) => lines.RemoveAt(random.Next(lines.Count)), 1),
        Proof("a hash twice", (lines, random) => lines.Insert(random.Next(lines.Count), lines[random.Next(lines.Count)]), 1),
        Proof("a hash added", (lines, random) => lines.Insert(random.Next(lines.Count + 1), RandomHash(random)), 0),
        Proof("a hash that is another", (lines, random) => lines[random.Next(lines.Count)] = RandomHash(random), 1),
        Proof("two hashes swapped", (lines, _) => (lines[0], lines[1]) = (lines[1], lines[0]), 2),
        Proof("a hash with spare bits", (lines, _) => lines[0] = SpareBits(lines[0]), 1),
        Record("the index shifted", (record, random) => record["proof"] = WithIndex((string)record["proof"]!, index => index + (random.Next(2) == 0 ? 1 : -1))),
        Record("the index with a zero before it", (record, _) => record["proof"] = ((string)record["proof"]!).Replace("index ", "index 0", StringComparison.Ordinal)),
        Record("the index beyond the tree", (record, _) => record["proof"] = WithIndex((string)record["proof"]!, index => index + (1L << 40))),
        Record("another version of proofs", (record, _) => record["proof"] = ((string)record["proof"]!).Replace("@v1", "@v2", StringComparison.Ordinal)),
        Record("an extra that is no base64", (record, _) => record["proof"] = ((string)record["proof"]!).Replace("index", "extra a\nindex", StringComparison.Ordinal)),
        Json("the proofs of two records swapped", (json, _) => Swap(Records(json), "proof")),
        Made("a proof to an earlier checkpoint", (bundle, json, random) =>
        {
            var record = Any(Records(json), random);
            var seq = (int)Decoded(record)["seq"]!;
            if (seq + 1 >= bundle.Size)
                return false;
            record["proof"] = bundle.Ledger.Proof(seq, random.Next(seq + 1, bundle.Size));
            return true;
        }),

        Made("a proof that names an earlier checkpoint", (bundle, json, random) =>
        {
            var record = Any(Records(json), random);
            record["proof"] = ((string)record["proof"]!).Replace(bundle.Ledger.Checkpoint(bundle.Size), bundle.Ledger.Checkpoint(random.Next(bundle.Size)), StringComparison.Ordinal);
            return true;
        }),

        // The checkpoint and who signed it.
        Checkpoint("signed by another key", (bundle, text) => new ForgedKey(ForgedLedger.Origin).Note(text)),
        Checkpoint("signed by another key under the number of the right one", (bundle, text) => new ForgedKey(ForgedLedger.Origin) { Id = bundle.Ledger.Key.Id }.Note(text)),
        Checkpoint("signed by the key of receipts", (bundle, text) => bundle.Ledger.ReceiptKey.Note(text)),
        Checkpoint("of the ledger of receipts", (bundle, text) => bundle.Ledger.ReceiptKey.Note(text.Replace(ForgedLedger.Origin, ForgedLedger.Origin + "/receipts", StringComparison.Ordinal))),
        Checkpoint("of another origin", (bundle, text) => bundle.Ledger.Key.Note(text.Replace("/e1", "/e2", StringComparison.Ordinal))),
        Checkpoint("of another origin, signed in its name", (bundle, text) => text.Replace("/e1", "/e2", StringComparison.Ordinal) + "\n" + bundle.Ledger.Key.SignatureLine(text.Replace("/e1", "/e2", StringComparison.Ordinal), "ledger.example/acme/e2")),
        Checkpoint("of one record more, signed as before", (bundle, text) => bundle.Ledger.Checkpoint(bundle.Size).Replace($"\n{bundle.Size}\n", $"\n{bundle.Size + 1}\n", StringComparison.Ordinal)),
        Checkpoint("of one record more, signed anew", (bundle, text) => bundle.Ledger.Key.Note(text.Replace($"\n{bundle.Size}\n", $"\n{bundle.Size + 1}\n", StringComparison.Ordinal))),
        Checkpoint("with an extension line, signed anew", (bundle, text) => bundle.Ledger.Key.Note(text + "more\n")),
        Checkpoint("with a zero before the size, signed anew", (bundle, text) => bundle.Ledger.Key.Note(text.Replace($"\n{bundle.Size}\n", $"\n0{bundle.Size}\n", StringComparison.Ordinal))),
        Checkpoint("with a signature line twice", (bundle, text) => bundle.Ledger.Checkpoint(bundle.Size) + bundle.Ledger.Key.SignatureLine(text)),
        Checkpoint("without its last line feed", (bundle, _) => bundle.Ledger.Checkpoint(bundle.Size)[..^1]),
        Checkpoint("with carriage returns", (bundle, _) => bundle.Ledger.Checkpoint(bundle.Size).Replace("\n", "\r\n", StringComparison.Ordinal)),
        Checkpoint("without a signature", (_, text) => text + "\n"),
        Checkpoint("with a witness that signed something else", (bundle, text) => bundle.Ledger.Checkpoint(bundle.Size) + bundle.Witness.SignatureLine(text + "x\n")),
        Checkpoint("of a fork", (bundle, _) => bundle.Fork.Checkpoint(bundle.Size)),
        Made("records of a fork with its proofs", (bundle, json, random) =>
        {
            var record = Any(Records(json), random);
            var seq = (int)Decoded(record)["seq"]!;
            (record["body"], record["proof"]) = (Convert.ToBase64String(bundle.Fork.Bodies[seq]), bundle.Fork.Proof(seq, bundle.Size));
            return seq > 0;
        }),

        // What is opened, and what is said to be erased.
        Opening("another salt", (opening, random) => opening["salt"] = Convert.ToHexStringLower(RandomBytes(random, 32))),
        Opening("a salt in upper case", (opening, _) => opening["salt"] = new string('A', 64)),
        Opening("a salt that is too short", (opening, _) => opening["salt"] = ((string)opening["salt"]!)[..62]),
        Opening("another plaintext", (opening, random) => opening["plaintext"] = Flipped(Bytes(opening, "plaintext"), random)),
        Opening("a plaintext and one byte more", (opening, _) => opening["plaintext"] = Convert.ToBase64String([.. Bytes(opening, "plaintext"), 32])),
        Opening("another group", (opening, _) => opening["group"] = (string)opening["group"]! == "note" ? "tag" : "note"),
        Json("a group opened twice", (json, random) => AnyOpening(json, random) is { } opening && Add(opening)),
        Json("an opened group called erased", (json, random) => AnyOpening(json, random) is { } opening && Erase(opening, false)),
        Json("a group erased without a record that says so", (json, random) => AnyOpening(json, random) is { } opening && Erase(opening, true) && NoErasure(json, opening)),
        Record("a group erased that is not there", (record, _) => record["erased"] = new JsonArray("nobody")),

        // Documents.
        Json("a document with other bytes", (json, random) => Any(Documents(json), random) is var document && (document["bytes"] = Flipped(Bytes(document, "bytes"), random)) is not null),
        Json("a document left out", (json, random) => Documents(json).Remove(Any(Documents(json), random))),
        Json("a document twice", (json, random) => Documents(json).Add(Any(Documents(json), random).DeepClone())),
        Json("a document under another digest", (json, random) => Any(Documents(json), random)["digest"] = Convert.ToHexStringLower(RandomBytes(random, 32))),

        // Anchors.
        Anchor("of a fork", (bundle, anchor, size) => anchor["checkpoint"] = bundle.Fork.Checkpoint(size)),
        Anchor("of a fork with its proof", (bundle, anchor, size) => (anchor["checkpoint"], anchor["consistency"]) = (bundle.Fork.Checkpoint(size), bundle.Fork.Anchor(size, bundle.Size)["consistency"]!.DeepClone())),
        Anchor("with a hash too many", (_, anchor, _) => anchor["consistency"]!.AsArray().Add(Convert.ToBase64String(new byte[32]))),
        Anchor("with a hash too few", (_, anchor, _) => anchor["consistency"]!.AsArray().Count > 0 && RemoveFirst(anchor["consistency"]!.AsArray())),
        Anchor("of another origin", (bundle, anchor, size) => anchor["checkpoint"] = bundle.Ledger.Key.Note(bundle.Ledger.CheckpointText(size, "ledger.example/other/e1"))),
        Anchor("of another ledger that is trusted too", (bundle, anchor, size) => anchor["checkpoint"] = bundle.OtherLedger.Note(bundle.Ledger.CheckpointText(size, bundle.OtherLedger.Name))),
        Anchor("signed by nobody known", (bundle, anchor, size) => anchor["checkpoint"] = new ForgedKey(ForgedLedger.Origin).Note(bundle.Ledger.CheckpointText(size))),
        Anchor("with a stamp over other bytes", (bundle, anchor, size) => anchor["timestamp"] = Convert.ToBase64String(bundle.StampOverNothing)),
        Anchor("with a stamp and one byte more", (_, anchor, _) => anchor["timestamp"] is not null && (anchor["timestamp"] = Convert.ToBase64String([.. Bytes(anchor, "timestamp"), 0])) is not null),
        Anchor("with a stamp that was cut short", (_, anchor, _) => anchor["timestamp"] is not null && (anchor["timestamp"] = Convert.ToBase64String(Bytes(anchor, "timestamp")[..^1])) is not null),
        Anchor("with a stamp whose signature is another", (_, anchor, _) => anchor["timestamp"] is not null && (anchor["timestamp"] = Convert.ToBase64String([.. Bytes(anchor, "timestamp")[..^1], (byte)(Bytes(anchor, "timestamp")[^1] ^ 1)])) is not null),
        Anchor("with an early stamp that covers later records", (bundle, anchor, size) => size == bundle.Size && (anchor["timestamp"] = Convert.ToBase64String(bundle.StampOfYesterday)) is not null),

        // Tricks with JSON.
        Raw("a key twice", (text, random) => Into(text, random, "{\"", "{\"format\":\"ringfence/evidence/v1\",\"format\":\"ringfence/evidence/v1\",\"")),
        Raw("a key nobody knows", (text, random) => Into(text, random, "{\"", "{\"also\":1,\"")),
        Raw("a key twice, once escaped", (text, _) => "{\"f\\u006frmat\":\"ringfence/evidence/v1\"," + text[1..]),
        Raw("bytes behind", (text, _) => text + "{}"),
        Raw("a byte order mark", (text, _) => "\ufeff" + text),
        Raw("a comment", (text, random) => Into(text, random, ",\"", ",/* so */\"")),
        Raw("a comma too many", (text, _) => text[..^1] + ",}"),
        Raw("a line feed within base64", (text, random) => Into(text, random, "\"body\":\"", "\"body\":\"\\n")),
        Raw("half of a pair of surrogates", (text, random) => Into(text, random, "\"media\":\"", "\"media\":\"\\ud800")),
        Raw("a control character", (text, random) => Into(text, random, "\"media\":\"", "\"media\":\"\u0001")),
        Raw("a null", (text, _) => text.Replace("\"anchors\":[", "\"anchors\":null,\"x\":[", StringComparison.Ordinal)),
        Raw("a format nobody knows", (text, _) => text.Replace("evidence/v1", "evidence/v2", StringComparison.Ordinal)),
        Raw("no format", (text, _) => text.Replace("\"format\":\"ringfence/evidence/v1\",", "", StringComparison.Ordinal)),
        Raw("nesting without end", (text, _) => text.Replace("\"anchors\":[", "\"anchors\":[" + new string('[', 100_000), StringComparison.Ordinal)),
        Raw("cut short", (text, random) => text[..random.Next(text.Length)]),
        new("a byte flipped", (bundle, random) =>
        {
            var at = bundle.Telling[random.Next(bundle.Telling.Length)];
            var bytes = bundle.Bytes.ToArray();
            bytes[at] ^= (byte)(1 << random.Next(8));
            return bytes;
        }),
    ];

    private static Mutation Made(string name, Func<MutatedBundle, JsonObject, Random, bool> change) => new(name, (bundle, random) =>
    {
        var json = bundle.Json.DeepClone().AsObject();
        return change(bundle, json, random) ? Verifying.Bytes(json) : null;
    });

    private static Mutation Json(string name, Func<JsonObject, Random, object?> change) => Made(name, (_, json, random) => change(json, random) is not false);

    private static Mutation Json(string name, Action<JsonObject, Random> change) => Json(name, (json, random) =>
    {
        change(json, random);
        return true;
    });

    private static Mutation Record(string name, Action<JsonObject, Random> change) => Json(name, (json, random) => change(Any(Records(json), random), random));

    // The change is written in canonical form, so that it is the proof that fails, or the form of the record, and not how it is written.
    private static Mutation Body(string name, Action<JsonObject> change) => Made(name, (_, json, random) =>
    {
        var record = Any(Records(json), random);
        var body = Decoded(record);
        change(body);
        var changed = Convert.ToBase64String(ForgedLedger.Canonical(body));
        var differs = changed != (string)record["body"]!;
        record["body"] = changed;
        return differs;
    });

    private static Mutation Text(string name, Func<string, string> change) => new("operator signed " + name, (bundle, random) =>
    {
        // The whole ledger is written and signed with that record: only strict reading can refuse it.
        var record = Any(Records(bundle.Json), random);
        var seq = (int)Decoded(record)["seq"]!;
        return bundle.Rewritten(seq, Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(bundle.Ledger.Bodies[seq]))));
    });

    private static Mutation Proof(string name, Action<List<string>, Random> change, int least) => new("in a proof " + name, (bundle, random) =>
    {
        var json = bundle.Json.DeepClone().AsObject();
        var record = Any(Records(json), random);
        var proof = (string)record["proof"]!;
        var end = proof.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = proof[..end].Split('\n');
        var hashes = lines[2..].ToList();
        if (hashes.Count < least)
            return null;
        change(hashes, random);
        var changed = string.Join('\n', [.. lines[..2], .. hashes]) + proof[end..];
        record["proof"] = changed;
        return changed == proof ? null : Verifying.Bytes(json);
    });

    // Bundle and proofs alike, as whoever made a bundle of it would.
    private static Mutation Checkpoint(string name, Func<MutatedBundle, string, string> change) => Made("a checkpoint " + name, (bundle, json, random) =>
    {
        var before = (string)json["checkpoint"]!;
        var after = change(bundle, bundle.Ledger.CheckpointText(bundle.Size));
        json["checkpoint"] = after;
        if (random.Next(4) > 0)
        {
            foreach (var record in Records(json))
                record!["proof"] = ((string)record["proof"]!).Replace(before, after, StringComparison.Ordinal);
        }

        return before != after;
    });

    private static Mutation Opening(string name, Action<JsonObject, Random> change) => Json("opened with " + name, (json, random) =>
    {
        var opening = AnyOpening(json, random);
        if (opening is not null)
            change(opening, random);
        return opening is not null;
    });

    private static Mutation Anchor(string name, Func<MutatedBundle, JsonObject, int, object?> change) => Made("an anchor " + name, (bundle, json, random) =>
    {
        var anchors = json["anchors"]!.AsArray();
        if (anchors.Count == 0)
            return false;
        var anchor = Any(anchors, random);
        return change(bundle, anchor, int.Parse(((string)anchor["checkpoint"]!).Split('\n')[1], null)) is not false;
    });

    private static Mutation Anchor(string name, Action<MutatedBundle, JsonObject, int> change) => Anchor(name, (bundle, anchor, size) =>
    {
        change(bundle, anchor, size);
        return true;
    });

    private static Mutation Raw(string name, Func<string, string> change) => Raw(name, (text, _) => change(text));

    private static Mutation Raw(string name, Func<string, Random, string> change) => new(name, (bundle, random) =>
    {
        var text = Encoding.UTF8.GetString(bundle.Bytes);
        var changed = change(text, random);
        return changed == text ? null : Encoding.UTF8.GetBytes(changed);
    });

    private static string Into(string text, Random random, string place, string with)
    {
        var places = text.Split(place);
        var at = random.Next(1, places.Length);
        return string.Join(place, places[..at]) + with + string.Join(place, places[at..]);
    }

    private static JsonArray Records(JsonObject json) => json["records"]!.AsArray();

    private static JsonArray Documents(JsonObject json) => json["documents"]!.AsArray();

    private static JsonObject Any(JsonArray list, Random random) => list[random.Next(list.Count)]!.AsObject();

    private static JsonObject? AnyOpening(JsonObject json, Random random)
    {
        var all = Records(json).SelectMany(record => record!["opened"]!.AsArray()).ToList();
        return all.Count == 0 ? null : all[random.Next(all.Count)]!.AsObject();
    }

    private static bool Add(JsonObject opening)
    {
        opening.Parent!.AsArray().Add(opening.DeepClone());
        return true;
    }

    private static bool Erase(JsonObject opening, bool close)
    {
        var record = opening.Parent!.Parent!.AsObject();
        record["erased"]!.AsArray().Add((string)opening["group"]!);
        if (close)
            record["opened"]!.AsArray().Remove(opening);
        return true;
    }

    // Whether no record of the bundle says that openings of any of its records are erased.
    private static bool NoErasure(JsonObject json, JsonObject _) => Records(json).All(record => (string)Decoded(record!.AsObject())["type"]! != "erasure.completed");

    private static bool Swap(JsonArray records, string field)
    {
        if (records.Count < 2)
            return false;
        var (one, other) = (records[0]![field]!.DeepClone(), records[1]![field]!.DeepClone());
        (records[0]![field], records[1]![field]) = (other, one);
        return true;
    }

    private static bool RemoveFirst(JsonArray list)
    {
        list.RemoveAt(0);
        return true;
    }

    private static JsonObject Decoded(JsonObject record) => JsonNode.Parse(Bytes(record, "body"))!.AsObject();

    private static byte[] Bytes(JsonObject map, string name) => Convert.FromBase64String((string)map[name]!);

    private static string Flipped(byte[] bytes, Random random)
    {
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return Convert.ToBase64String(bytes);
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string RandomHash(Random random) => Convert.ToBase64String(RandomBytes(random, 32));

    // The last letter before the padding carries two bits that stand for nothing.
    private static string SpareBits(string hash) => hash[..42] + Alphabet[Alphabet.IndexOf(hash[42], StringComparison.Ordinal) | 1] + "=";

    private static string WithIndex(string proof, Func<long, long> change)
    {
        var lines = proof.Split('\n');
        lines[1] = $"index {change(long.Parse(lines[1][6..], null))}";
        return string.Join('\n', lines);
    }
}
