using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Tests.Gate;

/// <summary>The gate once more, written from <c>docs/reference</c> alone: it judges the whole situation anew at every instant at which anything can change.</summary>
internal sealed class ReferenceGate(Rulebook rulebook)
{
    private static readonly Duration Horizon = Duration.FromDays(400);

    private readonly Dictionary<string, Pack> packs = rulebook.Packs.ToDictionary(pack => pack.Name);

    // Rules that stand in one pack, reach alike and fill the same aspect judge together or not at all.
    private readonly Rule[][] rules = [.. rulebook.Rules.Where(rule => rule.Exposure is null).GroupBy(rule => (rule.Pack, rule.Reaches, rule.Aspect)).Select(group => group.ToArray())];

    public ReferenceVerdict Decide(Situation asked)
    {
        var where = new ReferenceWhere(asked);
        var judging = rules.Where(alike => packs.TryGetValue(alike[0].Pack, out var pack) && Judges(alike[0], pack, asked, where)).SelectMany(alike => alike).ToArray();
        var now = new ReferenceMoment(asked, asked.At, where, judging);
        var notes = now.Notes.Concat(asked.Ask.Channel is null ? [] : NotReviewed(where));
        if (now.Word != "deferred")
            return ReferenceVerdict.Of(now.Word, null, now.Reasons, now.Obligations, notes);

        judging = Array.FindAll(judging, now.EverInPlay);
        foreach (var instant in new ReferenceInstants(asked, where, judging).After(asked.At, asked.At + Horizon))
        {
            var then = new ReferenceMoment(asked, instant, where, judging);
            if (then.Word == "allowed")
                return ReferenceVerdict.Of("deferred", instant, now.Reasons, [], notes);
            if (then.Word == "refused")
                break;
        }

        return ReferenceVerdict.Of("refused", null, now.Reasons.Append((ReasonCode.GroundEndsFirst, null, null)), [], notes);
    }

    private bool Judges(Rule rule, Pack pack, Situation asked, ReferenceWhere where)
    {
        if (pack.Everywhere)
            return true;
        if (pack.Rest)
            return where.Candidates.Concat(where.NumberRegion is { } home ? [home] : []).DefaultIfEmpty("").Any(place => FillsIn(place, rule.Aspect));
        var reaches = rule.Reaches;
        return (reaches.HasFlag(Reach.Person) && (where.Candidates.Any(Covered) || (where.NumberRegion is { } region && Covered(region))))
            || (reaches.HasFlag(Reach.AreaCode) && where.AreaStates.Any(Covered))
            || (reaches.HasFlag(Reach.AreaCodeRebuttable) && where.AreaStates.Any(Covered) && !(asked.Contact is { Residence: not null, ResidenceBasis: ResidenceBasis.Documented }))
            || (reaches.HasFlag(Reach.Controller) && (asked.Seller.Country is not { } seat || Covered(seat)));

        bool Covered(string place) => ReferenceWhere.IsIn(place, pack.Covers);
    }

    /// <summary>Whether the strict default judges in a place: no law of its own covers it, or one leaves this aspect to the default.</summary>
    private bool FillsIn(string place, Aspects aspect)
    {
        var covering = packs.Values.Where(pack => !pack.Rest && !pack.Everywhere && place.Length > 0 && ReferenceWhere.IsIn(place, pack.Covers)).ToArray();
        return Array.TrueForAll(covering, pack => pack.Baseline) || Array.Exists(covering, pack => (pack.StrictDefault & aspect) != 0);
    }

    private IEnumerable<(string, string?, Rule?)> NotReviewed(ReferenceWhere where)
    {
        if (where.Candidates.Count == 0)
            yield return ("not-reviewed", null, null);
        foreach (var place in where.Candidates.Distinct())
        {
            var covering = packs.Values.Where(pack => !pack.Rest && !pack.Everywhere && !pack.Baseline && ReferenceWhere.IsIn(place, pack.Covers)).ToArray();
            // Where states have laws of their own, one without is one that nobody looked at.
            var ofStates = packs.Values.Any(pack => place.Length > 2 && pack.Covers.Any(covered => covered.Length > 2 && covered[..2] == place[..2]));
            if (covering.Length == 0 || covering.Any(pack => pack.Reviewed is null) || (ofStates && where.Told.Contains(place) && !covering.Any(pack => pack.Covers.Contains(place))))
                yield return ("not-reviewed", place, null);
        }
    }
}
