using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

/// <summary>What a keyring has to do on every store.</summary>
public abstract class KeyringContract : IDisposable
{
    private static readonly OpaqueId Record = Keys.NewSid();
    private static readonly byte[] Salt = new byte[Commitment.SaltSize];

    protected KeyringContract() => KeyFile.Create(KekPath, Keys.Day(0)).Dispose();

    internal TestFolder Folder { get; } = new();

    private string KekPath => Folder.In("kek", "kek");

    public virtual void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<KeyringStore> StoreAsync(bool create);

    /// <summary>Changes the store behind the keyring's back, while it is not open.</summary>
    protected abstract Task MeddleAsync(string sql);

    [Fact]
    public async Task A_key_is_there_when_the_keyring_is_opened_again()
    {
        var sids = Keys.Sids(3);
        SealedBlob[] blobs;
        await using (var keyring = await OpenAsync(create: true))
        using (var keys = await keyring.CreateAsync(sids, Keys.Cancel))
            blobs = [.. sids.Select((_, i) => Seal(keys.SealerOf(i), (byte)i))];

        await using var again = await OpenAsync();
        for (byte i = 0; i < sids.Length; i++)
            Assert.Equal(new[] { i }, await OpenedAsync(again, sids[i], blobs[i]));
        Assert.Null(await OpenedAsync(again, sids[0], blobs[1]));
    }

    [Fact]
    public async Task Who_has_a_key_keeps_it()
    {
        await using var keyring = await OpenAsync(create: true);
        var sids = Keys.Sids(3);
        using var first = await keyring.CreateAsync(sids[..2], Keys.Cancel);
        using var second = await keyring.CreateAsync([sids[2], sids[1], sids[0], sids[2]], Keys.Cancel);
        Assert.Equal(4, second.Count);
        Assert.Equal([7], Opened(second.SealerOf(2), Seal(first.SealerOf(0), 7)));
        Assert.Equal([8], Opened(second.SealerOf(1), Seal(first.SealerOf(1), 8)));
        Assert.Equal([9], Opened(second.SealerOf(3), Seal(second.SealerOf(0), 9)));
        Assert.Null(Opened(second.SealerOf(0), Seal(first.SealerOf(0), 7)));
    }

    [Fact]
    public async Task A_key_serves_from_memory_as_from_the_store()
    {
        var sid = Keys.NewSid();
        await using var keyring = await OpenAsync(create: true);
        SealedBlob blob;
        using (var keys = await keyring.CreateAsync([sid], Keys.Cancel))
            blob = Seal(keys.SealerOf(0), 5);
        Assert.Equal([5], await OpenedAsync(keyring, sid, blob));
        Assert.Equal([5], await OpenedAsync(keyring, sid, blob));
    }

    [Fact]
    public async Task Nobody_has_a_key_who_was_given_none()
    {
        await using var keyring = await OpenAsync(create: true);
        Assert.Null(await keyring.FindAsync(Keys.NewSid(), Keys.Cancel));
    }

    [Fact]
    public async Task More_people_than_fit_in_one_transaction_all_get_their_keys()
    {
        await using var keyring = await OpenAsync(create: true);
        var sids = Keys.Sids(45_001);
        using var keys = await keyring.CreateAsync(sids, Keys.Cancel);
        foreach (var i in (int[])[0, 19_999, 20_000, 45_000])
            Assert.Equal([3], await OpenedAsync(keyring, sids[i], Seal(keys.SealerOf(i), 3)));
    }

    [Fact]
    public async Task A_destroyed_key_is_gone_at_once_and_for_good()
    {
        var sids = Keys.Sids(3);
        await using (var keyring = await OpenAsync(create: true))
        {
            (await keyring.CreateAsync(sids, Keys.Cancel)).Dispose();
            Assert.NotNull(await keyring.FindAsync(sids[1], Keys.Cancel));
            Assert.Equal("2027-01-26", (await keyring.DestroyAsync([sids[1]], Keys.Cancel)).ToString("uuuu'-'MM'-'dd", null));
            Assert.Null(await keyring.FindAsync(sids[1], Keys.Cancel));
        }

        await using var again = await OpenAsync();
        Assert.Null(await again.FindAsync(sids[1], Keys.Cancel));
        Assert.NotNull(await again.FindAsync(sids[0], Keys.Cancel));
        Assert.NotNull(await again.FindAsync(sids[2], Keys.Cancel));
        await again.DestroyAsync([sids[1]], Keys.Cancel);
    }

