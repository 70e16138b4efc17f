using Ringfence.Lists;
using Ringfence.Server.Lists;
using Ringfence.Server.Lists.Reading;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>The numbers of an operator's files, line by line or from the number columns of a list.</summary>
internal sealed class RegisterInput
{
    private readonly RegisterOrder order;
    private readonly RegisterLines lines;
    private readonly RegisterReading reading;
    private readonly ListNumbers lists;

    /// <param name="order">What is wanted.</param>
    /// <param name="isChanges">Whether each line also says if its number came in or went out.</param>
    /// <param name="step">Told now and then how far it is.</param>
    /// <param name="cancel">Stops.</param>
    public RegisterInput(RegisterOrder order, bool isChanges, Action<long, long> step, CancellationToken cancel)
    {
        this.order = order;
        lines = new RegisterLines(order.Format, order.Region, isChanges);
        reading = new RegisterReading(lines, step, cancel);
        lists = new ListNumbers(order.Region, order.Map, step, cancel);
        ReadsLists = order.Format == RegisterFormat.Csv && !isChanges;
    }

    /// <summary>What the files that were read speak of.</summary>
    public RegisterCoverage Covers => lines.Covers;

    /// <summary>How many numbers were read.</summary>
    public long Numbers => reading.Numbers + lists.Numbers;

    /// <summary>The first damaged lines.</summary>
    public IReadOnlyList<DamagedLine> Damaged => ReadsLists ? lists.Damaged : reading.Damaged;

    /// <summary>How many lines are damaged.</summary>
    public long DamagedCount => reading.DamagedCount + lists.DamagedCount;

    private bool ReadsLists { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="add">Takes each number, and whether it is taken out.</param>
    public void Read(string path, Action<ulong, bool> add)
    {
        if (ReadsLists)
            lists.Read(path, number => add(number, false));
        else
            reading.Read(path, add);
    }
}

/// <summary>All numbers of a list with columns, whatever column they stand in and whatever else it says.</summary>
/// <param name="region">Where numbers without a country code are, if the row does not say.</param>
/// <param name="map">What the user said of columns.</param>
/// <param name="step">Told now and then: bytes of the file that were read, and numbers in all.</param>
/// <param name="cancel">Stops.</param>
internal sealed class ListNumbers(Ringfence.Numbers.Region region, IReadOnlyList<KeyValuePair<string, string>> map, Action<long, long> step, CancellationToken cancel)
{
    // A thousand rows show what a column holds.
    private const int LooksAt = 1000;

    private readonly List<DamagedLine> damaged = [];

    /// <summary>How many numbers were read, the same one counted again.</summary>
    public long Numbers { get; private set; }

    /// <summary>The first rows whose number can't be read.</summary>
    public IReadOnlyList<DamagedLine> Damaged => damaged;

    /// <summary>How many there are.</summary>
    public long DamagedCount { get; private set; }

    /// <summary>Reads a list.</summary>
    /// <exception cref="UnreadableListException">It is none.</exception>
    /// <exception cref="RegisterOrderException"><c>no-number-column</c>.</exception>
    public void Read(string path, Action<ulong> add)
    {
        using var file = ListFile.Open(path, new ListReadOptions(null));
        var batch = new RowBatch();
        if (!file.Read(batch))
            return;
        var understood = Understood(file, batch, map);
        var plan = new ListPlan(understood.Columns, static column => column.Field is ListField.Phone or ListField.OtherPhone or ListField.Country or ListField.State);
        if (plan.Phones.Length == 0)
            throw new RegisterOrderException("no-number-column", path);
        var reader = new RowReader(plan, new PlaceTable(), new ListOptions { Files = [path], AsOf = new NodaTime.LocalDate(2000, 1, 1), Region = region });
        do
        {
            cancel.ThrowIfCancellationRequested();
            var faults = new FaultWalk(batch);
            for (var row = understood.HasHeader && batch.FirstRow == 0 ? 1 : 0; row < batch.Count; row++)
            {
                var misaligned = faults.At(row);
                if (!misaligned && plan.Phones.Length == 1 && Ringfence.Numbers.NumberReader.TryReadPlain(batch.Cell(row, plan.Phones[0]), out var plain))
                {
                    Take(plain.Digits, add);
                    continue;
                }

                var facts = reader.Read(batch, row, misaligned);
                if (facts.NumberFault == Ringfence.Numbers.NumberFault.None)
                    Take(facts.Number, add);
                foreach (var other in reader.OtherNumbers)
                    Take(other, add);
                if (facts.NumberFault != Ringfence.Numbers.NumberFault.None || reader.Rejected.Count > 0)
                    Damage(path, batch.FirstRow + row + 1, reader.Rejected.Count > 0 ? reader.Rejected[0].Code : "missing");
            }

            step(file.Progress.Read, Numbers);
        }
        while (file.Read(batch));
    }

    /// <summary>How the columns of a list are understood, from its first rows.</summary>
    public static ColumnsUnderstood Understood(ListFile file, RowBatch first, IReadOnlyList<KeyValuePair<string, string>> map)
    {
        string[] Row(int row) => [.. Enumerable.Range(0, file.ColumnCount).Select(c => Utf8Cell.Read(first.Cell(row, c), static cell => cell.ToString()))];
        if (file.ColumnNames is { } names)
            return ColumnReader.Understand(names, [.. Enumerable.Range(0, Math.Min(LooksAt, first.Count)).Select(Row)], map) with { HasHeader = false };
        return first.Count == 0
            ? new ColumnsUnderstood(false, [])
            : ColumnReader.Understand(Row(0), [.. Enumerable.Range(1, Math.Max(0, Math.Min(LooksAt, first.Count) - 1)).Select(Row)], map);
    }

    private void Take(ulong number, Action<ulong> add)
    {
        Numbers++;
        add(number);
    }

    private void Damage(string path, long line, string code)
    {
        DamagedCount++;
        if (damaged.Count < RegisterReading.MostTold)
            damaged.Add(new DamagedLine(path, line, code));
    }
}
