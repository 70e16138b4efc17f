using System.Buffers;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;

namespace Ringfence.Server.People;

/// <summary>Where a page begins: after or before a person, else so many from the first.</summary>
internal readonly record struct AudienceStart(int Offset, OpaqueId? After = null, OpaqueId? Before = null);

/// <summary>A page of a list.</summary>
/// <param name="Total">How many fit.</param>
/// <param name="Offset">How many of them come before the page.</param>
/// <param name="People">The page.</param>
internal sealed record AudiencePage(int Total, int Offset, IReadOnlyList<OpaqueId> People);

/// <summary>How many people have one answer.</summary>
/// <param name="Ask">To what.</param>
/// <param name="Cell">The answer.</param>
/// <param name="Country">ISO 3166-1 code of where they live; null where nobody said, or where countries are not told apart.</param>
/// <param name="Count">How many.</param>
internal readonly record struct AudienceShare(AudienceAsk Ask, AudienceCell Cell, string? Country, int Count);

/// <summary>What people are counted by.</summary>
internal enum AudienceField
{
    Residence,
    Country,
    Source,
    Status,
    NumberCountry,
}

/// <summary>Finds and counts people by one look through all of them. Nobody may change them meanwhile.</summary>
internal sealed class AudienceQuery
{
    private readonly AudienceColumns columns;
    private readonly NumberClasses classes;
    private readonly AudienceFilter filter;
    private readonly AnswerColumn[] answers;
    private readonly uint now;
    private readonly int[]? among;
    private readonly bool[]? placeFits;
    private readonly bool[]? purposeFits;
    private readonly bool[]? classFits;
    private readonly int batch;
    private readonly int source;

    /// <param name="columns">Everybody.</param>
    /// <param name="classes">What their numbers are.</param>
    /// <param name="filter">Who is meant.</param>
    /// <param name="answers">The columns of <see cref="AsksOf"/>.</param>
    /// <param name="now">In seconds since 1970.</param>
    /// <param name="among">Rows that alone count, rising; null: all.</param>
    public AudienceQuery(AudienceColumns columns, NumberClasses classes, AudienceFilter filter, AnswerColumn[] answers, uint now, int[]? among)
    {
        (this.columns, this.classes, this.filter, this.answers, this.now, this.among) = (columns, classes, filter, answers, now, among);
        if (filter.Residence is { } place)
        {
            placeFits = new bool[columns.PlaceCount + 1];
            placeFits[0] = place == AudienceFilter.NotKnown;
            for (var i = 0; i < columns.PlaceCount; i++)
                placeFits[i + 1] = columns.PlaceAt(i) is var at && (at == place || (place.Length == 2 && at.Length > 2 && at.StartsWith(place, StringComparison.Ordinal)));
        }

        if (filter.Purpose is { } purpose)
        {
            // What was said about a purpose stands for what is named behind it.
            purposeFits = new bool[columns.PurposeCount];
            for (var i = 0; i < purposeFits.Length; i++)
                purposeFits[i] = columns.PurposeAt(i) is var said && purpose.StartsWith(said, StringComparison.Ordinal) && (said.Length == purpose.Length || purpose[said.Length] == ':');
        }

        if (filter.NumberCountry is { } country)
        {
            classFits = new bool[classes.Count];
            for (var i = 0; i < classFits.Length; i++)
                classFits[i] = classes.Told(i).Country.ToString() == country;
        }

        batch = filter.Batch is { } id ? columns.BatchPlace(id) + 1 : 0;
        source = filter.Source switch
        {
            null => -1,
            AudienceFilter.NotKnown => 0,
            var word => Words<ContactSource>.TryParse(word, out var from) ? (int)from + 1 : -1,
        };
    }

    /// <summary>The columns of answers that a filter looks into.</summary>
    public static IReadOnlyList<AudienceAsk> AsksOf(AudienceFilter filter) =>
        !filter.AsksGate ? [] : filter.Channel is { } channel ? [new AudienceAsk(channel, filter.Purpose)] : [.. AudienceAsk.Line.Select(one => new AudienceAsk(one, filter.Purpose))];

    /// <summary>How many fit.</summary>
    public int Count()
    {
        var count = 0;
        foreach (var _ in Rows())
            count++;
        return count;
    }

    /// <summary>How many of those who fit have which best answer, by <see cref="AudienceVerdict"/>.</summary>
    public IReadOnlyList<int> Verdicts(IReadOnlyList<AnswerColumn> asked)
    {
        // Of a packed answer the verdict is known without unpacking it.
        var (counts, verdictOf) = (new int[Enum.GetValues<AudienceVerdict>().Length], new byte[AudienceCell.Packs]);
        for (var i = 0; i < verdictOf.Length; i++)
            verdictOf[i] = (byte)AudienceCell.Unpack((byte)i).Verdict;
        foreach (var row in Rows())
        {
            var best = (byte)AudienceVerdict.NoPoint;
            foreach (var column in asked)
                best = Math.Min(best, verdictOf[column[row]]);
            counts[best]++;
        }

        return counts;
    }