    [Fact]
    public async Task Who_was_erased_gets_no_new_key_even_where_there_never_was_one()
    {
        await using var keyring = await OpenAsync(create: true);
        var (had, hadNot) = (Keys.NewSid(), Keys.NewSid());
        (await keyring.CreateAsync([had], Keys.Cancel)).Dispose();
        await keyring.DestroyAsync([had, hadNot, had], Keys.Cancel);
        await Keys.RefusedAsync("destroyed", () => keyring.CreateAsync([had], Keys.Cancel));
        await Keys.RefusedAsync("destroyed", () => keyring.CreateAsync([Keys.NewSid(), hadNot], Keys.Cancel));
    }

    [Fact]
    public async Task A_key_put_in_the_place_of_another_persons_is_refused()
    {
        var sids = Keys.Sids(2);
        await using (var keyring = await OpenAsync(create: true))
            (await keyring.CreateAsync(sids, Keys.Cancel)).Dispose();
        await MeddleAsync("UPDATE dek SET wrapped = (SELECT wrapped FROM dek WHERE n = 1) WHERE n = 2");
        await using var again = await OpenAsync();
        Assert.NotNull(await again.FindAsync(sids[0], Keys.Cancel));
        var refusal = await Keys.RefusedAsync("sealed-otherwise", async () => await again.FindAsync(sids[1], Keys.Cancel));
        Assert.DoesNotContain(sids[1].ToString(), refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotation_wraps_everything_anew_and_everything_still_opens()
    {
        var sids = Keys.Sids(2500);
        await using var keyring = await OpenAsync(create: true);
        using var keys = await keyring.CreateAsync(sids, Keys.Cancel);
        using var before = await keyring.SuppressionKeysAsync(Keys.Cancel);
        var told = new List<long>();

        Assert.Equal("k2026-12-22", (await keyring.BeginKekAsync(Keys.Day(30), Keys.Cancel)).ToString());
        Assert.Equal(new Rotation(2505, 0), await keyring.RotateAsync(new Told(told), Keys.Cancel));
        Assert.True(told.Count > 1 && told[^1] == 2505 && told.Order().SequenceEqual(told));
        Assert.Equal(new Rotation(0, 0), await keyring.RotateAsync(null, Keys.Cancel));
        await keyring.DisposeAsync();

        await using var again = await OpenAsync();
        Assert.Equal(["k2026-11-22"], (await again.DestroyOldKeksAsync(Keys.Day(65), Keys.Cancel)).Destroyed.Select(static kid => kid.ToString()));
        foreach (var i in Some(sids.Length))
            Assert.Equal([1], await OpenedAsync(again, sids[i], Seal(keys.SealerOf(i), 1)));
        using var after = await again.SuppressionKeysAsync(Keys.Cancel);
        Assert.Equal(before.Tag("+442079460000"), after.Tag("+442079460000"));
    }

    [Fact]
    public async Task Rotation_that_is_stopped_leaves_both_keys_valid_and_goes_on()
    {
        var sids = Keys.Sids(3500);
        await using var keyring = await OpenAsync(create: true);
        using var keys = await keyring.CreateAsync(sids, Keys.Cancel);
        await keyring.BeginKekAsync(Keys.Day(30), Keys.Cancel);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keyring.RotateAsync(new Stopping(stop, 1500), stop.Token));
        await keyring.DisposeAsync();

        await using var again = await OpenAsync();
        Assert.Equal(["k2026-11-22"], (await again.DestroyOldKeksAsync(Keys.Day(65), Keys.Cancel)).StillNeeded.Select(static kid => kid.ToString()));
        foreach (var i in Some(sids.Length))
            Assert.Equal([2], await OpenedAsync(again, sids[i], Seal(keys.SealerOf(i), 2)));
        Assert.InRange((await again.RotateAsync(null, Keys.Cancel)).Rewrapped, 1, 3499);
        Assert.Equal(new Rotation(0, 0), await again.RotateAsync(null, Keys.Cancel));
    }

    [Fact]
    public async Task A_key_destroyed_while_it_is_wrapped_anew_stays_destroyed()
    {
        var sid = Keys.NewSid();
        await using (var keyring = await OpenAsync(create: true))
            (await keyring.CreateAsync([sid], Keys.Cancel)).Dispose();
        await using var store = await StoreAsync(create: false);
        var kid = new Kid(Keys.Day(30));
        var read = await store.NotUnderAsync(kid, 0, 10, Keys.Cancel);
        Assert.Equal(sid, Assert.Single(read).Sid);
        await store.DestroyAsync([sid], Keys.Cancel);
        await store.RewrapAsync(read, [new WrappedKey(kid, read[0].Key.Bytes)], Keys.Cancel);
        Assert.Equal(new KeyringEntry(null, Destroyed: true), await store.FindAsync(sid, Keys.Cancel));
        Assert.Empty(await store.NotUnderAsync(kid, 0, 10, Keys.Cancel));
    }

    [Fact]
    public async Task What_does_not_open_is_left_as_it_is_and_keeps_its_key_encryption_key_alive()
    {
        var sids = Keys.Sids(3);
        await using (var keyring = await OpenAsync(create: true))
            (await keyring.CreateAsync(sids, Keys.Cancel)).Dispose();
        await MeddleAsync("UPDATE dek SET wrapped = (SELECT wrapped FROM dek WHERE n = 1) WHERE n = 2");
        await using var again = await OpenAsync();
        await again.BeginKekAsync(Keys.Day(30), Keys.Cancel);
        Assert.Equal(new Rotation(7, 1), await again.RotateAsync(null, Keys.Cancel));
        Assert.Single((await again.DestroyOldKeksAsync(Keys.Day(1000), Keys.Cancel)).StillNeeded);
    }

    [Fact]
    public async Task A_key_encryption_key_is_destroyed_35_days_after_its_epoch_and_not_before()
    {
        await using var keyring = await OpenAsync(create: true);
        (await keyring.CreateAsync(Keys.Sids(10), Keys.Cancel)).Dispose();
        Assert.False(keyring.IsKekDue(Keys.Day(29)));
        Assert.True(keyring.IsKekDue(Keys.Day(30)));
        await keyring.BeginKekAsync(Keys.Day(30), Keys.Cancel);
        await keyring.RotateAsync(null, Keys.Cancel);
        Assert.Empty((await keyring.DestroyOldKeksAsync(Keys.Day(64), Keys.Cancel)).Destroyed);
        Assert.Single((await keyring.DestroyOldKeksAsync(Keys.Day(65), Keys.Cancel)).Destroyed);
        Assert.Empty((await keyring.DestroyOldKeksAsync(Keys.Day(65), Keys.Cancel)).Destroyed);
        Assert.Empty((await keyring.DestroyOldKeksAsync(Keys.Day(10_000), Keys.Cancel)).Destroyed);
    }

    [Fact]
    public async Task A_key_encryption_key_that_served_longer_is_kept_longer()
    {
        await using var keyring = await OpenAsync(create: true);
        await keyring.BeginKekAsync(Keys.Day(50), Keys.Cancel);
        await keyring.RotateAsync(null, Keys.Cancel);
        Assert.Empty((await keyring.DestroyOldKeksAsync(Keys.Day(84), Keys.Cancel)).Destroyed);
        Assert.Single((await keyring.DestroyOldKeksAsync(Keys.Day(85), Keys.Cancel)).Destroyed);
    }

    [Fact]
    public async Task A_key_encryption_key_that_is_missing_is_named_when_the_keyring_is_opened()
    {
        await using (var keyring = await OpenAsync(create: true))
            await keyring.BeginKekAsync(Keys.Day(30), Keys.Cancel);
        var lines = await File.ReadAllLinesAsync(KekPath, Keys.Cancel);
        await File.WriteAllTextAsync(KekPath, string.Join('\n', [.. lines[..2], lines[3], ""]), Keys.Cancel);
        Assert.Equal(["k2026-11-22"], (await Keys.RefusedAsync("unknown-kek", () => OpenAsync())).Arguments);
    }

    [Fact]
    public async Task Keys_from_the_environment_are_rotated_and_left_to_the_operator()
    {
        var (old, young) = ("k2026-11-22:" + new string('1', 64), "k2026-12-22:" + new string('2', 64));
        var sid = Keys.NewSid();
        await using (var keyring = await Keyring.OpenAsync(await StoreAsync(create: true), EnvironmentKeys.Parse(old), create: true, TimeProvider.System, Keys.Cancel))
            (await keyring.CreateAsync([sid], Keys.Cancel)).Dispose();
        await using (var keyring = await Keyring.OpenAsync(await StoreAsync(create: false), EnvironmentKeys.Parse(old + "," + young), create: false, TimeProvider.System, Keys.Cancel))
        {
            Assert.False(keyring.IsKekDue(Keys.Day(1000)));
            Assert.Equal(new Rotation(6, 0), await keyring.RotateAsync(null, Keys.Cancel));
            var done = await keyring.DestroyOldKeksAsync(Keys.Day(65), Keys.Cancel);
            Assert.Equal(["k2026-11-22"], done.LeftToOperator.Select(static kid => kid.ToString()));
            Assert.Empty(done.Destroyed);
        }

        await using var without = await Keyring.OpenAsync(await StoreAsync(create: false), EnvironmentKeys.Parse(young), create: false, TimeProvider.System, Keys.Cancel);
        Assert.NotNull(await without.FindAsync(sid, Keys.Cancel));
    }

    [Fact]
    public async Task Keys_that_are_nobodys_stay_the_same_and_are_all_different()
    {
        var seen = new List<string>();
        for (var round = 0; round < 2; round++)
        {
            await using var keyring = await OpenAsync(create: round == 0);
            using var suppression = await keyring.SuppressionKeysAsync(Keys.Cancel);
            using var lookup = await keyring.LookupKeyAsync(Keys.Cancel);
            using var token = await keyring.TokenKeyAsync(Keys.Cancel);
            using var receipt = await keyring.ReceiptKeyAsync(Keys.Cancel);
            Assert.Equal(256, receipt.KeySize);
            seen.Add(string.Join(' ', Convert.ToHexString(suppression.Tag("x").ToArray()), Convert.ToHexString(lookup.Mac("ringfence/suppress/v1", "x")),
                Convert.ToHexString(token.Mac("ringfence/suppress/v1", "x")), Convert.ToHexString(receipt.ExportSubjectPublicKeyInfo())));
        }

        Assert.Equal(seen[0], seen[1]);
        Assert.Equal(4, seen[0].Split(' ').Distinct().Count());
    }

    [Fact]
    public async Task A_key_that_is_nobodys_and_was_lost_is_not_made_anew()
    {
        foreach (var name in (string[])["suppress", "lookup", "token", "receipt"])
        {
            await using (await OpenAsync(create: true)) { }
            await MeddleAsync($"DELETE FROM secret WHERE name = '{name}'");
            Assert.Equal([name], (await Keys.RefusedAsync("sealed-otherwise", () => OpenAsync())).Arguments);
        }
    }

    [Fact]
    public async Task A_key_put_in_the_place_of_one_for_another_use_is_refused()
    {
        await using (await OpenAsync(create: true)) { }
        await MeddleAsync("UPDATE secret SET wrapped = (SELECT wrapped FROM secret WHERE name = 'token') WHERE name = 'lookup'");
        Assert.Equal(["lookup"], (await Keys.RefusedAsync("sealed-otherwise", () => OpenAsync())).Arguments);
    }

    [Fact]
    public async Task A_further_suppression_key_wraps_the_tags_there_are()
    {
        await using var keyring = await OpenAsync(create: true);
        using var one = await keyring.SuppressionKeysAsync(Keys.Cancel);
        using var two = await keyring.AddSuppressionKeyAsync(after: 1, Keys.Cancel);
        using var again = await keyring.AddSuppressionKeyAsync(after: 1, Keys.Cancel);
        using var three = await keyring.AddSuppressionKeyAsync(after: 2, Keys.Cancel);
        Assert.Equal((1, 2, 2, 3), (one.Versions, two.Versions, again.Versions, three.Versions));
        var tag = one.Tag("+442079460000");
        Assert.NotEqual(tag, two.Tag("+442079460000"));
        Assert.Equal(two.Tag("+442079460000"), two.Renew(tag, chain: 1));
        Assert.Equal(three.Tag("+442079460000"), three.Renew(tag, chain: 1));
        Assert.Equal(three.Tag("+442079460000"), three.Renew(two.Tag("+442079460000"), chain: 2));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => keyring.AddSuppressionKeyAsync(after: 4, Keys.Cancel));
    }

