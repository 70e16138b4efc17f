namespace Ringfence.Tests;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    // What tools write, and what an audit does.
    private static readonly string[] NotOurs = [".git", ".vs", ".vscode", ".idea", "bin", "obj", "node_modules", "artifacts", "audit-report", "BenchmarkDotNet.Artifacts", "TestResults"];
    private static readonly string[] NotOursAtTheTop = ["out", "audit", Path.Combine("data", "local")];

    /// <summary>The folder that holds <c>Ringfence.slnx</c>.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>All files of the repository, relative to <see cref="Root"/>, with <c>/</c>.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Walk(Root).Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder)
            .Where(d => !NotOurs.Contains(Path.GetFileName(d), StringComparer.Ordinal) && !NotOursAtTheTop.Contains(Path.GetRelativePath(Root, d), StringComparer.Ordinal))
            .SelectMany(Walk));

    private static string Find(string? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder, "Ringfence.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
