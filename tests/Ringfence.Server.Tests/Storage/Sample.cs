using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>Rows to write, and how rows are compared.</summary>
internal static class Sample
{
    public static readonly byte[] EveryByte = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];

    public static LedgerRow Ledger(long id = 1) => new(id, $"brand-{id}", $"ledger.example/brand-{id}/e1", 0, 1, 1);

    /// <summary>Bytes of a length that tell of a number.</summary>
    public static byte[] Bytes(int length, long number)
    {
        var bytes = new byte[length];
        SHA256.HashData(BitConverter.GetBytes(number)).AsSpan(0, Math.Min(32, length)).CopyTo(bytes);
        return bytes;
    }

    public static byte[] Sid(long number) => Bytes(16, number);

    public static byte[] Tag(long number) => Bytes(32, number);

    public static byte[] Point(long number) => Bytes(16, -number - 1);

    public static RecordRow Record(long seq, int length = 400)
    {
        var body = Encoding.UTF8.GetBytes($"{{\"seq\":{seq},\"x\":\"{new string('x', length)}\"}}");
        return new RecordRow(seq, SHA256.HashData([0, .. body]), body);
    }

    public static HeadRow Head(long size, long lastAt = 0) => new(size, lastAt == 0 ? size : lastAt, Bytes(32 * (int)long.PopCount(size), size));

    /// <summary>Writes that append so many records.</summary>
    public static LedgerWrites Writes(HeadRow head, int records = 1)
    {
        var writes = new LedgerWrites { Head = Head(head.Size + records) };
        for (var seq = head.Size; seq < head.Size + records; seq++)
            writes.Records.Add(Record(seq));
        return writes;
    }

    public static SuppressionRow Suppression(long number, long? seq = 0, long? lifted = null) =>
        new(Bytes(16, number), Tag(number), 1, Bytes(32, number + 1_000_000), 5, "newsletter\noffers", seq, 77, 0, 2, null, lifted);

    public static SubjectRow Subject(long number, long? mergedInto = null, long? batch = null) =>
        new(Sid(number), mergedInto is { } other ? Sid(other) : null, 0, "DE", "web", batch is { } import ? Bytes(16, import) : null, 1, 2);

    public static ConsentRow Consent(long person, string purpose = "offers", short state = 1) => new(Sid(person), Point(person), 2, purpose, state, 0, 5, null);

    public static TileRow Tile(int level, long n) => new(level, n, [.. Enumerable.Repeat(EveryByte, 32).SelectMany(b => b).Select(b => unchecked((byte)(b + n + level)))]);

    public static ResultTaskRow Result(long seq, byte[]? sid = null, byte[]? tag = null) => new(seq, "refusal", 5, "2026-03-03", "2026-03-17", 9, "kr-result", sid, sid is null ? null : Point(seq), tag, null, "ko", null, null, null, null);

    public static IdempotencyRow Answer(string client, string key, long at = 9) => new(client, key, Tag(1), EveryByte, at);

    /// <summary>Appends records, and whatever else is put into the writes.</summary>
    public static async Task<HeadRow> AppendAsync(this ILedgerStore store, int records = 1, Action<LedgerWrites>? with = null, long ledger = 1)
    {
        await using var transaction = await store.BeginAsync(ledger, TestContext.Current.CancellationToken);
        var writes = Writes(transaction.Head, records);
        with?.Invoke(writes);
        await transaction.CommitAsync(writes, TestContext.Current.CancellationToken);
        return writes.Head;
    }

    public static async Task<List<T>> ListAsync<T>(this IAsyncEnumerable<T> rows)
    {
        var list = new List<T>();
        await foreach (var row in rows.WithCancellation(TestContext.Current.CancellationToken))
            list.Add(row);
        return list;
    }

    /// <summary>Records compare arrays by identity; these are compared by what they hold.</summary>
    public static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual) => Assert.Equal(expected.Select(row => JsonSerializer.Serialize(row)), actual.Select(row => JsonSerializer.Serialize(row)));

    public static async Task<StoreFault> FaultAsync(Func<Task> act) => (await Assert.ThrowsAsync<StoreException>(act)).Fault;
}
