using Npgsql;
using NpgsqlTypes;
using UsageTracking.Metering;
using static UsageTracking.Stores.Postgres.PostgresCommands;

namespace UsageTracking.Stores.Postgres;

/// <summary>The table of alerts.</summary>
internal sealed class PostgresAlerts(PostgresSource source)
{
    private const string Columns =
        "customer_id, service_name, rule, level, period_start, granted, raised_at, period_end, usage, limit_value, percent, unit, message, time_zone, delivered_at";

    private const string IsSameButLevel = "customer_id = $1 AND service_name = $2 AND rule = $3 AND period_start = $5 AND granted = $6";

    private const string Insert =
        """
        INSERT INTO usage_alerts (customer_id, service_name, rule, level, period_start, granted, raised_at, period_end, usage, limit_value,
                                  percent, unit, message, time_zone, is_covered, claimed_until)
        SELECT $1, $2, $3, l, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, l <> $4, $15 FROM unnest($16) AS l
        ON CONFLICT DO NOTHING RETURNING true
        """;

    public async Task<bool> RaiseAsync(StoredAlert alert, IReadOnlyList<string> covered, DateTimeOffset claimedUntil, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, [alert.CustomerId], cancel);
        // Who comes second waits here for the first one's commit, and then finds the alert raised.
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('usage_alerts'))", cancel);
        // Citus counts those too that were there.
        if (await connection.ScalarAsync(Insert, cancel, [.. Values(alert), claimedUntil.UtcDateTime, new[] { alert.Level }]) is null)
            return false;

        await connection.ExecuteAsync(Insert, cancel, [.. Values(alert), claimedUntil.UtcDateTime, covered.ToArray()]);
        await connection.ExecuteAsync(
            $"UPDATE usage_alerts SET is_covered = true WHERE {IsSameButLevel} AND level = ANY ($4) AND delivered_at IS NULL", cancel,
            [.. Values(alert)[..3], covered.ToArray(), .. Values(alert)[4..6]]);
        await transaction.CommitAsync(cancel);
        return true;
    }

    public Task<IReadOnlyList<StoredAlert>> ClaimAsync(
        UsageFilter filter, DateTimeOffset now, DateTimeOffset claimedUntil, CancellationToken cancel) => ReadAsync(
            $"""
            WITH claimed AS (
                UPDATE usage_alerts SET claimed_until = $4
                WHERE {PostgresReader.Matches} AND delivered_at IS NULL AND NOT is_covered AND coalesce(claimed_until, '-infinity') <= $3
                RETURNING {Columns}
            )
            SELECT * FROM claimed ORDER BY raised_at
            """,
            filter, cancel, now.UtcDateTime, claimedUntil.UtcDateTime);

    public async Task<bool> KeepAsync(StoredAlert alert, DateTimeOffset claimedUntil, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, [alert.CustomerId], cancel);
        bool isKept = await connection.ExecuteAsync(
            $"UPDATE usage_alerts SET claimed_until = $8 WHERE {IsSameButLevel} AND level = $4 AND claimed_until = $7 AND delivered_at IS NULL AND NOT is_covered",
            cancel, [.. Values(alert)[..6], Time(alert.ClaimedUntil), claimedUntil.UtcDateTime]) == 1;
        await transaction.CommitAsync(cancel);
        return isKept;
    }

    public async Task SettleAsync(StoredAlert alert, DateTimeOffset? deliveredAt, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, [alert.CustomerId], cancel);
        await connection.ExecuteAsync(
            $"UPDATE usage_alerts SET delivered_at = $7, claimed_until = NULL, is_covered = is_covered AND $7 IS NULL WHERE {IsSameButLevel} AND level = $4", cancel,
            [.. Values(alert)[..6], Time(deliveredAt)]);
        await transaction.CommitAsync(cancel);
    }

    public Task<IReadOnlyList<StoredAlert>> GetAsync(UsageFilter filter, DateTimeOffset since, CancellationToken cancel) => ReadAsync(
        $"""
        SELECT {Columns} FROM usage_alerts
        WHERE {PostgresReader.Matches} AND raised_at >= $3 AND NOT is_covered
        ORDER BY raised_at DESC, alert_id DESC
        """,
        filter, cancel, since.UtcDateTime);

    private static object?[] Values(StoredAlert alert) =>
    [
        alert.CustomerId, alert.Service, alert.Rule, alert.Level, alert.PeriodStart.UtcDateTime, alert.Granted, alert.RaisedAt.UtcDateTime,
        alert.PeriodEnd.UtcDateTime, alert.Usage, alert.Limit,
        Nullable(alert.Percent, NpgsqlDbType.Numeric), alert.Unit, alert.Message, alert.TimeZone,
    ];

    private static NpgsqlParameter Time(DateTimeOffset? time) => Nullable(time?.UtcDateTime, NpgsqlDbType.TimestampTz);

    private async Task<IReadOnlyList<StoredAlert>> ReadAsync(string sql, UsageFilter filter, CancellationToken cancel, params object?[] values)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, filter.CustomerIds, cancel);
        await using NpgsqlCommand command = connection.Command(
            sql, [PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services), .. values]);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var alerts = new List<StoredAlert>();
        while (await reader.ReadAsync(cancel))
        {
            alerts.Add(new StoredAlert
            {
                CustomerId = reader.GetString(0),
                Service = reader.GetString(1),
                Rule = reader.GetString(2),
                Level = reader.GetString(3),
                PeriodStart = reader.GetFieldValue<DateTimeOffset>(4),
                Granted = ExactDecimal.Trim(reader.GetDecimal(5)),
                RaisedAt = reader.GetFieldValue<DateTimeOffset>(6),
                PeriodEnd = reader.GetFieldValue<DateTimeOffset>(7),
                Usage = ExactDecimal.Trim(reader.GetDecimal(8)),
                Limit = ExactDecimal.Trim(reader.GetDecimal(9)),
                Percent = reader.IsDBNull(10) ? null : ExactDecimal.Trim(reader.GetDecimal(10)),
                Unit = reader.GetString(11),
                Message = reader.GetString(12),
                TimeZone = reader.GetString(13),
                DeliveredAt = reader.IsDBNull(14) ? null : reader.GetFieldValue<DateTimeOffset>(14),
            });
        }

        await reader.CloseAsync();
        // Some of them were claimed by the same statement.
        await transaction.CommitAsync(cancel);
        return alerts;
    }
}
