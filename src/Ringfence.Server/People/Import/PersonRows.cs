using System.Collections;
using System.Runtime.InteropServices;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;

namespace Ringfence.Server.People.Import;

/// <summary>Which rows have others of their person beside them, and which numbers two persons share.</summary>
internal sealed class PersonRows
{
    private readonly Linking linking;
    private readonly ContactStore contacts;
    private readonly BitArray hasMore;
    private readonly HashSet<ulong> shared = [];

    public PersonRows(Linking linking, ContactStore contacts)
    {
        (this.linking, this.contacts) = (linking, contacts);
        hasMore = new BitArray(contacts.Count);
        var persons = new Dictionary<ulong, int>(contacts.Count);
        for (var row = 0; row < contacts.Count; row++)
        {
            if (linking.FirstOfPerson(row) is var person && person != row)
                hasMore[person] = true;
            Note(contacts[row].Number, row);
        }

        foreach (var (row, number) in contacts.OtherNumbers)
            Note(number, row);

        void Note(ulong number, int row)
        {
            if (number == 0)
                return;
            ref var person = ref CollectionsMarshal.GetValueRefOrAddDefault(persons, number, out var known);
            if (!known)
                person = linking.FirstOfPerson(row);
            else if (person != linking.FirstOfPerson(row))
                shared.Add(number);
        }
    }

    /// <summary>Whether there are further rows of the row's person.</summary>
    public bool HasMore(int row) => hasMore[linking.FirstOfPerson(row)];

    /// <summary>Whether the row's number is also somebody else's, as their first or a further one.</summary>
    public bool IsShared(int row) => shared.Contains(contacts[row].Number);

    /// <summary>Whether somebody of this number may come again under another person.</summary>
    public bool IsShared(PhoneNumber number) => shared.Contains(number.Digits);
}
