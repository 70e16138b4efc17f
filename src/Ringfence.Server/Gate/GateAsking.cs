using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Gate;

/// <summary>One question to the gate as a form of a page asks it, on the person's clock.</summary>
internal sealed class GateAsking
{
    private readonly PageCall call;
    private readonly Channel? channel;
    private readonly Technique? technique;
    private readonly string? when;
    private readonly string? facts;
    private readonly bool record;

    private GateAsking(PageCall call, PageForm form)
    {
        this.call = call;
        Point = State.Keep("point", form.TextOrNull("point"));
        To = State.Keep("to", form.TextOrNull("to"));
        Purpose = State.Keep("purpose", form.TextOrNull("purpose"));
        var word = State.Keep("channel", form.TextOrNull("channel"));
        var how = State.Keep("technique", form.TextOrNull("technique"));
        when = State.Keep("at", form.TextOrNull("at"));
        facts = State.Keep("facts", form.TextOrNull("facts"));
        record = form.Has("record");
        if (record)
            State.Keep("record", ["yes"]);
        _ = form.All("record");
        form.Done();
        if (word is not null && Channels.TryParse(word, out var known))
            channel = known;
        else
            State.Blame("channel", call.T("Ask.BadChannel"));
        if (how is not null)
        {
            if (Words<Technique>.TryParse(how, out var way))
                technique = way;
            else
                State.Blame("technique", call.T("Ask.BadTechnique"));
        }

        if (Purpose is null || !ScopeArguments.IsPurpose(Purpose))
            State.Blame("purpose", call.T("Ask.BadPurpose"));
    }

    /// <summary>The form, to be shown again.</summary>
    public FormState State { get; } = new();

    /// <summary>The name of the number or address in the ledger; null: none was chosen.</summary>
    public string? Point { get; }

    /// <summary>The number or address itself, where nobody is known by it.</summary>
    public string? To { get; }

    public string? Purpose { get; }

    /// <summary>Reads the form.</summary>
    public static async Task<GateAsking> ReadAsync(PageCall call) => new(call, await call.FormAsync());

    /// <summary>Asks; null: something is amiss with the form.</summary>
    public async Task<AskedHere?> AnswerAsync(ContactPoint? point)
    {
        if (point is null)
            State.Blame("point", call.T("Ask.BadPoint"));
        if (!State.IsSound || point is null)
            return null;
        if (call.Served.WhyMute(call.Ledger) is { } why)
        {
            State.Blame("channel", call.T("Gate.Shut." + why));
            return null;
        }

        var zones = point.Kind == PointKind.Phone ? PointView.Of(default, point).Number.Zones : [];
        var at = call.Now;
        if (when is not null)
        {
            if (LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm").Parse(when[..Math.Min(when.Length, 16)]).TryGetValue(default, out var local))
                at = local.InZoneLeniently(TheirClock.ZoneOf([.. zones])).ToInstant();
            else
                State.Blame("at", call.T("Ask.BadTime"));
        }

        try
        {
            return State.IsSound ? await AskAsync(point, at) : null;
        }
        catch (RuleFileException e)
        {
            State.Blame("facts", call.T("Ask.BadFacts", e.Message));
        }
        catch (CommandRefusedException e) when (e.Code == "not-recordable")
        {
            State.Blame("record", call.T("Ask.NotRecordable"));
        }

        return null;
    }

    private async Task<AskedHere> AskAsync(ContactPoint point, Instant at)
    {
        var tags = call.Installation.TagsOf(point);
        var asked = PagePermissions.Asked(call, tags, channel!.Value, Purpose!, technique, at, facts);
        var question = call.T("Ask.Question", call.Controllers.GetValueOrDefault(call.Controller, call.Controller), call.T("Act." + channel.Value.Word()), point.ToString(), Purpose!);
        if (record)
        {
            var made = await ContactDecision.MakeAsync(call.Installation, call.Ledger, call.Actor, call.Served.GateOf(call.Ledger), asked, tags, record: true, call.Cancel);
            return new AskedHere(channel.Value, question, made.Decision.Verdict!, PagePermissions.Told(call, made.Situation, made.Decision.Verdict!), made.Seq, made.Decision.AsOf);
        }

        var (situation, asOf) = await ContactDecision.AdviseAsync(call.Installation, call.Ledger, asked, tags, call.Cancel);
        var verdict = call.Served.GateOf(call.Ledger).Decide(situation);
        call.Served.Count(call.Ledger, verdict.Word);
        return new AskedHere(channel.Value, question, verdict, PagePermissions.Told(call, situation, verdict), null, asOf);
    }
}
