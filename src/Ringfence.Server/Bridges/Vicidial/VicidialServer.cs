using System.Text;

namespace Ringfence.Server.Bridges.Vicidial;

/// <summary>What came of telling a VICIdial server a number.</summary>
internal enum Told
{
    Added,

    /// <summary>It was there.</summary>
    Known,

    /// <summary>It does not take this one.</summary>
    Refused,

    /// <summary>It takes none: the account, or the server.</summary>
    Shut,
}

/// <summary>A VICIdial server, told of refusals by its non-agent API.</summary>
/// <remarks>
/// Source: https://vicidial.org/docs/NON-AGENT_API.txt, <c>add_dnc_phone</c>. What is sent stands in the body, which that API takes as well as an address, so that neither the number nor the password is in
/// a log of addresses.
/// </remarks>
internal sealed class VicidialServer : IDisposable
{
    /// <summary>Holds <c>USER:PASSWORD</c> of an account that may use the API, with level 8 and leave to modify lists.</summary>
    public const string AccountVariable = "RINGFENCE_VICIDIAL";

    /// <summary>The list of the whole server; any other is a campaign's.</summary>
    public const string WholeServer = "SYSTEM_INTERNAL";

    private const int MostBytes = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient client;
    private readonly Uri address;
    private readonly string user;
    private readonly string password;
    private readonly string campaign;

    public VicidialServer(Uri server, string user, string password, string campaign)
    {
        // Whoever sends elsewhere gets neither password nor numbers.
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = Patience, MaxResponseContentBufferSize = MostBytes };
        address = new Uri(server, "vicidial/non_agent_api.php");
        (this.user, this.password, this.campaign) = (user, password, campaign);
    }

    /// <summary>Whether a server may be told: nothing personal goes over a network in the clear.</summary>
    public static bool IsUsable(string text, out Uri server) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out server!) && server.UserInfo.Length == 0 && server.Query.Length == 0
        && (server.Scheme == "https" || (server.Scheme == "http" && server.IsLoopback));

    /// <summary>Whether a word can name a campaign there.</summary>
    public static bool IsCampaign(string word) => word.Length is >= 2 and <= 30 && word.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>Tells it one number, as it stands in its leads.</summary>
    public async Task<Told> AddAsync(string number, CancellationToken cancel)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["source"] = "ringfence", ["function"] = "add_dnc_phone", ["user"] = user, ["pass"] = password, ["phone_number"] = number, ["campaign_id"] = campaign,
        });
        try
        {
            using var response = await client.PostAsync(address, form, cancel);
            if (!response.IsSuccessStatusCode)
                return Told.Shut;
            return Read(await response.Content.ReadAsStringAsync(cancel));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return Told.Shut;
        }
    }

    /// <summary>What an answer says. Only what is known to be a yes is one.</summary>
    public static Told Read(string answer)
    {
        var text = answer.TrimStart();
        if (text.StartsWith("SUCCESS: add_dnc_phone ", StringComparison.Ordinal))
            return Told.Added;
        if (text.StartsWith("ERROR: add_dnc_phone DNC NUMBER ALREADY EXISTS", StringComparison.Ordinal))
            return Told.Known;
        return text.StartsWith("ERROR: add_dnc_phone ", StringComparison.Ordinal) && !text.Contains("PERMISSION", StringComparison.Ordinal) ? Told.Refused : Told.Shut;
    }

    public void Dispose() => client.Dispose();
}
