namespace Ringfence.Verify;

/// <summary>Whether checkpoints are signed as a policy asks.</summary>
internal sealed class Signatures(Policy policy)
{
    /// <summary>What is wrong with who signed, as a stable word; null where the ledger signed and no signature by a known key is false.</summary>
    public string? Fault(Checkpoint checkpoint)
    {
        var keys = policy.LedgerKeys(checkpoint.Origin).ToList();
        return keys.Count == 0 ? "unknown-ledger" : Fault(checkpoint.Note, keys);
    }

    /// <summary>The same for any note that one of these keys should have signed.</summary>
    public string? Fault(SignedNote note, IReadOnlyCollection<VerifierKey> keys)
    {
        // A line by a key that nobody here knows says nothing; one by a known key has to be true.
        if (note.Lines.Any(line => policy.Named(line).Any(key => !key.Signed(note.Text, line.Signature))))
            return "bad-signature";
        if (note.Lines.Any(line => policy.Named(line).Any() && note.Lines.Count(other => (other.Name, other.KeyId) == (line.Name, line.KeyId)) > 1))
            return "signed-twice";
        return note.Lines.Any(line => keys.Any(key => key.IsNamedBy(line))) ? null : "not-signed";
    }

    /// <summary>Judges a checkpoint, tells what is wrong with it, and counts it as anchored where enough witnesses signed.</summary>
    public bool Accepts(Checkpoint? checkpoint, Report report, string check, string? where = null)
    {
        report.Checked(check);
        var fault = checkpoint is null ? "not-a-checkpoint" : Fault(checkpoint);
        if (fault is not null)
            report.Failed(check, fault, where: where);
        else if (policy.IsQuorum(checkpoint!.Note.Lines))
            report.IsAnchored(checkpoint.Size, "witness");
        else if (policy.AsksForWitnesses && check == "signature")
            report.PassedOver("no-quorum", where ?? checkpoint.Origin);
        return fault is null;
    }
}