    [Fact]
    public async Task A_suppression_key_missing_from_the_chain_is_noticed()
    {
        await using (var keyring = await OpenAsync(create: true))
        {
            (await keyring.AddSuppressionKeyAsync(after: 1, Keys.Cancel)).Dispose();
            (await keyring.AddSuppressionKeyAsync(after: 2, Keys.Cancel)).Dispose();
        }

        await MeddleAsync("DELETE FROM secret WHERE name = 'suppress' AND version = 2");
        await Keys.RefusedAsync("sealed-otherwise", () => OpenAsync());
    }

    [Fact]
    public async Task A_keyring_is_known_by_its_id()
    {
        string id;
        await using (var keyring = await OpenAsync(create: true))
            id = keyring.Id;
        Assert.Matches("^[0-9a-f]{32}$", id);
        await using var again = await OpenAsync();
        Assert.Equal(id, again.Id);
    }

    [Fact]
    public async Task No_keyring_is_made_where_none_is_wanted() => await Keys.RefusedAsync("no-keyring", () => StoreAsync(create: false));

    [Fact]
    public async Task People_get_keys_and_lose_them_while_others_do_the_same()
    {
        await using var keyring = await OpenAsync(create: true);
        await Parallel.ForAsync(0, 8, Keys.Cancel, async (_, cancel) =>
        {
            for (var i = 0; i < 10; i++)
            {
                var sids = Keys.Sids(20);
                using var keys = await keyring.CreateAsync(sids, cancel);
                await keyring.DestroyAsync([sids[3]], cancel);
                Assert.Null(await keyring.FindAsync(sids[3], cancel));
                Assert.Equal([4], await OpenedAsync(keyring, sids[4], Seal(keys.SealerOf(4), 4)));
            }
        });
    }

