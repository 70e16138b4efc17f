namespace Ringfence.Numbers;

/// <summary>A telephone number that is valid under its country's plan, in E.164.</summary>
/// <remarks>Comes from <see cref="NumberReader"/> alone. <see cref="ToString"/> is masked; <see cref="E164"/> is written where the number itself is meant.</remarks>
public readonly struct PhoneNumber : IEquatable<PhoneNumber>
{
    private static readonly Region UnitedStates = Region.Of("US");
    private static readonly Region Canada = Region.Of("CA");

    internal PhoneNumber(ulong digits, Region region, NumberType type) => (Digits, Region, Type) = (digits, region, type);

    /// <summary>Country code and national number as one integer, such as 31201234567; 0 for none.</summary>
    public ulong Digits { get; }

    /// <summary>The region whose plan the number follows.</summary>
    public Region Region { get; }

    /// <summary>The kind of line, as far as the plan tells.</summary>
    public NumberType Type { get; }

    /// <summary>E.164, such as <c>+31201234567</c>.</summary>
    public string E164 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"+{Digits}");

    /// <summary>The zones in which the line may be, by tz database name: of the number's beginning where it belongs to a place, of its calling code otherwise; empty when unknown.</summary>
    /// <remarks>A call is in time only when it is in time in every one of them. A mobile may be anywhere: they are where its number comes from.</remarks>
    public IReadOnlyList<string> Zones
    {
        get
        {
            Span<byte> room = stackalloc byte[20];
            var digits = NumberWriting.Split(Digits, room);
            var plan = NumberPlan.Instance;
            if (plan.CallingCodeOf(digits) is not { } code)
                return [];
            return IsGeographic(code.Code) ? plan.ZonesOf(digits) : plan.ZonesOfWhole(digits[..code.Length]);
        }
    }

    /// <summary>The zones in which a line may be that can be carried about, such as a mobile: for numbers of +1 those of the whole area code, else <see cref="Zones"/>.</summary>
    /// <remarks>There the plan does not tell mobiles from landlines, and its exchanges are those of the landline era.</remarks>
    public IReadOnlyList<string> ZonesIfMobile =>
        Type is NumberType.FixedLineOrMobile && Digits / 10_000_000_000 == 1 && Zones.Count > 0
            ? NumberPlan.Instance.ZonesOfArea((int)(Digits / 10_000_000 % 1000))
            : Zones;

    /// <summary>States or provinces of the area code, ISO 3166-2, for geographic numbers of the US and Canada; empty otherwise. A hint: numbers are carried along when people move.</summary>
    public IReadOnlyList<string> Subdivisions
    {
        get
        {
            if (Region != UnitedStates && Region != Canada || !IsGeographic(1))
                return [];
            // +1 and ten digits: the area code is what stands before the last seven.
            return NumberPlan.Instance.SubdivisionsOf((int)(Digits / 10_000_000 % 1000));
        }
    }

    /// <summary>As dialled inside the country, such as <c>020 1234567</c>.</summary>
    public string FormatNational() => Format(nationally: true);

    /// <summary>As written for callers from abroad, such as <c>+31 20 123 4567</c>.</summary>
    public string FormatInternational() => Format(nationally: false);

    /// <summary>Reads a text that is one valid number; nothing is guessed or mended.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, Region region, out PhoneNumber number)
    {
        number = NumberReader.Read(text, region).Number;
        return number.Digits != 0;
    }

    /// <summary>Writes E.164; false where there is no number or no room.</summary>
    public bool TryFormatE164(Span<char> to, out int written)
    {
        written = 0;
        if (Digits == 0 || to.IsEmpty || !Digits.TryFormat(to[1..], out written, default, System.Globalization.CultureInfo.InvariantCulture))
            return false;
        to[0] = '+';
        written++;
        return true;
    }

    /// <summary>Writes E.164 in ASCII; false where there is no number or no room.</summary>
    public bool TryFormatE164(Span<byte> to, out int written)
    {
        written = 0;
        if (Digits == 0 || to.IsEmpty || !Digits.TryFormat(to[1..], out written, default, System.Globalization.CultureInfo.InvariantCulture))
            return false;
        to[0] = (byte)'+';
        written++;
        return true;
    }

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

    // Source: the time-zone mapper of libphonenumber. Mexico, Argentina, Brazil, Indonesia and China number mobiles by area.
    private bool IsGeographic(int callingCode) =>
        Type is NumberType.FixedLine or NumberType.FixedLineOrMobile || (Type == NumberType.Mobile && callingCode is 52 or 54 or 55 or 62 or 86);

    private string Format(bool nationally)
    {
        Span<byte> room = stackalloc byte[20];
        var digits = NumberWriting.Split(Digits, room);
        return NumberPlan.Instance.CallingCodeOf(digits) is { } code ? NumberWriting.Format(code.Code, digits[code.Length..], nationally, null) : "";
    }
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
