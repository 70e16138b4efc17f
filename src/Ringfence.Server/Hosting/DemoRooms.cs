using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Rules;
using Ringfence.Rules.House;
using Ringfence.Server.Consent;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Consent.Notices;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Desk;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Rules;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression.Registers;
using Ringfence.Server.Webhooks;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Hosting;

/// <summary>What the rooms of the demonstration hold beside people and their answers: a form with answers, requests by law, messages, a register, keys, views, and what waits for a second person. None of it leaves the machine.</summary>
/// <param name="served">What is served.</param>
/// <param name="ledger">Of the demonstration.</param>
/// <param name="api">May withdraw in its name.</param>
/// <param name="mira">The account of whoever looks after the house.</param>
/// <param name="pointOf">The number or address of one of the people.</param>
internal sealed class DemoRooms(Served served, LedgerRow ledger, ApiInside api, string mira, Func<int, string> pointOf)
{
    private static readonly Actor Program = new(ActorKind.System, "demo");

    private static readonly (int Person, RightsKind Kind, int Days, string Text, RightsState? Ended, RightsStep? Step)[] Requests =
    [
        (8, RightsKind.Access, 3, "Please tell me everything you hold about me, and where you have my number from.", null, null),
        (24, RightsKind.Erasure, 27, "I moved abroad. Please delete my data.", null, RightsStep.Identified),
        (33, RightsKind.Complaint, 1, "You called me at dinner time although I had asked for mornings only.", null, null),
        (41, RightsKind.Complaint, 38, "I got the same offer three times within two days.", RightsState.Answered, null),
        (50, RightsKind.Rectification, 12, "My surname is spelt with two n.", RightsState.Answered, null),
        (58, RightsKind.Copy, 9, "I should like to take my data to another provider.", null, RightsStep.Extended),
        (66, RightsKind.Complaint, 96, "Nobody told me who was calling.", RightsState.Answered, null),
    ];

    private static readonly string[] Callers = ["Robin Field", "Sam Okafor", "Lena Brandt", "Wei Lin", "Aoife Byrne", "Tom Hale", "Mei Tan"];

    private readonly Instant now = Instant.FromUnixTimeSeconds(served.Installation.Time.GetUtcNow().ToUnixTimeSeconds());

    private Installation Installation => served.Installation;

    /// <summary>Furnishes them all.</summary>
    public async Task FurnishAsync(CancellationToken cancel)
    {
        await FormAsync(cancel);
        await RequestsAsync(cancel);
        await MessagesAsync(cancel);
        await RegisterAsync(cancel);
        await HouseAsync(cancel);
        await SecondPeopleAsync(cancel);
        await NoticeAsync(cancel);
        List();
    }

    // Half of those who answered have confirmed it; the others were asked and did not.
    private async Task FormAsync(CancellationToken cancel)
    {
        var form = FormDocument.Read("form-offers.yaml", Demo.Read("form-offers.yaml"));
        await PublishedForms.PublishAsync(Installation, ledger, Program, form, served.Gate.Rules, cancel);
        for (var i = 0; i < 24; i++)
        {
            var phone = pointOf(i * 8 + 2);
            var answer = FormAnswer.Read(
                form, name => form.Fields.First(field => field.Name == name).Asks switch { FormAsks.Phone => phone, FormAsks.Name => Callers[i % Callers.Length], _ => null }, i % 3 == 0 ? ["offers-voice", "offers-sms"] : ["offers-sms"],
                declined: false, FormLint.NamedBoxes(form, served.Gate.Rules, now.InUtc().Date));
            var at = now - Duration.FromDays(i * 2) - Duration.FromMinutes(17 * i);
            var came = new FormCame("en", form.LayoutsShown[i % form.LayoutsShown.Count]) { Page = "https://ringmuster.example/kitchens", Ip = string.Create(CultureInfo.InvariantCulture, $"198.51.100.{i + 1}"), Device = "Firefox", At = at };
            var taken = await FormTaking.TakeAsync(Installation, ledger, form, answer, came, Program, cancel);
            if (i % 2 == 1)
                continue;
            foreach (var seq in taken.SelectMany(static one => one.Outcome.Written).Order())
            {
                var confirmed = new ConsentAsked { Now = now, At = at + Duration.FromMinutes(3), TimeFrom = EventSource.Server, Request = seq, Via = Channel.Sms, Message = "demo-" + seq.ToString(CultureInfo.InvariantCulture) };
                await new ConsentTaking(Installation, ledger, Program, Installation.TagsOf(Read(phone)), confirmed).RunAsync(ConsentStep.Confirm, cancel);
            }
        }
    }

