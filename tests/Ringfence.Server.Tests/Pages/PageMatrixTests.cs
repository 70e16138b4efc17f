using System.Net;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Rules;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Rights;
using Ringfence.Server.Rules;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Lists.Desk;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Webhooks;
using Ringfence.Staff;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Pages;

/// <summary>Every page of a controller, with what is really there and forms that carry what they should: whoever has no right to it, or works for another controller, gets nowhere, and nothing is written.</summary>
public sealed class PageMatrixTests(PageMatrixTests.TwoControllers two) : IClassFixture<PageMatrixTests.TwoControllers>
{
    // What a form says besides its token, where nothing is looked up before that is read.
    private static readonly Dictionary<string, (string, string)[]> Said = new(StringComparer.Ordinal)
    {
        ["approvals/{id}"] = [("answer", "no")],
        ["contacts/{id}/merge"] = [("other", "{other}")],
        ["contacts/{id}/unmerge"] = [("other", "{other}")],
        ["rules/changes/{id}/preview"] = [("act", "stop")],
        ["rules/changes/{id}/agree"] = [("since", "0")],
        ["rules/changes/{id}/decline"] = [("since", "0")],
        ["requests/{id}"] = [("act", "identify")],
        ["settings/webhooks/{id}/turn"] = [("to", "off")],
    };

    // A word of ours, and the law, which is the same for everybody.
    private static readonly string[] OfNobody = ["done/{what}", "rules/of/{rule}"];

