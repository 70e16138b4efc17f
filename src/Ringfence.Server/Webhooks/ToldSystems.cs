using System.Security.Cryptography;
using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary>The systems that a controller has told of what happens: added, given another secret, tried, looked up; the same for the command line and the HTTP API.</summary>
/// <param name="installation">The installation.</param>
/// <param name="ledger">The controller's ledger.</param>
internal sealed class ToldSystems(Installation installation, LedgerRow ledger)
{
    /// <summary>Names networks that may be reached beside the open Internet.</summary>
    public const string NetworksVariable = "RINGFENCE_WEBHOOK_NETWORKS";

    /// <summary>Whether this machine may be reached without TLS: <c>loopback</c>.</summary>
    public const string HttpVariable = "RINGFENCE_WEBHOOK_HTTP";

    // What people call one goes on a line.
    private const int LongestName = 80;
    private const int IdLength = 10;

    /// <summary>Within what time one has to confirm that says nothing else, and how long an old secret signs beside a new one.</summary>
    public static readonly Duration Day = Duration.FromHours(24);

    private static readonly Duration Shortest = Duration.FromMinutes(1);
    private static readonly Duration Longest = Duration.FromDays(90);

    /// <summary>Where messages may be sent from here.</summary>
    /// <exception cref="CommandRefusedException"><c>bad-networks</c>.</exception>
    public static WebhookReach ReachOf(Func<string, string?> environment) =>
        WebhookReach.TryRead(environment(NetworksVariable), environment(HttpVariable) == "loopback", out var reach) ? reach : throw new CommandRefusedException("bad-networks", NetworksVariable);

    /// <summary>Reads a time such as <c>90m</c>, <c>24h</c>, <c>3d</c> or <c>P1DT12H</c>; of whole seconds, from a minute to 90 days.</summary>
    public static bool TryReadTime(string text, out Duration time)
    {
        time = Duration.Zero;
        if (text is ['P', ..])
        {
            var read = PeriodPattern.NormalizingIso.Parse(text);
            if (!read.Success || read.Value is { Months: not 0 } or { Years: not 0 })
                return false;
            time = read.Value.ToDuration();
        }
        else if (text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count) && count < 1_000_000)
        {
            time = text[^1] switch
            {
                'm' => Duration.FromMinutes(count),
                'h' => Duration.FromHours(count),
                'd' => Duration.FromDays(count),
                _ => Duration.Zero,
            };
        }

