using Ringfence.Numbers;
using Xunit;

namespace Ringfence.Tests.Numbers;

public class PhoneNumberTests
{
    [Theory]
    [InlineData("+442079460018", "Europe/London")]
    [InlineData("+12025550143", "America/New_York")]
    [InlineData("+447400123456", "Europe/Guernsey;Europe/Isle_of_Man;Europe/Jersey;Europe/London")]
    [InlineData("+8613900000012", "Asia/Shanghai")]
    [InlineData("+5511961234567", "America/Sao_Paulo")]
    [InlineData("+77273456789", "Asia/Almaty")]
    public void Zones_are_those_of_the_numbers_beginning_and_of_the_code_where_it_belongs_to_no_place(string e164, string zones) =>
        Assert.Equal(zones, string.Join(';', Read(e164).Zones));

    [Fact]
    public void A_toll_free_number_may_be_in_every_zone_of_its_code() => Assert.Equal(42, Read("+18003569377").Zones.Count);

    [Theory]
    [InlineData("+12025550143", "US-DC")]
    [InlineData("+19023456789", "CA-NS;CA-PE")]
    [InlineData("+18673456789", "CA-NT;CA-NU;CA-YT")]
    [InlineData("+17134567890", "US-TX")]
    [InlineData("+18003569377", "")]
    [InlineData("+12424250123", "")]
    [InlineData("+442079460018", "")]
    public void Subdivisions_are_those_of_the_area_code_in_the_US_and_Canada(string e164, string codes) =>
        Assert.Equal(codes, string.Join(';', Read(e164).Subdivisions));

    [Fact]
    public void No_number_has_neither_zones_nor_text()
    {
        PhoneNumber none = default;
        Assert.Empty(none.Zones);
        Assert.Empty(none.Subdivisions);
        Assert.Equal("", none.FormatNational());
        Assert.False(none.TryFormatE164(new char[20], out _));
    }

    [Fact]
    public void E164_is_written_where_there_is_room_for_it()
    {
        var number = Read("+31 20 123 4567");
        Span<char> text = stackalloc char[12];
        Span<byte> bytes = stackalloc byte[12];
        Assert.True(number.TryFormatE164(text, out var length));
        Assert.Equal("+31201234567", text[..length].ToString());
        Assert.True(number.TryFormatE164(bytes, out length));
        Assert.Equal("+31201234567"u8.ToArray(), bytes[..length].ToArray());
        Assert.False(number.TryFormatE164(text[..5], out _));
        Assert.Equal("020 123 4567", number.FormatNational());
        Assert.Equal("+31 20 123 4567", number.FormatInternational());
        Assert.DoesNotContain("1234", number.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+४४२०७९४६००१८")]
    [InlineData("+๔๔๒๐๗๙๔๖๐๐๑๘")]
    [InlineData("+𝟒𝟒𝟐𝟎𝟕𝟗𝟒𝟔𝟎𝟎𝟏𝟖")]
    [InlineData("＋４４ ２０ ７９４６ ００１８")]
    [InlineData("\u202a+44 20 7946 0018\u202c")]
    [InlineData("+44\u202f20\u202f7946\u202f0018")]
    [InlineData("+44\t20\t7946\t0018")]
    [InlineData("\ufeff+44\u200e20\u20667946\u20690018")]
    [InlineData("+44·20·7946·0018")]
    public void Digits_of_all_scripts_and_marks_of_exports_are_read(string text) => Assert.Equal("+442079460018", Read(text).E164);

    private static PhoneNumber Read(string text)
    {
        Assert.True(PhoneNumber.TryParse(text, Region.None, out var number));
        return number;
    }
}
