using Xunit;

namespace Ringfence.Journeys;

public sealed class SeveralListsJourney : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("ringfence-journey-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    private string Write(string folder, string text)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(root, folder)).FullName, "list.csv");
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public async Task A_refusal_in_a_list_of_the_same_name_closes_the_number_in_the_other()
    {
        var one = Write("a", "姓名,电话,手机\n王伟,,+8613800000360\n李磊,13800000361,\n");
        var two = Write("b", "Num,notes\n+8613800000360,please never ring again\n");
        var (exit, _, errors) = await RingfenceProcess.RunAsync(
            "audit", one, two, Path.Combine(root, "a", "..", "b", "list.csv"), "--map", "phone=Num", "--region", "CN", "--quiet", "--out", Path.Combine(root, "out"));
        Assert.True(exit == 0, errors);
        var rows = File.ReadAllLines(Path.Combine(root, "out", "contacts.csv")).Skip(1).Select(static line => line.Split(',')).ToList();
        Assert.Equal(3, rows.Count);
        Assert.Equal(["+8613800000360", "valid", "other-number"], rows[0][3..6]);
        Assert.Equal($"row {two}:1", rows[0][9]);
        Assert.Equal("never", rows[0][10]);
        Assert.Equal("reconfirm", rows[1][10]);
        Assert.Equal($"{one}:1", rows[2][6]);
    }

    [Fact]
    public async Task A_header_that_no_list_has_ends_the_run()
    {
        var (exit, _, errors) = await RingfenceProcess.RunAsync(
            "audit", Write("a", "phone\n+8613800000360\n"), Write("b", "Num\n+8613800000361\n"), "--map", "phone=Nope", "--out", Path.Combine(root, "out"));
        Assert.Equal(2, exit);
        Assert.Contains("Nope", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(root, "out")));
    }

    [Fact]
    public async Task Every_row_of_a_list_given_as_refusals_closes_its_person_in_all()
    {
        var one = Write("a", "name,phone,email,consent\nAnn Smith,+493023125123,ann@example.org,yes\nBob Jones,+493023125124,bob@example.org,yes\n");
        var refusals = Write("b", "email\nann@example.org\n");
        var (exit, output, errors) = await RingfenceProcess.RunAsync("audit", one, "--suppress", refusals, "--out", Path.Combine(root, "out"));
        Assert.True(exit == 0, errors);
        Assert.DoesNotContain("Nobody is closed", output, StringComparison.Ordinal);
        var rows = File.ReadAllLines(Path.Combine(root, "out", "contacts.csv")).Skip(1).Select(static line => line.Split(',')).ToList();
        Assert.Equal(["never", "reconfirm", "never"], rows.Select(static row => row[10]));
        Assert.Equal($"row {refusals}:1", rows[0][9]);
    }
}
