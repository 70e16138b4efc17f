using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ringfence.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>What the verifier is told and what it answers: exit codes, sentences in three languages, one line of JSON.</summary>
public sealed partial class VerifierCommandTests : IDisposable
{
    private static readonly ForgedLedger Ledger = Made();

    private static readonly ForgedAuthority Authority = new();

    private readonly Verifying files = new();

    [Fact]
    public void Every_exit_code_is_reached_and_says_in_words_what_it_means()
    {
        var anchor = Ledger.Anchor(20, 20, Authority.Stamp(Encoding.UTF8.GetBytes(Ledger.Checkpoint(20)), Ledger.From));
        var (right, wrong, erased) = (Ledger.Bundle(20, [3, 7], anchor), Ledger.Bundle(20, [3, 7]), Ledger.Bundle(20, [3, 19], anchor.DeepClone().AsObject()));
        wrong["records"]![1]!["proof"] = Ledger.Proof(6, 20);
        erased["records"]![0]!["opened"]!.AsArray().Clear();
        erased["records"]![0]!["erased"] = new JsonArray("person", "evidence");

        Expect(0, "verified", "VERIFIED. ", right, "--tsa", Tsa());
        Expect(1, "false", "FALSE. ", wrong);
        Expect(2, "unusable", "UNUSABLE. ", new JsonObject());
        Expect(3, "unanchored", "VERIFIED, BUT NOT ANCHORED. ", right);
        var line = Expect(4, "erased", "VERIFIED, AND PARTLY ERASED. ", erased, "--tsa", Tsa());
        Assert.Equal((3, 19), (line.GetProperty("erased")[0].GetProperty("record").GetInt32(), line.GetProperty("erased")[0].GetProperty("by").GetInt32()));
        // Of several that apply, what names a fault comes first.
        erased["records"]![0]!["proof"] = Ledger.Proof(6, 20);
        Expect(1, "false", "FALSE. ", erased);
    }

    [Fact]
    public void A_checkpoint_that_was_kept_anchors_a_bundle_or_shows_a_fork_and_one_of_another_size_says_nothing()
    {
        var bundle = files.Write("bundle", Verifying.Bytes(Ledger.Bundle(20, [3, 7], Ledger.Anchor(12, 20))));
        Assert.Equal(0, Held(Ledger.Checkpoint(20)).Exit);
        Assert.Equal(0, Held(Ledger.Checkpoint(12)).Exit);
        var fork = new ForgedLedger(20, 2) { Key = Ledger.Key, ReceiptKey = Ledger.ReceiptKey };
        Assert.Equal(["held/fork"], Verifying.Failed(Held(fork.Checkpoint(20)).Line));
        Assert.Equal(["held/fork"], Verifying.Failed(Held(fork.Checkpoint(12)).Line));
        var other = Held(Ledger.Checkpoint(13));
        Assert.Equal((3, "held-not-tied"), (other.Exit, other.Line.GetProperty("passed_over")[0].GetProperty("why").GetString()));
        // One that covers only a part of the records.
        Assert.Equal(3, Held(Ledger.Checkpoint(7), Ledger.Anchor(7, 20)).Exit);
        Assert.Equal(0, Held(Ledger.Checkpoint(8), Ledger.Anchor(8, 20)).Exit);
        Assert.Equal("held-not-signed", Why(Held(new ForgedKey(ForgedLedger.Origin).Note(Ledger.CheckpointText(20)))));
        Assert.Equal("not-a-checkpoint", Why(Held("x")));
        var elsewhere = new ForgedKey("ledger.example/other/e1");
        files.Write("policy", Ledger.Policy.Replace("quorum", $"log {elsewhere.Line}\nquorum", StringComparison.Ordinal));
        var kept = files.Write("kept", elsewhere.Note(Ledger.CheckpointText(20, elsewhere.Name)));
        Assert.Equal("held-other-ledger", Why(Verifying.Run("bundle", bundle, "--policy", files.Path("policy"), "--held", kept)));
        Ledger.Publish(files.Path("log"), 20);
        Assert.Equal("held-other-ledger", Why(Verifying.Run("log", files.Path("log"), "--policy", files.Path("policy"), "--since", kept)));
        Assert.Equal("two-ledgers", Why(Verifying.Run("compare", files.Write("own", Ledger.Checkpoint(20)), kept, "--policy", files.Path("policy"))));

        (int Exit, string Output, JsonElement Line) Held(string note, params JsonObject[] anchors)
        {
            var file = anchors.Length == 0 ? bundle : files.Write("other", Verifying.Bytes(Ledger.Bundle(20, [3, 7], anchors)));
            return Verifying.Run("bundle", file, "--policy", Policy(), "--held", files.Write("kept", note));
        }
    }

