using System.Globalization;

namespace Ringfence.Server.Staff;

/// <summary>How many requests somebody may make in a time.</summary>
/// <param name="OfController">Whether it is for all keys of a controller together, or for each of them.</param>
/// <param name="Scope">Of which kind; null: of every kind that may be limited.</param>
/// <param name="Count">So many.</param>
/// <param name="Window">In so long, counted in steps of that by the clock.</param>
/// <remarks>Somebody's no is never turned away: <c>withdraw</c> and <c>suppress</c> can't be limited.</remarks>
internal sealed record RateLimit(bool OfController, ApiScopes? Scope, int Count, TimeSpan Window)
{
    /// <summary>What can't be limited.</summary>
    public const ApiScopes Free = ApiScopes.Withdraw | ApiScopes.Suppress;

    /// <summary>What holds where nothing is said: whoever finds a key is not to learn who everybody is, nor fill the disk.</summary>
    public const string Default = "key:contacts=600/m;key:import=600/m";

    private const string Key = "key";
    private const string Controller = "controller";
    private const string Every = "*";
    private const string None = "none";

    private static readonly (char Letter, TimeSpan Window)[] Units = [('s', TimeSpan.FromSeconds(1)), ('m', TimeSpan.FromMinutes(1)), ('h', TimeSpan.FromHours(1)), ('d', TimeSpan.FromDays(1))];

    /// <summary>As it is written, without its figures: <c>key:contacts</c>.</summary>
    public string Name { get; } = $"{(OfController ? Controller : Key)}:{(Scope is { } scope ? ScopeWords.Of(scope) : Every)}";

    /// <summary>Whether it is for requests of a kind.</summary>
    public bool IsFor(ApiScopes scope) => (scope & Free) == 0 && (Scope is null || Scope == scope);

    /// <summary>Reads limits such as <c>key:contacts=600/m;controller:*=5000/s</c>, or <c>none</c>.</summary>
    public static bool TryRead(string text, out IReadOnlyList<RateLimit> limits)
    {
        limits = [];
        if (text == None)
            return true;
        var read = new List<RateLimit>();
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (ReadOne(part) is not { } limit || read.Exists(other => other.Name == limit.Name && other.Window == limit.Window))
                return false;
            read.Add(limit);
        }

        limits = read;
        return read.Count > 0;
    }

    private static RateLimit? ReadOne(string text)
    {
        var unit = text.Length < 2 || text[^2] != '/' ? -1 : Array.FindIndex(Units, one => one.Letter == text[^1]);
        if (unit < 0 || text[..^2].Split('=') is not [{ } whose, { } count] || whose.Split(':') is not [Key or Controller, { } of]
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var most) || most == 0)
        {
            return null;
        }

        ApiScopes? scope = null;
        if (of != Every)
        {
            if (!ScopeWords.TryRead(of, out var named) || !System.Numerics.BitOperations.IsPow2((int)named) || (named & Free) != 0)
                return null;
            scope = named;
        }

        return new RateLimit(whose.StartsWith(Controller, StringComparison.Ordinal), scope, most, Units[unit].Window);
    }
}
