using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Hosting.Nodes;

/// <summary>Three programs on one database, asked by many at once for leave to contact the same few people: together they give as many permits as the cap has places, and each is used once.</summary>
public sealed class SeveralIssuersTests
{
    // RINGFENCE_TEST_ROUNDS=100 for more.
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_ROUNDS") ?? "5", CultureInfo.InvariantCulture);

    private const int Issuers = 32;
    private const int HotContacts = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task No_cap_is_exceeded_by_programs_that_race_for_its_places()
    {
        await using var group = await ServerNode.Group.StartAsync(3);
        var issued = new ConcurrentDictionary<int, ConcurrentBag<string>>();
        var used = new ConcurrentBag<string>();
        for (var round = 0; round < Rounds; round++)
        {
            var contacts = Enumerable.Range(round * HotContacts, HotContacts).Select(static n => new Contact(n)).ToArray();
            foreach (var contact in contacts)
                Assert.Equal(HttpStatusCode.Created, (await AskAsync(group.Nodes[round % 3], "consents", contact.Agreement)).Status);
            await Task.WhenAll(Enumerable.Range(0, Issuers).Select(issuer => Task.Run(async () =>
            {
                for (var i = 0; i < HotContacts; i++)
                {
                    var contact = contacts[(issuer + i) % HotContacts];
                    var (status, json) = await AskAsync(group.Nodes[(issuer + i) % 3], "permits", Contact.Question(contact.Number));
                    if (status == HttpStatusCode.OK)
                        continue;
                    Assert.Equal(HttpStatusCode.Created, status);
                    var permit = json.GetProperty("permit").GetString()!;
                    issued.GetOrAdd(contact.Number, static _ => []).Add(permit);
                    // At two programs at once: it is used at one of them.
                    var both = await Task.WhenAll(AskAsync(group.Nodes[issuer % 3], $"permits/{permit}/redeem", ""), AskAsync(group.Nodes[(issuer + 1) % 3], $"permits/{permit}/redeem", ""));
                    Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], both.Select(static one => one.Status).Order());
                    used.Add(permit);
                }
            })));
        }

        Assert.Equal(Enumerable.Repeat(Contact.Promised, Rounds * HotContacts), Enumerable.Range(0, Rounds * HotContacts).Select(contact => issued.GetValueOrDefault(contact)?.Count ?? 0));
        Assert.Equal(used.Count, used.Distinct().Count());
        foreach (var node in group.Nodes)
            await node.KillAsync();
        // The store says so too, and so do the records.
        await using var installation = await Installation.OpenAsync(group.Options, TimeProvider.System, TestContext.Current.CancellationToken);
        var ledger = await installation.LedgerAsync(null, TestContext.Current.CancellationToken);
        var permits = await installation.Store.PermitsAsync(ledger.Ledger, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.All(permits.GroupBy(static row => Convert.ToHexString(row.Tag)), static one => Assert.Equal(Contact.Promised, one.Count()));
        Assert.Equal(Rounds * HotContacts * Contact.Promised, permits.Count(static row => row.RedeemedSeq is not null));
        var records = await installation.Store.RecordsAsync(ledger.Ledger, 0, long.MaxValue, TestContext.Current.CancellationToken).Select(StoredRecord.Read).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(permits.Count, records.Count(static record => record.Type == RecordType.PermitIssued));
    }

    private static async Task<(HttpStatusCode Status, System.Text.Json.JsonElement Json)> AskAsync(ServerNode node, string path, string body) =>
        await node.AskAsync(path, body, null, Patience) ?? throw new InvalidOperationException(node.Complained);
}