        return time >= Shortest && time <= Longest && time.SubsecondNanoseconds == 0;
    }

    /// <summary>A number of seconds as ISO 8601 writes it.</summary>
    public static string Iso(long seconds) => PeriodPattern.NormalizingIso.Format(Period.FromSeconds(seconds).Normalize());

    /// <summary>Adds one.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="reach">Where messages may be sent.</param>
    /// <param name="url">Where it is told.</param>
    /// <param name="events">Of what; null: of every no.</param>
    /// <param name="deadline">Within what time it has to confirm: as <see cref="TryReadTime"/>, or <c>none</c>; null: a day.</param>
    /// <param name="name">What it is called; null: as its host.</param>
    /// <param name="cancel">Gives up before anything was written.</param>
    /// <returns>The row, and the secret as it is shown once.</returns>
    public async Task<(WebhookRow Row, string Secret)> AddAsync(Actor actor, WebhookReach reach, string url, IEnumerable<string>? events, string? deadline, string? name, CancellationToken cancel)
    {
        if (!reach.TryRead(url, out var where, out var fault))
            throw new CommandRefusedException(fault);
        var words = events is null ? WebhookEvents.Default : WebhookEvents.Read(events) ?? throw new CommandRefusedException("bad-events", string.Join(", ", WebhookEvents.Words));
        var within = Day;
        if (deadline is not (null or "none") && !TryReadTime(deadline, out within))
            throw new CommandRefusedException("bad-deadline");
        var called = (name ?? where.Host).Trim();
        if (called.Length is 0 or > LongestName || called.Any(char.IsControl))
            throw new CommandRefusedException("bad-webhook-name");
        var id = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", IdLength);
        var secret = RandomNumberGenerator.GetBytes(WebhookSecret.Size);
        using var secrets = await WebhookSecrets.OpenAsync(installation.Keyring, create: true, cancel);
        var (kept, hash) = secrets!.Seal(id, secret);
        var row = new WebhookRow(id, called, where.AbsoluteUri, words, deadline == "none" ? null : (long)within.TotalSeconds, kept, hash, null, null, null, false, 0, 0, null);
        await DoAsync(new AddWebhookCommand(actor, row), cancel);
        return (row, WebhookSecret.Show(secret));
    }

    /// <summary>Gives one another secret.</summary>
    /// <param name="overlap">How long the one before signs beside it: as <see cref="TryReadTime"/>, or <c>none</c>; null: a day.</param>
    /// <returns>It, as it is shown once.</returns>
    public async Task<string> RotateAsync(Actor actor, string id, string? overlap, CancellationToken cancel)
    {
        var beside = overlap == "none" ? Duration.Zero : Day;
        if (overlap is not (null or "none") && !TryReadTime(overlap, out beside))
            throw new CommandRefusedException("bad-deadline");
        var secret = RandomNumberGenerator.GetBytes(WebhookSecret.Size);
        using var secrets = await WebhookSecrets.OpenAsync(installation.Keyring, create: true, cancel);
        var (kept, hash) = secrets!.Seal(id, secret);
        await DoAsync(new RotateWebhookCommand(actor, id, kept, hash, beside), cancel);
        return WebhookSecret.Show(secret);
    }

    /// <summary>Turns one off or on, or removes it.</summary>
    public async Task<CommandAnswer> TurnAsync(Actor actor, string id, WebhookTurn to, CancellationToken cancel)
    {
        var answer = await DoAsync(new TurnWebhookCommand(actor, id, to), cancel);
        if (to == WebhookTurn.On)
            await installation.Store.Outbox.HastenAsync(ledger.Ledger, id, Now, cancel);
        return answer;
    }

    /// <summary>Sends a message that tells of nothing, now.</summary>
    public async Task<Sent> TestAsync(WebhookSender sender, string id, CancellationToken cancel)
    {
        var row = await FindAsync(id, cancel);
        using var secrets = await WebhookSecrets.OpenAsync(installation.Keyring, create: false, cancel);
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        return await sender.SendAsync(row.Url, secrets?.Signing(row, now) ?? [], WebhookMessage.NameOf(Fresh.Id().ToArray()), WebhookMessage.WriteTest(ledger, now), cancel);
    }

    /// <summary>All that are there.</summary>
    public async Task<IReadOnlyList<WebhookRow>> ListAsync(CancellationToken cancel) => await new WebhookFeed(installation.Store, ledger).TellingAsync(cancel);

    /// <summary>How much waits for whom.</summary>
    public Task<IReadOnlyList<DeliveryCount>> CountAsync(CancellationToken cancel) => installation.Store.Outbox.CountAsync(ledger.Ledger, Now, cancel);

    /// <summary>Deliveries, by record.</summary>
    /// <param name="id">For whom; null: for all.</param>
    public async Task<IReadOnlyList<DeliveryRow>> DeliveriesAsync(string? id, DeliveryKind kind, long after, int most, CancellationToken cancel)
    {
        if (id is not null)
            _ = await FindAsync(id, cancel);
        var rows = await installation.Store.Outbox.ListAsync(ledger.Ledger, id, kind, Now, after, most, cancel);
        // What comes next is asked for by record, so no record is told by half; its rest begins the next part.
        return rows.Count == most && rows[0].Seq != rows[^1].Seq ? [.. rows.TakeWhile(row => row.Seq != rows[^1].Seq)] : rows;
    }

    /// <summary>One that was not removed.</summary>
    /// <exception cref="CommandRefusedException"><c>no-such-webhook</c>.</exception>
    public async Task<WebhookRow> FindAsync(string id, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Webhooks.Add(id);
        return (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Webhooks.Find(static row => row.RemovedSeq is null) ?? throw new CommandRefusedException("no-such-webhook", id);
    }

    /// <summary>Notes that a copy obeyed, on the word of whoever could tell.</summary>
    /// <param name="name">Of the delivery.</param>
    /// <param name="by">Whose word.</param>
    /// <param name="signed">Tells whether the word is that of the system itself, by its secrets; null: of somebody else, who is believed.</param>
    /// <exception cref="CommandRefusedException"><c>no-such-delivery</c>, <c>bad-signature</c>.</exception>
    public async Task<DeliveryRow> ConfirmAsync(string name, string by, Func<IReadOnlyList<byte[]>, bool>? signed, CancellationToken cancel)
    {
        var outbox = installation.Store.Outbox;
        if (!WebhookMessage.TryRead(name, out var id) || await outbox.FindAsync(ledger.Ledger, id, cancel) is not { } row)
            throw new CommandRefusedException("no-such-delivery");
        if (signed is not null)
        {
            var webhook = await FindAsync(row.Webhook, cancel);
            using var secrets = await WebhookSecrets.OpenAsync(installation.Keyring, create: false, cancel);
            if (!signed(secrets?.Signing(webhook, Instant.FromDateTimeOffset(installation.Time.GetUtcNow())) ?? []))
                throw new CommandRefusedException("bad-signature");
        }

        return await outbox.ConfirmAsync(ledger.Ledger, id, Now, by, cancel) ?? throw new CommandRefusedException("no-such-delivery");
    }

    private long Now => Micros.Of(Instant.FromDateTimeOffset(installation.Time.GetUtcNow()));

    private async Task<CommandAnswer> DoAsync(LedgerCommand command, CancellationToken cancel) => CommandAnswer.Read(await (await installation.WriterAsync(ledger, cancel)).DoAsync(command, cancel));
}
