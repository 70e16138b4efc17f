using System.Numerics;

namespace Ringfence.People;

/// <summary>Rows or places by 64-bit keys. A look-up touches one line of memory where a dictionary touches two, and of millions each is far away.</summary>
internal sealed class KeyTable
{
    private Slot[] slots;
    private int count;

    // What was fetched is used for something, or it would not be.
    private ulong fetched;

    /// <param name="expected">For so many keys there is room from the start.</param>
    public KeyTable(int expected)
    {
        slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)((long)expected * 4 / 3) + 2)];

        // Fresh memory that is read before it is written to costs the system twice, and the second time all processors.
        slots.AsSpan().Clear();
    }

    /// <summary>Begins to fetch what is kept under a key from far away memory: look-ups of several keys that are about to come are fetched side by side, not one after another.</summary>
    public void Fetch(ulong key) => fetched ^= slots[At(key, slots.Length)].Key;

    /// <summary>What is kept under a key. Where it is new that is 0, to be set by the caller before anything else is asked.</summary>
    /// <param name="key">The key: a hash, or a number; 0 and 1 are one.</param>
    /// <param name="known">Whether it was there.</param>
    public ref int Of(ulong key, out bool known)
    {
        // 0 marks a free slot.
        key = key == 0 ? 1 : key;
        if ((long)count * 4 >= (long)slots.Length * 3)
            Grow();
        ref var slot = ref Find(slots, key);
        known = slot.Key != 0;
        if (!known)
        {
            slot.Key = key;
            count++;
        }

        return ref slot.Value;
    }

    private static ref Slot Find(Slot[] slots, ulong key)
    {
        for (var at = At(key, slots.Length); ; at = (at + 1) & (slots.Length - 1))
        {
            if (slots[at].Key == key || slots[at].Key == 0)
                return ref slots[at];
        }
    }

    // Numbers in a row differ in their last digits only: all bits have to tell where a key goes.
    private static int At(ulong key, int length)
    {
        var high = Math.BigMul(key, 0xA0761D6478BD642FUL, out var low);
        return unchecked((int)(high ^ low)) & (length - 1);
    }

    private void Grow()
    {
        var larger = new Slot[slots.Length * 2];
        foreach (var slot in slots)
        {
            if (slot.Key != 0)
                Find(larger, slot.Key) = slot;
        }

        slots = larger;
    }

    private struct Slot
    {
        public ulong Key;
        public int Value;
    }
}
