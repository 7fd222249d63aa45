using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Postgres;

/// <summary>The records that were set aside.</summary>
internal sealed class PostgresRejected(PostgresSource source)
{
    public static async Task AddAsync(NpgsqlConnection connection, Guid spoolId, List<Rejection> rejections, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(
            """
            INSERT INTO usage_rejected_records
                (spool_id, position, error_id, reason, customer_id, service_name, quantity, in_bytes, unit_cost, metadata, recorded_at, own_time, event_key)
            SELECT $1, d.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS d
            """,
            spoolId,
            Column(r => r.Position), Column(r => r.ErrorId), Column(r => r.Reason),
            Column(r => r.Record.CustomerId), Column(r => r.Record.Service), Column(r => ((ExactDecimal)r.Record.Quantity).ToString()),
            Column(r => r.Record.InBytes), Column(r => r.Record.UnitCost is { } cost ? ((ExactDecimal)cost).ToString() : null),
            Column(r => r.Record.Metadata.ToString()), Column(r => r.Record.Timestamp.UtcDateTime), Column(r => r.Record.HasOwnTimestamp),
            Column(r => r.Record.EventKey));
        await command.ExecuteNonQueryAsync(cancel);

        T[] Column<T>(Func<Rejection, T> value) => [.. rejections.Select(value)];
    }

    public async IAsyncEnumerable<RejectedRecord> ReadAsync(string? caller, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(caller is null ? null : [caller], cancel);
        await using NpgsqlCommand command = connection.Command(
            """
            SELECT rejected_id, rejected_at, spool_id, position, error_id, reason,
                   customer_id, service_name, quantity, in_bytes, unit_cost, metadata, recorded_at, own_time, event_key
            FROM usage_rejected_records
            ORDER BY rejected_id DESC
            """);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var record = new UsageRecord
            {
                CustomerId = reader.GetString(6),
                Service = reader.GetString(7),
                Quantity = ParseNumber(reader.GetString(8)),
                InBytes = reader.GetBoolean(9),
                UnitCost = reader.IsDBNull(10) ? null : ParseNumber(reader.GetString(10)),
                Metadata = Metadata.FromStore(reader.GetString(11)),
                Timestamp = reader.GetFieldValue<DateTimeOffset>(12),
                HasOwnTimestamp = reader.GetBoolean(13),
                EventKey = reader.IsDBNull(14) ? null : reader.GetString(14),
            };
            yield return new RejectedRecord(
                reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetGuid(2), reader.GetInt64(3),
                reader.GetString(4), reader.GetString(5), record);
        }
    }

    public async Task<IReadOnlyList<long>> RemoveAsync(IReadOnlyCollection<long> ids, string? caller, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, caller is null ? null : [caller], cancel);
        await using NpgsqlCommand command = connection.Command(
            "DELETE FROM usage_rejected_records WHERE rejected_id = ANY ($1) RETURNING rejected_id",
            new NpgsqlParameter { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        var removed = new List<long>();
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
                removed.Add(reader.GetInt64(0));
        }

        await transaction.CommitAsync(cancel);
        return removed;
    }

    private static decimal ParseNumber(string text) => decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);
}
