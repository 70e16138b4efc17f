using System.Text;
using System.Text.Json;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>What a person is given of a consent: the receipt, the evidence that proves its record, and a signature over it. <c>docs/reference/ledger.md</c>, "Receipt".</summary>
/// <param name="Receipt">What the record says, readable.</param>
/// <param name="Evidence">The record with everything that proves it, and the openings that are the person's.</param>
/// <param name="Signature">By the ledger's key for receipts.</param>
internal sealed record ReceiptFile(Receipt Receipt, EvidenceBundle Evidence, SignedNote Signature)
{
    private static readonly HashSet<CommitGroup> OfThePerson = [CommitGroup.Person, CommitGroup.Evidence];

    /// <summary>Makes it of a record.</summary>
    /// <exception cref="CommandRefusedException"><c>no-such-record</c>; <c>not-a-consent</c>: the record says of nobody how they consented; <c>nothing-signed</c>.</exception>
    /// <exception cref="SignerException">The signer does not sign.</exception>
    public static async Task<ReceiptFile> MakeAsync(Installation installation, LedgerRow ledger, long seq, CancellationToken cancel)
    {
        var bundle = await EvidenceBundle.GatherAsync(installation, ledger, [seq], OfThePerson, cancel);
        var record = bundle.Records.Single(record => record.Seq == seq);
        if (!IsOfConsent(record))
            throw new CommandRefusedException("not-a-consent");
        var party = Read(bundle.Document(record.Controller), static bytes => PartyDocument.FromBytes(bytes)) ?? throw new StoreException(StoreFault.Damaged, "The document of the controller can't be read.");
        var wording = record.Notice is { } notice ? Read(bundle.Document(notice.Doc), static bytes => WordingDocument.FromBytes(bytes)) : null;
        // What a list said of a yes was kept as it said it, and is shown in the openings.
        var evidence = Read(bundle.Opened(seq, CommitGroup.Evidence), static bytes => ConsentEvidence.Read("evidence", Encoding.UTF8.GetString(bytes)));
        var receipt = Receipt.Of(record, party, wording, evidence);
        return new ReceiptFile(receipt, bundle, await installation.Signer.SignReceiptAsync(ledger.Origin, receipt.Digest, cancel));
    }

    /// <summary>The file.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, EvidenceBundle.Plainly))
        {
            json.WriteStartObject();
            json.WriteString("format", Receipt.Profile);
            json.WritePropertyName("receipt");
            json.WriteRawValue(Receipt.ToBytes());
            json.WritePropertyName("evidence");
            Evidence.Write(json);
            json.WriteString("signature", Signature.ToString());
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private static bool IsOfConsent(LedgerRecord record) => record is { State: not null, Subject: not null }
        && ConsentEvent.From(record) is not (null or { Kind: ConsentEventKind.Suppressed or ConsentEventKind.Lifted or ConsentEventKind.ImportUndone });

    private static T? Read<T>(byte[]? bytes, Func<byte[], T> read) where T : class
    {
        try
        {
            return bytes is null ? null : read(bytes);
        }
        catch (RuleFileException)
        {
            return null;
        }
    }
}
