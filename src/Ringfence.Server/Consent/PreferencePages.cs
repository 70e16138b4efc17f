using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Codes;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary>Where somebody sees what they agreed to, and has less of it, or none. They come by a link that was sent to their number or address: by that alone they can reduce contact, and nothing else.</summary>
internal static class PreferencePages
{
    /// <summary>As records call whoever comes this way.</summary>
    public const string Way = "preference-centre";

    private const int HalfHour = 1800;
    private const int MostPurposes = 64;

    /// <summary>How often at most, as the form offers it.</summary>
    public static readonly IReadOnlyList<(string Word, int Most, Period Within)> Rates =
        [("1-P1M", 1, Period.FromMonths(1)), ("2-P1M", 2, Period.FromMonths(1)), ("4-P1M", 4, Period.FromMonths(1)), ("1-P3M", 1, Period.FromMonths(3)), ("1-P1Y", 1, Period.FromYears(1))];

    /// <summary>For how long contact rests, as the form offers it.</summary>
    public static readonly IReadOnlyList<(string Word, Period For)> Pauses =
        [("P1M", Period.FromMonths(1)), ("P3M", Period.FromMonths(3)), ("P6M", Period.FromMonths(6)), ("P1Y", Period.FromYears(1))];

    /// <summary>The longest that a day may lie ahead; who wants more than that wants it stopped.</summary>
    public static Period LongestPause { get; } = Period.FromYears(10);

    /// <summary>The times of day that the form offers.</summary>
    public static readonly IReadOnlyList<int> Times = [.. Enumerable.Range(14, 31).Select(static half => half * HalfHour)];

    /// <summary>Whoever writes what people do here.</summary>
    public static Actor Person { get; } = new(ActorKind.Person, "self");

    private static RefusalFacts Facts { get; } = new(SuppressedBy.Person, SuppressionKind.Suppression, Way);

    // The link had gone to their number or address: there they can be told what came of it.
    private static RefusalFacts FactsOf(PageCall call, PreferenceView view) => Facts with { Answer = CodeWay.AnswerOf(call, view.Point.Kind) };

    /// <summary>What stands after a controller's word in the address of somebody's choices.</summary>
    public static string PathOf(PageCall call, PersonLink link) => $"/p/{Uri.EscapeDataString(call.Controller)}/{call.Installation.Links.Make(call.Controller, LinkAct.Preferences, link)}";

    /// <summary><c>GET p/{controller}/{token}</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call) => await ShowAsync(call, await ViewAsync(call) with { Done = call.Query("done") });

    /// <summary><c>POST p/{controller}/{token}/stop</c>: everything, on every number and address of theirs.</summary>
    public static async Task<PageAnswer> StopAsync(PageCall call)
    {
        var view = await ViewAsync(call);
        await SayNoAsync(call, view, SuppressionScope.Everything);
        return Here(call, "stopped");
    }

    /// <summary><c>POST p/{controller}/{token}</c>: less contact by the link alone; more, too, by whoever told a code.</summary>
    public static async Task<PageAnswer> SaveAsync(PageCall call)
    {
        var view = await ViewAsync(call);
        var form = await call.FormAsync();
        // Where the time of a code is over, what the link alone may do is done all the same.
        view = OwnPages.Opened(call, view, form);
        var state = view.State;
        var (had, yes) = (form.All("had").ToHashSet(StringComparer.Ordinal), state.Keep("yes", form.All("yes")).ToHashSet(StringComparer.Ordinal));
        var wishes = ReadWishes(call, form, state, view);
        form.Done();
        // What they saw ticked and unticked; a yes that came meanwhile by another way is none of this.
        ApiFault? told = null;
        foreach (var scope in TakenBack(view.Yeses.Where(one => had.Contains(one) && !yes.Contains(one))))
        {
            try
            {
                await SayNoAsync(call, view, scope);
            }
            catch (ApiFault fault) when (fault.Code is SayingNo.Kept or SayingNo.NotKept)
            {
                // The others are heard, too; and one that is not kept is told before those that are.
                told = told?.Code == SayingNo.NotKept ? told : fault;
            }
        }

        if (told is not null)
            return await NoKept.ShowAsync(call, told, hasRest: true);
        // A no waits for nothing, least of all for hours that were typed the wrong way round.
        if (!state.IsSound)
            return await AgainAsync(call, view);
        try
        {
            if (wishes is not null)
                await call.DoAsync(new WishCommand(Person, view.Found.Person.Sid, wishes, narrow: view.Opened is null));
        }
        catch (CommandRefusedException e) when (e.Code == "wish-widens")
        {
            state.Blame("hours", call.T("Pref.Widens"));
            return await AgainAsync(call, view);
        }

        return view.Opened is null ? Here(call, "saved") : await OwnPages.ShowAsync(call, view, "saved");
    }

    /// <summary>Keeps what they took back, while what they had agreed to can't be read: of that only what their page showed them counts, and what is kept only closes.</summary>
    public static async Task<PageAnswer> KeepAsync(PageCall call, PersonLink link)
    {
        var form = await call.FormAsync();
        var yes = form.All("yes").ToHashSet(StringComparer.Ordinal);
        var scopes = TakenBack(form.All("had").Where(one => !yes.Contains(one)));
        // No no is among it: the rest can wait.
        return scopes.Count == 0 ? throw new ApiFault(StatusCodes.Status503ServiceUnavailable, "store-away")
            : await NoKept.ShowAsync(call, SayingNo.Keep(call.Installation, call.Path("controller"), link, Person, scopes, Facts), hasRest: true);
    }

