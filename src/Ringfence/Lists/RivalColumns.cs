namespace Ringfence.Lists;

/// <summary>Settles which of several columns keeps a field of which a row has one.</summary>
internal static class RivalColumns
{
    /// <summary>Lets all but the best claim of each single field yield.</summary>
    public static void Settle(IReadOnlyList<ColumnClaim> columns)
    {
        SettleCustomers(columns);
        SettleNames(columns);
        SettlePhones(columns);
        foreach (var rivals in columns.Where(c => !c.Field.MayRepeat() && !c.Field.HasChannels()).GroupBy(c => c.Field).ToList())
        {
            foreach (var loser in rivals.OrderBy(c => c.Rank).ThenBy(c => c.Content.Filled == 0).ThenBy(c => c.Index).Skip(1))
                loser.Yield(Instead(loser));
        }
    }

    /// <summary>A second source, or a name that was only guessed from its content, may hold a note, a second address is one of the person's; the rest has no use.</summary>
    private static ListField Instead(ColumnClaim loser) =>
        loser.Field == ListField.Source || loser.Field is ListField.Name or ListField.Company && loser.Ground == ReadingGround.Content
            ? ListField.Notes
            : loser.Field == ListField.Email ? ListField.OtherEmail : ListField.None;

    /// <summary>The main number is the one that its header ranks first, among those that are filled at least now and then.</summary>
    private static void SettlePhones(IReadOnlyList<ColumnClaim> columns)
    {
        var phones = columns.Where(c => c.Field == ListField.Phone).ToList();
        if (phones.Count < 2)
            return;
        var most = phones.Max(c => c.Content.Phones);
        var main = phones.Where(c => c.Ground == ReadingGround.Map || 10 * c.Content.Phones >= most).OrderBy(c => c.Rank).ThenBy(c => c.Index).First();
        foreach (var other in phones.Where(c => c != main))
            other.Yield(ListField.OtherPhone);
    }

    /// <summary>Beside a contact person, the name of the customer (客户名称) is that of a company, if no other column is.</summary>
    private static void SettleCustomers(IReadOnlyList<ColumnClaim> columns)
    {
        var customer = columns.FirstOrDefault(c => c.Field == ListField.Name && c.Header.Has(HeaderWord.Name) && c.Header.Has(HeaderWord.Person));
        var isBesidePerson = columns.Any(c => c.Field == ListField.Name && c.Header.Has(HeaderWord.Person | HeaderWord.Contact) && !c.Header.Has(HeaderWord.Name));
        if (customer is not null && isBesidePerson && !columns.Any(c => c.Field == ListField.Company))
            customer.Yield(ListField.Company);
    }

    /// <summary>"Name", "nom", "nome" is the family name beside a column of given names, and the given name beside one of family names.</summary>
    private static void SettleNames(IReadOnlyList<ColumnClaim> columns)
    {
        var given = columns.Any(c => c.Field == ListField.GivenName);
        var family = columns.Any(c => c.Field == ListField.FamilyName);
        if (given == family)
            return;
        var bare = columns
            .Where(c => c.Field == ListField.Name && c.Ground == ReadingGround.Header && c.Header.Rank == 0 && !c.Header.Has(HeaderWord.Person | HeaderWord.Contact))
            .MinBy(c => c.Index);
        if (bare is not null && !bare.Content.Mostly(bare.Content.Names, 0.5))
            bare.Yield(given ? ListField.FamilyName : ListField.GivenName);
    }
}
