using NodaTime;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Lists.Scrub;

/// <summary>What decides about one row: its number, and what else was found out about it.</summary>
/// <param name="Number">The number; without digits where there is none that can be one.</param>
/// <param name="IsMissing">Whether none is written at all.</param>
/// <param name="Residence">Where the row says that the person lives: an ISO 3166 code; null where it doesn't.</param>
/// <param name="Refused">Channels that some row with this number refuses.</param>
/// <param name="IsMinor">Whether some row with this number says that the person is under age.</param>
/// <param name="IsSuppressed">Whether the number stands in a list of refusals.</param>
/// <param name="Registers">What each register says, two bits each, from the lowest on.</param>
internal readonly record struct ScrubRow(PhoneNumber Number, bool IsMissing, string? Residence, ChannelSet Refused, bool IsMinor, bool IsSuppressed, ulong Registers)
{
    /// <summary>So many registers have room.</summary>
    public const int MostRegisters = 32;

    /// <summary>What a register says.</summary>
    public RegisterAnswer AnswerOf(int register) => (RegisterAnswer)(Registers >> (register * 2) & 3);

    /// <summary>The answers with one more.</summary>
    public static ulong With(ulong answers, int register, RegisterAnswer answer) => answers | (ulong)answer << (register * 2);
}

/// <summary>Puts beside what is asked about everybody what is known of one row.</summary>
internal sealed class RowSituation
{
    // What can't be read as a number and is there all the same.
    private const string NoNumber = "?";

    private readonly Situation asked;
    private readonly IReadOnlyList<RegisterImage> registers;
    private readonly bool hasRefusals;

    /// <param name="asked">What is asked about everybody.</param>
    /// <param name="registers">The registers that were looked into.</param>
    /// <param name="hasRefusals">Whether the lists of refusals were given: nobody else is in them then.</param>
    public RowSituation(Situation asked, IReadOnlyList<RegisterImage> registers, bool hasRefusals) =>
        (this.asked, this.registers, this.hasRefusals) = (asked, registers, hasRefusals);

    /// <summary>The situation, as far as it does not come out of a ledger.</summary>
    public Situation Of(in ScrubRow row)
    {
        var contact = asked.Contact with { Phone = row.Number.Digits != 0 ? row.Number.E164 : row.IsMissing ? null : NoNumber };
        if (row.Residence is { } residence)
            contact = contact with { Residence = [residence], ResidenceBasis = ResidenceBasis.Declared };
        if (row.IsMinor)
            contact = contact with { Age = new PersonAge(null, false) };
        return asked with { Contact = contact, Registers = Screened(row), Suppressions = Stated(asked.Suppressions, row) };
    }

    /// <summary>The refusals that the lists tell, beside those known from elsewhere.</summary>
    public IReadOnlyList<SuppressionEntry>? Stated(IReadOnlyList<SuppressionEntry>? known, in ScrubRow row)
    {
        var entries = known?.ToList() ?? (hasRefusals || row.IsSuppressed || row.Refused != ChannelSet.None ? [] : null);
        if (row.IsSuppressed)
            entries!.Add(new SuppressionEntry { By = SuppressedBy.Controller });
        if (row.Refused != ChannelSet.None)
            entries!.Add(new SuppressionEntry { Channels = row.Refused, By = SuppressedBy.Person, Kind = SuppressionKind.Objection });
        return entries;
    }

    // A register that was looked into is as it says; of others what is stated stays. One that does not speak of the number did not screen it.
    private IReadOnlyDictionary<string, Screening>? Screened(in ScrubRow row)
    {
        if (registers.Count == 0)
            return asked.Registers;
        var screened = asked.Registers?.ToDictionary(StringComparer.Ordinal) ?? new Dictionary<string, Screening>(StringComparer.Ordinal);
        for (var i = 0; i < registers.Count; i++)
        {
            var facts = registers[i].Facts;
            screened.Remove(facts.Name);
            if (row.AnswerOf(i) is not RegisterAnswer.NotCovered and var answer)
                screened[facts.Name] = new Screening { ScreenedAt = Moment.On(facts.AsOf), Listed = answer == RegisterAnswer.Listed };
        }

        return screened;
    }
}
