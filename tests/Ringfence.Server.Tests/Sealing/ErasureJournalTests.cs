using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class ErasureJournalTests : IDisposable
{
    private readonly TestFolder folder = new();

    private string Path => folder.In("erasures", "erasures.journal");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Who_was_erased_is_found_again()
    {
        var sids = Write(3);
        using var journal = ErasureJournal.Open(Path, create: false);
        Assert.Equal(sids, journal.ReadAll());
        journal.Append(sids[1]);
        Assert.Equal([.. sids, sids[1]], journal.ReadAll());
    }

    [Fact]
    public void A_journal_that_is_lost_is_not_made_anew() => Keys.Refused("no-journal", () => ErasureJournal.Open(Path, create: false));

    [Fact]
    public void Only_its_owner_may_read_the_journal()
    {
        Write(1);
        Assert.Equal(DurableFile.OwnerOnly, Modes.Of(Path));
        Modes.Set(Path, DurableFile.OwnerOnly | UnixFileMode.OtherRead);
        Keys.Refused("too-open", () => ErasureJournal.Open(Path, create: false));
    }

    [Fact]
    public void A_second_process_is_refused()
    {
        using var journal = ErasureJournal.Open(Path, create: true);
        Keys.Refused("busy", () => ErasureJournal.Open(Path, create: false));
    }

    [Fact]
    public void A_line_that_was_torn_at_any_place_is_cut_off_and_the_rest_stays()
    {
        var sids = Write(3);
        var whole = File.ReadAllBytes(Path);
        var lastLine = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (var cut = lastLine; cut < whole.Length; cut++)
        {
            Refill(whole[..cut]);
            IsCutTo(sids[..2], whole[..lastLine], $"cut at {cut}");

            // A file that grew before its bytes came reads as zeros there.
            Refill([.. whole[..cut], .. new byte[whole.Length - cut]]);
            IsCutTo(sids[..2], whole[..lastLine], $"zeros from {cut}");
        }
    }

    [Fact]
    public void After_a_torn_line_the_next_one_takes_its_place()
    {
        var sids = Write(2);
        File.AppendAllText(Path, "0123456789");
        using (var journal = ErasureJournal.Open(Path, create: false))
            journal.Append(sids[0]);
        using var again = ErasureJournal.Open(Path, create: false);
        Assert.Equal([sids[0], sids[1], sids[0]], again.ReadAll());
    }

    [Fact]
    public void Any_character_of_a_whole_line_that_is_changed_is_refused()
    {
        Write(2);
        var whole = File.ReadAllBytes(Path);
        for (var i = 0; i < whole.Length; i++)
        {
            foreach (var to in "0az \n"u8)
            {
                if (whole[i] == to)
                    continue;
                var bad = whole.ToArray();
                bad[i] = to;
                Refill(bad);
                Keys.Refused("damaged", () => ErasureJournal.Open(Path, create: false));
                Assert.Equal(bad, File.ReadAllBytes(Path));
            }
        }
    }

    [Fact]
    public void A_line_taken_out_put_twice_or_moved_is_refused()
    {
        Write(3);
        var lines = File.ReadAllLines(Path);
        foreach (var order in (int[][])[[0, 2, 3], [0, 1, 3], [0, 1, 1, 2, 3], [0, 2, 1, 3], [1, 2, 3]])
        {
            Refill(Encoding.ASCII.GetBytes(string.Concat(order.Select(i => lines[i] + "\n"))));
            Keys.Refused("damaged", () => ErasureJournal.Open(Path, create: false));
        }
    }

    [Fact]
    public void Zeros_in_front_of_a_whole_line_are_damage_and_no_torn_end()
    {
        Write(3);
        var whole = File.ReadAllBytes(Path);
        var line = (whole.Length - "ringfence-erasures/v1\n".Length) / 3;
        whole.AsSpan(whole.Length - 2 * line, line).Clear();
        Refill(whole);
        Keys.Refused("damaged", () => ErasureJournal.Open(Path, create: false));
    }

    private OpaqueId[] Write(int count)
    {
        var sids = Keys.Sids(count);
        using var journal = ErasureJournal.Open(Path, create: true);
        foreach (var sid in sids)
            journal.Append(sid);
        return sids;
    }

    private void Refill(byte[] content)
    {
        using var file = new FileStream(Path, FileMode.Truncate);
        file.Write(content);
    }

    private void IsCutTo(OpaqueId[] sids, byte[] content, string how)
    {
        using (var journal = ErasureJournal.Open(Path, create: false))
            Assert.True(sids.SequenceEqual(journal.ReadAll()), how);
        Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(Path)), how);
    }
}
