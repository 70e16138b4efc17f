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
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "contacts.csv"), "earlier");
        using (var folder = new OutFolder(Target))
            folder.Create("contacts.csv").Dispose();
        Assert.Equal("earlier", File.ReadAllText(Path.Combine(Target, "contacts.csv")));
        Assert.Single(Directory.GetFileSystemEntries(Target));
    }

    [Fact]
    public void A_completed_run_replaces_what_an_earlier_one_wrote_and_nothing_else()
    {
        Directory.CreateDirectory(Target);
        foreach (var name in new[] { "contacts.csv", "usable-fax.csv", "mine.csv", "never-voice.csv.bak" })
            File.WriteAllText(Path.Combine(Target, name), "earlier");
        using (var folder = new OutFolder(Target))
        {
            folder.Create("contacts.csv").Dispose();
            folder.Complete();
        }

        Assert.Equal(["contacts.csv", "mine.csv", "never-voice.csv.bak"], Directory.GetFileSystemEntries(Target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("", File.ReadAllText(Path.Combine(Target, "contacts.csv")));
    }

    [Fact]
    public void What_a_killed_run_left_is_taken_away()
    {
        Directory.CreateDirectory(Path.Combine(Target, ".unfinished-2147483647"));
        using (var folder = new OutFolder(Target))
        {
            folder.Create("contacts.csv").Dispose();
            folder.Complete();
        }

        Assert.Equal(["contacts.csv"], Directory.GetFileSystemEntries(Target).Select(Path.GetFileName));
    }
}
