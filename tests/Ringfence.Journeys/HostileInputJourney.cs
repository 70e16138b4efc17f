using Xunit;

namespace Ringfence.Journeys;

/// <summary>What is said where names, options and files were made to do harm.</summary>
public sealed class HostileInputJourney : IDisposable
{
    private const string Steering = "\u001b[31m\u009b31m\u0007\u202e\r";

    private readonly string root = Directory.CreateTempSubdirectory("ringfence-journey-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task Nothing_a_user_or_a_list_wrote_steers_the_terminal()
    {
        var list = Write($"l{Steering}\nist<b>.csv", $"phone{Steering},name,<script>{Steering}\n+4930231251234,=1+1,do not call\n");
        var missing = Path.Combine(root, "no" + Steering);
        foreach (var arguments in (string[][])
        [
            ["audit", list, "--out", Path.Combine(root, "out" + Steering)],
            ["audit", missing],
            ["audit", list, "--as-of", Steering],
            ["audit", list, "--map", $"x{Steering}=y"],
            ["audit", list, "--map", $"phone=y{Steering}"],
            ["audit", list, "--encoding", Steering],
            ["audit", list, "--out", Path.Combine(list, Steering)],
            ["audit", list, "--lang", Steering],
            ["nothing" + Steering],
        ])
        {
            var (_, output, errors) = await RingfenceProcess.RunAsync(arguments);
            Assert.NotEqual("", output + errors);
            Assert.True((output + errors).IndexOfAny(['\u001b', '\u009b', '\u0007', '\u202e', '\r']) < 0, string.Join(' ', arguments) + "\n" + output + errors);
        }
    }

    [Fact]
    public async Task A_folder_for_the_report_that_is_none_is_refused_in_words()
    {
        var list = Write("list.csv", "phone\n+4930231251234\n");
        foreach (var (folder, code) in new[] { ("", 2), (" ", 2), (list, 2), (Path.Combine(list, "in"), 3), (Path.Combine(root, new string('n', 300)), 3), ("/proc/none", 3) })
        {
            var (exit, output, errors) = await RingfenceProcess.RunAsync("audit", list, "--out", folder);
            Assert.Equal(code, exit);
            Assert.Equal("", output);
            Assert.StartsWith("ringfence: ", errors, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        }

        Assert.Equal([list], Directory.GetFileSystemEntries(root));
    }

    [Fact]
    public async Task A_person_in_the_first_row_of_a_list_without_header_is_not_repeated_to_the_screen()
    {
        var list = Write("list.csv", "+4930231251234,Bob,bob@example.org\n+4930231251235,Al,al@example.org\n");
        var (exit, _, errors) = await RingfenceProcess.RunAsync("audit", list, "--map", "phone=Handy", "--out", Path.Combine(root, "out"));
        Assert.Equal(2, exit);
        Assert.Contains("1, 2, 3", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Bob", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("93023", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("bob@", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_and_a_link_to_nowhere_are_refused_at_once()
    {
        var link = File.CreateSymbolicLink(Path.Combine(root, "link.csv"), Path.Combine(root, "nowhere")).FullName;
        foreach (var file in new[] { "/dev/zero", "/dev/null", "/proc/self/environ", link, root })
        {
            var (exit, _, errors) = await RingfenceProcess.RunAsync("audit", file, "--out", Path.Combine(root, "out"));
            Assert.Equal(2, exit);
            Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        }

        Assert.Equal([link], Directory.GetFileSystemEntries(root));
    }

    [Fact]
    public async Task Where_nothing_can_be_printed_the_report_stands_and_nobody_says_it_does_not()
    {
        var list = Write("list.csv", "phone\n+4930231251234\n");
        var shell = new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", "dotnet \"$0\" audit \"$1\" --out \"$2\" --json > /dev/full", RingfenceProcess.Dll, list, Path.Combine(root, "out")])
        {
            RedirectStandardError = true,
        };
        shell.Environment["LC_ALL"] = "C.UTF-8";
        using var process = System.Diagnostics.Process.Start(shell)!;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, process.ExitCode);
        Assert.DoesNotContain("Nothing was written", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(root, "out", "report.html")));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(root, name);
        File.WriteAllText(path, text);
        return path;
    }
}
