using System.Collections.Immutable;
using System.Text;
using NodaTime;
using NodaTime.Text;
using NodaTime.TimeZones;
using Ringfence.Files;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>A verdict with all that it was computed from, as a record of the ledger holds it: computed anew it gives the same bytes.</summary>
/// <remarks>Its shape is in <c>docs/reference/replay.md</c>. It names nobody: <see cref="CoarseFacts"/>.</remarks>
public sealed class RecordedDecision
{
    // What fits into a record beside its other fields, in bytes of JSON.
    private const int MostBytes = 7_000;

    // Where nobody knows where somebody is, the law of every place has something to say; a reader wants the first ones, and the digest stands for all.
    private const int MostListed = 40;

    private RecordedDecision(LeafValue.Map whole, Situation situation, Verdict? verdict, long asOf, Digest rules, string engine, string tz) =>
        (Whole, Situation, Verdict, AsOf, Rules, Engine, Tz) = (whole, situation, verdict, asOf, rules, engine, tz);

    /// <summary>As it stands in the record.</summary>
    public LeafValue.Map Whole { get; }

    /// <summary>What was judged.</summary>
    public Situation Situation { get; }

    /// <summary>The answer, where it was computed here.</summary>
    public Verdict? Verdict { get; }

    /// <summary>How many records were known.</summary>
    public long AsOf { get; }

    /// <summary>The rules as a whole: <see cref="RulebookArchive.Digest"/>.</summary>
    public Digest Rules { get; }

    /// <summary>Version of the program.</summary>
    public string Engine { get; }

    /// <summary>Version of the time zone database.</summary>
    public string Tz { get; }

    /// <summary>The version of this library.</summary>
    public static string EngineNow { get; } = typeof(RecordedDecision).Assembly.GetName().Version!.ToString(3);

    /// <summary>The version of the time zone database in this library.</summary>
    public static string TzNow { get; } = TzdbDateTimeZoneSource.Default.TzdbVersion;

    /// <summary>Decides, on the coarse facts, and puts the answer with them into the shape of a record.</summary>
    /// <param name="gate">Judges.</param>
    /// <param name="rules">Its rules, as they are kept.</param>
    /// <param name="situation">What is known; made coarse here.</param>
    /// <param name="asOf">How many records it was known from.</param>
    /// <exception cref="ArgumentException">A name in it is no word, or what the answer depends on is more than a record can hold.</exception>
    public static RecordedDecision Decide(ContactGate gate, Digest rules, Situation situation, long asOf)
    {
        ArgumentNullException.ThrowIfNull(gate);
        var coarse = CoarseFacts.Of(situation, gate.Rules);
        return Fitting(gate, coarse, facts => Of(gate, rules, facts.Situation, facts.LeftOut, asOf, EngineNow, TzNow));
    }

    /// <summary>Computes a recorded decision anew from its own facts.</summary>
    public RecordedDecision Again(ContactGate gate) => Of(gate, Rules, Situation, (int)(Whole["left_out"]?.AsNumber ?? 0), AsOf, Engine, Tz);

    /// <summary>Reads one from a record; false where it is none that this library wrote.</summary>
    public static bool TryRead(LeafValue.Map whole, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RecordedDecision? decision)
    {
        ArgumentNullException.ThrowIfNull(whole);
        decision = null;
        if (whole["instant"]?.AsText is not { } instant || whole["as_of"]?.AsNumber is not { } asOf || !Digest.TryParse(whole["packs"]?.AsText, out var rules)
            || whole["engine"]?.AsText is not { } engine || whole["tz"]?.AsText is not { } tz || whole["facts"] is not LeafValue.Map facts
            || FactsTree.Unflatten(facts) is not { } mapping)
        {
            return false;
        }

        try
        {
            var at = new FactMap().Text("at", instant).Node();
            decision = new RecordedDecision(whole, SituationReader.Read(at.With(mapping)), null, asOf, rules, engine, tz);
            return true;
        }
        catch (RuleFileException)
        {
            return false;
        }
    }

