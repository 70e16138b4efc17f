using System.Text.Json.Nodes;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
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
        bundle["documents"] = Documents(ledger);
        var (exit, _, line) = Verifying.Run("bundle", files.Write("bundle", Verifying.Bytes(bundle)), "--policy", policy, "--held", kept);
        Assert.Equal((4, ""), (exit, string.Join(' ', Verifying.Failed(line))));
        Assert.Equal(completed, line.GetProperty("erased")[0].GetProperty("by").GetInt32());
    }

    [Fact]
    public void A_receipt_that_the_program_renders_is_verified()
    {
        var samples = Path.Combine(Repository(), "samples");
        var wording = WordingDocument.Read("wording", File.ReadAllText(Path.Combine(samples, "wording-offers.yaml")));
        var party = PartyDocument.Read("party", File.ReadAllText(Path.Combine(samples, "party-ringmuster.yaml")));
        var record = new LedgerRecord
        {
            Seq = 1,
            Id = new OpaqueId(0x1234),
            Type = RecordType.ConsentGiven,
            State = RecordState.Given,
            At = Instant.FromUtc(2026, 11, 22, 9, 30, 2),
            EventAt = Instant.FromUtc(2026, 11, 22, 9, 30, 1),
            EventSource = EventSource.Server,
            Controller = party.Digest,
            Actor = new Actor(ActorKind.Person, "form-offers"),
            Subject = new Subject(new OpaqueId(0xabc), new OpaqueId(0xdef)),
            Scope = new RecordScope(["sms", "voice"], ["offers"], "news"),
            ValidFor = "P1Y",
            Basis = "consent",
            Notice = new Notice(wording.Digest, "zh-Hans", "2026-11"),
            Pii = ["phone"],
            Method = new CollectionMethod("web_form", Ceremony.DoubleOptIn),
            Jurisdiction = ["US-CA", "GB"],
        };
        var receipt = Receipt.Of(record, party, wording, null);
        var ledger = new ForgedLedger(1);
        ledger.AppendBytes(RecordBytes.ToArray(record));
        ledger.Documents[party.Digest.ToString()] = party.ToBytes();
        ledger.Documents[wording.Digest.ToString()] = wording.ToBytes();
        var evidence = ledger.Bundle(2, [1]);
        evidence["documents"] = Documents(ledger);
        var file = Verifying.Bytes(new JsonObject
        {
            ["format"] = "ringfence/receipt/v1",
            ["receipt"] = JsonNode.Parse(receipt.ToBytes()),
            ["evidence"] = evidence,
            ["signature"] = ledger.ReceiptKey.Note(receipt.NoteText(ForgedLedger.Origin)),
        });
        var (exit, _, line) = Verifying.Run("receipt", files.Write("receipt", file), "--policy", files.Write("policy", ledger.Policy), "--held", files.Write("kept", ledger.Checkpoint(2)));
        Assert.Equal((0, ""), (exit, string.Join(' ', Verifying.Failed(line))));
        Assert.True(line.GetProperty("checked").GetProperty("receipt").GetInt32() > 18);
    }

    public void Dispose() => files.Dispose();

    private static JsonArray Documents(ForgedLedger ledger) => [.. ledger.Documents.Select(document => new JsonObject
    {
        ["digest"] = document.Key, ["media"] = "application/json", ["bytes"] = Convert.ToBase64String(document.Value),
    })];

    private static string Repository([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));

    private static JsonNode Record(ForgedLedger ledger, int seq) => JsonNode.Parse(ledger.Bodies[seq])!;
}
