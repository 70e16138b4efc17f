using System.Globalization;
using System.Text.Json.Nodes;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Suppression;

namespace Ringfence.Server.Gateways;

/// <summary>Something that came in from a person, whichever way. <see cref="ToString"/> tells nothing of it.</summary>
/// <param name="Id">As the provider calls it: what comes again under it is done once.</param>
/// <param name="Via">The channel.</param>
/// <param name="From">Number or address, as it came.</param>
/// <param name="Words">What they wrote; empty: nothing.</param>
/// <param name="Way">How a no of this kind is called: <c>keyword</c>, <c>email</c>, <c>call</c>.</param>
internal sealed record InboundMessage(string Id, Channel Via, string From, string Words, string Way)
{
    /// <summary>Whether it is a no whatever the words: a call to the number that ends it all, a mail to the address that does, a switch in the provider's own program.</summary>
    public bool IsNo { get; init; }

    /// <summary>What a no of that kind closes where no words do; null: everything.</summary>
    public ChannelSet? Closes { get; init; }

    /// <summary>What stands over the words, in the person's own; null: nothing does.</summary>
    public string? Heading { get; init; }

    /// <summary>Whether it says something that only a person can hear or see: somebody has to, before anybody contacts them.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>What the message brought back of one of ours, by which its link ends it all; null: nothing.</summary>
    public string? StopToken { get; init; }

    /// <summary>All of it, as it is kept to show what was said.</summary>
    public string Whole => Heading is { Length: > 0 } heading && heading != Words ? $"{heading}\n{Words}".Trim() : Words;

    /// <inheritdoc/>
    public override string ToString() => $"{Via.Word()} {Way}";
}

/// <summary>What a message was taken for.</summary>
internal enum InboundTaken : byte
{
    /// <summary>Nothing that changes anything.</summary>
    Nothing,

    /// <summary>A no: written down, and in force.</summary>
    No,

    /// <summary>It may be a no. Until somebody has read it the person is left alone.</summary>
    Unclear,

    /// <summary>They ask who writes and how it is stopped.</summary>
    Help,

    /// <summary>Whoever sent it is nobody whom anybody could write to: a short code, a name.</summary>
    Nobody,
}

/// <summary>Takes what people send, by whichever way it came: one reading, one withdrawal, one way to be kept while the store is away.</summary>
internal static class InboundTaking
{
    private const int Day = 86_400;

    // The strictest last.
    private static readonly InboundTaken[] Strictest = [InboundTaken.Nothing, InboundTaken.Help, InboundTaken.Unclear, InboundTaken.No];

    private static readonly Actor Inbound = new(ActorKind.Person, "inbound");

    /// <summary>Takes one.</summary>
    /// <param name="served">What is served.</param>
    /// <param name="ledger">Whose it is.</param>
    /// <param name="api">May withdraw in its name.</param>
    /// <param name="message">It.</param>
    /// <param name="cancel">Gives up before anything was written.</param>
    /// <exception cref="ApiFault">The store is away: a no is kept here, and has to be sent again.</exception>
    public static async Task<InboundTaken> TakeAsync(Served served, LedgerRow ledger, ApiInside api, InboundMessage message, CancellationToken cancel)
    {
        var taken = await TakeOneAsync(served, ledger, api, message, cancel);
        Meters.Inbound(message.Via.Word(), taken.ToString().ToLowerInvariant());
        return taken;
    }

    private static async Task<InboundTaken> TakeOneAsync(Served served, LedgerRow ledger, ApiInside api, InboundMessage message, CancellationToken cancel)
    {
        if (!ContactPoint.TryRead(message.From, Region.None, out var point))
            return InboundTaken.Nobody;
        if (!message.IsNo)
        {
            switch (await ReadAsync(served, ledger, message))
            {
                case InboundTaken.No:
                    break;
                case InboundTaken.Unclear:
                    await PauseAsync(served, ledger, api, point, message, cancel);
                    return InboundTaken.Unclear;
                case InboundTaken.Help:
                    await AnswerAsync(served, ledger, point, message, isHelp: true, cancel);
                    return InboundTaken.Help;
                case var taken:
                    return taken;
            }
        }

        // Who wrote from there can be answered there; who stopped it in a program's own settings has had enough of it.
        var said = new JsonObject { ["to"] = point.Value, ["way"] = message.Way, ["via"] = message.Via.Word(), ["answerable"] = !message.IsNo || message.Via == Channel.Email };
        if (!message.IsNo)
            said["words"] = Shortened(message.Whole);
        else if (message.Closes is { } closes)
            said["channels"] = new JsonArray([.. Channels.All.Where(channel => closes.Has(channel)).Select(static channel => (JsonNode)channel.Word())]);
        var reply = await WithdrawAsync(api, message, said, cancel);
        if (reply.Json.TryGetProperty("already", out var already) && already.ValueKind == System.Text.Json.JsonValueKind.False)
            await AnswerAsync(served, ledger, point, message, isHelp: false, cancel);
        return InboundTaken.No;
    }

