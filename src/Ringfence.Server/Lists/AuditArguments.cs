using System.CommandLine;
using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Lists;

/// <summary>The arguments of <c>ringfence audit</c>.</summary>
internal static class AuditArguments
{
    // A century without contact is surely inactive; more months than this are a slip of the hand.
    private const int MostMonths = 1200;

    private static readonly Argument<string[]> Files = ListArguments.NewFiles("Audit.Argument.FILE");
    private static readonly Option<string> AsOf = new("--as-of") { HelpName = "DATE" };
    private static readonly Option<string> Controller = new("--controller") { HelpName = "NAME" };
    private static readonly Option<string> ChannelNames = new("--channels") { HelpName = "voice,sms,..." };
    private static readonly Option<string> InactiveAfter = new("--inactive-after") { HelpName = "24m" };
    private static readonly Option<string> Turnover = new("--turnover") { HelpName = "EUR" };
    private static readonly Option<string[]> Suppress = new("--suppress") { HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> Out = new("--out") { HelpName = "DIR" };

    /// <summary>The command with these arguments.</summary>
    public static Command Of(Command command)
    {
        foreach (var option in (Option[])[AsOf, Controller, ChannelNames, ListArguments.Map, ListArguments.RegionCode, InactiveAfter, ListArguments.Sheet, ListArguments.Encoding, Turnover, Suppress, Out])
        {
            option.Description = CliText.Say("Audit.Option." + option.Name.TrimStart('-'));
            command.Options.Add(option);
        }

        command.Arguments.Add(Files);
        return command;
    }

    /// <summary>Reads what was given, or says on standard error what can't be and what could.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="today">The day of the audit, unless another is given.</param>
    /// <param name="options">What the audit goes by.</param>
    public static bool TryRead(ParseResult parsed, LocalDate today, out AuditOptions options)
    {
        options = null!;
        var asOf = today;
        if (parsed.GetValue(AsOf) is { } day)
        {
            var read = LocalDatePattern.Iso.Parse(day);
            if (!read.Success || read.Value.Year is < 1990 or > 2100)
                return ListArguments.Refuse("--as-of", day);
            asOf = read.Value;
        }

        if (!TryReadChannels(parsed.GetValue(ChannelNames), out var channels))
            return false;
        if (!ListArguments.TryReadRegion(parsed, out var region))
            return false;
        if (!TryReadMonths(parsed.GetValue(InactiveAfter) ?? "24m", out var months))
            return ListArguments.Refuse("--inactive-after", parsed.GetValue(InactiveAfter)!);
        if (!ListArguments.TryReadMap(parsed, out var map))
            return false;
        decimal? turnover = null;
        if (parsed.GetValue(Turnover) is { } money)
        {
            if (!Lists.Turnover.TryRead(money, out var amount))
                return ListArguments.Refuse("--turnover", money);
            turnover = amount;
        }

        if (parsed.GetValue(Out) is { } folder && (string.IsNullOrWhiteSpace(folder) || File.Exists(folder)))
            return ListArguments.Refuse("--out", folder);
        var controller = parsed.GetValue(Controller)?.Trim();
        if (controller is { Length: 0 })
            return ListArguments.Refuse("--controller", "");
        var suppressions = parsed.GetValue(Suppress) ?? [];
        if (suppressions.Any(string.IsNullOrWhiteSpace))
            return ListArguments.Refuse("--suppress", "");
        options = new AuditOptions
        {
            // The same list named twice is one list.
            Files = [.. parsed.GetValue(Files)!.Concat(suppressions).DistinctBy(Path.GetFullPath)],
            Suppressions = suppressions.Select(Path.GetFullPath).ToHashSet(),
            Out = parsed.GetValue(Out) ?? "audit-report",
            AsOf = asOf,
            Controller = controller,
            Turnover = turnover,
            Channels = channels,
            Region = region,
            InactiveAfterMonths = months,
            Sheet = parsed.GetValue(ListArguments.Sheet),
            Encoding = parsed.GetValue(ListArguments.Encoding),
            Map = map,
            Language = CultureInfo.CurrentUICulture,
        };
        return true;
    }

    private static bool TryReadChannels(string? names, out IReadOnlyList<Channel> channels)
    {
        channels = [Channel.Voice, Channel.VoiceAuto, Channel.Sms, Channel.Whatsapp, Channel.Email];
        if (names is null)
            return true;
        var set = ChannelSet.None;
        foreach (var name in names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Channels.TryParse(name, out var channel))
                return ListArguments.Refuse("--channels", name);
            set |= channel.Only();
        }

        channels = [.. Channels.All.Where(c => set.Has(c))];
        return set != ChannelSet.None || ListArguments.Refuse("--channels", names);
    }

    private static bool TryReadMonths(string text, out int months)
    {
        var unit = text.Length > 1 ? char.ToLowerInvariant(text[^1]) : ' ';
        var digits = char.IsAsciiDigit(unit) ? text : text[..Math.Max(0, text.Length - 1)];
        months = 0;
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || (unit is not ('m' or 'y') && !char.IsAsciiDigit(unit)))
            return false;
        months = (int)Math.Min(int.MaxValue, unit == 'y' ? count * 12L : count);
        return months is > 0 and <= MostMonths;
    }
}
