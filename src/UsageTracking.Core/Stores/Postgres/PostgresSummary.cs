using Npgsql;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>Brings the buckets in step with the records.</summary>
internal sealed class PostgresSummary(PostgresSource source, StoreAddress address)
{
    // Whoever has usage is a customer; otherwise reports on all customers would miss it.
    private const string MakeCustomers =
        $"""
        INSERT INTO billing_customers (customer_id, project_name)
        SELECT DISTINCT customer_id, customer_id FROM billing_usage_records r
        WHERE {PostgresReader.Matches} AND recorded_at >= $3 AND recorded_at < $4 AND aggregated IS NOT TRUE
          AND NOT EXISTS (SELECT 1 FROM billing_customers c WHERE c.customer_id = r.customer_id)
        ON CONFLICT DO NOTHING
        """;

    private const string Flag =
        $"""
        UPDATE billing_usage_records SET aggregated = true
        WHERE {PostgresReader.Matches} AND recorded_at >= $3 AND recorded_at < $4 AND aggregated IS NOT TRUE
        """;

    private const string Left =
        $"""
        SELECT row_security_active('billing_usage_records') AND EXISTS (
            SELECT 1 FROM billing_usage_records
            WHERE {PostgresReader.Matches} AND recorded_at >= $3 AND recorded_at < $4 AND aggregated IS NOT TRUE)
        """;

    private const string Fold =
        $"""
        WITH folded AS (
            {Flag}
            RETURNING usage_id, customer_id, service_name, recorded_at, quantity, unit_cost, corrects_id
        ), taken_back AS (
            SELECT recorded_at, corrects_id FROM billing_usage_records WHERE corrects_id IS NOT NULL AND recorded_at >= $3 AND recorded_at < $4
        ), added AS (
            INSERT INTO usage_buckets AS b ({PostgresBuckets.Columns})
            {PostgresBuckets.SumsOfFolded} FROM folded GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            {PostgresBuckets.OrAddToWhatIsThere}
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM folded), NULL, NULL, NULL
        UNION ALL
        SELECT DISTINCT 0, 0, customer_id, service_name, date_bin('15 minutes', recorded_at, timestamptz '2000-01-01 00:00:00+00')
        FROM folded WHERE corrects_id IS NOT NULL
        """;

    /// <summary>Folds every row that has a time, as one statement of a function in the database.</summary>
    public const string FoldEverything =
        $"""
        WITH folded AS (
            UPDATE billing_usage_records SET aggregated = true WHERE aggregated IS NOT TRUE AND isfinite(recorded_at)
            RETURNING usage_id, customer_id, service_name, recorded_at, quantity, unit_cost, corrects_id
        ), taken_back AS (
            SELECT recorded_at, corrects_id FROM folded WHERE corrects_id IS NOT NULL
        ), added AS (
            INSERT INTO usage_buckets AS b ({PostgresBuckets.Columns})
            {PostgresBuckets.SumsOfFolded} FROM folded GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            {PostgresBuckets.OrAddToWhatIsThere}
        )
        INSERT INTO usage_ledger AS l (entry, records)
        SELECT '{LedgerEntries.Folded}', count(*) FROM folded HAVING count(*) > 0
        ON CONFLICT (entry) DO UPDATE SET records = l.records + excluded.records;
        """;

    private const string Rebuild =
        $"""
        WITH truth AS (
            {PostgresBuckets.Sums} FROM billing_usage_records
            WHERE {PostgresReader.Matches} AND recorded_at >= $3 AND recorded_at < $4 AND aggregated
            GROUP BY 1, 2, 3
        ), gone AS (
            DELETE FROM usage_buckets b
            WHERE {PostgresReader.Matches} AND bucket_start >= $3 AND bucket_start < $4 AND part = 0
              AND NOT EXISTS (SELECT 1 FROM truth t (customer_id, service_name, bucket_start)
                              WHERE (t.customer_id, t.service_name, t.bucket_start) = (b.customer_id, b.service_name, b.bucket_start))
            RETURNING 1
        ), put AS (
            INSERT INTO usage_buckets AS b ({PostgresBuckets.Columns})
            SELECT * FROM truth ORDER BY 1, 2, 3
            ON CONFLICT (customer_id, service_name, bucket_start, part) DO UPDATE SET
                event_count = excluded.event_count, total_quantity = excluded.total_quantity, total_cost = excluded.total_cost,
                min_quantity = excluded.min_quantity, max_quantity = excluded.max_quantity,
                first_event = excluded.first_event, last_event = excluded.last_event
            WHERE (b.event_count, b.total_quantity, b.total_cost, b.min_quantity, b.max_quantity, b.first_event, b.last_event)
                IS DISTINCT FROM (excluded.event_count, excluded.total_quantity, excluded.total_cost, excluded.min_quantity,
                                  excluded.max_quantity, excluded.first_event, excluded.last_event)
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put)
        """;

