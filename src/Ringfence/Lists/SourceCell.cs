namespace Ringfence.Lists;

/// <summary>Reads where a contact came from.</summary>
public static class SourceCell
{
    /// <summary>The kind of source a cell names. Never throws.</summary>
    public static SourceKind Read(ReadOnlySpan<char> cell) => throw new NotImplementedException();
}
