using System.CommandLine;
using System.Globalization;
using System.Text;
using NodaTime;
using Ringfence.Gate;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People.Import;

/// <summary>The arguments of <c>ringfence import</c>.</summary>
internal static class ImportArguments
{
    private static readonly Argument<string[]> Files = ListArguments.NewFiles("Import.Argument.FILE");
    private static readonly Option<string> Source = new("--source") { HelpName = "KIND" };
    private static readonly Option<string> PassportFile = new("--passport") { HelpName = "FILE" };
    private static readonly Option<string> Purpose = new("--purpose") { HelpName = "offers,..." };
    private static readonly Option<string[]> Suppress = new("--suppress") { HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> Rejected = new("--rejected") { HelpName = "FILE" };
    private static readonly Option<bool> DryRun = new("--dry-run");

    /// <summary>The command with these arguments.</summary>
    public static Command Of(Command command)
    {
        foreach (var option in (Option[])[Source, PassportFile, Purpose, ListArguments.Map, ListArguments.RegionCode, Suppress, ListArguments.Sheet, ListArguments.Encoding, Rejected, DryRun])
        {
            option.Description = CliText.Say("Import.Option." + option.Name.TrimStart('-'));
            command.Options.Add(option);
        }

        command.Arguments.Add(Files);
        return command;
    }

    /// <summary>Whether nothing is to be written.</summary>
    public static bool IsDry(ParseResult parsed) => parsed.GetValue(DryRun);

    /// <summary>Where what can't be read goes; null: nowhere.</summary>
    public static string? RejectedFile(ParseResult parsed) => parsed.GetValue(Rejected);

    /// <summary>Reads what was given, or says on standard error what can't be and what could.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="today">The day of the import.</param>
    /// <param name="options">What the import goes by.</param>
    /// <param name="passport">The passport's file as it is; null: none.</param>
    public static bool TryRead(ParseResult parsed, LocalDate today, out ImportOptions options, out byte[]? passport)
    {
        (options, passport) = (null!, null);
        if (parsed.GetValue(Source) is not { } word)
        {
            Terminal.Error(CliText.Say("Import.NoSource", string.Join(", ", Words<ContactSource>.All)));
            return false;
        }

        if (!Words<ContactSource>.TryParse(word, out var source))
        {
            Terminal.Error(CliText.Say("BadOption", "--source", word) + " " + CliText.Say("BadOption.source", string.Join(", ", Words<ContactSource>.All)));
            return false;
        }

        if (!ListArguments.TryReadRegion(parsed, out var region) || !ListArguments.TryReadMap(parsed, out var map))
            return false;
        string[] purposes = [.. (parsed.GetValue(Purpose) ?? "offers").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (purposes.Length == 0 || Array.Find(purposes, static purpose => !ScopeArguments.IsPurpose(purpose)) is not null)
            return ListArguments.Refuse("--purpose", parsed.GetValue(Purpose)!);
        var suppressions = parsed.GetValue(Suppress) ?? [];
        if (suppressions.Any(string.IsNullOrWhiteSpace))
            return ListArguments.Refuse("--suppress", "");
        if (!TryReadPassport(parsed, out var shown, out passport))
            return false;
        options = new ImportOptions
        {
            // The same list named twice is one list.
            Files = [.. parsed.GetValue(Files)!.Concat(suppressions).DistinctBy(Path.GetFullPath)],
            Suppressions = suppressions.Select(Path.GetFullPath).ToHashSet(),
            AsOf = today,
            Source = source,
            Passport = shown,
            Purposes = purposes,
            Region = region,
            Sheet = parsed.GetValue(ListArguments.Sheet),
            Encoding = parsed.GetValue(ListArguments.Encoding),
            Map = map,
            Language = CultureInfo.CurrentUICulture,
        };
        return true;
    }

    private static bool TryReadPassport(ParseResult parsed, out Passport? passport, out byte[]? bytes)
    {
        (passport, bytes) = (null, null);
        if (parsed.GetValue(PassportFile) is not { } file)
            return true;
        byte[]? kept = null;
        passport = TextFile.Read(file, (name, text) =>
        {
            kept = Encoding.UTF8.GetBytes(text);
            return Passport.Read(name, text);
        });
        bytes = kept;
        return passport is not null;
    }
}
