using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Ringfence.Ledger;

/// <summary>What the free parts of a record, <c>decision</c> and <c>detail</c>, are made of. Closed; compares by what it holds.</summary>
public abstract class LeafValue : IEquatable<LeafValue>
{
    private LeafValue()
    {
    }

    /// <summary>A string, as <see cref="LeafText"/> allows it.</summary>
    public sealed class Word(string text) : LeafValue
    {
        public string Text { get; } = text;

        public override bool Equals(LeafValue? other) => other is Word word && word.Text == Text;

        public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Text);
    }

    /// <summary>An integer closer to 0 than 2^53.</summary>
    public sealed class Number(long value) : LeafValue
    {
        public long Value { get; } = value;

        public override bool Equals(LeafValue? other) => other is Number number && number.Value == Value;

        public override int GetHashCode() => Value.GetHashCode();
    }

    /// <summary>Words and integers in an order that means something; never empty in a record.</summary>
    public sealed class List(ValueList<LeafValue> items) : LeafValue
    {
        public ValueList<LeafValue> Items { get; } = items;

        public override bool Equals(LeafValue? other) => other is List list && list.Items.Equals(Items);

        public override int GetHashCode() => Items.GetHashCode();
    }

    /// <summary>Values by name, in the order of the names' bytes whatever order they were given in; never empty in a record.</summary>
    public sealed class Map : LeafValue
    {
        private Map(ImmutableArray<KeyValuePair<string, LeafValue>> members) => Members = members;

        /// <summary>In the order of the names.</summary>
        public ImmutableArray<KeyValuePair<string, LeafValue>> Members { get; }

        /// <summary>The value of a name; null where there is none.</summary>
        public LeafValue? this[string name]
        {
            get
            {
                foreach (var member in Members)
                {
                    if (member.Key == name)
                        return member.Value;
                }

                return null;
            }
        }

        /// <exception cref="ArgumentException">A name stands twice.</exception>
        public static Map Of(params ReadOnlySpan<(string Name, LeafValue Value)> members)
        {
            var sorted = ImmutableArray.CreateBuilder<KeyValuePair<string, LeafValue>>(members.Length);
            foreach (var (name, value) in members)
                sorted.Add(new(name, value));
            sorted.Sort((x, y) => string.CompareOrdinal(x.Key, y.Key));
            for (var i = 1; i < sorted.Count; i++)
            {
                if (sorted[i].Key == sorted[i - 1].Key)
                    throw new ArgumentException("A name stands twice.", nameof(members));
            }

            return new(sorted.MoveToImmutable());
        }

        // Invariant: the names rise.
        internal static Map OfSorted(ImmutableArray<KeyValuePair<string, LeafValue>> members) => new(members);

        public override bool Equals(LeafValue? other) => other is Map map && map.Members.AsSpan().SequenceEqual(Members.AsSpan(), MemberComparer.Instance);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var member in Members)
                hash.Add(MemberComparer.Instance.GetHashCode(member));
            return hash.ToHashCode();
        }
    }

    /// <summary>The text of a word; null for anything else.</summary>
    public string? AsText => (this as Word)?.Text;

    /// <summary>The value of an integer; null for anything else.</summary>
    public long? AsNumber => (this as Number)?.Value;

    public static implicit operator LeafValue(string text) => new Word(text);

    public static implicit operator LeafValue(long number) => new Number(number);

    public static implicit operator LeafValue(Digest digest) => new Word(digest.ToString());

    public static implicit operator LeafValue(OpaqueId id) => new Word(id.ToString());

    /// <summary>Words and integers in their order.</summary>
    public static LeafValue ListOf(params ReadOnlySpan<LeafValue> items) => new List(ValueList.Of(items));

    /// <summary>Integers in their order.</summary>
    public static LeafValue ListOf(IEnumerable<long> numbers) => new List([.. numbers.Select(n => (LeafValue)n)]);

    /// <summary>Words in their order.</summary>
    public static LeafValue ListOf(IEnumerable<string> words) => new List([.. words.Select(w => (LeafValue)w)]);

    public abstract bool Equals(LeafValue? other);

    public sealed override bool Equals(object? obj) => Equals(obj as LeafValue);

    public abstract override int GetHashCode();

    /// <summary>For the debugger: the kind, never what it says.</summary>
    public sealed override string ToString() => GetType().Name;

    private sealed class MemberComparer : IEqualityComparer<KeyValuePair<string, LeafValue>>
    {
        public static readonly MemberComparer Instance = new();

        public bool Equals(KeyValuePair<string, LeafValue> x, KeyValuePair<string, LeafValue> y) => x.Key == y.Key && x.Value.Equals(y.Value);

        public int GetHashCode([DisallowNull] KeyValuePair<string, LeafValue> member) =>
            HashCode.Combine(StringComparer.Ordinal.GetHashCode(member.Key), member.Value);
    }
}
