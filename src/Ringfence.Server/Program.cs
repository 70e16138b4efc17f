using System.CommandLine;
using System.Globalization;
using Ringfence.Server.Bridges.Mcp;
using Ringfence.Server.Bridges.Vicidial;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent;
using Ringfence.Server.Gate;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists;
using Ringfence.Server.Lists.Scrub;
using Ringfence.Server.Numbers;
using Ringfence.Server.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Rights;
using Ringfence.Server.Rules;
using Ringfence.Server.Sealing;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Suppression.Registers;
using Ringfence.Server.Webhooks;

Terminal.UseUtf8();
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentUICulture = CultureInfo.DefaultThreadCurrentUICulture = Terminal.Language(args, Environment.GetEnvironmentVariable);

Terminal.Lang.Description = CliText.Say("Option.lang");
Terminal.Json.Description = CliText.Say("Option.json");
Terminal.Quiet.Description = CliText.Say("Option.quiet");
var configuration = Configuration.OfProcess();
var root = new RootCommand(CliText.Say("Root.Description"))
{
    Terminal.Lang, Terminal.Json, Terminal.Quiet,
    ServeCommand.Create(TimeProvider.System, configuration),
    McpCommand.Create(TimeProvider.System),
    DialerCliCommand.Create(TimeProvider.System),
    AuditCommand.Create(TimeProvider.System),
    NumbersCommand.Create(),
    DecideCommand.Create(TimeProvider.System),
    ReplayCliCommand.Create(TimeProvider.System),
    RegisterCliCommand.Create(TimeProvider.System),
    ScrubCommand.Create(TimeProvider.System),
    RulesCommand.Create(TimeProvider.System),
    ControllerCliCommand.Create(TimeProvider.System),
    ContactCliCommand.Create(TimeProvider.System),
    WordingCliCommand.Create(TimeProvider.System),
    Ringfence.Server.Consent.Forms.FormCliCommand.Create(TimeProvider.System),
    ConsentCliCommand.Create(TimeProvider.System),
    ReceiptCliCommand.Create(TimeProvider.System),
    ImportCliCommand.Create(TimeProvider.System),
    WithdrawCliCommand.CreateWithdraw(TimeProvider.System),
    WithdrawCliCommand.CreateSuppress(TimeProvider.System),
    BackupCliCommands.CreateBackup(TimeProvider.System),
    BackupCliCommands.CreateRestore(TimeProvider.System),
    DoctorCliCommand.Create(TimeProvider.System),
    UpkeepCliCommand.Create(TimeProvider.System),
    RightsCliCommands.CreateExport(TimeProvider.System),
    RightsCliCommands.CreateErase(TimeProvider.System),
    RightsCliCommands.CreateHold(TimeProvider.System),
    RightsCliCommands.CreateRelease(TimeProvider.System),
    RequestsCliCommand.Create(TimeProvider.System),
    LedgerCliCommand.Create(TimeProvider.System),
    FsckCliCommand.Create(TimeProvider.System),
    SignerCommand.Create(),
    KeysCliCommand.Create(TimeProvider.System),
    WebhooksCliCommand.Create(TimeProvider.System),
    ChannelsCliCommand.Create(TimeProvider.System),
    StaffCliCommand.Create(TimeProvider.System),
};
HelpPage.Use(root);
Terminal.Lang.Validators.Add(result =>
{
    if (result.Tokens.Count == 1 && Terminal.OfTag(result.Tokens[0].Value) is null)
        result.AddError(CliText.Say("BadOption", "--lang", result.Tokens[0].Value) + " " + CliText.Say("BadOption.lang"));
});

return await StoreArguments.GuardAsync(async () =>
{
    var answer = root.Parse(configuration.Complete(root, args.Length == 0 ? ["serve"] : args));
    var faults = ArgumentFaults.Of(answer);
    foreach (var fault in faults)
        Terminal.Error(fault);
    return faults.Count > 0 ? Exit.Unusable : await InvokeAsync(answer);
});

static async Task<int> InvokeAsync(ParseResult answer)
{
    try
    {
        // A command that is stopped takes away what it began; that may take longer than the two seconds given by default.
        return await answer.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1), EnableDefaultExceptionHandler = false });
    }
#pragma warning disable CA1031 // the last place where a failure can be told in words
    catch (Exception e)
#pragma warning restore CA1031
    {
        return Terminal.Failed(e);
    }
}
