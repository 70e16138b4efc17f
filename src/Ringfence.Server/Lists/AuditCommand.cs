using System.Buffers;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Reading;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Lists;

/// <summary><c>ringfence audit</c>.</summary>
internal static class AuditCommand
{
    // A century without contact is surely inactive; more months than this are a slip of the hand.
    private const int MostMonths = 1200;

    private static readonly SearchValues<char> InFieldWords = SearchValues.Create("abcdefghijklmnopqrstuvwxyz-. ");

    private static readonly Argument<string[]> Files = new("FILE") { Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> AsOf = new("--as-of") { HelpName = "DATE" };
    private static readonly Option<string> Controller = new("--controller") { HelpName = "NAME" };
    private static readonly Option<string> ChannelNames = new("--channels") { HelpName = "voice,sms,..." };
    private static readonly Option<string[]> Map = new("--map") { HelpName = "field=Header,..." };
    private static readonly Option<string> RegionCode = new("--region") { HelpName = "XX" };
    private static readonly Option<string> InactiveAfter = new("--inactive-after") { HelpName = "24m" };
    private static readonly Option<string> Sheet = new("--sheet") { HelpName = "NAME" };
    private static readonly Option<string> Encoding = new("--encoding") { HelpName = "NAME" };
    private static readonly Option<string> Turnover = new("--turnover") { HelpName = "EUR" };
    private static readonly Option<string> Out = new("--out") { HelpName = "DIR" };

    /// <summary>The command.</summary>
    public static Command Create(TimeProvider time)
    {
        var command = new Command("audit", CliText.Say("Audit.Description"))
        {
            Files, AsOf, Controller, ChannelNames, Map, RegionCode, InactiveAfter, Sheet, Encoding, Turnover, Out,
        };
        foreach (var option in command.Options)
            option.Description = CliText.Say("Audit.Option." + option.Name.TrimStart('-'));
        Files.Description = CliText.Say("Audit.Argument.FILE");
        // A slip in an option's name would otherwise be looked for as a file.
        Files.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens.Where(static t => t.Value.StartsWith('-') && !File.Exists(t.Value)))
                result.AddError(CliText.Say("NoOption", token.Value));
        });
        // On a thread of its own: the command line listens to Ctrl-C only once the action has given the first one back.
        command.SetAction((parsed, cancel) => Task.Run(() => RunAsync(parsed, time, cancel), CancellationToken.None));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, TimeProvider time, CancellationToken cancel)
    {
        if (!TryReadOptions(parsed, time, out var options))
            return Exit.Unusable;
        var quiet = parsed.GetValue(Terminal.Quiet);
        try
        {
            return await AuditAsync(options, parsed.GetValue(Terminal.Json), quiet, cancel);
        }
        catch (UnreadableListException e)
        {
            var why = CliText.SayOr("Unreadable." + e.Code, "Unreadable.not-a-list", [.. e.Arguments]);
            Terminal.Error(e.File is null ? why : CliText.Say("Unreadable.In", e.File, why));
            return Exit.Unusable;
        }
        catch (ColumnMapException e)
        {
            Terminal.Error(CliText.Say("Map." + e.Code, e.Word, string.Join(", ", e.Known)));
            return Exit.Unusable;
        }
        catch (OperationCanceledException)
        {
            Terminal.Error(CliText.Say("Stopped"));
            return Exit.Stopped;
        }
        catch (OutFolderException e)
        {
            Terminal.Error(CliText.Say("Out." + e.Code, options.Out, e.Name));
            return e.Code is "not-ours" or "holds-list" ? Exit.Unusable : Exit.NotReady;
        }
        catch (UnauthorizedAccessException)
        {
            Terminal.Error(CliText.Say("NoAccess", options.Out));
            return Exit.NotReady;
        }
        catch (IOException e)
        {
            Terminal.Error(DiskFull.Is(e) ? CliText.Say("DiskFull", options.Out) : CliText.Say("Io", options.Out, e.Message));
            return Exit.NotReady;
        }
    }

    private static async Task<int> AuditAsync(AuditOptions options, bool json, bool quiet, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        using var folder = new OutFolder(options.Out);
        folder.Spare(options.Files);
        var showsProgress = !quiet && !Console.IsErrorRedirected;
        var progress = new ProgressBar(
            showsProgress ? Console.Error : null, (rows, rate, left) => CliText.Say("Progress", rows, rate, left), showsProgress ? Terminal.Width : 0);
        var stamps = new ListStamps(options.Files);
        AuditReport report;
        try
        {
            report = Audit.Run(options, folder, new NextSteps(NextStepTexts.For, options.Language), progress, cancel);
        }
        catch (Exception e) when (e is not (OperationCanceledException or UnreadableListException) && stamps.Changed() is not null)
        {
            // Two readings that disagree break what the audit rests on, anywhere.
            throw UnreadableListException.Changed(stamps.Changed()!);
        }
        finally
        {
            progress.End();
        }

        if (stamps.Changed() is { } changed)
            throw UnreadableListException.Changed(changed);
        report = report with { Seconds = Math.Round(watch.Elapsed.TotalSeconds, 2) };
        await using (var stream = folder.Create("audit.json"))
            ReportJson.Write(report, stream);
        await using (var stream = new StreamWriter(folder.Create("report.html")))
            await ReportPage.WriteAsync(report, stream, options.Language);
        cancel.ThrowIfCancellationRequested();
        folder.Complete();
        if (json)
        {
            await using var output = Console.OpenStandardOutput();
            ReportJson.Write(report, output);
        }
        else
        {
            if (!quiet)
                AuditSummary.Write(report, Console.Out, options.Language, Terminal.Width, Terminal.Colour);
            Console.Out.WriteLine(CliText.Say("Audit.Written", ReportLanguage.Visible(Path.Combine(options.Out, "report.html"))));
        }

        return report.RejectedLines > 0 ? Exit.Rejected : Exit.Done;
    }

    private static bool TryReadOptions(ParseResult parsed, TimeProvider time, out AuditOptions options)
    {
        options = null!;
        var today = LocalDate.FromDateTime(time.GetLocalNow().DateTime);
        var asOf = today;
        if (parsed.GetValue(AsOf) is { } day)
        {
            var read = LocalDatePattern.Iso.Parse(day);
            if (!read.Success || read.Value.Year is < 1990 or > 2100)
                return Refuse("--as-of", day);
            asOf = read.Value;
        }

        if (!TryReadChannels(parsed.GetValue(ChannelNames), out var channels))
            return false;
        var region = Region.None;
        if (parsed.GetValue(RegionCode) is { } code)
        {
            region = Region.Of(code);
            if (region.IsNone || People.Places.Country(code) != region)
                return Refuse("--region", code);
        }

        if (!TryReadMonths(parsed.GetValue(InactiveAfter) ?? "24m", out var months))
            return Refuse("--inactive-after", parsed.GetValue(InactiveAfter)!);
        var map = new List<KeyValuePair<string, string>>();
        foreach (var pair in (parsed.GetValue(Map) ?? []).SelectMany(SplitMap))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == pair.Length - 1)
                return Refuse("--map", pair);
            map.Add(new(pair[..at].Trim(), pair[(at + 1)..].Trim()));
        }

        decimal? turnover = null;
        if (parsed.GetValue(Turnover) is { } money)
        {
            if (!Lists.Turnover.TryRead(money, out var amount))
                return Refuse("--turnover", money);
            turnover = amount;
        }

        if (parsed.GetValue(Out) is { } folder && string.IsNullOrWhiteSpace(folder))
            return Refuse("--out", folder);
        var controller = parsed.GetValue(Controller)?.Trim();
        if (controller is { Length: 0 })
            return Refuse("--controller", "");
        var folder = parsed.GetValue(Out) ?? "audit-report";
        if (folder.Length == 0 || File.Exists(folder))
            return Refuse("--out", folder);
        options = new AuditOptions
        {
            Files = parsed.GetValue(Files)!,
            Out = folder,
            AsOf = asOf,
            Controller = controller,
            Turnover = turnover,
            Channels = channels,
            Region = region,
            InactiveAfterMonths = months,
            Sheet = parsed.GetValue(Sheet),
            Encoding = parsed.GetValue(Encoding),
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
                return Refuse("--channels", name);
            set |= channel.Only();
        }

        channels = [.. Channels.All.Where(c => set.Has(c))];
        return set != ChannelSet.None || Refuse("--channels", names);
    }

    // A comma ends a pair only where another field and = follow: headers may hold commas.
    private static IEnumerable<string> SplitMap(string map)
    {
        var begin = 0;
        for (var at = 0; at < map.Length; at++)
        {
            if (map[at] != ',')
                continue;
            var rest = map.AsSpan(at + 1);
            var equals = rest.IndexOf('=');
            if (equals < 1 || rest[..equals].ContainsAnyExcept(InFieldWords))
                continue;
            yield return map[begin..at];
            begin = at + 1;
        }

        yield return map[begin..];
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

    private static bool Refuse(string option, string value)
    {
        Terminal.Error(CliText.Say("BadOption", option, value) + " " + CliText.Say("BadOption." + option.TrimStart('-')));
        return false;
    }
}
