using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ringfence.Server.Tests.Verify;

/// <summary>A second verifier of bundles and receipts, written from the contract alone: it stops at the first thing that is wrong.</summary>
/// <param name="policy">The policy.</param>
/// <param name="authority">The root of the trusted timestamp authority.</param>
/// <param name="held">Checkpoints that the auditor kept.</param>
internal sealed partial class SecondOpinion(string policy, X509Certificate2? authority = null, params string[] held)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    private readonly SecondNotes notes = new(policy);

    private sealed class Wrong(int exit) : Exception
    {
        public int Exit { get; } = exit;
    }

    /// <summary>The exit code for a file.</summary>
    public int Judge(byte[] file)
    {
        try
        {
            return Parse(file) is { } json ? Form(json, "format checkpoint records documents anchors?") && Text(json, "format") == "ringfence/evidence/v1" ? Bundle(json).Exit : 2 : 2;
        }
        catch (Wrong wrong)
        {
            return wrong.Exit;
        }
    }

    /// <summary>The exit code for a receipt.</summary>
    public int JudgeReceipt(byte[] file)
    {
        try
        {
            if (Parse(file) is not { } json || !Form(json, "format receipt evidence signature") || Text(json, "format") != "ringfence/receipt/v1")
                return 2;
            var (receipt, evidence) = (json.GetProperty("receipt"), json.GetProperty("evidence"));
            if (receipt.ValueKind != JsonValueKind.Object || !Form(evidence, "format checkpoint records documents anchors?") || Text(evidence, "format") != "ringfence/evidence/v1")
                return 2;
            var signature = Text(json, "signature");
            CheckNumbers(receipt);
            var (exit, origin, records) = Bundle(evidence);
            var digest = Convert.ToHexStringLower(SHA256.HashData(Canonical(receipt)));
            Must(SecondNotes.Read(signature) is var (text, _) && text == $"{origin}/receipts\nsha256:{digest}\n" && notes.Judge(signature, origin + "/receipts").Signed);
            var record = records.Find(record => record.GetProperty("id").GetString() == At(receipt, "record_id"));
            Must(record.ValueKind == JsonValueKind.Object);
            Must(At(receipt, "event_state") is { } state && state == At(record, "state"));
            Must(At(receipt, "recorded_at") == At(record, "at") && At(receipt, "controller.digest") == At(record, "controller"));
            Same("event_type", At(record, "type"));
            Same("event_time", At(record, "event_at") ?? At(record, "at"));
            Same("notice.digest", At(record, "notice.doc"));
            foreach (var pair in "subject_id=subject.sid pii_principal_id=subject.sid event_source=event_src entity_id.kind=actor.kind entity_id.ref=actor.ref validity_duration=valid_for lawful_basis=basis service=scope.service collection_method.collection=method.collection collection_method.ceremony=method.ceremony notice.version=notice.version language=notice.lang".Split(' '))
                Same(pair.Split('=')[0], At(record, pair.Split('=')[1]));
            foreach (var (list, inRecord) in new[] { ("channels", "scope.channels"), ("purposes", "scope.purposes"), ("jurisdiction", "jurisdiction") })
            {
                if (receipt.TryGetProperty(list, out var said))
                    Must(said.ValueKind == JsonValueKind.Array && said.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) && Sorted(said).SequenceEqual(Sorted(Find(record, inRecord))));
            }

            foreach (var (quoted, named) in new[] { ("notice.text", "notice.doc"), ("controller.party_name", "controller") })
            {
                if (Find(receipt, quoted) is not null)
                    Must(evidence.GetProperty("documents").EnumerateArray().Where(document => Text(document, "digest") == At(record, named)).Any(document => Texts(Bytes(document, "bytes")).Contains(At(receipt, quoted))));
            }

            return exit;

            void Same(string path, string? value)
            {
                if (Find(receipt, path) is not null)
                    Must(At(receipt, path) is { } said && said == value);
            }
        }
        catch (Wrong wrong)
        {
            return wrong.Exit;
        }
    }

    private static IEnumerable<string> Sorted(JsonElement? list) => list is { } items ? items.EnumerateArray().Select(item => item.GetString()!).Order(StringComparer.Ordinal) : [];

    // All texts of a document: those in it where it is JSON, else itself.
    private static IEnumerable<string?> Texts(byte[] document)
    {
        return Parse(document) is { } json ? Within(json) : [Encoding.UTF8.GetString(document)];

        static IEnumerable<string?> Within(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()],
            JsonValueKind.Array => value.EnumerateArray().SelectMany(Within),
            JsonValueKind.Object => value.EnumerateObject().SelectMany(field => Within(field.Value)),
            _ => [],
        };
    }

    private (int Exit, string Origin, List<JsonElement> Records) Bundle(JsonElement json)
    {
        CheckForm(json);
        var checkpoint = Accept(Text(json, "checkpoint"), out var witnessed);
        var covered = witnessed ? checkpoint.Size : 0;
        var records = json.GetProperty("records").EnumerateArray().Select(item => (Item: item, Record: Record(item, checkpoint))).ToList();
        var seqs = records.Select(record => record.Record.GetProperty("seq").GetInt64()).ToList();
        Must(seqs.Distinct().Count() == seqs.Count);
        var times = records.OrderBy(record => record.Record.GetProperty("seq").GetInt64()).Select(record => SecondRecord.Time(At(record.Record, "at")!)).ToList();
        Must(times.Zip(times.Skip(1)).All(pair => pair.First < pair.Second));

        var digests = json.GetProperty("documents").EnumerateArray().Select(document =>
        {
            Must(Convert.ToHexStringLower(SHA256.HashData(Bytes(document, "bytes"))) == Text(document, "digest"));
            return Text(document, "digest");
        }).ToList();
        Must(digests.Distinct().Count() == digests.Count);
        var erased = false;
        foreach (var (item, record) in records)
        {
            Must(digests.Contains(At(record, "controller")!) && (At(record, "notice.doc") is not { } notice || digests.Contains(notice)));
            erased |= Groups(item, record, records.Select(other => other.Record));
        }

        var tied = new List<SecondCheckpoint> { checkpoint };
        var stamps = new List<(long Size, DateTime At)>();
        foreach (var anchor in List(json, "anchors"))
        {
            var other = Accept(Text(anchor, "checkpoint"), out var anchorWitnessed);
            Must(other.Origin == checkpoint.Origin);
            var (small, large) = other.Size > checkpoint.Size ? (checkpoint, other) : (other, checkpoint);
            Must(SecondTree.Extends(small.Size, small.Root, large.Size, large.Root, [.. List(anchor, "consistency").Select(hash => Convert.FromBase64String(hash.GetString()!))]));
            tied.Add(other);
            covered = Math.Max(covered, anchorWitnessed ? other.Size : 0);
            if (!anchor.TryGetProperty("timestamp", out _))
                continue;
            var stamp = SecondStamp.Judge(Bytes(anchor, "timestamp"), Encoding.UTF8.GetBytes(other.Whole), authority);
            Must(stamp is not null);
            stamps.Add((other.Size, stamp!.Value.At));
            covered = Math.Max(covered, stamp.Value.Trusted ? other.Size : 0);
        }

        foreach (var record in records.Select(record => record.Record))
        {
            var (seq, at) = (record.GetProperty("seq").GetInt64(), SecondRecord.Time(At(record, "at")!));
            Must(stamps.TrueForAll(stamp => stamp.Size <= seq ? at >= stamp.At.AddMinutes(-5) : at <= stamp.At.AddMinutes(5)));
        }

        foreach (var kept in held.Select(note => SecondCheckpoint.Read(note)!).Where(kept => tied.Exists(other => other.Size == kept.Size)))
        {
            Must(tied.TrueForAll(other => other.Size != kept.Size || other.Root.SequenceEqual(kept.Root)));
            covered = Math.Max(covered, kept.Size);
        }

        return (covered <= seqs.Max() ? 3 : erased ? 4 : 0, checkpoint.Origin, [.. records.Select(record => record.Record)]);
    }

    private JsonElement Record(JsonElement item, SecondCheckpoint checkpoint)
    {
        var body = Bytes(item, "body");
        var record = SecondRecord.Read(body);
        Must(record is not null);
        var seq = record!.Value.GetProperty("seq").GetInt64();
        Must((seq == 0) == (At(record.Value, "type") == "ledger.genesis"));
        var proof = Proof().Match(Text(item, "proof"));
        Must(proof.Success && proof.Groups["index"].Value == $"{seq}");
        if (proof.Groups["extra"].Success)
            Must(Base64(proof.Groups["extra"].Value) is not null);
        var hashes = proof.Groups["hash"].Captures.Select(hash => Base64(hash.Value)).ToArray();
        Must(hashes.All(hash => hash is { Length: 32 }));
        Must(Accept(proof.Groups["checkpoint"].Value, out _).Text == checkpoint.Text);
        Must(SecondTree.Includes(seq, checkpoint.Size, SHA256.HashData([0, .. body]), hashes!, checkpoint.Root));
        return record.Value;
    }

    // Answers whether groups of the record are erased.
    private static bool Groups(JsonElement item, JsonElement record, IEnumerable<JsonElement> all)
    {
        var closed = record.TryGetProperty("commits", out var commits) ? commits.EnumerateObject().ToDictionary(group => group.Name, group => group.Value.GetString()) : [];
        foreach (var opening in List(item, "opened"))
        {
            var plaintext = Bytes(opening, "plaintext");
            Must(closed.Remove(Text(opening, "group"), out var commitment));
            Must(commitment == Convert.ToHexStringLower(SHA256.HashData([.. "ringfence/commit/v1\0"u8, .. Convert.FromHexString(Text(opening, "salt")), .. plaintext])));
            Must(Text(opening, "group") == "tag" ? plaintext.Length == 32 : Parse(plaintext) is { ValueKind: JsonValueKind.Object });
        }

        var seq = record.GetProperty("seq").GetInt64();
        foreach (var group in List(item, "erased"))
        {
            Must(closed.Remove(group.GetString()!));
            Must(all.Any(other => At(other, "type") == "erasure.completed" && List(other, "about").Any(about => about.GetInt64() == seq)));
        }

        return List(item, "erased").Any();
    }

    private SecondCheckpoint Accept(string note, out bool witnessed)
    {
        var checkpoint = SecondCheckpoint.Read(note);
        Must(checkpoint is not null && !checkpoint.Origin.EndsWith("/receipts", StringComparison.Ordinal));
        (var signed, witnessed) = notes.Judge(note, checkpoint!.Origin);
        Must(signed);
        return checkpoint;
    }

    // What is no bundle at all, before anything in it is believed.
    private static void CheckForm(JsonElement json)
    {
        static void Be(bool formed)
        {
            if (!formed)
                throw new Wrong(2);
        }

        Text(json, "checkpoint");
        Be(IsList(json, "records") && IsList(json, "documents") && IsList(json, "anchors") && json.GetProperty("records").GetArrayLength() > 0 && List(json, "anchors").Count() <= 1024);
        foreach (var record in json.GetProperty("records").EnumerateArray())
        {
            Be(Form(record, "body proof opened? erased?") && IsList(record, "opened") && IsList(record, "erased"));
            Bytes(record, "body");
            Text(record, "proof");
            Be(List(record, "erased").All(group => group.ValueKind == JsonValueKind.String));
            foreach (var opening in List(record, "opened"))
            {
                Be(Form(opening, "group salt plaintext") && HexDigest().IsMatch(Text(opening, "salt")));
                Text(opening, "group");
                Bytes(opening, "plaintext");
            }
        }

        foreach (var document in json.GetProperty("documents").EnumerateArray())
        {
            Be(Form(document, "digest media bytes") && HexDigest().IsMatch(Text(document, "digest")));
            Text(document, "media");
            Bytes(document, "bytes");
        }

        foreach (var anchor in List(json, "anchors"))
        {
            Be(Form(anchor, "checkpoint consistency timestamp?") && IsList(anchor, "consistency"));
            Text(anchor, "checkpoint");
            Be(List(anchor, "consistency").All(hash => hash.ValueKind == JsonValueKind.String && Base64(hash.GetString()!) is { Length: 32 }));
            if (anchor.TryGetProperty("timestamp", out _))
                Bytes(anchor, "timestamp");
        }
    }

    private static bool IsList(JsonElement map, string name) => !map.TryGetProperty(name, out var list) || list.ValueKind == JsonValueKind.Array;

    private static JsonElement.ArrayEnumerator List(JsonElement map, string name) => map.TryGetProperty(name, out var list) ? list.EnumerateArray() : default;

    private static bool Form(JsonElement map, string fields)
    {
        var names = fields.Split(' ');
        return map.ValueKind == JsonValueKind.Object && names.All(name => name.EndsWith('?') || map.TryGetProperty(name, out _))
            && map.EnumerateObject().All(field => names.Contains(field.Name) || names.Contains(field.Name + "?"));
    }

    private static string Text(JsonElement map, string name) =>
        map.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new Wrong(2);

    private static byte[] Bytes(JsonElement map, string name) => Base64(Text(map, name)) ?? throw new Wrong(2);

    private static byte[]? Base64(string text)
    {
        if (!Base64Text().IsMatch(text))
            return null;
        var bytes = Convert.FromBase64String(text);
        return Convert.ToBase64String(bytes) == text ? bytes : null;
    }

    private static JsonElement? Find(JsonElement value, string path) =>
        path.Split('.').Aggregate((JsonElement?)value, (found, key) => found is { ValueKind: JsonValueKind.Object } map && map.TryGetProperty(key, out var next) ? next : null);

    private static string? At(JsonElement value, string path) => Find(value, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement? Parse(byte[] file)
    {
        try
        {
            using var document = JsonDocument.Parse(file, Strict);
            var json = document.RootElement.Clone();
            ReadAll(json);
            return json;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // Half of a pair of surrogates shows only when a text is fetched.
    private static void ReadAll(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
            json.GetString();
        if (json.ValueKind == JsonValueKind.Array)
            json.EnumerateArray().ToList().ForEach(ReadAll);
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in json.EnumerateObject())
            {
                _ = field.Name;
                ReadAll(field.Value);
            }
        }
    }

    private static void CheckNumbers(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number && !(WholeNumber().IsMatch(json.GetRawText()) && Math.Abs(decimal.Parse(json.GetRawText(), null)) < 9007199254740992m))
            throw new Wrong(2);
        if (json.ValueKind == JsonValueKind.Array)
            json.EnumerateArray().ToList().ForEach(CheckNumbers);
        if (json.ValueKind == JsonValueKind.Object)
            json.EnumerateObject().ToList().ForEach(field => CheckNumbers(field.Value));
    }

    // RFC 8785, with the escapes put in by a regular expression.
    private static byte[] Canonical(JsonElement json)
    {
        static string Write(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.Object => "{" + string.Join(',', value.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal).Select(field => Quote(field.Name) + ":" + Write(field.Value))) + "}",
            JsonValueKind.Array => "[" + string.Join(',', value.EnumerateArray().Select(Write)) + "]",
            JsonValueKind.String => Quote(value.GetString()!),
            _ => value.GetRawText(),
        };
        static string Quote(string text) => "\"" + Escaped().Replace(text, match => match.Value[0] switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\b' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\f' => "\\f",
            '\r' => "\\r",
            var c => $"\\u{(int)c:x4}",
        }) + "\"";
        return Encoding.UTF8.GetBytes(Write(json));
    }

    private static void Must(bool holds)
    {
        if (!holds)
            throw new Wrong(1);
    }

    [GeneratedRegex(@"\Ac2sp\.org/tlog-proof@v1\n(?:extra (?<extra>[^\n]+)\n)?index (?<index>0|[1-9][0-9]{0,15})\n(?:(?<hash>[^\n]+)\n)*\n(?<checkpoint>(?:.|\n)*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Proof();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Base64Text();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HexDigest();

    [GeneratedRegex(@"\A(?:0|-?[1-9][0-9]{0,15})\z", RegexOptions.CultureInvariant)]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"[""\\\u0000-\u001f]", RegexOptions.CultureInvariant)]
    private static partial Regex Escaped();
}
