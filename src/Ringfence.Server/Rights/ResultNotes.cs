using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Rights;

/// <summary>By which channel somebody can be answered who said something: they wrote from there, or have shown that it is theirs.</summary>
/// <param name="Via">The channel.</param>
/// <param name="Language">Theirs, as far as it is known; null: that of the words they were shown last.</param>
internal sealed record AnswerTo(Channel Via, string? Language)
{
    /// <summary>Null: by no channel by which a message can be sent.</summary>
    public static AnswerTo? Of(Channel? via, string? language) => via is Channel.Sms or Channel.Whatsapp or Channel.Email ? new AnswerTo(via.Value, language) : null;
}

/// <summary>Who has to be told what, found out before what they said is written.</summary>
/// <param name="Duty">The duty.</param>
/// <param name="Tags">The number or address by which they said it, or that they named.</param>
/// <param name="Said">What it is.</param>
/// <param name="Language">Of the words that they were shown last; null: none.</param>
internal sealed record ResultDue(ResultDuty Duty, PointTags Tags, ResultSaid Said, string? Language);

/// <summary>Notes, in the transaction that writes down a yes or a no, that whoever said it has to be told by law what came of it.</summary>
/// <remarks>No message is sent from here: <see cref="ResultPost"/>. A number that nobody is known by stands in the note sealed, by a key that is made for nothing else and lies in the keyring.</remarks>
/// <param name="secret">Of the keyring, for what is sealed for this installation alone.</param>
internal sealed class ResultNotes(SecretKey secret)
{
    private const int TagBytes = 16;
    private const int NonceBytes = 12;

    /// <summary>What is said in one go is told in one go: several boxes of one form come one after the other.</summary>
    public static readonly Duration Gathered = Duration.FromSeconds(10);

    /// <summary>After that nobody sends a message by itself any more: somebody has to look why none went.</summary>
    public static readonly Duration SentWithin = Duration.FromDays(3);

    /// <summary>The same for a no of somebody of whom other law may want that nothing comes after it but one answer at once.</summary>
    /// <remarks>Source: 47 CFR 64.1200(a)(12), a confirmation within five minutes.</remarks>
    public static readonly Duration NoSentWithin = Duration.FromMinutes(5);

    /// <summary>The rules of a controller; those that ship, until a server says otherwise.</summary>
    public Func<LedgerRow, Rulebook> RulesOf { get; set; } = static _ => Rulebook.Shipped;

    private byte[] Key => secret.Mac("ringfence/result/v1", "");

    /// <summary>Reads the rules where nobody did yet: that takes longer than anybody waits in the serial order.</summary>
    public void MakeReady(LedgerRow ledger) => _ = ResultDuty.Of(RulesOf(ledger), [], ChannelSet.None, NodaConstants.UnixEpoch);

    /// <summary>Whether what came of a statement has to be told; null: it need not. To be asked before the statement is written; whom the numbers lead to has to be asked for.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="tags">The number or address by which it was said.</param>
    /// <param name="all">All numbers and addresses of the person that are known here.</param>
    /// <param name="scope">What it is about.</param>
    /// <param name="isNo">Whether it is a no.</param>
    /// <param name="at">When it was said.</param>
    /// <param name="residence">Where they say now that they live; null: they don't.</param>
    public ResultDue? Find(LedgerTurn turn, PointTags tags, IEnumerable<PointTags> all, SuppressionScope scope, bool isNo, Instant at, string? residence = null)
    {
        var person = turn.Lookup(tags.Lookup) is { } lookup ? turn.Person(new OpaqueId(lookup.Sid)) : null;
        if (person?.Status == PersonStatus.Erased)
            return null;
        HashSet<string> places = [.. all.Append(tags).Select(static one => RegionOf(one.Point)).Append(residence ?? person?.Residence).OfType<string>()];
        if (places.Count == 0 || ResultDuty.Of(RulesOf(turn.Ledger), places, scope.Channels, at) is not { } duty)
            return null;
        var said = !isNo ? ResultSaid.Consent : person is not null && ConsentState.Fold(person.Records).HasYes(scope.Channels, scope.Purposes, turn.Now) ? ResultSaid.Withdrawal : ResultSaid.Refusal;
        return new ResultDue(duty, tags, said, person?.Records.LastOrDefault(static record => record.Notice?.Lang is not null)?.Notice?.Lang);
    }

