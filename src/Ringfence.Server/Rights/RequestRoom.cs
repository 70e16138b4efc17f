using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>Where staff see what people ask for by law and complain of, and answer it in time.</summary>
internal static class RequestRoom
{
    /// <summary>The longest that staff write.</summary>
    public const int LongestText = 2_000;

    private const int Months = 12;

    /// <summary>What the list shows.</summary>
    internal sealed record Listed(IReadOnlyList<RequestLine> Lines, bool IsClosed, long Late, IReadOnlyList<(YearMonth Month, long Count)> Complaints, IReadOnlyList<ResultTaskRow> Results);

    /// <summary>What the page of one request shows.</summary>
    /// <param name="Request">It.</param>
    /// <param name="Words">What they wrote; null: nothing is kept any more.</param>
    /// <param name="Target">Who is behind it, with what may be done with them; null likewise.</param>
    /// <param name="Earlier">An earlier day by what is known of the person; null: none.</param>
    /// <param name="CanSend">Whether what is written to them goes out from here.</param>
    /// <param name="Keeps">What an erasure would keep of their consents, because a law wants it.</param>
    /// <param name="State">The form.</param>
    internal sealed record Case(StoredRequest Request, RequestWords? Words, ActTarget? Target, LocalDate? Earlier, bool CanSend, IReadOnlyList<ProofDuty> Keeps, FormState State);

    /// <summary><c>GET requests</c>.</summary>
    public static async Task<PageAnswer> ListAsync(PageCall call)
    {
        var isClosed = call.Query("closed") is not null;
        var today = call.Now.InUtc().Date;
        var open = await RequestList.OpenAsync(call.Installation, call.Ledger, call.Cancel);
        var lines = isClosed ? await RequestList.ClosedAsync(call.Installation, call.Ledger, call.Cancel) : open;
        return await call.PageAsync<RequestsPage>(call.T("Room.requests"), new Listed(lines, isClosed, open.Count(line => line.Due < today), await RequestList.ComplaintsAsync(call.Installation, call.Ledger, today, Months, call.Cancel),
            await ResultRoom.LinesAsync(call, isClosed)));
    }

    /// <summary><c>GET requests/new</c>.</summary>
    public static Task<PageAnswer> FormAsync(PageCall call) => call.PageAsync<RequestNewPage>(call.T("Requests.New"), new FormState());

