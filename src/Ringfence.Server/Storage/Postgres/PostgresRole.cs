using Npgsql;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>The role that the program works as: it may add to what is append-only, and neither change nor delete there.</summary>
/// <remarks>
/// One per database, without login. It is made where the user of the connection may make roles; elsewhere an administrator can make it, or the program works
/// as the user it connects as, and the doctor warns if that one may do more.
/// </remarks>
internal static class PostgresRole
{
    private const string Name = "left('ringfence_at_' || current_database(), 63)";

    // What is append-only may be added to; tiles may also be dropped, which their trigger watches over.
    private const string Make = $"""
        do $do$
        declare
            r text := {Name};
            t text;
        begin
            if not exists (select from pg_roles where rolname = r) then
                begin
                    execute format('create role %I nologin', r);
                exception when duplicate_object or unique_violation then
                    null;
                end;
            end if;
            if not (select rolsuper from pg_roles where rolname = current_user) then
                execute format('grant %I to current_user', r);
            end if;
            execute format('grant usage on schema %I to %I', current_schema(), r);
            execute format('grant select on schema_version to %I', r);
            foreach t in array array['ledger', 'ledger_record', 'checkpoint', 'document'] loop
                execute format('grant select, insert on %I to %I', t, r);
            end loop;
            foreach t in array array['ledger_head', 'api_key', 'webhook', 'webhook_feed', 'rate', 'staff_setup', 'approval', 'rule_change', 'rights_request'] loop
                execute format('grant select, insert, update on %I to %I', t, r);
            end loop;
            execute format('grant select, insert, delete on ledger_tile to %I', r);
            foreach t in array array['sealed', 'scan', 'suppression', 'subject_lookup', 'idempotency', 'import_batch', 'subject', 'subject_record', 'consent_state', 'permit', 'webhook_delivery',
                'staff_account', 'staff_role', 'staff_passkey', 'staff_recovery', 'staff_session', 'staff_challenge', 'staff_link', 'staff_view', 'code', 'code_count', 'inbound_task', 'form_count', 'result_task'] loop
                execute format('grant select, insert, update, delete on %I to %I', t, r);
            end loop;
        exception when insufficient_privilege then
            null;
        end $do$
        """;

    /// <summary>Makes the role where that is possible.</summary>
    /// <returns>Its name; null where the program has to work as the user it connects as.</returns>
    public static async Task<string?> EnsureAsync(NpgsqlConnection connection, bool make, CancellationToken cancel)
    {
        if (await UsableAsync(connection, cancel) is { } role)
            return role;
        if (!make)
            return null;
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            // Two that give rights on one table at once get in each other's way.
            await using (var command = new NpgsqlCommand($"lock table schema_version in share row exclusive mode; {Make}", connection))
                _ = await command.ExecuteNonQueryAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }

        return await UsableAsync(connection, cancel);
    }

    /// <summary>What the current user may do to tables that are append-only beyond adding; empty: nothing.</summary>
    public static async Task<string> ExcessAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        const string question = """
            select coalesce(string_agg(p || ' ' || t, ', ' order by t, p), '') from unnest(array['ledger', 'ledger_record', 'checkpoint', 'document', 'ledger_tile']) t,
            unnest(array['update', 'delete', 'truncate']) p where has_table_privilege(t, p) and not (t = 'ledger_tile' and p = 'delete')
            """;
        await using var command = new NpgsqlCommand(question, connection);
        return (string)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Works as the role from here on.</summary>
    public static async Task TakeAsync(NpgsqlConnection connection, string role)
    {
        await using var command = new NpgsqlCommand("select set_config('role', $1, false)", connection) { Parameters = { PostgresValues.Of(role) } };
        _ = await command.ExecuteNonQueryAsync();
    }

    // Tried out: which rights that takes has changed between versions.
    private static async Task<string?> UsableAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        // Whatever comes of it is taken back with the transaction.
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        try
        {
            // Rights on the newest tables, too: a role of an older version gets them.
            const string question = $"""
                select set_config('role', rolname, true) from pg_roles where rolname = {Name} and has_table_privilege(oid, 'ledger_record', 'insert')
                and has_table_privilege(oid, 'permit', 'delete') and has_table_privilege(oid, 'api_key', 'update')
                and has_table_privilege(oid, 'webhook_delivery', 'delete') and has_table_privilege(oid, 'rate', 'update')
                and has_table_privilege(oid, 'staff_view', 'delete') and has_table_privilege(oid, 'rights_request', 'update')
                and has_table_privilege(oid, 'inbound_task', 'delete') and has_table_privilege(oid, 'scan', 'delete')
                and has_table_privilege(oid, 'result_task', 'delete')
                """;
            await using var command = new NpgsqlCommand(question, connection);
            return await command.ExecuteScalarAsync(cancel) as string;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidParameterValue)
        {
            return null;
        }
    }
}
