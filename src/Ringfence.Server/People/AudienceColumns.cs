using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;

namespace Ringfence.Server.People;

/// <summary>All people of a ledger side by side, in the order in which they first came, so that any of them are counted by one look through. Whoever changes it keeps everybody else out.</summary>
internal sealed class AudienceColumns
{
    private const byte Gone = byte.MaxValue;

    private Row[] rows = new Row[256];
    private int[] slots = NewSlots(256);
    private readonly Slices<AudiencePoint> points = new();
    private readonly Slices<ConsentCell> consents = new();
    private readonly Interned<string> places = new();
    private readonly Interned<string> purposes = new();
    private readonly Interned<OpaqueId> batches = new();
    private readonly Dictionary<int, int> named = [];

    /// <summary>Rows, those of people who are not listed any more too.</summary>
    public int Count { get; private set; }

    /// <summary>People that are listed.</summary>
    public int People { get; private set; }

    /// <summary>By what they are found.</summary>
    public ContactNames Names { get; } = new();

    /// <summary>Bytes that are held.</summary>
    public long Bytes => (rows.LongLength * System.Runtime.CompilerServices.Unsafe.SizeOf<Row>()) + (4L * slots.Length) + points.Bytes + consents.Bytes + Names.Bytes;

    /// <summary>Purposes that anything was said about, those of most people first.</summary>
    public IReadOnlyList<string> Purposes => [.. named.OrderByDescending(static one => one.Value).ThenBy(one => purposes[one.Key], StringComparer.Ordinal).Where(static one => one.Value > 0).Select(one => purposes[one.Key])];

    /// <summary>Words of residences that stand in any row.</summary>
    public IReadOnlyList<string> Places => [.. places.All.Order(StringComparer.Ordinal)];

    /// <summary>Takes a person in, or what is new of them.</summary>
    /// <returns>Their row.</returns>
    public int Put(AudiencePerson person)
    {
        var row = Find(person.Sid);
        if (row < 0)
            row = Add(person.Sid);
        ref var one = ref rows[row];
        if (one.Status == Gone)
            People++;
        Unname(in one);
        one.Status = (byte)person.Status;
        one.Residence = (ushort)(person.Residence is { } place ? places.Of(place) + 1 : 0);
        one.Basis = (byte)person.ResidenceBasis;
        one.Source = (byte)(person.Source is { } source ? (int)source + 1 : 0);
        one.Batch = person.Batch is { } batch ? batches.Of(batch) + 1 : 0;
        (one.First, one.Last, one.Contacted) = (Clock.Seconds(person.First), Clock.Seconds(person.Last), person.Contacted is { } at ? Clock.Seconds(at) : 0);
        one.Suppressed = (byte)person.Suppressed;
        one.Alike = person.Alike;
        points.Put(ref one.Points, [.. person.Points]);
        consents.Put(ref one.Consents, [.. Strongest(person.Consents)]);
        foreach (ref readonly var said in consents[one.Consents])
            named[said.Purpose] = named.GetValueOrDefault(said.Purpose) + 1;
        Names.Put(row, person.Names.Name, person.Names.Given, person.Names.Family, person.Names.Company);
        return row;
    }

    /// <summary>Takes a person out: nothing of them is left but a random name.</summary>
    public void Remove(OpaqueId sid)
    {
        var row = Find(sid);
        if (row < 0 || rows[row].Status == Gone)
            return;
        ref var one = ref rows[row];
        Unname(in one);
        points.Put(ref one.Points, []);
        consents.Put(ref one.Consents, []);
        Names.Remove(row);
        one = one with { Status = Gone, Residence = 0, Source = 0, Batch = 0, Suppressed = 0, Alike = 0, Contacted = 0 };
        People--;
    }

