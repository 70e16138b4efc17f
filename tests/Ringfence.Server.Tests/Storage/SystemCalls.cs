using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>One call of the system.</summary>
/// <param name="Began">Its place in the order in which calls began and ended.</param>
/// <param name="Ended">The same for its end; a call that never ended has the greatest.</param>
/// <param name="Thread">Who made it.</param>
/// <param name="Name">Such as <c>fsync</c>.</param>
/// <param name="Path">The file of the descriptor, or the first path.</param>
/// <param name="Bytes">What was written; of <c>rename</c> the second path.</param>
/// <param name="Result">What it gave; negative: it failed.</param>
internal sealed record SystemCall(int Began, int Ended, int Thread, string Name, string Path, byte[] Bytes, long Result)
{
    public string Text => Encoding.Latin1.GetString(Bytes);
}

/// <summary>What a process and those it started asked of the system, as <c>strace</c> saw it.</summary>
/// <remarks>
/// Source: strace(1). A line is written when a call begins; where something else happens before its end, the end has a line of its own. What one thread does after another's call has
/// returned to it is always seen after the end of that call, for it was held at that end until it was seen.
/// </remarks>
internal static partial class SystemCalls
{
    private const string Traced = "write,pwrite64,sendto,sendmsg,fsync,fdatasync,rename,ftruncate,unlink";

    private static readonly Lazy<string?> Reason = new(Look);

    /// <summary>Why calls can't be watched here; null: they can.</summary>
    public static string? Wanting => Reason.Value;

    /// <summary>What a program is started by, for its calls to be written to a file.</summary>
    public static string[] Watching(string file) => ["strace", "-f", "-y", "--seccomp-bpf", "-s", "70000", "-e", "trace=" + Traced, "-o", file];

    /// <summary>Runs a program to its end and tells what it said and asked of the system.</summary>
    public static async Task<Traced> TraceAsync(string file, IReadOnlyDictionary<string, string?> environment, params string[] command)
    {
        var ran = await RunAsync(environment, [.. Watching(file)[1..], .. command]);
        return new Traced(ran.Exit, ran.Said, ran.Complained, Read(file));
    }

    /// <summary>Runs a program whose calls on some files fail.</summary>
    /// <param name="fault">As strace has it: <c>fsync:error=EIO:when=3</c>; counted for each thread.</param>
    /// <param name="files">The files.</param>
    public static async Task<Traced> FailAsync(string fault, string[] files, IReadOnlyDictionary<string, string?> environment, params string[] command)
    {
        var trace = fault[..fault.IndexOf(':', StringComparison.Ordinal)];
        var log = System.IO.Path.GetTempFileName();
        try
        {
            var ran = await RunAsync(environment, ["-f", "-y", "-e", "trace=" + trace, "-e", "inject=" + fault, .. files.SelectMany(static one => (string[])["-P", one]), "-o", log, .. command]);
            return ran with { Injected = File.ReadLines(log).Any(static line => line.EndsWith("(INJECTED)", StringComparison.Ordinal)) };
        }
        finally
        {
            File.Delete(log);
        }
    }

    /// <summary>Reads a trace.</summary>
    public static IReadOnlyList<SystemCall> Read(string file) => Read(File.ReadLines(file, Encoding.Latin1));

    /// <summary>Reads the lines of a trace.</summary>
    public static IReadOnlyList<SystemCall> Read(IEnumerable<string> lines)
    {
        var calls = new List<SystemCall>();
        var open = new Dictionary<string, (int Began, string Text)>(StringComparer.Ordinal);
        var place = 0;
        foreach (var line in lines)
        {
            place += 2;
            var thread = line[..Math.Max(0, line.IndexOf(' ', StringComparison.Ordinal))];
            var rest = line[thread.Length..].TrimStart();
            if (rest.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                open[thread] = (place, rest[..^Unfinished.Length]);
                continue;
            }

            var began = place;
            if (Resumed().Match(rest) is { Success: true } resumed && open.Remove(thread, out var begun))
                (began, rest) = (begun.Began, begun.Text + rest[resumed.Length..]);
            if (CallOf(rest, began, place + 1, thread) is { } call)
                calls.Add(call);
        }

        foreach (var (thread, (began, text)) in open)
        {
            if (CallOf(text + ") = 0", began, int.MaxValue, thread) is { } call)
                calls.Add(call);
        }

        return [.. calls.OrderBy(static call => call.Began)];
    }

