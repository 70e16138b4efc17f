using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

/// <summary>What is said of the steps on this program's own pages is what somebody who walks through them counts.</summary>
public sealed class FormStepsTests
{
    private const string Ann = OwnHouse.Ann;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_link_in_a_message_takes_what_is_said()
    {
        await using var house = await OwnHouse.BuildAsync(null);
        await house.House.SaysAsync(Ann);
        var path = $"u/{house.Controller}/{house.House.Installation.Links.Make(house.Controller, LinkAct.Stop, await house.PersonAsync(Ann))}";
        var walk = new Walk(house);
        await walk.PressAsync(await walk.FollowAsync(path), "u/");
        Assert.Equal(FormSteps.Link, walk.Steps);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
    }

    [Theory]
    [InlineData("why", "show")]
    [InlineData("p", "open")]
    public async Task Our_own_page_without_a_link_takes_what_is_said(string page, string open)
    {
        await using var house = await OwnHouse.BuildAsync(null);
        await house.House.SaysAsync(Ann);
        var walk = new Walk(house);
        var start = await house.Pages.GetAsync($"{page}/{house.Controller}", null);
        var code = await walk.PressAsync(start, $"{page}/{house.Controller}", ("to", Ann));
        await house.Pages.Served.Afterwards.IdleAsync();
        var own = await walk.PressAsync(code, "/" + open, ("code", house.Folder.CodeTo(Ann)));
        await walk.PressAsync(own, "/stop");
        Assert.Equal(FormSteps.OwnPage, walk.Steps);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
    }

    [Theory]
    [InlineData(FormOptIn.Double)]
    [InlineData(FormOptIn.Single)]
    public async Task Saying_yes_takes_what_is_said_and_stopping_by_what_every_message_offers_no_more(FormOptIn optIn)
    {
        await using var house = await OwnHouse.BuildAsync(null);
        var form = FormDocument.Read("form-offers.yaml", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml"), Cancel)) with
        {
            OfferedIn = ["GB"],
            OptIn = optIn,
            StopSteps = FormSteps.OwnPage,
            Stop = new WordingStop { Page = $"https://ringmuster.example/why/{house.Controller}", In = StopPlaces.EveryMessage | StopPlaces.EveryCall },
        };
        await PublishedForms.PublishAsync(house.House.Installation, house.House.Ledger, Ledger.House.Staff, form, Rulebook.Shipped, Cancel, new Uri("https://ringmuster.example"));
        var walk = new Walk(house);
        var path = $"f/{house.Controller}/{form.Id}";
        var size = await house.Pages.SizeAsync();
        var answered = await walk.PressAsync(await house.Pages.GetAsync(path, null), path, ("phone", Ann), ("yes", "offers-sms"));
        if (optIn == FormOptIn.Double)
            await walk.PressAsync(answered, "/confirm", ("code.0", house.Folder.CodeTo(Ann)));
        Assert.Contains((await house.House.RecordsAsync()).Skip((int)size), record => record.Type == (optIn == FormOptIn.Double ? Ringfence.Ledger.RecordType.ConsentConfirmed : Ringfence.Ledger.RecordType.ConsentGiven));
        var said = FormSteps.Of(form).Single(static steps => steps.Box.Name == "offers-sms");
        Assert.Equal((said.ToGive, FormSteps.Link, true), (walk.Steps, said.ToStop!.Value, said.IsFair));
        // The room tells each way as it is.
        var room = WebUtility.HtmlDecode((await house.Pages.GetAsync($"c/{house.Controller}/forms/{form.Digest}", Role.Auditor)).Text);
        Assert.Contains($"The link in the message: {FormSteps.Link}", room, StringComparison.Ordinal);
        Assert.Contains($"The page: {FormSteps.OwnPage}", room, StringComparison.Ordinal);
    }

    /// <summary>Somebody who fills and presses what a page has, and counts it. What a page carries unseen is no step.</summary>
    private sealed class Walk(OwnHouse house)
    {
        public int Steps { get; private set; }

        public async Task<Seen> FollowAsync(string link)
        {
            Steps++;
            return await house.Pages.GetAsync(link, null);
        }

        public async Task<Seen> PressAsync(Seen page, string action, params (string Name, string Value)[] fields)
        {
            Assert.Equal(HttpStatusCode.OK, page.Status);
            // A form without an address is sent to where it stands.
            var form = Regex.Matches(page.Text, "<form[^>]*>.*?</form>", RegexOptions.Singleline).Select(static match => match.Value)
                .First(form => !form.Contains("action=", StringComparison.Ordinal) || Regex.IsMatch(form, $"^<form[^>]* action=\"[^\"?]*{Regex.Escape(action)}"));
            var inputs = Regex.Matches(form, "<input[^>]*>").Select(static match => match.Value).ToArray();
            Assert.All(fields, field => Assert.Contains(inputs, input => input.Contains($"name=\"{field.Name}\"", StringComparison.Ordinal) && !input.Contains("type=\"hidden\"", StringComparison.Ordinal)));
            Steps += fields.Length + 1;
            var carried = inputs.Where(static input => input.Contains("type=\"hidden\"", StringComparison.Ordinal)).Select(static input => (Of(input, "name"), Of(input, "value")));
            var to = Regex.Match(form, "^<form[^>]* action=\"([^\"]+)\"") is { Success: true } named ? WebUtility.HtmlDecode(named.Groups[1].Value).TrimStart('/') : action;
            var next = await house.Pages.PostAsync(to, null, [.. carried, .. fields]);
            Assert.True(next.Status is HttpStatusCode.OK or HttpStatusCode.SeeOther, next.ToString());
            return next;

            static string Of(string input, string attribute) => WebUtility.HtmlDecode(Regex.Match(input, $" {attribute}=\"([^\"]*)\"").Groups[1].Value);
        }
    }
}
