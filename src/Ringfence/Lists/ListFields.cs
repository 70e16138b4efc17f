namespace Ringfence.Lists;

/// <summary>The words of fields, as in <c>--map phone=Rufnummer</c> and in reports; a consent field may carry a channel, as in <c>consent.sms</c>.</summary>
public static class ListFields
{
    private static readonly string[] Words =
    [
        "none", "id", "name", "given-name", "family-name", "company", "country", "state", "phone", "other-phone", "email", "source",
        "consent", "refusal", "consent-date", "consent-until", "consent-wording", "consent-method", "last-activity", "created", "notes",
        "born", "age", "other-email", "minor",
    ];

    /// <summary>All fields, <see cref="ListField.None"/> first.</summary>
    public static IReadOnlyList<ListField> All { get; } = Enum.GetValues<ListField>();

    /// <summary>The words of all fields, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> AllWords => Words;

    /// <summary>The word of a field.</summary>
    public static string Word(this ListField field) => Words[(int)field];

    /// <summary>The word of a field with its channels: <c>consent.voice</c>, <c>refusal.sms+whatsapp</c>; the bare word where no or every channel is meant.</summary>
    public static string Word(this ListField field, ChannelSet channels) =>
        !HasChannels(field) || channels is ChannelSet.None or ChannelSet.All
            ? field.Word()
            : $"{field.Word()}.{string.Join('+', Channels.All.Where(c => channels.Has(c)).Select(c => c.Word()))}";

    /// <summary>Whether a field speaks of channels: consent, refusal, and what belongs to a consent.</summary>
    public static bool HasChannels(this ListField field) => field
        is ListField.Consent or ListField.Refusal or ListField.ConsentAt or ListField.ConsentUntil or ListField.ConsentWording
        or ListField.ConsentMethod;

    /// <summary>Whether several columns of one list may tell the field, each with something of its own to say.</summary>
    public static bool MayRepeat(this ListField field) =>
        field is ListField.None or ListField.OtherPhone or ListField.OtherEmail or ListField.Consent or ListField.Refusal or ListField.Notes;

    /// <summary>Reads a field's word, whatever its case, with the channels behind its dot.</summary>
    public static bool TryParse(ReadOnlySpan<char> word, out ListField field, out ChannelSet channels)
    {
        field = ListField.None;
        channels = ChannelSet.None;
        word = word.Trim();
        var dot = word.IndexOf('.');
        var name = dot < 0 ? word : word[..dot];
        var index = -1;
        for (var i = 0; i < Words.Length && index < 0; i++)
        {
            if (name.Equals(Words[i], StringComparison.OrdinalIgnoreCase))
                index = i;
        }

        if (index < 0)
            return false;
        field = (ListField)index;
        if (dot < 0)
            return true;
        if (!field.HasChannels())
            return false;
        var rest = word[(dot + 1)..];
        foreach (var part in rest.Split('+'))
        {
            if (!Channels.TryParse(rest[part].Trim(), out var channel))
                return false;
            channels |= channel.Only();
        }

        return true;
    }
}
