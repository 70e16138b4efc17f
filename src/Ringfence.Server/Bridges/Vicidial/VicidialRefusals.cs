using System.Text;
using Ringfence.Numbers;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Bridges.Vicidial;

/// <summary>Reads who said no from what a VICIdial server gives out: its do-not-call lists, one number a line, and its lists of leads with the status of each.</summary>
internal static class VicidialRefusals
{
    /// <summary>Statuses by which an agent or the dialler says that somebody is not to be called: do not call, on a list of those, on the campaign's.</summary>
    /// <remarks>Source: VICIdial's system statuses.</remarks>
    public static readonly IReadOnlyList<string> Statuses = ["DNC", "DNCL", "DNCC"];

    /// <summary>Each line, with its number; without digits where none can be read, and left out where its status says something else.</summary>
    /// <param name="path">The file.</param>
    /// <param name="region">Where a number without calling code is.</param>
    /// <param name="statuses">The statuses that are a no.</param>
    public static IEnumerable<(long Line, PhoneNumber Number)> Read(string path, Region region, IReadOnlyList<string> statuses)
    {
        using var file = ListFile.Open(path, new ListReadOptions(null));
        var batch = new RowBatch();
        var (number, code, status) = (0, -1, -1);
        while (file.Read(batch))
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var line = batch.FirstRow + row + 1;
                if (line == 1 && Find(batch, "phone_number") is >= 0 and var at)
                {
                    (number, code, status) = (at, Find(batch, "phone_code"), Find(batch, "status"));
                    continue;
                }

                if (status >= 0 && !statuses.Contains(Cell(batch, row, status), StringComparer.OrdinalIgnoreCase))
                    continue;
                yield return (line, NumberOf(Cell(batch, row, number), code < 0 ? "" : Cell(batch, row, code), region));
            }
        }
    }

    private static PhoneNumber NumberOf(string number, string code, Region region)
    {
        // Some write the code as it is dialled from North America: 01144.
        var calling = code.StartsWith("011", StringComparison.Ordinal) ? code[3..] : code;
        if (calling.Length > 0 && PhoneNumber.TryParse($"+{calling}{number}", Region.None, out var whole))
            return whole;
        return PhoneNumber.TryParse(number, region, out var read) ? read : default;
    }

    private static int Find(RowBatch batch, string header)
    {
        for (var column = 0; column < batch.CellCount(0); column++)
        {
            if (Cell(batch, 0, column) == header)
                return column;
        }

        return -1;
    }

    private static string Cell(RowBatch batch, int row, int column) => Encoding.UTF8.GetString(batch.Cell(row, column)).Trim();
}
