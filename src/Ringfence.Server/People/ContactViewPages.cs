using Ringfence.Server.Pages;
using Ringfence.Staff;

namespace Ringfence.Server.People;

/// <summary>Keeps, renames and removes views of the list of contacts. Whoever made one may change it; one that is shared, whoever says what holds for the house, too.</summary>
internal static class ContactViewPages
{
    /// <summary><c>POST contacts/views</c>: keeps the filters that are shown.</summary>
    public static async Task<PageAnswer> KeepAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (name, isShared) = (SavedViews.NameOf(form.TextOrNull("name")), form.Has("team"));
        var said = ContactListPages.Names.ToDictionary(static word => word, form.TextOrNull);
        form.Done();
        if (name is null)
            throw Bad("name");
        var query = SavedViews.QueryOf(said.GetValueOrDefault) ?? throw new PageFault(StatusCodes.Status400BadRequest, "bad-filter", "filter");
        if (!await Of(call).KeepAsync(new SavedView(call.Staff.Account, name, isShared, query), call.Cancel))
            throw new PageFault(StatusCodes.Status409Conflict, "views-full", SavedViews.Most);
        return PageCall.SeeOther(call.At("contacts") + (query.Length == 0 ? "" : "?" + query));
    }

    /// <summary><c>POST contacts/views/change</c>: calls one otherwise, or takes it away.</summary>
    public static async Task<PageAnswer> ChangeAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (owner, was, isShared) = (form.Text("by"), form.Text("was"), form.Has("team"));
        var (what, to) = (form.Text("do"), form.TextOrNull("name"));
        form.Done();
        // Somebody else's own view is not even known to be there.
        if (owner != call.Staff.Account && !(isShared && call.May(Right.ManageHouse)))
            throw PageFault.Missing;
        // Who removed their own by mistake has it back by one press.
        var gone = what == "remove" && owner == call.Staff.Account ? (await AllAsync(call)).FirstOrDefault(view => view.Account == owner && view.Name == was && view.IsShared == isShared) : null;
        var done = what switch
        {
            "remove" => await Of(call).RemoveAsync(owner, was, isShared, call.Cancel),
            "rename" => SavedViews.NameOf(to) is { } name ? name == was || await Of(call).RenameAsync(owner, was, isShared, name, call.Cancel) : throw Bad("name"),
            _ => throw Bad("do"),
        };
        if (!done)
            throw new PageFault(StatusCodes.Status409Conflict, "view-taken");
        return gone is null ? PageCall.SeeOther(call.At("contacts")) : await ContactListPages.RemovedAsync(call, gone);
    }

    /// <summary>Those whoever asks sees beside the list.</summary>
    public static Task<IReadOnlyList<SavedView>> AllAsync(PageCall call) => Of(call).OfAsync(call.Staff.Account, call.Cancel);

    private static SavedViews Of(PageCall call) => new(call.Installation.Store.Local, call.Controller);

    private static PageFault Bad(string field) => new(StatusCodes.Status400BadRequest, "bad-field", field);
}
