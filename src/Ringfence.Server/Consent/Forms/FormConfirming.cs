using NodaTime;
using Ringfence.Consent;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Codes;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent.Forms;

/// <summary>What is still to be confirmed of an answer to a form: for each number and address the boxes that were ticked for it. One code goes to each, and confirms exactly those.</summary>
/// <param name="Form">The form.</param>
/// <param name="Session">The secret of this answer; a code that was sent for another confirms nothing of it.</param>
/// <param name="At">When it was answered. What somebody else answered for the same number at any other moment is not confirmed with it.</param>
/// <param name="Points">Each with its boxes, by name.</param>
internal sealed record FormConfirming(FormDocument Form, string Session, Instant At, IReadOnlyList<(ContactPoint Point, IReadOnlyList<string> Boxes)> Points)
{
    // A form asks for one number and one address.
    private const int MostPoints = 2;

    // As long as the code for the other one is good, and as long again for whoever asks twice.
    private static readonly Duration ShownFor = Duration.FromMinutes(2 * CodeDesk.GoodForMinutes);

    /// <summary>Who writes down what comes by a form.</summary>
    public static Actor ActorOf(FormDocument form) => new(ActorKind.Person, "form-" + form.Digest.ToString()[..16]);

    /// <summary>What of an answer a code can confirm: the numbers and addresses to which there is a way.</summary>
    public static FormConfirming Of(PageCall call, FormDocument form, FormAnswer answer, Instant at) =>
        new(form, Token.New(), at, [.. answer.Yeses.GroupBy(static yes => yes.Point).Where(one => CodeWay.Of(call, one.Key) is not null).Select(static one => (one.Key, (IReadOnlyList<string>)[.. one.Select(static yes => yes.Box.Name)]))]);

    /// <summary>The moment, as a page carries it.</summary>
    public string Moment => LedgerTime.Pattern.Format(At);

    /// <summary>The number or address of this answer whose code was told before, and what shows it; null: none was.</summary>
    public (ContactPoint Point, string Proof)? Shown { get; init; }

