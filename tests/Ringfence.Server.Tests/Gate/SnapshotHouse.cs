using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Server.Gate;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;

namespace Ringfence.Server.Tests.Gate;

/// <summary>A clock that can be stopped with everybody else: a process that stands still while time goes on.</summary>
internal sealed class StandingTime : TimeProvider
{
    /// <summary>How long it stood still.</summary>
    public TimeSpan Gone { get; set; }

    /// <summary>How far the clock on the wall was moved.</summary>
    public TimeSpan Moved { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Moved;

    public override long GetTimestamp() => base.GetTimestamp() + (Gone.Ticks * TimestampFrequency / TimeSpan.TicksPerSecond);
}

/// <summary>A house whose ledger is followed by a snapshot, step by step.</summary>
internal sealed class SnapshotHouse : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Canon = new() { Converters = { new Text<Instant>(), new Text<LocalDate>(), new Text<LocalTime>(), new Text<LocalDateTime>(), new Text<Period>(), new OfMoment() } };

    private readonly Snapshots snapshots;

    private SnapshotHouse(House house, Snapshots snapshots, SnapshotFollower follower) => (House, this.snapshots, Follower) = (house, snapshots, follower);

    public House House { get; }

    public SnapshotFollower Follower { get; private set; }

    public LedgerSnapshot Snapshot => snapshots.Of(House.Ledger)!;

    public string File => SnapshotPath.Of(House.Installation.Options.Data, House.Ledger);

    public static async Task<SnapshotHouse> BuildAsync(StoreOptions? store = null, TimeProvider? time = null)
    {
        var house = await House.BuildAsync(time, store: store);
        var snapshots = new Snapshots(house.Installation);
        var built = new SnapshotHouse(house, snapshots, await snapshots.FollowAsync(house.Ledger, CancellationToken.None));
        await built.Follower.BuildAsync(CancellationToken.None);
        await built.SettleAsync();
        return built;
    }

    /// <summary>Looks, and works out all that is marked.</summary>
    public async Task SettleAsync()
    {
        await Follower.LookAsync(CancellationToken.None);
        if (Snapshot.IsVoid)
        {
            await Follower.BuildAsync(CancellationToken.None);
            await Follower.LookAsync(CancellationToken.None);
        }

        while (await Follower.RefreshAsync(CancellationToken.None))
        {
        }
    }

    /// <summary>As after a new start: what is in memory is gone, the file is taken up.</summary>
    public async Task ReopenAsync()
    {
        Snapshot.File?.Close();
        Follower = await snapshots.FollowAsync(House.Ledger, CancellationToken.None);
    }

    /// <summary>What other nodes write is not told to this one.</summary>
    public void LetOthersWrite(bool others) =>
        (House.Writer.Committed, House.Writer.Answering) = others ? default : ((Action<LedgerTurn, LedgerWrites, long>?)Snapshot.Committed, (Action<RowsWanted, StoredRows, long>?)Snapshot.Answering);

    public static Situation Asked(Instant at, Channel channel = Channel.Sms, string purpose = "offers") =>
        AskedFile.Read(new ContactQuestion(at, "acme", channel, purpose), "facts.json", CampaignFacts.Bulk);

    /// <summary>What the store tells, read and opened each time.</summary>
    public async Task<Situation> StoreAsync(string point, Situation asked) =>
        (await ContactDecision.AdviseAsync(House.Installation, House.Ledger, asked, House.Tags(point), CancellationToken.None)).Situation;

    /// <summary>A situation in words, whatever order its entries came in.</summary>
    public static string Told(Situation situation)
    {
        var all = JsonSerializer.SerializeToNode(situation, Canon)!.AsObject();
        foreach (var name in (string[])["Suppressions", "History", "RightsRequests"])
        {
            if (all[name] is JsonArray list)
                all[name] = new JsonArray([.. list.Select(static one => one!.ToJsonString()).Order(StringComparer.Ordinal).Select(static one => JsonNode.Parse(one))]);
        }

        return all.ToJsonString();
    }

    public async ValueTask DisposeAsync() => await House.DisposeAsync();

    private sealed class Text<T> : JsonConverter<T>
    {
        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value is Instant at ? NodaTime.Text.InstantPattern.ExtendedIso.Format(at) : value?.ToString());
    }

    private sealed class OfMoment : JsonConverter<Moment>
    {
        public override Moment Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Moment value, JsonSerializerOptions options) =>
            writer.WriteStringValue($"{value.IsDay} {NodaTime.Text.InstantPattern.ExtendedIso.Format(value.StartIn(DateTimeZone.Utc))}");
    }
}
