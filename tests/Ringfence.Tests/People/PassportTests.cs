using NodaTime;
using Ringfence.Gate;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.People;

public sealed class PassportTests
{
    private const string Whole = """
        passport: listhub-2026-03
        seller: { name: ListHub Fiktiv Ltd, address: 1 Example Road, country: GB, contact: privacy@example.com }
        contract: { reference: LH-118, date: 2026-03-01 }
        collected: { by: Quiz Fiktiv GmbH, where: "https://quiz.example/win", how: checkbox, from: 2025-06-01, until: 2026-02-28 }
        wording: { text: I agree that Ringmuster may call me with offers }
        evidence: { records: [time, ip, page], reference: "https://seller.example/proof" }
        """;

    /// <summary>The passport without one line of the whole, or with it written otherwise.</summary>
    private static Passport Without(string key, string instead = "") => Passport.Read(
        "p.yaml", string.Join('\n', Whole.Split('\n').Select(line => line.StartsWith(key + ":", StringComparison.Ordinal) ? instead : line)));

    [Fact]
    public void A_whole_passport_lacks_nothing_for_any_source_that_one_can_mend()
    {
        var passport = Passport.Read("p.yaml", Whole);
        Assert.All(Enum.GetValues<ContactSource>(), source => Assert.Equal(PassportItems.None, passport.Lacks(source)));
        Assert.Equal(("listhub-2026-03", ConsentMethod.Checkbox), (passport.Name, passport.Method));
        Assert.False(passport.Covers(new LocalDate(2025, 5, 31)));
        Assert.True(passport.Covers(new LocalDate(2025, 6, 1)));
        Assert.True(passport.Covers(new LocalDate(2026, 2, 28)));
        Assert.False(passport.Covers(new LocalDate(2026, 3, 1)));
    }

    [Fact]
    public void The_sample_lacks_nothing() =>
        Assert.Equal(PassportItems.None, Passport.Read("p.yaml", File.ReadAllText(Path.Combine(Repository.Root, "samples", "passport.yaml"))).Lacks(ContactSource.Purchased));

    [Theory]
    [InlineData("seller", "", PassportItems.Seller)]
    [InlineData("contract", "", PassportItems.Contract)]
    [InlineData("contract", "contract: { reference: LH-118 }", PassportItems.Contract)]
    [InlineData("contract", "contract: { date: 2026-03-01 }", PassportItems.Contract)]
    [InlineData("collected", "", PassportItems.CollectedBy | PassportItems.CollectedWhere | PassportItems.Period)]
    [InlineData("collected", "collected: { by: X GmbH, where: fair, from: 2025-06-01 }", PassportItems.Period)]
    [InlineData("wording", "", PassportItems.Wording)]
    [InlineData("evidence", "", PassportItems.Evidence)]
    [InlineData("evidence", "evidence: { records: [time] }", PassportItems.Evidence)]
    public void What_is_not_stated_is_lacking(string key, string instead, PassportItems lacking)
    {
        var passport = Without(key, instead);
        Assert.Equal(lacking, passport.Lacks(ContactSource.Purchased));
        Assert.Equal(lacking, passport.Lacks(ContactSource.Partner));
        Assert.Equal(lacking & (PassportItems.CollectedBy | PassportItems.CollectedWhere | PassportItems.Period), passport.Lacks(ContactSource.Published));
        Assert.Equal(PassportItems.None, passport.Lacks(ContactSource.Form));
    }

    [Theory]
    [InlineData("seller", "seler: { name: X }", "2:1: unknown key 'seler'")]
    [InlineData("wording", "wording: { text: a, digest: b }", "either 'text' or 'digest'")]
    [InlineData("wording", "wording: { digest: ABC }", "64 small hex digits")]
    [InlineData("wording", "wording: { }", "'text' is missing")]
    [InlineData("collected", "collected: { from: 2026-03-01, until: 2026-02-28 }", "before the first")]
    [InlineData("contract", "contract: { date: 1 March 2026 }", "no day")]
    [InlineData("passport", "passport: List Hub", "small letters")]
    public void What_is_written_otherwise_is_refused_with_its_place(string key, string instead, string words) =>
        Assert.Contains(words, Assert.Throws<RuleFileException>(() => Without(key, instead)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(ContactSource.Form, SourceKind.Bought, ContactSource.Purchased)]
    [InlineData(ContactSource.Customer, SourceKind.Affiliate, ContactSource.Partner)]
    [InlineData(ContactSource.Purchased, SourceKind.Own, ContactSource.Purchased)]
    [InlineData(ContactSource.Purchased, SourceKind.Referral, ContactSource.Purchased)]
    [InlineData(ContactSource.Purchased, SourceKind.Scraped, ContactSource.Scraped)]
    [InlineData(ContactSource.Event, SourceKind.Unknown, ContactSource.Event)]
    [InlineData(ContactSource.Event, SourceKind.Unclear, ContactSource.Event)]
    [InlineData(ContactSource.Event, SourceKind.Referral, ContactSource.Referral)]
    public void A_row_can_only_make_the_source_of_its_list_worse(ContactSource list, SourceKind row, ContactSource source) =>
        Assert.Equal(source, Provenance.Of(list, row));

    [Fact]
    public void No_cell_of_a_row_lets_a_contact_out_of_quarantine()
    {
        foreach (var list in Enum.GetValues<ContactSource>().Where(Provenance.NeedsPassport))
            Assert.All(Enum.GetValues<SourceKind>(), row => Assert.True(Provenance.NeedsPassport(Provenance.Of(list, row))));
        Assert.All(Enum.GetValues<SourceKind>().Where(SourceKinds.IsThirdParty), row => Assert.True(Provenance.NeedsPassport(Provenance.Of(ContactSource.Form, row))));
    }
}
