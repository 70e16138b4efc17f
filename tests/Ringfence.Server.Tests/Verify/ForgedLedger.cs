using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ringfence.Server.Tests.Verify;

/// <summary>A ledger made up for tests, with its keys: written by the contract, apart from what verifies it.</summary>
internal sealed class ForgedLedger
{
    public const string Origin = "ledger.example/acme/e1";

    private static readonly JsonSerializerOptions Plainly = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Random random;
    private readonly List<JsonObject> records = [];
    private readonly Dictionary<int, string> checkpoints = [];
    private ForgedTree? tree;

    public ForgedLedger(int size, int seed = 1, DateTimeOffset? from = null)
    {
        random = new Random(seed);
        From = from ?? new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Controller = Document("""{"format":"ringfence/party/v1","name":"Acme Ltd"}""");
        Wordings = [.. Enumerable.Range(0, 3).Select(i => Document($"Yes, Acme may call me about offer {i}. I can stop it at any time."))];
        for (var seq = 0; seq < size; seq++)
            Append(Invented(seq));
    }

    public DateTimeOffset From { get; }

    public ForgedKey Key { get; init; } = new(Origin);

    public ForgedKey ReceiptKey { get; init; } = new(Origin + "/receipts");

    public string Controller { get; }

    public string[] Wordings { get; }

    /// <summary>The bytes of the records.</summary>
    public List<byte[]> Bodies { get; } = [];

    /// <summary>What opens the groups of a record.</summary>
    public Dictionary<(int Seq, string Group), (byte[] Salt, byte[] Plaintext)> Openings { get; } = [];

    public Dictionary<string, byte[]> Documents { get; } = new(StringComparer.Ordinal);

    public int Size => Bodies.Count;

    public ForgedTree Tree => tree ??= new ForgedTree(Bodies);

    public string Policy => $"# whom we trust\n\nlog {Key.Line}\nlog {ReceiptKey.Line}\nquorum none\n";

    public DateTimeOffset Time(int seq) => From.AddMilliseconds(seq);

    public JsonObject Record(int seq) => records[seq];

    /// <summary>Adds a record, with the fields every record has, in canonical form.</summary>
    public int Append(JsonObject fields)
    {
        var seq = Size;
        var record = new JsonObject
        {
            ["v"] = 1, ["seq"] = seq, ["id"] = Hex(16), ["at"] = Instant(Time(seq)), ["controller"] = Controller,
            ["actor"] = new JsonObject { ["kind"] = "system", ["ref"] = "ledger" },
        };
        foreach (var (key, value) in fields)
            record[key] = value?.DeepClone();
        records.Add(record);
        AppendBytes(Canonical(record));
        return seq;
    }

    /// <summary>Adds any bytes as a record, as a dishonest operator could.</summary>
    public int AppendBytes(byte[] body)
    {
        Bodies.Add(body);
        (tree, _) = (null, checkpoints.Remove(Size));
        return Size - 1;
    }

    /// <summary>Writes other bytes in a record's place and forgets what was signed.</summary>
    public void Rewrite(int seq, byte[] body)
    {
        Bodies[seq] = body;
        tree = null;
        checkpoints.Clear();
    }

    /// <summary>What is made while other bytes stand in a record's place. Then all is as it was.</summary>
    public T While<T>(int seq, byte[] body, Func<T> make)
    {
        var (before, treeBefore, signed) = (Bodies[seq], tree, checkpoints.ToList());
        Rewrite(seq, body);
        var made = make();
        Rewrite(seq, before);
        tree = treeBefore;
        signed.ForEach(note => checkpoints.Add(note.Key, note.Value));
        return made;
    }

    public string CheckpointText(int size, string origin = Origin) => $"{origin}\n{size}\n{Convert.ToBase64String(Tree.Root(size))}\n";

    /// <summary>The signed checkpoint of a size, the same whenever it is asked for.</summary>
    public string Checkpoint(int size) => checkpoints.TryGetValue(size, out var note) ? note : checkpoints[size] = Key.Note(CheckpointText(size));

    /// <summary>Adds signature lines to a checkpoint, as witnesses do.</summary>
    public void Cosign(int size, params ForgedKey[] witnesses) =>
        checkpoints[size] = Checkpoint(size) + string.Concat(witnesses.Select(witness => witness.SignatureLine(CheckpointText(size))));

    public string Proof(int seq, int size) => ProofOf(seq, Tree.Inclusion(seq, size), Checkpoint(size));

    public static string ProofOf(long index, IEnumerable<byte[]> hashes, string checkpoint) =>
        string.Create(CultureInfo.InvariantCulture, $"c2sp.org/tlog-proof@v1\nindex {index}\n{string.Concat(hashes.Select(hash => Convert.ToBase64String(hash) + "\n"))}\n{checkpoint}");

