using System.CommandLine;
using System.Globalization;
using NodaTime.Text;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Sealing;

/// <summary><c>ringfence keys</c>: the key-encryption keys, and their rotation.</summary>
internal static class KeysCliCommand
{
    public static Command Create(TimeProvider time) => new("keys", CliText.Say("Keys.Description")) { List(time), Rotate(time), Staff.ApiKeyCliCommand.Create(time) };

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", CliText.Say("Keys.List.Description")).OnStore();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var keks = await installation.Keyring.KeksAsync(stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(ListJson(keks));
            foreach (var (kid, keys) in parsed.GetValue(Terminal.Json) ? [] : keks)
                Console.Out.WriteLine($"{kid}\t{LocalDatePattern.Iso.Format(kid.Until)}\t{keys.ToString("N0", CultureInfo.InvariantCulture)}");
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Rotate(TimeProvider time)
    {
        var now = new Option<bool>("--now") { Description = CliText.Say("Keys.Option.now") };
        var suppression = new Option<bool>("--suppression") { Description = CliText.Say("Keys.Option.suppression") };
        var command = new Command("rotate", CliText.Say("Keys.Rotate.Description")) { now, suppression }.OnStore();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            if (parsed.GetValue(suppression))
                return await RotateSuppressionAsync(parsed, installation, stop);
            var keyring = installation.Keyring;
            var today = Kid.Today(time);
            if (parsed.GetValue(now) || keyring.IsKekDue(today))
                await keyring.BeginKekAsync(today, stop);
            var rotation = await keyring.RotateAsync(null, stop);
            var gone = await keyring.DestroyOldKeksAsync(today, stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(RotateJson(rotation, gone));
            else
                Tell(rotation, gone);
            return rotation.Unreadable > 0 ? Exit.No : Exit.Done;
        }, cancel));
        return command;
    }

    private static async Task<int> RotateSuppressionAsync(ParseResult parsed, Installation installation, CancellationToken cancel)
    {
        var outcome = await SuppressionRotation.RunAsync(installation, StoreArguments.Actor(parsed), cancel);
        if (parsed.GetValue(Terminal.Json))
        {
            Console.Out.WriteLine(CliJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("keys", outcome.Keys);
                json.WriteNumber("wrapped", outcome.Wrapped);
                json.WriteBoolean("resumed", outcome.Resumed);
                json.WriteEndObject();
            }));
            return Exit.Done;
        }

        Console.Out.WriteLine(CliText.Say(outcome.Resumed ? "Keys.SuppressionResumed" : "Keys.SuppressionRotated", outcome.Wrapped.ToString("N0", CultureInfo.InvariantCulture), outcome.Keys));
        if (!parsed.GetValue(Terminal.Quiet))
            Console.Out.WriteLine(CliText.Say("Keys.BackUpKeyring"));
        return Exit.Done;
    }

    private static void Tell(Rotation rotation, KekDestruction gone)
    {
        Console.Out.WriteLine(CliText.Say("Keys.Rotated", rotation.Rewrapped.ToString("N0", CultureInfo.InvariantCulture)));
        if (rotation.Unreadable > 0)
            Terminal.Error(CliText.Say("Keys.Unreadable", rotation.Unreadable.ToString("N0", CultureInfo.InvariantCulture)));
        foreach (var (text, kids) in ((string, IReadOnlyList<Kid>)[])[("Keys.Gone", gone.Destroyed), ("Keys.TakeOut", gone.LeftToOperator), ("Keys.StillNeeded", gone.StillNeeded)])
        {
            if (kids.Count > 0)
                Console.Out.WriteLine(CliText.Say(text, string.Join(", ", kids)));
        }
    }

    private static string ListJson(IEnumerable<(Kid Kid, long Keys)> keks) => CliJson.Write(json =>
    {
        json.WriteStartArray();
        foreach (var (kid, keys) in keks)
        {
            json.WriteStartObject();
            json.WriteString("kid", kid.ToString());
            json.WriteString("until", LocalDatePattern.Iso.Format(kid.Until));
            json.WriteNumber("keys", keys);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string RotateJson(Rotation rotation, KekDestruction gone) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("rewrapped", rotation.Rewrapped);
        json.WriteNumber("unreadable", rotation.Unreadable);
        foreach (var (name, kids) in ((string, IReadOnlyList<Kid>)[])[("destroyed", gone.Destroyed), ("takeOut", gone.LeftToOperator), ("stillNeeded", gone.StillNeeded)])
        {
            json.WriteStartArray(name);
            foreach (var kid in kids)
                json.WriteStringValue(kid.ToString());
            json.WriteEndArray();
        }

        json.WriteEndObject();
    });
}
