using System.Text;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Rights;

/// <summary>A proof of consent that the law wants kept outlives the person it is about, sealed, until its day; everything else of them is gone. On either store.</summary>
public abstract class KeptProofContract
{
    // Of the numbers that are kept free for films and tests.
    private const string Number = "+4930230000777";
    private const string Name = "Slartibartfast Fjordbauer";
    private const string Form = "Magrathea form 42";
    private const string Noted = "likes coastlines";
    private static readonly string[] Markers = [Number[1..], Name, Form, Noted];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract Task<BackupHouse> BuildAsync();

    [Fact]
    public async Task What_proves_the_consent_is_kept_and_opens_for_a_claim_and_nothing_else_is_left()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        var (sid, seq) = await KnownAsync(house);
        var outcome = await house.EraseAsync(sid);

        var kept = Assert.Single(outcome.Kept);
        Assert.Equal(("de-consent-doc-retain", "UWG § 7a(2)", house.Ledger.Controller, sid.ToString()), (kept.Rule, kept.Cites, kept.Controller, kept.Sid));
        Assert.Equal([seq], kept.Seqs);
        Assert.True(kept.UntilDay > NodaTime.LocalDate.FromDateTime(DateTime.UtcNow).PlusYears(4));
        var requested = (await house.RecordsAsync()).Single(static record => record.Type == RecordType.ErasureRequested);
        Assert.Equal((1L, kept.Until), (requested.Detail!["proofs"]!.AsNumber!.Value, requested.Detail["until"]!.AsText));

        // For all use they are forgotten: nobody finds them, nothing opens beside the records, no word of them stands anywhere.
        Assert.Null(await house.FindAsync(Number));
        Assert.Empty(await house.SealedAsync());
        Assert.NotEmpty(await house.SuppressionsAsync(Number));
        Assert.Empty(await Traces.OfAsync(house.Folder, Markers));
        Assert.Empty(await house.FaultsAsync());
        // What is sealed again holds the yes and whose it is, and no more.
        Assert.Equal([(seq, (short)CommitGroup.Person), (seq, (short)CommitGroup.Evidence)], kept.Rows.Select(static row => (row.Seq, row.Group)));

