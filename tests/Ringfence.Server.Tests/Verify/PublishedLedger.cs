using System.Globalization;
using System.Text;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Writes a made-up ledger as files, by the contract.</summary>
internal static class PublishedLedger
{
    /// <summary>Writes a ledger of a size with the checkpoints of all <paramref name="sizes"/> and of that size itself.</summary>
    public static void Publish(this ForgedLedger ledger, string folder, int size, params int[] sizes)
    {
        Write("checkpoint", Encoding.UTF8.GetBytes(ledger.Checkpoint(size)));
        foreach (var signed in sizes.Append(size))
            Write($"checkpoints/{signed}", Encoding.UTF8.GetBytes(ledger.Checkpoint(signed)));
        foreach (var (digest, bytes) in ledger.Documents)
            Write($"documents/{digest}", bytes);
        // Narrow tiles of earlier sizes stay, as they may.
        foreach (var grown in sizes.Append(size).Order())
            WriteTiles(grown);

        void WriteTiles(int grown)
        {
            for (var first = 0; first < grown; first += 256)
                Write(Tile("entries", first / 256, Math.Min(256, grown - first)), [.. ledger.Bodies[first..Math.Min(first + 256, grown)].SelectMany(body => new[] { (byte)(body.Length >> 8), (byte)(body.Length & 255) }.Concat(body))]);
            for (var (level, span) = (0, 1L); span <= grown; (level, span) = (level + 1, span * 256))
            {
                var hashes = Enumerable.Range(0, (int)(grown / span)).Select(i => ledger.Tree.Root((int)(i * span), (int)((i + 1) * span))).ToList();
                for (var first = 0; first < hashes.Count; first += 256)
                    Write(Tile($"{level}", first / 256, Math.Min(256, hashes.Count - first)), [.. hashes.Skip(first).Take(256).SelectMany(hash => hash)]);
            }
        }

        void Write(string path, byte[] bytes)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }
    }

    /// <summary>Stamps the checkpoint of a size.</summary>
    public static void Stamp(this ForgedLedger ledger, string folder, int size, ForgedAuthority authority, DateTimeOffset at)
    {
        Directory.CreateDirectory(Path.Combine(folder, "anchors"));
        File.WriteAllBytes(Path.Combine(folder, $"anchors/{size}.tst"), authority.Stamp(Encoding.UTF8.GetBytes(ledger.Checkpoint(size)), at));
    }

    public static string Tile(string level, int index, int width = 256)
    {
        var digits = index.ToString("000000000", CultureInfo.InvariantCulture);
        string[] groups = [digits[..3], digits[3..6], digits[6..]];
        var path = string.Join('/', groups.SkipWhile(group => group == "000").SkipLast(1).Select(group => "x" + group).Append(groups[2]));
        return $"tile/{level}/{path}{(width < 256 ? $".p/{width}" : "")}";
    }
}
