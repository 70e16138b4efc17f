using System.Globalization;
using Ringfence.Ledger;

namespace Ringfence.Server.Tests.Storage;

/// <summary>What an <see cref="AcknowledgingProcess"/> said.</summary>
internal sealed class Acknowledged
{
    public List<(int N, long Seq)> No { get; } = [];

    public List<(int N, long Seq, OpaqueId Sid)> Yes { get; } = [];

    public List<(int N, OpaqueId Sid, long[] Seqs)> Gone { get; } = [];

    public List<int> Lists { get; } = [];

    public Dictionary<long, string> Leaves { get; } = [];

    /// <summary>What was told as not done, with the fault.</summary>
    public List<(int N, string Fault)> Not { get; } = [];

    /// <summary>What the notary said.</summary>
    public List<string> Notary { get; } = [];

    /// <summary>Anything else: a failure.</summary>
    public List<string> Other { get; } = [];

    public bool HasBegun { get; private set; }

    /// <summary>How much was acknowledged.</summary>
    public int Count => No.Count + Yes.Count + Gone.Count + Lists.Count;

    /// <summary>Takes a line; one that was cut off counts as not said.</summary>
    public void Take(string line)
    {
        var words = line.Split(' ');
        switch (words[0])
        {
            case AcknowledgingProcess.Begun:
                HasBegun = true;
                break;
            case "no":
                No.Add((Int(words[1]), Long(words[2])));
                break;
            case "yes":
                Yes.Add((Int(words[1]), Long(words[2]), Id(words[3])));
                break;
            case "gone":
                Gone.Add((Int(words[1]), Id(words[2]), [.. words[3].Split(',').Select(Long)]));
                break;
            case "list":
                Lists.Add(Int(words[1]));
                break;
            case "leaf":
                Leaves.Add(Long(words[1]), words[2]);
                break;
            case "not":
                Not.Add((Int(words[1]), words[2]));
                break;
            case "notary":
                Notary.Add(line);
                break;
            default:
                Other.Add(line);
                break;
        }
    }

    /// <summary>Everything that was said by the end of a process.</summary>
    public void TakeAll(string said)
    {
        foreach (var line in said.Split('\n')[..^1])
            Take(line);
    }

    private static int Int(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static long Long(string word) => long.Parse(word, CultureInfo.InvariantCulture);

    private static OpaqueId Id(string word) => OpaqueId.TryParse(word, out var id) ? id : throw new FormatException(word);
}
