using System.Numerics;
using System.Runtime.InteropServices;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;

namespace Ringfence.Server.Lists;

/// <summary>Counts that look across rows: different numbers, places, sources, ages of consent.</summary>
internal sealed class PeopleTally(AuditOptions options, ContactStore contacts, PlaceTable places, Linking linking, AuditTally tally)
{
    // By place and the channels that lack a ground.
    private readonly Dictionary<(ushort Place, ChannelSet Closed), long> exposed = [];
    private readonly PlaceCounts[] byPlace = [.. places.All.Select(static _ => new PlaceCounts())];
    private readonly long[] sources = new long[Enum.GetValues<SourceKind>().Length];
    private readonly long[] types = new long[Enum.GetValues<NumberType>().Length];
    private readonly long[] faults = new long[Enum.GetValues<NumberFault>().Length];
    private readonly long[] remarks = new long[NumberWords.AllRemarks.Count];
    private readonly long[] refusedIn = new long[5];
    private readonly Dictionary<int, long> dated = [];
    private long refusedRows;
    private long notesOnly;
    private long elsewhereOnly;
    private long sameNumber;
    private long samePerson;
    private long undated;
    private readonly int asOf = Days.Of(options.AsOf);

    /// <summary>Rows that could not be read.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Different numbers or addresses that are usable, by channel.</summary>
    public long[] UsablePoints { get; } = new long[Channels.All.Count];

    /// <summary>Different numbers and addresses that lack a ground on some channel.</summary>
    public IReadOnlyDictionary<ExposedGroup, long> Exposed => exposed
        .GroupBy(group => new ExposedGroup(places[group.Key.Place].Country, group.Key.Closed, places[group.Key.Place].State), static group => group.Value)
        .ToDictionary(static group => group.Key, static group => group.Sum());

    private ChannelSet LookedAt { get; } = options.Channels.Aggregate(ChannelSet.None, static (set, channel) => set | channel.Only());

    /// <summary>Goes over all rows once.</summary>
    public void Count()
    {
        // Each fills what the other does not touch.
        Parallel.Invoke(CountPoints, CountRows);
    }

    public NumberTally Numbers()
    {
        var notes = faults.Select(static (rows, i) => (Code: ((NumberFault)i).Word(), Rows: rows))
            .Where(static n => n.Code is not ("" or "missing"))
            .Concat(remarks.Select(static (rows, i) => (Code: NumberWords.AllRemarks[i].Word(), Rows: rows)));
        var missing = faults[(int)NumberFault.Missing];
        return new NumberTally(
            faults[(int)NumberFault.None], contacts.Count - faults[(int)NumberFault.None] - missing, missing, Codes(notes),
            Codes(types.Select(static (rows, i) => (RowWords.TypeWord((NumberType)i) is { Length: > 0 } word ? word : "unknown", rows))));
    }

    public DuplicateTally Duplicates() => new(sameNumber, samePerson, elsewhereOnly);

    public RefusalTally Refusals() => new(
        refusedRows, notesOnly,
        Codes([("consent", refusedIn[0]), ("refusal-flag", refusedIn[1]), ("notes", refusedIn[2]), ("wording", refusedIn[3]), ("other", refusedIn[4])]));

    public IReadOnlyList<SourceTally> Sources() =>
        [.. sources.Select(static (rows, i) => new SourceTally((SourceKind)i, rows)).Where(static s => s.Rows > 0).OrderByDescending(static s => s.Rows)];

    public IReadOnlyList<ConsentAgeTally> ConsentAges()
    {
        // Rows are counted by day, and the few thousand days are turned into years.
        var ages = dated.GroupBy(day => NodaTime.Period.Between(Days.Date(day.Key), options.AsOf, NodaTime.PeriodUnits.Years).Years, static day => day.Value);
        return
        [
            .. ages.OrderBy(static age => age.Key).Select(static age => new ConsentAgeTally(age.Key, age.Sum())),
            .. undated > 0 ? [new ConsentAgeTally(null, undated)] : Array.Empty<ConsentAgeTally>(),
        ];
    }

    public IReadOnlyList<PlaceTally> Places()
    {
        var countries = byPlace.Select((counts, i) => (Place: places[(ushort)i], Counts: counts)).GroupBy(static p => p.Place.Country).Select(Country);
        return [.. countries.Where(static c => c.Rows > 0).OrderBy(static c => c.Country is null).ThenByDescending(static c => c.Rows).ThenBy(static c => c.Country, StringComparer.Ordinal)];
    }

    private static PlaceTally Country(IGrouping<Region, (Place Place, PlaceCounts Counts)> group)
    {
        var code = group.Key.IsNone ? null : group.Key.ToString();
        IReadOnlyList<StateTally> states = code is "US" or "CA"
            ? [.. group.Select(static p => new StateTally(p.Place.State, p.Counts.Rows)).Where(static s => s.Rows > 0).OrderBy(static s => s.State is null).ThenByDescending(static s => s.Rows).ThenBy(static s => s.State, StringComparer.Ordinal)]
            : [];
        return new PlaceTally(
            code, group.Sum(static p => p.Counts.Rows), group.Sum(static p => p.Counts.Usable), group.Sum(static p => p.Counts.ByCountry),
            group.Sum(static p => p.Counts.ByState), group.Sum(static p => p.Counts.ByNumber), group.Sum(static p => p.Counts.Conflicts), states);
    }

