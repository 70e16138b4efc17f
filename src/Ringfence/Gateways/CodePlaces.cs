using Ringfence.Numbers;
using Ringfence.People;

namespace Ringfence.Gateways;

/// <summary>Which numbers a code may go to. Whoever earns by calls and messages to a number has programs ask for codes to it; so only to the places and kinds of line that were named.</summary>
public static class CodePlaces
{
    // Numbers that differ in their last four digits are ten thousand: what one who earns by them holds at a time.
    private const int PrefixWithout = 4;

    /// <summary>The place of a number that a code may go to; null: none may.</summary>
    public static string? PlaceOf(ContactPoint point, CodeLimits limits)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(limits);
        // Satellite and international networks have no place, and none of them is listed.
        return point.Kind == PointKind.Phone && PhoneNumber.TryParse(point.Value, Region.None, out var number)
            && number.Type is NumberType.Mobile or NumberType.FixedLineOrMobile && limits.Places.Contains(number.Region.ToString(), StringComparer.Ordinal) ? number.Region.ToString() : null;
    }

    /// <summary>What a number shares with its neighbours.</summary>
    public static string PrefixOf(ContactPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        return point.Value.Length > PrefixWithout ? point.Value[..^PrefixWithout] : point.Value;
    }
}
