namespace Ringfence.Suppression;

/// <summary>What was heard in one inbound text, gathered before it is weighed.</summary>
internal sealed class Heard
{
    // Enough to show; a long text may say the same a thousand times.
    private const int MostClues = 20;

    private readonly List<Clue> _closing = [];
    private readonly List<Clue> _doubtful = [];
    private readonly List<Clue> _unclear = [];
    private readonly List<Clue> _help = [];
    private readonly List<Clue> _optIn = [];

    /// <summary>The channels closed for certain.</summary>
    public ChannelSet Closed { get; private set; }

    public void Close(ChannelSet channels, Clue clue)
    {
        Closed |= channels;
        Add(_closing, clue);
    }

    /// <summary>Closes more by what was found already.</summary>
    public void Close(ChannelSet channels) => Closed |= channels;

    /// <summary>Takes back what the person welcomes.</summary>
    public void Welcome(ChannelSet channels) => Closed &= ~channels;

    /// <summary>Something that asks to be left alone if marketing was sent, and may mean anything else if not.</summary>
    public void Doubt(Clue clue) => Add(_doubtful, clue);

    public void Unclear(Clue clue) => Add(_unclear, clue);

    public void Help(Clue clue) => Add(_help, clue);

    public void OptIn(Clue clue) => Add(_optIn, clue);

    /// <summary>Adds what the same text says when it is read in another way.</summary>
    public void Add(Heard other)
    {
        Closed |= other.Closed;
        other._closing.ForEach(c => Add(_closing, c));
        other._doubtful.ForEach(Doubt);
        other._unclear.ForEach(Unclear);
        other._help.ForEach(Help);
        other._optIn.ForEach(OptIn);
    }

    /// <summary>The reading. What asks us to stop outweighs what is unclear, and that outweighs help and opt-in words.</summary>
    public OptOutReading Weigh(InboundContext context)
    {
        if (Closed != ChannelSet.None)
            return new OptOutReading.OptedOut(Closed, Sorted(_closing, context));
        if (_doubtful.Count > 0)
        {
            return context.MarketingSent
                ? new OptOutReading.OptedOut(ChannelSet.All, Sorted(_doubtful, context))
                : new OptOutReading.Unclear(Sorted([.. _doubtful, .. _unclear], context));
        }

        // A refusal that takes back all it says is none that a program should act on, nor one it should drop.
        List<Clue> unclear = [.. _unclear, .. _closing];
        if (unclear.Count > 0)
            return new OptOutReading.Unclear(Sorted(unclear, context));
        if (_help.Count > 0)
            return new OptOutReading.Help(Sorted(_help, context));
        return _optIn.Count > 0 ? new OptOutReading.OptIn(Sorted(_optIn, context)) : new OptOutReading.NoOptOut();
    }

    private static void Add(List<Clue> clues, Clue clue)
    {
        if (clues.Count < MostClues && !clues.Contains(clue))
            clues.Add(clue);
    }

    // The sort is stable: within a language the order of the text stays, the words of the whole first.
    private static Clues Sorted(List<Clue> clues, InboundContext context)
    {
        Clue[] sorted = [.. clues.OrderBy(c => c.Kind == ClueKind.Phrase).ThenBy(c => !context.Hints(c.Language))];
        return new Clues(sorted[0], sorted[1..]);
    }
}
