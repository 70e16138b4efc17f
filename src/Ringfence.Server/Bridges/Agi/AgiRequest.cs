namespace Ringfence.Server.Bridges.Agi;

/// <summary>What an Asterisk server sends before anything else: <c>agi_NAME: VALUE</c> on lines, then an empty one.</summary>
/// <remarks>Source: https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Gateway-Interface-AGI, and <c>res_agi.c</c>, <c>setup_env</c> and <c>launch_netscript</c>.</remarks>
/// <param name="Script">The path that the dialplan names: <c>acme/voice-auto/offers</c>.</param>
/// <param name="Arguments">What else the dialplan gives, in order.</param>
/// <param name="Extension">What was dialled.</param>
internal sealed record AgiRequest(string[] Script, string[] Arguments, string Extension)
{
    private const string Mark = "agi_";

    /// <summary>Reads the lines; null: they are none of FastAGI.</summary>
    public static AgiRequest? Read(IReadOnlyList<string> lines)
    {
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            // What says one thing twice may say two.
            if (line.IndexOf(": ", StringComparison.Ordinal) is var at && (at < 0 || !line.StartsWith(Mark, StringComparison.Ordinal)))
            {
                // A value may be empty, and then the blank after the colon may be missing.
                if (!line.StartsWith(Mark, StringComparison.Ordinal) || !line.EndsWith(':') || !said.TryAdd(line[Mark.Length..^1], ""))
                    return null;
            }
            else if (!said.TryAdd(line[Mark.Length..at], line[(at + 2)..].Trim()))
            {
                return null;
            }
        }

        if (said.GetValueOrDefault("network") != "yes" || !said.TryGetValue("network_script", out var script))
            return null;
        var arguments = new List<string>();
        while (said.TryGetValue(FormattableString.Invariant($"arg_{arguments.Count + 1}"), out var argument))
            arguments.Add(argument);
        return new AgiRequest(script.Trim('/').Split('/'), [.. arguments], said.GetValueOrDefault("extension", ""));
    }
}
