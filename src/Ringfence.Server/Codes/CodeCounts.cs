using System.Net;
using System.Net.Sockets;
using System.Text;
using NodaTime;
using Ringfence.Gateways;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Codes;

/// <summary>One limit that a code counts against.</summary>
/// <param name="Kind">Which: <c>day</c>, <c>point</c>, <c>prefix</c>, <c>source</c>, <c>lead-form</c>, <c>work</c>, <c>without-work</c>.</param>
/// <param name="Bucket">Of whom, as a keyed hash.</param>
/// <param name="Most">So many.</param>
/// <param name="Window">In so long, in steps of the clock.</param>
internal sealed record CodeCount(string Kind, byte[] Bucket, long Most, Duration Window);

/// <summary>How many codes went where: counted by the store for all servers, and never beyond what was allowed. What is refused leaves nothing behind, so whoever asks a million times fills nothing.</summary>
internal static class CodeCounts
{
    private const string Sent = "sent";
    private const string Confirmed = "confirmed";

    // Of those who ask for a code themselves more than half tell it; of programs that ask for others nobody does.
    private const int TellAtLeastOneIn = 10;

    // Whoever goes back and sends a form again has worked once.
    private const int MostOfOneWork = 3;

    private static readonly Duration Day = Duration.FromDays(1);
    private static readonly Duration Hour = Duration.FromHours(1);

    /// <summary>What a code counts against, in one order: two that come at once never wait for each other in turn.</summary>
    public static IReadOnlyList<CodeCount> Of(CodeLimits limits, ContactPoint point, CodeSending how, Func<string, byte[]> hash)
    {
        List<CodeCount> counts = [new("day", [], limits.PerDay, Day), new("point", hash(point.Value), limits.PerPoint, Day)];
        // The domains of mail are shared by millions, and a mail costs next to nothing.
        if (point.Kind == PointKind.Phone)
            counts.Add(new CodeCount("prefix", hash(CodePlaces.PrefixOf(point)), limits.PerPrefix, Hour));
        counts.Add(how.LeadForm is { } form ? new CodeCount("lead-form", hash(form), limits.PerLeadForm, Hour) : new CodeCount("source", hash(NetworkOf(how.Source)), limits.PerSource, Hour));
        // A mail costs next to nothing, and is asked no work.
        if (how.Work is { } work && point.Kind == PointKind.Phone)
            counts.Add(work.Seed is { } seed ? new CodeCount("work", hash(seed), MostOfOneWork, Day) : new CodeCount("without-work", [], limits.WithoutWork, Day));
        return counts;
    }

    /// <summary>Takes one of each, and does something in the same transaction.</summary>
    /// <returns>Null: done; else the limit that is used up, or <c>alarm</c>, and nothing was done.</returns>
    public static async Task<string?> TakeAsync(
        ILocalRows rows, long ledger, IReadOnlyList<CodeCount> counts, string place, CodeLimits limits, Instant now, Func<ILocalTurn, Task> work, CancellationToken cancel)
    {
        try
        {
            return await rows.WriteAsync<string?>(async turn =>
            {
                foreach (var count in counts)
                {
                    if (!await AddAsync(turn, ledger, count.Kind, count.Bucket, count.Window, count.Most, now))
                        throw new UsedUpException(count.Kind);
                }

                if (place.Length > 0)
                {
                    _ = await AddAsync(turn, ledger, Sent, Encoding.ASCII.GetBytes(place), Day, long.MaxValue, now);
                    var (sent, told) = (await CountAsync(turn, ledger, Sent, place, now), await CountAsync(turn, ledger, Confirmed, place, now));
                    // The one that is counted just now is not among those of before.
                    if (IsAlarming(sent - 1, told, limits))
                        throw new UsedUpException("alarm");
                }

                await work(turn);
                return null;
            }, cancel);
        }
        catch (UsedUpException e)
        {
            return e.Kind;
        }
    }

    /// <summary>Takes away what counts no more.</summary>
    public static async Task PruneAsync(ILocalRows rows, long ledger, Instant now, CancellationToken cancel)
    {
        _ = await rows.RunAsync("delete from code_count where ledger = $1 and ends <= $2", cancel, ledger, Micros.Of(now));
        _ = await rows.RunAsync("delete from code where ledger = $1 and until <= $2", cancel, ledger, Micros.Of(now));
    }

    /// <summary>Counts one that was told rightly.</summary>
    public static async Task ConfirmedAsync(ILocalTurn turn, long ledger, string place, Instant now)
    {
        if (place.Length > 0)
            _ = await AddAsync(turn, ledger, Confirmed, Encoding.ASCII.GetBytes(place), Day, long.MaxValue, now);
    }

    /// <summary>Places of which too few are told.</summary>
    public static async Task<IReadOnlyList<string>> AlarmsAsync(ILocalRows rows, long ledger, CodeLimits limits, Instant now, CancellationToken cancel)
    {
        var found = await rows.ReadAsync(
            "select kind, bucket, taken from code_count where ledger = $1 and kind in ('sent', 'confirmed') and step = $2", static cells => (Kind: cells.Text(0), Place: Encoding.ASCII.GetString(cells.Bytes(1)), Taken: cells.Long(2)), cancel,
            ledger, StepOf(now, Day));
        return [.. found.GroupBy(static one => one.Place, StringComparer.Ordinal)
            .Where(place => IsAlarming(place.Where(static one => one.Kind == Sent).Sum(static one => one.Taken), place.Where(static one => one.Kind == Confirmed).Sum(static one => one.Taken), limits))
            .Select(static place => place.Key).Order(StringComparer.Ordinal)];
    }

    /// <summary>The network somebody asks from: an IPv4 address, the first half of an IPv6 one.</summary>
    internal static string NetworkOf(IPAddress? source)
    {
        if (source is null)
            return "none";
        if (source.IsIPv4MappedToIPv6)
            source = source.MapToIPv4();
        if (source.AddressFamily != AddressFamily.InterNetworkV6)
            return source.ToString();
        var bytes = source.GetAddressBytes();
        bytes.AsSpan(bytes.Length / 2).Clear();
        return new IPAddress(bytes).ToString();
    }

    private static bool IsAlarming(long sent, long told, CodeLimits limits) => sent >= limits.AlarmAfter && told * TellAtLeastOneIn < sent;

    private static async Task<bool> AddAsync(ILocalTurn turn, long ledger, string kind, byte[] bucket, Duration window, long most, Instant now)
    {
        var step = StepOf(now, window);
        // One row, locked by whoever changes it: no two servers take the last one both.
        return await turn.RunAsync(
            """
            insert into code_count(ledger, kind, bucket, step, taken, ends) values ($1, $2, $3, $4, 1, $5)
            on conflict (ledger, kind, bucket, step) do update set taken = code_count.taken + 1 where code_count.taken < $6
            """,
            ledger, kind, bucket, step, (step + 1) * Micros.Of(NodaConstants.UnixEpoch + window), most) == 1;
    }

    private static async Task<long> CountAsync(ILocalTurn turn, long ledger, string kind, string place, Instant now) =>
        (await turn.ReadAsync("select taken from code_count where ledger = $1 and kind = $2 and bucket = $3 and step = $4", static cells => cells.Long(0), ledger, kind, Encoding.ASCII.GetBytes(place), StepOf(now, Day))) is [var taken] ? taken : 0;

    private static long StepOf(Instant at, Duration window) => Micros.Of(at) / Micros.Of(NodaConstants.UnixEpoch + window);

    private sealed class UsedUpException(string kind) : Exception
    {
        public string Kind => kind;
    }
}
