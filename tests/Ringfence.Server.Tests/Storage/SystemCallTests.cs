using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>No word of an acknowledgement leaves before what it stands for was forced to the disk: read off the system calls of the program itself.</summary>
public sealed partial class SystemCallTests : IDisposable
{
    private const string Ann = "+442079460018";

    private static readonly Dictionary<string, string?> NoDatabase = new() { [AcknowledgingProcess.ConnectionVariable] = null, ["RINGFENCE_SIGNER"] = null, ["RINGFENCE_DB"] = null };

    private readonly string folder = Directory.CreateTempSubdirectory("rf-calls-").FullName;

    private string Data => Path.Combine(folder, "data");

    private string Keys => Path.Combine(folder, "keys");

    private string Log => Path.Combine(Data, StoreOptions.FileName + "-wal");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Of_many_clients_nobody_hears_of_a_withdrawal_before_its_record_was_forced_to_the_disk()
    {
        var traced = await TraceManyAsync(each: 10, onlyNo: true);
        var log = new WriteAhead(traced.Calls, Log);
        var records = log.Records();
        var acknowledged = 0;
        foreach (var line in traced.Writings("no "))
        {
            var seq = long.Parse(line.Text.Split(' ')[2], CultureInfo.InvariantCulture);
            Assert.True(records.TryGetValue(seq, out var forced), $"Record {seq} was acknowledged and never forced to the disk.");
            Assert.True(forced < line.Began, $"Record {seq} was acknowledged before it was forced to the disk.");
            acknowledged++;
        }

        Assert.Equal(AcknowledgingProcess.Clients * 10, acknowledged);
        // Many share one wait for the disk.
        Assert.InRange(log.TimesForced, 10, acknowledged / 2);
    }

    [Fact]
    public async Task No_byte_of_an_answer_that_says_yes_leaves_the_server_before_the_record_was_forced_to_the_disk()
    {
        Assert.SkipWhen(SystemCalls.Wanting is not null, SystemCalls.Wanting ?? "");
        var options = House.In(folder);
        var key = await ServedProcess.FoundAsync(options);
        var file = Path.Combine(folder, "trace");
        await using (var served = await ServedProcess.StartAsync(options, key, SystemCalls.Watching(file)))
        {
            var (told, not) = await served.WithdrawManyAsync(0, 300);
            Assert.Equal((300, 0), (told.Count, not.Count));
            Assert.Equal(0, await served.StopAsync());
        }

        var calls = SystemCalls.Read(file);
        var records = new WriteAhead(calls, Log).Records();
        var acknowledged = 0;
        foreach (var (begin, seq) in Answers(calls))
        {
            Assert.True(records.TryGetValue(seq, out var forced) && forced < begin.Began, $"Record {seq} was acknowledged before it was forced to the disk.");
            acknowledged++;
        }

        Assert.Equal(300, acknowledged);
    }

