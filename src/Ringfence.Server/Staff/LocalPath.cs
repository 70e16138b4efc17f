namespace Ringfence.Server.Staff;

/// <summary>Where somebody was going: an address of this server, or none.</summary>
internal static class LocalPath
{
    private const int Most = 2000;

    /// <summary>The path where it is one of this server; else the start. Browsers read a backslash as a slash, and two slashes as another server.</summary>
    public static string Of(string? path) =>
        path is ['/', ..] and not ['/', '/' or '\\', ..] && path.Length <= Most && !path.Any(static c => char.IsControl(c) || c == '\\') ? path : "/";
}
