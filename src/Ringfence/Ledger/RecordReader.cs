using System.Diagnostics.CodeAnalysis;

namespace Ringfence.Ledger;

/// <summary>Reads the bytes of a record, in the canonical form or not at all: <c>docs/reference/ledger.md</c>.</summary>
/// <remarks>Of any bytes it reads or refuses, and never throws. What it reads, <see cref="RecordBytes"/> writes as the same bytes.</remarks>
public static class RecordReader
{
    private static readonly WireNames Names = new(
        "about", "actor", "at", "basis", "commits", "controller", "decision", "detail", "event_at", "event_src", "id", "jurisdiction", "method",
        "notice", "pack", "pii", "scope", "seq", "state", "subject", "type", "v", "valid_for", "withdraw");

    private static readonly WireNames ActorNames = new("kind", "ref");
    private static readonly WireNames CommitNames = new("evidence", "note", "person", "tag");
    private static readonly WireNames MethodNames = new("ceremony", "collection");
    private static readonly WireNames NoticeNames = new("doc", "lang", "version");
    private static readonly WireNames PackNames = new("digest", "id", "version");
    private static readonly WireNames ScopeNames = new("channels", "purposes", "service");
    private static readonly WireNames SubjectNames = new("point", "sid");

    /// <summary>Reads one record that is all of the bytes.</summary>
    /// <param name="bytes">Any bytes.</param>
    /// <param name="record">The record; null when refused.</param>
    /// <param name="fault">Why and where it was refused.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out LedgerRecord? record, out RecordFault fault)
    {
        record = null;
        fault = new(RecordFaultCode.TooLong, RecordBytes.Longest);
        if (bytes.Length > RecordBytes.Longest)
            return false;
        var scan = new RecordScanner(bytes);
        var read = ReadRecord(ref scan);
        scan.End();
        fault = scan.Fault;
        if (fault.Code is RecordFaultCode.None)
            record = read;
        return record is not null;
    }

    // After a fault the scanner has nothing left to read, so the rest comes to nothing and no step has to ask.
    private static LedgerRecord ReadRecord(ref RecordScanner scan)
    {
        scan.Open();
        var about = scan.Has("about"u8) ? scan.Places() : null;
        var actor = ReadActor(ref scan);
        scan.Needs("at"u8, Names);
        var at = scan.Instant();
        var basis = scan.Has("basis"u8) ? scan.Text() : null;
        var commits = scan.Has("commits"u8) ? ReadCommits(ref scan) : null;
        scan.Needs("controller"u8, Names);
        var controller = scan.Digest();
        var decision = scan.Has("decision"u8) ? scan.Map(RecordBytes.LevelsOfDecision) : null;
        var detail = scan.Has("detail"u8) ? scan.Map(RecordBytes.LevelsOfDetail) : null;
        NodaTime.Instant? eventAt = scan.Has("event_at"u8) ? scan.Instant() : null;
        EventSource? source = scan.Has("event_src"u8) ? scan.Word(RecordWords.Sources) : null;
        scan.Needs("id"u8, Names);
        var id = scan.Id();
        var jurisdiction = scan.Has("jurisdiction"u8) ? scan.Texts(sorted: false) : null;
        CollectionMethod? method = scan.Has("method"u8) ? ReadMethod(ref scan) : null;
        var notice = scan.Has("notice"u8) ? ReadNotice(ref scan) : null;
        var pack = scan.Has("pack"u8) ? ReadPack(ref scan) : null;
        var pii = scan.Has("pii"u8) ? scan.Texts(sorted: false) : null;
        var scope = scan.Has("scope"u8) ? ReadScope(ref scan) : null;
        scan.Needs("seq"u8, Names);
        var seq = scan.Place(after: about);
        RecordState? state = scan.Has("state"u8) ? scan.Word(RecordWords.States) : null;
        Subject? subject = scan.Has("subject"u8) ? ReadSubject(ref scan) : null;
        scan.Needs("type"u8, Names);
        var type = scan.Word(RecordWords.Types);
        scan.Needs("v"u8, Names);
        scan.Version();
        var validFor = scan.Has("valid_for"u8) ? scan.Validity() : null;
        var withdraw = scan.Has("withdraw"u8) ? scan.Text() : null;
        scan.Close(Names);
        return new LedgerRecord
        {
            Seq = seq, Id = id, Type = type, At = at, Controller = controller, Actor = actor, State = state, EventAt = eventAt, EventSource = source,
            ValidFor = validFor, Subject = subject, Scope = scope, Basis = basis, Notice = notice, Pii = pii, Method = method, Withdraw = withdraw,
            Jurisdiction = jurisdiction, About = about, Commits = commits, Pack = pack, Decision = decision, Detail = detail,
        };
    }

    private static Actor ReadActor(ref RecordScanner scan)
    {
        scan.Needs("actor"u8, Names);
        scan.Open();
        scan.Needs("kind"u8, ActorNames);
        var kind = scan.Word(RecordWords.ActorKinds);
        scan.Needs("ref"u8, ActorNames);
        var name = scan.Text();
        scan.Close(ActorNames);
        return new(kind, name);
    }

    private static Commitments ReadCommits(ref RecordScanner scan)
    {
        scan.Open();
        Digest? evidence = scan.Has("evidence"u8) ? scan.Digest() : null;
        Digest? note = scan.Has("note"u8) ? scan.Digest() : null;
        Digest? person = scan.Has("person"u8) ? scan.Digest() : null;
        Digest? tag = scan.Has("tag"u8) ? scan.Digest() : null;
        scan.Close(CommitNames);
        return new(person, evidence, note, tag);
    }

    private static CollectionMethod ReadMethod(ref RecordScanner scan)
    {
        scan.Open();
        Ceremony? ceremony = scan.Has("ceremony"u8) ? scan.Word(RecordWords.Ceremonies) : null;
        scan.Needs("collection"u8, MethodNames);
        var collection = scan.Text();
        scan.Close(MethodNames);
        return new(collection, ceremony);
    }

    private static Notice ReadNotice(ref RecordScanner scan)
    {
        scan.Open();
        scan.Needs("doc"u8, NoticeNames);
        var doc = scan.Digest();
        var lang = scan.Has("lang"u8) ? scan.Text() : null;
        var version = scan.Has("version"u8) ? scan.Text() : null;
        scan.Close(NoticeNames);
        return new(doc, lang, version);
    }

    private static PackInForce ReadPack(ref RecordScanner scan)
    {
        scan.Open();
        scan.Needs("digest"u8, PackNames);
        var digest = scan.Digest();
        scan.Needs("id"u8, PackNames);
        var id = scan.Text();
        scan.Needs("version"u8, PackNames);
        var version = scan.Text();
        scan.Close(PackNames);
        return new(id, version, digest);
    }

    private static RecordScope ReadScope(ref RecordScanner scan)
    {
        scan.Open();
        var channels = scan.Has("channels"u8) ? scan.Texts(sorted: true) : null;
        var purposes = scan.Has("purposes"u8) ? scan.Texts(sorted: true) : null;
        var service = scan.Has("service"u8) ? scan.Text() : null;
        scan.Close(ScopeNames);
        return new(channels, purposes, service);
    }

    private static Subject ReadSubject(ref RecordScanner scan)
    {
        scan.Open();
        OpaqueId? point = scan.Has("point"u8) ? scan.Id() : null;
        scan.Needs("sid"u8, SubjectNames);
        var sid = scan.Id();
        scan.Close(SubjectNames);
        return new(sid, point);
    }
}
