using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>What became of a consent that was to be written down.</summary>
/// <param name="Written">The records; none where something stood in the way.</param>
/// <param name="Findings">What stood in the way.</param>
internal sealed record ConsentOutcome(IReadOnlyList<long> Written, IReadOnlyList<ConsentFinding> Findings)
{
    /// <summary>Whether it was written before, under the same key.</summary>
    public bool IsAgain { get; init; }
}

/// <summary>Judges what is to be written down of a consent, and writes it where nothing stands in the way.</summary>
/// <param name="installation">The installation.</param>
/// <param name="ledger">Whose consent it is.</param>
/// <param name="actor">Who writes it down.</param>
/// <param name="tags">The number or address.</param>
/// <param name="asked">What was said.</param>
internal sealed class ConsentTaking(Installation installation, LedgerRow ledger, Actor actor, PointTags tags, ConsentAsked asked)
{
    private const string Consent = "consent";
    private const string NoEnd = "until-withdrawn";

    /// <summary>The client's key under which it is done once; null: none.</summary>
    public ClientKey? ClientKey { get; init; }

    /// <summary>Does it.</summary>
    /// <exception cref="CommandRefusedException"><c>scan-not-here</c>: of a confirmation there is no paper.</exception>
    public Task<ConsentOutcome> RunAsync(ConsentStep step, CancellationToken cancel) => step == ConsentStep.Confirm ? ConfirmAsync(cancel) : TakeAsync(step == ConsentStep.Request, cancel);

    private async Task<ConsentOutcome> TakeAsync(bool isRequest, CancellationToken cancel)
    {
        var name = asked.Wording ?? asked.Evidence?.Shown?.Doc.ToString();
        if (name is null)
        {
            return Stopped(
                [new ConsentFinding(ConsentFault.Missing, EvidenceProfile.FieldOf(EvidenceParts.Wording), EvidenceParts.Wording), .. asked.Evidence is null ? [] : ConsentIntake.CheckAlone(
                    asked.Evidence with { Shown = null, At = asked.At ?? asked.Evidence.At ?? asked.Now }, isRequest).Where(static finding => finding.Part != EvidenceParts.Wording)]);
        }

        var wording = await PublishedWordings.FindAsync(installation, ledger, name, cancel);
        var language = asked.Language ?? asked.Evidence?.Shown?.Language ?? (wording.Texts.Count == 1 ? wording.Texts.Keys.First() : null)
            ?? throw new CommandRefusedException("which-language", string.Join(", ", wording.Texts.Keys.Order(StringComparer.Ordinal)));
        var evidence = (asked.Evidence ?? Bare(wording)) with { At = asked.At ?? asked.Evidence?.At ?? asked.Now };
        // Words that are named in two ways have to be the same.
        evidence = evidence with { Shown = evidence.Shown ?? new ShownWording(wording.Digest, language) };
        var intake = new ConsentIntake
        {
            Wording = wording, Language = language, Evidence = evidence, Reach = tags.Point.Channels, Channels = asked.Channels, Purposes = asked.Purposes, AwaitsConfirmation = isRequest,
        };
        var findings = intake.Check(asked.Now, out var agreed);
        // A question alone has nothing to show yet; what is said of it all the same has to be right.
        if (isRequest && asked.Evidence is null)
            findings = [.. findings.Where(static finding => finding.Fault is not (ConsentFault.Missing or ConsentFault.Answer))];
        if (findings.Count > 0)
            return Stopped(findings);
        agreed ??= Whole(intake);
        return isRequest ? await RequestAsync(intake, agreed, cancel) : await RecordAsync(intake, agreed, cancel);
    }

    private async Task<ConsentOutcome> RequestAsync(ConsentIntake intake, AgreedScope agreed, CancellationToken cancel)
    {
        var said = Said(intake, agreed, RecordType.ConsentRequested, RecordState.Requested, Ceremony.DoubleOptIn, When(asked.Evidence?.At));
        return Done(await WriteAsync(asked.Evidence is null ? said with { Evidence = null } : said, cancel));
    }

    private async Task<ConsentOutcome> RecordAsync(ConsentIntake intake, AgreedScope agreed, CancellationToken cancel)
    {
        var isDouble = intake.Evidence.Method == ConsentMethod.DoubleOptIn;
        var said = Said(intake, agreed, RecordType.ConsentGiven, RecordState.Given, isDouble ? Ceremony.DoubleOptIn : Ceremony.SingleOptIn, When(asked.Evidence?.At));
        var given = await WriteAsync(said, cancel);
        if (!isDouble)
            return Done(given);
        // Until it is confirmed it opens nothing; so nothing is lost where this ends in between.
        var confirmed = await WriteAsync(
            said with { Answer = AnswerOf(RecordType.ConsentConfirmed, intake), Type = RecordType.ConsentConfirmed, State = RecordState.Confirmed, EventAt = LedgerTime.Cut(intake.Evidence.Confirmation!.At), Source = asked.TimeFrom, About = given.Seq, Person = null, Residence = null, Scan = null }, cancel);
        return Done(given, confirmed);
    }

