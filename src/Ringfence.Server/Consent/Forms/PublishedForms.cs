using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent.Forms;

/// <summary>The forms that a ledger keeps. A form is kept with all that was shown by it: the words of each box, and the main part of its page in each language and layout.</summary>
internal static class PublishedForms
{
    private const string Json = "application/json";

    /// <summary>The media type of what was shown.</summary>
    public const string PageMedia = "text/html; charset=utf-8";

    /// <summary>All of them, by name, as they were published: the newest of each name last.</summary>
    public static async Task<IReadOnlyList<FormDocument>> AllAsync(ILedgerStore store, LedgerRow ledger, CancellationToken cancel) =>
        InOrder(await store.DocumentsAsync(ledger.Ledger, cancel).Select(Read).OfType<FormDocument>().ToListAsync(cancel));

    /// <summary>By name, the newest of each name last.</summary>
    public static IReadOnlyList<FormDocument> InOrder(IEnumerable<FormDocument> forms) =>
        [.. forms.OrderBy(static form => form.Id, StringComparer.Ordinal).ThenBy(static form => form.Version.Length).ThenBy(static form => form.Version, StringComparer.Ordinal)];

    /// <summary>The one of an address; null where the ledger does not keep it, or it is no form.</summary>
    public static async Task<FormDocument?> FindAsync(ILedgerStore store, LedgerRow ledger, Digest doc, CancellationToken cancel) =>
        await store.DocumentAsync(ledger, doc, cancel) is { } row ? Read(row) : null;

    /// <summary>The one that is meant: by its digest, by <c>id@version</c>, or by its id, which is its newest version.</summary>
    /// <exception cref="CommandRefusedException"><c>no-such-form</c>.</exception>
    public static async Task<FormDocument> FindAsync(Installation installation, LedgerRow ledger, string name, CancellationToken cancel) =>
        (await AllAsync(installation.Store, ledger, cancel)).LastOrDefault(form => name == form.Id || name == $"{form.Id}@{form.Version}" || name == form.Digest.ToString())
        ?? throw new CommandRefusedException("no-such-form", name);

    /// <summary>The main part of a page as it was kept; null: it was not.</summary>
    public static async Task<byte[]?> ShownAsync(ILedgerStore store, LedgerRow ledger, Digest page, CancellationToken cancel) =>
        await store.DocumentAsync(ledger, page, cancel) is { Media: PageMedia } row ? row.Bytes : null;

    /// <summary>Keeps a form, the words of its boxes and what is shown by it. What is there already stays as it is.</summary>
    /// <returns>Whether it was kept before.</returns>
    /// <exception cref="CommandRefusedException"><c>form-refused</c>: something is wrong with it. <c>form-version-taken</c>: another form has this name and version.</exception>
    public static async Task<bool> PublishAsync(Installation installation, LedgerRow ledger, Actor actor, FormDocument form, Rulebook rules, CancellationToken cancel, Uri? site = null)
    {
        var day = NodaTime.LocalDate.FromDateTime(installation.Time.GetUtcNow().UtcDateTime);
        if (FormLint.Check(form, rules, day, site) is [var first, ..])
            throw new CommandRefusedException("form-refused", first.Code);
        if ((await AllAsync(installation.Store, ledger, cancel)).Any(other => other.Id == form.Id && other.Version == form.Version && other.Digest != form.Digest))
            throw new CommandRefusedException("form-version-taken", $"{form.Id}@{form.Version}");
        var writer = await installation.WriterAsync(ledger, cancel);
        foreach (var wording in form.Boxes.SelectMany(box => FormLint.WaysOf(form, box, rules, day).Select(choice => FormWords.WordingOf(form, box, choice))))
            await writer.DoAsync(new PublishCommand(actor, "wording", Json, wording.ToBytes(), WordingCliCommand.LanguageOf(wording), wording.Version), cancel);
        foreach (var layout in form.LayoutsShown)
        {
            foreach (var language in form.Languages)
                await writer.DoAsync(new PublishCommand(actor, "form-page", PageMedia, FormPage.ToBytes(form, layout, language), language, form.Version), cancel);
        }

        // Last, so that whoever finds it finds all that belongs to it.
        return CommandAnswer.Read(await writer.DoAsync(new PublishCommand(actor, "form", Json, form.ToBytes(), form.Languages.Count == 1 ? form.Languages[0] : "mul", form.Version), cancel)).Already;
    }

    /// <summary>A document as a form; null: it is something else.</summary>
    public static FormDocument? Read(DocumentRow row) => row.As("\"format\":\"ringfence/form/v1\""u8, FormDocument.FromBytes);
}
