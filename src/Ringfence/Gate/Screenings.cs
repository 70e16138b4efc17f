using Ringfence.Rules;
using Ringfence.Suppression.Registers;

namespace Ringfence.Gate;

/// <summary>What rules make of an entry in a register.</summary>
/// <param name="Forbids">Some rule forbids a contact because of it, or lets it cancel consents.</param>
/// <param name="Permits">Some rule forbids a contact without it.</param>
public readonly record struct RegisterUse(bool Forbids, bool Permits)
{
    /// <summary>Every register that rules ask for, by name.</summary>
    public static IReadOnlyDictionary<string, RegisterUse> Of(Rulebook rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var uses = new Dictionary<string, RegisterUse>(StringComparer.Ordinal);
        foreach (var body in rules.Rules.Select(static rule => rule.Body).OfType<RegisterBody>())
        {
            var known = uses.GetValueOrDefault(body.Name);
            uses[body.Name] = new RegisterUse(known.Forbids || !body.OptIn || body.Supersedes != Superseding.None, known.Permits || body.OptIn);
        }

        return uses;
    }
}

/// <summary>What a copy of a register says of a number, put beside what somebody states of it.</summary>
public static class Screenings
{
    /// <summary>What a copy says of a number that it speaks of, with the copy's day, version and digest.</summary>
    public static Screening Of(RegisterFacts copy, bool listed)
    {
        ArgumentNullException.ThrowIfNull(copy);
        return new Screening { ScreenedAt = Moment.On(copy.AsOf), Listed = listed, Version = copy.Version, Digest = "sha256:" + copy.Digest };
    }

    /// <summary>Puts a stated word beside a copy of our own. The copy has the say: the word counts where it is against a contact, and makes nothing younger.</summary>
    /// <param name="byCopy">What the copy says; null: there is one and it does not speak of the number, or it can't be believed.</param>
    /// <param name="stated">What somebody states; null: nothing.</param>
    /// <param name="use">What rules make of an entry.</param>
    /// <returns>What counts; null: never screened.</returns>
    public static Screening? With(Screening? byCopy, Screening? stated, RegisterUse use)
    {
        // Which of two words is the strict one depends on the rule; where there are rules of both kinds, neither can be told to be.
        var strict = (use.Forbids, use.Permits) switch { (true, false) => true, (false, true) => false, _ => (bool?)null };
        if (strict is not { } word || stated?.Listed != word || byCopy?.Listed == word)
            return byCopy;
        // Without its dates: what is said of when somebody was entered may put off that it binds.
        return (byCopy ?? new Screening()) with { Listed = word };
    }
}
