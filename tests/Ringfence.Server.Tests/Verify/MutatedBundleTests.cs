using System.Text;
using System.Text.Json.Nodes;
using Ringfence.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>Ten thousand false bundles: neither verifier accepts one, and they never disagree.</summary>
public sealed class MutatedBundleTests
{
    private const int Mutants = 10_000;

    private static readonly ForgedAuthority Authority = new();

    private static readonly ForgedKey Witness = new("witness.example/w", 2);

    private static readonly ForgedKey OtherLedger = new("ledger.example/other/e1");

    private static readonly ForgedLedger Ledger = Made(70);

    private static readonly ForgedLedger Fork = new(70, 2) { Key = Ledger.Key, ReceiptKey = Ledger.ReceiptKey };

    private static readonly string Trusted = Ledger.Policy.Replace("quorum none", $"log {OtherLedger.Line}\nwitness w {Witness.Line}\nquorum w", StringComparison.Ordinal);

    private static readonly Auditor Auditor = Verifying.Auditor(Trusted, Authority);

    private static readonly SecondOpinion Second = new(Trusted, Authority.Root);

    private static readonly (MutatedBundle Bundle, int Exit)[] Right = Bundles();

    [Fact]
    public void Bundles_that_are_right_are_accepted_by_both()
    {
        foreach (var (bundle, exit) in Right)
            Both(bundle.Bytes, exit);
    }

    [Fact]
    public void What_changes_nothing_that_is_said_is_accepted_by_both()
    {
        foreach (var (bundle, exit) in Right)
        {
            var text = Encoding.UTF8.GetString(bundle.Bytes);
            Both(text.Replace(",", " ,\n", StringComparison.Ordinal), exit);
            Both(text.Replace("text/plain", "text/html", StringComparison.Ordinal), exit);
            Both(text.Replace("\"body\"", "\"bo\\u0064y\"", StringComparison.Ordinal), exit);
            Both(text.Replace("index ", "extra AAAA\\nindex ", StringComparison.Ordinal), exit);
            Both(text.Replace("\"erased\":[],", "", StringComparison.Ordinal).Replace(",\"erased\":[]", "", StringComparison.Ordinal), exit);
            var turned = bundle.Json.DeepClone().AsObject();
            turned["records"] = new JsonArray([.. turned["records"]!.AsArray().Reverse().Select(record => record!.DeepClone())]);
            Both(Encoding.UTF8.GetString(Verifying.Bytes(turned)), exit);
            var stranger = new ForgedKey("stranger.example", 4);
            var signed = bundle.Json.DeepClone().AsObject();
            signed["checkpoint"] = (string)signed["checkpoint"]! + stranger.SignatureLine(bundle.Ledger.CheckpointText(bundle.Size));
            Both(Encoding.UTF8.GetString(Verifying.Bytes(signed)), exit);
        }

        void Both(string text, int exit) => MutatedBundleTests.Both(Encoding.UTF8.GetBytes(text), exit);
    }

    [Fact]
    public void Ten_thousand_mutants_are_refused_by_both_for_the_same_exit_code()
    {
        var random = new Random(20260102);
        var made = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var (mutant, turn) = (0, 0); mutant < Mutants; turn++)
        {
            // Flipped bytes go anywhere, so they come most often.
            var mutation = turn % 7 == 0 ? Mutation.All[^1] : Mutation.All[random.Next(Mutation.All.Count)];
            var (bundle, _) = Right[random.Next(Right.Length)];
            if (mutation.Make(bundle, random) is not { } file)
                continue;
            mutant++;
            made[mutation.Name] = made.GetValueOrDefault(mutation.Name) + 1;
            var (exit, other) = (Verifying.Exit(Auditor, file), Second.Judge(file));
            Assert.True(exit is 1 or 2 && exit == other, $"{mutation.Name}, {Difference(bundle.Bytes, file)}: {exit}, and {other} by the second verifier, on the bundle of {bundle.Size}");
        }

        Assert.Equal(Mutation.All.Count, made.Count);
    }

    private static string Difference(byte[] right, byte[] file)
    {
        var at = right.AsSpan().CommonPrefixLength(file);
        return $"at byte {at}, behind {Encoding.UTF8.GetString(right, Math.Max(0, at - 40), Math.Min(at, 40))}";
    }

    private static void Both(byte[] file, int exit)
    {
        Assert.Equal(exit, Verifying.Exit(Auditor, file));
        Assert.Equal(exit, Second.Judge(file));
    }

    private static ForgedLedger Made(int size)
    {
        var ledger = new ForgedLedger(size - 1);
        ledger.Append(new JsonObject { ["type"] = "erasure.completed", ["about"] = new JsonArray(3, 8) });
        return ledger;
    }

    private static (MutatedBundle Bundle, int Exit)[] Bundles()
    {
        Ledger.Cosign(40, Witness);
        JsonObject Stamped(int size, int bundled) => Ledger.Anchor(size, bundled, Authority.Stamp(Encoding.UTF8.GetBytes(Ledger.Checkpoint(size)), Ledger.From.AddSeconds(30)));
        return
        [
            (Of(1, [0]), 3),
            (Of(2, [1]), 3),
            (Of(7, [3, 4, 6]), 3),
            (Of(13, [0, 8, 9, 12]), 3),
            (Of(40, [3, 39]), 0),
            (Of(64, [13, 40, 63], Stamped(64, 64)), 0),
            (Of(64, [8], Ledger.Anchor(16, 64), Stamped(32, 64)), 0),
            (Of(50, [18, 49], Stamped(20, 50), Stamped(70, 50)), 0),
            (Of(33, [18, 32], Stamped(20, 33)), 3),
            (Of(70, [3, 69], Stamped(70, 70)).Erase(3, "person"), 4),
            (Of(70, [3, 8, 69]).Erase(8, "person").Erase(8, "evidence"), 3),
        ];

        static MutatedBundle Of(int size, int[] seqs, params JsonObject[] anchors) => new(Ledger, Fork, Witness, Authority, size, seqs, anchors) { OtherLedger = OtherLedger };
    }
}
