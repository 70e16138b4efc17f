using System.Globalization;
using System.Net;
using System.Text;
using Ringfence.Gate;

namespace Ringfence.Consent;

/// <summary>What a person typed into a form, and what is wrong with it; nothing of it is part of what is kept as shown.</summary>
public sealed class FormTyped
{
    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> faults = new(StringComparer.Ordinal);
    private readonly HashSet<string> ticked = new(StringComparer.Ordinal);

    /// <summary>Nothing was typed.</summary>
    public static FormTyped Nothing { get; } = new();

    /// <summary>What is wrong, by block, in the order found: keys of <c>form-words.tsv</c>.</summary>
    public IReadOnlyDictionary<string, string> Faults => faults;

    /// <summary>The names of the boxes that the person ticked.</summary>
    public IReadOnlyCollection<string> Ticked => ticked;

    public void Keep(string block, string text) => texts[block] = text;

    public void Tick(string box) => ticked.Add(box);

    /// <summary>Says what is wrong with a field; the first fault of it counts.</summary>
    public void Blame(string block, string key) => faults.TryAdd(block, key);

    public string? this[string block] => texts.GetValueOrDefault(block);
}

/// <summary>Writes the main part of a form's page: the same bytes for the same form, language and layout, so that their digest says what was shown.</summary>
/// <remarks>
/// Invariant: it writes no <c>checked</c> but for what the person ticked before an error; nothing in a form can make it. Every text is encoded. There is no script, and no address but that of the notice.
/// </remarks>
public static class FormPage
{
    /// <summary>The name under which the boxes are sent.</summary>
    public const string Yes = "yes";

    /// <summary>The name of the button that says no.</summary>
    public const string Answer = "answer";

    /// <summary>The main part as it is kept: UTF-8.</summary>
    public static byte[] ToBytes(FormDocument form, FormLayout layout, string language) => Encoding.UTF8.GetBytes(Write(form, layout, language, FormTyped.Nothing));

    /// <summary>The main part: what stands between <c>&lt;main&gt;</c> and its end.</summary>
    /// <param name="form">The form.</param>
    /// <param name="layout">One of its layouts.</param>
    /// <param name="language">One of its languages.</param>
    /// <param name="typed">What the person typed before an error.</param>
    public static string Write(FormDocument form, FormLayout layout, string language, FormTyped typed)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(typed);
        var html = new StringBuilder();
        var blocks = form.BlocksIn(layout);
        var title = blocks.OfType<FormHeading>().FirstOrDefault();
        html.Append("<header><h1>").Append(Encode(TitleOf(form, layout, language))).Append("</h1><p class=\"lead\">").Append(Encode(FormWords.Say("choose", language))).Append("</p></header>\n");
        if (typed.Faults.Count > 0)
        {
            html.Append("<div class=\"notice notice-no\" role=\"alert\" tabindex=\"-1\"><div><p>").Append(Encode(FormWords.Say("error.summary", language))).Append("</p><ul>");
            foreach (var (block, key) in typed.Faults)
                html.Append(CultureInfo.InvariantCulture, $"<li><a href=\"#f-{block}\">{Encode(LabelOf(form, block, language))}</a>{(language.StartsWith("zh", StringComparison.Ordinal) ? "：" : ": ")}{Encode(Fault(form, key, language))}</li>");
            html.Append("</ul></div></div>\n");
        }

