using System.CommandLine;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Hosting;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>What is told by option, variable and file, which goes first, and that the reference says all of it.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly Dictionary<string, string> variables = [];
    private readonly Configuration configuration;
    private readonly RootCommand root;

    public ConfigurationTests()
    {
        configuration = new Configuration(variables.GetValueOrDefault, (name, value) => variables[name] = value);
        root = new RootCommand("test") { ServeCommand.Create(TimeProvider.System, configuration), WithdrawCliCommand.CreateWithdraw(TimeProvider.System) };
    }

    private IReadOnlyList<Setting> Settings => Setting.Of(root.Subcommands[0]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_reference_tells_of_every_setting_and_of_no_other()
    {
        var told = File.ReadLines(Path.Combine(Repository.Root, "docs/reference/configuration.md"))
            .Where(static line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains("`RINGFENCE_", StringComparison.Ordinal))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(static cells => (Option: cells[1].Trim('`'), Variable: cells[2].Trim('`'), Key: cells[3].Trim('`'), Default: cells[5].Trim('`')));
        Assert.Equal(Settings.Select(static setting => (Option: setting.Option?.Name ?? "", setting.Variable, setting.Key, setting.Default)).Order(), told.Order());
    }

    [Fact]
    public void An_option_goes_before_a_variable_and_that_before_the_file_and_that_before_what_holds_otherwise()
    {
        var file = Write("conf.yaml", "urls: http://127.0.0.1:1\n");
        Assert.Equal(("http://127.0.0.1:5080", ""), UrlsOf("serve"));
        Assert.Equal(("http://127.0.0.1:1", $"{file}:1"), UrlsOf("serve", "--config", file));
        variables["RINGFENCE_CONFIG"] = file;
        Assert.Equal(("http://127.0.0.1:1", $"{file}:1"), UrlsOf("serve"));
        variables["RINGFENCE_URLS"] = "http://127.0.0.1:2";
        Assert.Equal(("http://127.0.0.1:2", "RINGFENCE_URLS"), UrlsOf("serve"));
        Assert.Equal(("http://127.0.0.1:3", "--urls"), UrlsOf("serve", "--urls", "http://127.0.0.1:3"));
        variables["RINGFENCE_URLS"] = "";
        Assert.Equal(("http://127.0.0.1:1", $"{file}:1"), UrlsOf("serve"));
    }

    [Fact]
    public void What_the_file_says_is_what_the_command_gets()
    {
        var file = Write("conf.yaml", "urls: [http://127.0.0.1:1, 'http://127.0.0.1:2']\nfacts: sub/facts.yaml\nhouse: a=b.yaml\nrules: shipped\n");
        var parsed = root.Parse(configuration.Complete(root, ["serve", "--config", file]));
        Assert.Empty(parsed.Errors);
        Assert.Equal("http://127.0.0.1:1;http://127.0.0.1:2", parsed.GetValue<string?>("--urls"));
        // From where the file lies, not from where the program was started.
        Assert.Equal(folder.In("sub/facts.yaml"), parsed.GetValue<string?>("--facts"));
        Assert.Equal(folder.In("a=b.yaml"), parsed.GetValue<string?>("--house"));
        Assert.Equal("shipped", parsed.GetValue<string?>("--rules"));
    }

    [Theory]
    [InlineData("url: http://127.0.0.1:1\n", "conf.yaml:1:1: unknown key 'url'")]
    [InlineData("data: x\n\n  \nurls:\n", "conf.yaml:4:6: 'urls' has no value")]
    [InlineData("data: x\ndata: y\n", "conf.yaml:2:1")]
    [InlineData("- data\n", "conf.yaml:1:1")]
    [InlineData("data: { a: b }\n", "conf.yaml:1:7")]
    [InlineData("data: x\n--- \ndata: y\n", "conf.yaml:2")]
    [InlineData("data: *x\n", "conf.yaml:1:7")]
    [InlineData("db: [[secret]]\n", "conf.yaml:1:6")]
    public void A_file_that_is_not_in_order_is_refused_by_line_and_column_and_no_value_is_told(string text, string expected)
    {
        var file = Write("conf.yaml", text);
        var e = Assert.Throws<RuleFileException>(() => configuration.Complete(root, ["serve", "--config", file]));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_may_stand_in_files_of_their_own_and_are_not_shown()
    {
        var secret = Write("db", "Host=db;Password=hunter2\n");
        variables["RINGFENCE_DB_FILE"] = secret;
        var parsed = root.Parse(configuration.Complete(root, ["serve"]));
        Assert.Equal("Host=db;Password=hunter2", parsed.GetValue<string?>("--db"));
        foreach (var json in (bool[])[false, true])
        {
            using var shown = new StringWriter();
            ConfigurationPage.Write(configuration, Settings, json, shown);
            Assert.DoesNotContain("hunter2", shown.ToString(), StringComparison.Ordinal);
            Assert.Contains(Configuration.Hidden, shown.ToString(), StringComparison.Ordinal);
            Assert.Contains("RINGFENCE_DB_FILE", shown.ToString(), StringComparison.Ordinal);
        }

        variables["RINGFENCE_DB"] = "Host=other";
        Assert.Throws<UnusableFileException>(() => configuration.Complete(root, ["serve"]));
        variables.Clear();
        var file = Write("conf.yaml", "keyring-db-file: db\n");
        configuration.Complete(root, ["serve", "--config", file]);
        Assert.Equal("Host=db;Password=hunter2", variables["RINGFENCE_KEYRING_DB"]);
        Assert.Throws<UnusableFileException>(() => configuration.Complete(root, ["serve", "--config", Write("two.yaml", "keyring-db-file: db\nkeyring-db: Host=x\n")]));
        Assert.Throws<UnusableFileException>(() => configuration.Complete(root, ["serve", "--config", Write("none.yaml", "db-file: nowhere\n")]));
    }

    [Fact]
    public void Other_commands_find_the_store_that_the_file_names()
    {
        var file = Write("conf.yaml", "data: here\nurls: http://127.0.0.1:1\n");
        var parsed = root.Parse(configuration.Complete(root, ["withdraw", "+447400123456", "--config", file]));
        Assert.Empty(parsed.Errors);
        Assert.Equal(folder.In("here"), StoreArguments.DataOf(parsed));
    }

    private (string, string) UrlsOf(params string[] line)
    {
        configuration.Complete(root, line);
        return configuration.InForce(Settings.Single(static setting => setting.Key == "urls"));
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(folder.In(name), text);
        return folder.In(name);
    }
}
