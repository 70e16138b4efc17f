using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Ringfence.Suppression.Registers;
using Xunit;

namespace Ringfence.Tests.Suppression;

public class RegisterTests
{
    private static readonly RegisterFacts Facts = new()
    {
        Name = "us-national",
        Version = 3,
        AsOf = new LocalDate(2026, 11, 20),
        Format = RegisterFormat.UsDnc,
        BuiltAt = Instant.FromUtc(2026, 11, 21, 4, 5, 6),
        SourceDigest = new string('a', 64),
        Covers = RegisterCoverage.Everything,
    };

    [Fact]
    public void A_register_says_what_a_set_of_the_same_numbers_says() => Prop.ForAll(Lists().ToArbitrary(), numbers =>
    {
        var listed = numbers.ToHashSet();
        var image = RegisterImage.Open(Written(Facts, numbers));
        Assert.Equal(listed.Count, image.Facts.Count);
        Assert.Equal(listed.Order(), image.Numbers());
        var asked = numbers.Concat(numbers.SelectMany(Neighbours)).Where(static number => number <= 999_999_999_999_999).ToArray();
        var answers = new RegisterAnswer[asked.Length];
        image.Of(asked, answers);
        for (var i = 0; i < asked.Length; i++)
        {
            Assert.Equal(listed.Contains(asked[i]) ? RegisterAnswer.Listed : RegisterAnswer.NotListed, image.Of(asked[i]));
            Assert.Equal(image.Of(asked[i]), answers[i]);
        }
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 1, 600)]
    [InlineData(9400, 1, 600)]
    [InlineData(0, 16, 625)]
    [InlineData(5000, 3, 65)]
    public void A_block_that_is_full_at_one_end_says_of_each_number_what_it_has(int from, int step, int count)
    {
        const ulong block = 12_125_550_000;
        var listed = Enumerable.Range(0, count).Select(i => block + (ulong)(from + (i * step))).Concat([block + 9_999, block + 4_321]).ToHashSet();
        var image = RegisterImage.Open(Written(Facts, [.. listed.Order()]));
        for (var number = block; number < block + 10_000; number++)
            Assert.Equal(listed.Contains(number) ? RegisterAnswer.Listed : RegisterAnswer.NotListed, image.Of(number));
    }

    [Fact]
    public void A_register_says_again_what_was_said_of_it()
    {
        var facts = Facts with { Covers = RegisterCoverage.Of(["1212", "1202"]) };
        var image = RegisterImage.Open(Written(facts, [12_125_550_100, 12_025_550_100]));
        Assert.Equal(facts with { Count = 2, Digest = image.Facts.Digest }, image.Facts);
        Assert.Matches("^[0-9a-f]{64}$", image.Facts.Digest);
    }

    [Fact]
    public void An_empty_register_lists_nobody() => Assert.Equal(RegisterAnswer.NotListed, RegisterImage.Open(Written(Facts, [])).Of(12_125_550_100));

    [Fact]
    public void Of_a_number_that_the_copy_does_not_cover_nothing_is_known()
    {
        var image = RegisterImage.Open(Written(Facts with { Covers = RegisterCoverage.Of(["1212", "49"]) }, [12_125_550_100]));
        Assert.Equal(RegisterAnswer.Listed, image.Of(12_125_550_100));
        Assert.Equal(RegisterAnswer.NotListed, image.Of(12_125_550_101));
        Assert.Equal(RegisterAnswer.NotListed, image.Of(493_023_125_123));
        Assert.Equal(RegisterAnswer.NotCovered, image.Of(13_125_550_100));
        Assert.Equal(RegisterAnswer.NotCovered, image.Of(121));
    }

    [Fact]
    public void A_beginning_that_another_includes_is_dropped()
    {
        Assert.Equal(["1", "44"], RegisterCoverage.Of(["44", "1212", "1", "4420", "12"]).Beginnings);
        Assert.Equal(RegisterCoverage.Of(["1212", "1202"]), RegisterCoverage.Of(["1202"]).With(RegisterCoverage.Of(["1212"])));
        Assert.Equal(RegisterCoverage.Everything, RegisterCoverage.Of(["1202"]).With(RegisterCoverage.Everything));
        Assert.Throws<ArgumentException>(() => RegisterCoverage.Of(["012"]));
        Assert.Throws<ArgumentException>(() => RegisterCoverage.Of([""]));
    }

