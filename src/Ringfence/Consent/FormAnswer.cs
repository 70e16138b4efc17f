using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>What a person answered to a form: the yeses with the number or address that each is about.</summary>
/// <remarks>Nothing is taken for a yes but a box of this form that was ticked; a form that was declined has none, whatever else was sent.</remarks>
public sealed record FormAnswer
{
    // As the fields of the page allow.
    private const int LongestText = 254;

    private FormAnswer()
    {
    }

    /// <summary>The boxes that were ticked, each with the point it is about; none where something is wrong.</summary>
    public required IReadOnlyList<(FormBox Box, ContactPoint Point)> Yeses { get; init; }

    /// <summary>The person's name; null: they gave none.</summary>
    public required string? Name { get; init; }

    /// <summary>Their postal address; null: they gave none.</summary>
    public required string? Address { get; init; }

    /// <summary>Where they live; null: they did not say.</summary>
    public required string? Residence { get; init; }

    /// <summary>Who agrees for somebody under age; null: nobody.</summary>
    public required string? Guardian { get; init; }

    /// <summary>What was typed, and what is wrong with it.</summary>
    public required FormTyped Typed { get; init; }

    /// <summary>Whether it can be taken as it is.</summary>
    public bool IsSound => Typed.Faults.Count == 0;

    /// <summary>Reads what was sent.</summary>
    /// <param name="form">The form that was shown.</param>
    /// <param name="sent">What was sent under the name of a field; null: nothing.</param>
    /// <param name="ticked">The names of the boxes that were sent as ticked.</param>
    /// <param name="declined">Whether the button that says no was pressed.</param>
    /// <param name="named">The boxes to which a yes counts only with a name, as <see cref="FormLint.NamedBoxes"/> finds them; a form that asks for none can't have it.</param>
    public static FormAnswer Read(FormDocument form, Func<string, string?> sent, IReadOnlyCollection<string> ticked, bool declined, IReadOnlySet<string> named)
    {
        ArgumentNullException.ThrowIfNull(named);
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(sent);
        ArgumentNullException.ThrowIfNull(ticked);
        var typed = new FormTyped();
        if (declined)
            return new FormAnswer { Yeses = [], Name = null, Address = null, Residence = null, Guardian = null, Typed = typed };
        var values = new Dictionary<FormAsks, (string Block, string Text)>();
        foreach (var field in form.Fields)
        {
            if (sent(field.Name)?.Trim() is not { Length: > 0 } text)
                continue;
            typed.Keep(field.Name, text.Length <= LongestText ? text : text[..LongestText]);
            if (text.Length > LongestText || text.Any(char.IsControl))
                typed.Blame(field.Name, "error.long");
            values.TryAdd(field.Asks, (field.Name, text));
        }

        var boxes = form.Boxes.Where(box => ticked.Contains(box.Name)).ToArray();
        foreach (var box in boxes)
            typed.Tick(box.Name);
        var residence = Residing(values, typed);
        var region = Region.Of(residence ?? (form.OfferedIn.Select(static place => place[..2]).Distinct().ToArray() is [var only] ? only : ""));
        // A form of several countries can't know which one a number is of that names none.
        var phone = Point(FormAsks.Phone, PointKind.Phone, region == Region.None && values.TryGetValue(FormAsks.Phone, out var number) && !number.Text.AsSpan().TrimStart().StartsWith('+') ? "error.phone.plus" : "error.phone");
        var email = Point(FormAsks.Email, PointKind.Email, "error.email");
        var yeses = new List<(FormBox, ContactPoint)>();
        foreach (var box in boxes)
        {
            var asks = box.Channels.HasFlag(ChannelSet.Email) ? FormAsks.Email : FormAsks.Phone;
            if ((asks == FormAsks.Email ? email : phone) is { } point)
                yeses.Add((box, point));
            else if (!values.ContainsKey(asks))
                typed.Blame(form.Fields.FirstOrDefault(field => field.Asks == asks)?.Name ?? box.Name, "error.point");
        }

        if (!values.ContainsKey(FormAsks.Name) && boxes.Any(box => named.Contains(box.Name)) && form.Fields.FirstOrDefault(static field => field.Asks == FormAsks.Name) is { } name)
            typed.Blame(name.Name, "error.name");
        var guardian = Text(FormAsks.Guardian);
        // Whoever is old enough needs nobody, and whoever needs somebody is not: both at once says nothing.
        if (form.ForChildren && boxes.Length > 0 && (Text(FormAsks.Age) is null) == (guardian is null))
            typed.Blame(form.Fields.FirstOrDefault(static field => field.Asks == FormAsks.Guardian)?.Name ?? "", "error.guardian");
        return new FormAnswer { Yeses = typed.Faults.Count == 0 ? yeses : [], Name = Text(FormAsks.Name), Address = Text(FormAsks.Address), Residence = residence, Guardian = guardian, Typed = typed };

        string? Text(FormAsks asks) => values.TryGetValue(asks, out var value) ? value.Text : null;

        // Something that is no number is told of, whether a yes is about it or not: it was typed in vain.
        ContactPoint? Point(FormAsks asks, PointKind kind, string fault)
        {
            if (!values.TryGetValue(asks, out var value))
                return null;
            if (ContactPoint.TryRead(value.Text, region, out var point) && point.Kind == kind)
                return point;
            typed.Blame(value.Block, fault);
            return null;
        }
    }

    private static string? Residing(Dictionary<FormAsks, (string Block, string Text)> values, FormTyped typed)
    {
        if (!values.TryGetValue(FormAsks.Residence, out var said))
            return null;
        var code = said.Text.ToUpperInvariant();
        if (code.Length == 2 && PlaceGroups.IsPlace(code))
            return code;
        typed.Blame(said.Block, "error.residence");
        return null;
    }
}
