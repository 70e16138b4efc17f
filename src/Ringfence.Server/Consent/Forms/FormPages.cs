using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Consent.Forms;

/// <summary>The staff's room of consent forms: those that are published, and the maker of new ones. What breaks a rule is not published.</summary>
internal static class FormPages
{
    /// <summary><c>GET forms</c>.</summary>
    public static async Task<PageAnswer> ListAsync(PageCall call) =>
        await call.PageAsync<FormsPage>(call.T("Room.forms"), await PublishedForms.AllAsync(call.Installation.Store, call.Ledger, call.Cancel));

    /// <summary><c>GET forms/{digest}</c>: one, as people see it, with its ways to people.</summary>
    public static async Task<PageAnswer> OneAsync(PageCall call)
    {
        var form = await InPathAsync(call);
        return await call.PageAsync<FormPublishedPage>($"{form.Id} {form.Version}", new FormView(
            form, FormLint.Check(form, call.Served.Gate.Rules, call.Now.InUtc().Date, call.Served.Address), await FormCounts.OfAsync(call.Installation.Store, call.Ledger, form, call.Cancel),
            form.Boxes.Where(box => FormLint.WaysOf(form, box, call.Served.Gate.Rules, call.Now.InUtc().Date).Contains(ChoiceKind.Spoken)).Select(static box => box.Name).ToHashSet(StringComparer.Ordinal)));
    }

    /// <summary><c>GET forms/{digest}/paper</c>: to be printed, filled in by hand and signed.</summary>
    public static async Task<PageAnswer> PaperAsync(PageCall call)
    {
        var form = await InPathAsync(call);
        var language = call.Query("in") is { } asked && form.Languages.Contains(asked) ? asked : form.Languages[0];
        return await call.PageAsync<FormPaperPage>($"{form.Id} {form.Version}", new FormPaper(form, language));
    }

    /// <summary><c>GET forms/shown/{page}</c>: what was shown, exactly as it was kept.</summary>
    public static async Task<PageAnswer> ShownAsync(PageCall call)
    {
        if (!Digest.TryParse(call.Path("page"), out var digest) || await PublishedForms.ShownAsync(call.Installation.Store, call.Ledger, digest, call.Cancel) is not { } bytes)
            throw PageFault.Missing;
        return await call.PageAsync<FormShownPage>(call.T("Form.Shown"), new FormShown(digest, System.Text.Encoding.UTF8.GetString(bytes)));
    }

    /// <summary><c>GET forms/new</c>: the maker, empty or with what a published one says.</summary>
    public static async Task<PageAnswer> NewAsync(PageCall call)
    {
        var from = call.Query("from") is { } text && Digest.TryParse(text, out var digest) ? await PublishedForms.FindAsync(call.Installation.Store, call.Ledger, digest, call.Cancel) : null;
        var draft = from is null ? new FormDraft(FormDraft.Start(call.Controllers[call.Controller], await NoticeAsync(call), call.Now), null) : FormDraft.Of(from);
        return await ShowAsync(call, draft, isLookedAt: from is not null, null, StatusCodes.Status200OK);
    }

