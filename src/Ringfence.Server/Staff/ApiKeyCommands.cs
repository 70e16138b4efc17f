using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>Lets a program call the HTTP API.</summary>
/// <param name="actor">Who lets it.</param>
/// <param name="key">The key; only its hash is kept.</param>
/// <param name="name">What it is for, in people's words.</param>
/// <param name="scopes">What it may do.</param>
/// <param name="expires">First instant at which it is no longer taken; null: none.</param>
internal sealed class AddApiKeyCommand(Actor actor, ApiKey key, string name, ApiScopes scopes, Instant? expires) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.ApiKeys.Add(key.Id);

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.ApiKey(key.Id) is not null)
            throw new CommandRefusedException("api-key-there");
        var hash = new Digest(key.Hash);
        var detail = new List<(string, LeafValue)>
        {
            ("what", "api-key-added"), ("key", key.Id), ("hash", hash), ("scopes", LeafValue.ListOf([.. ScopeWords.Of(scopes).Split(' ')])),
        };
        if (expires is { } end)
            detail.Add(("expires", Micros.Of(end)));
        var record = turn.Append(RecordDraft.Of(RecordType.ConfigChanged, actor, record => record with { Detail = LeafValue.Map.Of([.. detail]) }));
        turn.Put(new ApiKeyRow(key.Id, name, key.Hash, ScopeWords.Of(scopes), record.Seq, expires is { } at ? Micros.Of(at) : null, null));
        return new CommandAnswer(record.Seq, null).ToBytes();
    }
}

/// <summary>Ends a key, for ever.</summary>
internal sealed class RevokeApiKeyCommand(Actor actor, string id) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.ApiKeys.Add(id);

    public override byte[] Run(LedgerTurn turn)
    {
        var row = turn.ApiKey(id) ?? throw new CommandRefusedException("no-such-api-key", id);
        if (row.RevokedSeq is { } before)
            return new CommandAnswer(before, null, Already: true).ToBytes();
        var record = turn.Append(RecordDraft.Of(RecordType.ConfigChanged, actor, record => record with
        {
            Detail = LeafValue.Map.Of(("what", "api-key-revoked"), ("key", id)),
            About = [row.Seq],
        }));
        turn.Put(row with { RevokedSeq = record.Seq });
        return new CommandAnswer(record.Seq, null).ToBytes();
    }
}
