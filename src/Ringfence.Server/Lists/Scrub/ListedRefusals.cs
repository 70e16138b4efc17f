using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists.Scrub;

/// <summary>Who says no, or is under age, in any row of the list: found before the first row is answered, because the last row may refuse for it.</summary>
internal sealed class ListedRefusals
{
    // Dates and keys say no no.
    private static readonly ListField[] Mute =
        [ListField.Phone, ListField.OtherPhone, ListField.Country, ListField.State, ListField.Id, ListField.ConsentAt, ListField.ConsentUntil, ListField.LastActivity, ListField.CreatedAt];

    private readonly Dictionary<ulong, (ChannelSet Refused, bool IsMinor)> byNumber = [];

    /// <summary>How many numbers there are.</summary>
    public int Count => byNumber.Count;

    /// <summary>What the rows with a number say.</summary>
    public (ChannelSet Refused, bool IsMinor) Of(ulong number) => byNumber.TryGetValue(number, out var said) ? said : default;

    /// <summary>Whether a column tells the number, or where it is from: all that is read of a row to answer it.</summary>
    public static bool TellsNumber(ColumnReading column) => column.Field is ListField.Phone or ListField.OtherPhone or ListField.Country or ListField.State;

    /// <summary>Looks through a list.</summary>
    public static ListedRefusals Find(ListFile file, RowBatch first, ColumnsUnderstood understood, ScrubOptions options, Action<long> step, CancellationToken cancel)
    {
        var found = new ListedRefusals();
        Turns.Run<List<(ulong, ChannelSet, bool)>>(file, first, options.Threads, () => Finder(understood, options), some =>
        {
            foreach (var (number, refused, isMinor) in some)
            {
                var said = found.Of(number);
                found.byNumber[number] = (said.Refused | refused, said.IsMinor | isMinor);
            }

            step(file.Progress.Read);
        }, cancel);
        return found;
    }

    private static Func<RowBatch, List<(ulong, ChannelSet, bool)>> Finder(ColumnsUnderstood understood, ScrubOptions options)
    {
        var places = new PlaceTable();
        var words = new RowReader(new ListPlan(understood.Columns, static column => !Mute.Contains(column.Field)), places, options) { KeysNames = false };
        var plan = new ListPlan(understood.Columns, TellsNumber);
        var numbers = new RowReader(plan, places, options);
        return batch =>
        {
            var some = new List<(ulong, ChannelSet, bool)>();
            var faults = new FaultWalk(batch);
            for (var row = understood.HasHeader && batch.FirstRow == 0 ? 1 : 0; row < batch.Count; row++)
            {
                var misaligned = faults.At(row);
                var said = words.Read(batch, row, misaligned);
                if (misaligned)
                {
                    foreach (var number in said.Refused == ChannelSet.None ? [] : words.OtherNumbers)
                        some.Add((number, said.Refused, false));
                    continue;
                }

                var isMinor = (said.Marks & ContactMarks.Minor) != 0;
                if (said.Refused == ChannelSet.None && !isMinor && !HasLetters(batch, row, plan.Phones))
                    continue;
                var called = numbers.Read(batch, row, false);
                var refused = said.Refused | called.Refused;
                if (refused == ChannelSet.None && !isMinor)
                    continue;
                if (called.NumberFault == NumberFault.None)
                    some.Add((called.Number, refused, isMinor));
                foreach (var number in numbers.OtherNumbers)
                    some.Add((number, refused, isMinor));
            }

            return some;
        };
    }

    // "Do not call" may stand where the number should.
    private static bool HasLetters(RowBatch batch, int row, int[] columns)
    {
        foreach (var column in columns)
        {
            foreach (var b in batch.Cell(row, column))
            {
                if (b >= 0x80 || char.IsAsciiLetter((char)b))
                    return true;
            }
        }

        return false;
    }
}
