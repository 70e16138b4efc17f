using Ringfence.Server.Hosting;

namespace Ringfence.Server.Ledger;

/// <summary><c>/api/v1/ledger/...</c>: the ledger's files and proofs, as auditors read them. Nothing personal.</summary>
internal static class LedgerApi
{
    /// <summary><c>GET ledger/{**path}</c>.</summary>
    public static async Task<ApiAnswer> FileAsync(ApiCall call)
    {
        var path = call.Path("path") + call.Http.Request.QueryString.Value;
        var bytes = await call.Installation.FilesOf(call.Ledger).TryGetAsync(path, call.Cancel) ?? throw new ApiFault(StatusCodes.Status404NotFound, "no-such-file");
        return new ApiAnswer(StatusCodes.Status200OK, bytes, "application/octet-stream");
    }
}
