using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>Whom a form is about: a person in the path of a page, or a number or address that nobody is known by, which comes in the form itself.</summary>
/// <param name="Found">The person; null: nobody is known.</param>
/// <param name="Points">Their numbers and addresses; the one that was given, where nobody is known.</param>
internal sealed record ActTarget(FoundContact? Found, IReadOnlyList<PointView> Points)
{
    /// <summary>How they are called, or the number itself as whoever asks gave it.</summary>
    public required string Name { get; init; }

    /// <summary>The same for the title of a page, which browsers remember: a number is masked there.</summary>
    public string Title => Found is null ? Points[0].Point.ToString() : Name;

    /// <summary>What may be done with them now.</summary>
    public IReadOnlyList<ChannelPermission> Line { get; private init; } = [];

    /// <summary>What contact may be for.</summary>
    public IReadOnlyList<string> Purposes { get; private init; } = [];

    /// <summary>The channels that reach any of the numbers and addresses.</summary>
    public ChannelSet Reach => Points.Aggregate(ChannelSet.None, static (reach, point) => reach | point.Point.Channels);

    /// <summary>The number as it goes back in the form; null: the person is in the path.</summary>
    public string? To => Found is null ? Points[0].Point.Value : null;

    /// <summary>Where the person's page is; null: nobody is known.</summary>
    public string? Page => Found is { } found ? ContactPages.PathOf(found.Person.Sid) : null;

    /// <summary>The person in the path.</summary>
    /// <exception cref="PageFault"><c>missing</c>.</exception>
    /// <exception cref="CommandRefusedException"><c>erased</c>: nothing is left of them that could be acted on.</exception>
    public static async Task<ActTarget> InPathAsync(PageCall call)
    {
        var found = await ContactPages.KnownAsync(call);
        PointView[] points = [.. found.Points().Select(static one => PointView.Of(one.Id, one.Point))];
        return points.Length == 0 ? throw new CommandRefusedException("erased") : new ActTarget(found, points) { Name = ContactPages.NameOf(call, found) };
    }

    /// <summary>The person in the path, of whom nothing may be left but what was recorded.</summary>
    /// <exception cref="PageFault"><c>missing</c>.</exception>
    public static async Task<ActTarget> InPathOrErasedAsync(PageCall call)
    {
        var found = await ContactPages.KnownAsync(call);
        return new ActTarget(found, [.. found.Points().Select(static one => PointView.Of(one.Id, one.Point))]) { Name = ContactPages.NameOf(call, found) };
    }

    /// <summary>A number or address from a form; the person, where it turns out to be somebody's.</summary>
    /// <exception cref="CommandRefusedException"><c>not-a-point</c>.</exception>
    public static async Task<ActTarget> OfAsync(PageCall call, string to)
    {
        var point = await ContactPages.PointAsync(call, to) ?? throw new CommandRefusedException("not-a-point");
        if (await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(point), call.Cancel) is not { } found)
            return new ActTarget(null, [PointView.Of(default, point)]) { Name = point.Value };
        return new ActTarget(found, [.. found.Points().Select(static one => PointView.Of(one.Id, one.Point))]) { Name = ContactPages.NameOf(call, found) };
    }

    /// <summary>The same, ready to be shown: who looks is written down first.</summary>
    public async Task<ActTarget> ToShowAsync(PageCall call)
    {
        if (Found is { } found)
            await call.DoAsync(new RevealCommand(call.Actor, found.Person.Sid, "contact"));
        var purposes = await ContactView.PurposesAsync(call, Found?.Person);
        return await (this with { Purposes = purposes }).LineAsync(call, purposes[0]);
    }

    /// <summary>The same with its permission line for a purpose.</summary>
    public async Task<ActTarget> LineAsync(PageCall call, string purpose)
    {
        PointTags[] asked = [.. new[] { PointKind.Phone, PointKind.Email }.Select(kind => Points.FirstOrDefault(point => point.Point.Kind == kind)).OfType<PointView>().Select(point => call.Installation.TagsOf(point.Point))];
        return this with { Line = await PagePermissions.OfAsync(call, asked, purpose, Found?.Person.Records ?? []) };
    }

    /// <summary>What stands against any of the numbers and addresses.</summary>
    public Task<IReadOnlyList<SuppressionRow>> ClosedAsync(PageCall call) =>
        Contacts.SuppressionsAsync(call.Installation, call.Ledger, Points.Select(point => call.Installation.TagsOf(point.Point)), call.Cancel);
}
