using System.Buffers.Binary;

namespace Ringfence.Numbers;

/// <summary>A table of states over digits: ten followers each, state 0 dead; and a label each.</summary>
internal sealed class DigitAutomaton(ushort[] next, ushort[] labels)
{
    public static DigitAutomaton Read(BinaryReader from)
    {
        var states = from.ReadInt32();
        return new DigitAutomaton(ReadTable(from, states * 10), ReadTable(from, states));
    }

    /// <summary>The label after all digits; that of the dead state, 0, when they lead nowhere.</summary>
    public ushort WalkAll(ushort start, ReadOnlySpan<byte> digits)
    {
        int state = start;
        foreach (var digit in digits)
        {
            if (state == 0)
                return 0;
            state = next[(state * 10) + digit];
        }
        return labels[state];
    }

    /// <summary>The label of the last state before the digits lead nowhere, and whether all were used.</summary>
    public ushort WalkPrefix(ushort start, ReadOnlySpan<byte> digits, out bool usedAll)
    {
        int state = start;
        foreach (var digit in digits)
        {
            int then = next[(state * 10) + digit];
            if (then == 0)
            {
                usedAll = false;
                return labels[state];
            }
            state = then;
        }
        usedAll = true;
        return labels[state];
    }

    /// <summary>The last label other than 0 that was passed.</summary>
    public ushort WalkLongest(ushort start, ReadOnlySpan<byte> digits)
    {
        int state = start;
        var last = labels[state];
        foreach (var digit in digits)
        {
            state = next[(state * 10) + digit];
            if (state == 0)
                break;
            if (labels[state] != 0)
                last = labels[state];
        }
        return last;
    }

    /// <summary>The state after all digits; 0 when they lead nowhere.</summary>
    public ushort StateAfter(ushort start, ReadOnlySpan<byte> digits)
    {
        var state = start;
        foreach (var digit in digits)
            state = state == 0 ? state : next[(state * 10) + digit];
        return state;
    }

    /// <summary>The one label that any so many further digits lead to; null where they lead to several.</summary>
    public ushort? OnlyLabel(ushort state, int further)
    {
        if (state == 0 || further == 0)
            return labels[state];
        ushort? only = null;
        for (var digit = 0; digit < 10; digit++)
        {
            if (OnlyLabel(next[(state * 10) + digit], further - 1) is not { } label || (only is { } other && other != label))
                return null;
            only = label;
        }

        return only;
    }

    /// <summary>Whether no label is met on any so many further digits.</summary>
    public bool IsBareBehind(ushort state, int further)
    {
        if (state == 0 || further == 0)
            return true;
        for (var digit = 0; digit < 10; digit++)
        {
            var then = next[(state * 10) + digit];
            if (labels[then] != 0 || !IsBareBehind(then, further - 1))
                return false;
        }

        return true;
    }

    private static ushort[] ReadTable(BinaryReader from, int length)
    {
        var bytes = from.ReadBytes(length * sizeof(ushort));
        var table = new ushort[length];
        for (var i = 0; i < length; i++)
            table[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(i * sizeof(ushort)));
        return table;
    }
}
