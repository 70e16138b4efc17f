using System.Text;

namespace Ringfence.Ledger;

/// <summary>The names that an object of a record may have.</summary>
internal sealed class WireNames(params string[] names)
{
    private readonly byte[][] names = [.. names.Select(Encoding.ASCII.GetBytes)];

    public bool Contains(ReadOnlySpan<byte> name)
    {
        foreach (var known in names)
        {
            if (name.SequenceEqual(known))
                return true;
        }

        return false;
    }
}
