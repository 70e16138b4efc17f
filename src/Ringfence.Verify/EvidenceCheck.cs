using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Verify;

/// <summary>Checks an evidence bundle: that its records stand in the ledger, byte for byte, and that what is shown with them is what they mean.</summary>
internal sealed class EvidenceCheck(Auditor auditor, Report report)
{
    private static readonly byte[] CommitmentLabel = Encoding.ASCII.GetBytes("ringfence/commit/v1\0");

    private readonly Signatures signatures = new(auditor.Policy);
    private readonly Anchors anchors = new();
    private readonly List<(Leaf Leaf, BundledRecord Record)> records = [];
    private readonly HashSet<long> places = [];
    private readonly Dictionary<string, byte[]> present = new(StringComparer.Ordinal);
    private readonly List<Checkpoint> tied = [];

    /// <summary>The records that could be read.</summary>
    public IEnumerable<Leaf> Records => records.Select(record => record.Leaf);

    /// <summary>The bytes of a document by its digest; null where it is not there.</summary>
    public byte[]? Document(string? digest) => digest is null ? null : present.GetValueOrDefault(digest);

    /// <summary>Checks it; answers the checkpoint where its signatures are right, else null, and then nothing more could be checked.</summary>
    public Checkpoint? Check(BundleFile bundle)
    {
        var checkpoint = Checkpoint.Read(bundle.Checkpoint);
        if (!signatures.Accepts(checkpoint, report, "signature"))
            return null;
        report.Of(checkpoint!);
        tied.Add(checkpoint!);
        foreach (var record in bundle.Records)
            CheckRecord(record, checkpoint!);
        CheckOrder();
        CheckName(checkpoint!);
        CheckErasures();
        CheckDocuments(bundle.Documents);
        for (var i = 0; i < bundle.Anchors.Count; i++)
            CheckAnchor(bundle.Anchors[i], checkpoint!, $"anchors[{i}]");
        foreach (var (held, file) in auditor.Held)
            CheckHeld(held, file, checkpoint!);
        CheckTimes();
        report.ToBeAnchored = records.Select(record => record.Leaf.Seq + 1).DefaultIfEmpty(1).Max();
        return checkpoint;
    }

    private void CheckRecord(BundledRecord record, Checkpoint checkpoint)
    {
        report.Checked("record");
        var leaf = new Leaf();
        var proof = InclusionProof.Read(record.Proof);
        if (leaf.Read(record.Body) is { } fault)
        {
            report.Failed("record", fault, proof?.Index);
            return;
        }

        if ((leaf.Seq == 0) != leaf.IsGenesis)
            report.Failed("record", "genesis", leaf.Seq);
        report.Checked("inclusion");
        if (Fault() is { } wrong)
            report.Failed("inclusion", wrong, leaf.Seq);
        if (!places.Add(leaf.Seq))
            report.Failed("inclusion", "twice", leaf.Seq);
        var closed = leaf.Groups.ToHashSet(StringComparer.Ordinal);
        foreach (var opening in record.Opened)
            CheckOpening(leaf, opening, closed.Remove(opening.Group));
        records.Add((leaf, record));

        string? Fault()
        {
            if (proof is null)
                return "not-a-proof";
            if (proof.Index != leaf.Seq)
                return "other-place";
            if (!proof.Checkpoint.SaysTheSameAs(checkpoint))
                return "other-checkpoint";
            // The note in the proof may bear other signatures than that of the bundle; false ones it may not.
            if (!proof.Checkpoint.Bytes.AsSpan().SequenceEqual(checkpoint.Bytes) && signatures.Fault(proof.Checkpoint) is { } signature)
                return signature;
            return Tree.Includes(leaf.Seq, checkpoint.Size, Tree.Leaf(record.Body), proof.Hashes, checkpoint.Root) ? null : "proof-false";
        }
    }

    private void CheckOpening(Leaf leaf, Opening opening, bool isClosed)
    {
        report.Checked("opening");
        if (!isClosed)
            report.Failed("opening", "no-such-group-or-twice", leaf.Seq);
        else if (Convert.ToHexStringLower(SHA256.HashData([.. CommitmentLabel, .. opening.Salt, .. opening.Plaintext])) != leaf.Word("commits." + opening.Group))
            report.Failed("opening", "other-content", leaf.Seq);
        else if (opening.Group == "tag" ? opening.Plaintext.Length != 32 : JsonText.Read(opening.Plaintext, fractions: true) is not JsonValue.Map)
            report.Failed("opening", "not-the-form", leaf.Seq);
    }

