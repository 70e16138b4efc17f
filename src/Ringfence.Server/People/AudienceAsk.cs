using System.Collections.Concurrent;
using NodaTime;
using Ringfence.Gate;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Gate;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>What is asked of everybody.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Purpose">The purpose; null: the best of those that anything was said about.</param>
internal sealed record AudienceAsk(Channel Channel, string? Purpose)
{
    /// <summary>The channels that lists show beside each other.</summary>
    public static IReadOnlyList<Channel> Line { get; } = [Channel.Voice, Channel.Sms, Channel.Whatsapp, Channel.Email];
}

/// <summary>Asks the gate about people of the index as decisions do: the same facts, the same rules, the same registers.</summary>
/// <param name="served">What is served.</param>
/// <param name="ledger">Whose people.</param>
/// <param name="asIf">A gate that is not in force, to find out what it would answer; null: the one that is.</param>
internal sealed class AudienceGate(Served served, LedgerRow ledger, ContactGate? asIf = null)
{
    /// <summary>Where nothing was said about any purpose, this one is asked about.</summary>
    public const string PlainPurpose = "offers";

    private readonly ConcurrentDictionary<(Channel, string), Situation> templates = new();

    public Installation Installation => served.Installation;

    private ContactGate Gate => asIf ?? served.GateOf(ledger);

    /// <summary>By which rules it answers now.</summary>
    public Rulebook Rules => Gate.Rules;

    /// <summary>What is stated of every contact: the same as where a decision is asked for without more.</summary>
    public Situation TemplateOf(Channel channel, string purpose) => templates.GetOrAdd((channel, purpose), key =>
        AskedFile.Read(new ContactQuestion(NodaConstants.UnixEpoch, ledger.Controller, key.Item1, key.Item2), "facts", null, served.Facts));

    /// <summary>What is judged where one number or address is asked about.</summary>
    public Situation SituationOf(Situation asked, KnownContact contact, KnownPoint point, ContactPoint? number) =>
        contact.Of(number is null ? asked : served.Installation.Registers.On(asked, number, Gate), point, number?.Value);

    /// <summary>The answer about one number or address.</summary>
    public Verdict Decide(Situation asked, KnownContact contact, KnownPoint point, ContactPoint? number) => Gate.Decide(SituationOf(asked, contact, point, number));

    /// <summary>The same of somebody of whom only the store can tell.</summary>
    public async Task<(Situation Situation, Verdict Verdict)> DecideAsync(Situation asked, ContactPoint point, CancellationToken cancel)
    {
        var tags = served.Installation.TagsOf(point);
        var (situation, _) = await ContactDecision.AdviseAsync(served.Installation, ledger, served.Installation.Registers.On(asked, point, Gate), tags, cancel);
        return (situation, Gate.Decide(situation));
    }

    /// <summary>As much of a number as rules look at by its beginning: those in force may look at more than those by which kinds of numbers were told apart.</summary>
    public string BeginningOf(string number) => NumberFacts.BeginningOf(number, Gate.Rules);

    /// <summary>On which registers a number stands.</summary>
    public ulong? Standing(string number) => served.Installation.Registers.Standing(number, Gate);
}
