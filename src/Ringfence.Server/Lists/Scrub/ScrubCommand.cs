using System.CommandLine;
using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Lists;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Reading;
using Ringfence.Server.Rules;
using Ringfence.Server.Suppression;
using Ringfence.Server.Suppression.Registers;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Lists.Scrub;

/// <summary><c>ringfence scrub</c>: a list in, the same list with a verdict behind every row out.</summary>
internal sealed class ScrubCommand
{
    private readonly Argument<string> list = new("FILE") { Description = CliText.Say("Scrub.Argument.FILE") };
    private readonly Option<string?> channel = New("--channel", "voice|sms|...");
    private readonly Option<string?> purpose = New("--purpose", "WORD");
    private readonly Option<string?> technique = New("--technique", "WORD");
    private readonly Option<string?> at = New("--at", "INSTANT");
    private readonly Option<string?> fact = New("--fact", "FILE");
    private readonly Option<string[]> register = new("--register") { HelpName = "NAME=FILE", Arity = ArgumentArity.OneOrMore, Description = CliText.Say("Scrub.Option.register") };
    private readonly Option<string[]> suppress = new("--suppress") { HelpName = "FILE", Arity = ArgumentArity.OneOrMore, Description = CliText.Say("Scrub.Option.suppress") };
    private readonly Option<string?> target = New("--out", "FILE");
    private readonly Option<bool> resume = new("--resume") { Description = CliText.Say("Scrub.Option.resume") };
    private readonly Option<string?> rules = RuleFolder.NewOption();
    private readonly Option<string?> house = HouseFile.NewOption();

    private ScrubCommand()
    {
    }

