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
    private readonly List<(long Seq, int Day, ulong Person)> contacts = [];
    private readonly long[] newest = new long[RecordWords.Types.All.Count];
    private readonly Instant?[] newestAt = new Instant?[RecordWords.Types.All.Count];
    private readonly Counts all = new();

    // By place: 6 bytes for each record there is. What it counts as, by one more than its kind.
    private byte[] typeOf = new byte[1 << 10];
    private byte[] kindOf = new byte[1 << 10];
    private int[] dayOf = new int[1 << 10];

    // Withdrawals by how long they waited until they counted; each step ends before its time.
    private static readonly (FigureKind Kind, long Micros)[] WaitSteps =
    [
        (FigureKind.WaitMinute, 60_000_000), (FigureKind.WaitHour, 3_600_000_000), (FigureKind.WaitDay, 86_400_000_000), (FigureKind.WaitTenDays, 864_000_000_000), (FigureKind.WaitLonger, long.MaxValue),
    ];

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
        long? wait = record is { Type: RecordType.ConsentWithdrawn, State: not RecordState.Refused, EventAt: { } said } && record.EventSource is not EventSource.Import
            ? Math.Max(0, LedgerTime.ToMicroseconds(record.At) - LedgerTime.ToMicroseconds(said)) : null;
        var kind = KindOf(record, wait);
        Note(record.Type, kind, day);
        newest[(int)record.Type] = record.Seq;
        newestAt[(int)record.Type] = record.At;
        if (!days.TryGetValue(day, out var counts))
            days.Add(day, counts = new Counts());
        counts.Take(record, kind);
        all.Take(record, kind);
        if (wait is { } micros)
            waits.Add((day, micros));
        if (record is { Type: RecordType.PermitRedeemed or RecordType.PermitRevoked, About: { Count: > 0 } about })
            Turn(about[0], record.Type == RecordType.PermitRedeemed ? FigureKind.PermitUsed : FigureKind.PermitBack);
        if (record.Type == RecordType.PermitRedeemed)
            contacts.Add((record.Seq, day, record.Subject is { } subject ? Bits(subject.Sid) : 0));
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
        var people = TimesIn(period);
        var unknown = people.Remove(0, out var contactsUnknown) ? contactsUnknown : 0;
        return ([.. people.Values.GroupBy(static times => times).OrderBy(static same => same.Key).Select(static same => (same.Key, (long)same.Count()))], unknown);
    }

    /// <summary>The records of contacts with people who were contacted so often, rising.</summary>
    /// <param name="period">In these days; null: ever.</param>
    /// <param name="often">How often.</param>
    public IReadOnlyList<long> ContactsOf(FigurePeriod? period, ContactTimes often)
    {
        var (people, (from, until)) = (TimesIn(period), Range(period));
        return
        [
            .. contacts.Where(contact => from <= contact.Day && contact.Day < until && (contact.Person == 0 ? often.Least <= 0 : people[contact.Person] is var times && often.Least <= times && times <= often.Most))
                .Select(static contact => contact.Seq),
        ];
    }

    private Dictionary<ulong, int> TimesIn(FigurePeriod? period)
    {
        var (from, until) = Range(period);
        var people = new Dictionary<ulong, int>();
        foreach (var (_, day, person) in contacts)
        {
            if (from <= day && day < until)
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(people, person, out _)++;
        }

        return people;
    }

    /// <summary>The newest record of a type: its place and when it was written; null: there is none.</summary>
    public (long Seq, Instant At)? Newest(RecordType type) => newestAt[(int)type] is { } at ? (newest[(int)type], at) : null;

    /// <summary>Places of records, the newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="before">Of smaller places only.</param>
    /// <param name="most">At most so many.</param>
    public IReadOnlyList<long> Find(RecordFilter filter, long before, int most) => [.. Fitting(filter, before).Take(most)];

    /// <summary>How many records there are of some kind.</summary>
    public long Count(RecordFilter filter) => Fitting(filter, Size).LongCount();

    /// <summary>The place from which a page that ends before some place begins, so that one can go back: the place after its newest record.</summary>
    public long? BeforeOf(RecordFilter filter, long from, int most)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var passed = 0;
        var fits = Fits(filter);
        foreach (var seq in filter.Among?.Where(seq => from <= seq && seq < Size) ?? Places(from))
        {
            if (fits(seq) && ++passed == most)
                return seq + 1;
        }

        return passed == 0 ? null : Size;
    }

    private IEnumerable<long> Fitting(RecordFilter filter, long before)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var last = Math.Min(before, Size) - 1;
        return (filter.Among?.Reverse().Where(seq => seq <= last) ?? PlacesDown(last)).Where(Fits(filter));
    }

    private IEnumerable<long> Places(long from)
    {
        for (var seq = from; seq < Size; seq++)
            yield return seq;
    }

    private static IEnumerable<long> PlacesDown(long from)
    {
        for (var seq = from; seq >= 0; seq--)
            yield return seq;
    }

    private Func<long, bool> Fits(RecordFilter filter)
    {
        var wanted = Wanted(filter.Types);
        if (filter.Among is not null)
            return seq => wanted[typeOf[seq]];
        var (from, until) = Range(filter.Period);
        var (least, most) = filter.Kind switch
        {
            null => (byte.MinValue, byte.MaxValue),
            // However long it took.
            FigureKind.Withdrawn => (Byte(FigureKind.Withdrawn), Byte(FigureKind.WaitLonger)),
            { } kind => (Byte(kind), Byte(kind)),
        };
        return seq => wanted[typeOf[seq]] && from <= dayOf[seq] && dayOf[seq] < until && least <= kindOf[seq] && kindOf[seq] <= most;
    }

    // A yes that was given once and then confirmed is one all the same. A list tells what was said long before; how soon that counts here says nothing.
    private FigureKind? KindOf(LedgerRecord record, long? wait) => record switch
    {
        { Type: RecordType.ConsentConfirmed, About: { Count: > 0 } about } when IsA(about[0], RecordType.ConsentRequested) => FigureKind.Given,
        { Type: RecordType.ConsentGiven or RecordType.ConsentWithdrawn, State: RecordState.Refused } => FigureKind.Declined,
        { Type: RecordType.ConsentGiven } => FigureKind.Given,
        { Type: RecordType.ConsentWithdrawn } => wait is { } micros ? Array.Find(WaitSteps, step => micros < step.Micros).Kind : FigureKind.Withdrawn,
        { Type: RecordType.PermitIssued } => FigureKind.PermitOpen,
        _ => null,
    };

    private bool IsA(long seq, RecordType type) => seq >= 0 && seq < Size && typeOf[seq] == (byte)type;

    // What became of a permit counts on the day it was issued.
    private void Turn(long permit, FigureKind now)
    {
        if (!IsA(permit, RecordType.PermitIssued) || kindOf[permit] != Byte(FigureKind.PermitOpen))
            return;
        kindOf[permit] = Byte(now);
        days[dayOf[permit]].Turn(FigureKind.PermitOpen, now);
        all.Turn(FigureKind.PermitOpen, now);
    }

    private static byte Byte(FigureKind? kind) => kind is { } known ? (byte)((int)known + 1) : (byte)0;

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

    private void Note(RecordType type, FigureKind? kind, int day)
    {
        if (Size == typeOf.Length)
        {
            Array.Resize(ref typeOf, typeOf.Length * 2);
            Array.Resize(ref kindOf, kindOf.Length * 2);
            Array.Resize(ref dayOf, dayOf.Length * 2);
        }

        (typeOf[Size], kindOf[Size], dayOf[Size]) = ((byte)type, Byte(kind), day);
        Size++;
    }

    private static int DayOf(Instant at) => (int)Math.Floor(at.ToUnixTimeSeconds() / 86_400.0);

    private static int NumberOf(LocalDate day) => Period.DaysBetween(new LocalDate(1970, 1, 1), day);

    // Half of 128 random bits: among millions no two are alike. Never 0, which stands for nobody.
    private static ulong Bits(OpaqueId sid) => Math.Max(1, unchecked((ulong)sid.Value));
}
