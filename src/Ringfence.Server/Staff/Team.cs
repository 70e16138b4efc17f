using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>Who works for a controller, and what about them whoever looks after it may change. Each change is written to the ledger before it holds.</summary>
/// <param name="installation">The installation.</param>
/// <param name="entrance">By which they come in.</param>
internal sealed class Team(Installation installation, Entrance entrance)
{
    private Accounts Accounts => entrance.Accounts;

    /// <summary>Everybody with a role for the controller, there or everywhere.</summary>
    public async Task<IReadOnlyList<(Account Account, IReadOnlyList<GivenRole> Roles)>> ListAsync(string controller, CancellationToken cancel)
    {
        var roles = (await Accounts.RolesAsync(null, cancel)).ToLookup(static role => role.Account, StringComparer.Ordinal);
        return [.. (await Accounts.AllAsync(cancel)).Select(account => (account, (IReadOnlyList<GivenRole>)[.. roles[account.Id]])).Where(one => one.Item2.Any(role => role.Controller == controller || role.Controller == GivenRole.Everywhere))];
    }

    /// <summary>Whether somebody may shut another out, or let them back in: only who looks after everything that the other works for.</summary>
    public static bool MayManage(SignedIn by, IEnumerable<GivenRole> roles) => roles.All(role => (RightsOf(by, role.Controller) & Right.ManageStaff) != 0);

    /// <summary>Asks somebody in. Whoever has an account already gets the roles.</summary>
    /// <param name="by">As records name who asks.</param>
    /// <param name="staff">Who asks; null: whoever has the machine.</param>
    /// <returns>The account, and what opens the invitation; null: they sign in as before, or by the invitation that others gave them.</returns>
    /// <exception cref="CommandRefusedException"><c>own-roles</c>.</exception>
    public async Task<(Account Account, string? Link)> InviteAsync(Actor by, SignedIn? staff, string mail, string name, string controller, IReadOnlyCollection<Role> roles, CancellationToken cancel)
    {
        var account = await Accounts.FindByMailAsync(mail, cancel) ?? await Accounts.AddAsync(mail, name, null, null, [], null, cancel);
        if (account!.Id == by.Ref)
            throw new CommandRefusedException("own-roles");
        // An invitation opens all that the account may do, and ends the one before: whoever does not look after all of it only adds a role.
        var asksIn = account.Status == AccountStatus.Invited && (staff is null || MayManage(staff, await Accounts.RolesAsync(account.Id, cancel)));
        await RoleRecords.WriteAsync(installation, controller, by, account.Id, asksIn ? RoleRecords.Invited : RoleRecords.Given, roles, cancel);
        foreach (var role in roles)
            await Accounts.SetRoleAsync(new GivenRole(account.Id, controller, role), true, cancel);
        return (account, asksIn ? await entrance.Links.MakeAsync(account.Id, Links.Invitation, cancel) : null);
    }

    /// <summary>Gives somebody these roles for a controller, and no others. Of their own people lay roles down, and take up none.</summary>
    /// <exception cref="CommandRefusedException"><c>last-administrator</c>: nobody would be left who looks after the installation; <c>own-roles</c>.</exception>
    public async Task SetRolesAsync(Actor by, Account account, string controller, IReadOnlyCollection<Role> wanted, CancellationToken cancel)
    {
        var now = (await Accounts.RolesAsync(account.Id, cancel)).Where(role => role.Controller == controller).Select(static role => role.Role).ToHashSet();
        List<Role> given = [.. wanted.Except(now)], taken = [.. now.Except(wanted)];
        if (given.Count > 0 && account.Id == by.Ref)
            throw new CommandRefusedException("own-roles");
        if (controller == GivenRole.Everywhere && taken.Contains(Role.Administrator))
            await RequireAnotherAsync(account.Id, cancel);
        if (given.Count > 0)
            await RoleRecords.WriteAsync(installation, controller, by, account.Id, RoleRecords.Given, given, cancel);
        if (taken.Count > 0)
            await RoleRecords.WriteAsync(installation, controller, by, account.Id, "role-taken", taken, cancel);
        foreach (var role in given)
            await Accounts.SetRoleAsync(new GivenRole(account.Id, controller, role), true, cancel);
        foreach (var role in taken)
            await Accounts.SetRoleAsync(new GivenRole(account.Id, controller, role), false, cancel);
    }

    /// <summary>Shuts somebody out, at once and everywhere.</summary>
    /// <exception cref="CommandRefusedException"><c>last-administrator</c>.</exception>
    public async Task SuspendAsync(Actor by, Account account, CancellationToken cancel)
    {
        await RequireAnotherAsync(account.Id, cancel);
        await TellAsync(by, account, "suspended", cancel);
        await Accounts.SetStatusAsync(account.Id, AccountStatus.Suspended, cancel);
    }

    /// <summary>Lets them in again.</summary>
    public async Task RestoreAsync(Actor by, Account account, CancellationToken cancel)
    {
        await TellAsync(by, account, "restored", cancel);
        await Accounts.SetStatusAsync(account.Id, account.Password is null ? AccountStatus.Invited : AccountStatus.Active, cancel);
    }

    /// <summary>A way back in for somebody who can't sign in any more.</summary>
    /// <param name="alsoFactors">Whether they lost their app, codes and passkeys too: these open nothing any more.</param>
    /// <returns>What opens it.</returns>
    public async Task<string> WayBackAsync(Actor by, Account account, bool alsoFactors, CancellationToken cancel)
    {
        await TellAsync(by, account, alsoFactors ? RoleRecords.WayBackWithoutFactors : RoleRecords.WayBack, cancel);
        if (alsoFactors)
        {
            await Accounts.Rows.WriteAsync(
                async turn =>
                {
                    await turn.RunAsync("delete from staff_passkey where account = $1", account.Id);
                    await Accounts.EndAllAsync(turn, account.Id, null);
                    return await SecondFactors.EndAsync(turn, account.Id);
                },
                cancel);
        }

        return await entrance.Links.MakeAsync(account.Id, account.Status == AccountStatus.Invited ? Links.Invitation : Links.WayBack, cancel);
    }

    private static Right RightsOf(SignedIn by, string controller) => controller == GivenRole.Everywhere ? by.Everywhere : by.For(controller);

    // In the ledgers of all they work for.
    private async Task TellAsync(Actor by, Account account, string what, CancellationToken cancel)
    {
        foreach (var controller in (await Accounts.RolesAsync(account.Id, cancel)).Select(static role => role.Controller).Distinct(StringComparer.Ordinal))
            await RoleRecords.WriteAsync(installation, controller, by, account.Id, what, [], cancel);
    }

    private async Task RequireAnotherAsync(string account, CancellationToken cancel)
    {
        var roles = await Accounts.RolesAsync(null, cancel);
        var administrators = roles.Where(static role => role is { Controller: GivenRole.Everywhere, Role: Role.Administrator }).Select(static role => role.Account).ToHashSet(StringComparer.Ordinal);
        if (administrators.Contains(account) && !(await Accounts.AllAsync(cancel)).Any(other => other.Id != account && other.Status == AccountStatus.Active && administrators.Contains(other.Id)))
            throw new CommandRefusedException("last-administrator");
    }
}
