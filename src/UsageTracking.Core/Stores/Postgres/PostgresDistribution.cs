using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>
/// Tables that the extension Citus spreads over several servers: records, buckets and event keys by customer, what belongs to queues
/// by spool, and a copy of everything else on every node. A transaction is committed on all nodes or on none; between its two
/// phases a node may be cut off, and until it is back what it holds of the transaction is in doubt, and not seen.
/// </summary>
internal static class PostgresDistribution
{
    /// <summary>Whether the tables are distributed: an expression that needs neither the extension nor a round trip of its own.</summary>
    public const string IsDistributed =
        $"(to_regclass('pg_dist_partition') IS NOT NULL AND EXISTS (SELECT FROM usage_settings WHERE name = '{SettingNames.Distributed}'))";

    /// <summary>
    /// Makes the transaction use one connection to a node, and so one snapshot of it, where it is repeatable. Opening more takes longer
    /// than small statements do. Any server takes the setting; without the extension it means nothing.
    /// </summary>
    public const string UseOneConnection = "SET LOCAL citus.max_adaptive_executor_pool_size = 1";

    /// <summary>
    /// Lets the transaction write distributed tables and those that every node has, which refer to each other: the latter are not
    /// written after several nodes were at work at once. Any server takes the setting.
    /// </summary>
    public const string WriteInSequence = "SET LOCAL citus.multi_shard_modify_mode = 'sequential'";

    // The same as PostgresReader.IsCorrected, customer by customer: that each node can answer by itself.
    private const string IsCorrected =
        """
        EXISTS (SELECT 1 FROM (SELECT customer_id AS c, recorded_at AS at, corrects_id AS id FROM billing_usage_records
                               WHERE corrects_id IS NOT NULL AND recorded_at >= $3 AND recorded_at < $4) corrections
                WHERE (c, at, id) = (customer_id, recorded_at, usage_id))
        """;

    private const string Script = "distribute";

    private const string FindLocal =
        """
        SELECT array_agg(relname::text ORDER BY oid)
        FROM pg_class c
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND NOT relation_is_a_known_shard(oid)
          AND (relname LIKE 'usage\_%' OR relname IN ('billing_usage_records', 'billing_customers', 'billing_plans', 'billing_subscriptions', 'billing_quotas'))
          AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = c.oid AND (partmethod = 'h' OR repmodel = 't'))
        """;

    private const string FindInDoubt =
        """
        SELECT coalesce(array_agg(gid), '{}')
        FROM run_command_on_all_nodes($$
            SELECT coalesce(string_agg(gid, ' '), '') FROM pg_prepared_xacts WHERE gid LIKE 'citus\_%' AND database = current_database() $$),
            string_to_table(nullif(result, ''), ' ') AS gid
        """;

    // The extension itself looks once a minute.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>A statement as Citus takes it.</summary>
    public static string Adapt(string sql) => sql.Replace(PostgresReader.IsCorrected, IsCorrected, StringComparison.Ordinal);

    /// <summary>
    /// Keeps others from correcting records and from folding them in until the transaction ends; false where the tables are not
    /// distributed, and rows can be locked instead. Citus locks rows of one customer only.
    /// </summary>
    public static async Task<bool> LockCorrectionsAsync(NpgsqlConnection connection, PostgresSource source, CancellationToken cancel)
    {
        if (!await source.IsDistributedAsync(connection, cancel))
            return false;

        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('usage_corrections'))", cancel);
        return true;
    }

    /// <summary>
    /// Keeps others from changing buckets, which everybody does last, until the transaction ends, and sees that nothing is in doubt;
    /// false where the tables are not distributed, and rows can be locked instead.
    /// </summary>
    public static async Task<bool> LockBucketsAsync(NpgsqlConnection connection, PostgresSource source, StoreAddress address, CancellationToken cancel)
    {
        if (!await source.IsDistributedAsync(connection, cancel))
            return false;

        await connection.ExecuteAsync("LOCK TABLE usage_buckets IN SHARE ROW EXCLUSIVE MODE", cancel);
        await SettleAsync(connection, source, address, cancel);
        return true;
    }

    /// <summary>The steps that distribute what is not yet distributed of a store that is to be, or is already.</summary>
    /// <exception cref="UsageException"><c>CitusMissing</c>, <c>LayoutNotSupported</c>.</exception>
    public static async Task<IReadOnlyList<string>> PlanAsync(
        NpgsqlConnection connection, SchemaScripts scripts, StoreAddress address, StoreState state, StoreLayout layout, CancellationToken cancel)
    {
        bool isAsked = layout.HasFlag(StoreLayout.Distributed);
        if (!isAsked && !state.IsDistributed)
            return [];

        if (!(bool)(await connection.ScalarAsync("SELECT to_regclass('pg_dist_partition') IS NOT NULL", cancel))!)
            throw StoreErrors.CitusMissing(address);

        if (await connection.ScalarAsync("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('billing_usage_records')", cancel) is false)
            throw StoreErrors.NotPartitioned(address);

        if (!state.IsDistributed)
            return [.. SchemaScripts.Steps(scripts.Read(Script))];

        // Those that a newer version has added.
        return await connection.ScalarAsync(FindLocal, cancel) is string[] tables ? [$"keep a copy of {string.Join(", ", tables)} on every node"] : [];
    }

    /// <summary>Distributes what is not yet distributed, with the rows that are there.</summary>
    public static async Task DistributeAsync(NpgsqlConnection connection, SchemaScripts scripts, CancellationToken cancel)
    {
        await connection.ExecutePatientlyAsync(scripts.Read(Script), cancel);
        await connection.ExecuteAsync(PostgresSettings.Upsert, cancel, SettingNames.Distributed, "true");
    }

    /// <summary>
    /// Waits until nothing is in doubt that was when it was asked: a sum would not count it, and a DELETE would leave it. Whoever asks
    /// has locked what must not change meanwhile.
    /// </summary>
    /// <exception cref="UsageException"><c>TransactionsInDoubt</c>.</exception>
    public static async Task SettleAsync(NpgsqlConnection connection, PostgresSource source, StoreAddress address, CancellationToken cancel)
    {
        if (!await source.IsDistributedAsync(connection, cancel))
            return;

        DateTimeOffset until = DateTimeOffset.UtcNow + Patience;
        string[] asked = await FindInDoubtAsync(connection, cancel);
        while (asked.Length > 0)
        {
            if (DateTimeOffset.UtcNow > until)
                throw StoreErrors.TransactionsInDoubt(address, asked.Length);

            await RecoverAsync(source, cancel);
            asked = [.. asked.Intersect(await FindInDoubtAsync(connection, cancel))];
            if (asked.Length > 0)
                await Task.Delay(Interval, cancel);
        }
    }

    private static async Task<string[]> FindInDoubtAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        (string[])(await connection.ScalarAsync(FindInDoubt, cancel))!;

    // Not in the caller's transaction, whose lock on what it looks through would hold up everybody's commits.
    private static async Task RecoverAsync(PostgresSource source, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        if ((bool)(await connection.ScalarAsync("SELECT has_function_privilege('recover_prepared_transactions()', 'EXECUTE')", cancel))!)
            await connection.ExecuteAsync("SELECT recover_prepared_transactions()", cancel);
    }
}