    private static IReadOnlyList<CodeTally> Codes(IEnumerable<(string Code, long Rows)> counts) =>
        [.. counts.Where(static c => c.Rows > 0).OrderByDescending(static c => c.Rows).Select(static c => new CodeTally(c.Code, c.Rows))];

    /// <summary>A number stands in several rows: it is usable where one of them is, and else exposed.</summary>
    private void CountPoints()
    {
        var ofPoint = new ChannelSet[contacts.Count];
        for (var row = 0; row < contacts.Count; row++)
        {
            if (linking.FirstOfNumber(row) is var first && first >= 0)
                ofPoint[first] |= tally.UsableOf[row] & ChannelSet.Phone;
            if (linking.FirstOfEmail(row) is var box && box >= 0)
                ofPoint[box] |= tally.UsableOf[row] & ChannelSet.Email;
        }

        for (var row = 0; row < contacts.Count; row++)
        {
            ref readonly var facts = ref contacts[row];
            if (facts.NumberFault == NumberFault.None && linking.FirstOfNumber(row) == row)
                CountPoint(facts, ofPoint[row] & ChannelSet.Phone, ChannelSet.Phone & LookedAt);
            if (linking.FirstOfEmail(row) == row)
                CountPoint(facts, ofPoint[row] & ChannelSet.Email, ChannelSet.Email & LookedAt);
        }
    }

    private void CountPoint(in ContactFacts facts, ChannelSet usable, ChannelSet of)
    {
        for (var left = (uint)usable; left != 0; left &= left - 1)
            UsablePoints[BitOperations.TrailingZeroCount(left)]++;
        var closed = of & ~usable;
        if (closed != ChannelSet.None)
            CollectionsMarshal.GetValueRefOrAddDefault(exposed, (facts.Place, closed), out _)++;
    }

    private void CountRows()
    {
        for (var row = 0; row < contacts.Count; row++)
            CountRow(row, contacts[row]);
    }

    private void CountRow(int row, in ContactFacts facts)
    {
        if ((facts.Marks & ContactMarks.Unreadable) != 0)
            Unreadable++;
        faults[(int)facts.NumberFault]++;
        if (facts.NumberFault == NumberFault.None)
            types[(int)facts.NumberType]++;
        for (var i = 0; facts.NumberRemarks != NumberRemarks.None && i < remarks.Length; i++)
            remarks[i] += (facts.NumberRemarks & NumberWords.AllRemarks[i]) != 0 ? 1 : 0;
        sources[(int)facts.Source]++;
        sameNumber += linking.FirstOfNumber(row) is var first && first >= 0 && first != row ? 1 : 0;
        samePerson += linking.FirstOfPerson(row) != row ? 1 : 0;
        CountRefusal(row, facts);
        CountPlace(row, facts);
        if (facts.Yes != ChannelSet.None || (facts.Marks & ContactMarks.GeneralYes) != 0)
            CountAge(facts);
    }

    private void CountRefusal(int row, in ContactFacts facts)
    {
        if (facts.Refused != ChannelSet.None)
        {
            refusedRows++;
            var places = facts.RefusedIn | facts.EmailRefusedIn;
            notesOnly += places == RefusalPlaces.Notes ? 1 : 0;
            for (var i = 0; i < refusedIn.Length; i++)
                refusedIn[i] += ((int)places & (1 << i)) != 0 ? 1 : 0;
        }
        else if ((tally.ClosedOf[row] & LookedAt) != ChannelSet.None)
        {
            elsewhereOnly++;
        }
    }

    private void CountPlace(int row, in ContactFacts facts)
    {
        var counts = byPlace[facts.Place];
        counts.Rows++;
        counts.Usable += tally.UsableOf[row].Has(Channel.Voice) ? 1 : 0;
        if ((facts.PlaceGround & PlaceGrounds.CountryCell) != 0)
            counts.ByCountry++;
        else if ((facts.PlaceGround & PlaceGrounds.StateCell) != 0)
            counts.ByState++;
        else if ((facts.PlaceGround & PlaceGrounds.Number) != 0)
            counts.ByNumber++;
        counts.Conflicts += (facts.PlaceGround & PlaceGrounds.NumberDiffers) != 0 ? 1 : 0;
    }

    // The youngest dated yes of the row.
    private void CountAge(in ContactFacts facts)
    {
        var given = ContactFacts.NoDay;
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
            given = Math.Max(given, facts.Evidence[slot].GivenOn);
        if (given == ContactFacts.NoDay || given > asOf)
        {
            undated++;
            return;
        }

        CollectionsMarshal.GetValueRefOrAddDefault(dated, given, out _)++;
    }

    private sealed class PlaceCounts
    {
        public long Rows;
        public long Usable;
        public long ByCountry;
        public long ByState;
        public long ByNumber;
        public long Conflicts;
    }
}
