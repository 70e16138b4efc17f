using Ringfence.Files;

namespace Ringfence.Rules;

/// <summary>A rule, calendar, situation, case or document file that does not say what it has to say. The message names file, line and column.</summary>
public sealed class RuleFileException : Exception
{
    public RuleFileException() { }

    public RuleFileException(string message) : base(message) { }

    public RuleFileException(string message, Exception inner) : base(message, inner) { }

    internal static RuleFileException At(FilePlace at, string what) =>
        new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{at.File}:{at.Line}:{at.Column}: {what}")) { File = at.File, Line = at.Line, Column = at.Column };

    /// <summary>The file.</summary>
    public string File { get; init; } = "";

    /// <summary>The line, from 1.</summary>
    public int Line { get; init; }

    /// <summary>The column, from 1.</summary>
    public int Column { get; init; }
}
