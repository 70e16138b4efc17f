using System.Text.Json.Nodes;
using Ringfence.Server.Rights;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>What the program writes is what the auditor's verifier, which shares no code with it, reads.</summary>
public sealed class ProgramsRecordsTests : IDisposable
{
    private const string Ann = "+442079460018";

    private readonly Verifying files = new();

    [Fact]
    public async Task The_records_of_a_house_are_verified_and_an_erasure_in_them_is_named()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var house = await House.BuildAsync();
        var given = await house.SaysAsync(Ann);
        await house.SaysAsync("+442079460019", channels: "sms,voice", purposes: "offers,research");
        await house.WithdrawAsync("+442079460019", "sms");
        await house.WithdrawAsync("+442079460020");
        await new Erasure(house.Installation, house.Ledger, House.Staff).RunAsync((await house.FindAsync(Ann))!.Person.Sid, "request", cancel);

        // Its bytes under a key of the tests: form, place, time, tree and documents are the program's.
        var ledger = new ForgedLedger(0);
        await foreach (var row in house.Installation.Store.RecordsAsync(house.Ledger.Ledger, 0, long.MaxValue, cancel))
            ledger.AppendBytes(row.Body);
        await foreach (var row in house.Installation.Store.DocumentsAsync(house.Ledger.Ledger, cancel))
            ledger.Documents[Convert.ToHexStringLower(row.Digest)] = row.Bytes;
        Assert.True(ledger.Size > 8);
        var (policy, kept) = (files.Write("policy", ledger.Policy), files.Write("kept", ledger.Checkpoint(ledger.Size)));
        ledger.Publish(files.Path("log"), ledger.Size);
        var log = Verifying.Run("log", files.Path("log"), "--policy", policy, "--held", kept, "--full");
        Assert.Equal((0, ""), (log.Exit, string.Join(' ', Verifying.Failed(log.Line))));

        var completed = Enumerable.Range(0, ledger.Size).Single(seq => Record(ledger, seq) is var record && (string)record["type"]! == "erasure.completed"
            && record["about"]?.AsArray().Any(about => (long)about! == given.Seq) == true);
        var bundle = ledger.Bundle(ledger.Size, [(int)given.Seq, completed]);
        bundle["records"]![0]!["erased"] = new JsonArray([.. Record(ledger, (int)given.Seq)["commits"]!.AsObject().Select(group => JsonValue.Create(group.Key))]);
        bundle["documents"] = new JsonArray([.. ledger.Documents.Select(document => new JsonObject
        {
            ["digest"] = document.Key, ["media"] = "application/json", ["bytes"] = Convert.ToBase64String(document.Value),
        })]);
        var (exit, _, line) = Verifying.Run("bundle", files.Write("bundle", Verifying.Bytes(bundle)), "--policy", policy, "--held", kept);
        Assert.Equal((4, ""), (exit, string.Join(' ', Verifying.Failed(line))));
        Assert.Equal(completed, line.GetProperty("erased")[0].GetProperty("by").GetInt32());
    }

    public void Dispose() => files.Dispose();

    private static JsonNode Record(ForgedLedger ledger, int seq) => JsonNode.Parse(ledger.Bodies[seq])!;
}
