using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Hosting.Nodes;

/// <summary>Three programs on one database, killed, standing still and cut off under load: whoever asked sees one order of things, and nothing that was acknowledged is lost.</summary>
public sealed class SeveralNodesTests
{
    // RINGFENCE_TEST_OPERATIONS=100000 for more.
    private static readonly int Operations = int.Parse(Environment.GetEnvironmentVariable("RINGFENCE_TEST_OPERATIONS") ?? "1200", CultureInfo.InvariantCulture);

    // So that they meet at the same few contacts, and in a long run somebody is always served.
    private static readonly int Callers = Math.Clamp(Operations / 500, 24, 64);

    // Who waits for a node that stands still does nothing meanwhile; who gives up on it asks another, and it does all the same what it was asked when it goes on.
    private static readonly TimeSpan[] Patience = [TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    // So much is done between one trouble and the next: counted in operations, so that a slow machine does not do nothing but start nodes.
    private static readonly int OperationsPerTrouble = Math.Clamp(Operations / 500, 30, 200);

    private const int MostTries = 24;
    private const int Progress = 5_000;

    private const int OperationsPerContact = 15;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_happens_to_the_nodes_no_permit_is_redeemed_after_a_no_or_twice_and_nothing_acknowledged_is_lost()
    {
        await using var group = await ServerNode.Group.StartAsync(3);
        var history = new History();
        var seed = Random.Shared.Next();
        using var done = new CancellationTokenSource();
        var trouble = TroubleAsync(group.Nodes, new Random(seed), history, done.Token);
        var contacts = Enumerable.Range(0, Math.Max(1, Operations / OperationsPerContact)).Select(static n => new Contact(n)).ToArray();
        var (left, began) = (Operations, Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + 1 + caller);
            while (Interlocked.Decrement(ref left) is >= 0 and var rest)
            {
                if (rest % Progress == 0)
                    TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"{rest} are left, {began.Elapsed.TotalSeconds:0} s"));
                // A window moves over the contacts, so that many callers ask about the same few.
                var at = (int)((long)(Operations - left) * contacts.Length / Operations);
                var contact = contacts[Math.Clamp(at + random.Next(-20, 20), 0, contacts.Length - 1)];
                history.Add(await DoAsync(group.Nodes, contact, random));
            }
        })));
        var took = began.Elapsed;
        await done.CancelAsync();
        var troubles = await trouble;

        Assert.Empty(history.Faults());
        // Whoever said no is refused everywhere, in the end.
        foreach (var contact in history.All.Where(static did => did is { Asked: Asked.Withdrawal, Told: Told.Yes }).Select(static did => did.Contact).Distinct().Take(50))
        {
            for (var node = 0; node < group.Nodes.Count; node++)
            {
                var answer = await UntilAnsweredAsync(group.Nodes[node], "decisions", Contact.Question(contact));
                Assert.Equal("refused", answer.GetProperty("verdict").GetString());
            }
        }

        foreach (var node in group.Nodes)
            await node.KillAsync();
        await CheckLedgerAsync(group.Options, history);
        var counts = string.Join(", ", history.All.GroupBy(static did => (did.Asked, did.Told)).OrderBy(static one => one.Key).Select(static one => $"{one.Key.Asked} {one.Key.Told} {one.Count()}"));
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"seed {seed}; {history.All.Count} operations by {Callers} callers in {took.TotalSeconds:0} s, checked in {began.Elapsed.TotalSeconds - took.TotalSeconds:0} s; {troubles}; {counts}"));
        foreach (var asked in Enum.GetValues<Asked>())
            Assert.Contains(history.All, did => did.Asked == asked && did.Told == Told.Yes);
    }

    private static async Task<Did> DoAsync(List<ServerNode> nodes, Contact contact, Random random)
    {
        if (!contact.HasAgreed)
        {
            var did = await AskAsync(nodes, random, contact, Asked.Consent, "consents", contact.Agreement, null);
            contact.HasAgreed |= did.Told == Told.Yes;
            return did;
        }

        var chance = random.Next(100);
        if (chance < 45 && contact.Permits.TryPeek(out var held))
        {
            // Often somebody else tries the same permit at the same time.
            if (random.Next(3) > 0)
                contact.Permits.TryDequeue(out _);
            return await AskAsync(nodes, random, contact, Asked.Redemption, $"permits/{held}/redeem", "", held);
        }

        if (chance >= 93)
            return await AskAsync(nodes, random, contact, Asked.Withdrawal, "withdrawals", $$"""{"to":"{{contact.Address}}"}""", null);
        if (chance >= 80)
            return await AskAsync(nodes, random, contact, Asked.Decision, "decisions", Contact.Question(contact.Number), null);
        var issued = await AskAsync(nodes, random, contact, Asked.Permit, "permits", Contact.Question(contact.Number), null);
        if (issued.Permit is { } permit)
            contact.Permits.Enqueue(permit);
        return issued;
    }

    // As a caller of several nodes does: where one gives no answer, the same is asked of another under the same key.
    private static async Task<Did> AskAsync(List<ServerNode> nodes, Random random, Contact contact, Asked asked, string path, string body, string? permit)
    {
        var key = asked == Asked.Decision ? null : Guid.NewGuid().ToString("N");
        var (began, node) = (Stopwatch.GetTimestamp(), 0);
        for (var tries = 0; tries < MostTries; tries++)
        {
            node = random.Next(nodes.Count);
            // Advice that nobody heard is asked for anew; and who never heard that a permit may be used uses it when they hear it at last.
            if (asked is Asked.Decision or Asked.Redemption)
                began = Stopwatch.GetTimestamp();
            var answer = await nodes[node].AskAsync(path, body, key, Patience[random.Next(Patience.Length)]);
            if (answer is { } told && told.Status != HttpStatusCode.ServiceUnavailable)
            {
                Assert.True(told.Status < HttpStatusCode.InternalServerError, $"{asked}: {(int)told.Status} {told.Json}\n{nodes[node].Complained}");
                var isYes = told.Status is HttpStatusCode.OK or HttpStatusCode.Created;
                if (isYes && asked is Asked.Decision or Asked.Permit)
                    isYes = told.Json.GetProperty("verdict").GetString() == "allowed";
                var record = told.Json.TryGetProperty("record", out var seq) ? seq.GetInt64() : (long?)null;
                if (isYes && asked == Asked.Permit)
                    permit = told.Json.GetProperty("permit").GetString();
                return new Did(began, Stopwatch.GetTimestamp(), node, contact.Number, asked, isYes ? Told.Yes : Told.No, permit, record);
            }

            await Task.Delay(random.Next(20, 150), Cancel);
        }

        return new Did(began, Stopwatch.GetTimestamp(), node, contact.Number, asked, Told.Unknown, permit);
    }

    private static async Task<JsonElement> UntilAnsweredAsync(ServerNode node, string path, string body)
    {
        for (var began = Stopwatch.GetTimestamp(); ; await Task.Delay(50, Cancel))
        {
            if (await node.AskAsync(path, body, null, TimeSpan.FromSeconds(5)) is { Status: HttpStatusCode.OK } answer)
                return answer.Json;
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60), node.Complained);
        }
    }

    private static async Task<string> TroubleAsync(List<ServerNode> nodes, Random random, History history, CancellationToken done)
    {
        var (kills, stills, cuts) = (0, 0, 0);
        while (!done.IsCancellationRequested)
        {
            var node = nodes[random.Next(nodes.Count)];
            switch (random.Next(3))
            {
                case 0:
                    await node.KillAsync();
                    await Task.Delay(random.Next(300), CancellationToken.None);
                    await node.StartAsync();
                    kills++;
                    break;
                case 1:
                    await node.StandStillAsync(TimeSpan.FromMilliseconds(random.Next(100, 3000)));
                    stills++;
                    break;
                default:
                    await node.CutAsync(TimeSpan.FromMilliseconds(random.Next(50, 1500)));
                    cuts++;
                    break;
            }

            for (var until = history.Count + random.Next(2 * OperationsPerTrouble); history.Count < until && !done.IsCancellationRequested;)
                await Task.Delay(20, CancellationToken.None);
        }

        return string.Create(CultureInfo.InvariantCulture, $"killed {kills}, stood still {stills}, cut off {cuts}");
    }

    // What was acknowledged stands in the ledger, once, and the ledger is sound.
    private static async Task CheckLedgerAsync(InstallationOptions options, History history)
    {
        await using var installation = await Installation.OpenAsync(options, TimeProvider.System, Cancel);
        var ledger = await installation.LedgerAsync(null, Cancel);
        var records = (await installation.Store.RecordsAsync(ledger.Ledger, 0, long.MaxValue, Cancel).ToListAsync(Cancel)).Select(StoredRecord.Read).ToDictionary(static record => record.Seq);
        var permits = await installation.Store.PermitsAsync(ledger.Ledger, Cancel).ToDictionaryAsync(static row => "per_" + new OpaqueId(row.Id), StringComparer.Ordinal, Cancel);
        foreach (var did in history.All.Where(static did => did.Told == Told.Yes))
        {
            switch (did.Asked)
            {
                case Asked.Withdrawal:
                    Assert.Equal(RecordType.SuppressionAdded, records[did.Record!.Value].Type);
                    break;
                case Asked.Permit:
                    Assert.True(permits.ContainsKey(did.Permit!), $"{did.Permit} was issued and is not there.");
                    break;
                case Asked.Redemption:
                    Assert.Equal(RecordType.PermitRedeemed, records[did.Record!.Value].Type);
                    Assert.Equal(did.Record, permits[did.Permit!].RedeemedSeq);
                    break;
            }
        }

        Assert.Equal(permits.Values.Count(static row => row.RedeemedSeq is not null), records.Values.Count(static record => record.Type == RecordType.PermitRedeemed));
        Assert.All(permits.Values.Where(static row => row.RedeemedSeq is not null).GroupBy(static row => Convert.ToHexString(row.Tag)), static group => Assert.True(group.Count() <= Contact.Promised));
        var findings = await new Fsck(installation, ledger, full: true).RunAsync(Cancel);
        Assert.DoesNotContain(findings.All, static finding => finding.Code is not ("no-outside-anchor" or "checkpoint-unkept"));
    }
}
