using NodaTime;
using Ringfence.Rules.House;

namespace Ringfence.Rules.Packs;

/// <summary>What one part of a pack does, against the pack of the program.</summary>
public enum PackEffectKind : byte
{
    /// <summary>Can only refuse more, or later.</summary>
    Tightens,

    /// <summary>Somebody may be contacted who was not, or nobody can show that it is not so.</summary>
    Loosens,

    /// <summary>The same rule, in other words.</summary>
    Words,
}

/// <summary>One difference between a pack and the pack of the program.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Code">Which: a word of <c>docs/reference/rules.md</c>, "packs of your own".</param>
/// <param name="Rule">Id of the rule; null: the pack itself.</param>
/// <param name="File">The file.</param>
/// <param name="IsBarred">Whether nobody may put the pack in force because of it.</param>
public sealed record PackEffect(PackEffectKind Kind, string Code, string? Rule, string File, bool IsBarred = false);

/// <summary>Compares a pack with the one of the program: what it tightens, what it loosens, and what it must not do.</summary>
/// <remarks>
/// Invariant: what can't be shown to tighten counts as looser. Looser is let in only where the law itself went on: a later version of a verified rule, in a pack that was gone through later than the one that ships;
/// and a place that nobody has stated the law of, where a verified rule takes the place of each part of the strict default.
/// </remarks>
public static class PackChange
{
    // What a rule says for people, and until when it holds, which is compared by itself.
    private static readonly string[] BesideEffect = ["id", "says", "name", "cites", "source", "also", "certainty", "reading", "contested", "until"];

    /// <summary>All differences, those that loosen first.</summary>
    /// <param name="shipped">The rules of the program.</param>
    /// <param name="with">The same with the pack.</param>
    /// <param name="name">The pack.</param>
    public static IReadOnlyList<PackEffect> Between(Rulebook shipped, Rulebook with, string name)
    {
        ArgumentNullException.ThrowIfNull(shipped);
        ArgumentNullException.ThrowIfNull(with);
        var (before, after) = (shipped.Packs.FirstOrDefault(pack => pack.Name == name), with.Packs.FirstOrDefault(pack => pack.Name == name));
        var packFile = $"rules/{name}/{PackReader.FileName}";
        var (had, has) = (Rules(shipped, name), Rules(with, name));
        List<PackEffect> found = after is null
            ? [new(PackEffectKind.Loosens, "pack-gone", null, packFile, IsBarred: true)]
            : [.. before is null ? NewPack(shipped, after, has.Values, packFile) : Pack(shipped, before, after, has.Values, packFile)];
        var isLater = after is not null && before is not null && after.Reviewed is { } now && (before.Reviewed is not { } then || now > then);
        foreach (var (file, old) in had)
        {
            if (Rule(old, has.GetValueOrDefault(file), shipped, with, has.Values, before?.Reviewed, isLater) is { } effect)
                found.Add(effect);
        }

        found.AddRange(has.Where(file => !had.ContainsKey(file.Key)).Select(file => new PackEffect(
            file.Value.State != RuleState.InForce || file.Value.Exposure is not null || file.Value.Body is NoteBody ? PackEffectKind.Words : PackEffectKind.Tightens, "rule-new", file.Value.Id, file.Key)));
        return [.. found.OrderByDescending(static one => one.IsBarred).ThenBy(static one => one.Kind == PackEffectKind.Loosens ? 0 : one.Kind == PackEffectKind.Tightens ? 1 : 2).ThenBy(static one => one.File, StringComparer.Ordinal)];
    }

