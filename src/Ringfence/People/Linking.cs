using System.Runtime.InteropServices;
using Ringfence.Lists;

namespace Ringfence.People;

/// <summary>Channels that refusals close, and the first row that closes the telephone number and the e-mail address; -1 for none.</summary>
public readonly record struct Closed(ChannelSet Channels, int PhoneBy, int EmailBy)
{
    /// <summary>What one row's refusal closes.</summary>
    public static Closed By(ChannelSet channels, int row) =>
        new(channels, (channels & ChannelSet.Phone) != 0 ? row : -1, channels.Has(Channel.Email) ? row : -1);

    /// <summary>Nothing.</summary>
    public static Closed Nothing { get; } = new(ChannelSet.None, -1, -1);

    /// <summary>What of it concerns some channels.</summary>
    public Closed Only(ChannelSet channels) => this with { Channels = Channels & channels };

    /// <summary>Both together.</summary>
    public Closed With(Closed other) =>
        new(Channels | other.Channels, PhoneBy < 0 ? other.PhoneBy : PhoneBy, EmailBy < 0 ? other.EmailBy : EmailBy);
}

/// <summary>Which rows are the same number or the same person, and how far each refusal reaches.</summary>
/// <remarks>
/// Two rows are the same person when they share an e-mail address (unless many names share it), or a number and a name; a row
/// without a name is the person who has its number first, as a main or a second one. A refusal reaches every row of its person, and every row that holds one of that person's numbers or addresses.
/// It does not travel further: somebody who merely shares a number with the person keeps their other channels.
/// </remarks>
public sealed class Linking
{
    // An address that more names than this share is a shared or made-up mailbox, and tells nothing about who is who.
    private const int NamesOfOnePerson = 3;

    // For so many rows together tables are asked beforehand: of millions of keys each is far away, and waiting for several at a time takes no longer than for one.
    private const int Ahead = 16;

    private readonly ContactStore contacts;
    private readonly int[] parent;
    private readonly int[] numberOf;
    private readonly List<int> firstOfNumber = [];
    private readonly int[] firstOfEmail;

    // By the place of an address: whether few enough names have it.
    private readonly bool[] isOfOnePerson;
    private readonly List<int> numberOfOther = [];
    private readonly int[] placeOfOtherEmail;
    private ClosedRows closedNumbers = new(0);
    private readonly ClosedRows closedEmails;
    private readonly ClosedRows closedPersons;

    private Linking(ContactStore contacts)
    {
        this.contacts = contacts;
        parent = new int[contacts.Count];
        for (var row = 0; row < parent.Length; row++)
            parent[row] = row;
        numberOf = new int[contacts.Count];
        firstOfEmail = new int[contacts.Count];
        placeOfOtherEmail = new int[contacts.OtherEmails.Count];
        isOfOnePerson = new bool[contacts.Count + contacts.OtherEmails.Count];
        (closedEmails, closedPersons) = (new(contacts.Count + contacts.OtherEmails.Count), new(contacts.Count));
    }

    /// <summary>Links the rows of an audit.</summary>
    public static Linking Of(ContactStore contacts)
    {
        var linking = new Linking(contacts);

        // Each fills what the other does not touch; only then are rows joined.
        Parallel.Invoke(linking.LinkNumbers, linking.FindMailboxes);
        linking.LinkEmails();
        linking.SpreadRefusals();
        return linking;
    }

    /// <summary>The first row with this row's number: the row itself where none is earlier, -1 where it has no number.</summary>
    public int FirstOfNumber(int row) => numberOf[row] is var number && number >= 0 ? firstOfNumber[number] : -1;

    /// <summary>The first row with this row's e-mail address, likewise.</summary>
    public int FirstOfEmail(int row) => firstOfEmail[row];

    /// <summary>The first row of this row's person: the row itself where none is earlier.</summary>
    public int FirstOfPerson(int row) => parent[row];

    /// <summary>What refusals in other rows close for this row.</summary>
    public Closed RefusedElsewhere(int row)
    {
        var closed = closedPersons[parent[row]];
        if (numberOf[row] is var number && number >= 0)
            closed = closed.With(closedNumbers[number]);
        if (firstOfEmail[row] is var email && email >= 0)
            closed = closed.With(closedEmails[email]);
        if (closed.Channels == ChannelSet.None)
            return closed;
        var channels = closed.Channels & ~contacts[row].Refused;
        return new Closed(
            channels, (channels & ChannelSet.Phone) != 0 && closed.PhoneBy != row ? closed.PhoneBy : -1,
            channels.Has(Channel.Email) && closed.EmailBy != row ? closed.EmailBy : -1);
    }

    /// <summary>What refusals of the row's own person close, in this row or another; not what somebody refused who merely shares its number.</summary>
    public ChannelSet RefusedByPerson(int row) => closedPersons[parent[row]].Channels;

    private void LinkNumbers()
    {
        var numbers = new KeyTable(contacts.Count);
        var named = new KeyTable(contacts.Count);
        var fetched = 0;
        for (var row = 0; row < parent.Length; row++)
        {
            for (; row % Ahead == 0 && fetched < Math.Min(row + Ahead, parent.Length); fetched++)
            {
                ref readonly var coming = ref contacts[fetched];
                numbers.Fetch(coming.Number);
                named.Fetch(Mix(coming.Number, coming.Name));
            }

            numberOf[row] = contacts[row].Number is var number && number != 0 ? LinkNumber(row, number, numbers, named) : -1;
        }


        // A number that stands only as somebody's second number is still one of theirs; main numbers come first.
        foreach (var (row, number) in contacts.OtherNumbers)
            numberOfOther.Add(LinkNumber(row, number, numbers, named));
    }