    /// <summary>Puts everybody in the order in which they came: who comes later is put behind.</summary>
    public void Sort()
    {
        var order = Enumerable.Range(0, Count).ToArray();
        Array.Sort(order, (a, b) => rows[a].First != rows[b].First ? rows[a].First.CompareTo(rows[b].First) : rows[a].Sid.CompareTo(rows[b].Sid));
        var (sorted, place) = (new Row[Room(Count)], new int[Count]);
        for (var i = 0; i < Count; i++)
            (sorted[i], place[order[i]]) = (rows[order[i]], i);
        rows = sorted;
        Names.Renumber(place);
        slots = NewSlots(slots.Length / 2);
        for (var row = 0; row < Count; row++)
            slots[SlotOf(rows[row].Sid)] = row + 1;
        // Who is like nobody among so many is not worth comparing.
        var alike = new ulong[Count];
        for (var row = 0; row < Count; row++)
            alike[row] = unchecked((ulong)rows[row].Alike);
        Array.Sort(alike);
        for (var row = 0; row < Count; row++)
        {
            var at = Array.BinarySearch(alike, unchecked((ulong)rows[row].Alike));
            if ((at == 0 || alike[at - 1] != alike[at]) && (at == Count - 1 || alike[at + 1] != alike[at]))
                rows[row].Alike = 0;
        }
    }

    /// <summary>Gives back what was taken to grow into; so much is left that the next few need no more.</summary>
    public void Trim()
    {
        Array.Resize(ref rows, Room(Count));
        points.Trim();
        consents.Trim();
        Names.Trim();
    }

    /// <summary>How much is held of so many.</summary>
    internal static int Room(int count) => Math.Max(64, count + (count / 32));

    /// <summary>The row of a person; below zero: there is none.</summary>
    public int Find(OpaqueId sid) => slots[SlotOf(sid.Value)] - 1;

    /// <summary>A row.</summary>
    public ref readonly Row this[int row] => ref rows[row];

    public OpaqueId SidOf(int row) => new(rows[row].Sid);

    public bool IsListed(int row) => rows[row].Status != Gone;

    public string? ResidenceOf(in Row row) => row.Residence == 0 ? null : places[row.Residence - 1];

    public string PurposeOf(in ConsentCell cell) => purposes[cell.Purpose];

    public OpaqueId? BatchOf(in Row row) => row.Batch == 0 ? null : batches[row.Batch - 1];

    public int PlaceCount => places.All.Count;

    public string PlaceAt(int place) => places.All[place];

    public int PurposeCount => purposes.All.Count;

    public string PurposeAt(int purpose) => purposes.All[purpose];

    /// <summary>The place of an import among those that are known; below zero: nobody came by it.</summary>
    public int BatchPlace(OpaqueId batch) => batches.Find(batch);

    public ReadOnlySpan<AudiencePoint> PointsOf(in Row row) => points[row.Points];

    public ReadOnlySpan<ConsentCell> ConsentsOf(in Row row) => consents[row.Consents];

    /// <summary>Of whom a yes ended in a span of time: they may stand otherwise by now.</summary>
    public IEnumerable<OpaqueId> EndedBetween(uint from, uint until)
    {
        var ended = new List<OpaqueId>();
        for (var row = 0; row < Count; row++)
        {
            foreach (ref readonly var said in consents[rows[row].Consents])
            {
                if (said.Until > from && said.Until <= until)
                {
                    ended.Add(SidOf(row));
                    break;
                }
            }
        }

        return ended;
    }

    /// <summary>Whose numbers or addresses have one of these keyed hashes.</summary>
    public IEnumerable<OpaqueId> Having(IReadOnlySet<ulong> tags)
    {
        var having = new List<OpaqueId>();
        for (var row = 0; row < Count; row++)
        {
            foreach (ref readonly var point in points[rows[row].Points])
            {
                if (tags.Contains(point.Lookup) || tags.Contains(point.Suppress))
                {
                    having.Add(SidOf(row));
                    break;
                }
            }
        }

        return having;
    }

    // Of several numbers with one pair of channel and purpose the one that leaves most open stands for the person; of two alike the newer one.
    private IEnumerable<ConsentCell> Strongest(IReadOnlyList<StandingLine> lines) =>
        from line in lines
        group line by (line.Channel, line.Purpose) into same
        let best = same.MinBy(static line => (Weight(line.Standing), -(line.Since?.ToUnixTimeSeconds() ?? 0)))
        select new ConsentCell((ushort)purposes.Of(same.Key.Purpose), same.Key.Channel, best.Standing, best.Since is { } since ? Clock.Seconds(since) : 0, best.Until is { } until ? Clock.Seconds(until) : 0);

    private static int Weight(ConsentStanding standing) => standing switch
    {
        ConsentStanding.Confirmed => 0,
        ConsentStanding.Given => 1,
        ConsentStanding.Pending => 2,
        ConsentStanding.Expired => 3,
        ConsentStanding.Withdrawn => 4,
        ConsentStanding.Refused => 5,
        ConsentStanding.Invalidated => 6,
        ConsentStanding.NotAsked => 7,
    };

