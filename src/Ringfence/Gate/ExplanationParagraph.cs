namespace Ringfence.Gate;

/// <summary>Writes the paragraph that tells whoever is about to make contact what to do.</summary>
internal static class ExplanationParagraph
{
    // After these no other remedy is worth a word: the person has decided, or may not be asked at all.
    private static readonly ReasonCode[] Final = [ReasonCode.Suppressed, ReasonCode.Objected, ReasonCode.Withdrawn, ReasonCode.Minor, ReasonCode.Reask];

    // More names of places make no sentence.
    private const int MostPlaces = 3;

    public static string Write(Situation situation, Verdict verdict, Explanation told, GateLanguage say) => First(situation.Ask.Channel, verdict, told.Judged, say) + Rest(verdict, told, say);

    /// <summary>What may or may not be done: all of it that tells when it was asked.</summary>
    public static string First(Channel? asked, Verdict verdict, string judged, GateLanguage say) =>
        say.Say($"verdict.{verdict.Word}", say.Word("act", asked is { } channel ? channel.Word() : "any"), judged);

    /// <summary>What follows the first sentence, with what parts it from that.</summary>
    public static string Rest(Verdict verdict, Explanation told, GateLanguage say)
    {
        var sentences = verdict.Match<IEnumerable<string>>(
            _ => [.. Duties(told, say), .. Grounds(told, say), .. told.Until is { } until ? [say.Say("holds", until)] : Array.Empty<string>()],
            _ => [.. Reasons(told, say), say.Say("earliest", told.Until!), .. Instead(told, say)],
            _ => [.. Reasons(told, say), .. Helps(told, say), .. Instead(told, say)]);
        var between = say.Say("list.sentence");
        return string.Concat(sentences.Concat(Reservations(told, say)).Select(sentence => between + sentence));
    }

    /// <summary>Why: the deciding reason with what its rule says, then the others, each kind once.</summary>
    private static IEnumerable<string> Reasons(Explanation told, GateLanguage say)
    {
        var kinds = told.Reasons.GroupBy(static reason => reason.Reason.Code).Select(kind => Sentence(kind, say)).ToArray();
        yield return kinds[0];
        // A fact that is missing is missing whatever the rule says that asks for it, and the first of several places need not be theirs.
        if (told.Reasons[0] is { Rule: { } rule, Reason: { Code: not ReasonCode.MissingFact } first } && !first.Marks.HasFlag(ReasonMarks.Candidates))
            yield return rule.Says;
        if (kinds.Length > 1)
            yield return say.Say("also", string.Join(say.Say("list.sentence"), kinds[1..]));
    }

    private static string Sentence(IGrouping<ReasonCode, ExplainedReason> kind, GateLanguage say)
    {
        var items = kind.Where(static reason => reason.Reason.Item is not null && ReasonItems.IsSaid(reason.Reason.Code))
            .SelectMany(reason => ReasonItems.Words(kind.Key, reason.Reason.Item!, say)).Distinct().ToArray();
        return say.With(GateTexts.Of(kind.Key).In(say.Tag), items.Length == 0 ? null : say.List(items));
    }

    private static IEnumerable<string> Helps(Explanation told, GateLanguage say)
    {
        var refusals = told.Reasons.Where(static reason => !reason.Reason.IsDeferral);
        var remedies = refusals.Where(static reason => Final.Contains(reason.Reason.Code)).Take(1).DefaultIfEmpty().First() is { } final
            ? [final.Remedy]
            : refusals.Select(static reason => reason.Remedy).Distinct();
        yield return say.Say("helps", string.Join(say.Say("list.sentence"), remedies));
    }

    private static IEnumerable<string> Instead(Explanation told, GateLanguage say)
    {
        if (told.Alternatives.Length > 0)
            yield return say.Say("instead", say.List(told.Alternatives.Select(channel => GateTexts.Of(channel).In(say.Tag))));
    }

    private static IEnumerable<string> Duties(Explanation told, GateLanguage say)
    {
        var duties = told.Duties.GroupBy(static duty => duty.Obligation.Code).Select(same =>
        {
            var details = same.Select(static duty => duty.Detail).OfType<string>().Distinct().ToArray();
            return details.Length == 0 ? same.First().Text : say.Beside(same.First().Text, say.Parts(details));
        }).ToArray();
        if (duties.Length > 0)
            yield return say.Say("duties", say.Parts(duties));
    }

    private static IEnumerable<string> Grounds(Explanation told, GateLanguage say)
    {
        var grounds = told.Grounds.Where(static ground => ground.Ground is { Consent: not null } or { Relation: not null }).Select(static ground => ground.Text).Distinct().ToArray();
        if (grounds.Length > 0)
            yield return say.Say("rests", say.List(grounds));
    }

    /// <summary>What the answer leaves uncertain.</summary>
    private static IEnumerable<string> Reservations(Explanation told, GateLanguage say)
    {
        var marks = told.Reasons.Aggregate(ReasonMarks.None, static (all, reason) => all | reason.Reason.Marks);
        if (marks.HasFlag(ReasonMarks.Candidates))
            yield return say.Say("uncertain");
        if (marks.HasFlag(ReasonMarks.Contested))
            yield return say.Say("contested");
        var unreviewed = told.Notes.Where(static note => note.Note.Code == "not-reviewed").Select(static note => note.Note.Place).ToArray();
        var places = unreviewed.OfType<string>().Select(place => say.NameOf(place) ?? place).ToArray();
        if (places.Length > 0)
            yield return say.Say("unreviewed", places.Length <= MostPlaces ? say.List(places) : say.Some(places));
        else if (unreviewed.Length > 0)
            yield return say.Say("unreviewed.nowhere");
    }
}
