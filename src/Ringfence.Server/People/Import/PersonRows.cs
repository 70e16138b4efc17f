using System.Collections;
using System.Runtime.InteropServices;
using Ringfence.Lists;
using Ringfence.People;

namespace Ringfence.Server.People.Import;

/// <summary>Which rows have others of their person beside them, and which share a number or address with somebody else.</summary>
internal sealed class PersonRows
{
    private readonly Linking linking;
    private readonly ContactStore contacts;
    private readonly BitArray hasMore;
    private readonly BitArray mayBeMet;
    private readonly HashSet<ulong> sharedNumbers = [];

    public PersonRows(Linking linking, ContactStore contacts)
    {
        (this.linking, this.contacts) = (linking, contacts);
        (hasMore, mayBeMet) = (new BitArray(contacts.Count), new BitArray(contacts.Count));
        for (var row = 0; row < contacts.Count; row++)
        {
            if (linking.FirstOfPerson(row) is var person && person != row)
                hasMore[person] = true;
        }

        FindShared(Numbers(), sharedNumbers);
        var sharedEmails = new HashSet<ulong>();
        var bare = BareEmails();
        if (bare.Count > 0)
            FindShared(Emails().Where(one => bare.Contains(one.Value)), sharedEmails);
        for (var row = 0; row < contacts.Count; row++)
            mayBeMet[row] = HasMore(row);
        foreach (var (row, number) in Numbers())
            mayBeMet[row] |= sharedNumbers.Contains(number);
        foreach (var (row, email) in sharedEmails.Count == 0 ? [] : Emails())
            mayBeMet[row] |= sharedEmails.Contains(email);
        for (var row = 0; row < contacts.Count && !AnyRefuses; row++)
            AnyRefuses = RefusesAndMayBeMet(row);
    }

    /// <summary>Whether there are further rows of the row's person.</summary>
    public bool HasMore(int row) => hasMore[linking.FirstOfPerson(row)];

    /// <summary>Whether the row's number is also somebody else's, as their first or a further one.</summary>
    public bool IsShared(int row) => sharedNumbers.Contains(contacts[row].Number);

    /// <summary>Whether somebody of this row may be met in another one, as the same person or under another name.</summary>
    public bool MayBeMet(int row) => mayBeMet[row];

    /// <summary>Whether the row's person refuses something and may be met in another row, of which nothing was known when this one was written.</summary>
    public bool RefusesAndMayBeMet(int row) => mayBeMet[row] && linking.RefusedByPerson(row) != ChannelSet.None;

    /// <summary>Whether there is such a row.</summary>
    public bool AnyRefuses { get; }

    private void FindShared(IEnumerable<(int Row, ulong Value)> all, HashSet<ulong> shared)
    {
        var persons = new Dictionary<ulong, int>();
        foreach (var (row, value) in all)
        {
            ref var person = ref CollectionsMarshal.GetValueRefOrAddDefault(persons, value, out var known);
            if (!known)
                person = linking.FirstOfPerson(row);
            else if (person != linking.FirstOfPerson(row))
                shared.Add(value);
        }
    }

    private IEnumerable<(int Row, ulong Value)> Numbers()
    {
        for (var row = 0; row < contacts.Count; row++)
        {
            if (contacts[row].Number is var number && number != 0)
                yield return (row, number);
        }

        foreach (var (row, number) in contacts.OtherNumbers)
            yield return (row, number);
    }

    private IEnumerable<(int Row, ulong Value)> Emails()
    {
        for (var row = 0; row < contacts.Count; row++)
        {
            if (contacts[row].Email is var email && email != 0)
                yield return (row, email);
        }

        foreach (var (row, email, _) in contacts.OtherEmails)
            yield return (row, email);
    }

    // Of rows that are nothing but an address: these are about whoever has it.
    private HashSet<ulong> BareEmails()
    {
        var bare = new HashSet<ulong>();
        foreach (var (row, email) in Emails())
        {
            if (contacts[row] is { Number: 0, Name: 0 })
                bare.Add(email);
        }

        return bare;
    }
}
