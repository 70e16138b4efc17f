using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Codes;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent.Forms;

/// <summary>What is still to be confirmed of what somebody filled in in a form of a social network, for one number or address. The page on which they do it is elsewhere than the form: a link leads to it, which comes with the code.</summary>
/// <param name="Person">Whose it is, and the number or address of theirs.</param>
/// <param name="Point">The number or address.</param>
/// <param name="Session">What stands in the link: a code that went with another confirms nothing of this.</param>
/// <param name="Asked">The questions, none of them confirmed.</param>
internal sealed record LeadConfirming(PersonLink Person, ContactPoint Point, string Session, IReadOnlyList<LedgerRecord> Asked)
{
    // Who has not done it by then does not want it.
    private static readonly Duration OpenFor = Duration.FromDays(7);

    // What else is known of them.
    private Person? Whose { get; init; }

    /// <summary>When they said yes, as far as anybody here can know: what they said no to after that stays closed.</summary>
    public Instant SaidAt => Asked.Min(static record => record.EventAt is { } at && at < record.At ? at : record.At);

    /// <summary>Sends the first code with the link. Nobody is left waiting where nobody said how the world reaches this server: staff confirm it.</summary>
    public static async Task BeginAsync(Served served, LedgerRow ledger, ContactPoint point, LeadFormSeen lead)
    {
        var installation = served.Installation;
        if (await Contacts.FindAsync(installation, ledger, installation.TagsOf(point), CancellationToken.None, withIdle: false) is not { Person.Status: not PersonStatus.Erased } found
            || found.Points().Where(one => one.Point.Equals(point)).Select(static one => (OpaqueId?)one.Id).FirstOrDefault() is not { } id)
        {
            return;
        }

        await SendAsync(served, ledger, new PersonLink(found.Person.Sid, IdOf(lead, id)), null, $"{lead.Platform}\n{lead.Form}");
    }

    /// <summary>Sends a code; to nobody, where the link leads to nothing.</summary>
    /// <param name="served">What is served.</param>
    /// <param name="ledger">Whose form it was.</param>
    /// <param name="link">As <see cref="LinkAct.Lead"/> has it.</param>
    /// <param name="source">Where it was asked for; null: nowhere, the form brought it.</param>
    /// <param name="form">The form that brought it; null: somebody asked on the page.</param>
    public static async Task SendAsync(Served served, LedgerRow ledger, PersonLink link, System.Net.IPAddress? source, string? form)
    {
        if (served.Gateways.Address is not { } address || await ReadAsync(served.Installation, ledger, link, CancellationToken.None) is not { } lead || lead.Asked[0].Notice is not { Lang: { } language, Doc: var doc })
            return;
        // What carries a code on WhatsApp has no room for a link.
        var via = lead.Point.Kind == PointKind.Phone ? Channel.Sms : Channel.Email;
        if (await lead.IsToBeLeftAloneAsync(served.Installation, ledger, via))
            return;
        var sender = (await PublishedWordings.FindAsync(served.Installation.Store, ledger, doc, CancellationToken.None))?.Sender ?? (await served.Names.OfAsync([ledger.Controller], CancellationToken.None))[ledger.Controller];
        var page = $"{address.GetLeftPart(UriPartial.Authority)}{LeadPages.PathOf(ledger.Controller, lead.Session)}{(LanguageTexts.Tags.Contains(language) ? "?lang=" + language : "")}";
        var how = new CodeSending(via, sender, language, source) { Page = new Uri(page), LeadForm = form };
        _ = await served.Codes.SendAsync(lead.Target(ledger), how, CancellationToken.None);
    }

