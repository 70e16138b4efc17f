using System.Text.Json.Nodes;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

/// <summary>What a person is given of a consent convinces whoever checks it, and nobody once a word of it was changed.</summary>
public sealed class ReceiptFileTests : IDisposable
{
    private const string Ann = "+442079460018";

    private readonly Verifying verifying = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_verified()
    {
        await using var house = await House.BuildAsync();
        await house.SaysAsync(Ann);
        var newest = await house.SaysAsync(Ann, channels: "voice", purposes: "research");
        await house.SaysAsync(Ann, RecordType.ConsentWithdrawn, RecordState.Withdrawn);
        await house.Installation.SignWrittenAsync(Cancel);
        var file = (await ReceiptFile.MakeAsync(house.Installation, house.Ledger, newest.Seq, Cancel)).ToBytes();
        var (exit, output, line) = await VerifyAsync(house, file);
        Assert.True(exit == 0, output);
        Assert.True(line.GetProperty("checked").GetProperty("receipt").GetInt32() > 5);
        Assert.True(line.GetProperty("checked").GetProperty("opening").GetInt32() >= 1);
    }

    [Fact]
    public async Task Whatever_is_changed_in_it_is_found()
    {
        await using var house = await House.BuildAsync();
        var said = await house.SaysAsync(Ann);
        await house.Installation.SignWrittenAsync(Cancel);
        var file = (await ReceiptFile.MakeAsync(house.Installation, house.Ledger, said.Seq, Cancel)).ToBytes();
        foreach (var field in JsonNode.Parse(file)!["receipt"]!.AsObject().Select(static field => field.Key).ToList())
        {
            var changed = JsonNode.Parse(file)!;
            changed["receipt"]![field] = "other";
            Assert.Equal(1, (await VerifyAsync(house, Verifying.Bytes(changed))).Exit);
            changed = JsonNode.Parse(file)!;
            changed["receipt"]!.AsObject().Remove(field);
            Assert.Equal(1, (await VerifyAsync(house, Verifying.Bytes(changed))).Exit);
        }

        // Signed by the key of another house, under the same name.
        await using var other = await House.BuildAsync();
        var theirs = await other.SaysAsync(Ann);
        await other.Installation.SignWrittenAsync(Cancel);
        var forged = JsonNode.Parse(file)!;
        forged["signature"] = JsonNode.Parse((await ReceiptFile.MakeAsync(other.Installation, other.Ledger, theirs.Seq, Cancel)).ToBytes())!["signature"]!.DeepClone();
        Assert.Equal(1, (await VerifyAsync(house, Verifying.Bytes(forged))).Exit);
    }

    [Fact]
    public async Task There_is_none_of_what_is_no_consent_and_after_an_erasure_it_opens_nothing()
    {
        await using var house = await House.BuildAsync();
        var asked = await house.SaysAsync(Ann, RecordType.ConsentRequested, RecordState.Requested, ceremony: Ceremony.DoubleOptIn);
        var said = await house.SaysAsync(Ann);
        await house.Installation.SignWrittenAsync(Cancel);
        Assert.Equal("not-a-consent", (await Assert.ThrowsAsync<CommandRefusedException>(() => ReceiptFile.MakeAsync(house.Installation, house.Ledger, 0, Cancel))).Code);
        _ = OpaqueId.TryParse(asked.Sid, out var sid);
        await new Erasure(house.Installation, house.Ledger, House.Staff).RunAsync(sid, "request", Cancel);
        var receipt = await ReceiptFile.MakeAsync(house.Installation, house.Ledger, said.Seq, Cancel);
        Assert.Empty(receipt.Evidence.Revealed);
        Assert.Equal(4, (await VerifyAsync(house, receipt.ToBytes())).Exit);
    }

    public void Dispose() => verifying.Dispose();

    private async Task<(int Exit, string Output, System.Text.Json.JsonElement Line)> VerifyAsync(House house, byte[] file) => Verifying.Run(
        "receipt", verifying.Write("receipt", file),
        "--policy", verifying.Write("policy", string.Concat((await house.Installation.NotaryOf(house.Ledger).KeysAsync(Cancel)).Select(static key => $"log {key}\n")) + "quorum none\n"),
        "--held", verifying.Write("held", (await house.Installation.FilesOf(house.Ledger).TryGetAsync("checkpoint", Cancel))!));
}
