using System.Diagnostics;
using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.People;

/// <summary>Imports in unusual company: two at once, stopped by hand, on a disk that gets full, of a list that is another by now.</summary>
public sealed class ImportModesTests : IAsyncLifetime
{
    private readonly string lists = Directory.CreateTempSubdirectory("rf-lists-").FullName;
    private House house = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => house = await House.BuildAsync();

    public async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        Directory.Delete(lists, recursive: true);
    }

    [Fact]
    public async Task Two_imports_at_once_into_one_ledger_come_to_what_they_come_to_one_after_the_other()
    {
        var (one, two) = (Folder("one"), Folder("two"));
        // The same people, in part: both find somebody unknown, and only one of them may bring them.
        new RandomLists(11).Write(one, lists: 8, rows: 500, people: 900);
        new RandomLists(12).Write(two, lists: 8, rows: 500, people: 900);
        await Task.WhenAll(Task.Run(() => IntoAsync(house.Ledger, one), Cancel), Task.Run(() => IntoAsync(house.Ledger, two), Cancel));

        Assert.Equal(2, (await house.RecordsAsync()).Count(static record => record.Type == RecordType.ImportFinished));
        Assert.Empty(await house.FaultsAsync());
        // Nobody is there twice: each number leads to one person, and each of them is who their records say.
        var store = house.Installation.Store;
        var tags = new HashSet<byte[]>(ByteArrays.Equal);
        await foreach (var row in store.LookupsAsync(house.Ledger.Ledger, Cancel))
            Assert.True(tags.Add(row.Tag));

        // Whoever refused in either is closed as they are where one list came after the other.
        await using var other = await House.BuildAsync();
        await other.RunAsync(ImportingProcess.Options(one));
        await other.RunAsync(ImportingProcess.Options(two));
        var closed = await ClosedAsync(other);
        Assert.NotEmpty(closed);
        Assert.Equal(closed, await ClosedAsync(house));
        // A further run of both brings in what one of them could not know of the other; after that there is nothing to add.
        foreach (var folder in (string[])[one, two])
            await house.RunAsync(ImportingProcess.Options(folder));
        foreach (var folder in (string[])[one, two])
            Assert.Equal(0, (await house.RunAsync(ImportingProcess.Options(folder))).Batch.Tally.Records);
        Assert.Equal(closed, await ClosedAsync(house));
    }

    [Fact]
    public async Task Two_imports_at_once_for_two_controllers_keep_apart()
    {
        new RandomLists(21).Write(lists, lists: 6, rows: 400, people: 700);
        var second = await house.Installation.AddControllerAsync("beta", "ledger.example/beta", House.Acme, Cancel);
        await Task.WhenAll(Task.Run(() => IntoAsync(house.Ledger, lists), Cancel), Task.Run(() => IntoAsync(second, lists), Cancel));
        foreach (var ledger in (LedgerRow[])[house.Ledger, second])
            Assert.False((await new Fsck(house.Installation, ledger, full: true).RunAsync(Cancel)).HasFaults);

        await using var alone = await House.BuildAsync();
        await alone.RunAsync(ImportingProcess.Options(lists));
        var expected = await alone.EverythingAsync();
        Assert.Equal(expected, await house.EverythingAsync());
        Assert.Equal(await alone.SizeAsync() - alone.Founded, (await house.Installation.Store.HeadAsync(second.Ledger, Cancel)).Size - house.Founded);
    }

    [Fact]
    public async Task Stopped_by_hand_it_goes_on_where_it_was()
    {
        new RandomLists(31).Write(lists, lists: 40, rows: 60, people: 600);
        var whole = await house.RunAsync(ImportingProcess.Options(lists));
        var expected = await house.EverythingAsync();

        await using var other = await House.BuildAsync();
        var (stops, halfway) = (0, 0);
        for (var target = 1L; stops < 200; target += whole.Batch.Rows / 5)
        {
            using var stop = new CancellationTokenSource();
            var stopping = StopAtAsync(other, target, stop);
            using var rejected = new RejectedFile(null);
            try
            {
                await Task.Run(() => ImportRun.RunAsync(other.Installation, other.Ledger, House.Staff, ImportingProcess.Options(lists), null, false, rejected, ProgressBar.None, stop.Token), Cancel);
                break;
            }
            catch (OperationCanceledException)
            {
                stops++;
                halfway += (await OnlyAsync(other)) is { Done: > 0 } row && row.Done < whole.Batch.Rows ? 1 : 0;
                Assert.Equal((short)ImportState.Running, (await OnlyAsync(other))!.State);
            }
            finally
            {
                await stop.CancelAsync();
                await stopping;
            }
        }

        Assert.True(halfway > 0, "It was never stopped half-way.");
        Assert.Equal(expected, await other.EverythingAsync());
        Assert.Equal((short)ImportState.Finished, (await OnlyAsync(other))!.State);
        Assert.Single(await other.RecordsAsync(), static record => record.Type == RecordType.ImportFinished);
        Assert.Empty(await other.FaultsAsync());
    }

    [Fact]
    public async Task Of_a_list_that_is_another_by_now_nothing_goes_on()
    {
        new RandomLists(41).Write(lists, lists: 12, rows: 60, people: 300);
        using (var stop = new CancellationTokenSource())
        {
            var stopping = StopAtAsync(house, 1, stop);
            using var rejected = new RejectedFile(null);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => ImportRun.RunAsync(
                house.Installation, house.Ledger, House.Staff, ImportingProcess.Options(lists), null, false, rejected, ProgressBar.None, stop.Token), Cancel));
            await stopping;
        }

        var stopped = (await OnlyAsync(house))!;
        // A row more at the end of the last list: nothing of what is settled differs, and it is another import all the same.
        var last = ImportingProcess.Options(lists).Files[^1];
        var (bytes, rows) = (await File.ReadAllBytesAsync(last, Cancel), await File.ReadAllLinesAsync(last, Cancel));
        await File.AppendAllLinesAsync(last, [rows[^1]], Cancel);
        var other = await house.RunAsync(ImportingProcess.Options(lists));
        Assert.False(other.WentOn);
        Assert.NotEqual(new OpaqueId(stopped.Batch).ToString(), other.Batch.Id);
        var left = await house.Installation.Store.BatchesAsync(house.Ledger.Ledger, Cancel).FirstAsync(row => row.Batch.AsSpan().SequenceEqual(stopped.Batch), Cancel);
        Assert.Equal((stopped.Done, (short)ImportState.Running), (left.Done, left.State));

        // With the list as it was, the first one goes on, and finds everybody known.
        await File.WriteAllBytesAsync(last, bytes, Cancel);
        var whole = await house.RunAsync(ImportingProcess.Options(lists));
        Assert.True(whole.WentOn);
        Assert.Equal(new OpaqueId(stopped.Batch).ToString(), whole.Batch.Id);
        Assert.Equal(stopped.Done, whole.From);
        Assert.Empty(await house.FaultsAsync());
    }

    [Fact]
    public async Task On_a_full_disk_it_stops_and_with_room_again_it_goes_on()
    {
        const int diskBytes = 24 << 20;
        // Each list is a batch, so that some are written before there is no room.
        for (var list = 0; list < 40; list++)
        {
            var rows = Enumerable.Range(list * 300, 300).Select(static row => string.Create(CultureInfo.InvariantCulture, $"Ann Smith {row},+49 1512 {row:0000000},a{row}@example.org,yes,2026-01-04,{Importing.Wording}"));
            await File.WriteAllLinesAsync(Path.Combine(lists, $"list-{list:000}.csv"), rows.Prepend("name,phone,email,call_consent,call_consent_date,call_consent_wording"), Cancel);
        }

        var expected = await house.RunAsync(ImportingProcess.Options(lists));
        await using var other = await House.BuildAsync();
        await other.CloseAsync();
        var data = Path.Combine(other.Folder, "data");
        other.CopyData("aside");
        Assert.SkipWhen(
            !OperatingSystem.IsLinux() || !Run("mount", "-t", "tmpfs", "-o", $"size={diskBytes.ToString(CultureInfo.InvariantCulture)},mode=0700", "tmpfs", data), "A disk of its own can't be mounted here.");
        try
        {
            Assert.True(Run("cp", "-a", Path.Combine(other.Folder, "aside") + "/.", data));
            var ballast = Path.Combine(data, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[diskBytes / 2], Cancel);
            await other.ReopenAsync();
            var full = await Assert.ThrowsAsync<StoreException>(() => other.RunAsync(ImportingProcess.Options(lists)));
            Assert.Contains(full.Fault, (StoreFault[])[StoreFault.Full, StoreFault.OutcomeUnknown]);
            var stopped = (await OnlyAsync(other))!;
            Assert.Equal((short)ImportState.Running, stopped.State);
            Assert.InRange(stopped.Done, 1, expected.Batch.Rows - 1);

            File.Delete(ballast);
            Run("mount", "-o", $"remount,size={(10 * diskBytes).ToString(CultureInfo.InvariantCulture)}", data);
            var whole = await other.RunAsync(ImportingProcess.Options(lists));
            Assert.True(whole.WentOn);
            Assert.Equal(await house.EverythingAsync(), await other.EverythingAsync());
            Assert.Equal(expected.Batch.Tally.New, whole.Batch.Tally.New);
            Assert.Empty(await other.FaultsAsync());
            await other.CloseAsync();
        }
        finally
        {
            Run("umount", "-l", data);
        }
    }

    private async Task IntoAsync(LedgerRow ledger, string folder)
    {
        using var rejected = new RejectedFile(null);
        await ImportRun.RunAsync(house.Installation, ledger, House.Staff, ImportingProcess.Options(folder), null, false, rejected, ProgressBar.None, Cancel);
    }

    // What is closed for every number and address that the made-up lists draw from.
    private static async Task<List<string>> ClosedAsync(House house)
    {
        var lines = new List<string>();
        for (var n = 0; n < 900; n++)
        {
            foreach (var point in (string[])[string.Create(CultureInfo.InvariantCulture, $"+44207946{n:0000}"), $"p{n}@example.org"])
            {
                var channels = (await house.SuppressionsAsync(point)).Where(static row => row.LiftedSeq is null).Aggregate(0, static (all, row) => all | row.Channels);
                if (channels != 0)
                    lines.Add($"{point} {channels}");
            }
        }

        return lines;
    }

    private static async Task StopAtAsync(House house, long rows, CancellationTokenSource stop)
    {
        while (!stop.IsCancellationRequested && ((await OnlyAsync(house))?.Done ?? 0) < rows)
            await Task.Delay(1, CancellationToken.None);
        await stop.CancelAsync();
    }

    private static async Task<BatchRow?> OnlyAsync(House house)
    {
        BatchRow? only = null;
        await foreach (var row in house.Installation.Store.BatchesAsync(house.Ledger.Ledger, CancellationToken.None))
            only = only is null ? row : throw new InvalidOperationException("There are two imports.");
        return only;
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(lists, name)).FullName;

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
