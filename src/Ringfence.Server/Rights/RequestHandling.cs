using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>What is done on a request once it is in.</summary>
internal static class RequestHandling
{
    /// <summary>They have shown that it is them. Whose data are not to be used any more, their use is blocked from now on.</summary>
    public static async Task IdentifiedAsync(Installation installation, LedgerRow ledger, Actor actor, StoredRequest request, string by, CancellationToken cancel)
    {
        var writer = await installation.WriterAsync(ledger, cancel);
        var answer = CommandAnswer.Read(await writer.DoAsync(new ProgressRequestCommand(actor, request.Row, RightsStep.Identified, by: by), cancel));
        if (request.Told.Kind == RightsKind.Restriction && OpaqueId.TryParse(answer.Sid, out var sid))
            _ = await writer.DoAsync(new HoldCommand(actor, sid, "objection"), cancel);
    }

    /// <summary>Does a step, with what was written beside it.</summary>
    public static async Task StepAsync(Installation installation, LedgerRow ledger, Actor actor, StoredRequest request, RightsStep? step, RightsState? outcome, RequestNote? note, CancellationToken cancel)
    {
        Sealing.SealedBlob? blob = null;
        if (note is not null && await RequestWords.OpenAsync(installation, request.Row, cancel) is { } words)
            blob = (await words.With(note).SealAsync(installation, request.Told.Id, cancel)).Blob;
        _ = await (await installation.WriterAsync(ledger, cancel)).DoAsync(new ProgressRequestCommand(actor, request.Row, step, outcome, words: blob), cancel);
    }

    /// <summary>Who is behind it, so far as they are known; null: nobody.</summary>
    public static async Task<FoundContact?> PersonAsync(Installation installation, LedgerRow ledger, RequestWords? words, CancellationToken cancel) =>
        words is not null && ContactPoint.TryRead(words.Point, Ringfence.Numbers.Region.None, out var point) ? await Contacts.FindAsync(installation, ledger, installation.TagsOf(point), cancel) : null;
}
