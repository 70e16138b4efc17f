using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <content>What is saved of a row that can't be read as its header says.</content>
internal sealed partial class RowReader
{
    private const int FewestDigits = 7;

    /// <summary>
    /// The cells of this row can't be told apart by the header. Nobody is contacted on its word; but every number and address in it is
    /// kept, and if anything in it may be a refusal, it counts for all of them.
    /// </summary>
    private void Salvage(RowBatch batch, int row, ref ContactFacts facts)
    {
        facts.Marks |= ContactMarks.Unreadable;
        facts.NumberFault = NumberFault.NotANumber;
        facts.EmailStatus = EmailStatus.Missing;
        var regions = Regions(batch, row);
        for (var column = 0; column < batch.CellCount(row); column++)
        {
            var bytes = batch.Cell(row, column);
            if (bytes.IsEmpty)
                continue;
            var answer = consents[bytes];
            var refused = refusals[bytes];
            if (refused != ChannelSet.None || MayRefuse(answer, bytes))
                Refuse(ref facts, refused != ChannelSet.None ? refused : ChannelSet.All, RefusalPlaces.Other);
            var cell = Text(bytes);
            if (EmailCell.Read(cell, out var address) == EmailStatus.Valid)
                AddEmail(address, ref facts);
            else
                AddNumbers(cell, regions, ref facts);
        }
    }

    /// <summary>A no may be the answer to anything; a yes too, where the list has a column in which a yes refuses.</summary>
    private bool MayRefuse(ConsentCell answer, ReadOnlySpan<byte> bytes) => answer.Answer switch
    {
        Answer.No => bytes.Length > 1 || answer.IsRefusal,
        Answer.Yes => plan.Refusals.Length > 0 && !(bytes.Length == 1 && char.IsAsciiDigit((char)bytes[0])),
        _ => false,
    };

    /// <summary>Where the numbers of the row may be from: any country that a cell names.</summary>
    private List<Region> Regions(RowBatch batch, int row)
    {
        var regions = new List<Region> { defaultRegion };
        for (var column = 0; column < batch.CellCount(row); column++)
        {
            // "no" is an answer before it is Norway.
            var bytes = batch.Cell(row, column);
            if (!bytes.IsEmpty && consents[bytes].Answer == Answer.Unknown && countries[bytes] is { IsNone: false } country && !regions.Contains(country))
                regions.Add(country);
        }

        return regions;
    }

    /// <summary>Every run of characters that numbers are written with, where it has digits enough.</summary>
    private void AddNumbers(ReadOnlySpan<char> cell, List<Region> regions, ref ContactFacts facts)
    {
        for (var start = 0; start < cell.Length;)
        {
            var end = start;
            var digits = 0;
            for (; end < cell.Length && IsOfNumber(cell[end]); end++)
                digits += char.IsDigit(cell[end]) ? 1 : 0;
            if (digits >= FewestDigits)
                AddNumber(cell[start..end], regions, ref facts);
            start = Math.Max(end, start + 1);
        }
    }

    private static bool IsOfNumber(char c) => char.IsDigit(c) || c is '+' or '＋' or '(' or ')' or '-' or '.' or '/' or ' ' or '\u00a0' or '\'' or '–' or '‑';

    private void AddNumber(ReadOnlySpan<char> text, List<Region> regions, ref ContactFacts facts)
    {
        var best = NumberReader.ReadCell(text, regions[0]);
        for (var i = 1; i < regions.Count && !best.IsValid; i++)
        {
            if (NumberReader.ReadCell(text, regions[i]) is { IsValid: true } there)
                best = there;
        }

        if (facts.Number == 0)
            facts.Number = best.Number.Digits;
        else
            AddOther(best.Number, ref facts, isValid: false);
        AddOther(best.Second, ref facts, isValid: false);
    }
}
