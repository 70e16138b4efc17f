using System.CommandLine;
using NodaTime;
using Ringfence.Lists;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Reading;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary><c>ringfence import</c>: lists into the ledger, what was imported, and taking it back.</summary>
internal static class ImportCliCommand
{
    // The beginning of a name by which an import may be called.
    private const int ShortestName = 4;

    public static Command Create(TimeProvider time)
    {
        var command = ImportArguments.Of(new Command("import", CliText.Say("Import.Description"))).OnLedger();
        command.Subcommands.Add(List(time));
        command.Subcommands.Add(Undo(time));
        // On a thread of its own: the command line listens to Ctrl-C only once the action has given the first one back.
        command.SetAction((parsed, cancel) => Task.Run(() => ImportAsync(parsed, time, cancel), CancellationToken.None));
        return command;
    }

    private static async Task<int> ImportAsync(ParseResult parsed, TimeProvider time, CancellationToken cancel)
    {
        if (!ImportArguments.TryRead(parsed, LocalDate.FromDateTime(time.GetLocalNow().DateTime), out var options, out var passport))
            return Exit.Unusable;
        return await StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            using var rejected = new RejectedFile(ImportArguments.RejectedFile(parsed));
            var progress = Progress(parsed);
            ImportOutcome outcome;
            try
            {
                outcome = await ImportRun.RunAsync(
                    installation, ledger, StoreArguments.Actor(parsed), options, passport, ImportArguments.IsDry(parsed), rejected, progress, stop);
            }
            catch (UnreadableListException e)
            {
                progress.End();
                var why = CliText.SayOr("Unreadable." + e.Code, "Unreadable.not-a-list", [.. e.Arguments]);
                Terminal.Error(e.File is null ? why : CliText.Say("Unreadable.In", e.File, why));
                return Exit.Unusable;
            }
            catch (ColumnMapException e)
            {
                progress.End();
                Terminal.Error(CliText.Say("Map." + e.Code, e.Word, string.Join(", ", e.Known)));
                return Exit.Unusable;
            }
            catch (OperationCanceledException)
            {
                progress.End();
                Terminal.Error(CliText.Say(ImportArguments.IsDry(parsed) ? "Stopped" : "Import.Stopped"));
                return Exit.Stopped;
            }
            catch (StoreException)
            {
                progress.End();
                Terminal.Error(CliText.Say("Import.GoesOn"));
                throw;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                progress.End();
                Terminal.Error(CliText.Say("ReadWrite", e.Message));
                return Exit.NotReady;
            }

            progress.End();
            if (parsed.GetValue(Terminal.Json))
                await Console.Out.WriteLineAsync(ImportJson.Of(outcome));
            else
                new ImportSummary(outcome, options, TextSheet.On(Console.Out)).Write(parsed.GetValue(Terminal.Quiet));
            return outcome.Rejected.Count > 0 ? Exit.Rejected : Exit.Done;
        }, cancel);
    }

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", CliText.Say("Import.List.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var all = await AllAsync(installation, ledger, stop);
            if (parsed.GetValue(Terminal.Json))
            {
                await Console.Out.WriteLineAsync(ImportJson.Of(all));
                return Exit.Done;
            }

            foreach (var (batch, row) in all)
            {
                var state = CliText.Say("Import.State." + (ImportState)row.State, row.Done, batch.Rows);
                await Console.Out.WriteLineAsync($"{batch.Id[..8]}  {batch.At}  {batch.Source}  {string.Join(", ", batch.Files.Select(static file => file.Name))}  {state}");
            }

            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Undo(TimeProvider time)
    {
        var name = new Argument<string>("BATCH") { Description = CliText.Say("Import.Argument.BATCH") };
        var command = new Command("undo", CliText.Say("Import.Undo.Description")) { name }.OnLedger();
        command.SetAction((parsed, cancel) => Task.Run(() => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var (batch, row) = Named(await AllAsync(installation, ledger, stop), parsed.GetValue(name)!);
            var progress = Progress(parsed);
            ImportBatch undone;
            try
            {
                undone = await new UndoRun(installation, ledger, StoreArguments.Actor(parsed)).RunAsync(batch, (ImportState)row.State, progress, stop);
            }
            catch (OperationCanceledException)
            {
                progress.End();
                Terminal.Error(CliText.Say("Import.Undo.Stopped"));
                return Exit.Stopped;
            }

            var tally = undone.Undo ?? new UndoTally();
            await Console.Out.WriteLineAsync(
                parsed.GetValue(Terminal.Json) ? ImportJson.Of(undone, ImportState.Undone)
                : CliText.Say((ImportState)row.State == ImportState.Undone ? "Import.Undo.Already" : "Import.Undo.Done", tally.Erased, tally.Invalidated, tally.Kept, tally.Refusals));
            return Exit.Done;
        }, cancel), CancellationToken.None));
        return command;
    }

    private static async Task<List<(ImportBatch Batch, BatchRow Row)>> AllAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        var all = new List<(ImportBatch Batch, BatchRow Row)>();
        await foreach (var row in installation.Store.BatchesAsync(ledger.Ledger, cancel))
            all.Add((ImportBatch.Read(row.Facts), row));
        // Of a dry run there is nothing to list and nothing to undo.
        return [.. all.Where(static one => one.Row.State != (short)ImportState.Tried).OrderBy(static one => one.Batch.From)];
    }

    private static (ImportBatch Batch, BatchRow Row) Named(List<(ImportBatch Batch, BatchRow Row)> all, string name)
    {
        var found = name.Length < ShortestName ? [] : all.FindAll(one => one.Batch.Id.StartsWith(name, StringComparison.Ordinal));
        return found is [var only] ? only : throw new CommandRefusedException("no-such-import", name);
    }

    private static ProgressBar Progress(ParseResult parsed)
    {
        var shows = !parsed.GetValue(Terminal.Quiet) && !Console.IsErrorRedirected;
        return new ProgressBar(shows ? Console.Error : null, static (rows, rate, left) => CliText.Say("Progress", rows, rate, left), shows ? Terminal.Width : 0);
    }
}
