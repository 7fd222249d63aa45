using System.Data;
using System.Diagnostics;
using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>
/// Partitions an adopted table by month while others write to it. Its rows are copied a few at a time into a partitioned
/// twin, and what is changed meanwhile is noted by triggers and copied again. When both agree and little is left to copy, one
/// short transaction puts the twin in the table's place; only then is the old table dropped. How far it came is kept in
/// usage_settings in the transactions that get there, so that whatever breaks it off, the next call goes on.
/// </summary>
internal sealed class PostgresPartitioning(PostgresSource source, SchemaScripts scripts, StoreAddress address)
{
    // Rows of one transaction: a fraction of a second.
    private const int RowsAtOnce = 5000;

    // Changes that are copied while everybody waits.
    private const int ChangesUnderLock = 1000;

    // Sooner than the server looks for deadlocks: whoever waits for us while we wait is never the one that is cancelled.
    private const string BeShort = "SET LOCAL lock_timeout = '500ms'; SET LOCAL row_security = off";

    // Any constant will do: it keeps two conversions of one database apart.
    private const string TakeTurn = "SELECT pg_try_advisory_lock(hashtext('usage_partitioning'))";

    /// <summary>Whether a conversion was begun, is not complete, and nobody is at it.</summary>
    public const string IsBrokenOff =
        """
        (EXISTS (SELECT FROM usage_settings WHERE name = 'partition.state')
         AND NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                         AND objid::bigint = hashtext('usage_partitioning')::bigint & 4294967295))
        """;

    private const string InPlace = "in place";

    private const string SelectSituation =
        """
        SELECT (SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('billing_usage_records')),
               to_regclass('usage_settings') IS NOT NULL, to_regclass('billing_usage_records_partitioned') IS NOT NULL
        """;

    private const string SelectState = "SELECT value FROM usage_settings WHERE name = 'partition.state'";

    private const string SelectObstacles =
        """
        SELECT format('its foreign key %s was never validated', conname) FROM pg_constraint
        WHERE conrelid = 'billing_usage_records'::regclass AND contype = 'f' AND NOT convalidated
        UNION ALL
        SELECT format('the foreign key %s of %s refers to it, and a key that has no time cannot be unique over months', conname, conrelid::regclass)
        FROM pg_constraint WHERE confrelid = 'billing_usage_records'::regclass AND contype = 'f'
        UNION ALL
        SELECT 'it has no unique index on usage_id, by which its rows are copied'
        WHERE NOT EXISTS (SELECT FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attname = 'usage_id'
                          WHERE x.indrelid = 'billing_usage_records'::regclass AND x.indisunique AND x.indisvalid AND x.indpred IS NULL
                            AND x.indnkeyatts = 1 AND x.indkey[0] = a.attnum AND a.attnotnull)
        UNION ALL
        SELECT 'usage_id is an identity column, not a bigserial' FROM pg_attribute
        WHERE attrelid = 'billing_usage_records'::regclass AND attname = 'usage_id' AND attidentity <> ''
        UNION ALL
        SELECT format('recorded_at is of type %s, not timestamptz', format_type(atttypid, atttypmod)) FROM pg_attribute
        WHERE attrelid = 'billing_usage_records'::regclass AND attname = 'recorded_at' AND atttypid <> 'timestamptz'::regtype
        UNION ALL
        SELECT 'other tables inherit from it, or it does from another' FROM pg_inherits
        WHERE inhrelid = 'billing_usage_records'::regclass OR inhparent = 'billing_usage_records'::regclass
        UNION ALL
        SELECT format('its owner %s may not create tables in schema %s', relowner::regrole, relnamespace::regnamespace) FROM pg_class
        WHERE oid = 'billing_usage_records'::regclass AND NOT has_schema_privilege(relowner, relnamespace, 'CREATE')
        """;

