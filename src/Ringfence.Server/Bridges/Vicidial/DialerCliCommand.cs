using System.CommandLine;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Reading;
using Ringfence.Server.Suppression.Registers;

namespace Ringfence.Server.Bridges.Vicidial;

/// <summary><c>ringfence dialer</c>: what a VICIdial server loads, what it gives out, and telling it who said no.</summary>
internal static class DialerCliCommand
{
    public static Command Create(TimeProvider time) => new("dialer", CliText.Say("Dialer.Description")) { List(time), Refusals(time), Push() };

    // An answered list in; leads, who was held back, and who refused for good out.
    private static Command List(TimeProvider time)
    {
        var file = new Argument<string>("FILE") { Description = CliText.Say("Dialer.Argument.answered") };
        var id = new Option<string>("--list-id") { HelpName = "N", Required = true, Description = CliText.Say("Dialer.Option.list-id") };
        var leads = Out("--out", required: true);
        var held = Out("--held");
        var dnc = Out("--dnc");
        id.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && (result.Tokens[0].Value is not { Length: >= 3 and <= 12 } value || !value.All(char.IsAsciiDigit)))
                result.AddError(CliText.Say("BadOption", "--list-id", result.Tokens[0].Value));
        });
        var command = new Command("list", CliText.Say("Dialer.List.Description")) { file, id, leads, held, dnc };
        command.SetAction((parsed, cancel) => Task.Run(() => RegisterCliCommand.Guard(() =>
        {
            var path = parsed.GetValue(file)!;
            string?[] outs = [parsed.GetValue(leads), parsed.GetValue(held), parsed.GetValue(dnc)];
            var places = outs.OfType<string>().Append(path).Select(Path.GetFullPath).ToList();
            if (places.Distinct().Count() != places.Count)
                return Refuse("Dialer.SamePlace");
            using var list = AnsweredList.Open(path);
            if (list is null)
                return Refuse("Dialer.NotAnswered", path);
            var count = DialList.Write(list, parsed.GetValue(id)!, NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow()), outs[0]!, outs[1], outs[2], cancel);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteNumber("rows", count.Rows);
                    json.WriteNumber("leads", count.Leads);
                    json.WriteNumber("held", count.Held);
                    json.WriteNumber("refused", count.Refused);
                    json.WriteEndObject();
                }));
            }
            else if (!parsed.GetValue(Terminal.Quiet))
            {
                Console.Out.WriteLine(CliText.Say("Dialer.Listed", count.Rows, count.Leads, count.Held, count.Refused));
            }

            return Exit.Done;
        }), CancellationToken.None));
        return command;
    }

    // What the dialler knows of refusals in; records of the ledger out.
    private static Command Refusals(TimeProvider time)
    {
        var file = new Argument<string>("FILE") { Description = CliText.Say("Dialer.Argument.refusals") };
        var statuses = new Option<string?>("--statuses") { HelpName = "DNC,...", Description = CliText.Say("Dialer.Option.statuses", string.Join(',', VicidialRefusals.Statuses)) };
        var command = new Command("refusals", CliText.Say("Dialer.Refusals.Description")) { file, statuses }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, (installation, stop) => GuardAsync(async () =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            string[] said = parsed.GetValue(statuses)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } named ? named : [.. VicidialRefusals.Statuses];
            var refusals = VicidialRefusals.Read(parsed.GetValue(file)!, StoreArguments.RegionOf(parsed), said);
            var (written, known, lost) = await RefusalTaking.TakeAsync(installation, ledger, StoreArguments.Actor(parsed), refusals, stop);
            Tell(parsed, written, known, lost);
            return lost.Count > 0 ? Exit.Rejected : Exit.Done;
        }), cancel));
        return command;
    }

    // Numbers in; the dialler's own list of those who are never to be called grows.
    private static Command Push()
    {
        var file = new Argument<string>("FILE") { Description = CliText.Say("Dialer.Argument.numbers") };
        var server = new Option<string>("--server") { HelpName = "URL", Required = true, Description = CliText.Say("Dialer.Option.server", VicidialServer.AccountVariable) };
        var campaign = new Option<string>("--campaign") { HelpName = "ID", Description = CliText.Say("Dialer.Option.campaign", VicidialServer.WholeServer), DefaultValueFactory = static _ => VicidialServer.WholeServer };
        var command = new Command("push", CliText.Say("Dialer.Push.Description")) { file, server, campaign };
        command.SetAction((parsed, cancel) => GuardAsync(async () =>
        {
            if (!VicidialServer.IsUsable(parsed.GetValue(server)!, out var address))
                return Refuse("BadOption", "--server", parsed.GetValue(server)!);
            if (!VicidialServer.IsCampaign(parsed.GetValue(campaign)!))
                return Refuse("BadOption", "--campaign", parsed.GetValue(campaign)!);
            if (Environment.GetEnvironmentVariable(VicidialServer.AccountVariable)?.Split(':', 2) is not [{ Length: > 0 } user, { Length: > 0 } password])
                return Refuse("Dialer.NoAccount", VicidialServer.AccountVariable);
            using var told = new VicidialServer(address, user, password, parsed.GetValue(campaign)!);
            var (added, known, line) = (0L, 0L, 0L);
            var lost = new List<long>();
            foreach (var number in File.ReadLines(parsed.GetValue(file)!))
            {
                line++;
                if (number.Trim() is not { Length: > 0 } digits)
                    continue;
                // Its own bounds: what is no number there is not sent.
                switch (digits.Length is >= 6 and <= 20 && digits.All(char.IsAsciiDigit) ? await told.AddAsync(digits, cancel) : Told.Refused)
                {
                    case Told.Added:
                        added++;
                        break;
                    case Told.Known:
                        known++;
                        break;
                    case Told.Refused:
                        lost.Add(line);
                        break;
                    case Told.Shut:
                        Tell(parsed, added, known, lost);
                        Terminal.Error(CliText.Say("Dialer.Shut", line));
                        return Exit.NotReady;
                }
            }

            Tell(parsed, added, known, lost);
            return lost.Count > 0 ? Exit.Rejected : Exit.Done;
        }));
        return command;
    }

    private static void Tell(ParseResult parsed, long written, long known, List<long> lost)
    {
        if (parsed.GetValue(Terminal.Json))
        {
            Console.Out.WriteLine(CliJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("written", written);
                json.WriteNumber("known", known);
                json.WriteStartArray("unread");
                foreach (var line in lost)
                    json.WriteNumberValue(line);
                json.WriteEndArray();
                json.WriteEndObject();
            }));
            return;
        }

        if (!parsed.GetValue(Terminal.Quiet))
            Console.Out.WriteLine(CliText.Say("Dialer.Told", written, known));
        // Which lines, not what stands there.
        if (lost.Count > 0)
            Terminal.Error(CliText.Say("Dialer.Lost", lost.Count, string.Join(", ", lost.Take(20))));
    }

    private static Option<string?> Out(string name, bool required = false) => new(name) { HelpName = "FILE", Required = required, Description = CliText.Say("Dialer.Option." + name.TrimStart('-')) };

    private static int Refuse(string key, params object[] arguments)
    {
        Terminal.Error(CliText.Say(key, arguments));
        return Exit.Unusable;
    }

    private static async Task<int> GuardAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is UnreadableListException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            return RegisterCliCommand.Guard(() => throw e);
        }
    }
}