    /// <summary>A page of those who fit, the newest first.</summary>
    public AudiencePage Page(AudienceOrder order, AudienceStart start, int size)
    {
        // Eight megabytes for a million, each time: they are used again.
        var keys = ArrayPool<ulong>.Shared.Rent(Math.Max(1, among?.Length ?? columns.Count));
        try
        {
            var total = 0;
            foreach (var row in Rows())
                keys[total++] = KeyOf(row, order);
            var found = keys.AsSpan(0, total);
            if (start.After is not null || start.Before is not null)
                found.Sort();
            var offset = Math.Min(start.Offset, total);
            if (start.After is { } after)
                offset = PlaceOf(after) + 1;
            else if (start.Before is { } before)
                offset = Math.Max(0, PlaceOf(before) - size);
            offset = Math.Clamp(offset, 0, total);
            return new AudiencePage(total, offset, [.. Newest(found, offset, Math.Min(size, total - offset)).Select(key => columns.SidOf((int)(key & uint.MaxValue)))]);

            // Somebody who does not fit any more: the list begins anew.
            int PlaceOf(OpaqueId sid) =>
                columns.Find(sid) is var row and >= 0 && Array.FindIndex(keys, 0, total, key => (int)(key & uint.MaxValue) == row) is var place and >= 0 ? total - 1 - place : -1;
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(keys);
        }
    }

    /// <summary>Everybody who fits, as <see cref="Page"/> has them one after another.</summary>
    public IReadOnlyList<OpaqueId> All(AudienceOrder order) => [.. Rows().Select(row => KeyOf(row, order)).OrderDescending().Select(key => columns.SidOf((int)(key & uint.MaxValue)))];

