using System.Globalization;
using Ringfence.Gate;
using Ringfence.People;
using Ringfence.Server.Storage;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>The registers of an installation as the gate asks them: of a number, on which it stands. Safe for many threads; asking touches no disk.</summary>
/// <remarks>
/// The folder is looked through four times a second at most, beside whoever asks, or by who asks when nobody looked for a second: a new copy counts within that, without a restart. Whose file is there has the say about that
/// register, even if it can't be read; where there is none, what a caller states stands.
/// </remarks>
internal sealed class RegisterScreen(string data, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Newest = TimeSpan.FromSeconds(1);

    private readonly RegisterShelf shelf = new(data);
    private readonly Lock looking = new();
    private volatile Copy[]? copies;
    private long lookedAt;
    private int isLooking;

    /// <summary>What is in the folder by now.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.OutOfReach"/>: the folder can't be read, and so nobody knows which registers there are.</exception>
    public void Look()
    {
        lock (looking)
        {
            Volatile.Write(ref lookedAt, time.GetTimestamp());
            var before = copies ?? [];
            copies = [.. NamesIn(Path.Combine(data, "registers")).Select(name => shelf.Find(name) is var image && Array.Find(before, copy => copy.Name == name && ReferenceEquals(copy.Image, image)) is { } same
                ? same with { IsDamaged = shelf.IsDamaged(name) }
                : new Copy(name, image, shelf.IsDamaged(name)))];
        }
    }

    /// <summary>Registers whose file can't be believed: the copy before goes on ageing, and where there is none nobody was screened.</summary>
    public IReadOnlyList<string> Damaged => [.. Now().Where(static copy => copy.IsDamaged).Select(static copy => copy.Name)];

    /// <summary>The copies that are asked now, by name; of one that can't be believed, and has none before it, nothing is known.</summary>
    public IReadOnlyList<(string Name, RegisterFacts? Facts, bool IsDamaged)> Copies => [.. Now().Select(static copy => (copy.Name, copy.Image?.Facts, copy.IsDamaged))];

    /// <summary>What is asked, with what the registers say of the number asked about.</summary>
    /// <param name="asked">The question, with what the caller states.</param>
    /// <param name="point">The number; of an address registers say nothing.</param>
    /// <param name="gate">Its rules tell which registers matter, and which word of a caller counts against a contact.</param>
    public Situation On(Situation asked, ContactPoint point, ContactGate gate)
    {
        var all = Now();
        var stated = Claimed(asked.Registers);
        if (point.Kind != PointKind.Phone || all.Length == 0)
            return ReferenceEquals(stated, asked.Registers) ? asked : asked with { Registers = stated };
        var number = ulong.Parse(point.Value.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
        var screened = stated?.ToDictionary(StringComparer.Ordinal) ?? new Dictionary<string, Screening>(all.Length, StringComparer.Ordinal);
        foreach (var copy in all)
        {
            if (!gate.Registers.TryGetValue(copy.Name, out var use))
                continue;
            if (Screenings.With(copy.Of(number), screened.GetValueOrDefault(copy.Name), use) is { } screening)
                screened[copy.Name] = screening;
            else
                screened.Remove(copy.Name);
        }

        return asked with { Registers = screened };
    }

    /// <summary>On which of the registers that matter a number stands, two bits for each, in the order of their names; null: there are more than that holds.</summary>
    public ulong? Standing(string number, ContactGate gate)
    {
        var all = Now();
        if (all.Length * 2 > sizeof(ulong) * 8)
            return null;
        if (all.Length == 0)
            return 0;
        var digits = ulong.Parse(number.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
        var standing = 0UL;
        foreach (var copy in all)
            standing = (standing << 2) | (!gate.Registers.ContainsKey(copy.Name) ? 0UL : copy.Of(digits) is not { } found ? 1UL : found.Listed == true ? 3UL : 2UL);
        return standing;
    }

    // Which copy was looked into is for us to say: nobody else's word is told as ours.
    private static IReadOnlyDictionary<string, Screening>? Claimed(IReadOnlyDictionary<string, Screening>? stated) =>
        stated is not null && stated.Values.Any(static one => one.Version is not null || one.Digest is not null)
            ? stated.ToDictionary(static one => one.Key, static one => one.Value with { Version = null, Digest = null }, StringComparer.Ordinal)
            : stated;

    private Copy[] Now()
    {
        var since = time.GetElapsedTime(Volatile.Read(ref lookedAt));
        // Whoever asks after a while in which nobody did is not answered from a copy that was replaced meanwhile.
        if (copies is null || since > Newest)
            Look();
        else if (since > LookAgain && Interlocked.CompareExchange(ref isLooking, 1, 0) == 0)
            _ = Task.Run(LookBeside);
        return copies!;
    }

    private void LookBeside()
    {
        try
        {
            Look();
        }
        catch (StoreException)
        {
            // What was known goes on ageing.
        }
        finally
        {
            Volatile.Write(ref isLooking, 0);
        }
    }

    private static string[] NamesIn(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*" + RegisterFile.Extension).Select(static file => Path.GetFileNameWithoutExtension(file)).Where(RegisterFacts.IsName).Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.OutOfReach, "The folder of the registers can't be read.", e);
        }
    }

    private sealed record Copy(string Name, RegisterImage? Image, bool IsDamaged)
    {
        private readonly Screening? listed = Image is null ? null : Screenings.Of(Image.Facts, listed: true);
        private readonly Screening? notListed = Image is null ? null : Screenings.Of(Image.Facts, listed: false);

        public Screening? Of(ulong number) => Image?.Of(number) switch
        {
            RegisterAnswer.Listed => listed,
            RegisterAnswer.NotListed => notListed,
            RegisterAnswer.NotCovered or null => null,
        };
    }
}
