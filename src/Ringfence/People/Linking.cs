using System.Runtime.InteropServices;
using Ringfence.Lists;

namespace Ringfence.People;

/// <summary>Channels that refusals close, and the first row that closes the telephone number and the e-mail address; -1 for none.</summary>
public readonly record struct Closed(ChannelSet Channels, int PhoneBy, int EmailBy)
{
    /// <summary>What one row's refusal closes.</summary>
    public static Closed By(ChannelSet channels, int row) =>
        new(channels, (channels & ChannelSet.Phone) != 0 ? row : -1, channels.Has(Channel.Email) ? row : -1);

    /// <summary>Both together.</summary>
    public Closed With(Closed other) =>
        new(Channels | other.Channels, PhoneBy < 0 ? other.PhoneBy : PhoneBy, EmailBy < 0 ? other.EmailBy : EmailBy);
}

/// <summary>Which rows are the same number or the same person, and how far each refusal reaches.</summary>
/// <remarks>
/// Two rows are the same person when they share an e-mail address (unless many names share it), or a number and a name; a row
/// without a name is the person who has its number first. A refusal reaches every row of its person, and every row that holds one of that person's numbers or addresses.
/// It does not travel further: somebody who merely shares a number with the person keeps their other channels.
/// </remarks>
public sealed class Linking
{
    // An address that more names than this share is a shared or made-up mailbox, and tells nothing about who is who.
    private const int NamesOfOnePerson = 3;

    private readonly ContactStore contacts;
    private readonly int[] parent;
    private readonly int[] firstOfNumber;
    private readonly int[] firstOfEmail;
    private readonly Dictionary<ulong, Mailbox> mailboxes;
    private readonly Dictionary<ulong, Closed> refusedNumbers = [];
    private readonly Dictionary<ulong, Closed> refusedEmails = [];
    private readonly Dictionary<int, Closed> refusedPersons = [];

    private Linking(ContactStore contacts)
    {
        this.contacts = contacts;
        parent = new int[contacts.Count];
        for (var row = 0; row < parent.Length; row++)
            parent[row] = row;
        firstOfNumber = new int[contacts.Count];
        firstOfEmail = new int[contacts.Count];
        mailboxes = new Dictionary<ulong, Mailbox>(contacts.Count);
    }

    /// <summary>Links the rows of an audit.</summary>
    public static Linking Of(ContactStore contacts)
    {
        var linking = new Linking(contacts);

        // Each fills what the other does not touch; only then are rows joined.
        Parallel.Invoke(linking.LinkNumbers, linking.FindMailboxes);
        linking.LinkEmails();
        linking.mailboxes.Clear();
        linking.mailboxes.TrimExcess();
        linking.SpreadRefusals();
        return linking;
    }

    /// <summary>The first row with this row's number: the row itself where none is earlier, -1 where it has no number.</summary>
    public int FirstOfNumber(int row) => firstOfNumber[row];

    /// <summary>The first row with this row's e-mail address, likewise.</summary>
    public int FirstOfEmail(int row) => firstOfEmail[row];

    /// <summary>The first row of this row's person: the row itself where none is earlier.</summary>
    public int FirstOfPerson(int row) => Root(row);

    /// <summary>What refusals in other rows close for this row.</summary>
    public Closed RefusedElsewhere(int row)
    {
        ref readonly var facts = ref contacts[row];
        var closed = new Closed(ChannelSet.None, -1, -1);
        if (refusedPersons.TryGetValue(Root(row), out var person))
            closed = person;
        if (facts.Number != 0 && refusedNumbers.TryGetValue(facts.Number, out var number))
            closed = closed.With(number);
        if (facts.Email != 0 && refusedEmails.TryGetValue(facts.Email, out var email))
            closed = closed.With(email);
        var channels = closed.Channels & ~facts.Refused;
        return new Closed(
            channels, (channels & ChannelSet.Phone) != 0 && closed.PhoneBy != row ? closed.PhoneBy : -1,
            channels.Has(Channel.Email) && closed.EmailBy != row ? closed.EmailBy : -1);
    }

