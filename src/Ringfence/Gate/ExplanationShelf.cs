using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using NodaTime;
using Ringfence.Numbers;

namespace Ringfence.Gate;

/// <summary>What was told before: all of an explanation that does not depend on the number and on the second it was asked in.</summary>
/// <param name="Told">The explanation without number, instant and paragraph.</param>
/// <param name="Rest">The paragraph after its first sentence.</param>
public sealed record ShelvedExplanation(Explanation Told, string Rest)
{
    /// <summary>Whatever somebody makes of it, to be made once; null: nothing yet. Two may make it at once; it comes out the same.</summary>
    public object? Made { get; set; }
}

/// <summary>Explanations by what they say. The same few reasons come again and again, and putting them into words takes longer than finding them. Safe for many threads.</summary>
public sealed class ExplanationShelf
{
    // Facts are the caller's words; a shelf that they could fill without end would be a leak. A full one is begun anew.
    private const int Most = 4096;

    private readonly ConcurrentDictionary<Shape, ShelvedExplanation> told = new();
    private readonly ConcurrentDictionary<Beginning, string> beginnings = new();
    private int toldCount;
    private int beginningCount;

    /// <summary>Tells a verdict; nothing of it has to be said again for the next number.</summary>
    /// <param name="situation">What was judged.</param>
    /// <param name="verdict">The answer.</param>
    /// <param name="alternatives">The channels that would be allowed instead.</param>
    /// <param name="language">BCP 47.</param>
    /// <param name="number">The number contacted; one without digits where there is none that can be one.</param>
    /// <param name="first">The first sentence of the paragraph.</param>
    public ShelvedExplanation Tell(Situation situation, Verdict verdict, ImmutableArray<Channel> alternatives, string language, out PhoneNumber number, out string first)
    {
        ArgumentNullException.ThrowIfNull(situation);
        ArgumentNullException.ThrowIfNull(verdict);
        number = situation.Contact.Phone is { } phone ? NumberReader.Read(phone, Region.None).Number : default;
        var where = Whereabouts.Of(situation.Contact, number);
        first = BeginningOf(situation, verdict, where, language);
        var shape = new Shape(situation, verdict, where, alternatives, language);
        if (told.TryGetValue(shape, out var known))
            return known;
        var say = new GateLanguage(language);
        var explanation = Explanation.Timeless(situation, verdict, where, alternatives, say);
        return Keep(told, ref toldCount, shape, new ShelvedExplanation(explanation, ExplanationParagraph.Rest(verdict, explanation, say)));
    }

    /// <summary>The reasons and duties of a verdict by code alone, for who makes the same of them each time.</summary>
    public ShelvedExplanation Brief(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var shape = new Shape(verdict);
        return told.TryGetValue(shape, out var known) ? known
            : Keep(told, ref toldCount, shape, new ShelvedExplanation(new Explanation { Language = "", Paragraph = "", Judged = "" }, ""));
    }

    private string BeginningOf(Situation situation, Verdict verdict, Whereabouts where, string language)
    {
        // Within a second all instants read alike; its first one is of the second before where clocks are just set.
        var ticks = situation.At.ToUnixTimeTicks();
        var isWhole = situation.At == Instant.FromUnixTimeTicks(ticks) && ticks % NodaConstants.TicksPerSecond == 0;
        var second = (ticks - (((ticks % NodaConstants.TicksPerSecond) + NodaConstants.TicksPerSecond) % NodaConstants.TicksPerSecond)) / NodaConstants.TicksPerSecond;
        var key = new Beginning(second, isWhole, where, situation.Ask.Channel, verdict.Word, language);
        if (beginnings.TryGetValue(key, out var known))
            return known;
        var say = new GateLanguage(language);
        return Keep(beginnings, ref beginningCount, key, ExplanationParagraph.First(situation.Ask.Channel, verdict, say.Time(situation.At, where.Zones), say));
    }

    private static TValue Keep<TKey, TValue>(ConcurrentDictionary<TKey, TValue> shelf, ref int count, TKey key, TValue value) where TKey : notnull
    {
        if (Interlocked.Increment(ref count) > Most)
        {
            shelf.Clear();
            Volatile.Write(ref count, 1);
        }

        return shelf.GetOrAdd(key, value);
    }

    private readonly record struct Beginning(long Second, bool IsWhole, Whereabouts Where, Channel? Channel, string Verdict, string Language);

    // Everything that an explanation is made of, but for number and instant.
    private sealed class Shape : IEquatable<Shape>
    {
        private readonly Verdict verdict;
        private readonly Whereabouts? where;
        private readonly Channel? channel;
        private readonly ImmutableArray<Channel> alternatives;
        private readonly string language;
        private readonly (Moment? Granted, ConsentMethod? Method, Relation? Relation)[] grounds;
        private readonly (string Name, Screening Screening)[] registers;
        private readonly int hash;