    private async Task<Keyring> OpenAsync(bool create = false)
    {
        var store = await StoreAsync(create);
        var provider = KeyFile.Open(KekPath);
        try
        {
            return await Keyring.OpenAsync(store, provider, create, TimeProvider.System, Keys.Cancel);
        }
        catch
        {
            await store.DisposeAsync();
            provider.Dispose();
            throw;
        }
    }

    private static SealedBlob Seal(Sealer sealer, byte content)
    {
        using (sealer)
            return sealer.Seal(Record, CommitGroup.Person, Salt, [content]);
    }

    private static byte[]? Opened(Sealer sealer, SealedBlob blob)
    {
        using (sealer)
            return sealer.TryOpen(Record, CommitGroup.Person, blob, out var opened) ? opened.Content : null;
    }

    // From each part that is wrapped together, first and last among them: each is asked for by itself.
    private static IEnumerable<int> Some(int count) => Enumerable.Range(0, count).Where(i => i % 11 == 0 || i == count - 1);

    private static async Task<byte[]?> OpenedAsync(Keyring keyring, OpaqueId sid, SealedBlob blob)
    {
        var sealer = await keyring.FindAsync(sid, Keys.Cancel);
        Assert.NotNull(sealer);
        return Opened(sealer, blob);
    }

    private sealed class Told(List<long> told) : IProgress<long>
    {
        public void Report(long value) => told.Add(value);
    }

    private sealed class Stopping(CancellationTokenSource stop, long after) : IProgress<long>
    {
        public void Report(long value)
        {
            if (value >= after)
                stop.Cancel();
        }
    }
}
