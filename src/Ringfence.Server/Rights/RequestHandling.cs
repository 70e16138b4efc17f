using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>What is done on a request once it is in.</summary>
internal static class RequestHandling
{
    /// <summary>What staff do on one, as pages and the command line name it.</summary>
    public static readonly string[] Acts = ["identify", "extend", "pause", "resume", "note", "answer", "refuse", "take-back"];

    /// <summary>Whether nobody may do it without a word: nobody is kept waiting, or told no, without being told why.</summary>
    public static bool NeedsText(string act) => act is "extend" or "pause" or "note" or "answer" or "refuse";

    /// <summary>Whether they have to be told of it. None of this counts before they were.</summary>
    /// <remarks>Source: GDPR Article 12(3), (4): an extension, and a refusal, with its reasons, are told within the first month.</remarks>
    public static bool Tells(string act) => act is "extend" or "pause" or "answer" or "refuse";

    /// <summary>Tells the person where it is theirs to know, and does it.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="gateways">By which messages leave.</param>
    /// <param name="ledger">Whose.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="request">As whoever does it saw it.</param>
    /// <param name="act">One of <see cref="Acts"/>.</param>
    /// <param name="text">What is written beside it; empty: nothing.</param>
    /// <param name="told">When staff told them by another way; null: they are told by a message now.</param>
    /// <param name="name">How the controller is called.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether a message went to them; null: there is nothing to tell.</returns>
    /// <exception cref="CommandRefusedException"><c>request-untold</c>: no message can go there, and nobody says that they were told; nothing was done.</exception>
    public static async Task<bool?> ActAsync(
        Installation installation, GatewaySet gateways, LedgerRow ledger, Actor actor, StoredRequest request, string act, string text, LocalDate? told, string name, CancellationToken cancel)
    {
        if (act == "identify")
        {
            await IdentifiedAsync(installation, ledger, actor, request, "staff", cancel);
            return null;
        }

        var (step, outcome) = act switch
        {
            "extend" => ((RightsStep?)RightsStep.Extended, (RightsState?)null),
            "pause" => (RightsStep.Paused, null),
            "resume" => (RightsStep.Resumed, null),
            "note" => (RightsStep.Noted, null),
            "answer" => (null, RightsState.Answered),
            "refuse" => (null, RightsState.Refused),
            "take-back" => (null, RightsState.TakenBack),
            _ => throw new ArgumentOutOfRangeException(nameof(act)),
        };
        var today = Instant.FromDateTimeOffset(installation.Time.GetUtcNow()).InUtc().Date;
        var note = text.Length == 0 ? null : new RequestNote(LocalDatePattern.Iso.Format(today), act, text);
        if (!Tells(act))
        {
            await StepAsync(installation, ledger, actor, request, step, outcome, note, null, cancel);
            return null;
        }

        // Nobody is told of what may not be done.
        ProgressRequestCommand.Require(request.Told, step, outcome, told ?? today);
        var words = await RequestWords.OpenAsync(installation, request.Row, cancel) ?? throw new CommandRefusedException("erased");
        if (told is null && !await TellAsync(installation, gateways, ledger, request, words, RequestMessages.Written(name, request, text, act == "refuse"), cancel))
            throw new CommandRefusedException("request-untold");
        await StepAsync(installation, ledger, actor, request, step, outcome, note, told ?? today, CancellationToken.None);
        return told is null;
    }

    /// <summary>Whether a message can go to whoever a request came from: there is a way to them, and they have shown that it is theirs.</summary>
    public static bool CanTell(GatewaySet gateways, LedgerRow ledger, StoredRequest request, RequestWords words) =>
        request.Told.IsShown && ContactPoint.TryRead(words.Point, Ringfence.Numbers.Region.None, out var point) && RequestMessages.CanSend(gateways, ledger, point);

    /// <summary>Sends a message to whom a request came from.</summary>
    /// <returns>False: it did not go. To a number or address that nobody has shown to be theirs nothing goes.</returns>
    public static async Task<bool> TellAsync(Installation installation, GatewaySet gateways, LedgerRow ledger, StoredRequest request, RequestWords words, RequestMessages.Message message, CancellationToken cancel) =>
        request.Told.IsShown && ContactPoint.TryRead(words.Point, Ringfence.Numbers.Region.None, out var point) && await RequestMessages.SendAsync(installation, gateways, ledger, point, request.Row.Language, message, cancel);

    /// <summary>They have shown that it is them. Whose data are not to be used any more, their use is blocked by the same step.</summary>
    public static async Task IdentifiedAsync(Installation installation, LedgerRow ledger, Actor actor, StoredRequest request, string by, CancellationToken cancel) =>
        _ = await (await installation.WriterAsync(ledger, cancel)).DoAsync(new ProgressRequestCommand(actor, request.Row, RightsStep.Identified, by: by), cancel);

    /// <summary>Does a step, with what was written beside it, and the day on which they were told of it.</summary>
    public static async Task StepAsync(Installation installation, LedgerRow ledger, Actor actor, StoredRequest request, RightsStep? step, RightsState? outcome, RequestNote? note, LocalDate? told, CancellationToken cancel)
    {
        (Sealing.SealedBlob, Digest)? written = null;
        if (note is not null && await RequestWords.OpenAsync(installation, request.Row, cancel) is { } words)
            written = await words.With(note).SealAsync(installation, request.Told.Id, cancel);
        _ = await (await installation.WriterAsync(ledger, cancel)).DoAsync(new ProgressRequestCommand(actor, request.Row, step, outcome, words: written, toldOn: told), cancel);
    }

    /// <summary>Who is behind it, so far as they are known; null: nobody.</summary>
    public static async Task<FoundContact?> PersonAsync(Installation installation, LedgerRow ledger, RequestWords? words, CancellationToken cancel) =>
        words is not null && ContactPoint.TryRead(words.Point, Ringfence.Numbers.Region.None, out var point) ? await Contacts.FindAsync(installation, ledger, installation.TagsOf(point), cancel) : null;
}
