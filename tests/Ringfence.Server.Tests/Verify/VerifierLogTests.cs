using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>A published ledger is checked whole, and whatever is done to its files is found.</summary>
public sealed class VerifierLogTests : IDisposable
{
    private const int Size = 700;

    private static readonly int[] Signed = [1, 2, 255, 256, 300, 512, 600];

    private static readonly ForgedAuthority Authority = new();

    private static readonly ForgedLedger Ledger = new(Size);

    private readonly Verifying files = new();

    private string Log => files.Path("log");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(700)]
    public void A_ledger_of_any_size_is_verified_with_its_tiles(int size)
    {
        Ledger.Publish(Log, size, [.. Signed.Where(signed => signed < size)]);
        Assert.Equal(3, Run("--full").Exit);
        Ledger.Stamp(Log, size, Authority, Ledger.From.AddSeconds(10));
        var (exit, output, line) = Run("--full", "--tsa", Tsa());
        Assert.Equal((0, ""), (exit, string.Join(' ', Verifying.Failed(line))));
        Assert.Equal(size, line.GetProperty("checked").GetProperty("record").GetInt32());
        Assert.Equal(size, line.GetProperty("checked").GetProperty("anchored").GetInt32());
        Assert.Contains("VERIFIED.", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Narrow_tiles_that_were_taken_away_are_not_missed()
    {
        Ledger.Publish(Log, 300, 20, 255);
        File.Delete(Path.Combine(Log, PublishedLedger.Tile("entries", 0, 20)));
        Directory.Delete(Path.Combine(Log, "tile/0/000.p"), true);
        Assert.Equal(3, Run("--full").Exit);
    }

    [Fact]
    public void What_the_auditor_kept_is_compared_and_a_checkpoint_kept_beyond_the_end_shows_a_rollback()
    {
        Ledger.Publish(Log, 600, 300);
        var (p300, p600, p700) = (Kept(300), Kept(600), Kept(700));
        var (exit, output, line) = Run("--since", p300);
        Assert.Contains("300 records were added to the 300 there were at your last audit.", output, StringComparison.Ordinal);
        Assert.Equal((3, 300), (exit, line.GetProperty("checked").GetProperty("anchored").GetInt32()));
        Assert.Equal(0, Run("--since", p300, "--held", p600).Exit);
        Assert.Equal(["held/rolled-back"], Verifying.Failed(Run("--held", p700).Line));
        Assert.Equal(1, Run("--held", p700).Exit);

        string Kept(int size) => files.Write($"kept{size}", Ledger.Checkpoint(size));
    }

    [Fact]
    public void A_ledger_written_anew_and_signed_with_the_right_key_contradicts_what_was_kept_outside()
    {
        var anew = new ForgedLedger(Size, 9) { Key = Ledger.Key, ReceiptKey = Ledger.ReceiptKey };
        anew.Publish(Log, 600, 300);
        Assert.Equal(3, Run("--full").Exit);

        // A checkpoint that the auditor kept, and a stamp over what was signed before.
        Assert.Equal(["held/fork"], Verifying.Failed(Run("--held", files.Write("kept", Ledger.Checkpoint(300))).Line));
        Ledger.Stamp(Log, 300, Authority, Ledger.From.AddSeconds(10));
        Assert.Equal(["timestamp/other-bytes"], Verifying.Failed(Run("--tsa", Tsa()).Line));
        // The old checkpoint put back where its stamp is.
        File.WriteAllText(Path.Combine(Log, "checkpoints/300"), Ledger.Checkpoint(300));
        var (exit, _, line) = Run("--tsa", Tsa());
        Assert.Equal((1, "signed/other-root"), (exit, string.Join(' ', Verifying.Failed(line))));
    }

    [Fact]
    public void A_ledger_cut_back_to_an_earlier_checkpoint_contradicts_a_later_one_left_in_its_files()
    {
        Ledger.Publish(Log, 600, 300);
        File.WriteAllText(Path.Combine(Log, "checkpoint"), Ledger.Checkpoint(300));
        Assert.Equal(["signed/rolled-back"], Verifying.Failed(Run().Line));
    }

    [Fact]
    public void A_record_dated_before_a_stamp_that_does_not_cover_it_or_after_one_that_does_is_found()
    {
        Ledger.Publish(Log, 600, 300, 400);
        Ledger.Stamp(Log, 400, Authority, Ledger.From.AddMinutes(4));
        Assert.Equal(3, Run("--tsa", Tsa()).Exit);
        // Six minutes after what comes next was written, as the records have it.
        Ledger.Stamp(Log, 400, Authority, Ledger.From.AddMinutes(6));
        Assert.Equal(["time/before-its-anchors"], Verifying.Failed(Run("--tsa", Tsa()).Line));
        Ledger.Stamp(Log, 400, Authority, Ledger.From.AddMinutes(-6));
        Assert.Equal(["time/after-its-anchors"], Verifying.Failed(Run("--tsa", Tsa()).Line));
    }

    [Fact]
    public void A_dishonest_record_is_found_however_well_it_is_signed()
    {
        foreach (var (why, change) in new (string, Action<ForgedLedger>)[]
        {
            ("record/other-place", ledger => ledger.Rewrite(7, ForgedLedger.Canonical(With(ledger.Record(7), "seq", 8)))),
            ("order/not-rising", ledger => ledger.Rewrite(7, ForgedLedger.Canonical(With(ledger.Record(7), "at", ForgedLedger.Instant(ledger.Time(6)))))),
            ("record/unknown-field", ledger => ledger.Rewrite(7, ForgedLedger.Canonical(With(ledger.Record(7), "phone", "x")))),
            ("record/bare-digits", ledger => ledger.Rewrite(7, ForgedLedger.Canonical(With(ledger.Record(7), "withdraw", "442079460000")))),
            ("record/genesis", ledger => ledger.Rewrite(7, ForgedLedger.Canonical(With(ledger.Record(7), "type", "ledger.genesis")))),
            ("record/type", ledger => ledger.Rewrite(7, ForgedLedger.Canonical(With(ledger.Record(7), "type", "consent.invented")))),
            ("document/controller-missing", ledger => ledger.Rewrite(7, ForgedLedger.Canonical(With(ledger.Record(7), "controller", new string('a', 64))))),
            ("record/keys-not-sorted", ledger => ledger.Rewrite(7, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ledger.Bodies[7])[..^1] + ",\"v\":1}"))),
        })
        {
            var ledger = new ForgedLedger(20) { Key = Ledger.Key, ReceiptKey = Ledger.ReceiptKey };
            change(ledger);
            var folder = files.Path(why.Replace('/', '-'));
            ledger.Publish(folder, 20);
            var (exit, _, line) = Verifying.Run("log", folder, "--policy", files.Write("policy", Ledger.Policy));
            Assert.Equal((1, why), (exit, string.Join(' ', Verifying.Failed(line))));
        }

        static JsonObject With(JsonObject record, string field, JsonNode value)
        {
            var changed = record.DeepClone().AsObject();
            changed[field] = value;
            return changed;
        }
    }

    [Fact]
    public void Two_hundred_changes_to_its_files_are_all_found()
    {
        Ledger.Publish(Log, Size, Signed);
        foreach (var signed in Signed.Append(Size))
            Ledger.Stamp(Log, signed, Authority, Ledger.From.AddSeconds(10));
        string[] words = ["--full", "--tsa", Tsa(), "--held", files.Write("kept", Ledger.Checkpoint(600))];
        Assert.Equal(0, Run(words).Exit);
        var all = Directory.GetFiles(Log, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        var random = new Random(3);
        for (var change = 0; change < 200;)
        {
            var file = all[random.Next(all.Length)];
            var name = Path.GetRelativePath(Log, file);
            var before = File.ReadAllBytes(file);
            var what = Change(random.Next(7), file, before, all[random.Next(all.Length)], random);
            if (what is null)
                continue;
            change++;
            var (exit, output, _) = Run(words);
            Assert.True(exit is 1 or 2, $"{name}, {what}: {exit}\n{output}");
            File.WriteAllBytes(file, before);
        }

        Assert.Equal(0, Run(words).Exit);
    }

    [Fact]
    public void Files_of_something_else_are_said_not_to_have_been_looked_at()
    {
        Ledger.Publish(Log, 20);
        File.WriteAllText(Path.Combine(Log, "checkpoints", "020"), "x");
        File.WriteAllText(Path.Combine(Log, "documents", "README"), "x");
        var (exit, output, _) = Run();
        Assert.Equal(3, exit);
        Assert.Contains("[note] checkpoints: there are files that are not part of a ledger", output, StringComparison.Ordinal);
        Assert.Contains("[note] documents: there are files that are not part of a ledger", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_holds_no_ledger_is_unusable()
    {
        var folder = Directory.CreateDirectory(files.Path("empty")).FullName;
        var policy = files.Write("policy", Ledger.Policy);
        Assert.Equal(2, Verifying.Run("log", folder, "--policy", policy).Exit);
        Assert.Equal(2, Verifying.Run("log", files.Path("nowhere"), "--policy", policy).Exit);
        Ledger.Publish(Log, 20);
        Directory.Delete(Path.Combine(Log, "tile/entries"), true);
        Assert.Equal("no-entries", Run().Line.GetProperty("failed")[0].GetProperty("why").GetString());
    }

    public void Dispose() => files.Dispose();

    private (int Exit, string Output, System.Text.Json.JsonElement Line) Run(params string[] words) =>
        Verifying.Run(["log", Log, "--policy", files.Write("policy", Ledger.Policy), .. words]);

    private string Tsa() => files.Write("tsa.pem", Authority.Root.ExportCertificatePem());

    private static string? Change(int kind, string file, byte[] before, string other, Random random)
    {
        var isStamp = file.EndsWith(".tst", StringComparison.Ordinal);
        switch (kind)
        {
            case 0 or 1 or 2:
                var bytes = before.ToArray();
                // Of a token the end is its signature, and what is signed; some of the rest is not.
                var at = isStamp ? bytes.Length - 1 - random.Next(60) : random.Next(bytes.Length);
                bytes[at] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(file, bytes);
                return $"a bit at {at}";
            case 3:
                File.WriteAllBytes(file, before[..^1]);
                return "cut short";
            case 4:
                File.WriteAllBytes(file, [.. before, 0]);
                return "a byte more";
            case 5:
                // The stamp of a size, and a tile that a wider one stands for, may be absent.
                if (isStamp || (file.Contains(".p", StringComparison.Ordinal) && !file.EndsWith($"/{Size % 256}", StringComparison.Ordinal)))
                    return null;
                File.Delete(file);
                return "deleted";
            default:
                var swapped = File.ReadAllBytes(other);
                File.WriteAllBytes(file, swapped);
                return swapped.AsSpan().SequenceEqual(before) ? null : $"the bytes of {Path.GetFileName(other)}";
        }
    }
}
