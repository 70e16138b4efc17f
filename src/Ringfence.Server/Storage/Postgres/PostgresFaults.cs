using System.Net.Sockets;
using Npgsql;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>What PostgreSQL's SQLSTATE codes mean here.</summary>
/// <remarks>
/// Source: https://www.postgresql.org/docs/current/errcodes-appendix.html. Messages of ours name the code and the constraint: the server's may quote a row.
/// </remarks>
internal static class PostgresFaults
{
    /// <summary>A statement that failed before the commit was sent: nothing of it stays. Null: not a failure of the store.</summary>
    public static Exception? Of(Exception e) => e switch
    {
        StoreException or OperationCanceledException => null,
        PostgresException server => Told(server),
        // No answer in time, no connection, a connection that broke.
        NpgsqlException or TimeoutException or SocketException or IOException => new StoreException(StoreFault.OutOfReach, "PostgreSQL can't be reached, or does not answer.", e),
        // The driver's words for a connection that broke since it was last used, or while it was.
        _ when IsBroken(e) => new StoreException(StoreFault.OutOfReach, "The connection to PostgreSQL broke.", e),
        _ => null,
    };

    /// <summary>A commit that was sent and not confirmed. Null: not a failure of the store.</summary>
    public static StoreException? OfCommit(Exception e) => e switch
    {
        // What the server decided before it decided to commit.
        PostgresException { SqlState: "40001" or "40P01" } server => new StoreException(StoreFault.Conflict, Say(server), e),
        PostgresException server => new StoreException(StoreFault.OutcomeUnknown, Say(server), e),
        NpgsqlException or TimeoutException or SocketException or IOException or OperationCanceledException or ObjectDisposedException =>
            new StoreException(StoreFault.OutcomeUnknown, "PostgreSQL did not confirm the commit.", e),
        _ when IsBroken(e) => new StoreException(StoreFault.OutcomeUnknown, "PostgreSQL did not confirm the commit.", e),
        _ => null,
    };

    /// <summary>Whether the driver says in words of its own that a connection broke.</summary>
    /// <remarks>Where it finds out while another thread takes the connection down, that is whatever was gone first: a null, a disposed handle, a state that should not be.</remarks>
    public static bool IsBroken(Exception e) =>
        (e is InvalidOperationException or NullReferenceException) && (e.Source is "Npgsql" or "System.Net.Sockets" || e.StackTrace?.Contains(" Npgsql.Internal.", StringComparison.Ordinal) == true);

    /// <summary>Runs something whose failures are told as the store's.</summary>
    public static async Task<T> TellAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (Of(e) is not null)
        {
            throw Of(e)!;
        }
    }

    /// <summary>Runs something whose failures are told as the store's.</summary>
    public static Task TellAsync(Func<Task> work) => TellAsync(async () =>
    {
        await work();
        return 0;
    });

    /// <summary>Which fault a code is; null: one of the program.</summary>
    public static StoreFault? FaultOf(string state) => state switch
    {
        "53100" or "25006" => StoreFault.Full,
        // A node of several that does not know yet where a shard has gone says XX000; so does a catalogue row that somebody else changes.
        "23505" or "40001" or "40P01" or "XX000" => StoreFault.Conflict,
        "XX001" or "XX002" => StoreFault.Damaged,
        "40003" => StoreFault.OutcomeUnknown,
        "42P01" or "42703" or "42883" or "3F000" => StoreFault.Foreign,
        // Stopped for taking too long, a lock not had in time, no right, no such database, a wrong password, and all that is about connections and resources.
        "57014" or "55P03" or "42501" or "3D000" or "25P03" or "25P04" or "58030" => StoreFault.OutOfReach,
        _ => state[..2] switch
        {
            "08" or "28" or "53" or "57" => StoreFault.OutOfReach,
            _ => null,
        },
    };

    private static Exception Told(PostgresException e) =>
        FaultOf(e.SqlState) is { } fault ? new StoreException(fault, Say(e), e) : new InvalidOperationException(Say(e), e);

    private static string Say(PostgresException e) => e.SqlState switch
    {
        // What a trigger of ours says, and what is about who may do what, holds no row.
        "RF001" or "42501" or "28P01" or "28000" or "3D000" => $"PostgreSQL {e.SqlState}: {e.MessageText}",
        _ => $"PostgreSQL {e.SqlState}{(e.TableName is { Length: > 0 } table ? $", {table}" : "")}{(e.ConstraintName is { Length: > 0 } constraint ? $", {constraint}" : "")}",
    };
}
