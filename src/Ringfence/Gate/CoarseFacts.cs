using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>A situation without anything that names a person: the verdict on it is the verdict on the whole.</summary>
/// <remarks>
/// The number and the address become what rules ask of them. Names that rules only compare (agents, and whatever is no plain word) become others, the same for the same;
/// what no rule looks at is left out.
/// </remarks>
public static class CoarseFacts
{
    private const string Claimed = "claimed";

    // No rule's beginning is as short, so that none holds.
    private const string NoBeginning = "+";

    /// <summary>The coarse situation.</summary>
    /// <param name="situation">The whole.</param>
    /// <param name="rules">The rules it will be judged by: they tell how much of a number's beginning has to stay.</param>
    public static Situation Of(Situation situation, Rulebook rules)
    {
        ArgumentNullException.ThrowIfNull(situation);
        var names = new StandIns(situation);
        return situation with
        {
            Ask = AskOf(situation.Ask, rules, names),
            Contact = PersonOf(situation.Contact, rules, names),
            Consents = situation.Consents is { } consents
                ? [.. consents.Select(consent => consent with { Controllers = consent.Controllers is { } named ? [.. named.Select(names.Plain)!] : null, Subject = names.Plain(consent.Subject) })]
                : null,
            Suppressions = situation.Suppressions is { } entries ? [.. entries.Select(entry => entry with { Controller = names.Plain(entry.Controller) })] : null,
            History = situation.History is { } history ? [.. history.Select(past => EventOf(past, situation.Contact, names))] : null,
            Seller = situation.Seller with
            {
                Registrations = situation.Seller.Registrations is { } registrations
                    ? [.. registrations.Select(static one => one with { Exemption = one.Exemption is null ? null : Claimed })]
                    : null,
            },
        };
    }

    private static Ask AskOf(Ask ask, Rulebook rules, StandIns names) => ask with
    {
        Controller = names.Plain(ask.Controller),
        Brand = null,
        Subject = names.Plain(ask.Subject),
        CallerId = ask.CallerId is { Number: { } number } caller
            ? caller with { Number = NumberFacts.BeginningOf(number, rules) is { Length: > 0 } beginning ? beginning : NoBeginning }
            : ask.CallerId,
        Agent = ask.Agent is { } agent ? agent with { Id = names.Agent(agent.Id) } : null,
        Campaign = ask.Campaign is { } campaign ? campaign with { Id = names.Plain(campaign.Id) } : null,
    };

    private static ContactedPerson PersonOf(ContactedPerson person, Rulebook rules, StandIns names) => person with
    {
        Phone = null,
        Number = NumberFacts.Of(person, rules),
        Email = null,
        EmailValid = person.Email is { } address ? People.EmailCell.Read(address, out _) == EmailStatus.Valid : person.EmailValid,
        OtherPhones = null,
        Relations = person.Relations is { } relations
            ? [.. relations.Select(relation => relation with { Reference = null, Subject = names.Plain(relation.Subject) })]
            : null,
    };

    private static PastEvent EventOf(PastEvent past, ContactedPerson person, StandIns names) => past with
    {
        Controller = names.Plain(past.Controller),
        Subject = names.Plain(past.Subject),
        Purpose = null,
        Agent = names.Agent(past.Agent),
        Campaign = names.Plain(past.Campaign),
        // Where the number contacted is not stated, whether it was the same is not known, and what is not known counts as the same.
        Number = past.Number is null || (person.Phone is null && person.Number is null) ? null
            : person.Phone is null ? past.Number
            : past.Number == person.Phone ? NumberFacts.Same : NumberFacts.Another,
    };

    /// <summary>Other names for names: the same for the same, and none that is used already.</summary>
    private sealed class StandIns(Situation situation)
    {
        private readonly Dictionary<string, string> made = new(StringComparer.Ordinal);
        private readonly HashSet<string> used =
        [
            .. ((IEnumerable<string?>)
            [
                situation.Ask.Controller, situation.Ask.Subject, situation.Ask.Campaign?.Id,
                .. (situation.History ?? []).SelectMany(static past => new[] { past.Controller, past.Subject, past.Campaign }),
                .. (situation.Consents ?? []).SelectMany(static consent => (consent.Controllers ?? []).Append(consent.Subject)),
                .. (situation.Suppressions ?? []).Select(static entry => entry.Controller),
                .. (situation.Contact.Relations ?? []).Select(static relation => relation.Subject),
            ]).OfType<string>(),
        ];

        /// <summary>The name itself where it is a plain word.</summary>
        public string? Plain(string? name) => name is null || LeafText.Allows(name) ? name : Made("name", name);

        /// <summary>Never the name itself: it may be that of somebody who works here.</summary>
        public string? Agent(string? name) => name is null ? null : Made("agent", name);

        private string Made(string kind, string name)
        {
            var key = kind + '\n' + name;
            if (made.TryGetValue(key, out var known))
                return known;
            var number = made.Count;
            string standIn;
            do
                standIn = string.Create(CultureInfo.InvariantCulture, $"{kind}-{++number}");
            while (used.Contains(standIn));
            made.Add(key, standIn);
            used.Add(standIn);
            return standIn;
        }
    }
}
