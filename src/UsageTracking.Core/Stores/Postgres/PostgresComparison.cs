using System.Data;
using Npgsql;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>Holds what is stored twice against each other; each question is answered from one snapshot.</summary>
internal sealed class PostgresComparison(PostgresSource source, StoreAddress address)
{
    // Differing buckets without an agreeing one between them make one range: there the difference of the two row numbers stays the same.
    private const string CompareBuckets =
        $"""
        WITH truth AS (
            {PostgresBuckets.Sums}, count(*) FILTER (WHERE aggregated IS NOT TRUE) AS unfolded
            FROM billing_usage_records
            WHERE {PostgresReader.Matches} AND recorded_at >= $3 AND recorded_at < $4
            GROUP BY 1, 2, 3
        ), kept AS (
            SELECT * FROM usage_buckets
            WHERE {PostgresReader.Matches} AND bucket_start >= $3 AND bucket_start < $4 AND part = 0
        ), pairs AS (
            SELECT customer_id, service_name, bucket_start, k AS kept, t AS truth,
                   (k.event_count, k.total_quantity, k.total_cost, k.min_quantity, k.max_quantity, k.first_event, k.last_event) IS DISTINCT FROM
                   (t.event_count, t.total_quantity, t.total_cost, t.min_quantity, t.max_quantity, t.first_event, t.last_event) AS differs
            FROM kept k FULL JOIN truth t USING (customer_id, service_name, bucket_start)
        ), numbered AS (
            SELECT *, row_number() OVER (PARTITION BY customer_id, service_name ORDER BY bucket_start)
                      - row_number() OVER (PARTITION BY customer_id, service_name, differs ORDER BY bucket_start) AS island
            FROM pairs
        )
        SELECT customer_id, service_name, min(bucket_start), max(bucket_start) + interval '15 minutes', coalesce(sum((truth).unfolded), 0)::bigint,
               coalesce(sum((kept).event_count), 0)::bigint, coalesce(sum((kept).total_quantity), 0)::text, coalesce(sum((kept).total_cost), 0)::text,
               min((kept).min_quantity), max((kept).max_quantity),
               coalesce(sum((truth).event_count), 0)::bigint, coalesce(sum((truth).total_quantity), 0)::text, coalesce(sum((truth).total_cost), 0)::text,
               min((truth).min_quantity), max((truth).max_quantity)
        FROM numbered
        WHERE differs
        GROUP BY customer_id, service_name, island
        ORDER BY customer_id, service_name, 3
        """;

    private const string CompareQueues =
        """
        SELECT position, duplicates, rejected, skipped, past, stored
        FROM (SELECT coalesce(sum(position), 0)::bigint AS position, coalesce(sum(duplicates), 0)::bigint AS duplicates,
                     coalesce(sum(rejected), 0)::bigint AS rejected, coalesce(sum(skipped), 0)::bigint AS skipped
              FROM usage_spools) spools,
             (SELECT coalesce(sum(records), 0)::bigint AS past FROM usage_ledger) ledger,
             (SELECT count(*) AS stored FROM billing_usage_records WHERE aggregated) records
        """;

    public async Task<IReadOnlyList<BucketDifference>> CompareBucketsAsync(UsageFilter filter, TimeRange range, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await PostgresVisibility.CheckAsync(connection, address, cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        // Many corrections are looked up by hash only where they are expected to fit. A customer's records and buckets are on one node.
        await connection.ExecuteAsync($"SET LOCAL work_mem = '64MB'; {PostgresDistribution.UseOneConnection}", cancel);
        await using NpgsqlCommand command = connection.Command(
            await source.AdaptAsync(connection, CompareBuckets, cancel), PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services),
            Instants.QuarterHour(range.Start).UtcDateTime, Instants.NextQuarterHour(range.End).UtcDateTime);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var differences = new List<BucketDifference>();
        while (await reader.ReadAsync(cancel))
        {
            differences.Add(new BucketDifference(
                reader.GetString(0), reader.GetString(1),
                new TimeRange(reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3)),
                PostgresReader.FiguresAt(reader, 5), PostgresReader.FiguresAt(reader, 10), reader.GetInt64(4)));
        }

        return differences;
    }

    public async Task<QueueBalance> CompareQueuesAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        // Positions and records are on different nodes, of which there is no snapshot: for once, whoever writes waits.
        if (await source.IsDistributedAsync(connection, cancel))
        {
            await connection.ExecuteAsync("LOCK TABLE usage_spools IN SHARE MODE", cancel);
            await PostgresDistribution.LockBucketsAsync(connection, source, address, cancel);
        }

        await using NpgsqlCommand command = connection.Command(CompareQueues);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new QueueBalance(
            reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5));
    }
}
