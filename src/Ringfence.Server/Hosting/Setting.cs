using System.CommandLine;
using Ringfence.Rules.House;
using Ringfence.Server.Bridges.Agi;
using Ringfence.Server.Bridges.Twilio;
using Ringfence.Server.Cli;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Rights;
using Ringfence.Server.Rules;
using Ringfence.Server.Sealing;
using Ringfence.Server.Staff;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Hosting;

/// <summary>Something that the server can be told: as an option, by a variable of the environment, or under a key of the configuration file.</summary>
/// <param name="Key">In the file; with <c>--</c> before it the option, where there is one.</param>
/// <param name="Variable">In the environment.</param>
/// <param name="Option">On the command line; null: not to be said there, where everybody on the machine sees it.</param>
/// <param name="Default">What holds where nothing is said, as it is shown; empty: nothing.</param>
/// <param name="IsSecret">Whether it is never shown, and may stand in a file of its own: <c>VARIABLE_FILE</c>, or <c>KEY-file</c>.</param>
internal sealed record Setting(string Key, string Variable, Option? Option, string Default, bool IsSecret = false)
{
    /// <summary>Follows the variable or the key of a secret: what it holds is the name of a file with the secret in it.</summary>
    public const string FileVariable = "_FILE";

    /// <summary>The same in the configuration file.</summary>
    public const string FileKey = "-file";

    // Names a file although it is no option.
    private const string Channels = "channels";

    // Options that say how the command is to run once, and not how the server is.
    private static readonly string[] NotSettings = ["--config", "--print-config", "--help"];

    /// <summary>All there are, by what the command takes.</summary>
    /// <param name="serve"><c>ringfence serve</c>.</param>
    public static IReadOnlyList<Setting> Of(Command serve) =>
    [
        .. serve.Options.Where(static option => !NotSettings.Contains(option.Name)).Select(static option => Of(option)),
        new("keyring-db", StoreArguments.KeyringVariable, null, "", IsSecret: true),
        new("kek", KeyProvider.Variable, null, "", IsSecret: true),
        new("signer", SignerPlace.Variable, null, ""),
        new("agi-key", AgiHost.KeyVariable, null, "", IsSecret: true),
        new("agi-token", AgiHost.SecretVariable, null, "", IsSecret: true),
        new(Channels, GatewaySet.Variable, null, ""),
        new("twilio", TwilioAccounts.TokensVariable, null, "", IsSecret: true),
        new("webhook-networks", ToldSystems.NetworksVariable, null, ""),
        new("webhook-http", ToldSystems.HttpVariable, null, ""),
        new("export-again", ExportQuota.AgainVariable, null, FormattableString.Invariant($"{ExportQuota.Usual.Again}")),
        new("export-second", ExportQuota.SecondVariable, null, FormattableString.Invariant($"{ExportQuota.Usual.Second}")),
        new("rights-keep", RequestKeeping.Variable, null, FormattableString.Invariant($"{RequestKeeping.Usual}")),
        new("oidc-issuer", OutsideOptions.IssuerVariable, null, ""),
        new("oidc-client", OutsideOptions.ClientVariable, null, ""),
        new("oidc-key", OutsideOptions.KeyVariable, null, "", IsSecret: true),
    ];

    /// <summary>A value from the configuration file: what names a file or folder is found from where that lies.</summary>
    public string From(string file, string value) =>
        (Option?.HelpName is not ("DIR" or "FILE") && Key != Channels) || value == RuleFolder.Shipped || HouseRules.ShippedNames.Contains(value) ? value
        : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, value);

    private static Setting Of(Option option)
    {
        var key = option.Name.TrimStart('-');
        return new Setting(
            key,
            key == "watch" ? "RINGFENCE_WATCH_URL" : "RINGFENCE_" + key.Replace('-', '_').ToUpperInvariant(),
            option,
            key switch { "urls" => ServeCommand.DefaultUrl, "watch" => ServeCommand.DefaultWatch, "data" => StoreArguments.DefaultData, "limits" => RateLimit.Default, "public-limit" => FormattableString.Invariant($"{Pages.PublicSources.Default}"), "upload-limit" => FormattableString.Invariant($"{ImportDesk.DefaultLimitMiB}"), _ => "" },
            IsSecret: key == "db");
    }
}