    [Fact]
    public void A_register_in_which_any_byte_was_changed_is_refused()
    {
        var numbers = Enumerable.Range(0, 3000).Select(static i => 12_125_550_000 + (ulong)(i * 7)).ToArray();
        var whole = Written(Facts with { Covers = RegisterCoverage.Of(["1212"]) }, numbers);
        RegisterImage.Open(whole);
        for (var at = 0; at < whole.Length; at += at < 400 ? 1 : 37)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x10;
            Assert.Throws<RegisterDamagedException>(() => RegisterImage.Open(damaged));
        }
    }

    [Fact]
    public void A_register_that_was_cut_or_continued_is_refused()
    {
        var whole = Written(Facts, [12_125_550_100, 442_079_460_018]);
        for (var length = 0; length < whole.Length; length += 13)
            Assert.Throws<RegisterDamagedException>(() => RegisterImage.Open(whole.AsMemory(0, length)));
        Assert.Equal("length", Assert.Throws<RegisterDamagedException>(() => RegisterImage.Open(whole.Append((byte)0).ToArray())).Code);
    }

    [Fact]
    public void A_directory_that_leads_out_of_the_file_is_refused_even_under_a_right_digest()
    {
        var whole = Written(Facts, [12_125_550_100]);
        // The only directory entry: behind the two bytes of its one number. Count and place are then made too large, and both digests made anew.
        var entry = 256 + 2 + (555 * 8);
        foreach (var (at, value) in new[] { (entry, (byte)0xff), (entry + 3, (byte)0x7f), (entry + 4, (byte)2), (entry + 6, (byte)2), (entry + 6, (byte)9) })
        {
            var crafted = whole.ToArray();
            crafted[at] = value;
            System.Security.Cryptography.SHA256.HashData(crafted.AsSpan(256), crafted.AsSpan(168, 32));
            System.Security.Cryptography.SHA256.HashData(crafted.AsSpan(0, 200), crafted.AsSpan(200, 32));
            Assert.Equal("directory", Assert.Throws<RegisterDamagedException>(() => RegisterImage.Open(crafted)).Code);
        }
    }

    [Fact]
    public void Another_layout_is_refused_by_name()
    {
        var whole = Written(Facts, [12_125_550_100]);
        whole[8] = 2;
        Assert.Equal("other-layout", Assert.Throws<RegisterDamagedException>(() => RegisterImage.Open(whole)).Code);
        Assert.Equal("not-a-register", Assert.Throws<RegisterDamagedException>(() => RegisterImage.Open("2125550100\n"u8.ToArray())).Code);
    }

    [Fact]
    public void Numbers_out_of_order_are_refused()
    {
        using var writer = new RegisterWriter(static _ => { });
        writer.Add(12_125_550_100);
        writer.Add(12_125_550_100);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(12_125_550_099));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(1_000_000_000_000_000));
    }

    [Fact]
    public void Full_blocks_cost_a_bit_a_number_and_thin_ones_two_bytes()
    {
        var full = Written(Facts, [.. Enumerable.Range(0, 10_000).Select(static i => 12_125_550_000UL + (ulong)i)]).Length;
        var thin = Written(Facts, [12_125_550_000, 12_125_550_001]).Length;
        // Header, one directory and one line of the index stand in both.
        Assert.Equal(256 + 8000 + 16 + 1250, full);
        Assert.Equal(256 + 8000 + 16 + 4, thin);
    }

    [Theory]
    [InlineData("us-national", true)]
    [InlineData("gb-tps2", true)]
    [InlineData("", false)]
    [InlineData("US-national", false)]
    [InlineData("us_national", false)]
    [InlineData("../us", false)]
    [InlineData("us-", false)]
    [InlineData("1us", false)]
    public void Names_are_words_that_are_safe_in_paths(string name, bool isName) => Assert.Equal(isName, RegisterFacts.IsName(name));

    private static byte[] Written(RegisterFacts facts, IEnumerable<ulong> numbers)
    {
        var body = new List<byte>();
        using var writer = new RegisterWriter(bytes => body.AddRange(bytes));
        foreach (var number in numbers.Order())
            writer.Add(number);
        return [.. writer.Finish(facts).Header, .. body];
    }

    private static IEnumerable<ulong> Neighbours(ulong number) => [number - 1, number + 1, number + 10_000, number ^ 0x40, number * 10, number / 10];

    // Thin blocks and full ones, one country or many, numbers of all lengths.
    private static Gen<ulong[]> Lists()
    {
        var anywhere = Gen.Choose(1, 14).SelectMany(static digits => Gen.Choose(1, 999_999_999).Select(part => (ulong)part * 1_000_003 % (ulong)Math.Pow(10, digits) + 1));
        var inBlock = Gen.Choose(0, 9999).Select(static i => 12_125_550_000 + (ulong)i);
        var inGroup = Gen.Choose(0, 9_999_999).Select(static i => 442_070_000_000 + (ulong)i);
        var thin = Gen.ListOf(Gen.OneOf(anywhere, inBlock, inGroup));
        var dense = Gen.ArrayOf(inBlock, 4000);
        return Gen.OneOf(thin.Select(static list => list.ToArray()), Gen.Zip(thin, dense).Select(static both => both.Item1.Concat(both.Item2).ToArray()));
    }
}
