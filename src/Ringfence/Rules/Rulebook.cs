using Ringfence.Files;

namespace Ringfence.Rules;

/// <summary>A set of rule files, read: packs, every version ever in force of every rule, and the texts and places they use.</summary>
public sealed class Rulebook
{
    private static readonly Lazy<Rulebook> LazyShipped = new(static () => new Rulebook(static () => EmbeddedFiles.In("rules/")));

    private readonly Lazy<RulebookReader> reader;
    private readonly Lazy<(IReadOnlyList<Pack> Packs, IReadOnlyList<Rule> Rules)> all;
    private readonly Lazy<IReadOnlyList<Rule>> ofAudit;

    private Rulebook(Func<IEnumerable<(string Path, string Text)>> files)
    {
        reader = new(() => new RulebookReader(files()));
        all = new(() => reader.Value.All());
        ofAudit = new(() => reader.Value.OfAudit());
    }

    /// <summary>The rules inside this library.</summary>
    public static Rulebook Shipped => LazyShipped.Value;

    /// <summary>All packs, by name.</summary>
    /// <exception cref="RuleFileException">A file that ships is not in order; the tests see to it that none is.</exception>
    public IReadOnlyList<Pack> Packs => all.Value.Packs;

    /// <summary>All versions of all rules, by file.</summary>
    /// <exception cref="RuleFileException">A file that ships is not in order; the tests see to it that none is.</exception>
    public IReadOnlyList<Rule> Rules => all.Value.Rules;

    /// <summary>What a figure of exposure may leave out, by code.</summary>
    public IReadOnlyDictionary<string, RuleText> LeftOut => reader.Value.LeftOut;

    /// <summary>Those rules that an audit needs, exposure and terms of consent: read without all the others, so that an audit starts at once.</summary>
    internal IReadOnlyList<Rule> OfAudit => ofAudit.Value;

    /// <summary>Reads a set of files.</summary>
    /// <param name="files">
    /// Each with its path from <c>rules/</c> on. Where <c>rules/places.yaml</c> or <c>rules/left-out.yaml</c> is missing, the one that ships takes its place.
    /// </param>
    /// <exception cref="RuleFileException">A file is not in order, or two don't go together; the first one found.</exception>
    public static Rulebook Read(IEnumerable<(string Path, string Text)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var rulebook = new Rulebook(() => files);
        _ = rulebook.all.Value;
        _ = rulebook.LeftOut;
        return rulebook;
    }

    /// <summary>All that is not in order in a set of files, at most one fault per file; empty where <see cref="Read"/> would read it.</summary>
    public static IReadOnlyList<RuleFileException> Faults(IEnumerable<(string Path, string Text)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return new RulebookReader(files).Faults();
    }
}
