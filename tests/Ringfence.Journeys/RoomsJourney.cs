using Microsoft.Playwright;
using Ringfence.Server.Pages;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>Every room of the house as a reader meets it: in three languages, light and dark, on a desk and on a phone. With RINGFENCE_SCREENS set to a folder, a picture of each is kept there, each room in another of these views.</summary>
public sealed class RoomsJourney(Browser browser, DemoServer demo) : IClassFixture<DemoServer>
{
    private const int MostPage = 150_000;
    private const int MostScript = 60_000;
    private const int Zoomed = 640;
    private const int Scans = 3;

    private static readonly string? Screens = Environment.GetEnvironmentVariable("RINGFENCE_SCREENS");

    private static readonly (string Language, ColorScheme Scheme, int Width)[] Sights =
    [
        ("en", ColorScheme.Light, 1280), ("zh-Hans", ColorScheme.Dark, 1280), ("zh-Hant", ColorScheme.Light, 1280), ("zh-Hant", ColorScheme.Dark, 375), ("en", ColorScheme.Light, 375), ("zh-Hans", ColorScheme.Dark, 375),
    ];

    // Rooms of the map that another journey looks through, or that are no page to look at.
    private static readonly Dictionary<string, string> SeenElsewhere = new(StringComparer.Ordinal)
    {
        [""] = "leads on",
        ["set-up/{token}"] = nameof(StaffJourney),
        ["sign-in"] = nameof(StaffJourney),
        ["sign-in/second"] = "asks whoever has an app: the form of account/again",
        ["sign-in/outside"] = "leads on",
        ["sign-in/outside/back"] = "leads on",
        ["invitation/{token}"] = nameof(StaffJourney),
        ["reset/{token}"] = "the page of an invitation",
        ["account/app"] = nameof(StaffJourney),
        ["c/{controller}/gate/live"] = "goes on",
        ["c/{controller}/registers/loads/{id}/progress"] = "goes on",
        ["c/{controller}/rules/changes/{id}/people"] = nameof(RulesJourney),
        ["c/{controller}/imports/{id}"] = nameof(ListJourney),
        ["c/{controller}/imports/{id}/reading"] = nameof(ListJourney),
        ["c/{controller}/imports/{id}/reading/events"] = "goes on",
        ["c/{controller}/imports/{id}/columns"] = nameof(ListJourney),
        ["c/{controller}/imports/{id}/audit"] = nameof(ListJourney),
        ["c/{controller}/imports/{id}/rows"] = nameof(ListJourney),
        ["c/{controller}/imports/{id}/rejected"] = nameof(ListJourney),
        ["c/{controller}/imports/{id}/choose"] = nameof(ListJourney),
        ["c/{controller}/imports/{id}/events"] = "goes on",
        ["c/{controller}/imports/{id}/undo"] = nameof(ListJourney),
        ["c/{controller}/contacts/{id}/withdraw"] = nameof(PersonJourney),
        ["c/{controller}/contacts/{id}/suppress"] = nameof(PersonJourney),
        ["c/{controller}/contacts/{id}/merge"] = nameof(PersonJourney),
        ["c/{controller}/contacts/{id}/prove"] = nameof(PersonJourney),
        ["c/{controller}/contacts/{id}/export"] = nameof(PersonJourney),
        ["c/{controller}/ledger/{seq}/bundle"] = "a file",
    };

    // The same in each view: looked for once.
    private static IReadOnlyList<(string Name, string Address)>? beyond;

    public static TheoryData<string, ColorScheme, int> Views => [.. Sights];

    [Fact]
    public void What_is_scanned_twice_is_scanned_in_two_languages_two_schemes_and_two_widths() => Assert.All(
        Enumerable.Range(0, Scans).Select(static at => (One: Sights[at], Other: Sights[at + Scans])),
        static pair => Assert.True(pair.One.Language != pair.Other.Language && pair.One.Scheme != pair.Other.Scheme && pair.One.Width != pair.Other.Width));

