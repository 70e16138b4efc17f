namespace Ringfence.Numbers;

/// <summary>A telephone number that is valid under its country's plan, in E.164.</summary>
/// <remarks>Comes from <see cref="NumberReader"/> alone. <see cref="ToString"/> is masked; <see cref="E164"/> is written where the number itself is meant.</remarks>
public readonly struct PhoneNumber : IEquatable<PhoneNumber>
{
    internal PhoneNumber(ulong digits, Region region, NumberType type) => (Digits, Region, Type) = (digits, region, type);

    /// <summary>Country code and national number as one integer, such as 31201234567; 0 for none.</summary>
    public ulong Digits { get; }

    /// <summary>The region whose plan the number follows.</summary>
    public Region Region { get; }

    /// <summary>The kind of line, as far as the plan tells.</summary>
    public NumberType Type { get; }

    /// <summary>E.164, such as <c>+31201234567</c>.</summary>
    public string E164 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"+{Digits}");

    /// <summary>For the US and Canada the ISO 3166-2 code of the one state or province of the area code; null where there are several or none.</summary>
    public string? Subdivision => throw new NotImplementedException();

    /// <summary>Masked, such as <c>+31•••••••67</c>, so that logs and debuggers show no number.</summary>
    public override string ToString()
    {
        var digits = E164;
        return digits.Length <= 7 ? "+•••" : string.Concat(digits.AsSpan(0, 3), new string('•', digits.Length - 5), digits.AsSpan(digits.Length - 2));
    }

    /// <inheritdoc/>
    public bool Equals(PhoneNumber other) => Digits == other.Digits;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PhoneNumber other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Digits.GetHashCode();

    public static bool operator ==(PhoneNumber left, PhoneNumber right) => left.Equals(right);

    public static bool operator !=(PhoneNumber left, PhoneNumber right) => !left.Equals(right);
}

/// <summary>The kind of line, in the words of the numbering plans.</summary>
public enum NumberType : byte
{
    Unknown,
    FixedLine,
    Mobile,

    /// <summary>The plan does not tell the two apart, as in all of the US and Canada.</summary>
    FixedLineOrMobile,
    TollFree,
    PremiumRate,
    SharedCost,
    Voip,
    PersonalNumber,
    Pager,
    Uan,
    Voicemail,
}