    private async Task RequestsAsync(CancellationToken cancel)
    {
        var country = (await Installation.PartyDocumentAsync(ledger, cancel)).Country;
        foreach (var (person, kind, days, text, ended, step) in Requests)
        {
            var point = Read(pointOf(person));
            await RequestIntake.StopAsync(Installation, ledger, Program, point, kind, isWrongNumber: false, cancel);
            var id = await RequestIntake.ReceiveAsync(Installation, ledger, Program, point, kind, text, asked => asked with
            {
                Regimes = RequestIntake.RegimesOf(point, null, country),
                Country = country,
                Reason = kind != RightsKind.Complaint ? null : person == 33 ? ComplaintReason.WrongTime : person == 41 ? ComplaintReason.TooOften : ComplaintReason.Misleading,
                NeedsIdentity = kind.NeedsIdentity(),
                At = now - Duration.FromDays(days),
            }, cancel);
            if (step == RightsStep.Identified || ended is not null)
                await OnAsync(id, request => request.Told.AwaitsIdentity ? RequestHandling.IdentifiedAsync(Installation, ledger, Staff, request, "staff", cancel) : Task.CompletedTask);
            if (step == RightsStep.Extended)
                await OnAsync(id, request => RequestHandling.StepAsync(Installation, ledger, Staff, request, step, null, Note("extend", "Your data lies in two systems; we need a month more to put it together."), null, cancel));
            if (ended is not null)
                await OnAsync(id, request => RequestHandling.StepAsync(Installation, ledger, Staff, request, null, ended, Note("answer", "Thank you for telling us. It is put right, and we are sorry."), null, cancel));
        }

        async Task OnAsync(OpaqueId id, Func<StoredRequest, Task> act) => await act(await StoredRequest.FindAsync(Installation, ledger, id, cancel) ?? throw new InvalidOperationException("A request is not there."));
    }

    // One that is clear, and two that somebody has to read.
    private async Task MessagesAsync(CancellationToken cancel)
    {
        foreach (var (person, words) in new[] { (81, "STOP"), (89, "Who is this?"), (97, "Don't call before 9") })
            await InboundTaking.TakeAsync(served, ledger, api, new InboundMessage($"demo-{person}", Channel.Sms, pointOf(person), words, "keyword"), cancel);
    }

