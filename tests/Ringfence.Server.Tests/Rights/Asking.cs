using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Rights;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Rights;

/// <summary>People ask a house by law, without a page.</summary>
internal static class Asking
{
    public static async Task<StoredRequest> AsksAsync(this House house, string point, RightsKind kind, string text = "", bool isSettled = false)
    {
        var read = ContactPoint.TryRead(point, Region.None, out var known) ? known : throw new ArgumentException("Not a point.", nameof(point));
        var id = await RequestIntake.ReceiveAsync(house.Installation, house.Ledger, House.Person, read, kind, text, asked => asked with
        {
            Regimes = ["uk"],
            Country = "GB",
            NeedsIdentity = kind.NeedsIdentity(),
            IsSettled = isSettled,
        }, TestContext.Current.CancellationToken);
        return await house.RequestAsync(id);
    }

    public static async Task<StoredRequest> RequestAsync(this House house, OpaqueId id) =>
        (await StoredRequest.FindAsync(house.Installation, house.Ledger, id, TestContext.Current.CancellationToken))!;

    public static async Task<StoredRequest> StepAsync(this House house, StoredRequest request, RightsStep? step, RightsState? outcome = null, string? text = null)
    {
        var today = LocalDatePattern.Iso.Format(NodaTime.Instant.FromDateTimeOffset(house.Installation.Time.GetUtcNow()).InUtc().Date);
        if (step == RightsStep.Identified)
            await RequestHandling.IdentifiedAsync(house.Installation, house.Ledger, House.Staff, request, "staff", TestContext.Current.CancellationToken);
        else
            await RequestHandling.StepAsync(house.Installation, house.Ledger, House.Staff, request, step, outcome, text is null ? null : new RequestNote(today, outcome is null ? "note" : "answer", text), null, TestContext.Current.CancellationToken);
        return await house.RequestAsync(request.Told.Id);
    }

    /// <summary>Shown that it is them, and answered.</summary>
    public static async Task<StoredRequest> AnsweredAsync(this House house, StoredRequest request, string text) =>
        await house.StepAsync(request.Told.AwaitsIdentity ? await house.StepAsync(request, RightsStep.Identified) : request, null, RightsState.Answered, text);
}