    // The month of the first and the last, and those between that have rows: a look into an index for each.
    private const string SelectMonths =
        """
        SELECT count(*), to_char(min(m), 'YYYY-MM'), to_char(max(m), 'YYYY-MM')
        FROM (SELECT min(recorded_at) AS first, max(recorded_at) AS last FROM billing_usage_records
              WHERE recorded_at > '-infinity' AND recorded_at < 'infinity') t,
             generate_series(date_trunc('month', first AT TIME ZONE 'UTC'), last AT TIME ZONE 'UTC', interval '1 month') m
        WHERE EXISTS (SELECT FROM billing_usage_records
                      WHERE recorded_at >= m AT TIME ZONE 'UTC' AND recorded_at < (m + interval '1 month') AT TIME ZONE 'UTC')
        """;

    // In one snapshot. Every column is compared, by a hash of the row; what is noted as changed is not copied yet.
    private const string CountDifferences =
        """
        WITH here AS (
            SELECT customer_id, service_name, coalesce(date_trunc('month', recorded_at, 'UTC'), 'infinity') AS month, count(*) AS rows, sum(quantity) AS quantity,
                   sum(quantity * coalesce(unit_cost, 0)) AS cost, sum(hashtextextended(r::text, 0)::numeric) AS hash
            FROM billing_usage_records r WHERE NOT EXISTS (SELECT FROM usage_partition_changes c WHERE c.usage_id = r.usage_id)
            GROUP BY 1, 2, 3
        ), there AS (
            SELECT customer_id, service_name, month, sum(rows) AS rows, sum(quantity) AS quantity, sum(cost) AS cost, sum(hash) AS hash FROM (
                SELECT customer_id, service_name, date_trunc('month', recorded_at, 'UTC') AS month, count(*) AS rows, sum(quantity) AS quantity,
                       sum(quantity * coalesce(unit_cost, 0)) AS cost, sum(hashtextextended(r::text, 0)::numeric) AS hash
                FROM billing_usage_records_partitioned r WHERE NOT EXISTS (SELECT FROM usage_partition_changes c WHERE c.usage_id = r.usage_id)
                GROUP BY 1, 2, 3
                UNION ALL
                SELECT customer_id, service_name, coalesce(date_trunc('month', recorded_at, 'UTC'), 'infinity'), count(*), sum(quantity),
                       sum(quantity * coalesce(unit_cost, 0)), sum(hashtextextended(r::text, 0)::numeric)
                FROM billing_usage_records_untimed r WHERE NOT EXISTS (SELECT FROM usage_partition_changes c WHERE c.usage_id = r.usage_id)
                GROUP BY 1, 2, 3) parts
            GROUP BY 1, 2, 3
        )
        SELECT count(*) FROM here h FULL JOIN there t USING (customer_id, service_name, month)
        WHERE (h.rows, h.quantity, h.cost, h.hash) IS DISTINCT FROM (t.rows, t.quantity, t.cost, t.hash)
        """;

    private const string Refresh =
        """
        DO $do$
        DECLARE
            view text;
        BEGIN
            FOR view IN SELECT unnest(string_to_array(value, E'\n')) FROM usage_settings WHERE name = 'partition.refresh' LOOP
                EXECUTE 'REFRESH MATERIALIZED VIEW ' || view;
            END LOOP;
            DELETE FROM usage_settings WHERE name = 'partition.refresh';
        END
        $do$
        """;

