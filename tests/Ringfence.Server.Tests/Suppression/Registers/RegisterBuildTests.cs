using System.IO.Compression;
using System.Text;
using Ringfence.Numbers;
using Ringfence.Server.Suppression.Registers;
using Ringfence.Suppression.Registers;
using Xunit;

namespace Ringfence.Server.Tests.Suppression.Registers;

public sealed class RegisterBuildTests : IDisposable
{
    private readonly RegisterHome home = new();

    [Theory]
    [InlineData("212,5550100\n212,5550101\n646,5550102\n")]
    [InlineData("212,5550100\r\n212,5550101\r\n646,5550102")]
    [InlineData("2125550100\n2125550101\n6465550102\n")]
    [InlineData("\uFEFFarea code,number\n212,5550100\n\n  212,5550101 \n646,5550102\n\n")]
    public void The_flat_file_of_the_US_registry_is_read_as_published(string text)
    {
        var outcome = RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), home.Write("us.txt", text));
        Assert.Equal(0, outcome.DamagedCount);
        var image = home.Open("us-national");
        Assert.Equal([12_125_550_100, 12_125_550_101, 16_465_550_102], image.Numbers());
        Assert.Equal(["1212", "1646"], image.Facts.Covers.Beginnings);
        Assert.Equal(outcome.Facts, image.Facts);
        Assert.Equal(new NodaTime.LocalDate(2026, 11, 20), image.Facts.AsOf);
    }

    [Fact]
    public void Of_an_area_code_that_was_not_bought_nothing_is_known()
    {
        RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), home.Write("us.txt", "212,5550100\n"));
        Assert.Equal(RegisterAnswer.NotCovered, home.Open("us-national").Of(16_465_550_102));
        RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc) with { Covers = RegisterCoverage.Of(["1"]) }, home.Write("us.txt", "212,5550100\n"));
        Assert.Equal(RegisterAnswer.NotListed, home.Open("us-national").Of(16_465_550_102));
        RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), home.Write("none.txt", "\n"));
        Assert.Equal(RegisterAnswer.NotCovered, home.Open("us-national").Of(12_125_550_100));
    }

    [Fact]
    public void The_Canadian_list_is_read_as_published()
    {
        RegisterHome.Build(home.Order("ca-dncl", RegisterFormat.CaDncl), home.Write("ca.csv", "416,1234567\n416,1234568\n905,1234567\n"));
        Assert.Equal([14_161_234_567, 14_161_234_568, 19_051_234_567], home.Open("ca-dncl").Numbers());
        Assert.Equal(["1416", "1905"], home.Open("ca-dncl").Facts.Covers.Beginnings);
    }

    [Fact]
    public void The_British_files_are_read_with_blanks_and_without()
    {
        // Dialling code in five columns and the rest in seven; or all digits, filled up to twelve columns.
        RegisterHome.Build(home.Order("gb-tps", RegisterFormat.GbTps), home.Write("tps.txt", "0207 3787244\r\n01635 506160\r\n0191 5657153\r\n07860 338653\r\n016977 3555 \r\n"), home.Write("tps2.txt", "02079460018 \r\n"));
        var image = home.Open("gb-tps");
        Assert.Equal([44_169_773_555, 441_635_506_160, 441_915_657_153, 442_073_787_244, 442_079_460_018, 447_860_338_653], image.Numbers());
        Assert.Equal(["44"], image.Facts.Covers.Beginnings);
        Assert.Equal(RegisterAnswer.NotCovered, image.Of(12_125_550_100));
    }

    [Fact]
    public void Plain_lists_are_read_in_any_spelling()
    {
        var order = home.Order("at-ecg", RegisterFormat.Plain) with { Region = Region.Of("AT") };
        RegisterHome.Build(order, home.Write("plain.txt", "# remark\n01 5125030\n+44 (0)20 7946 0018\n+999 123 45678\n"));
        Assert.Equal([4_315_125_030, 99_912_345_678, 442_079_460_018], home.Open("at-ecg").Numbers());
        Assert.True(home.Open("at-ecg").Facts.Covers.IsEverything);
    }

    [Fact]
    public void Lists_with_columns_are_read_by_their_number_columns()
    {
        RegisterHome.Build(home.Order("in-house", RegisterFormat.Csv), home.Write("list.csv", "name,phone,mobile\nA,+49 30 23125 123,\nB,,+44 20 7946 0018\nC,+1 212 555 0100,+1 212 555 0101\n"));
        Assert.Equal([12_125_550_100, 12_125_550_101, 442_079_460_018, 4_930_231_25123], home.Open("in-house").Numbers());
        Assert.Equal("no-number-column", Assert.Throws<RegisterOrderException>(() => RegisterHome.Build(home.Order("other", RegisterFormat.Csv), home.Write("names.csv", "name,age\nAnn,12\nBob,13\n"))).Code);
    }

    [Fact]
    public void Packed_files_are_read_entry_by_entry()
    {
        var path = home.PathOf("us.zip");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in new[] { ("646.txt", "646,5550102\n"), ("212.txt", "212,5550100\n") })
            {
                using var entry = new StreamWriter(zip.CreateEntry(name).Open());
                entry.Write(text);
            }
        }

        RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), path);
        Assert.Equal([12_125_550_100, 16_465_550_102], home.Open("us-national").Numbers());
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            using var entry = new StreamWriter(zip.CreateEntry("999.txt").Open());
            entry.Write("646,555010\n");
        }

        var outcome = RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), path);
        Assert.Equal([new DamagedLine(path + ":999.txt", 1, "not-ten-digits")], outcome.Damaged);
    }

    [Theory]
    [InlineData("212,555010", "not-ten-digits")]
    [InlineData("212,55501000", "not-ten-digits")]
    [InlineData("112,5550100", "area-code")]
    [InlineData("21,25550100", "not-an-entry")]
    [InlineData("212;5550100", "not-an-entry")]
    [InlineData("212-555-0100", "not-an-entry")]
    [InlineData("<ph val='5550100'/>", "tagged")]
    [InlineData("212,555010x", "not-an-entry")]
    public void A_damaged_line_is_named_and_stops_everything(string line, string code)
    {
        var file = home.Write("us.txt", $"212,5550100\n212,5550101\n{line}\n212,5550103\n");
        var outcome = RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), file);
        Assert.Null(outcome.Facts);
        Assert.Equal([new DamagedLine(file, 3, code)], outcome.Damaged);
        Assert.Empty(home.Files);

        outcome = RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc) with { SkipDamaged = true }, file);
        Assert.Equal((3L, 1L), (outcome.Facts!.Count, outcome.DamagedCount));
    }

    [Fact]
    public void An_endless_line_is_one_damaged_line()
    {
        var file = home.Write("us.txt", $"212,5550100\n{new string('5', 3_000_000)}\n212,5550101\n");
        var outcome = RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), file);
        Assert.Equal([new DamagedLine(file, 2, "line-too-long")], outcome.Damaged);
        Assert.Equal(2, outcome.Read);
    }

    [Fact]
    public void Only_the_first_damaged_lines_are_told_and_all_are_counted()
    {
        var outcome = RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), home.Write("us.txt", string.Concat(Enumerable.Repeat("x1\n", 1000))));
        Assert.Equal((RegisterReading.MostTold, 1000L), (outcome.Damaged.Count, outcome.DamagedCount));
    }

    [Fact]
    public void Files_in_any_order_give_the_register_of_a_set()
    {
        var random = new Random(20261122);
        var numbers = Enumerable.Range(0, 60_000).Select(_ => 2_000_000_000L + random.NextInt64(0, 30_000_000)).ToArray();
        string Text(IEnumerable<long> some) => string.Concat(some.Select(static n => $"{n / 10_000_000},{n % 10_000_000:0000000}\n"));
        // A few thousand are held at a time, so that there are many runs to merge.
        var order = home.Order("us-national", RegisterFormat.UsDnc) with { InMemory = 5000 };
        RegisterHome.Build(order, home.Write("a.txt", Text(numbers[..20_000])), home.Write("b.txt", Text(numbers[20_000..])));
        var unsorted = File.ReadAllBytes(order.Out)[256..];
        Assert.Equal(numbers.Select(static n => 10_000_000_000UL + (ulong)n).ToHashSet().Order(), home.Open("us-national").Numbers());
        RegisterHome.Build(order, home.Write("sorted.txt", Text(numbers.Order())));
        Assert.Equal(unsorted, File.ReadAllBytes(order.Out)[256..]);
        Assert.Equal(["us-national.rfr"], home.Files);
    }

    [Fact]
    public void Each_copy_counts_on_from_the_one_before_and_an_older_day_does_not_take_its_place()
    {
        var file = home.Write("us.txt", "212,5550100\n");
        Assert.Equal(1, RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), file).Facts!.Version);
        Assert.Equal(2, RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), file).Facts!.Version);
        Assert.Equal("older", Assert.Throws<RegisterOrderException>(() => RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc, day: 19), file)).Code);
        var other = home.Order("us-fl", RegisterFormat.UsDnc) with { Out = RegisterFile.PathOf(home.Folder, "us-national") };
        Assert.Equal("other-register", Assert.Throws<RegisterOrderException>(() => RegisterHome.Build(other, file)).Code);
        Assert.Equal(2, home.Open("us-national").Facts.Version);
    }

    [Fact]
    public void What_is_no_register_is_never_written_over_and_a_damaged_one_may_be()
    {
        var order = home.Order("us-national", RegisterFormat.UsDnc);
        var file = home.Write("us.txt", "212,5550100\n");
        Directory.CreateDirectory(home.PathOf("registers"));
        File.WriteAllText(order.Out, "something of somebody's, longer than the head of a register is " + new string('.', 300));
        Assert.Equal("not-a-register", Assert.Throws<RegisterOrderException>(() => RegisterHome.Build(order, file)).Code);
        File.Delete(order.Out);
        RegisterHome.Build(order, file);
        var bytes = File.ReadAllBytes(order.Out);
        bytes[300] ^= 1;
        File.WriteAllBytes(order.Out, bytes);
        Assert.Throws<RegisterDamagedException>(() => home.Open("us-national"));
        RegisterHome.Build(order, file);
        Assert.Equal([12_125_550_100], home.Open("us-national").Numbers());
    }

    [Fact]
    public void Stopped_it_leaves_the_register_before_and_nothing_else()
    {
        var order = home.Order("us-national", RegisterFormat.UsDnc);
        RegisterHome.Build(order, home.Write("us.txt", "212,5550100\n"));
        using var stop = new CancellationTokenSource();
        var lines = new StringBuilder();
        for (var i = 0; i < 400_000; i++)
            lines.Append(System.Globalization.CultureInfo.InvariantCulture, $"213,{i:0000000}\n");
        var steps = 0;
        var build = new RegisterBuild(order, (_, _) =>
        {
            if (++steps == 2)
                stop.Cancel();
        }, stop.Token);
        var large = home.Write("large.txt", lines.ToString());
        Assert.ThrowsAny<OperationCanceledException>(() => build.Build([large]));
        Assert.Equal(["us-national.rfr"], home.Files);
        Assert.Equal([12_125_550_100], home.Open("us-national").Numbers());
    }

    [Fact]
    public void An_update_gives_what_sets_give()
    {
        var random = new Random(7);
        HashSet<ulong> Some(int count) => [.. Enumerable.Range(0, count).Select(_ => 12_120_000_000UL + (ulong)random.Next(3000))];
        var listed = Some(1500);
        RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), home.Write("us.txt", Lines(listed)));
        for (var round = 0; round < 20; round++)
        {
            var (add, remove, changes) = (Some(200), Some(200), Some(100));
            var mixed = changes.ToDictionary(static number => number, _ => random.Next(2) == 0);
            var outcome = RegisterHome.Building(home.Order("us-national", RegisterFormat.UsDnc) with { InMemory = 64 }).Update(
                [home.Write("add.txt", Lines(add))], [home.Write("remove.txt", Lines(remove))],
                [home.Write("changes.txt", string.Concat(mixed.Select(static one => $"{Line(one.Key)},2026-11-20,{(one.Value ? "D" : "A")}\n")))]);
            HashSet<ulong> comes = [.. add, .. mixed.Where(static one => !one.Value).Select(static one => one.Key)];
            HashSet<ulong> goes = [.. remove, .. mixed.Where(static one => one.Value).Select(static one => one.Key)];
            // Who came in and went out both is listed: the strict side.
            var expected = listed.Except(goes).Concat(comes).ToHashSet();
            Assert.Equal(expected.Order(), home.Open("us-national").Numbers());
            Assert.Equal(comes.Except(listed).Count(), outcome.Added);
            Assert.Equal(listed.Except(expected).Count(), outcome.Removed);
            Assert.Equal(goes.Except(listed).Except(comes).Count(), outcome.NotThere);
            Assert.Equal(round + 2, outcome.Facts!.Version);
            listed = expected;
        }
    }

    [Fact]
    public void An_update_keeps_what_the_copy_before_spoke_of_and_stops_at_damage()
    {
        RegisterHome.Build(home.Order("us-national", RegisterFormat.UsDnc), home.Write("us.txt", "212,5550100\n"));
        var before = File.ReadAllBytes(RegisterFile.PathOf(home.Folder, "us-national"));
        foreach (var line in new[] { "212,5550101\n", "212,5550101,A,D\n", "212,5550101,X\n", "A,212,5550101\n", "212,555010,A\n" })
        {
            Assert.Null(RegisterHome.Building(home.Order("us-national", RegisterFormat.UsDnc)).Update([], [], [home.Write("c.txt", line)]).Facts);
            Assert.Equal(before, File.ReadAllBytes(RegisterFile.PathOf(home.Folder, "us-national")));
        }

        RegisterHome.Building(home.Order("us-national", RegisterFormat.UsDnc, day: 21)).Update([], [], [home.Write("c.txt", "646,5550101,2026-11-20 10:00:00,A\n2125550100,d\n")]);
        Assert.Equal([16_465_550_101], home.Open("us-national").Numbers());
        Assert.Equal(["1212"], home.Open("us-national").Facts.Covers.Beginnings);
        Assert.Equal("nothing-to-update", Assert.Throws<RegisterOrderException>(() => RegisterHome.Building(home.Order("us-fl", RegisterFormat.UsDnc)).Update([], [], [])).Code);
        Assert.Equal("older", Assert.Throws<RegisterOrderException>(() => RegisterHome.Building(home.Order("us-national", RegisterFormat.UsDnc, day: 20)).Update([], [], [])).Code);
    }

    [Fact]
    public void A_new_copy_is_seen_without_a_start_and_a_bad_one_does_not_take_its_place()
    {
        var shelf = new RegisterShelf(home.Folder);
        Assert.Null(shelf.Find("us-national"));
        Assert.Null(shelf.Find("../us"));
        var order = home.Order("us-national", RegisterFormat.UsDnc);
        RegisterHome.Build(order, home.Write("us.txt", "212,5550100\n"));
        var first = shelf.Find("us-national")!;
        Assert.Same(first, shelf.Find("us-national"));
        RegisterHome.Build(order, home.Write("us.txt", "212,5550100\n212,5550101\n"));
        var second = shelf.Find("us-national")!;
        Assert.Equal((1L, 2L), (first.Facts.Version, second.Facts.Version));
        // Whoever still holds the first one may go on asking it.
        Assert.Equal(RegisterAnswer.NotListed, first.Of(12_125_550_101));
        Assert.Equal(RegisterAnswer.Listed, second.Of(12_125_550_101));

        var bytes = File.ReadAllBytes(order.Out);
        bytes[^1] ^= 1;
        File.WriteAllBytes(order.Out + ".bad", bytes);
        File.Move(order.Out + ".bad", order.Out, overwrite: true);
        Assert.Same(second, shelf.Find("us-national"));
        Assert.True(shelf.IsDamaged("us-national"));

        // A whole one of another name does not either.
        RegisterHome.Build(home.Order("us-fl", RegisterFormat.UsDnc), home.Write("us.txt", "305,5550100\n"));
        File.Copy(RegisterFile.PathOf(home.Folder, "us-fl"), order.Out, overwrite: true);
        Assert.Same(second, shelf.Find("us-national"));
        File.Delete(order.Out);
        Assert.Null(shelf.Find("us-national"));
    }

    private static string Lines(IEnumerable<ulong> numbers) => string.Concat(numbers.Select(static number => Line(number) + "\n"));

    private static string Line(ulong number) => $"{number / 10_000_000 % 1000},{number % 10_000_000:0000000}";

    public void Dispose() => home.Dispose();
}
