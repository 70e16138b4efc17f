namespace Ringfence.Verify;

/// <summary>The moments that timestamps put to sizes of a ledger, and what follows for the times its records bear.</summary>
internal sealed class Anchors
{
    /// <summary>Clocks may differ by five minutes.</summary>
    public const long Tolerance = 5L * 60 * 1_000_000;

    private readonly List<(long Size, long At)> stamps = [];

    /// <summary>A timestamp over the checkpoint of that size.</summary>
    public void Add(long size, long at) => stamps.Add((size, at));

    /// <summary>Forgets all stamps.</summary>
    public void Clear() => stamps.Clear();

    /// <summary>Whether a record is written neither before a stamp that does not cover it nor after one that does.</summary>
    public bool Permit(long seq, long at) => stamps.TrueForAll(stamp => stamp.Size <= seq ? at >= stamp.At - Tolerance : at <= stamp.At + Tolerance);

    /// <summary>Judges a token over a checkpoint that was accepted, and keeps its time.</summary>
    public void Judge(byte[] token, Checkpoint checkpoint, TimestampAuthorities authorities, Report report, string where)
    {
        report.Checked("timestamp");
        var stamp = authorities.Judge(token, checkpoint.Bytes);
        switch (stamp.Standing)
        {
            case Standing.Broken:
                report.Failed("timestamp", stamp.Why, where: where);
                return;
            case Standing.Anonymous:
                report.PassedOver("no-certificate", where);
                return;
            case Standing.Stranger:
                report.PassedOver("unknown-authority", where);
                break;
            case Standing.Trusted:
                report.IsAnchored(checkpoint.Size, "timestamp");
                break;
        }

        Add(checkpoint.Size, stamp.At);
    }
}
