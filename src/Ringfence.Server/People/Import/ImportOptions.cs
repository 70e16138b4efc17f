using System.Globalization;
using System.Security.Cryptography;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Lists;

namespace Ringfence.Server.People.Import;

/// <summary>What an import goes by, beside how its lists are read.</summary>
internal sealed record ImportOptions : ListOptions
{
    /// <summary>Where the contacts came from; a row's own source can only make it worse.</summary>
    public required ContactSource Source { get; init; }

    /// <summary>The chain from the people to the controller; null where none was given.</summary>
    public Passport? Passport { get; init; }

    /// <summary>What the people agreed to be contacted for.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = ["offers"];

    /// <summary>Whether only those rows are wanted that may be used on a channel as they are. Of the others nothing is taken but refusals.</summary>
    public bool IsUsableOnly { get; init; }

    /// <summary>Everything that decides how a row is understood, but for the lists, the source and the day: to be the same where an import goes on.</summary>
    public string ReadingKey()
    {
        var map = Map.Select(static pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal);
        var refusals = Files.Select((file, i) => Suppressions.Contains(Path.GetFullPath(file)) ? string.Create(CultureInfo.InvariantCulture, $"{i}") : "").Where(static i => i.Length > 0);
        var text = string.Join('\n', [Region.ToString(), Sheet ?? "", Encoding ?? "", string.Join(',', refusals), .. map, .. IsUsableOnly ? ["usable-only"] : Array.Empty<string>()]);
        return Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The name of an import that was taken in before; null: it gets one, or goes on with one of the same lists that was stopped.</summary>
    public OpaqueId? Taken { get; init; }

    /// <summary>The language of the sentences that are written.</summary>
    public CultureInfo Language { get; init; } = CultureInfo.InvariantCulture;
}
