using FsCheck;
using FsCheck.Fluent;
using Ringfence.Consent;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class ConsentWordingTests
{
    public static TheoryData<string, string, string, string> Wordings() =>
        [.. WordTable.Rows("wordings.tsv").Select(row => new TheoryDataRow<string, string, string, string>(row[0], row[1], row[2], row[3]))];

    [Theory]
    [MemberData(nameof(Wordings))]
    public void A_wording_names_its_channels_and_shows_its_flaws(string channels, string flaws, string sender, string wording)
    {
        var expected = new ConsentWording(WordTable.Set<ChannelSet>(channels), WordTable.Set<WordingFlaws>(flaws));
        Assert.Equal(expected, ConsentWording.Judge(wording, sender == "-" ? null : sender));
    }

    [Theory]
    [InlineData("Ringmuster Ltd")]
    [InlineData("RINGMUSTER LIMITED")]
    [InlineData("Ringmuster Pty Ltd")]
    [InlineData("Ringmuster GmbH & Co. KG")]
    [InlineData("Ringmuster S.r.l.")]
    [InlineData("Ringmuster S.A.")]
    [InlineData("Ringmuster B.V.")]
    [InlineData("Ringmuster 有限公司")]
    [InlineData("株式会社Ringmuster")]
    [InlineData("ringmuster.com")]
    [InlineData("  Ringmuster, Inc. ")]
    public void The_legal_form_of_a_sender_does_not_matter(string sender) =>
        Assert.Equal(WordingFlaws.None, ConsentWording.Judge("I agree that Ringmuster may call me with offers", sender).Flaws);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("...")]
    public void A_sender_without_a_letter_is_none(string sender) =>
        Assert.True(ConsentWording.Judge("I agree that Ringmuster may call me", sender).Flaws.HasFlag(WordingFlaws.NoSender));

    [Fact]
    public void Without_a_sender_every_wording_lacks_one()
    {
        foreach (var row in WordTable.Rows("wordings.tsv"))
            Assert.True(ConsentWording.Judge(row[3], sender: null).Flaws.HasFlag(WordingFlaws.NoSender), row[3]);
    }

    [Theory]
    [InlineData("I agree to calls with offers. You may withdraw your consent at any time.")]
    [InlineData("I agree to calls with offers; reply STOP to opt out")]
    [InlineData("I agree to calls with offers. We will never share your data.")]
    [InlineData("Ich stimme Werbeanrufen zu. Ich kann meine Einwilligung jederzeit widerrufen.")]
    [InlineData("J'accepte d'être appelé pour des offres. Je peux retirer mon accord à tout moment.")]
    [InlineData("我同意接收推广电话，可随时退订")]
    [InlineData("我同意接收推广电话，可以随时撤回同意")]
    [InlineData("I understand that I can object at any time. I agree to marketing calls.")]
    public void A_way_out_is_no_refusal(string wording) =>
        Assert.False(ConsentWording.Judge(wording, "Acme").Flaws.HasFlag(WordingFlaws.Refusal));

    [Theory]
    [InlineData("No, I do not agree")]
    [InlineData("I refuse marketing calls")]
    [InlineData("不同意接收营销电话")]
    [InlineData("Ich möchte keine Werbung")]
    [InlineData("Je ne souhaite pas être appelé")]
    [InlineData("No acepto recibir llamadas")]
    [InlineData("Non acconsento")]
    [InlineData("Não autorizo")]
    [InlineData("Ik wil geen telefoontjes")]
    public void A_no_reads_as_a_no(string wording) =>
        Assert.True(ConsentWording.Judge(wording, "Acme").Flaws.HasFlag(WordingFlaws.Refusal));

    [Fact]
    public void No_text_makes_it_throw()
    {
        Prop.ForAll<string, string>((wording, sender) => { _ = ConsentWording.Judge(wording, sender); }).QuickCheckThrowOnFailure();
        foreach (var text in WordTable.Evil(100_000))
            _ = ConsentWording.Judge(text, "Acme Ltd");
    }
}
