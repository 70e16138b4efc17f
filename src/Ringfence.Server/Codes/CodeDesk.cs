using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using NodaTime;
using Ringfence.Gateways;
using Ringfence.People;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Codes;

/// <summary>What a code is bound to. One that was sent for something else confirms nothing of this.</summary>
/// <param name="Ledger">Whose.</param>
/// <param name="Act">What it is for.</param>
/// <param name="Session">The form that asked for it, by a secret of its own: 128 random bits or more.</param>
/// <param name="Point">The number or address.</param>
/// <param name="Binding">What else it is for: the address of a wording; empty: nothing.</param>
internal sealed record CodeTarget(LedgerRow Ledger, CodeAct Act, string Session, ContactPoint Point, string Binding = "");

/// <summary>How a code is sent.</summary>
/// <param name="Via">The channel.</param>
/// <param name="Sender">Who is named as its sender.</param>
/// <param name="Language">The person's.</param>
/// <param name="Source">Where it was asked for; null: not over a network.</param>
internal sealed record CodeSending(Channel Via, string Sender, string Language, IPAddress? Source)
{
    /// <summary>Counted and kept as any, and sent to nobody: what is left of the limits must not tell who is known.</summary>
    public bool IsHeldBack { get; init; }

    /// <summary>Where it is typed, where that is not the page that asked for it; null: it is.</summary>
    public Uri? Page { get; init; }

    /// <summary>The form of a social network that it is for: counted in the place of <see cref="Source"/>, which is the network's; null: none.</summary>
    public string? LeadForm { get; init; }

    /// <summary>What the browser worked for it; null: nothing was asked of it.</summary>
    public CodeWork? Work { get; init; }
}

/// <summary>What became of a code that was asked for. Whoever asked is told the same of all of them.</summary>
/// <param name="Word"><c>sent</c>; or why not: <c>place</c>, <c>point</c>, <c>prefix</c>, <c>source</c>, <c>lead-form</c>, <c>day</c>, <c>work</c>, <c>without-work</c>, <c>alarm</c>, <c>no-gateway</c>, <c>later</c>, <c>refused-...</c>.</param>
internal sealed record CodeSent(string Word)
{
    public bool IsSent => Word == "sent";
}

/// <summary>A code that was right, once.</summary>
/// <param name="Via">By which channel it had gone.</param>
/// <param name="Message">The message that carried it.</param>
/// <param name="At">When it was told.</param>
internal sealed record CodeRight(Channel Via, string Message, Instant At);

/// <summary>Sends codes and hears them told. Each is good for ten minutes, five tries and one use, for the form, the number and the words it was asked for; of it and of all of these only keyed hashes are kept.</summary>
/// <param name="installation">The installation; all its servers know of all codes.</param>
/// <param name="gateways">By which they go, and how many may.</param>
/// <param name="newCode">Makes one; null: random digits.</param>
internal sealed class CodeDesk(Installation installation, GatewaySet gateways, Func<string>? newCode = null)
{
    /// <summary>Digits of a code: five tries find one in 2·10⁹, and even a hundred thousand codes tried in this way are all but surely not found. Digits can be typed on any telephone, in any language.</summary>
    public const int Digits = 10;

    public const int Tries = 5;

    public const int GoodForMinutes = 10;

    private const string Use = "ringfence/code/v1";
    private const int LongestSaid = 64;

    private static readonly Duration BetweenPrunings = Duration.FromMinutes(1);

    private readonly ConcurrentDictionary<long, Instant> pruned = new();
    private SecretKey? key;

    private ILocalRows Rows => installation.Store.Local;

    /// <summary>Sends one. A code that was sent for the same before is good no more.</summary>
    public async Task<CodeSent> SendAsync(CodeTarget target, CodeSending how, CancellationToken cancel)
    {
        var answer = new CodeSent(await SendOneAsync(target, how, cancel));
        Meters.Code(answer.Word);
        return answer;
    }

    /// <summary>Hears one told. Null: it is none, or is good no more; why is nobody's to know. Whoever calls does so on a POST alone.</summary>
    public async Task<CodeRight?> TryAsync(CodeTarget target, string said, CancellationToken cancel)
    {
        var tag = await TagAsync(target, cancel);
        var heard = Read(said);
        // As much is worked out for what is no code at all.
        var hash = await HashAsync(tag, heard ?? "", cancel);
        var now = Now;
        var (word, row) = await Rows.WriteAsync<(string, CodeRow?)>(async turn =>
        {
            var isTaken = await turn.RunAsync(
                "update code set tries = tries + 1 where ledger = $1 and tag = $2 and used = 0 and until > $3 and tries < $4", target.Ledger.Ledger, tag, Micros.Of(now), (long)Tries) == 1;
            var row = await turn.FirstAsync(CodeRow.Select, CodeRow.Read, target.Ledger.Ledger, tag);
            var isRight = CryptographicOperations.FixedTimeEquals(row?.Hash ?? new byte[hash.Length], hash) & heard is not null;
            if (row is null)
                return ("unknown", null);
            if (!isTaken)
                return (row.Used ? "used" : row.Until <= Micros.Of(now) ? "late" : "tried-out", null);
            if (!isRight)
                return ("wrong", null);
            _ = await turn.RunAsync("update code set used = 1 where ledger = $1 and tag = $2", target.Ledger.Ledger, tag);
            await CodeCounts.ConfirmedAsync(turn, target.Ledger.Ledger, row.Place, now);
            return ("right", row);
        }, cancel);
        Meters.Code(word);
        return row is null ? null : new CodeRight((Channel)row.Via, row.Message, now);
    }

