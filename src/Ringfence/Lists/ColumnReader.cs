namespace Ringfence.Lists;

/// <summary>Understands the columns of a list from their headers and from what stands in them.</summary>
public static class ColumnReader
{
    /// <summary>Understands columns.</summary>
    /// <param name="headers">The first row.</param>
    /// <param name="rows">Rows below it, as many as were looked at; each as long as the headers.</param>
    /// <param name="map">What the user said: field words to headers, such as <c>phone</c> to <c>Rufnummer</c>; takes precedence.</param>
    /// <exception cref="ColumnMapException">The map names a field or a header that does not exist.</exception>
    /// <remarks>
    /// <para>The user's word goes first, then the header where the content does not speak against it, then the content. Of several columns that claim a field
    /// of which a row has one, the best keeps it: further numbers become <see cref="ListField.OtherPhone"/>.</para>
    /// <para>A yes is never made out of content alone: a column of bare yes and no is a consent only if its header or its words
    /// (<c>opt-in</c>, <c>同意</c>) say so. Text that nobody claims is read as notes, for a refusal may stand in it.</para>
    /// </remarks>
    public static ColumnsUnderstood Understand(
        IReadOnlyList<string> headers, IReadOnlyList<string[]> rows, IReadOnlyList<KeyValuePair<string, string>> map)
    {
        var mapped = ColumnMap.Read(headers, rows, map);
        var hasHeader = HeaderRow.IsHeader(headers, rows, mapped);
        var columns = new ColumnClaim[headers.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var content = ColumnContent.Of(hasHeader ? rows : [.. rows, [.. headers]], i);
            var meaning = hasHeader ? HeaderMeaning.Of(headers[i]) : default;
            columns[i] = mapped.TryGetValue(i, out var said)
                ? ColumnClaim.Said(i, said.Field, said.Channels, content)
                : ColumnClaim.Make(i, meaning, content);
        }

        RivalColumns.Settle(columns);
        ConsentParts.Assign(columns, headers);
        return new ColumnsUnderstood(
            hasHeader, [.. columns.Select((c, i) => c.Reading(hasHeader && !string.IsNullOrWhiteSpace(headers[i]) ? headers[i] : $"column {i + 1}"))]);
    }
}

/// <summary>How the columns of one list were understood.</summary>
/// <param name="HasHeader">Whether the first row is a header; where not, it is a row like the others.</param>
/// <param name="Columns">One reading per column.</param>
public sealed record ColumnsUnderstood(bool HasHeader, IReadOnlyList<ColumnReading> Columns);

/// <summary>A <c>--map</c> entry that can't be followed.</summary>
public sealed class ColumnMapException : Exception
{
    public ColumnMapException() { }

    public ColumnMapException(string message) : base(message) { }

    public ColumnMapException(string message, Exception inner) : base(message, inner) { }

    /// <summary><c>unknown-field</c> or <c>unknown-header</c>.</summary>
    public string Code { get; init; } = "unknown-field";

    /// <summary>The word the user wrote.</summary>
    public string Word { get; init; } = "";

    /// <summary>The words that would have done.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];
}
