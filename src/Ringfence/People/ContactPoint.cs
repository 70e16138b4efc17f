using System.Diagnostics.CodeAnalysis;
using Ringfence.Lists;
using Ringfence.Numbers;

namespace Ringfence.People;

/// <summary>A telephone number or e-mail address in the one spelling that everything is looked up by.</summary>
/// <remarks>Comes from <see cref="TryRead"/> alone; what has no such spelling is refused. <see cref="ToString"/> is masked.</remarks>
public sealed class ContactPoint : IEquatable<ContactPoint>
{
    private ContactPoint(PointKind kind, string value) => (Kind, Value) = (kind, value);

    public PointKind Kind { get; }

    /// <summary>E.164, such as <c>+31201234567</c>; or an address in lower case.</summary>
    public string Value { get; }

    /// <summary>The channels that reach it.</summary>
    public ChannelSet Channels => Kind == PointKind.Phone ? ChannelSet.Phone : ChannelSet.Email;

    /// <summary>Reads any human spelling.</summary>
    /// <param name="text">As somebody wrote it.</param>
    /// <param name="region">Where a number without country code is; <see cref="Region.None"/>: such a number is refused.</param>
    /// <param name="point">The point.</param>
    public static bool TryRead(ReadOnlySpan<char> text, Region region, [NotNullWhen(true)] out ContactPoint? point)
    {
        point = null;
        if (text.Contains('@'))
        {
            if (EmailCell.Read(text, out var address) != EmailStatus.Valid)
                return false;
            point = new ContactPoint(PointKind.Email, Lower(address));
            return true;
        }

        // A repaired number is a guess, and a second number in the text leaves open which is meant.
        var cell = NumberReader.ReadCell(text, region);
        if (!cell.IsValid || cell.Number == default || (cell.Remarks & (NumberRemarks.Repaired | NumberRemarks.TwoNumbers)) != 0)
            return false;
        point = new ContactPoint(PointKind.Phone, cell.Number.E164);
        return true;
    }

    /// <summary>The point of a number that was read.</summary>
    public static ContactPoint Of(PhoneNumber number) =>
        number == default ? throw new ArgumentException("Not a number.", nameof(number)) : new(PointKind.Phone, number.E164);

    /// <summary>The point of an address that <see cref="EmailCell"/> read.</summary>
    public static ContactPoint OfEmail(ReadOnlySpan<char> address) => new(PointKind.Email, Lower(address));

    public bool Equals(ContactPoint? other) => other is not null && other.Value == Value;

    public override bool Equals(object? obj) => Equals(obj as ContactPoint);

    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    /// <summary>Masked: <c>+31•••••••67</c>, <c>a•••@example.org</c>.</summary>
    public override string ToString() => Kind == PointKind.Phone
        ? string.Concat(Value.AsSpan(0, Math.Min(3, Value.Length)), new string('•', Math.Max(0, Value.Length - 5)), Value.AsSpan(Math.Max(0, Value.Length - 2)))
        : string.Concat(Value.AsSpan(0, 1), "•••", Value.AsSpan(Value.IndexOf('@', StringComparison.Ordinal)));

    // The part before the @ may tell case by the letter of RFC 5321; no provider does, and two spellings of one person would be worse.
    [SuppressMessage("Globalization", "CA1308", Justification = "Addresses are written in lower case.")]
    private static string Lower(ReadOnlySpan<char> address) => address.ToString().ToLowerInvariant();
}
