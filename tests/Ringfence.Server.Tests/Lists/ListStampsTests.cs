using Ringfence.Server.Lists;
using Xunit;

namespace Ringfence.Server.Tests.Lists;

public sealed class ListStampsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("ringfence-test-").FullName;

    private string List => Path.Combine(root, "list.csv");

    public void Dispose() => Directory.Delete(root, recursive: true);

    public static TheoryData<string> Changes => ["longer", "shorter", "other", "gone", "replaced"];

    [Theory, MemberData(nameof(Changes))]
    public void A_list_that_changed_is_named(string change)
    {
        File.WriteAllText(List, "phone\n1\n");
        File.SetLastWriteTimeUtc(List, new DateTime(2026, 3, 3, 0, 0, 0, DateTimeKind.Utc));
        var link = File.CreateSymbolicLink(Path.Combine(root, "link.csv"), List).FullName;
        var (stamps, linked) = (new ListStamps([List]), new ListStamps([link]));
        switch (change)
        {
            case "longer":
                File.AppendAllText(List, "2\n");
                break;
            case "shorter":
                File.WriteAllText(List, "phone\n");
                break;
            case "other":
                File.WriteAllText(List, "phone\n2\n");
                break;
            case "gone":
                File.Delete(List);
                break;
            default:
                File.WriteAllText(Path.Combine(root, "new"), "phone\n2\n");
                File.Move(Path.Combine(root, "new"), List, overwrite: true);
                break;
        }

        Assert.Equal(List, stamps.Changed());
        Assert.Equal(link, linked.Changed());
    }

    [Fact]
    public void A_list_that_stayed_is_not_named_and_one_that_never_was_neither()
    {
        File.WriteAllText(List, "phone\n1\n");
        var stamps = new ListStamps([List, Path.Combine(root, "none.csv"), root, "/dev/null"]);
        _ = File.ReadAllText(List);
        Assert.Null(stamps.Changed());
    }
}
