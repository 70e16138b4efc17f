using System.Net;
using System.Text.Json;
using Xunit;

namespace Ringfence.Server.Tests.Hosting.Nodes;

/// <summary>A program that was stopped and goes on, without knowing of it, says nothing by what it knew before.</summary>
public sealed class StoppedNodeTests
{
    private const int Rounds = 3;
    private const int Waiting = 60;

    private static readonly TimeSpan Stopped = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_stood_still_tells_what_is_known_since_or_nothing()
    {
        await using var group = await ServerNode.Group.StartAsync(2);
        var (still, other) = (group.Nodes[0], group.Nodes[1]);
        for (var round = 0; round < Rounds; round++)
        {
            var contacts = Enumerable.Range(round * Waiting, Waiting).Select(static n => new Contact(n)).ToArray();
            await Parallel.ForEachAsync(contacts, Cancel, async (contact, _) => Assert.Equal(HttpStatusCode.Created, (await other.AskAsync("consents", contact.Agreement, null, Patience))?.Status));
            // By its snapshot: what the other wrote is in it by then, and asked for twice, so that nothing is looked up any more.
            for (var times = 0; times < 2; times++)
            {
                foreach (var contact in contacts)
                    await UntilAsync(still, contact, "allowed");
            }

            var asked = new List<Task<(HttpStatusCode Status, JsonElement Json)?>>();
            await still.StandStillAsync();
            var stopping = Task.Delay(Stopped, Cancel);
            foreach (var contact in contacts)
                Assert.Equal(HttpStatusCode.Created, (await other.AskAsync("withdrawals", $$"""{"to":"{{contact.Address}}"}""", null, Patience))?.Status);
            // They wait at its door, and are the first whom it serves.
            await stopping;
            asked.AddRange(contacts.Select((contact, n) => AskAsync(still, contact, n)));
            await still.GoOnAsync();
            // And whoever comes just then.
            for (var i = 0; i < 5; i++)
                asked.AddRange(contacts.Select((contact, n) => AskAsync(still, contact, n + i)));
            foreach (var answer in await Task.WhenAll(asked))
            {
                Assert.NotNull(answer);
                // Behind, or, on a machine that has much to do, without the database for a while: either is no leave.
                if (answer.Value.Status != HttpStatusCode.ServiceUnavailable)
                    Assert.All(Verdicts(answer.Value.Json), static verdict => Assert.Equal("refused", verdict));
            }

            foreach (var contact in contacts.Take(5))
                await UntilAsync(still, contact, "refused");
        }
    }

    private static Task<(HttpStatusCode Status, JsonElement Json)?> AskAsync(ServerNode node, Contact contact, int way)
    {
        var question = Contact.Question(contact.Number);
        return (way % 3) switch
        {
            0 => node.AskAsync("decisions", question, null, Patience),
            1 => node.AskAsync("decisions", question.TrimEnd('}', ' ') + ",\"explain\":false}", null, Patience),
            _ => node.AskAsync("decisions/batch", $$"""{"requests":[{{question}},{{question}}]}""", null, Patience),
        };
    }

    // Of a batch every single one; what is said in place of one is no verdict.
    private static IEnumerable<string?> Verdicts(JsonElement json) => (json.TryGetProperty("decisions", out var many) ? many.EnumerateArray().ToArray() : [json])
        .Where(static one => !one.TryGetProperty("code", out _)).Select(static one => one.GetProperty("verdict").GetString());

    private static async Task UntilAsync(ServerNode node, Contact contact, string verdict)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = await node.AskAsync("decisions", Contact.Question(contact.Number), null, Patience);
            if (answer is { Status: HttpStatusCode.OK } told && told.Json.GetProperty("verdict").GetString() == verdict)
                return;
            Assert.True(tries < 600, $"{answer} {node.Complained}");
            await Task.Delay(50, Cancel);
        }
    }
}
