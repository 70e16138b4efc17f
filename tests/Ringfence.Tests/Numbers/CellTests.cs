using Ringfence.Numbers;
using Xunit;

namespace Ringfence.Tests.Numbers;

public class CellTests
{
    [Theory]
    [InlineData("+44 20 7946 0018", "GB", "+442079460018", "")]
    [InlineData("'+44 20 7946 0018", "GB", "+442079460018", "apostrophe")]
    [InlineData("’02079460018’", "GB", "+442079460018", "apostrophe")]
    [InlineData("=\"+4930231251\"", "DE", "+4930231251", "")]
    [InlineData("442079460018.0", "GB", "+442079460018", "no-plus decimal")]
    [InlineData("442079460018,00", "GB", "+442079460018", "no-plus decimal")]
    [InlineData("2079460018", "GB", "+442079460018", "lost-leading-zero")]
    [InlineData("612345678", "FR", "+33612345678", "lost-leading-zero")]
    [InlineData("612 34 56 78", "FR", "+33612345678", "")]
    [InlineData("612345678", "ES", "+34612345678", "")]
    [InlineData("2025550143", "US", "+12025550143", "")]
    [InlineData("1-202-555-0143", "US", "+12025550143", "")]
    [InlineData("86 139 0000 0012", "CN", "+8613900000012", "no-plus")]
    [InlineData("1-800-FLOWERS", "US", "+18003569377", "vanity")]
    [InlineData("手机: 139 0000 0012", "CN", "+8613900000012", "")]
    [InlineData("020 7946 0018 ext. 12", "GB", "+442079460018", "extension")]
    [InlineData("020 7946 0018, ext 5", "GB", "+442079460018", "extension")]
    [InlineData("+441534 555555", "GB", "+441534555555", "other-country")]
    [InlineData("020 7946 0018 (work)", "GB", "+442079460018", "")]
    [InlineData("Tel 2: 020 7946 0018", "GB", "+442079460018", "")]
    [InlineData("030/23125123", "DE", "+493023125123", "")]
    [InlineData("0231/4567890", "DE", "+492314567890", "")]
    [InlineData("+49 (0)30 23125123", "DE", "+493023125123", "")]
    public void Number_in_a_cell_is_read_and_what_was_noticed_is_said(string cell, string region, string e164, string remarks)
    {
        var read = NumberReader.ReadCell(cell, Region.Of(region));
        Assert.Equal(NumberFault.None, read.Fault);
        Assert.Equal(e164, read.Number.E164);
        Assert.Equal(remarks, Words(read));
        Assert.Equal(default, read.Second);
    }

    [Theory]
    [InlineData("+0049 30 23125123", "DE", "+493023125123")]
    [InlineData("++44 20 7946 0018", "GB", "+442079460018")]
    [InlineData("+49 030 23125123", "DE", "+493023125123")]
    [InlineData("+1 123 123 12321", "US", "+12312312321")]
    public void Number_that_is_valid_only_as_the_plan_mends_it_is_marked_for_a_person(string cell, string region, string e164)
    {
        var read = NumberReader.ReadCell(cell, Region.Of(region));
        Assert.True(read.IsValid);
        Assert.Equal(e164, read.Number.E164);
        Assert.Equal("repaired", Words(read));
    }

    [Theory]
    [InlineData("0113 496 0123 / 0114 496 0456")]
    [InlineData("0113 496 0123/0114 496 0456")]
    [InlineData("0113 496 0123; 0114 496 0456")]
    [InlineData("01134960123,01144960456")]
    [InlineData("0113 496 0123 | 0114 496 0456")]
    [InlineData("0113 496 0123 or 0114 496 0456")]
    [InlineData("0113 496 0123 oder 0114 496 0456")]
    [InlineData("0113 496 0123 ou 0114 496 0456")]
    [InlineData("0113 496 0123 o 0114 496 0456")]
    [InlineData("0113 496 0123 或 0114 496 0456")]
    [InlineData("0113 496 0123，0114 496 0456")]
    [InlineData("0113 496 0123；0114 496 0456")]
    [InlineData("0113 496 0123、0114 496 0456")]
    [InlineData("0113 496 0123\r\n0114 496 0456")]
    [InlineData("01134960123 01144960456")]
    [InlineData("+441134960123 +441144960456")]
    [InlineData("+441134960123+441144960456")]
    [InlineData("Tel. 0113 496 0123, Fax 0114 496 0456")]
    [InlineData("Home 0113 496 0123 Work 0114 496 0456")]
    public void Two_numbers_in_a_cell_are_both_read_the_first_first(string cell)
    {
        var read = NumberReader.ReadCell(cell, Region.Of("GB"));
        Assert.True(read.IsValid);
        Assert.Equal("+441134960123", read.Number.E164);
        Assert.Equal("+441144960456", read.Second.E164);
        Assert.Equal("two-numbers", Words(read));
    }

