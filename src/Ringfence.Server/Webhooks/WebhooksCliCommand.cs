using System.CommandLine;
using System.Globalization;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary><c>ringfence webhooks</c>: which other systems are told of every no, and which of them have confirmed.</summary>
internal static class WebhooksCliCommand
{
    private const int MostListed = 10_000;

    public static Command Create(TimeProvider time) => new("webhooks", CliText.Say("Webhooks.Description"))
    {
        Add(time), List(time), Rotate(time), Test(time), Turn(time, "off", WebhookTurn.Off), Turn(time, "on", WebhookTurn.On), Turn(time, "remove", WebhookTurn.Removed), Deliveries(time), Unconfirmed(time),
        Confirm(time),
    };

    private static Command Add(TimeProvider time)
    {
        var url = new Argument<string>("URL") { Description = CliText.Say("Webhooks.Argument.URL") };
        var events = new Option<string?>("--events") { HelpName = "all|TYPE,...", Description = CliText.Say("Webhooks.Option.events", string.Join(", ", WebhookEvents.Words), WebhookEvents.Default.Replace(" ", ", ", StringComparison.Ordinal)) };
        var deadline = new Option<string?>("--deadline") { HelpName = "24h", Description = CliText.Say("Webhooks.Option.deadline") };
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = CliText.Say("Webhooks.Option.name") };
        var command = new Command("add", CliText.Say("Webhooks.Add.Description")) { url, events, deadline, name }.OnLedger();
        command.SetAction((parsed, cancel) => RunAsync(parsed, time, async (installation, told, stop) =>
        {
            var words = parsed.GetValue(events)?.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
            var (row, secret) = await told.AddAsync(
                StoreArguments.Actor(parsed), ToldSystems.ReachOf(installation.Options.Environment), parsed.GetValue(url)!, words, parsed.GetValue(deadline), parsed.GetValue(name), stop);
            return Secret(parsed, secret, json => WebhookJson.Write(json, row, null, secret), CliText.Say("Webhooks.Added", row.Id));
        }, cancel));
        return command;
    }

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", CliText.Say("Webhooks.List.Description")).OnLedger();
        command.SetAction((parsed, cancel) => RunAsync(parsed, time, async (installation, told, stop) =>
        {
            await FeedAsync(installation, parsed, stop);
            var counts = (await told.CountAsync(stop)).ToDictionary(static one => one.Webhook);
            return Listed(parsed, await told.ListAsync(stop), (json, row) => WebhookJson.Write(json, row, counts.GetValueOrDefault(row.Id)), row => string.Join(
                '\t', row.Id, CliText.Say(row.Off ? "Webhooks.State.off" : "Webhooks.State.on"), row.Deadline is { } seconds ? ToldSystems.Iso(seconds) : "-",
                CliText.Say("Webhooks.Counts", counts.GetValueOrDefault(row.Id)?.Waiting ?? 0, counts.GetValueOrDefault(row.Id)?.Overdue ?? 0), row.Name, row.Url, row.Events.Replace(' ', ',')));
        }, cancel));
        return command;
    }

    private static Command Rotate(TimeProvider time)
    {
        var id = Id();
        var overlap = new Option<string?>("--overlap") { HelpName = "24h", Description = CliText.Say("Webhooks.Option.overlap") };
        var command = new Command("rotate", CliText.Say("Webhooks.Rotate.Description")) { id, overlap }.OnLedger();
        command.SetAction((parsed, cancel) => RunAsync(parsed, time, async (_, told, stop) =>
        {
            var secret = await told.RotateAsync(StoreArguments.Actor(parsed), parsed.GetValue(id)!, parsed.GetValue(overlap), stop);
            return Secret(parsed, secret, json =>
            {
                json.WriteStartObject();
                json.WriteString("secret", secret);
                json.WriteEndObject();
            }, CliText.Say("Webhooks.Rotated"));
        }, cancel));
        return command;
    }

    private static Command Test(TimeProvider time)
    {
        var id = Id();
        var command = new Command("test", CliText.Say("Webhooks.Test.Description")) { id }.OnLedger();
        command.SetAction((parsed, cancel) => RunAsync(parsed, time, async (installation, told, stop) =>
        {
            using var sender = new WebhookSender(ToldSystems.ReachOf(installation.Options.Environment), time);
            var sent = await told.TestAsync(sender, parsed.GetValue(id)!, stop);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteBoolean("arrived", sent.Fault is null);
                    json.WriteString("status", sent.Status?.ToString(CultureInfo.InvariantCulture));
                    json.WriteString("fault", sent.Fault);
                    json.WriteEndObject();
                }));
            }
            else
            {
                Console.Out.WriteLine(sent.Fault is null ? CliText.Say("Webhooks.Arrived", sent.Status!) : CliText.Say("Webhooks.NotArrived", FaultOf(sent.Fault, sent.Status)));
            }

            return sent.Fault is null ? Exit.Done : Exit.No;
        }, cancel));
        return command;
    }

    private static Command Turn(TimeProvider time, string word, WebhookTurn to)
    {
        var id = Id();
        var command = new Command(word, CliText.Say($"Webhooks.{to}.Description")) { id }.OnLedger();
        command.SetAction((parsed, cancel) => RunAsync(parsed, time, async (_, told, stop) =>
        {
            var answer = await told.TurnAsync(StoreArguments.Actor(parsed), parsed.GetValue(id)!, to, stop);
            Console.Out.WriteLine(parsed.GetValue(Terminal.Json) ? answer.ToJson() : CliText.Say(answer.Already ? "Webhooks.Before" : $"Webhooks.{to}.Done", parsed.GetValue(id)!));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Deliveries(TimeProvider time)
    {
        var id = Id();
        var command = new Command("deliveries", CliText.Say("Webhooks.Deliveries.Description")) { id }.OnLedger();
        command.SetAction((parsed, cancel) => RunAsync(parsed, time, async (installation, told, stop) =>
        {
            await FeedAsync(installation, parsed, stop);
            return Listed(parsed, await told.DeliveriesAsync(parsed.GetValue(id), DeliveryKind.All, -1, MostListed, stop), WebhookJson.Write, LineOf);
        }, cancel));
        return command;
    }

    private static Command Unconfirmed(TimeProvider time)
    {
        var all = new Option<bool>("--all") { Description = CliText.Say("Webhooks.Option.all") };
        var command = new Command("unconfirmed", CliText.Say("Webhooks.Unconfirmed.Description")) { all }.OnLedger();
        command.SetAction((parsed, cancel) => RunAsync(parsed, time, async (installation, told, stop) =>
        {
            await FeedAsync(installation, parsed, stop);
            var rows = await told.DeliveriesAsync(null, parsed.GetValue(all) ? DeliveryKind.Unconfirmed : DeliveryKind.Overdue, -1, MostListed, stop);
            _ = Listed(parsed, rows, WebhookJson.Write, LineOf);
            return rows.Count == 0 ? Exit.Done : Exit.No;
        }, cancel));
        return command;
    }

    private static Command Confirm(TimeProvider time)
    {
        var delivery = new Argument<string>("DELIVERY") { Description = CliText.Say("Webhooks.Argument.DELIVERY") };
        var command = new Command("confirm", CliText.Say("Webhooks.Confirm.Description")) { delivery }.OnLedger();
        command.SetAction((parsed, cancel) => RunAsync(parsed, time, async (_, told, stop) =>
        {
            // Somebody went and looked: their name stands with it.
            var row = await told.ConfirmAsync(parsed.GetValue(delivery)!, "staff:" + StoreArguments.Actor(parsed).Ref, null, stop);
            Console.Out.WriteLine(parsed.GetValue(Terminal.Json) ? CliJson.Write(json => WebhookJson.Write(json, row)) : LineOf(row));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Argument<string> Id() => new("ID") { Description = CliText.Say("Webhooks.Argument.ID") };

    private static string LineOf(DeliveryRow row) => string.Join(
        '\t', WebhookMessage.NameOf(row.Id), row.Webhook, row.Seq.ToString(CultureInfo.InvariantCulture), CliText.Say("Webhooks.Delivery." + WebhookJson.StateOf(row)), WebhookJson.Instant(row.Deadline) ?? "-",
        row.Confirmed is null && row.Fault is { } fault ? FaultOf(fault, row.Status) : "-");

    private static string FaultOf(string fault, short? status) => CliText.SayOr("Webhooks.Fault." + fault, "Webhooks.Fault.other", status ?? (object)fault);

    // The secret alone on standard output, for whoever pipes it on; what is to be known of it beside.
    private static int Secret(ParseResult parsed, string secret, Action<System.Text.Json.Utf8JsonWriter> write, string note)
    {
        Console.Out.WriteLine(parsed.GetValue(Terminal.Json) ? CliJson.Write(write) : secret);
        if (!parsed.GetValue(Terminal.Quiet) && !parsed.GetValue(Terminal.Json))
            Console.Error.WriteLine(note);
        return Exit.Done;
    }

    private static int Listed<T>(ParseResult parsed, IReadOnlyList<T> rows, Action<System.Text.Json.Utf8JsonWriter, T> write, Func<T, string> line)
    {
        if (parsed.GetValue(Terminal.Json))
        {
            Console.Out.WriteLine(CliJson.Write(json =>
            {
                json.WriteStartArray();
                foreach (var row in rows)
                    write(json, row);
                json.WriteEndArray();
            }));
        }

        foreach (var row in parsed.GetValue(Terminal.Json) ? [] : rows)
            Console.Out.WriteLine(line(row));
        return Exit.Done;
    }

    // What was written since a server last ran waits, too.
    private static async Task FeedAsync(Installation installation, ParseResult parsed, CancellationToken cancel)
    {
        var feed = new WebhookFeed(installation.Store, await LedgerAsync(installation, parsed, cancel));
        while (await feed.RunAsync(cancel))
        {
        }
    }

    private static Task<LedgerRow> LedgerAsync(Installation installation, ParseResult parsed, CancellationToken cancel) => installation.LedgerAsync(StoreArguments.ControllerOf(parsed), cancel);

    private static Task<int> RunAsync(ParseResult parsed, TimeProvider time, Func<Installation, ToldSystems, CancellationToken, Task<int>> work, CancellationToken cancel) =>
        StoreArguments.RunAsync(parsed, time, async (installation, stop) => await work(installation, new ToldSystems(installation, await LedgerAsync(installation, parsed, stop)), stop), cancel);
}
