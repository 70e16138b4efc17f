using NodaTime;
using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Reads one consent with what proves it.</summary>
internal static class ConsentReader
{
    public static GivenConsent Read(RuleMap map)
    {
        if (map.Has("controller") && map.Has("controllers"))
            throw map.Wrong("controllers", "either 'controller' or 'controllers'");
        var channels = map.OptionalChannels("channels") ?? ChannelSet.None;
        var (holds, flaws) = Evidence(map);
        var consent = new GivenConsent
        {
            Seq = map.Has("seq") ? map.Count("seq", 0, int.MaxValue) : null,
            Controllers = map.OptionalList("controllers") ?? map.OptionalList("controller"),
            Channels = channels,
            Techniques = map.Has("techniques") ? [.. map.Items("techniques").Select(RuleMap.WordOf<Technique>)] : null,
            Purposes = map.OptionalList("purposes") ?? [],
            Subject = map.OptionalText("subject"),
            GrantedAt = map.OptionalMoment("grantedAt"),
            RenewedAt = map.OptionalMoment("renewedAt"),
            WithdrawnAt = map.OptionalMoment("withdrawnAt"),
            LastActiveAt = map.OptionalMoment("lastActiveAt"),
            Method = map.OptionalWord<ConsentMethod>("method"),
            Holds = holds,
            Flaws = flaws,
            Term = map.OptionalDays("term"),
            Until = map.OptionalUsedDay("until"),
            TimeScopes = [.. map.Nodes("timeScope").Select(ScopeOf)],
            Promise = map.OptionalMap("promise") is { } promise ? PromiseOf(promise, channels) : null,
            OnRegister = map.OptionalFlag("onRegister") ?? false,
        };
        map.Done();
        return consent;
    }

    private static (EvidenceItems Holds, ConsentFlaws Flaws) Evidence(RuleMap map)
    {
        if (map.Find("evidence") is not FileMapping)
            return (map.OptionalComplete("evidence", EvidenceItems.All) ?? EvidenceItems.None, ConsentFlaws.None);
        var evidence = map.Map("evidence");
        var holds = evidence.OptionalComplete("holds", EvidenceItems.All) ?? throw evidence.Missing("holds");
        var lacks = evidence.Flags<EvidenceItems>("lacks");
        var flaws = evidence.Flags<ConsentFlaws>("flaws");
        evidence.Done();
        return (holds & ~lacks, flaws);
    }

    private static Promise PromiseOf(RuleMap map, ChannelSet ofConsent)
    {
        var promise = PersonReader.PromiseOf(map, map.OptionalChannels("channels") ?? ofConsent);
        map.Done();
        return promise;
    }

    private static TimeScope ScopeOf(FileNode node)
    {
        if (node is FileText text)
            return text.Text == "night" ? new TimeScope(null, null, true) : throw RuleFileException.At(text.At, $"'{text.Text}' is neither night, nor a window, nor a slot");
        var map = RuleMap.Of(node, nullIsLeftOut: true);
        if (!map.Has("slot"))
            return new TimeScope(WindowReader.Read(map), null, false);
        var slot = (map.LocalTime("slot"), map.Has("lasts") ? map.Elapsed("lasts") : Duration.FromHours(1));
        map.Done();
        return new TimeScope(null, slot, false);
    }
}
