using System.Globalization;
using System.Text;

namespace Ringfence.Verify;

/// <summary>Whom an auditor trusts, in the form of https://c2sp.org/tlog-policy: ledgers by their keys, witnesses, and how many of these are enough.</summary>
internal sealed class Policy
{
    /// <summary>The end of the name of a key that signs receipts. Such a key speaks for no ledger, whatever it signs.</summary>
    public const string ReceiptKeys = "/receipts";

    private const int LongestBytes = 1 << 20;

    // Of each kind; the format asks for 32 at least. Groups stand within groups, and each level takes room.
    private const int Most = 256;

    private readonly List<VerifierKey> logs = [];
    private readonly Dictionary<string, VerifierKey> witnesses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int AtLeast, string[] Members)> groups = new(StringComparer.Ordinal);
    private readonly HashSet<string> members = new(StringComparer.Ordinal);
    private string? quorum;

    private Policy()
    {
    }

    /// <summary>Whether the auditor asks for witnesses at all.</summary>
    public bool AsksForWitnesses => quorum is not (null or "none");

    /// <summary>Witnesses whose kind of key can't be checked here; they count as absent.</summary>
    public IEnumerable<string> Uncheckable => witnesses.Where(witness => !witness.Value.CanCheck).Select(witness => witness.Key);

    /// <summary>The keys a ledger of that origin may sign with.</summary>
    public IEnumerable<VerifierKey> LedgerKeys(string origin) =>
        origin.EndsWith(ReceiptKeys, StringComparison.Ordinal) ? [] : logs.Where(key => key.Name == origin);

    /// <summary>The keys that sign receipts of the ledger of that origin.</summary>
    public IEnumerable<VerifierKey> KeysOfReceipts(string origin) => logs.Where(key => key.Name == origin + ReceiptKeys);

    /// <summary>The keys that a signature line names; any signature by one of them has to be right.</summary>
    public IEnumerable<VerifierKey> Named(SignatureLine line) => logs.Concat(witnesses.Values).Where(key => key.CanCheck && key.IsNamedBy(line));

    /// <summary>Whether those whose signature lines stand there are enough.</summary>
    public bool IsQuorum(IReadOnlyList<SignatureLine> verified) => AsksForWitnesses && Witnessed(quorum!, verified);

    /// <summary>Reads a policy.</summary>
    /// <exception cref="UnusableException">It is none; the line is named.</exception>
    public static Policy Read(byte[] bytes, string file)
    {
        if (bytes.Length > LongestBytes)
            throw new UnusableException("not-a-policy", file);
        var policy = new Policy();
        // Octets are taken as they are; a key name that is not ASCII is compared with notes, which are UTF-8.
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = lines[number - 1];
            if (line.Any(c => c is < ' ' and not '\t' or '\u007f' or '\ufffd') || !policy.Take(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)))
                throw new UnusableException("not-a-policy", string.Create(CultureInfo.InvariantCulture, $"{file}:{number}"));
        }

        if (policy.quorum is null || policy.logs.Count == 0)
            throw new UnusableException(policy.quorum is null ? "policy-without-quorum" : "policy-without-log", file);
        return policy;
    }

    private bool Take(string[] words) => words switch
    {
        [] => true,
        [var word, ..] when word[0] == '#' => true,
        // An address may stand behind a key; nothing is fetched from there.
        ["log", var key, ..] when words.Length <= 3 => TakeLog(VerifierKey.Read(key)),
        ["witness", var name, var key, ..] when words.Length <= 4 => TakeWitness(name, VerifierKey.Read(key)),
        ["group", var name, var atLeast, .. { Length: > 0 } those] => TakeGroup(name, atLeast, those),
        ["quorum", var name] when quorum is null && (name == "none" || IsDefined(name)) => (quorum = name) is not null,
        _ => false,
    };

    private bool TakeLog(VerifierKey? key)
    {
        if (key is not { MaySignLedgers: true } || IsTaken(key) || logs.Count == Most)
            return false;
        logs.Add(key);
        return true;
    }

    // A ledger that were its own witness would be no witness.
    private bool TakeWitness(string name, VerifierKey? key) =>
        key is not null && IsNew(name) && !IsTaken(key) && witnesses.Count < Most && witnesses.TryAdd(name, key);

    private bool TakeGroup(string name, string atLeast, string[] those)
    {
        if (!IsNew(name) || groups.Count == Most || !those.All(member => IsDefined(member) && members.Add(member)))
            return false;
        var count = atLeast switch
        {
            "any" => 1,
            "all" => those.Length,
            _ => Encodings.TryCount(atLeast, out var number) && number <= those.Length ? (int)number : 0,
        };
        groups[name] = (count, those);
        return count > 0;
    }

    private bool IsNew(string name) => name != "none" && !IsDefined(name);

    private bool IsDefined(string name) => witnesses.ContainsKey(name) || groups.ContainsKey(name);

    private bool IsTaken(VerifierKey key) =>
        logs.Concat(witnesses.Values).Any(other => other.IsSameKeyAs(key) || (other.Name, other.Id) == (key.Name, key.Id));

    // Groups are made of what stands above them, so this ends.
    private bool Witnessed(string name, IReadOnlyList<SignatureLine> verified) => witnesses.TryGetValue(name, out var key)
        ? key.CanCheck && verified.Any(key.IsNamedBy)
        : groups[name].Members.Count(member => Witnessed(member, verified)) >= groups[name].AtLeast;
}
