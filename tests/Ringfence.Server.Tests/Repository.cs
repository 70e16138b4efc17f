namespace Ringfence.Server.Tests;

/// <summary>The sources that the tests belong to.</summary>
internal static class Repository
{
    /// <summary>Their top folder.</summary>
    public static string Root { get; } = Above(AppContext.BaseDirectory);

    private static string Above(string folder) => File.Exists(Path.Combine(folder, "Ringfence.slnx")) ? folder : Above(Path.GetDirectoryName(folder)!);
}
