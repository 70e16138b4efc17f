using Ringfence.Numbers;
using Ringfence.People;
using Xunit;

namespace Ringfence.Tests.People;

public sealed class PlacesTests
{
    [Theory]
    [InlineData("US", "usa ", "(US)", "U.S.A.", "United States", "United States of America", "America", "美国", "美國", "Vereinigte Staaten", "États-Unis", "Stati Uniti", "EE. UU.", "US - United States")]
    [InlineData("GB", "UK", "U.K.", "gbr", "England", "Scotland", "Wales", "Northern Ireland", "Great Britain", "英国", "Vereinigtes Königreich", "Royaume-Uni", "Gran Bretagna")]
    [InlineData("CN", "PRC", "P.R. China", "People's Republic of China", "中国", "中国大陆", "中華人民共和國", "大陆", "Volksrepublik China", "Chine")]
    [InlineData("TW", "R.O.C.", "Taiwan", "Taiwan, Province of China", "台湾", "臺灣", "中華民國")]
    [InlineData("HK", "HKG", "Hong Kong", "Hong Kong SAR", "Hong Kong, China", "中国香港", "香港")]
    [InlineData("DE", "Deutschland", "GERMANY", "Bundesrepublik Deutschland", "德国", "Allemagne", "Alemania", "Germania", "D", "Deutschland / Germany")]
    [InlineData("JO", "الأردن", "Jordan", "约旦", "JOR")]
    [InlineData("NL", "Holland", "The Netherlands", "Niederlande", "荷兰")]
    [InlineData("CZ", "Czech Republic", "Czechia", "Tschechien")]
    [InlineData("CI", "Ivory Coast", "Côte d'Ivoire", "Côte d’Ivoire", "Elfenbeinküste")]
    [InlineData("CD", "DR Congo", "Congo, The Democratic Republic of the", "Congo (Kinshasa)")]
    [InlineData("KR", "South Korea", "Korea, Republic of", "Republic of Korea", "대한민국")]
    [InlineData("KP", "North Korea", "Democratic People's Republic of Korea")]
    [InlineData("CA", "CA", "Canada", "Kanada", "加拿大")]
    [InlineData("GE", "Georgia", "Georgien")]
    [InlineData("PR", "Puerto Rico, USA")]
    [InlineData("FR", "Paris, France")]
    [InlineData("ES", "Kingdom of Spain", "España", "ESPANA")]
    public void Countries_are_known_by_code_and_by_name(string code, params string[] cells)
    {
        foreach (var cell in cells)
            Assert.True(code == Places.Country(cell).ToString(), $"'{cell}' reads as '{Places.Country(cell)}', not as {code}");
    }

    [Theory]
    [InlineData("US-PR", "PR")]
    [InlineData("US-GU", "GU")]
    [InlineData("FR-974", "RE")]
    [InlineData("FR-RE", "RE")]
    [InlineData("FR-PF", "PF")]
    [InlineData("NL-BQ2", "BQ")]
    [InlineData("NL-CW", "CW")]
    [InlineData("FI-01", "AX")]
    [InlineData("US-TX", "US-TX")]
    [InlineData("FR-75", "FR-75")]
    [InlineData("US-RE", "US-RE")]
    [InlineData("RE", "RE")]
    public void A_part_with_a_country_code_of_its_own_is_that_country(string place, string own) => Assert.Equal(own, Places.OwnCode(place));

    [Theory]
    [InlineData("", "-", "n/a", "NA", "EMEA", "Europe", "XX", "ZZ", "+49", "unknown", "US/CA", "Congo", "Atlantis", "1")]
    public void What_names_no_country_or_two_is_none(params string[] cells)
    {
        foreach (var cell in cells)
            Assert.True(Places.Country(cell).IsNone, $"'{cell}' reads as '{Places.Country(cell)}'");
    }

    [Fact]
    public void All_countries_of_ISO_3166_1_are_there()
    {
        var codes = Tables("countries.tsv").Select(l => l[0]).ToList();
        Assert.Equal(250, codes.Count);     // 249 and Kosovo, which has a code in use
        Assert.Equal(codes.Count, codes.Distinct().Count());
        foreach (var line in Tables("countries.tsv"))
        {
            if (line[0] != "NA")
                Assert.Equal(line[0], Places.Country(line[0]).ToString());
            Assert.Equal(line[0], Places.Country(line[1]).ToString());
            foreach (var name in line[2].Split('|'))
                Assert.Equal(line[0], Places.Country(name).ToString());
        }
    }

    [Theory]
    [InlineData("CA", "US", "US-CA")]
    [InlineData("California", "US", "US-CA")]
    [InlineData("加利福尼亚州", "US", "US-CA")]
    [InlineData("加州", "", "US-CA")]
    [InlineData("Kalifornien", "", "US-CA")]
    [InlineData("Texas (TX)", "US", "US-TX")]
    [InlineData("TX, USA", "", "US-TX")]
    [InlineData("US-NY", "", "US-NY")]
    [InlineData("Washington D.C.", "US", "US-DC")]
    [InlineData("Washington", "US", "US-WA")]
    [InlineData("PR", "PR", "US-PR")]
    [InlineData("Québec", "", "CA-QC")]
    [InlineData("ON", "", "CA-ON")]
    [InlineData("NB", "CA", "CA-NB")]
    [InlineData("CA", "", "US-CA")]
    [InlineData("NT", "CA", "CA-NT")]
    [InlineData("NT", "AU", "AU-NT")]
    [InlineData("Bayern", "DE", "DE-BY")]
    [InlineData("广东省", "CN", "CN-GD")]
    [InlineData("São Paulo", "BR", "BR-SP")]
    [InlineData("Georgia", "", "US-GA")]
    public void States_are_known_within_their_country(string cell, string country, string code) =>
        Assert.Equal(code, Places.State(cell, Region.Of(country)));

    [Theory]
    [InlineData("WA", "")]          // Washington or Western Australia
    [InlineData("NT", "")]          // Northwest Territories or Northern Territory
    [InlineData("Punjab", "")]      // India or Pakistan
    [InlineData("ON", "US")]
    [InlineData("CA", "DE")]
    [InlineData("TX", "FR")]
    [InlineData("TX / OK", "US")]
    [InlineData("Springfield", "US")]
    [InlineData("", "US")]
    [InlineData("n/a", "US")]
    public void A_state_that_may_be_elsewhere_is_none(string cell, string country) => Assert.Null(Places.State(cell, Region.Of(country)));

    [Fact]
    public void The_US_and_Canada_are_complete()
    {
        var states = Tables("states.tsv").Select(l => l[0]).ToList();
        Assert.Equal(50 + 1 + 6, states.Count(s => s.StartsWith("US-", StringComparison.Ordinal)));     // states, DC, territories
        Assert.Equal(13, states.Count(s => s.StartsWith("CA-", StringComparison.Ordinal)));
        foreach (var line in Tables("states.tsv"))
        {
            foreach (var name in line[1].Split('|').Append(line[0][3..]))
                Assert.Equal(line[0], Places.State(name, Region.Of(line[0].AsSpan(0, 2))));
        }
    }

    private static List<string[]> Tables(string name)
    {
        using var reader = new StreamReader(typeof(Places).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#').Select(l => l.Split('\t')).ToList();
    }
}
