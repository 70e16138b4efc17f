using System.Text;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Lists.Scrub;

/// <summary>A verdict as it is written behind a row: the cells behind the number, and what is counted.</summary>
/// <param name="Cells">Verdict, reasons, when to ask again, evidence, registers: UTF-8, commas between.</param>
/// <param name="Verdict">0 allowed, 1 deferred, 2 refused.</param>
/// <param name="Reason">The deciding reason; -1 where it is allowed.</param>
internal sealed record ScrubAnswer(byte[] Cells, int Verdict, int Reason)
{
    /// <summary>The columns that are added to the list's own.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["ringfence_number", "ringfence_verdict", "ringfence_reasons", "ringfence_ask_again", "ringfence_evidence", "ringfence_registers"];

    /// <summary>Writes a verdict.</summary>
    public static ScrubAnswer Of(Verdict verdict, Situation situation, in ScrubRow row, IReadOnlyList<RegisterImage> registers)
    {
        var cells = new CsvOut();
        var kind = verdict.Match(static _ => 0, static _ => 1, static _ => 2);
        cells.Code(Encoding.ASCII.GetBytes(verdict.Word));
        cells.Cell(string.Join(';', verdict.AllReasons.Select(ReasonOf)));
        var until = verdict.Match(static allowed => allowed.Until, static deferred => deferred.Until, static _ => null);
        cells.Cell(until is { } at ? InstantPattern.ExtendedIso.Format(at) : "");
        cells.Cell(string.Join(';', EvidenceOf(verdict, situation, row)));
        var answered = row;
        cells.Cell(string.Join(';', registers.Select((register, i) => RegisterOf(register.Facts, answered.AnswerOf(i)))));
        return new ScrubAnswer(cells.Written.ToArray(), kind, verdict.AllReasons is [var first, ..] ? (int)first.Code : -1);
    }

    /// <summary>A reason: its code, what exactly is wanting, the rule.</summary>
    public static string ReasonOf(Reason reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return Words<ReasonCode>.Of(reason.Code) + (reason.Item is { } item ? $"[{item.Replace(", ", " ", StringComparison.Ordinal)}]" : "") + (reason.Rule is { } rule ? "@" + rule.Id : "");
    }

    /// <summary>What a register says, with the version and the day of the copy that said so.</summary>
    public static string RegisterOf(RegisterFacts facts, RegisterAnswer answer)
    {
        var word = answer switch { RegisterAnswer.Listed => "listed", RegisterAnswer.NotListed => "not-listed", RegisterAnswer.NotCovered => "not-covered" };
        return $"{facts.Name}={word}/v{facts.Version}/{LocalDatePattern.Iso.Format(facts.AsOf)}";
    }

    // What an allowed contact rests on, by rule and record; where a refusal of the person or the house was found.
    private static IEnumerable<string> EvidenceOf(Verdict verdict, Situation situation, ScrubRow row)
    {
        if (verdict is Verdict.Allowed allowed)
        {
            foreach (var ground in allowed.Grounds)
            {
                var consent = ground.Consent is { } c ? situation.Consents?[c] : null;
                var relation = ground.Relation is { } r ? situation.Contact.Relations?[r] : null;
                yield return ground.Rule.Id
                    + (consent is null ? "" : consent.Seq is { } seq ? $":record-{seq}" : ":consent")
                    + (relation is null ? "" : ":" + Words<RelationKind>.Of(relation.Kind));
            }
        }

        if (row.Refused != ChannelSet.None)
            yield return "refused-in-list";
        if (row.IsSuppressed)
            yield return "suppression-list";
        if (row.IsMinor)
            yield return "minor-in-list";
    }
}
