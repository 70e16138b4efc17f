using System.CommandLine;
using System.Globalization;
using System.Text;
using Ringfence.Rules;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Cli;

/// <summary>Exit codes of every command.</summary>
internal static class Exit
{
    public const int Done = 0;

    /// <summary>The answer is no: a check failed.</summary>
    public const int No = 1;

    /// <summary>Unusable input or arguments.</summary>
    public const int Unusable = 2;

    /// <summary>Not ready: no room on the disk, no store, no key.</summary>
    public const int NotReady = 3;

    /// <summary>Done, with rejected rows.</summary>
    public const int Rejected = 4;

    /// <summary>Stopped by Ctrl-C: 128 + SIGINT, as shells expect.</summary>
    public const int Stopped = 130;
}

/// <summary>The options that every command knows, and how it talks.</summary>
internal static class Terminal
{
    /// <summary><c>--lang</c>: the language of what is printed and written.</summary>
    public static Option<string?> Lang { get; } = new("--lang") { Recursive = true, HelpName = "en|zh-Hans|zh-Hant" };

    /// <summary><c>--json</c>: results as JSON.</summary>
    public static Option<bool> Json { get; } = new("--json") { Recursive = true };

    /// <summary><c>--quiet</c>: nothing but results and errors.</summary>
    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Recursive = true };

    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_MESSAGES", "LANG"];

    /// <summary>The language asked for on the command line, else the one of the environment; English where neither is ours.</summary>
    public static CultureInfo Language(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--lang" && i + 1 < arguments.Count)
                return OfTag(arguments[i + 1]) ?? new CultureInfo("en");
            if (arguments[i].StartsWith("--lang=", StringComparison.Ordinal))
                return OfTag(arguments[i]["--lang=".Length..]) ?? new CultureInfo("en");
        }

        // POSIX: LC_ALL over LC_MESSAGES over LANG, and the first that is not empty decides.
        var locale = LocaleVariables.Select(environment).FirstOrDefault(static value => !string.IsNullOrEmpty(value));
        return OfTag(locale?.Split('.', '@')[0].Replace('_', '-') ?? "") ?? new CultureInfo("en");
    }

    /// <summary>The language of a tag such as <c>zh-TW</c>; null where it is none of ours.</summary>
    public static CultureInfo? OfTag(string tag) =>
        tag.ToUpperInvariant().Split('-')[0] is "EN" or "ZH" or "C" or "POSIX" ? new CultureInfo(LanguageTexts.TagOf(tag)) : null;

    /// <summary>Columns of text that goes to no terminal.</summary>
    public const int WidthElsewhere = 80;

    /// <summary>Columns of the terminal; <see cref="WidthElsewhere"/> where there is none.</summary>
    public static int Width
    {
        get
        {
            try
            {
                return Console.IsOutputRedirected ? WidthElsewhere : Math.Clamp(Console.WindowWidth, 40, 240);
            }
            catch (IOException)
            {
                return WidthElsewhere;
            }
        }
    }

    /// <summary>Whether colours are wanted: somebody looks, and did not say no (https://no-color.org).</summary>
    public static bool Colour =>
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>UTF-8 on all three streams, without a byte order mark.</summary>
    public static void UseUtf8()
    {
        var utf8 = new UTF8Encoding(false);
        Console.OutputEncoding = utf8;
        Console.InputEncoding = utf8;
    }

    /// <summary>Tells what went wrong, on standard error. Names of files and what the user wrote may hold anything; it is made visible.</summary>
    public static void Error(string sentence) => Error(Console.Error, sentence);

    /// <summary>The same, to where errors go. A sentence may have lines.</summary>
    public static void Error(TextWriter errors, string sentence) =>
        errors.WriteLine("ringfence: " + string.Join('\n', sentence.Split('\n').Select(ReportLanguage.Visible)));

    /// <summary>Tells of a failure that nobody foresaw: of its kind and its place, never its message, which may hold what stands in a list.</summary>
    /// <returns>The exit code.</returns>
    public static int Failed(Exception failure)
    {
        switch (failure)
        {
            case OutOfMemoryException:
                Error(CliText.Say("Memory"));
                break;
            case RuleFileException:
                // The files of the program hold rules, nothing of anybody's list.
                Error(CliText.Say("ShippedRules", failure.Message));
                break;
            case IOException or UnauthorizedAccessException:
                Error(CliText.Say("ReadWrite", failure.Message));
                break;
            default:
                Error(CliText.Say("Fault", failure.GetType().Name));
                Console.Error.WriteLine(failure.StackTrace);
                break;
        }

        return Exit.NotReady;
    }
}
