using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Two checkpoints of one ledger agree, or prove a fork.</summary>
public sealed class VerifierCompareTests : IDisposable
{
    private static readonly ForgedLedger Ledger = new(600);

    private static readonly ForgedLedger Fork = new(600, 2) { Key = Ledger.Key, ReceiptKey = Ledger.ReceiptKey };

    private readonly Verifying files = new();

    [Fact]
    public void The_same_checkpoint_agrees_with_itself_whoever_else_signed_it()
    {
        var witness = new ForgedKey("w.example");
        var cosigned = Ledger.Checkpoint(300) + witness.SignatureLine(Ledger.CheckpointText(300));
        Assert.Equal(0, Compare(Ledger.Checkpoint(300), cosigned).Exit);
    }

    [Fact]
    public void Two_roots_for_one_size_are_a_fork_and_both_files_are_named()
    {
        var (exit, output, line) = Compare(Ledger.Checkpoint(300), Fork.Checkpoint(300));
        Assert.Equal((1, "fork/two-roots-for-one-size"), (exit, string.Join(' ', Verifying.Failed(line))));
        var where = line.GetProperty("failed")[0].GetProperty("where").GetString()!;
        Assert.Contains(files.Path("one"), where, StringComparison.Ordinal);
        Assert.Contains(files.Path("other"), where, StringComparison.Ordinal);
        Assert.Contains("FORK", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 600)]
    [InlineData(1, 600)]
    [InlineData(255, 256)]
    [InlineData(300, 511)]
    [InlineData(512, 600)]
    [InlineData(600, 600)]
    public void An_earlier_state_of_the_ledger_agrees_with_a_later_one_by_its_records_or_by_its_tiles(int smaller, int larger)
    {
        Ledger.Publish(files.Path("log"), 600);
        foreach (var hashesOnly in new[] { false, true })
        {
            if (hashesOnly)
                Directory.Delete(files.Path("log/tile/entries"), true);
            Assert.Equal(0, Compare(Ledger.Checkpoint(smaller), Ledger.Checkpoint(larger), files.Path("log")).Exit);
            Assert.Equal(0, Compare(Ledger.Checkpoint(larger), Ledger.Checkpoint(smaller), files.Path("log")).Exit);
            if (smaller is > 0 and < 600)
                Assert.Equal(["fork/not-an-earlier-state"], Verifying.Failed(Compare(Fork.Checkpoint(smaller), Ledger.Checkpoint(larger), files.Path("log")).Line));
        }
    }

    [Fact]
    public void A_folder_that_does_not_give_the_larger_root_does_not_vouch_for_it()
    {
        Fork.Publish(files.Path("log"), 600);
        var (exit, _, line) = Compare(Ledger.Checkpoint(300), Ledger.Checkpoint(600), files.Path("log"));
        Assert.Equal((1, "root/other-root"), (exit, string.Join(' ', Verifying.Failed(line))));
    }

    [Fact]
    public void What_cannot_be_compared_is_unusable()
    {
        Ledger.Publish(files.Path("log"), 300);
        Assert.Equal((2, "sizes-differ"), Why(Compare(Ledger.Checkpoint(300), Ledger.Checkpoint(600))));
        Assert.Equal((2, "folder-too-small"), Why(Compare(Ledger.Checkpoint(300), Ledger.Checkpoint(600), files.Path("log"))));
        Assert.Equal((2, "no-such-file"), Why(Compare(Ledger.Checkpoint(300), Ledger.Checkpoint(600), files.Path("nowhere"))));
        Assert.Equal((2, "not-a-checkpoint"), Why(Compare(Ledger.Checkpoint(300), "x")));
        Assert.Equal((1, "unknown-ledger"), Why(Compare(Ledger.Checkpoint(300), Ledger.Key.Note(Ledger.CheckpointText(300, "other.example/x")))));
        Assert.Equal((1, "bad-signature"), Why(Compare(Ledger.Checkpoint(300), Ledger.Checkpoint(300).Replace("\n300\n", "\n301\n", StringComparison.Ordinal))));

        static (int, string?) Why((int Exit, string, System.Text.Json.JsonElement Line) run) => (run.Exit, run.Line.GetProperty("failed")[0].GetProperty("why").GetString());
    }

    public void Dispose() => files.Dispose();

    private (int Exit, string Output, System.Text.Json.JsonElement Line) Compare(string one, string other, params string[] folder) =>
        Verifying.Run(["compare", files.Write("one", one), files.Write("other", other), .. folder, "--policy", files.Write("policy", Ledger.Policy)]);
}