    /// <summary>Joins a row with the person of its number and name; gives the place of the number among all.</summary>
    private int LinkNumber(int row, ulong number, KeyTable numbers, KeyTable named)
    {
        ref var place = ref numbers.Of(number, out var seen);
        if (!seen)
        {
            place = firstOfNumber.Count;
            firstOfNumber.Add(row);
        }

        var name = contacts[row].Name;
        if (name == 0)
        {
            Join(row, firstOfNumber[place]);
            return place;
        }

        ref var same = ref named.Of(Mix(number, name), out var known);
        if (known)
        {
            Join(row, same);
            return place;
        }

        same = row;
        if (contacts[firstOfNumber[place]].Name != 0)
            return place;

        // The rows before had the number and no name: they are the person who is the first to have both.
        ref var owner = ref named.Of(Mix(number, 0), out var claimed);
        if (claimed)
            return place;
        owner = row;
        Join(row, firstOfNumber[place]);
        return place;
    }

    private void FindMailboxes()
    {
        var places = new KeyTable(contacts.Count);
        var mailboxes = new List<Mailbox>(contacts.Count);
        var fetched = 0;
        for (var row = 0; row < firstOfEmail.Length; row++)
        {
            for (; row % Ahead == 0 && fetched < Math.Min(row + Ahead, firstOfEmail.Length); fetched++)
                places.Fetch(contacts[fetched].Email);
            ref readonly var facts = ref contacts[row];
            firstOfEmail[row] = facts.Email == 0 ? -1 : AddTo(places, mailboxes, facts.Email, row, facts.Name, (facts.Marks & ContactMarks.SharedMailbox) != 0);
        }

        // An address that is nobody's main one has its place behind all rows.
        for (var i = 0; i < placeOfOtherEmail.Length; i++)
        {
            var (row, email, shared) = contacts.OtherEmails[i];
            placeOfOtherEmail[i] = AddTo(places, mailboxes, email, contacts.Count + i, contacts[row].Name, shared);
        }

        foreach (var box in CollectionsMarshal.AsSpan(mailboxes))
            isOfOnePerson[box.First] = box.Names <= NamesOfOnePerson;
    }

    /// <summary>Adds whoever has an address; gives the first place that had it.</summary>
    private static int AddTo(KeyTable places, List<Mailbox> mailboxes, ulong email, int place, ulong name, bool shared)
    {
        ref var at = ref places.Of(email, out var seen);
        if (!seen)
        {
            at = mailboxes.Count;
            mailboxes.Add(new Mailbox { First = place });
        }

        ref var box = ref CollectionsMarshal.AsSpan(mailboxes)[at];
        box.Add(name, shared);
        return box.First;
    }

    private void LinkEmails()
    {
        for (var row = 0; row < parent.Length; row++)
        {
            // Where a row is the first, there is nobody to join it with.
            if (firstOfEmail[row] is var first && first >= 0 && first != row && isOfOnePerson[first])
                Join(row, first);
        }

        for (var i = 0; i < placeOfOtherEmail.Length; i++)
        {
            var place = placeOfOtherEmail[i];
            if (isOfOnePerson[place])
                Join(contacts.OtherEmails[i].Row, place < contacts.Count ? place : contacts.OtherEmails[place - contacts.Count].Row);
        }
    }

    private void SpreadRefusals()
    {
        for (var row = 0; row < parent.Length; row++)
        {
            // A root comes before the rows of its person, so one step is enough from here on.
            parent[row] = parent[parent[row]];
            if (contacts[row].Refused is var refused && refused != ChannelSet.None)
                closedPersons.Add(parent[row], Closed.By(refused, row));
        }

        if (!closedPersons.HasAny)
            return;
        closedNumbers = new ClosedRows(firstOfNumber.Count);
        Parallel.Invoke(SpreadToNumbers, SpreadToEmails);
    }

    private void SpreadToNumbers()
    {
        for (var row = 0; row < parent.Length; row++)
        {
            if (numberOf[row] is var number && number >= 0)
                closedNumbers.Add(number, closedPersons[parent[row]].Only(ChannelSet.Phone));
        }

        for (var i = 0; i < numberOfOther.Count; i++)
            closedNumbers.Add(numberOfOther[i], closedPersons[parent[contacts.OtherNumbers[i].Row]].Only(ChannelSet.Phone));
    }

    private void SpreadToEmails()
    {
        for (var row = 0; row < parent.Length; row++)
        {
            if (firstOfEmail[row] is var email && email >= 0)
                closedEmails.Add(email, closedPersons[parent[row]].Only(ChannelSet.Email));
        }

        for (var i = 0; i < placeOfOtherEmail.Length; i++)
            closedEmails.Add(placeOfOtherEmail[i], closedPersons[parent[contacts.OtherEmails[i].Row]].Only(ChannelSet.Email));
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

/// <summary>What is closed, by the place of a person, number or address.</summary>
internal sealed class ClosedRows(int places)
{
    // Lists without any refusal are common among those that were cleaned before, and where there are some, most places have none: a bit each says which have one.
    private Closed[]? closed;
    private ulong[] have = [];

    /// <summary>Whether anything is.</summary>
    public bool HasAny => closed is not null;

    /// <summary>What is closed at a place.</summary>
    public Closed this[int place] => closed is not null && (have[place >> 6] >> (place & 63) & 1) != 0 ? closed[place] : Closed.Nothing;

    /// <summary>Closes more.</summary>
    public void Add(int place, Closed more)
    {
        if (more.Channels == ChannelSet.None)
            return;
        if (closed is null)
            (closed, have) = (GC.AllocateUninitializedArray<Closed>(places), new ulong[(places + 63) >> 6]);
        closed[place] = this[place].With(more);
        have[place >> 6] |= 1UL << (place & 63);
    }
}
