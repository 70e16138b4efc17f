using NodaTime;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People;

/// <summary>Staff hand somebody the link to their own page: to read out or copy, or by a message that the person asked for just now. Either is a record before it is done.</summary>
internal static class OwnLinkPages
{
    // Whoever asks for it asks once, and once more where it did not come.
    private const int MostInDay = 3;
    private const int Day = 86_400;

    /// <summary>What the page shows.</summary>
    internal sealed record Model(ActTarget Target, FormState State)
    {
        /// <summary>The link, where it was asked for; null: it was not.</summary>
        public string? Link { get; init; }

        /// <summary>What became of a message, as a word of the texts <c>OwnLink.Sent.WORD</c>; null: none was asked for.</summary>
        public string? Sent { get; init; }
    }

    /// <summary><c>GET contacts/{id}/own-page</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call) => await ShowAsync(call, new Model(await ActTarget.InPathAsync(call), new FormState()));

    /// <summary><c>POST contacts/{id}/own-page</c>.</summary>
    public static async Task<PageAnswer> MakeAsync(PageCall call)
    {
        var target = await ActTarget.InPathAsync(call);
        var (form, state) = (await call.FormAsync(), new FormState());
        var (where, language, isAsked) = (state.Keep("point", form.TextOrNull("point")), state.Keep("lang", form.TextOrNull("lang")), form.Has("asked"));
        var isMessage = form.TextOrNull("act") == "send";
        form.Done();
        if (target.Points.FirstOrDefault(point => point.Id.ToString() == where) is not { } chosen)
        {
            state.Blame("point", call.T("OwnLink.Where"));
            return await ShowAsync(call, new Model(target, state), StatusCodes.Status422UnprocessableEntity);
        }

        var sid = target.Found!.Person.Sid;
        if (!isMessage)
        {
            await call.DoAsync(new RevealCommand(call.Actor, sid, "own-link"));
            var link = WaysOut.Of(call.Installation, call.Ledger, new Uri(call.Served.Entrance.RootOf(call.Http.Request)), new PersonLink(sid, chosen.Id)).Choices.AbsoluteUri;
            return await ShowAsync(call, new Model(target, state) { Link = link });
        }

        if (!isAsked)
            state.Blame("asked", call.T("OwnLink.Asked.Needed"));
        else if (!CodeText.Languages.Contains(language ?? ""))
            state.Blame("lang", call.T("OwnLink.Language"));
        if (!state.IsSound)
            return await ShowAsync(call, new Model(target, state), StatusCodes.Status422UnprocessableEntity);
        return await ShowAsync(call, new Model(target, state) { Sent = await SendAsync(call, target, chosen.Id, chosen.Point, language!) });
    }

    /// <returns>What became of it: <c>sent</c>, or why not.</returns>
    private static async Task<string> SendAsync(PageCall call, ActTarget target, OpaqueId id, ContactPoint point, string language)
    {
        if (call.Served.Gateways.Address is not { } address)
            return "no-address";
        if (Codes.CodeWay.Of(call, point) is not { Via: not Channel.Whatsapp } how)
            return "no-gateway";
        var tags = call.Installation.TagsOf(point);
        // To whoever wants none nothing is sent, whoever says that they asked: they come in by themselves, at the entrance.
        if (target.Found!.Person.Status != PersonStatus.Contactable || (await Contacts.SuppressionsAsync(call.Installation, call.Ledger, [tags], call.Cancel)).Any(row => SuppressionScope.Of(row).Channels.Has(how.Via)))
            return "closed";
        var bucket = "own-link:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(tags.Lookup))[..24];
        if ((await call.Installation.Store.CountAsync(call.Ledger.Ledger, bucket, call.Now.ToUnixTimeSeconds() / Day, 1, call.Cancel)).Taken > MostInDay)
            return "too-many";
        await call.DoAsync(new RevealCommand(call.Actor, target.Found.Person.Sid, "own-link-sent"));
        var sender = call.Controllers[call.Controller];
        var choices = WaysOut.Of(call.Installation, call.Ledger, address, new PersonLink(target.Found.Person.Sid, id)).Choices;
        var message = OutMessage.Of("link_" + Fresh.Id(), how.Via, point, WayOutText.Own(language, sender, choices), how.Via == Channel.Email ? WayOutText.OwnSubject(language, sender) : "") with { Language = language, SenderName = sender };
        return await Sending.SendAsync(call.Installation, call.Served.Gateways, call.Ledger, message, call.Cancel) switch { Delivery.Accepted => "sent", Delivery.Later => "later", _ => "refused" };
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, Model model, int status = StatusCodes.Status200OK) =>
        await call.PageAsync<OwnLinkPage>(call.T("OwnLink.Title", model.Target.Title), model with { Target = await model.Target.ToShowAsync(call) }, status);
}