    /// <summary>Notes it beside the record.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="due">What was found before.</param>
    /// <param name="record">The record of what they said.</param>
    /// <param name="at">When they said it.</param>
    /// <param name="answer">How they can be answered; null: only by hand.</param>
    public void Note(LedgerTurn turn, ResultDue due, LedgerRecord record, Instant at, AnswerTo? answer)
    {
        var lookup = turn.Lookup(due.Tags.Lookup);
        var (nonce, words) = lookup is null ? Seal(turn.Ledger, record.Seq, due.Tags.Point) : (null, null);
        var late = due.Duty.LateAt(at);
        // What somebody brings from elsewhere, and is long over, was told there or is to be told by somebody who knows.
        var isLate = late <= record.At;
        var via = isLate || answer is null || !due.Tags.Point.Channels.Has(answer.Via) ? (Channel?)null : answer.Via;
        var until = record.At + (due is { Said: not ResultSaid.Consent, Duty.IsAlone: false } ? NoSentWithin : SentWithin);
        turn.Put(new ResultTaskRow(
            record.Seq, Words<ResultSaid>.Of(due.Said), Micros.Of(at), LocalDatePattern.Iso.Format(due.Duty.DayOf(at)), LocalDatePattern.Iso.Format(due.Duty.DueOf(at)), Micros.Of(late), due.Duty.Rule.Id,
            lookup is null ? null : turn.Person(new OpaqueId(lookup.Sid)).Sid.ToArray(), lookup?.Point, due.Tags.Lookup, (short?)via, LanguageOf(answer?.Language ?? due.Language), nonce, words,
            via is null ? null : Micros.Of(record.At + Gathered), via is null ? null : Micros.Of(until), Fault: via is not null ? null : isLate ? "late" : "unshown"));
    }

    /// <summary>Opens what stands sealed in a note; null: nothing does.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: it does not open.</exception>
    public ContactPoint? Open(LedgerRow ledger, ResultTaskRow row)
    {
        if (row is not { Nonce: { } nonce, Words: { } words })
            return null;
        var plain = new byte[Math.Max(0, words.Length - TagBytes)];
        try
        {
            using var cipher = new AesGcm(Key, TagBytes);
            cipher.Decrypt(nonce, words.AsSpan(0, plain.Length), words.AsSpan(plain.Length), plain, BoundTo(ledger, row.Seq));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Damaged(e);
        }

        return ContactPoint.TryRead(Encoding.UTF8.GetString(plain), Region.None, out var point) ? point : throw Damaged(null);
    }

    private (byte[] Nonce, byte[] Words) Seal(LedgerRow ledger, long seq, ContactPoint point)
    {
        var plain = Encoding.UTF8.GetBytes(point.Value);
        var (nonce, words) = (RandomNumberGenerator.GetBytes(NonceBytes), new byte[plain.Length + TagBytes]);
        using var cipher = new AesGcm(Key, TagBytes);
        cipher.Encrypt(nonce, plain, words.AsSpan(0, plain.Length), words.AsSpan(plain.Length), BoundTo(ledger, seq));
        return (nonce, words);
    }

    // By the controller and the place, which stay the same where a ledger goes on under a new origin.
    private static byte[] BoundTo(LedgerRow ledger, long seq) => Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{ledger.Controller}\n{seq}"));

    private static StoreException Damaged(Exception? why) => new(StoreFault.Damaged, "The number of somebody who has to be told something does not open.", why);

    private static string LanguageOf(string? language) => language is not null && ResultText.Languages.Contains(language) ? language : language?.Split('-')[0] switch { "ko" => "ko", "zh" => "zh-Hans", _ => "en" };

    private static string? RegionOf(ContactPoint point) =>
        point.Kind == PointKind.Phone && PhoneNumber.TryParse(point.Value, Region.None, out var number) && !number.Region.IsNone ? number.Region.ToString() : null;
}
