using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>All that the gate asks of a person whom the ledger knows, worked out: no name, no number, and no record has to be read again.</summary>
/// <remarks>A pure function of their records and of what their evidence shows. As bytes it says the same on every machine.</remarks>
public sealed partial class KnownPerson
{
    private KnownPerson()
    {
    }

    /// <summary>ISO 3166 code of where they live; null where nobody said.</summary>
    public string? Residence { get; private init; }

    public ResidenceBasis ResidenceBasis { get; private init; }

    /// <summary>Where the contact came from; null where nobody said.</summary>
    public ContactSource? Source { get; private init; }

    public bool IsMinor { get; private init; }

    /// <summary>When and how often they want to be contacted; null: they never said.</summary>
    public Wishes? Wishes { get; private init; }

    public PersonStatus Status { get; private init; }

    /// <summary>Of somebody held or erased, since when.</summary>
    public Instant? BlockedSince { get; private init; }

    internal StandingConsents Consents { get; private init; } = null!;

    /// <summary>When they said no to a question: when it was learned, and when it happened.</summary>
    internal IReadOnlyList<(Instant Learned, Instant Happened)> Refusals { get; private init; } = [];

    /// <summary>What can be shown of the records that consents rest on.</summary>
    internal IReadOnlyDictionary<long, ShownEvidence> Shown { get; private init; } = null!;

    /// <summary>What they agreed to by acts of its own, as far as it stands and can be shown.</summary>
    internal IReadOnlyList<SeparateYes> Separate { get; private init; } = [];

    /// <summary>Works it out.</summary>
    /// <param name="person">The person as the records make them.</param>
    /// <param name="shown">The evidence that can be shown of a record; nothing can be, where it gives none.</param>
    public static KnownPerson Of(Person person, Func<long, ShownEvidence?> shown)
    {
        ArgumentNullException.ThrowIfNull(person);
        ArgumentNullException.ThrowIfNull(shown);
        var state = ConsentState.Fold(person.Records);
        var consents = state.Standing;
        var evidence = new SortedDictionary<long, ShownEvidence>();
        foreach (var seq in consents.Yeses.Concat(consents.Pending).Concat(consents.Voided.Select(static gone => gone.Yes)).SelectMany(static yes => yes.Seqs).Concat(consents.Voided.Select(static gone => gone.By)))
        {
            if (shown(seq) is { } found)
                evidence[seq] = found;
        }

        var blockedBy = person.Status switch
        {
            PersonStatus.Held => RecordType.ProcessingHeld,
            PersonStatus.Erased => RecordType.ErasureRequested,
            _ => (RecordType?)null,
        };
        return new KnownPerson
        {
            Residence = person.Residence,
            ResidenceBasis = person.ResidenceBasis,
            Source = person.Source,
            IsMinor = person.IsMinor,
            Wishes = person.Wishes,
            Status = person.Status,
            BlockedSince = blockedBy is { } type && person.Records.LastOrDefault(record => record.Type == type) is { } block ? block.At : null,
            Consents = consents,
            Refusals = [.. state.Events.Where(static said => said.Kind == ConsentEventKind.Refused).Select(static said => (said.At, Instant.Min(said.EventAt ?? said.At, said.At)))],
            Shown = evidence,
            Separate = SeparateConsent.Proven(person.Records, shown),
        };
    }