    // The words, and what stands over them: the stricter counts.
    private static async Task<InboundTaken> ReadAsync(Served served, LedgerRow ledger, InboundMessage message)
    {
        if (message.IsUnreadable)
            return InboundTaken.Unclear;
        var codes = await CodesAsync(served, ledger);
        var context = new InboundContext { Via = message.Via, Codes = codes ?? [] };
        string[] texts = message.Heading is { } heading ? [message.Words, heading] : [message.Words];
        var taken = texts.Select(text => TakenFor(OptOut.Read(text, context))).MaxBy(static one => Array.IndexOf(Strictest, one));
        // It may be the very word that can't be looked up now: whoever brought it brings it again.
        return codes is not null || taken == InboundTaken.No ? taken : throw new ApiFault(StatusCodes.Status503ServiceUnavailable, "store-away");
    }

    private static InboundTaken TakenFor(OptOutReading reading) => reading switch
    {
        OptOutReading.OptedOut => InboundTaken.No,
        OptOutReading.Unclear => InboundTaken.Unclear,
        OptOutReading.Help => InboundTaken.Help,
        _ => InboundTaken.Nothing,
    };

    // What people were told to answer by any words that were ever published: whoever does as they were told has said no. Null: the store is away.
    private static async Task<IReadOnlyList<string>?> CodesAsync(Served served, LedgerRow ledger)
    {
        try
        {
            return [.. (await served.Wordings.OfAsync(ledger)).Select(static wording => wording.Stop.Reply).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];
        }
        catch (Exception e) when (StoreAway.Is(e))
        {
            return null;
        }
    }

    /// <summary>Leaves somebody alone until what they wrote was read. Of whom nobody knows more than the number, the channel is closed: nobody would ever read it.</summary>
    private static async Task PauseAsync(Served served, LedgerRow ledger, ApiInside api, ContactPoint point, InboundMessage message, CancellationToken cancel)
    {
        var installation = served.Installation;
        var tags = installation.TagsOf(point);
        try
        {
            if (await Contacts.FindAsync(installation, ledger, tags, cancel) is { Person.Status: not PersonStatus.Erased } found)
            {
                var evidence = new SaidNo(Shortened(message.Whole), message.Via).ToEvidence();
                var key = new ClientKey("inbound-" + ledger.Controller, message.Id, System.Security.Cryptography.SHA256.HashData(evidence));
                var answer = CommandAnswer.Read(await (await installation.WriterAsync(ledger, cancel)).DoAsync(new HoldCommand(Inbound, found.Person.Sid, HoldCommand.Unclear, evidence) { ClientKey = key }, cancel));
                await InboundTasks.AddAsync(installation, ledger, answer.Seq, found.Person.Sid, cancel);
                return;
            }
        }
        catch (StoreException)
        {
            // What is kept while the store is away is a withdrawal: a pause that is lost would be none.
        }

        await WithdrawAsync(api, message, new JsonObject { ["to"] = point.Value, ["way"] = message.Way, ["via"] = message.Via.Word(), ["channels"] = new JsonArray(message.Via.Word()) }, cancel);
    }

    private static async Task<ApiReply> WithdrawAsync(ApiInside api, InboundMessage message, JsonObject said, CancellationToken cancel)
    {
        var reply = await api.CallAsync("POST", "withdrawals", said, "in-" + message.Id, CultureInfo.InvariantCulture, cancel);
        if (!reply.IsDone)
            throw new ApiFault(reply.Status is 0 or >= 500 ? StatusCodes.Status503ServiceUnavailable : reply.Status, reply.Text("code") ?? "store-away", reply.Text("field"), "", "");
        return reply;
    }

