using System.Runtime.InteropServices;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Lists.Reading;
using Ringfence.Suppression;

namespace Ringfence.Server.Lists;

/// <summary>Turns the rows of one list into facts. One for each thread: it remembers what it read.</summary>
internal sealed partial class RowReader
{
    // Source: GDPR Art 8 and most contract law draw the line at 16 or 18; marketing calls to anyone under 18 are refused by house rule.
    private const int OfAge = 18;

    private static readonly Region NoCountry = Region.Of("001");

    private readonly CellMemo<Region> countries = new(static cell => Places.Country(cell));
    private readonly Dictionary<Region, CellMemo<string?>> states = [];
    private readonly CellMemo<(SourceKind Kind, ChannelSet Refused)> sources = new(static cell => (SourceCell.Read(cell), PlainRefusal.Find(cell)));
    private readonly CellMemo<ConsentCell> consents = new(static cell => ConsentCell.Read(cell));
    private readonly CellMemo<ChannelSet> refusals = new(static cell => PlainRefusal.Find(cell));
    private readonly CellMemo<ChannelSet> asides = new(static cell => RefusedAside(cell));
    private readonly CellMemo<(bool IsBlank, ConsentWording Wording)> wordings;
    private readonly CellMemo<DateReading>[] dates;
    private readonly Dictionary<(Region, string?), ushort> placeIndexes = new(SamePlace.Comparer);
    private readonly ListPlan plan;
    private readonly PlaceTable places;
    private readonly Region defaultRegion;
    private readonly LocalDate asOf;
    private readonly RowTexts? texts;
    private readonly List<ulong> otherNumbers = [];
    private readonly List<(ulong Email, bool Shared)> otherEmails = [];
    private readonly List<RejectedCell> rejected = [];
    private char[] text = new char[1 << 12];

    /// <param name="plan">The columns.</param>
    /// <param name="places">Where people are.</param>
    /// <param name="options">How the list is to be understood.</param>
    /// <param name="texts">Where the words go that the facts were read from; null: nobody wants them.</param>
    public RowReader(ListPlan plan, PlaceTable places, ListOptions options, RowTexts? texts = null)
    {
        this.plan = plan;
        this.places = places;
        this.texts = texts;
        defaultRegion = options.Region;
        asOf = options.AsOf;
        wordings = new(cell => (ConsentCell.Read(cell).Answer == Answer.Blank, ConsentWording.Judge(cell, options.Controller)));
        // By column: where each cell has a second of its own, only that one is full of them.
        dates = [.. plan.Dates.Select(column => new CellMemo<DateReading>(cell => ReadDate(cell, column)))];
    }

    /// <summary>Whether names become keys by which rows are found to be of one person; else they are only looked through for refusals.</summary>
    public bool KeysNames { get; init; } = true;

    /// <summary>The number of the row read last, with what its plan tells; without digits where it has no valid one.</summary>
    public PhoneNumber Number { get; private set; }

    /// <summary>The cells of the row read last that could not be read.</summary>
    public IReadOnlyList<RejectedCell> Rejected => rejected;

    /// <summary>The further numbers of the row read last.</summary>
    public IReadOnlyList<ulong> OtherNumbers => otherNumbers;

    /// <summary>The further e-mail addresses of the row read last, and whether they belong to a desk.</summary>
    public IReadOnlyList<(ulong Email, bool Shared)> OtherEmails => otherEmails;

