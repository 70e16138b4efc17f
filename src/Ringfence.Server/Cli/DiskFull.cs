namespace Ringfence.Server.Cli;

/// <summary>Recognises that there is no room left.</summary>
internal static class DiskFull
{
    // Source: errno(3) ENOSPC and EDQUOT on Linux; Windows ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL as HRESULT.
    private const int NoSpace = 28;
    private const int OverQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Whether an exception says so.</summary>
    public static bool Is(IOException e) => e.HResult is NoSpace or OverQuota or WindowsDiskFull or WindowsHandleDiskFull;
}
