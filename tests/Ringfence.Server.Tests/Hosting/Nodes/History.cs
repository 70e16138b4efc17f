using System.Diagnostics;
using System.Globalization;

namespace Ringfence.Server.Tests.Hosting.Nodes;

/// <summary>What somebody asked of a node.</summary>
public enum Asked
{
    Consent,
    Decision,
    Permit,
    Redemption,
    Withdrawal,
}

/// <summary>What came of it.</summary>
public enum Told
{
    /// <summary>Acknowledged; of a decision: allowed; of a permit: issued.</summary>
    Yes,

    /// <summary>Answered otherwise.</summary>
    No,

    /// <summary>No answer that says whether it was done.</summary>
    Unknown,
}

/// <summary>One question and its answer, as somebody outside saw them.</summary>
/// <param name="Began">The instant at which it was asked, by the clock of whoever asked.</param>
/// <param name="Ended">The instant at which the answer was there.</param>
/// <param name="Node">Who answered.</param>
/// <param name="Contact">About whom.</param>
/// <param name="Asked">What was asked.</param>
/// <param name="Told">What came of it.</param>
/// <param name="Permit">The permit that was issued or redeemed.</param>
/// <param name="Record">The record that holds it.</param>
public sealed record Did(long Began, long Ended, int Node, int Contact, Asked Asked, Told Told, string? Permit = null, long? Record = null);

/// <summary>What several callers of several nodes saw, and what of it must not be.</summary>
public sealed class History
{
    private readonly List<Did> all = [];

    /// <summary>By how much another node's advice may be behind.</summary>
    public static readonly long Behind = Stopwatch.Frequency;

    public IReadOnlyList<Did> All => all;

    /// <summary>How much there is by now.</summary>
    public int Count
    {
        get
        {
            lock (all)
                return all.Count;
        }
    }

    public void Add(Did did)
    {
        lock (all)
            all.Add(did);
    }

    /// <summary>What can't be explained by any order in which the nodes may have done it all.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        foreach (var contact in all.GroupBy(static did => did.Contact))
        {
            // Nobody says yes again here: whatever begins after a no was acknowledged comes after it.
            foreach (var no in contact.Where(static did => did is { Asked: Asked.Withdrawal, Told: Told.Yes }))
            {
                foreach (var did in contact.Where(did => did.Told == Told.Yes && did.Began > no.Ended))
                {
                    var late = did.Asked switch
                    {
                        Asked.Redemption or Asked.Permit => true,
                        Asked.Decision => did.Node == no.Node || did.Began > no.Ended + Behind,
                        _ => false,
                    };
                    if (late)
                        faults.Add(string.Create(CultureInfo.InvariantCulture, $"{did.Asked} of {did.Contact} at node {did.Node} {(did.Began - no.Ended) * 1000.0 / Stopwatch.Frequency:0.0} ms after node {no.Node} acknowledged the no"));
                }
            }
        }

        faults.AddRange(all.Where(static did => did is { Asked: Asked.Redemption, Told: Told.Yes }).GroupBy(static did => did.Permit)
            .Where(static group => group.Count() > 1).Select(static group => $"{group.Key} was redeemed {group.Count()} times"));
        return faults;
    }
}
