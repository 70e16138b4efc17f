using System.Buffers;

namespace Ringfence.Ledger;

/// <summary>Writes a record as its bytes, the one form in which it is hashed and stored: <c>docs/reference/ledger.md</c>.</summary>
/// <remarks>What is written, <see cref="RecordReader"/> reads as an equal record; what can't be read is not written.</remarks>
public static class RecordBytes
{
    /// <summary>The longest record.</summary>
    public const int Longest = 8192;

    // Where objects may stand in objects: facts with their counters in a decision, one level in a detail.
    internal const int LevelsOfDecision = 3;
    internal const int LevelsOfDetail = 2;

    /// <summary>Writes a record.</summary>
    /// <returns>How many bytes.</returns>
    /// <exception cref="ArgumentException">A field can't be written; the message names the field and never says what was in it.</exception>
    public static int Write(LedgerRecord record, IBufferWriter<byte> to)
    {
        ArgumentNullException.ThrowIfNull(to);
        var written = Write(record, to.GetSpan(Longest));
        to.Advance(written);
        return written;
    }

    /// <summary>Writes a record to the beginning of a room of at least <see cref="Longest"/> bytes.</summary>
    /// <returns>How many bytes.</returns>
    /// <exception cref="ArgumentException">A field can't be written; the message names the field and never says what was in it. Or there is not enough room.</exception>
    public static int Write(LedgerRecord record, Span<byte> to)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (to.Length < Longest)
            throw new ArgumentException("A record may need more room.", nameof(to));
        var pen = new RecordPen(to[..Longest]);
        WriteTo(ref pen, record);
        return pen.Written;
    }

    /// <summary>The bytes of a record.</summary>
    /// <exception cref="ArgumentException">A field can't be written; the message names the field and never says what was in it.</exception>
    public static byte[] ToArray(LedgerRecord record)
    {
        var room = ArrayPool<byte>.Shared.Rent(Longest);
        try
        {
            return room.AsSpan(0, Write(record, room)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    // In the order of the names: RFC 8785.
    private static void WriteTo(ref RecordPen pen, LedgerRecord record)
    {
        pen.Raw("{"u8);
        if (record.About is { } about)
        {
            pen.Raw("\"about\":"u8);
            pen.Earlier(about, record.Seq);
            pen.Raw(","u8);
        }

        pen.Raw("\"actor\":{\"kind\":"u8);
        pen.Word(RecordWords.ActorKinds, record.Actor.Kind, "actor.kind");
        pen.Raw(",\"ref\":"u8);
        pen.Text(record.Actor.Ref, "actor.ref");
        pen.Raw("},\"at\":"u8);
        pen.Instant(record.At, "at");
        pen.Text(",\"basis\":"u8, record.Basis, "basis");
        if (record.Commits is { } commits)
            WriteCommits(ref pen, commits);
        pen.Raw(",\"controller\":"u8);
        pen.Digest(record.Controller);
        if (record.Decision is { } decision)
        {
            pen.Raw(",\"decision\":"u8);
            pen.Map(decision, LevelsOfDecision, "decision");
        }

        if (record.Detail is { } detail)
        {
            pen.Raw(",\"detail\":"u8);
            pen.Map(detail, LevelsOfDetail, "detail");
        }

        if (record.EventAt is { } eventAt)
        {
            pen.Raw(",\"event_at\":"u8);
            pen.Instant(eventAt, "event_at");
        }

        if (record.EventSource is { } source)
        {
            pen.Raw(",\"event_src\":"u8);
            pen.Word(RecordWords.Sources, source, "event_src");
        }

        pen.Raw(",\"id\":"u8);
        pen.Id(record.Id);
        pen.Texts(",\"jurisdiction\":"u8, record.Jurisdiction, sorted: false, "jurisdiction");
        if (record.Method is { } method)
        {
            pen.Raw(",\"method\":{"u8);
            if (method.Ceremony is { } ceremony)
            {
                pen.Raw("\"ceremony\":"u8);
                pen.Word(RecordWords.Ceremonies, ceremony, "method.ceremony");
                pen.Raw(","u8);
            }

            pen.Raw("\"collection\":"u8);
            pen.Text(method.Collection, "method.collection");
            pen.Raw("}"u8);
        }

        if (record.Notice is { } notice)
        {
            pen.Raw(",\"notice\":{\"doc\":"u8);
            pen.Digest(notice.Doc);
            pen.Text(",\"lang\":"u8, notice.Lang, "notice.lang");
            pen.Text(",\"version\":"u8, notice.Version, "notice.version");
            pen.Raw("}"u8);
        }

        if (record.Pack is { } pack)
        {
            pen.Raw(",\"pack\":{\"digest\":"u8);
            pen.Digest(pack.Digest);
            pen.Raw(",\"id\":"u8);
            pen.Text(pack.Id, "pack.id");
            pen.Raw(",\"version\":"u8);
            pen.Text(pack.Version, "pack.version");
            pen.Raw("}"u8);
        }

        pen.Texts(",\"pii\":"u8, record.Pii, sorted: false, "pii");
        if (record.Scope is { } scope)
            WriteScope(ref pen, scope);
        pen.Raw(",\"seq\":"u8);
        pen.Place(record.Seq, "seq");
        if (record.State is { } state)
        {
            pen.Raw(",\"state\":"u8);
            pen.Word(RecordWords.States, state, "state");
        }

        if (record.Subject is { } subject)
        {
            pen.Raw(",\"subject\":{"u8);
            if (subject.Point is { } point)
            {
                pen.Raw("\"point\":"u8);
                pen.Id(point);
                pen.Raw(","u8);
            }

            pen.Raw("\"sid\":"u8);
            pen.Id(subject.Sid);
            pen.Raw("}"u8);
        }

        pen.Raw(",\"type\":"u8);
        pen.Word(RecordWords.Types, record.Type, "type");
        pen.Raw(",\"v\":1"u8);
        if (record.ValidFor is { } validFor)
        {
            pen.Raw(",\"valid_for\":"u8);
            pen.Validity(validFor, "valid_for");
        }

        pen.Text(",\"withdraw\":"u8, record.Withdraw, "withdraw");
        pen.Raw("}"u8);
    }

    private static void WriteCommits(ref RecordPen pen, Commitments commits)
    {
        pen.Raw(",\"commits\":{"u8);
        var start = pen.Written;
        pen.Commitment("\"evidence\":"u8, commits.Evidence, start);
        pen.Commitment("\"note\":"u8, commits.Note, start);
        pen.Commitment("\"person\":"u8, commits.Person, start);
        pen.Commitment("\"tag\":"u8, commits.Tag, start);
        if (pen.Written == start)
            throw RecordPen.Unwritable("commits", "an object is never empty");
        pen.Raw("}"u8);
    }

    private static void WriteScope(ref RecordPen pen, RecordScope scope)
    {
        pen.Raw(",\"scope\":{"u8);
        var start = pen.Written;
        pen.Texts("\"channels\":"u8, scope.Channels, sorted: true, "scope.channels");
        pen.Texts(pen.Written == start ? "\"purposes\":"u8 : ",\"purposes\":"u8, scope.Purposes, sorted: true, "scope.purposes");
        pen.Text(pen.Written == start ? "\"service\":"u8 : ",\"service\":"u8, scope.Service, "scope.service");
        if (pen.Written == start)
            throw RecordPen.Unwritable("scope", "an object is never empty; what reaches everything has none");
        pen.Raw("}"u8);
    }
}