    private void Unname(in Row row)
    {
        foreach (ref readonly var said in consents[row.Consents])
            named[said.Purpose]--;
    }

    private int Add(OpaqueId sid)
    {
        if (Count == rows.Length)
            Array.Resize(ref rows, Count + Math.Max(64, Count / 2));
        if ((Count + 1) * 2 > slots.Length)
        {
            slots = NewSlots(slots.Length);
            for (var row = 0; row < Count; row++)
                slots[SlotOf(rows[row].Sid)] = row + 1;
        }

        rows[Count] = new Row { Sid = sid.Value, Status = Gone };
        slots[SlotOf(sid.Value)] = Count + 1;
        return Count++;
    }

    // Names are random: any of their bits will do.
    private int SlotOf(UInt128 sid)
    {
        var slot = unchecked((int)(uint)sid) & (slots.Length - 1);
        while (slots[slot] is var taken and > 0 && rows[taken - 1].Sid != sid)
            slot = (slot + 1) & (slots.Length - 1);
        return slot;
    }

    // A power of two, and at least half of it free.
    private static int[] NewSlots(int rows) => new int[rows * 2];

    /// <summary>One person. Times are seconds since 1970; what is counted from 1 is not known where it is 0.</summary>
    internal struct Row
    {
        public UInt128 Sid;
        public UInt128 Alike;
        public uint First;
        public uint Last;
        public uint Contacted;
        public int Batch;
        public Slice Points;
        public Slice Consents;
        public ushort Residence;
        public byte Status;
        public byte Basis;
        public byte Source;
        public byte Suppressed;
    }
}

/// <summary>How a consent stands, in few bytes; times are seconds since 1970, 0 for none.</summary>
internal readonly record struct ConsentCell(ushort Purpose, Channel Channel, ConsentStanding Standing, uint Since, uint Until)
{
    /// <summary>How it stands at a time.</summary>
    public ConsentStanding At(uint now) => Standing is ConsentStanding.Given or ConsentStanding.Confirmed && Until != 0 && Until <= now ? ConsentStanding.Expired : Standing;
}

/// <summary>Where the values of one row lie.</summary>
internal readonly record struct Slice(int From, int Count);

/// <summary>Values of rows that have different numbers of them, in one array.</summary>
internal sealed class Slices<T> where T : unmanaged
{
    private T[] all = new T[256];
    private int length;

    public long Bytes => all.LongLength * System.Runtime.CompilerServices.Unsafe.SizeOf<T>();

    public ReadOnlySpan<T> this[Slice slice] => all.AsSpan(slice.From, slice.Count);

    /// <summary>Takes values in the place of others; what is not taken up again is wiped.</summary>
    public void Put(ref Slice slice, ReadOnlySpan<T> values)
    {
        all.AsSpan(slice.From, slice.Count).Clear();
        if (values.Length > slice.Count)
        {
            if (all.Length < length + values.Length)
                Array.Resize(ref all, Math.Max(length + values.Length, all.Length + (all.Length / 2)));
            slice = new Slice(length, values.Length);
            length += values.Length;
        }

        values.CopyTo(all.AsSpan(slice.From));
        slice = slice with { Count = values.Length };
    }

    /// <summary>Gives back what was taken to grow into.</summary>
    public void Trim() => Array.Resize(ref all, AudienceColumns.Room(length));
}

/// <summary>Values that come again and again, by number.</summary>
internal sealed class Interned<T> where T : notnull
{
    private readonly Dictionary<T, int> numbers = [];
    private readonly List<T> values = [];

    public IReadOnlyList<T> All => values;

    public T this[int number] => values[number];

    public int Find(T value) => numbers.TryGetValue(value, out var number) ? number : -1;

    public int Of(T value)
    {
        if (numbers.TryGetValue(value, out var known))
            return known;
        numbers.Add(value, values.Count);
        values.Add(value);
        return values.Count - 1;
    }
}

/// <summary>Times in seconds since 1970, as far as four bytes go.</summary>
internal static class Clock
{
    public static uint Seconds(NodaTime.Instant at) => (uint)Math.Clamp(at.ToUnixTimeSeconds(), 1, uint.MaxValue);
}
