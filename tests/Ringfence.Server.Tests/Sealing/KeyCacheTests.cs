using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class KeyCacheTests
{
    private readonly HandTurnedClock clock = new();

    [Fact]
    public void A_key_is_kept_for_two_terms_at_most()
    {
        using var cache = new KeyCache(10, TimeSpan.FromMinutes(5), clock);
        var sid = Keys.NewSid();
        cache.Keep(sid, Key(1), cache.Destructions);
        Assert.Equal(Key(1), Found(cache, sid));
        clock.Tick();
        Assert.Equal(Key(1), Found(cache, sid));
        clock.Tick();
        Assert.Null(Found(cache, sid));
    }

    [Fact]
    public void No_more_keys_are_kept_than_two_generations()
    {
        using var cache = new KeyCache(10, TimeSpan.FromMinutes(5), clock);
        var sids = Keys.Sids(100);
        for (var i = 0; i < sids.Length; i++)
        {
            cache.Keep(sids[i], Key((byte)i), cache.Destructions);
            Assert.Equal(Key((byte)i), Found(cache, sids[i]));
        }

        Assert.InRange(sids.Count(sid => Found(cache, sid) is not null), 10, 20);
    }

    [Fact]
    public void A_destroyed_key_is_forgotten_in_either_generation()
    {
        using var cache = new KeyCache(10, TimeSpan.FromMinutes(5), clock);
        var sids = Keys.Sids(3);
        cache.Keep(sids[0], Key(0), cache.Destructions);
        clock.Tick();
        cache.Keep(sids[1], Key(1), cache.Destructions);
        cache.Keep(sids[2], Key(2), cache.Destructions);
        cache.Destroy(sids[..2]);
        Assert.Null(Found(cache, sids[0]));
        Assert.Null(Found(cache, sids[1]));
        Assert.Equal(Key(2), Found(cache, sids[2]));
    }

    [Fact]
    public void A_key_that_was_read_before_a_destruction_is_not_kept_after_it()
    {
        using var cache = new KeyCache(10, TimeSpan.FromMinutes(5), clock);
        var sid = Keys.NewSid();
        var readAt = cache.Destructions;
        cache.Destroy([sid]);
        cache.Keep(sid, Key(1), readAt);
        Assert.Null(Found(cache, sid));
        cache.Keep(sid, Key(1), cache.Destructions);
        Assert.NotNull(Found(cache, sid));
    }

    private static byte[] Key(byte seed) => [.. Enumerable.Repeat((byte)(seed + 1), 32)];

    private static byte[]? Found(KeyCache cache, OpaqueId sid)
    {
        var key = new byte[32];
        return cache.TryGet(sid, key) ? key : null;
    }

    // Its timers go off when they are told to.
    private sealed class HandTurnedClock : TimeProvider
    {
        private Action tick = static () => { };

        public void Tick() => tick();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Assert.Equal(TimeSpan.FromMinutes(5), dueTime);
            Assert.Equal(dueTime, period);
            tick = () => callback(state);
            return new Idle();
        }

        private sealed class Idle : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
