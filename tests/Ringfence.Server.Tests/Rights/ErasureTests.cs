using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Rights;

public sealed class ErasureTests
{
    private const string Number = "+442079460777";
    private const string Other = "+442079460778";
    private const string Email = "zaphod.beeblebrox@heartofgold.example";
    private const string Name = "Zaphod Beeblebrox";

    // As it may stand in a file: the number with and without its sign, inside of JSON or not.
    private static readonly string[] Markers = ["442079460777", "442079460778", Email, Name, "Magrathea form 42", "Deep Thought asked", "Forty-two is the answer"];

    /// <summary>Ways of writing one number, as people and programs do.</summary>
    internal static readonly string[] Spellings =
    [
        "+442079460777", "+44 20 7946 0777", "+44-20-7946-0777", "+44.20.7946.0777", "+44/20/79460777", "+44(20)79460777", "(+44) 20 7946 0777", "00442079460777", "0044 20 7946 0777",
        "0044-20-7946-0777", "02079460777", "020 7946 0777", "(020) 7946 0777", "020-7946-0777", "020.7946.0777", "＋４４２０７９４６０７７７", "０２０ ７９４６ ０７７７", " +44 20 7946 0777 ",
        "+44\u00a020\u00a07946\u00a00777", "tel:+442079460777",
    ];