    public static TheoryData<string> Routes => [.. PageRoutes.All.Where(static route => route.IsOfController).Select(static route => route.Method + " " + route.Path[PageRoute.OfController.Length..])];

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Whoever_has_no_right_to_it_gets_nowhere_and_whoever_has_it_gets_there(string name)
    {
        var route = RouteOf(name);
        foreach (var role in Roles.All)
        {
            var size = await two.SizesAsync();
            if (!May(route, role))
            {
                Assert.Equal((role, HttpStatusCode.Forbidden), (role, await two.SendAsync(route, TwoControllers.Ours, role, TwoControllers.Ours)));
                Assert.Equal(size, await two.SizesAsync());
            }
            else if (route.Method == "GET")
            {
                var status = await two.SendAsync(route, TwoControllers.Ours, role, TwoControllers.Ours);
                Assert.True(status is HttpStatusCode.OK or HttpStatusCode.SeeOther || (status == HttpStatusCode.BadRequest && name.EndsWith("/people", StringComparison.Ordinal)), $"{role}: {status}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Whoever_works_for_another_controller_learns_of_nothing_and_does_nothing(string name)
    {
        var route = RouteOf(name);
        var isOfSomething = route.Path.IndexOf('{', PageRoute.OfController.Length) >= 0 && !OfNobody.Contains(name.Split(' ')[1]);
        foreach (var role in Roles.All)
        {
            var (ours, theirs) = await two.SizesAsync();
            // Where ours stands there is nothing for them.
            Assert.Equal((role, HttpStatusCode.NotFound), (role, await two.SendAsync(route, TwoControllers.Ours, role, TwoControllers.Theirs)));
            // And what is ours is not there where theirs stands.
            if (isOfSomething)
                Assert.Equal((role, May(route, role) ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden), (role, await two.SendAsync(route, TwoControllers.Theirs, role, TwoControllers.Theirs)));
            Assert.Equal((ours, theirs), await two.SizesAsync());
        }
    }

    private static PageRoute RouteOf(string name) => PageRoutes.All.Single(route => route.IsOfController && route.Method + " " + route.Path[PageRoute.OfController.Length..] == name);

    private static bool May(PageRoute route, Role role) => route.Access is not Access.Needs needs || (role.Rights() & needs.Right) == needs.Right;

    /// <summary>Two controllers of one house; the first has something of everything.</summary>
    public sealed class TwoControllers : IAsyncLifetime
    {
        public const string Ours = "acme";
        public const string Theirs = "other";
        private const string Ann = "+447400123456";
        private const string Bob = "+447400123457";
        private const string Closed = "+447400123458";

        private ListHouse lists = null!;
        private LedgerRow other = null!;
        private string merged = "";

        // By the beginning of the routes that take them, the longest first.
        private List<(string Routes, string Id)> objects = [];

        private PageHouse Pages => lists.Pages;

        private House House => lists.House;

        public async ValueTask InitializeAsync()
        {
            lists = await ListHouse.BuildAsync();
            var (installation, ledger, accounts) = (House.Installation, House.Ledger, Pages.Served.Entrance.Accounts);
            other = await installation.AddControllerAsync(Theirs, "ledger.example/other", House.Acme, CancellationToken.None);
            // So that a place in our ledger is not one in theirs.
            await House.FillAsync(20);
            var ann = (await House.SaysAsync(Ann)).Sid!;
            merged = (await House.SaysAsync(Bob)).Sid!;
            await House.WithdrawAsync(Closed);
            var asked = AskedFile.Read(new ContactQuestion(NodaTime.Instant.FromDateTimeOffset(installation.Time.GetUtcNow()), Ours, Channel.Sms, "offers"), "facts.json", null);
            var decision = (await ContactDecision.MakeAsync(installation, ledger, House.Staff, ContactGate.Shipped, asked, House.Tags(Ann), record: true, CancellationToken.None)).Seq!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var list = await lists.BringAsync("name,phone\nAnn Smith,+447400123460\n");
            await lists.ReadAsync(list);
            var import = (await House.ImportAsync("name,phone\nBo Li,+447400123461\n")).Batch.Id.ToString();
            var form = FormDocument.Read("form-offers.yaml", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml")));
            await PublishedForms.PublishAsync(installation, ledger, House.Staff, form, Rulebook.Shipped, CancellationToken.None);
            await House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
            var key = ApiKey.New(Ours);
            await House.DoAsync(new AddApiKeyCommand(House.Staff, key, "test", ApiScopes.Decide, null));
            var change = Fresh.Id();
            await House.DoAsync(new AskRulesCommand(House.Staff, change, RulesInForce.House, Ours, "house: acme\n"u8.ToArray(), retire: false));
            var approvals = new Approvals(installation, accounts);
            Assert.True(ContactPoint.TryRead(Ann, Ringfence.Numbers.Region.None, out var point));
            objects =
            [
                ("team/", (await accounts.AddAsync("ada@acme.example", "Ada Lund", null, null, [(Ours, Role.Agent)], null, CancellationToken.None))!.Id),
                ("approvals/", (await approvals.AskAsync(ledger, "acc-asker", Closed, null, "typed wrong", CancellationToken.None)).ToString()),
                ("keys/", key.Id),
                ("contacts/", ann),
                ("gate/decisions/", decision),
                ("registers/loads/", await LoadAsync()),
                ("rules/of/", "us-fl-cap"),
                ("rules/changes/", change.ToString()),
                ("imports/{id}/undo", import),
                ("imports/{id}/events", import),
                ("imports/", list.Split('/')[^1]),
                ("done/", "withdrawn"),
                ("requests/results/", (await House.WithdrawAsync("+821020001234")).Seq.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                ("requests/", (await RequestIntake.EnterAsync(installation, ledger, House.Staff, point, RightsKind.Access, "", null, null, null, "en", CancellationToken.None)).ToString()),
                ("ledger/", decision),
                ("forms/shown/", TreeHash.Sha256(FormPage.ToBytes(form, form.LayoutsShown[0], form.Languages[0])).ToString()),
                ("forms/", form.Digest.ToString()),
                ("settings/wordings/", House.Offers.Digest.ToString()),
                ("settings/webhooks/", (await new ToldSystems(installation, ledger).AddAsync(House.Staff, WebhookReach.Internet, "https://crm.example.com/hooks", null, null, null, CancellationToken.None)).Row.Id.ToString()),
            ];
            // A proof is of what was signed.
            foreach (var one in new[] { ledger, other })
                await installation.NotaryOf(one).CheckpointAsync(anchor: false, CancellationToken.None);
        }

        public async ValueTask DisposeAsync() => await lists.DisposeAsync();

        public async Task<(long Ours, long Theirs)> SizesAsync() => (await House.SizeAsync(), (await House.Installation.Store.HeadAsync(other.Ledger, CancellationToken.None)).Size);

        /// <summary>Asks for a page, or sends a form, about what is ours.</summary>
        /// <param name="route">Which.</param>
        /// <param name="controller">Below whose address.</param>
        /// <param name="role">As whom, who has just shown again that it is them.</param>
        /// <param name="worksFor">For whom they work.</param>
        internal async Task<HttpStatusCode> SendAsync(PageRoute route, string controller, Role role, string worksFor)
        {
            var path = route.Path[PageRoute.OfController.Length..];
            var hole = path.IndexOf('{', StringComparison.Ordinal);
            var filled = hole < 0 ? path : path[..hole] + objects.First(one => path.StartsWith(one.Routes, StringComparison.Ordinal)).Id + path[(path.IndexOf('}', hole) + 1)..];
            var seen = await Pages.SendAsync(new HttpMethod(route.Method), $"c/{controller}/{filled}", null, route.Method == "GET" ? null : FormOf(route, path, role), ("Cookie", $"as={role.Word()}; at={worksFor}; again=yes"));
            seen.Response.Dispose();
            return seen.Status;
        }

        private HttpContent FormOf(PageRoute route, string path, Role role)
        {
            (string Name, string Value)[] fields = [("_t", PageHouse.TokenOf(role)), .. Said.GetValueOrDefault(path, []).Select(field => (field.Item1, field.Item2 == "{other}" ? merged : field.Item2))];
            if (!route.ReadsBody)
                return new FormUrlEncodedContent(fields.Select(static field => KeyValuePair.Create(field.Name, field.Value)));
            var form = new MultipartFormDataContent();
            foreach (var (name, value) in fields)
                form.Add(new StringContent(value), name);
            return form;
        }

        private async Task<string> LoadAsync()
        {
            using var form = new MultipartFormDataContent();
            foreach (var (name, value) in new[]
            {
                ("_t", PageHouse.TokenOf(Role.PrivacyOfficer)), ("name", "us-national"), ("kind", "whole"), ("format", "plain"),
                ("as-of", LocalDatePattern.Iso.Format(NodaTime.Instant.FromDateTimeOffset(House.Installation.Time.GetUtcNow()).InUtc().Date)),
            })
                form.Add(new StringContent(value), name);
            form.Add(new StringContent("2015550123\n"), "file", "list.txt");
            var seen = await Pages.SendAsync(HttpMethod.Post, Pages.Controller + "registers/load", Role.PrivacyOfficer, form);
            Assert.True(seen.Status == HttpStatusCode.SeeOther, seen.ToString());
            // Its record is written once it is done, and no test is to see it come.
            await (await Pages.SendAsync(HttpMethod.Get, seen.Location![1..] + "/progress", Role.PrivacyOfficer, null)).Response.Content.ReadAsStringAsync();
            return seen.Location!.Split('/')[^1];
        }
    }
}
