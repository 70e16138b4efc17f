using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Codes;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary>One contact that was made, as the person who was contacted sees it.</summary>
/// <param name="At">When it was let through.</param>
/// <param name="Channel">How.</param>
/// <param name="Purpose">What for; null: not said.</param>
/// <param name="Agent">Who made it, as the records call them; null: not said.</param>
/// <param name="Outcome">What became of it; null: nobody said.</param>
/// <param name="Consent">The record of the yes that it rested on; null: there was none, or it can't be told any more.</param>
/// <param name="AgreedAt">When they said yes.</param>
/// <param name="Words">The words they agreed to, and their language; null: none are kept.</param>
internal sealed record MadeContact(Instant At, Channel Channel, string? Purpose, string? Agent, Outcome? Outcome, long? Consent, Instant? AgreedAt, (string Text, string Language)? Words);

/// <summary>Why somebody was contacted, told to whoever has the number or address, and to nobody else: a code goes there first, and until it is told nobody learns whether anything is known at all.</summary>
internal static class WhyPages
{
    private const int MostContacts = 50;

    // Somewhere it is that day from fourteen hours before it is in Greenwich to twelve hours after it was.
    private static readonly Duration East = Duration.FromHours(14);
    private static readonly Duration West = Duration.FromHours(12);
    private static readonly Duration Open = Duration.FromMinutes(20);

    /// <summary>What the page shows once the code was right.</summary>
    /// <param name="To">The number or address, as it goes back in forms.</param>
    /// <param name="Opened">By which the page's buttons are known to be theirs.</param>
    /// <param name="Missed">Whether a contact was sought that is not there, so that these are the last ones.</param>
    internal sealed record Model(ContactPoint Point, string To, string Opened, bool IsKnown, IReadOnlyList<MadeContact> Contacts, bool IsStopped, bool Missed);

    /// <summary>Which contact somebody asks about; nothing: the last ones.</summary>
    /// <param name="Day">On which day it was, wherever they are.</param>
    /// <param name="Reference">What stands in the message: the permit it was made by.</param>
    private readonly record struct Sought(LocalDate? Day, OpaqueId? Reference)
    {
        public bool IsAny => Day is not null || Reference is not null;

        public IEnumerable<(string Name, string Value)> Fields
        {
            get
            {
                if (Day is { } day)
                    yield return ("day", LocalDatePattern.Iso.Format(day));
                if (Reference is { } reference)
                    yield return ("reference", PermitsApi.Mark + reference);
            }
        }

        public bool Fits(PermitRow permit)
        {
            var at = Micros.ToInstant(permit.Redeemed!.Value);
            return (Reference is not { } reference || new OpaqueId(permit.Id) == reference)
                && (Day is not { } day || ((at + East).InUtc().Date >= day && (at - West).InUtc().Date <= day));
        }
    }

    /// <summary><c>GET why/{controller}</c>.</summary>
    public static Task<PageAnswer> AskAsync(PageCall call) => AskAsync(call, new FormState());

    /// <summary><c>POST why/{controller}</c>: sends a code. Whether anybody is known makes no difference.</summary>
    public static async Task<PageAnswer> SendAsync(PageCall call)
    {
        var (form, state) = (await call.FormAsync(), new FormState());
        var to = state.Keep("to", form.TextOrNull("to"));
        var sought = Read(call, form, state);
        form.Done();
        var point = await PointAsync(call, to);
        if (point is null)
            state.Blame("to", call.T("WhyMe.BadTo"));
        if (point is null || !state.IsSound)
            return await AskAsync(call, state, StatusCodes.Status422UnprocessableEntity);

        if (CodeWay.Of(call, point) is not { } how)
            return await AskUs.ShowAsync(call);
        var session = Staff.Token.New();
        await call.Served.Codes.SendAsync(Target(call, session, point), how, call.Cancel);
        return await CodeAsync(call, point, session, sought, isWrong: false);
    }

