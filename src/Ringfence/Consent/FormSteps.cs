using Ringfence.Gate;

namespace Ringfence.Consent;

/// <summary>A way to take a yes back, and what it takes.</summary>
/// <param name="Name"><c>reply</c>, <c>call</c>, <c>message</c>, <c>page</c>, <c>phone</c>, <c>email</c>, <c>account</c>, <c>post</c>.</param>
/// <param name="Steps">Fields to fill and things to press or say; null: nobody has counted them.</param>
/// <param name="IsAtHand">Whether it stands in every message, or is open in every call.</param>
public sealed record FormWay(string Name, int? Steps, bool IsAtHand);

/// <summary>What it takes to say yes by a box of a form, and what to take it back: fields to fill and things to press or say.</summary>
/// <remarks>
/// Source: GDPR Art 7(3), "as easy to withdraw as to give consent". Our reading: counted in steps, the fewest that the form demands against the easiest of the ways that
/// every message or call offers to whoever was contacted on that channel; where none does, of the others. Nobody has to look for a way that is at hand.
/// What this program's own pages take is counted on them by a test; what another's take is told by whoever publishes the form, and assumed by nobody.
/// </remarks>
/// <param name="Box">The box.</param>
/// <param name="ToGive">Steps to say yes.</param>
/// <param name="Ways">Each way that is open on this channel.</param>
public sealed record FormSteps(FormBox Box, int ToGive, IReadOnlyList<FormWay> Ways)
{
    /// <summary>To follow the link of a message and to press, on this program's page.</summary>
    public const int Link = 2;

    /// <summary>To stop on this program's page without a link: the number, to have a code sent, the code, to go on, to stop.</summary>
    public const int OwnPage = 5;

    // To dial and to say it; to write it and to send it.
    private const int Told = 2;

    // To sign in, to open the settings, to change them.
    private const int Account = 3;

    // To write it, to put it in an envelope, to pay for it, to take it away.
    private const int Letter = 4;

    /// <summary>The way that is compared; null: there is none on this channel, or its steps were not counted.</summary>
    public FormWay? Easiest => Ways.Where(static way => way.Steps is not null).OrderByDescending(static way => way.IsAtHand).ThenBy(static way => way.Steps).FirstOrDefault();

    /// <summary>Steps to take it back by that way.</summary>
    public int? ToStop => Easiest?.Steps;

    /// <summary>Its name.</summary>
    public string? Way => Easiest?.Name;

    /// <summary>Whether stopping is no harder.</summary>
    public bool IsFair => ToStop <= ToGive;

    /// <summary>The steps of every box.</summary>
    public static IReadOnlyList<FormSteps> Of(FormDocument form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return [.. form.Boxes.Select(box => Of(form, box))];
    }

    /// <summary>Whether a page on which people stop is one of this program's, where a number or address is typed: <c>/why/CONTROLLER</c>, <c>/p/CONTROLLER</c>.</summary>
    /// <param name="page">The page.</param>
    /// <param name="site">Where this program is reached; null: nobody said.</param>
    public static bool IsOwn(string page, Uri? site) =>
        site is not null && Uri.TryCreate(page, UriKind.Absolute, out var at) && at.GetLeftPart(UriPartial.Authority) == site.GetLeftPart(UriPartial.Authority) && at.AbsolutePath.Split('/') is ["", "why" or "p", { Length: > 0 }] or ["", "why" or "p", { Length: > 0 }, ""];

    private static FormSteps Of(FormDocument form, FormBox box)
    {
        var point = box.Channels.HasFlag(ChannelSet.Email) ? FormAsks.Email : FormAsks.Phone;
        // The number or address, and whatever else is demanded; the tick; the button. A code is typed in and sent.
        var fields = form.Fields.Count(field => field.Asks == point || field.IsRequired);
        var give = Math.Max(fields, 1) + 2 + (form.OptIn == FormOptIn.Double ? 2 : 0);
        var written = (box.Channels & (ChannelSet.Sms | ChannelSet.Whatsapp | ChannelSet.Email)) != 0;
        var spoken = (box.Channels & (ChannelSet.Voice | ChannelSet.VoiceAuto)) != 0;
        var stop = form.Stop;
        (FormWay Way, bool IsOpen)[] ways =
        [
            (new FormWay("reply", 1, true), written && stop.Reply is not null),
            (new FormWay("call", 1, true), spoken && stop.In.HasFlag(StopPlaces.EveryCall)),
            (new FormWay("message", Link, true), written && stop.In.HasFlag(StopPlaces.EveryMessage)),
            (new FormWay("page", form.StopSteps, false), stop.Page is not null),
            (new FormWay("phone", Told, false), stop.Phone is not null),
            (new FormWay("email", Told, false), stop.Email is not null),
            (new FormWay("account", Account, false), stop.In.HasFlag(StopPlaces.Account)),
            (new FormWay("post", Letter, false), stop.Post is not null),
        ];
        return new FormSteps(box, give, [.. ways.Where(static way => way.IsOpen).Select(static way => way.Way)]);
    }
}
