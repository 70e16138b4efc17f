using Ringfence.Files;
using Ringfence.Gate;

namespace Ringfence.Rules;

/// <summary>Reads duties: a list of codes, or of mappings of one code to its details.</summary>
internal static class ObligationReader
{
    public static IReadOnlyList<RuleObligation> Read(RuleMap map, string key = "obliges")
    {
        var duties = map.Nodes(key);
        if (duties.Count == 0)
            return map.Has(key) ? throw map.Wrong(key, "the list is empty") : [];
        return [.. duties.Select(One)];
    }

    private static RuleObligation One(FileNode node)
    {
        if (node is FileText code)
            return new RuleObligation(RuleMap.WordOf<ObligationCode>(code), null, Notices.None);
        if (node is not FileMapping { Entries: [var (only, _)] })
            throw RuleFileException.At(node.At, "a duty is a code, or a mapping of one code to its details");

        var word = RuleMap.WordOf<ObligationCode>(only);
        var details = RuleMap.Of(node).Map(only.Text);
        var once = details.Has("once") ? details.AnyFlags<Notices>("once") : Notices.None;
        var blocks = details.Has("blocks") ? details.AnyFlags<ContentBlocks>("blocks") : ContentBlocks.None;
        var (within, keep) = (details.OptionalPeriod("within"), details.OptionalDays("keep"));
        var since = details.Has("since") ? details.AnyFlags<KeepSince>("since") : KeepSince.None;
        if (since != KeepSince.None && keep is null)
            throw details.Missing("keep");
        var isOfAnswer = details.Has("of") && details.OneOf("of", "answer") == "answer";
        if (isOfAnswer && within is null)
            throw details.Missing("within");
        details.Done();
        var hasDetail = within is not null || keep is not null || blocks != ContentBlocks.None;
        return new RuleObligation(word, hasDetail ? new ObligationDetail(within, keep, blocks) { Since = since, OfAnswer = isOfAnswer } : null, once);
    }
}
