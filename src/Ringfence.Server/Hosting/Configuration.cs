using System.CommandLine;
using Ringfence.Files;
using Ringfence.Rules;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Hosting;

/// <summary>What the program is told beside its command line: by the environment, and by one file. An option goes before a variable, a variable before the file, the file before what holds otherwise.</summary>
/// <param name="environment">Reads a variable.</param>
/// <param name="set">Sets one, for what is told in no option.</param>
internal sealed class Configuration(Func<string, string?> environment, Action<string, string> set)
{
    /// <summary>Names the file where no option does.</summary>
    public const string FileVariable = "RINGFENCE_CONFIG";

    private readonly Dictionary<string, (string Value, string From)> found = new(StringComparer.Ordinal);

    /// <summary>The environment of this process.</summary>
    public static Configuration OfProcess() => new(Environment.GetEnvironmentVariable, Environment.SetEnvironmentVariable);

    /// <summary>A command line with what else is told put in as options.</summary>
    /// <exception cref="UnusableFileException">A file is not there, or may not be read.</exception>
    /// <exception cref="RuleFileException">The file is not in order.</exception>
    public string[] Complete(RootCommand root, string[] line)
    {
        var parsed = root.Parse(line);
        var command = parsed.CommandResult.Command;
        if (parsed.Errors.Count > 0 || !command.Options.Contains(StoreArguments.Config))
            return line;
        var settings = Setting.Of(root.Subcommands.Single(static sub => sub.Name == "serve"));
        var file = ReadFile(parsed.GetValue(StoreArguments.Config) ?? Variable(FileVariable), settings);
        var added = new List<string>();
        foreach (var setting in settings)
        {
            if (setting.Option is { } option && parsed.GetResult(option) is { Implicit: false } said)
            {
                found[setting.Key] = (string.Join(' ', said.Tokens.Select(static token => token.Value)), option.Name);
                continue;
            }

            if (Find(setting, file) is not { } told)
                continue;
            found[setting.Key] = (string.Join(';', told.Values), told.From);
            // Other commands read the variables themselves: what an option names has to be there, what a variable names need not.
            if (setting.Option is null)
                set(setting.Variable, told.Values[0]);
            else if (command.Options.Contains(setting.Option) && (command.Name == "serve" || told.From != setting.Variable))
                added.AddRange(Said(setting.Option, told.Values).Select(value => $"{setting.Option.Name}={value}"));
        }

        var end = Array.IndexOf(line, "--");
        return end < 0 ? [.. line, .. added] : [.. line[..end], .. added, .. line[end..]];
    }

    /// <summary>What holds of a setting, and what says so; secrets are not shown.</summary>
    public (string Value, string From) InForce(Setting setting)
    {
        var (value, from) = found.GetValueOrDefault(setting.Key, (setting.Default, ""));
        return (setting.IsSecret && value.Length > 0 ? Hidden : value, from);
    }

    /// <summary>Stands for a secret.</summary>
    public const string Hidden = "***";

    private static IEnumerable<string> Said(Option option, IReadOnlyList<string> values) =>
        option.Arity.MaximumNumberOfValues > 1 ? values : [string.Join(';', values)];

    private (IReadOnlyList<string> Values, string From)? Find(Setting setting, Dictionary<string, FileSetting> file)
    {
        var (said, elsewhere) = (Variable(setting.Variable), setting.IsSecret ? Variable(setting.Variable + Setting.FileVariable) : null);
        if (said is not null && elsewhere is not null)
            throw new UnusableFileException(CliText.Say("Config.Twice", setting.Variable, setting.Variable + Setting.FileVariable));
        if (said is not null)
            return ([said], setting.Variable);
        if (elsewhere is not null)
            return ([Secret(elsewhere)], setting.Variable + Setting.FileVariable);
        if (file.TryGetValue(setting.Key, out var told))
            return ([.. told.Values.Select(value => setting.From(told.File, value))], $"{told.File}:{told.Line}");
        return setting.IsSecret && file.TryGetValue(setting.Key + Setting.FileKey, out var named)
            ? ([Secret(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(named.File))!, named.Values[0]))], $"{named.File}:{named.Line}") : null;
    }

    private static Dictionary<string, FileSetting> ReadFile(string? path, IReadOnlyList<Setting> settings)
    {
        if (path is null)
            return [];
        var file = path.Replace('\\', '/');
        string[] known = [.. settings.Select(static setting => setting.Key), .. settings.Where(static setting => setting.IsSecret).Select(static setting => setting.Key + Setting.FileKey)];
        var read = SettingsFile.Read(file, TextFile.Read(path), known).ToDictionary(static setting => setting.Key, StringComparer.Ordinal);
        foreach (var setting in settings.Where(setting => setting.IsSecret && read.ContainsKey(setting.Key) && read.ContainsKey(setting.Key + Setting.FileKey)))
            throw new UnusableFileException(CliText.Say("Config.Twice", setting.Key, setting.Key + Setting.FileKey));
        return read;
    }

    // A line end at the end is the editor's.
    private static string Secret(string path) => TextFile.Read(path).TrimEnd('\r', '\n') is { Length: > 0 } secret ? secret : throw new UnusableFileException(CliText.Say("Config.Empty", path));

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
