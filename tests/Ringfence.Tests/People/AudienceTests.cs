using Ringfence.Gate;
using Ringfence.People;
using Xunit;

namespace Ringfence.Tests.People;

public sealed class AudienceTests
{
    [Theory]
    [InlineData("smi", new[] { 0, 3 })]
    [InlineData("SMITH ann", new[] { 0 })]
    [InlineData("ann", new[] { 0, 2 })]
    [InlineData("nn", new int[0])]
    [InlineData("muller", new[] { 1 })]
    [InlineData("Müller", new[] { 1 })]
    [InlineData("欧阳", new[] { 4 })]
    [InlineData("陽靜", new[] { 4 })]
    [InlineData("solar gm", new[] { 1 })]
    [InlineData("oneill", new[] { 2 })]
    [InlineData("o'neill", new[] { 2 })]
    [InlineData("ａｎｎ", new[] { 0, 2 })]
    [InlineData("ann smith jones", new int[0])]
    [InlineData("", new int[0])]
    [InlineData(" - ", new int[0])]
    public void Names_are_found_by_the_beginnings_of_their_words(string query, int[] found) => Assert.Equal(found, Names().Find(query));

    [Fact]
    public void Who_is_taken_out_is_not_found_and_who_is_renamed_only_by_the_new_name()
    {
        var names = Names();
        names.Remove(0);
        names.Put(2, "Clara Stone");
        Assert.Equal([3], names.Find("smith"));
        Assert.Empty(names.Find("ann"));
        Assert.Equal([2], names.Find("stone cla"));
        names.Renumber([4, 3, 2, 1, 0]);
        Assert.Equal([1], names.Find("smith"));
        Assert.Equal([0], names.Find("欧"));
        names.Remove(1);
        Assert.Empty(names.Find("smith"));
    }

    [Fact]
    public void Any_cell_is_the_same_after_it_was_packed()
    {
        foreach (var verdict in Enum.GetValues<AudienceVerdict>())
        {
            foreach (var reason in Enum.GetValues<ReasonCode>().Select(static code => (ReasonCode?)code).Append(null))
                Assert.Equal(new AudienceCell(verdict, reason), AudienceCell.Unpack(new AudienceCell(verdict, reason).Pack()));
        }
    }

    [Theory]
    [InlineData("consent=stands&ends=30")]
    [InlineData("channel=sms&purpose=offers&may=refused&why=no-consent&where=US-CA&number=GB&source=form&status=held&batch=0123456789abcdef0123456789abcdef&consent=given&older=30&younger=90&ends=14&stopped=no")]
    [InlineData("may=no-point&where=none&source=none")]
    [InlineData("")]
    public void A_filter_stands_in_an_address_as_it_was_read(string address)
    {
        Assert.True(AudienceFilter.TryRead(ValueOf(address), out var filter, out _));
        Assert.Equal(address, string.Join('&', filter.Words().Select(static word => $"{word.Name}={word.Value}")));
        Assert.Equal(address.Length == 0, filter == AudienceFilter.Everyone);
    }

    [Theory]
    [InlineData("channel=post", "channel")]
    [InlineData("purpose=Offers", "purpose")]
    [InlineData("purpose=a'b", "purpose")]
    [InlineData("may=yes", "may")]
    [InlineData("why=because", "why")]
    [InlineData("where=Germany", "where")]
    [InlineData("where=de", "where")]
    [InlineData("where=US-", "where")]
    [InlineData("number=ZZ", "number")]
    [InlineData("source=moon", "source")]
    [InlineData("status=erased", "status")]
    [InlineData("batch=12", "batch")]
    [InlineData("consent=maybe", "consent")]
    [InlineData("older=-1", "older")]
    [InlineData("ends=99999999", "ends")]
    [InlineData("stopped=true", "stopped")]
    public void What_is_no_filter_is_told_by_its_name(string address, string name)
    {
        Assert.False(AudienceFilter.TryRead(ValueOf(address), out _, out var amiss));
        Assert.Equal(name, amiss);
    }

    private static Func<string, string?> ValueOf(string address)
    {
        var all = address.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=')).ToDictionary(static pair => pair[0], static pair => pair[1]);
        return name => all.GetValueOrDefault(name);
    }

    private static ContactNames Names()
    {
        var names = new ContactNames();
        names.Put(0, "Ann Smith", null, null, "Acme");
        names.Put(1, null, "Jörg", "Müller", "Solar GmbH");
        names.Put(2, "Ann-Marie O’Neill");
        names.Put(3, "Bea SMITHSON");
        names.Put(4, "欧阳静怡");
        return names;
    }
}
