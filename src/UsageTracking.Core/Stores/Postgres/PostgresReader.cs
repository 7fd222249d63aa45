using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>Answers the questions of reports.</summary>
internal sealed class PostgresReader(PostgresSource source)
{
    /// <summary>A condition on customers ($1) and services ($2); null is all of them.</summary>
    public const string Matches = "($1::text[] IS NULL OR customer_id = ANY ($1)) AND ($2::text[] IS NULL OR service_name = ANY ($2))";

    /// <summary>A condition on records between $3 and $4: corrected. A correction has the time of what it corrects.</summary>
    public const string IsCorrected =
        """
        (recorded_at, usage_id) IN (
            SELECT recorded_at, corrects_id FROM billing_usage_records WHERE corrects_id IS NOT NULL AND recorded_at >= $3 AND recorded_at < $4)
        """;

    /// <summary>A condition on records between $3 and $4: no correction, and not corrected.</summary>
    public const string Uncorrected = $"corrects_id IS NULL AND NOT {IsCorrected}";

    /// <summary>A condition on records between $3 and $4: neither a correction nor corrected, unless the other one of the two is away.</summary>
    public const string Counts =
        """
        (recorded_at, usage_id) NOT IN (
            SELECT c.recorded_at, pair.id
            FROM billing_usage_records c
            JOIN billing_usage_records o ON (o.recorded_at, o.usage_id, o.customer_id) = (c.recorded_at, c.corrects_id, c.customer_id)
            CROSS JOIN LATERAL (VALUES (c.usage_id), (o.usage_id)) AS pair (id)
            WHERE c.corrects_id IS NOT NULL AND c.recorded_at >= $3 AND c.recorded_at < $4)
        """;

    /// <summary>What <see cref="RecordAt"/> reads.</summary>
    public const string RecordColumns =
        "usage_id, recorded_at, received_at, customer_id, service_name, quantity, coalesce(unit_cost, 0), metadata::text, event_key, corrects_id";

    // Sums leave as text, rounded by the core: they may be longer than a decimal.
    private const string RecordFigures =
        $"""
        sum(CASE WHEN corrects_id IS NULL THEN 1 ELSE -1 END)::bigint,
        sum(quantity)::text, sum(quantity * coalesce(unit_cost, 0))::text,
        min(quantity) FILTER (WHERE {Uncorrected}), max(quantity) FILTER (WHERE {Uncorrected})
        """;

    private const string AllOfBuckets =
        "sum(event_count)::bigint, sum(total_quantity)::text, sum(total_cost)::text, min(min_quantity), max(max_quantity)";

    private const string QuantityOfBuckets = "sum(event_count)::bigint, sum(total_quantity)::text, '0', NULL::numeric, NULL::numeric";

    private const string SumRecords =
        $"""
        SELECT customer_id, service_name, width_bucket(recorded_at, $5) - 1, {RecordFigures}
        FROM billing_usage_records
        WHERE {Matches} AND recorded_at >= $3 AND recorded_at < $4 AND aggregated
        GROUP BY 1, 2, 3
        """;

    private const string InRange = $"FROM billing_usage_records WHERE {Matches} AND recorded_at >= $3 AND recorded_at < $4";

    private const string NewestFirst = "ORDER BY recorded_at DESC, usage_id DESC LIMIT $5";

    private const string SelectWhatCounts = $"SELECT {RecordColumns} {InRange} AND {Counts} {NewestFirst}";

    private const string SelectHistory =
        $"""
        SELECT {RecordColumns}, corrected_by, correction_reason, {IsCorrected} {InRange} {NewestFirst}
        """;

