using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.People;

/// <summary><c>/api/v1/contacts</c>: who somebody is, and what was recorded of them. Each look is a record.</summary>
internal static class ContactsApi
{
    /// <summary><c>POST contacts/find</c>: by number or address, which stands in the body so that it is in no address and no log; or by their name in the ledger.</summary>
    public static async Task<ApiAnswer> FindAsync(ApiCall call)
    {
        var body = JsonBody.Read(call.Body);
        call.RequireController(body);
        var name = body.TextOrNull("contact");
        var tags = name is null ? call.Tags(body, "point") : null;
        body.Done();
        var found = tags is null ? await KnownAsync(call, name!) : await Contacts.FindAsync(call.Installation, call.Ledger, tags, call.Cancel);
        return await ShowAsync(call, found, tags is null ? [] : [tags]);
    }

    /// <summary><c>GET contacts/{id}/timeline</c>: records about them, without what is personal.</summary>
    public static async Task<ApiAnswer> TimelineAsync(ApiCall call)
    {
        var person = (await KnownAsync(call, call.Path("id"))).Person;
        return ApiAnswer.Json(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("contact", person.Sid.ToString());
            json.WriteStartArray("records");
            foreach (var record in person.Records)
            {
                json.WriteStartObject();
                json.WriteNumber("record", record.Seq);
                json.WriteString("type", RecordWords.Types.Of(record.Type));
                json.WriteString("at", InstantPattern.ExtendedIso.Format(record.At));
                json.WriteString("line", HistoryLine.Of(record));
                json.WritePropertyName("body");
                json.WriteRawValue(RecordBytes.ToArray(record));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    // A name that is no name, one of another controller and one that nobody has are all answered alike.
    private static async Task<FoundContact> KnownAsync(ApiCall call, string name) =>
        OpaqueId.TryParse(name, out var sid) && await Contacts.FindAsync(call.Installation, call.Ledger, sid, call.Cancel) is { } found
            ? found : throw new CommandRefusedException("not-a-contact");

    private static async Task<ApiAnswer> ShowAsync(ApiCall call, FoundContact? found, IEnumerable<PointTags> asked)
    {
        // Who looks at personal data is written down before it is shown.
        if (found is not null)
            await call.DoAsync(new RevealCommand(call.Caller.Actor, found.Person.Sid, "contact"));
        var tags = asked.Concat(found?.Points().Select(point => call.Installation.TagsOf(point.Point)) ?? []);
        var suppressions = await Contacts.SuppressionsAsync(call.Installation, call.Ledger, tags, call.Cancel);
        return ApiAnswer.Json(StatusCodes.Status200OK, json => ContactJson.Write(json, found, suppressions));
    }
}
