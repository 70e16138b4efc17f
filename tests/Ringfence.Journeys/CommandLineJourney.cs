using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Journeys;

public sealed partial class CommandLineJourney
{
    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hans")]
    [InlineData("zh-Hant")]
    public async Task Help_is_in_the_language_asked_for(string language)
    {
        foreach (var command in new[] { Array.Empty<string>(), ["audit"], ["numbers"], ["decide"], ["rules"], ["rules", "list"], ["rules", "show"], ["rules", "test"], ["rules", "diff"] })
        {
            var (exit, output, errors) = await RingfenceProcess.RunAsync([.. command, "--help", "--lang", language]);
            Assert.Equal(0, exit);
            Assert.Empty(errors);
            // Of what begins a line or stands behind a name, nothing is left in English.
            Assert.Equal(language != "en", Han().IsMatch(output));
            if (language != "en")
                Assert.DoesNotContain(output.Split('\n'), line => English().IsMatch(line));
        }
    }

    [Fact]
    public async Task Who_verifies_a_store_that_does_not_open_is_told_what_helps()
    {
        var folder = Directory.CreateTempSubdirectory("rf-damaged-").FullName;
        try
        {
            string[] store = ["--data", Path.Combine(folder, "data"), "--keys", Path.Combine(folder, "keys")];
            Assert.Equal(0, (await RingfenceProcess.RunAsync(["controller", "add", "ringmuster", "--party", "samples/party-ringmuster.yaml", .. store])).Exit);
            // Page 1 holds the schema.
            await using (var file = new FileStream(Path.Combine(folder, "data", "ringfence.db"), FileMode.Open, FileAccess.Write))
            {
                file.Position = 100;
                await file.WriteAsync(Enumerable.Repeat((byte)0xa5, 3000).ToArray(), TestContext.Current.CancellationToken);
            }

            var (exit, _, errors) = await RingfenceProcess.RunAsync(["verify", .. store]);
            Assert.Equal(3, exit);
            Assert.Contains("ringfence restore", errors, StringComparison.Ordinal);
            Assert.DoesNotContain("Run: ringfence verify", errors, StringComparison.Ordinal);
            Assert.Contains("Run: ringfence verify", (await RingfenceProcess.RunAsync(["import", "list", .. store])).Errors, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("frob")]
    [InlineData("--frob")]
    [InlineData("audit")]
    [InlineData("audit --version")]
    [InlineData("audit samples/leads-2000.csv --as-off 2026-03-03")]
    [InlineData("audit samples/leads-2000.csv --as-of")]
    [InlineData("audit samples/leads-2000.csv --as-of 2026-03-03 --as-of 2026-03-04")]
    [InlineData("audit samples/leads-2000.csv --as-of 2026-02-30")]
    [InlineData("audit samples/leads-2000.csv --turnover 1.234")]
    [InlineData("audit samples/leads-2000.csv --map tel=phone")]
    [InlineData("audit samples/leads-2000.csv --map phone=Nummer")]
    [InlineData("audit samples/leads-2000.csv --channels telex")]
    [InlineData("audit samples/leads-2000.csv --encoding klingon")]
    [InlineData("audit samples/leads-2000.csv --out README.md")]
    [InlineData("audit samples")]
    [InlineData("audit samples/none.csv")]
    [InlineData("numbers --region UK")]
    [InlineData("numbers --json --tsv")]
    [InlineData("numbers 1")]
    [InlineData("decide")]
    [InlineData("decide samples/none.yaml")]
    [InlineData("decide README.md")]
    [InlineData("rules frob")]
    [InlineData("rules show")]
    [InlineData("rules show fr-hour")]
    [InlineData("rules list --pack xx")]
    [InlineData("rules list --on 2026-02-30")]
    [InlineData("rules diff shipped")]
    [InlineData("rules diff shipped samples/none")]
    public async Task Arguments_that_cannot_be_used_are_refused_in_the_language_of_the_run(string line)
    {
        var (exit, output, errors) = await RingfenceProcess.RunAsync([.. line.Split(' '), "--lang=zh-Hans"]);
        Assert.Equal(2, exit);
        Assert.Empty(output);
        Assert.All(errors.TrimEnd().Split('\n'), said => Assert.Matches(Han(), said));
    }

    [Fact]
    public async Task The_option_json_works_before_and_behind_the_command()
    {
        var before = await RingfenceProcess.RunAsync("+44 20 7946 0018\n", ["--json", "numbers"]);
        var behind = await RingfenceProcess.RunAsync("+44 20 7946 0018\n", ["numbers", "--json"]);
        Assert.StartsWith("{\"input\":\"+44 20 7946 0018\"", before.Output, StringComparison.Ordinal);
        Assert.Equal(before, behind);
        Assert.Equal(0, before.Exit);
    }

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex Han();

    [GeneratedRegex("^[A-Z][a-z]+( |:|$)|  [A-Z][a-z]+ [a-z]+")]
    private static partial Regex English();
}
