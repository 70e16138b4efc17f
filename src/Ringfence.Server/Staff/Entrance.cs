using System.Net;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.Staff;

/// <summary>Everything by which people come in to one installation.</summary>
internal sealed class Entrance
{
    /// <param name="installation">What they come in to.</param>
    /// <param name="address">How browsers reach it; null: as they say themselves.</param>
    /// <param name="outside">Who vouches for staff; null: nobody.</param>
    public Entrance(Installation installation, Uri? address, OutsideOptions? outside = null)
    {
        Address = address;
        Accounts = new Accounts(installation);
        Sessions = new Sessions(Accounts, http => IsHttps(http.Request));
        SignIn = new SignIn(installation, Accounts, Sessions);
        SetUp = new SetUp(installation, Accounts);
        Links = new Links(Accounts);
        Factors = new SecondFactors(Accounts);
        Passkeys = new Passkeys(this);
        Outside = outside is null ? null : new Outside(outside, Accounts);
    }

    /// <summary>How browsers reach it; null: as they say themselves.</summary>
    public Uri? Address { get; }

    public Accounts Accounts { get; }

    public Sessions Sessions { get; }

    public SignIn SignIn { get; }

    public SetUp SetUp { get; }

    public Links Links { get; }

    public SecondFactors Factors { get; }

    public Passkeys Passkeys { get; }

    /// <summary>The identity provider; null: there is none.</summary>
    public Outside? Outside { get; }

    /// <summary>Whether a browser reaches it by https, as far as the operator said or is to be seen.</summary>
    public bool IsHttps(HttpRequest request) => request.IsHttps || Address?.Scheme == Uri.UriSchemeHttps;

    /// <summary>Whether passwords may be typed: by https, or on the machine itself. Anywhere else the network would read along.</summary>
    public bool IsPrivate(HttpRequest request) =>
        IsHttps(request) || request.Host.Host is "localhost" || (IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>The address under which a browser asks, without path.</summary>
    public string RootOf(HttpRequest request) => Address?.GetLeftPart(UriPartial.Authority) ?? $"{request.Scheme}://{request.Host}";
}
