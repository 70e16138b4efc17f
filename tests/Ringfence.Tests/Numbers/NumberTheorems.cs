using FsCheck;
using FsCheck.Fluent;
using Ringfence.Numbers;
using Xunit;

namespace Ringfence.Tests.Numbers;

public class NumberTheorems
{
    private static readonly string[] Regions = ["ZZ", "GB", "US", "DE", "IT", "AR", "BR", "CN", "MX", "AG", "JP", "001", ""];

    // Signs that mean something to the reader, so that random texts get past its first questions.
    private static readonly string[] Signs =
        ["+", "0", "1", "4", "44", "52", "8", "9", "00", "x", "ext", ",", ";", "/", "E", ".", " ", "(", ")", "-", "tel:", ";phone-context=", ";ext=", ";isub=", "'", "\"", "=", "\n", "\u202e",
         "٣", "\ud835\udfd2", "\ud835", "é", "或", "#", "*", "~", "A", "or", " or ", "\0"];

    private static readonly Gen<string> Texts =
        Gen.Elements(Signs).ListOf().Select(parts => string.Concat(parts)).Where(text => text.Length < 2000);

    [Fact]
    public void No_text_makes_the_reader_throw()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), Prop.ForAll(Texts.ToArbitrary(), Gen.Elements(Regions).ToArbitrary(), (text, region) =>
        {
            var reading = NumberReader.Read(text, Region.Of(region));
            var cell = NumberReader.ReadCell(text, Region.Of(region));
            _ = reading.FormatNational() + reading.FormatInternational() + reading.E164 + string.Concat(cell.Number.Zones) + string.Concat(cell.Number.Subdivisions);
            return cell.IsValid ? cell.Number.Digits != 0 : cell.Number.Digits == 0 || cell.Remarks.HasFlag(NumberRemarks.Repaired);
        }));
    }

    [Fact]
    public void A_valid_number_read_again_from_any_of_its_spellings_is_the_same_number()
    {
        var numbers = ReferenceCases.Read("reference-cases.tsv").Where(row => row[4] == "yes").Select(row => NumberReader.Read(row[0], Region.Of(row[1])).Number).ToList();
        foreach (var number in numbers)
        {
            var again = NumberReader.Read(number.E164, Region.None).Number;
            Assert.Equal((number.Digits, number.Region, number.Type), (again.Digits, again.Region, again.Type));
            Assert.Equal(number, NumberReader.ReadCell(number.FormatInternational(), number.Region).Number);
        }
    }

    [Fact]
    public void Nobody_but_the_reference_makes_a_number_valid_except_by_splitting_or_unwrapping()
    {
        foreach (var row in ReferenceCases.Read("reference-cases.tsv").Where(row => row[4] == "no" && row[11] is not ("odd" or "padded" or "extension" or "uri" or "vanity")))
        {
            var cell = NumberReader.ReadCell(row[0], Region.Of(row[1]));
            Assert.False(cell.IsValid && !cell.Remarks.HasFlag(NumberRemarks.TwoNumbers), string.Join(" | ", row));
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("+1 ")]
    [InlineData("-")]
    [InlineData("x")]
    [InlineData("1,")]
    [InlineData(";phone-context=")]
    [InlineData("'")]
    [InlineData("/x ")]
    [InlineData("12345678 or ")]
    public void A_megabyte_of_anything_is_refused_without_being_worked_through(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        for (var i = 0; i < 1000; i++)
        {
            Assert.False(NumberReader.Read(text, Region.Of("US")).IsValid);
            Assert.False(NumberReader.ReadCell(text.AsSpan(0, 20_000), Region.Of("US")).IsValid);
        }
        Assert.False(NumberReader.ReadCell(text, Region.Of("US")).IsValid);
    }

    [Fact]
    public void Reading_an_ordinary_number_leaves_nothing_to_collect()
    {
        string[] texts = ["+44 20 7946 0018", "020 7946 0018", "(0121) 234 5678", "00 49 30 23125123", "+1 202-555-0143"];
        var region = Region.Of("GB");
        // What the runtime itself allocates when it compiles a method anew does not count: a round without any is enough.
        var rounds = Enumerable.Range(0, 50).Select(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Read();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }).ToList();
        Assert.Equal(0, rounds.Min());

        void Read()
        {
            foreach (var text in texts)
            {
                if (!NumberReader.Read(text, region).IsValid || !NumberReader.ReadCell(text, region).IsValid)
                    Assert.Fail(text);
            }
        }
    }
}