    /// <summary>Its bytes.</summary>
    public void Write(CompactWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.TextOrNull(Residence);
        to.Byte((byte)ResidenceBasis);
        to.Byte(Source is { } source ? (byte)(source + 1) : (byte)0);
        to.Flag(IsMinor);
        Write(to, Wishes);
        to.Byte((byte)Status);
        to.Flag(BlockedSince is not null);
        if (BlockedSince is { } since)
            to.Instant(since);
        to.List(Consents.Yeses, static (to, yes) => Write(to, yes));
        to.List(Consents.Pending, static (to, yes) => Write(to, yes));
        to.List(Consents.Voided, static (to, gone) =>
        {
            Write(to, gone.Yes);
            to.Number(gone.By);
            to.Byte((byte)gone.Standing);
        });
        to.List(Consents.Nos, static (to, no) =>
        {
            to.Number(no.Seq);
            to.Byte((byte)no.Standing);
            to.Flag(no.Point is not null);
            if (no.Point is { } point)
                to.Id(point);
            to.Byte((byte)no.Channels);
            to.Flag(no.Purposes is not null);
            if (no.Purposes is { } purposes)
                to.List(purposes, static (to, purpose) => to.Text(purpose));
            to.Instant(no.Happened);
        });
        to.List(Refusals, static (to, said) =>
        {
            to.Instant(said.Learned);
            to.Instant(said.Happened);
        });
        to.Number(Shown.Count);
        foreach (var (seq, evidence) in Shown)
        {
            to.Number(seq);
            Write(to, evidence);
        }

        to.List(Separate, static (to, yes) =>
        {
            to.Number((long)yes.Matter);
            to.Flag(yes.Point is not null);
            if (yes.Point is { } point)
                to.Id(point);
            to.Flag(yes.Until is not null);
            if (yes.Until is { } until)
                to.Instant(until);
        });
    }

    /// <summary>Reads what <see cref="Write(CompactWriter)"/> wrote.</summary>
    public static KnownPerson Read(ref CompactReader from)
    {
        var residence = from.TextOrNull();
        var basis = (ResidenceBasis)from.Byte();
        var source = from.Byte();
        var isMinor = from.Flag();
        var wishes = ReadWishes(ref from);
        var status = (PersonStatus)from.Byte();
        var since = from.Flag() ? from.Instant() : (Instant?)null;
        var yeses = ReadYeses(ref from);
        var pending = ReadYeses(ref from);
        var voided = new VoidedYes[from.Count()];
        for (var i = 0; i < voided.Length; i++)
            voided[i] = new VoidedYes(ReadYes(ref from), from.Number(), (ConsentStanding)from.Byte());
        var nos = new ResolvedNo[from.Count()];
        for (var i = 0; i < nos.Length; i++)
        {
            nos[i] = new ResolvedNo(
                from.Number(), (ConsentStanding)from.Byte(), from.Flag() ? from.Id() : null, (ChannelSet)from.Byte(), from.Flag() ? from.Texts() : null, from.Instant());
        }

        var refusals = new (Instant, Instant)[from.Count()];
        for (var i = 0; i < refusals.Length; i++)
            refusals[i] = (from.Instant(), from.Instant());
        var count = from.Count();
        var shown = new Dictionary<long, ShownEvidence>(count);
        for (var i = 0; i < count; i++)
            shown.Add(from.Number(), ReadEvidence(ref from));
        var separate = new SeparateYes[from.Count()];
        for (var i = 0; i < separate.Length; i++)
            separate[i] = new SeparateYes((EvidenceItems)from.Number(), from.Flag() ? from.Id() : null, from.Flag() ? from.Instant() : null);
        return new KnownPerson
        {
            Residence = residence,
            ResidenceBasis = basis,
            Source = source == 0 ? null : (ContactSource)(source - 1),
            IsMinor = isMinor,
            Wishes = wishes,
            Status = status,
            BlockedSince = since,
            Consents = new StandingConsents(yeses, pending, voided, nos),
            Refusals = refusals,
            Shown = shown,
            Separate = separate,
        };
    }

    private static void Write(CompactWriter to, Wishes? wishes)
    {
        to.Flag(wishes is not null);
        if (wishes is null)
            return;
        to.List(wishes.Hours, static (to, window) =>
        {
            to.Byte(window.Days);
            to.Number(window.From);
            to.Number(window.Until);
        });
        // Recorded wishes pause by days.
        to.Flag(wishes.PausedUntil is not null);
        if (wishes.PausedUntil is { } pause)
            to.Instant(pause.StartIn(DateTimeZone.Utc));
        to.Flag(wishes.Most is not null);
        if (wishes.Most is not { } most)
            return;
        to.Number(most.Most);
        to.Period(most.Within);
        to.Byte((byte)most.Channels);
    }