        public Shape(Verdict verdict)
        {
            (this.verdict, language, alternatives, grounds, registers) = (verdict, "", [], [], []);
            hash = HashOf();
        }

        public Shape(Situation situation, Verdict verdict, Whereabouts where, ImmutableArray<Channel> alternatives, string language)
        {
            (this.verdict, this.where, channel, this.alternatives, this.language) = (verdict, where, situation.Ask.Channel, alternatives, language);
            grounds = verdict is Verdict.Allowed { Grounds: { Length: > 0 } all } ? [.. all.Select(ground => OfGround(ground, situation))] : [];
            registers = situation.Registers is { Count: > 0 } screened && screened.Values.Any(static one => one.Version is not null)
                ? [.. screened.Where(static one => one.Value.Version is not null).OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => (one.Key, one.Value))]
                : [];
            hash = HashOf();
        }

        public bool Equals(Shape? other) =>
            other is not null && hash == other.hash && ReferenceEquals(where, other.where) && channel == other.channel && language == other.language
            && alternatives.AsSpan().SequenceEqual(other.alternatives.AsSpan()) && grounds.AsSpan().SequenceEqual(other.grounds) && registers.AsSpan().SequenceEqual(other.registers)
            && Same(verdict, other.verdict);

        public override bool Equals(object? obj) => Equals(obj as Shape);

        public override int GetHashCode() => hash;

        private static (Moment?, ConsentMethod?, Relation?) OfGround(Ground ground, Situation situation)
        {
            var consent = ground.Consent is { } index ? situation.Consents?[index] : null;
            return (consent?.GrantedAt, consent?.Method, ground.Relation is { } at ? situation.Contact.Relations?[at] : null);
        }

        private int HashOf()
        {
            var code = new HashCode();
            code.Add(where is null ? 0 : RuntimeHelpers.GetHashCode(where));
            code.Add(channel);
            code.Add(language.Length);
            switch (verdict)
            {
                case Verdict.Allowed allowed:
                    code.Add(allowed.Until);
                    code.Add(allowed.Obligations.Length);
                    code.Add(allowed.Grounds.Length);
                    break;
                case Verdict.Deferred deferred:
                    code.Add(deferred.Until);
                    Add(ref code, deferred.Reasons);
                    break;
                case Verdict.Refused refused:
                    Add(ref code, refused.Reasons);
                    break;
            }

            return code.ToHashCode();
        }

        private static void Add(ref HashCode code, ImmutableArray<Reason> reasons)
        {
            foreach (var reason in reasons)
            {
                code.Add((int)reason.Code);
                code.Add(reason.Rule is null ? 0 : RuntimeHelpers.GetHashCode(reason.Rule));
                code.Add(reason.Item?.Length ?? 0);
            }
        }

        private bool Same(Verdict one, Verdict other) =>
            (where is null || (SameAll(one.Notes, other.Notes, static (a, b) => ReferenceEquals(a.Rule, b.Rule) && a.Code == b.Code && a.Place == b.Place) && SameAll(one.Packs, other.Packs, ReferenceEquals)))
            && (one, other) switch
            {
                (Verdict.Allowed a, Verdict.Allowed b) => a.Until == b.Until
                    && SameAll(a.Obligations, b.Obligations, static (a, b) => ReferenceEquals(a, b) || (a.Code == b.Code && ReferenceEquals(a.Rule, b.Rule) && Equals(a.Detail, b.Detail)))
                    && SameAll(a.Grounds, b.Grounds, static (a, b) => ReferenceEquals(a.Rule, b.Rule) && a.Alternative == b.Alternative && a.Consent == b.Consent && a.Relation == b.Relation),
                (Verdict.Deferred a, Verdict.Deferred b) => a.Until == b.Until && SameAll(a.Reasons, b.Reasons, SameReason),
                (Verdict.Refused a, Verdict.Refused b) => SameAll(a.Reasons, b.Reasons, SameReason),
                _ => false,
            };

        private static bool SameReason(Reason one, Reason other) =>
            one.Code == other.Code && ReferenceEquals(one.Rule, other.Rule) && one.Marks == other.Marks && one.Until == other.Until && one.Item == other.Item;

        private static bool SameAll<T>(ImmutableArray<T> some, ImmutableArray<T> others, Func<T, T, bool> same)
        {
            if (some == others)
                return true;
            if (some.Length != others.Length)
                return false;
            for (var i = 0; i < some.Length; i++)
            {
                if (!same(some[i], others[i]))
                    return false;
            }

            return true;
        }
    }
}
