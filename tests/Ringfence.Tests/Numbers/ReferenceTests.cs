using Ringfence.Numbers;
using Xunit;

namespace Ringfence.Tests.Numbers;

public class ReferenceTests
{
    [Theory]
    [InlineData("phone-cases-sample.tsv", 405)]
    [InlineData("reference-cases.tsv", 5000)]
    public void Every_case_of_the_reference_is_answered_as_the_reference_answers_it(string file, int atLeast)
    {
        var cases = ReferenceCases.Read(file).ToList();

        // Texts of the class junk are no numbers; only that they are not accepted as valid counts.
        var differing = cases.Where(row => row[11] != "junk")
            .Select(row => (Theirs: string.Join(" | ", row[..11]), Ours: string.Join(" | ", ReferenceCases.Ours(row[0], row[1]))))
            .Where(pair => pair.Theirs != pair.Ours).Select(pair => $"reference {pair.Theirs}\n     ours {pair.Ours}").Take(20).ToList();

        Assert.True(cases.Count >= atLeast, $"{cases.Count} cases only");
        Assert.Empty(differing);
    }

    [Fact]
    public void No_junk_is_valid_unless_the_reference_says_so() =>
        Assert.DoesNotContain(ReferenceCases.Read("phone-cases-sample.tsv"), row => row[11] == "junk" && row[4] == "no" && ReferenceCases.Ours(row[0], row[1])[4] == "yes");

    [Theory]
    [InlineData("3911234567", "IT", "+393911234567")]
    [InlineData("011 15 2345 6789", "AR", "+5491123456789")]
    [InlineData("+54 9 11 2345 6789", "ZZ", "+5491123456789")]
    [InlineData("0 15 11 96123 4567", "BR", "+5511961234567")]
    [InlineData("+1 123 123 12321", "US", "+12312312321")]
    [InlineData("49 30 23125 123", "DE", "+493023125123")]
    [InlineData("4601234", "AG", "+12684601234")]
    [InlineData("17951 139 0000 0012", "CN", "+8613900000012")]
    [InlineData("8 (912) 345-67-89", "RU", "+79123456789")]
    [InlineData("+44 (0) 20 7946 0018", "ZZ", "+442079460018")]
    [InlineData("1-800-FLOWERS", "US", "+18003569377")]
    public void Trap_is_read_as_the_plan_means_it(string text, string region, string e164)
    {
        Assert.True(PhoneNumber.TryParse(text, Region.Of(region), out var number));
        Assert.Equal(e164, number.E164);
    }

    [Theory]
    [InlineData("+39 236618300", "ZZ", NumberReason.IsPossible)]
    [InlineData("+52 1 55 1234 5678", "MX", NumberReason.TooLong)]
    [InlineData("0044 20 7946 0018", "US", NumberReason.TooLong)]
    [InlineData("555-0123", "US", NumberReason.IsPossibleLocalOnly)]
    [InlineData("07700 900123", "GB", NumberReason.IsPossible)]
    [InlineData("0115 496 0123", "GB", NumberReason.IsPossible)]
    [InlineData("0113 496 0123 / 0114 496 0456", "GB", NumberReason.TooLong)]
    public void Trap_is_refused(string text, string region, NumberReason reason)
    {
        var reading = NumberReader.Read(text, Region.Of(region));
        Assert.False(reading.IsValid);
        Assert.Equal(reason, reading.Reason);
    }

    [Theory]
    [InlineData("+7 727 345 6789", "KZ")]
    [InlineData("+441534 555555", "JE")]
    [InlineData("+61 8 9164 1234", "CX")]
    [InlineData("+390669812345", "VA")]
    [InlineData("+1 (242) 555 0123", "BS")]
    [InlineData("+800 1234 5678", "001")]
    public void Region_is_the_one_whose_digits_lead(string text, string region) =>
        Assert.Equal(region, NumberReader.Read(text, Region.None).Region.ToString());
}
