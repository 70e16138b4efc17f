using Ringfence.Gate;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Lists.Scrub;

/// <summary>What a scrub goes by.</summary>
internal sealed record ScrubOptions : ListOptions
{
    /// <summary>What is asked about everybody on the list: who, how, for what, when, and what is stated beside it.</summary>
    public required Situation Asked { get; init; }

    /// <summary>The same as it was written, by which a run that goes on is known to be the same one.</summary>
    public string AskedAs { get; init; } = "";

    public required ContactGate Gate { get; init; }

    /// <summary>Registers to look every number up in, by the names rules have for them.</summary>
    public required IReadOnlyList<RegisterImage> Registers { get; init; }

    /// <summary>Lists in which every row is a refusal of everything; null: none was given, and so it is not known who refused.</summary>
    public IReadOnlyList<string>? SuppressionLists { get; init; }

    /// <summary>Where the answers go.</summary>
    public required string Out { get; init; }

    /// <summary>Whether a run that was killed is to go on, and one that is stopped to be kept for that.</summary>
    public bool Resume { get; init; }
}

/// <summary>What came of a scrub.</summary>
internal sealed record ScrubOutcome
{
    /// <summary>Rows of the list.</summary>
    public long Rows { get; set; }

    /// <summary>Rows by verdict: allowed, deferred, refused.</summary>
    public long[] ByVerdict { get; init; } = new long[3];

    /// <summary>Rows by the deciding reason.</summary>
    public long[] ByReason { get; init; } = new long[Enum.GetValues<ReasonCode>().Length];

    /// <summary>Rows whose number could not be read.</summary>
    public long Unreadable { get; set; }

    /// <summary>Rows of suppression lists whose number could not be read: whom they refuse for is not known.</summary>
    public long LostRefusals { get; set; }

    /// <summary>Rows that an earlier run had judged.</summary>
    public long Resumed { get; set; }

    /// <summary>How many records the ledger had; null: none was asked.</summary>
    public long? AsOf { get; set; }

    /// <summary>Rows about people whom the ledger knows or blocks.</summary>
    public long OfLedger { get; set; }

    public double Seconds { get; set; }

    /// <summary>Adds what one batch came to.</summary>
    public void Add(ScrubTally tally)
    {
        Rows += tally.Rows;
        Unreadable += tally.Unreadable;
        OfLedger += tally.OfLedger;
        for (var i = 0; i < ByVerdict.Length; i++)
            ByVerdict[i] += tally.ByVerdict[i];
        for (var i = 0; i < ByReason.Length; i++)
            ByReason[i] += tally.ByReason[i];
    }
}

/// <summary>What some rows came to.</summary>
internal sealed class ScrubTally
{
    public long Rows { get; set; }

    public long Unreadable { get; set; }

    public long OfLedger { get; set; }

    public long[] ByVerdict { get; } = new long[3];

    public long[] ByReason { get; } = new long[Enum.GetValues<ReasonCode>().Length];

    public void Clear()
    {
        Rows = Unreadable = OfLedger = 0;
        Array.Clear(ByVerdict);
        Array.Clear(ByReason);
    }
}
