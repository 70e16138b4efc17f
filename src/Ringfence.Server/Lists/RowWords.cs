using System.Text;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;

namespace Ringfence.Server.Lists;

/// <summary>What is written again and again about numbers, places and refusals: worded once each. One for each thread.</summary>
internal sealed class RowWords
{
    private const ContactMarks Noted = ContactMarks.Unreadable | ContactMarks.OtherNumber | ContactMarks.TakenFromOther;

    private static readonly string[] RefusalWords = ["consent", "refusal-flag", "notes", "wording", "other"];

    private readonly Dictionary<int, byte[]> notes = [];
    private readonly Dictionary<int, byte[]> traces = [];
    private readonly byte[]?[] refusals = new byte[1 << RefusalWords.Length][];
    private readonly byte[]?[] refusalsBefore = new byte[1 << RefusalWords.Length][];

    /// <summary>The word of a type of number in files, such as <c>fixed-line</c>.</summary>
    public static string TypeWord(NumberType type) => type switch
    {
        NumberType.Unknown => "",
        NumberType.FixedLine => "fixed-line",
        NumberType.Mobile => "mobile",
        NumberType.FixedLineOrMobile => "fixed-line-or-mobile",
        NumberType.TollFree => "toll-free",
        NumberType.PremiumRate => "premium-rate",
        NumberType.SharedCost => "shared-cost",
        NumberType.Voip => "voip",
        NumberType.PersonalNumber => "personal-number",
        NumberType.Pager => "pager",
        NumberType.Uan => "uan",
        NumberType.Voicemail => "voicemail",
    };

    /// <summary>Whether there is a number.</summary>
    public static ReadOnlySpan<byte> Status(NumberFault fault) => fault switch
    {
        NumberFault.None => "valid"u8,
        NumberFault.Missing => "missing"u8,
        _ => "invalid"u8,
    };

    /// <summary>What was noticed about the number.</summary>
    public ReadOnlySpan<byte> Note(in ContactFacts facts)
    {
        var (fault, remarks, marks) = (facts.NumberFault, facts.NumberRemarks, facts.Marks & Noted);
        if (fault == NumberFault.None && remarks == NumberRemarks.None && (marks & ContactMarks.TakenFromOther) == 0)
            return default;
        var key = ((int)remarks << 16) | ((int)fault << 8) | (int)marks;
        if (!notes.TryGetValue(key, out var words))
            notes[key] = words = NoteOf(fault, remarks, marks);
        return words;
    }

    /// <summary>Three cells: what the residence rests on, the type of the number, the kind of source.</summary>
    public ReadOnlySpan<byte> Trace(in ContactFacts facts)
    {
        var type = facts.Number == 0 ? NumberType.Unknown : facts.NumberType;
        var key = ((int)facts.PlaceGround << 16) | ((int)type << 8) | (int)facts.Source;
        if (!traces.TryGetValue(key, out var cells))
            traces[key] = cells = Encoding.UTF8.GetBytes($"{GroundWords(facts.PlaceGround)},{TypeWord(type)},{facts.Source.Word()}");
        return cells;
    }

    /// <summary>Where in its own row a refusal stood; empty for nowhere.</summary>
    public ReadOnlySpan<byte> Refused(RefusalPlaces places) =>
        refusals[(int)places] ??= Encoding.UTF8.GetBytes(string.Join(';', RefusalWords.Where((_, i) => ((int)places & (1 << i)) != 0)));

    /// <summary>The same, up to where the number of another row follows, which refuses too.</summary>
    public ReadOnlySpan<byte> RefusedBy(RefusalPlaces places) =>
        refusalsBefore[(int)places] ??= [.. Refused(places), .. places == RefusalPlaces.None ? "row "u8 : ";row "u8];

    private static byte[] NoteOf(NumberFault fault, NumberRemarks remarks, ContactMarks marks)
    {
        var words = new List<string>();
        if ((marks & ContactMarks.Unreadable) != 0)
            words.Add("unreadable-row");
        else if (fault is not (NumberFault.None or NumberFault.Missing))
            words.Add(fault.Word());
        words.AddRange(NumberWords.AllRemarks.Where(r => (remarks & r) != 0).Select(static r => r.Word()));
        if ((fault != NumberFault.None && (marks & ContactMarks.OtherNumber) != 0) || (marks & ContactMarks.TakenFromOther) != 0)
            words.Add("other-number");
        return Encoding.UTF8.GetBytes(string.Join(';', words));
    }

    private static string GroundWords(PlaceGrounds ground) => (ground & (PlaceGrounds.CountryCell | PlaceGrounds.StateCell | PlaceGrounds.Number)) switch
    {
        PlaceGrounds.None => "",
        _ when (ground & PlaceGrounds.NumberDiffers) != 0 => (ground & PlaceGrounds.CountryCell) != 0 ? "country-cell;number-differs" : "state-cell;number-differs",
        _ when (ground & PlaceGrounds.AreaCodeDiffers) != 0 => (ground & PlaceGrounds.CountryCell) != 0 ? "country-cell;state-cell;area-code-differs" : "state-cell;area-code-differs",
        PlaceGrounds.CountryCell => "country-cell",
        PlaceGrounds.StateCell => "state-cell",
        PlaceGrounds.Number => "number",
        PlaceGrounds.CountryCell | PlaceGrounds.StateCell => "country-cell;state-cell",
        PlaceGrounds.CountryCell | PlaceGrounds.Number => "country-cell;number",
        PlaceGrounds.StateCell | PlaceGrounds.Number => "state-cell;number",
        _ => "country-cell;state-cell;number",
    };
}
