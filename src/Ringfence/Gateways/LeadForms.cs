using NodaTime;
using Ringfence.Consent;
using Ringfence.Rules;

namespace Ringfence.Gateways;

/// <summary>A form of a social network that asks what a form of ours asks: which question of it is which field, and which answer is the yes of which box.</summary>
public sealed record LeadFormSetting
{
    /// <summary>The network's own ids of it.</summary>
    public required IReadOnlyList<string> Ids { get; init; }

    /// <summary>Our form, as <c>id@version</c>: what the network shows are the words of one version.</summary>
    public required string Form { get; init; }

    /// <summary>The language it is shown in.</summary>
    public required string Language { get; init; }

    /// <summary>By field of our form the question that asks for it.</summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    /// <summary>By box of our form what says yes to it; nothing else does.</summary>
    public required IReadOnlyDictionary<string, LeadYes> Boxes { get; init; }

    /// <summary>What it names that a form does not have; none: it fits.</summary>
    public IReadOnlyList<string> LackingIn(FormDocument form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return
        [
            .. Fields.Keys.Where(name => form.Fields.All(field => field.Name != name)),
            .. Boxes.Keys.Where(name => form.Boxes.All(box => box.Name != name)),
            .. form.Languages.Contains(Language) ? Array.Empty<string>() : [Language],
        ];
    }

    /// <summary>What somebody answered, as an answer to our form. What nobody named as a field or a box is not looked at.</summary>
    /// <param name="form">It fits.</param>
    /// <param name="sent">What was sent in.</param>
    /// <param name="named">As <see cref="FormAnswer.Read"/> has it.</param>
    public FormAnswer AnswerTo(FormDocument form, SentLead sent, IReadOnlySet<string> named)
    {
        ArgumentNullException.ThrowIfNull(sent);
        return FormAnswer.Read(form, name => Fields.TryGetValue(name, out var question) ? sent.Answer(question) : null, [.. Boxes.Where(box => sent.IsYes(box.Value)).Select(static box => box.Key)], declined: false, named);
    }

    internal static LeadFormSetting Read(RuleMap map, bool hasCheckboxes)
    {
        var ids = map.Items("lead-forms").Select(static item => item.Text.Length is > 0 and <= LongestId && item.Text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? item.Text : throw RuleFileException.At(item.At, $"'{item.Text}' is no id of a form of the network's")).ToList();
        var form = map.Line("form");
        if (form.Split('@') is not [{ Length: > 0 }, { Length: > 0 }])
            throw map.Wrong("form", "names a form and its version, such as kitchen-news@2026-11: the network goes on showing the words of one");
        var setting = new LeadFormSetting { Ids = ids.Count > 0 ? ids : throw map.Missing("lead-forms"), Form = form, Language = map.Line("language"), Fields = NamedOf(map.Map("fields"), static (one, name) => one.Line(name)), Boxes = NamedOf(map.Map("boxes"), (one, name) => YesOf(one.Map(name), hasCheckboxes)) };
        // Who ticks once agrees once.
        if (setting.Boxes.Values.GroupBy(static yes => (yes.Question, yes.Checkbox)).FirstOrDefault(static same => same.Count() > 1) is { } twice)
            throw map.Wrong("boxes", $"'{twice.Key.Question ?? twice.Key.Checkbox}' is the yes of two boxes");
        map.Done();
        return setting;
    }

    private const int LongestId = 100;

    private static Dictionary<string, T> NamedOf<T>(RuleMap map, Func<RuleMap, string, T> read)
    {
        var named = map.Keys().ToDictionary(static name => name, name => read(map, name), StringComparer.Ordinal);
        map.Done();
        return named.Count > 0 ? named : throw RuleFileException.At(map.At, "names nothing");
    }

    private static LeadYes YesOf(RuleMap map, bool hasCheckboxes)
    {
        var (question, checkbox) = (map.OptionalLine("question"), hasCheckboxes ? map.OptionalLine("checkbox") : null);
        if ((question is null) == (checkbox is null))
            throw map.Wrong("question", hasCheckboxes ? "one of 'question' and 'checkbox' is wanted" : "is wanted");
        // What counts as yes is said word for word: no is an answer, too.
        var yes = new LeadYes(question, question is null ? [] : [.. map.List("yes")], checkbox);
        if (question is not null && (yes.Answers.Count == 0 || yes.Answers.Any(static answer => answer.Trim().Length == 0)))
            throw map.Wrong("yes", "lists the answers that say yes, word for word");
        map.Done();
        return yes;
    }
}

/// <summary>What says yes to a box: one of some answers to a question, or a tick.</summary>
/// <param name="Question">The question; null: a tick says it.</param>
/// <param name="Answers">Word for word.</param>
/// <param name="Checkbox">The key of what is ticked; null: an answer says it.</param>
public sealed record LeadYes(string? Question, IReadOnlyList<string> Answers, string? Checkbox);

/// <summary>What somebody sent in by a form of a social network.</summary>
/// <param name="Form">The network's id of the form.</param>
/// <param name="Lead">The network's id of what was sent in.</param>
/// <param name="At">When, where the network says so.</param>
/// <param name="Answers">By question what was answered.</param>
/// <param name="Ticks">By key whether it was ticked.</param>
public sealed record SentLead(string Form, string Lead, Instant? At, ILookup<string, string> Answers, ILookup<string, bool> Ticks)
{
    private const int LongestId = 200;

    /// <summary>Whether its ids are such that it can be told from others.</summary>
    public bool IsNamed => Form.Length is > 0 and <= LongestId && Lead.Length is > 0 and <= LongestId && !Lead.Any(char.IsControl) && Lead.Trim().Length > 0;

    /// <summary>The one answer to a question; null: there is none, or there are several.</summary>
    public string? Answer(string question) => Answers[question].Take(2).ToArray() is [var only] ? only : null;

    /// <summary>Whether a yes was said, and nothing beside it.</summary>
    public bool IsYes(LeadYes yes)
    {
        ArgumentNullException.ThrowIfNull(yes);
        return yes.Question is { } question ? Answer(question) is { } answer && yes.Answers.Contains(answer.Trim(), StringComparer.Ordinal) : Ticks[yes.Checkbox!].Any() && Ticks[yes.Checkbox!].All(static ticked => ticked);
    }
}