    // How long a lock that others hold is asked for again.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>The steps that are left; none where the table is partitioned, or is made so by the schema.</summary>
    /// <exception cref="UsageException"><c>CannotPartition</c>.</exception>
    public async Task<IReadOnlyList<string>> PlanAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        return (await PlanAsync(connection, cancel)).Steps;
    }

    /// <summary>Takes the steps that are left.</summary>
    /// <exception cref="UsageException"><c>CannotPartition</c>, <c>PartitionsDiffer</c>, <c>StoreUnavailable</c>: somebody else is at it.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(InitializeProgress? progress, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await TakeTurnAsync(connection, cancel);
        Plan plan = await PlanAsync(connection, cancel);
        if (plan.Steps.Count == 0)
            return [];

        if (!plan.IsInPlace)
        {
            await connection.ExecuteAsync(scripts.Read("partition-functions"), cancel);
            await BeginAsync(connection, cancel);
            await CopyAsync(connection, plan.Rows, progress, cancel);
            progress?.Begin("copying what was changed meanwhile");
            await CatchUpAsync(connection, cancel);
            // Or the planner would take the first partitions for empty.
            await connection.ExecutePatientlyAsync("ANALYZE billing_usage_records_partitioned", cancel);
            progress?.Begin("comparing the partitions with the table");
            await CompareAsync(connection, cancel);
            progress?.Begin("waiting for a moment when nobody uses the table");
            await PutInPlaceAsync(connection, cancel);
        }

        progress?.Begin("dropping what was the table");
        await connection.ExecutePatientlyAsync(Refresh, cancel);
        await ShortlyAsync(connection, () => PatientlyAsync(connection, "partition-finish", cancel), cancel);
        return plan.Steps;
    }

    private async Task<Plan> PlanAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        (bool? isPartitioned, bool hasSettings, bool hasTwin) = await ReadSituationAsync(connection, cancel);
        string? state = hasSettings ? (string?)await connection.ScalarAsync(SelectState, cancel) : null;
        if (isPartitioned is null || (isPartitioned.Value && state != InPlace))
            return new Plan([], 0, false);

        const string Drop = "drop what was billing_usage_records, which was compared with its partitions";
        if (isPartitioned.Value)
            return new Plan([Drop], 0, true);

        var obstacles = new List<string>();
        if (state is null && hasTwin)
            obstacles.Add("there is a table billing_usage_records_partitioned already");

        await using (NpgsqlCommand command = connection.Command(SelectObstacles))
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
                obstacles.Add(reader.GetString(0));
        }

        if (obstacles.Count > 0)
            throw StoreErrors.CannotPartition(address, obstacles);

        long rows = (long)(await PatientScalarAsync(connection, "SELECT count(*) FROM billing_usage_records", cancel))!;
        long untimed = (long)(await PatientScalarAsync(connection, "SELECT count(*) FROM billing_usage_records WHERE isfinite(recorded_at) IS NOT TRUE", cancel))!;
        return new Plan(
            [
                state is null
                    ? "create billing_usage_records_partitioned like billing_usage_records, and note what is changed from then on"
                    : "go on where partitioning billing_usage_records was broken off",
                $"copy {Wording.Count(rows - untimed, "row")} of {await MonthsAsync(connection, cancel)} to it while others write",
                .. untimed == 0 ? (string[])[] : [$"set aside {Wording.Count(untimed, "row")} without a time in billing_usage_records_untimed: no month is theirs, and no report counts them"],
                "compare both, and put it in the place of billing_usage_records with its keys, grants, policies, triggers and views",
                Drop,
            ],
            rows, false);
    }

    private static async Task<(bool? IsPartitioned, bool HasSettings, bool HasTwin)> ReadSituationAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(SelectSituation);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.IsDBNull(0) ? null : reader.GetBoolean(0), reader.GetBoolean(1), reader.GetBoolean(2));
    }

    private static async Task<string> MonthsAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(SelectMonths);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        long months = reader.GetInt64(0);
        return months == 0 ? "no month" : $"{Wording.Count(months, "month")} ({reader.GetString(1)} to {reader.GetString(2)})";
    }

    // Held until the connection is closed. A session that was killed may need a moment to be gone.
    private async Task TakeTurnAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        while (!(bool)(await connection.ScalarAsync(TakeTurn, cancel))!)
        {
            if (Stopwatch.GetElapsedTime(started) > TurnPatience)
                throw StoreErrors.Unavailable(address, new InvalidOperationException("Somebody else is partitioning billing_usage_records."));

            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>Makes the twin and the triggers, or sees that those of an earlier call are still of use.</summary>
    private async Task BeginAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await ShortlyAsync(connection, async () =>
        {
            if (await connection.ScalarAsync("SELECT value = pg_temp.usage_partition_shape() FROM usage_settings WHERE name = 'partition.shape'", cancel) is bool isSame)
            {
                if (isSame)
                    return true;

                await PatientlyAsync(connection, "partition-abandon", cancel);
            }

            return await PatientlyAsync(connection, "partition-begin", cancel);
        }, cancel);
        ProtocolStep.Pass("partition begun");
    }

    private static async Task CopyAsync(NpgsqlConnection connection, long rows, InitializeProgress? progress, CancellationToken cancel)
    {
        progress?.Begin("copying", rows, (long)(await PatientScalarAsync(
            connection, "SELECT (SELECT count(*) FROM billing_usage_records_partitioned) + (SELECT count(*) FROM billing_usage_records_untimed)", cancel))!);
        while (await ShortlyAsync(connection, () => connection.ScalarAsync("SELECT pg_temp.usage_partition_copy($1)", cancel, RowsAtOnce), cancel) is long copied)
        {
            progress?.Add(copied);
            ProtocolStep.Pass("partition copy");
        }
    }

    /// <summary>Copies what was changed, until next to nothing is left.</summary>
    private static async Task CatchUpAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        while (await ShortlyAsync(connection, () => ReplayAsync(connection, RowsAtOnce, cancel), cancel) > ChangesUnderLock)
            ProtocolStep.Pass("partition catch up");
    }

    private static async Task<long> ReplayAsync(NpgsqlConnection connection, int most, CancellationToken cancel) =>
        (long)(await connection.ScalarAsync("SELECT pg_temp.usage_partition_replay($1)", cancel, most))!;

    private async Task CompareAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await connection.ExecuteAsync("SET LOCAL row_security = off; SET LOCAL work_mem = '64MB'", cancel);
        long differences = (long)(await PatientScalarAsync(connection, CountDifferences, cancel))!;
        await transaction.CommitAsync(cancel);
        ProtocolStep.Pass("partition compared");
        if (differences == 0)
            return;

        // Somebody wrote past the triggers. The table itself was not touched.
        await ShortlyAsync(connection, () => PatientlyAsync(connection, "partition-abandon", cancel), cancel);
        throw StoreErrors.PartitionsDiffer(address, differences);
    }

    /// <summary>Copies the last changes under a lock and puts the twin in the table's place. Whoever comes meanwhile waits for a moment.</summary>
    private async Task PutInPlaceAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        bool isInPlace = false;
        while (!isInPlace)
        {
            await CatchUpAsync(connection, cancel);
            isInPlace = await ShortlyAsync(connection, () => TryPutInPlaceAsync(connection, cancel), cancel);
        }

        ProtocolStep.Pass("partition in place done");
    }

    /// <summary>False where too much was changed meanwhile to have everybody wait for it.</summary>
    private async Task<bool> TryPutInPlaceAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await connection.ExecuteAsync("LOCK TABLE billing_usage_records IN ACCESS EXCLUSIVE MODE", cancel);
        if (await ReplayAsync(connection, ChangesUnderLock, cancel) == ChangesUnderLock)
            return false;

        await connection.ExecuteAsync(PostgresAdoption.TakeDownViews(scripts), cancel);
        await connection.ExecuteAsync(scripts.Read("partition-swap"), cancel);
        await connection.ExecuteAsync(PostgresAdoption.PutBackViews(scripts), cancel);
        ProtocolStep.Pass("partition in place");
        return true;
    }

    /// <summary>
    /// A transaction that waits for no lock longer than half a second. Those who come after it wait behind it, so it gives way and
    /// tries again.
    /// </summary>
    private static async Task<T> ShortlyAsync<T>(NpgsqlConnection connection, Func<Task<T>> work, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        for (TimeSpan pause = Pause; ; pause = pause * 2 > LongestPause ? LongestPause : pause * 2)
        {
            try
            {
                await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
                await connection.ExecuteAsync(BeShort, cancel);
                T result = await work();
                await transaction.CommitAsync(cancel);
                return result;
            }
            catch (PostgresException error) when (IsPassing(error) && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(pause, cancel);
            }
        }
    }

    // A lock that somebody holds, or a customer or a month that came or went between two statements.
    private static bool IsPassing(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.ForeignKeyViolation
        || PostgresErrors.IsMissingPartition(error);

    // What drops or makes large things may take longer than a command otherwise does.
    private async Task<bool> PatientlyAsync(NpgsqlConnection connection, string script, CancellationToken cancel)
    {
        await connection.ExecutePatientlyAsync(scripts.Read(script), cancel);
        return true;
    }

    private static async Task<object?> PatientScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(sql);
        command.CommandTimeout = 0;
        return await command.ExecuteScalarAsync(cancel);
    }

    private sealed record Plan(IReadOnlyList<string> Steps, long Rows, bool IsInPlace);
}