    [Theory]
    [InlineData("no-command")]
    [InlineData("argument", "verify")]
    [InlineData("argument", "bundle")]
    [InlineData("argument", "bundle", "BUNDLE", "more", "--policy", "POLICY")]
    [InlineData("argument", "bundle", "BUNDLE", "--policy", "POLICY", "--since", "x")]
    [InlineData("argument", "bundle", "BUNDLE", "--policy", "POLICY", "--full")]
    [InlineData("argument", "bundle", "BUNDLE", "--policy", "POLICY", "--policy", "POLICY")]
    [InlineData("argument", "bundle", "BUNDLE", "--policy")]
    [InlineData("argument", "bundle", "BUNDLE", "--policy", "POLICY", "--insecure")]
    [InlineData("argument", "bundle", "BUNDLE", "--policy", "POLICY", "--lang", "fr")]
    [InlineData("argument", "compare", "x", "--policy", "POLICY")]
    [InlineData("argument", "bundle", "BUNDLE", "--json=yes", "--policy", "POLICY")]
    [InlineData("no-policy", "bundle", "BUNDLE")]
    [InlineData("no-such-file", "bundle", "nowhere", "--policy", "POLICY")]
    [InlineData("no-such-file", "bundle", "BUNDLE", "--policy", "nowhere")]
    [InlineData("no-such-file", "bundle", "BUNDLE", "--policy", "POLICY", "--tsa", "nowhere")]
    [InlineData("no-such-file", "bundle", "BUNDLE", "--policy", "POLICY", "--held", "nowhere")]
    [InlineData("unreadable", "bundle", "FOLDER", "--policy", "POLICY")]
    [InlineData("unreadable", "bundle", "", "--policy", "POLICY")]
    [InlineData("unreadable", "bundle", "a\0b", "--policy", "POLICY")]
    [InlineData("not-a-policy", "bundle", "BUNDLE", "--policy", "BUNDLE")]
    [InlineData("not-a-certificate", "bundle", "BUNDLE", "--policy", "POLICY", "--tsa", "POLICY")]
    [InlineData("not-json", "bundle", "POLICY", "--policy", "POLICY")]
    [InlineData("not-the-format", "receipt", "BUNDLE", "--policy", "POLICY")]
    [InlineData("no-such-file", "log", "BUNDLE", "--policy", "POLICY")]
    public void What_is_unusable_says_what_it_is(string why, params string[] words)
    {
        var bundle = files.Write("bundle", Verifying.Bytes(Ledger.Bundle(20, [3])));
        var (exit, output, line) = Verifying.Run([.. words.Select(word => word switch { "BUNDLE" => bundle, "POLICY" => Policy(), "FOLDER" => files.Path(""), _ => word })]);
        Assert.Equal((2, why), (exit, line.GetProperty("failed")[0].GetProperty("why").GetString()));
        Assert.Contains("UNUSABLE.", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_and_version_are_told_in_three_languages()
    {
        Assert.Contains("--policy P           whom you trust", Print("--help"), StringComparison.Ordinal);
        Assert.Contains("您信任谁", Print("bundle", "-h", "--lang", "zh-Hans"), StringComparison.Ordinal);
        Assert.Contains("您信任誰", Print("--help", "--lang=zh-TW"), StringComparison.Ordinal);
        Assert.Matches(@"^ringfence-verify [0-9]+\.[0-9]+\.[0-9]+\n$", Print("--version"));

        static string Print(params string[] words)
        {
            using var output = new StringWriter { NewLine = "\n" };
            Assert.Equal(0, Verification.Run(words, output, _ => null));
            return output.ToString();
        }
    }

    [Theory]
    [InlineData("LC_ALL", "zh_TW.UTF-8", "未錨定")]
    [InlineData("LC_MESSAGES", "zh_CN.UTF-8", "未锚定")]
    [InlineData("LANG", "zh_HK", "未錨定")]
    [InlineData("LANG", "de_DE.UTF-8", "NOT ANCHORED")]
    [InlineData("LANG", "C", "NOT ANCHORED")]
    public void The_language_is_that_of_the_environment_unless_another_is_asked_for(string variable, string locale, string said)
    {
        string[] words = ["bundle", files.Write("bundle", Verifying.Bytes(Ledger.Bundle(20, [3]))), "--policy", Policy()];
        Assert.Contains(said, Print(words), StringComparison.Ordinal);
        Assert.Contains("未锚定", Print([.. words, "--lang", "zh-Hans"]), StringComparison.Ordinal);

        string Print(string[] asked)
        {
            using var output = new StringWriter { NewLine = "\n" };
            Assert.Equal(3, Verification.Run(asked, output, name => name == variable ? locale : null));
            return output.ToString();
        }
    }

    [Fact]
    public void With_json_there_is_the_line_and_nothing_else()
    {
        var (_, output, line) = Verifying.Run("bundle", files.Write("bundle", Verifying.Bytes(Ledger.Bundle(20, [3, 4]))), "--policy", Policy(), "--json");
        Assert.Single(output.TrimEnd('\n').Split('\n'));
        var counted = line.GetProperty("checked");
        Assert.Equal((ForgedLedger.Origin, 20, 2, 2, 4, 0), (counted.GetProperty("ledger").GetString(), counted.GetProperty("size").GetInt32(),
            counted.GetProperty("record").GetInt32(), counted.GetProperty("inclusion").GetInt32(), counted.GetProperty("opening").GetInt32(), counted.GetProperty("anchored").GetInt32()));
    }

    [Fact]
    public void The_program_itself_ends_with_the_exit_code_and_the_line_last()
    {
        var wrong = Ledger.Bundle(20, [3]);
        wrong["records"]![0]!["proof"] = Ledger.Proof(4, 20);
        var program = Path.Combine(AppContext.BaseDirectory, "ringfence-verify.dll");
        string[] words = [program, "bundle", files.Write("bundle", Verifying.Bytes(wrong)), "--policy", Policy(), "--lang", "zh-Hans"];
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", words)
        {
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("不实", output, StringComparison.Ordinal);
        using var line = JsonDocument.Parse(output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal("other-place", line.RootElement.GetProperty("failed")[0].GetProperty("why").GetString());
    }

    [Fact]
    public void Nothing_of_what_is_opened_is_printed()
    {
        var (_, output, _) = Verifying.Run("bundle", files.Write("bundle", Verifying.Bytes(Ledger.Bundle(20, [3, 4]))), "--policy", Policy());
        Assert.DoesNotContain("4420794600", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Zoë", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_a_file_cannot_write_on_the_terminal()
    {
        var (_, output, _) = Verifying.Run("bundle", "no\u001b[31m\u202ewhere", "--policy", Policy());
        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain('\u202e', output);
    }

    [Fact]
    public void Every_text_is_there_in_every_language_with_the_same_places()
    {
        Assert.True(Texts.Keys.Count() > 80);
        foreach (var key in Texts.Keys)
        {
            var texts = Texts.Languages.Select(language => Texts.Of(language)!.Say(key, "{0}", "{1}", "{2}")).ToArray();
            Assert.All(texts, text => Assert.True(text.Length > 0 && Places(text).SequenceEqual(Places(texts[0])), $"{key}: {text}"));
        }

        static IEnumerable<string> Places(string text) => Place().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Every_check_and_every_reason_that_the_verifier_gives_has_its_words()
    {
        var folder = Path.Combine(Repository(), "src", "Ringfence.Verify");
        var source = string.Concat(Directory.GetFiles(folder, "*.cs").Select(File.ReadAllText));
        string[] Named(string call) => [.. Regex.Matches(source, call + @"\(""([a-z-]+)""").Select(match => match.Groups[1].Value).Distinct()];
        Assert.All(Named("Checked"), check => Assert.Contains("ok." + check, Texts.Keys));
        Assert.All(Named("Failed"), check => Assert.Contains("bad." + check, Texts.Keys));
        Assert.All(Named("PassedOver"), why => Assert.Contains("over." + why, Texts.Keys));
        Assert.All(Named("UnusableException"), why => Assert.Contains("unusable." + why, Texts.Keys));
        Assert.True(Named("Checked").Length > 12 && Named("UnusableException").Length > 12);
    }

    [Fact]
    public void The_verifier_stands_alone()
    {
        var references = typeof(Verification).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).ToArray();
        Assert.DoesNotContain(references, reference => reference.StartsWith("Ringfence", StringComparison.OrdinalIgnoreCase));
        Assert.All(references, reference => Assert.True(reference is "System.Private.CoreLib" || reference.StartsWith("System.", StringComparison.Ordinal), reference));
        // Nor does it speak to anybody.
        Assert.DoesNotContain(references, reference => reference.StartsWith("System.Net", StringComparison.Ordinal));
        Assert.DoesNotContain("ProjectReference", File.ReadAllText(Path.Combine(Repository(), "src/Ringfence.Verify/Ringfence.Verify.csproj")), StringComparison.Ordinal);
    }

    public void Dispose() => files.Dispose();

    private static ForgedLedger Made()
    {
        var ledger = new ForgedLedger(19);
        ledger.Append(new JsonObject { ["type"] = "erasure.completed", ["about"] = new JsonArray(3) });
        return ledger;
    }

    private JsonElement Expect(int exit, string result, string words, JsonObject bundle, params string[] more)
    {
        var run = Verifying.Run(["bundle", files.Write("bundle", Verifying.Bytes(bundle)), "--policy", Policy(), .. more]);
        Assert.Equal((exit, result), (run.Exit, run.Line.GetProperty("result").GetString()));
        Assert.Contains(words, run.Output, StringComparison.Ordinal);
        Assert.Equal(exit is 1 or 2, run.Line.GetProperty("failed").GetArrayLength() > 0);
        return run.Line;
    }

    private static string? Why((int Exit, string Output, JsonElement Line) run) => run.Line.GetProperty("failed")[0].GetProperty("why").GetString();

    private string Policy() => files.Write("policy", Ledger.Policy);

    private string Tsa() => files.Write("tsa.pem", Authority.Root.ExportCertificatePem());

    private static string Repository([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));

    [GeneratedRegex(@"\{[0-9]\}")]
    private static partial Regex Place();
}
