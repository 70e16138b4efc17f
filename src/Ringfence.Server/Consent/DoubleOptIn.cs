using System.Net;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Server.Codes;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>A yes in two steps: the question is written down as a code goes to the number or address, and the yes when the code is told. Between them nothing is permitted.</summary>
/// <param name="served">What is served.</param>
/// <param name="ledger">Whose consent it is.</param>
/// <param name="actor">Who writes it down: the form.</param>
internal sealed class DoubleOptIn(Served served, LedgerRow ledger, Actor actor)
{
    /// <summary>Asks: sends the code, and writes the question down with what shows it.</summary>
    /// <param name="tags">The number or address.</param>
    /// <param name="asked">What was said, with its evidence and its wording.</param>
    /// <param name="session">A secret of the form's, 128 random bits or more.</param>
    /// <param name="via">The channel that the code goes by.</param>
    /// <param name="source">Where it was asked for.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>What stood in the way of the form itself: nothing of it tells anything of the person. Whether a code went out is nobody's to know; where none did, nothing is written, for whoever asks without end would fill the ledger.</returns>
    public async Task<IReadOnlyList<ConsentFinding>> AskAsync(PointTags tags, ConsentAsked asked, string session, Channel via, IPAddress? source, CancellationToken cancel)
    {
        if (asked.Evidence is null)
            throw new ArgumentException("A question without evidence can't become a yes.", nameof(asked));
        var wording = await WordingAsync(asked, cancel);
        var language = asked.Language ?? asked.Evidence.Shown?.Language ?? "en";
        var sent = await served.Codes.SendAsync(Target(tags, wording.Digest, session), new CodeSending(via, wording.Sender, language, source), cancel);
        if (!sent.IsSent)
            return [];
        return (await new ConsentTaking(served.Installation, ledger, actor, tags, asked).RunAsync(ConsentStep.Request, cancel)).Findings;
    }

    /// <summary>Hears the code, on a POST, and writes the yes down as confirmed.</summary>
    /// <param name="tags">The number or address.</param>
    /// <param name="wording">The wording that was agreed to.</param>
    /// <param name="session">The secret of the form that asked.</param>
    /// <param name="code">As it was typed.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null: the code is none, or good no more, or there is nothing to confirm.</returns>
    public async Task<ConsentOutcome?> ConfirmAsync(PointTags tags, Digest wording, string session, string code, CancellationToken cancel)
    {
        if (await served.Codes.TryAsync(Target(tags, wording, session), code, cancel) is not { } right)
            return null;
        var asked = new ConsentAsked { Now = Instant.FromDateTimeOffset(served.Installation.Time.GetUtcNow()), Via = right.Via, Message = right.Message, OfWording = wording };
        try
        {
            return await new ConsentTaking(served.Installation, ledger, actor, tags, asked).RunAsync(ConsentStep.Confirm, cancel);
        }
        catch (CommandRefusedException e) when (e.Code == "nothing-to-confirm")
        {
            return null;
        }
    }

    private CodeTarget Target(PointTags tags, Digest wording, string session) => new(ledger, CodeAct.Consent, session, tags.Point, wording.ToString());

    private async Task<WordingDocument> WordingAsync(ConsentAsked asked, CancellationToken cancel) =>
        await PublishedWordings.FindAsync(served.Installation, ledger, asked.Wording ?? asked.Evidence!.Shown?.Doc.ToString() ?? throw new ArgumentException("No wording.", nameof(asked)), cancel);
}