    public async Task<SummaryUpdate> UpdateAsync(UsageFilter filter, TimeRange? repair, CancellationToken cancel)
    {
        // Whole buckets are rebuilt, so the range grows to quarter hours.
        TimeRange range = repair is { } asked
            ? new TimeRange(Instants.QuarterHour(asked.Start), Instants.NextQuarterHour(asked.End))
            : TimeRange.Everything;
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, filter.CustomerIds, cancel);
        await PostgresDistribution.LockCorrectionsAsync(connection, source, cancel);
        // Many corrections are looked up by hash only where they are expected to fit.
        await connection.ExecuteAsync("SET LOCAL work_mem = '64MB'", cancel);
        // Writers add to buckets as their last statement: they wait here for a moment, and none of their rows is counted twice.
        if (repair is not null)
        {
            await PostgresVisibility.CheckAsync(connection, address, cancel);
            // Whoever archives locks records before buckets.
            await PostgresArchives.LockSharedAsync(connection, cancel);
            // Before the first ANALYZE the planner takes the tables for empty, and would compare every bucket with every other.
            await connection.ExecuteAsync("SET LOCAL enable_nestloop = off", cancel);
            await connection.ExecuteAsync("LOCK TABLE usage_buckets IN SHARE ROW EXCLUSIVE MODE", cancel);
            await PostgresDistribution.SettleAsync(connection, source, address, cancel);
        }

        await using (NpgsqlCommand customers = Command(connection, MakeCustomers, filter, range))
            await customers.ExecuteNonQueryAsync(cancel);

        SummaryUpdate update = repair is null
            ? await FoldAsync(connection, filter, range, cancel)
            : await RebuildAsync(connection, await source.AdaptAsync(connection, Rebuild, cancel), filter, range, cancel);
        if (repair is null && update.Records == 0)
            await CheckNothingIsLeftAsync(connection, filter, range, cancel);

        await PostgresLedger.AddAsync(connection, LedgerEntries.Folded, update.Records, cancel);
        await transaction.CommitAsync(cancel);
        return update;
    }

    /// <summary>Where a policy lets nobody change records, PostgreSQL changes none of them, and says nothing.</summary>
    private async Task CheckNothingIsLeftAsync(NpgsqlConnection connection, UsageFilter filter, TimeRange range, CancellationToken cancel)
    {
        await using NpgsqlCommand left = Command(connection, Left, filter, range);
        if ((bool)(await left.ExecuteScalarAsync(cancel))!)
            throw StoreErrors.RecordsFixed(address);
    }

    private static async Task<SummaryUpdate> FoldAsync(NpgsqlConnection connection, UsageFilter filter, TimeRange range, CancellationToken cancel)
    {
        var corrected = new List<BucketDeltas.Key>();
        SummaryUpdate update;
        await using (NpgsqlCommand fold = Command(connection, Fold, filter, range))
        await using (NpgsqlDataReader reader = await fold.ExecuteReaderAsync(cancel))
        {
            await reader.ReadAsync(cancel);
            update = new SummaryUpdate(reader.GetInt64(0), reader.GetInt64(1));
            while (await reader.ReadAsync(cancel))
                corrected.Add(new BucketDeltas.Key(reader.GetString(2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4)));
        }

        // What they take back may be in the buckets already.
        await PostgresBuckets.SettleExtremesAsync(connection, corrected, cancel);
        return update;
    }

    private static async Task<SummaryUpdate> RebuildAsync(NpgsqlConnection connection, string sql, UsageFilter filter, TimeRange range, CancellationToken cancel)
    {
        await using NpgsqlCommand flag = Command(connection, Flag, filter, range);
        int records = await flag.ExecuteNonQueryAsync(cancel);
        await using NpgsqlCommand rebuild = Command(connection, sql, filter, range);
        return new SummaryUpdate((long)(await rebuild.ExecuteScalarAsync(cancel))!, records);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, UsageFilter filter, TimeRange range)
    {
        NpgsqlCommand command = connection.Command(
            sql, PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services), range.Start.UtcDateTime, range.End.UtcDateTime);
        command.CommandTimeout = 0;
        return command;
    }
}
