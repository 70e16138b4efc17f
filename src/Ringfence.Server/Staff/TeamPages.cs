using Ringfence.Server.Pages;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>People and roles of a controller.</summary>
internal static class TeamPages
{
    /// <summary>What the page shows.</summary>
    internal sealed record Model(IReadOnlyList<(Account Account, IReadOnlyList<GivenRole> Roles)> People, string? Fault);

    /// <summary>One of them.</summary>
    internal sealed record MemberModel(Account Account, IReadOnlyList<GivenRole> Roles, bool MayManage, bool HasPasskey);

    /// <summary>A link to be passed on, shown once.</summary>
    internal sealed record LinkModel(string Name, string Address, bool IsNew);

    public static Task<PageAnswer> ShowAsync(PageCall call) => ShowAsync(call, null, StatusCodes.Status200OK);

    public static async Task<PageAnswer> InviteAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (typed, name, roles) = (form.TextOrNull("email") ?? "", form.TextOrNull("name") ?? "", RolesOf(form));
        form.Done();
        if (StepUp.Ask(call, call.At("team")) is { } ask)
            return ask;
        if (Accounts.MailOf(typed) is not { } mail || Accounts.NameOf(name) is not { } called || roles.Count == 0)
            return await ShowAsync(call, "invite", StatusCodes.Status422UnprocessableEntity);
        var (account, link) = await Of(call).InviteAsync(call.Actor, call.Staff, mail, called, call.Controller, roles, call.Cancel);
        return link is null ? PageCall.SeeOther(call.At("team/" + account.Id)) : await LinkAsync(call, account, Links.Invitation, link);
    }

    public static async Task<PageAnswer> ShowMemberAsync(PageCall call)
    {
        var (account, roles) = await MemberAsync(call);
        return await call.PageAsync<MemberPage>(
            account.Name, new MemberModel(account, roles, Team.MayManage(call.Staff, roles), (await call.Served.Entrance.Passkeys.ListAsync(account.Id, call.Cancel)).Count > 0));
    }

    public static async Task<PageAnswer> SetRolesAsync(PageCall call)
    {
        var (account, _) = await MemberAsync(call);
        var form = await call.FormAsync();
        var (roles, everywhere, isAll) = (RolesOf(form), RolesOf(form, "everywhere"), form.Has("all"));
        form.Done();
        if (StepUp.Ask(call, call.At("team/" + account.Id)) is { } ask)
            return ask;
        // What holds everywhere is given by those alone who look after everything.
        if ((isAll || everywhere.Count > 0) && (call.Staff.Everywhere & Right.ManageStaff) == 0)
            throw new PageFault(StatusCodes.Status403Forbidden, "no-right");
        await Of(call).SetRolesAsync(call.Actor, account, call.Controller, roles, call.Cancel);
        if (isAll)
            await Of(call).SetRolesAsync(call.Actor, account, GivenRole.Everywhere, everywhere, call.Cancel);
        return PageCall.SeeOther(call.At("team"));
    }

    public static Task<PageAnswer> SuspendAsync(PageCall call) => ManageAsync(call, (team, account) => team.SuspendAsync(call.Actor, account, call.Cancel));

    public static Task<PageAnswer> RestoreAsync(PageCall call) => ManageAsync(call, (team, account) => team.RestoreAsync(call.Actor, account, call.Cancel));

    public static async Task<PageAnswer> WayBackAsync(PageCall call)
    {
        var (account, roles) = await MemberAsync(call);
        var form = await call.FormAsync();
        var alsoFactors = form.Has("factors");
        form.Done();
        RequireManage(call, roles);
        return StepUp.Ask(call, call.At("team/" + account.Id)) is { } ask ? ask
            : await LinkAsync(call, account, account.Status == AccountStatus.Invited ? Links.Invitation : Links.WayBack, await Of(call).WayBackAsync(call.Actor, account, alsoFactors, call.Cancel));
    }

    private static async Task<PageAnswer> ManageAsync(PageCall call, Func<Team, Account, Task> change)
    {
        var (account, roles) = await MemberAsync(call);
        (await call.FormAsync()).Done();
        RequireManage(call, roles);
        if (StepUp.Ask(call, call.At("team/" + account.Id)) is { } ask)
            return ask;
        await change(Of(call), account);
        return PageCall.SeeOther(call.At("team/" + account.Id));
    }

    private static void RequireManage(PageCall call, IReadOnlyList<GivenRole> roles)
    {
        if (!Team.MayManage(call.Staff, roles))
            throw new PageFault(StatusCodes.Status403Forbidden, "works-elsewhere");
    }

    private static Team Of(PageCall call) => new(call.Installation, call.Served.Entrance);

    // Whoever has no role here is nobody here, whatever they are elsewhere.
    private static async Task<(Account Account, IReadOnlyList<GivenRole> Roles)> MemberAsync(PageCall call)
    {
        var roles = await call.Served.Entrance.Accounts.RolesAsync(call.Path("id"), call.Cancel);
        return roles.Any(role => role.Controller == call.Controller || role.Controller == GivenRole.Everywhere) && await call.Served.Entrance.Accounts.FindAsync(call.Path("id"), call.Cancel) is { } account
            ? (account, roles) : throw PageFault.Missing;
    }

    private static IReadOnlyCollection<Role> RolesOf(PageForm form, string field = "role") =>
        [.. form.All(field).Select(static word => Roles.TryRead(word, out var role) ? role : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "role")).Distinct()];

    // Shown in the answer itself: it is kept nowhere from which another page could show it.
    private static Task<PageAnswer> LinkAsync(PageCall call, Account account, string kind, string token) =>
        call.PageAsync<LinkShownPage>(call.T("Team.Link"), new LinkModel(account.Name, LinkPages.AddressOf(call, kind, token), kind == Links.Invitation));

    private static async Task<PageAnswer> ShowAsync(PageCall call, string? fault, int status) =>
        await call.PageAsync<TeamPage>(call.T("Room.team"), new Model(await Of(call).ListAsync(call.Controller, call.Cancel), fault), status);
}
