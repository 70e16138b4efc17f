using Ringfence.Campaigns;
using Ringfence.Gate;
using Xunit;

namespace Ringfence.Tests.Campaigns;

public sealed class ProtectedSelectionTests
{
    [Theory]
    [InlineData("religion", Selection.Religion)]
    [InlineData("Religion_Code", Selection.Religion)]
    [InlineData("customerReligion", Selection.Religion)]
    [InlineData("RELIGIOUS-DENOMINATION", Selection.Religion)]
    [InlineData("tag: Muslim customers", Selection.Religion)]
    [InlineData("宗教信仰", Selection.Religion)]
    [InlineData("gender", Selection.Sex)]
    [InlineData("性別", Selection.Sex)]
    [InlineData("client.sex", Selection.Sex)]
    [InlineData("ethnic origin", Selection.EthnicOrigin)]
    [InlineData("race", Selection.EthnicOrigin)]
    [InlineData("CountryOfBirth", Selection.EthnicOrigin)]
    [InlineData("民族", Selection.EthnicOrigin)]
    [InlineData("籍贯", Selection.EthnicOrigin)]
    [InlineData("國籍", Selection.EthnicOrigin)]
    [InlineData("political party", Selection.Politics)]
    [InlineData("政治面貌", Selection.Politics)]
    [InlineData("health_condition", Selection.Health)]
    [InlineData("是否患有慢性病", Selection.Health)]
    [InlineData("身心障礙", Selection.Health)]
    [InlineData("isPregnant", Selection.Health | Selection.Sex)]
    [InlineData("sexual orientation", Selection.SexLife)]
    [InlineData("性取向", Selection.SexLife)]
    [InlineData("trade union member", Selection.TradeUnion)]
    [InlineData("工會會員", Selection.TradeUnion)]
    [InlineData("recently bereaved", Selection.Vulnerability)]
    [InlineData("獨居老人", Selection.Vulnerability)]
    [InlineData("dementia", Selection.Health | Selection.Vulnerability)]
    [InlineData("postcode", Selection.Region)]
    [InlineData("ZIP code", Selection.Region)]
    [InlineData("郵遞區號", Selection.Region)]
    [InlineData("gender and religion", Selection.Sex | Selection.Religion)]
    public void A_field_that_picks_by_what_people_are_is_known(string field, Selection by) => Assert.Equal(by, ProtectedSelection.Of(field));

    [Theory]
    [InlineData("last purchase")]
    [InlineData("Essex store")]
    [InlineData("race event tickets")]
    [InlineData("credit union account")]
    [InlineData("third party source")]
    [InlineData("terrace furniture")]
    [InlineData("page orientation")]
    [InlineData("opened e-mails in 30 days")]
    [InlineData("missed calls")]
    [InlineData("购买金额")]
    [InlineData("子女人數")]
    [InlineData("超市會員")]
    [InlineData("兴趣标签")]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(null)]
    public void One_that_does_not_is_left_alone(string? field) => Assert.Equal(Selection.None, ProtectedSelection.Of(field));

    [Fact]
    public void Every_protected_characteristic_has_its_words_and_region_is_none_of_them()
    {
        Assert.Equal(ProtectedSelection.Never, ProtectedSelection.Of("sex, race, religion, politics, disease, gay, trade union, homeless") & ProtectedSelection.Never);
        Assert.Equal(Selection.None, ProtectedSelection.Never & Selection.Region);
    }

    [Fact]
    public void No_text_makes_it_throw_or_take_long()
    {
        foreach (var evil in WordTable.Evil(100_000))
            _ = ProtectedSelection.Of(evil);
    }
}
