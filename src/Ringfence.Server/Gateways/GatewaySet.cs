using Ringfence.Gateways;
using Ringfence.Server.Cli;
using Ringfence.Server.Hosting;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Gateways;

/// <summary>The gateways of a server, with their secrets.</summary>
internal sealed class GatewaySet : IDisposable
{
    /// <summary>Names the file of <see cref="ChannelsFile"/>.</summary>
    public const string Variable = "RINGFENCE_CHANNELS";

    private readonly IReadOnlyList<IChannelGateway> gateways;
    private readonly Dictionary<InboundSetting, InboundSecrets> secrets;
    private readonly Lazy<HttpMessageInvoker> asking;

    private GatewaySet(ChannelsFile file, IReadOnlyList<IChannelGateway> gateways, Dictionary<InboundSetting, InboundSecrets> secrets) =>
        (File, this.gateways, this.secrets, asking) = (file, gateways, secrets, new(() => new HttpMessageInvoker(ReachHandler.Create(file.Reach))));

    /// <summary>None: nothing can be sent.</summary>
    public static GatewaySet None { get; } = new(new ChannelsFile(), [], []);

    public ChannelsFile File { get; }

    /// <summary>How the world calls this server: where links in messages lead; null: nobody said, and none stand in them.</summary>
    public Uri? Address { get; init; }

    public IReadOnlyList<IChannelGateway> All => gateways;

    /// <summary>Asks providers for what they only told of.</summary>
    public HttpMessageInvoker Asking => asking.Value;

    /// <summary>Some that were made already.</summary>
    public static GatewaySet Of(IReadOnlyList<IChannelGateway> gateways, ChannelsFile? file = null) => new(file ?? new ChannelsFile(), gateways, []);

    /// <summary>Those that the environment names.</summary>
    /// <exception cref="UnusableFileException">A file is not there, is empty, or a variable is.</exception>
    /// <exception cref="Ringfence.Rules.RuleFileException">The file is not in order.</exception>
    /// <param name="environment">It.</param>
    /// <param name="time">The clock.</param>
    /// <param name="address">How the world calls this server; null: nobody said.</param>
    public static GatewaySet Of(Func<string, string?> environment, TimeProvider time, Uri? address = null) => environment(Variable) is { Length: > 0 } path ? Open(path, environment, time, address) : None;

    /// <summary>Those of a file.</summary>
    public static GatewaySet Open(string path, Func<string, string?> environment, TimeProvider time, Uri? address = null)
    {
        var file = ChannelsFile.Read(path.Replace('\\', '/'), TextFile.Read(path));
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var secrets = file.Inbound.ToDictionary(static one => one, one => new InboundSecrets(Read(one.Secret), one.Verify is { } verify ? Read(verify) : null, one.Token is { } token ? Read(token) : null));
        if (secrets.Values.Any(static one => one.Secret.Length < InboundHooks.ShortestSecret))
            throw new UnusableFileException(CliText.Say("Channels.ShortSecret", InboundHooks.ShortestSecret));
        return new GatewaySet(file, [.. file.Gateways.Select(Made)], secrets) { Address = address };

        IChannelGateway Made(GatewaySetting setting) => setting.Kind switch
        {
            GatewayKind.File => new FileGateway(setting, Path.Combine(folder, setting.Folder!), time),
            GatewayKind.Smtp => new SmtpGateway(setting, setting.Secret is { } place ? Read(place) : null),
            GatewayKind.Kannel => new KannelGateway(setting, Read(setting.Secret!), new HttpMessageInvoker(ReachHandler.Create(file.Reach))),
            GatewayKind.Whatsapp => new WhatsappGateway(setting, Read(setting.Secret!), new HttpMessageInvoker(ReachHandler.Create(file.Reach))),
            _ => throw new ArgumentOutOfRangeException(nameof(setting)),
        };

        string Read(SecretPlace place)
        {
            // A line end at the end is the editor's.
            var text = place.File is { } name ? TextFile.Read(Path.Combine(folder, name)).TrimEnd('\r', '\n') : environment(place.Variable!) ?? "";
            return text.Length > 0 && !text.Any(char.IsControl) ? text : throw new UnusableFileException(CliText.Say("Config.Empty", place.File ?? place.Variable!));
        }
    }

    /// <summary>What a controller's messages on a channel go out by; null: nothing. The first that takes them, in the order of the file; one that names the controller goes before.</summary>
    public IChannelGateway? Of(string controller, Channel channel) =>
        gateways.FirstOrDefault(one => one.Setting.Channels.Has(channel) && one.Setting.Controllers.Contains(controller))
        ?? gateways.FirstOrDefault(one => one.Setting.Channels.Has(channel) && one.Setting.Controllers.Count == 0);

    /// <summary>Whether what a provider says later of a message comes in: of Kannel where it is told an address, of mail where mail comes in.</summary>
    public bool HearsReports(GatewaySetting setting, string controller) => setting.Kind switch
    {
        GatewayKind.Kannel => setting.Reports is not null,
        GatewayKind.Smtp => Inbound(InboundKind.Mail, controller) is not null,
        _ => false,
    };

    /// <summary>The way in of a controller; null: there is none.</summary>
    public InboundSetting? Inbound(InboundKind kind, string controller) => File.Inbound.FirstOrDefault(one => one.Kind == kind && one.Controller == controller);

    /// <summary>The secrets of a way in.</summary>
    public InboundSecrets SecretsOf(InboundSetting setting) => secrets[setting];

    public void Dispose()
    {
        foreach (var one in gateways)
            one.Dispose();
        if (asking.IsValueCreated)
            asking.Value.Dispose();
    }
}

/// <summary>What a way in goes by.</summary>
/// <param name="Secret">What whoever calls shows, or signs by.</param>
/// <param name="Verify">What is shown when the address is told; null: nothing.</param>
/// <param name="Token">What lets us ask for more; null: we don't.</param>
internal sealed record InboundSecrets(string Secret, string? Verify, string? Token)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(InboundSecrets);
}
