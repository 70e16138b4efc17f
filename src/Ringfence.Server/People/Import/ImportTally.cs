using Ringfence.Gate;
using Ringfence.Lists;

namespace Ringfence.Server.People.Import;

/// <summary>What an import came to, so far. Kept with its progress, so that one that was stopped and goes on tells of all its rows.</summary>
internal sealed class ImportTally
{
    // A summary names so many; more are counted.
    private const int MostNamed = 100;

    /// <summary>Rows that were settled.</summary>
    public long Rows { get; set; }

    /// <summary>Contacts nobody knew.</summary>
    public long New { get; set; }

    /// <summary>Rows of contacts that were known before, or met earlier in the lists.</summary>
    public long Known { get; set; }

    /// <summary>Of those, rows that brought something new.</summary>
    public long Changed { get; set; }

    /// <summary>Rows that are closed on every channel of every point, and of which nothing but that is kept.</summary>
    public long Closed { get; set; }

    /// <summary>Rows without a valid number or address.</summary>
    public long Pointless { get; set; }

    /// <summary>Rows that were not asked for, and of which nothing but refusals was taken.</summary>
    public long LeftOut { get; set; }

    /// <summary>New contacts in quarantine, by cause.</summary>
    public SortedDictionary<string, long> Quarantined { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Contacts that a passport let out.</summary>
    public long Cleared { get; set; }

    /// <summary>Rows of known contacts of which nothing but refusals was taken, for where they came from is not shown.</summary>
    public long HeldBack { get; set; }

    /// <summary>Under age, or possibly so.</summary>
    public long Minors { get; set; }

    /// <summary>Consents written down as given, by channel.</summary>
    public SortedDictionary<string, long> Given { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Consents written down as asked for only, by what makes the yes none; <c>pending</c> where there is none yet.</summary>
    public SortedDictionary<string, long> Asked { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Consents whose own term has passed.</summary>
    public long Expired { get; set; }

    /// <summary>What the consents written down as given lack.</summary>
    public SortedDictionary<string, long> Lacking { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Consents not taken, because the person or the number refused before.</summary>
    public long NotReopened { get; set; }

    /// <summary>Consent cells that can't be read as an answer.</summary>
    public long Unclear { get; set; }

    /// <summary>People who refused something.</summary>
    public long Refusals { get; set; }

    /// <summary>Do-not-contact entries that were added.</summary>
    public long Suppressions { get; set; }

    /// <summary>Rows whose number is known under another name: what they say of the number is not taken, but for refusals.</summary>
    public long OtherName { get; set; }

    /// <summary>Contacts that may be one person.</summary>
    public long Merges { get; set; }

    /// <summary>The first of them.</summary>
    public List<PossibleMerge> FirstMerges { get; set; } = [];

    /// <summary>Records that were written.</summary>
    public long Records { get; set; }

    /// <summary>Counts a consent that was written down.</summary>
    public void Count(ListedAnswer answer, ChannelSet channels, ListedFlaws flaws)
    {
        if (answer == ListedAnswer.Given)
        {
            foreach (var channel in Channels.All)
            {
                if (channels.Has(channel))
                    Add(Given, channel.Word());
            }

            foreach (var flaw in WordsOf(flaws))
                Add(Lacking, flaw);
        }
        else if (answer == ListedAnswer.Expired)
        {
            Expired++;
        }
        else if (flaws == ListedFlaws.None)
        {
            Add(Asked, "pending");
        }
        else
        {
            foreach (var flaw in WordsOf(flaws))
                Add(Asked, flaw);
        }
    }

    /// <summary>Offers to merge two contacts.</summary>
    public void Offer(PossibleMerge merge)
    {
        Merges++;
        if (FirstMerges.Count < MostNamed)
            FirstMerges.Add(merge);
    }

    /// <summary>Counts one more under a word.</summary>
    public static void Add(SortedDictionary<string, long> counts, string word) => counts[word] = counts.GetValueOrDefault(word) + 1;

    /// <summary>The words of flaws.</summary>
    public static IEnumerable<string> WordsOf(ListedFlaws flaws)
    {
        for (var flaw = 1; flaw <= (int)flaws; flaw <<= 1)
        {
            if (((int)flaws & flaw) != 0)
                yield return Words<ListedFlaws>.Of((ListedFlaws)flaw);
        }
    }
}

/// <summary>Two contacts that may be one person, by name only.</summary>
/// <param name="List">The list.</param>
/// <param name="Row">The row in it, from 1, that points to both.</param>
/// <param name="One">The contact that was taken.</param>
/// <param name="Other">The other one.</param>
internal sealed record PossibleMerge(string List, int Row, string One, string Other);