    private const string Unfinished = " <unfinished ...>";

    private static SystemCall? CallOf(string text, int began, int ended, string thread)
    {
        var match = Whole().Match(text);
        if (!match.Success)
            return null;
        var arguments = match.Groups[2].Value;
        var path = OfDescriptor().Match(arguments);
        var strings = Quoted().Matches(arguments);
        return new SystemCall(
            began, ended, int.Parse(thread, CultureInfo.InvariantCulture), match.Groups[1].Value,
            path.Success ? path.Groups[1].Value : strings.Count > 0 ? Encoding.UTF8.GetString(Unescaped(strings[0].Groups[1].Value)) : "",
            // What is sent may be put together from several pieces.
            match.Groups[1].Value == "sendmsg" ? [.. strings.SelectMany(static one => Unescaped(one.Groups[1].Value))] : strings.Count > 0 ? Unescaped(strings[^1].Groups[1].Value) : [],
            long.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture));
    }

    // As in C: letters, and up to three octal digits.
    private static byte[] Unescaped(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add((byte)text[i]);
                continue;
            }

            i++;
            var value = 0;
            var digits = 0;
            while (digits < 3 && i + digits < text.Length && text[i + digits] is >= '0' and <= '7')
                value = value * 8 + text[i + digits++] - '0';
            i += Math.Max(0, digits - 1);
            bytes.Add(digits > 0 ? (byte)value : text[i] switch { 'n' => (byte)10, 't' => (byte)9, 'r' => (byte)13, 'v' => (byte)11, 'f' => (byte)12, var other => (byte)other });
        }

        return [.. bytes];
    }

    private static async Task<Traced> RunAsync(IReadOnlyDictionary<string, string?> environment, string[] arguments)
    {
        var start = new ProcessStartInfo("strace", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Traced(process.ExitCode, await said, await complained, []);
    }

    private static string? Look()
    {
        if (!OperatingSystem.IsLinux())
            return "strace is of Linux.";
        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", ["-f", "-o", "/dev/null", "true"]) { RedirectStandardError = true })!;
            var why = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : "strace may not watch processes here: " + why.Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "No strace. Debian and Ubuntu: sudo apt-get install strace.";
        }
    }

    [GeneratedRegex(@"^(\w+)\((.*)\)\s+= (-?\d+)", RegexOptions.Singleline)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^-?\d+<(.*?)>(?:\(deleted\))?(?:,|$)")]
    private static partial Regex OfDescriptor();

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Quoted();
}

/// <summary>What became of a process that was watched.</summary>
internal sealed record Traced(int Exit, string Said, string Complained, IReadOnlyList<SystemCall> Calls)
{
    /// <summary>Whether anything was made to fail.</summary>
    public bool Injected { get; init; }

    /// <summary>Writings that begin so, whatever to.</summary>
    public IEnumerable<SystemCall> Writings(string begin)
    {
        var bytes = Encoding.UTF8.GetBytes(begin);
        return Calls.Where(call => call.Name is "write" or "pwrite64" && call.Bytes.AsSpan().StartsWith(bytes));
    }

    /// <summary>When a file, or a folder's list of files, was forced to the disk for the first time after a place; null: never.</summary>
    public SystemCall? Forced(string path, int after) =>
        Calls.FirstOrDefault(call => call.Name is "fsync" or "fdatasync" && call.Path == path && call.Began > after && call.Result == 0);
}
