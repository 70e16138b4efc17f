using System.Security.Cryptography;
using NodaTime;
using NodaTime.Text;
using Ringfence.Numbers;
using Ringfence.Server.Lists;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>What register is to be made.</summary>
internal sealed record RegisterOrder
{
    public required string Name { get; init; }

    /// <summary>Where it goes.</summary>
    public required string Out { get; init; }

    public required LocalDate AsOf { get; init; }

    public required Instant Now { get; init; }

    public RegisterFormat Format { get; init; }

    /// <summary>What the files speak of, where the user said so; null: what their layout tells.</summary>
    public RegisterCoverage? Covers { get; init; }

    /// <summary>Whether damaged lines are left out rather than stopping everything.</summary>
    public bool SkipDamaged { get; init; }

    /// <summary>Where numbers without a country code are.</summary>
    public Region Region { get; init; }

    /// <summary>Which column holds the number, of lists with columns.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Map { get; init; } = [];

    /// <summary>So many numbers are sorted in memory.</summary>
    public int InMemory { get; init; } = NumberSorter.Most;
}

/// <summary>What came of it.</summary>
/// <param name="Facts">What the new copy says of itself; null: lines are damaged, and none was made.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Read">Numbers read, repeated ones counted again.</param>
/// <param name="Damaged">The first damaged lines.</param>
/// <param name="DamagedCount">All of them.</param>
/// <param name="Added">Of an update: numbers that came in.</param>
/// <param name="Removed">Of an update: numbers that went out.</param>
/// <param name="NotThere">Of an update: numbers to be taken out that were not listed.</param>
internal sealed record RegisterOutcome(
    RegisterFacts? Facts, long Bytes, long Read, IReadOnlyList<DamagedLine> Damaged, long DamagedCount, long Added = 0, long Removed = 0, long NotThere = 0);

/// <summary>Makes a register from the files of its operator, or a new copy from the one before and what changed.</summary>
/// <param name="order">What is wanted.</param>
/// <param name="step">Told now and then: bytes of the present file that were read, and numbers in all.</param>
/// <param name="cancel">Stops; nothing stays of what was begun.</param>
internal sealed class RegisterBuild(RegisterOrder order, Action<long, long> step, CancellationToken cancel)
{
    private string Folder => Path.GetDirectoryName(Path.GetFullPath(order.Out))!;

    /// <summary>Makes one from whole lists.</summary>
    /// <exception cref="RegisterOrderException"><c>other-register</c>, <c>older</c>, <c>changed</c>.</exception>
    public RegisterOutcome Build(IReadOnlyList<string> files)
    {
        var before = Existing();
        // Operators publish sorted files; only where one is not, everything is read again, and sorted.
        try
        {
            return Built(files, before, isSorted: true);
        }
        catch (UnsortedException)
        {
            return Built(files, before, isSorted: false);
        }
    }

    /// <summary>Makes a new copy from the one before.</summary>
    /// <param name="added">Lists of numbers that came in.</param>
    /// <param name="removed">Lists of numbers that went out.</param>
    /// <param name="changes">Lists that say of each number which of the two it did.</param>
    /// <exception cref="RegisterOrderException"><c>nothing-to-update</c>, <c>other-register</c>, <c>older</c>, <c>changed</c>.</exception>
    /// <exception cref="RegisterDamagedException">The copy before is damaged.</exception>
    public RegisterOutcome Update(IReadOnlyList<string> added, IReadOnlyList<string> removed, IReadOnlyList<string> changes)
    {
        if (!File.Exists(order.Out))
            throw new RegisterOrderException("nothing-to-update", order.Out);
        var before = RegisterFile.Open(order.Out);
        RequireSuccessor(before.Facts);
        string[] files = [.. added, .. removed, .. changes];
        var stamps = new ListStamps(files);
        var source = SourceOf(files, before.Facts);
        using var incoming = new NumberSorter(Folder, order.InMemory);
        using var outgoing = new NumberSorter(Folder, order.InMemory);
        var input = new RegisterInput(order, isChanges: false, step, cancel);
        foreach (var file in added)
            input.Read(file, (number, _) => incoming.Add(number));
        foreach (var file in removed)
            input.Read(file, (number, _) => outgoing.Add(number));
        var mixed = new RegisterInput(order, isChanges: true, step, cancel);
        foreach (var file in changes)
            mixed.Read(file, (number, isRemoved) => (isRemoved ? outgoing : incoming).Add(number));

        var outcome = new RegisterOutcome(null, 0, input.Numbers + mixed.Numbers, [.. input.Damaged.Concat(mixed.Damaged).Take(RegisterReading.MostTold)], input.DamagedCount + mixed.DamagedCount);
        if (outcome.DamagedCount > 0 && !order.SkipDamaged)
            return outcome;
        var delta = new RegisterDelta(before.Numbers(), incoming.Sorted(), outgoing.Sorted());
        var (file1, facts) = RegisterFile.Write(order.Out, writer =>
        {
            foreach (var number in delta.Numbers())
                writer.Add(number);
            return FactsOf(before.Facts, source, order.Covers ?? before.Facts.Covers);
        });
        return Completed(file1, facts, stamps, outcome) with { Added = delta.Added, Removed = delta.Removed, NotThere = delta.NotThere };
    }

