using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary>A box that somebody may tick.</summary>
/// <param name="Wording">The words it stands at.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Channel">How.</param>
internal sealed record OfferBox(Digest Wording, string Purpose, Channel Channel)
{
    /// <summary>As forms carry it.</summary>
    public string Value => $"{Wording}/{Purpose}/{Channel.Word()}";
}

/// <summary>Words that somebody may say yes to, with a box for each channel of each purpose that is not agreed to yet.</summary>
internal sealed record ConsentOffer(WordingDocument Wording, string Language, string Text, IReadOnlyList<OfferBox> Boxes);

/// <summary>What somebody may say yes to, at one number or address.</summary>
/// <param name="Offers">In the order of their names.</param>
/// <param name="IsKeptShut">Whether something is closed by others than the person, so that no yes of theirs would open it and nobody asks for one.</param>
internal sealed record ConsentOffers(IReadOnlyList<ConsentOffer> Offers, bool IsKeptShut)
{
    // Documents never change; some are asked about on every page.
    private const int MostKnown = 1000;

    private static readonly ConcurrentDictionary<(Digest Doc, string Language), WordingProof?> Known = new();

    // As long as a document is held its address need not be worked out again, nor those of the words of its boxes.
    private static readonly ConditionalWeakTable<WordingDocument, StrongBox<Digest>> Addresses = [];
    private static readonly ConditionalWeakTable<FormDocument, IReadOnlyList<Digest>> Boxes = [];

    /// <summary>Reads what is in use: of each wording the newest version, of forms what stands on the newest page; nothing that the lint refuses, or that takes another way of saying yes than a box.</summary>
    public static async Task<ConsentOffers> ReadAsync(PageCall call, PreferenceView view)
    {
        var forms = await call.Served.Forms.OfAsync(call.Ledger);
        var (old, used) = (new HashSet<Digest>(), new HashSet<Digest>());
        foreach (var versions in forms.GroupBy(static form => form.Id, StringComparer.Ordinal))
        {
            foreach (var form in versions)
                old.UnionWith(WordsOf(form));
            // Whoever is asked with it may be a child, and here nobody asks how old they are.
            if (versions.Last() is { ForChildren: false } newest)
                used.UnionWith(WordsOf(newest));
        }

        var closed = new ClosedPoints(await Contacts.SuppressionsAsync(call.Installation, call.Ledger, [call.Installation.TagsOf(view.Point)], call.Cancel), view.Found.Person.Records);
        var consents = ConsentState.Fold(view.Found.Person.Records);
        var taken = new HashSet<(string, Channel)>();
        var (offers, isKeptShut) = (new List<ConsentOffer>(), false);
        var newestOfEach = (await call.Served.Wordings.OfAsync(call.Ledger)).GroupBy(static wording => wording.Id, StringComparer.Ordinal).Select(static versions => versions.First());
        // Whoever reads one language best is asked in it, where anything is asked in it.
        foreach (var wording in newestOfEach.OrderBy(wording => wording.Texts.ContainsKey(call.Words.Tag) ? 0 : 1).ThenBy(static wording => wording.Id, StringComparer.Ordinal))
        {
            var doc = Addresses.GetValue(wording, static one => new StrongBox<Digest>(one.Digest)).Value;
            if (wording.Kind != WordingKind.Contact || (old.Contains(doc) && !used.Contains(doc)) || ProofOf(wording, doc, call.Words.Tag) is not { } proof)
                continue;
            var boxes = new List<OfferBox>();
            foreach (var purpose in proof.Purposes)
            {
                foreach (var channel in Channels.All.Where(channel => proof.Channels.Has(channel) && view.Point.Channels.Has(channel)))
                {
                    if (consents.At(view.PointId, channel, purpose, call.Now).IsYes && !closed.IsShut(channel, purpose))
                        continue;
                    if (closed.IsShutByOthers(channel, purpose))
                        isKeptShut = true;
                    else if (taken.Add((purpose, channel)))
                        boxes.Add(new OfferBox(doc, purpose, channel));
                }
            }

            if (boxes.Count > 0)
                offers.Add(new ConsentOffer(wording, proof.Language, TextOf(wording.Texts[proof.Language].Text, view), boxes));
        }

        return new ConsentOffers(offers, isKeptShut);
    }

    private static IReadOnlyList<Digest> WordsOf(FormDocument form) => Boxes.GetValue(form, static one => [.. one.Boxes.Select(box => FormWords.WordingOf(one, box).Digest)]);

    // What they entered stands there masked until it is shown to be theirs; words that name them are for forms that ask the name.
    private static string TextOf(string text, PreferenceView view) => text.Replace("{phone}", view.Point.ToString(), StringComparison.Ordinal).Replace("{email}", view.Point.ToString(), StringComparison.Ordinal);

    private static WordingProof? ProofOf(WordingDocument wording, Digest doc, string language)
    {
        var tag = wording.Texts.ContainsKey(language) ? language : wording.Texts.Keys.Order(StringComparer.Ordinal).First();
        if (Known.TryGetValue((doc, tag), out var known))
            return known;
        if (Known.Count >= MostKnown)
            Known.Clear();
        var isClean = wording.ConditionOf.Count == 0 && !wording.Texts[tag].Text.Contains("{name}", StringComparison.Ordinal) && WordingLint.Check(wording).All(static finding => finding.Severity != WordingSeverity.Refuse);
        return Known[(doc, tag)] = isClean && WordingProof.Of(wording, tag) is { Flaws: ConsentFlaws.None } proof && proof.Methods.Contains(ConsentMethod.Checkbox) ? proof : null;
    }
}
