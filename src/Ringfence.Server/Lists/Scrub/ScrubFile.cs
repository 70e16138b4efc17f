using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Lists.Scrub;

/// <summary>The file of answers while it is made: beside its place, with a note of how far it is, so that a run that was killed can go on.</summary>
internal sealed class ScrubFile : IDisposable
{
    // People's numbers and what is known of them.
    private const UnixFileMode Mode = DurableFile.OwnerOnly;

    // How far it is goes to a file of its own: often enough that little is done twice, seldom enough that it costs nothing.
    private static readonly TimeSpan NoteEvery = TimeSpan.FromSeconds(1);

    private readonly string path;
    private readonly string at;
    private readonly string fingerprint;
    private readonly bool keeps;
    private readonly FileStream stream;
    private readonly System.Diagnostics.Stopwatch sinceNote = System.Diagnostics.Stopwatch.StartNew();
    private bool done;

    private ScrubFile(string path, string at, string fingerprint, bool keeps, FileStream stream, ScrubNote? note) =>
        (this.path, this.at, this.fingerprint, this.keeps, this.stream, Note) = (path, at, fingerprint, keeps, stream, note);

    /// <summary>How far an earlier run came; null: this one begins.</summary>
    public ScrubNote? Note { get; }

    private static string Aside(string path) => path + ".unfinished";

    private static string Noted(string path) => path + ".unfinished.json";

    /// <summary>Goes on where an earlier run was killed, or begins.</summary>
    /// <param name="target">Where the answers go.</param>
    /// <param name="at">The instant that is judged.</param>
    /// <param name="fingerprint">Of everything that answers depend on: what was begun otherwise is not gone on with.</param>
    /// <param name="resume">Whether to go on, and to keep what is done when this run is stopped.</param>
    public static ScrubFile Open(string target, string at, string fingerprint, bool resume)
    {
        var path = Path.GetFullPath(target);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var note = resume ? ReadNote(path, fingerprint) : null;
        if (note is null)
        {
            File.Delete(Aside(path));
            File.Delete(Noted(path));
        }

        var options = new FileStreamOptions { Mode = note is null ? FileMode.CreateNew : FileMode.Open, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (note is null && !OperatingSystem.IsWindows())
            options.UnixCreateMode = Mode;
        var stream = new FileStream(Aside(path), options);
        if (note is not null)
        {
            // What was written after the note may be half a row.
            stream.SetLength(note.Bytes);
            stream.Position = note.Bytes;
        }

        return new ScrubFile(path, at, fingerprint, resume, stream, note);
    }

    /// <summary>The instant that the run judged which may be gone on with; null: there is none.</summary>
    public static string? InstantOf(string target) => ReadNote(Path.GetFullPath(target), null)?.At;

    /// <summary>Writes some rows.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    /// <summary>Notes how far it is, now and then.</summary>
    public void Reached(long rows, ScrubOutcome soFar)
    {
        if (sinceNote.Elapsed < NoteEvery)
            return;
        sinceNote.Restart();
        var note = new ScrubNote(at, fingerprint, Boot(), rows, stream.Position, soFar.Unreadable, soFar.OfLedger, soFar.ByVerdict, soFar.ByReason);
        var aside = Noted(path) + ".new";
        File.WriteAllBytes(aside, JsonSerializer.SerializeToUtf8Bytes(note, ScrubJson.Default.ScrubNote));
        File.Move(aside, Noted(path), overwrite: true);
    }

    /// <summary>Puts the file in its place.</summary>
    public void Complete()
    {
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(Aside(path), path, overwrite: true);
        File.Delete(Noted(path));
        done = true;
        DurableFile.SyncFolder(Path.GetDirectoryName(path)!);
    }

    public void Dispose()
    {
        stream.Dispose();
        if (done || keeps)
            return;
        File.Delete(Aside(path));
        File.Delete(Noted(path));
    }

    // After a start of the machine nobody knows what of the file reached the disk, so it is begun anew.
    private static ScrubNote? ReadNote(string path, string? fingerprint)
    {
        try
        {
            if (!File.Exists(Noted(path)) || !File.Exists(Aside(path)))
                return null;
            var note = JsonSerializer.Deserialize(File.ReadAllBytes(Noted(path)), ScrubJson.Default.ScrubNote);
            return note is not null && (fingerprint is null || note.Fingerprint == fingerprint) && note.Boot == Boot() && new FileInfo(Aside(path)).Length >= note.Bytes ? note : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Source: proc(5). Elsewhere than on Linux the hour of the start has to do.
    private static string Boot()
    {
        const string file = "/proc/sys/kernel/random/boot_id";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : (DateTimeOffset.UtcNow - TimeSpan.FromMilliseconds(Environment.TickCount64)).ToString("yyyy-MM-ddTHH", System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>How far a scrub is.</summary>
internal sealed record ScrubNote(string At, string Fingerprint, string Boot, long Rows, long Bytes, long Unreadable, long OfLedger, long[] ByVerdict, long[] ByReason);

[JsonSerializable(typeof(ScrubNote))]
internal sealed partial class ScrubJson : JsonSerializerContext;
