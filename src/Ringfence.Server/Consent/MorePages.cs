using System.Globalization;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Server.Codes;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary>
/// Where somebody says yes to more than they did, and comes back who had stopped everything. Nothing is ticked before they tick it; a code then goes to the number or address, for exactly these
/// boxes, and with it each yes is written down as confirmed from there. What they had closed themselves is opened so far as they said yes, and nothing else.
/// </summary>
internal static class MorePages
{
    // What browsers send of themselves has no end.
    private const int LongestDevice = 300;
    private const int MostBoxes = 100;

    // Who receives what is said here, where a rule asks for it: nobody but the page.
    private const string Recipient = "own-page";

    /// <summary>What the page shows.</summary>
    internal sealed record Model(PreferenceView View, ConsentOffers All, FormState State);

    /// <summary><c>GET p/{controller}/{token}/more</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call) => await ShowAsync(call, await PreferencePages.ViewAsync(call), new FormState());

    /// <summary><c>POST p/{controller}/{token}/more</c>: sends the code. Who types another number than the one the link came to is told the same, and gets none.</summary>
    public static async Task<PageAnswer> SendAsync(PageCall call)
    {
        var view = await PreferencePages.ViewAsync(call);
        var (form, state) = (await call.FormAsync(), new FormState());
        var (to, ticked) = (state.Keep("to", form.TextOrNull("to")), state.Keep("box", form.All("box")));
        form.Done();
        var typed = await WhyPages.PointAsync(call, to);
        if (typed is null)
            state.Blame("to", call.T("WhyMe.BadTo"));
        var offered = (await ConsentOffers.ReadAsync(call, view)).Offers;
        var boxes = offered.SelectMany(static offer => offer.Boxes).Where(box => ticked.Contains(box.Value)).ToList();
        if (boxes.Count == 0 || boxes.Count < ticked.Distinct(StringComparer.Ordinal).Count())
            state.Blame("box", call.T("More.NoBox"));
        if (!state.IsSound)
            return await ShowAsync(call, view, state, StatusCodes.Status422UnprocessableEntity);
        if (CodeWay.Of(call, view.Point) is not { } how)
            return await AskUs.ShowAsync(call);
        var asked = new Asked(Token.New(), LedgerTime.Cut(call.Now), [.. boxes.Select(box => $"{box.Value}/{offered.First(offer => offer.Boxes.Contains(box)).Language}")]);
        // Counted either way, and sent once they were answered: neither what is left of the limits nor how long it takes tells whoever holds a link which number it is for.
        var (codes, target, sending) = (call.Served.Codes, asked.Target(call, view), how with { IsHeldBack = !view.Point.Equals(typed) });
        call.Afterwards(() => codes.SendAsync(target, sending, CancellationToken.None));
        return await CodeAsync(call, view, asked, isWrong: false);
    }

    /// <summary><c>POST p/{controller}/{token}/more/confirm</c>.</summary>
    public static async Task<PageAnswer> ConfirmAsync(PageCall call)
    {
        var view = await PreferencePages.ViewAsync(call);
        var form = await call.FormAsync();
        var (asked, code) = (Asked.Read(form), form.TextOrNull("code"));
        form.Done();
        if (await call.Served.Codes.TryAsync(asked.Target(call, view), code ?? "", call.Cancel) is not { } right)
        {
            // Whoever pressed twice sees what came of it.
            return await call.Served.Codes.WasRightAsync(asked.Target(call, view), code ?? "", call.Cancel) ? PageCall.SeeOther($"{view.Root}?lang={call.Words.Tag}")
                : await CodeAsync(call, view, asked, isWrong: true, StatusCodes.Status422UnprocessableEntity);
        }

        var confirmed = new List<long>();
        foreach (var (doc, language, purpose, channels) in asked.Yeses())
            confirmed.Add(await WriteAsync(call, view, asked.At, right, doc, language, purpose, channels));
        await OwnNoes.LiftAsync(call, PreferencePages.Person, call.Installation.TagsOf(view.Point), asked.At, confirmed);
        return PageCall.SeeOther($"{view.Root}?done=agreed&lang={call.Words.Tag}");
    }

