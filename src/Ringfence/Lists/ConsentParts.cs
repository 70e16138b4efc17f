namespace Ringfence.Lists;

/// <summary>Finds the consent that a date, an end, a wording or a method without a channel of its own belongs to.</summary>
internal static class ConsentParts
{
    /// <summary>Gives such columns the channels of their consent, and leaves one column of each kind per channels.</summary>
    /// <remarks>An end without a channel stays without: it ends every consent of the row.</remarks>
    public static void Assign(IReadOnlyList<ColumnClaim> columns, IReadOnlyList<string> headers)
    {
        var consents = columns.Where(c => c.Field == ListField.Consent).ToList();
        var following = columns
            .Where(c => IsPart(c) && c.Field != ListField.ConsentUntil && c.Channels == ChannelSet.None && c.Ground != ReadingGround.Map)
            .ToList();
        foreach (var part in following)
        {
            // A consent that has such a part by name needs no second one.
            var open = consents.FindAll(c => !columns.Any(p => p.Field == part.Field && p.Channels == c.Channels && !following.Contains(p)));
            if (consents.Count > 0)
                Follow(part, Owners(part, open.Count > 0 ? open : consents, columns, headers));
        }

        foreach (var rivals in columns.Where(IsPart).GroupBy(c => (c.Field, c.Channels)).ToList())
        {
            foreach (var loser in rivals.OrderBy(following.Contains).ThenBy(c => c.Rank).ThenBy(c => c.Index).Skip(1))
                loser.Yield(ListField.None);
        }
    }

    private static bool IsPart(ColumnClaim column) =>
        column.Field is ListField.ConsentAt or ListField.ConsentUntil or ListField.ConsentWording or ListField.ConsentMethod;

    private static void Follow(ColumnClaim part, List<ColumnClaim> owners)
    {
        if (owners.Exists(o => o.Channels == ChannelSet.None))
            return;
        part.Channels = owners.Aggregate(ChannelSet.None, (set, owner) => set | owner.Channels);
        if (owners.Count > 1 && part.Certainty == ReadingCertainty.Sure)
            part.Certainty = ReadingCertainty.Likely;
    }

    /// <summary>
    /// The consents whose headers share the most words with the part's; of several such the ones that stand in a row right before it, else
    /// the nearest before it, else the nearest behind it.
    /// </summary>
    private static List<ColumnClaim> Owners(
        ColumnClaim part, List<ColumnClaim> consents, IReadOnlyList<ColumnClaim> columns, IReadOnlyList<string> headers)
    {
        var words = Vocabulary<HeaderWord>.Split(headers[part.Index]).ToHashSet(StringComparer.Ordinal);
        int Shared(ColumnClaim consent) => Vocabulary<HeaderWord>.Split(headers[consent.Index]).Distinct().Count(words.Contains);
        var most = consents.Max(Shared);
        var alike = consents.Where(c => Shared(c) == most).ToList();
        if (alike.FindLast(c => c.Index < part.Index) is not { } nearest)
            return [alike[0]];
        var row = new List<ColumnClaim> { nearest };
        if (columns.Skip(nearest.Index + 1).Take(part.Index - nearest.Index - 1).All(IsPart))
        {
            while (alike.Find(c => c.Index == row[^1].Index - 1) is { } before)
                row.Add(before);
        }

        return row;
    }
}