    /// <summary>Whether this is the code that was right before, and its ten minutes are not over: whoever presses a button twice sends it twice. It is used up, and opens nothing.</summary>
    public async Task<bool> WasRightAsync(CodeTarget target, string said, CancellationToken cancel)
    {
        if (Read(said) is not { } heard)
            return false;
        var tag = await TagAsync(target, cancel);
        var hash = await HashAsync(tag, heard, cancel);
        return await Rows.ReadAsync(CodeRow.Select, CodeRow.Read, cancel, target.Ledger.Ledger, tag) is [{ Used: true } row]
            && row.Until > Micros.Of(Now) && CryptographicOperations.FixedTimeEquals(row.Hash, hash);
    }

    /// <summary>Places to which no codes go now, because too few of those before were confirmed.</summary>
    public Task<IReadOnlyList<string>> AlarmsAsync(LedgerRow ledger, CancellationToken cancel) => CodeCounts.AlarmsAsync(Rows, ledger.Ledger, gateways.File.Codes, Now, cancel);

    /// <summary>As it is shown: two groups, for reading aloud and for typing.</summary>
    public static string Show(string code) => $"{code[..(Digits / 2)]} {code[(Digits / 2)..]}";

    /// <summary>The digits of what somebody typed, of any script, with blanks and hyphens between; null: it is no code.</summary>
    public static string? Read(string said)
    {
        if (said.Length > LongestSaid)
            return null;
        var digits = new char[Digits];
        var count = 0;
        foreach (var c in said)
        {
            if (char.IsDigit(c) && count < Digits)
                digits[count++] = (char)('0' + (int)char.GetNumericValue(c));
            else if (!char.IsWhiteSpace(c) && c is not ('-' or '‐' or '–' or '.'))
                return null;
        }

        return count == Digits ? new string(digits) : null;
    }

    private Instant Now => Instant.FromDateTimeOffset(installation.Time.GetUtcNow());

    private async Task<string> SendOneAsync(CodeTarget target, CodeSending how, CancellationToken cancel)
    {
        var limits = gateways.File.Codes;
        var place = "";
        if (!target.Point.Channels.Has(how.Via))
            return "place";
        if (target.Point.Kind == PointKind.Phone)
        {
            if (CodePlaces.PlaceOf(target.Point, limits) is not { } listed)
                return "place";
            place = listed;
        }

        if (gateways.Of(target.Ledger.Controller, how.Via) is null)
            return "no-gateway";
        var now = Now;
        var tag = await TagAsync(target, cancel);
        var code = newCode?.Invoke() ?? RandomNumberGenerator.GetString("0123456789", Digits);
        var hash = await HashAsync(tag, code, cancel);
        var secret = await KeyAsync(cancel);
        var counts = CodeCounts.Of(limits, target.Point, how, text => secret.Mac("ringfence/code-count/v1", text));
        var id = "code_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var ledger = target.Ledger.Ledger;
        // Counted before it is sent: what is sent and not counted would have no end.
        if (await CodeCounts.TakeAsync(Rows, ledger, counts, place, limits, now, turn => turn.RunAsync(
            """
            insert into code(ledger, tag, hash, message, via, place, until, tries, used) values ($1, $2, $3, $4, $5, $6, $7, 0, 0)
            on conflict (ledger, tag) do update set hash = excluded.hash, message = excluded.message, via = excluded.via, place = excluded.place, until = excluded.until, tries = 0, used = 0
            """,
            ledger, tag, hash, id, (long)how.Via, place, Micros.Of(now + Duration.FromMinutes(GoodForMinutes))), cancel) is { } full)
        {
            return full;
        }

        if (now - pruned.GetValueOrDefault(ledger) >= BetweenPrunings)
        {
            pruned[ledger] = now;
            await CodeCounts.PruneAsync(Rows, ledger, now, cancel);
        }

        if (how.IsHeldBack)
            return "held-back";
        var shown = Show(code);
        var words = CodeText.Of(how.Language, how.Sender, target.Act, shown, GoodForMinutes) + (how.Page is { } page ? CodeText.Where(how.Language, page) : "");
        var message = OutMessage.Of(id, how.Via, target.Point, words, how.Via == Channel.Email ? CodeText.Subject(how.Language, how.Sender) : "") with
        {
            Language = how.Language,
            SenderName = how.Sender,
            Code = shown,
        };
        return await Sending.SendAsync(installation, gateways, target.Ledger, message, cancel) is { } delivery and not Delivery.Accepted ? delivery.Word : "sent";
    }

    private async Task<byte[]> TagAsync(CodeTarget target, CancellationToken cancel)
    {
        string[] parts = [target.Ledger.Ledger.ToString(CultureInfo.InvariantCulture), target.Act.ToString(), target.Session, target.Point.Value, target.Binding];
        // Where one part ends the next begins, and none can be taken for another.
        return (await KeyAsync(cancel)).Mac(Use, string.Concat(parts.Select(static part => string.Create(CultureInfo.InvariantCulture, $"{part.Length}:{part}"))));
    }

    private async Task<byte[]> HashAsync(byte[] tag, string code, CancellationToken cancel) => (await KeyAsync(cancel)).Mac(Use + "/hash", Convert.ToHexString(tag) + code);

    // Read once; two that read it at once read the same.
    private async ValueTask<SecretKey> KeyAsync(CancellationToken cancel) => key ??= await installation.Keyring.TokenKeyAsync(cancel);

    private sealed record CodeRow(byte[] Hash, string Message, long Via, string Place, long Until, long Tries, bool Used)
    {
        public const string Select = "select hash, message, via, place, until, tries, used from code where ledger = $1 and tag = $2";

        public static CodeRow Read(ICells cells) => new(cells.Bytes(0), cells.Text(1), cells.Long(2), cells.Text(3), cells.Long(4), cells.Long(5), cells.Long(6) == 1);
    }
}
