using System.CommandLine;
using System.Globalization;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Bridges.Agi;
using Ringfence.Server.Bridges.Twilio;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Rules;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Hosting;

/// <summary><c>ringfence serve</c>: the HTTP API of an installation, and the work that goes on beside.</summary>
internal static class ServeCommand
{
    /// <summary>Where it listens.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>Where operators look.</summary>
    public const string DefaultWatch = "http://127.0.0.1:5081";

    // What is larger is no list that a server should hold in memory.
    private const int MostUploadMiB = 16 << 10;

    // Whoever is still being answered when the program is told to stop gets so long.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    public static Command Create(TimeProvider time, Configuration? configuration = null)
    {
        var urls = new Option<string?>("--urls") { HelpName = "URL;URL", Description = CliText.Say("Serve.Option.urls", DefaultUrl) };
        var watch = new Option<string?>("--watch") { HelpName = "URL|none", Description = CliText.Say("Serve.Option.watch", DefaultWatch) };
        var facts = new Option<string?>("--facts") { HelpName = "FILE", Description = CliText.Say("Serve.Option.facts") };
        var rules = RuleFolder.NewOption();
        var house = HouseFile.NewOption();
        var upload = new Option<int?>("--upload-limit") { HelpName = "MIB", Description = CliText.Say("Serve.Option.upload-limit", ImportDesk.DefaultLimitMiB) };
        upload.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size is < 1 or > MostUploadMiB))
                result.AddError(CliText.Say("BadOption", "--upload-limit", result.Tokens[0].Value));
        });
        var limits = new Option<string?>("--limits") { HelpName = "LIMIT;LIMIT", Description = CliText.Say("Serve.Option.limits", RateLimit.Default) };
        limits.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !RateLimit.TryRead(result.Tokens[0].Value, out _))
                result.AddError(CliText.Say("BadOption", "--limits", result.Tokens[0].Value));
        });
        var traces = new Option<string?>("--traces") { HelpName = "URL", Description = CliText.Say("Serve.Option.traces") };
        traces.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !(Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
                result.AddError(CliText.Say("BadOption", "--traces", result.Tokens[0].Value));
        });
        var print = new Option<bool>("--print-config") { Description = CliText.Say("Serve.Option.print-config") };
        var agi = new Option<string?>("--agi") { HelpName = "ADDRESS:PORT", Description = CliText.Say("Serve.Option.agi", AgiHost.KeyVariable, AgiHost.SecretVariable) };
        var address = new Option<string?>("--public-url") { HelpName = "URL", Description = CliText.Say("Serve.Option.public-url") };
        address.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !(Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Query: "", Fragment: "" }))
                result.AddError(CliText.Say("BadOption", "--public-url", result.Tokens[0].Value));
        });
        var proxies = new Option<string?>("--proxies") { HelpName = "NETWORK,NETWORK", Description = CliText.Say("Serve.Option.proxies") };
        proxies.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !Proxies.TryRead(result.Tokens[0].Value, out _))
                result.AddError(CliText.Say("BadOption", "--proxies", result.Tokens[0].Value));
        });
        var open = new Option<int?>("--public-limit") { HelpName = "REQUESTS", Description = CliText.Say("Serve.Option.public-limit", PublicSources.Default) };
        open.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                result.AddError(CliText.Say("BadOption", "--public-limit", result.Tokens[0].Value));
        });
        var demo = new Option<bool>("--demo") { Description = CliText.Say("Serve.Option.demo", Demo.Folder) };
        var command = new Command("serve", CliText.Say("Serve.Description")) { urls, watch, facts, rules, house, upload, limits, traces, agi, address, proxies, open, demo, print }.OnStore();
        command.SetAction((parsed, cancel) => StoreArguments.GuardAsync(async () =>
        {
            if (parsed.GetValue(print))
            {
                ConfigurationPage.Write(configuration ?? Configuration.OfProcess(), Setting.Of(command), parsed.GetValue(Terminal.Json), Console.Out);
                return Exit.Done;
            }

            var isDemo = parsed.GetValue(demo);
            var standing = parsed.GetValue(facts) is { } file ? StandingFacts.Read(file.Replace('\\', '/'), TextFile.Read(file)) : isDemo ? Demo.Facts : null;
            // Reading the rules takes longest: the store is opened meanwhile. Those of the user's have to be in order before anything else is done.
            var (folder, top) = (parsed.GetValue(rules), parsed.GetValue(house));
            var reading = Task.Run(() => Warmed(DecideCommand.GateOf(folder, top), time), cancel);
            if (folder is not null || top is not null)
                _ = await reading;

            var where = (parsed.GetValue(urls) ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (where.Length == 0 || where.Any(static url => !BindingAddressIsUsable(url)))
            {
                Terminal.Error(CliText.Say("BadOption", "--urls", string.Join(';', where)));
                return Exit.Unusable;
            }

            var seen = parsed.GetValue(watch) ?? DefaultWatch;
            if (seen != "none" && !BindingAddressIsUsable(seen))
            {
                Terminal.Error(CliText.Say("BadOption", "--watch", seen));
                return Exit.Unusable;
            }

            Func<Served, WebApplication>? asterisk = null;
            if (parsed.GetValue(agi) is { } desk)
            {
                if (AgiHost.TryRead(desk, Environment.GetEnvironmentVariable, out var place, out var keys, out var secret) is { } amiss)
                {
                    Terminal.Error(CliText.Say(amiss, amiss == "Agi.BadPlace" ? desk : AgiHost.KeyVariable, AgiHost.SecretVariable));
                    return Exit.Unusable;
                }

                asterisk = served => AgiHost.Build(served, place!, keys, secret);
            }

            var twilio = TwilioAccounts.Read(Environment.GetEnvironmentVariable(TwilioAccounts.TokensVariable), parsed.GetValue(address), out var wrong);
            if (wrong is not null)
            {
                Terminal.Error(CliText.Say(wrong, TwilioAccounts.TokensVariable));
                return Exit.Unusable;
            }

            var outside = OutsideOptions.Read(Environment.GetEnvironmentVariable, out var isWrong);
            if (isWrong)
            {
                Terminal.Error(CliText.Say("Serve.BadOutside", OutsideOptions.IssuerVariable, OutsideOptions.ClientVariable));
                return Exit.Unusable;
            }

            var quota = ExportQuota.Read(Environment.GetEnvironmentVariable, out var noRows);
            noRows ??= Rights.RequestKeeping.Read(Environment.GetEnvironmentVariable) is null ? Rights.RequestKeeping.Variable : null;
            if (noRows is not null)
            {
                Terminal.Error(CliText.Say("BadOption", noRows, Environment.GetEnvironmentVariable(noRows)!));
                return Exit.Unusable;
            }

            using var sending = parsed.GetValue(traces) is { } collector ? RequestTraces.Send(new Uri(collector)) : null;
            await using var installation = await Installation.OpenAsync(StoreArguments.Options(parsed, isDemo ? Demo.Folder : StoreArguments.DefaultData), time, cancel);
            using var gateways = GatewaySet.Of(Environment.GetEnvironmentVariable, time, parsed.GetValue(address) is { } named ? new Uri(named) : null);
            using var sender = new WebhookSender(ToldSystems.ReachOf(installation.Options.Environment), time);
            var served = new Served(installation, await reading, standing)
            {
                Webhooks = sender,
                Gateways = gateways,
                Outside = outside,
                Address = parsed.GetValue(address) is { } said ? new Uri(said) : null,
                IsDemo = isDemo,
                Proxies = Proxies.TryRead(parsed.GetValue(proxies) ?? "", out var known) ? known : [],
                PublicLimit = parsed.GetValue(open) ?? PublicSources.Default,
                Quota = quota,
                UploadLimit = (long)(parsed.GetValue(upload) ?? ImportDesk.DefaultLimitMiB) << 20,
                Limits = RateLimit.TryRead(parsed.GetValue(limits) ?? RateLimit.Default, out var read) ? read : [],
            };
            return await RunAsync(served, where, seen == "none" ? null : seen, asterisk, twilio, parsed.GetValue(Terminal.Quiet), cancel);
        }));
        return command;
    }

    // What is used first is compiled first: whoever asks first is not to wait for that.
    private static ContactGate Warmed(ContactGate gate, TimeProvider time)
    {
        var asked = AskedFile.Read(new ContactQuestion(NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow()), "nobody", Channel.Sms, "offers", Technique.Bulk), "warm", null);
        _ = Explanation.Of(asked, gate.Decide(asked), [], LanguageTexts.TagOf(CultureInfo.CurrentUICulture));
        return gate;
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

    // By name, where it listens on this machine's own address: passkeys go by names. Whoever opens it sits at the machine.
    private static string Reached(Uri? address, string url)
    {
        if (address is not null)
            return address.GetLeftPart(UriPartial.Authority);
        var binding = BindingAddress.Parse(url);
        return $"{binding.Scheme}://{(binding.Host is "127.0.0.1" or "[::1]" or "[::]" or "0.0.0.0" or "*" or "+" ? "localhost" : binding.Host)}:{binding.Port}";
    }

    private static async Task<int> RunAsync(Served served, string[] urls, string? watch, Func<Served, WebApplication>? asterisk, TwilioAccounts? twilio, bool quiet, CancellationToken stop)
    {
        var installation = served.Installation;
        using var audiences = served.Audiences;
        using var previews = served.Previews;
        // The first who asks is not to wait for it.
        installation.Registers.Look();
        using var meters = new Meters();
        await using var watching = watch is null ? null : WatchHost.Build(served, meters, watch);
        await using var app = ApiHost.Build(served, urls);
        if (twilio is not null)
            TwilioHooks.Map(app, served, twilio);
        InboundHooks.Map(app, served);
        await using var calls = asterisk?.Invoke(served);
        using var background = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            if (watching is not null)
                await watching.StartAsync(stop);
            await app.StartAsync(stop);
            if (calls is not null)
                await calls.StartAsync(stop);
        }
        catch (IOException e)
        {
            // Such as: the address is in use.
            Terminal.Error(CliText.Say("Serve.NoAddress", string.Join(';', watch is null ? urls : [.. urls, watch]), e.Message));
            return Exit.NotReady;
        }

        if (!quiet)
            Console.Out.WriteLine(CliText.Say("Serve.Ready", string.Join(' ', app.Urls)));
        if (served.IsDemo)
        {
            await Demo.MakeAsync(served, app.Services, stop);
            foreach (var (mail, password) in await Demo.StaffAsync(served, stop))
                Console.Out.WriteLine(CliText.Say("Serve.Demo", Reached(served.Address, app.Urls.First()), mail, password));
        }

        // Where nobody has an account yet, whoever reads this makes the first.
        if (await served.Entrance.SetUp.OfferAsync(stop) is { } setUp)
            Console.Out.WriteLine(CliText.Say("Serve.SetUp", $"{Reached(served.Address, app.Urls.First())}/set-up/{setUp}"));
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Ringfence.Ledger");
        var snapshots = Task.Run(() => new Snapshots(installation, log).RunAsync(background.Token), CancellationToken.None);
        var upkeep = new ServerUpkeep(served, log).RunAsync(background.Token);
        var post = Task.Run(() => new WebhookPost(installation, served.Webhooks, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Ringfence.Webhooks").Warn).RunAsync(background.Token), CancellationToken.None);
        var results = Task.Run(() => new Rights.ResultPost(served, log.Warn).RunAsync(background.Token), CancellationToken.None);
        var imports = Task.Run(() => served.Imports.RunAsync(log, background.Token), CancellationToken.None);
        var lists = Task.Run(() => served.Lists.RunAsync(log, background.Token), CancellationToken.None);
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
        if (calls is not null)
            await calls.StopAsync(grace.Token);
        if (watching is not null)
            await watching.StopAsync(grace.Token);
        await background.CancelAsync();
        await Task.WhenAll(upkeep, snapshots, post, results, imports, lists);
        await installation.SignWrittenAsync(CancellationToken.None);
        return Exit.Done;
    }
}
