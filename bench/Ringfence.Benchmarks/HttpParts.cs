using NodaTime;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Ledger;

namespace Ringfence.Benchmarks;

/// <summary>What a decision from the snapshot is made of, in processor time of one core: where the next microsecond is to be found.</summary>
internal static class HttpParts
{
    private const int Times = 200_000;

    public static void Say(Installation installation, LedgerSnapshot snapshot, int contacts)
    {
        string[] numbers = [.. Enumerable.Range(0, contacts).Select(HttpHost.NumberOf)];
        ContactPoint[] points = [.. numbers.Select(static number => ContactPoint.TryRead(number, Region.None, out var point) ? point : throw new InvalidOperationException("Not a number."))];
        PointTags[] tags = [.. points.Select(installation.TagsOf)];
        var asked = AskedFile.Read(new ContactQuestion(Instant.FromUtc(2027, 6, 9, 10, 0), "bench", Channel.Sms, "offers"), "facts.yaml", Repository.Sample("standing-facts.yaml"));
        Situation[] situations = [.. tags.Select(one => snapshot.Advise(asked, one)!.Value.Situation!)];
        Verdict[] verdicts = [.. situations.Select(ContactGate.Shipped.Decide)];
        var told = new DecisionJson();
        var bytes = new System.Buffers.ArrayBufferWriter<byte>(8192);
        Part("number read", i => ContactPoint.TryRead(numbers[i], Region.None, out _));
        Part("lookup tag", i => installation.TagsOf(points[i]));
        Part("both tags", i => _ = installation.TagsOf(points[i]).Suppress);
        Part("advise, tags known", i => snapshot.Advise(asked, tags[i]));
        Part("decide", i => ContactGate.Shipped.Decide(situations[i]));
        Part("alternatives of refused", i => _ = verdicts[i] is Verdict.Allowed ? [] : ContactGate.Shipped.Alternatives(situations[i]));
        Part("written by codes", i =>
        {
            bytes.ResetWrittenCount();
            told.WriteBrief(bytes, verdicts[i], 1);
        });
        Part("written in words", i =>
        {
            bytes.ResetWrittenCount();
            told.Write(bytes, situations[i], verdicts[i], [], "en", new DecisionFrame(AsOf: 1));
        });
        Part("instant read", _ => KnownContactOptions.InstantOf(HttpHost.At, TimeProvider.System));

        void Part(string name, Action<int> once)
        {
            for (var i = 0; i < Times / 4; i++)
                once(i % contacts);
            var (busy, allocated) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
            for (var i = 0; i < Times; i++)
                once(i % contacts);
            Console.Error.WriteLine($"{name,-26} {(Environment.CpuUsage.TotalTime - busy).TotalNanoseconds / Times,7:0} ns, {(GC.GetAllocatedBytesForCurrentThread() - allocated) / Times,6} bytes");
        }
    }
}
