using System.Diagnostics;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Codes;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Rights;

/// <summary>Where people learn what they may ask for by law, ask for it, complain, and see how it stands. Whatever lessens contact is done at once and asks nobody who they are; known and unknown people are answered alike.</summary>
internal static class RequestPages
{
    // Beyond that somebody plays with it. What is a no is done all the same.
    private const int ForOnePoint = 20;
    private const int Day = 86_400;

    // Of whom something is known there is a little more to read and to write. So answers come at beats, and the clock does not tell.
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(2);

    // Four thousand letters of any script, and room to spare.
    private const int MostSent = 64 << 10;

    /// <summary>What the page shows once a request is in.</summary>
    /// <param name="Kind">What was asked for.</param>
    /// <param name="Number">Its number; null: it was not written down, because too many came.</param>
    /// <param name="Due">By when it is answered.</param>
    /// <param name="Status">Where it is seen how it stands.</param>
    /// <param name="Settled">Whether nothing is left to be answered.</param>
    /// <param name="Code">What the form for the code carries; null: none is asked for.</param>
    /// <param name="To">Masked, where a code went.</param>
    /// <param name="ByHand">Whether they are to show who they are, and no code can go out.</param>
    internal sealed record Taken(RightsKind Kind, string? Number, LocalDate? Due, string Status, bool Settled, IReadOnlyList<(string Name, string Value)>? Code, string To, bool ByHand, RightsStop Stops);

    /// <summary>How a request stands, for whoever has its link.</summary>
    /// <param name="Request">It.</param>
    /// <param name="Token">What stands in its link.</param>
    /// <param name="IsBad">Whether what was typed is no number or address.</param>
    /// <param name="CanCode">Whether a code can go to the number or address that it came for.</param>
    internal sealed record Standing(StoredRequest Request, string Token, bool IsBad, bool CanCode);

    /// <summary><c>GET r/{controller}</c>.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call) => ShowAsync(call, new FormState(), StatusCodes.Status200OK);

    /// <summary><c>POST r/{controller}</c>.</summary>
    public static async Task<PageAnswer> TakeAsync(PageCall call)
    {
        var began = Stopwatch.GetTimestamp();
        var answer = await TakeNowAsync(call);
        // In a queue nobody can measure it anyway, and others wait.
        if (!call.IsBeyondLimit)
            await UntilBeatAsync(began, call.Cancel);
        return answer;
    }

    // A timer counts whole milliseconds, and which part of one is left over would tell how long the work took: the last ones are waited out to the point.
    private static async Task UntilBeatAsync(long began, CancellationToken cancel)
    {
        var worked = Stopwatch.GetElapsedTime(began);
        var beat = TimeSpan.FromTicks(((worked.Ticks / Beat.Ticks) + 1) * Beat.Ticks);
        if (beat - worked > TimerSlack)
            await Task.Delay(beat - worked - TimerSlack, cancel);
        for (var spin = new SpinWait(); Stopwatch.GetElapsedTime(began) < beat;)
            spin.SpinOnce(sleep1Threshold: -1);
    }

