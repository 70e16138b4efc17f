namespace Ringfence.Server.Storage;

/// <summary>Rows that are of no ledger: who the staff are. They are few and seldom written, so both stores take the same statements, with <c>$1</c>, <c>$2</c> for the values.</summary>
/// <remarks>Values are <see cref="long"/>, <see cref="string"/>, bytes, or null. In the embedded store they are written by the one connection that writes.</remarks>
internal interface ILocalRows
{
    /// <summary>What is committed.</summary>
    Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<ICells, T> read, CancellationToken cancel, params object?[] values);

    /// <summary>One transaction: all of it, or, where the work throws, nothing.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Conflict"/>: somebody wrote what this would have written.</exception>
    Task<T> WriteAsync<T>(Func<ILocalTurn, Task<T>> work, CancellationToken cancel);
}

/// <summary>What is done within one transaction. The work waits for nothing else.</summary>
internal interface ILocalTurn
{
    Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<ICells, T> read, params object?[] values);

    /// <summary>Runs one statement; how many rows it changed.</summary>
    Task<int> RunAsync(string sql, params object?[] values);
}

/// <summary>What is often wanted of either.</summary>
internal static class LocalRows
{
    /// <summary>One statement by itself; how many rows it changed.</summary>
    public static Task<int> RunAsync(this ILocalRows rows, string sql, CancellationToken cancel, params object?[] values) => rows.WriteAsync(turn => turn.RunAsync(sql, values), cancel);

    /// <summary>The first row; null where there is none.</summary>
    public static async Task<T?> FirstAsync<T>(this ILocalRows rows, string sql, Func<ICells, T> read, CancellationToken cancel, params object?[] values) where T : class =>
        (await rows.ReadAsync(sql, read, cancel, values)) is [var first, ..] ? first : null;

    /// <summary>The first row; null where there is none.</summary>
    public static async Task<T?> FirstAsync<T>(this ILocalTurn turn, string sql, Func<ICells, T> read, params object?[] values) where T : class =>
        (await turn.ReadAsync(sql, read, values)) is [var first, ..] ? first : null;
}
