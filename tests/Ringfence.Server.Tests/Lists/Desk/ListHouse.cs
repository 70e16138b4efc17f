using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Desk;

/// <summary>The pages of an installation whose desks for lists are at work.</summary>
internal sealed class ListHouse : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private Task work = Task.CompletedTask;
    private StoreHome? home;

    private ListHouse(PageHouse pages) => Pages = pages;

    public PageHouse Pages { get; }

    public House House => Pages.House;

    /// <summary>Where lists lie.</summary>
    public string Shelf => Path.Combine(House.Installation.Options.Data, "lists");

    public static async Task<ListHouse> BuildAsync(StoreOptions? store = null, TimeProvider? time = null, bool isAtWork = true, ExportQuota? quota = null)
    {
        var house = new ListHouse(await PageHouse.BuildAsync(store, time, quota: quota));
        if (isAtWork)
            house.Begin();
        return house;
    }

    /// <summary>The same in PostgreSQL; skipped by name where there is none.</summary>
    public static async Task<ListHouse> OnPostgresAsync()
    {
        var home = await PostgresHome.MakeAsync();
        var house = await BuildAsync(home.Options);
        house.home = home;
        return house;
    }

    /// <summary>Sets the desks to work, as the start of the server does.</summary>
    public void Begin()
    {
        var logger = Pages.Logs.CreateLogger(nameof(ListHouse));
        work = Task.WhenAll(Pages.Served.Lists.RunAsync(logger, stop.Token), Pages.Served.Imports.RunAsync(logger, stop.Token));
    }

    /// <summary>Brings a list; the address it then is at.</summary>
    public async Task<string> BringAsync(string text, string name = "leads.csv", Role role = Role.Marketer)
    {
        var seen = await SendAsync(Form(role, ("list", name, Encoding.UTF8.GetBytes(text))), role);
        Assert.True(seen.Status == HttpStatusCode.SeeOther, seen.ToString());
        return seen.Location![1..^"/reading".Length];
    }

    public Task<Seen> SendAsync(HttpContent form, Role? role) => Pages.SendAsync(HttpMethod.Post, Pages.Controller + "imports", role, form);

    /// <summary>A form with lists, the token first as the page has it.</summary>
    public static MultipartFormDataContent Form(Role role, params (string Field, string Name, byte[] Bytes)[] files)
    {
        var form = new MultipartFormDataContent { { new StringContent(PageHouse.TokenOf(role)), "_t" } };
        foreach (var (field, name, bytes) in files)
            form.Add(new ByteArrayContent(bytes), field, name);
        return form;
    }

    /// <summary>Waits until a page leads on, or says something.</summary>
    public async Task<Seen> UntilAsync(string path, Func<Seen, bool> isSo, Role role = Role.Marketer)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            var seen = await Pages.GetAsync(path, role);
            if (isSo(seen))
                return seen;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException(path);
    }

    /// <summary>Waits until a list is read; where it then leads.</summary>
    public async Task<string> ReadAsync(string at) => (await UntilAsync(at + "/reading", static seen => seen.Status == HttpStatusCode.SeeOther)).Location![1..];

    public Task<Seen> GetAsync(string path, Role? role = Role.Marketer, string lang = "en") => Pages.GetAsync(path, role, lang);

    public Task<Seen> PostAsync(string path, params (string Name, string Value)[] fields) => Pages.PostAsync(path, Role.Marketer, fields);

    /// <summary>The same from somebody who has just shown again that it is them.</summary>
    public Task<Seen> PostAgainAsync(string path, params (string Name, string Value)[] fields) => Pages.PostAgainAsync(path, Role.Marketer, fields);

    /// <summary>The fields of a form as its page has them.</summary>
    public static (string Name, string Value)[] FieldsOf(string page)
    {
        var fields = new List<(string, string)>();
        foreach (Match select in Regex.Matches(page, "<select[^>]* name=\"([^\"]+)\"[^>]*>(.*?)</select>", RegexOptions.Singleline))
            fields.Add((select.Groups[1].Value, WebUtility.HtmlDecode((Regex.Match(select.Groups[2].Value, "<option value=\"([^\"]*)\"[^>]* selected") is { Success: true } chosen ? chosen : Regex.Match(select.Groups[2].Value, "<option value(?:=\"([^\"]*)\")?")).Groups[1].Value)));
        foreach (Match input in Regex.Matches(page, "<input class=\"input\"[^>]*>"))
            fields.Add((Regex.Match(input.Value, " name=\"([^\"]+)\"").Groups[1].Value, WebUtility.HtmlDecode(Regex.Match(input.Value, " value=\"([^\"]*)\"").Groups[1].Value)));
        return [.. fields];
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await work;
        await Pages.DisposeAsync();
        if (home is not null)
            await home.DisposeAsync();
        stop.Dispose();
    }
}
