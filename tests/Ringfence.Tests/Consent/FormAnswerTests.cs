using Ringfence.Consent;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class FormAnswerTests
{
    private static readonly FormDocument Form = FormDocument.Read("form-offers.yaml", File.ReadAllText(Path.Combine(Repository.Root, "samples", "form-offers.yaml")));

    private static readonly HashSet<string> None = [];

    [Fact]
    public void A_ticked_box_is_a_yes_of_the_number_or_address_that_its_channel_reaches()
    {
        var answer = Read(["offers-sms", "offers-email"], false, ("phone", "+44 7400 123456"), ("email", "Ann@Example.org"), ("name", " Ann "));
        Assert.True(answer.IsSound);
        Assert.Equal([("offers-sms", "+447400123456"), ("offers-email", "ann@example.org")], answer.Yeses.Select(yes => (yes.Box.Name, yes.Point.Value)));
        Assert.Equal("Ann", answer.Name);
    }

    [Fact]
    public void Nothing_else_is_a_yes()
    {
        Assert.Empty(Read([], false, ("phone", "+447400123456")).Yeses);
        Assert.Empty(Read(["no-such-box", "phone", ""], false, ("phone", "+447400123456")).Yeses);
        // The button that says no makes void what was ticked, and asks for nothing.
        var declined = Read(["offers-sms"], true, ("phone", "nonsense"));
        Assert.True(declined.IsSound);
        Assert.Empty(declined.Yeses);
    }

    [Theory]
    [InlineData("phone", "12", "error.phone.plus")]
    [InlineData("phone", "+44 7", "error.phone")]
    [InlineData("phone", "07400 123456", "error.phone.plus")]
    [InlineData("phone", "ann@example.org", "error.phone.plus")]
    [InlineData("email", "+447400123456", "error.email")]
    [InlineData("email", "ann@", "error.email")]
    [InlineData("name", "a\nb", "error.long")]
    public void What_cannot_be_read_is_named_at_its_field_and_nothing_is_taken(string field, string text, string fault)
    {
        var answer = Read(["research-whatsapp"], false, ("phone", "+447400123456"), (field, text));
        Assert.Equal(fault, answer.Typed.Faults[field]);
        Assert.Empty(answer.Yeses);
        Assert.Equal(text, answer.Typed[field]);
        Assert.Contains("research-whatsapp", answer.Typed.Ticked);
    }

    [Fact]
    public void A_yes_without_its_number_asks_for_it() => Assert.Equal("error.point", Read(["offers-sms"], false).Typed.Faults["phone"]);

    [Fact]
    public void A_number_without_country_code_is_read_where_the_form_or_the_person_says_one_country()
    {
        var british = Form with { OfferedIn = ["GB"] };
        Assert.Equal("+447400123456", Assert.Single(FormAnswer.Read(british, name => name == "phone" ? "07400 123456" : null, ["offers-sms"], declined: false, None).Yeses).Point.Value);
        var living = Form with { Blocks = [new FormField("land", FormAsks.Residence, false), .. Form.Blocks], Layouts = [] };
        var answer = FormAnswer.Read(living, name => name == "phone" ? "07400 123456" : name == "land" ? "gb" : null, ["offers-sms"], declined: false, None);
        Assert.Equal(("GB", "+447400123456"), (answer.Residence, Assert.Single(answer.Yeses).Point.Value));
        Assert.Equal("error.residence", FormAnswer.Read(living, name => name == "land" ? "nowhere" : null, [], declined: false, None).Typed.Faults["land"]);
    }

    [Fact]
    public void Somebody_under_age_needs_who_agrees()
    {
        var children = Form with { ForChildren = true, Blocks = [new FormField("age", FormAsks.Age, false), new FormField("guardian", FormAsks.Guardian, false), .. Form.Blocks], Layouts = [] };
        FormAnswer Of(params (string, string)[] sent) => FormAnswer.Read(children, name => sent.Append(("phone", "+447400123456")).FirstOrDefault(one => one.Item1 == name).Item2, ["offers-sms"], declined: false, None);
        Assert.Equal("error.guardian", Of().Typed.Faults["guardian"]);
        Assert.Single(Of(("age", "1")).Yeses);
        Assert.Equal("Erika Muster", Of(("guardian", "Erika Muster")).Guardian);
        // Old enough, and in need of somebody who agrees: which of the two it is has to be said.
        Assert.Equal("error.guardian", Of(("age", "1"), ("guardian", "Erika Muster")).Typed.Faults["guardian"]);
    }

    [Fact]
    public void A_yes_that_counts_only_with_a_name_asks_for_it_and_no_other_does()
    {
        var named = FormLint.NamedBoxes(Form, Rulebook.Shipped, new(2026, 11, 22));
        Assert.Equal(["offers-voice"], named);
        Assert.Empty(FormLint.NamedBoxes(Form with { OfferedIn = ["GB", "US"] }, Rulebook.Shipped, new(2026, 11, 22)));
        Assert.Equal(["offers-voice"], FormLint.NamedBoxes(Form with { OfferedIn = ["NL"] }, Rulebook.Shipped, new(2026, 11, 22)));
        FormAnswer Of(string box, string? name) => FormAnswer.Read(Form, field => field == "phone" ? "+4915123456789" : field == "name" ? name : null, [box], declined: false, named);
        Assert.Equal("error.name", Of("offers-voice", " ").Typed.Faults["name"]);
        Assert.Empty(Of("offers-voice", null).Yeses);
        Assert.Single(Of("offers-voice", "Erika Muster").Yeses);
        Assert.Single(Of("offers-sms", null).Yeses);
        var addressed = Form with { Layouts = [], Blocks = [new FormField("home", FormAsks.Address, false), .. Form.Blocks] };
        Assert.Equal("1 Example Street", FormAnswer.Read(addressed, field => field == "home" ? "1 Example Street" : null, [], declined: false, named).Address);
        Assert.All(FormWords.Languages, language => Assert.True(language == "en" || FormWords.Say("error.name", language) != FormWords.Say("error.name", "en")));
    }

    private static FormAnswer Read(string[] ticked, bool declined, params (string Name, string Text)[] sent) =>
        FormAnswer.Read(Form, name => sent.LastOrDefault(one => one.Name == name).Text, ticked, declined, None);
}
