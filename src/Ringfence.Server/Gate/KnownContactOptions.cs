using System.CommandLine;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Gate;

/// <summary>The options of <c>decide</c> by which a contact is asked about whom the ledger knows.</summary>
internal sealed class KnownContactOptions
{
    private readonly Option<string?> channel = new("--channel") { HelpName = "voice|sms|...", Description = CliText.Say("Decide.Option.channel") };
    private readonly Option<string?> purpose = new("--purpose") { HelpName = "WORD", Description = CliText.Say("Decide.Option.purpose") };
    private readonly Option<string?> technique = new("--technique") { HelpName = "WORD", Description = CliText.Say("Decide.Option.technique", string.Join(", ", Words<Technique>.All)) };
    private readonly Option<string?> at = new("--at") { HelpName = "INSTANT", Description = CliText.Say("Decide.Option.at") };
    private readonly Option<string?> fact = new("--fact") { HelpName = "FILE", Description = CliText.Say("Decide.Option.fact") };
    private readonly Option<bool> record = new("--record") { Description = CliText.Say("Decide.Option.record") };

    /// <summary><c>--contact</c>: a number or address.</summary>
    public Option<string?> Contact { get; } = new("--contact") { HelpName = "POINT", Description = CliText.Say("Decide.Option.contact") };

    /// <summary>Adds them to the command, with those of the store.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)[Contact, channel, purpose, technique, at, fact, record])
            command.Options.Add(option);
        command.OnLedger().WithRegion();
    }

    /// <summary>Answers; returns the exit code.</summary>
    public Task<int> RunAsync(ParseResult parsed, TimeProvider time, string? rules, string? house, CancellationToken cancel) =>
        StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var asked = Asked(parsed, installation, ledger.Controller);
            var gate = DecideCommand.GateOf(rules, house);

            var tags = installation.TagsOf(StoreArguments.Point(parsed, parsed.GetValue(Contact)!));
            var answer = await ContactDecision.MakeAsync(installation, ledger, StoreArguments.Actor(parsed), gate, asked, tags, parsed.GetValue(record), stop);
            return DecideCommand.Tell(gate, answer.Situation, answer.Decision.Verdict!, answer.Seq, parsed.GetValue(Terminal.Json), parsed.GetValue(Terminal.Quiet), Console.Out);
        }, cancel);

    private Situation Asked(ParseResult parsed, Installation installation, string controller)
    {
        if (parsed.GetValue(channel) is not { } word || !Channels.TryParse(word, out var by))
            throw new CommandRefusedException("bad-channel", parsed.GetValue(channel) ?? "");
        if (parsed.GetValue(purpose) is not { } what || !ScopeArguments.IsPurpose(what))
            throw new CommandRefusedException("bad-purpose", parsed.GetValue(purpose) ?? "");
        Technique? how = null;
        if (parsed.GetValue(technique) is { } name)
            how = Words<Technique>.TryParse(name, out var known) ? known : throw new CommandRefusedException("bad-technique", name);
        var file = parsed.GetValue(fact);
        return AskedFile.Read(
            new ContactQuestion(InstantOf(parsed.GetValue(at), installation.Time), controller, by, what, how), file?.Replace('\\', '/') ?? "", file is null ? null : TextFile.Read(file));
    }

    /// <summary>An instant as somebody wrote it; now, where nobody did.</summary>
    /// <exception cref="CommandRefusedException"><c>bad-instant</c>.</exception>
    internal static Instant InstantOf(string? text, TimeProvider time)
    {
        if (text is null)
            return Instant.FromDateTimeOffset(time.GetUtcNow());
        if (InstantPattern.ExtendedIso.Parse(text).TryGetValue(default, out var instant))
            return instant;
        return OffsetDateTimePattern.ExtendedIso.Parse(text).TryGetValue(default, out var local) ? local.ToInstant() : throw new CommandRefusedException("bad-instant", text);
    }
}
