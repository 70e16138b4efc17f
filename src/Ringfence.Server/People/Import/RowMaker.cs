using System.Globalization;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Lists;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.People.Import;

/// <summary>Makes rows of one list into what is kept of them, in the second pass. One for each thread.</summary>
internal sealed class RowMaker
{
    private static readonly int NeverDay = Days.Of(new LocalDate(9000, 1, 1));

    private readonly RowTexts texts = new();
    private readonly RowReader reader;
    private readonly ReadList list;
    private readonly ContactLists lists;
    private readonly Linking linking;
    private readonly PersonRows persons;
    private readonly ImportOptions options;
    private readonly int asOf;
    private readonly ConsentWording? ofPassport;
    private readonly GradingTerms? terms;
    private readonly List<ImportedConsent> consents = [];

    public RowMaker(ReadList list, ContactLists lists, Linking linking, PersonRows persons, ImportOptions options)
    {
        (this.list, this.lists, this.linking, this.persons, this.options) = (list, lists, linking, persons, options);
        reader = new RowReader(list.Plan, lists.Places, options, texts);
        asOf = Days.Of(options.AsOf);
        if (options.IsUsableOnly)
            terms = RowGrading.TermsOf(options, AuditOptions.DefaultInactiveAfterMonths, list.Plan, lists.Places);
        if (options.Passport?.Wording is { } wording)
            ofPassport = ConsentWording.Judge(wording, options.Controller);
    }

    /// <summary>Makes a row.</summary>
    /// <param name="batch">The batch it is in.</param>
    /// <param name="row">Its position there.</param>
    /// <param name="misaligned">Whether its cells can't be told apart by the header.</param>
    /// <param name="at">The row over all lists.</param>
    public ImportedRow Make(RowBatch batch, int row, bool misaligned, int at)
    {
        // The facts are those of the first pass, from which the rows were linked; now their words are wanted too.
        reader.Read(batch, row, misaligned);
        var facts = lists.Contacts[at];
        var elsewhere = linking.RefusedElsewhere(at);
        var refused = facts.Refused | elsewhere.Channels;
        var source = Provenance.Of(options.Source, facts.Source);
        var isUnreadable = (facts.Marks & ContactMarks.Unreadable) != 0;
        var isLeftOut = terms is not null && !RowGrading.IsUsable(facts, elsewhere.Channels, terms);
        var made = isUnreadable || isLeftOut ? [] : ConsentsOf(facts, refused, source);
        var place = lists.Places[facts.Place];
        return new ImportedRow
        {
            At = at,
            Number = at - list.FirstRow + 1,
            Person = linking.FirstOfPerson(at),
            ListId = list.Plan.Id >= 0 ? Id(batch.Cell(row, list.Plan.Id)) : null,
            HasMore = persons.HasMore(at),
            IsShared = persons.IsShared(at),
            MayBeMet = persons.MayBeMet(at),
            Phones = isUnreadable ? [] : [.. texts.ValidNumbers],
            Emails = [.. texts.Emails],
            Guessed = GuessedOf(facts, isUnreadable),
            WholeName = texts.WholeName,
            GivenName = texts.GivenName,
            FamilyName = texts.FamilyName,
            Company = texts.Company,
            NameKey = NameKey.Of(texts.WholeName, texts.GivenName, texts.FamilyName),
            Residence = place.Code.Length > 0 ? place.Code : null,
            ResidenceGround = facts.PlaceGround,
            Source = source,
            SourceWords = texts.SourceWords,
            Quarantine = CauseOf(source, made),
            IsMinor = (facts.Marks & ContactMarks.Minor) != 0,
            IsUnreadable = isUnreadable,
            IsLeftOut = isLeftOut,
            LastSign = facts.LastSign,
            Consents = made,
            Unclear = texts.Unclear & ~refused & ~facts.Yes,
            Refusal = new ImportedRefusal(refused, linking.RefusedByPerson(at), facts.RefusedIn, facts.EmailRefusedIn, elsewhere.PhoneBy >= 0 ? elsewhere.PhoneBy : elsewhere.EmailBy),
        };
    }

    private static string? Id(ReadOnlySpan<byte> cell) => cell.IsEmpty ? null : Utf8Cell.Read(cell, static id => id.ToString());

