using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>One thing that is to be done to a ledger: judged against the current state in the serial order, then written with whatever else is in the batch.</summary>
/// <remarks>
/// <see cref="Run"/> may be called more than once: when a batch fails, each of its commands is tried singly. It therefore changes nothing but the turn it is given.
/// </remarks>
internal abstract class LedgerCommand
{
    /// <summary>Whether it takes somebody out: these go first in a batch.</summary>
    public virtual bool IsWithdrawal => false;

    /// <summary>Whether it looks at what was permitted and decided about the people it asks for: records that say nothing of how they stand, and of which one may have thousands.</summary>
    public virtual bool ReadsIdle => true;

    /// <summary>The client's key under which the answer is kept, so that the same thing asked twice is done once; null: none.</summary>
    public ClientKey? ClientKey { get; init; }

    /// <summary>Whether somebody says yes or no by it, so that they may have to be told what came of it.</summary>
    public virtual bool IsStatement => false;

    /// <summary>Does beforehand, on the caller's thread, what needs neither the state nor the serial order: others wait in that for less.</summary>
    public virtual void MakeReady()
    {
    }

    /// <summary>Names the rows it has to know, for the whole batch is read in one go.</summary>
    public abstract void Ask(RowsWanted wanted);

    /// <summary>Does it, within the turn.</summary>
    /// <returns>The answer, as it is remembered under <see cref="ClientKey"/>: bytes that hold nothing personal.</returns>
    /// <exception cref="CommandRefusedException">It can't be done as asked. Nothing of it is written, and the rest of the batch goes on.</exception>
    public abstract byte[] Run(LedgerTurn turn);

    /// <summary>What is told to whoever asks the same again under the same key: what was told before, unless that would let somebody do now what may have been allowed only then.</summary>
    /// <param name="turn">The turn in which it is asked again. Nothing is written.</param>
    /// <param name="before">What was told before.</param>
    /// <exception cref="CommandRefusedException">It no longer holds.</exception>
    public virtual byte[] Again(LedgerTurn turn, byte[] before) => before;
}

/// <summary>A key made by a client, with the fingerprint of what was asked under it.</summary>
/// <param name="Client">Who: keys of one client mean nothing to another.</param>
/// <param name="Key">At most 255 characters.</param>
/// <param name="Fingerprint">SHA-256 of the request.</param>
internal sealed record ClientKey(string Client, string Key, byte[] Fingerprint);

/// <summary>A command that can't be done as asked: a stable code, and words for the code from the texts of the caller.</summary>
/// <param name="code">Such as <c>not-a-contact</c>, <c>key-reused</c>.</param>
/// <param name="arguments">What the sentence names; nothing personal.</param>
internal sealed class CommandRefusedException(string code, params string[] arguments) : Exception(code)
{
    public string Code { get; } = code;

    public IReadOnlyList<string> Arguments { get; } = arguments;
}
