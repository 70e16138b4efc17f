using System.Text;
using CsvHelper;
using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

/// <summary>Random tables, written as CSV in every way a program might, come back as they were.</summary>
public class RoundTripTests
{
    private static readonly string[] Pieces =
        ["a", "Bob", " ", "\"", "\"\"", ",", ";", "\t", "|", "\n", "\r\n", "\r", "0", "+44 20 7946 0001", "é", "张伟", "😀", "'", "\\", "x y", "no", ""];

    [Fact]
    public void Whatever_a_writer_quotes_is_read_back()
    {
        for (var seed = 0; seed < 600; seed++)
        {
            var random = new Random(seed);
            var separator = ",;\t|"[random.Next(4)];
            var end = new[] { "\n", "\r\n", "\r" }[random.Next(3)];
            var columns = random.Next(2, 8);
            // Header words hold no other separator, as headers do not.
            List<string[]> table = [[.. Enumerable.Range(0, columns).Select(i => $"h{i}")]];
            for (var row = random.Next(1, 30); row > 0; row--)
                table.Add([.. Enumerable.Range(0, columns).Select(_ => Cell(random))]);

            var all = random.Next(2) == 0;
            var csv = string.Concat(table.Select(row => string.Join(separator, row.Select(c => Quote(c, separator, all))) + end));
            if (random.Next(3) == 0)
                csv = csv[..^end.Length];
            if (random.Next(3) == 0)
                csv = "\uFEFF" + csv;
            using var list = new ListOnDisk(csv, "utf-8");
            var read = list.Read(new ListReadOptions(null, "utf-8"));

            // A swallowed row and an honest note that looks exactly like rows can't be told apart; random notes of separators sometimes do.
            if (read.Faults.Any(f => f.Code == "open-quote") && columns >= 4)
                continue;
            Assert.True(table.SequenceEqual(read.Rows, RowComparer.Instance), $"seed {seed}\n{csv}\n---\n{string.Join('\n', read.Lines)}");
            Assert.Empty(read.Faults);
        }
    }

    [Fact]
    public void Well_formed_files_are_read_as_CsvHelper_reads_them()
    {
        var path = Path.Combine(SampleListTests.Folder, "leads-2000.csv");
        using var file = ListFile.Open(path, new ListReadOptions(null));
        var ours = Contents.Of(file).Rows;
        using var stream = File.OpenRead(path);
        using var theirs = CsvReader.Create(stream, CsvReaderOptions.Default, true);

        Assert.Equal("lead_id", ours[0][0]);        // CsvHelper takes the header apart
        for (var row = 1; theirs.Read(); row++)
        {
            Assert.Equal(theirs.FieldCount, ours[row].Length);
            for (var i = 0; i < theirs.FieldCount; i++)
                Assert.Equal(Encoding.UTF8.GetString(theirs.GetSpan(i)), ours[row][i]);
        }
    }

    [Fact]
    public void No_bytes_whatever_crash_the_reader_or_lose_a_line()
    {
        var pieces = "\",;\n\r\t|a\0\u00e9\"\"".Select(c => (byte)c).Concat("张{}[]:"u8.ToArray()).ToArray();
        for (var seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(1, 400)];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = random.Next(10) == 0 ? (byte)random.Next(256) : pieces[random.Next(pieces.Length)];
            // Begun like a table, so that most are read as one. Letters are counted: whatever the rows are, none may be missing.
            using var list = new ListOnDisk([.. "aa,b,c,d\n"u8, .. bytes]);
            try
            {
                var read = list.Read(new ListReadOptions(null, "windows-1252"));
                Assert.Equal(bytes.Count(b => b == 'a') + 2, read.Rows.Sum(row => row.Sum(cell => cell.Count(c => c == 'a'))));
            }
            catch (UnreadableListException refused)
            {
                Assert.Equal(("not-a-list", 1), (refused.Code, refused.Arguments.Count));
            }
        }
    }

    private static string Cell(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => Pieces[random.Next(Pieces.Length)])) + (random.Next(4) == 0 ? "" : "z");

    private static string Quote(string cell, char separator, bool all) =>
        all || cell.AsSpan().IndexOfAny($"{separator}\"\r\n ") >= 0 ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;

    private sealed class RowComparer : IEqualityComparer<string[]>
    {
        public static RowComparer Instance { get; } = new();
        public bool Equals(string[]? x, string[]? y) => x!.SequenceEqual(y!);
        public int GetHashCode(string[] row) => row.Length;
    }
}
