using System.Buffers;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.People;

/// <summary>Reads the file of a passport.</summary>
internal static class PassportReader
{
    private const int LongestName = 60;
    private const int DigestLength = 64;

    private static readonly SearchValues<char> InName = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");
    private static readonly SearchValues<char> InDigest = SearchValues.Create("0123456789abcdef");

    public static Passport Read(RuleMap map)
    {
        var name = map.Text("passport");
        if (name.Length > LongestName || name.AsSpan().ContainsAnyExcept(InName))
            throw map.Wrong("passport", "its name is of small letters, digits, dots and hyphens");
        var seller = map.OptionalMap("seller");
        var contract = map.OptionalMap("contract");
        var collected = map.OptionalMap("collected");
        var wording = map.OptionalMap("wording");
        var evidence = map.OptionalMap("evidence");
        var passport = new Passport
        {
            Name = name,
            Seller = seller?.Text("name"),
            ContractReference = contract?.OptionalText("reference"),
            ContractDate = contract?.OptionalDay("date"),
            CollectedBy = collected?.OptionalText("by"),
            CollectedWhere = collected?.OptionalText("where"),
            Method = collected?.OptionalWord<ConsentMethod>("how"),
            From = collected?.OptionalDay("from"),
            Until = collected?.OptionalDay("until"),
            Wording = wording?.OptionalText("text"),
            WordingDigest = wording is null ? null : DigestOf(wording),
            Evidence = evidence?.List("records") ?? [],
            EvidenceReference = evidence?.OptionalText("reference"),
        };
        // Told for people; nothing is decided by them.
        _ = (seller?.OptionalText("address"), seller?.OptionalText("country"), seller?.OptionalText("contact"));
        if (passport.Until < passport.From)
            throw collected!.Wrong("until", "the last day of collection is before the first");
        foreach (var part in (RuleMap?[])[seller, contract, collected, wording, evidence, map])
            part?.Done();
        return passport;
    }

    private static string? DigestOf(RuleMap wording)
    {
        if (wording.OptionalText("digest") is not { } digest)
            return wording.Has("text") ? null : throw wording.Missing("text");
        if (wording.Has("text"))
            throw wording.Wrong("digest", "either 'text' or 'digest'");
        return digest.Length == DigestLength && !digest.AsSpan().ContainsAnyExcept(InDigest)
            ? digest
            : throw wording.Wrong("digest", "SHA-256 of the words in UTF-8 is wanted, as 64 small hex digits");
    }
}