        var size = await house.SizeAsync();
        var bundle = await HandOutAsync(house, Number);
        Assert.Equal(Form, Read(bundle.Opened(seq, CommitGroup.Evidence)!, "page"));
        Assert.Equal((Name, Number), (PersonalData.Read(bundle.Opened(seq, CommitGroup.Person)!).Name, PersonalData.Read(bundle.Opened(seq, CommitGroup.Person)!).Phones!.Values.Single()));
        var revealed = (await house.RecordsAsync())[(int)size];
        Assert.Equal((RecordType.StaffRevealed, "proof", "legal-claim", kept.Key), (revealed.Type, revealed.Detail!["view"]!.AsText, revealed.Detail["reason"]!.AsText, revealed.Detail["proof"]!.AsText));
        Assert.Equal("not-a-contact", (await Assert.ThrowsAsync<CommandRefusedException>(() => HandOutAsync(house, "+4930230000778"))).Code);
        // Asked again, the answer says what is kept still.
        Assert.Equal(kept.Key, Assert.Single((await house.EraseAsync(sid)).Kept).Key);
    }

    [Fact]
    public async Task When_its_day_is_over_upkeep_destroys_it_for_good_and_the_ledger_says_so()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        var (sid, _) = await KnownAsync(house);
        var kept = Assert.Single((await house.EraseAsync(sid)).Kept);
        Assert.Equal(0, (await new Upkeep(house.Installation).RunAsync(House.Staff, Cancel)).Proofs);
        Assert.Single(new KeptProofs(house.Installation).All());

        var file = Assert.Single(KeptProofs.FilesIn(house.Installation.KeysFolder.Proofs));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Cancel)).Replace(kept.Until, "2026-01-01", StringComparison.Ordinal), Cancel);
        Assert.Equal(1, (await new Upkeep(house.Installation).RunAsync(House.Staff, Cancel)).Proofs);
        Assert.Empty(KeptProofs.FilesIn(house.Installation.KeysFolder.Proofs));
        Assert.Null(await house.Installation.Keyring.FindAsync(kept.KeyId, Cancel));
        Assert.Contains(kept.KeyId, house.Installation.Journal.ReadAll());
        Assert.Contains(await house.RecordsAsync(), record => record.Type == RecordType.KeyDestroyed && record.Subject?.Sid == sid && record.Detail?["proofs"]?.AsNumber == 1);
        Assert.Empty(await house.FaultsAsync());
        Assert.Equal(0, (await new Upkeep(house.Installation).RunAsync(House.Staff, Cancel)).Proofs);
    }

    [Fact]
    public async Task An_erasure_that_does_not_come_to_pass_leaves_no_copy()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        var (sid, _) = await KnownAsync(house);
        var found = (await house.FindAsync(Number))!;
        var kept = await new KeptProofs(house.Installation).KeepAsync(house.Ledger, found, Cancel);
        Assert.Single(KeptProofs.FilesIn(house.Installation.KeysFolder.Proofs));
        // Whoever stopped in between said nothing to the ledger: after a day the copy is nobody's.
        var file = Assert.Single(KeptProofs.FilesIn(house.Installation.KeysFolder.Proofs));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Cancel)).Replace(kept[0].Made, "2026-01-01T00:00:00Z", StringComparison.Ordinal), Cancel);
        Assert.Equal(1, (await new Upkeep(house.Installation).RunAsync(House.Staff, Cancel)).Proofs);
        Assert.Empty(KeptProofs.FilesIn(house.Installation.KeysFolder.Proofs));

        await house.DoAsync(new HoldCommand(House.Staff, sid, "legal-claim"));
        await Assert.ThrowsAsync<CommandRefusedException>(() => house.EraseAsync(sid));
        Assert.Empty(KeptProofs.FilesIn(house.Installation.KeysFolder.Proofs));
    }

    [Fact]
    public async Task A_yes_that_came_after_the_look_is_not_destroyed_unseen()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        var (sid, _) = await KnownAsync(house);
        var found = (await house.FindAsync(Number))!;
        PointTags[] points = [.. found.Points().Select(point => house.Installation.TagsOf(point.Point))];
        var seen = ErasureKeeps.Proving(found.Person).ToArray();
        await house.SaysAsync(Number, channels: "voice", purposes: "news");
        var late = await Assert.ThrowsAsync<CommandRefusedException>(() => house.DoAsync(new EraseCommand(House.Staff, sid, points, [.. found.Person.CarriedBy], "request", new ErasureKeeps([], seen))));
        Assert.Equal("changed-meanwhile", late.Code);
        Assert.Equal(2, (await house.EraseAsync(sid)).Kept.SelectMany(static proof => proof.Seqs).Count());
    }

    [Fact]
    public async Task Where_no_law_wants_it_nothing_is_kept()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        var said = await house.SaysAsync("+442079460777", channels: "voice");
        Assert.Empty((await house.EraseAsync(OpaqueId.TryParse(said.Sid, out var sid) ? sid : default)).Kept);
        Assert.Empty(KeptProofs.FilesIn(house.Installation.KeysFolder.Proofs));
    }

    [Fact]
    public async Task It_goes_with_the_backup_and_comes_back_unless_its_key_is_destroyed()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        var (sid, _) = await KnownAsync(house);
        var kept = Assert.Single((await house.EraseAsync(sid)).Kept);
        Assert.Contains((await backup.BackUpAsync()).Files, file => file.Path == "erasures/proofs/" + kept.Key + ".proof");
        var proofs = new KeptProofs(house.Installation);
        var copies = Path.Combine(backup.In("copy"), "erasures", "proofs");
        File.Delete(Assert.Single(KeptProofs.FilesIn(house.Installation.KeysFolder.Proofs)));
        await proofs.TakeBackAsync(copies, Cancel);
        Assert.Equal(kept.Key, Assert.Single(proofs.All()).Key);
        await proofs.EndAsync(proofs.All(), Cancel);
        await proofs.TakeBackAsync(copies, Cancel);
        Assert.Empty(proofs.All());
    }

    private static Task<EvidenceBundle> HandOutAsync(House house, string number) =>
        ProofsCliCommands.HandOutAsync(house.Installation, house.Ledger, House.Staff, house.Tags(number).Point, "legal-claim", Cancel);

    private static string? Read(byte[] json, string name) => System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty(name).GetString();

    private static async Task<(OpaqueId Sid, long Seq)> KnownAsync(House house)
    {
        var answer = await house.DoAsync(new RecordConsentCommand(
            new ConsentSaid
            {
                Type = RecordType.ConsentGiven,
                State = RecordState.Given,
                Actor = House.Person,
                Tags = house.Tags(Number),
                Scope = new RecordScope(["voice"], ["offers"]),
                Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
                Evidence = Encoding.UTF8.GetBytes($$"""{"page":"{{Form}}"}"""),
                Person = new PersonalData { Name = Name },
            },
            await house.Installation.NewPersonAsync(Cancel)));
        var sid = OpaqueId.TryParse(answer.Sid, out var id) ? id : default;
        // A text message of theirs is no call: nothing of it is kept.
        await house.DoAsync(new RecordConsentCommand(
            new ConsentSaid
            {
                Type = RecordType.ConsentGiven, State = RecordState.Given, Actor = House.Person, Tags = house.Tags(Number), Scope = new RecordScope(["sms"], ["offers"]),
                Method = new CollectionMethod("web_form", Ceremony.SingleOptIn), Evidence = Encoding.UTF8.GetBytes($$"""{"answer":"{{Noted}}"}"""),
            },
            await house.Installation.NewPersonAsync(Cancel)));
        return (sid, answer.Seq);
    }
}

/// <summary>In the embedded store.</summary>
public sealed class KeptProofTests : KeptProofContract
{
    private protected override Task<BackupHouse> BuildAsync() => SqliteBackupHouse.BuildAsync();
}

/// <summary>In PostgreSQL.</summary>
public sealed class PostgresKeptProofTests : KeptProofContract
{
    private protected override Task<BackupHouse> BuildAsync() => PostgresBackupHouse.BuildAsync();
}
