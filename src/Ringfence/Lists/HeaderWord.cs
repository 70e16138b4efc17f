namespace Ringfence.Lists;

/// <summary>What words of headers mean; a header means the sum of its words.</summary>
[Flags]
internal enum HeaderWord : ulong
{
    Nothing = 0,
    Person = 1UL << 0,
    Contact = 1UL << 1,
    Name = 1UL << 2,
    Given = 1UL << 3,
    Family = 1UL << 4,
    Company = 1UL << 5,
    Phone = 1UL << 6,
    Mobile = 1UL << 7,
    Call = 1UL << 8,
    Auto = 1UL << 9,
    Sms = 1UL << 10,
    Whatsapp = 1UL << 11,
    Fax = 1UL << 12,
    Email = 1UL << 13,
    Other = 1UL << 14,
    Main = 1UL << 15,
    Work = 1UL << 16,
    Home = 1UL << 17,
    Consent = 1UL << 18,
    Marketing = 1UL << 19,
    Privacy = 1UL << 20,
    Terms = 1UL << 21,
    Confirm = 1UL << 22,
    Refusal = 1UL << 23,
    Not = 1UL << 24,

    /// <summary><c>no</c>: a negation in front of something, the abbreviation of "number" elsewhere.</summary>
    NumberOrNot = 1UL << 25,
    Preference = 1UL << 26,
    Wording = 1UL << 27,
    Method = 1UL << 28,
    Date = 1UL << 29,

    /// <summary>A little word that makes a moment of the word before it: <c>created at</c>, <c>erteilt am</c>.</summary>
    At = 1UL << 30,
    Until = 1UL << 31,
    Created = 1UL << 32,
    Modified = 1UL << 33,
    Last = 1UL << 34,
    Activity = 1UL << 35,
    Born = 1UL << 36,
    Age = 1UL << 37,
    Country = 1UL << 38,
    State = 1UL << 39,
    Address = 1UL << 40,
    Source = 1UL << 41,
    Notes = 1UL << 42,
    Status = 1UL << 43,
    Reason = 1UL << 44,
    Id = 1UL << 45,
    Number = 1UL << 46,
    Code = 1UL << 47,

    /// <summary>A property of what the other words name: its type, its extension, how many there are.</summary>
    Aspect = 1UL << 48,

    /// <summary>Something the audit has no use for.</summary>
    Noise = 1UL << 49,

    /// <summary>Somebody else than the person of the row: the sales person, the one who typed it in.</summary>
    Owner = 1UL << 50,
    Minor = 1UL << 51,
}