    public Task<IReadOnlyList<PeriodFigures>> SumBucketsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, FigureParts parts, CancellationToken cancel) =>
        SumBucketsAsync(parts == FigureParts.All ? AllOfBuckets : QuantityOfBuckets, "TRUE", filter, bounds, cancel);

    public Task<IReadOnlyList<PeriodFigures>> SumArchivedAsync(UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel) =>
        SumBucketsAsync(QuantityOfBuckets, "part > 0", filter, bounds, cancel);

    public Task<IReadOnlyList<PeriodFigures>> SumRecordsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel) => SumAsync(SumRecords, filter, bounds, cancel);

    public async Task<IReadOnlyList<GroupFigures>> SumGroupsAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<string> keys, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, filter.CustomerIds, cancel);
        // Many corrections are looked up by hash only where they are expected to fit.
        await connection.ExecuteAsync("SET LOCAL work_mem = '64MB'", cancel);
        // Only the numbers of parameters are put together; the keys themselves are values.
        string values = string.Concat(Enumerable.Range(6, keys.Count).Select(n => string.Create(CultureInfo.InvariantCulture, $"(metadata -> ${n})::text, ")));
        string groups = string.Join(", ", Enumerable.Range(1, 3 + keys.Count));
        string sql =
            $"""
            SELECT customer_id, service_name, width_bucket(recorded_at, $5) - 1, {values}{RecordFigures}
            FROM billing_usage_records
            WHERE {Matches} AND recorded_at >= $3 AND recorded_at < $4 AND aggregated
            GROUP BY {groups}
            """;
        await using NpgsqlCommand command = SumCommand(connection, await source.AdaptAsync(connection, sql, cancel), filter, bounds, keys);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<GroupFigures>();
        while (await reader.ReadAsync(cancel))
        {
            string?[] group = [.. Enumerable.Range(3, keys.Count).Select(i => reader.IsDBNull(i) ? null : reader.GetString(i))];
            rows.Add(new GroupFigures(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), group, FiguresAt(reader, 3 + keys.Count)));
        }

        return rows;
    }

    public async IAsyncEnumerable<StoredRecord> ReadRecordsAsync(
        UsageFilter filter, TimeRange range, long? first, bool includeUndone, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, filter.CustomerIds, cancel);
        // Many corrections are looked up by hash only where they are expected to fit.
        await connection.ExecuteAsync("SET LOCAL work_mem = '64MB'", cancel);
        await using NpgsqlCommand command = connection.Command(
            includeUndone ? await source.AdaptAsync(connection, SelectHistory, cancel) : SelectWhatCounts,
            PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services), range.Start.UtcDateTime, range.End.UtcDateTime,
            new NpgsqlParameter { Value = (object?)first ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        bool more = true;
        try
        {
            while (more = await reader.ReadAsync(cancel))
            {
                yield return includeUndone
                    ? RecordAt(reader) with { CorrectedBy = TextAt(reader, 10), CorrectionReason = TextAt(reader, 11), IsUndone = reader.GetBoolean(12) }
                    : RecordAt(reader);
            }
        }
        finally
        {
            // Whoever has seen enough does not wait until the server has sent the rest.
            if (more)
                command.Cancel();
        }
    }

    private Task<IReadOnlyList<PeriodFigures>> SumBucketsAsync(
        string figures, string condition, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel) => SumAsync(
            $"""
            SELECT customer_id, service_name, width_bucket(bucket_start, $5) - 1, {figures}
            FROM usage_buckets
            WHERE {Matches} AND bucket_start >= $3 AND bucket_start < $4 AND {condition}
            GROUP BY 1, 2, 3
            """,
            filter, bounds, cancel);

    private async Task<IReadOnlyList<PeriodFigures>> SumAsync(
        string sql, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(filter.CustomerIds, cancel);
        await using NpgsqlCommand command = SumCommand(connection, await source.AdaptAsync(connection, sql, cancel), filter, bounds, []);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<PeriodFigures>();
        while (await reader.ReadAsync(cancel))
            rows.Add(new PeriodFigures(reader.GetString(0), reader.GetString(1), reader.GetInt32(2), FiguresAt(reader, 3)));

        return rows;
    }

    private static NpgsqlCommand SumCommand(
        NpgsqlConnection connection, string sql, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<string> keys)
    {
        NpgsqlCommand command = connection.Command(
            sql,
            [
                PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services),
                bounds[0].UtcDateTime, bounds[^1].UtcDateTime, bounds.Select(b => b.UtcDateTime).ToArray(), .. keys,
            ]);
        command.CommandTimeout = 0;
        return command;
    }

    internal static Figures FiguresAt(NpgsqlDataReader reader, int column) => new(
        reader.GetInt64(column),
        ExactDecimal.Parse(reader.GetString(column + 1)),
        ExactDecimal.Parse(reader.GetString(column + 2)),
        reader.IsDBNull(column + 3) ? null : reader.GetDecimal(column + 3),
        reader.IsDBNull(column + 4) ? null : reader.GetDecimal(column + 4));

    private static string? TextAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    internal static StoredRecord RecordAt(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetInt64(0),
        Timestamp = reader.GetFieldValue<DateTimeOffset>(1),
        ReceivedAt = reader.GetFieldValue<DateTimeOffset>(2),
        CustomerId = reader.GetString(3),
        Service = reader.GetString(4),
        Quantity = ExactDecimal.Trim(reader.GetDecimal(5)),
        UnitCost = ExactDecimal.Trim(reader.GetDecimal(6)),
        Metadata = reader.IsDBNull(7) ? Metadata.Empty : Metadata.FromUtf8(reader.GetFieldValue<byte[]>(7)),
        EventKey = TextAt(reader, 8),
        CorrectsId = reader.IsDBNull(9) ? null : reader.GetInt64(9),
    };
}
