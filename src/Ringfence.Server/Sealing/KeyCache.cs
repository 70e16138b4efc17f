using System.Security.Cryptography;
using Ringfence.Ledger;

namespace Ringfence.Server.Sealing;

/// <summary>Keys of people that were unwrapped a short while ago: so many at most, for so long at most.</summary>
/// <remarks>
/// Two generations. What is asked for or made goes into the young one; when that is full or its time is over, the old one is overwritten with zeros and the young one takes its
/// place. So a key stays for two terms at most, also on a node that does not hear of an erasure on another.
/// </remarks>
internal sealed class KeyCache : IDisposable
{
    private readonly Lock one = new();
    private readonly int most;
    private readonly ITimer timer;
    private Generation young;
    private Generation old;
    private long destructions;

    /// <param name="most">Keys of one generation.</param>
    /// <param name="term">How long a generation is young.</param>
    /// <param name="time">The clock.</param>
    public KeyCache(int most, TimeSpan term, TimeProvider time)
    {
        this.most = most;
        (young, old) = (new Generation(most), new Generation(most));
        timer = time.CreateTimer(static cache => ((KeyCache)cache!).Age(), this, term, term);
    }

    /// <summary>How many destructions there were: a key that was read from the store before one must not be kept after it.</summary>
    public long Destructions
    {
        get { lock (one) return destructions; }
    }

    /// <summary>Copies a key out; false if it is not here.</summary>
    public bool TryGet(OpaqueId sid, Span<byte> key)
    {
        lock (one)
            return young.TryGet(sid, key) || old.TryGet(sid, key);
    }

    /// <summary>Keeps a key, unless something was destroyed since it was read.</summary>
    /// <param name="sid">Whose key.</param>
    /// <param name="key">The key, which is copied.</param>
    /// <param name="readAt"><see cref="Destructions"/> before the key was read.</param>
    public void Keep(OpaqueId sid, ReadOnlySpan<byte> key, long readAt)
    {
        lock (one)
        {
            if (readAt != destructions)
                return;
            if (young.Count == most)
                Turn();
            young.Put(sid, key);
        }
    }

    /// <summary>Forgets keys.</summary>
    public void Destroy(IReadOnlyCollection<OpaqueId> sids)
    {
        lock (one)
        {
            destructions++;
            foreach (var sid in sids)
            {
                young.Remove(sid);
                old.Remove(sid);
            }
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        lock (one)
        {
            young.Clear();
            old.Clear();
        }
    }

    private void Age()
    {
        lock (one)
            Turn();
    }

    private void Turn()
    {
        old.Clear();
        (young, old) = (old, young);
    }

    // Keys side by side in memory that the collector does not copy about.
    private sealed class Generation(int most)
    {
        private readonly Dictionary<OpaqueId, int> places = [];
        private readonly byte[] keys = GC.AllocateArray<byte>(most * Kek.Bytes, pinned: true);
        private int taken;

        public int Count => taken;

        public bool TryGet(OpaqueId sid, Span<byte> key)
        {
            if (!places.TryGetValue(sid, out var place))
                return false;
            KeyAt(place).CopyTo(key);
            return true;
        }

        public void Put(OpaqueId sid, ReadOnlySpan<byte> key)
        {
            if (places.TryAdd(sid, taken))
                key.CopyTo(KeyAt(taken++));
        }

        public void Remove(OpaqueId sid)
        {
            if (places.Remove(sid, out var place))
                CryptographicOperations.ZeroMemory(KeyAt(place));
        }

        public void Clear()
        {
            CryptographicOperations.ZeroMemory(keys.AsSpan(0, taken * Kek.Bytes));
            places.Clear();
            taken = 0;
        }

        private Span<byte> KeyAt(int place) => keys.AsSpan(place * Kek.Bytes, Kek.Bytes);
    }
}