    // Each as its box was called, such as offers/sms; what names no channel and no purpose was none of ours.
    private static IReadOnlyList<SuppressionScope> TakenBack(IEnumerable<string> boxes)
    {
        var purposes = new SortedDictionary<string, ChannelSet>(StringComparer.Ordinal);
        foreach (var box in boxes)
        {
            var purpose = box[..Math.Max(0, box.LastIndexOf('/'))];
            if (ScopeArguments.IsPurpose(purpose) && Channels.TryParse(box.AsSpan(purpose.Length + 1), out var channel))
                purposes[purpose] = purposes.GetValueOrDefault(purpose) | channel.Only();
        }

        // No page has so many: whoever sends them may mean any.
        return purposes.Count > MostPurposes ? [new SuppressionScope(purposes.Values.Aggregate(static (all, one) => all | one), null)]
            : [.. purposes.Select(static one => new SuppressionScope(one.Value, [one.Key]))];
    }

    /// <summary>Whom the link in the path is for. A link that was not made here, and one that leads to nobody any more, are answered alike.</summary>
    /// <exception cref="PageFault"><c>no-link</c>.</exception>
    public static async Task<PreferenceView> ViewAsync(PageCall call) =>
        call.Link is { } link && await PreferenceView.ReadAsync(call, link) is { } view ? view : throw new PageFault(StatusCodes.Status404NotFound, "no-link");

    // What was said no to is written by now; the rest is as they typed it.
    private static async Task<PageAnswer> AgainAsync(PageCall call, PreferenceView view) =>
        await ShowAsync(call, await ViewAsync(call) with { State = view.State, Opened = view.Opened }, StatusCodes.Status422UnprocessableEntity);

    private static PageAnswer Here(PageCall call, string done) =>
        PageCall.SeeOther($"/p/{Uri.EscapeDataString(call.Controller)}/{call.Path("token")}?done={done}&lang={call.Words.Tag}");

    private static Task<CommandAnswer> SayNoAsync(PageCall call, PreferenceView view, SuppressionScope scope)
    {
        IReadOnlyList<PointTags> tags = [call.Installation.TagsOf(view.Point)];
        return SayingNo.DoAsync(
            call.Installation, call.Ledger, Person, tags, scope, FactsOf(call, view),
            () => Task.FromResult<IReadOnlyList<PointTags>>([.. view.Found.Points().Select(point => call.Installation.TagsOf(point.Point))]), null, call.Cancel);
    }

    /// <summary>The page.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call, PreferenceView view, int status = StatusCodes.Status200OK) =>
        call.PageAsync<PreferencePage>(call.T("Pref.Title"), view, status);

    // Null: nothing is said about it.
    private static Wishes? ReadWishes(PageCall call, PageForm form, FormState state, PreferenceView view)
    {
        var days = state.Keep("day", form.All("day"));
        var (from, until) = (state.Keep("from", form.TextOrNull("from")), state.Keep("until", form.TextOrNull("until")));
        var (often, pause, pauseDay) = (state.Keep("often", form.TextOrNull("often")), state.Keep("pause", form.TextOrNull("pause")), state.Keep("pauseDay", form.TextOrNull("pauseDay")));
        if (!form.Has("wishes"))
            return null;
        var mask = (byte)days.Select(static day => day is [>= '0' and <= '6'] ? day[0] - '0' : -1).Where(static day => day >= 0).Aggregate(0, static (all, day) => all | (1 << day));
        var (begin, end) = (TimeOf(from) ?? 0, TimeOf(until) ?? 86_400);
        if (mask == 0)
            state.Blame("day", call.T("Pref.NoDay"));
        if (begin >= end)
            state.Blame("until", call.T("Pref.NoHour"));
        // What the form can't show stays as it was.
        IReadOnlyList<WeeklyWindow> hours = view.Wishes.Hours.Count > 1 && form.Has("keepHours") ? view.Wishes.Hours
            : mask == 127 && begin == 0 && end == 86_400 ? [] : [new WeeklyWindow(mask, begin, end)];
        _ = form.All("keepHours");
        _ = form.All("wishes");
        var rate = Rates.FirstOrDefault(one => one.Word == often);
        return new Wishes
        {
            Hours = hours,
            Most = rate.Word is not null ? new Promise(rate.Most, rate.Within, ChannelSet.All) : often == "as-is" ? view.Wishes.Most : null,
            PausedUntil = ReadPause(call, state, view, pause, pauseDay),
        };
    }

    // Of a length and a day the one that lasts longer.
    private static Moment? ReadPause(PageCall call, FormState state, PreferenceView view, string? pause, string? day)
    {
        var today = call.Now.InUtc().Date;
        var chosen = Pauses.FirstOrDefault(one => one.Word == pause) is { Word: not null } rest ? Moment.On(today + rest.For) : pause == "as-is" ? view.Wishes.PausedUntil : null;
        if (day is null or "")
            return chosen;
        if (LocalDatePattern.Iso.Parse(day) is not { Success: true, Value: var last } || last < today || last > today + LongestPause)
        {
            state.Blame("pauseDay", call.T("Pref.Pause.NoDay", call.Words.Date(today + LongestPause)));
            return chosen;
        }

        return chosen is { } later && Moment.On(last) < later ? later : Moment.On(last);
    }

    private static int? TimeOf(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var second) && second is >= 0 and <= 86_400 && second % HalfHour == 0 ? second : null;
}