    private void LinkNumbers()
    {
        var numbers = new Dictionary<ulong, int>(contacts.Count);
        var named = new Dictionary<ulong, int>(contacts.Count);
        for (var row = 0; row < parent.Length; row++)
            firstOfNumber[row] = contacts[row].Number is var number && number != 0 ? LinkNumber(row, number, numbers, named) : -1;

        // A number that stands only as somebody's second number is still one of theirs; main numbers come first.
        foreach (var (row, number) in contacts.OtherNumbers)
            LinkNumber(row, number, numbers, named);
    }

    private int LinkNumber(int row, ulong number, Dictionary<ulong, int> numbers, Dictionary<ulong, int> named)
    {
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, number, out var seen);
        if (!seen)
            first = row;
        var name = contacts[row].Name;
        if (name == 0)
        {
            if (seen)
                Join(row, first);
            return first;
        }

        ref var same = ref CollectionsMarshal.GetValueRefOrAddDefault(named, Mix(number, name), out var known);
        if (known)
            Join(row, same);
        else
            same = row;
        return first;
    }

    private void FindMailboxes()
    {
        for (var row = 0; row < firstOfEmail.Length; row++)
        {
            ref readonly var facts = ref contacts[row];
            firstOfEmail[row] = -1;
            if (facts.Email == 0)
                continue;
            ref var box = ref CollectionsMarshal.GetValueRefOrAddDefault(mailboxes, facts.Email, out var seen);
            if (!seen)
                box.First = row;
            firstOfEmail[row] = box.First;
            box.Add(facts.Name, (facts.Marks & ContactMarks.SharedMailbox) != 0);
        }
    }

    private void LinkEmails()
    {
        for (var row = 0; row < parent.Length; row++)
        {
            // Where a row is the first, there is nobody to join it with.
            if (firstOfEmail[row] is var first && first >= 0 && first != row && mailboxes[contacts[row].Email].Names <= NamesOfOnePerson)
                Join(row, first);
        }
    }

    private void SpreadRefusals()
    {
        for (var row = 0; row < parent.Length; row++)
        {
            if (contacts[row].Refused is var refused && refused != ChannelSet.None)
                Add(refusedPersons, Root(row), Closed.By(refused, row));
        }

        if (refusedPersons.Count == 0)
            return;
        for (var row = 0; row < parent.Length; row++)
        {
            if (!refusedPersons.TryGetValue(Root(row), out var closed))
                continue;
            ref readonly var facts = ref contacts[row];
            if (facts.Number != 0)
                Add(refusedNumbers, facts.Number, closed with { Channels = closed.Channels & ChannelSet.Phone });
            if (facts.Email != 0)
                Add(refusedEmails, facts.Email, closed with { Channels = closed.Channels & ChannelSet.Email });
        }

        foreach (var (row, number) in contacts.OtherNumbers)
        {
            if (refusedPersons.TryGetValue(Root(row), out var closed))
                Add(refusedNumbers, number, closed with { Channels = closed.Channels & ChannelSet.Phone });
        }
    }

    private static void Add<TKey>(Dictionary<TKey, Closed> to, TKey key, Closed more)
        where TKey : notnull
    {
        if (more.Channels == ChannelSet.None)
            return;
        ref var closed = ref CollectionsMarshal.GetValueRefOrAddDefault(to, key, out var seen);
        closed = seen ? closed.With(more) : more;
    }

    private int Root(int row)
    {
        while (parent[row] != row)
        {
            parent[row] = parent[parent[row]];
            row = parent[row];
        }

        return row;
    }

    // Invariant: a root is the first row of its person.
    private void Join(int a, int b)
    {
        (a, b) = (Root(a), Root(b));
        if (a < b)
            parent[b] = a;
        else
            parent[a] = b;
    }

    private static ulong Mix(ulong number, ulong name) => unchecked(((number * 0x9E3779B97F4A7C15UL) ^ name) * 0xD6E8FEB86659FD93UL);

    private struct Mailbox
    {
        public int First;
        public int Names;
        private ulong one;
        private ulong two;
        private ulong three;

        public void Add(ulong name, bool shared)
        {
            if (shared)
                Names = NamesOfOnePerson + 1;
            if (name == 0 || name == one || name == two || name == three)
                return;
            Names++;
            if (Names == 1)
                one = name;
            else if (Names == 2)
                two = name;
            else if (Names == 3)
                three = name;
        }
    }
}
