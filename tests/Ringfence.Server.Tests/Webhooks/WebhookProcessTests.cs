using System.Globalization;
using System.Net;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Ringfence.Server.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Webhooks;

/// <summary>The program itself is killed in the middle of telling: whatever it acknowledged is told, under one name each, in order.</summary>
public sealed class WebhookProcessTests
{
    private const int Numbers = 60;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // A proxy that is not there: whoever asked it would tell nobody.
    private static Dictionary<string, string?> Environment => new()
    {
        [ToldSystems.NetworksVariable] = "127.0.0.0/8", [ToldSystems.HttpVariable] = "loopback", ["http_proxy"] = "http://127.0.0.1:1", ["ALL_PROXY"] = "http://127.0.0.1:1",
    };

    [Fact]
    public async Task Whatever_was_acknowledged_is_told_although_the_program_is_killed_in_the_embedded_store() => await KillAsync(null, 3);

    [Fact]
    public async Task Whatever_was_acknowledged_is_told_although_the_program_is_killed_in_the_server_store()
    {
        await using var home = await PostgresHome.MakeAsync();
        await KillAsync(home.Connection, 1);
        Npgsql.NpgsqlConnection.ClearAllPools();
    }

    private static async Task KillAsync(string? connection, int kills)
    {
        var folder = Directory.CreateTempSubdirectory("rf-told-").FullName;
        var options = House.In(folder);
        options = connection is null ? options : options with { Store = new StoreOptions { Connection = connection } };
        await using var receiver = await Receiver.StartAsync();
        var key = await ServedProcess.FoundAsync(options);
        string id;
        await using (var installation = await Installation.OpenAsync(options, TimeProvider.System, Cancel))
        {
            var ledger = await installation.LedgerAsync(null, Cancel);
            id = (await new ToldSystems(installation, ledger).AddAsync(House.Staff, Receiver.Reach, receiver.Url, ["suppression.added", "suppression.lifted"], null, null, Cancel)).Row.Id;
        }

        // Slow enough that it is always in the middle of something.
        receiver.Answers = static async (_, http) =>
        {
            await Task.Delay(250, http.RequestAborted);
            http.Response.StatusCode = 204;
        };
        var acknowledged = new HashSet<long>();
        for (var kill = 0; kill <= kills; kill++)
        {
            await using var served = await ServedProcess.StartAsync(options, key, Environment, [], []);
            for (var n = 0; n < Numbers; n++)
            {
                var (status, json) = await served.WithdrawAsync((kill * Numbers) + n);
                Assert.Equal(HttpStatusCode.Created, status);
                acknowledged.Add(json.GetProperty("record").GetInt64());
            }

            if (kill < kills)
            {
                await served.SignalAsync("KILL");
                continue;
            }

            // What the one before had taken in a shared store is free after a minute.
            var until = DateTime.UtcNow.AddSeconds(connection is null ? 60 : 120);
            while (receiver.All.Select(static one => one.Record).Distinct().Count() < acknowledged.Count && DateTime.UtcNow < until)
                await Task.Delay(100, Cancel);
            Assert.True(await served.StopAsync() == 0, served.Complained);
        }

        Assert.Equal(acknowledged.Order(), receiver.All.Select(static one => one.Record).Distinct().Order());
        Assert.All(receiver.All.GroupBy(static one => one.Record), static some => Assert.Single(some.Select(static one => one.Id).Distinct()));
        Assert.True(receiver.All.Count < acknowledged.Count + (kills * 17), receiver.All.Count.ToString(CultureInfo.InvariantCulture));
        await using (var installation = await Installation.OpenAsync(options, TimeProvider.System, Cancel))
        {
            var ledger = await installation.LedgerAsync(null, Cancel);
            // What arrived just before the kill and was not noted yet is another program's for a minute in a shared store; of the embedded one it is noted by now.
            if (connection is null)
                Assert.Empty(await installation.Store.Outbox.ListAsync(ledger.Ledger, id, DeliveryKind.Waiting, 0, -1, 10, Cancel));
            Assert.DoesNotContain((await new Fsck(installation, ledger, full: true).RunAsync(Cancel)).All, static finding => finding.Code.StartsWith("webhook", StringComparison.Ordinal));
        }

        Directory.Delete(folder, recursive: true);
    }
}
