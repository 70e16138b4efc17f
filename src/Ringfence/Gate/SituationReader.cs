using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Reads a situation from the mapping that states it, strictly; a key with nothing behind it is not known.</summary>
internal static class SituationReader
{
    /// <summary>The keys of a situation.</summary>
    public static readonly string[] Keys =
        ["at", "ask", "contact", "consents", "suppressions", "registers", "history", "seller", "status", "rightsRequests"];

    /// <summary>Reads a situation.</summary>
    /// <param name="facts">What it states, merged.</param>
    /// <param name="elsewhere">Keys that may stand beside it, and were read elsewhere.</param>
    /// <exception cref="RuleFileException">A key or a word is not known, or a value is not of its kind.</exception>
    public static Situation Read(FileMapping facts, params ReadOnlySpan<string> elsewhere)
    {
        var map = RuleMap.Of(facts, nullIsLeftOut: true);
        var situation = new Situation
        {
            At = map.Instant("at"),
            Ask = map.OptionalMap("ask") is { } ask ? AskOf(ask) : new Ask(),
            Contact = map.OptionalMap("contact") is { } contact ? PersonReader.Read(contact) : new ContactedPerson(),
            Consents = map.OptionalMaps("consents", ConsentReader.Read),
            Suppressions = map.OptionalMaps("suppressions", RecordReader.Suppression),
            Registers = map.OptionalMap("registers") is { } registers ? RecordReader.Registers(registers) : null,
            History = map.OptionalMaps("history", RecordReader.Event),
            Seller = map.OptionalMap("seller") is { } seller ? RecordReader.Seller(seller) : new Seller(),
            Emergency = map.OptionalMap("status") is { } status ? RecordReader.Emergency(status) : null,
            RightsRequests = map.OptionalMaps("rightsRequests", RecordReader.Request),
        };
        map.Done(elsewhere);
        return situation;
    }

    private static Ask AskOf(RuleMap map)
    {
        var ask = new Ask
        {
            Controller = map.OptionalText("controller"),
            Brand = map.OptionalText("brand"),
            Channel = map.OptionalWord<Channel>("channel"),
            Technique = map.OptionalWord<Technique>("technique"),
            Purpose = map.OptionalText("purpose"),
            Class = map.OptionalWord<ContactClass>("class"),
            Promotes = map.OptionalFlag("promotes"),
            Subject = map.OptionalText("subject"),
            Similar = map.OptionalFlag("similar"),
            RelatesToContract = map.OptionalFlag("relatesToContract"),
            Sector = map.OptionalWord<Sector>("sector"),
            CallerId = map.OptionalMap("callerId") is { } callerId ? CallerIdOf(callerId) : null,
            Script = map.OptionalComplete("script", ContentBlocks.All),
            Template = map.OptionalMap("template") is { } template ? TemplateOf(template) : null,
            Agent = map.OptionalMap("agent") is { } agent ? AgentOf(agent) : null,
            Campaign = map.OptionalMap("campaign") is { } campaign ? CampaignOf(campaign) : null,
            ReplyTo = map.OptionalInstant("replyTo"),
        };
        map.Done();
        return ask;
    }

    private static CallerId CallerIdOf(RuleMap map)
    {
        var callerId = new CallerId
        {
            Number = map.OptionalText("number"),
            Shown = map.OptionalFlag("shown"),
            Entitled = map.OptionalFlag("entitled"),
            Directory = map.OptionalFlag("directory"),
            Answered = map.OptionalFlag("answered"),
            Registered = map.OptionalFlag("registered"),
        };
        map.Done();
        return callerId;
    }

    private static MessageTemplate TemplateOf(RuleMap map)
    {
        var template = new MessageTemplate
        {
            Category = map.OptionalWord<TemplateCategory>("category"),
            Status = map.OptionalWord<TemplateStatus>("status"),
            Holds = map.OptionalComplete("holds", ContentBlocks.All),
            OptOutLiveUntil = map.OptionalUsedDay("optOutLiveUntil"),
            Registered = map.OptionalFlag("registered"),
        };
        map.Done();
        return template;
    }

    private static Agent AgentOf(RuleMap map)
    {
        var agent = new Agent { Id = map.OptionalText("id"), Trained = map.OptionalFlag("trained"), Registered = map.OptionalFlag("registered") };
        map.Done();
        return agent;
    }

    private static Campaign CampaignOf(RuleMap map)
    {
        var campaign = new Campaign
        {
            Id = map.OptionalText("id"),
            AbandonedPercent = map.OptionalAmount("abandonedPercent") is not (> 100) and var percent ? percent : throw map.Wrong("abandonedPercent", "is more than all"),
            SelectedBy = map.OptionalFlags<Selection>("selectedBy"),
        };
        map.Done();
        return campaign;
    }
}