    private static Wishes? ReadWishes(ref CompactReader from)
    {
        if (!from.Flag())
            return null;
        var hours = new WeeklyWindow[from.Count()];
        for (var i = 0; i < hours.Length; i++)
            hours[i] = new WeeklyWindow(from.Byte(), (int)from.Number(), (int)from.Number());
        return new Wishes
        {
            Hours = hours,
            PausedUntil = from.Flag() ? Moment.On(from.Instant().InUtc().Date) : null,
            Most = from.Flag() ? new Promise((int)from.Number(), from.Period(), (ChannelSet)from.Byte()) : null,
        };
    }

    private static void Write(CompactWriter to, ResolvedYes yes)
    {
        to.Number(yes.Seq);
        to.List(yes.Seqs, static (to, seq) => to.Number(seq));
        to.Id(yes.Point);
        to.Byte((byte)yes.Channels);
        to.List(yes.Purposes, static (to, purpose) => to.Text(purpose));
        to.Instant(yes.Happened);
        to.Flag(yes.Until is not null);
        if (yes.Until is { } until)
            to.Instant(until);
        to.Flag(yes.IsConfirmed);
        to.Flag(yes.IsImport);
    }

    private static ResolvedYes[] ReadYeses(ref CompactReader from)
    {
        var yeses = new ResolvedYes[from.Count()];
        for (var i = 0; i < yeses.Length; i++)
            yeses[i] = ReadYes(ref from);
        return yeses;
    }

    private static ResolvedYes ReadYes(ref CompactReader from)
    {
        var seq = from.Number();
        var seqs = new long[from.Count()];
        for (var i = 0; i < seqs.Length; i++)
            seqs[i] = from.Number();
        return new ResolvedYes(seq, seqs, from.Id(), (ChannelSet)from.Byte(), from.Texts(), from.Instant(), from.Flag() ? from.Instant() : null, from.Flag(), from.Flag());
    }

    private static void Write(CompactWriter to, ShownEvidence evidence)
    {
        to.Number(unchecked((long)evidence.Holds));
        to.Number((long)evidence.Flaws);
        to.Byte(evidence.Method is { } method ? (byte)(method + 1) : (byte)0);
        to.Flag(evidence.Wording is not null);
        if (evidence.Wording is not { } wording)
            return;
        to.Flag(wording.Techniques is not null);
        if (wording.Techniques is { } techniques)
            to.List(techniques, static (to, technique) => to.Byte((byte)technique));
        to.Flag(wording.Frequency is not null);
        if (wording.Frequency is { } frequency)
        {
            to.Number(frequency.Most);
            to.Period(frequency.Within);
            to.Byte((byte)frequency.Channels);
        }

        to.Flag(wording.Term is not null);
        if (wording.Term is { } term)
            to.Period(term);
    }

    private static ShownEvidence ReadEvidence(ref CompactReader from)
    {
        var holds = (EvidenceItems)unchecked((ulong)from.Number());
        var flaws = (ConsentFlaws)from.Number();
        var method = from.Byte();
        WordingTerms? wording = null;
        if (from.Flag())
        {
            Technique[]? techniques = null;
            if (from.Flag())
            {
                techniques = new Technique[from.Count()];
                for (var i = 0; i < techniques.Length; i++)
                    techniques[i] = (Technique)from.Byte();
            }

            var frequency = from.Flag() ? new WordingFrequency((int)from.Number(), from.Period(), (ChannelSet)from.Byte()) : null;
            wording = new WordingTerms(techniques, frequency, from.Flag() ? from.Period() : null);
        }

        return new ShownEvidence(holds, flaws, method == 0 ? null : (ConsentMethod)(method - 1), wording);
    }
}
