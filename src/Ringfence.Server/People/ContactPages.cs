using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Staff;

namespace Ringfence.Server.People;

/// <summary>The person: found by a number or address that is at hand, and shown. Each look is a record before anything is shown.</summary>
internal static class ContactPages
{
    /// <summary>A person's page below the controller.</summary>
    public static string PathOf(OpaqueId sid) => $"contacts/{sid}";

    /// <summary><c>POST contacts/find</c>: goes to whoever a number or address belongs to; says what may be done with it where that is nobody. A name is looked for in the list.</summary>
    public static async Task<PageAnswer> FindAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var text = form.TextOrNull("q");
        var purpose = form.TextOrNull("purpose");
        form.Done();
        if (text is null || await PointAsync(call, text) is not { } point)
        {
            // A name leads to nobody alone, but to a list for whoever may see one.
            if (text is not null && call.May(Right.ListContacts))
                return await ContactListPages.ShowAsync(call, text);
            return await call.PageAsync<ContactNobodyPage>(call.T("Find.Title"), new NobodyView(text, null, "", [], []), text is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
        }

        var tags = call.Installation.TagsOf(point);
        if (await Contacts.FindAsync(call.Installation, call.Ledger, tags, call.Cancel) is { } found)
            return PageCall.SeeOther(call.At(PathOf(found.Person.Sid)));
        return await NobodyAsync(call, point, purpose);
    }

    /// <summary><c>GET contacts/{id}</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var found = await KnownAsync(call);
        if (found.Person.Sid.ToString() != call.Path("id"))
            return PageCall.SeeOther(call.At(PathOf(found.Person.Sid)));
        return await ShowAsync(call, found, static view => view);
    }

    /// <summary><c>POST contacts/{id}/number</c>: the same page with numbers and addresses as they are. They stand in the answer alone, and in no address.</summary>
    public static async Task<PageAnswer> NumberAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        var found = await KnownAsync(call);
        await call.DoAsync(new RevealCommand(call.Actor, found.Person.Sid, "number"));
        return await ShowAsync(call, found, static view => view with { IsBare = true });
    }

    /// <summary><c>POST contacts/{id}/release</c>: what they wrote, which might have been a no, was read.</summary>
    public static async Task<PageAnswer> ReleaseAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        var found = await KnownAsync(call);
        _ = await Rights.Holds.EndAsync(call.Installation, call.Ledger, call.Actor, found.Person.Sid, Rights.HoldCommand.Unclear, call.Cancel);
        return PageCall.SeeOther(call.At(PathOf(found.Person.Sid)) + "?done=released");
    }

    /// <summary><c>POST contacts/{id}/ask</c>: the same page with the answer of the gate to one question.</summary>
    public static async Task<PageAnswer> AskAsync(PageCall call)
    {
        var found = await KnownAsync(call);
        var asking = await GateAsking.ReadAsync(call);
        var point = OpaqueId.TryParse(asking.Point, out var id) ? found.Points().Where(one => one.Id == id).Select(static one => one.Point).FirstOrDefault() : null;
        var answer = await asking.AnswerAsync(point);
        return await ShowAsync(call, found, view => view with { Answer = answer, Ask = asking.State }, asking.State.IsSound ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary><c>POST contacts/ask</c>: the same about a number or address that nobody is known by.</summary>
    public static async Task<PageAnswer> AskAboutAsync(PageCall call)
    {
        var asking = await GateAsking.ReadAsync(call);
        if (asking.To is null || await PointAsync(call, asking.To) is not { } point)
            return await call.PageAsync<ContactNobodyPage>(call.T("Find.Title"), new NobodyView(asking.To, null, "", [], []), StatusCodes.Status422UnprocessableEntity);
        if (await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(point), call.Cancel) is { } found)
            return PageCall.SeeOther(call.At(PathOf(found.Person.Sid)));
        var answer = await asking.AnswerAsync(point);
        return await NobodyAsync(call, point, asking.Purpose, answer, asking.State);
    }

    /// <summary>A number or address as staff write it: a number without a country is one of the controller's.</summary>
    public static async Task<ContactPoint?> PointAsync(PageCall call, string text)
    {
        var region = await ControllerRegion.OfAsync(call);
        return ContactPoint.TryRead(text, region, out var point) ? point : null;
    }

    /// <summary>The person in the path.</summary>
    /// <exception cref="PageFault"><c>missing</c>: there is none.</exception>
    public static async Task<FoundContact> KnownAsync(PageCall call) =>
        OpaqueId.TryParse(call.Path("id"), out var sid) && await Contacts.FindAsync(call.Installation, call.Ledger, sid, call.Cancel) is { } found ? found : throw PageFault.Missing;

    /// <summary>As a page names somebody; nothing that turns the writing round.</summary>
    public static string NameOf(PageCall call, FoundContact found) =>
        found.Person.Status == PersonStatus.Erased ? call.T("Contact.Erased")
        : (found.Data.Name ?? (string.Join(' ', new[] { found.Data.Given, found.Data.Family }.OfType<string>()) is { Length: > 0 } joined ? joined : found.Data.Company)) is { } name
            ? Lists.Report.ReportLanguage.Visible(name) : call.T("Contact.NoName");

    private static async Task<PageAnswer> ShowAsync(PageCall call, FoundContact found, Func<ContactView, ContactView> with, int status = StatusCodes.Status200OK)
    {
        // Who looks at personal data is written down before it is shown.
        await call.DoAsync(new RevealCommand(call.Actor, found.Person.Sid, call.May(Ringfence.Staff.Right.SeeEvidence) ? "evidence" : "contact"));
        var view = await ContactView.ReadAsync(call, found.Person.Sid, found) ?? throw PageFault.Missing;
        return await call.PageAsync<ContactPage>(NameOf(call, found), with(view), status);
    }

    private static async Task<PageAnswer> NobodyAsync(PageCall call, ContactPoint point, string? purpose, AskedHere? answer = null, FormState? ask = null)
    {
        var tags = call.Installation.TagsOf(point);
        var purposes = await ContactView.PurposesAsync(call, null);
        purpose = purpose is not null && Suppression.ScopeArguments.IsPurpose(purpose) ? purpose : purposes[0];
        var line = await PagePermissions.OfAsync(call, [tags], purpose, []);
        var closed = await Contacts.SuppressionsAsync(call.Installation, call.Ledger, [tags], call.Cancel);
        return await call.PageAsync<ContactNobodyPage>(call.T("Find.Title"), new NobodyView(null, point, purpose, purposes, line) { Closed = closed, Answer = answer, Ask = ask ?? new FormState() });
    }
}

/// <summary>A number or address that nobody is known by.</summary>
/// <param name="Unread">What was typed, where it is neither; null: it is one, or nothing was typed.</param>
/// <param name="Point">It; null: what was typed is none.</param>
/// <param name="Purpose">What contact would be for.</param>
/// <param name="Purposes">What it may be for.</param>
/// <param name="Line">What may be done all the same.</param>
internal sealed record NobodyView(string? Unread, ContactPoint? Point, string Purpose, IReadOnlyList<string> Purposes, IReadOnlyList<ChannelPermission> Line)
{
    /// <summary>What closes it.</summary>
    public IReadOnlyList<Storage.SuppressionRow> Closed { get; init; } = [];

    /// <summary>What the gate was asked on this page; null: nothing.</summary>
    public AskedHere? Answer { get; init; }

    /// <summary>The form in which it is asked.</summary>
    public FormState Ask { get; init; } = new();
}