    /// <summary>Reads a row.</summary>
    /// <param name="batch">The batch it is in.</param>
    /// <param name="row">Its position there.</param>
    /// <param name="misaligned">Whether its cells can't be told apart by the header.</param>
    public ContactFacts Read(RowBatch batch, int row, bool misaligned)
    {
        otherNumbers.Clear();
        otherEmails.Clear();
        rejected.Clear();
        Number = default;
        texts?.Clear();
        var facts = new ContactFacts { LastSign = ContactFacts.NoDay, NumberFault = NumberFault.Missing };
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
            facts.Evidence[slot] = new Evidence { GivenOn = ContactFacts.NoDay, Until = ContactFacts.NoDay };
        if (misaligned)
        {
            Salvage(batch, row, ref facts);
            return facts;
        }

        foreach (var column in plan.Names)
            ReadName(batch.Cell(row, column), plan.Columns[column].Field, ref facts);
        if (texts is not null && plan.Company >= 0)
            texts.OfCompany(batch.Cell(row, plan.Company));
        ReadNumbersAndPlace(batch, row, ref facts);
        ReadEmails(batch, row, ref facts);
        if (plan.Source >= 0)
            ReadSource(batch.Cell(row, plan.Source), ref facts);
        ReadDates(batch, row, ref facts);
        ReadConsents(batch, row, ref facts);
        ReadWordings(batch, row, ref facts);
        ReadRefusals(batch, row, ref facts);
        foreach (var column in plan.Minors)
        {
            // A yes, or a doubt. A longer text under such a header is about something else, such as a field of study.
            const int longestDoubt = 8;
            var cell = batch.Cell(row, column);
            var answer = cell.IsEmpty ? Answer.Blank : consents[cell].Answer;
            if (answer == Answer.Yes || (answer is Answer.Unknown or Answer.Pending && cell.Length <= longestDoubt))
                facts.Marks |= ContactMarks.Minor;
        }

        foreach (var column in plan.Ages)
            ReadAge(batch.Cell(row, column), column, ref facts);
        return facts;
    }

    // Valid until the next cell is asked for.
    private ReadOnlySpan<char> Text(ReadOnlySpan<byte> cell)
    {
        if (cell.Length > text.Length)
            text = new char[cell.Length];
        return Utf8Cell.Chars(cell, text);
    }

    private void ReadName(ReadOnlySpan<byte> bytes, ListField field, ref ContactFacts facts)
    {
        if (bytes.IsEmpty)
            return;
        var cell = Text(bytes);
        texts?.Name(field, cell);
        if (KeysNames)
            facts.Name = NameKey.Add(facts.Name, cell);
        if (NameKey.MayRefuse(cell))
            RefuseInWords(cell, ref facts);
    }

    /// <summary>A refusal that stands where nobody looks for one counts too.</summary>
    /// <remarks>Names, numbers and addresses are each one's own: remembering them would only crowd out what stands again and again.</remarks>
    private static void RefuseInWords(ReadOnlySpan<char> cell, ref ContactFacts facts)
    {
        if (PlainRefusal.Find(cell) is var refused && refused != ChannelSet.None)
            Refuse(ref facts, refused, RefusalPlaces.Other);
    }

    private void Reject(int column, string code) => rejected.Add(new RejectedCell(column, code));

    private void ReadNumbersAndPlace(RowBatch batch, int row, ref ContactFacts facts)
    {
        var country = plan.Country >= 0 ? countries[batch.Cell(row, plan.Country)] : Region.None;
        var state = plan.State >= 0 ? State(batch.Cell(row, plan.State), country) : null;
        var ofState = state is null ? Region.None : Region.Of(state.AsSpan(0, 2));
        var ofCells = !country.IsNone ? country : ofState;
        var region = !ofCells.IsNone ? ofCells : defaultRegion;
        var main = default(PhoneNumber);
        for (var i = 0; i < plan.Phones.Length; i++)
        {
            var bytes = batch.Cell(row, plan.Phones[i]);
            if (bytes.IsEmpty)
                continue;
            var written = Text(bytes);
            var cell = NumberReader.ReadCell(written, region);
            texts?.Numbers(cell);
            // Where the main cell says nothing, the first number beside it is the person's.
            var isMain = i == 0 || (cell.IsValid && facts is { NumberFault: NumberFault.Missing, Number: 0 });
            if (isMain)
            {
                (facts.Number, facts.NumberFault, facts.NumberRemarks, facts.NumberType) = (cell.Number.Digits, cell.Fault, cell.Remarks, cell.Number.Type);
                main = cell.IsValid ? cell.Number : default;
                facts.Marks |= i > 0 ? ContactMarks.TakenFromOther : ContactMarks.None;
            }
            else
            {
                AddOther(cell.Number, ref facts, cell.IsValid);
            }

            AddOther(cell.Second, ref facts, isValid: true);
            if (HasWords(bytes))
                RefuseInWords(written, ref facts);
            if (!cell.IsValid && cell.Fault != NumberFault.Missing)
                Reject(plan.Phones[i], cell.Fault.Word());
        }

        Number = main;
        // The number tells the country in which a state of that name is: WA is in the US and in Australia.
        if (ofCells.IsNone && state is null && plan.State >= 0 && CountryOf(main) is { IsNone: false } ofNumber)
        {
            state = State(batch.Cell(row, plan.State), ofNumber);
            ofState = state is null ? Region.None : ofNumber;
        }

        SetPlace(ref facts, country, state, ofState, main);
    }

