using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>One thing that was written on a request after it came in.</summary>
/// <param name="At">The day.</param>
/// <param name="What">Word of what was done: a step, or how it ended.</param>
/// <param name="Text">What was written.</param>
internal sealed record RequestNote(string At, string What, string Text);

/// <summary>What is personal of a request: whom it came for, what they wrote, and what was written to them. Sealed by a key of the request's own, so that known and unknown people leave the same behind, and one step forgets it.</summary>
/// <param name="Point">The number or address, in the one spelling.</param>
/// <param name="Text">What they wrote; empty: nothing.</param>
/// <param name="Notes">In order.</param>
internal sealed record RequestWords(string Point, string Text, IReadOnlyList<RequestNote> Notes)
{
    private static readonly RequestWordsJson Json = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Seals it.</summary>
    /// <returns>What is stored, and a salted digest that records may name.</returns>
    /// <exception cref="CommandRefusedException"><c>erased</c>: its key was destroyed.</exception>
    public async Task<(SealedBlob Blob, Digest Digest)> SealAsync(Installation installation, OpaqueId request, CancellationToken cancel)
    {
        try
        {
            using var keys = await installation.Keyring.CreateAsync([request], cancel);
            using var sealer = keys.SealerOf(0);
            var salt = RandomNumberGenerator.GetBytes(Commitment.SaltSize);
            var bytes = JsonSerializer.SerializeToUtf8Bytes(this, Json.RequestWords);
            return (sealer.Seal(request, CommitGroup.Note, salt, bytes), Commitment.Of(salt, bytes));
        }
        catch (KeysException e) when (e.Code == "destroyed")
        {
            throw new CommandRefusedException("erased");
        }
    }

    /// <summary>Opens what is stored; null: nothing is, or not any more.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: it is there and does not open.</exception>
    public static async Task<RequestWords?> OpenAsync(Installation installation, RightsRequestRow row, CancellationToken cancel) => (await ExamineAsync(installation, row, cancel))?.Words;

    /// <summary>Opens what is stored, with the salted digest that records name it by; null likewise.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: it is there and does not open.</exception>
    public static async Task<(RequestWords Words, Digest Digest)?> ExamineAsync(Installation installation, RightsRequestRow row, CancellationToken cancel)
    {
        var request = new OpaqueId(row.Id);
        if (row.Nonce is null || row.Words is null)
            return null;
        using var sealer = await installation.Keyring.FindAsync(request, cancel);
        if (sealer is null)
            return null;
        return sealer.TryOpen(request, CommitGroup.Note, new SealedBlob(row.Nonce, row.Words), out var opened)
            ? (JsonSerializer.Deserialize(opened.Content, Json.RequestWords)!, Commitment.Of(opened.Salt, opened.Content))
            : throw new StoreException(StoreFault.Damaged, "What somebody wrote in a request does not open.");
    }

    /// <summary>The same with one thing more.</summary>
    public RequestWords With(RequestNote note) => this with { Notes = [.. Notes, note] };

    /// <inheritdoc/>
    public override string ToString() => $"{Notes.Count} notes";
}

[JsonSerializable(typeof(RequestWords))]
internal sealed partial class RequestWordsJson : JsonSerializerContext;
