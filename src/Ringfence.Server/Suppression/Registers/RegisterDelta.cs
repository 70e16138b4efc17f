namespace Ringfence.Server.Suppression.Registers;

/// <summary>A register and what changed in it, all in rising order, as one walk. Who is said to have come in and gone out both stays in: the strict side.</summary>
/// <param name="before">The numbers of the copy before, each once.</param>
/// <param name="incoming">Those that came in.</param>
/// <param name="outgoing">Those that went out.</param>
internal sealed class RegisterDelta(IEnumerable<ulong> before, IEnumerable<ulong> incoming, IEnumerable<ulong> outgoing)
{
    /// <summary>Numbers that were not listed before.</summary>
    public long Added { get; private set; }

    /// <summary>Numbers that are listed no more.</summary>
    public long Removed { get; private set; }

    /// <summary>Numbers that should have gone out and were not there: a sign that the change list belongs to another copy.</summary>
    public long NotThere { get; private set; }

    /// <summary>The numbers of the new copy, rising, each once.</summary>
    public IEnumerable<ulong> Numbers()
    {
        using var old = new Walk(before);
        using var come = new Walk(incoming);
        using var gone = new Walk(outgoing);
        while (old.Number is not null || come.Number is not null || gone.Number is not null)
        {
            var number = Math.Min(Math.Min(old.Number ?? ulong.MaxValue, come.Number ?? ulong.MaxValue), gone.Number ?? ulong.MaxValue);
            var (was, comes, goes) = (old.Pass(number), come.Pass(number), gone.Pass(number));
            Added += comes && !was ? 1 : 0;
            Removed += was && goes && !comes ? 1 : 0;
            NotThere += goes && !was && !comes ? 1 : 0;
            if (comes || (was && !goes))
                yield return number;
        }
    }

    private sealed class Walk : IDisposable
    {
        private readonly IEnumerator<ulong> numbers;

        public Walk(IEnumerable<ulong> numbers)
        {
            this.numbers = numbers.GetEnumerator();
            Next();
        }

        public ulong? Number { get; private set; }

        /// <summary>Goes past a number; says whether it was there.</summary>
        public bool Pass(ulong number)
        {
            var found = false;
            while (Number == number)
            {
                found = true;
                Next();
            }

            return found;
        }

        public void Dispose() => numbers.Dispose();

        private void Next() => Number = numbers.MoveNext() ? numbers.Current : null;
    }
}
