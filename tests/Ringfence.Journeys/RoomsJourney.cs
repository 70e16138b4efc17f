using Microsoft.Playwright;
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
        ("en", ColorScheme.Light, 1280), ("zh-Hans", ColorScheme.Dark, 1280), ("zh-Hant", ColorScheme.Light, 1280), ("en", ColorScheme.Dark, 375), ("zh-Hans", ColorScheme.Light, 375), ("zh-Hant", ColorScheme.Dark, 375),
    ];

    public static TheoryData<string, ColorScheme, int> Views => [.. Sights];

    [Theory, MemberData(nameof(Views))]
    public async Task Every_room_is_accessible_fits_its_width_and_weighs_little(string language, ColorScheme scheme, int width)
    {
        var page = await demo.SignInAsync(browser, demo.Officer, width, scheme, language);
        var rooms = await page.EvaluateAsync<string[]>("[...new Set([...document.querySelectorAll('.side .nav a')].map(a => a.href))]");
        Assert.NotEmpty(rooms);
        List<string> faults = [];
        foreach (var ((name, room), index) in rooms.Append(demo.Url + "/account").Select(room => (NameOf(room), room)).Concat(await BeyondAsync(page)).Select(static (room, index) => (room, index)))
        {
            List<IResponse> got = [];
            page.Response += Got;
            var response = await page.GotoAsync(room);
            page.Response -= Got;
            if (response?.Status != 200)
            {
                faults.Add($"{name}: {response?.Status}");
                continue;
            }

            // Each room is looked through in two of the views, rooms side by side in others; all have the same elements in the same colours.
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
                if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth") > Zoomed)
                    faults.Add($"{name}: scrolls sideways at 200 %");
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
        await page.Context.CloseAsync();
    }

    private static string NameOf(string room) => new Uri(room).AbsolutePath.Replace("/c/demo/", "", StringComparison.Ordinal).Trim('/').Replace('/', '-');

    // What stands one door further: each where the room before it leads.
    private async Task<IReadOnlyList<(string Name, string Address)>> BeyondAsync(IPage page)
    {
        List<(string, string)> found = [];
        foreach (var (name, room, door) in new[]
        {
            ("form", "forms", "main table tbody th a"), ("form-editor", "forms", "main table tbody th a"), ("notice", "settings/notice", ""), ("request", "requests", "main table a[href*='/requests/']"), ("person", "contacts?may=allowed", "main table tbody th a"),
            ("rule-change", "rules", "main a[href*='/rules/changes/']"), ("wordings", "settings/wordings", ""), ("quarantine", "quarantine", ""),
        })
        {
            var address = $"{demo.Url}/c/demo/{room}";
            if (door.Length > 0)
            {
                await page.GotoAsync(address);
                address = new Uri(new Uri(address), await page.Locator(door).First.GetAttributeAsync("href")).AbsoluteUri;
            }

            found.Add((name, name == "form-editor" ? $"{demo.Url}/c/demo/forms/new?from={address.Split('/')[^1]}" : address));
        }

        return found;
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

        foreach (var (letter, path) in await page.EvaluateAsync<string[][]>("[...document.querySelectorAll('.side .nav a[data-letter]')].map(a => [a.dataset.letter, new URL(a.href).pathname])") is { } keys
                     ? keys.Select(static pair => (pair[0], pair[1])) : [])
        {
            await page.Keyboard.PressAsync("g");
            await page.Keyboard.PressAsync(letter);
            await page.WaitForURLAsync(url => new Uri(url).AbsolutePath == path);
            await Heard();
        }

        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Without_script_the_house_is_whole()
    {
        var page = await demo.SignInAsync(browser, demo.Officer, 1280, ColorScheme.Light, script: false);
        Assert.Equal(1, await page.Locator("h1").CountAsync());
        await page.ClickAsync(".side-foot form button");
        await page.WaitForURLAsync(url => url.Contains("/sign-in", StringComparison.Ordinal));
        await page.Context.CloseAsync();
    }
}
