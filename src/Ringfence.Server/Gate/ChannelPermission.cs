using Ringfence.Gate;

namespace Ringfence.Server.Gate;

/// <summary>How somebody stands on one channel.</summary>
public enum PermissionStanding
{
    /// <summary>They may be contacted.</summary>
    Open,

    /// <summary>Not now; time alone stands in the way.</summary>
    Later,

    /// <summary>They may not be contacted.</summary>
    Closed,

    /// <summary>They may not be contacted, and nobody ever asked them.</summary>
    NotAsked,

    /// <summary>Nothing is known of them that this channel reaches.</summary>
    Nowhere,

    /// <summary>The gate is shut: nobody may be contacted, whoever it is.</summary>
    Shut,
}

/// <summary>What may be done with somebody on one channel for one purpose, as of now.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Standing">The answer in one word.</param>
/// <param name="Verdict">The answer of the gate; null: it was not asked.</param>
/// <param name="Told">The same in words; null likewise.</param>
#pragma warning disable CA1711 // the word of the field; the framework's permissions are of another kind, and gone
public sealed record ChannelPermission(Channel Channel, PermissionStanding Standing, Verdict? Verdict = null, Explanation? Told = null)
#pragma warning restore CA1711
{
    /// <summary>Since when they are closed by a no; null: no no closes them, or nobody knows.</summary>
    public NodaTime.Instant? Since { get; init; }

    /// <summary>Whether they may be contacted now.</summary>
    public bool IsOpen => Standing == PermissionStanding.Open;

    /// <summary>The class that colours it.</summary>
    public string Tone => Standing switch
    {
        PermissionStanding.Open => "is-ok",
        PermissionStanding.Later => "is-wait",
        PermissionStanding.Closed or PermissionStanding.Shut => "is-no",
        PermissionStanding.NotAsked or PermissionStanding.Nowhere => "is-un",
    };

    /// <summary>What the rest of a symbol's name is: <c>ring-WORD</c>, <c>perm-WORD</c>.</summary>
    public string Glyph => Standing switch
    {
        PermissionStanding.Open => "yes",
        PermissionStanding.Later => "wait",
        PermissionStanding.Closed or PermissionStanding.Shut => "no",
        PermissionStanding.NotAsked or PermissionStanding.Nowhere => "un",
    };
}
