using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Ringfence.Server.Tests.Verify;

/// <summary>A checkpoint by regular expressions.</summary>
internal sealed partial record SecondCheckpoint(string Whole, string Text, string Origin, long Size, byte[] Root)
{
    public static SecondCheckpoint? Read(string note)
    {
        if (Checkpoint().Match(note) is not { Success: true } match || SecondNotes.Read(note) is not { } parsed || parsed.Text != match.Groups["text"].Value)
            return null;
        var root = match.Groups["root"].Value;
        var bytes = new byte[32];
        if (!Convert.TryFromBase64String(root, bytes, out var written) || written != 32 || Convert.ToBase64String(bytes) != root)
            return null;
        return decimal.Parse(match.Groups["size"].Value, CultureInfo.InvariantCulture) < 9007199254740992m
            ? new SecondCheckpoint(note, parsed.Text, match.Groups["origin"].Value, long.Parse(match.Groups["size"].Value, CultureInfo.InvariantCulture), bytes) : null;
    }

    [GeneratedRegex(@"\A(?<text>(?<origin>[^\n]+)\n(?<size>0|[1-9][0-9]{0,15})\n(?<root>[A-Za-z0-9+/]{43}=)\n)\n", RegexOptions.CultureInvariant)]
    private static partial Regex Checkpoint();
}

/// <summary>Signed notes and the keys of a policy, by regular expressions.</summary>
internal sealed partial class SecondNotes
{
    private readonly List<(string Role, string Name, string Id, byte[] Key)> keys = [];
    private readonly Dictionary<string, Func<HashSet<string>, bool>> quorums = new(StringComparer.Ordinal);
    private readonly Func<HashSet<string>, bool>? quorum;

    /// <summary>Reads a policy that is known to be one.</summary>
    public SecondNotes(string policy)
    {
        foreach (var words in policy.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 0 && words[0] != "#"))
        {
            switch (words[0])
            {
                case "log":
                    Add("log", words[1]);
                    break;
                case "witness":
                    var key = Add("witness", words[2]);
                    quorums[words[1]] = signed => signed.Contains(key);
                    break;
                case "group":
                    var members = words[3..].Select(name => quorums[name]).ToList();
                    var least = words[2] switch { "all" => members.Count, "any" => 1, var number => int.Parse(number, CultureInfo.InvariantCulture) };
                    quorums[words[1]] = signed => members.Count(member => member(signed)) >= least;
                    break;
                case "quorum" when words[1] != "none":
                    quorum = quorums[words[1]];
                    break;
            }
        }
    }

    /// <summary>Splits a note; null where it is none.</summary>
    public static (string Text, List<(string Name, string Id, byte[] Signature)> Lines)? Read(string note)
    {
        if (Note().Match(note) is not { Success: true } match || match.Groups["text"].Value.Any(c => c < 32 && c != 10))
            return null;
        var lines = new List<(string Name, string Id, byte[] Signature)>();
        foreach (Capture line in match.Groups["line"].Captures)
        {
            var cut = line.Value.IndexOf(' ', StringComparison.Ordinal);
            var (name, encoded) = (line.Value[..cut], line.Value[(cut + 1)..]);
            byte[] bytes;
            try
            {
                bytes = Convert.FromBase64String(encoded);
            }
            catch (FormatException)
            {
                return null;
            }

            if (bytes.Length < 5 || Convert.ToBase64String(bytes) != encoded || lines.Exists(other => other.Name == name && other.Id == Convert.ToHexString(bytes[..4]) && other.Signature.AsSpan().SequenceEqual(bytes.AsSpan(4))))
                return null;
            lines.Add((name, Convert.ToHexString(bytes[..4]), bytes[4..]));
        }

        return (match.Groups["text"].Value, lines);
    }

    /// <summary>Whether a key of that role and name signed the note and no known key's signature is false; and whether the witnesses are enough.</summary>
    public (bool Signed, bool Witnessed) Judge(string note, string name)
    {
        if (Read(note) is not var (text, lines))
            return (false, false);
        var signers = new HashSet<string>(StringComparer.Ordinal);
        var bySigner = false;
        foreach (var (who, id, signature) in lines)
        {
            foreach (var key in keys.Where(key => key.Name == who && key.Id == id))
            {
                if (!Verify(key.Key, text, signature))
                    return (false, false);
                bySigner |= key.Role == "log" && who == name;
                if (!signers.Add(who + id))
                    return (false, false);
            }
        }

        return (bySigner, bySigner && quorum is not null && quorum(signers));
    }

    private static bool Verify(byte[] key, string text, byte[] signature)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        switch (key[0])
        {
            case 1:
                return SecondEd25519.Verify(key[1..], bytes, signature);
            case 4 when signature.Length == 72:
                var time = signature[..8].Aggregate(0UL, (sum, b) => (sum << 8) | b);
                return time <= long.MaxValue && SecondEd25519.Verify(key[1..], [.. Encoding.UTF8.GetBytes($"cosignature/v1\ntime {time}\n"), .. bytes], signature[8..]);
            case 2:
                using (var ecdsa = ECDsa.Create())
                {
                    ecdsa.ImportSubjectPublicKeyInfo(key.AsSpan(1), out _);
                    return ecdsa.VerifyData(bytes, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
                }

            default:
                return false;
        }
    }

    private string Add(string role, string line)
    {
        var match = Key().Match(line);
        keys.Add((role, match.Groups["name"].Value, match.Groups["id"].Value.ToUpperInvariant(), Convert.FromBase64String(match.Groups["key"].Value)));
        return match.Groups["name"].Value + match.Groups["id"].Value.ToUpperInvariant();
    }

    [GeneratedRegex(@"\A(?<name>[^+]+)\+(?<id>[0-9a-f]{8})\+(?<key>.+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    // The last empty line parts text from signatures, and no line of these is empty.
    [GeneratedRegex(@"\A(?<text>(?:[^\n]*\n)+)\n(?:\u2014 (?<line>[^\s+]+ [A-Za-z0-9+/]+={0,2})\n){1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Note();
}
