namespace Ringfence.Server.Pages;

/// <summary>Where one arrives.</summary>
internal static class HomePages
{
    /// <summary>The first address anybody types: on to what they work with.</summary>
    public static async Task<PageAnswer> ArriveAsync(PageCall call)
    {
        if (call.StaffOrNull is not { } staff)
            return PageCall.SeeOther("/sign-in");
        var first = (await call.Installation.NewestLedgersAsync(call.Cancel)).FirstOrDefault(row => staff.For(row.Controller) != Ringfence.Staff.Right.None);
        return first is null ? throw new PageFault(StatusCodes.Status403Forbidden, "no-controller") : PageCall.SeeOther($"/c/{Uri.EscapeDataString(first.Controller)}/{Rooms.First.Path}");
    }
}
