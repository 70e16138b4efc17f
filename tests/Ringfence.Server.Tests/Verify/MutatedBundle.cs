using System.Text;
using System.Text.Json.Nodes;

namespace Ringfence.Server.Tests.Verify;

/// <summary>A right bundle that mutations are made of, with what a forger has at hand.</summary>
internal sealed class MutatedBundle
{
    private readonly int[] seqs;

    public MutatedBundle(ForgedLedger ledger, ForgedLedger fork, ForgedKey witness, ForgedAuthority authority, int size, int[] seqs, params JsonObject[] anchors)
    {
        (Ledger, Fork, Witness, Size, this.seqs) = (ledger, fork, witness, size, seqs);
        Json = ledger.Bundle(size, seqs, anchors);
        StampOverNothing = authority.Stamp([], ledger.From);
        StampOfYesterday = authority.Stamp(Encoding.UTF8.GetBytes(ledger.Checkpoint(size)), ledger.From.AddDays(-1));
        Bytes = Verifying.Bytes(Json);
    }

    public ForgedLedger Ledger { get; }

    /// <summary>Another ledger of the same keys and origin.</summary>
    public ForgedLedger Fork { get; }

    public ForgedKey Witness { get; }

    /// <summary>The key of a ledger that the auditor trusts as well.</summary>
    public required ForgedKey OtherLedger { get; init; }

    public int Size { get; }

    public JsonObject Json { get; }

    public byte[] Bytes { get; private set; }

    public byte[] StampOverNothing { get; }

    public byte[] StampOfYesterday { get; }

    /// <summary>Erases a group: its opening is taken out.</summary>
    public MutatedBundle Erase(int seq, string group)
    {
        var record = Json["records"]![Array.IndexOf(seqs, seq)]!;
        record["opened"]!.AsArray().Remove(record["opened"]!.AsArray().Single(opening => (string)opening!["group"]! == group));
        record["erased"]!.AsArray().Add(group);
        Bytes = Verifying.Bytes(Json);
        return this;
    }

    /// <summary>
    /// The bytes of the file that say something: not those of a media type, which nobody vouches for, nor those of a token, of which some are
    /// not signed, nor the name of a witness, without which its line is one by somebody unknown.
    /// </summary>
    public int[] Telling => field ??= FindTelling();

    /// <summary>The same bundle of a ledger that has other bytes in a place, all of it signed.</summary>
    public byte[]? Rewritten(int seq, byte[] body) =>
        Ledger.Bodies[seq].AsSpan().SequenceEqual(body) ? null : Ledger.While(seq, body, () => Verifying.Bytes(Ledger.Bundle(Size, seqs)));

    private int[] FindTelling()
    {
        // A letter a byte, so that a place in the text is one in the bytes.
        var text = Encoding.Latin1.GetString(Bytes);
        var mute = new bool[Bytes.Length];
        foreach (var (start, end) in new[] { ("\"media\":\"", '"'), ("\"timestamp\":\"", '"'), (" " + Witness.Name[..1], '\\') })
        {
            for (var at = text.IndexOf(start, StringComparison.Ordinal); at >= 0; at = text.IndexOf(start, at + 1, StringComparison.Ordinal))
            {
                var from = at + start.Length - (end == '"' ? 0 : 1);
                mute.AsSpan(from, text.IndexOf(end, from) - from).Fill(true);
            }
        }

        return [.. Enumerable.Range(0, mute.Length).Where(at => !mute[at])];
    }
}