    private static async Task<PageAnswer> TakeNowAsync(PageCall call)
    {
        if (call.Http.Request.ContentLength is > MostSent)
            throw new PageFault(StatusCodes.Status413PayloadTooLarge, "bad-field", "form");
        var (form, state) = (await call.FormAsync(), new FormState());
        var what = state.Keep("what", form.TextOrNull("what"));
        var to = state.Keep("to", form.TextOrNull("to"));
        var place = state.Keep("place", form.TextOrNull("place"));
        var about = state.Keep("reason", form.TextOrNull("reason"));
        var text = state.Keep("text", form.TextOrNull("text")) ?? "";
        var isWrong = form.Has("wrong");
        var work = form.TextOrNull("work");
        state.Keep("wrong", isWrong ? "1" : null);
        form.Done();
        if (!Words<RightsKind>.TryParse(what ?? "", out var kind))
            state.Blame("what", call.T("Rights.NoKind"));
        // Of whom nobody can say whether it was a no, no page is turned away in vain; the others wait their turn.
        else if (kind.Stops(isWrong) == RightsStop.None && call.IsBeyondLimit)
            throw PublicShare.TooOften(call, PublicSources.RetryAfter);
        var point = await WhyPages.PointAsync(call, to);
        if (point is null)
            state.Blame("to", call.T("WhyMe.BadTo"));
        var isUnderstood = state.IsSound;
        if (text.Length > RequestIntake.LongestText)
            state.Blame("text", call.T("Rights.TooLong", RequestIntake.LongestText));
        if (place is not null && place != RequestIntake.Unknown && !RightsClocks.Regimes.Contains(place))
            throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "place");
        ComplaintReason? reason = null;
        if (about is not null)
            reason = Words<ComplaintReason>.TryParse(about, out var read) ? read : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "reason");
        // Before anything else: what is stopped is stopped, though they wrote too much beside it, and whatever becomes of the rest.
        if (point is not null && isUnderstood)
            await RequestIntake.StopAsync(call.Installation, call.Ledger, PreferencePages.Person, point, kind, isWrong, call.Cancel);
        if (!state.IsSound || point is null)
            return await ShowAsync(call, state, StatusCodes.Status422UnprocessableEntity);
        if (!await MayAsync(call, point))
        {
            return kind.Stops(isWrong) == RightsStop.None ? throw PublicShare.TooOften(call)
                : await call.PageAsync<RequestTakenPage>(call.T("Rights.Taken.Title"), new Taken(kind, null, null, "", true, null, "", false, kind.Stops(isWrong)));
        }

        return await ReceivedAsync(call, point, kind, kind == RightsKind.Complaint ? reason : null, text, place, kind.Stops(isWrong), work);
    }

    /// <summary><c>POST r/{controller}/identify</c>: the code that went to the number or address; or, without one, asks for another.</summary>
    public static async Task<PageAnswer> IdentifyAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (token, to, session, code) = (form.Text("request"), form.TextOrNull("to"), form.TextOrNull("session"), form.TextOrNull("code"));
        form.Done();
        var request = await RequestAsync(call, token);
        if (!request.Told.AwaitsIdentity || !request.Told.IsOpen)
            return Here(call, token, "");
        if (await WhyPages.PointAsync(call, to) is not { } point)
            return await StandingAsync(call, request, token, StatusCodes.Status422UnprocessableEntity, isBad: true);
        var isTheirs = call.Installation.TagsOf(point).Lookup.AsSpan().SequenceEqual(request.Row.Tag);
        if (!Staff.Token.Is(session))
        {
            if (CodeWay.Of(call, point) is not { } how)
                return await AskUs.ShowAsync(call);
            // To whatever else is typed no code goes, and whoever typed it is told the same. Counted either way, and sent once they were answered: neither what is left
            // of the limits nor how long it takes tells whoever holds a link which number it is for.
            session = Staff.Token.New();
            var (codes, target, sending) = (call.Served.Codes, Target(call, session, point, request.Told.Id), how with { IsHeldBack = !isTheirs });
            call.Afterwards(() => codes.SendAsync(target, sending, CancellationToken.None));
            return await CodeAsync(call, token, point, session, isWrong: false, StatusCodes.Status200OK);
        }

        var isRight = await call.Served.Codes.TryAsync(Target(call, session!, point, request.Told.Id), code ?? "", call.Cancel) is not null;
        if (!isRight || !isTheirs)
            return await CodeAsync(call, token, point, session!, isWrong: true, StatusCodes.Status422UnprocessableEntity);
        await RequestHandling.IdentifiedAsync(call.Installation, call.Ledger, PreferencePages.Person, request, "code", call.Cancel);
        await RequestMessages.SendAsync(call.Installation, call.Served.Gateways, call.Ledger, point, request.Row.Language, RequestMessages.Acknowledged(call, request, StatusAddress(call, token)), call.Cancel);
        return Here(call, token, "shown");
    }

    /// <summary><c>GET r/{controller}/status/{token}</c>.</summary>
    public static async Task<PageAnswer> StatusAsync(PageCall call)
    {
        var token = call.Path("token");
        return await StandingAsync(call, await RequestAsync(call, token), token, StatusCodes.Status200OK);
    }

    /// <summary>The path of the page that tells how a request stands.</summary>
    public static string StatusPath(PageCall call, OpaqueId request) =>
        Root(call) + "/status/" + call.Installation.Links.Make(call.Controller, LinkAct.Request, new PersonLink(request, default));

    private static async Task<PageAnswer> ReceivedAsync(PageCall call, ContactPoint point, RightsKind kind, ComplaintReason? reason, string text, string? place, RightsStop stops, string? work)
    {
        var country = (await call.Installation.PartyDocumentAsync(call.Ledger, call.Cancel)).Country;
        // Of a mere no nothing is left to be answered: it is done, and the page says so.
        var isSettled = kind is RightsKind.Objection or RightsKind.Withdrawal && text.Length == 0;
        var id = await RequestIntake.ReceiveAsync(call.Installation, call.Ledger, PreferencePages.Person, point, kind, text, asked => asked with
        {
            Regimes = RequestIntake.RegimesOf(point, place, country),
            Country = country,
            Reason = reason,
            Language = call.Words.Tag,
            NeedsIdentity = kind.NeedsIdentity(),
            IsSettled = isSettled,
        }, call.Cancel);
        var request = await StoredRequest.FindAsync(call.Installation, call.Ledger, id, call.Cancel) ?? throw new InvalidOperationException("What was written just now is not there.");
        var token = call.Installation.Links.Make(call.Controller, LinkAct.Request, new PersonLink(id, default));
        var taken = new Taken(kind, request.Number, request.Told.Due(call.Now.InUtc().Date), StatusPath(call, id), isSettled, null, point.ToString(), kind.NeedsIdentity(), stops);
        if (kind.NeedsIdentity() && CodeWay.Of(call, point) is { } how)
        {
            var session = Staff.Token.New();
            await call.Served.Codes.SendAsync(Target(call, session, point, id), how with { Work = await CodeWork.OfAsync(call, work) }, call.Cancel);
            taken = taken with { Code = [("request", token), ("to", point.Value), ("session", session)], ByHand = false };
        }

        return await call.PageAsync<RequestTakenPage>(call.T("Rights.Taken.Title"), taken);
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, FormState state, int status)
    {
        var script = await CodeWork.ScriptAsync(call);
        call.Http.Response.Headers.ContentSecurityPolicy = PublicHost.PolicyFor([], hasScript: script.Length > 0);
        return await call.PageAsync<RequestPage>(call.T("Rights.Title"), new RequestPage.Asked(state, script), status);
    }

    private static async Task<PageAnswer> StandingAsync(PageCall call, StoredRequest request, string token, int status, bool isBad = false)
    {
        // A gateway for mail is none for somebody who gave a telephone number.
        var canCode = request.Told is { IsOpen: true, AwaitsIdentity: true } && await RequestWords.OpenAsync(call.Installation, request.Row, call.Cancel) is { } words
            && ContactPoint.TryRead(words.Point, Region.None, out var point) && CodeWay.Of(call, point) is not null;
        return await call.PageAsync<RequestStatusPage>(call.T("Rights.Status.Title"), new Standing(request, token, isBad, canCode), status);
    }

    private static Task<PageAnswer> CodeAsync(PageCall call, string token, ContactPoint point, string session, bool isWrong, int status) =>
        call.PageAsync<CodePage>(call.T("Code.H1"), new CodePage.Asked(Root(call) + "/identify", Root(call) + "/status/" + token, point.ToString(), [("request", token), ("to", point.Value), ("session", session)], isWrong), status);

    // A link that was not made here, and one that leads to nobody any more, are answered alike.
    private static async Task<StoredRequest> RequestAsync(PageCall call, string token) =>
        call.Installation.Links.TryRead(call.Controller, LinkAct.Request, token, out var link) && link.Point == default
            && await StoredRequest.FindAsync(call.Installation, call.Ledger, link.Subject, call.Cancel) is { Row.Tag: not null } request
            ? request : throw new PageFault(StatusCodes.Status404NotFound, "no-link");

    private static CodeTarget Target(PageCall call, string session, ContactPoint point, OpaqueId request) => new(call.Ledger, CodeAct.Rights, session, point, request.ToString());

    private static PageAnswer Here(PageCall call, string token, string done) => PageCall.SeeOther($"{Root(call)}/status/{token}?lang={call.Words.Tag}{(done.Length > 0 ? "&done=" + done : "")}");

    private static string StatusAddress(PageCall call, string token) => new Uri(call.Site, $"{Root(call)}/status/{token}").AbsoluteUri;

    private static string Root(PageCall call) => "/r/" + Uri.EscapeDataString(call.Controller);

    private static Task<bool> MayAsync(PageCall call, ContactPoint point) => PublicShare.TakeAsync(call, "rights", async () =>
    {
        var to = Convert.ToHexStringLower(call.Installation.TagsOf(point).Lookup)[..24];
        return (await call.Installation.Store.CountAsync(call.Ledger.Ledger, "rights:point:" + to, call.Now.ToUnixTimeSeconds() / Day, 1, call.Cancel)).Taken <= ForOnePoint;
    });
}
