using System.Security.Cryptography;
using Ringfence.Ledger;

namespace Ringfence.Server.Sealing;

/// <summary>The keys by which numbers and addresses are suppressed: the first makes a tag, each later one wraps the tags there are, without the numbers.</summary>
/// <remarks>Whoever has these keys and the tags can find out every number by trying all. Neither leaves the program.</remarks>
internal sealed class SuppressionKeys : IDisposable
{
    private readonly byte[][] keys;
    private readonly KeyedHash first;
    private bool disposed;

    /// <param name="keys">32 bytes each, oldest first; they are its own from now on.</param>
    public SuppressionKeys(IReadOnlyCollection<byte[]> keys)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        this.keys = [.. keys];
        first = new KeyedHash(this.keys[0]);
    }

    /// <summary>How many keys there are: the chain that <see cref="Tag"/> goes through.</summary>
    public int Versions => keys.Length;

    // Invariant: no tag is made by the zeros that are left after disposal. It would match nothing, and nobody would be suppressed.
    private byte[][] Keys
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return keys;
        }
    }

    /// <summary>The tag of a number or address through all keys.</summary>
    /// <param name="point">E.164 with <c>+</c>, or an e-mail address in small letters.</param>
    public ContactTag Tag(string point) => Renew(First(point), 1);

    /// <summary>Its tags through the first key, through the first two, and so on: while tags are wrapped anew, a row may stand under any of them.</summary>
    public IReadOnlyList<ContactTag> Tags(string point)
    {
        var tags = new ContactTag[keys.Length];
        tags[0] = First(point);
        for (var i = 1; i < tags.Length; i++)
            tags[i] = tags[i - 1].Wrap(keys[i]);
        return tags;
    }

    private ContactTag First(string point)
    {
        var hash = first.Take();
        var tag = ContactTag.By(hash, point);
        first.GiveBack(hash);
        return tag;
    }

    /// <summary>Brings a tag up to the newest key.</summary>
    /// <param name="tag">A tag.</param>
    /// <param name="chain">How many keys it went through.</param>
    public ContactTag Renew(ContactTag tag, int chain)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chain, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chain, Versions);
        foreach (var key in Keys.AsSpan(chain))
            tag = tag.Wrap(key);
        return tag;
    }

    /// <summary>A tag as it stands, and through each key that came after it.</summary>
    /// <param name="tag">A tag.</param>
    /// <param name="chain">How many keys it went through.</param>
    public IReadOnlyList<ContactTag> Onwards(ContactTag tag, int chain)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chain, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chain, Versions);
        var tags = new List<ContactTag> { tag };
        foreach (var key in Keys.AsSpan(chain))
            tags.Add(tags[^1].Wrap(key));
        return tags;
    }

    public void Dispose()
    {
        disposed = true;
        first.Dispose();
        foreach (var key in keys)
            CryptographicOperations.ZeroMemory(key);
    }
}
