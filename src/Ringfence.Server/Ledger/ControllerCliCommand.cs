using System.CommandLine;
using System.Globalization;
using Ringfence.Consent;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary><c>ringfence controller</c>: the companies in whose names contact is made, each with a ledger of its own.</summary>
internal static class ControllerCliCommand
{
    private const int MostWord = 40;

    public static Command Create(TimeProvider time) => new("controller", CliText.Say("Controller.Description")) { Add(time), List(time) };

    private static Command Add(TimeProvider time)
    {
        var word = new Argument<string>("WORD") { Description = CliText.Say("Controller.Argument.WORD") };
        var party = new Option<string>("--party") { HelpName = "FILE", Required = true, Description = CliText.Say("Controller.Option.party") };
        var origin = new Option<string?>("--origin") { HelpName = "HOST", Description = CliText.Say("Controller.Option.origin") };
        var command = new Command("add", CliText.Say("Controller.Add.Description")) { word, party, origin }.OnStore();
        word.Validators.Add(static result =>
        {
            if (!IsWord(result.Tokens[0].Value))
                result.AddError(CliText.Say("Controller.BadWord", result.Tokens[0].Value));
        });
        origin.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !IsHost(result.Tokens[0].Value))
                result.AddError(CliText.Say("BadOption", "--origin", result.Tokens[0].Value));
        });
        command.SetAction((parsed, cancel) => StoreArguments.GuardAsync(() =>
        {
            // Read before anything is opened, or made.
            var file = parsed.GetValue(party)!;
            var document = PartyDocument.Read(file.Replace('\\', '/'), TextFile.Read(file));
            return StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
            {
                var name = parsed.GetValue(word)!;
                var ledger = await installation.AddControllerAsync(name, $"{parsed.GetValue(origin) ?? "ringfence.local"}/{name}", document, stop);
                Console.Out.WriteLine(parsed.GetValue(Terminal.Json) ? Json([ledger]) : CliText.Say("Controller.Added", name, ledger.Origin));
                return Exit.Done;
            }, cancel);
        }));
        return command;
    }

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", CliText.Say("Controller.List.Description")).OnStore();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledgers = await installation.LedgersAsync(stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(Json(ledgers));
            foreach (var ledger in parsed.GetValue(Terminal.Json) ? [] : ledgers)
            {
                var size = (await installation.Store.HeadAsync(ledger.Ledger, stop)).Size;
                Console.Out.WriteLine($"{ledger.Controller}\t{ledger.Origin}\t{size.ToString("N0", CultureInfo.InvariantCulture)}");
            }

            return Exit.Done;
        }, cancel));
        return command;
    }

    private static string Json(IEnumerable<LedgerRow> ledgers) => CliJson.Write(json =>
    {
        json.WriteStartArray();
        foreach (var ledger in ledgers)
        {
            json.WriteStartObject();
            json.WriteString("controller", ledger.Controller);
            json.WriteString("origin", ledger.Origin);
            json.WriteNumber("epoch", ledger.Epoch);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public static bool IsWord(string word) =>
        word.Length is > 0 and <= MostWord && char.IsAsciiLetterLower(word[0]) && word.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    // An origin is written into checkpoints and records: no scheme, no blanks.
    private static bool IsHost(string host) =>
        host.Length is > 0 and <= 80 && host.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '/' or '_') && host.Any(char.IsAsciiLetter);
}