    [Fact]
    public void The_good_one_of_two_is_the_number_wherever_it_stands()
    {
        var read = NumberReader.ReadCell("07700 900123 / 020 7946 0018", Region.Of("GB"));
        Assert.True(read.IsValid);
        Assert.Equal("+442079460018", read.Number.E164);
        Assert.Equal("two-numbers", Words(read));
    }

    [Theory]
    [InlineData("+5215545258448", "MX", NumberFault.TooLong, "+525545258448")]
    [InlineData("0052 1 55 4525 8448", "ES", NumberFault.TooLong, "+525545258448")]
    [InlineData("0044 20 7946 0018", "US", NumberFault.TooLong, "+442079460018")]
    [InlineData("011 44 20 7946 0018", "GB", NumberFault.TooLong, "+442079460018")]
    [InlineData("00 49 30 23125123", "ZZ", NumberFault.NoCountry, "+493023125123")]
    [InlineData("+0049 30 23125123", "ZZ", NumberFault.UnknownCountryCode, "+493023125123")]
    [InlineData("+02079460018", "GB", NumberFault.UnknownCountryCode, "+442079460018")]
    [InlineData("442079460018", "ZZ", NumberFault.NoCountry, "+442079460018")]
    [InlineData("8613900000012", "US", NumberFault.TooLong, "+8613900000012")]
    [InlineData("4.42079460018E+11", "GB", NumberFault.Scientific, "+442079460018")]
    [InlineData("020 7946 0018/19", "GB", NumberFault.TooLong, "+442079460018")]
    [InlineData("612345678", "IT", NumberFault.NotInPlan, "+390612345678")]
    public void Known_damage_is_offered_mended_and_not_taken(string cell, string region, NumberFault fault, string offer)
    {
        var read = NumberReader.ReadCell(cell, Region.Of(region));
        Assert.Equal(fault, read.Fault);
        Assert.Equal(offer, read.Number.E164);
        Assert.True(read.Remarks.HasFlag(NumberRemarks.Repaired));
    }

    [Theory]
    [InlineData("", NumberFault.Missing)]
    [InlineData(" \t\u00a0\ufeff", NumberFault.Missing)]
    [InlineData("-", NumberFault.Missing)]
    [InlineData("N/A", NumberFault.Missing)]
    [InlineData("unknown", NumberFault.Missing)]
    [InlineData("无", NumberFault.Missing)]
    [InlineData("keine", NumberFault.Missing)]
    [InlineData("0", NumberFault.NotANumber)]
    [InlineData("000000", NumberFault.NotANumber)]
    [InlineData("1234567890", NumberFault.NotANumber)]
    [InlineData("01234 567890", NumberFault.NotANumber)]
    [InlineData("9999999999", NumberFault.NotANumber)]
    [InlineData("call me", NumberFault.NotANumber)]
    [InlineData("jane@example.org", NumberFault.NotANumber)]
    [InlineData("4.42E+11", NumberFault.Scientific)]
    [InlineData("8.8690E+11", NumberFault.Scientific)]
    [InlineData("8,8690E+11", NumberFault.Scientific)]
    [InlineData("4.42e11", NumberFault.Scientific)]
    [InlineData("+999 1234567", NumberFault.UnknownCountryCode)]
    [InlineData("7946 0018", NumberFault.LocalOnly)]
    [InlineData("07700 900123", NumberFault.NotInPlan)]
    [InlineData("020 7946 00189999", NumberFault.TooLong)]
    public void Cell_without_a_number_says_why_and_nothing_is_guessed(string cell, NumberFault fault)
    {
        var read = NumberReader.ReadCell(cell, Region.Of("GB"));
        Assert.Equal(fault, read.Fault);
        Assert.Equal(default, read.Number);
    }

    private static string Words(CellNumber read) =>
        string.Join(' ', NumberWords.AllRemarks.Where(remark => read.Remarks.HasFlag(remark)).Select(remark => remark.Word()));
}