    /// <summary><c>POST requests/new</c>: one that came by letter, by telephone, at the counter.</summary>
    public static async Task<PageAnswer> EnterAsync(PageCall call)
    {
        var (form, state) = (await call.FormAsync(), new FormState());
        var (what, to, place) = (state.Keep("what", form.TextOrNull("what")), state.Keep("to", form.TextOrNull("to")), state.Keep("place", form.TextOrNull("place")));
        var (about, day, text) = (state.Keep("reason", form.TextOrNull("reason")), state.Keep("day", form.TextOrNull("day")), state.Keep("text", form.TextOrNull("text")) ?? "");
        form.Done();
        if (!Words<RightsKind>.TryParse(what ?? "", out var kind))
            state.Blame("what", call.T("Rights.NoKind"));
        var point = to is { Length: <= 254 } ? await ContactPages.PointAsync(call, to) : null;
        if (point is null)
            state.Blame("to", call.T("WhyMe.BadTo"));
        if (text.Length > RequestIntake.LongestText)
            state.Blame("text", call.T("Rights.TooLong", RequestIntake.LongestText));
        var today = call.Now.InUtc().Date;
        var received = today;
        if (day is not null && (!LocalDatePattern.Iso.Parse(day).TryGetValue(default, out received) || received > today || received < today.PlusYears(-1)))
            state.Blame("day", call.T("Requests.BadDay"));
        if (place is not null && place != RequestIntake.Unknown && !RightsClocks.Regimes.Contains(place))
            throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "place");
        ComplaintReason? reason = null;
        if (about is not null)
            reason = Words<ComplaintReason>.TryParse(about, out var read) ? read : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "reason");
        if (!state.IsSound || point is null)
            return await call.PageAsync<RequestNewPage>(call.T("Requests.New"), state, StatusCodes.Status422UnprocessableEntity);
        var id = await RequestIntake.EnterAsync(call.Installation, call.Ledger, call.Actor, point, kind, text, place, reason, received == today ? null : received, call.Words.Tag, call.Cancel);
        return PageCall.SeeOther(call.At("requests/" + id) + "?done=entered");
    }

    /// <summary><c>GET requests/{id}</c>: who looks is written down first.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call) => await ShowAsync(call, await FoundAsync(call), new FormState(), StatusCodes.Status200OK);

    /// <summary><c>POST requests/{id}</c>.</summary>
    public static async Task<PageAnswer> ActAsync(PageCall call)
    {
        var (form, state) = (await call.FormAsync(), new FormState());
        var (act, text, by) = (form.Text("act"), state.Keep("text", form.TextOrNull("text")) ?? "", state.Keep("told", form.TextOrNull("told")));
        form.Done();
        var request = await FoundAsync(call);
        if (text.Length > LongestText)
            state.Blame("text", call.T("Rights.TooLong", LongestText));
        // Nobody is kept waiting, or told no, without being told why.
        if (text.Length == 0 && RequestHandling.NeedsText(act))
            state.Blame("text", call.T("Requests.NoText"));
        LocalDate? told = null;
        if (by is not null)
        {
            if (LocalDatePattern.Iso.Parse(by).TryGetValue(default, out var day) && day >= request.Told.ReceivedOn && day <= call.Now.InUtc().Date)
                told = day;
            else
                state.Blame("told", call.T("Requests.BadTold"));
        }

        if (!state.IsSound)
            return await ShowAsync(call, request, state, StatusCodes.Status422UnprocessableEntity);
        if (act == "erase")
            return await EraseAsync(call, request);
        if (!RequestHandling.Acts.Contains(act))
            throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "act");
        try
        {
            var sent = await RequestHandling.ActAsync(call.Installation, call.Served.Gateways, call.Ledger, call.Actor, request, act, text, told, call.Controllers[call.Controller], call.Cancel);
            return Here(call, request, sent is { } went ? went ? "sent" : "by-hand" : act == "identify" ? "identified" : act);
        }
        catch (CommandRefusedException refused) when (refused.Code == "request-untold")
        {
            state.Blame("told", call.T("Requests.Untold"));
            return await ShowAsync(call, request, state, StatusCodes.Status422UnprocessableEntity);
        }
    }

    // What is known of them goes with everything they asked for; that it is done they are told at the number they had.
    private static async Task<PageAnswer> EraseAsync(PageCall call, StoredRequest request)
    {
        if (request.Told is not { Kind: RightsKind.Erasure, IsOpen: true } || request.Row.Tag is null)
            throw new CommandRefusedException("request-closed");
        if (request.Told.AwaitsIdentity)
            throw new CommandRefusedException("request-unidentified");
        if (StepUp.Ask(call, call.At("requests/" + request.Told.Id)) is { } ask)
            return ask;
        var words = await RequestWords.OpenAsync(call.Installation, request.Row, call.Cancel);
        var erasure = new Erasure(call.Installation, call.Ledger, call.Actor);
        IReadOnlyList<KeptProof> kept = [];
        if (await RequestHandling.PersonAsync(call.Installation, call.Ledger, words, call.Cancel) is { Person.Status: not PersonStatus.Erased } found)
            kept = (await erasure.RunAsync(found.Person.Sid, "request", call.Cancel)).Kept;
        else
            await erasure.ForgetRequestsAsync([request.Told.Id], call.Cancel);
        var book = PageCall.WordsOf(request.Row.Language);
        var text = kept.Count == 0
            ? book.Say("Rights.Mail.Erased", call.Controllers[call.Controller])
            : book.Say("Rights.Mail.Erased.Kept", call.Controllers[call.Controller], string.Join("; ", kept.Select(proof => book.Say("Rights.Mail.Erased.Until", proof.Cites, book.Date(proof.UntilDay))).Distinct()));
        var done = kept.Count == 0 ? "erased" : "erased-kept";
        return Here(call, request, words is not null && await RequestHandling.TellAsync(call.Installation, call.Served.Gateways, call.Ledger, request, words, RequestMessages.Written(call.Controllers[call.Controller], request, text, isRefusal: false), call.Cancel) ? done + "-sent" : done);
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, StoredRequest request, FormState state, int status)
    {
        _ = await call.DoAsync(new RevealRequestCommand(call.Actor, request.Told.Id));
        var words = await RequestWords.OpenAsync(call.Installation, request.Row, call.Cancel);
        if (words is null || !ContactPoint.TryRead(words.Point, Region.None, out var point))
            return await call.PageAsync<RequestCasePage>(call.T("Requests.Title", request.Number), new Case(request, null, null, null, false, [], state), status);
        var target = await (await ActTarget.OfAsync(call, words.Point)).ToShowAsync(call);
        // What is known of them may bring it forward; only staff see that.
        var today = call.Now.InUtc().Date;
        LocalDate? earlier = target.Found?.Person.Residence is { } lives && RightsClocks.RegimeOf(lives) is { } regime && !request.Told.Regimes.Contains(regime)
            && (request.Told with { Regimes = [.. request.Told.Regimes, regime] }).Due(today) is var due && due < request.Told.Due(today) ? due : null;
        IReadOnlyList<ProofDuty> keeps = request.Told.Kind == RightsKind.Erasure && target.Found is { } known ? KeptProofs.Duties(known, call.Now) : [];
        return await call.PageAsync<RequestCasePage>(call.T("Requests.Title", request.Number), new Case(request, words, target, earlier, RequestHandling.CanTell(call.Served.Gateways, call.Ledger, request, words), keeps, state), status);
    }

    private static async Task<StoredRequest> FoundAsync(PageCall call) =>
        OpaqueId.TryParse(call.Path("id"), out var id) && await StoredRequest.FindAsync(call.Installation, call.Ledger, id, call.Cancel) is { } request ? request : throw PageFault.Missing;

    private static PageAnswer Here(PageCall call, StoredRequest request, string done) => PageCall.SeeOther($"{call.At("requests/" + request.Told.Id)}?done={done}");
}

/// <summary>Somebody is about to read what a person wrote in a request: written down before it is shown.</summary>
/// <param name="actor">Who looks.</param>
/// <param name="request">At which.</param>
internal sealed class RevealRequestCommand(Actor actor, OpaqueId request) : LedgerCommand
{
    public override void Ask(Storage.RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.StaffRevealed, actor, record => record with
    {
        Detail = LeafValue.Map.Of(("view", "request"), ("request", request)),
    })).Seq, null).ToBytes();
}
