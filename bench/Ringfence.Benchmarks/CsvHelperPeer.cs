using CsvHelper;

namespace Ringfence.Benchmarks;

/// <summary>The peer of the audit: CsvHelper merely reads the same file, every cell of every row.</summary>
internal static class CsvHelperPeer
{
    /// <summary>Reads a file as <c>strings</c>, the usual way, or as <c>spans</c>, the fastest it has.</summary>
    public static int Run(string how, string file)
    {
        var length = 0L;
        using var reader = CsvReader.FromFile(file, CsvReaderOptions.Default, FileOptions.SequentialScan);
        while (reader.Read())
        {
            for (var i = 0; i < reader.FieldCount; i++)
                length += how == "spans" ? reader.GetSpan(i).Length : reader.GetString(i).Length;
        }

        Console.WriteLine(length);
        return 0;
    }
}
