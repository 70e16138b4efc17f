using System.Globalization;

namespace Ringfence.Server.Sealing;

/// <summary>Keys, the keyring or the erasure journal are not as they have to be. Nothing is sealed, opened or permitted until they are.</summary>
/// <remarks>
/// The message is English and says what to do; front ends word it anew from <see cref="Code"/> and <see cref="Arguments"/>.
/// It never holds a key, a part of one, or the id of a person.
/// </remarks>
internal sealed class KeysException : Exception
{
    public KeysException() { }

    public KeysException(string message) : base(message) { }

    public KeysException(string message, Exception inner) : base(message, inner) { }

    /// <summary>
    /// Stable code: <c>no-keys</c> (path), <c>no-keyring</c> (path), <c>no-journal</c> (path), <c>not-apart</c> (path, path), <c>too-open</c> (path, what to run), <c>wrong-owner</c> (path),
    /// <c>no-access</c> (path), <c>exists</c> (path), <c>damaged</c> (path, line), <c>bad-variable</c> (name, entry), <c>keys-elsewhere</c>, <c>unknown-kek</c> (kid),
    /// <c>sealed-otherwise</c> (what), <c>not-durable</c> (setting, value), <c>not-ours</c> (path), <c>busy</c> (path), <c>not-truncated</c> (path), <c>destroyed</c>, <c>failed</c> (path), <c>faulted</c> (path),
    /// <c>keyring-older</c> (keys that tags went through, keys there are).
    /// </summary>
    public string Code { get; private init; } = "no-keys";

    /// <summary>What to fill into the message in the user's language.</summary>
    public IReadOnlyList<object> Arguments { get; private init; } = [];

    public static KeysException NoKeys(string path) => new(
        $"There is no file of keys at {path}. Put it back from its backup, or name its folder with --keys or RINGFENCE_KEYS. Without it nothing that is sealed can be read again.")
    { Code = "no-keys", Arguments = [path] };

    public static KeysException NoKeyring(string path) => new(
        $"There is no keyring at {path}. Put it back from its backup; a new one would neither open what is sealed nor know who must not be contacted.")
    { Code = "no-keyring", Arguments = [path] };

    public static KeysException NoJournal(string path) => new(
        $"There is no erasure journal at {path}. Put it back from its backup; without it people who were erased may come back with a restored database.")
    { Code = "no-journal", Arguments = [path] };

    public static KeysException NotApart(string keys, string data) => new(
        $"Keys ({keys}) and data ({data}) are not apart: one copy would take both. Choose another place with --keys or RINGFENCE_KEYS.")
    { Code = "not-apart", Arguments = [keys, data] };

    public static KeysException TooOpen(string path, string cure) =>
        new($"{path} may be read or changed by other users. Run: {cure}") { Code = "too-open", Arguments = [path, cure] };

    public static KeysException WrongOwner(string path) =>
        new($"{path} belongs to another user than the one this program runs as. Give it to that user with chown.") { Code = "wrong-owner", Arguments = [path] };

    public static KeysException NoAccess(string path, Exception inner) =>
        new($"{path} may not be read or written by this user.", inner) { Code = "no-access", Arguments = [path] };

    public static KeysException Exists(string path) => new($"{path} is there already and is left as it is.") { Code = "exists", Arguments = [path] };

    public static KeysException Damaged(string path, int line) => new(
        string.Create(CultureInfo.InvariantCulture, $"{path} is damaged in line {line}. Put it back from its backup; don't mend it by hand."))
    { Code = "damaged", Arguments = [path, line] };

    public static KeysException BadVariable(string name, int entry) => new(
        string.Create(CultureInfo.InvariantCulture, $"Entry {entry} of {name} is not of the form k2026-01-31:<64 hex digits>, or its day stands twice."))
    { Code = "bad-variable", Arguments = [name, entry] };

    public static KeysException KeysElsewhere() => new(
        "The key-encryption keys come from the environment; add and remove them where it is set, on every node.")
    { Code = "keys-elsewhere" };

    public static KeysException UnknownKek(Kid kid) =>
        new($"The key-encryption key {kid} is missing. Put it back from the backup of the keys.") { Code = "unknown-kek", Arguments = [kid.ToString()] };

    public static KeysException SealedOtherwise(string what) => new(
        $"The keyring's entry '{what}' does not open: it is damaged, or was wrapped by another key of the same name. Put the keyring back from its backup.")
    { Code = "sealed-otherwise", Arguments = [what] };

    public static KeysException NotDurable(string setting, string value) => new(
        $"The keyring's store has {setting}={value}, with which an acknowledged key can be lost in a crash. Set it right and start again.")
    { Code = "not-durable", Arguments = [setting, value] };

    public static KeysException NotOurs(string path) => new($"{path} is no keyring of this program, or one of a later version.") { Code = "not-ours", Arguments = [path] };

    public static KeysException Busy(string path, Exception inner) =>
        new($"Another process holds {path}. One process at a time may use it.", inner) { Code = "busy", Arguments = [path] };

    public static KeysException NotTruncated(string path) => new(
        $"Destroyed keys may still stand in the write-ahead log of {path}, since another program reads it. Close that program and destroy again.")
    { Code = "not-truncated", Arguments = [path] };

    public static KeysException Destroyed() =>
        new("The key of a person who was erased was asked for anew. Who comes back gets a new id.") { Code = "destroyed" };

    public static KeysException Failed(string path, Exception inner) =>
        new($"{path} could not be written or read. See whether its disk is full or damaged, or its server down.", inner) { Code = "failed", Arguments = [path] };

    public static KeysException KeyringOlder(int chain, int keys) => new(string.Create(
        CultureInfo.InvariantCulture, $"Entries of the list of suppressions went through {chain} keys, and the keyring has {keys}: it is older than the data. Put the newest keyring back; without it nobody can tell who must not be contacted."))
    { Code = "keyring-older", Arguments = [chain, keys] };

    public static KeysException Faulted(string path) =>
        new($"Writing {path} failed before. What the disk holds is not known until the program starts again.") { Code = "faulted", Arguments = [path] };
}
