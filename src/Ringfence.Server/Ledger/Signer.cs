using System.Security.Cryptography;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Ledger;

/// <summary>Signs checkpoints of a ledger that only grows: each has to be proved to contain the one signed before. Knows nothing of databases.</summary>
/// <remarks>
/// It is the second memory of a ledger: whoever puts an older database in place, or writes another history, gets no signature. It runs as a process of its
/// own, and as a user of its own where somebody takes the trouble (<see cref="SignerCommand"/>).
/// </remarks>
internal sealed class Signer : IDisposable
{
    private const string StateFile = "state";

    private readonly string folder;
    private readonly bool adopt;
    private readonly FileStream held;
    private readonly Lock one = new();
    private readonly Dictionary<string, Origin> origins = new(StringComparer.Ordinal);

    private Signer(string folder, bool adopt, FileStream held) => (this.folder, this.adopt, this.held) = (folder, adopt, held);

    /// <summary>Opens the folder of a signer; makes it where it is not there.</summary>
    /// <param name="folder">Where keys and states are kept, one folder for each origin.</param>
    /// <param name="adopt">Whether an origin that is not known may begin at another size than 0: after the folder was lost, and once somebody made sure of the ledger.</param>
    /// <exception cref="SignerException"><c>in-use</c>: another signer runs on this folder; two would sign two histories.</exception>
    /// <exception cref="KeysException">Others may write there.</exception>
    public static Signer Open(string folder, bool adopt)
    {
        folder = Path.GetFullPath(folder);
        DurableFile.MakeFolder(folder);
        DurableFile.RequireOwnFolder(folder);
        var lockFile = Path.Combine(folder, "lock");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = DurableFile.OwnerOnly;
            return new Signer(folder, adopt, new FileStream(lockFile, options));
        }
        catch (IOException e)
        {
            throw new SignerException("in-use", $"Another signer has {folder} open.", e);
        }
    }

    /// <summary>What is known of an origin.</summary>
    /// <exception cref="SignerException"><c>unknown-origin</c>, or its state can't be used.</exception>
    public SignerState StateOf(string origin)
    {
        lock (one)
            return Find(origin)?.State ?? throw Unknown(origin);
    }

    /// <summary>Signs a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="frontier">The right edge of its tree, as <see cref="Frontier.ToBytes"/>.</param>
    /// <param name="consistency">The proof from the last size that was signed.</param>
    /// <returns>The note; what it stands for is on the disk.</returns>
    /// <exception cref="SignerException">It is refused.</exception>
    public SignedNote Sign(Checkpoint checkpoint, byte[] frontier, ReadOnlySpan<Digest> consistency)
    {
        lock (one)
        {
            RequireWhole(checkpoint, frontier);
            var origin = Find(checkpoint.Origin);
            if (origin is null)
            {
                if (checkpoint.Size != 0 && !adopt)
                    throw Unknown(checkpoint.Origin);
                origin = Create(checkpoint.Origin);
            }

            var last = origin.State;
            if (checkpoint.Size < last.Size)
                throw new SignerException("behind", $"{last.Size} records were signed, and only {checkpoint.Size} are there now. The database is an older one.");
            if (checkpoint.Size == last.Size && checkpoint.Root != last.Root)
                throw new SignerException("fork", $"Another root was signed for {last.Size} records. The records are not those that were signed.");
            if (!ConsistencyProof.Verifies(consistency, last.Size, checkpoint.Size, last.Root, checkpoint.Root))
                throw new SignerException("inconsistent", $"It is not proved that the {last.Size} records that were signed are among these {checkpoint.Size}.");
            if (checkpoint.Size > last.Size)
                Keep(origin, last with { Size = checkpoint.Size, Root = checkpoint.Root, Frontier = frontier });
            return origin.Sign(SignerUse.Log, checkpoint.Text());
        }
    }

    /// <summary>Signs what a receipt says: the line of the receipts' key, and <c>sha256:</c> with the digest of the receipt.</summary>
    /// <exception cref="SignerException"><c>unknown-origin</c>, or its state can't be used.</exception>
    public SignedNote SignReceipt(string origin, Digest receipt)
    {
        lock (one)
        {
            var known = Find(origin) ?? throw Unknown(origin);
            return known.Sign(SignerUse.Receipts, Encoding.UTF8.GetBytes($"{SignerKey.NameOf(SignerUse.Receipts, origin)}\nsha256:{receipt}\n"));
        }
    }

    /// <summary>Makes a further key. It signs from <see cref="Activate"/> on, when the ledger tells of it; asked again before, the same key is given.</summary>
    public SignerKey Rotate(string origin, SignerUse use)
    {
        lock (one)
        {
            var known = Find(origin) ?? throw Unknown(origin);
            if (known.State.Keys.FirstOrDefault(key => key.Use == use && key.State == SignerKeyState.New) is { } waiting)
                return waiting;
            var number = known.State.Keys.Where(key => key.Use == use).Max(static key => key.Number) + 1;
            var key = new SignerKey(use, number, SignerKeyState.New, []);
            // One that a crash left behind never was in the state, so it never signed.
            File.Delete(key.FileIn(known.Folder));
            var pair = SignerKeyPair.Create(key.FileIn(known.Folder));
            key = key with { Spki = pair.Spki };
            known.Pairs[key.Digest] = pair;
            Keep(known, known.State with { Keys = [.. known.State.Keys, key] });
            return key;
        }
    }

    /// <summary>Lets a key sign from now on, beside those that do.</summary>
    /// <exception cref="SignerException"><c>unknown-key</c>: there is none, or it is retired.</exception>
    public void Activate(string origin, Digest key) => Change(origin, key, static (_, key) => key.State == SignerKeyState.Retired ? null : key with { State = SignerKeyState.Active });

    /// <summary>Ends a key: it signs no more, and its private half is destroyed.</summary>
    /// <exception cref="SignerException"><c>unknown-key</c>; <c>key-in-use</c>: no other key of its use signs.</exception>
    public void Retire(string origin, Digest key) => Change(origin, key, static (state, key) =>
        key.State == SignerKeyState.Retired || state.Signing(key.Use).Any(other => other.Digest != key.Digest)
            ? key with { State = SignerKeyState.Retired }
            : throw new SignerException("key-in-use", "It is the only key of its use that signs. Make another first."));

    public void Dispose()
    {
        foreach (var origin in origins.Values)
            origin.Dispose();
        held.Dispose();
    }

    private void Change(string origin, Digest digest, Func<SignerState, SignerKey, SignerKey?> change)
    {
        lock (one)
        {
            var known = Find(origin) ?? throw Unknown(origin);
            var key = known.State.Keys.FirstOrDefault(key => key.Digest == digest);
            var changed = (key is null ? null : change(known.State, key)) ?? throw new SignerException("unknown-key", "There is no such key, or it is retired.");
            if (changed != key)
                Keep(known, known.State with { Keys = [.. known.State.Keys.Select(other => other == key ? changed : other)] });
            known.DropRetired();
        }
    }

    // What the disk holds after a failed write nobody knows; nothing more is signed on a guess.
    private static void Keep(Origin origin, SignerState state)
    {
        if (origin.Faulted)
            throw Failed(origin.Folder, null);
        origin.Faulted = true;
        try
        {
            state.Save(Path.Combine(origin.Folder, StateFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(origin.Folder, e);
        }

        origin.State = state;
        origin.Faulted = false;
    }

    private Origin? Find(string name)
    {
        if (origins.TryGetValue(name, out var known))
            return known.Faulted ? throw Failed(known.Folder, null) : known;
        if (!SignerState.IsOrigin(name))
            throw new SignerException("malformed", "This can't be the name of a ledger.");
        var place = Path.Combine(folder, SignerState.FolderOf(name));
        if (!Directory.Exists(place))
            return null;
        var file = Path.Combine(place, StateFile);
        if (!File.Exists(file))
            throw new SignerException("state-lost", $"{file} is missing. Nothing is signed for this origin until it is put back: without it nobody knows what was signed.");
        var state = SignerState.Read(file, File.ReadAllBytes(file));
        if (state.Origin != name)
            throw new SignerException("state-damaged", $"{file} is of another origin.");
        var origin = new Origin(place, state);
        origins.Add(name, origin);
        return origin;
    }

    private Origin Create(string name)
    {
        var place = Path.Combine(folder, SignerState.FolderOf(name));
        // Keys and state come into being together: a crash before the last step leaves nothing that has the name.
        var aside = place + ".new";
        if (Directory.Exists(aside))
            Directory.Delete(aside, recursive: true);
        DurableFile.MakeFolder(aside);
        var keys = new List<SignerKey>();
        foreach (var use in Enum.GetValues<SignerUse>())
        {
            var key = new SignerKey(use, 1, SignerKeyState.Active, []);
            using var pair = SignerKeyPair.Create(key.FileIn(aside));
            keys.Add(key with { Spki = pair.Spki });
        }

        SignerState.First(name, keys).Save(Path.Combine(aside, StateFile));
        Directory.Move(aside, place);
        DurableFile.SyncFolder(folder);
        return Find(name)!;
    }

    private static void RequireWhole(Checkpoint checkpoint, byte[] frontier)
    {
        // A note is limited in what its first line can be, and the records that name an origin still more.
        if (!SignerState.IsOrigin(checkpoint.Origin) || checkpoint.Size is < 0 or >= LeafText.IntegerBound)
            throw new SignerException("malformed", "This can't be the name or the size of a ledger.");
        try
        {
            if (new Frontier(checkpoint.Size, frontier).Root == checkpoint.Root)
                return;
        }
        catch (ArgumentException e)
        {
            throw new SignerException("malformed", "The edge of the tree does not have as many hashes as a tree of this size.", e);
        }

        throw new SignerException("malformed", "The edge of the tree does not lead to its root.");
    }

    private static SignerException Unknown(string origin) => new(
        "unknown-origin", $"Nothing was ever signed for {origin} here, so whether this is all of it can't be told. A signer begins with an empty ledger, or with --adopt.");

    private static SignerException Failed(string folder, Exception? inner) =>
        new("failed", $"{folder} could not be written. What the disk holds is not known until the signer starts again.", inner);

    /// <summary>An origin as it is kept in memory.</summary>
    private sealed class Origin : IDisposable
    {
        public Origin(string folder, SignerState state)
        {
            (Folder, State) = (folder, state);
            try
            {
                foreach (var key in state.Keys.Where(static key => key.State != SignerKeyState.Retired))
                    Pairs.Add(key.Digest, SignerKeyPair.Open(key.FileIn(folder), key.Spki));
            }
            catch
            {
                Dispose();
                throw;
            }

            DropRetired();
        }

        public string Folder { get; }

        public SignerState State { get; set; }

        public bool Faulted { get; set; }

        public Dictionary<Digest, SignerKeyPair> Pairs { get; } = [];

        public SignedNote Sign(SignerUse use, byte[] text)
        {
            var name = SignerKey.NameOf(use, State.Origin);
            return SignedNote.Of(text, [.. State.Signing(use).Select(key => VerifierKey.OfEcdsa(name, key.Spki).Line(Pairs[key.Digest].Sign(text)))]);
        }

        // The state says first that a key is retired; a crash in between leaves its file to be dropped here.
        public void DropRetired()
        {
            foreach (var key in State.Keys.Where(static key => key.State == SignerKeyState.Retired))
            {
                if (Pairs.Remove(key.Digest, out var pair))
                    pair.Dispose();
                var file = key.FileIn(Folder);
                if (!File.Exists(file))
                    continue;
                using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write))
                {
                    stream.Write(new byte[stream.Length]);
                    stream.Flush(flushToDisk: true);
                }

                File.Delete(file);
                DurableFile.SyncFolder(Folder);
            }
        }

        public void Dispose()
        {
            foreach (var pair in Pairs.Values)
                pair.Dispose();
        }
    }
}
