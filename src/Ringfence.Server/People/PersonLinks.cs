using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.People;

/// <summary>What a link lets somebody do. One that was made for one of these opens no other.</summary>
internal enum LinkAct : byte
{
    /// <summary>See masked, and reduce, what they agreed to.</summary>
    Preferences,

    /// <summary>Stop what the link came with.</summary>
    Stop,

    /// <summary>See how a request of theirs stands.</summary>
    Request,

    /// <summary>Confirm by a code what they filled in in a form of a social network.</summary>
    Lead,
}

/// <summary>Whom a link is for.</summary>
/// <param name="Subject">The person, or whatever else has an id of its own, such as a request.</param>
/// <param name="Point">The number or address that it was sent to, or what it is about; none: it was not sent to one.</param>
internal readonly record struct PersonLink(OpaqueId Subject, OpaqueId Point);

/// <summary>Makes and reads what stands in links: ids that tell nothing, signed for one person, one controller and one act. Safe for many threads.</summary>
/// <remarks>They are not kept anywhere: whatever they lead to is looked up when somebody comes by them, and is gone when it is gone.</remarks>
internal sealed class PersonLinks(SecretKey key) : IDisposable
{
    private const int MacBytes = 16;
    private const int Bytes = (2 * OpaqueId.Size) + MacBytes;

    /// <summary>Signs behind one that count for nothing: programs that find addresses in a text take what ends its sentence for a part of them, such as a full stop, a bracket, a 。</summary>
    public const int MostBehind = 4;

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Characters of one.</summary>
    public static int Length { get; } = Base64Url.GetEncodedLength(Bytes);

    /// <summary>Makes what stands in a link.</summary>
    public string Make(string controller, LinkAct act, PersonLink link)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        link.Subject.CopyTo(bytes);
        link.Point.CopyTo(bytes[OpaqueId.Size..]);
        Mac(controller, act, link).AsSpan(0, MacBytes).CopyTo(bytes[(2 * OpaqueId.Size)..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads it, whatever ends a sentence behind it; false: it was not made here for this controller and this act.</summary>
    public bool TryRead(string controller, LinkAct act, string? token, out PersonLink link)
    {
        link = default;
        Span<byte> bytes = stackalloc byte[Bytes];
        Span<byte> text = stackalloc byte[Base64Url.GetEncodedLength(Bytes)];
        if (token is null || token.Length < text.Length || token.Length > text.Length + MostBehind || token.AsSpan(0, text.Length).ContainsAnyExcept(Letters) || token.AsSpan(text.Length).ContainsAny(Letters))
            return false;
        Encoding.ASCII.GetBytes(token.AsSpan(0, text.Length), text);
        if (Base64Url.DecodeFromUtf8(text, bytes, out _, out var written) != OperationStatus.Done || written != Bytes)
            return false;
        var read = new PersonLink(new OpaqueId(bytes[..OpaqueId.Size]), new OpaqueId(bytes[OpaqueId.Size..(2 * OpaqueId.Size)]));
        if (!CryptographicOperations.FixedTimeEquals(bytes[(2 * OpaqueId.Size)..], Mac(controller, act, read).AsSpan(0, MacBytes)))
            return false;
        link = read;
        return true;
    }

    /// <summary>What a form carries of whoever has shown that a number or address is theirs.</summary>
    /// <param name="controller">Whose page it is.</param>
    /// <param name="act">What the code was for: it opens nothing else.</param>
    /// <param name="point">The number or address.</param>
    /// <param name="until">So long it stays open.</param>
    public string Open(string controller, CodeAct act, ContactPoint point, Instant until)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long) + MacBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, until.ToUnixTimeSeconds());
        OpenedMac(controller, act, point, until.ToUnixTimeSeconds()).AsSpan(0, MacBytes).CopyTo(bytes[sizeof(long)..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Whether a form comes from whoever has, not long ago.</summary>
    public bool IsOpened(string controller, CodeAct act, ContactPoint point, string? opened, Instant now) => OpenUntil(controller, act, point, opened) is { } until && now < until;

    /// <summary>Until when what a form carries is good, though that may be over; null: it was not made here for this.</summary>
    public Instant? OpenUntil(string controller, CodeAct act, ContactPoint point, string? opened)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long) + MacBytes];
        Span<byte> text = stackalloc byte[Base64Url.GetEncodedLength(bytes.Length)];
        if (opened is null || opened.Length != text.Length || !opened.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return null;
        Encoding.ASCII.GetBytes(opened, text);
        if (Base64Url.DecodeFromUtf8(text, bytes, out _, out var written) != OperationStatus.Done || written != bytes.Length)
            return null;
        var until = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return CryptographicOperations.FixedTimeEquals(bytes[sizeof(long)..], OpenedMac(controller, act, point, until).AsSpan(0, MacBytes)) ? Instant.FromUnixTimeSeconds(until) : null;
    }

    public void Dispose() => key.Dispose();

    private byte[] OpenedMac(string controller, CodeAct act, ContactPoint point, long until) => key.Mac("ringfence/opened/v1/" + act, string.Create(CultureInfo.InvariantCulture, $"{controller}\n{until}\n{point.Value}"));

    private byte[] Mac(string controller, LinkAct act, PersonLink link) => key.Mac("ringfence/link/v1/" + act, $"{controller}\n{link.Subject}\n{link.Point}");
}