    /// <summary><c>POST why/{controller}/show</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (to, session, code) = (form.TextOrNull("to"), form.TextOrNull("session"), form.TextOrNull("code"));
        var sought = Read(call, form, new FormState());
        form.Done();
        if (!ContactPoint.TryRead(to ?? "", Region.None, out var point) || !Staff.Token.Is(session))
            throw new PageFault(StatusCodes.Status400BadRequest, "missing-field", "to");
        if (await call.Served.Codes.TryAsync(Target(call, session!, point), code ?? "", call.Cancel) is null)
            return await CodeAsync(call, point, session!, sought, isWrong: true, StatusCodes.Status422UnprocessableEntity);
        return await TellAsync(call, point, sought);
    }

    /// <summary><c>POST why/{controller}/stop</c>: everything, on this number and whatever else is theirs.</summary>
    public static async Task<PageAnswer> StopAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (point, until) = OpenedUntil(call, form);
        var tags = call.Installation.TagsOf(point);
        // Whoever told the code once may stop it all for ever; only what they see is for a while.
        await SayingNo.DoAsync(
            call.Installation, call.Ledger, PreferencePages.Person, [tags], SuppressionScope.Everything,
            new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, PreferencePages.Way) { Answer = CodeWay.AnswerOf(call, point.Kind) },
            () => Contacts.PointsOfAsync(call.Installation, call.Ledger, tags, call.Cancel), null, call.Cancel);
        return call.Now < until ? await TellAsync(call, point, default) : await StopPages.DoneAsync(call, point);
    }

    /// <summary><c>POST why/{controller}/receipt</c>: the signed proof of a yes of theirs.</summary>
    public static async Task<PageAnswer> ReceiptAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var point = Opened(call, form);
        var text = form.Text("record");
        form.Done();
        var found = await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(point), call.Cancel);
        // Who has one number of theirs may not learn the others: a receipt holds what was given with the yes.
        var own = found?.Points().FirstOrDefault(one => one.Point.Value == point.Value).Id;
        if (!long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seq)
            || found?.Person.Records.Any(record => record.Seq == seq && record.State is not null && record.Subject?.Point == own) != true)
        {
            throw new PageFault(StatusCodes.Status404NotFound, "nobody-here");
        }

        return await OwnPages.ReceiptOfAsync(call, seq);
    }

    /// <summary>A number or address as somebody types it, in their controller's country where it says none.</summary>
    public static async Task<ContactPoint?> PointAsync(PageCall call, string? typed) => typed is { Length: <= 254 } ? await ContactPages.PointAsync(call, typed) : null;

    private static Sought Read(PageCall call, PageForm form, FormState state)
    {
        var (day, reference) = (state.Keep("day", form.TextOrNull("day")), state.Keep("reference", form.TextOrNull("reference")));
        LocalDate? on = null;
        if (day is not null)
        {
            if (LocalDatePattern.Iso.Parse(day.Trim()) is { Success: true, Value: var read })
                on = read;
            else
                state.Blame("day", call.T("WhyMe.BadDay"));
        }

        // As it stands in a message, or in the middle of what was copied of one.
        var at = reference?.IndexOf(PermitsApi.Mark, StringComparison.OrdinalIgnoreCase) ?? -1;
        var text = at < 0 ? reference?.Trim() : new string([.. reference![(at + PermitsApi.Mark.Length)..].TakeWhile(char.IsAsciiLetterOrDigit)]);
        OpaqueId? id = OpaqueId.TryParse(text, out var parsed) ? parsed : null;
        if (reference is not null && id is null)
            state.Blame("reference", call.T("WhyMe.BadReference"));
        return new Sought(on, id);
    }

    private static CodeTarget Target(PageCall call, string session, ContactPoint point) => new(call.Ledger, CodeAct.Why, session, point);

    private static ContactPoint Opened(PageCall call, PageForm form) =>
        OpenedUntil(call, form) is var (point, until) && call.Now < until ? point : throw new PageFault(StatusCodes.Status403Forbidden, "code-over");

    private static (ContactPoint Point, Instant Until) OpenedUntil(PageCall call, PageForm form)
    {
        var (to, opened) = (form.TextOrNull("to"), form.TextOrNull("opened"));
        return ContactPoint.TryRead(to ?? "", Region.None, out var point) && call.Installation.Links.OpenUntil(call.Controller, CodeAct.Why, point, opened) is { } until
            ? (point, until) : throw new PageFault(StatusCodes.Status403Forbidden, "code-over");
    }

    private static Task<PageAnswer> AskAsync(PageCall call, FormState state, int status = StatusCodes.Status200OK) => call.PageAsync<WhyAskPage>(call.T("WhyMe.Title"), state, status);

    private static Task<PageAnswer> CodeAsync(PageCall call, ContactPoint point, string session, Sought sought, bool isWrong, int status = StatusCodes.Status200OK)
    {
        var path = "/why/" + Uri.EscapeDataString(call.Controller);
        return call.PageAsync<CodePage>(call.T("Code.H1"), new CodePage.Asked(path + "/show", path, point.ToString(), [("to", point.Value), ("session", session), .. sought.Fields], isWrong), status);
    }

    private static async Task<PageAnswer> TellAsync(PageCall call, ContactPoint point, Sought sought)
    {
        var tags = call.Installation.TagsOf(point);
        var found = await Contacts.FindAsync(call.Installation, call.Ledger, tags, call.Cancel);
        var wanted = new RowsWanted { WithRecords = false };
        wanted.PermitsOf.Add(tags.Lookup);
        var used = (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel)).Permits.Where(static permit => permit.Redeemed is not null).OrderByDescending(static permit => permit.Redeemed).ToList();
        var missed = sought.IsAny && !used.Exists(sought.Fits);
        var permits = used.Where(permit => missed || sought.Fits(permit)).Take(MostContacts);
        var pointId = found?.Points().FirstOrDefault(one => one.Point.Value == point.Value).Id;
        var contacts = new List<MadeContact>();
        foreach (var permit in permits)
            contacts.Add(await MadeAsync(call, permit, found, pointId));
        var closed = await Contacts.SuppressionsAsync(call.Installation, call.Ledger, [tags], call.Cancel);
        return await call.PageAsync<WhyPage>(call.T("WhyMe.Title"), new Model(
            point, point.Value, call.Installation.Links.Open(call.Controller, CodeAct.Why, point, call.Now + Open), found is not null || closed.Count > 0, contacts,
            new ClosedPoints(closed, found?.Person.Records ?? []).AllSince(point.Channels) is not null, missed && used.Count > 0));
    }

    /// <summary>A contact, with the yes that it rested on then.</summary>
    public static async Task<MadeContact> MadeAsync(PageCall call, PermitRow permit, FoundContact? found, OpaqueId? point)
    {
        var (channel, at) = ((Channel)permit.Channel, Micros.ToInstant(permit.Redeemed!.Value));
        var made = new MadeContact(at, channel, permit.Purpose, permit.Agent, permit.Outcome is { } outcome ? (Outcome)outcome : null, null, null, null);
        if (found is null || point is not { } id || permit.Purpose is not { } purpose)
            return made;
        // As it stood when it was let through, and not as it stands by now.
        var answer = ConsentState.Fold(found.Person.Records.Where(record => record.Seq <= permit.Seq)).Lines(at).Where(line => (line.Point is null || line.Point == id) && line.Channel == channel && line.Purpose == purpose && line.Answer.IsYes).Select(static line => line.Answer).FirstOrDefault();
        if (answer is null || answer.Seqs.Count == 0)
            return made;
        var seq = answer.Seqs[0];
        var words = await PreferenceView.WordsAsync(call, found.Person, answer.Seqs);
        return made with { Consent = seq, AgreedAt = answer.Since, Words = answer.Seqs.Select(one => words.TryGetValue(one, out var text) ? text : ((string Text, string Language)?)null).FirstOrDefault(static text => text is not null) };
    }
}
