using System.Diagnostics;
using System.Globalization;
using System.Net;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>The disk is full, or does not take what it is given, under the program itself.</summary>
public sealed class FailingDiskTests : IDisposable
{
    private const int DiskBytes = 6 << 20;

    private readonly string folder = Directory.CreateTempSubdirectory("rf-disk-").FullName;
    private bool isMounted;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(folder, "data");

    public void Dispose()
    {
        if (isMounted)
            Run("umount", "-l", Data);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task On_a_full_disk_nothing_is_acknowledged_that_is_not_there_and_with_room_again_all_goes_on()
    {
        Directory.CreateDirectory(Data);
        isMounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={DiskBytes.ToString(CultureInfo.InvariantCulture)},mode=0700", "tmpfs", Data);
        Assert.SkipWhen(!isMounted, "A disk of its own can't be mounted here.");
        // The ballast comes before the installation; what is in the way of a database is not.
        var options = House.In(folder);
        var key = await ServedProcess.FoundAsync(options);
        var ballast = Path.Combine(Data, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[DiskBytes / 2], Cancel);

        await using var served = await ServedProcess.StartAsync(options, key);
        var (acknowledged, not) = (new Dictionary<int, long>(), new Dictionary<int, string>());
        var next = 0;
        for (; not.Count < 200; next += 500)
        {
            Assert.True(next < 100_000, "The disk does not get full.");
            var (some, others) = await served.WithdrawManyAsync(next, 500);
            foreach (var (n, seq) in some)
                acknowledged.Add(n, seq);
            foreach (var (n, told) in others)
                not.Add(n, told);
        }

        // Told as not done, or kept beside; never as done.
        Assert.All(not.Values, static told => Assert.Contains(told, (string[])["503 withdrawal-kept", "503 withdrawal-not-kept"]));
        Assert.NotEmpty(acknowledged);
        if (not.ContainsValue("503 withdrawal-kept"))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await served.DecideAsync(900_000)).Status);

        File.Delete(ballast);
        for (var began = Stopwatch.GetTimestamp(); (await served.DecideAsync(900_000)).Status != HttpStatusCode.OK; await Task.Delay(50, Cancel))
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), served.Complained);
        var (more, less) = await served.WithdrawManyAsync(next, 200);
        Assert.Equal((200, 0), (more.Count, less.Count));
        Assert.Equal(0, await served.StopAsync());

        var blocked = await ServedProcess.BlockedAsync(options, Enumerable.Range(0, next + 210));
        Assert.Subset(blocked, acknowledged.Keys.Concat(more.Keys).Concat(not.Where(static told => told.Value == "503 withdrawal-kept").Select(static told => told.Key)).ToHashSet());
        Assert.DoesNotContain(next + 205, blocked);
    }

    [Theory]
    [InlineData("fsync:error=EIO")]
    [InlineData("pwrite64:error=EIO")]
    public async Task When_the_disk_does_not_take_a_commit_the_server_is_gone_before_it_says_anything_of_it(string fault)
    {
        Assert.SkipWhen(SystemCalls.Wanting is not null, SystemCalls.Wanting ?? "");
        var options = House.In(folder);
        var key = await ServedProcess.FoundAsync(options);
        var log = Path.Combine(Data, StoreOptions.FileName + "-wal");
        var injected = 0;
        foreach (var when in (int[])[2, 5, 9])
        {
            // Counted for each thread; one thread writes.
            await using var served = await ServedProcess.StartAsync(
                options, key, "strace", "-f", "-q", "-o", "/dev/null", "-e", "trace=" + fault[..fault.IndexOf(':', StringComparison.Ordinal)], "-P", log, "-e", $"inject={fault}:when={when}+");
            var acknowledged = new Dictionary<int, long>();
            var first = when * 1000;
            try
            {
                for (var n = first; n < first + 200; n++)
                {
                    var (status, json) = await served.WithdrawAsync(n);
                    Assert.Equal(HttpStatusCode.Created, status);
                    acknowledged.Add(n, json.GetProperty("record").GetInt64());
                }
            }
            catch (HttpRequestException)
            {
                injected++;
            }

            Assert.Equal(70, await served.EndedAsync());
            Assert.Contains("the disk did not take what it was to keep", served.Complained, StringComparison.Ordinal);
            var blocked = await ServedProcess.BlockedAsync(options, Enumerable.Range(first, 200));
            Assert.Subset(blocked, acknowledged.Keys.ToHashSet());
            // What was in flight may be there or not; what was never asked is not.
            Assert.InRange(blocked.Count, acknowledged.Count, acknowledged.Count + 1);
        }

        Assert.Equal(3, injected);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
