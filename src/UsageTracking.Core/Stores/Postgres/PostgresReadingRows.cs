using Npgsql;
using NpgsqlTypes;
using UsageTracking.Metering;
using static UsageTracking.Stores.Postgres.PostgresCommands;

namespace UsageTracking.Stores.Postgres;

/// <summary>The records that a change of readings adds: a few, so by INSERT.</summary>
internal sealed class PostgresReadingRows(NpgsqlConnection connection, ReadingChange change, PriceList prices)
{
    public BucketDeltas Deltas { get; } = new();

    public long Count { get; private set; }

    public Task<long> AddAsync(StoredReading reading, CancellationToken cancel)
    {
        UsageRecord record = reading.ToRecord(change.CustomerId, change.Service);
        decimal unitCost = UnitCost(reading);
        Deltas.Add(record, unitCost);
        return InsertAsync(record, record.Quantity, unitCost, null, null, cancel);
    }

    public async Task TakeBackAsync(StoredReading reading, string reason, CancellationToken cancel)
    {
        // One that was archived is known by its reading.
        (UsageRecord record, decimal unitCost) = await FindAsync(reading, cancel) ?? (reading.ToRecord(change.CustomerId, change.Service), UnitCost(reading));
        // Somebody may have taken it back by hand.
        if (await connection.ScalarAsync(
            "SELECT 1 FROM billing_usage_records WHERE recorded_at = $2 AND corrects_id = $1", cancel, reading.UsageId, reading.ReadAt.UtcDateTime) is not null)
        {
            return;
        }

        Deltas.AddCorrection(record, unitCost);
        await InsertAsync(record, -record.Quantity, unitCost, reading.UsageId, reason, cancel);
    }

    private decimal UnitCost(StoredReading reading) => prices.UnitCostAt(change.CustomerId, change.Service, reading.ReadAt);

    private async Task<(UsageRecord Record, decimal UnitCost)?> FindAsync(StoredReading reading, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(
            "SELECT quantity, coalesce(unit_cost, 0), metadata::text FROM billing_usage_records WHERE recorded_at = $3 AND usage_id = $1 AND customer_id = $2",
            reading.UsageId, change.CustomerId, reading.ReadAt.UtcDateTime);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? (reading.ToRecord(change.CustomerId, change.Service) with
            {
                Quantity = reader.GetDecimal(0),
                Metadata = Metadata.FromStore(reader.IsDBNull(2) ? null : reader.GetString(2)),
            },
            reader.GetDecimal(1))
            : null;
    }

    private async Task<long> InsertAsync(UsageRecord record, decimal quantity, decimal unitCost, long? corrects, string? reason, CancellationToken cancel)
    {
        Count++;
        return (long)(await connection.ScalarAsync(
            """
            INSERT INTO billing_usage_records
                (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated, corrects_id, corrected_by, correction_reason)
            VALUES ($1, $2, $3, $4, $5, $6, true, $7, $8, $9)
            RETURNING usage_id
            """,
            cancel, record.CustomerId, record.Service, quantity, unitCost,
            new NpgsqlParameter { Value = record.Metadata.Bytes, NpgsqlDbType = NpgsqlDbType.Jsonb }, record.Timestamp.UtcDateTime,
            Nullable(corrects, NpgsqlDbType.Bigint),
            Nullable(corrects is null ? null : change.CorrectedBy, NpgsqlDbType.Text),
            Nullable(reason, NpgsqlDbType.Text)))!;
    }
}