    // The first sending of each answer of success on a connection, and the record that the answer names.
    private static IEnumerable<(SystemCall Begin, long Seq)> Answers(IReadOnlyList<SystemCall> calls)
    {
        foreach (var connection in calls.Where(static call => call.Name is "sendto" or "sendmsg").GroupBy(static call => call.Path))
        {
            SystemCall? begin = null;
            foreach (var sent in connection)
            {
                if (sent.Text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
                    begin = sent.Text[9] == '2' ? sent : null;
                if (begin is null || RecordOf().Match(sent.Text) is not { Success: true } record)
                    continue;
                yield return (begin, long.Parse(record.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
                begin = null;
            }
        }
    }

    [GeneratedRegex("\"record\":(\\d+)")]
    private static partial Regex RecordOf();

    [Fact]
    public async Task Consents_and_erasures_are_told_of_after_keys_and_journal_and_records_were_forced_to_the_disk()
    {
        var traced = await TraceManyAsync(each: 10, onlyNo: false);
        var records = new WriteAhead(traced.Calls, Log).Records();
        var keyring = new WriteAhead(traced.Calls, Path.Combine(Keys, "keyring", "keyring.db-wal"));
        var journal = Directory.GetFiles(Keys, "erasures.journal", SearchOption.AllDirectories).Single();
        var (yes, gone) = (0, 0);
        foreach (var line in traced.Writings("yes "))
        {
            var words = line.Text.Trim().Split(' ');
            Assert.True(records[long.Parse(words[2], CultureInfo.InvariantCulture)] < line.Began);
            // The key is there before anything is sealed by it.
            Assert.True(keyring.Holding(Convert.FromHexString(words[3])) < line.Began);
            yes++;
        }

        foreach (var line in traced.Writings("gone "))
        {
            var words = line.Text.Trim().Split(' ');
            Assert.All(words[3].Split(','), seq => Assert.True(records[long.Parse(seq, CultureInfo.InvariantCulture)] < line.Began));
            var noted = traced.Writings(words[2]).First(call => call.Path == journal);
            Assert.True(traced.Forced(journal, noted.Ended)!.Ended < line.Began);
            Assert.True(keyring.Holding(Convert.FromHexString(words[2]), from: noted.Ended) < line.Began);
            gone++;
        }

        Assert.InRange(yes, 100, int.MaxValue);
        Assert.InRange(gone, 10, int.MaxValue);
    }

    [Fact]
    public async Task The_command_says_that_somebody_is_withdrawn_after_the_record_was_forced_to_the_disk()
    {
        await BuildAsync(static house => Task.CompletedTask);
        var traced = await TraceAsync("withdraw", Ann, "--json");
        Assert.True(traced.Exit == 0, traced.Complained);
        var line = Assert.Single(traced.Writings("{\"seq\":"));
        var seq = CommandAnswer.Read(Encoding.UTF8.GetBytes(line.Text)).Seq;
        Assert.True(new WriteAhead(traced.Calls, Log).Records()[seq] < line.Began);
    }

    [Fact]
    public async Task The_command_erases_in_an_order_in_which_each_step_is_forced_to_the_disk_before_the_next()
    {
        var sid = "";
        await BuildAsync(async house => sid = (await house.SaysAsync(Ann)).Sid!);
        var traced = await TraceAsync("erase", Ann, "--json");
        Assert.True(traced.Exit == 0, traced.Complained);

        var log = new WriteAhead(traced.Calls, Log);
        var (requested, completed) = (log.Holding("\"type\":\"erasure.requested\""u8.ToArray())!.Value, log.Holding("\"type\":\"erasure.completed\""u8.ToArray())!.Value);
        var journal = Directory.GetFiles(Keys, "erasures.journal", SearchOption.AllDirectories).Single();
        var noted = Assert.Single(traced.Writings(sid), call => call.Path == journal);
        var journaled = traced.Forced(journal, noted.Ended)!;
        // The row of the key stays, with nothing in it.
        var destroyed = new WriteAhead(traced.Calls, Path.Combine(Keys, "keyring", "keyring.db-wal")).Holding(Convert.FromHexString(sid), from: journaled.Ended)!.Value;
        var told = traced.Writings("{").Last(call => call.Path.StartsWith("pipe:", StringComparison.Ordinal) && call.Text.Contains(sid, StringComparison.Ordinal));
        int[] order = [requested, noted.Began, journaled.Ended, destroyed, completed, told.Began];
        Assert.Equal(order.Order(), order);
        Assert.Contains(traced.Calls, call => call.Name == "ftruncate" && call.Path == Log && call.Began > completed && call.Ended < told.Began);
    }

    [Fact]
    public async Task The_signer_answers_after_it_forced_to_the_disk_what_it_signs()
    {
        await BuildAsync(static house => Task.CompletedTask);
        var traced = await TraceAsync("withdraw", Ann);
        var signer = Directory.GetDirectories(Path.Combine(Keys, "signer")).Single();
        var answers = traced.Writings("{\"ok\":true,\"note\":").ToList();
        Assert.NotEmpty(answers);
        foreach (var signed in answers)
        {
            using var answer = JsonDocument.Parse(signed.Bytes);
            var size = answer.RootElement.GetProperty("note").GetString()!.Split('\n')[1];
            var kept = Assert.Single(traced.Calls, call => call.Name == "pwrite64" && call.Path == Path.Combine(signer, "state.new") && call.Text.Contains($"\"size\": {size},", StringComparison.Ordinal));
            var forced = traced.Forced(kept.Path, kept.Ended)!;
            var renamed = traced.Calls.First(call => call.Name == "rename" && call.Path == kept.Path && call.Began > kept.Ended);
            var listed = traced.Forced(signer, renamed.Ended)!;
            int[] order = [kept.Ended, forced.Began, forced.Ended, renamed.Began, renamed.Ended, listed.Began, listed.Ended, signed.Began];
            Assert.Equal(order.Order(), order);
        }
    }

    [Fact]
    public async Task A_withdrawal_that_is_kept_while_the_store_is_away_is_told_of_as_kept_after_it_was_forced_to_the_disk()
    {
        await BuildAsync(static house => Task.CompletedTask);
        var traced = await TraceAsync("withdraw", Ann, "--db", $"Host={folder};Username=nobody;Timeout=2");
        Assert.Equal("", traced.Said);
        Assert.NotEqual(0, traced.Exit);
        var spool = WithdrawalSpool.FileIn(Data);
        var kept = Assert.Single(traced.Calls, call => call.Name is "write" or "pwrite64" && call.Path == spool);
        var told = traced.Calls.Last(static call => call.Name is "write" && call.Path.StartsWith("pipe:", StringComparison.Ordinal) && call.Bytes.Length > 20);
        Assert.Contains(told.Text.Trim()[..20], traced.Complained, StringComparison.Ordinal);
        Assert.True(traced.Forced(spool, kept.Ended)!.Ended < told.Began);
        Assert.True(traced.Forced(Data, kept.Ended)!.Ended < told.Began);
    }

    [Theory]
    [InlineData("7 fsync(5</d/ringfence.db-wal>) = 0|8 write(1<pipe:[1]>, \"no 0 3\\n\", 7) = 7", true)]
    [InlineData("8 write(1<pipe:[1]>, \"no 0 3\\n\", 7) = 7|7 fsync(5</d/ringfence.db-wal>) = 0", false)]
    [InlineData("7 fsync(5</d/ringfence.db-wal> <unfinished ...>|8 write(1<pipe:[1]>, \"no 0 3\\n\", 7) = 7|7 <... fsync resumed>) = 0", false)]
    [InlineData("7 fsync(5</d/ringfence.db-wal>) = -1 EIO (Input/output error)|8 write(1<pipe:[1]>, \"no 0 3\\n\", 7) = 7", false)]
    [InlineData("7 fsync(5</d/ringfence.db>) = 0|8 write(1<pipe:[1]>, \"no 0 3\\n\", 7) = 7", false)]
    public void An_acknowledgement_that_came_too_early_is_told_from_one_in_time(string then, bool inTime)
    {
        var page = "\\0\\17a" + new string('.', 600) + "\\\"seq\\\":3,\\\"type\\\":\\\"x\\\"";
        string[] lines =
        [
            "7 pwrite64(5</d/ringfence.db-wal>, \"\\0\\0\\0\\1\\0\\0\\0\\002................\", 24, 32) = 24",
            $"7 pwrite64(5</d/ringfence.db-wal>, \"{page.Replace("\\\\\\\"", "\\\"", StringComparison.Ordinal)}\", 4096, 56 <unfinished ...>", "8 write(2</dev/null>, \"x\", 1) = 1", "7 <... pwrite64 resumed>) = 4096", .. then.Split('|'),
        ];
        var calls = SystemCalls.Read(lines);
        var said = calls.Single(static call => call.Text == "no 0 3\n");
        Assert.Equal(inTime, new WriteAhead(calls, "/d/ringfence.db-wal").Records().TryGetValue(3, out var forced) && forced < said.Began);
    }

    private async Task<Traced> TraceManyAsync(int each, bool onlyNo)
    {
        Assert.SkipWhen(SystemCalls.Wanting is not null, SystemCalls.Wanting ?? "");
        var traced = await SystemCalls.TraceAsync(Path.Combine(folder, "trace"), NoDatabase, ["dotnet", .. KilledProcessTests.Arguments(folder, 0, each, onlyNo)]);
        Assert.True(traced.Exit == 0, traced.Complained);
        return traced;
    }

    private Task<Traced> TraceAsync(params string[] command) => SystemCalls.TraceAsync(
        Path.Combine(folder, "trace"), NoDatabase, [.. ServedProcess.Program, .. command, "--data", Data, "--keys", Keys]);

    // An installation with one controller, closed.
    private async Task BuildAsync(Func<House, Task> with)
    {
        Assert.SkipWhen(SystemCalls.Wanting is not null, SystemCalls.Wanting ?? "");
        var house = await House.BuildAsync();
        await with(house);
        await house.CloseAsync();
        foreach (var part in (string[])["data", "keys"])
            Directory.Move(Path.Combine(house.Folder, part), Path.Combine(folder, part));
        Directory.Delete(house.Folder, recursive: true);
    }
}
