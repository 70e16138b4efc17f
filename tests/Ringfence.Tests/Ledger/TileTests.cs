using System.Buffers;
using System.Runtime.InteropServices;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Ledger;

public class TileTests
{
    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 67, 256, "tile/0/067")]
    [InlineData(1, 999, 1, "tile/1/999.p/1")]
    [InlineData(2, 1000, 255, "tile/2/x001/000.p/255")]
    [InlineData(63, 1234067, 256, "tile/63/x001/x234/067")]
    public void A_tile_has_its_path_and_is_read_from_it(int level, long index, int width, string path)
    {
        var tile = new Tile(level, index, width);
        Assert.Equal(path, tile.Path);
        Assert.True(Tile.TryParse(path, out var read));
        Assert.Equal(tile, read);
        Assert.True(Tile.TryParseEntries(path.Replace($"tile/{level}/", "tile/entries/", StringComparison.Ordinal), out read));
        Assert.Equal(tile with { Level = 0 }, read);
        Assert.Equal(path.Replace($"tile/{level}/", "tile/entries/", StringComparison.Ordinal), read.EntriesPath);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tile/")]
    [InlineData("tile/0")]
    [InlineData("tile/0/")]
    [InlineData("tile//000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/67")]
    [InlineData("tile/0/1234")]
    [InlineData("tile/0/x000/067")]
    [InlineData("tile/0/001/067")]
    [InlineData("tile/0/x001/x067")]
    [InlineData("tile/0/x001x067")]
    [InlineData("tile/0/000/")]
    [InlineData("tile/0//000")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/1/")]
    [InlineData("tile/0/000.p/1.p/1")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/0/٠٠٠")]
    [InlineData("Tile/0/000")]
    [InlineData("/tile/0/000")]
    public void Another_spelling_is_no_path(string path)
    {
        Assert.False(Tile.TryParse(path, out _));
        Assert.False(Tile.TryParseEntries(path.Replace("tile/0/", "tile/entries/", StringComparison.Ordinal), out _));
    }

    [Fact]
    public void A_tree_has_the_tiles_that_the_specification_counts()
    {
        var tiles = Tile.OfTree(70_000).ToList();
        Assert.Equal(273, tiles.Count(t => t is { Level: 0, Width: 256 }));
        Assert.Equal([new(0, 273, 112), new(1, 1, 17), new(2, 0, 1)], tiles.Where(t => t.Width < 256));
        Assert.Equal([new(1, 0)], tiles.Where(t => t is { Level: > 0, Width: 256 }));
        Assert.Equal([new(0, 0), new(1, 0, 1)], Tile.OfTree(256));
        Assert.Empty(Tile.OfTree(0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(40_000)]
    public void Tiles_become_full_once_in_whatever_steps_a_tree_grows(int step)
    {
        const int end = 200_000;
        var filled = new List<Tile>();
        for (var from = 0; from < end; from += step)
            filled.AddRange(Tile.Filled(from, Math.Min(from + step, end)));
        Assert.Equal(Tile.OfTree(end).Where(t => t.Width == 256).Order(ByPlace), filled.Order(ByPlace));
    }

    [Fact]
    public void Tiles_hold_the_hashes_that_roots_and_proofs_are_made_of()
    {
        const int end = 66_000;
        var files = new Dictionary<string, byte[]>();
        var growth = new TileGrowth();
        var edge = new Frontier();
        for (var i = 0; i < end; i++)
        {
            if (i == 65_700)
            {
                // Begun again from what is stored.
                Store(growth, files);
                growth = new(i, new TileNodes(i, tile => files[tile.Path]).At);
            }

            growth.Append(NaiveTree.Leaf(i), (tile, hashes) => files.Add(tile.Path, MemoryMarshal.AsBytes(hashes).ToArray()));
            edge.Append(NaiveTree.Leaf(i));
        }

        Store(growth, files);
        Assert.All(Tile.OfTree(end), tile => Assert.Equal(tile.Bytes, files[tile.Path].Length));

        TreeNodes nodes = new TileNodes(end, tile => files[tile.Path]).At;
        Assert.Equal(edge.Root, TreeHash.Root(end, nodes));
        foreach (var index in new[] { 0, 1, 255, 256, 65_535, 65_536, end - 1 })
            Assert.True(InclusionProof.Verifies(InclusionProof.Of(index, end, nodes), index, end, NaiveTree.Leaf(index), edge.Root));
        foreach (var from in new[] { 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, end - 1, end })
            Assert.True(ConsistencyProof.Verifies(ConsistencyProof.Of(from, end, nodes), from, end, TreeHash.Root(from, nodes), edge.Root));
        Assert.Throws<ArgumentOutOfRangeException>(() => nodes(0, end));
        Assert.Throws<ArgumentOutOfRangeException>(() => nodes(17, 0));
        Assert.Throws<InvalidDataException>(() => new TileNodes(end, tile => new byte[tile.Bytes - 1]).At(0, 0));
    }

    [Fact]
    public void Entries_are_taken_off_a_bundle_as_they_were_put_in_and_a_torn_one_shows()
    {
        byte[][] bodies = [[], [1], RecordBytes.ToArray(SampleRecords.Full), new byte[ushort.MaxValue]];
        var file = new ArrayBufferWriter<byte>();
        foreach (var body in bodies)
            EntriesBundle.Append(file, body);
        Assert.Equal(new byte[] { 0, 0, 0, 1, 1 }, file.WrittenSpan[..5]);
        Assert.Throws<ArgumentException>(() => EntriesBundle.Append(file, new byte[ushort.MaxValue + 1]));

        var rest = file.WrittenSpan;
        foreach (var body in bodies)
        {
            Assert.True(EntriesBundle.TryTake(ref rest, out var taken));
            Assert.Equal(body, taken);
        }

        Assert.False(EntriesBundle.TryTake(ref rest, out _));
        Assert.True(rest.IsEmpty);
        rest = file.WrittenSpan[..^1];
        for (var i = 0; i < bodies.Length - 1; i++)
            Assert.True(EntriesBundle.TryTake(ref rest, out _));
        Assert.False(EntriesBundle.TryTake(ref rest, out _));
        Assert.False(rest.IsEmpty);
    }

    private static readonly Comparer<Tile> ByPlace = Comparer<Tile>.Create((x, y) => (x.Level, x.Index).CompareTo((y.Level, y.Index)));

    private static void Store(TileGrowth growth, Dictionary<string, byte[]> files)
    {
        foreach (var (tile, hashes) in growth.Partial())
            files[tile.Path] = MemoryMarshal.AsBytes(hashes.Span).ToArray();
    }
}
