using Ringfence.Gate;

namespace Ringfence.Consent;

/// <summary>What it takes to say yes by a box of a form, and what to take it back: fields to fill and things to press or say.</summary>
/// <remarks>
/// Source: GDPR Art 7(3), "as easy to withdraw as to give consent". Our reading: counted in steps, the fewest that the form demands against the easiest way that is
/// open to whoever was contacted on that channel.
/// </remarks>
/// <param name="Box">The box.</param>
/// <param name="ToGive">Steps to say yes.</param>
/// <param name="ToStop">Steps to take it back; null: there is no way on this channel.</param>
/// <param name="Way">The easiest way: <c>reply</c>, <c>call</c>, <c>message</c>, <c>page</c>, <c>phone</c>, <c>email</c>, <c>account</c>, <c>post</c>; null: none.</param>
public sealed record FormSteps(FormBox Box, int ToGive, int? ToStop, string? Way)
{
    // To open it and to press.
    private const int Page = 2;

    // To sign in, to open the settings, to change them.
    private const int Account = 3;

    // To write it, to put it in an envelope, to pay for it, to take it away.
    private const int Letter = 4;

    /// <summary>Whether stopping is no harder.</summary>
    public bool IsFair => ToStop <= ToGive;

    /// <summary>The steps of every box.</summary>
    public static IReadOnlyList<FormSteps> Of(FormDocument form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return [.. form.Boxes.Select(box => Of(form, box))];
    }

    private static FormSteps Of(FormDocument form, FormBox box)
    {
        var point = box.Channels.HasFlag(ChannelSet.Email) ? FormAsks.Email : FormAsks.Phone;
        // The number or address, and whatever else is demanded; the tick; the button. A code is typed in and sent.
        var fields = form.Fields.Count(field => field.Asks == point || field.IsRequired);
        var give = Math.Max(fields, 1) + 2 + (form.OptIn == FormOptIn.Double ? 2 : 0);
        var written = (box.Channels & (ChannelSet.Sms | ChannelSet.Whatsapp | ChannelSet.Email)) != 0;
        var spoken = (box.Channels & (ChannelSet.Voice | ChannelSet.VoiceAuto)) != 0;
        var stop = form.Stop;
        (int Steps, string Way, bool Open)[] ways =
        [
            (1, "reply", written && stop.Reply is not null),
            (1, "call", spoken && stop.In.HasFlag(StopPlaces.EveryCall)),
            (Page, "message", written && stop.In.HasFlag(StopPlaces.EveryMessage)),
            (form.StopSteps ?? Page, "page", stop.Page is not null),
            (2, "phone", stop.Phone is not null),
            (2, "email", stop.Email is not null),
            (Account, "account", stop.In.HasFlag(StopPlaces.Account)),
            (Letter, "post", stop.Post is not null),
        ];
        var easiest = ways.Where(static way => way.Open).OrderBy(static way => way.Steps).Select(static way => ((int, string)?)(way.Steps, way.Way)).FirstOrDefault();
        return new FormSteps(box, give, easiest?.Item1, easiest?.Item2);
    }
}
