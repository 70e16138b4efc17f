using System.Xml;

namespace Ringfence.Server.Lists.Reading;

/// <summary>Reads XML that a stranger made: no document type, no entities, bounded names, depth and size of its pieces.</summary>
internal sealed class XmlPart : IDisposable
{
    private readonly UnpackedStream _stream;
    private readonly XmlReader _xml;

    public XmlPart(UnpackedStream stream)
    {
        _stream = stream;
        _xml = XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CheckCharacters = false,
            CloseInput = true,
            NameTable = new BoundedNames(),
        });
    }

    public XmlNodeType NodeType => _xml.NodeType;

    public string LocalName => _xml.LocalName;

    public string Value => _xml.Value;

    public int Depth => _xml.Depth;

    public bool IsEmptyElement => _xml.IsEmptyElement;

    public string? GetAttribute(string name) => _xml.GetAttribute(name);

    public bool MoveToNextAttribute() => _xml.MoveToNextAttribute();

    public void MoveToElement() => _xml.MoveToElement();

    /// <summary>Moves to the next element, end or text; false at the end.</summary>
    /// <exception cref="UnreadableListException">It is nested too deeply, or too long. The XML reader itself would hold it all.</exception>
    public bool Read()
    {
        _stream.BeginToken();
        var more = _xml.Read();
        return _xml.Depth > ListLimits.Depth ? throw UnreadableListException.TooDeep() : more;
    }

    public int ReadValueChunk(char[] into, int start, int count)
    {
        _stream.BeginToken();
        return _xml.ReadValueChunk(into, start, count);
    }

    public void Dispose()
    {
        _xml.Dispose();
        _stream.Dispose();
    }

    private sealed class BoundedNames : NameTable
    {
        private int _names;

        public override string Add(char[] key, int start, int len) => Get(key, start, len) ?? Count(base.Add(key, start, len));

        public override string Add(string key) => Get(key) ?? Count(base.Add(key));

        private string Count(string added) => ++_names > ListLimits.XmlNames
            ? throw UnreadableListException.BrokenWorkbook("it has more names of elements than the format knows.")
            : added;
    }
}
