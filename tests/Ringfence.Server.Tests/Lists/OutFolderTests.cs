using Ringfence.Server.Lists;
using Xunit;

namespace Ringfence.Server.Tests.Lists;

public sealed class OutFolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("ringfence-test-").FullName;

    private string Target => Path.Combine(root, "out");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_run_that_is_not_completed_leaves_nothing()
    {
        using (var folder = new OutFolder(Target))
        using (var file = folder.Create("contacts.csv"))
            file.WriteByte(1);
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public void A_run_that_is_not_completed_leaves_an_earlier_report_as_it_was()
    {
        Earlier("contacts.csv", "audit.json", "report.html");
        using (var folder = new OutFolder(Target))
            folder.Create("contacts.csv").Dispose();
        Assert.Equal(["audit.json", "contacts.csv", "report.html"], Names());
        Assert.All(Names(), name => Assert.Equal("earlier", Text(name!)));
    }

    [Fact]
    public void A_completed_run_replaces_what_an_earlier_one_wrote_and_nothing_else()
    {
        Earlier("contacts.csv", "audit.json", "report.html", "usable-fax.csv", "mine.csv", "never-voice.csv.bak");
        using (var folder = new OutFolder(Target))
        {
            folder.Create("contacts.csv").Dispose();
            folder.Create("audit.json").Dispose();
            folder.Complete();
        }

        Assert.Equal(["audit.json", "contacts.csv", "mine.csv", "never-voice.csv.bak"], Names());
        Assert.Equal("", Text("contacts.csv"));
    }

    [Fact]
    public void What_a_killed_run_left_is_taken_away()
    {
        Directory.CreateDirectory(Path.Combine(Target, ".unfinished"));
        File.WriteAllText(Path.Combine(Target, ".unfinished", "never-voice.csv"), "half");
        File.WriteAllText(Path.Combine(Target, ".unfinished", "hold"), "");
        using (var folder = new OutFolder(Target))
        {
            folder.Create("contacts.csv").Dispose();
            folder.Complete();
        }

        Assert.Equal(["contacts.csv"], Names());
    }

    [Fact]
    public void Two_runs_do_not_mix_their_files_in_one_folder()
    {
        using var first = new OutFolder(Target);
        first.Create("contacts.csv").Dispose();
        Assert.Equal("busy", Refused(() => new OutFolder(Target).Dispose()));
        first.Complete();
        first.Dispose();
        Assert.Equal(["contacts.csv"], Names());
    }

    [Fact]
    public void A_file_that_is_of_no_audit_is_not_overwritten()
    {
        Earlier("contacts.csv");
        Assert.Equal("not-ours", Refused(() => new OutFolder(Target).Dispose()));
        Assert.Equal(["contacts.csv"], Names());
        Assert.Equal("earlier", Text("contacts.csv"));
    }

    [Theory]
    [InlineData("contacts.csv", false)]
    [InlineData("usable-voice.csv", false)]
    [InlineData("usable-voice.csv", true)]
    public void A_list_is_not_overwritten_by_its_own_report(string name, bool byLink)
    {
        Earlier(name, "audit.json");
        var list = Path.Combine(Target, "..", "out", name);
        if (byLink)
        {
            Directory.CreateSymbolicLink(Path.Combine(root, "other"), Target);
            list = File.CreateSymbolicLink(Path.Combine(root, "leads.csv"), Path.Combine(root, "other", name)).FullName;
        }

        using (var folder = new OutFolder(Target))
            Assert.Equal("holds-list", Refused(() => folder.Spare([list])));
        Assert.Equal("earlier", Text(name));
    }

    [Fact]
    public void A_list_of_such_a_name_elsewhere_or_of_another_name_in_the_folder_is_no_hindrance()
    {
        Earlier("leads.csv", "audit.json");
        File.WriteAllText(Path.Combine(root, "contacts.csv"), "");
        using var folder = new OutFolder(Target);
        folder.Spare([Path.Combine(Target, "leads.csv"), Path.Combine(root, "contacts.csv"), Path.Combine(root, "nowhere.csv")]);
        folder.Create("contacts.csv").Dispose();
        folder.Complete();
        folder.Dispose();
        Assert.Equal(["contacts.csv", "leads.csv"], Names());
    }

    [Fact]
    public void A_file_is_no_folder()
    {
        File.WriteAllText(Target, "mine");
        Assert.Equal("no-folder", Refused(() => new OutFolder(Target).Dispose()));
        Assert.Equal("no-folder", Refused(() => new OutFolder(Path.Combine(Target, "deeper")).Dispose()));
        Assert.Equal("mine", File.ReadAllText(Target));
    }

    private static string Refused(Action use) => Assert.Throws<OutFolderException>(use).Code;

    private void Earlier(params string[] names)
    {
        Directory.CreateDirectory(Target);
        foreach (var name in names)
            File.WriteAllText(Path.Combine(Target, name), "earlier");
    }

    private IEnumerable<string?> Names() => Directory.GetFileSystemEntries(Target).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private string Text(string name) => File.ReadAllText(Path.Combine(Target, name));
}
