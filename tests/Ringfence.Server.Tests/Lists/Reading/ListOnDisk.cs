using System.Text;
using Ringfence.Server.Lists.Reading;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Reading;

/// <summary>A list written to a temporary file, and read back as strings.</summary>
internal sealed class ListOnDisk : IDisposable
{
    static ListOnDisk() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public ListOnDisk(byte[] content, string extension = "csv")
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"list-{Guid.NewGuid():n}.{extension}");
        File.WriteAllBytes(Path, content);
    }

    public ListOnDisk(string content, string encoding = "utf-8", string extension = "csv")
        : this(Encoding.GetEncoding(encoding).GetBytes(content), extension) { }

    public string Path { get; }

    public Contents Read(ListReadOptions? options = null)
    {
        using var file = ListFile.Open(Path, options ?? new ListReadOptions(null));
        return Contents.Of(file);
    }

    public string CodeOfRefusal(ListReadOptions? options = null) => Assert.Throws<UnreadableListException>(() => Read(options)).Code;

    public void Dispose() => File.Delete(Path);

    /// <summary>The rows of a CSV text.</summary>
    public static Contents Of(string csv, string encoding = "utf-8")
    {
        using var list = new ListOnDisk(csv, encoding);
        return list.Read();
    }

    public static Contents Of(byte[] csv)
    {
        using var list = new ListOnDisk(csv);
        return list.Read();
    }
}

/// <summary>All that a list file gives.</summary>
internal sealed record Contents(
    string Format, char? Separator, string Encoding, string? Sheet, int ColumnCount, IReadOnlyList<string>? ColumnNames,
    IReadOnlyList<string[]> Rows, IReadOnlyList<(long Row, string Code, int Column)> Faults)
{
    public static Contents Of(ListFile file)
    {
        var rows = new List<string[]>();
        var faults = new List<(long, string, int)>();
        var batch = new RowBatch();
        while (file.Read(batch))
        {
            Assert.Equal(rows.Count, batch.FirstRow);
            Assert.True(batch.Faults.Zip(batch.Faults.Skip(1), (a, b) => a.Row <= b.Row).All(inOrder => inOrder));
            faults.AddRange(batch.Faults.Select(f => (batch.FirstRow + f.Row, f.Code, f.Column)));
            for (var row = 0; row < batch.Count; row++)
                rows.Add([.. Enumerable.Range(0, batch.CellCount(row)).Select(c => System.Text.Encoding.UTF8.GetString(batch.Cell(row, c)))]);
        }

        Assert.False(file.Read(batch));
        Assert.Equal(0, batch.Count);
        return new Contents(file.Format, file.Separator, file.Encoding.WebName, file.Sheet, file.ColumnCount, file.ColumnNames, rows, faults);
    }

    /// <summary>Rows as lines with <c>|</c> between cells, for short tests.</summary>
    public string[] Lines => [.. Rows.Select(row => string.Join('|', row))];
}