    private async Task<ConsentOutcome> ConfirmAsync(CancellationToken cancel)
    {
        if (asked.Scan is not null)
            throw new CommandRefusedException("scan-not-here");
        var found = await Contacts.FindAsync(installation, ledger, tags, cancel) ?? throw new CommandRefusedException("nothing-to-confirm");
        var point = found.Points().Where(one => one.Point.Equals(tags.Point)).Select(static one => (OpaqueId?)one.Id).FirstOrDefault();
        var before = Newest(found.Person.Records, point) ?? throw new CommandRefusedException("nothing-to-confirm");
        if (before.Notice is not { Lang: { } language } notice || await PublishedWordings.FindAsync(installation.Store, ledger, notice.Doc, cancel) is not { } wording)
            throw new CommandRefusedException("nothing-to-confirm");
        var confirmation = asked.Evidence?.Confirmation
            ?? (asked is { Via: { } via, Message: { } message } ? new Confirmation(asked.At ?? asked.Now, via, message) : null);
        var shown = new ShownWording(notice.Doc, language);
        var first = await EvidenceOfAsync(before, cancel);
        var evidence = Joined(first, asked.Evidence, wording) with { Confirmation = confirmation };
        evidence = evidence with { At = evidence.At ?? before.EventAt ?? before.At, Shown = evidence.Shown ?? shown };
        var scope = Ringfence.Server.Suppression.SuppressionScope.Of(before.Scope);
        var intake = new ConsentIntake
        {
            Wording = wording, Language = language, Evidence = evidence, Reach = tags.Point.Channels,
            Channels = before.Scope?.Channels is null ? ChannelSet.None : scope.Channels, Purposes = scope.Purposes,
        };
        var findings = intake.Check(asked.Now, out var agreed);
        if (confirmation is null && findings.All(static finding => finding.Part != EvidenceParts.Confirmation))
            findings = [.. findings, new ConsentFinding(ConsentFault.Missing, EvidenceProfile.FieldOf(EvidenceParts.Confirmation), EvidenceParts.Confirmation)];
        if (findings.Count > 0)
            return Stopped(findings);
        var stated = asked.At ?? asked.Evidence?.Confirmation?.At;
        var said = Said(intake, agreed!, RecordType.ConsentConfirmed, RecordState.Confirmed, Ceremony.DoubleOptIn, stated) with { About = before.Seq };
        return Done(await WriteAsync(said, cancel));
    }

    // The newest question or yes of this number that nobody confirmed yet; the one that is named.
    private LedgerRecord? Newest(IReadOnlyList<LedgerRecord> records, OpaqueId? point)
    {
        var confirmed = records.Where(static record => record.Type == RecordType.ConsentConfirmed).SelectMany(static record => record.About ?? []).ToHashSet();
        return records.LastOrDefault(record => record is { Type: RecordType.ConsentRequested or RecordType.ConsentGiven, State: RecordState.Requested or RecordState.Given }
            && record.Subject?.Point is { } own && own == point && (asked.Answered is not { } answered || (record.Notice?.Doc == answered.Wording && record.EventAt == answered.At)) && (asked.Request is { } seq ? record.Seq == seq : !confirmed.Contains(record.Seq)));
    }

