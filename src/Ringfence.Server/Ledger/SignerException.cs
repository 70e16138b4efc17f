namespace Ringfence.Server.Ledger;

/// <summary>The signer does not sign, or can't be asked.</summary>
/// <param name="code">
/// Stable. Refusals: <c>unknown-origin</c>, <c>behind</c> (less than was signed), <c>fork</c> (another root for a size that was signed), <c>inconsistent</c> (the proof does not lead from
/// what was signed), <c>unknown-key</c>, <c>key-in-use</c>, <c>malformed</c>, <c>unknown-request</c>. Its own state: <c>state-lost</c>, <c>state-damaged</c>, <c>key-damaged</c>, <c>failed</c>, <c>in-use</c>.
/// On this side: <c>not-reached</c>.
/// </param>
/// <param name="message">English, for logs and for those who have no better words for the code. Nothing secret.</param>
internal sealed class SignerException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;

    /// <summary>Whether it means that the database is not the one whose checkpoints were signed, or no longer.</summary>
    public bool IsAlarm => Code is "behind" or "fork" or "inconsistent";
}
