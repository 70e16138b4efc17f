using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Ledger;

/// <summary>Answers what a signer is asked over a stream, one line after the other.</summary>
internal sealed class SignerDesk(Signer signer)
{
    /// <summary>Version of the messages.</summary>
    public const int Protocol = 1;

    /// <summary>Answers until the other side ends.</summary>
    public async Task AnswerAsync(Stream input, Stream output, CancellationToken cancel)
    {
        var lines = new SignerLines(input, output);
        while (true)
        {
            Action<Utf8JsonWriter> answer;
            try
            {
                using var request = await lines.ReadAsync(cancel);
                if (request is null)
                    return;
                answer = Answer(request.RootElement);
            }
            catch (SignerException e) when (e.Code == "malformed")
            {
                // Where the next line begins is anybody's guess: it is told, and the stream ends.
                await lines.WriteAsync(json => Refuse(json, e.Code, e.Message), cancel);
                return;
            }

            await lines.WriteAsync(answer, cancel);
        }
    }

    private Action<Utf8JsonWriter> Answer(JsonElement request)
    {
        try
        {
            var asked = new Asked(request);
            Func<Action<Utf8JsonWriter>> act = asked.Text("do") switch
            {
                "hello" => static () => static json => json.WriteNumber("protocol", Protocol),
                "keys" => Keys(asked),
                "sign" => Sign(asked),
                "sign-receipt" => SignReceipt(asked),
                "rotate" => Rotate(asked),
                "activate" => Change(asked, signer.Activate),
                "retire" => Change(asked, signer.Retire),
                _ => throw new SignerException("unknown-request", "There is no such request."),
            };
            // Nothing is done of a request that says more than is understood.
            asked.RequireAllRead();
            var answer = act();
            return json =>
            {
                json.WriteBoolean("ok", true);
                answer(json);
            };
        }
        catch (SignerException e)
        {
            return json => Refuse(json, e.Code, e.Message);
        }
        catch (KeysException e)
        {
            return json => Refuse(json, "key-damaged", e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return json => Refuse(json, "failed", e.Message);
        }
    }

    private static void Refuse(Utf8JsonWriter json, string code, string message)
    {
        json.WriteBoolean("ok", false);
        json.WriteString("error", code);
        json.WriteString("message", message);
    }

    private Func<Action<Utf8JsonWriter>> Keys(Asked asked)
    {
        var origin = asked.Text("origin");
        return () => WriteState(signer.StateOf(origin));
    }

    private Func<Action<Utf8JsonWriter>> Sign(Asked asked)
    {
        var checkpoint = new Checkpoint(asked.Text("origin"), asked.Number("size"), asked.Hash("root"));
        var (frontier, consistency) = (asked.Bytes("frontier"), asked.Hashes("consistency"));
        return () => WriteNote(signer.Sign(checkpoint, frontier, consistency));
    }

    private Func<Action<Utf8JsonWriter>> SignReceipt(Asked asked)
    {
        var (origin, digest) = (asked.Text("origin"), asked.Hex("digest"));
        return () => WriteNote(signer.SignReceipt(origin, digest));
    }

    private Func<Action<Utf8JsonWriter>> Rotate(Asked asked)
    {
        var (origin, use) = (asked.Text("origin"), asked.Use("use"));
        return () => WriteKey(signer.Rotate(origin, use));
    }

    private static Func<Action<Utf8JsonWriter>> Change(Asked asked, Action<string, Digest> change)
    {
        var (origin, key) = (asked.Text("origin"), asked.Hex("key"));
        return () =>
        {
            change(origin, key);
            return static _ => { };
        };
    }

    private static Action<Utf8JsonWriter> WriteNote(SignedNote note) => json => json.WriteString("note", note.ToString());

    private static Action<Utf8JsonWriter> WriteState(SignerState state) => json =>
    {
        json.WriteNumber("size", state.Size);
        json.WriteString("root", state.Root.ToBase64());
        json.WriteStartArray("keys");
        foreach (var key in state.Keys)
        {
            json.WriteStartObject();
            WriteKey(key)(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    };

    private static Action<Utf8JsonWriter> WriteKey(SignerKey key) => json =>
    {
        json.WriteString("use", SignerKey.WordOf(key.Use));
        json.WriteNumber("number", key.Number);
        json.WriteString("state", SignerState.Word(key.State));
        json.WriteBase64String("spki", key.Spki);
    };

    /// <summary>The members of a request, each read once; one that nobody reads is a fault of whoever asks.</summary>
    private sealed class Asked(JsonElement request)
    {
        private int read;

        public string Text(string name) => Get(name, JsonValueKind.String).GetString()!;

        public long Number(string name) => Get(name, JsonValueKind.Number).TryGetInt64(out var number) ? number : throw Malformed(name);

        public byte[] Bytes(string name) => Get(name, JsonValueKind.String).TryGetBytesFromBase64(out var bytes) ? bytes : throw Malformed(name);

        public Digest Hash(string name) => HashOf(Get(name, JsonValueKind.String), name);

        public Digest Hex(string name) => Digest.TryParse(Text(name), out var digest) ? digest : throw Malformed(name);

        public Digest[] Hashes(string name) => [.. Get(name, JsonValueKind.Array).EnumerateArray().Select(item => HashOf(item, name))];

        public SignerUse Use(string name) => Text(name) switch
        {
            "log" => SignerUse.Log,
            "receipts" => SignerUse.Receipts,
            _ => throw Malformed(name),
        };

        public void RequireAllRead()
        {
            if (request.EnumerateObject().Count() != read)
                throw Malformed("a member that is not known");
        }

        private JsonElement Get(string name, JsonValueKind kind)
        {
            read++;
            return request.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : throw Malformed(name);
        }

        private static Digest HashOf(JsonElement item, string name) =>
            item.ValueKind == JsonValueKind.String && item.TryGetBytesFromBase64(out var bytes) && bytes.Length == Digest.Size ? new Digest(bytes) : throw Malformed(name);

        private static SignerException Malformed(string name) => new("malformed", $"The request is not of its form: {name}.");
    }
}
