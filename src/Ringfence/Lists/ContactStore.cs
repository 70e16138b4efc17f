namespace Ringfence.Lists;

/// <summary>The facts of all rows of an audit, in order, in blocks that never move.</summary>
public sealed class ContactStore
{
    private const int BlockBits = 14;
    private const int BlockSize = 1 << BlockBits;
    private readonly List<ContactFacts[]> blocks = [];

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>The facts of a row, counted from 0 over all files.</summary>
    public ref ContactFacts this[int row] => ref blocks[row >> BlockBits][row & (BlockSize - 1)];

    /// <summary>Further numbers of rows: second numbers in a cell, alternate numbers.</summary>
    public List<OtherNumber> OtherNumbers { get; } = [];

    /// <summary>Further e-mail addresses of rows.</summary>
    public List<OtherEmail> OtherEmails { get; } = [];

    /// <summary>Adds rows at the end.</summary>
    public void Append(ReadOnlySpan<ContactFacts> rows)
    {
        while (!rows.IsEmpty)
        {
            var at = Count & (BlockSize - 1);
            if (at == 0)
                blocks.Add(GC.AllocateUninitializedArray<ContactFacts>(BlockSize));
            var part = rows[..Math.Min(rows.Length, BlockSize - at)];
            part.CopyTo(blocks[^1].AsSpan(at));
            Count += part.Length;
            rows = rows[part.Length..];
        }
    }
}

/// <summary>A further number of a row.</summary>
/// <param name="Row">The row, counted from 0 over all files.</param>
/// <param name="Number">The number, as <see cref="Numbers.PhoneNumber.Digits"/>.</param>
public readonly record struct OtherNumber(int Row, ulong Number);

/// <summary>A further e-mail address of a row.</summary>
/// <param name="Row">The row, counted from 0 over all files.</param>
/// <param name="Email">The address, as <see cref="ContactFacts.Email"/>.</param>
/// <param name="Shared">Whether it belongs to a desk rather than a person.</param>
public readonly record struct OtherEmail(int Row, ulong Email, bool Shared);
