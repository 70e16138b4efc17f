using System.Globalization;
using Ringfence.Consent;
using Ringfence.Files;
using Ringfence.Rules;
using Ringfence.Webhooks;

namespace Ringfence.Gateways;

/// <summary>How messages leave.</summary>
public enum GatewayKind : byte
{
    /// <summary>Into a folder, a file for each message: for development and demonstrations.</summary>
    File,

    /// <summary>To a mail server.</summary>
    Smtp,

    /// <summary>To a Kannel, or whatever takes messages as it does.</summary>
    Kannel,

    /// <summary>To WhatsApp's Cloud API.</summary>
    Whatsapp,
}

/// <summary>How messages come in.</summary>
public enum InboundKind : byte
{
    Kannel,
    Whatsapp,
    Mail,

    /// <summary>A number that people ring to be left alone.</summary>
    MissedCall,

    /// <summary>What people fill in in a lead form of Google Ads.</summary>
    GoogleLeads,

    /// <summary>What people fill in in a lead form of Facebook or Instagram.</summary>
    MetaLeads,
}

/// <summary>Where a secret stands; it is in no file of settings itself.</summary>
/// <param name="File">A file, found from where the settings lie; null: a variable.</param>
/// <param name="Variable">A variable of the environment; null: a file.</param>
public sealed record SecretPlace(string? File, string? Variable);

/// <summary>One way out.</summary>
public sealed record GatewaySetting
{
    public required string Name { get; init; }

    public required GatewayKind Kind { get; init; }

    public required ChannelSet Channels { get; init; }

    /// <summary>Whose messages it takes; empty: everybody's.</summary>
    public IReadOnlyList<string> Controllers { get; init; } = [];

    /// <summary>Of Kannel the whole address; of WhatsApp what stands before the number's id.</summary>
    public string? Url { get; init; }

    public string? Host { get; init; }

    public int Port { get; init; }

    /// <summary><c>starttls</c>, <c>implicit</c>, <c>none</c>.</summary>
    public string Tls { get; init; } = ChannelsFile.StartTls;

    public string? User { get; init; }

    public SecretPlace? Secret { get; init; }

    /// <summary>Number, word or address that messages come from; of WhatsApp the id of the number.</summary>
    public string? From { get; init; }

    /// <summary>What stands beside the address of a mail.</summary>
    public string? SenderName { get; init; }

    /// <summary>Of a mail server the address to which whoever wants no more writes; null: there is none.</summary>
    public string? Unsubscribe { get; init; }

    /// <summary>Of Kannel how it reaches this server, to tell what became of a message; null: it is not asked.</summary>
    public string? Reports { get; init; }

    /// <summary>The provider's own codes that mean that a person blocks us there.</summary>
    public IReadOnlyList<string> Blocked { get; init; } = [];

    public string? Folder { get; init; }

    /// <summary>Of WhatsApp the template that carries a code.</summary>
    public string? Template { get; init; }
}

/// <summary>One way in.</summary>
/// <param name="Kind">How messages come.</param>
/// <param name="Controller">Whose they are.</param>
/// <param name="Secret">What whoever calls has to show, or signs by; of WhatsApp and Meta the app's.</param>
/// <param name="Verify">Of WhatsApp and Meta what it shows when it is told the address; null: else.</param>
public sealed record InboundSetting(InboundKind Kind, string Controller, SecretPlace Secret, SecretPlace? Verify)
{
    /// <summary>Whether a no in words is answered, once, that it was understood.</summary>
    public bool Confirms { get; init; }

    /// <summary>Of a social network its forms.</summary>
    public IReadOnlyList<LeadFormSetting> LeadForms { get; init; } = [];

    /// <summary>Of Meta where what was filled in is fetched from.</summary>
    public string? Url { get; init; }

    /// <summary>Of Meta what lets us fetch it.</summary>
    public SecretPlace? Token { get; init; }
}

