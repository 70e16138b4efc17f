using System.Globalization;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>How long what was written of a request is kept once it has ended, of people who are not known otherwise. What is known of others goes with them.</summary>
internal static class RequestKeeping
{
    public const string Variable = "RINGFENCE_RIGHTS_KEEP";

    /// <summary>Months, where nothing is said.</summary>
    /// <remarks>Our reading: no law that is known here fixes a time. A year leaves room for whoever asks again or complains of the answer, and is no longer than that.</remarks>
    public const int Usual = 12;

    // A hundred years; more is a mistake.
    private const int Most = 1_200;

    // So many at a time, so that a crash leaves little to be done again.
    private const int AtOnce = 200;

    /// <summary>Reads what the environment says.</summary>
    /// <param name="valueOf">The value of a variable.</param>
    /// <returns>Months; null: it can't be read.</returns>
    public static int? Read(Func<string, string?> valueOf) => valueOf(Variable) is not { Length: > 0 } text ? Usual
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var months) && months <= Most ? months : null;

    /// <summary>Forgets what is due. That there was a request, when it came and how it ended stays as it was.</summary>
    /// <returns>How many requests it was.</returns>
    public static async Task<int> RunAsync(Installation installation, LedgerRow ledger, Actor actor, int months, CancellationToken cancel)
    {
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        var until = now.InUtc().LocalDateTime.PlusMonths(-months).InUtc().ToInstant();
        var due = (await installation.Store.Local.ReadAsync(
            "select id, tag from rights_request where ledger = $1 and closed <= $2 and tag is not null order by closed", static cells => (Id: new OpaqueId(cells.Bytes(0)), Tag: cells.Bytes(1)), cancel,
            ledger.Ledger, Micros.Of(until))).ToList();
        var erasure = new Erasure(installation, ledger, actor);
        var forgotten = 0;
        foreach (var some in due.Chunk(AtOnce))
        {
            var wanted = new RowsWanted { WithRecords = false };
            wanted.Points.UnionWith(some.Select(static one => one.Tag));
            var known = (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Lookups.Select(static row => row.Tag).ToHashSet(ByteArrays.Equal);
            OpaqueId[] gone = [.. some.Where(one => !known.Contains(one.Tag)).Select(static one => one.Id)];
            if (gone.Length == 0)
                continue;
            await erasure.ForgetRequestsAsync(gone, cancel);
            forgotten += gone.Length;
        }

        return forgotten;
    }
}
