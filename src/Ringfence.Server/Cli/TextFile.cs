using System.Text;
using Ringfence.Rules;

namespace Ringfence.Server.Cli;

/// <summary>A small text file that a command is given: a situation, cases, rules.</summary>
internal static class TextFile
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    // Nothing that people write by hand is so large; a list given by mistake is, and would fill the memory.
    private const long LargestFile = 20_000_000;

    /// <summary>Reads a file whole, or standard input.</summary>
    /// <exception cref="UnusableFileException">It is not there, too large, or may not be read.</exception>
    public static string Read(string path)
    {
        try
        {
            using var stream = path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path);
            using var text = new StreamReader(stream, new UTF8Encoding(false));
            var buffer = new char[16 * 1024];
            var whole = new StringBuilder();
            for (int read; (read = text.Read(buffer)) > 0;)
            {
                whole.Append(buffer, 0, read);
                if (whole.Length > LargestFile)
                    throw new UnusableFileException(CliText.Say("File.TooLarge", path));
            }

            return whole.ToString();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException || Directory.Exists(path))
        {
            throw new UnusableFileException(CliText.Say(Directory.Exists(path) ? "File.IsFolder" : "File.Missing", path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnusableFileException(CliText.Say("File.Unreadable", path, e.Message), e);
        }
    }

    /// <summary>Reads what a file says; null: it can't be used, and that was told.</summary>
    /// <param name="path">The file, or standard input.</param>
    /// <param name="read">Reads it, from its name as faults give it and its text.</param>
    public static T? Read<T>(string path, Func<string, string, T> read)
        where T : class
    {
        try
        {
            return read(path.Replace('\\', '/'), Read(path));
        }
        catch (UnusableFileException e)
        {
            Terminal.Error(e.Message);
        }
        catch (RuleFileException e)
        {
            Terminal.Error(CliText.Say("File.Fault", e.Message));
        }

        return null;
    }

    /// <summary>The YAML files of a folder and all within it, in order; what begins with a dot is left out.</summary>
    /// <exception cref="UnusableFileException">The folder may not be read.</exception>
    public static IReadOnlyList<string> Under(string folder)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                    .Where(path => Path.GetExtension(path) is ".yaml" or ".yml" or ".json" && !Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Any(static part => part.StartsWith('.')))
                    .OrderBy(static path => path.Replace('\\', '/'), StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnusableFileException(CliText.Say("File.Unreadable", folder, e.Message), e);
        }
    }
}

/// <summary>A file that a command can't use; the message says why, in the language of the run.</summary>
internal sealed class UnusableFileException : Exception
{
    public UnusableFileException() { }

    public UnusableFileException(string message) : base(message) { }

    public UnusableFileException(string message, Exception inner) : base(message, inner) { }
}