    /// <summary>How many of those who fit have which answer.</summary>
    /// <param name="asked">Columns of answers.</param>
    /// <param name="byCountry">Whether countries are told apart.</param>
    public IReadOnlyList<AudienceShare> Breakdown(IReadOnlyList<AnswerColumn> asked, bool byCountry)
    {
        var countries = new Interned<string>();
        var countryOf = new int[columns.PlaceCount + 1];
        for (var i = 0; byCountry && i < columns.PlaceCount; i++)
            countryOf[i + 1] = countries.Of(columns.PlaceAt(i)[..2]) + 1;
        var width = (countries.All.Count + 1) * AudienceCell.Packs;
        var counts = new int[asked.Count * width];
        foreach (var row in Rows())
        {
            var country = byCountry ? countryOf[columns[row].Residence] : 0;
            for (var i = 0; i < asked.Count; i++)
                counts[(i * width) + (country * AudienceCell.Packs) + asked[i][row]]++;
        }

        var shares = new List<AudienceShare>();
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0 && i / AudienceCell.Packs % (countries.All.Count + 1) is var country)
                shares.Add(new AudienceShare(asked[i / width].Ask, AudienceCell.Unpack((byte)(i % AudienceCell.Packs)), country == 0 ? null : countries[country - 1], counts[i]));
        }

        return shares;
    }

    /// <summary>How many of those who fit are of which kind, those of which there are most first; null: nobody said.</summary>
    public IReadOnlyList<(string? Word, int Count)> Breakdown(AudienceField by)
    {
        var counts = new Dictionary<int, int>();
        foreach (var row in Rows())
        {
            ref readonly var one = ref columns[row];
            var key = by switch
            {
                AudienceField.Residence or AudienceField.Country => one.Residence,
                AudienceField.Source => one.Source,
                AudienceField.Status => one.Status,
                AudienceField.NumberCountry => FirstNumber(in one),
            };
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;
        }

        return [.. counts.GroupBy(pair => WordOf(pair.Key)).Select(static same => (same.Key, Count: same.Sum(static pair => pair.Value))).OrderByDescending(static one => one.Count).ThenBy(static one => one.Key, StringComparer.Ordinal)];

        string? WordOf(int key) => by switch
        {
            AudienceField.Residence => key == 0 ? null : columns.PlaceAt(key - 1),
            AudienceField.Country => key == 0 ? null : columns.PlaceAt(key - 1)[..2],
            AudienceField.Source => key == 0 ? null : Words<ContactSource>.Of((ContactSource)(key - 1)),
            AudienceField.Status => Words<PersonStatus>.Of((PersonStatus)key),
            AudienceField.NumberCountry => classes.Told(key).Country is { IsNone: false } country ? country.ToString() : null,
        };
    }

    /// <summary>Those who fit.</summary>
    private IEnumerable<int> Rows()
    {
        if (among is null)
        {
            for (var row = 0; row < columns.Count; row++)
            {
                if (Fits(row))
                    yield return row;
            }

            yield break;
        }

        foreach (var row in among)
        {
            if (Fits(row))
                yield return row;
        }
    }

    private bool Fits(int at)
    {
        ref readonly var row = ref columns[at];
        return columns.IsListed(at)
            && (filter.Status is not { } status || row.Status == (byte)status)
            && (placeFits is null || placeFits[row.Residence])
            && (source < 0 || row.Source == source)
            && (filter.Batch is null || (batch > 0 && row.Batch == batch))
            && (filter.Suppressed is not { } stopped || (row.Suppressed != 0) == stopped)
            && (filter.NumberCountry is null || HasNumberOf(in row))
            && (!filter.AsksConsent || ConsentFits(in row))
            && (!filter.AsksGate || AnswerFits(at));
    }

    private bool HasNumberOf(in AudienceColumns.Row row)
    {
        foreach (ref readonly var point in columns.PointsOf(in row))
        {
            if (point.Number != 0 && classFits![point.Class])
                return true;
        }

        return false;
    }

    private int FirstNumber(in AudienceColumns.Row row)
    {
        foreach (ref readonly var point in columns.PointsOf(in row))
        {
            if (point.Number != 0)
                return point.Class;
        }

        return NumberClasses.Address;
    }

    private bool ConsentFits(in AudienceColumns.Row row)
    {
        var isNamed = false;
        foreach (ref readonly var said in columns.ConsentsOf(in row))
        {
            if ((filter.Channel is { } channel && said.Channel != channel) || (purposeFits is not null && !purposeFits[said.Purpose]))
                continue;
            isNamed = true;
            var standing = said.At(now);
            if (filter.Stands ? standing is not (ConsentStanding.Given or ConsentStanding.Confirmed)
                : filter.Consent is { } wanted ? standing != wanted : standing is not (ConsentStanding.Given or ConsentStanding.Confirmed or ConsentStanding.Expired))
                continue;
            if ((filter.AgeFrom is null && filter.AgeTo is null || IsOfAge(said)) && (filter.StaleWithin is not { } days || IsStaleWithin(said, standing, days)) && (filter.AgreedBefore is not { } before || IsAgreedBefore(said, standing, before)))
                return true;
        }

        return filter.Consent == ConsentStanding.NotAsked && filter is { AgeFrom: null, AgeTo: null, StaleWithin: null, AgreedBefore: null } && !isNamed;
    }

    private bool IsOfAge(in ConsentCell said) =>
        said.Since != 0 && now - (long)said.Since is var age && (filter.AgeFrom is not { } from || age >= from * 86_400L) && (filter.AgeTo is not { } to || age < to * 86_400L);

    private static bool IsAgreedBefore(in ConsentCell said, ConsentStanding standing, NodaTime.Instant before) =>
        standing is ConsentStanding.Given or ConsentStanding.Confirmed && said.Since != 0 && said.Since < before.ToUnixTimeSeconds();

    private bool IsStaleWithin(in ConsentCell said, ConsentStanding standing, int days) =>
        standing is ConsentStanding.Given or ConsentStanding.Confirmed && said.Until != 0 && said.Until <= now + (days * 86_400L);

    // Of several channels the best answer counts, and the reasons of those that answer so.
    private bool AnswerFits(int row)
    {
        var best = AudienceVerdict.NoPoint;
        foreach (var column in answers)
        {
            if (column.Of(row).Verdict is var verdict && verdict < best)
                best = verdict;
        }

        if (filter.Verdict is { } wanted && best != wanted)
            return false;
        if (filter.Reason is not { } reason)
            return true;
        foreach (var column in answers)
        {
            if (column.Of(row) is var cell && cell.Verdict == best && cell.Reason == reason)
                return true;
        }

        return false;
    }

    // What people are ordered by; of two at the same time the one who came later is the newer one.
    private ulong KeyOf(int at, AudienceOrder order)
    {
        ref readonly var row = ref columns[at];
        var time = order switch { AudienceOrder.Added => 0u, AudienceOrder.Changed => row.Last, AudienceOrder.Contacted => row.Contacted };
        return ((ulong)time << 32) | (uint)at;
    }

    // A page of very many: no more of them are put in order than stand on it.
    private static ulong[] Newest(Span<ulong> keys, int offset, int count)
    {
        var from = keys.Length - offset - count;
        PutSmallest(keys, from);
        PutSmallest(keys[from..], count);
        var page = keys.Slice(from, count).ToArray();
        Array.Sort(page);
        Array.Reverse(page);
        return page;
    }

    // So many of the smallest come to the front, in any order: quickselect. No two are alike.
    private static void PutSmallest(Span<ulong> keys, int count)
    {
        var (low, high) = (0, keys.Length - 1);
        while (count > 0 && count < keys.Length && low < high)
        {
            var (first, middle, last) = (keys[low], keys[low + ((high - low) / 2)], keys[high]);
            var pivot = Math.Max(Math.Min(first, middle), Math.Min(Math.Max(first, middle), last));
            var (left, right) = (low, high);
            while (left <= right)
            {
                while (keys[left] < pivot)
                    left++;
                while (keys[right] > pivot)
                    right--;
                if (left <= right)
                {
                    (keys[left], keys[right]) = (keys[right], keys[left]);
                    (left, right) = (left + 1, right - 1);
                }
            }

            if (count <= right)
                high = right;
            else if (count >= left)
                low = left;
            else
                return;
        }
    }
}