    private RegisterOutcome Built(IReadOnlyList<string> files, RegisterFacts? before, bool isSorted)
    {
        var stamps = new ListStamps(files);
        // The digest is taken beside the reading: what one has read lies in memory for the other.
        var source = Task.Run(() => SourceOf(files, null), cancel);
        var input = new RegisterInput(order, isChanges: false, step, cancel);
        Directory.CreateDirectory(Folder);
        var (aside, facts) = RegisterFile.Write(order.Out, writer =>
        {
            if (isSorted)
                Fill(writer, files, input);
            else
                Sort(writer, files, input);
            return FactsOf(before, source.GetAwaiter().GetResult(), order.Covers ?? input.Covers);
        });
        var outcome = new RegisterOutcome(null, 0, input.Numbers, input.Damaged, input.DamagedCount);
        if (outcome.DamagedCount > 0 && !order.SkipDamaged)
        {
            aside.Dispose();
            return outcome;
        }

        return Completed(aside, facts, stamps, outcome);
    }

    private static void Fill(RegisterWriter writer, IReadOnlyList<string> files, RegisterInput input)
    {
        var last = 0UL;
        foreach (var file in files)
        {
            input.Read(file, (number, _) =>
            {
                if (number < last)
                    throw new UnsortedException();
                last = number;
                writer.Add(number);
            });
        }
    }

    private void Sort(RegisterWriter writer, IReadOnlyList<string> files, RegisterInput input)
    {
        using var sorter = new NumberSorter(Folder, order.InMemory);
        foreach (var file in files)
            input.Read(file, (number, _) => sorter.Add(number));
        foreach (var number in sorter.Sorted())
            writer.Add(number);
    }

    private static RegisterOutcome Completed(AsideFile aside, RegisterFacts facts, ListStamps stamps, RegisterOutcome outcome)
    {
        using (aside)
        {
            if (stamps.Changed() is { } changed)
                throw new RegisterOrderException("changed", changed);
            var bytes = aside.Stream.Length;
            aside.Complete();
            return outcome with { Facts = facts, Bytes = bytes };
        }
    }

    private RegisterFacts FactsOf(RegisterFacts? before, string source, RegisterCoverage covers) => new()
    {
        Name = order.Name,
        Version = (before?.Version ?? 0) + 1,
        AsOf = order.AsOf,
        Format = order.Format,
        BuiltAt = order.Now,
        SourceDigest = source,
        Covers = covers,
    };

    // A damaged file is no reason not to put a good one in its place.
    private RegisterFacts? Existing()
    {
        if (!File.Exists(order.Out))
            return null;
        try
        {
            var before = RegisterFile.Open(order.Out).Facts;
            RequireSuccessor(before);
            return before;
        }
        catch (RegisterDamagedException e) when (e.Code != "not-a-register")
        {
            return null;
        }
        catch (RegisterDamagedException)
        {
            throw new RegisterOrderException("not-a-register", order.Out);
        }
    }

    private void RequireSuccessor(RegisterFacts before)
    {
        if (before.Name != order.Name)
            throw new RegisterOrderException("other-register", before.Name);
        if (order.AsOf < before.AsOf)
            throw new RegisterOrderException("older", LocalDatePattern.Iso.Format(before.AsOf));
    }

    private static string SourceOf(IReadOnlyList<string> files, RegisterFacts? before)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (before is not null)
            all.AppendData(Convert.FromHexString(before.Digest));
        foreach (var file in files)
            all.AppendData(RegisterReading.DigestOf(file));
        return Convert.ToHexStringLower(all.GetHashAndReset());
    }

#pragma warning disable CA1064 // never leaves this file
    private sealed class UnsortedException : Exception;
#pragma warning restore CA1064
}

/// <summary>A register that can't be made as asked.</summary>
internal sealed class RegisterOrderException(string code, string what) : Exception($"{code}: {what}")
{
    /// <summary><c>nothing-to-update</c>, <c>other-register</c>, <c>older</c>, <c>changed</c>, <c>not-a-register</c>, <c>no-number-column</c>.</summary>
    public string Code { get; } = code;

    /// <summary>The file, register or day it is about.</summary>
    public string What { get; } = what;
}
