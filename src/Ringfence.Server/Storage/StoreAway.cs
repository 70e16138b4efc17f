using Ringfence.Server.Sealing;

namespace Ringfence.Server.Storage;

/// <summary>Whether a failure says that the store, or the keyring beside it, can't be used just now: what somebody says is then kept on this machine, and what was known last is believed.</summary>
internal static class StoreAway
{
    /// <summary>Whether it does.</summary>
    public static bool Is(Exception failure) => failure is StoreException { Fault: StoreFault.OutOfReach or StoreFault.OutcomeUnknown or StoreFault.Full } or KeysException { Code: "failed" };
}