    /// <summary>Answers a no in words that it was understood, and a help word with who writes, where the house wants that: once in a day, on the same channel, at once, and nothing else in it. Whether it can be sent changes nothing.</summary>
    /// <remarks>Source of the first: 47 CFR 64.1200(a)(12), one message that confirms a no, within five minutes of it and without marketing. Whoever blocks, or stops in a program's own settings, is not answered.</remarks>
    private static async Task AnswerAsync(Served served, LedgerRow ledger, ContactPoint point, InboundMessage message, bool isHelp, CancellationToken cancel)
    {
        var installation = served.Installation;
        var kind = message.Via switch { Channel.Sms => InboundKind.Kannel, Channel.Whatsapp => InboundKind.Whatsapp, _ => (InboundKind?)null };
        if (message.IsNo || kind is not { } way || served.Gateways.Inbound(way, ledger.Controller) is not { Confirms: true } || served.Gateways.Of(ledger.Controller, message.Via) is null)
            return;
        // Whom a law wants told the day of it too is told that, and nothing twice.
        if (!isHelp && await ResultTasks.IsOnItsWayAsync(installation, ledger, point, message.Via, cancel))
            return;
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(installation.TagsOf(point).Lookup))[..24];
        // What comes again under the same id, or another on the same day, is answered no more.
        if ((await installation.Store.CountAsync(ledger.Ledger, (isHelp ? "helped:" : "confirmed-no:") + hash, installation.Time.GetUtcNow().ToUnixTimeSeconds() / Day, 1, cancel)).Taken > 1)
            return;
        var sender = (await served.Names.OfAsync([ledger.Controller], cancel))[ledger.Controller];
        var language = LanguageOf(message);
        var text = isHelp ? WayOutText.Help(language, sender, WaysOut.Entrance(ledger, served.Gateways.Address)) : WayOutText.Stopped(language, sender);
        var answer = OutMessage.Of((isHelp ? "help_" : "no_") + Fresh.Id(), message.Via, point, text) with { Language = language, SenderName = sender, IsLast = !isHelp };
        _ = served.Afterwards.Do(() => Sending.SendAsync(installation, served.Gateways, ledger, answer, CancellationToken.None), static _ => { });
    }

    private static string LanguageOf(InboundMessage message) => LanguageOf(message.Words, message.Via) is { } found && CodeText.Languages.Contains(found) ? found : "en";

    /// <summary>The language in which somebody says no, or asks for help; null: the words tell none.</summary>
    /// <remarks>Who writes Chinese reads it; which script is told by neither word nor number for sure, and the one of most is read by most. Words known everywhere tell no language.</remarks>
    public static string? LanguageOf(string words, Channel? via)
    {
        if (words.Any(static c => c is >= '\u4e00' and <= '\u9fff'))
            return words.Any(static c => c is '訂' or '請' or '聯' or '絡' or '電' or '擾' or '幫') ? "zh-Hant" : "zh-Hans";
        var found = OptOut.Read(words, new InboundContext { Via = via }) switch { OptOutReading.OptedOut no => no.By.First.Language, OptOutReading.Help help => help.By.First.Language, _ => null };
        return found is "mul" or "und" ? null : found;
    }

    private static string Shortened(string words) => words.Length <= SaidNo.LongestWords ? words : words[..SaidNo.LongestWords];
}

/// <summary>Messages that somebody has to read: each until the person who wrote it is held no more.</summary>
internal static class InboundTasks
{
    /// <summary>Adds one, once.</summary>
    public static Task AddAsync(Installation installation, LedgerRow ledger, long seq, OpaqueId sid, CancellationToken cancel) => installation.Store.Local.RunAsync(
        "insert into inbound_task(ledger, seq, sid, at) values ($1, $2, $3, $4) on conflict (ledger, seq) do nothing", cancel,
        ledger.Ledger, seq, sid.ToArray(), Micros.Of(NodaTime.Instant.FromDateTimeOffset(installation.Time.GetUtcNow())));

    /// <summary>What some people wrote was read: nothing of theirs waits any more.</summary>
    public static async Task EndAsync(Installation installation, LedgerRow ledger, IEnumerable<OpaqueId> sids, CancellationToken cancel)
    {
        foreach (var sid in sids)
            await installation.Store.Local.RunAsync("delete from inbound_task where ledger = $1 and sid = $2", cancel, ledger.Ledger, sid.ToArray());
    }

    /// <summary>How many people wait, and since when; null: nobody. Whoever was merged into somebody waits with them.</summary>
    public static async Task<(long People, NodaTime.Instant Since)?> WaitingAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        var found = await installation.Store.Local.ReadAsync(
            "select count(distinct t.sid), min(t.at) from inbound_task t join subject s on s.ledger = t.ledger and s.sid = t.sid where t.ledger = $1 and s.status in ($2, $3)",
            static cells => (People: cells.Long(0), Since: cells.LongOrNull(1)), cancel, ledger.Ledger, (long)PersonStatus.Held, (long)PersonStatus.Merged);
        return found is [{ People: > 0, Since: { } since } some] ? (some.People, Micros.ToInstant(since)) : null;
    }
}
