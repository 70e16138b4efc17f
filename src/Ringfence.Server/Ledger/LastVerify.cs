using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>The last time somebody looked through a ledger with <c>ringfence verify</c> on this machine, kept beside its data: looking writes nothing to the ledger.</summary>
/// <param name="At">When.</param>
/// <param name="By">Who, as commands name them.</param>
/// <param name="Size">How many records were looked at.</param>
/// <param name="IsFull">Whether everything that is sealed was opened, too.</param>
/// <param name="Result"><c>whole</c>, <c>faults</c> or <c>stops-gate</c>.</param>
internal sealed record LastVerify(Instant At, string By, long Size, bool IsFull, string Result)
{
    public static readonly string[] Results = ["whole", "faults", "stops-gate"];

    /// <summary>Keeps it in the place of the one before. Whoever can't write there has still looked.</summary>
    public void Keep(string data, LedgerRow ledger)
    {
        var path = PathOf(data, ledger);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var draft = path + ".new";
            File.WriteAllText(draft, string.Join('\n', "ringfence/verified/v1", InstantPattern.ExtendedIso.Format(At), By, Size.ToString(CultureInfo.InvariantCulture), IsFull ? "full" : "plain", Result) + "\n");
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>The one that is kept; null: nobody looked here, or it can't be read.</summary>
    public static LastVerify? Read(string data, LedgerRow ledger)
    {
        try
        {
            return File.ReadAllLines(PathOf(data, ledger)) is ["ringfence/verified/v1", var at, var by, var size, var kind, var result]
                && InstantPattern.ExtendedIso.Parse(at) is { Success: true, Value: var when } && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && kind is "full" or "plain" && Results.Contains(result)
                ? new LastVerify(when, by, count, kind == "full", result)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string PathOf(string data, LedgerRow ledger) => Path.Combine(data, "verified", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ledger.Origin)))[..16] + ".txt");
}