    private void CheckOrder()
    {
        var inOrder = Records.OrderBy(leaf => leaf.Seq).ToList();
        for (var i = 1; i < inOrder.Count; i++)
        {
            report.Checked("order");
            if (inOrder[i].At <= inOrder[i - 1].At)
                report.Failed("order", "not-rising", inOrder[i].Seq);
        }
    }

    // Where the first record is shown, it says which ledger this is; and where that has gone on under another name, so does each record that says so.
    private void CheckName(Checkpoint checkpoint)
    {
        var said = Records.OrderBy(leaf => leaf.Seq).Select(NameSaid.Of).OfType<NameSaid>().ToList();
        if (said is not [{ IsGenesis: true }, ..])
            return;
        var epochs = new Epochs(report);
        foreach (var name in said)
            epochs.Take(name, null);
        epochs.End(checkpoint.Origin);
    }

    private void CheckErasures()
    {
        var saying = Records.Where(leaf => leaf.Is("type", "erasure.completed"))
            .SelectMany(leaf => leaf.About, (leaf, about) => (About: about, leaf.Seq)).ToLookup(said => said.About, said => said.Seq);
        foreach (var (leaf, record) in records)
        {
            // What is opened is not erased.
            var closed = leaf.Groups.Except(record.Opened.Select(opening => opening.Group)).ToHashSet(StringComparer.Ordinal);
            foreach (var group in record.Erased)
            {
                report.Checked("erasure");
                if (!closed.Remove(group))
                    report.Failed("erasure", "no-such-group-or-twice-or-opened", leaf.Seq);
                else if (!saying[leaf.Seq].Any())
                    report.Failed("erasure", "no-record-says-so", leaf.Seq);
            }

            if (record.Erased.Count > 0 && saying[leaf.Seq].Any())
                report.IsErased(leaf.Seq, saying[leaf.Seq].Min());
        }
    }

    private void CheckDocuments(IReadOnlyList<BundledDocument> documents)
    {
        foreach (var document in documents)
        {
            report.Checked("document");
            var digest = Convert.ToHexStringLower(document.Digest);
            if (!SHA256.HashData(document.Bytes).AsSpan().SequenceEqual(document.Digest))
                report.Failed("document", "other-content", where: digest);
            else if (!present.TryAdd(digest, document.Bytes))
                report.Failed("document", "twice", where: digest);
        }

        foreach (var leaf in Records)
        {
            if (!present.ContainsKey(leaf.Word("controller")!))
                report.Failed("document", "controller-missing", leaf.Seq);
            if (leaf.Word("notice.doc") is { } notice && !present.ContainsKey(notice))
                report.Failed("document", "notice-missing", leaf.Seq);
        }
    }

    private void CheckAnchor(BundledAnchor anchor, Checkpoint checkpoint, string where)
    {
        var other = Checkpoint.Read(anchor.Checkpoint);
        if (!signatures.Accepts(other, report, "anchor", where))
            return;
        var (smaller, larger) = other!.Size <= checkpoint.Size ? (other, checkpoint) : (checkpoint, other);
        if (other.Origin != checkpoint.Origin)
            report.Failed("anchor", "other-ledger", where: where);
        else if (other.Contradicts(checkpoint))
            report.Failed("anchor", "fork", where: where);
        else if (!Tree.Extends(smaller.Size, smaller.Root, larger.Size, larger.Root, anchor.Consistency))
            report.Failed("anchor", "not-consistent", where: where);
        else
        {
            tied.Add(other);
            if (anchor.Timestamp is not null)
                anchors.Judge(anchor.Timestamp, other, auditor.Authorities, report, where);
        }
    }

    // A bundle ties only the sizes of its anchors to its own: a checkpoint of another size is neither confirmed nor contradicted.
    private void CheckHeld(Checkpoint held, string file, Checkpoint checkpoint)
    {
        if (held.Origin != checkpoint.Origin)
            throw new UnusableException("held-other-ledger", file);
        if (tied.Find(other => other.Size == held.Size) is not { } same)
        {
            report.PassedOver("held-not-tied", file);
            return;
        }

        report.Checked("held");
        if (held.Contradicts(same))
            report.Failed("held", "fork", where: file);
        else
            report.IsAnchored(held.Size, "held");
    }

    private void CheckTimes()
    {
        foreach (var leaf in Records)
        {
            report.Checked("time");
            if (!anchors.Permit(leaf.Seq, leaf.At))
                report.Failed("time", "outside-its-anchors", leaf.Seq);
        }
    }
}
