using Ringfence.Staff;

namespace Ringfence.Server.Pages;

/// <summary>Who may see a page. There is no other way to say it: a page that says nothing can't be made.</summary>
internal abstract record Access
{
    private Access()
    {
    }

    /// <summary>Whoever comes, such as to sign in.</summary>
    public static Access Anyone { get; } = new Open();

    /// <summary>Whoever is signed in, whatever they may do.</summary>
    public static Access SignedIn { get; } = new Known();

    /// <summary>Whoever has a right for the controller in the path.</summary>
    public static Access Of(Right right) => new Needs(right);

    /// <summary>Whoever comes.</summary>
    public sealed record Open : Access;

    /// <summary>Whoever is signed in.</summary>
    public sealed record Known : Access;

    /// <summary>Whoever has all of these rights for the controller in the path.</summary>
    public sealed record Needs(Right Right) : Access;
}