    private async Task RegisterAsync(CancellationToken cancel)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, Enumerable.Range(0, 400).Select(static i => string.Create(CultureInfo.InvariantCulture, $"+44207946{i * 2:0000}")), cancel);
            var order = new RegisterOrder { Name = "gb-tps", Out = RegisterFile.PathOf(Installation.Options.Data, "gb-tps"), AsOf = now.InUtc().Date.PlusDays(-19), Now = now, Region = Region.Of("GB") };
            if (new RegisterBuild(order, static (_, _) => { }, cancel).Build([file]).Facts is { } facts)
                await DoAsync(new RegisterLoadedCommand(Staff, facts), cancel);
            Installation.Registers.Look();
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Keys whose secret nobody knows, and another system that is told of nothing for now: nothing goes out of a demonstration.
    private async Task HouseAsync(CancellationToken cancel)
    {
        await DoAsync(new AddApiKeyCommand(Staff, ApiKey.New(ledger.Controller), "Dialler in the call centre", ApiScopes.Decide | ApiScopes.Permit, now + Duration.FromDays(90)), cancel);
        await DoAsync(new AddApiKeyCommand(Staff, ApiKey.New(ledger.Controller), "Web shop", ApiScopes.Consent | ApiScopes.Withdraw, null), cancel);
        var told = new ToldSystems(Installation, ledger);
        var (row, _) = await told.AddAsync(Staff, served.Webhooks.Reach, "https://crm.ringmuster.example/ringfence", null, null, "Customer system", cancel);
        await told.TurnAsync(Staff, row.Id, WebhookTurn.Off, cancel);
        var views = new SavedViews(Installation.Store.Local, ledger.Controller);
        foreach (var (name, query, isShared) in new[] { ("May be called in Germany", "where=DE&channel=voice&may=allowed", true), ("Consent ends soon", "ends=30", true), ("Said no by text", "stopped=yes", false) })
        {
            var said = query.Split('&').Select(static one => one.Split('=')).ToDictionary(static one => one[0], static one => one[1]);
            if (SavedViews.QueryOf(said.GetValueOrDefault) is { Length: > 0 } kept)
                await views.KeepAsync(new SavedView(mira, name, isShared, kept), cancel);
        }

        const string house = """
            house: ringmuster
            name: { en: "Ringmuster's rules", zh-Hans: Ringmuster 的规则, zh-Hant: Ringmuster 的規則 }

            rules:
              - id: house-mornings
                says: We call nobody before ten.
                when: { channel: [voice, voice-auto], class: [marketing] }
                hours: { open: [{ days: daily, from: "10:00", until: "19:00" }] }
            """;
        var rules = OwnRules.Of(HouseRules.Read("house-rules.yaml", house), house);
        await DoAsync(new AskRulesCommand(Staff, Fresh.Id(), rules.Kind, rules.Name, rules.Document, retire: false), cancel);
    }

    // Somebody was closed off by mistake; another has to agree before they are not.
    private async Task SecondPeopleAsync(CancellationToken cancel)
    {
        var approvals = new Approvals(Installation, served.Entrance.Accounts);
        var point = Read(pointOf(7));
        var standing = await Contacts.SuppressionsAsync(Installation, ledger, [Installation.TagsOf(point)], cancel);
        if (standing.FirstOrDefault(static row => row.Seq is not null) is { } row)
            await approvals.AskAsync(ledger, mira, point.Value, row.Seq, "Entered for the wrong person: the caller gave a number that differs in one digit.", cancel);
    }

    // What people are told of all this. Only what the program can't know is said here.
    private async Task NoticeAsync(CancellationToken cancel)
    {
        var wordings = new List<WordingDocument>();
        await foreach (var wording in PublishedWordings.AllAsync(Installation.Store, ledger, cancel))
            wordings.Add(wording);
        var found = NoticeFound.Of(
            PartyDocument.Read("party.yaml", Demo.Read("party-ringmuster.yaml")), await PublishedForms.AllAsync(Installation.Store, ledger, cancel), wordings, [], [], Installation.Registers.Copies.Select(static copy => copy.Name), hasLists: true);
        var said = found.With(null, "2026-11", default) with
        {
            Storage = ["DE"],
            Sources = [new NoticeSource("Ringmuster Händlerliste", NoticeOrigin.Company)],
            Representatives = [.. Enum.GetValues<NoticeRegime>().Select(static regime => new NoticeRepresentative(regime, "Ringmuster Vertretung GmbH", "Musterstraße 1, 10115 Musterstadt, Germany", "privacy@ringmuster.example"))],
            Retention =
            [
                .. Enum.GetValues<NoticeKept>().Select(static what => what == NoticeKept.Refusals
                    ? new NoticeRetention(what, null, NoticeFrom.WhileContacting, NoticeThen.Deleted)
                    : new NoticeRetention(what, Period.FromYears(3), what == NoticeKept.Requests ? NoticeFrom.Answer : NoticeFrom.EndOfConsent, NoticeThen.Deleted)),
            ],
        };
        var notice = found.With(said, "2026-11", default);
        notice = notice with { Representatives = [.. notice.Representatives.Where(one => NoticeLaw.WantsRepresentative(notice, one.Regime))] };
        await PublishedNotices.PublishAsync(Installation, ledger, Staff, notice, cancel);
        served.Notices.Forget(ledger);
    }

    // One that was brought and waits: it is read as soon as lists are.
    private void List()
    {
        const string name = "leads-zh-utf8bom-300.csv";
        var shelf = served.Lists.Shelf;
        var id = Fresh.Id();
        var bytes = Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(Demo.Read(name))).ToArray();
        var made = new ListCase
        {
            Id = id.ToString(), Ledger = ledger.Ledger, By = mira, ByName = "Mira Okonkwo", At = InstantPattern.General.Format(now), Sender = "Ringmuster Ltd",
            Files = [new KeptList(name, name, Convert.ToHexStringLower(SHA256.HashData(bytes)), IsSuppression: false)],
        };
        shelf.Keep(made);
        File.WriteAllBytes(Path.Combine(shelf.FolderOf(id), name), bytes);
    }

    private Actor Staff => new(ActorKind.Staff, mira);

    private RequestNote Note(string act, string text) => new(LocalDatePattern.Iso.Format(now.InUtc().Date), act, text);

    private async Task DoAsync(LedgerCommand command, CancellationToken cancel) => _ = await (await Installation.WriterAsync(ledger, cancel)).DoAsync(command, cancel);

    private static ContactPoint Read(string text) => ContactPoint.TryRead(text, Region.None, out var point) ? point : throw new InvalidOperationException("Nobody is reached by that.");
}