    /// <summary>The command.</summary>
    public static Command Create(TimeProvider time)
    {
        var scrub = new ScrubCommand();
        ListArguments.Sheet.Description ??= CliText.Say("Audit.Option.sheet");
        ListArguments.Encoding.Description ??= CliText.Say("Audit.Option.encoding");
        ListArguments.Map.Description ??= CliText.Say("Audit.Option.map");
        ListArguments.RegionCode.Description ??= CliText.Say("Audit.Option.region");
        var command = new Command("scrub", CliText.Say("Scrub.Description"))
        {
            scrub.list, scrub.channel, scrub.purpose, scrub.technique, scrub.at, scrub.fact, scrub.register, scrub.suppress, scrub.target, scrub.resume, scrub.rules, scrub.house,
            ListArguments.Map, ListArguments.RegionCode, ListArguments.Sheet, ListArguments.Encoding,
        }.OnLedger();
        // On a thread of its own: the command line listens to Ctrl-C only once the action has given the first one back.
        command.SetAction((parsed, cancel) => Task.Run(() => scrub.RunAsync(parsed, time, cancel), CancellationToken.None));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, TimeProvider time, CancellationToken cancel)
    {
        if (!StoreArguments.HoldsStore(parsed, out var isNamed))
        {
            if (isNamed)
            {
                Terminal.Error(CliText.Say("Scrub.NoStore"));
                return Exit.NotReady;
            }

            return await StoreArguments.GuardAsync(() => Task.FromResult(Guarded(parsed, time, null, null, cancel)));
        }

        return await StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            return Guarded(parsed, time, ledger.Controller, await LedgerScreen.ReadAsync(installation, ledger, stop), stop);
        }, cancel);
    }

    private int Guarded(ParseResult parsed, TimeProvider time, string? controller, LedgerScreen? ledger, CancellationToken cancel) => RegisterCliCommand.Guard(() =>
    {
        if (Read(parsed, time, controller, ledger is not null) is not { } options)
            return Exit.Unusable;
        var shows = !parsed.GetValue(Terminal.Quiet) && !Console.IsErrorRedirected;
        var progress = new ProgressBar(shows ? Console.Error : null, static (rows, rate, left) => CliText.Say("Progress", rows, rate, left), shows ? Terminal.Width : 0);
        ScrubOutcome outcome;
        try
        {
            outcome = ScrubRun.Run(options, ledger, progress, cancel);
        }
        catch (OperationCanceledException) when (options.Resume)
        {
            progress.End();
            Terminal.Error(CliText.Say("Scrub.Kept"));
            return Exit.Stopped;
        }
        finally
        {
            progress.End();
        }

        if (parsed.GetValue(Terminal.Json))
            Console.Out.WriteLine(ScrubSummary.Json(options, outcome));
        else
            ScrubSummary.Write(options, outcome, TextSheet.On(Console.Out), parsed.GetValue(Terminal.Quiet));
        return outcome.Unreadable > 0 || outcome.LostRefusals > 0 ? Exit.Rejected : Exit.Done;
    });

    private ScrubOptions? Read(ParseResult parsed, TimeProvider time, string? ledgerOf, bool hasLedger)
    {
        if (!ListArguments.TryReadRegion(parsed, out var region) || !ListArguments.TryReadMap(parsed, out var map))
            return null;
        // A letter is no call: what is found by its number is asked about.
        if (!Channels.TryParse(parsed.GetValue(channel) ?? "", out var by) || !ChannelSet.Phone.Has(by))
            return Refuse("--channel", parsed.GetValue(channel));
        if (parsed.GetValue(purpose) is not { } what || !ScopeArguments.IsPurpose(what))
            return Refuse("--purpose", parsed.GetValue(purpose));
        Technique? how = null;
        if (parsed.GetValue(technique) is { } word)
        {
            if (!Words<Technique>.TryParse(word, out var known))
                return Refuse("--technique", word, string.Join(", ", Words<Technique>.All));
            how = known;
        }

        if (parsed.GetValue(target) is not { Length: > 0 } path || Directory.Exists(path))
            return Refuse("--out", parsed.GetValue(target));
        if ((ledgerOf ?? StoreArguments.ControllerOf(parsed)) is not { } controller)
            return Refuse("--controller", null);
        var suppressions = parsed.GetValue(suppress);
        string[] sources = [parsed.GetValue(list)!, .. suppressions ?? []];
        if (Array.Exists(sources, source => Path.GetFullPath(source) == Path.GetFullPath(path)))
            return Refuse("--out", path);
        if (Registers(parsed) is not { } registers)
            return null;

        Instant when;
        try
        {
            // All rows are judged at one instant, also those that an earlier run did not come to.
            when = KnownContactOptions.InstantOf(parsed.GetValue(at) ?? (parsed.GetValue(resume) ? ScrubFile.InstantOf(path) : null), time);
        }
        catch (CommandRefusedException)
        {
            return Refuse("--at", parsed.GetValue(at));
        }

        var facts = parsed.GetValue(fact);
        var stated = facts is null ? null : TextFile.Read(facts);
        return new ScrubOptions
        {
            Files = [parsed.GetValue(list)!],
            AsOf = when.InUtc().Date,
            Region = region,
            Map = map,
            Sheet = parsed.GetValue(ListArguments.Sheet),
            Encoding = parsed.GetValue(ListArguments.Encoding),
            Controller = controller,
            Asked = AskedFile.Read(new ContactQuestion(when, controller, by, what, how), facts?.Replace('\\', '/') ?? "", stated, hasLedger: hasLedger),
            AskedAs = string.Join('\n', controller, by.Word(), what, how?.ToString(), hasLedger, stated),
            Gate = DecideCommand.GateOf(parsed.GetValue(rules), parsed.GetValue(house)),
            Registers = registers,
            SuppressionLists = suppressions is { Length: > 0 } ? suppressions : null,
            Out = path,
            Resume = parsed.GetValue(resume),
        };
    }

    // Those named, and those that the installation keeps; a register under the name of another would be asked in its place.
    private List<RegisterImage>? Registers(ParseResult parsed)
    {
        var named = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var folder = Path.Combine(StoreArguments.DataOf(parsed), "registers");
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + RegisterFile.Extension) : [])
            named[Path.GetFileNameWithoutExtension(file)] = file;
        foreach (var pair in parsed.GetValue(register) ?? [])
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !RegisterFacts.IsName(pair[..equals]) || equals == pair.Length - 1)
            {
                Refuse("--register", pair);
                return null;
            }

            named[pair[..equals]] = pair[(equals + 1)..];
        }

        if (named.Count > ScrubRow.MostRegisters)
        {
            Refuse("--register", named.Count.ToString(CultureInfo.InvariantCulture));
            return null;
        }

        var images = new List<RegisterImage>();
        foreach (var (name, file) in named)
        {
            RegisterImage image;
            try
            {
                image = RegisterFile.Open(file);
            }
            catch (RegisterDamagedException e)
            {
                Terminal.Error(CliText.Say("Scrub.Register", name, file, CliText.Say("Register.Fault." + e.Code)));
                return null;
            }

            if (image.Facts.Name != name)
            {
                Terminal.Error(CliText.Say("Scrub.OtherRegister", file, image.Facts.Name, name));
                return null;
            }

            images.Add(image);
        }

        return images;
    }

    private static ScrubOptions? Refuse(string option, string? value, string known = "")
    {
        var key = "Scrub.BadOption." + option.TrimStart('-');
        Terminal.Error((value is null ? CliText.Say("Scrub.Wanted", option) : CliText.Say("BadOption", option, value)) + " " + CliText.Say(key, known));
        return null;
    }

    private static Option<string?> New(string option, string help) => new(option) { HelpName = help, Description = CliText.Say("Scrub.Option." + option.TrimStart('-')) };
}
