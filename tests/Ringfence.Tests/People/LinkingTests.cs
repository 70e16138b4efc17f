using Ringfence.Lists;
using Ringfence.People;
using Xunit;

namespace Ringfence.Tests.People;

public sealed class LinkingTests
{
    private static ContactStore Store(params ContactFacts[] rows)
    {
        var store = new ContactStore();
        store.Append(rows);
        return store;
    }

    private static ContactFacts Row(ulong number = 0, ulong email = 0, ulong name = 0, ChannelSet refused = ChannelSet.None) =>
        new() { Number = number, Email = email, Name = name, Refused = refused };

    [Fact]
    public void A_refusal_in_the_last_row_closes_the_number_in_the_first()
    {
        var linking = Linking.Of(Store(Row(49301), Row(49302), Row(49301, refused: ChannelSet.Phone)));
        Assert.Equal(new Closed(ChannelSet.Phone, 2, -1), linking.RefusedElsewhere(0));
        Assert.Equal(ChannelSet.None, linking.RefusedElsewhere(1).Channels);
        Assert.Equal(ChannelSet.None, linking.RefusedElsewhere(2).Channels);
    }

    [Fact]
    public void A_refusal_follows_the_person_to_their_other_number()
    {
        var linking = Linking.Of(Store(Row(49301, email: 5, name: 7, refused: ChannelSet.All), Row(49302, email: 5, name: 7)));
        Assert.Equal(new Closed(ChannelSet.All, 0, 0), linking.RefusedElsewhere(1));
    }

    [Fact]
    public void A_refusal_by_a_second_number_closes_the_row_that_has_it_as_its_first()
    {
        var store = Store(Row(49301, name: 7, refused: ChannelSet.Phone), Row(49302, name: 8));
        store.OtherNumbers.Add(new OtherNumber(0, 49302));
        Assert.Equal(new Closed(ChannelSet.Phone, 0, -1), Linking.Of(store).RefusedElsewhere(1));
    }

    [Fact]
    public void Who_shares_a_number_with_a_refuser_keeps_their_own_other_channels()
    {
        var linking = Linking.Of(Store(
            Row(49301, email: 5, name: 7, refused: ChannelSet.All), Row(49301, email: 6, name: 8), Row(49303, email: 6, name: 8)));
        Assert.Equal(ChannelSet.Phone, linking.RefusedElsewhere(1).Channels);
        Assert.Equal(ChannelSet.None, linking.RefusedElsewhere(2).Channels);
    }

    [Fact]
    public void A_mailbox_that_many_names_share_makes_nobody_the_same_person()
    {
        var rows = Enumerable.Range(0, 5).Select(i => Row((ulong)(49300 + i), email: 5, name: (ulong)(7 + i), refused: i == 0 ? ChannelSet.Voice : ChannelSet.None));
        var linking = Linking.Of(Store([.. rows]));
        Assert.Equal(4, linking.FirstOfPerson(4));
        Assert.Equal(ChannelSet.None, linking.RefusedElsewhere(4).Channels);
    }

    [Fact]
    public void An_email_refusal_closes_the_address_wherever_it_stands()
    {
        var rows = Enumerable.Range(0, 6).Select(i => Row((ulong)(49300 + i), email: 5, name: (ulong)(7 + i), refused: i == 5 ? ChannelSet.Email : ChannelSet.None));
        Assert.Equal(new Closed(ChannelSet.Email, -1, 5), Linking.Of(Store([.. rows])).RefusedElsewhere(0));
    }

    [Fact]
    public void The_same_name_and_number_in_any_row_is_one_person_and_the_first_row_names_it()
    {
        var linking = Linking.Of(Store(Row(49301, name: 7), Row(49301, name: 8), Row(49301, name: 7), Row(49301)));
        Assert.Equal([0, 1, 0, 0], Enumerable.Range(0, 4).Select(linking.FirstOfPerson));
        Assert.Equal([0, 0, 0, 0], Enumerable.Range(0, 4).Select(linking.FirstOfNumber));
    }

    [Fact]
    public void A_refusal_of_a_bare_number_closes_the_person_who_has_it_as_a_second_one()
    {
        var store = Store(Row(49301, name: 7), Row(49302, refused: ChannelSet.Phone));
        store.OtherNumbers.Add(new OtherNumber(0, 49302));
        Assert.Equal(new Closed(ChannelSet.Phone, 1, -1), Linking.Of(store).RefusedElsewhere(0));
    }

