using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Cli;

/// <summary>A page of text on the terminal: paragraphs, headings, and labels with what stands beside them.</summary>
/// <param name="to">Where it goes.</param>
/// <param name="width">Columns of the terminal.</param>
/// <param name="colour">Whether to colour; the words say the same without.</param>
internal sealed class TextSheet(TextWriter to, int width, bool colour)
{
    // Wider than this lines are hard to read; narrower than that a label leaves no room for its text.
    private const int Widest = 110;
    private const int Narrowest = 50;

    private const string Bold = "1";

    /// <summary>The page of a command: as wide as the terminal where it goes there.</summary>
    public static TextSheet On(TextWriter output)
    {
        var isConsole = ReferenceEquals(output, Console.Out);
        return new TextSheet(output, isConsole ? Terminal.Width : Terminal.WidthElsewhere, isConsole && Terminal.Colour);
    }

    private readonly int width = Math.Clamp(width, Narrowest, Widest);

    /// <summary>A blank line.</summary>
    public void Blank() => to.WriteLine();

    /// <summary>A line that begins a part, with a blank one before it.</summary>
    public void Heading(string text)
    {
        to.WriteLine();
        to.WriteLine(Toned(Shown(text), Bold));
    }

    /// <summary>A line as it is, but for what would steer the terminal.</summary>
    public void Line(string text) => to.WriteLine(Shown(text));

    /// <summary>A text in as many lines as it takes.</summary>
    public void Paragraph(string text, int indent = 0)
    {
        foreach (var line in TerminalText.Wrap(Shown(text), width - indent))
            to.WriteLine(TerminalText.Blanks(indent) + line);
    }

    /// <summary>A label and a text beside it; nothing where there is no text.</summary>
    /// <param name="label">The label.</param>
    /// <param name="text">The text.</param>
    /// <param name="indent">Columns before the label.</param>
    /// <param name="room">Columns of the label.</param>
    /// <param name="tone">SGR parameters of the label, such as <c>31</c> for red; null for none.</param>
    public void Row(string label, string? text, int indent, int room, string? tone = null)
    {
        if (string.IsNullOrEmpty(text))
            return;
        var shown = Shown(label);
        // A label that is too wide has a line of its own.
        if (shown.Length > 0 && TerminalText.Width(shown) >= room)
        {
            to.WriteLine(TerminalText.Blanks(indent) + Toned(shown, tone));
            shown = "";
        }

        foreach (var line in TerminalText.Wrap(Shown(text), width - indent - room))
        {
            to.WriteLine(TerminalText.Blanks(indent) + (shown.Length > 0 ? Toned(shown, tone) : "") + TerminalText.Blanks(room - TerminalText.Width(shown)) + line);
            shown = "";
        }
    }

    /// <summary>A label and an address or a path on one line, however long: broken it could not be followed.</summary>
    public void Address(string label, string address, int indent, int room) =>
        to.WriteLine(TerminalText.Blanks(indent) + TerminalText.Left(label, room) + Shown(address));

    private string Toned(string text, string? tone) => colour && tone is not null ? $"\u001b[{tone}m{text}\u001b[0m" : text;

    private static string Shown(string text) => ReportLanguage.Visible(text);
}