    private static Region CountryOf(PhoneNumber number) =>
        number.Digits != 0 && number.Region is var region && region != NoCountry ? region : Region.None;

    private static bool HasWords(ReadOnlySpan<byte> cell)
    {
        var (letters, blanks) = (0, 0);
        for (var i = 0; i < cell.Length; i++)
        {
            var b = cell[i];
            if (b >= 0x80 || char.IsAsciiLetter((char)b))
                letters++;

            // Numbers are often written with blanks that hold the line together: U+00A0, two bytes.
            if (b == 0xC2 && i + 1 < cell.Length && cell[i + 1] == 0xA0)
                blanks += 2;
        }

        return letters >= 3 && letters > blanks;
    }

    private void AddOther(PhoneNumber number, ref ContactFacts facts, bool isValid)
    {
        if (number.Digits == 0 || number.Digits == facts.Number)
            return;
        otherNumbers.Add(number.Digits);
        if (isValid)
            facts.Marks |= ContactMarks.OtherNumber;
    }

    private void SetPlace(ref ContactFacts facts, Region country, string? state, Region ofState, PhoneNumber number)
    {
        var place = !country.IsNone ? country : ofState;
        facts.PlaceGround = !country.IsNone ? PlaceGrounds.CountryCell : !ofState.IsNone ? PlaceGrounds.StateCell : PlaceGrounds.None;
        if (state is not null && ofState == place)
            facts.PlaceGround |= PlaceGrounds.StateCell;
        else
            state = null;
        if (CountryOf(number) is { IsNone: false } region)
        {
            var areaState = number.Subdivisions is [var only] ? only : null;
            if (place.IsNone)
                (place, state, facts.PlaceGround) = (region, areaState, PlaceGrounds.Number);
            else if (place != region)
                facts.PlaceGround |= PlaceGrounds.NumberDiffers;
            else if (state is null)
                (state, facts.PlaceGround) = (areaState, facts.PlaceGround | PlaceGrounds.Number);
            else
                facts.PlaceGround |= areaState is not null && areaState != state ? PlaceGrounds.AreaCodeDiffers : PlaceGrounds.Number;
        }

        if (!placeIndexes.TryGetValue((place, state), out facts.Place))
            placeIndexes[(place, state)] = facts.Place = places.IndexOf(place, state);
    }

    private string? State(ReadOnlySpan<byte> cell, Region country)
    {
        if (cell.IsEmpty)
            return null;
        if (!states.TryGetValue(country, out var memo))
            states[country] = memo = new(text => Places.State(text, country));
        return memo[cell];
    }

    // The kind of source is the one of the first such column; what any of them says in words is read with the notes.
    private void ReadSource(ReadOnlySpan<byte> cell, ref ContactFacts facts)
    {
        (facts.Source, var refused) = sources[cell];
        texts?.Source(cell);
        if (refused != ChannelSet.None)
            Refuse(ref facts, refused, RefusalPlaces.Other);
    }

    private void ReadEmails(RowBatch batch, int row, ref ContactFacts facts)
    {
        foreach (var column in plan.Emails)
        {
            var bytes = batch.Cell(row, column);
            if (bytes.IsEmpty)
                continue;
            var cell = Text(bytes);
            var status = EmailCell.Read(cell, out var address);
            if (status == EmailStatus.Missing)
                continue;
            if (status == EmailStatus.Invalid)
            {
                Reject(column, "invalid-email");
                facts.EmailStatus = facts.EmailStatus == EmailStatus.Valid ? EmailStatus.Valid : EmailStatus.Invalid;
                RefuseInWords(cell, ref facts);
                continue;
            }

            AddEmail(address, ref facts);
            if (address.Length == cell.Length)
                continue;
            for (var rest = AfterAddress(cell, address); EmailCell.Read(rest, out address) == EmailStatus.Valid; rest = AfterAddress(rest, address))
                AddEmail(address, ref facts);
            RefuseInWords(cell, ref facts);
        }
    }

