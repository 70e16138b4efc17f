using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists;
using Ringfence.Server.Lists.Reading;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary><c>ringfence register</c>: external do-not-call registers as files that are fast to ask.</summary>
internal static class RegisterCliCommand
{
    /// <summary>The layouts of files, by their words.</summary>
    public static IReadOnlyList<(string Word, RegisterFormat Format)> Formats { get; } =
    [
        ("us-dnc", RegisterFormat.UsDnc), ("gb-tps", RegisterFormat.GbTps), ("ca-dncl", RegisterFormat.CaDncl), ("plain", RegisterFormat.Plain), ("csv", RegisterFormat.Csv),
    ];

    /// <summary>The command with those under it.</summary>
    public static Command Create(TimeProvider time) => new("register", CliText.Say("Register.Description")) { Build(time), Update(time), Info(time) };

    private static Command Build(TimeProvider time)
    {
        var name = NewName();
        var files = ListArguments.NewFiles("Register.Argument.FILE");
        var options = new Options();
        var command = options.AddTo(new Command("build", CliText.Say("Register.Build.Description")) { name, files });
        command.SetAction((parsed, cancel) => Task.Run(
            () => GuardOrder(parsed, time, options, parsed.GetValue(name)!, parsed.GetValue(files)!, build => build.Build(parsed.GetValue(files)!), cancel), CancellationToken.None));
        return command;
    }

    private static Command Update(TimeProvider time)
    {
        var name = NewName();
        var add = NewFiles("--add");
        var remove = NewFiles("--remove");
        var changes = NewFiles("--changes");
        var options = new Options();
        var command = options.AddTo(new Command("update", CliText.Say("Register.Update.Description")) { name, add, remove, changes });
        command.Validators.Add(result =>
        {
            if (result.GetValue(add) is not { Length: > 0 } && result.GetValue(remove) is not { Length: > 0 } && result.GetValue(changes) is not { Length: > 0 })
                result.AddError(CliText.Say("Register.Update.Nothing"));
        });
        command.SetAction((parsed, cancel) => Task.Run(
            () =>
            {
                var (added, removed, changed) = (parsed.GetValue(add) ?? [], parsed.GetValue(remove) ?? [], parsed.GetValue(changes) ?? []);
                return GuardOrder(parsed, time, options, parsed.GetValue(name)!, [.. added, .. removed, .. changed], build => build.Update(added, removed, changed), cancel);
            },
            CancellationToken.None));
        return command;
    }

    private static Command Info(TimeProvider time)
    {
        var which = new Argument<string>("FILE|NAME") { Description = CliText.Say("Register.Argument.WHICH") };
        var command = new Command("info", CliText.Say("Register.Info.Description")) { which }.WithData();
        command.SetAction(parsed => Guard(() =>
        {
            var asked = parsed.GetValue(which)!;
            var path = File.Exists(asked) || !RegisterFacts.IsName(asked) ? asked : RegisterFile.PathOf(StoreArguments.DataOf(parsed), asked);
            var image = RegisterFile.Open(path);
            var today = LocalDate.FromDateTime(time.GetUtcNow().UtcDateTime);
            Tell(parsed, path, new RegisterOutcome(image.Facts, new FileInfo(path).Length, 0, [], 0), Period.DaysBetween(image.Facts.AsOf, today));
            return Exit.Done;
        }));
        return command;
    }

    private static int GuardOrder(
        ParseResult parsed, TimeProvider time, Options options, string name, string[] files, Func<RegisterBuild, RegisterOutcome> work, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (!options.TryRead(parsed, name, now, out var order))
            return Exit.Unusable;
        var shows = !parsed.GetValue(Terminal.Quiet) && !Console.IsErrorRedirected;
        var progress = new ProgressBar(shows ? Console.Error : null, static (rows, rate, left) => CliText.Say("Register.Progress", rows, rate, left), shows ? Terminal.Width : 0);
        return Guard(() =>
        {
            progress.Begin(files.Sum(static file => File.Exists(file) ? new FileInfo(file).Length : 0));
            RegisterOutcome outcome;
            try
            {
                outcome = work(new RegisterBuild(order, progress.Step, cancel));
            }
            finally
            {
                progress.End();
            }

            foreach (var line in outcome.Damaged)
                Terminal.Error(CliText.Say("Register.Damaged", line.File, line.Line, CliText.SayOr("Register.Line." + line.Code, "Register.Line.not-an-entry")));
            if (outcome.DamagedCount > outcome.Damaged.Count)
                Terminal.Error(CliText.Say("Register.DamagedMore", outcome.DamagedCount - outcome.Damaged.Count));
            if (outcome.Facts is null)
            {
                Terminal.Error(CliText.Say("Register.NotBuilt", outcome.DamagedCount));
                return Exit.Unusable;
            }

            Tell(parsed, order.Out, outcome, null);
            return outcome.DamagedCount > 0 ? Exit.Rejected : Exit.Done;
        });
    }

