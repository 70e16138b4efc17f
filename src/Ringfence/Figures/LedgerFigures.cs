using NodaTime;
using Ringfence.Ledger;

namespace Ringfence.Figures;

/// <summary>What a ledger comes to: its records counted by day and kind, as they are taken in from the first to the last. Not safe for several threads.</summary>
/// <remarks>
/// A day is that on which something happened, where somebody says so, else that of the record; in UTC. Nothing of a person is kept but a few bits of the random name that the ledger has for them.
/// </remarks>
public sealed class LedgerFigures
{
    private readonly Dictionary<int, Counts> days = [];
    private readonly List<(int Day, long Micros)> waits = [];
    private readonly List<(int Day, ulong Person)> contacts = [];
    private readonly long[] newest = new long[RecordWords.Types.All.Count];
    private readonly Instant?[] newestAt = new Instant?[RecordWords.Types.All.Count];
    private readonly Counts all = new();

    // By place: 5 bytes for each record there is.
    private byte[] typeOf = new byte[1 << 10];
    private int[] dayOf = new int[1 << 10];

    /// <summary>How many records were taken in.</summary>
    public long Size { get; private set; }

    /// <summary>Everything there is.</summary>
    public Counts All => all;

    /// <summary>Takes in the next record.</summary>
    /// <exception cref="ArgumentException">It is not the next.</exception>
    public void Take(LedgerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Seq != Size)
            throw new ArgumentException("Records are taken in their order.", nameof(record));
        var day = DayOf(record.EventAt ?? record.At);
        Note(record.Type, day);
        newest[(int)record.Type] = record.Seq;
        newestAt[(int)record.Type] = record.At;
        if (!days.TryGetValue(day, out var counts))
            days.Add(day, counts = new Counts());
        // A yes that was given once and then confirmed is one all the same.
        var isAnswer = record is { Type: RecordType.ConsentConfirmed, About: { Count: > 0 } about } && about[0] < Size && typeOf[about[0]] == (byte)RecordType.ConsentRequested;
        counts.Take(record, isAnswer);
        all.Take(record, isAnswer);
        // A list tells what was said long before; how soon that counts here says nothing.
        if (record is { Type: RecordType.ConsentWithdrawn, State: not RecordState.Refused } && record.EventSource is not EventSource.Import && record.EventAt is { } said)
            waits.Add((day, Math.Max(0, LedgerTime.ToMicroseconds(record.At) - LedgerTime.ToMicroseconds(said))));
        if (record.Type == RecordType.PermitRedeemed)
            contacts.Add((day, record.Subject is { } subject ? Bits(subject.Sid) : 0));
    }

    /// <summary>What some days come to.</summary>
    public Counts Between(FigurePeriod period)
    {
        ArgumentNullException.ThrowIfNull(period);
        var sum = new Counts();
        var (from, until) = (NumberOf(period.From), NumberOf(period.Until));
        // Whichever are fewer.
        if (until - from < days.Count)
        {
            for (var day = from; day < until; day++)
            {
                if (days.TryGetValue(day, out var counts))
                    sum.Add(counts);
            }
        }
        else
        {
            foreach (var (day, counts) in days)
            {
                if (from <= day && day < until)
                    sum.Add(counts);
            }
        }

        return sum;
    }

    /// <summary>How long those who withdrew waited until it counted, rising, where it is known when they said so.</summary>
    public IReadOnlyList<Duration> WaitsIn(FigurePeriod period)
    {
        ArgumentNullException.ThrowIfNull(period);
        var (from, until) = (NumberOf(period.From), NumberOf(period.Until));
        return [.. waits.Where(wait => from <= wait.Day && wait.Day < until).Select(static wait => wait.Micros).Order().Select(static micros => Duration.FromTicks(micros * 10))];
    }

    /// <summary>How many people were contacted how often: by the number of permits that were used for them.</summary>
    /// <returns>Of each number of contacts how many people, rising; and how many contacts were with nobody the ledger knows.</returns>
    public (IReadOnlyList<(int Contacts, long People)> Pressure, long Unknown) PressureIn(FigurePeriod period)
    {
        ArgumentNullException.ThrowIfNull(period);
        var (from, until) = (NumberOf(period.From), NumberOf(period.Until));
        var (people, unknown) = (new Dictionary<ulong, int>(), 0L);
        foreach (var (day, person) in contacts)
        {
            if (day < from || day >= until)
                continue;
            if (person == 0)
                unknown++;
            else
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(people, person, out _)++;
        }

        return ([.. people.Values.GroupBy(static times => times).OrderBy(static same => same.Key).Select(static same => (same.Key, (long)same.Count()))], unknown);
    }

    /// <summary>The newest record of a type: its place and when it was written; null: there is none.</summary>
    public (long Seq, Instant At)? Newest(RecordType type) => newestAt[(int)type] is { } at ? (newest[(int)type], at) : null;

    /// <summary>Places of records, the newest first.</summary>
    /// <param name="types">Of these types; empty: of every one.</param>
    /// <param name="period">Of these days; null: of every one.</param>
    /// <param name="before">Of smaller places only.</param>
    /// <param name="most">At most so many.</param>
    public IReadOnlyList<long> Find(IReadOnlyCollection<RecordType> types, FigurePeriod? period, long before, int most)
    {
        var found = new List<long>();
        foreach (var seq in Fitting(types, period, before))
        {
            if (found.Count == most)
                break;
            found.Add(seq);
        }

        return found;
    }

    /// <summary>How many records there are of some types and days.</summary>
    public long Count(IReadOnlyCollection<RecordType> types, FigurePeriod? period) => Fitting(types, period, Size).LongCount();

    /// <summary>The place from which a page that ends before some place begins, so that one can go back: the place after its newest record.</summary>
    public long? BeforeOf(IReadOnlyCollection<RecordType> types, FigurePeriod? period, long from, int most)
    {
        var passed = 0;
        ArgumentNullException.ThrowIfNull(types);
        var wanted = Wanted(types);
        var (first, end) = Range(period);
        for (var seq = from; seq < Size; seq++)
        {
            if (wanted[typeOf[seq]] && first <= dayOf[seq] && dayOf[seq] < end && ++passed == most)
                return seq + 1;
        }

        return passed == 0 ? null : Size;
    }

    private IEnumerable<long> Fitting(IReadOnlyCollection<RecordType> types, FigurePeriod? period, long before)
    {
        ArgumentNullException.ThrowIfNull(types);
        var wanted = Wanted(types);
        var (from, until) = Range(period);
        for (var seq = Math.Min(before, Size) - 1; seq >= 0; seq--)
        {
            if (wanted[typeOf[seq]] && from <= dayOf[seq] && dayOf[seq] < until)
                yield return seq;
        }
    }

    private static bool[] Wanted(IReadOnlyCollection<RecordType> types)
    {
        var wanted = new bool[RecordWords.Types.All.Count];
        if (types.Count == 0)
            Array.Fill(wanted, true);
        foreach (var type in types)
            wanted[(int)type] = true;
        return wanted;
    }

    private static (int From, int Until) Range(FigurePeriod? period) => period is null ? (int.MinValue, int.MaxValue) : (NumberOf(period.From), NumberOf(period.Until));

    private void Note(RecordType type, int day)
    {
        if (Size == typeOf.Length)
        {
            Array.Resize(ref typeOf, typeOf.Length * 2);
            Array.Resize(ref dayOf, dayOf.Length * 2);
        }

        (typeOf[Size], dayOf[Size]) = ((byte)type, day);
        Size++;
    }

    private static int DayOf(Instant at) => (int)Math.Floor(at.ToUnixTimeSeconds() / 86_400.0);

    private static int NumberOf(LocalDate day) => Period.DaysBetween(new LocalDate(1970, 1, 1), day);

    // Half of 128 random bits: among millions no two are alike. Never 0, which stands for nobody.
    private static ulong Bits(OpaqueId sid) => Math.Max(1, unchecked((ulong)sid.Value));
}
