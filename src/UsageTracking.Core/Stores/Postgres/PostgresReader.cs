using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>Answers the questions of reports.</summary>
internal sealed class PostgresReader(NpgsqlDataSource source)
{
    public enum Source
    {
        Buckets,
        Records,
    }

    /// <summary>A condition on customers ($1) and services ($2); null is all of them.</summary>
    public const string Matches = "($1::text[] IS NULL OR customer_id = ANY ($1)) AND ($2::text[] IS NULL OR service_name = ANY ($2))";

    // Sums leave as text, rounded by the core: they may be longer than a decimal.
    private const string SumBuckets =
        $"""
        SELECT customer_id, service_name, width_bucket(bucket_start, $3) - 1,
               sum(event_count)::bigint, sum(total_quantity)::text, sum(total_cost)::text, min(min_quantity), max(max_quantity)
        FROM usage_buckets
        WHERE {Matches} AND bucket_start >= $4 AND bucket_start < $5
        GROUP BY 1, 2, 3
        """;

    private const string SumRecords =
        $"""
        SELECT customer_id, service_name, width_bucket(recorded_at, $3) - 1,
               sum(CASE WHEN corrects_id IS NULL THEN 1 ELSE -1 END)::bigint,
               sum(quantity)::text, sum(quantity * coalesce(unit_cost, 0))::text,
               min(quantity) FILTER (WHERE corrects_id IS NULL), max(quantity) FILTER (WHERE corrects_id IS NULL)
        FROM billing_usage_records
        WHERE {Matches} AND recorded_at >= $4 AND recorded_at < $5 AND aggregated
        GROUP BY 1, 2, 3
        """;

    private const string SelectRecords =
        $"""
        SELECT usage_id, recorded_at, received_at, customer_id, service_name, quantity, coalesce(unit_cost, 0), metadata::text, event_key, corrects_id
        FROM billing_usage_records
        WHERE {Matches} AND recorded_at >= $3 AND recorded_at < $4
        ORDER BY recorded_at DESC, usage_id DESC
        LIMIT $5
        """;

    public async Task<IReadOnlyList<PeriodFigures>> SumAsync(
        Source from, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlCommand command = connection.Command(
            from == Source.Buckets ? SumBuckets : SumRecords,
            PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services),
            bounds.Select(b => b.UtcDateTime).ToArray(), bounds[0].UtcDateTime, bounds[^1].UtcDateTime);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<PeriodFigures>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new PeriodFigures(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), new Figures(
                reader.GetInt64(3),
                ExactDecimal.Parse(reader.GetString(4)),
                ExactDecimal.Parse(reader.GetString(5)),
                reader.IsDBNull(6) ? null : reader.GetDecimal(6),
                reader.IsDBNull(7) ? null : reader.GetDecimal(7))));
        }

        return rows;
    }

    public async IAsyncEnumerable<StoredRecord> ReadRecordsAsync(
        UsageFilter filter, TimeRange range, long? first, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlCommand command = connection.Command(
            SelectRecords, PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services), range.Start.UtcDateTime, range.End.UtcDateTime,
            new NpgsqlParameter { Value = (object?)first ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            yield return new StoredRecord
            {
                Id = reader.GetInt64(0),
                Timestamp = reader.GetFieldValue<DateTimeOffset>(1),
                ReceivedAt = reader.GetFieldValue<DateTimeOffset>(2),
                CustomerId = reader.GetString(3),
                Service = reader.GetString(4),
                Quantity = ExactDecimal.Trim(reader.GetDecimal(5)),
                UnitCost = ExactDecimal.Trim(reader.GetDecimal(6)),
                Metadata = Metadata.FromStore(reader.IsDBNull(7) ? null : reader.GetString(7)),
                EventKey = reader.IsDBNull(8) ? null : reader.GetString(8),
                CorrectsId = reader.IsDBNull(9) ? null : reader.GetInt64(9),
            };
        }
    }
}