    /// <summary>The first address is the one to write to; further ones are the person's too.</summary>
    private void AddEmail(ReadOnlySpan<char> address, ref ContactFacts facts)
    {
        texts?.Email(address);
        var key = EmailKey(address);
        if (facts.EmailStatus == EmailStatus.Valid)
        {
            if (key != facts.Email)
                otherEmails.Add((key, EmailCell.IsShared(address)));
            return;
        }

        (facts.EmailStatus, facts.Email) = (EmailStatus.Valid, key);
        if (EmailCell.IsShared(address))
            facts.Marks |= ContactMarks.SharedMailbox;
    }

    private static ReadOnlySpan<char> AfterAddress(ReadOnlySpan<char> cell, ReadOnlySpan<char> address) =>
        cell.Overlaps(address, out var at) ? cell[(at + address.Length)..] : default;

    // 0 means none, so a key is odd.
    private static ulong EmailKey(ReadOnlySpan<char> address)
    {
        Span<char> folded = stackalloc char[address.Length];
        for (var i = 0; i < folded.Length; i++)
            folded[i] = char.ToLowerInvariant(address[i]);
        return Utf8Cell.Hash(MemoryMarshal.AsBytes(folded)) | 1;
    }

    /// <summary>A column that names no channel is about all.</summary>
    public static bool IsMeant(ChannelSet channels, EvidenceSlot slot) => channels == ChannelSet.None || slot switch
    {
        EvidenceSlot.Calls => (channels & (ChannelSet.Voice | ChannelSet.VoiceAuto | ChannelSet.Fax)) != 0,
        EvidenceSlot.Sms => channels.Has(Channel.Sms),
        EvidenceSlot.Whatsapp => channels.Has(Channel.Whatsapp),
        EvidenceSlot.Email => channels.Has(Channel.Email),
    };

    private void ReadConsents(RowBatch batch, int row, ref ContactFacts facts)
    {
        foreach (var column in plan.Consents)
        {
            var bytes = batch.Cell(row, column.Index);
            if (bytes.IsEmpty)
                continue;
            var cell = consents[bytes];
            if (cell.PreTicked)
                facts.Marks |= ContactMarks.PreTicked;
            texts?.Consent(cell, column.Channels);
            switch (cell.Answer)
            {
                case Answer.Yes:
                    var channels = cell.Channels != ChannelSet.None ? cell.Channels : column.Channels;
                    if (channels == ChannelSet.None)
                        facts.Marks |= ContactMarks.GeneralYes;
                    facts.Yes |= channels;
                    if (cell.At is { } at)
                        SetCellDay(ref facts, channels, Days.Of(at));
                    break;
                case Answer.No:
                    // "Opted out of e-mail" in the column of calls is a no to both.
                    var named = column.Channels == ChannelSet.None || cell.Channels == ChannelSet.None ? cell.Channels | column.Channels : cell.Channels | Reach(column.Channels);
                    Refuse(ref facts, Reach(named), RefusalPlaces.Consent);
                    break;
                case Answer.Blank or Answer.Unknown or Answer.Pending:
                    // Something is written that is no answer we know: look for a refusal in plain words.
                    if (refusals[bytes] is var refused && refused != ChannelSet.None)
                        Refuse(ref facts, column.Channels == ChannelSet.None ? refused : Reach(column.Channels), RefusalPlaces.Consent);
                    break;
            }
        }
    }

    // The day beside the answer is the day of the answer; a date column that says otherwise is about something else. A yes to the phone also
    // dates the messages to it, where nothing else does.
    private void SetCellDay(ref ContactFacts facts, ChannelSet channels, int day)
    {
        var also = channels.Has(Channel.Voice) ? (ChannelSet.Sms | ChannelSet.Whatsapp) & ~(plan.ConsentCells | plan.ConsentDates) : ChannelSet.None;
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
        {
            if (IsMeant(channels, (EvidenceSlot)slot) || also != ChannelSet.None && IsMeant(also, (EvidenceSlot)slot))
                facts.Evidence[slot].GivenOn = day;
        }
    }

