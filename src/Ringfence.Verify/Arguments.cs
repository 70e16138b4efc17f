namespace Ringfence.Verify;

/// <summary>What was asked for on the command line.</summary>
internal sealed class Arguments
{
    // How many files a command takes, and which options besides those that all take.
    private static readonly Dictionary<string, (int Least, int Most, string[] Options)> Commands = new(StringComparer.Ordinal)
    {
        ["bundle"] = (1, 1, ["--policy", "--tsa", "--held"]),
        ["receipt"] = (1, 1, ["--policy", "--tsa", "--held"]),
        ["log"] = (1, 1, ["--policy", "--tsa", "--held", "--since", "--full"]),
        ["compare"] = (2, 3, ["--policy"]),
    };

    private readonly Dictionary<string, List<string>> options = new(StringComparer.Ordinal);

    /// <summary>The command; null where help or the version is asked for, or nothing.</summary>
    public string? Command { get; private set; }

    public List<string> Files { get; } = [];

    public bool Help => options.ContainsKey("--help");

    public bool Version => options.ContainsKey("--version");

    /// <summary>Whether only the line of JSON is wanted.</summary>
    public bool Json => options.ContainsKey("--json");

    public bool Full => options.ContainsKey("--full");

    /// <summary>The values of an option, in their order.</summary>
    public IReadOnlyList<string> All(string option) => options.GetValueOrDefault(option) ?? [];

    /// <summary>Reads the command line, taking of it what can be understood.</summary>
    /// <param name="words">The words of the command line.</param>
    /// <param name="fault">The first thing that can't be understood; null where all can.</param>
    public static Arguments Read(IReadOnlyList<string> words, out UnusableException? fault)
    {
        var arguments = new Arguments();
        fault = null;
        for (var i = 0; i < words.Count; i++)
        {
            if (!arguments.Take(words, ref i))
                fault ??= new UnusableException("argument", words[Math.Min(i, words.Count - 1)]);
        }

        fault ??= arguments.Fault();
        return arguments;
    }

    private bool Take(IReadOnlyList<string> words, ref int i)
    {
        var word = words[i];
        if (!word.StartsWith('-'))
        {
            if (Command is not null)
                Files.Add(word);
            else if (Commands.ContainsKey(word))
                Command = word;
            return Command is not null;
        }

        var name = word.Split('=', 2)[0];
        switch (name)
        {
            case "--help" or "-h" or "--version" or "--json" or "--full":
                if (name == word)
                    options.TryAdd(name == "-h" ? "--help" : name, []);
                return name == word;
            case "--lang" or "--policy" or "--tsa" or "--held" or "--since":
                if (name == word && ++i == words.Count)
                    return false;
                options.TryAdd(name, []);
                options[name].Add(name == word ? words[i] : word[(name.Length + 1)..]);
                return options[name].Count == 1 || name is "--tsa" or "--held";
            default:
                return false;
        }
    }

    private UnusableException? Fault()
    {
        if (All("--lang") is [var language] && Texts.Of(language) is null)
            return new UnusableException("argument", "--lang " + language);
        if (Help || Version)
            return null;
        if (Command is null)
            return new UnusableException("no-command", "ringfence-verify");
        var (least, most, allowed) = Commands[Command];
        if (options.Keys.FirstOrDefault(option => option is not ("--lang" or "--json") && !allowed.Contains(option)) is { } stranger)
            return new UnusableException("argument", stranger);
        if (Files.Count < least || Files.Count > most)
            return new UnusableException("argument", Files.Count > most ? Files[most] : Command);
        return All("--policy").Count == 1 ? null : new UnusableException("no-policy", "--policy");
    }
}
