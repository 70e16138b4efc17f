using System.Diagnostics;
using System.Text;

namespace Ringfence.Server.Tests.Rights;

/// <summary>Looks for something personal in every file of a folder, byte by byte, in every spelling it may have got there in.</summary>
internal static class Traces
{
    /// <summary>Where a text is found: file and spelling; nowhere is what is hoped for.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(string folder, params IEnumerable<string> texts)
    {
        var copy = Directory.CreateTempSubdirectory("rf-traces-").FullName;
        try
        {
            // Files that are open can be copied, not read.
            using (var cp = Process.Start("cp", ["-r", folder + "/.", copy]))
                await cp.WaitForExitAsync();
            var found = new List<string>();
            foreach (var file in Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories))
            {
                var content = await File.ReadAllBytesAsync(file);
                foreach (var text in texts)
                    found.AddRange(Spellings(text).Where(spelling => content.AsSpan().IndexOf(spelling.Bytes) >= 0).Select(spelling => $"{Path.GetRelativePath(copy, file)}: {spelling.Name}"));
            }

            return found;
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Spellings(string text)
    {
        foreach (var (name, encoding) in ((string, Encoding)[])[("UTF-8", Encoding.UTF8), ("UTF-16LE", Encoding.Unicode), ("UTF-16BE", Encoding.BigEndianUnicode)])
        {
            var bytes = encoding.GetBytes(text);
            yield return (name, bytes);
            yield return (name + " in hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)));
            yield return (name + " in HEX", Encoding.ASCII.GetBytes(Convert.ToHexString(bytes)));
            // Within a longer text it may begin at any of three places of a group; only the characters that hold nothing of what stands beside it are known.
            for (var shift = 0; shift < 3; shift++)
            {
                var base64 = Convert.ToBase64String([.. new byte[shift], .. bytes]);
                yield return ($"{name} in base64 +{shift}", Encoding.ASCII.GetBytes(base64[(((shift * 8) + 5) / 6)..((shift + bytes.Length) * 8 / 6)]));
            }
        }
    }
}