    private static async Task<long> WriteAsync(PageCall call, PreferenceView view, Instant at, CodeRight right, Digest doc, string language, string purpose, ChannelSet channels)
    {
        var request = call.Http.Request;
        var wording = await PublishedWordings.FindAsync(call.Installation.Store, call.Ledger, doc, call.Cancel);
        var evidence = new ConsentEvidence
        {
            Method = ConsentMethod.Checkbox,
            Shown = new ShownWording(doc, language),
            At = at,
            // Without what makes it somebody's own: whoever reads the evidence some day is not let in by it.
            Page = $"{request.Scheme}://{request.Host}/p/{Uri.EscapeDataString(call.Controller)}",
            Ip = call.Http.Connection.RemoteIpAddress?.ToString(),
            Signature = wording is not null && WordingProof.Of(wording, language) is { IsSigned: true } ? SignatureKind.Electronic : null,
            Recorder = new Recorder(ActorKind.System, Recipient),
            Device = request.Headers.UserAgent.ToString() is { Length: > 0 } device ? device[..Math.Min(device.Length, LongestDevice)] : null,
        };
        var asked = new ConsentAsked { Evidence = evidence, Wording = doc.ToString(), Language = language, Channels = channels, Purposes = [purpose], At = at, Now = call.Now, TimeFrom = EventSource.Server };
        var tags = call.Installation.TagsOf(view.Point);
        // The question stands there before the answer to it; alone it opens nothing.
        var seq = Written(await new ConsentTaking(call.Installation, call.Ledger, PreferencePages.Person, tags, asked).RunAsync(ConsentStep.Request, call.Cancel));
        var answer = new ConsentAsked { Now = call.Now, Via = right.Via, Message = right.Message, Request = seq, TimeFrom = EventSource.Server };
        return Written(await new ConsentTaking(call.Installation, call.Ledger, PreferencePages.Person, tags, answer).RunAsync(ConsentStep.Confirm, call.Cancel));
    }

    // What was offered is lawful as it is: what is refused was broken since, and nobody is told that it was taken.
    private static long Written(ConsentOutcome outcome) => outcome.Written is [.., var seq]
        ? seq : throw new InvalidOperationException("An offered wording was not taken: " + string.Join(", ", outcome.Findings.Select(static finding => $"{finding.Fault} {finding.Field}").Distinct()));

    private static async Task<PageAnswer> ShowAsync(PageCall call, PreferenceView view, FormState state, int status = StatusCodes.Status200OK) =>
        await call.PageAsync<MorePage>(call.T("More.H1"), new Model(view, await ConsentOffers.ReadAsync(call, view), state), status);

    private static Task<PageAnswer> CodeAsync(PageCall call, PreferenceView view, Asked asked, bool isWrong, int status = StatusCodes.Status200OK) =>
        call.PageAsync<CodePage>(call.T("Code.H1"), new CodePage.Asked(view.Root + "/more/confirm", view.Root + "/more", view.Point.ToString(), asked.Hidden, isWrong), status);

    /// <summary>What was ticked, when, as the page carries it until the code is told. The code is bound to all of it: whoever changes it in the page has no code for it.</summary>
    /// <param name="Session">The secret of this answer.</param>
    /// <param name="At">When it was ticked.</param>
    /// <param name="Boxes">Each with its language behind it.</param>
    private sealed record Asked(string Session, Instant At, IReadOnlyList<string> Boxes)
    {
        private string Moment => LedgerTime.Pattern.Format(At);

        public IReadOnlyList<(string, string)> Hidden => [("session", Session), ("at", Moment), .. Boxes.Select(static box => ("box", box))];

        public static Asked Read(PageForm form) => form.TextOrNull("session") is { } session && Token.Is(session) && form.TextOrNull("at") is { } at && LedgerTime.Pattern.Parse(at) is { Success: true, Value: var moment }
            && form.All("box") is { Count: > 0 and <= MostBoxes } boxes ? new Asked(session, moment, boxes) : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "form");

        public CodeTarget Target(PageCall call, PreferenceView view) =>
            new(call.Ledger, CodeAct.Consent, Session, view.Point, string.Create(CultureInfo.InvariantCulture, $"{view.Found.Person.Sid}\n{Moment}\n{string.Join('\n', Boxes)}"));

        /// <summary>A yes for each purpose of each wording, with its channels. The code was right: so they are what was offered.</summary>
        public IEnumerable<(Digest Doc, string Language, string Purpose, ChannelSet Channels)> Yeses() => Boxes.Select(static box => box.Split('/')).GroupBy(static box => (Doc: box[0], Language: box[^1], Purpose: string.Join('/', box[1..^2])))
            .Select(static one => (Digest.TryParse(one.Key.Doc, out var doc) ? doc : default, one.Key.Language, one.Key.Purpose, one.Aggregate(ChannelSet.None, static (all, box) => Channels.TryParse(box[^2], out var channel) ? all | channel.Only() : all)));
    }
}