    [Fact]
    public void A_refusal_under_a_second_address_closes_the_person_and_a_shared_address_joins_nobody()
    {
        var store = Store(Row(49301, email: 5, name: 7), Row(email: 6, refused: ChannelSet.All), Row(49303, email: 8, name: 9));
        store.OtherEmails.Add(new OtherEmail(0, 6, Shared: false));
        store.OtherEmails.Add(new OtherEmail(2, 11, Shared: true));
        store.OtherEmails.Add(new OtherEmail(0, 11, Shared: true));
        var linking = Linking.Of(store);
        Assert.Equal(new Closed(ChannelSet.All, 1, 1), linking.RefusedElsewhere(0));
        Assert.Equal(ChannelSet.None, linking.RefusedElsewhere(2).Channels);
    }

    /// <summary>A second, slow linking, written from the documentation: sets of rows, merged until nothing changes.</summary>
    private static ChannelSet Naively(ContactStore store, int row)
    {
        var person = Enumerable.Range(0, store.Count).ToArray();
        ulong[] Numbers(int r) => [.. new[] { store[r].Number }.Where(n => n != 0), .. store.OtherNumbers.Where(o => o.Row == r).Select(o => o.Number)];
        int NamesOf(ulong email) => Enumerable.Range(0, store.Count).Where(r => Emails(r).Contains(email) && store[r].Name != 0).Select(r => store[r].Name).Distinct().Count();
        int[] Holders(ulong number) =>
        [
            .. Enumerable.Range(0, store.Count).Where(r => store[r].Number == number),
            .. store.OtherNumbers.Where(o => o.Number == number).Select(o => o.Row),
        ];

        // Who has the number first; and where that row has no name, the first that has one besides.
        bool IsFirst(int row, ulong number) =>
            Holders(number) is var holders && (holders[0] == row || store[holders[0]].Name == 0 && holders.FirstOrDefault(r => store[r].Name != 0, -1) == row);
        ulong[] Emails(int r) => [.. new[] { store[r].Email }.Where(e => e != 0), .. store.OtherEmails.Where(o => o.Row == r).Select(o => o.Email)];

        bool Same(int a, int b) =>
            Emails(a).Intersect(Emails(b)).Any(e => NamesOf(e) <= 3)
            || Numbers(a).Intersect(Numbers(b)).Any(n =>
                (store[a].Name != 0 && store[a].Name == store[b].Name)
                || (store[a].Name == 0 && IsFirst(b, n)) || (store[b].Name == 0 && IsFirst(a, n)));

        for (var changed = true; changed;)
        {
            changed = false;
            for (var a = 0; a < store.Count; a++)
            {
                for (var b = 0; b < store.Count; b++)
                {
                    if (person[a] == person[b] || !Same(a, b))
                        continue;
                    var (to, from) = (Math.Min(person[a], person[b]), Math.Max(person[a], person[b]));
                    for (var c = 0; c < person.Length; c++)
                        person[c] = person[c] == from ? to : person[c];
                    changed = true;
                }
            }
        }

        ChannelSet OfPerson(int p) => Enumerable.Range(0, store.Count).Where(r => person[r] == p).Aggregate(ChannelSet.None, (set, r) => set | store[r].Refused);
        var closed = OfPerson(person[row]);
        for (var other = 0; other < store.Count; other++)
        {
            if (store[row].Number != 0 && Numbers(other).Contains(store[row].Number))
                closed |= OfPerson(person[other]) & ChannelSet.Phone;
            if (store[row].Email != 0 && Emails(other).Contains(store[row].Email))
                closed |= OfPerson(person[other]) & ChannelSet.Email;
        }

        return closed & ~store[row].Refused;
    }

    [Fact]
    public void It_agrees_with_a_slow_linking_written_from_the_documentation()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 400; round++)
        {
            var store = new ContactStore();
            var count = random.Next(1, 14);
            for (var i = 0; i < count; i++)
            {
                store.Append([Row(
                    (ulong)random.Next(0, 6), (ulong)random.Next(0, 5), (ulong)random.Next(0, 5),
                    random.Next(4) == 0 ? (ChannelSet)random.Next(1, 64) : ChannelSet.None)]);
                if (random.Next(4) == 0)
                    store.OtherNumbers.Add(new OtherNumber(i, (ulong)random.Next(1, 8)));
                if (random.Next(4) == 0)
                    store.OtherEmails.Add(new OtherEmail(i, (ulong)random.Next(1, 7), Shared: false));
            }

            var linking = Linking.Of(store);
            for (var row = 0; row < count; row++)
                Assert.Equal(Naively(store, row), linking.RefusedElsewhere(row).Channels);
        }
    }
}
