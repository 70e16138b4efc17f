using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Consent;

/// <summary>Writing down a yes: to words that were published, with exactly the evidence that the way it was given needs.</summary>
internal static class RecordConsentPages
{
    /// <summary><c>GET contacts/{id}/consent</c>: first which words, in which language, given how; then what shows it.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var state = new FormState();
        foreach (var name in new[] { "wording", "shownIn", "method" })
            state.Keep(name, call.Query(name));
        return await ShowAsync(call, await ActTarget.InPathAsync(call), state);
    }

    /// <summary><c>POST contacts/{id}/consent</c>.</summary>
    public static async Task<PageAnswer> RecordAsync(PageCall call) => await RecordAsync(call, await ActTarget.InPathAsync(call), await ConsentForm.ReadAsync(call));

    /// <summary><c>POST consents/new</c>: the form for a number or address.</summary>
    public static async Task<PageAnswer> NewAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (to, state) = (form.Text("to"), new FormState());
        foreach (var name in new[] { "wording", "shownIn", "method" })
            state.Keep(name, form.TextOrNull(name));
        form.Done();
        return await ShowAsync(call, await ActTarget.OfAsync(call, to), state);
    }

    /// <summary><c>POST consents</c>.</summary>
    public static async Task<PageAnswer> RecordForNumberAsync(PageCall call)
    {
        var form = await ConsentForm.ReadAsync(call);
        return await RecordAsync(call, await ActTarget.OfAsync(call, form.To ?? ""), form);
    }

    /// <summary><c>GET contacts/{id}/confirm</c>: what was asked for and waits for its confirmation.</summary>
    public static async Task<PageAnswer> ShowConfirmAsync(PageCall call) => await ShowConfirmAsync(call, await ActTarget.InPathAsync(call), new FormState());

    /// <summary><c>POST contacts/{id}/confirm</c>.</summary>
    public static async Task<PageAnswer> ConfirmAsync(PageCall call)
    {
        var target = await ActTarget.InPathAsync(call);
        var form = await call.FormAsync();
        var state = new FormState();
        foreach (var name in new[] { "record", "via", "message" })
            state.Keep(name, form.TextOrNull(name));
        form.Done();
        var waiting = WaitingOf(target.Found!);
        var request = waiting.FirstOrDefault(record => record.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture) == state["record"]);
        var point = target.Points.FirstOrDefault(point => point.Id == request?.Subject?.Point);
        if (request is null || point is null)
            state.Blame("record", call.T("Confirm.BadRequest"));
        if (state["message"] is null)
            state.Blame("message", call.T("Confirm.NoMessage"));
        if (state["via"] is not { } word || !Channels.TryParse(word, out var via))
        {
            via = default;
            state.Blame("via", call.T("Ask.BadChannel"));
        }

        if (state.IsSound)
        {
            var asked = new ConsentAsked { Now = call.Now, TimeFrom = EventSource.Staff, Request = request!.Seq, Via = via, Message = state["message"] };
            var outcome = await new ConsentTaking(call.Installation, call.Ledger, call.Actor, call.Installation.TagsOf(point!.Point), asked).RunAsync(ConsentStep.Confirm, call.Cancel);
            foreach (var finding in outcome.Findings)
            {
                var (why, cure) = ConsentPage.Told(finding);
                state.Blame(finding.Field.StartsWith("confirmation", StringComparison.Ordinal) ? "via" : "record", why + " " + cure);
            }
        }

        return state.IsSound ? PageCall.SeeOther(call.At(target.Page!) + "?done=confirmed") : await ShowConfirmAsync(call, target, state, StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary>Questions and answers of a person that nobody confirmed yet.</summary>
    public static IReadOnlyList<LedgerRecord> WaitingOf(FoundContact found)
    {
        var confirmed = found.Person.Records.Where(static record => record.Type == RecordType.ConsentConfirmed).SelectMany(static record => record.About ?? []).ToHashSet();
        return [.. found.Person.Records.Where(record => record is { Type: RecordType.ConsentRequested, State: RecordState.Requested, Notice: not null } && !confirmed.Contains(record.Seq))];
    }

    private static async Task<PageAnswer> RecordAsync(PageCall call, ActTarget target, ConsentForm form)
    {
        if (await form.TakeAsync(target) is not { } outcome || outcome.Written.Count == 0)
            return await ShowAsync(call, target, form.State, StatusCodes.Status422UnprocessableEntity);
        var written = await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(target.Points[0].Point), call.Cancel);
        var done = form.State["state"] == "requested" ? "requested" : "consent";
        return PageCall.SeeOther(call.At(written is null ? "done/" + done : ContactPages.PathOf(written.Person.Sid) + "?done=" + done));
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, ActTarget target, FormState state, int status = StatusCodes.Status200OK)
    {
        target = await target.ToShowAsync(call);
        var wordings = await call.Served.Wordings.OfAsync(call.Ledger);
        var chosen = wordings.FirstOrDefault(one => one.Digest.ToString() == state["wording"]);
        var language = chosen is null ? null : state["shownIn"] is { } lang && chosen.Texts.ContainsKey(lang) ? lang : chosen.Texts.ContainsKey(call.Words.Tag) ? call.Words.Tag : chosen.Texts.Keys.Order(StringComparer.Ordinal).First();
        ConsentMethod? method = chosen is null ? null
            : Words<ConsentMethod>.TryParse(state["method"] ?? "", out var said) && WordingMethods.Of(chosen.Choice.Kind).Contains(said) ? said : WordingMethods.Of(chosen.Choice.Kind)[0];
        var model = new RecordConsentPage.Model(target, state, wordings, chosen, language, method, target.Found is { } found ? WaitingOf(found).Count : 0);
        return await call.PageAsync<RecordConsentPage>(call.T("Consent.Title", target.Title), model, status);
    }

    private static async Task<PageAnswer> ShowConfirmAsync(PageCall call, ActTarget target, FormState state, int status = StatusCodes.Status200OK)
    {
        target = await target.ToShowAsync(call);
        return await call.PageAsync<ConfirmConsentPage>(call.T("Confirm.Title", target.Name), new ConfirmConsentPage.Model(target, state, WaitingOf(target.Found!)), status);
    }
}
