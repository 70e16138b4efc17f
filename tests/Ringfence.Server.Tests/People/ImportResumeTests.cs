using System.Globalization;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Lists.Reading;
using Ringfence.Server.Tests.Rights;
using Xunit;
using static Ringfence.Server.Tests.People.Importing;

namespace Ringfence.Server.Tests.People;

/// <summary>What was stopped goes on where it was, and comes to the same.</summary>
public sealed class ImportResumeTests : IAsyncLifetime
{
    // RINGFENCE_TEST_KILLS=100 for more.
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_KILLS") ?? "8", CultureInfo.InvariantCulture);

    private readonly string lists = Directory.CreateTempSubdirectory("rf-lists-").FullName;
    private House house = null!;

    public async ValueTask InitializeAsync() => house = await House.BuildAsync();

    public async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        Directory.Delete(lists, recursive: true);
    }

    [Fact]
    public async Task Killed_at_any_point_it_comes_to_what_a_run_comes_to_that_was_not()
    {
        new RandomLists(20261122).Write(lists, lists: 60, rows: 60, people: 900);
        var whole = await house.RunAsync(ImportingProcess.Options(lists));
        var (everything, size) = (await house.EverythingAsync(), await house.SizeAsync());

        await using var other = await House.BuildAsync();
        await other.CloseAsync();
        var random = new Random();
        var (kills, halfway, before) = (0, 0, (BatchRow?)null);
        while (kills < Kills && before?.State != (short)ImportState.Finished)
        {
            // So that it comes to its end in about so many steps: at some it is killed before it has come anywhere, at others just when a batch is written.
            var target = (before?.Done ?? 0) + random.NextInt64(0, 2 * whole.Batch.Rows / Kills);
            kills += await ImportingProcess.RunAsync(other.Folder, lists, target, random.Next(0, 40)) ? 0 : 1;
            await other.ReopenAsync();
            before = await OnlyAsync(other);
            halfway += before is { Done: > 0 } && before.Done < whole.Batch.Rows ? 1 : 0;
            await other.CloseAsync();
        }

        await other.ReopenAsync();
        if (before?.State != (short)ImportState.Finished)
            await other.RunAsync(ImportingProcess.Options(lists));
        // Else the kills hit nothing, and the test would show nothing.
        TestContext.Current.SendDiagnosticMessage("{0} kills, {1} half-way", kills, halfway);
        Assert.True(halfway > 0);
        Assert.Equal(everything, await other.EverythingAsync());
        Assert.Equal(size, await other.SizeAsync());
        Assert.Equal(Counted(whole.Batch.Tally), Counted(ImportBatch.Read((await OnlyAsync(other))!.Facts).Tally));
        Assert.Single(await other.RecordsAsync(), static record => record.Type == RecordType.ImportFinished);
    }

    private static string Counted(ImportTally tally) => $"{tally.Rows} {tally.New} {tally.Known} {tally.Closed} {tally.Changed} {tally.Suppressions} {tally.OtherName} {tally.Records} {tally.NotReopened} {tally.HeldBack}";

    private static async Task<BatchRow?> OnlyAsync(House house)
    {
        BatchRow? only = null;
        await foreach (var row in house.Installation.Store.BatchesAsync(house.Ledger.Ledger, CancellationToken.None))
            only = only is null ? row : throw new InvalidOperationException("There are two imports.");
        return only;
    }

    [Fact]
    public async Task Another_list_another_source_or_another_purpose_is_another_import()
    {
        new RandomLists(1).Write(lists, lists: 2, rows: 5, people: 20);
        var options = ImportingProcess.Options(lists);
        var first = await house.RunAsync(options);
        Assert.NotEqual(first.Batch.Id, (await house.RunAsync(options)).Batch.Id);
        Assert.True(first.Batch.IsSameAs(first.Batch));
        Assert.False(first.Batch.IsSameAs(first.Batch with { Source = "event" }));
        Assert.False(first.Batch.IsSameAs(first.Batch with { Purposes = ["research"] }));
        Assert.False(first.Batch.IsSameAs(first.Batch with { Passport = new string('0', 64) }));
        Assert.NotEqual(options.ReadingKey(), (options with { Map = [new("phone", "other phone")] }).ReadingKey());
        Assert.NotEqual(options.ReadingKey(), (options with { Suppressions = new HashSet<string> { Path.GetFullPath(options.Files[0]) } }).ReadingKey());
    }

    [Fact]
    public async Task Undone_it_leaves_refusals_and_what_others_said_and_nothing_else()
    {
        await house.ImportAsync($"name,phone,email,call_consent,call_consent_date,call_consent_wording\nAnn Smith,+442079460100,ann@example.org,yes,2026-01-04,{Wording}\n");
        var before = await house.EverythingAsync();
        var outcome = await house.ImportAsync(
            $"name,phone,email,call_consent,call_consent_date,call_consent_wording,email_opt_in,sms_opt_in\nAnn Smith,+442079460100,,yes,2026-03-04,{Wording},,\nZebediah Quux,+442079460101,zeb@example.org,yes,2026-01-04,{Wording},no,\nBo Li,+442079460102,,,,,,no\n");
        await house.SaysAsync("+442079460102", channels: "voice");
        var undone = await UndoAsync(outcome.Batch);

        Assert.Equal(new UndoTally(Erased: 1, Kept: 1, Invalidated: 1, Refusals: 2), undone.Undo);
        Assert.Null(await house.FindAsync("+442079460101"));
        Assert.NotEmpty(await house.SuppressionsAsync("zeb@example.org"));
        Assert.NotEmpty(await house.SuppressionsAsync("+442079460102"));
        Assert.Empty(await Traces.OfAsync(Path.Combine(house.Folder, "data"), "Zebediah", "2079460101"));
        var ann = (await house.PersonAsync("+442079460100")).Person;
        Assert.Equal((PersonStatus.Contactable, RecordState.Invalidated), (ann.Status, ann.Records[^1].State!.Value));
        Assert.Equal([ann.Records[^2].Seq], ann.Records[^1].About!);
        // Of Bo Li somebody else told too.
        Assert.Equal(PersonStatus.Contactable, (await house.PersonAsync("+442079460102")).Person.Status);

        var size = await house.SizeAsync();
        await UndoAsync(outcome.Batch);
        Assert.Equal(size, await house.SizeAsync());
        Assert.Equal(before.Count(static line => line.StartsWith("+442079460100", StringComparison.Ordinal)), (await house.EverythingAsync()).Count(static line => line.StartsWith("+442079460100", StringComparison.Ordinal)));

        // Another list may bring them again: they refused one thing only.
        await house.ImportAsync("name,phone\nZebediah Quux,+442079460101\n", name: "again.csv");
        Assert.Equal(PersonStatus.Contactable, (await house.PersonAsync("+442079460101")).Person.Status);
    }

    [Fact]
    public async Task Undoing_goes_on_where_it_was_stopped()
    {
        var outcome = await house.RunAsync(Options(Path.Combine(SampleListTests.Folder, "leads-2000.csv")));
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new UndoRun(house.Installation, house.Ledger, House.Staff) { Reached = _ => stop.Cancel() }.RunAsync(outcome.Batch, ImportState.Finished, ProgressBar.None, stop.Token));
        // Stopped after the ledger said so and before the keys were gone.
        var (batch, row) = await BatchAsync(outcome.Batch.Id);
        Assert.Equal(ImportState.BeingUndone, (ImportState)row.State);
        var people = (await house.RecordsAsync()).Where(record => record.Seq >= batch.UndoneUntil && record.Seq < batch.Until && record.Subject is not null)
            .Select(static record => record.Subject!.Value.Sid).Distinct().Skip(500).Take(100).ToList();
        await house.Writer.DoAsync(new UndoCommand(House.Staff, batch.Name, people, [], batch.UndoneUntil!.Value), CancellationToken.None);

        (batch, row) = await BatchAsync(outcome.Batch.Id);
        var undone = await new UndoRun(house.Installation, house.Ledger, House.Staff).RunAsync(batch, (ImportState)row.State, ProgressBar.None, CancellationToken.None);
        Assert.Equal(outcome.Batch.Tally.New, undone.Undo!.Erased);
        Assert.DoesNotContain(await house.EverythingAsync(), static line => line.StartsWith('+'));
        var records = await house.RecordsAsync();
        Assert.Equal(records.Count(static record => record.Type == RecordType.ErasureRequested), records.Count(static record => record.Type == RecordType.ErasureCompleted));
        Assert.Equal(ImportState.Undone, (ImportState)(await BatchAsync(outcome.Batch.Id)).Row.State);
        // Nobody's key is left.
        foreach (var record in records.Where(static record => record.Type == RecordType.ErasureRequested))
            Assert.Null(await house.Installation.Keyring.FindAsync(record.Subject!.Value.Sid, CancellationToken.None));
    }

    private async Task<(ImportBatch Batch, BatchRow Row)> BatchAsync(string id)
    {
        await foreach (var row in house.Installation.Store.BatchesAsync(house.Ledger.Ledger, CancellationToken.None))
        {
            if (ImportBatch.Read(row.Facts) is var batch && batch.Id == id)
                return (batch, row);
        }

        throw new InvalidOperationException("There is no such import.");
    }

    private async Task<ImportBatch> UndoAsync(ImportBatch batch)
    {
        var (now, row) = await BatchAsync(batch.Id);
        return await new UndoRun(house.Installation, house.Ledger, House.Staff).RunAsync(now, (ImportState)row.State, ProgressBar.None, CancellationToken.None);
    }
}