    /// <summary>The members in which another one differs, by name; empty where it has the same bytes.</summary>
    public IReadOnlyList<string> DifferencesFrom(RecordedDecision other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return [.. Whole.Members.Select(static member => member.Key).Union(other.Whole.Members.Select(static member => member.Key), StringComparer.Ordinal)
            .Where(name => !Equals(Whole[name], other.Whole[name])).Order(StringComparer.Ordinal)];
    }

    /// <summary>The bytes as the record holds them.</summary>
    public byte[] ToBytes() => LeafJson.Write(Whole);

    private static RecordedDecision Of(ContactGate gate, Digest rules, Situation coarse, int leftOut, long asOf, string engine, string tz)
    {
        var verdict = gate.Decide(coarse);
        var members = new List<(string, LeafValue)>
        {
            ("verdict", verdict.Word),
            ("as_of", asOf),
            ("instant", InstantPattern.ExtendedIso.Format(coarse.At)),
            ("packs", rules),
            ("engine", engine),
            ("tz", tz),
            ("facts", LeafValue.Map.Of([.. FactsTree.Flatten(SituationWriter.Write(coarse).Without("at"))])),
        };
        if (verdict.Match(static allowed => allowed.Until, static deferred => deferred.Until, static _ => (Instant?)null) is { } until)
            members.Add(("until", InstantPattern.ExtendedIso.Format(until)));
        if (leftOut > 0)
            members.Add(("left_out", leftOut));
        Add("reasons", verdict.AllReasons.Select(static reason => Named(reason.Rule, Words<ReasonCode>.Of(reason.Code))));
        Add("items", verdict.AllReasons.SelectMany(static (reason, at) =>
            (reason.Item?.Split(", ") ?? []).Select(item => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{at}:{item.Replace(": ", ":", StringComparison.Ordinal)}"))));
        if (verdict is Verdict.Allowed allowed)
        {
            Add("obligations", allowed.Obligations.Select(static duty => Named(duty.Rule, Words<ObligationCode>.Of(duty.Code))));
            Add("grounds", allowed.Grounds.Select(ground => string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{ground.Rule.Id}:{ground.Alternative}{(ground.Consent is { } consent ? $":consent:{coarse.Consents![consent].Seq ?? consent}" : ground.Relation is { } relation ? $":relation:{relation}" : "")}")));
            Rely(members, allowed, coarse);
        }

        Add("notes", verdict.Notes.Select(static note => note.Code + (note.Place is { } place ? ":" + place : "") + (note.Rule is { } rule ? ":" + rule.Id : "")));
        return new RecordedDecision(LeafValue.Map.Of([.. members]), coarse, verdict, asOf, rules, engine, tz);

        void Add(string name, IEnumerable<string> words)
        {
            string[] all = [.. words];
            if (all.Length == 0)
                return;
            members.Add((name, LeafValue.ListOf(all.Take(MostListed).Select(Sayable))));
            if (all.Length <= MostListed)
                return;
            members.Add((name + "_all", all.Length));
            members.Add((name + "_digest", TreeHash.Sha256(Encoding.UTF8.GetBytes(string.Join('\n', all)))));
        }
    }

    // The consents that an allowed contact rests on, by record: what an auditor looks up first.
    private static void Rely(List<(string, LeafValue)> members, Verdict.Allowed allowed, Situation coarse)
    {
        long[] seqs = [.. allowed.Grounds.Select(ground => ground.Consent is { } consent ? coarse.Consents![consent].Seq : null).OfType<long>().Distinct().Order()];
        if (seqs.Length > 0)
            members.Add(("consents", LeafValue.ListOf(seqs)));
    }

    private static string Named(Rule? rule, string code) => rule is null ? code : $"{rule.Id}:{code}";

    private static string Sayable(string word)
    {
        var plain = new string([.. word.Take(LeafText.Longest).Select(static c => LeafText.Allows([c]) ? c : '_')]);
        return LeafText.Allows(plain) ? plain : "_" + plain[..Math.Min(plain.Length, LeafText.Longest - 1)];
    }

    /// <summary>Leaves out what the answer does not depend on, as far as there is no room for it: the oldest events first.</summary>
    private static RecordedDecision Fitting(ContactGate gate, Situation coarse, Func<(Situation Situation, int LeftOut), RecordedDecision> make)
    {
        var whole = make((coarse, 0));
        if (Size(whole) <= MostBytes)
            return whole;
        var (left, leftOut) = (coarse, 0);
        foreach (var less in Fewer(gate, coarse))
        {
            (left, leftOut) = (less, leftOut + 1);
            // Looked at now and then only: writing costs more than deciding.
            if (leftOut % 8 == 0 && make((left, leftOut)) is var one && Size(one) <= MostBytes)
                return one;
        }

        whole = make((left, leftOut));
        return Size(whole) <= MostBytes ? whole : throw new ArgumentException("The answer depends on more facts than a record can hold.", nameof(coarse));

        static int Size(RecordedDecision decision) => LeafJson.LengthOf(decision.Whole);
    }

    private static IEnumerable<Situation> Fewer(ContactGate gate, Situation coarse)
    {
        var wanted = gate.Decide(coarse);
        var grounds = GroundsOf(wanted, coarse);
        foreach (var past in (coarse.History ?? []).OrderBy(static past => past.At).ToArray())
        {
            var without = coarse with { History = [.. coarse.History!.Where(other => !ReferenceEquals(other, past))] };
            if (!SameAnswer(gate.Decide(without), without))
                continue;
            coarse = without;
            yield return coarse;
        }

        for (var i = (coarse.Consents?.Count ?? 0) - 1; i >= 0; i--)
        {
            var without = coarse with { Consents = Without(coarse.Consents!, i) };
            if (!SameAnswer(gate.Decide(without), without))
                continue;
            coarse = without;
            yield return coarse;
        }

        foreach (var name in (coarse.Registers?.Keys ?? []).Order(StringComparer.Ordinal).ToArray())
        {
            var without = coarse with { Registers = coarse.Registers!.Where(pair => pair.Key != name).ToImmutableDictionary(StringComparer.Ordinal) };
            if (!SameAnswer(gate.Decide(without), without))
                continue;
            coarse = without;
            yield return coarse;
        }

        for (var i = (coarse.Suppressions?.Count ?? 0) - 1; i >= 0; i--)
        {
            var without = coarse with { Suppressions = Without(coarse.Suppressions!, i) };
            if (!SameAnswer(gate.Decide(without), without))
                continue;
            coarse = without;
            yield return coarse;
        }

        bool SameAnswer(Verdict other, Situation without) =>
            wanted.Word == other.Word && wanted.AllReasons.SequenceEqual(other.AllReasons)
            && (wanted, other) switch
            {
                (Verdict.Deferred a, Verdict.Deferred b) => a.Until == b.Until,
                (Verdict.Allowed a, Verdict.Allowed b) => a.Until == b.Until && a.Obligations.SequenceEqual(b.Obligations)
                    && grounds.SequenceEqual(GroundsOf(b, without)),
                _ => true,
            };
    }

    private static (string, int, GivenConsent?, int?)[] GroundsOf(Verdict verdict, Situation situation) => verdict is not Verdict.Allowed allowed ? [] :
        [.. allowed.Grounds.Select(ground => (ground.Rule.Id, ground.Alternative, ground.Consent is { } at ? situation.Consents![at] : null, ground.Relation))];

    private static T[] Without<T>(IReadOnlyList<T> list, int at) => [.. list.Where((_, i) => i != at)];
}
