using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary><c>ringfence suppress lift</c> and <c>suppress list</c>: who is on the list is taken off it by themselves, or as an error by two; and how many there are.</summary>
internal static class LiftCliCommand
{
    /// <summary><c>lift POINT</c>.</summary>
    public static Command CreateLift(TimeProvider time)
    {
        var point = new Argument<string>("POINT") { Description = CliText.Say("Contact.Argument.POINT") };
        var record = new Option<long?>("--record") { HelpName = "RECORD", Description = CliText.Say("Lift.Option.record") };
        var second = new Option<string?>("--second") { HelpName = "NAME", Description = CliText.Say("Lift.Option.second") };
        var reason = new Option<string?>("--reason") { HelpName = "TEXT", Description = CliText.Say("Lift.Option.reason") };
        var command = new Command("lift", CliText.Say("Lift.Description")) { point, record, second, reason }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var tags = installation.TagsOf(StoreArguments.Point(parsed, parsed.GetValue(point)!));
            var actor = StoreArguments.Actor(parsed);
            var isError = (parsed.GetValue(second) ?? parsed.GetValue(reason)) is not null;
            var standing = await StandingAsync(installation, ledger, tags, parsed.GetValue(record), stop);
            // Each with the entry that it lifts.
            var lifts = isError
                ? new() { [await AsErrorAsync(installation, ledger, actor, tags, standing, parsed.GetValue(second), parsed.GetValue(reason), stop)] = standing[0].Seq!.Value }
                : await ByOptInAsync(installation, ledger, actor, tags, standing, stop);
            List<long> lifted = [.. lifts.Keys];
            var left = standing.Select(static row => row.Seq).Intersect((await Contacts.SuppressionsAsync(installation, ledger, [tags], stop)).Select(static row => row.Seq)).ToList();
            var inPart = left.Count > 0 && !isError ? lifted.Where(seq => left.Contains(lifts[seq])).ToList() : [];
            var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
            var overview = await ConsentOverview.ReadAsync(installation, ledger, tags, Instant.MaxValue, now, stop);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteStartArray("lifted");
                    foreach (var seq in lifted)
                        json.WriteNumberValue(seq);
                    json.WriteEndArray();
                    json.WriteStartArray("inPart");
                    foreach (var seq in inPart)
                        json.WriteNumberValue(seq);
                    json.WriteEndArray();
                    ConsentPage.Write(json, overview);
                    json.WriteEndObject();
                }));
                return Exit.Done;
            }

            var sheet = TextSheet.On(Console.Out);
            if (lifted.Except(inPart).ToList() is { Count: > 0 } whole)
                sheet.Line(CliText.Say("Lift.Done", tags.Point.ToString(), string.Join(", ", whole)));
            if (inPart.Count > 0)
                sheet.Paragraph(CliText.Say("Lift.InPart", string.Join(", ", inPart)));
            if (parsed.GetValue(Terminal.Quiet))
                return Exit.Done;
            ConsentPage.Write(sheet, overview);
            if (isError)
                sheet.Paragraph(CliText.Say("Lift.StaysWithdrawn"));
            return Exit.Done;
        }, cancel));
        return command;
    }

    /// <summary><c>list</c>: counts, and nothing of anybody.</summary>
    public static Command CreateList(TimeProvider time)
    {
        var command = new Command("list", CliText.Say("Suppress.List.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var counts = await CountAsync(installation, await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop), stop);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    foreach (var (name, count) in counts)
                        json.WriteNumber(name, count);
                    json.WriteEndObject();
                }));
                return Exit.Done;
            }

            foreach (var (name, count) in counts)
                Console.Out.WriteLine($"{name}\t{count.ToString("N0", CultureInfo.InvariantCulture)}");
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static async Task<IReadOnlyList<(string Name, long Count)>> CountAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var total = 0L;
        await foreach (var row in installation.Store.SuppressionsAsync(ledger.Ledger, cancel))
        {
            if (row.LiftedSeq is not null)
                continue;
            total++;
            foreach (var channel in Channels.All.Where(channel => ((ChannelSet)row.Channels).Has(channel)))
                Add("channel:" + channel.Word());
            Add("by:" + Words<SuppressedBy>.Of((SuppressedBy)row.By));
            Add("kind:" + Words<SuppressionKind>.Of((SuppressionKind)row.Kind));
            Add("keys:" + row.Chain.ToString(CultureInfo.InvariantCulture));
        }

        return [("all", total), .. counts.Select(static one => (one.Key, one.Value))];

        void Add(string name) => counts[name] = counts.GetValueOrDefault(name) + 1;
    }

    // What an erasure left behind is tied to no record: nobody knows any more whose it was, so nobody can say that it was an error.
    private static async Task<List<SuppressionRow>> StandingAsync(Installation installation, LedgerRow ledger, PointTags tags, long? record, CancellationToken cancel)
    {
        var all = (await Contacts.SuppressionsAsync(installation, ledger, [tags], cancel)).ToList();
        if (all.Count > 0 && all.TrueForAll(static row => row.Seq is null))
            throw new CommandRefusedException("kept-after-erasure");
        var meant = all.Where(row => row.Seq is { } seq && (record is null || seq == record)).OrderBy(static row => row.Seq).ToList();
        return meant.Count > 0 ? meant : throw new CommandRefusedException("no-such-suppression");
    }

    private static async Task<long> AsErrorAsync(
        Installation installation, LedgerRow ledger, Actor actor, PointTags tags, List<SuppressionRow> standing, string? second, string? reason, CancellationToken cancel)
    {
        if (standing.Count > 1)
            throw new CommandRefusedException("which-suppression", string.Join("; ", standing.Select(static row => $"{row.Seq} ({ConsentPage.ScopeOf(SuppressionScope.Of(row))})")));
        if (string.IsNullOrWhiteSpace(reason))
            throw new CommandRefusedException("no-reason");
        var note = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["reason"] = reason.Trim() }, LiftJson.Default.DictionaryStringString);
        var writer = await installation.WriterAsync(ledger, cancel);
        // Two spellings of one name are not two people.
        var answer = await writer.DoAsync(LiftCommand.AsError(actor, tags, standing[0].Seq!.Value, StoreArguments.NameOf(second ?? ""), note), cancel);
        return CommandAnswer.Read(answer).Seq;
    }

    // Each by every confirmed yes, the newest first, until nothing of it is left; what no yes names stays.
    private static async Task<SortedDictionary<long, long>> ByOptInAsync(
        Installation installation, LedgerRow ledger, Actor actor, PointTags tags, List<SuppressionRow> standing, CancellationToken cancel)
    {
        var found = await Contacts.FindAsync(installation, ledger, tags, cancel) ?? throw new CommandRefusedException("not-confirmed");
        long[] confirmed = [.. found.Person.Records.Where(static record => record.Type == RecordType.ConsentConfirmed).Select(static record => record.Seq).OrderDescending()];
        var writer = await installation.WriterAsync(ledger, cancel);
        var (lifted, refused) = (new SortedDictionary<long, long>(), new CommandRefusedException("not-confirmed"));
        foreach (var row in standing)
        {
            foreach (var yes in confirmed.Where(yes => yes > row.Seq))
            {
                try
                {
                    lifted[CommandAnswer.Read(await writer.DoAsync(LiftCommand.ByOptIn(actor, tags, row.Seq!.Value, yes), cancel)).Seq] = row.Seq.Value;
                }
                catch (CommandRefusedException e) when (e.Code is "not-confirmed" or "not-theirs")
                {
                    refused = e;
                }
                catch (CommandRefusedException e) when (e.Code == "no-such-suppression")
                {
                    // A newer yes has lifted all of it.
                    break;
                }
            }
        }

        return lifted.Count > 0 ? lifted : throw refused;
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class LiftJson : System.Text.Json.Serialization.JsonSerializerContext;
