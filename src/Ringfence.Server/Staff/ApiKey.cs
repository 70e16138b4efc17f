using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Server.Staff;

/// <summary>A key by which a program calls the HTTP API: <c>rf_CONTROLLER_ID_SECRET</c>. It is shown once; what is kept is a hash of its secret.</summary>
/// <param name="Controller">The controller's word: a key is good for one controller.</param>
/// <param name="Id">The part that may be seen: 10 small letters and digits.</param>
/// <param name="Secret">256 random bits as base64url: long enough that a plain hash keeps it.</param>
internal sealed record ApiKey(string Controller, string Id, string Secret)
{
    private const string Mark = "rf";
    private const int IdLength = 10;
    private const int SecretBytes = 32;

    /// <summary>The secret as it is kept.</summary>
    public byte[] Hash => SHA256.HashData(Encoding.ASCII.GetBytes(Secret));

    /// <summary>A new one.</summary>
    public static ApiKey New(string controller) => new(
        controller, RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", IdLength), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>Reads one as a caller shows it.</summary>
    public static bool TryRead(string? text, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        // The secret may hold the sign that parts the others.
        if (text?.Split('_', 4) is not [Mark, { Length: > 0 } controller, { Length: IdLength } id, { } secret] || secret.Length != Base64Url.GetEncodedLength(SecretBytes))
            return false;
        key = new ApiKey(controller, id, secret);
        return true;
    }

    /// <summary>As it is shown, once.</summary>
    public string Show() => $"{Mark}_{Controller}_{Id}_{Secret}";

    /// <summary>Without its secret.</summary>
    public override string ToString() => $"{Mark}_{Controller}_{Id}_...";
}
