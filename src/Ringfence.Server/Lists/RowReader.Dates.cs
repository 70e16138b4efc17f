using NodaTime;
using Ringfence.Lists;
using Ringfence.Server.Lists.Reading;
using Ringfence.Suppression;

namespace Ringfence.Server.Lists;

/// <content>Days: of consents and their ends, of the last sign of life, of birth.</content>
internal sealed partial class RowReader
{
    // An end that can't be read must not help: it counts as passed.
    private const int EndedLongAgo = 0;

    private void ReadDates(RowBatch batch, int row, ref ContactFacts facts)
    {
        for (var i = 0; i < dates.Length; i++)
        {
            var column = plan.Dates[i];
            var bytes = batch.Cell(row, column.Index);
            if (bytes.IsEmpty)
                continue;
            var read = dates[i][bytes];
            if (!read.IsDate)
            {
                ReadUndated(bytes, Text(bytes), column, ref facts);
                continue;
            }

            switch (column.Field)
            {
                case ListField.ConsentAt:
                    SetDay(ref facts, column.Channels, read.Day, isEnd: false);
                    break;
                case ListField.ConsentUntil:
                    SetDay(ref facts, column.Channels, read.Day, isEnd: true);
                    break;
                case ListField.BornOn:
                    if (read.IsOfMinor)
                        facts.Marks |= ContactMarks.Minor;
                    break;
                default:
                    if (!read.IsToCome)
                        facts.LastSign = Math.Max(facts.LastSign, read.Day);
                    break;
            }
        }
    }

    private DateReading ReadDate(ReadOnlySpan<char> cell, ColumnReading column)
    {
        if (!ListDate.TryRead(cell, column.Dates, out var date, out _))
            return default;
        // Invariant: "the earlier reading" makes a person older; of two readings of a birthday the later counts.
        var isOfMinor = column.Field == ListField.BornOn && LaterReading(cell, date).PlusYears(OfAge) > asOf;
        return new DateReading(true, Days.Of(date), date > asOf, isOfMinor);
    }

    /// <summary>A date cell without a date: nothing, a refusal (<c>withdrawn 2024-05-01</c>), an end in words, or something unreadable.</summary>
    private void ReadUndated(ReadOnlySpan<byte> bytes, ReadOnlySpan<char> cell, ColumnReading column, ref ContactFacts facts)
    {
        var answer = ConsentCell.Read(cell);
        if (answer.Answer == Answer.Blank || column.Field == ListField.ConsentUntil && ConsentEnd.IsOpen(cell))
            return;
        if (column.Field == ListField.ConsentUntil)
            SetDay(ref facts, column.Channels, EndedLongAgo, isEnd: true);

        var ofConsent = column.Field is ListField.ConsentAt or ListField.ConsentUntil;
        var inWords = refusals[bytes];
        if (ofConsent && answer is { Answer: Answer.No, IsRefusal: true })
            Refuse(ref facts, Reach(column.Channels) | inWords, RefusalPlaces.Consent);
        else if (inWords != ChannelSet.None)
            Refuse(ref facts, ofConsent && column.Channels != ChannelSet.None ? Reach(column.Channels) | inWords : inWords, RefusalPlaces.Other);
        else
            Reject(column.Index, "unclear-date");
    }

    private static LocalDate LaterReading(ReadOnlySpan<char> cell, LocalDate earlier)
    {
        ListDate.TryRead(cell, DateOrder.DayFirst, out var dayFirst, out _);
        ListDate.TryRead(cell, DateOrder.MonthFirst, out var monthFirst, out _);
        var later = LocalDate.Max(earlier, LocalDate.Max(dayFirst, monthFirst));

        // A year alone, or a month, stands for any day in it.
        var (groups, longest) = Digits(cell);
        if (later.Day != 1 || groups > 2 || longest > 4)
            return later;
        return groups == 1 && later.Month == 1 ? new LocalDate(later.Year, 12, 31) : later.With(DateAdjusters.EndOfMonth);
    }

    private static (int Groups, int Longest) Digits(ReadOnlySpan<char> cell)
    {
        int groups = 0, longest = 0, length = 0;
        foreach (var c in cell)
        {
            length = char.IsDigit(c) ? length + 1 : 0;
            groups += length == 1 ? 1 : 0;
            longest = Math.Max(longest, length);
        }

        return (groups, longest);
    }

    private static void SetDay(ref ContactFacts facts, ChannelSet channels, int day, bool isEnd)
    {
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
        {
            if (!IsMeant(channels, (EvidenceSlot)slot))
                continue;
            ref var evidence = ref facts.Evidence[slot];
            // Of several ends the first one holds.
            if (isEnd)
                evidence.Until = evidence.Until == ContactFacts.NoDay ? day : Math.Min(evidence.Until, day);
            else if (evidence.GivenOn == ContactFacts.NoDay || channels != ChannelSet.None)
                evidence.GivenOn = day;
        }
    }
}

/// <summary>What a date cell says.</summary>
/// <param name="IsDate">Whether it holds a date.</param>
/// <param name="Day">The day.</param>
/// <param name="IsToCome">Whether it is later than the day of the audit.</param>
/// <param name="IsOfMinor">Whether somebody born then may be under age.</param>
internal readonly record struct DateReading(bool IsDate, int Day, bool IsToCome, bool IsOfMinor);
