using System.Globalization;

namespace Ringfence.Verify;

/// <summary>What a record says of the ledger's name: the first one, by which it begins, and each that says under which other name it was closed before it went on here.</summary>
/// <param name="Record">Its place.</param>
/// <param name="IsGenesis">Whether it is the first; else it is <c>ledger.recovered</c>.</param>
/// <param name="Origin">The name.</param>
/// <param name="HeldSize">How many records were held.</param>
/// <param name="HeldRoot">Root over them, 64 hexadecimal digits.</param>
internal sealed record NameSaid(long Record, bool IsGenesis, string? Origin, string? HeldSize, string? HeldRoot)
{
    /// <summary>What a record says; null: nothing.</summary>
    public static NameSaid? Of(Leaf leaf) => leaf.IsGenesis
        ? new NameSaid(leaf.Seq, true, leaf.Word("detail.origin"), null, null)
        : leaf.IsRecovered ? new NameSaid(leaf.Seq, false, leaf.Word("detail.origin"), leaf.Word("detail.held_size"), leaf.Word("detail.held_root")) : null;
}

/// <summary>Follows the names of a ledger: it begins under one, and where records were lost it goes on under another, which ends in a greater number.</summary>
internal sealed class Epochs(Report report)
{
    private const string Check = "epoch";

    private string? name;
    private bool goesOn;

    /// <summary>Takes what the next record says.</summary>
    /// <param name="said">What it says.</param>
    /// <param name="root">Root over all records before it; null: not known.</param>
    public void Take(NameSaid said, byte[]? root)
    {
        if (said.IsGenesis)
        {
            name = said.Origin;
            return;
        }

        report.Checked(Check);
        if (!IsCalled(said.Origin))
            report.Failed(Check, "other-ledger", said.Record);
        else if (said.HeldSize != said.Record.ToString(CultureInfo.InvariantCulture))
            report.Failed(Check, "other-size", said.Record);
        else if (root is not null && said.HeldRoot != Convert.ToHexStringLower(root))
            report.Failed(Check, "other-root", said.Record);
        (name, goesOn) = (said.Origin, true);
    }

    /// <summary>After the last record: the name has to be that of the checkpoint.</summary>
    public void End(string origin)
    {
        report.Checked(Check);
        if (!IsCalled(origin))
            report.Failed(Check, "other-name", 0);
    }

    // Whether the ledger can have this name by now: that by which it was begun; once it was closed under that, one with a greater number, and the same before it.
    private bool IsCalled(string? other)
    {
        if (name is null || other is null)
            return false;
        return goesOn ? Split(name) is var (before, last) && Split(other) is var (same, number) && before == same && number > last && last > 0 : name == other;
    }

    private static (string Before, long Number) Split(string name)
    {
        var mark = name.LastIndexOf("/e", StringComparison.Ordinal);
        return mark >= 0 && long.TryParse(name.AsSpan(mark + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && name[mark + 2] != '0' ? (name[..mark], number) : (name, 0);
    }
}
