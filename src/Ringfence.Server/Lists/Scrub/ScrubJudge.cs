using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Server.Lists.Reading;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Lists.Scrub;

/// <summary>Some answered rows, as they are written.</summary>
internal sealed class ScrubbedRows
{
    public CsvOut Out { get; } = new();

    public ScrubTally Tally { get; } = new();

    /// <summary>Bytes of the list that were read when this was.</summary>
    public int Rows { get; set; }
}

/// <summary>Everything that is the same for all rows of a scrub.</summary>
/// <param name="Options">What it goes by.</param>
/// <param name="Columns">The list's columns.</param>
/// <param name="HasHeader">Whether the first row names them.</param>
/// <param name="Refusals">Who says no in the list.</param>
/// <param name="Suppressed">The lists of refusals; null: none was given.</param>
/// <param name="Ledger">Whom the ledger knows; null: there is none.</param>
/// <param name="Cancel">Stops.</param>
internal sealed record ScrubGround(
    ScrubOptions Options, IReadOnlyList<Ringfence.Lists.ColumnReading> Columns, bool HasHeader, ListedRefusals Refusals, RegisterImage? Suppressed, LedgerScreen? Ledger, CancellationToken Cancel);

/// <summary>Answers rows, batch by batch. One for each thread.</summary>
/// <remarks>
/// Rules ask only some things of a number (<see cref="NumberFacts"/>), so that of ten million numbers a few hundred kinds are left: each kind is judged once, by the gate and
/// in full, and its answer is written behind every row of the kind. Whoever the ledger knows is judged alone.
/// </remarks>
internal sealed class ScrubJudge
{
    // Of a list whose rows are all of another kind, such as with a place of its own each, not more is remembered.
    private const int MostKinds = 50_000;

    private readonly ScrubGround ground;
    private readonly RowReader reader;
    private readonly PlaceTable places = new();
    private readonly RowSituation situations;
    private readonly IReadOnlyList<RegisterImage> registers;
    private readonly NumberKinds numberKinds;
    private readonly Dictionary<Kind, ScrubAnswer> kinds = [];
    private readonly int[] columns;
    private readonly int phone;
    private readonly bool isOnePhone;
    private readonly int[] placeColumns;
    private readonly ScrubRow[] rows = new ScrubRow[RowBatch.Capacity];
    private readonly ulong[] numbers = new ulong[RowBatch.Capacity];
    private readonly RegisterAnswer[] answers = new RegisterAnswer[RowBatch.Capacity];
    private readonly bool[] isUnreadable = new bool[RowBatch.Capacity];

    public ScrubJudge(ScrubGround ground)
    {
        this.ground = ground;
        var plan = new ListPlan(ground.Columns, ListedRefusals.TellsNumber);
        reader = new RowReader(plan, places, ground.Options);
        isOnePhone = plan.Phones.Length == 1;
        phone = plan.Phones[0];
        placeColumns = [.. new[] { plan.Country, plan.State }.Where(static column => column >= 0)];
        registers = ground.Options.Registers;
        situations = new RowSituation(ground.Options.Asked, registers, ground.Suppressed is not null);
        numberKinds = new NumberKinds(ground.Options.Gate.Rules, ground.Options.Asked.Contact.LineType);
        columns = [.. Enumerable.Range(0, ground.Columns.Count)];
    }

    /// <summary>Answers the rows of a batch from one on.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="from">The first row to be answered.</param>
    /// <param name="into">Takes them.</param>
    public void Judge(RowBatch batch, int from, ScrubbedRows into)
    {
        into.Out.Clear();
        into.Tally.Clear();
        var count = Read(batch, from);
        into.Rows = count;
        Look(count);
        for (var i = 0; i < count; i++)
        {
            var answer = Answer(rows[i], into.Tally);
            into.Out.Cells(batch, from + i, columns);
            into.Out.E164(rows[i].Number.Digits);
            into.Out.Code(answer.Cells);
            into.Out.EndRow();
            into.Tally.Rows++;
            into.Tally.Unreadable += isUnreadable[i] ? 1 : 0;
            into.Tally.ByVerdict[answer.Verdict]++;
            if (answer.Reason >= 0)
                into.Tally.ByReason[answer.Reason]++;
        }
    }

