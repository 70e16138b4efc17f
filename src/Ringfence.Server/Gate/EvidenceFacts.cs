using System.Text.Json;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.People.Import;

namespace Ringfence.Server.Gate;

/// <summary>What the gate is told of the evidence of a consent: what can be shown, and nothing else.</summary>
internal static class EvidenceFacts
{
    /// <summary>The most that the row of a list can show; that a yes was documented when it was given, signed or confirmed no row shows.</summary>
    private const EvidenceItems MostOfARow = EvidenceItems.Record | EvidenceItems.Wording | EvidenceItems.SellerNamed | EvidenceItems.ChannelNamed | EvidenceItems.AutoAuthorised
        | EvidenceItems.PersonNamed | EvidenceItems.TimeRecorded | EvidenceItems.MannerRecorded;

    /// <summary>What a record and its opened evidence show.</summary>
    /// <param name="record">The record of a yes, or of a question.</param>
    /// <param name="content">Its evidence, opened; null: there is none, or it can't be opened any more.</param>
    /// <param name="wording">What the wording proves that the record names; null: nobody has it.</param>
    /// <param name="hasName">Whether the person's name is known.</param>
    /// <param name="controller">The legal name of the controller of the record; null: not known.</param>
    public static ShownEvidence Of(LedgerRecord record, byte[]? content, WordingProof? wording, bool hasName, string? controller) =>
        content is not null && record.Type == RecordType.ConsentImported && Row(content) is { } row
            ? new ShownEvidence(Items<EvidenceItems>(row.Holds) & MostOfARow, Items<ConsentFlaws>(row.Flaws), row.Method is { } how && Words<ConsentMethod>.TryParse(how, out var method) ? method : null)
            : ConsentProof.Shown(record, content is null ? null : Read(content), wording, hasName, controller);

    private static ConsentEvidence? Read(byte[] content)
    {
        try
        {
            return ConsentEvidence.FromBytes(content);
        }
        catch (RuleFileException)
        {
            return null;
        }
    }

    private static ImportEvidence? Row(byte[] content)
    {
        try
        {
            return ImportEvidence.Read(content) is { Format: ImportEvidence.Version } row ? row : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static T Items<T>(IReadOnlyList<string>? words) where T : struct, Enum
    {
        var items = 0UL;
        foreach (var word in words ?? [])
        {
            if (Words<T>.TryParse(word, out var item))
                items |= Convert.ToUInt64(item, System.Globalization.CultureInfo.InvariantCulture);
        }

        return (T)Enum.ToObject(typeof(T), items);
    }
}
