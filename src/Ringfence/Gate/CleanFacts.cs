using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>The facts that <c>given: clean</c> stands for, from <c>cases/clean.yaml</c>.</summary>
internal static class CleanFacts
{
    public const string FileName = "cases/clean.yaml";

    private static readonly Lazy<(FileMapping Facts, FileMapping ByChannel)> Shipped = new(Load);

    /// <summary>Lays stated facts over those they start from.</summary>
    /// <param name="stated">What a case or situation states.</param>
    /// <param name="isClean">Whether it starts from the clean facts; else nothing is known but what is stated.</param>
    public static FileMapping Under(FileMapping stated, bool isClean)
    {
        if (!isClean)
            return stated;
        var (facts, byChannel) = Shipped.Value;
        var channel = stated.Find("ask") is FileMapping ask && ask.Find("channel") is FileText word ? word.Text : "";
        return (byChannel.Find(channel) is FileMapping ofChannel ? facts.With(ofChannel) : facts).With(stated);
    }

    private static (FileMapping Facts, FileMapping ByChannel) Load()
    {
        using var text = new StringReader(EmbeddedFiles.Text(FileName));
        var map = RuleMap.Read(FileName, text);
        var (facts, byChannel) = ((FileMapping)map.Find("facts")!, (FileMapping)map.Find("by-channel")!);
        map.Done();
        return (facts, byChannel);
    }
}