    [Fact]
    public async Task Nothing_of_a_person_is_left_in_any_file_and_the_search_would_have_found_it()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        await house.EraseAsync(sid);
        Assert.Empty(await Traces.OfAsync(house.Folder, Markers));
        await File.WriteAllTextAsync(Path.Combine(house.Folder, "data", "left"), $"x{Name}x", TestContext.Current.CancellationToken);
        Assert.NotEmpty(await Traces.OfAsync(house.Folder, Markers));
    }

    [Theory]
    [InlineData(ErasureStep.Noted)]
    [InlineData(ErasureStep.Requested)]
    [InlineData(ErasureStep.Journaled)]
    [InlineData(ErasureStep.KeyDestroyed)]
    [InlineData(ErasureStep.Completed)]
    [InlineData(ErasureStep.Scrubbed)]
    [InlineData(ErasureStep.Done)]
    public async Task Killed_at_any_step_the_next_start_ends_it(object at)
    {
        var step = (ErasureStep)at;
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        await house.Installation.DisposeAsync();

        await ErasingProcess.RunAsync(house.Folder, sid.ToString(), step);

        await using (var again = await Installation.OpenAsync(House.In(house.Folder), TimeProvider.System, CancellationToken.None))
        {
            await Erasure.ResumeAsync(again, CancellationToken.None);
            Assert.Empty(PendingErasures.Of(again.KeysFolder).All());
            var ledger = await again.LedgerAsync(null, CancellationToken.None);
            if (step == ErasureStep.Noted)
            {
                // The ledger had said nothing yet: nothing is done, and nothing is lost.
                Assert.Equal(PersonStatus.Contactable, (await Contacts.FindAsync(again, ledger, sid, CancellationToken.None))!.Person.Status);
                await new Erasure(again, ledger, House.Staff).RunAsync(sid, "request", CancellationToken.None);
            }

            var person = (await Contacts.FindAsync(again, ledger, sid, CancellationToken.None))!.Person;
            Assert.Equal(PersonStatus.Erased, person.Status);
            // The person and the one merged with them: each once, however often it was gone on with.
            Assert.Equal(2, person.Records.Count(static record => record.Type == RecordType.KeyDestroyed));
            Assert.Equal(2, person.Records.Where(static record => record.Type == RecordType.ErasureCompleted).Select(static record => record.Subject!.Value.Sid).Distinct().Count());
            Assert.Contains(sid, again.Journal.ReadAll());
            Assert.Empty(await Erasure.OpenInRecordsAsync(again.Store, ledger, CancellationToken.None));
            Assert.Empty(await Traces.OfAsync(house.Folder, Markers));
            var (before, after) = await Rebuild.RunAsync(again.Store, ledger.Ledger, null, CancellationToken.None);
            Assert.Equal(before, after);
        }

        Assert.Empty(await Traces.OfAsync(house.Folder, Markers));
    }

    [Fact]
    public async Task What_was_begun_is_found_in_the_records_when_the_notes_are_lost()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        await house.Installation.DisposeAsync();
        await ErasingProcess.RunAsync(house.Folder, sid.ToString(), ErasureStep.Requested);
        Directory.Delete(Path.Combine(house.Folder, "keys", "erasures", "pending"), recursive: true);
        await using var again = await Installation.OpenAsync(House.In(house.Folder), TimeProvider.System, CancellationToken.None);
        var ledger = await again.LedgerAsync(null, CancellationToken.None);
        Assert.Equal(0, await Erasure.ResumeAsync(again, CancellationToken.None));
        Assert.Equal(2, await Erasure.ResumeFromRecordsAsync(again, ledger, CancellationToken.None));
        Assert.Empty(await Erasure.OpenInRecordsAsync(again.Store, ledger, CancellationToken.None));
    }

    [Fact]
    public async Task The_records_stay_as_they_are_and_the_last_one_lists_what_no_longer_opens()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        var before = await BodiesAsync(house);
        var outcome = await house.EraseAsync(sid);
        var after = await BodiesAsync(house);
        Assert.Equal(before, after.Take(before.Count));
        foreach (var completed in after.Select(Read).Where(static record => record.Type == RecordType.ErasureCompleted))
            Assert.Equal(after.Select(Read).Where(record => record.Commits is not null && record.Subject?.Sid == completed.Subject?.Sid).Select(static record => record.Seq), completed.About!);
        Assert.Equal(outcome.Records, after.Select(Read).Where(record => record.Seq >= before.Count && record.Type is not (RecordType.LedgerAnchored or RecordType.RequestProgressed)).Select(static record => record.Seq));
        Assert.Empty(await house.SealedAsync());
    }

    [Fact]
    public async Task A_person_with_more_records_than_one_can_list_has_all_of_them_listed()
    {
        await using var house = await House.BuildAsync();
        var sid = Sid((await house.SaysAsync(Number)).Sid);
        await Task.WhenAll(Enumerable.Range(0, 900).Select(i => house.SaysAsync(Number, purposes: $"offers:{i}")));
        await house.EraseAsync(sid);
        var completed = (await BodiesAsync(house)).Select(Read).Where(static record => record.Type == RecordType.ErasureCompleted).ToList();
        Assert.True(completed.Count > 1);
        Assert.Equal(901, completed.SelectMany(static record => record.About!).Distinct().Count());
    }

    [Fact]
    public async Task The_number_stays_blocked_in_every_spelling_and_nothing_ties_it_to_the_old_records()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        await house.WithdrawAsync(Number, "sms", "offers");
        await house.EraseAsync(sid);
        Assert.Equal(20, Spellings.Length);
        foreach (var spelling in Spellings)
        {
            Assert.True(ContactPoint.TryRead(spelling, Ringfence.Numbers.Region.Of("GB"), out var point), spelling);
            var rows = await house.SuppressionsAsync(point.Value);
            Assert.Contains(rows, static row => row is { Kind: (short)SuppressionKind.Objection, Purposes: null, Channels: (int)ChannelSet.Phone });
            Assert.All(rows, static row => Assert.Null(row.Seq));
            Assert.All(rows, static row => Assert.Null(row.Snapshot));
        }

        Assert.Single(await house.SuppressionsAsync(Email), static row => row.Channels == (int)ChannelSet.Email);
        Assert.Null(await house.FindAsync(Number));
    }

    [Fact]
    public async Task A_salt_that_opened_the_old_commitment_to_the_number_is_gone()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        await house.WithdrawAsync(Number);
        var old = Assert.Single(await house.SuppressionsAsync(Number));
        await house.EraseAsync(sid);
        var now = Assert.Single(await house.SuppressionsAsync(Number), row => row.Kind == old.Kind);
        Assert.NotEqual(old.Salt, now.Salt);
        Assert.Equal(old.Channels, now.Channels);
        Assert.Empty(await Traces.OfAsync(house.Folder, System.Text.Encoding.Latin1.GetString(old.Salt)));
    }

    [Fact]
    public async Task Who_comes_back_is_somebody_new_and_still_blocked()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        await house.EraseAsync(sid);
        var again = await house.SaysAsync(Number);
        Assert.NotEqual(sid.ToString(), again.Sid);
        Assert.NotEmpty(await house.SuppressionsAsync(Number));
    }

    [Fact]
    public async Task Under_a_hold_nobody_is_erased_and_the_reason_is_said()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        await house.DoAsync(new HoldCommand(House.Staff, sid, "legal-claim"));
        Assert.Equal(PersonStatus.Held, (await house.FindAsync(Number))!.Person.Status);
        var refused = await Assert.ThrowsAsync<CommandRefusedException>(() => house.EraseAsync(sid));
        Assert.Equal(("held", "legal-claim"), (refused.Code, Assert.Single(refused.Arguments)));
        Assert.Empty(PendingErasures.Of(house.Installation.KeysFolder).All());
        Assert.Equal(Number, (await house.FindAsync(Number))!.Points().First().Point.Value);
        await house.DoAsync(new ReleaseCommand(House.Staff, sid, null));
        await house.EraseAsync(sid);
        Assert.Empty(await Traces.OfAsync(house.Folder, Markers));
    }

    [Fact]
    public async Task Whoever_was_merged_is_forgotten_too()
    {
        await using var house = await House.BuildAsync();
        var one = await KnownAsync(house);
        var two = Sid((await house.SaysAsync(Other)).Sid);
        await house.DoAsync(new MergeCommand(House.Staff, one, two));
        await house.EraseAsync(one);
        Assert.Empty(await Traces.OfAsync(house.Folder, Markers));
        Assert.NotEmpty(await house.SuppressionsAsync(Other));
        var ended = (await BodiesAsync(house)).Select(Read).Where(static record => record.Type == RecordType.ErasureCompleted).Select(static record => record.Subject!.Value.Sid).ToHashSet();
        Assert.Equal(3, ended.Count);
        Assert.Superset(new HashSet<OpaqueId> { one, two }, ended);
        var (before, after) = await Rebuild.RunAsync(house.Installation.Store, house.Ledger.Ledger, null, CancellationToken.None);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task Erased_twice_is_erased_once()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        await house.EraseAsync(sid);
        var size = await house.SizeAsync();
        Assert.True((await house.EraseAsync(sid)).Already);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task A_yes_in_the_same_breath_as_the_erasure_leaves_nothing_sealed_behind()
    {
        await using var house = await House.BuildAsync();
        var sid = await KnownAsync(house);
        var found = (await house.FindAsync(Number))!;
        PointTags[] points = [.. found.Points().Select(point => house.Installation.TagsOf(point.Point))];
        // Withdrawals go first in a batch; this one asks for the erasure twice around a yes, whichever way they are put.
        await Task.WhenAll(
            house.SaysAsync(Number, purposes: "offers:late"),
            house.DoAsync(new EraseCommand(House.Staff, sid, points, [.. found.Person.CarriedBy], "request")),
            house.SaysAsync(Number, purposes: "offers:later"));
        await house.EraseAsync(sid);
        var open = (await house.SealedAsync()).Select(static row => row.Seq).ToHashSet();
        Assert.DoesNotContain((await BodiesAsync(house)).Select(Read), record => open.Contains(record.Seq) && record.Subject?.Sid == sid);
    }

    /// <summary>Persons whose erasure was begun and not ended.</summary>
    internal static Task<HashSet<OpaqueId>> OpenAsync(Installation installation, LedgerRow ledger) => Erasure.OpenInRecordsAsync(installation.Store, ledger, CancellationToken.None);

    private static async Task<OpaqueId> KnownAsync(House house)
    {
        var said = new ConsentSaid
        {
            Type = RecordType.ConsentGiven,
            State = RecordState.Given,
            Actor = House.Person,
            Tags = house.Tags(Number),
            Scope = new RecordScope(["sms", "voice"], ["offers"]),
            Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
            Evidence = """{"page":"Magrathea form 42"}"""u8.ToArray(),
            Person = new PersonalData { Name = Name },
        };
        var answer = await house.DoAsync(new RecordConsentCommand(said, await house.Installation.NewPersonAsync(CancellationToken.None)));
        var sid = Sid(answer.Sid);
        var other = Sid((await house.SaysAsync(Email, channels: "email")).Sid);
        await house.DoAsync(new MergeCommand(House.Staff, sid, other));
        await house.AnsweredAsync(await house.AsksAsync(Email, RightsKind.Access, "Deep Thought asked"), "Forty-two is the answer");
        return sid;
    }

    private static async Task<List<byte[]>> BodiesAsync(House house)
    {
        var bodies = new List<byte[]>();
        await foreach (var row in house.Installation.Store.RecordsAsync(house.Ledger.Ledger, 0, long.MaxValue, CancellationToken.None))
            bodies.Add(row.Body);
        return bodies;
    }

    private static LedgerRecord Read(byte[] body) => Ringfence.Ledger.RecordReader.TryRead(body, out var record, out _) ? record : throw new InvalidDataException();

    private static OpaqueId Sid(string? text) => OpaqueId.TryParse(text, out var sid) ? sid : throw new ArgumentException("Not a sid.", nameof(text));
}

/// <summary>What the rights of people ask of a house.</summary>
internal static class RightsInHouse
{
    public static Task<ErasureOutcome> EraseAsync(this House house, OpaqueId sid) => new Erasure(house.Installation, house.Ledger, House.Staff).RunAsync(sid, "request", CancellationToken.None);

    public static async Task<List<SealedRow>> SealedAsync(this House house)
    {
        var all = new List<SealedRow>();
        await foreach (var row in house.Installation.Store.SealedAsync(house.Ledger.Ledger, 0, long.MaxValue, CancellationToken.None))
            all.Add(row);
        return all;
    }
}
