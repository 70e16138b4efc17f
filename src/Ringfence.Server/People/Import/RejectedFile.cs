using Ringfence.Server.Lists;

namespace Ringfence.Server.People.Import;

/// <summary>What of the lists could not be read: counted, the first few named, and all of it written to a file where one is wanted.</summary>
/// <param name="path">The file; null: none is wanted.</param>
internal sealed class RejectedFile(string? path) : IDisposable
{
    // So many are named on the terminal.
    private const int MostNamed = 5;

    // So many are kept with the import.
    private const int MostKept = 100;

    private readonly List<RejectedPlace> first = [];
    private readonly List<RejectedCellPlace> places = [];
    private FileStream? file;

    /// <summary>How many cells and rows there are.</summary>
    public long Count { get; private set; }

    /// <summary>The first few.</summary>
    public IReadOnlyList<RejectedPlace> First => first;

    /// <summary>Where the first hundred stand.</summary>
    public IReadOnlyList<RejectedCellPlace> Places => places;

    /// <summary>Where they were written; null: nowhere.</summary>
    public string? Path => path;

    // Until all of it is there it has another name.
    private string Unfinished => path + ".part";

    /// <summary>Takes those of a batch.</summary>
    public void Take(ImportedBatch batch)
    {
        foreach (var (row, cell) in batch.Rejected)
        {
            Count++;
            if (places.Count < MostKept)
                places.Add(new RejectedCellPlace(batch.List.Name, row, cell.Column < 0 ? null : cell.Column + 1, cell.Code));
            if (first.Count < MostNamed)
                first.Add(new RejectedPlace(batch.List.Name, row, cell.Column >= 0 && cell.Column < batch.List.Plan.Columns.Count ? batch.List.Plan.Columns[cell.Column].Header : null, cell.Code));
        }

        if (path is not null && !batch.RejectedCsv.Written.IsEmpty)
            Open().Write(batch.RejectedCsv.Written);
    }

    /// <summary>Puts the file in its place; one without rows is there all the same, with its header.</summary>
    public void Complete()
    {
        if (path is null)
            return;
        Open().Dispose();
        file = null;
        File.Move(Unfinished, path, overwrite: true);
    }

    public void Dispose()
    {
        if (file is null)
            return;
        file.Dispose();
        File.Delete(Unfinished);
    }

    private FileStream Open()
    {
        if (file is not null)
            return file;
        file = new FileStream(Unfinished, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        file.Write(RejectedLines.Header().Written);
        return file;
    }
}

/// <summary>Where something could not be read.</summary>
/// <param name="List">The list.</param>
/// <param name="Row">The row in it, from 1.</param>
/// <param name="Column">Header of the column; null: the row as a whole.</param>
/// <param name="Code">What is wrong.</param>
internal sealed record RejectedPlace(string List, int Row, string? Column, string Code);