    /// <summary>Does something with register files; tells what went wrong and gives the exit code for it.</summary>
    public static int Guard(Func<int> work)
    {
        try
        {
            return work();
        }
        catch (OperationCanceledException)
        {
            Terminal.Error(CliText.Say("Stopped"));
            return Exit.Stopped;
        }
        catch (Exception e) when (RegisterFaults.Of(e) is not null)
        {
            Terminal.Error(RegisterFaults.Of(e)!);
            return Exit.Unusable;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Error(e is IOException io && DiskFull.Is(io) ? CliText.Say("Register.DiskFull") : CliText.Say("ReadWrite", e.Message));
            return Exit.NotReady;
        }
    }

    private static void Tell(ParseResult parsed, string path, RegisterOutcome outcome, int? age)
    {
        var facts = outcome.Facts!;
        if (parsed.GetValue(Terminal.Json))
        {
            Console.Out.WriteLine(CliJson.Write(json => Write(json, path, outcome, age)));
            return;
        }

        if (parsed.GetValue(Terminal.Quiet))
            return;
        var sheet = TextSheet.On(Console.Out);
        const int room = 16;
        void Row(string key, string text) => sheet.Row(CliText.Say("Register.Fact." + key), text, 0, room);
        Row("name", facts.Name);
        Row("version", facts.Version.ToString(CultureInfo.InvariantCulture));
        Row("as-of", LocalDatePattern.Iso.Format(facts.AsOf) + (age is { } days ? "  " + CliText.Say("Register.Age", days) : ""));
        Row("numbers", facts.Count.ToString("N0", CultureInfo.InvariantCulture));
        Row("covers", facts.Covers.IsEverything ? CliText.Say("Register.Everything") : string.Join(' ', facts.Covers.Beginnings.Select(static one => "+" + one)));
        Row("format", WordOf(facts.Format));
        Row("built", InstantPattern.ExtendedIso.Format(facts.BuiltAt));
        Row("digest", facts.Digest);
        Row("source", facts.SourceDigest);
        Row("file", $"{path}  {outcome.Bytes.ToString("N0", CultureInfo.InvariantCulture)} B");
        if (outcome.Added + outcome.Removed + outcome.NotThere > 0)
            Row("changes", CliText.Say("Register.Changed", outcome.Added, outcome.Removed, outcome.NotThere));
        if (outcome.DamagedCount > 0)
            Row("damaged", outcome.DamagedCount.ToString("N0", CultureInfo.InvariantCulture));
    }

    private static void Write(Utf8JsonWriter json, string path, RegisterOutcome outcome, int? age)
    {
        json.WriteStartObject();
        RegisterJson.WriteFacts(json, outcome.Facts!);
        json.WriteString("format", WordOf(outcome.Facts!.Format));
        json.WriteString("file", path);
        json.WriteNumber("bytes", outcome.Bytes);
        if (age is { } days)
        {
            json.WriteNumber("ageDays", days);
        }
        else
        {
            json.WriteNumber("read", outcome.Read);
            json.WriteNumber("damagedLines", outcome.DamagedCount);
            json.WriteNumber("added", outcome.Added);
            json.WriteNumber("removed", outcome.Removed);
            json.WriteNumber("notThere", outcome.NotThere);
        }

        json.WriteEndObject();
    }

    /// <summary>The word of a layout.</summary>
    public static string WordOf(RegisterFormat format) => Formats.First(one => one.Format == format).Word;

