using System.Buffers.Binary;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Lists.Scrub;

/// <summary>Whom the ledger knows, blocks, or had contacted, as sets of keyed hashes: for everybody else nothing has to be read. Safe for many threads.</summary>
internal sealed class LedgerScreen
{
    private readonly Installation installation;
    private readonly LedgerRow ledger;
    private readonly TagSet known;
    private readonly TagSet blocked;

    private readonly SuppressionKeys keys;

    private LedgerScreen(Installation installation, LedgerRow ledger, SuppressionKeys keys, long asOf, TagSet known, TagSet blocked) =>
        (this.installation, this.ledger, this.keys, AsOf, this.known, this.blocked) = (installation, ledger, keys, asOf, known, blocked);

    /// <summary>How many records were known at least.</summary>
    public long AsOf { get; }

    /// <summary>Reads the sets.</summary>
    public static async Task<LedgerScreen> ReadAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        // Read first: what is read after it may be newer, never older.
        var asOf = (await installation.Store.HeadAsync(ledger.Ledger, cancel)).Size;
        var (known, blocked) = (new TagSet(), new TagSet());
        await foreach (var row in installation.Store.LookupsAsync(ledger.Ledger, cancel))
            known.Add(row.Tag);
        // Somebody of whom nothing else is known may have been contacted as often as may be.
        await foreach (var row in installation.Store.PermitsAsync(ledger.Ledger, cancel))
            known.Add(row.Tag);
        // The same keys for the entries and for the list, whatever key comes meanwhile.
        var keys = await installation.SuppressionKeysOfAsync(ledger, cancel);
        await foreach (var row in installation.Store.SuppressionsAsync(ledger.Ledger, cancel))
        {
            if (row.LiftedSeq is not null)
                continue;
            if (row.Chain > keys.Versions)
                throw new StoreException(StoreFault.Conflict, "The keys of suppressions were changed while they were read. Try again.");
            blocked.Add(keys.Renew(new ContactTag(row.Tag), row.Chain).ToArray());
        }

        return new LedgerScreen(installation, ledger, keys, asOf, known, blocked);
    }

    /// <summary>Whether the ledger has anything to say about a number.</summary>
    public bool Knows(string number)
    {
        Span<byte> tags = stackalloc byte[64];
        installation.WriteTags(keys, number, tags[..32], tags[32..]);
        return known.Has(tags[..32]) || blocked.Has(tags[32..]);
    }

    /// <summary>What is known of a number that <see cref="Knows"/> speaks of, beside what is stated.</summary>
    public Situation Advise(string number, Situation asked, CancellationToken cancel)
    {
        if (!ContactPoint.TryRead(number, Ringfence.Numbers.Region.None, out var point))
            throw new InvalidOperationException("What was read as a number is none.");
        // The threads that judge are ours and wait for nothing else.
        var facts = LedgerFacts.ReadAsync(installation, ledger, installation.TagsOf(point), cancel).GetAwaiter().GetResult();
        return facts.AdviseAsync(installation, ledger, asked, cancel).GetAwaiter().GetResult();
    }

    /// <summary>Keyed hashes by their first 16 bytes: that two of them share these is less likely than that the machine errs, and would only make it look closer.</summary>
    private sealed class TagSet
    {
        private (ulong A, ulong B)[] slots = new (ulong, ulong)[1024];
        private int count;

        public void Add(ReadOnlySpan<byte> tag)
        {
            if ((count + 1) * 3L > slots.Length * 2L)
                Grow();
            count += Put(slots, Key(tag)) ? 1 : 0;
        }

        public bool Has(ReadOnlySpan<byte> tag)
        {
            var key = Key(tag);
            for (var at = (int)(key.A & (ulong)(slots.Length - 1)); slots[at] != default; at = (at + 1) & (slots.Length - 1))
            {
                if (slots[at] == key)
                    return true;
            }

            return false;
        }

        private void Grow()
        {
            var larger = new (ulong, ulong)[slots.Length * 2];
            foreach (var key in slots)
            {
                if (key != default)
                    Put(larger, key);
            }

            slots = larger;
        }

        private static bool Put((ulong A, ulong B)[] into, (ulong A, ulong B) key)
        {
            var at = (int)(key.A & (ulong)(into.Length - 1));
            for (; into[at] != default; at = (at + 1) & (into.Length - 1))
            {
                if (into[at] == key)
                    return false;
            }

            into[at] = key;
            return true;
        }

        // All zero is a free slot.
        private static (ulong A, ulong B) Key(ReadOnlySpan<byte> tag) => (BinaryPrimitives.ReadUInt64LittleEndian(tag), BinaryPrimitives.ReadUInt64LittleEndian(tag[8..]) | 1);
    }
}
