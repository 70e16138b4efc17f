namespace Ringfence.Server.Hosting;

/// <summary>A request that can't be served as it came: what the answer says of it.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="code">Stable word, such as <c>unknown-field</c>; the sentence for people is the text <c>Api.CODE</c>.</param>
/// <param name="field">JSON pointer to what is at fault; null: nothing in particular.</param>
/// <param name="arguments">What the sentence names; nothing personal.</param>
internal sealed class ApiFault(int status, string code, string? field = null, params string[] arguments) : Exception(code)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string? Field { get; } = field;

    public IReadOnlyList<string> Arguments { get; } = arguments;

    /// <summary>Writes what else there is to say, as further members; null: nothing.</summary>
    public Action<System.Text.Json.Utf8JsonWriter>? Tell { get; init; }

    /// <summary>Says what came is not what is asked for.</summary>
    public static ApiFault Bad(string code, string field, params string[] arguments) => new(StatusCodes.Status400BadRequest, code, field, arguments);
}