    private static Argument<string> NewName()
    {
        var name = new Argument<string>("NAME") { Description = CliText.Say("Register.Argument.NAME") };
        name.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !RegisterFacts.IsName(result.Tokens[0].Value))
                result.AddError(CliText.Say("Register.BadName", result.Tokens[0].Value));
        });
        return name;
    }

    private static Option<string[]> NewFiles(string option) =>
        new(option) { HelpName = "FILE", Arity = ArgumentArity.OneOrMore, Description = CliText.Say("Register.Option." + option.TrimStart('-')) };

    /// <summary>The options of building and updating.</summary>
    private sealed class Options
    {
        private readonly Option<string?> format = New("--format", "us-dnc|gb-tps|ca-dncl|plain|csv");
        private readonly Option<string?> asOf = New("--as-of", "DATE");
        private readonly Option<string?> covers = New("--covers", "1212,1202,...|all");
        private readonly Option<string?> target = New("--out", "FILE");
        private readonly Option<bool> skipDamaged = new("--skip-damaged") { Description = CliText.Say("Register.Option.skip-damaged") };

        public Command AddTo(Command command)
        {
            foreach (var option in (ReadOnlySpan<Option>)[format, asOf, covers, skipDamaged, target])
                command.Options.Add(option);
            ListArguments.RegionCode.Description = ListArguments.RegionCode.Description ?? CliText.Say("Register.Option.region");
            ListArguments.Map.Description = ListArguments.Map.Description ?? CliText.Say("Register.Option.map");
            command.Options.Add(ListArguments.RegionCode);
            command.Options.Add(ListArguments.Map);
            return command.WithData();
        }

        /// <summary>Reads what was given, or says on standard error what can't be and what could.</summary>
        public bool TryRead(ParseResult parsed, string name, DateTimeOffset now, out RegisterOrder order)
        {
            order = null!;
            if (!ListArguments.TryReadRegion(parsed, out var region) || !ListArguments.TryReadMap(parsed, out var map))
                return false;
            if (parsed.GetValue(asOf) is not { } day)
            {
                Terminal.Error(CliText.Say("Register.NoDay"));
                return false;
            }

            // The clock of the operator may be half a day ahead of ours.
            var read = LocalDatePattern.Iso.Parse(day);
            if (!read.Success || read.Value.Year < 1990 || read.Value > LocalDate.FromDateTime(now.UtcDateTime).PlusDays(1))
                return Refuse("--as-of", day);
            var layout = RegisterFormat.Plain;
            if (parsed.GetValue(format) is { } word)
            {
                if (!Formats.Any(one => one.Word == word))
                    return Refuse("--format", word);
                layout = Formats.First(one => one.Word == word).Format;
            }

            RegisterCoverage? spoken = null;
            if (parsed.GetValue(covers) is { } beginnings)
            {
                string[] all = beginnings == "all" ? [] : [.. beginnings.Split(',', StringSplitOptions.TrimEntries).Select(static one => one.TrimStart('+'))];
                if (all.Length > RegisterCoverage.Most || Array.Exists(all, static one => !RegisterCoverage.IsBeginning(one)))
                    return Refuse("--covers", beginnings);
                spoken = RegisterCoverage.Of(all);
            }

            order = new RegisterOrder
            {
                Name = name,
                Out = parsed.GetValue(target) ?? RegisterFile.PathOf(StoreArguments.DataOf(parsed), name),
                AsOf = read.Value,
                // Whole microseconds, as everywhere.
                Now = Instant.FromUnixTimeTicks(Instant.FromDateTimeOffset(now).ToUnixTimeTicks() / 10 * 10),
                Format = layout,
                Covers = spoken,
                SkipDamaged = parsed.GetValue(skipDamaged),
                Region = region,
                Map = map,
            };
            return true;
        }

        private static bool Refuse(string option, string value)
        {
            Terminal.Error(CliText.Say("BadOption", option, value) + " " + CliText.Say("Register.BadOption." + option.TrimStart('-')));
            return false;
        }

        private static Option<string?> New(string option, string help) => new(option) { HelpName = help, Description = CliText.Say("Register.Option." + option.TrimStart('-')) };
    }
}

/// <summary>What a copy of a register says of itself, for programs.</summary>
internal static class RegisterJson
{
    public static void WriteFacts(Utf8JsonWriter json, RegisterFacts facts)
    {
        json.WriteString("name", facts.Name);
        json.WriteNumber("version", facts.Version);
        json.WriteString("asOf", LocalDatePattern.Iso.Format(facts.AsOf));
        json.WriteNumber("numbers", facts.Count);
        json.WriteStartArray("covers");
        foreach (var beginning in facts.Covers.Beginnings)
            json.WriteStringValue(beginning);
        json.WriteEndArray();
        json.WriteString("builtAt", InstantPattern.ExtendedIso.Format(facts.BuiltAt));
        json.WriteString("digest", "sha256:" + facts.Digest);
        json.WriteString("source", "sha256:" + facts.SourceDigest);
    }
}
