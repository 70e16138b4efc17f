namespace Ringfence.Rules;

/// <summary>A rule file that does not say what a rule file has to say. The message names file and line.</summary>
public sealed class RuleFileException : Exception
{
    public RuleFileException() { }

    public RuleFileException(string message) : base(message) { }

    public RuleFileException(string message, Exception inner) : base(message, inner) { }

    internal static RuleFileException At(string file, long line, string what) =>
        new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file}:{line}: {what}")) { File = file, Line = line };

    /// <summary>The file.</summary>
    public string File { get; init; } = "";

    /// <summary>The line, from 1.</summary>
    public long Line { get; init; }
}
