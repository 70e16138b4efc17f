using NodaTime;
using Ringfence.Server.Suppression.Registers;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Tests.Suppression.Registers;

/// <summary>A folder with files of operators, and registers made from them.</summary>
public sealed class RegisterHome : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("ringfence-registers-").FullName;

    public string PathOf(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    internal RegisterOrder Order(string name, RegisterFormat format, int day = 20) => new()
    {
        Name = name,
        Out = RegisterFile.PathOf(Folder, name),
        AsOf = new LocalDate(2026, 11, day),
        Now = Instant.FromUtc(2026, 11, 21, 4, 5, 6),
        Format = format,
    };

    internal static RegisterBuild Building(RegisterOrder order) => new(order, static (_, _) => { }, CancellationToken.None);

    internal static RegisterOutcome Build(RegisterOrder order, params string[] files) => Building(order).Build(files);

    internal RegisterImage Open(string name) => RegisterFile.Open(RegisterFile.PathOf(Folder, name));

    /// <summary>What stands in the folder of registers, whatever it is called.</summary>
    public string[] Files => Directory.Exists(PathOf("registers")) ? [.. Directory.EnumerateFileSystemEntries(PathOf("registers")).Select(Path.GetFileName).Order(StringComparer.Ordinal)!] : [];

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
