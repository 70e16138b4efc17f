using System.CommandLine;
using Ringfence.Server.Cli;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary><c>ringfence staff</c>: who works here, for whoever has the machine and can't sign in any more.</summary>
internal static class StaffCliCommand
{
    private const string AddressVariable = "RINGFENCE_PUBLIC_URL";

    public static Command Create(TimeProvider time) => new("staff", CliText.Say("Staff.Description")) { List(time), Invite(time), Reset(time) };

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", CliText.Say("Staff.List.Description")).OnStore();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var accounts = new Accounts(installation);
            var roles = (await accounts.RolesAsync(null, stop)).ToLookup(static role => role.Account, static role => $"{role.Role.Word()}@{role.Controller}", StringComparer.Ordinal);
            var all = await accounts.AllAsync(stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(Json(all, roles));
            foreach (var account in parsed.GetValue(Terminal.Json) ? [] : all)
                Console.Out.WriteLine($"{account.Id}\t{account.Mail}\t{account.Name}\t{account.Status.ToString().ToLowerInvariant()}\t{string.Join(' ', roles[account.Id])}");
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Invite(TimeProvider time)
    {
        var mail = new Argument<string>("E-MAIL") { Description = CliText.Say("Staff.Argument.E-MAIL") };
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = CliText.Say("Staff.Option.name") };
        var words = new Option<string>("--roles") { HelpName = "marketer,agent,...", Required = true, Description = CliText.Say("Staff.Option.roles", string.Join(", ", Roles.All.Select(static role => role.Word()))) };
        words.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && RolesOf(result.Tokens[0].Value) is null)
                result.AddError(CliText.Say("BadOption", "--roles", result.Tokens[0].Value));
        });
        var command = new Command("invite", CliText.Say("Staff.Invite.Description")) { mail, name, words }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var address = Accounts.MailOf(parsed.GetValue(mail)!) ?? throw new CommandRefusedException("not-an-email");
            var controller = (await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop)).Controller;
            var team = new Team(installation, new Entrance(installation, null));
            var called = Accounts.NameOf(parsed.GetValue(name) ?? address.Split('@')[0]) ?? throw new CommandRefusedException("not-an-email");
            var (_, link) = await team.InviteAsync(StoreArguments.Actor(parsed), null, address, called, controller, RolesOf(parsed.GetValue(words)!)!, stop);
            Tell(parsed, link is null ? null : $"{Root}/{Links.Invitation}/{link}", "Staff.Invited", "Staff.Given");
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Reset(TimeProvider time)
    {
        var mail = new Argument<string>("E-MAIL") { Description = CliText.Say("Staff.Argument.E-MAIL") };
        var factors = new Option<bool>("--without-second-factor") { Description = CliText.Say("Staff.Option.without-second-factor") };
        var command = new Command("reset", CliText.Say("Staff.Reset.Description")) { mail, factors }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var entrance = new Entrance(installation, null);
            var account = Accounts.MailOf(parsed.GetValue(mail)!) is { } address ? await entrance.Accounts.FindByMailAsync(address, stop) : null;
            if (account is null)
                throw new CommandRefusedException("no-such-account");
            var (team, by) = (new Team(installation, entrance), StoreArguments.Actor(parsed));
            // Whoever has the machine may also let back in who was shut out.
            if (account.Status == AccountStatus.Suspended)
                await team.RestoreAsync(by, account, stop);
            account = (await entrance.Accounts.FindAsync(account.Id, stop))!;
            var link = await team.WayBackAsync(by, account, parsed.GetValue(factors), stop);
            Tell(parsed, $"{Root}/{(account.Status == AccountStatus.Invited ? Links.Invitation : Links.WayBack)}/{link}", "Staff.WayBack", "Staff.WayBack");
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static string Root => Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } address ? address.TrimEnd('/') : ServeCommand.DefaultUrl.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    private static HashSet<Role>? RolesOf(string words)
    {
        var roles = new HashSet<Role>();
        foreach (var word in words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Roles.TryRead(word, out var role))
                return null;
            roles.Add(role);
        }

        return roles.Count > 0 ? roles : null;
    }

    // The link alone on standard output, for whoever pipes it on; what is to be known of it beside.
    private static void Tell(ParseResult parsed, string? link, string made, string none)
    {
        if (parsed.GetValue(Terminal.Json))
        {
            Console.Out.WriteLine(CliJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteString("link", link);
                json.WriteEndObject();
            }));
            return;
        }

        if (link is not null)
            Console.Out.WriteLine(link);
        if (!parsed.GetValue(Terminal.Quiet))
            Console.Error.WriteLine(CliText.Say(link is null ? none : made));
    }

    private static string Json(IEnumerable<Account> all, ILookup<string, string> roles) => CliJson.Write(json =>
    {
        json.WriteStartArray();
        foreach (var account in all)
        {
            json.WriteStartObject();
            json.WriteString("id", account.Id);
            json.WriteString("email", account.Mail);
            json.WriteString("name", account.Name);
            json.WriteString("status", account.Status.ToString().ToLowerInvariant());
            json.WriteStartArray("roles");
            foreach (var role in roles[account.Id])
                json.WriteStringValue(role);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
