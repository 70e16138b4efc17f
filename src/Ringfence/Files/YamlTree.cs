using Ringfence.Rules;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Ringfence.Files;

/// <summary>Reads the one document of a YAML file, or of a JSON file, which is YAML too.</summary>
/// <remarks>Aliases and tags are errors: they would let a small file stand for a huge one, or for what it does not say.</remarks>
internal static class YamlTree
{
    // A case goes ten deep; what goes deeper by far is made to exhaust the stack.
    private const int Deepest = 60;

    /// <summary>Reads a file.</summary>
    /// <exception cref="RuleFileException">It is no YAML, holds no document or several, or a key stands twice.</exception>
    public static FileNode Read(string file, TextReader text)
    {
        // The mark that some editors begin a file with.
        if (text.Peek() == '\ufeff')
            text.Read();
        var parser = new Parser(text);
        try
        {
            Expect<StreamStart>(parser);
            if (parser.Current is StreamEnd)
                throw RuleFileException.At(new FilePlace(file, 1, 1), "the file is empty");
            Expect<DocumentStart>(parser);
            var root = Node(file, parser, 0);
            Expect<DocumentEnd>(parser);
            return parser.Current is StreamEnd ? root : throw RuleFileException.At(PlaceOf(file, parser.Current!), "only one document is wanted in a file");
        }
        catch (YamlException e)
        {
            throw RuleFileException.At(new FilePlace(file, Math.Max(1, (int)e.Start.Line), Math.Max(1, (int)e.Start.Column)), $"this is no YAML: {e.Message}");
        }

        static void Expect<T>(Parser parser) where T : ParsingEvent
        {
            // The first event has to be asked for.
            if (parser.Current is null)
                Advance(parser);
            if (parser.Current is not T)
                throw new YamlException($"{typeof(T).Name} is missing");
            Advance(parser);
        }
    }

    // On some malformed texts the parser's own arithmetic fails; that says no more than that the text is malformed.
    private static void Advance(Parser parser)
    {
        var before = parser.Current?.End ?? Mark.Empty;
        try
        {
            parser.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or NullReferenceException or OverflowException or FormatException)
        {
            throw new YamlException(before, before, "what follows can't be read", e);
        }
    }

    private static FileNode Node(string file, Parser parser, int depth)
    {
        var current = parser.Current!;
        var at = PlaceOf(file, current);
        if (depth > Deepest)
            throw RuleFileException.At(at, "this is nested too deep");
        if (current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
            throw RuleFileException.At(at, "anchors and aliases are not read; write it out");
        if (current is NodeEvent { Tag.IsEmpty: false } tagged)
            throw RuleFileException.At(at, $"tags such as {tagged.Tag} are not read");
        Advance(parser);
        return current switch
        {
            Scalar scalar => new FileText(at, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => new FileList(at, Items(file, parser, depth)),
            MappingStart => new FileMapping(at, Entries(file, parser, depth)),
            _ => throw RuleFileException.At(at, "a value is missing"),
        };
    }

    private static List<FileNode> Items(string file, Parser parser, int depth)
    {
        var items = new List<FileNode>();
        while (parser.Current is not SequenceEnd)
            items.Add(Node(file, parser, depth + 1));
        Advance(parser);
        return items;
    }

    private static List<(FileText Key, FileNode Value)> Entries(string file, Parser parser, int depth)
    {
        var entries = new List<(FileText Key, FileNode Value)>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (parser.Current is not MappingEnd)
        {
            var at = PlaceOf(file, parser.Current!);
            if (Node(file, parser, depth + 1) is not FileText { Text.Length: > 0 } key)
                throw RuleFileException.At(at, "a key has to be a plain word");
            if (!known.Add(key.Text))
                throw RuleFileException.At(at, $"the key '{key.Text}' stands twice in this mapping");
            entries.Add((key, Node(file, parser, depth + 1)));
        }

        Advance(parser);
        return entries;
    }

    private static FilePlace PlaceOf(string file, ParsingEvent current) => new(file, (int)current.Start.Line, (int)current.Start.Column);
}
