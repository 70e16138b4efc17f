using System.CommandLine;
using Ringfence.Gate;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rules;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Hosting;

/// <summary><c>ringfence serve</c>: the HTTP API of an installation, and the work that goes on beside.</summary>
internal static class ServeCommand
{
    private const string UrlsVariable = "RINGFENCE_URLS";
    private const string DefaultUrl = "http://127.0.0.1:5080";

    // Whoever is still being answered when the program is told to stop gets so long.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    public static Command Create(TimeProvider time)
    {
        var urls = new Option<string?>("--urls") { HelpName = "URL;URL", Description = CliText.Say("Serve.Option.urls", DefaultUrl) };
        var rules = RuleFolder.NewOption();
        var house = HouseFile.NewOption();
        var command = new Command("serve", CliText.Say("Serve.Description")) { urls, rules, house }.OnStore();
        command.SetAction((parsed, cancel) => StoreArguments.GuardAsync(async () =>
        {
            ContactGate gate;
            try
            {
                gate = DecideCommand.GateOf(parsed.GetValue(rules), parsed.GetValue(house));
            }
            catch (UnusableFileException e)
            {
                Terminal.Error(e.Message);
                return Exit.Unusable;
            }

            var where = (parsed.GetValue(urls) ?? Environment.GetEnvironmentVariable(UrlsVariable) ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (where.Length == 0 || where.Any(static url => !BindingAddressIsUsable(url)))
            {
                Terminal.Error(CliText.Say("BadOption", "--urls", string.Join(';', where)));
                return Exit.Unusable;
            }

            await using var installation = await Installation.OpenAsync(StoreArguments.Options(parsed), time, cancel);
            return await RunAsync(installation, gate, where, parsed.GetValue(Terminal.Quiet), cancel);
        }));
        return command;
    }

    private static bool BindingAddressIsUsable(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http" };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static async Task<int> RunAsync(Installation installation, ContactGate gate, string[] urls, bool quiet, CancellationToken stop)
    {
        await using var app = ApiHost.Build(new Served(installation, gate), urls);
        using var background = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            await app.StartAsync(stop);
        }
        catch (IOException e)
        {
            // Such as: the address is in use.
            Terminal.Error(CliText.Say("Serve.NoAddress", string.Join(';', urls), e.Message));
            return Exit.NotReady;
        }

        if (!quiet)
            Console.Out.WriteLine(CliText.Say("Serve.Ready", string.Join(' ', app.Urls)));
        var upkeep = new ServerUpkeep(installation, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Ringfence.Ledger")).RunAsync(background.Token);
        try
        {
            // A signal ends the host, too.
            await app.WaitForShutdownAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        using var grace = new CancellationTokenSource(Grace);
        await app.StopAsync(grace.Token);
        await background.CancelAsync();
        await upkeep;
        await installation.SignWrittenAsync(CancellationToken.None);
        return Exit.Done;
    }
}
