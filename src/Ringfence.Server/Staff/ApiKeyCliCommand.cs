using System.CommandLine;
using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary><c>ringfence keys api</c>: keys by which programs call the HTTP API.</summary>
internal static class ApiKeyCliCommand
{
    // What people call a key goes on a line.
    private const int LongestName = 80;

    public static Command Create(TimeProvider time) => new("api", CliText.Say("ApiKeys.Description")) { Add(time), List(time), Revoke(time) };

    private static Command Add(TimeProvider time)
    {
        var name = new Argument<string>("NAME") { Description = CliText.Say("ApiKeys.Argument.NAME") };
        var scopes = new Option<string>("--scopes") { HelpName = "decide,consent,...", Required = true, Description = CliText.Say("ApiKeys.Option.scopes", string.Join(", ", ScopeWords.Words)) };
        var days = new Option<int?>("--days") { HelpName = "N", Description = CliText.Say("ApiKeys.Option.days") };
        scopes.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !ScopeWords.TryRead(result.Tokens[0].Value, out _))
                result.AddError(CliText.Say("BadOption", "--scopes", result.Tokens[0].Value) + " " + CliText.Say("ApiKeys.Option.scopes", string.Join(", ", ScopeWords.Words)));
        });
        days.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 3660))
                result.AddError(CliText.Say("BadOption", "--days", result.Tokens[0].Value));
        });
        var command = new Command("add", CliText.Say("ApiKeys.Add.Description")) { name, scopes, days }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var called = parsed.GetValue(name)!.Trim();
            if (called.Length is 0 or > LongestName || called.Any(char.IsControl))
                throw new CommandRefusedException("bad-key-name");
            _ = ScopeWords.TryRead(parsed.GetValue(scopes)!, out var may);
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var key = ApiKey.New(ledger.Controller);
            var expires = parsed.GetValue(days) is { } count ? Instant.FromDateTimeOffset(time.GetUtcNow()) + Duration.FromDays(count) : (Instant?)null;
            await (await installation.WriterAsync(ledger, stop)).DoAsync(new AddApiKeyCommand(StoreArguments.Actor(parsed), key, called, may, expires), stop);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("id", key.Id);
                    json.WriteString("key", key.Show());
                    json.WriteString("scopes", ScopeWords.Of(may));
                    json.WriteEndObject();
                }));
                return Exit.Done;
            }

            // The key alone on standard output, for whoever pipes it on; what is to be known of it beside.
            Console.Out.WriteLine(key.Show());
            if (!parsed.GetValue(Terminal.Quiet))
                Console.Error.WriteLine(CliText.Say("ApiKeys.Added"));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", CliText.Say("ApiKeys.List.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var rows = new List<ApiKeyRow>();
            await foreach (var row in installation.Store.ApiKeysAsync(ledger.Ledger, stop))
                rows.Add(row);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(Json(rows));
            foreach (var row in parsed.GetValue(Terminal.Json) ? [] : rows)
                Console.Out.WriteLine($"{row.Id}\t{State(row, time)}\t{row.Scopes}\t{row.Name}");
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Revoke(TimeProvider time)
    {
        var id = new Argument<string>("ID") { Description = CliText.Say("ApiKeys.Argument.ID") };
        var command = new Command("revoke", CliText.Say("ApiKeys.Revoke.Description")) { id }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var answer = CommandAnswer.Read(await (await installation.WriterAsync(ledger, stop)).DoAsync(new RevokeApiKeyCommand(StoreArguments.Actor(parsed), parsed.GetValue(id)!), stop));
            Console.Out.WriteLine(parsed.GetValue(Terminal.Json) ? answer.ToJson() : CliText.Say(answer.Already ? "ApiKeys.RevokedBefore" : "ApiKeys.Revoked", parsed.GetValue(id)!));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static string State(ApiKeyRow row, TimeProvider time)
    {
        if (row.RevokedSeq is not null)
            return CliText.Say("ApiKeys.State.revoked");
        if (row.Expires is not { } end)
            return CliText.Say("ApiKeys.State.open");
        var at = Micros.ToInstant(end);
        return CliText.Say(at.ToDateTimeOffset() <= time.GetUtcNow() ? "ApiKeys.State.expired" : "ApiKeys.State.until", InstantPattern.General.Format(at)[..10]);
    }

    private static string Json(List<ApiKeyRow> rows) => CliJson.Write(json =>
    {
        json.WriteStartArray();
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("id", row.Id);
            json.WriteString("name", row.Name);
            json.WriteString("scopes", row.Scopes);
            json.WriteNumber("seq", row.Seq);
            json.WriteString("expires", row.Expires is { } end ? InstantPattern.General.Format(Micros.ToInstant(end)) : null);
            json.WriteBoolean("revoked", row.RevokedSeq is not null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
