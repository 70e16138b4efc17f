using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent.Forms;

/// <summary>Takes what somebody filled in in a form of a social network, whoever brings it: written down once, and where it has to be confirmed a code goes to each number and address.</summary>
internal static class LeadTaking
{
    // Meta brings again for a day and a half what was not taken. Who hears of something older does not know any more that they asked for it.
    private static readonly Duration AskedFor = Duration.FromDays(2);

    /// <summary>Takes it.</summary>
    /// <param name="served">What is served.</param>
    /// <param name="http">The request that brought it.</param>
    /// <param name="ledger">Whose form it is.</param>
    /// <param name="form">Our form.</param>
    /// <param name="answer">What was answered; it is sound.</param>
    /// <param name="came">How; by which form of which network stands in it.</param>
    /// <param name="actor">Who hands it over.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Per yes what was written, or what stood in the way.</returns>
    public static async Task<IReadOnlyList<(FormBox Box, ConsentOutcome Outcome)>> TakeAsync(Served served, HttpContext http, LedgerRow ledger, FormDocument form, FormAnswer answer, FormCame came, Actor actor, CancellationToken cancel)
    {
        var (installation, lead) = (served.Installation, came.LeadForm!);
        var taken = await FormTaking.TakeAsync(installation, ledger, form, answer, came, actor, cancel);
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        if (form.OptIn != FormOptIn.Double || now - (came.At ?? now) > AskedFor)
            return taken;
        // What broke off between two of its yeses comes again: the first is known by then, and no code went out for it.
        if (!taken.Any(static one => one.Outcome is { Written.Count: > 0, IsAgain: false }))
            return taken;
        foreach (var point in answer.Yeses.Zip(taken).Where(static one => one.Second.Outcome.Written.Count > 0).Select(static one => one.First.Point).Distinct())
            await SendAsync(served, http, ledger, point, lead);
        return taken;
    }

    // Whoever brings it does not wait until a mail server answers, unless too many do.
    private static async Task SendAsync(Served served, HttpContext http, LedgerRow ledger, ContactPoint point, LeadFormSeen lead)
    {
        var logs = http.RequestServices.GetRequiredService<ILoggerFactory>();
        if (!served.Afterwards.Do(CodeAsync, failure => ServerLog.Fault(logs, "", nameof(LeadTaking), failure)))
            await CodeAsync();

        Task CodeAsync() => LeadConfirming.BeginAsync(served, ledger, point, lead);
    }
}