    /// <summary>What a form sent back; null: it is none of ours.</summary>
    public static FormConfirming? Read(FormDocument form, IFormCollection sent)
    {
        if (!Token.Is(sent["session"]) || sent["at"] is not [{ } at] || LedgerTime.Pattern.Parse(at) is not { Success: true, Value: var moment })
            return null;
        var points = new List<(ContactPoint, IReadOnlyList<string>)>();
        for (var index = 0; index < MostPoints && sent[$"to.{index}"] is [{ } to]; index++)
        {
            string[] boxes = [.. sent[$"boxes.{index}"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            if (!ContactPoint.TryRead(to, Region.None, out var point) || boxes.Length == 0 || !boxes.All(name => form.Boxes.Any(box => box.Name == name)))
                return null;
            points.Add((point, boxes));
        }

        return points.Count == 0 ? null : new FormConfirming(form, sent["session"]!, moment, points)
        {
            Shown = sent["proof"] is [{ } proof] && ContactPoint.TryRead(sent["shown"].ToString(), Region.None, out var shown) ? (shown, proof) : null,
        };
    }

    /// <summary>Sends a code to each.</summary>
    /// <returns>The yeses that are written down: those that one went out for, and those to which there is no way, which somebody confirms otherwise. Whoever answered is told nothing of it.</returns>
    public async Task<IReadOnlyList<(FormBox Box, ContactPoint Point)>> SendAsync(PageCall call, FormAnswer answer, string language, CodeWork? work)
    {
        var limited = new HashSet<ContactPoint>();
        foreach (var (point, boxes) in Points)
        {
            var how = CodeWay.Of(call, point)! with { Sender = Form.Sender ?? call.Controllers[call.Controller], Language = language, Work = work };
            if (!(await call.Served.Codes.SendAsync(Target(call, point, boxes), how, call.Cancel)).IsSent)
                limited.Add(point);
        }

        return [.. answer.Yeses.Where(yes => !limited.Contains(yes.Point))];
    }

    /// <summary>Hears the codes, and writes down as confirmed what they were sent for.</summary>
    /// <returns>What is left.</returns>
    public async Task<FormConfirming> ConfirmAsync(PageCall call, IFormCollection sent)
    {
        var left = new List<(ContactPoint, IReadOnlyList<string>)>();
        List<ContactPoint> told = Shown is var (earlier, proof) && call.Installation.Links.IsOpened(call.Controller, CodeAct.Consent, earlier, proof, call.Now) ? [earlier] : [];
        foreach (var (index, (point, boxes)) in Points.Index())
        {
            var (said, target) = (sent[$"code.{index}"].ToString(), Target(call, point, boxes));
            if (said.Length == 0 || await call.Served.Codes.TryAsync(target, said, call.Cancel) is not { } right)
            {
                // Whoever pressed twice is told what came of it the first time.
                if (await call.Served.Codes.WasRightAsync(target, said, call.Cancel) && await IsConfirmedAsync(call, point, boxes))
                    told.Add(point);
                else
                    left.Add((point, boxes));
                continue;
            }

            try
            {
                var (tags, confirmed) = (call.Installation.TagsOf(point), new List<long>());
                foreach (var box in boxes.Select(Box))
                {
                    var asked = new ConsentAsked { Now = call.Now, Via = right.Via, Message = right.Message, Answered = (FormWords.WordingOf(Form, box).Digest, At) };
                    confirmed.AddRange((await new ConsentTaking(call.Installation, call.Ledger, ActorOf(Form), tags, asked).RunAsync(ConsentStep.Confirm, call.Cancel)).Written);
                }

                // Whoever had said no, and shows by a code that it is them, takes back so much of it.
                await OwnNoes.LiftAsync(call, ActorOf(Form), tags, At, confirmed);
                told.Add(point);
            }
            catch (CommandRefusedException e) when (e.Code == "nothing-to-confirm")
            {
                // They were forgotten meanwhile, or confirmed it already.
                left.Add((point, boxes));
            }
        }

        await JoinAsync(call, told);
        return this with { Points = left, Shown = told is [var first] ? (first, call.Installation.Links.Open(call.Controller, CodeAct.Consent, first, call.Now + ShownFor)) : null };
    }

    /// <summary>Whether something of it stays closed to a yes of theirs: by others, or because they were forgotten. Only whoever told the code may learn it.</summary>
    public async Task<bool> IsShutAsync(PageCall call)
    {
        foreach (var (point, boxes) in Points)
        {
            var tags = call.Installation.TagsOf(point);
            var found = await Contacts.FindAsync(call.Installation, call.Ledger, tags, call.Cancel);
            var closed = new ClosedPoints(await Contacts.SuppressionsAsync(call.Installation, call.Ledger, [tags], call.Cancel), found?.Person.Records ?? []);
            if (found?.Person.Status == PersonStatus.Held || boxes.Select(Box).Any(box => Channels.All.Any(channel => box.Channels.Has(channel) && box.Purposes.Any(purpose => closed.IsShutByOthers(channel, purpose)))))
                return true;
        }

        return false;
    }

    // Whoever shows both of an answer to be theirs is one person: what they stop by one of them stops at the other, and what was promised them is promised once. Who was known before by one of them may be
    // somebody else, who shares a telephone: staff make one of two then.
    private async Task JoinAsync(PageCall call, IReadOnlyList<ContactPoint> told)
    {
        if (told is not [var one, var other]
            || await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(one), call.Cancel) is not { } first
            || await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(other), call.Cancel) is not { } second
            || first.Person.Sid == second.Person.Sid || !IsNew(first.Person) || !IsNew(second.Person))
        {
            return;
        }

        await call.DoAsync(new MergeCommand(ActorOf(Form), first.Person.Sid, second.Person.Sid));
    }

    // What was asked before and never confirmed says nothing of whoever has the number.
    private bool IsNew(Person person) => person.Status == PersonStatus.Contactable && person.Records.All(record => record.Type == RecordType.ConsentRequested || record.At >= At);

    private async Task<bool> IsConfirmedAsync(PageCall call, ContactPoint point, IReadOnlyList<string> boxes)
    {
        if (await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(point), call.Cancel) is not { Person.Records: var records })
            return false;
        var confirmed = records.Where(static record => record.Type == RecordType.ConsentConfirmed).SelectMany(static record => record.About ?? []).ToHashSet();
        return boxes.Select(box => FormWords.WordingOf(Form, Box(box)).Digest).All(doc => records.Any(record => record.EventAt == At && record.Notice?.Doc == doc && confirmed.Contains(record.Seq)));
    }

    private FormBox Box(string name) => Form.Boxes.First(box => box.Name == name);

    // Whoever changes the boxes or the moment in the page has no code for them.
    private CodeTarget Target(PageCall call, ContactPoint point, IReadOnlyList<string> boxes) => new(call.Ledger, CodeAct.Consent, Session, point, $"{Form.Digest} {Moment} {string.Join(' ', boxes)}");
}
