using System.Collections.Concurrent;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>The registers of an installation, each mapped once and exchanged when a new copy has taken its place. Safe for many threads.</summary>
/// <remarks>
/// A copy that is damaged, or of another register, does not take the place of a good one that is mapped already: that one goes on ageing, and its age refuses in the end.
/// Whoever holds an image may go on using it; it stays mapped for them.
/// </remarks>
/// <param name="data">The folder of the installation's data.</param>
internal sealed class RegisterShelf(string data)
{
    private readonly ConcurrentDictionary<string, Mapped> mapped = new(StringComparer.Ordinal);

    /// <summary>The newest copy; null where there is none that can be believed: never screened.</summary>
    /// <param name="name">The register's name.</param>
    public RegisterImage? Find(string name)
    {
        if (!RegisterFacts.IsName(name))
            return null;
        var path = RegisterFile.PathOf(data, name);
        var stamp = Stamp(path);
        if (mapped.TryGetValue(name, out var known) && known.Stamp == stamp)
            return known.Image;
        lock (mapped)
        {
            if (mapped.TryGetValue(name, out known) && known.Stamp == stamp)
                return known.Image;
            var image = stamp is null ? null : TryOpen(path, name);
            // Removed on purpose is gone; unreadable is not a reason to forget what is known.
            var kept = new Mapped(stamp, stamp is null ? null : image ?? known?.Image, image is not null || stamp is null);
            mapped[name] = kept;
            return kept.Image;
        }
    }

    /// <summary>Whether the file in the place of a register was looked at last and could not be believed.</summary>
    public bool IsDamaged(string name) => mapped.TryGetValue(name, out var known) && !known.IsGood;

    private static RegisterImage? TryOpen(string path, string name)
    {
        try
        {
            var image = RegisterFile.Open(path);
            return image.Facts.Name == name ? image : null;
        }
        catch (Exception e) when (e is RegisterDamagedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (long Length, DateTime ChangedAt)? Stamp(string path) =>
        new FileInfo(path) is { Exists: true } file ? (file.Length, file.LastWriteTimeUtc) : null;

    private sealed record Mapped((long Length, DateTime ChangedAt)? Stamp, RegisterImage? Image, bool IsGood);
}
