using Ringfence.Lists;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>A list that was read once.</summary>
internal sealed class ReadList(string path, string name, ListFile file, ColumnsUnderstood understood, int firstRow)
{
    public string Path { get; } = path;

    /// <summary>What it is called in the report: the file's name, with its folder where another list has the same.</summary>
    public string Name { get; } = name;

    public string Format { get; } = file.Format;

    public char? Separator { get; } = file.Separator;

    public string Encoding { get; } = file.Encoding.WebName;

    public string? Sheet { get; } = file.Sheet;

    public bool HasHeader { get; } = understood.HasHeader;

    /// <summary>Whether the names of the columns stand in the file, as a header or as keys.</summary>
    public bool HasNames { get; } = understood.HasHeader || file.ColumnNames is not null;

    public ListPlan Plan { get; } = new(understood.Columns);

    /// <summary>Its first row, counted over all files.</summary>
    public int FirstRow { get; } = firstRow;

    public long Bytes { get; } = new FileInfo(path).Length;

    public int Rows { get; set; }

    /// <summary>Whether the user said that every row of it is a refusal.</summary>
    public bool IsSuppression { get; init; }

    public string Sha256 { get; set; } = "";

    /// <summary>Whether the first row of a batch is the header.</summary>
    public bool IsHeader(RowBatch batch) => HasHeader && batch.FirstRow == 0 && batch.Count > 0;

    /// <summary>The first row of data in a batch, there and counted over all files.</summary>
    public (int InBatch, int Overall) FirstOf(RowBatch batch)
    {
        var skip = IsHeader(batch) ? 1 : 0;
        return (skip, checked((int)(FirstRow + batch.FirstRow - (HasHeader && skip == 0 ? 1 : 0))));
    }
}

/// <summary>Walks along the faults of a batch beside its rows.</summary>
internal struct FaultWalk(RowBatch batch)
{
    private int at;

    /// <summary>The faults of the row asked for last.</summary>
    public List<RowFault> Current { get; } = [];

    /// <summary>Whether a row's cells can't be told apart. Rows are asked for in order.</summary>
    public bool At(int row)
    {
        Current.Clear();
        var misaligned = false;
        while (at < batch.Faults.Count && batch.Faults[at].Row <= row)
        {
            if (batch.Faults[at].Row == row)
            {
                Current.Add(batch.Faults[at]);
                misaligned |= batch.Faults[at].Code is "too-many-cells" or "too-few-cells" or "open-quote" or "bad-json";
            }

            at++;
        }

        return misaligned;
    }
}
