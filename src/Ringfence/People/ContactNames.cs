using System.Text;
using Ringfence.Lists;

namespace Ringfence.People;

/// <summary>Names of many people, folded, one after the other in memory, so that a word in any of them is found by one look through. Holds nothing but names, and never what they looked like.</summary>
/// <remarks>Not safe for several threads where one of them writes.</remarks>
public sealed class ContactNames
{
    private const byte Edge = (byte)'\n';
    private const int None = -1;

    private byte[] text = new byte[1 << 12];
    private int length;

    // Each entry begins where its edge stands; entries lie in the order in which they came.
    private int[] starts = new int[64];
    private int[] rowOf = new int[64];
    private int[] entryOf = new int[64];
    private int entries;

    public ContactNames() => Array.Fill(entryOf, None);

    /// <summary>Bytes that are held.</summary>
    public long Bytes => text.Length + (4L * (starts.Length + rowOf.Length + entryOf.Length));

    /// <summary>Takes the names of one person, in the place of those before.</summary>
    /// <param name="row">Their number, from 0.</param>
    /// <param name="names">Name, given and family name, company; null and empty ones are passed over.</param>
    public void Put(int row, params ReadOnlySpan<string?> names)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        var folded = new StringBuilder();
        foreach (var name in names)
        {
            if (!string.IsNullOrEmpty(name))
                Fold(folded, name);
        }

        Remove(row);
        if (folded.Length == 0)
            return;
        var bytes = Encoding.UTF8.GetBytes(folded.ToString());
        if (text.Length < length + bytes.Length + 1)
            Array.Resize(ref text, Math.Max(length + bytes.Length + 1, text.Length + (text.Length / 2)));
        if (entries == starts.Length)
        {
            Array.Resize(ref starts, entries * 2);
            Array.Resize(ref rowOf, entries * 2);
        }

        if (row >= entryOf.Length)
        {
            var before = entryOf.Length;
            Array.Resize(ref entryOf, Math.Max(row + 1, before * 2));
            entryOf.AsSpan(before).Fill(None);
        }

        (starts[entries], rowOf[entries], entryOf[row]) = (length, row, entries);
        entries++;
        text[length++] = Edge;
        bytes.CopyTo(text, length);
        length += bytes.Length;
    }

    /// <summary>Gives back what was taken to grow into; some is left for the next few.</summary>
    public void Trim()
    {
        Array.Resize(ref text, Room(length));
        Array.Resize(ref starts, Room(entries));
        Array.Resize(ref rowOf, Room(entries));

        static int Room(int count) => Math.Max(64, count + (count / 32));
    }

    /// <summary>Forgets the names of one person: nothing of them is left in memory.</summary>
    public void Remove(int row)
    {
        if (row >= entryOf.Length || entryOf[row] is var entry && entry == None)
            return;
        text.AsSpan(starts[entry], EndOf(entry) - starts[entry]).Clear();
        (entryOf[row], rowOf[entry]) = (None, None);
    }

    /// <summary>Gives everybody another number.</summary>
    /// <param name="place">The new number of each old one.</param>
    public void Renumber(ReadOnlySpan<int> place)
    {
        entryOf = new int[Math.Max(64, place.Length)];
        Array.Fill(entryOf, None);
        for (var entry = 0; entry < entries; entry++)
        {
            if (rowOf[entry] == None)
                continue;
            rowOf[entry] = place[rowOf[entry]];
            entryOf[rowOf[entry]] = entry;
        }
    }

    /// <summary>Who has all words of a query in their names, each as the beginning of a word; in script that knows no words, anywhere.</summary>
    /// <returns>Their numbers, rising; empty where the query says nothing.</returns>
    public int[] Find(string query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var folded = new StringBuilder();
        Fold(folded, query);
        var needles = folded.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static word => Encoding.UTF8.GetBytes(CellText.StandsAlone(word[0]) ? word : ' ' + word)).OrderByDescending(static needle => needle.Length).ToArray();
        if (needles.Length == 0)
            return [];
        var found = new List<int>();
        var all = text.AsSpan(0, length);
        for (var at = 0; at < length && all[at..].IndexOf(needles[0]) is var hit and >= 0;)
        {
            var entry = EntryAt(at + hit);
            var end = EndOf(entry);
            if (rowOf[entry] != None && Array.TrueForAll(needles, needle => text.AsSpan(starts[entry], end - starts[entry]).IndexOf(needle) >= 0))
                found.Add(rowOf[entry]);
            at = end;
        }

        found.Sort();
        return [.. found];
    }

    private int EntryAt(int place)
    {
        var at = Array.BinarySearch(starts, 0, entries, place);
        return at >= 0 ? at : ~at - 1;
    }

    private int EndOf(int entry) => entry + 1 < entries ? starts[entry + 1] : length;

    // Every word behind a blank. What is neither letter nor digit parts words.
    private static void Fold(StringBuilder to, string name)
    {
        to.Append(' ');
        foreach (var rune in name)
        {
            var before = to.Length;
            if (char.IsLetterOrDigit(rune) || char.IsSurrogate(rune))
                CellText.Append(to, rune);
            else if (CellText.Fold(rune) != CellText.Nothing && rune is not ('\'' or '’') && to[before - 1] != ' ')
                to.Append(' ');
        }

        if (to[^1] == ' ')
            to.Length--;
    }
}
