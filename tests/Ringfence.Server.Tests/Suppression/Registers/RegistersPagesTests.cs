using System.Net;
using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Suppression.Registers;

public sealed class RegistersPagesTests
{
    private const string Listed = "+12125550123";

    [Fact]
    public async Task A_register_is_loaded_by_a_form_counts_at_once_and_leaves_no_file_behind()
    {
        await using var house = await PageHouse.BuildAsync();
        var page = await house.GetAsync(house.Controller + "registers", Role.PrivacyOfficer);
        Assert.Contains("us-national", page.Text, StringComparison.Ordinal);
        Assert.Contains("not here", page.Text, StringComparison.Ordinal);

        var begun = await SendAsync(house, Role.PrivacyOfficer, PageHouse.TokenOf(Role.PrivacyOfficer), Listed + "\n+12125550124\n");
        Assert.Equal(HttpStatusCode.SeeOther, begun.Status);
        var done = await DoneAsync(house, begun.Location!);
        Assert.Contains("In its place: 2 numbers", done.Text, StringComparison.Ordinal);
        Assert.Equal(2, house.House.Installation.Registers.Copies.Single().Facts!.Count);
        Assert.Empty(Directory.EnumerateFiles(house.House.Installation.Options.Data, "001", SearchOption.AllDirectories));
        var record = (await house.House.RecordsAsync())[^1];
        Assert.Equal((RecordType.ConfigChanged, "register-loaded", "us-national"), (record.Type, record.Detail!["what"]!.AsText!, record.Detail["register"]!.AsText!));

        // What changed is put on it.
        var delta = await DoneAsync(house, (await SendAsync(house, Role.PrivacyOfficer, PageHouse.TokenOf(Role.PrivacyOfficer), "+12125550125\n", ("kind", "added"))).Location!);
        Assert.Contains("In its place: 3 numbers", delta.Text, StringComparison.Ordinal);
        Assert.Contains("version 2", (await house.GetAsync(house.Controller + "registers", Role.Auditor)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_lines_an_older_day_and_a_form_that_is_not_ours_leave_the_copy_that_is_there()
    {
        await using var house = await PageHouse.BuildAsync();
        var token = PageHouse.TokenOf(Role.PrivacyOfficer);
        await DoneAsync(house, (await SendAsync(house, Role.PrivacyOfficer, token, Listed + "\n")).Location!);
        var damaged = await DoneAsync(house, (await SendAsync(house, Role.PrivacyOfficer, token, Listed + "\nnot a number\n")).Location!);
        Assert.Contains("1 line can", damaged.Text, StringComparison.Ordinal);
        Assert.Contains("Line 2:", damaged.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("not a number", damaged.Text, StringComparison.Ordinal);
        var older = await DoneAsync(house, (await SendAsync(house, Role.PrivacyOfficer, token, Listed + "\n", ("as-of", "2020-01-01"))).Location!);
        Assert.Contains("a later day", older.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(house.House.Folder, older.Text, StringComparison.Ordinal);
        var size = await house.SizeAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(house, Role.PrivacyOfficer, "wrong", Listed + "\n")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(house, Role.Marketer, PageHouse.TokenOf(Role.Marketer), Listed + "\n")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(house, Role.PrivacyOfficer, token, Listed + "\n", ("name", "../us"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(house, Role.PrivacyOfficer, token, Listed + "\n", ("out", "/srv/x"))).Status);
        Assert.Equal(size, await house.SizeAsync());
        Assert.Equal(1, house.House.Installation.Registers.Copies.Single().Facts!.Version);
        Assert.Empty(Directory.EnumerateFiles(house.House.Installation.Options.Data, "001", SearchOption.AllDirectories));
    }

    private static Task<Seen> SendAsync(PageHouse house, Role role, string token, string content, params (string Name, string Value)[] fields)
    {
        var today = LocalDatePattern.Iso.Format(Instant.FromDateTimeOffset(house.House.Installation.Time.GetUtcNow()).InUtc().Date);
        var said = new Dictionary<string, string> { ["_t"] = token, ["name"] = "us-national", ["kind"] = "whole", ["as-of"] = today, ["format"] = "plain" };
        foreach (var (name, value) in fields)
            said[name] = value;
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in said)
            form.Add(new StringContent(value), name);
        form.Add(new StringContent(content), "file", "list.txt");
        return house.SendAsync(HttpMethod.Post, house.Controller + "registers/load", role, form);
    }

    private static async Task<Seen> DoneAsync(PageHouse house, string location)
    {
        // The stream of its progress ends when it is done.
        var seen = await house.GetAsync(location[1..] + "/progress", Role.PrivacyOfficer);
        Assert.Contains("\"done\":true", await seen.Response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        return await house.GetAsync(location[1..], Role.PrivacyOfficer);
    }
}
