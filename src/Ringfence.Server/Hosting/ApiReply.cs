using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ringfence.Server.Hosting;

/// <summary>What the API answered to a call from beside it.</summary>
/// <param name="Status">HTTP status; 0: there was no answer.</param>
/// <param name="Json">The body.</param>
internal sealed record ApiReply(int Status, JsonElement Json)
{
    /// <summary>Nothing was heard, or nothing that can be read.</summary>
    public static ApiReply Silence { get; } = new(0, JsonDocument.Parse("{}").RootElement.Clone());

    public bool IsDone => Status is StatusCodes.Status200OK or StatusCodes.Status201Created;

    /// <summary>A text of the body; null where there is none.</summary>
    public string? Text(string name) => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>The API, to be called in the name of one caller: of this program, or of a server elsewhere.</summary>
internal interface IApi
{
    /// <summary>Whether the caller may do something; where nobody can tell beforehand, yes.</summary>
    bool May(Staff.ApiScopes scope);

    /// <summary>Calls it. What goes wrong is a reply, too.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="path">Below the root: <c>permits/per_.../redeem</c>.</param>
    /// <param name="body">What is sent; null: nothing.</param>
    /// <param name="key">Makes the retry of a lost answer one with it; null: none.</param>
    /// <param name="language">In which it answers.</param>
    /// <param name="cancel">Gives up waiting.</param>
    Task<ApiReply> CallAsync(string method, string path, JsonObject? body, string? key, CultureInfo language, CancellationToken cancel);
}
