using NodaTime;
using Ringfence.Ledger;

namespace Ringfence.Tests.Ledger;

/// <summary>Records for tests: one with every field, and any number of random ones that can be written.</summary>
internal static class SampleRecords
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-";

    public static LedgerRecord Full { get; } = new()
    {
        Seq = 17,
        Id = new(UInt128.MaxValue / 3),
        Type = RecordType.ConsentConfirmed,
        At = Instant.FromUtc(2026, 1, 2, 3, 4, 5) + 6 * LedgerTime.Step,
        Controller = TreeHash.Sha256("party"u8),
        Actor = new(ActorKind.Person, "form-12"),
        State = RecordState.Confirmed,
        EventAt = Instant.FromUtc(2026, 1, 2, 3, 4, 4),
        EventSource = EventSource.Provider,
        ValidFor = "P2Y",
        Subject = new(new(1), new(2)),
        Scope = new(["sms", "voice"], ["offers"], "news"),
        Basis = "consent",
        Notice = new(TreeHash.Sha256("wording"u8), "zh-Hant", "3"),
        Pii = ["phone", "name"],
        Method = new("web_form", Ceremony.DoubleOptIn),
        Withdraw = "reply-stop",
        Jurisdiction = ["GB", "US-CA"],
        About = [3, 16],
        Commits = new(TreeHash.Sha256("p"u8), TreeHash.Sha256("e"u8), TreeHash.Sha256("n"u8), TreeHash.Sha256("t"u8)),
        Pack = new("gb", "2026-01-01", TreeHash.Sha256("pack"u8)),
        Decision = LeafValue.Map.Of(
            ("verdict", "allowed"), ("as_of", 17), ("packs", LeafValue.ListOf("a", "b")),
            ("facts", LeafValue.Map.Of(("zones", LeafValue.ListOf("Europe/London")), ("counters", LeafValue.Map.Of(("week", 2), ("day", 0)))))),
        Detail = LeafValue.Map.Of(("rows", -5), ("parts", LeafValue.Map.Of(("taken", 4), ("left", LeafValue.ListOf(1, "two"))))),
    };

    /// <summary>The bytes of <see cref="Full"/>, in the order of RFC 8785.</summary>
    public static string FullText { get; } =
        """
        {"about":[3,16],"actor":{"kind":"person","ref":"form-12"},"at":"2026-01-02T03:04:05.000006Z","basis":"consent",
        "commits":{"evidence":"3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea",
        "note":"1b16b1df538ba12dc3f97edbb85caa7050d46c148134290feba80f8236c83db9",
        "person":"148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940",
        "tag":"e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8"},
        "controller":"@party@",
        "decision":{"as_of":17,"facts":{"counters":{"day":0,"week":2},"zones":["Europe/London"]},"packs":["a","b"],"verdict":"allowed"},
        "detail":{"parts":{"left":[1,"two"],"taken":4},"rows":-5},
        "event_at":"2026-01-02T03:04:04.000000Z","event_src":"provider","id":"55555555555555555555555555555555",
        "jurisdiction":["GB","US-CA"],"method":{"ceremony":"double","collection":"web_form"},
        "notice":{"doc":"@wording@","lang":"zh-Hant","version":"3"},
        "pack":{"digest":"@pack@","id":"gb","version":"2026-01-01"},
        "pii":["phone","name"],"scope":{"channels":["sms","voice"],"purposes":["offers"],"service":"news"},"seq":17,"state":"confirmed",
        "subject":{"point":"00000000000000000000000000000002","sid":"00000000000000000000000000000001"},
        "type":"consent.confirmed","v":1,"valid_for":"P2Y","withdraw":"reply-stop"}
        """.Replace("\n", "", StringComparison.Ordinal)
            .Replace("@party@", TreeHash.Sha256("party"u8).ToString(), StringComparison.Ordinal)
            .Replace("@wording@", TreeHash.Sha256("wording"u8).ToString(), StringComparison.Ordinal)
            .Replace("@pack@", TreeHash.Sha256("pack"u8).ToString(), StringComparison.Ordinal);

    /// <summary>Any record that can be written; each optional field is there half of the time.</summary>
    public static LedgerRecord Any(Random random)
    {
        var seq = random.Next(4) == 0 ? (1L << 53) - 1 - random.Next(3) : random.Next(1000);
        return new()
        {
            Seq = seq,
            Id = new(Bytes(random, OpaqueId.Size)),
            Type = (RecordType)random.Next(RecordWords.Types.All.Count),
            At = AnyInstant(random),
            Controller = AnyDigest(random),
            Actor = new((ActorKind)random.Next(RecordWords.ActorKinds.All.Count), Word(random)),
            State = Maybe(random) ? (RecordState)random.Next(RecordWords.States.All.Count) : null,
            EventAt = Maybe(random) ? AnyInstant(random) : null,
            EventSource = Maybe(random) ? (EventSource)random.Next(RecordWords.Sources.All.Count) : null,
            ValidFor = Maybe(random) ? Pick(random, "P1Y", "P2Y6M", "P3W", "P30D", "PT48H", "P1DT12H30M5S", "until-withdrawn") : null,
            Subject = Maybe(random) ? new(new(Bytes(random, OpaqueId.Size)), Maybe(random) ? new(Bytes(random, OpaqueId.Size)) : null) : null,
            Scope = random.Next(5) switch
            {
                0 => new(SortedWords(random)),
                1 => new(null, SortedWords(random)),
                2 => new(null, null, Word(random)),
                3 => new(SortedWords(random), SortedWords(random), Word(random)),
                _ => null,
            },
            Basis = Maybe(random) ? Word(random) : null,
            Notice = Maybe(random) ? new(AnyDigest(random), Maybe(random) ? Word(random) : null, Maybe(random) ? Word(random) : null) : null,
            Pii = Maybe(random) ? AnyWords(random) : null,
            Method = Maybe(random) ? new(Word(random), Maybe(random) ? (Ceremony)random.Next(RecordWords.Ceremonies.All.Count) : null) : null,
            Withdraw = Maybe(random) ? Word(random) : null,
            Jurisdiction = Maybe(random) ? AnyWords(random) : null,
            About = seq > 0 && Maybe(random) ? [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.NextInt64(seq)).Distinct().Order()] : null,
            Commits = random.Next(4) switch
            {
                0 => new(AnyDigest(random)),
                1 => new(null, AnyDigest(random), AnyDigest(random)),
                2 => new(AnyDigest(random), AnyDigest(random), AnyDigest(random), AnyDigest(random)),
                _ => null,
            },
            Pack = Maybe(random) ? new(Word(random), Word(random), AnyDigest(random)) : null,
            Decision = Maybe(random) ? AnyMap(random, 3) : null,
            Detail = Maybe(random) ? AnyMap(random, 2) : null,
        };
    }

    private static bool Maybe(Random random) => random.Next(2) == 0;

    private static T Pick<T>(Random random, params T[] from) => from[random.Next(from.Length)];

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static Digest AnyDigest(Random random) => new(Bytes(random, Digest.Size));

    private static Instant AnyInstant(Random random) => random.Next(8) switch
    {
        0 => LedgerTime.First,
        1 => LedgerTime.Last,
        _ => LedgerTime.Cut(Instant.FromUnixTimeTicks(random.NextInt64(LedgerTime.First.ToUnixTimeTicks(), LedgerTime.Last.ToUnixTimeTicks()))),
    };

    private static string Word(Random random)
    {
        while (true)
        {
            var length = random.Next(20) == 0 ? LeafText.Longest : random.Next(1, 12);
            var word = new string(random.GetItems(Alphabet.AsSpan(), length));
            if (LeafText.Allows(word))
                return word;
        }
    }

    private static ValueList<string> AnyWords(Random random) => [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Word(random))];

    private static ValueList<string> SortedWords(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Word(random)).Distinct().Order(StringComparer.Ordinal)];

    private static LeafValue.Map AnyMap(Random random, int levels) =>
        LeafValue.Map.Of([.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Word(random)).Distinct().Select(name => (name, AnyValue(random, levels - 1)))]);

    private static LeafValue AnyValue(Random random, int levels) => random.Next(levels > 0 ? 4 : 3) switch
    {
        0 => Word(random),
        1 => AnyNumber(random),
        2 => LeafValue.ListOf([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Maybe(random) ? Word(random) : (LeafValue)AnyNumber(random))]),
        _ => AnyMap(random, levels),
    };

    private static long AnyNumber(Random random) =>
        random.Next(4) switch { 0 => 0, 1 => (1L << 53) - 1, 2 => -(1L << 53) + 1, _ => random.NextInt64(-100_000, 100_000) };
}
