using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Bridges.Vicidial;

/// <summary>Writes down refusals that a dialler knew of.</summary>
internal static class RefusalTaking
{
    // Refusals that wait for the disk together.
    private const int AtOnce = 256;

    /// <summary>Takes them in, in their order.</summary>
    /// <returns>How many were new, how many had been said before, and the lines that nobody can read.</returns>
    public static async Task<(long Written, long Known, List<long> Lost)> TakeAsync(
        Installation installation, LedgerRow ledger, Actor actor, IEnumerable<(long Line, PhoneNumber Number)> refusals, CancellationToken cancel)
    {
        var writer = await installation.WriterAsync(ledger, cancel);
        var (written, known) = (0L, 0L);
        var lost = new List<long>();
        foreach (var some in refusals.Chunk(AtOnce))
        {
            lost.AddRange(some.Where(static one => one.Number.Digits == 0).Select(static one => one.Line));
            var answers = await Task.WhenAll(some.Where(static one => one.Number.Digits != 0).Select(one => DoAsync(one.Number)));
            var already = answers.Count(static answer => answer.Already);
            (written, known) = (written + answers.Length - already, known + already);
        }

        return (written, known, lost);

        // A refusal of calls closes what reaches the telephone, here as in lists.
        async Task<CommandAnswer> DoAsync(PhoneNumber number) => CommandAnswer.Read(await writer.DoAsync(new WithdrawCommand(
            actor, [installation.TagsOf(ContactPoint.Of(number))], new SuppressionScope(ChannelSet.Phone, null), new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, RefusalFacts.ImportWay)), cancel));
    }
}