    /// <summary>An evidence bundle over some records, each group open that can be.</summary>
    public JsonObject Bundle(int size, IEnumerable<int> seqs, params JsonObject[] anchors)
    {
        var shown = new JsonArray();
        var digests = new SortedSet<string>(StringComparer.Ordinal) { Controller };
        foreach (var seq in seqs)
        {
            var opened = new JsonArray();
            foreach (var ((_, group), (salt, plaintext)) in Openings.Where(opening => opening.Key.Seq == seq))
                opened.Add(new JsonObject { ["group"] = group, ["salt"] = Convert.ToHexStringLower(salt), ["plaintext"] = Convert.ToBase64String(plaintext) });
            shown.Add(new JsonObject { ["body"] = Convert.ToBase64String(Bodies[seq]), ["proof"] = Proof(seq, size), ["opened"] = opened, ["erased"] = new JsonArray() });
            if (seq < records.Count && records[seq]["notice"] is { } notice)
                digests.Add((string)notice["doc"]!);
        }

        return new JsonObject
        {
            ["format"] = "ringfence/evidence/v1",
            ["checkpoint"] = Checkpoint(size),
            ["records"] = shown,
            ["documents"] = new JsonArray([.. digests.Select(digest => new JsonObject
            {
                ["digest"] = digest, ["media"] = "text/plain", ["bytes"] = Convert.ToBase64String(Documents[digest]),
            })]),
            ["anchors"] = new JsonArray([.. anchors]),
        };
    }

    /// <summary>An anchor of a size for a bundle of another.</summary>
    public JsonObject Anchor(int size, int bundled, byte[]? token = null)
    {
        var anchor = new JsonObject
        {
            ["checkpoint"] = Checkpoint(size),
            ["consistency"] = new JsonArray([.. Tree.Consistency(Math.Min(size, bundled), Math.Max(size, bundled)).Select(hash => JsonValue.Create(Convert.ToBase64String(hash)))]),
        };
        if (token is not null)
            anchor["timestamp"] = Convert.ToBase64String(token);
        return anchor;
    }

    /// <summary>Canonical form: keys sorted, nothing escaped that need not be.</summary>
    public static byte[] Canonical(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(Sorted(node), Plainly);

    public string Document(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Documents[digest] = bytes;
        return digest;
    }

    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public string Hex(int bytes)
    {
        var value = new byte[bytes];
        random.NextBytes(value);
        return Convert.ToHexStringLower(value);
    }

    private JsonObject Invented(int seq) => (seq == 0 ? -1 : seq % 5) switch
    {
        -1 => new JsonObject { ["type"] = "ledger.genesis", ["detail"] = new JsonObject { ["origin"] = Origin, ["tree"] = "rfc6962" } },
        0 => new JsonObject
        {
            ["type"] = "decision.denied",
            ["decision"] = new JsonObject
            {
                ["verdict"] = "refused", ["reasons"] = new JsonArray("us.calling-hours:hours", "us.register:listed"), ["as_of"] = seq,
                ["instant"] = Instant(Time(seq)), ["facts"] = new JsonObject { ["country"] = "US", ["zones"] = new JsonArray("America/Phoenix"), ["attempts"] = 3 },
                ["packs"] = Hex(32), ["engine"] = "0.1.0", ["tz"] = "2026a",
            },
        },
        1 => new JsonObject
        {
            ["type"] = "suppression.added", ["subject"] = new JsonObject { ["sid"] = Hex(16), ["point"] = Hex(16) },
            ["commits"] = new JsonObject { ["tag"] = Commit(seq, "tag", RandomNumberGenerator.GetBytes(32)) },
        },
        2 => new JsonObject
        {
            ["type"] = "consent.withdrawn", ["state"] = "withdrawn", ["event_at"] = Instant(Time(seq)), ["event_src"] = "provider",
            ["subject"] = new JsonObject { ["sid"] = Hex(16) }, ["about"] = new JsonArray(seq - 1),
        },
        _ => new JsonObject
        {
            ["type"] = "consent.given", ["state"] = "given", ["event_at"] = Instant(Time(seq)), ["event_src"] = "server", ["valid_for"] = "P2Y",
            ["actor"] = new JsonObject { ["kind"] = "person", ["ref"] = "form-7" },
            ["subject"] = new JsonObject { ["sid"] = Hex(16), ["point"] = Hex(16) },
            ["scope"] = new JsonObject { ["channels"] = new JsonArray("sms", "voice"), ["purposes"] = new JsonArray("marketing") },
            ["basis"] = "consent", ["notice"] = new JsonObject { ["doc"] = Wordings[seq % 3], ["lang"] = "en", ["version"] = "3" },
            ["pii"] = new JsonArray("phone", "name"), ["method"] = new JsonObject { ["collection"] = "web_form", ["ceremony"] = "double" },
            ["withdraw"] = "stop-reply", ["jurisdiction"] = new JsonArray("US", "US-CA"), ["about"] = new JsonArray(0, seq - 1),
            ["commits"] = new JsonObject
            {
                ["person"] = Commit(seq, "person", Encoding.UTF8.GetBytes($$"""{"e164":"+4420794600{{seq % 100:00}}","name":"Zoë"}""")),
                ["evidence"] = Commit(seq, "evidence", Encoding.UTF8.GetBytes($$"""{"page":"/offers/{{seq}}","score":0.25}""")),
            },
            ["pack"] = new JsonObject { ["id"] = "us", ["version"] = "2026-01-01", ["digest"] = Hex(32) },
        },
    };

    private string Commit(int seq, string group, byte[] plaintext)
    {
        var salt = RandomNumberGenerator.GetBytes(32);
        Openings[(seq, group)] = (salt, plaintext);
        return Convert.ToHexStringLower(SHA256.HashData([.. "ringfence/commit/v1"u8, 0, .. salt, .. plaintext]));
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
