using System.Globalization;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>
/// One file of hashes of a tree, as <see href="https://c2sp.org/tlog-tiles"/> cuts it: 256 to a full one, those of a level being the roots of the full ones
/// of the level below; on level 0 the hashes of the leaves.
/// </summary>
/// <param name="Level">From 0.</param>
/// <param name="Index">Which of its level, from 0.</param>
/// <param name="Width">How many hashes it has, 1 to 256.</param>
public readonly record struct Tile(int Level, long Index, int Width = Tile.FullWidth)
{
    /// <summary>How many hashes a full tile has.</summary>
    public const int FullWidth = 256;

    /// <summary>How many levels of the tree a level of tiles spans: 2^8 is 256.</summary>
    public const int LevelHeight = 8;

    // Source: C2SP tlog-tiles, "a decimal ASCII integer between 0 and 63".
    private const int HighestLevel = 63;

    /// <summary>How many bytes it has.</summary>
    public int Bytes => Width * Digest.Size;

    /// <summary>Its path below the ledger's folder, such as <c>tile/0/x001/x234/067</c> or <c>tile/1/000.p/17</c>.</summary>
    public string Path => $"tile/{Level.ToString(CultureInfo.InvariantCulture)}/{NumberedPath(Index, Width)}";

    /// <summary>The path of the entries that the hashes of a tile of level 0 are of, such as <c>tile/entries/x001/x234/067</c>.</summary>
    public string EntriesPath => $"tile/entries/{NumberedPath(Index, Width)}";

    /// <summary>Reads a path as <see cref="Path"/> writes it, and no other spelling of it.</summary>
    public static bool TryParse(ReadOnlySpan<char> path, out Tile tile)
    {
        tile = default;
        if (!path.StartsWith("tile/", StringComparison.Ordinal))
            return false;
        var rest = path["tile/".Length..];
        var slash = rest.IndexOf('/');
        if (slash is < 1 or > 2 || !IsNumber(rest[..slash]) || int.Parse(rest[..slash], CultureInfo.InvariantCulture) is not (<= HighestLevel and var level)
            || !TryParseNumbered(rest[(slash + 1)..], out var index, out var width))
            return false;
        tile = new(level, index, width);
        return path.SequenceEqual(tile.Path);
    }

    /// <summary>Reads a path as <see cref="EntriesPath"/> writes it, and no other spelling of it; the tile is that of level 0.</summary>
    public static bool TryParseEntries(ReadOnlySpan<char> path, out Tile tile)
    {
        tile = default;
        const string folder = "tile/entries/";
        if (!path.StartsWith(folder, StringComparison.Ordinal) || !TryParseNumbered(path[folder.Length..], out var index, out var width))
            return false;
        tile = new(0, index, width);
        return path.SequenceEqual(tile.EntriesPath);
    }

    /// <summary>All tiles of a tree, level by level; the last of a level may be partial.</summary>
    /// <param name="size">How many leaves the tree has.</param>
    public static IEnumerable<Tile> OfTree(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return Between(0, size, partial: true);
    }

    /// <summary>The tiles that become full when a tree grows, level by level.</summary>
    /// <param name="from">How many leaves it had.</param>
    /// <param name="to">How many leaves it has.</param>
    public static IEnumerable<Tile> Filled(long from, long to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
        return Between(from, to, partial: false);
    }

    private static IEnumerable<Tile> Between(long from, long to, bool partial)
    {
        for (var level = 0; to > 0; level++)
        {
            for (var index = from / FullWidth; index < to / FullWidth; index++)
                yield return new(level, index);
            if (partial && to % FullWidth is > 0 and var width)
                yield return new(level, to / FullWidth, (int)width);
            (from, to) = (from / FullWidth, to / FullWidth);
        }
    }

    // Groups of three digits, all but the last with x before them, so that no folder has more than a thousand files and none has a file's name.
    private static string NumberedPath(long index, int width)
    {
        var path = new StringBuilder();
        var digits = index.ToString(CultureInfo.InvariantCulture);
        digits = digits.PadLeft((digits.Length + 2) / 3 * 3, '0');
        for (var i = 0; i < digits.Length - 3; i += 3)
            path.Append('x').Append(digits, i, 3).Append('/');
        path.Append(digits, digits.Length - 3, 3);
        if (width != FullWidth)
            path.Append(CultureInfo.InvariantCulture, $".p/{width}");
        return path.ToString();
    }

    // Invariant: the caller compares the spelling; only what might overflow or throw is looked at here.
    private static bool TryParseNumbered(ReadOnlySpan<char> text, out long index, out int width)
    {
        (index, width) = (0, FullWidth);
        var partial = text.IndexOf(".p/", StringComparison.Ordinal);
        if (partial >= 0)
        {
            if (text[(partial + 3)..] is not { Length: >= 1 and <= 3 } digits || !IsNumber(digits)
                || int.Parse(digits, CultureInfo.InvariantCulture) is not (>= 1 and < FullWidth and var parsed))
                return false;
            width = parsed;
            text = text[..partial];
        }

        Span<char> number = stackalloc char[18];
        var length = 0;
        foreach (var sign in text)
        {
            if (sign is 'x' or '/')
                continue;
            if (!char.IsAsciiDigit(sign) || length == number.Length)
                return false;
            number[length++] = sign;
        }

        if (length == 0)
            return false;
        index = long.Parse(number[..length], CultureInfo.InvariantCulture);
        return true;
    }

    private static bool IsNumber(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
