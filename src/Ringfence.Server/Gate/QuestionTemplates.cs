using System.Collections.Concurrent;
using Ringfence.Gate;

namespace Ringfence.Server.Gate;

/// <summary>Questions as they were asked before, but for number and instant: a dialer states the same facts of every contact, and they need to be read once. Safe for many threads.</summary>
internal sealed class QuestionTemplates
{
    // Facts are the caller's words; what they could fill without end would be a leak. A full shelf is begun anew.
    private const int Most = 1000;
    private const int LongestFacts = 8192;

    private readonly ConcurrentDictionary<Question, Situation> known = new();
    private int count;

    /// <summary>What a question states, at the instant it was first asked; null: it was not asked before.</summary>
    public Situation? Find(in Question question) => known.GetValueOrDefault(question);

    /// <summary>Keeps what a question states. It must depend on nothing but the question.</summary>
    public void Keep(in Question question, Situation asked)
    {
        if (question.Facts?.Length > LongestFacts)
            return;
        if (Interlocked.Increment(ref count) > Most)
        {
            known.Clear();
            Volatile.Write(ref count, 1);
        }

        known.TryAdd(question, asked);
    }

    /// <summary>What was asked, word for word.</summary>
    public readonly record struct Question(string Controller, string Channel, string Purpose, string? Technique, string? Facts);
}
