using NodaTime;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>How an account stands.</summary>
internal enum AccountStatus : short
{
    /// <summary>Somebody was asked in, and has not come yet: nobody can sign in.</summary>
    Invited,

    Active,

    /// <summary>Nobody can sign in, whatever they know.</summary>
    Suspended,
}

/// <summary>A member of staff.</summary>
/// <param name="Id">Opaque; what records name them by: <c>st-</c> and ten letters.</param>
/// <param name="Mail">The e-mail address they sign in with.</param>
/// <param name="Name">As they are called.</param>
/// <param name="Language">BCP 47; null: what their browser asks for.</param>
/// <param name="Password">Hashed; null: they have none.</param>
/// <param name="Totp">Sealed secret of their app; null: they have none.</param>
/// <param name="TotpStep">The step of the last code that was taken.</param>
/// <param name="Outside">Keyed hash of who they are for the identity provider; null: nobody.</param>
internal sealed record Account(
    string Id, string Mail, string Name, string? Language, AccountStatus Status, string? Password, byte[]? Totp, long? TotpStep, bool LetterKeys, byte[]? Outside, Instant Created);

/// <summary>What somebody is for a controller; <see cref="Everywhere"/> for all there are and will be.</summary>
internal sealed record GivenRole(string Account, string Controller, Role Role)
{
    public const string Everywhere = "*";
}
