using Ringfence.Consent;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Codes;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Consent.Forms;

/// <summary>What is still to be confirmed of an answer to a form: for each number and address the boxes that were ticked for it. One code goes to each, and confirms exactly those.</summary>
/// <param name="Form">The form.</param>
/// <param name="Session">The secret of this answer; a code that was sent for another confirms nothing of it.</param>
/// <param name="Points">Each with its boxes, by name.</param>
internal sealed record FormConfirming(FormDocument Form, string Session, IReadOnlyList<(ContactPoint Point, IReadOnlyList<string> Boxes)> Points)
{
    // A form asks for one number and one address.
    private const int MostPoints = 2;

    /// <summary>Who writes down what comes by a form.</summary>
    public static Actor ActorOf(FormDocument form) => new(ActorKind.Person, "form-" + form.Digest.ToString()[..16]);

    /// <summary>What an answer needs to be confirmed.</summary>
    public static FormConfirming Of(FormDocument form, FormAnswer answer) =>
        new(form, Token.New(), [.. answer.Yeses.GroupBy(static yes => yes.Point).Select(static one => (one.Key, (IReadOnlyList<string>)[.. one.Select(static yes => yes.Box.Name)]))]);

    /// <summary>Whether there is a way for codes to every number and address of an answer.</summary>
    public static bool CanSend(PageCall call, FormAnswer answer) => answer.Yeses.All(yes => call.Served.Gateways.Of(call.Controller, Via(yes.Point)) is not null);

    /// <summary>What a form sent back; null: it is none of ours.</summary>
    public static FormConfirming? Read(FormDocument form, IFormCollection sent)
    {
        if (!Token.Is(sent["session"]))
            return null;
        var points = new List<(ContactPoint, IReadOnlyList<string>)>();
        for (var index = 0; index < MostPoints && sent[$"to.{index}"] is [{ } to]; index++)
        {
            string[] boxes = [.. sent[$"boxes.{index}"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            if (!ContactPoint.TryRead(to, Region.None, out var point) || boxes.Length == 0 || !boxes.All(name => form.Boxes.Any(box => box.Name == name)))
                return null;
            points.Add((point, boxes));
        }

        return points.Count == 0 ? null : new FormConfirming(form, sent["session"]!, points);
    }

    /// <summary>Sends a code to each.</summary>
    /// <returns>The yeses that one went out for. Whoever answered is told nothing of it.</returns>
    public async Task<IReadOnlyList<(FormBox Box, ContactPoint Point)>> SendAsync(PageCall call, FormAnswer answer, string language)
    {
        var reached = new List<(FormBox, ContactPoint)>();
        foreach (var (point, boxes) in Points)
        {
            var how = new CodeSending(Via(point), Form.Sender ?? call.Controllers[call.Controller], language, call.Http.Connection.RemoteIpAddress);
            if ((await call.Served.Codes.SendAsync(Target(call, point, boxes), how, call.Cancel)).IsSent)
                reached.AddRange(answer.Yeses.Where(yes => yes.Point == point));
        }

        return reached;
    }

    /// <summary>Hears the codes, and writes down as confirmed what they were sent for.</summary>
    /// <returns>What is left.</returns>
    public async Task<FormConfirming> ConfirmAsync(PageCall call, IFormCollection sent)
    {
        var left = new List<(ContactPoint, IReadOnlyList<string>)>();
        foreach (var (index, (point, boxes)) in Points.Index())
        {
            if (sent[$"code.{index}"].ToString() is not { Length: > 0 } said || await call.Served.Codes.TryAsync(Target(call, point, boxes), said, call.Cancel) is not { } right)
            {
                left.Add((point, boxes));
                continue;
            }

            try
            {
                foreach (var box in boxes.Select(name => Form.Boxes.First(box => box.Name == name)))
                {
                    var asked = new ConsentAsked { Now = call.Now, Via = right.Via, Message = right.Message, OfWording = FormWords.WordingOf(Form, box).Digest };
                    await new ConsentTaking(call.Installation, call.Ledger, ActorOf(Form), call.Installation.TagsOf(point), asked).RunAsync(ConsentStep.Confirm, call.Cancel);
                }
            }
            catch (CommandRefusedException e) when (e.Code == "nothing-to-confirm")
            {
                // They were forgotten meanwhile, or confirmed it already.
                left.Add((point, boxes));
            }
        }

        return this with { Points = left };
    }

    private static Channel Via(ContactPoint point) => point.Kind == PointKind.Phone ? Channel.Sms : Channel.Email;

    // Whoever changes the boxes in the page has no code for them.
    private CodeTarget Target(PageCall call, ContactPoint point, IReadOnlyList<string> boxes) => new(call.Ledger, CodeAct.Consent, Session, point, $"{Form.Digest} {string.Join(' ', boxes)}");
}