    private async Task<ConsentEvidence?> EvidenceOfAsync(LedgerRecord record, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Sealed.Add(record.Seq);
        var row = (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Sealed.Find(static row => row.Group == (short)CommitGroup.Evidence);
        try
        {
            return row is not null && await installation.OpenAsync(record, row, cancel) is { } opened ? ConsentEvidence.FromBytes(opened.Content) : null;
        }
        catch (RuleFileException)
        {
            return null;
        }
    }

    // What was seen when the person was asked, and what is added now; what stands in both is as it was written first.
    private static ConsentEvidence Joined(ConsentEvidence? first, ConsentEvidence? added, WordingDocument wording)
    {
        var one = first ?? added ?? Bare(wording);
        var other = added ?? one;
        var both = one with
        {
            Shown = one.Shown ?? other.Shown,
            At = one.At ?? other.At,
            Page = one.Page ?? other.Page,
            Call = one.Call ?? other.Call,
            Place = one.Place ?? other.Place,
            Ip = one.Ip ?? other.Ip,
            Device = one.Device ?? other.Device,
            Message = one.Message ?? other.Message,
            Answer = one.Answer ?? other.Answer,
            Account = one.Account ?? other.Account,
            LeadForm = one.LeadForm ?? other.LeadForm,
            Form = one.Form ?? other.Form,
            Recording = one.Recording ?? other.Recording,
            Scan = one.Scan ?? other.Scan,
            Signature = one.Signature ?? other.Signature,
            Recorder = one.Recorder ?? other.Recorder,
            Guardian = one.Guardian ?? other.Guardian,
            Address = one.Address ?? other.Address,
            Flaws = one.Flaws | other.Flaws,
        };
        // Words that are spoken or signed may be confirmed too; they stay what they are.
        return WordingProof.Of(wording, wording.Texts.Keys.First())?.Methods.Contains(ConsentMethod.DoubleOptIn) == true ? both with { Method = ConsentMethod.DoubleOptIn } : both;
    }

    // Of a question without evidence nothing is known but the way that the words ask for.
    private static ConsentEvidence Bare(WordingDocument wording) =>
        new() { Method = WordingProof.Of(wording, wording.Texts.Keys.First())?.Methods[0] ?? ConsentMethod.Checkbox };

    private static AgreedScope Whole(ConsentIntake intake)
    {
        var proof = WordingProof.Of(intake.Wording, intake.Language)!;
        return new AgreedScope(intake.Channels ?? (proof.Channels & intake.Reach), intake.Purposes ?? proof.Purposes, proof.Term);
    }

    private ConsentSaid Said(ConsentIntake intake, AgreedScope agreed, RecordType type, RecordState state, Ceremony ceremony, Instant? stated) => new()
    {
        Type = type,
        State = state,
        Actor = actor,
        Tags = tags,
        Scope = new RecordScope(
            agreed.Channels == ChannelSet.None ? null : [.. Channels.All.Where(channel => agreed.Channels.Has(channel)).Select(static channel => channel.Word()).Order(StringComparer.Ordinal)],
            agreed.Purposes.Count == 0 ? null : [.. agreed.Purposes.Order(StringComparer.Ordinal)], SeparateConsent.ServiceOf(intake.Wording.Kind)),
        Method = new CollectionMethod(Words<ConsentMethod>.Of(intake.Evidence.Method), ceremony),
        Notice = new Notice(intake.Wording.Digest, intake.Language, intake.Wording.Version),
        // A record has whole microseconds.
        EventAt = stated is { } at ? LedgerTime.Cut(at) : null,
        Source = stated is null ? null : asked.TimeFrom,
        ValidFor = agreed.Term is { } term ? PeriodPattern.Roundtrip.Format(term) : NoEnd,
        Basis = Consent,
        Withdraw = WayOut(intake.Wording.Stop),
        Evidence = intake.Evidence.ToBytes(),
        Scan = asked.Scan,
        Person = asked.Name is { } name ? new PersonalData { Name = name } : null,
        Residence = asked.Residence,
        // A question that nobody has answered yet says nothing of whoever has the number: anybody may have typed it.
        IsMinor = type != RecordType.ConsentRequested && intake.Evidence.Guardian is not null,
        From = asked.From,
        Answer = AnswerOf(type, intake),
    };

    // Where a code of ours was told, or where they wrote to us; from a form alone nobody has shown whose number it is.
    private static AnswerTo? AnswerOf(RecordType type, ConsentIntake intake) => AnswerTo.Of(
        type == RecordType.ConsentConfirmed ? intake.Evidence.Confirmation?.Via : intake.Evidence is { Method: ConsentMethod.Reply, Message.Via: { } via } ? via : null, intake.Language);

    // What happens as it is written down needs nobody to say when.
    private Instant? When(Instant? inEvidence) => asked.At ?? inEvidence;

    private async Task<CommandAnswer> WriteAsync(ConsentSaid said, CancellationToken cancel)
    {
        var writer = await installation.WriterAsync(ledger, cancel);
        // Of a yes that comes with its confirmation both are written, each under a key of its own.
        var key = said.Type == RecordType.ConsentConfirmed && ClientKey is { } given ? given with { Client = given.Client + "/confirmed" } : ClientKey;
        return CommandAnswer.Read(await writer.DoAsync(new RecordConsentCommand(said, await installation.NewPersonAsync(cancel)) { ClientKey = key }, cancel));
    }

    private static string? WayOut(WordingStop stop) => stop switch
    {
        { Reply: not null } => "reply",
        { Page: not null } => "page",
        { Email: not null } => "email",
        { Phone: not null } => "phone",
        { Post: not null } => "post",
        { In: not StopPlaces.None } => "in-contact",
        _ => null,
    };

    private static ConsentOutcome Stopped(IReadOnlyList<ConsentFinding> findings) => new([], findings);

    private static ConsentOutcome Done(params CommandAnswer[] written) => new([.. written.Select(static one => one.Seq)], []) { IsAgain = Array.TrueForAll(written, static one => one.Already) };
}