    private void ReadWordings(RowBatch batch, int row, ref ContactFacts facts)
    {
        foreach (var column in plan.Wordings)
        {
            var bytes = batch.Cell(row, column.Index);
            if (bytes.IsEmpty)
                continue;
            var (isBlank, wording) = wordings[bytes];
            if (isBlank)
                continue;
            for (var slot = 0; slot < EvidenceSlots.Count; slot++)
            {
                ref var evidence = ref facts.Evidence[slot];
                if (!IsMeant(column.Channels, (EvidenceSlot)slot) || (evidence.HasWording && column.Channels == ChannelSet.None))
                    continue;
                (evidence.HasWording, evidence.WordingChannels, evidence.Flaws) = (true, wording.Channels, wording.Flaws);
                texts?.Wording((EvidenceSlot)slot, bytes);
            }

            if ((wording.Flaws & WordingFlaws.Refusal) != 0)
                Refuse(ref facts, wording.Channels == ChannelSet.None ? ChannelSet.All : Reach(wording.Channels), RefusalPlaces.Wording);
        }

        foreach (var column in plan.Methods)
        {
            var bytes = batch.Cell(row, column.Index);
            texts?.Method(column.Channels, bytes);
            if (!bytes.IsEmpty && (consents[bytes].PreTicked || (wordings[bytes].Wording.Flaws & WordingFlaws.PreTicked) != 0))
                facts.Marks |= ContactMarks.PreTicked;
        }
    }

    private void ReadRefusals(RowBatch batch, int row, ref ContactFacts facts)
    {
        foreach (var column in plan.Refusals)
        {
            var bytes = batch.Cell(row, column.Index);
            if (bytes.IsEmpty)
                continue;

            // In a "do not call" column yes refuses, and so does a date, a reason, a doubt or "withdrawn"; only a plain no, or nothing, does not.
            var answer = consents[bytes];
            var inWords = refusals[bytes];
            if (answer.Answer == Answer.Blank || inWords == ChannelSet.None && answer is { Answer: Answer.No, IsRefusal: false })
                continue;
            Refuse(ref facts, column.Channels == ChannelSet.None ? ChannelSet.All : Reach(column.Channels) | inWords, RefusalPlaces.Flag);
        }

        foreach (var column in plan.FreeTexts)
        {
            var bytes = batch.Cell(row, column);
            if (bytes.IsEmpty)
                continue;
            var refused = refusals[bytes];
            if (refused != ChannelSet.None)
                Refuse(ref facts, refused, plan.Columns[column].Field == ListField.Notes ? RefusalPlaces.Notes : RefusalPlaces.Other);
        }

        foreach (var column in plan.Asides)
        {
            var bytes = batch.Cell(row, column);
            if (HasWords(bytes) && asides[bytes] is var refused && refused != ChannelSet.None)
                Refuse(ref facts, refused, RefusalPlaces.Other);
        }
    }

    // A link to unsubscribe by is no refusal, nor is an address.
    private static ChannelSet RefusedAside(ReadOnlySpan<char> cell) =>
        cell.IndexOf("://", StringComparison.Ordinal) >= 0 || cell.Contains('@') || cell.StartsWith("www.", StringComparison.Ordinal) || !NameKey.MayRefuse(cell)
            ? ChannelSet.None
            : PlainRefusal.Find(cell);

    /// <summary>A no to calls closes every channel of the telephone number; a no to one kind of message closes that.</summary>
    private static ChannelSet Reach(ChannelSet channels) =>
        channels == ChannelSet.None ? ChannelSet.All : channels.Has(Channel.Voice) ? channels | ChannelSet.Phone : channels;

    /// <summary>Notes a refusal.</summary>
    public static void Refuse(ref ContactFacts facts, ChannelSet channels, RefusalPlaces place)
    {
        facts.Refused |= channels;
        if ((channels & ChannelSet.Phone) != 0)
            facts.RefusedIn |= place;
        if ((channels & ChannelSet.Email) != 0)
            facts.EmailRefusedIn |= place;
    }

    private void ReadAge(ReadOnlySpan<byte> bytes, int column, ref ContactFacts facts)
    {
        if (bytes.IsEmpty)
            return;
        var group = AgeCell.Read(Text(bytes), OfAge);
        if (group == AgeGroup.Under)
        {
            facts.Marks |= ContactMarks.Minor;
        }
        else if (group == AgeGroup.Unknown && consents[bytes].Answer != Answer.Blank)
        {
            Reject(column, "unclear-age");
        }
    }
}