    private PhoneNumber[] GuessedOf(in ContactFacts facts, bool isUnreadable)
    {
        if (!isUnreadable && facts.NumberFault == NumberFault.None && reader.OtherNumbers.Count == 0)
            return [];
        var guessed = new List<PhoneNumber>();
        foreach (var digits in (ReadOnlySpan<ulong>)[facts.Number, .. reader.OtherNumbers])
        {
            if (digits != 0 && (isUnreadable || !IsValid(digits))
                && PhoneNumber.TryParse(string.Create(CultureInfo.InvariantCulture, $"+{digits}"), Region.None, out var number) && !guessed.Contains(number))
            {
                guessed.Add(number);
            }
        }

        return [.. guessed];
    }

    private bool IsValid(ulong digits)
    {
        foreach (var number in texts.ValidNumbers)
        {
            if (number.Digits == digits)
                return true;
        }

        return false;
    }

    /// <summary>The answers of all channels; channels of which the row says the same are one.</summary>
    private ImportedConsent[] ConsentsOf(ContactFacts facts, ChannelSet refused, ContactSource source)
    {
        var hasPhone = facts.NumberFault == NumberFault.None;
        var hasEmail = facts.EmailStatus == EmailStatus.Valid;
        var bySeller = Provenance.NeedsPassport(source) ? options.Passport : null;
        var usesPassport = 0;
        if (bySeller is not null && ofPassport is { } wording)
            usesPassport = Supply(ref facts, wording);
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
        {
            // 9999-12-31 is how databases write that there is no end.
            if (facts.Evidence[slot].Until >= NeverDay)
                facts.Evidence[slot].Until = ContactFacts.NoDay;
        }

        consents.Clear();
        foreach (var channel in Channels.All)
        {
            if (channel == Channel.Email ? !hasEmail : !hasPhone)
                continue;
            var (answer, flaws, hasWording) = ListedConsent.Of(facts, refused, texts.Pending, texts.Unclear, channel, list.Plan.ConsentCells, asOf);
            if (answer is ListedAnswer.Nothing or ListedAnswer.Unclear or ListedAnswer.Refused)
                continue;
            var slot = EvidenceSlots.Of(channel);
            ref readonly var evidence = ref facts.Evidence[(int)slot];
            var words = !hasWording ? null : (usesPassport & (1 << (int)slot)) != 0 ? bySeller!.Wording : texts.WordingOf(slot);
            // An end that can't be counted from a day would be lost, and the yes be without end.
            if (answer is ListedAnswer.Given or ListedAnswer.Expired && evidence.Until != ContactFacts.NoDay && !HasTerm(evidence))
                answer = ListedAnswer.Asked;
            var method = texts.MethodOf(slot) ?? (bySeller?.Method is { } how ? Words<ConsentMethod>.Of(how) : null);
            Add(new ImportedConsent(answer, channel.Only(), evidence.GivenOn, evidence.Until, words, method, flaws));
        }

        return [.. consents];
    }

    private bool HasTerm(in Evidence evidence) => evidence.GivenOn != ContactFacts.NoDay && evidence.GivenOn <= asOf && evidence.Until >= evidence.GivenOn;

    /// <summary>Where the row has no words of its own, those that the seller says were shown are the ones agreed to. Gives the slots, as bits.</summary>
    private static int Supply(ref ContactFacts facts, ConsentWording wording)
    {
        var supplied = 0;
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
        {
            ref var evidence = ref facts.Evidence[slot];
            if (evidence.HasWording)
                continue;
            (evidence.HasWording, evidence.WordingChannels, evidence.Flaws) = (true, wording.Channels, wording.Flaws);
            supplied |= 1 << slot;
        }

        return supplied;
    }

    // What is said of the number and what is said of the address stay apart: a yes is to one of them.
    private void Add(ImportedConsent consent)
    {
        for (var i = 0; i < consents.Count; i++)
        {
            if (consents[i].IsOfEmail == consent.IsOfEmail && consents[i] with { Channels = consent.Channels } == consent)
            {
                consents[i] = consent with { Channels = consents[i].Channels | consent.Channels };
                return;
            }
        }

        consents.Add(consent);
    }

    private QuarantineCause CauseOf(ContactSource source, ImportedConsent[] of)
    {
        if (!Provenance.NeedsPassport(source))
            return QuarantineCause.None;
        if (Provenance.IsBeyondPassport(source))
            return QuarantineCause.BeyondPassport;
        if (options.Passport is not { } passport)
            return QuarantineCause.NoPassport;
        if (passport.Lacks(source) != PassportItems.None)
            return QuarantineCause.PassportLacks;
        return Array.Exists(of, consent => consent.GivenOn != ContactFacts.NoDay && !passport.Covers(Days.Date(consent.GivenOn)))
            ? QuarantineCause.OutsidePeriod
            : QuarantineCause.None;
    }
}