    private int Read(RowBatch batch, int from)
    {
        var faults = new FaultWalk(batch);
        var refusals = ground.Refusals;
        for (var row = from; row < batch.Count; row++)
        {
            var misaligned = faults.At(row);
            if (!misaligned && TryReadPlain(batch, row, row - from))
                continue;
            var facts = reader.Read(batch, row, misaligned);
            var number = reader.Number;
            var isStated = (facts.PlaceGround & (Ringfence.Lists.PlaceGrounds.CountryCell | Ringfence.Lists.PlaceGrounds.StateCell)) != 0;
            var said = refusals.Count > 0 && number.Digits != 0 ? refusals.Of(number.Digits) : default;
            var (refused, isMinor, isSuppressed) = (facts.Refused | said.Refused, said.IsMinor, false);
            // A no to one of the person's numbers is a no of the person.
            foreach (var other in reader.OtherNumbers)
            {
                refused |= refusals.Of(other).Refused;
                isSuppressed |= ground.Suppressed?.Of(other) == RegisterAnswer.Listed;
            }

            var at = row - from;
            numbers[at] = number.Digits;
            isUnreadable[at] = number.Digits == 0;
            rows[at] = new ScrubRow(number, facts.NumberFault == NumberFault.Missing, isStated ? places[facts.Place].Code : null, refused, isMinor, isSuppressed, 0);
        }

        return batch.Count - from;
    }

    // Most numbers of large lists are written in the plainest way, and tell by themselves where they are from.
    private bool TryReadPlain(RowBatch batch, int row, int at)
    {
        if (!isOnePhone || !NumberReader.TryReadPlain(batch.Cell(row, phone), out var number))
            return false;
        foreach (var column in placeColumns)
        {
            if (!batch.Cell(row, column).IsEmpty)
                return false;
        }

        var (refused, isMinor) = ground.Refusals.Count > 0 ? ground.Refusals.Of(number.Digits) : default;
        numbers[at] = number.Digits;
        isUnreadable[at] = false;
        rows[at] = new ScrubRow(number, false, null, refused, isMinor, false, 0);
        return true;
    }

    // All rows of a batch together: a look-up then need not wait for the one before it.
    private void Look(int count)
    {
        for (var register = 0; register < registers.Count; register++)
        {
            registers[register].Of(numbers.AsSpan(0, count), answers);
            for (var i = 0; i < count; i++)
            {
                // What is no number stands in no register, and none says that it doesn't.
                if (numbers[i] != 0)
                    rows[i] = rows[i] with { Registers = ScrubRow.With(rows[i].Registers, register, answers[i]) };
            }
        }

        if (ground.Suppressed is not { } suppressed)
            return;
        suppressed.Of(numbers.AsSpan(0, count), answers);
        for (var i = 0; i < count; i++)
        {
            if (answers[i] == RegisterAnswer.Listed)
                rows[i] = rows[i] with { IsSuppressed = true };
        }
    }

    private ScrubAnswer Answer(in ScrubRow row, ScrubTally tally)
    {
        if (ground.Ledger is { } ledger && row.Number.Digits != 0 && row.Number.E164 is var number && ledger.Knows(number))
        {
            tally.OfLedger++;
            var known = ledger.Advise(number, situations.Of(row), ground.Cancel);
            return Judged(known with { Suppressions = situations.Stated(known.Suppressions, row) }, row);
        }

        var kind = new Kind(numberKinds.Of(row.Number), row with { Number = default });
        if (kinds.TryGetValue(kind, out var answer))
            return answer;
        var situation = situations.Of(row);
        // Of whoever the ledger does not know nothing was recorded: no yes, no no.
        answer = Judged(ground.Ledger is null ? situation : situation with { Consents = [], Suppressions = situations.Stated([], row) }, row);
        if (kinds.Count < MostKinds)
            kinds.Add(kind, answer);
        return answer;
    }

    private ScrubAnswer Judged(Situation situation, in ScrubRow row) => ScrubAnswer.Of(ground.Options.Gate.Decide(situation), situation, row, registers);

    private readonly record struct Kind(NumberKind Number, ScrubRow Row)
    {
        public bool Equals(Kind other) =>
            Number == other.Number
            && Row.Registers == other.Row.Registers && Row.Refused == other.Row.Refused && Row.IsMinor == other.Row.IsMinor && Row.IsSuppressed == other.Row.IsSuppressed
            && Row.IsMissing == other.Row.IsMissing && Row.Residence == other.Row.Residence;

        public override int GetHashCode() => unchecked(
            (Number.GetHashCode() * 31) + (Row.Registers.GetHashCode() * 17) + ((int)Row.Refused << 3) + (Row.IsSuppressed ? 2 : 0) + (Row.Residence is { Length: > 1 } place ? place[^1] + (place[^2] << 8) : 0));
    }
}
