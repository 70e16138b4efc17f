using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>Saying that two contacts are one person, after a look at what both have and what comes of it; and that they are two after all.</summary>
internal static class ContactMergePages
{
    /// <summary><c>GET contacts/{id}/merge</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call) => await ShowAsync(call, await ActTarget.InPathAsync(call), new FormState(), null);

    /// <summary><c>POST contacts/{id}/merge/preview</c>: shows both, and what comes of it.</summary>
    public static async Task<PageAnswer> PreviewAsync(PageCall call)
    {
        var target = await ActTarget.InPathAsync(call);
        var form = await call.FormAsync();
        var state = new FormState();
        var text = state.Keep("q", form.TextOrNull("q"));
        form.Done();
        var other = text is null ? null : await OtherAsync(call, text);
        if (other is null)
            state.Blame("q", call.T("Merge.Nobody"));
        else if (other.Person.Sid == target.Found!.Person.Sid)
            state.Blame("q", call.T("Merge.Same"));
        return await ShowAsync(call, target, state, state.IsSound ? other : null, state.IsSound ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary><c>POST contacts/{id}/merge</c>.</summary>
    public static async Task<PageAnswer> MergeAsync(PageCall call)
    {
        var (kept, other) = await BothAsync(call);
        var answer = await call.DoAsync(new MergeCommand(call.Actor, kept, other));
        // Whoever took the wrong one undoes it from the notice.
        return PageCall.SeeOther(call.At($"contacts/{answer.Sid}?done=merged&other={(answer.Sid == kept.ToString() ? other : kept)}"));
    }

    /// <summary><c>POST contacts/{id}/unmerge</c>.</summary>
    public static async Task<PageAnswer> UnmergeAsync(PageCall call)
    {
        var (kept, other) = await BothAsync(call);
        await call.DoAsync(new UnmergeCommand(call.Actor, kept, other));
        return PageCall.SeeOther(call.At($"contacts/{kept}?done=unmerged"));
    }

    private static async Task<(OpaqueId Kept, OpaqueId Other)> BothAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var named = form.Text("other");
        form.Done();
        _ = await ContactPages.KnownAsync(call);
        return OpaqueId.TryParse(call.Path("id"), out var kept) && OpaqueId.TryParse(named, out var other) ? (kept, other) : throw PageFault.Missing;
    }

    private static async Task<FoundContact?> OtherAsync(PageCall call, string text)
    {
        if (OpaqueId.TryParse(text, out var sid))
            return await Contacts.FindAsync(call.Installation, call.Ledger, sid, call.Cancel);
        return await ContactPages.PointAsync(call, text) is { } point ? await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(point), call.Cancel) : null;
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, ActTarget target, FormState state, FoundContact? other, int status = StatusCodes.Status200OK)
    {
        target = await target.ToShowAsync(call);
        MergeView? preview = null;
        if (other is not null)
        {
            await call.DoAsync(new RevealCommand(call.Actor, other.Person.Sid, "merge"));
            preview = await MergeView.OfAsync(call, target, other);
        }

        return await call.PageAsync<ContactMergePage>(call.T("Merge.Title", target.Name), new ContactMergePage.Model(target, state, preview), status);
    }
}

/// <summary>One side of a merge, or what comes of it.</summary>
/// <param name="Sid">Whose name in the ledger it is.</param>
/// <param name="Name">As they are called.</param>
/// <param name="Points">Masked.</param>
/// <param name="Person">Where they stand.</param>
/// <param name="Closed">What closes their numbers and addresses.</param>
/// <param name="Line">What may be done with them, or what could be.</param>
internal sealed record MergeSide(OpaqueId Sid, string Name, IReadOnlyList<string> Points, Person Person, IReadOnlyList<SuppressionRow> Closed, IReadOnlyList<ChannelPermission> Line)
{
    /// <summary>How many records say yes, and how many no.</summary>
    public (int Yes, int No) Said => (
        Person.Records.Count(static record => record.State is RecordState.Given or RecordState.Confirmed), Person.Records.Count(static record => record.State is RecordState.Withdrawn or RecordState.Refused));
}

/// <summary>Both, and what comes of it: the sum of both histories, of every difference the stricter.</summary>
internal sealed record MergeView(MergeSide Kept, MergeSide Other, MergeSide Result)
{
    /// <summary>Works it out, and writes nothing.</summary>
    public static async Task<MergeView> OfAsync(PageCall call, ActTarget target, FoundContact other)
    {
        var found = target.Found!;
        var second = await new ActTarget(other, [.. other.Points().Select(static one => PointView.Of(one.Id, one.Point))]) { Name = ContactPages.NameOf(call, other) }.LineAsync(call, target.Purposes[0]);
        var kept = Side(call, found, await target.ClosedAsync(call), target.Line);
        var gone = Side(call, other, await second.ClosedAsync(call), second.Line);
        LedgerRecord[] all = [.. found.Person.Records.Concat(other.Person.Records).DistinctBy(static record => record.Seq).OrderBy(static record => record.Seq)];
        // As it would be read back: the record that says so comes after all of theirs.
        var merge = all[^1] with
        {
            Seq = all[^1].Seq + 1,
            Type = RecordType.ContactMerged,
            State = null,
            Subject = new Subject(found.Person.Sid),
            Detail = LeafValue.Map.Of(("merged", other.Person.Sid)),
            Commits = null,
            Scope = null,
            Notice = null,
            Decision = null,
            About = null,
        };
        var result = Person.Of(found.Person.Sid, [.. all, merge]);
        // By the rules of now, as if it were done: the numbers that the line of the one who stays is about.
        var both = new FoundContact(result, other.Data.With(found.Data));
        PointTags[] asked = [.. both.Points().Select(static one => one.Point).OrderByDescending(point => target.Points.Any(own => own.Point == point)).DistinctBy(static point => point.Kind).Select(call.Installation.TagsOf)];
        var line = await PagePermissions.OfAsync(call, asked, target.Purposes[0], result.Records, both);
        return new MergeView(kept, gone, new MergeSide(
            found.Person.Sid, kept.Name, [.. kept.Points.Concat(gone.Points).Distinct()], result, [.. kept.Closed.Concat(gone.Closed).DistinctBy(static row => Convert.ToHexString(row.Id))], line));
    }

    private static MergeSide Side(PageCall call, FoundContact found, IReadOnlyList<SuppressionRow> closed, IReadOnlyList<ChannelPermission> line) =>
        new(found.Person.Sid, ContactPages.NameOf(call, found), [.. found.Points().Select(static one => one.Point.ToString())], found.Person, closed, line);
}