    /// <summary><c>POST forms/new</c>: a block is added, moved or taken out; it is looked at; or published, where it is what was looked at and nothing is wrong with it.</summary>
    public static async Task<PageAnswer> MakeAsync(PageCall call)
    {
        var fields = await call.FormAsync();
        var pressed = fields.TextOrNull("do") ?? "look";
        var seen = fields.TextOrNull("seen");
        // A new version of nothing would be short of what the page has no field for.
        var from = fields.TextOrNull("from") is not { } text ? null
            : Digest.TryParse(text, out var digest) && await PublishedForms.FindAsync(call.Installation.Store, call.Ledger, digest, call.Cancel) is { } published ? published
            : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "from");
        var draft = FormDraft.Read(fields, pressed, from);
        fields.Done();
        if (pressed != "publish" || draft.Fault is not null)
            return await ShowAsync(call, draft, isLookedAt: true, null, draft.Fault is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
        // What is published has to be what was looked at.
        if (seen != draft.Form.Digest.ToString())
            return await ShowAsync(call, draft, isLookedAt: true, null, StatusCodes.Status200OK);
        try
        {
            await PublishedForms.PublishAsync(call.Installation, call.Ledger, call.Actor, draft.Form, call.Served.Gate.Rules, call.Cancel, call.Served.Address);
        }
        catch (CommandRefusedException e) when (e.Code is "form-refused" or "form-version-taken")
        {
            return await ShowAsync(call, draft, isLookedAt: true, e.Code == "form-version-taken" ? call.T("Form.VersionTaken", draft.Form.Version) : null, StatusCodes.Status422UnprocessableEntity);
        }

        return PageCall.SeeOther(call.At("forms/" + draft.Form.Digest));
    }

    // Forms name a page that nobody on the way can change.
    private static async Task<WordingNotice?> NoticeAsync(PageCall call) =>
        Notices.PublicNotices.AddressOf(call) is { Scheme: "https" } page && await call.Served.Notices.OfAsync(call.Ledger) is [.., var newest] ? new WordingNotice(page.AbsoluteUri, newest.Version) : null;

    private static async Task<FormDocument> InPathAsync(PageCall call) =>
        Digest.TryParse(call.Path("digest"), out var digest) && await PublishedForms.FindAsync(call.Installation.Store, call.Ledger, digest, call.Cancel) is { } form ? form : throw PageFault.Missing;

    private static async Task<PageAnswer> ShowAsync(PageCall call, FormDraft draft, bool isLookedAt, string? fault, int status)
    {
        var findings = isLookedAt ? FormLint.Check(draft.Form, call.Served.Gate.Rules, call.Now.InUtc().Date, call.Served.Address) : [];
        var party = await call.Installation.PartyDocumentAsync(call.Ledger, call.Cancel);
        string[] reached = [.. new[] { party.Address, party.Contact.Phone, party.Contact.Email, party.Contact.Page }.OfType<string>()];
        return await call.PageAsync<FormMakerPage>(call.T("Form.New"), new FormMaking(draft, findings, isLookedAt, fault ?? (draft.Fault is { } why ? call.T("Form.Unread", why) : null), reached), status);
    }
}

/// <summary>A published form, with what is wrong with it by the rules of today.</summary>
/// <param name="Form">The form.</param>
/// <param name="Findings">What is wrong.</param>
/// <param name="Answers">How many answered in which layout.</param>
/// <param name="Spoken">The boxes to which a spoken yes can count.</param>
internal sealed record FormView(FormDocument Form, IReadOnlyList<FormFinding> Findings, IReadOnlyList<LayoutCount> Answers, IReadOnlySet<string> Spoken);

/// <summary>The main part of a page as it was shown.</summary>
internal sealed record FormShown(Digest Digest, string Main);

/// <summary>A form on paper.</summary>
internal sealed record FormPaper(FormDocument Form, string Language);

/// <summary>What the maker shows.</summary>
/// <param name="Draft">What stands in its fields.</param>
/// <param name="Findings">What is wrong with it.</param>
/// <param name="IsLookedAt">Whether it was looked at: an empty one is not blamed for being empty.</param>
/// <param name="Fault">Why it can't be kept at all; null: it can.</param>
/// <param name="Reached">Where the controller is reached, as its own document says.</param>
internal sealed record FormMaking(FormDraft Draft, IReadOnlyList<FormFinding> Findings, bool IsLookedAt, string? Fault, IReadOnlyList<string> Reached)
{
    public FormDocument Form => Draft.Form;

    /// <summary>Whether it may be published.</summary>
    public bool Passes => IsLookedAt && Fault is null && Findings.Count == 0;
}
