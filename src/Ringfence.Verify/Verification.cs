using System.Reflection;
using System.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ringfence.Verify;

/// <summary>One run of the verifier: from the words of the command line to the exit code.</summary>
internal static class Verification
{
    /// <summary>Runs, and writes what came out: sentences, then one line of JSON.</summary>
    public static int Run(IReadOnlyList<string> words, TextWriter output, Func<string, string?> environment)
    {
        var arguments = Arguments.Read(words, out var fault);
        var texts = (arguments.All("--lang") is [var language, ..] ? Texts.Of(language) : null) ?? Texts.OfEnvironment(environment);
        if (fault is null && (arguments.Help || arguments.Version))
        {
            output.WriteLine(arguments.Help ? texts.Say("help") : "ringfence-verify " + Version);
            return (int)Result.Verified;
        }

        var report = new Report { Unusable = fault };
        if (fault is null)
            Check(arguments, report);
        if (!arguments.Json)
            report.Tell(output, texts);
        output.WriteLine(report.Line());
        return (int)report.Result;
    }

    private static string Version =>
        typeof(Verification).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static void Check(Arguments arguments, Report report)
    {
        try
        {
            var auditor = Auditor.Of(arguments, report);
            switch (arguments.Command)
            {
                case "bundle":
                    new EvidenceCheck(auditor, report).Check(BundleFile.Read(Files.Read(arguments.Files[0], BundleFile.LongestBytes), arguments.Files[0]));
                    break;
                case "receipt":
                    new ReceiptCheck(auditor, report).Check(ReceiptFile.Read(Files.Read(arguments.Files[0], BundleFile.LongestBytes), arguments.Files[0]));
                    break;
                case "log":
                    new LogCheck(auditor, report, new LedgerFolder(arguments.Files[0]), arguments.Full).Check();
                    break;
                default:
                    new CompareCheck(auditor, report).Check(arguments.Files[0], arguments.Files[1], arguments.Files.ElementAtOrDefault(2));
                    break;
            }
        }
        catch (UnusableException unusable)
        {
            report.Unusable = unusable;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException)
        {
            report.Unusable = new UnusableException("unreadable", arguments.Files[0]);
        }
#pragma warning disable CA1031 // whatever happens, the auditor gets an answer, and it is not "verified"
        catch (Exception e)
#pragma warning restore CA1031
        {
            report.Unusable = new UnusableException("unforeseen", e.GetType().Name);
        }
    }
}

/// <summary>What the auditor brings along: whom to trust, and what was kept from before.</summary>
/// <param name="Policy">Keys of ledgers and witnesses.</param>
/// <param name="Authorities">Timestamp authorities.</param>
/// <param name="Held">Checkpoints that the auditor kept, each signed by a ledger of the policy, with the file each is in.</param>
/// <param name="Since">That of them which is from the last audit; null where none is said to be.</param>
internal sealed record Auditor(Policy Policy, TimestampAuthorities Authorities, IReadOnlyList<(Checkpoint Checkpoint, string File)> Held, Checkpoint? Since = null)
{
    public static Auditor Of(Arguments arguments, Report report)
    {
        var file = arguments.All("--policy")[0];
        var policy = Policy.Read(Files.Read(file, SignedNote.LongestBytes * 16L), file);
        foreach (var witness in policy.Uncheckable)
            report.PassedOver("key-type", witness);
        var certificates = new List<X509Certificate2>();
        foreach (var pem in arguments.All("--tsa"))
            certificates.AddRange(TimestampAuthorities.Read(Files.Read(pem, TimestampAuthorities.LongestToken), pem));
        var since = arguments.All("--since").Select(Kept).ToList();
        return new Auditor(policy, new TimestampAuthorities(certificates), [.. arguments.All("--held").Select(Kept), .. since], since.Count > 0 ? since[0].Checkpoint : null);

        (Checkpoint Checkpoint, string File) Kept(string kept)
        {
            var checkpoint = Checkpoint.Read(Files.Read(kept, SignedNote.LongestBytes)) ?? throw new UnusableException("not-a-checkpoint", kept);
            return new Signatures(policy).Fault(checkpoint) is null ? (checkpoint, kept) : throw new UnusableException("held-not-signed", kept);
        }
    }
}

/// <summary>Files, read up to a length.</summary>
internal static class Files
{
    /// <summary>All bytes of a file.</summary>
    /// <exception cref="UnusableException">There is no such file, it can't be read, or it is longer than that.</exception>
    public static byte[] Read(string file, long longest)
    {
        try
        {
            return TryRead(file, longest, out var bytes) ? bytes : throw new UnusableException("too-long", file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnusableException("no-such-file", file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException or ArgumentException)
        {
            throw new UnusableException("unreadable", file);
        }
    }

    /// <summary>The bytes of a file; false where it is longer, and then not more than that was read.</summary>
    public static bool TryRead(string file, long longest, out byte[] bytes)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        if (stream.CanSeek && stream.Length <= longest)
        {
            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return true;
        }

        bytes = [];
        if (stream.CanSeek)
            return false;
        // A pipe, as shells make them: its length shows at its end.
        using var all = new MemoryStream();
        var piece = new byte[1 << 16];
        for (var read = stream.Read(piece); read > 0; read = stream.Read(piece))
        {
            all.Write(piece, 0, read);
            if (all.Length > longest)
                return false;
        }

        bytes = all.ToArray();
        return true;
    }
}