    [Theory, MemberData(nameof(Views))]
    public async Task Every_room_is_accessible_fits_its_width_and_weighs_little(string language, ColorScheme scheme, int width)
    {
        var page = await demo.SignInAsync(browser, demo.Officer, width, scheme, language);
        var rooms = await page.EvaluateAsync<string[]>("[...new Set([...document.querySelectorAll('.side .nav a')].map(a => a.href))]");
        Assert.NotEmpty(rooms);
        List<string> faults = [];
        var unseen = PageRoutes.All.Where(static route => route.Method == "GET").Select(static route => route.Path).Except(SeenElsewhere.Keys).ToHashSet(StringComparer.Ordinal);
        foreach (var ((name, room), index) in rooms.Append(demo.Url + "/account").Select(room => (NameOf(room), room)).Concat(beyond ??= await BeyondAsync(page)).Select(static (room, index) => (room, index)))
        {
            unseen.Remove(RouteOf(room));
            List<IResponse> got = [];
            page.Response += Got;
            var response = await page.GotoAsync(room);
            page.Response -= Got;
            if (response?.Status != 200)
            {
                faults.Add($"{name}: {response?.Status}");
                continue;
            }

            // Each room is looked through in two of the views, in another language, scheme and width each; rooms side by side in others.
            faults.AddRange((await page.FaultsAsync(width, language, isScanned: (index + Array.IndexOf(Sights, (language, scheme, width))) % Scans == 0)).Select(fault => $"{name}: {fault}"));
            // What is kept is not sent again; each page is weighed as a browser meets it first.
            var (weight, script) = (0L, 0L);
            foreach (var one in got)
            {
                var length = (await one.BodyAsync()).Length;
                weight += length;
                if (one.Request.ResourceType == "script")
                    script += length;
            }

            if (weight > MostPage || script > MostScript)
                faults.Add($"{name}: {weight} bytes, {script} of script");
            if (Screens is not null && Sights[index % Sights.Length] == (language, scheme, width) && await SettledAsync(page))
                await page.ScreenshotAsync(new() { Path = Path.Combine(Screens, name + ".png") });

            // Half as wide is what a desk shows at 200 %.
            if (width > Zoomed)
            {
                await page.SetViewportSizeAsync(Zoomed, 450);
                faults.AddRange((await page.FaultsAsync(Zoomed, language, isScanned: false)).Select(fault => $"{name}: at 200 %: {fault}"));
                await page.SetViewportSizeAsync(width, 900);
            }

            // What goes on has no end to be weighed.
            void Got(object? sender, IResponse one)
            {
                if (one.Request.ResourceType is "document" or "stylesheet" or "script" or "image" && one.Status == 200)
                    got.Add(one);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(unseen.Count == 0, "Nobody looks at these; go there in this journey, or name who does: " + string.Join(", ", unseen));
        await page.Context.CloseAsync();
    }

    // 4K, and a desk at 200 % where a pixel is two.
    [Theory]
    [InlineData(3840, 2160, 1)]
    [InlineData(Zoomed, 450, 2)]
    public async Task The_largest_screen_is_used_and_whoever_asked_for_stillness_has_it(int width, int height, int scale)
    {
        var page = await demo.SignInAsync(browser, demo.Officer, width, ColorScheme.Light);
        var signedIn = await page.Context.StorageStateAsync();
        await page.Context.CloseAsync();
        var context = await browser.NewAsync(new() { ViewportSize = new() { Width = width, Height = height }, DeviceScaleFactor = scale, ReducedMotion = ReducedMotion.Reduce, StorageState = signedIn });
        page = await context.NewPageAsync();
        List<string> faults = [];
        foreach (var room in new[] { "overview", "contacts", "gate", "rules", "registers", "forms", "ledger", "settings" })
        {
            Assert.Equal(200, (await page.GotoAsync($"{demo.Url}/c/demo/{room}"))!.Status);
            faults.AddRange((await page.FaultsAsync(width, isScanned: false)).Concat(await page.MovingAsync()).Select(fault => $"{room}: {fault}"));
            if (Screens is not null && await SettledAsync(page))
                await page.ScreenshotAsync(new() { Path = Path.Combine(Screens, $"{room}-{width}.png") });
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        await context.CloseAsync();
    }

    // The page of the map that an address is of: one whose words are the same, before one that has a place for them.
    private static string RouteOf(string address)
    {
        var parts = new Uri(address).AbsolutePath.Trim('/').Split('/');
        return PageRoutes.All.Where(static route => route.Method == "GET").Select(static route => route.Path).Where(path => path.Split('/') is var own && own.Length == parts.Length && own.Zip(parts).All(static pair => pair.First.StartsWith('{') || pair.First == pair.Second))
            .OrderBy(static path => path.Count(static sign => sign == '{')).First();
    }

    private static string NameOf(string room) => new Uri(room).AbsolutePath.Replace("/c/demo/", "", StringComparison.Ordinal).Trim('/').Replace('/', '-');

    // What stands one door further: each where the room before it leads.
    private async Task<IReadOnlyList<(string Name, string Address)>> BeyondAsync(IPage page)
    {
        List<(string, string)> found = [];
        foreach (var (name, room, door) in new[]
        {
            ("form", "forms", "main table tbody th a"), ("form-editor", "forms", "main table tbody th a"), ("notice", "settings/notice", ""), ("request", "requests", "main table a[href*='/requests/']"), ("person", "contacts?may=allowed", "main table tbody th a"),
            ("rule-change", "rules", "main a[href*='/rules/changes/']"), ("wordings", "settings/wordings", ""), ("quarantine", "quarantine", ""), ("decision", "gate", "#feed th a"), ("gate-ask", "gate/ask", ""),
            ("register-form", "registers/load", ""), ("rule", "rules?pack=us-fl", "main a[href*='/rules/of/']"), ("rules-new", "rules/new", ""), ("request-new", "requests/new", ""), ("record", "ledger", "main a.seq"),
            ("controller", "settings/controller", ""), ("controllers", "settings/controllers", ""), ("purposes", "settings/purposes", ""), ("form-paper", "forms", "main table tbody th a"), ("wording", "settings/wordings", "main table tbody th a"), ("webhooks", "settings/webhooks", ""),
            ("backups", "settings/backups", ""), ("health", "settings/health", ""), ("member", "team", "main table tbody th a"), ("done", "done/withdrawn", ""),
        })
        {
            var address = $"{demo.Url}/c/demo/{room}";
            if (door.Length > 0)
            {
                await page.GotoAsync(address);
                address = new Uri(new Uri(address), await page.Locator(door).First.GetAttributeAsync("href")).AbsoluteUri;
            }

            found.Add((name, name switch { "form-editor" => $"{demo.Url}/c/demo/forms/new?from={address.Split('/')[^1]}", "form-paper" => address + "/paper", _ => address }));
        }

        // Somebody who was asked, and what is to be done about them; and what somebody was shown who answered by a form.
        await page.GotoAsync(demo.Url + "/c/demo/contacts?consent=pending");
        var asked = await page.EvaluateAsync<string>("document.querySelector('main table tbody th a').href");
        await page.GotoAsync(demo.Url + "/c/demo/ledger?type=consent.requested");
        var shown = await page.EvaluateAsync<string?>("""
            async () => {
              for (const person of new Set([...document.querySelectorAll("main table td a[href*='/contacts/']")].map(a => a.href))) {
                const link = new DOMParser().parseFromString(await (await fetch(person)).text(), 'text/html').querySelector("a[href*='/forms/shown/']");
                if (link) return new URL(link.getAttribute('href'), person).href;
              }
              return null;
            }
            """);
        Assert.NotNull(shown);
        found.AddRange([("form-shown", shown), ("confirm", asked + "/confirm"), ("consent", asked + "/consent"), ("own-page", asked + "/own-page"), ("again", demo.Url + "/account/again"), ("sign-in-help", demo.Url + "/sign-in/help"), ("register-load", await LoadAsync(page)), ("result", await RefuseAsync(page))]);
        return found;
    }

    // Somebody in South Korea says no by telephone, and has to be told what came of it.
    private async Task<string> RefuseAsync(IPage page)
    {
        await page.GotoAsync(demo.Url + "/c/demo/overview");
        await page.WaitForSelectorAsync("html[data-script=on]");
        await page.EvaluateAsync("document.querySelector('#palette').showModal()");
        await page.FillAsync("#palette [name=q]", "+82 10 2000 1234");
        await page.PressAsync("#palette [name=q]", "Enter");
        await page.ClickAsync("form[action$='/withdrawals/new'] button");
        await page.ClickAsync("main form button.btn-no-1");
        await page.ArriveAsync("**/done/withdrawn*");
        await page.GotoAsync(demo.Url + "/c/demo/requests");
        return new Uri(new Uri(page.Url), await page.Locator("main a[href*='/requests/results/']").First.GetAttributeAsync("href")).AbsoluteUri;
    }

    // A register of one number, once it is made.
    private async Task<string> LoadAsync(IPage page)
    {
        await page.GotoAsync(demo.Url + "/c/demo/registers/load");
        await page.FillAsync("#f-name", "rooms");
        await page.FillAsync("#f-as-of", DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        await page.SetInputFilesAsync("#f-file", new FilePayload { Name = "list.txt", MimeType = "text/plain", Buffer = "+12015550123\n"u8.ToArray() });
        await page.ClickAsync("main form button.btn-1");
        await page.ArriveAsync("**/registers/loads/*");
        await page.WaitForSelectorAsync("#came");
        return page.Url;
    }

    // A picture shows what is counted, not that it is being counted.
    private static async Task<bool> SettledAsync(IPage page)
    {
        while (await page.Locator("[data-pending]").CountAsync() > 0)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            await page.ReloadAsync();
        }

        return true;
    }

    [Fact]
    public async Task An_agent_does_not_see_what_a_privacy_officer_sees()
    {
        var page = await demo.SignInAsync(browser, demo.Officer, 1280, ColorScheme.Light);
        var rooms = await page.EvaluateAsync<string[]>("[...new Set([...document.querySelectorAll('.side .nav a')].map(a => a.href))]");
        await page.Context.CloseAsync();
        page = await demo.SignInAsync(browser, demo.Agent, 1280, ColorScheme.Light);
        var mine = await page.EvaluateAsync<string[]>("[...new Set([...document.querySelectorAll('.side .nav a')].map(a => a.href))]");
        var closed = rooms.Except(mine).ToList();
        Assert.NotEmpty(closed);
        foreach (var room in closed)
            Assert.Equal(403, (await page.GotoAsync(room))!.Status);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_house_is_walked_through_by_keys_alone()
    {
        var page = await demo.SignInAsync(browser, demo.Officer, 1280, ColorScheme.Light);
        // Keys are heard once the script runs.
        Task Heard() => page.WaitForSelectorAsync("html[data-script=on]");
        await Heard();
        foreach (var (key, dialog) in new[] { ("Control+k", "#palette"), ("?", "#keys") })
        {
            await page.Keyboard.PressAsync(key);
            await page.WaitForSelectorAsync(dialog + "[open]");
            await page.Keyboard.PressAsync("Escape");
            await page.WaitForSelectorAsync(dialog + ":not([open])", new() { State = WaitForSelectorState.Attached });
        }

        // One mark says that a part folds open, not two.
        Assert.Equal(0, await page.EvaluateAsync<int>("[...document.querySelectorAll('summary')].filter(s => s.querySelector('.i') && getComputedStyle(s, '::before').content !== 'none').length"));

        // What is no room is a person: by name too, and the palette says so.
        await page.Keyboard.PressAsync("Control+k");
        await page.WaitForSelectorAsync("#palette[open]");
        await page.Keyboard.TypeAsync("Okafor");
        await page.WaitForSelectorAsync("#palette [data-none]:visible");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("main table tbody th a:has-text('Okafor')");
        Assert.DoesNotContain("Okafor", page.Url, StringComparison.Ordinal);
        await Heard();

        foreach (var (letter, path) in await page.EvaluateAsync<string[][]>("[...document.querySelectorAll('.side .nav a[data-letter]')].map(a => [a.dataset.letter, new URL(a.href).pathname])") is { } keys
                     ? keys.Select(static pair => (pair[0], pair[1])) : [])
        {
            await page.Keyboard.PressAsync("g");
            await page.Keyboard.PressAsync(letter);
            await page.ArriveAsync(url => new Uri(url).AbsolutePath == path);
            await Heard();
        }

        // Down a list, up again, and into the row.
        await page.GotoAsync(demo.Url + "/c/demo/ledger");
        await Heard();
        foreach (var key in new[] { "j", "j", "k", "j" })
            await page.Keyboard.PressAsync(key);
        var second = page.Locator("[data-rows] tbody tr:nth-child(2)");
        Assert.Contains("at", await second.GetAttributeAsync("class"), StringComparison.Ordinal);
        var record = await second.Locator("th a").GetAttributeAsync("href");
        await page.Keyboard.PressAsync("Enter");
        await page.ArriveAsync(url => new Uri(url).AbsolutePath == record);
        // Every list whose rows lead somewhere; the no of a number that nobody is known by is a row without a door.
        foreach (var room in new[] { "contacts", "gate", "rules?pack=us-fl", "forms", "suppression", "requests", "team", "keys", "imports", "settings/wordings" })
        {
            await page.GotoAsync($"{demo.Url}/c/demo/{room}");
            await Heard();
            if (await page.Locator("main table tbody th a, main ol.line .what a").CountAsync() == 0)
                continue;
            await page.Keyboard.PressAsync("j");
            Assert.True(await page.EvaluateAsync<bool>("(at => at !== null && (at.querySelector('th a, .what a') ?? document.activeElement) === document.activeElement)(document.querySelector('tr.at, li.at'))"), room);
        }

        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Without_script_the_house_is_whole()
    {
        var page = await demo.SignInAsync(browser, demo.Officer, 1280, ColorScheme.Light, script: false);
        Assert.Equal(1, await page.Locator("h1").CountAsync());
        await page.ClickAsync(".side-foot form button");
        await page.ArriveAsync(url => url.Contains("/sign-in", StringComparison.Ordinal));
        await page.Context.CloseAsync();
    }
}