    /// <summary>What a link leads to; null: nothing is left to be confirmed, or it is too late, or whoever it was is forgotten.</summary>
    public static async Task<LeadConfirming?> ReadAsync(Installation installation, LedgerRow ledger, PersonLink link, CancellationToken cancel)
    {
        if (await Contacts.FindAsync(installation, ledger, link.Subject, cancel) is not { Person.Status: not PersonStatus.Erased } found)
            return null;
        var since = Instant.FromDateTimeOffset(installation.Time.GetUtcNow()) - OpenFor;
        var confirmed = found.Person.Records.Where(static record => record.Type == RecordType.ConsentConfirmed).SelectMany(static record => record.About ?? []).ToHashSet();
        var open = found.Person.Records.Where(record => record is { Type: RecordType.ConsentRequested, Subject.Point: not null } && record.At > since && !confirmed.Contains(record.Seq)).ToList();
        var asked = new List<LedgerRecord>();
        foreach (var (record, lead) in await LeadsOfAsync(installation, ledger, open, cancel))
        {
            if (IdOf(lead, record.Subject!.Value.Point!.Value) == link.Point)
                asked.Add(record);
        }

        return asked is [{ Subject.Point: { } id }, ..] && found.Points().Where(one => one.Id == id).Select(static one => one.Point).FirstOrDefault() is { } point
            ? new LeadConfirming(new PersonLink(found.Person.Sid, id), point, installation.Links.Make(ledger.Controller, LinkAct.Lead, link), asked) { Whose = found.Person } : null;
    }

    // Anybody may have typed it. What the person closed before, a code of theirs opens; what they said since, and what others closed, it does not: they are not written to.
    private async Task<bool> IsToBeLeftAloneAsync(Installation installation, LedgerRow ledger, Channel via)
    {
        if (Whose is not { Status: not PersonStatus.Held } person)
            return true;
        var rows = await Contacts.SuppressionsAsync(installation, ledger, [installation.TagsOf(Point)], CancellationToken.None);
        var closed = new ClosedPoints([.. rows.Where(row => !ClosedPoints.IsTheirs(row) || row.Since > Micros.Of(SaidAt))], person.Records);
        return Asked.All(record => record.Scope?.Purposes?.All(purpose => closed.IsShut(via, purpose)) ?? false);
    }

    /// <summary>Hears the code, and writes down as confirmed what it was sent for.</summary>
    /// <returns>The records; none: it was not the code, or there is nothing left to be confirmed.</returns>
    public async Task<IReadOnlyList<long>> ConfirmAsync(PageCall call, string said)
    {
        if (await call.Served.Codes.TryAsync(Target(call.Ledger), said, call.Cancel) is not { } right)
            return [];
        var confirmed = new List<long>();
        foreach (var record in Asked)
        {
            // The clock of whoever brought it may be ahead of ours; nobody confirms before they were asked.
            var at = record.EventAt is { } asked && asked > call.Now ? asked : call.Now;
            var answer = new ConsentAsked { Now = call.Now, At = at, Via = right.Via, Message = right.Message, Request = record.Seq, TimeFrom = EventSource.Server };
            try
            {
                confirmed.AddRange((await new ConsentTaking(call.Installation, call.Ledger, PreferencePages.Person, call.Installation.TagsOf(Point), answer).RunAsync(ConsentStep.Confirm, call.Cancel)).Written);
            }
            catch (CommandRefusedException e) when (e.Code == "nothing-to-confirm")
            {
                // They were forgotten meanwhile.
            }
        }

        return confirmed;
    }

    // What is asked under the same name later is not confirmed by a code that went out before.
    private CodeTarget Target(LedgerRow ledger) => new(ledger, CodeAct.Consent, Session, Point, string.Join(' ', Asked.Select(static record => record.Seq)));

    // The point's own id is in no link, and nobody guesses it.
    private static OpaqueId IdOf(LeadFormSeen lead, OpaqueId point) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{point}\n{lead.Platform}\n{lead.Lead}")).AsSpan(0, OpaqueId.Size));

    private static async Task<IReadOnlyList<(LedgerRecord Record, LeadFormSeen Lead)>> LeadsOfAsync(Installation installation, LedgerRow ledger, IReadOnlyList<LedgerRecord> records, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Sealed.UnionWith(records.Select(static record => record.Seq));
        if (wanted.Sealed.Count == 0)
            return [];
        var rows = (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Sealed.Where(static row => row.Group == (short)CommitGroup.Evidence).ToDictionary(static row => row.Seq);
        var found = new List<(LedgerRecord, LeadFormSeen)>();
        foreach (var record in records)
        {
            try
            {
                if (rows.TryGetValue(record.Seq, out var row) && await installation.OpenAsync(record, row, cancel) is { } opened && ConsentEvidence.FromBytes(opened.Content).LeadForm is { } lead)
                    found.Add((record, lead));
            }
            catch (RuleFileException)
            {
                // Evidence of another kind.
            }
        }

        return found;
    }
}
