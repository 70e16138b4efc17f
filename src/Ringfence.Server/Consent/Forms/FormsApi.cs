using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Server.Gate;
using Ringfence.Server.Hosting;

namespace Ringfence.Server.Consent.Forms;

/// <summary><c>/api/v1/forms</c>: what people filled in elsewhere, in a form of a social network that asks what a form of ours asks.</summary>
internal static class FormsApi
{
    /// <summary><c>POST forms/{id}/leads</c>: one lead, with what shows it. Of a lead that shows no yes nothing is written: being a lead is no permission.</summary>
    public static async Task<ApiAnswer> LeadAsync(ApiCall call)
    {
        var id = call.Path("id");
        var form = (await call.Served.Forms.OfAsync(call.Ledger)).LastOrDefault(form => form.Id == id || form.Digest.ToString() == id)
            ?? throw new ApiFault(StatusCodes.Status404NotFound, "no-such-form");
        var body = JsonBody.Read(call.Body);
        call.RequireController(body);
        var seen = new LeadFormSeen(Named(body, "platform"), Named(body, "leadForm"), Named(body, "lead"));
        var language = body.TextOrNull("language") ?? (form.Languages.Count == 1 ? form.Languages[0] : throw ApiFault.Bad("missing-field", body.At("language")));
        if (!form.Languages.Contains(language))
            throw ApiFault.Bad("bad-word", body.At("language"), language, string.Join(", ", form.Languages));
        var at = KnownContactOptions.InstantOf(body.Text("at"), call.Installation.Time);
        var fields = body.ObjectOrNull("fields") ?? throw ApiFault.Bad("missing-field", body.At("fields"));
        var values = form.Fields.ToDictionary(static field => field.Name, field => fields.TextOrNull(field.Name), StringComparer.Ordinal);
        fields.Done();
        var yes = body.TextsOrNull("yes") ?? [];
        foreach (var box in yes.Where(name => form.Boxes.All(box => box.Name != name)))
            throw ApiFault.Bad("bad-word", body.At("yes"), box, string.Join(", ", form.Boxes.Select(static box => box.Name)));
        body.Done();
        var answer = FormAnswer.Read(form, name => values.GetValueOrDefault(name), yes, declined: false, FormLint.NamedBoxes(form, call.Served.Gate.Rules, LocalDate.FromDateTime(call.Installation.Time.GetUtcNow().UtcDateTime)));
        if (answer.Typed.Faults.Keys.FirstOrDefault() is { } block)
            throw new ApiFault(StatusCodes.Status422UnprocessableEntity, "not-a-point", body.At("fields") + "/" + block);
        var taken = await LeadTaking.TakeAsync(call.Served, call.Http, call.Ledger, form, answer, new FormCame(language, form.LayoutsShown[0]) { LeadForm = seen, At = at }, call.Caller.Actor, call.Cancel);
        if (taken.FirstOrDefault(static one => one.Outcome.Written.Count == 0) is { Box: not null } stopped)
            throw new ApiFault(StatusCodes.Status422UnprocessableEntity, "consent-not-shown", body.At("yes")) { Tell = json => ConsentPage.Write(json, stopped.Outcome.Findings) };
        return ApiAnswer.Json(StatusCodes.Status201Created, json =>
        {
            json.WriteStartObject();
            json.WriteString("form", form.Digest.ToString());
            json.WriteString("state", form.OptIn == FormOptIn.Double ? "requested" : "given");
            json.WriteStartArray("yes");
            foreach (var (box, outcome) in taken)
            {
                json.WriteStartObject();
                json.WriteString("box", box.Name);
                json.WriteNumber("seq", outcome.Written[0]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static string Named(JsonBody body, string name) => body.Text(name) is { Length: > 0 and <= 200 } text && !string.IsNullOrWhiteSpace(text) ? text : throw ApiFault.Bad("missing-field", body.At(name));
}