        html.Append("<form method=\"post\" novalidate>\n");
        html.Append(CultureInfo.InvariantCulture, $"<input type=\"hidden\" name=\"form\" value=\"{form.Digest}\"><input type=\"hidden\" name=\"lang\" value=\"{Encode(language)}\"><input type=\"hidden\" name=\"layout\" value=\"{Encode(layout.Name)}\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<div class=\"stack{(layout.Spacing == FormSpacing.Wide ? " stack-wide" : "")}\">\n");
        for (var i = 0; i < blocks.Count; i++)
        {
            switch (blocks[i])
            {
                case FormHeading heading when heading == title:
                    break;
                case FormHeading heading:
                    html.Append("<h2>").Append(Encode(heading.Texts.GetValueOrDefault(language) ?? "")).Append("</h2>\n");
                    break;
                case FormText text:
                    foreach (var paragraph in (text.Texts.GetValueOrDefault(language) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                        html.Append("<p>").Append(Encode(paragraph)).Append("</p>\n");
                    break;
                case FormField field:
                    WriteField(html, form, field, language, typed);
                    break;
                case FormBox box:
                    // Boxes of one purpose that follow each other stand in one frame.
                    var group = blocks.Skip(i).TakeWhile(other => other is FormBox next && next.Purposes.SequenceEqual(box.Purposes)).Cast<FormBox>().ToArray();
                    WriteBoxes(html, form, group, language, typed);
                    i += group.Length - 1;
                    break;
            }
        }

        html.Append("</div>\n<div class=\"stack\">");
        if (form.OptIn == FormOptIn.Double)
            html.Append("<p>").Append(Encode(FormWords.Say("confirm", language))).Append("</p>");
        html.Append("<p class=\"btns\"><button class=\"btn btn-1\" type=\"submit\">").Append(Encode(FormWords.Say("submit", language))).Append("</button>")
            .Append(CultureInfo.InvariantCulture, $"<button class=\"btn\" type=\"submit\" name=\"{Answer}\" value=\"no\" formnovalidate>").Append(Encode(FormWords.Say("decline", language))).Append("</button></p>");
        html.Append("<p class=\"hint\">").Append(Encode(FormWords.Say("kept", language, ("version", form.Version)))).Append("</p>");
        if (form.Notice is { } notice)
            html.Append("<p><a href=\"").Append(Encode(notice.Page)).Append("\" rel=\"noopener\">").Append(Encode(FormWords.Say("notice.link", language))).Append("</a></p>");
        return html.Append("</div>\n</form>\n").ToString();
    }

    /// <summary>The title of the page: the first heading.</summary>
    public static string TitleOf(FormDocument form, FormLayout layout, string language)
    {
        ArgumentNullException.ThrowIfNull(form);
        return form.BlocksIn(layout).OfType<FormHeading>().FirstOrDefault()?.Texts.GetValueOrDefault(language) ?? FormWords.Say("title", language, ("sender", form.Sender ?? ""));
    }

    /// <summary>What a field asks for, as its label says it.</summary>
    public static string LabelOf(FormDocument form, FormField field, string language)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(field);
        return field.Asks switch
        {
            FormAsks.Phone or FormAsks.Email or FormAsks.Name or FormAsks.Residence or FormAsks.Age or FormAsks.Guardian or FormAsks.Address => FormWords.Say(form, "field." + Words<FormAsks>.Of(field.Asks), language, ("age", FormWords.AgeIn(form).ToString(CultureInfo.InvariantCulture))),
            // Never published; shown in a draft by the word of the file.
            FormAsks.BirthDate or FormAsks.Company or FormAsks.Income or FormAsks.Health or FormAsks.IdNumber => Words<FormAsks>.Of(field.Asks),
        };
    }

