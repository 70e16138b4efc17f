namespace Ringfence.Server.Storage;

/// <summary>What has to be true of writes before a store takes them.</summary>
internal static class WritesCheck
{
    private const int Hash = 32;

    /// <summary>The records go on exactly where the head stands, and the head after them says so.</summary>
    /// <exception cref="ArgumentException">They don't: a fault of the program, nothing is written.</exception>
    public static void Check(this LedgerWrites writes, HeadRow head)
    {
        for (var i = 0; i < writes.Records.Count; i++)
        {
            if (writes.Records[i].Seq != head.Size + i)
                throw new ArgumentException($"Record {writes.Records[i].Seq} stands where {head.Size + i} has to.");
        }

        var after = writes.Head;
        if (after.Size != head.Size + writes.Records.Count)
            throw new ArgumentException($"The head says {after.Size} records where there are {head.Size + writes.Records.Count}.");
        if (after.LastAt < head.LastAt)
            throw new ArgumentException("The head's time goes back.");
        if (after.Frontier.Length != Hash * long.PopCount(after.Size))
            throw new ArgumentException($"The frontier has {after.Frontier.Length} bytes, which is not what {after.Size} records have.");
        if (writes.Sealed.Exists(row => row.Seq < 0 || row.Seq >= after.Size) || writes.Scans.Exists(row => row.Seq < 0 || row.Seq >= after.Size)
            || writes.SubjectRecords.Exists(row => row.Seq < 0 || row.Seq >= after.Size) || writes.ResultTasks.Exists(row => row.Seq < 0 || row.Seq >= after.Size))
            throw new ArgumentException("A row belongs to a record that is not there.");
    }
}