/// <summary>How many codes may go out. Numbers of no listed place get none; those whose calls cost more than others, or that are not a person's, never.</summary>
public sealed record CodeLimits
{
    /// <summary>ISO 3166-1; empty: none by telephone.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>To one number or address in a day.</summary>
    public int PerPoint { get; init; } = 5;

    /// <summary>To numbers that differ in their last four digits alone, in an hour.</summary>
    public int PerPrefix { get; init; } = 20;

    /// <summary>Asked for from one network address (of IPv6 a /64) in an hour.</summary>
    public int PerSource { get; init; } = 20;

    /// <summary>For what comes by one form of a social network, in an hour.</summary>
    public int PerLeadForm { get; init; } = 200;

    /// <summary>Of one controller in a day: what it is ready to pay for.</summary>
    public int PerDay { get; init; } = 1_000;

    /// <summary>So many to a place in a day of which less than a tenth were confirmed, and no more go there until some are.</summary>
    public int AlarmAfter { get; init; } = 50;

    /// <summary>How long a browser works for a code by telephone: until it finds one of 2 to that power. 0: nothing is asked of it.</summary>
    public int Work { get; init; }

    /// <summary>Of <see cref="PerDay"/> so many go to browsers that did no work: without scripts, or on old telephones.</summary>
    public int WithoutWork { get; init; } = 250;
}

/// <summary>What a server sends and receives messages by: YAML, read strictly. It holds no secret.</summary>
public sealed record ChannelsFile
{
    public const string Format = "ringfence/channels/v1";
    public const string StartTls = "starttls";
    public const string ImplicitTls = "implicit";
    public const string NoTls = "none";

    /// <summary>Where Meta's Graph API is. Source: https://developers.facebook.com/docs/graph-api/overview, "Base URL".</summary>
    public const string Graph = "https://graph.facebook.com/v23.0";

    private const int MostPort = 65_535;
    private const int LongestCode = 20;
    private const int MostCodes = 10_000_000;

    // A telephone takes minutes for it.
    private const int MostWork = 16;

    public IReadOnlyList<GatewaySetting> Gateways { get; init; } = [];

    public IReadOnlyList<InboundSetting> Inbound { get; init; } = [];

    public CodeLimits Codes { get; init; } = new();

    /// <summary>Where gateways that speak HTTP may be.</summary>
    public WebhookReach Reach { get; init; } = WebhookReach.Internet;

    /// <summary>Reads it.</summary>
    /// <param name="file">Its path, for messages.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="RuleFileException">It is no such file.</exception>
    public static ChannelsFile Read(string file, string text)
    {
        using var reader = new StringReader(text);
        var map = RuleMap.Read(file, reader);
        map.OneOf("format", Format);
        var reach = map.OptionalMap("reach") is { } where ? ReachOf(where) : WebhookReach.Internet;
        var gateways = map.Maps("gateways").Select(one => GatewayOf(one, reach)).ToList();
        var inbound = map.Maps("inbound").Select(one => InboundOf(one, reach)).ToList();
        var codes = map.OptionalMap("codes") is { } limits ? CodesOf(limits) : new CodeLimits();
        map.Done();
        if (gateways.GroupBy(static one => one.Name, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1) is { } twice)
            throw map.Wrong("gateways", $"'{twice.Key}' stands twice");
        if (inbound.GroupBy(static one => (one.Kind, one.Controller)).FirstOrDefault(static same => same.Count() > 1) is { } again)
            throw map.Wrong("inbound", $"{KindWord(again.Key.Kind)} of '{again.Key.Controller}' stands twice");
        return new ChannelsFile { Gateways = gateways, Inbound = inbound, Codes = codes, Reach = reach };
    }

