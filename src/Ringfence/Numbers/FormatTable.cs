namespace Ringfence.Numbers;

/// <summary>Where a plan's formats are: the automaton over leading digits, and the formats it chooses from.</summary>
internal readonly record struct FormatList(ushort Start, ushort First, byte Count)
{
    public static FormatList Read(BinaryReader from) => new(from.ReadUInt16(), from.ReadUInt16(), from.ReadByte());
}

/// <summary>How national numbers are grouped for people.</summary>
internal sealed class FormatTable
{
    private readonly DigitAutomaton leading;
    private readonly uint[] masks;
    private readonly Format[] formats;

    private FormatTable(DigitAutomaton leading, uint[] masks, Format[] formats) => (this.leading, this.masks, this.formats) = (leading, masks, formats);

    public static FormatTable Read(BinaryReader from)
    {
        var leading = DigitAutomaton.Read(from);
        var masks = new uint[from.ReadInt32()];
        for (var i = 0; i < masks.Length; i++)
            masks[i] = from.ReadUInt32();
        var formats = new Format[from.ReadInt32()];
        for (var i = 0; i < formats.Length; i++)
            formats[i] = Format.Read(from);
        return new FormatTable(leading, masks, formats);
    }

    /// <summary>Writes the national number as its country groups it, or plain where no format fits; returns the length.</summary>
    /// <param name="code">The calling code whose formats apply.</param>
    /// <param name="digits">The national number.</param>
    /// <param name="nationally">With national prefix and the like, as dialled inside the country.</param>
    /// <param name="to">Room for at least 40 characters.</param>
    public int Write(CallingCode code, ReadOnlySpan<byte> digits, bool nationally, Span<char> to)
    {
        var list = nationally || code.International.Count == 0 ? code.National : code.International;
        if (list.Count > 0)
        {
            var candidates = masks[leading.WalkPrefix(list.Start, digits, out _)];
            for (; candidates != 0; candidates &= candidates - 1)
            {
                var format = formats[list.First + System.Numerics.BitOperations.TrailingZeroCount(candidates)];
                if (format.Fits(digits.Length))
                    return format.Write(digits, nationally ? format.National : format.International, to);
            }
        }
        for (var i = 0; i < digits.Length; i++)
            to[i] = (char)('0' + digits[i]);
        return digits.Length;
    }

    private sealed class Format
    {
        private readonly byte[] mins;
        private readonly byte[] maxes;

        private Format(byte[] mins, byte[] maxes, string national, string international) =>
            (this.mins, this.maxes, National, International) = (mins, maxes, national, international);

        public string National { get; }

        public string International { get; }

        public static Format Read(BinaryReader from)
        {
            var groups = from.ReadByte();
            var (mins, maxes) = (new byte[groups], new byte[groups]);
            for (var i = 0; i < groups; i++)
                (mins[i], maxes[i]) = (from.ReadByte(), from.ReadByte());
            return new Format(mins, maxes, from.ReadString(), from.ReadString());
        }

        public bool Fits(int length)
        {
            var (least, most) = (0, 0);
            for (var i = 0; i < mins.Length; i++)
                (least, most) = (least + mins[i], most + maxes[i]);
            return least <= length && length <= most;
        }

        /// <summary>Fills a template such as <c>(0$1) $2</c>; earlier groups take as many digits as they can.</summary>
        public int Write(ReadOnlySpan<byte> digits, string template, Span<char> to)
        {
            Span<int> starts = stackalloc int[mins.Length + 1];
            var spare = digits.Length;
            foreach (var min in mins)
                spare -= min;
            for (var i = 0; i < mins.Length; i++)
            {
                var more = Math.Min(spare, maxes[i] - mins[i]);
                spare -= more;
                starts[i + 1] = starts[i] + mins[i] + more;
            }
            var written = 0;
            for (var i = 0; i < template.Length; i++)
            {
                if (template[i] != '$')
                {
                    to[written++] = template[i];
                    continue;
                }
                var group = template[++i] - '1';
                foreach (var digit in digits[starts[group]..starts[group + 1]])
                    to[written++] = (char)('0' + digit);
            }
            return written;
        }
    }
}
