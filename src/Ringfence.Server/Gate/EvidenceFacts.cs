using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Server.Gate;

/// <summary>What the gate is told of the evidence of a consent: what can be shown, and nothing else.</summary>
internal static class EvidenceFacts
{
    /// <summary>What a record and its opened evidence show.</summary>
    /// <param name="record">The record of a yes, or of a question.</param>
    /// <param name="content">Its evidence, opened; null: there is none, or it can't be opened any more.</param>
    /// <param name="wording">What the wording proves that the record names; null: nobody has it.</param>
    /// <param name="hasName">Whether the person's name is known.</param>
    public static ShownEvidence Of(LedgerRecord record, byte[]? content, WordingProof? wording, bool hasName) =>
        ConsentProof.Shown(record, content is null ? null : Read(content), wording, hasName);

    // What lists brought, and whatever else is in a form of its own, says where a yes stood, not that it was given.
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
}