    /// <summary>As it stands in the file and in addresses.</summary>
    public static string KindWord(InboundKind kind) => kind switch
    {
        InboundKind.Kannel => "kannel",
        InboundKind.Whatsapp => "whatsapp",
        InboundKind.Mail => "mail",
        InboundKind.MissedCall => "missed-call",
        InboundKind.GoogleLeads => "google-leads",
        InboundKind.MetaLeads => "meta-leads",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static WebhookReach ReachOf(RuleMap map)
    {
        var networks = string.Join(',', map.List("networks"));
        var http = map.Has("http") && map.OneOf("http", "loopback").Length > 0;
        map.Done();
        return WebhookReach.TryRead(networks, http, out var reach) ? reach : throw map.Wrong("networks", "is no list of networks, such as 10.1.0.0/16");
    }

    private static GatewaySetting GatewayOf(RuleMap map, WebhookReach reach)
    {
        var kind = map.OneOf("kind", "file", "smtp", "kannel", "whatsapp") switch { "file" => GatewayKind.File, "smtp" => GatewayKind.Smtp, "kannel" => GatewayKind.Kannel, _ => GatewayKind.Whatsapp };
        var setting = new GatewaySetting
        {
            Name = map.Name("name"),
            Kind = kind,
            Channels = kind switch
            {
                GatewayKind.File => map.Has("channels") ? map.Channels("channels") : ChannelSet.Sms | ChannelSet.Whatsapp | ChannelSet.Email,
                GatewayKind.Smtp => ChannelSet.Email,
                GatewayKind.Kannel => ChannelSet.Sms,
                _ => ChannelSet.Whatsapp,
            },
            Controllers = map.Names("controllers"),
        };
        setting = kind switch
        {
            GatewayKind.File => setting with { Folder = map.Line("folder") },
            GatewayKind.Smtp => setting with
            {
                Host = map.Line("host"),
                Port = map.Has("port") ? map.Count("port", 1, MostPort) : 587,
                Tls = map.Has("tls") ? map.OneOf("tls", StartTls, ImplicitTls, NoTls) : StartTls,
                User = map.OptionalLine("user"),
                Secret = map.Has("user") ? SecretOf(map, "password") : null,
                From = map.OptionalEmail("from") ?? throw map.Missing("from"),
                SenderName = map.OptionalLine("name-shown"),
                Unsubscribe = UnsubscribeOf(map),
                Blocked = BlockedOf(map, static code => code.StartsWith("5.", StringComparison.Ordinal) && !code.StartsWith("5.1.", StringComparison.Ordinal) && code.Split('.') is [_, { Length: > 0 } subject, { Length: > 0 } detail] && (subject + detail).All(char.IsAsciiDigit)),
            },
            GatewayKind.Kannel => setting with { Url = UrlOf(map, reach), User = map.Line("user"), Secret = SecretOf(map, "password"), From = map.Line("from"), Reports = ReportsOf(map), Blocked = map.Has("reports") ? BlockedOf(map, static code => code.All(char.IsAsciiLetterOrDigit)) : [] },
            _ => setting with { Url = UrlOf(map, reach), Secret = SecretOf(map, "token"), From = map.Line("number-id"), Template = map.OptionalLine("code-template") },
        };
        map.Done();
        // A password on an open line is everybody's.
        return setting is { Kind: GatewayKind.Smtp, Tls: NoTls, User: not null } ? throw map.Wrong("tls", "without TLS no password is sent") : setting;
    }

    // What comes there is read as a no by what stands before the +.
    private static string? UnsubscribeOf(RuleMap map) => map.OptionalEmail("unsubscribe") is not { } address || address.StartsWith("unsubscribe@", StringComparison.Ordinal) || address.StartsWith("unsubscribe+", StringComparison.Ordinal)
        ? map.OptionalEmail("unsubscribe") : throw map.Wrong("unsubscribe", "begins with 'unsubscribe@' or 'unsubscribe+', so that what comes there is read as a no");

    // It is Kannel that calls it, from where it stands.
    private static string? ReportsOf(RuleMap map) => map.OptionalLine("reports") is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url.UserInfo.Length == 0 && url.PathAndQuery == "/" && url.Fragment.Length == 0
            ? url.GetLeftPart(UriPartial.Authority) : throw map.Wrong("reports", "is how Kannel reaches this server, such as http://127.0.0.1:5080");

    private static List<string> BlockedOf(RuleMap map, Func<string, bool> isCode) => [.. map.Items("blocked").Select(item => item.Text is { Length: > 0 and <= LongestCode } code && isCode(code)
        ? code : throw RuleFileException.At(item.At, $"'{item.Text}' is no code by which a provider could say that somebody blocks us"))];

    private static InboundSetting InboundOf(RuleMap map, WebhookReach reach)
    {
        var word = map.OneOf("kind", [.. Enum.GetValues<InboundKind>().Select(KindWord)]);
        var kind = Enum.GetValues<InboundKind>().First(one => KindWord(one) == word);
        var setting = new InboundSetting(kind, map.Name("controller"), SecretOf(map, "secret"), kind is InboundKind.Whatsapp or InboundKind.MetaLeads ? SecretOf(map, "verify") : null)
        {
            // A mail is answered to whoever it claims to be from, and a call by nothing.
            Confirms = kind is InboundKind.Kannel or InboundKind.Whatsapp && map.True("confirm"),
            LeadForms = kind is InboundKind.GoogleLeads or InboundKind.MetaLeads ? LeadFormsOf(map, hasCheckboxes: kind == InboundKind.MetaLeads) : [],
            Url = kind != InboundKind.MetaLeads ? null : map.Has("url") ? UrlOf(map, reach) : Graph,
            Token = kind == InboundKind.MetaLeads ? SecretOf(map, "token") : null,
        };
        map.Done();
        return setting;
    }

    private static List<LeadFormSetting> LeadFormsOf(RuleMap map, bool hasCheckboxes)
    {
        var forms = map.Maps("forms").Select(one => LeadFormSetting.Read(one, hasCheckboxes)).ToList();
        if (forms.Count == 0)
            throw map.Missing("forms");
        return forms.SelectMany(static form => form.Ids).GroupBy(static id => id, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1) is { } twice ? throw map.Wrong("forms", $"'{twice.Key}' stands twice") : forms;
    }

    private static CodeLimits CodesOf(RuleMap map)
    {
        var standard = new CodeLimits();
        var places = map.Items("places").Select(static item => item.Text.Length == 2 && PlaceGroups.IsPlace(item.Text)
            ? item.Text
            : throw RuleFileException.At(item.At, $"'{item.Text}' is no code of ISO 3166-1, such as FR")).Distinct(StringComparer.Ordinal).ToList();
        var limits = new CodeLimits
        {
            Places = places,
            PerPoint = CountOf("per-point-and-day", standard.PerPoint),
            PerPrefix = CountOf("per-prefix-and-hour", standard.PerPrefix),
            PerSource = CountOf("per-source-and-hour", standard.PerSource),
            PerLeadForm = CountOf("per-lead-form-and-hour", standard.PerLeadForm),
            PerDay = CountOf("per-day", standard.PerDay),
            AlarmAfter = CountOf("alarm-after", standard.AlarmAfter),
            Work = map.Has("work") ? map.Count("work", 1, MostWork) : 0,
            WithoutWork = CountOf("without-work", standard.PerDay / 4),
        };
        if (map.Has("without-work") && limits.Work == 0)
            throw map.Wrong("without-work", "says something only beside 'work'");
        map.Done();
        return limits;

        int CountOf(string key, int otherwise) => map.Has(key) ? map.Count(key, 1, MostCodes) : otherwise;
    }

    private static SecretPlace SecretOf(RuleMap map, string key)
    {
        var (file, variable) = (map.OptionalLine(key + "-file"), map.OptionalLine(key + "-env"));
        return (file is null) != (variable is null) ? new SecretPlace(file, variable) : throw map.Wrong(key + "-file", $"one of '{key}-file' and '{key}-env' is wanted");
    }

    private static string UrlOf(RuleMap map, WebhookReach reach)
    {
        var text = map.Line("url");
        return reach.TryRead(text, out var url, out var fault) ? url.AbsoluteUri.TrimEnd('/') : throw map.Wrong("url", string.Create(CultureInfo.InvariantCulture, $"can't be reached from here ({fault}); 'reach' names networks, and http for this machine"));
    }
}