    /// <summary>Ids of rules that decide and are new, or do something else than those that ship: each wants a case that shows it.</summary>
    public static IReadOnlyList<string> WantingCases(Rulebook with, IReadOnlyList<PackEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(with);
        ArgumentNullException.ThrowIfNull(effects);
        var files = effects.Where(static one => one.Kind != PackEffectKind.Words).Select(static one => one.File).ToHashSet(StringComparer.Ordinal);
        return [.. with.Rules.Where(rule => files.Contains(rule.File) && rule.State == RuleState.InForce && rule.Body is not (null or NoteBody)).Select(static rule => rule.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static Dictionary<string, Rule> Rules(Rulebook book, string pack) =>
        book.Rules.Where(rule => rule.Pack == pack && !rule.IsOfHouse).ToDictionary(static rule => rule.File, StringComparer.Ordinal);

    private static PackEffect? Rule(Rule old, Rule? now, Rulebook shipped, Rulebook with, IReadOnlyCollection<Rule> all, LocalDate? reviewed, bool isLater)
    {
        // What is shown and never applied binds nobody.
        if (old.State != RuleState.InForce)
            return now is null || Same(shipped, with, old.File) ? null : Effect(now.State == RuleState.InForce ? PackEffectKind.Tightens : PackEffectKind.Words, "rule-on");
        if (now is null)
            return Effect(PackEffectKind.Loosens, "rule-gone", isBarred: true);
        if (now.State != RuleState.InForce)
            return Effect(PackEffectKind.Loosens, "rule-off", isBarred: true);
        if (!SameEffect(shipped, with, old.File))
        {
            return SameBut(shipped, with, old.File, HouseBinding.BodyKeyOf(old)) && HouseBinding.IsAsStrict(now, old) && EndsNoSooner(now, old)
                ? Effect(PackEffectKind.Tightens, "rule-stricter")
                : Effect(PackEffectKind.Loosens, "rule-other", isBarred: true);
        }

        if (now.Until == old.Until)
            return Same(shipped, with, old.File) ? null : Effect(PackEffectKind.Words, "rule-words");
        if (EndsNoSooner(now, old))
            return Effect(PackEffectKind.Tightens, "rule-longer");
        var end = now.Until!.Value;
        // What the law was when somebody last read it stays what it was.
        var isPast = reviewed is not { } day || end <= day;
        if (all.FirstOrDefault(rule => rule.Id == old.Id && rule.From == end && rule.State == RuleState.InForce) is not { } successor)
            return Effect(PackEffectKind.Loosens, "rule-ends", isPast || !isLater || now.Certainty != "verified");
        if (SameBut(old, successor, shipped, with, HouseBinding.BodyKeyOf(old)) && HouseBinding.IsAsStrict(successor, old))
            return Effect(PackEffectKind.Tightens, "rule-succeeded");
        return Effect(PackEffectKind.Loosens, "rule-succeeded", isPast || !isLater || successor.Certainty != "verified");

        PackEffect Effect(PackEffectKind kind, string code, bool isBarred = false) => new(kind, code, old.Id, old.File, isBarred);
    }

    private static IEnumerable<PackEffect> Pack(Rulebook shipped, Pack before, Pack after, IReadOnlyCollection<Rule> rules, string file)
    {
        if (before.Everywhere != after.Everywhere || before.Rest != after.Rest || before.Baseline != after.Baseline || before.Prefix != after.Prefix)
            yield return new PackEffect(PackEffectKind.Loosens, "pack-kind", null, file, IsBarred: true);
        if (!after.Covers.IsSupersetOf(before.Covers))
            yield return new PackEffect(PackEffectKind.Loosens, "pack-covers-less", null, file, IsBarred: true);
        else if (after.Covers.Count > before.Covers.Count)
            yield return IsStated(shipped, after.Covers.Except(before.Covers))
                ? new PackEffect(PackEffectKind.Tightens, "pack-covers-more", null, file)
                : new PackEffect(PackEffectKind.Loosens, "pack-covers-more", null, file, IsBarred: !Fills(Aspects.All & ~after.StrictDefault, rules, after));
        if ((before.Reaches & ~after.Reaches) != 0 || (after.Reaches.HasFlag(Reach.AreaCodeRebuttable) && before.Reaches.HasFlag(Reach.AreaCode) && !after.Reaches.HasFlag(Reach.AreaCode)))
            yield return new PackEffect(PackEffectKind.Loosens, "pack-reaches-less", null, file, IsBarred: true);
        else if (after.Reaches != before.Reaches)
            yield return new PackEffect(PackEffectKind.Tightens, "pack-reaches-more", null, file);
        if ((before.StrictDefault & ~after.StrictDefault) is not Aspects.None and var left)
            yield return new PackEffect(PackEffectKind.Loosens, "default-less", null, file, IsBarred: !Fills(left, rules, after));
        else if (after.StrictDefault != before.StrictDefault)
            yield return new PackEffect(PackEffectKind.Tightens, "default-more", null, file);
        if (before.Reviewed is { } then && (after.Reviewed is not { } now || now < then))
            yield return new PackEffect(PackEffectKind.Loosens, "pack-older", null, file, IsBarred: true);
    }

    // Where nobody stated the law the strict default holds in everything: whatever a pack does not leave to it is looser by that.
    private static IEnumerable<PackEffect> NewPack(Rulebook shipped, Pack after, IReadOnlyCollection<Rule> rules, string file)
    {
        if (after.Rest)
            yield return new PackEffect(PackEffectKind.Loosens, "pack-kind", null, file, IsBarred: true);
        else if (after.Everywhere || after.Baseline || IsStated(shipped, after.Covers))
            yield return new PackEffect(PackEffectKind.Tightens, "pack-new", null, file);
        else
            yield return (Aspects.All & ~after.StrictDefault) is Aspects.None ? new PackEffect(PackEffectKind.Tightens, "pack-new", null, file) : new PackEffect(PackEffectKind.Loosens, "pack-new", null, file, IsBarred: !Fills(Aspects.All & ~after.StrictDefault, rules, after));
    }

    /// <summary>Whether a pack says of all of some places what the law is there.</summary>
    private static bool IsStated(Rulebook book, IEnumerable<string> places) =>
        places.All(place => book.Packs.Any(pack => !pack.Baseline && !pack.IsHouse && (pack.Covers.Contains(place) || pack.Covers.Contains(place[..2]))));

    /// <summary>Whether a verified rule in force stands for each part of the strict default that is left out, and somebody went through the pack.</summary>
    private static bool Fills(Aspects left, IReadOnlyCollection<Rule> rules, Pack pack)
    {
        return pack.Reviewed is not null
            && Enum.GetValues<Aspects>().Where(static one => System.Numerics.BitOperations.IsPow2((int)one)).All(aspect => (left & aspect) == 0 || rules.Any(rule => rule is { State: RuleState.InForce, Until: null, Certainty: "verified" } && AspectOf(rule) == aspect));

        static Aspects AspectOf(Rule rule) => rule switch
        {
            { ConsentTerm: not null } => Aspects.Reconfirm,
            { Body: GroundBody } => Aspects.Basis,
            { Body: RegisterBody } => Aspects.Register,
            { Body: HoursBody } => Aspects.Hours,
            { Body: CapBody } => Aspects.Cap,
            { Body: CoolDownBody } => Aspects.Rest,
            _ => Aspects.None,
        };
    }

    private static bool EndsNoSooner(Rule now, Rule old) => now.Until is not { } end || (old.Until is { } before && end >= before);

    private static bool Same(Rulebook a, Rulebook b, string file) => a.Text(file)?.ReplaceLineEndings("\n") == b.Text(file)?.ReplaceLineEndings("\n");

    private static bool SameEffect(Rulebook a, Rulebook b, string file) => RulePassage.Canonical(file, a.Text(file)!, BesideEffect) == RulePassage.Canonical(file, b.Text(file)!, BesideEffect);

    // The same but for the figures, and the days on which it holds.
    private static bool SameBut(Rulebook a, Rulebook b, string file, string? figures) =>
        figures is not null && RulePassage.Canonical(file, a.Text(file)!, [.. BesideEffect, figures]) == RulePassage.Canonical(file, b.Text(file)!, [.. BesideEffect, figures]);

    private static bool SameBut(Rule old, Rule successor, Rulebook a, Rulebook b, string? figures)
    {
        string[] beside = [.. BesideEffect, "from", "from-is", .. figures is null ? Array.Empty<string>() : [figures]];
        return RulePassage.Canonical(old.File, a.Text(old.File)!, beside) == RulePassage.Canonical(successor.File, b.Text(successor.File)!, beside);
    }
}
