using System.Text;
using Ringfence.Consent;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class PartyDocumentTests
{
    private static readonly string Written = File.ReadAllText(Path.Combine(Repository.Root, "samples", "party-ringmuster.yaml"));

    [Fact]
    public void The_sample_is_read_and_comes_back_from_its_bytes()
    {
        var party = Sample();
        Assert.Equal("Ringmuster Ltd", party.Name);
        Assert.Equal(PartyKind.Controller, party.Kind);
        Assert.Equal("privacy@ringmuster.example", party.PrivacyOfficer!.Email);
        Assert.Equal(party, PartyDocument.FromBytes(party.ToBytes()));
        Assert.Equal(party.Digest, PartyDocument.FromBytes(party.ToBytes()).Digest);
        Assert.Throws<RuleFileException>(() => PartyDocument.FromBytes([.. party.ToBytes(), (byte)'\n']));
    }

    [Fact]
    public void Its_canonical_form_is_in_order() =>
        Assert.Equal(
            """{"address":"1 Example Street, Musterham","contact":{"email":"hello@ringmuster.example","page":"https://ringmuster.example","phone":"+442079460000"},"country":"GB","format":"ringfence/party/v1","id":"ringmuster","kind":"controller","name":"Ringmuster Ltd","privacyOfficer":{"email":"privacy@ringmuster.example","name":"Data protection"}}""",
            Encoding.UTF8.GetString(Sample().ToBytes()));

    [Theory]
    [InlineData("country: GB", "country: UK", "'UK' is no code of ISO 3166-1")]
    [InlineData("country: GB", "country: US-CA", "'US-CA' is no code of ISO 3166-1")]
    [InlineData("kind: controller", "kind: controler", "'controler' is none of")]
    [InlineData("address: 1 Example Street, Musterham", "", "'address' is missing")]
    [InlineData("email: hello@ringmuster.example, phone: \"+442079460000\", page: \"https://ringmuster.example\"", "name: Reception", "'email' is missing")]
    [InlineData("name: Ringmuster Ltd", "name: Ringmuster Ltd\nlogo: x", "unknown key 'logo'")]
    public void What_is_not_in_order_is_refused(string from, string to, string message)
    {
        Assert.Contains(from, Written, StringComparison.Ordinal);
        var e = Assert.Throws<RuleFileException>(() => PartyDocument.Read("party.yaml", Written.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("party.yaml:", e.Message, StringComparison.Ordinal);
    }

    internal static PartyDocument Sample() => PartyDocument.Read("samples/party-ringmuster.yaml", Written);
}