    private static void WriteField(StringBuilder html, FormDocument form, FormField field, string language, FormTyped typed)
    {
        var id = "f-" + field.Name;
        var fault = typed.Faults.GetValueOrDefault(field.Name);
        if (field.Asks == FormAsks.Age)
        {
            html.Append(CultureInfo.InvariantCulture, $"<label class=\"choice\"><input type=\"checkbox\" id=\"{id}\" name=\"{field.Name}\" value=\"1\"{(typed[field.Name] is null ? "" : " checked")}><span>{Encode(LabelOf(form, field, language))}</span></label>\n");
            return;
        }

        var (type, complete, most) = field.Asks switch
        {
            FormAsks.Phone => ("tel", "tel", 40),
            FormAsks.Email => ("email", "email", 254),
            FormAsks.Residence => ("text", "country", 2),
            FormAsks.Name => ("text", "name", 120),
            FormAsks.Address => ("text", "street-address", 200),
            _ => ("text", "off", 120),
        };
        var hint = field.Asks switch
        {
            FormAsks.Phone => FormWords.Say("hint.phone", language),
            FormAsks.Residence => FormWords.Say("hint.residence", language, ("place", ExampleOf(form))),
            FormAsks.Name when form.Edition > 1 && form.Boxes.Any(static box => (box.Channels & (ChannelSet.Voice | ChannelSet.VoiceAuto)) != 0) => FormWords.Say("hint.name", language),
            _ => null,
        };
        var isOptional = field.Asks is not (FormAsks.Phone or FormAsks.Email);
        var described = string.Join(' ', new[] { fault is null ? null : id + "-bad", hint is null ? null : id + "-hint" }.OfType<string>());
        html.Append(CultureInfo.InvariantCulture, $"<div class=\"field{(fault is null ? "" : " field-bad")}\"><label for=\"{id}\">{Encode(LabelOf(form, field, language))}");
        if (isOptional)
            html.Append(CultureInfo.InvariantCulture, $" <span class=\"muted\">{Encode(FormWords.Say("optional", language))}</span>");
        html.Append("</label>");
        if (hint is not null)
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"hint\" id=\"{id}-hint\">{Encode(hint)}</p>");
        html.Append(CultureInfo.InvariantCulture, $"<input class=\"input\" id=\"{id}\" name=\"{field.Name}\" type=\"{type}\" autocomplete=\"{complete}\" maxlength=\"{most}\"");
        if (typed[field.Name] is { } value)
            html.Append(" value=\"").Append(Encode(value)).Append('"');
        if (described.Length > 0)
            html.Append(CultureInfo.InvariantCulture, $" aria-describedby=\"{described}\"");
        if (fault is not null)
            html.Append(" aria-invalid=\"true\"");
        html.Append('>');
        if (fault is not null)
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"bad\" id=\"{id}-bad\">{Encode(Fault(form, fault, language))}</p>");
        html.Append("</div>\n");
    }

    private static void WriteBoxes(StringBuilder html, FormDocument form, FormBox[] boxes, string language, FormTyped typed)
    {
        var about = FormWords.PromiseOf(form, boxes[0])?.About.GetValueOrDefault(language) ?? string.Join(", ", boxes[0].Purposes);
        // A name in the middle of a sentence begins a line here.
        var legend = about.Length > 0 ? char.ToUpper(about[0], CultureInfo.InvariantCulture) + about[1..] : about;
        html.Append("<fieldset class=\"panel\"><legend>").Append(Encode(legend)).Append("</legend><p class=\"lead\">").Append(Encode(FormWords.Promised(form, boxes[0], language))).Append("</p><div class=\"choices choices-line\">\n");
        foreach (var box in boxes)
        {
            var words = FormWords.WordingOf(form, box).Texts.GetValueOrDefault(language)?.Text ?? "";
            var names = Channels.All.Where(channel => box.Channels.Has(channel)).Select(channel => FormWords.Say("box." + channel.Word(), language));
            html.Append(CultureInfo.InvariantCulture, $"<label class=\"choice\"><input type=\"checkbox\" id=\"f-{box.Name}\" name=\"{Yes}\" value=\"{box.Name}\"{(typed.Ticked.Contains(box.Name) ? " checked" : "")}><span><b>{Encode(string.Join(", ", names))}</b><small>{Encode(words)}</small></span></label>\n");
        }

        html.Append("</div></fieldset>\n");
    }

    private static string LabelOf(FormDocument form, string block, string language) => form.Fields.FirstOrDefault(field => field.Name == block) is { } field ? LabelOf(form, field, language) : block;

    private static string Fault(FormDocument form, string key, string language) => FormWords.Say(key, language, ("place", ExampleOf(form)));

    private static string ExampleOf(FormDocument form) => form.OfferedIn.Count > 0 ? form.OfferedIn[0][..Math.Min(2, form.OfferedIn[0].Length)] : "DE";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
