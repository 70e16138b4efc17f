using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rules;

/// <summary>The rules that a controller's contacts are judged by: packs, each rule with its source, and the cases that show it.</summary>
internal static class RulesPages
{
    /// <summary>Rules of one page.</summary>
    public const int MostRules = 100;

    /// <summary>The page of one rule below the controller.</summary>
    public static string PathOf(string rule) => "rules/of/" + Uri.EscapeDataString(rule);

    /// <summary><c>GET rules</c>: all packs; the rules of one, or those in which a word is found.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        // To be seen even where they can't be used.
        var (inForce, today) = (call.Served.InForce.Of(call.Ledger), call.Now.InUtc().Date);
        var book = inForce.Gate.Rules;
        var (text, name) = (call.Query("q")?.Trim(), call.Query("pack"));
        var pack = name is null ? null : book.Packs.FirstOrDefault(pack => pack.Name == name) ?? throw PageFault.Missing;
        var present = book.Rules.Where(rule => RuleTimes.IsOf(rule, today)).GroupBy(static rule => rule.Id, StringComparer.Ordinal).Select(static versions => versions.MaxBy(static rule => rule.From)!).ToList();
        IReadOnlyList<Rule> found = text is null && pack is null ? [] : [.. present.Where(rule => (pack is null || rule.Pack == pack.Name) && (text is null || Says(rule, book, text))).OrderBy(static rule => rule.Pack, StringComparer.Ordinal).ThenBy(static rule => rule.Id, StringComparer.Ordinal)];
        var counts = present.GroupBy(static rule => rule.Pack, StringComparer.Ordinal).ToDictionary(static of => of.Key, static of => of.Count(), StringComparer.Ordinal);
        return await call.PageAsync<RulesPage>(call.T("Room.rules"), new RulesView(
            [.. book.Packs.OrderByDescending(static one => one.IsHouse).ThenBy(static one => one.Name, StringComparer.Ordinal).Select(one => (one, counts.GetValueOrDefault(one.Name)))],
            present.Count, book.Rules.Count, text, pack, [.. found.Take(MostRules)], found.Count,
            await RuleChangePages.AllAsync(call), inForce));
    }

    /// <summary><c>GET rules/of/{rule}</c>: one rule in all its versions, with its cases as they come out now.</summary>
    public static Task<PageAnswer> RuleAsync(PageCall call)
    {
        var gate = call.Served.InForce.Of(call.Ledger).Gate;
        Rule[] versions = [.. gate.Rules.Rules.Where(rule => rule.Id == call.Path("rule")).OrderByDescending(static rule => rule.From)];
        if (versions.Length == 0)
            throw PageFault.Missing;
        var cases = RuleCases.Of(versions[0]);
        return call.PageAsync<RulePage>(versions[0].Id, new RuleView(
            gate.Rules, gate.Rules.Packs.FirstOrDefault(pack => pack.Name == versions[0].Pack), versions, [.. cases.Take(MostRules).Select(worked => RuleCases.Run(worked, gate))], cases.Count));
    }

    private static bool Says(Rule rule, Rulebook book, string text)
    {
        bool In(string? what) => what?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;
        return In(rule.Id) || In(rule.Cites) || In(rule.Says.En) || In(rule.Says.ZhHans) || In(rule.Says.ZhHant) || In(rule.Pack)
            || (book.Packs.FirstOrDefault(pack => pack.Name == rule.Pack) is { Title: var title } && (In(title.En) || In(title.ZhHans) || In(title.ZhHant)));
    }
}

/// <summary>All packs, and the rules that were looked for.</summary>
/// <param name="Packs">Each with how many of its rules hold today, house rules first.</param>
/// <param name="Present">Rules that hold today.</param>
/// <param name="Versions">All versions that are kept.</param>
/// <param name="Text">What was looked for; null: nothing.</param>
/// <param name="Pack">In which pack; null: in all.</param>
/// <param name="Found">The first of those that were found.</param>
/// <param name="FoundCount">All of them.</param>
/// <param name="Changes">Changes of the controller's own rules: those that wait, then the newest.</param>
/// <param name="InForce">What is in force.</param>
internal sealed record RulesView(
    IReadOnlyList<(Pack Pack, int Rules)> Packs, int Present, int Versions, string? Text, Pack? Pack, IReadOnlyList<Rule> Found, int FoundCount, IReadOnlyList<RuleChangeRow> Changes, GateInForce InForce);

/// <summary>One rule.</summary>
/// <param name="Book">The rules it is among.</param>
/// <param name="Pack">Its pack.</param>
/// <param name="Versions">The newest first.</param>
/// <param name="Cases">Those that show it, as they came out.</param>
/// <param name="CaseCount">How many there are.</param>
internal sealed record RuleView(Rulebook Book, Pack? Pack, IReadOnlyList<Rule> Versions, IReadOnlyList<RanCase> Cases, int CaseCount);
