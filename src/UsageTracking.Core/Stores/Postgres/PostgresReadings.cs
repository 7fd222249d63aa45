using Npgsql;
using NpgsqlTypes;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>The tables of meters and their readings.</summary>
internal sealed class PostgresReadings(PostgresSource source, PostgresPartitions partitions)
{
    private const string Columns = "meter, kind, read_at, value, usage, allowance, usage_id";

    public async Task<ReadingHistory> GetAsync(string customerId, string service, DateTimeOffset since, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync([customerId], cancel);
        // First the revision: of readings that come in between, a writer is told.
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                PostgresCommands.BatchCommand("SELECT revision FROM usage_meters WHERE customer_id = $1 AND service_name = $2", customerId, service),
                PostgresCommands.BatchCommand(
                    $"""
                    SELECT {Columns} FROM usage_readings
                    WHERE customer_id = $1 AND service_name = $2 AND (read_at >= $3 OR (meter, read_at) IN (
                        SELECT meter, max(read_at) FROM usage_readings WHERE customer_id = $1 AND service_name = $2 AND read_at < $3 GROUP BY meter))
                    ORDER BY read_at, meter
                    """,
                    customerId, service, since.UtcDateTime),
            },
        };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
        long revision = await reader.ReadAsync(cancel) ? reader.GetInt64(0) : 0;
        await reader.NextResultAsync(cancel);
        var readings = new List<StoredReading>();
        while (await reader.ReadAsync(cancel))
            readings.Add(ReadOne(reader));

        return new ReadingHistory(revision, readings);
    }

    public async Task<IReadOnlyList<FoundReading>> FindAsync(UsageFilter filter, TimeRange range, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(filter.CustomerIds, cancel);
        await using NpgsqlCommand command = connection.Command(
            $"""
            SELECT {Columns}, customer_id, service_name FROM usage_readings
            WHERE {PostgresReader.Matches} AND read_at >= $3 AND read_at < $4
            """,
            PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services), range.Start.UtcDateTime, range.End.UtcDateTime);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var readings = new List<FoundReading>();
        while (await reader.ReadAsync(cancel))
            readings.Add(new FoundReading(reader.GetString(7), reader.GetString(8), ReadOne(reader)));

        return readings;
    }

    public async Task<IReadOnlyList<ReadingAllowance>> GetAllowancesAsync(UsageFilter filter, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(filter.CustomerIds, cancel);
        await using NpgsqlCommand command = connection.Command(
            $"""
            SELECT customer_id, service_name, read_at, allowance FROM usage_readings
            WHERE {PostgresReader.Matches} AND allowance > 0
            ORDER BY customer_id, service_name, read_at, meter
            """,
            PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var allowances = new List<ReadingAllowance>();
        while (await reader.ReadAsync(cancel))
        {
            allowances.Add(new ReadingAllowance(
                reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), ExactDecimal.Trim(reader.GetDecimal(3))));
        }

        return allowances;
    }

    public Task WriteAsync(ReadingChange change, CancellationToken cancel) =>
        partitions.WriteAsync(change.Updates.Select(u => u.Reading.ReadAt), () => WriteOnceAsync(change, cancel), cancel);

    private async Task<bool> WriteOnceAsync(ReadingChange change, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await EnsureCustomerAsync(connection, change, cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await PostgresArchives.LockSharedAsync(connection, cancel);
        await source.ActForAsync(connection, [change.CustomerId], cancel);
        if (!await AdvanceAsync(connection, change, cancel))
            throw StoreErrors.ReadingsChanged(change);

        var rows = new PostgresReadingRows(connection, change, await GetPricesAsync(connection, change.CustomerId, cancel));
        foreach (ReadingUpdate update in change.Updates)
        {
            long? usageId = update.Before?.UsageId;
            if (update.ChangesUsage)
            {
                if (usageId is not null)
                    await rows.TakeBackAsync(update.Before!, change.CorrectionReason(update), cancel);

                usageId = update.After is { Usage: > 0 } ? await rows.AddAsync(update.After, cancel) : null;
            }

            if (update.After is not null)
                await PutAsync(connection, change, update.After, usageId, cancel);
            else
                await RemoveAsync(connection, change, update.Reading, cancel);
        }

        await PostgresLedger.AddAsync(connection, LedgerEntries.Readings, rows.Count, cancel);
        await PostgresBuckets.AddAsync(connection, rows.Deltas, part: 0, cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }

    private async Task EnsureCustomerAsync(NpgsqlConnection connection, ReadingChange change, CancellationToken cancel)
    {
        // In a transaction of its own: a customer outlives readings that fail.
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await source.ActForAsync(connection, [change.CustomerId], cancel);
        if (await connection.ScalarAsync("SELECT 1 FROM billing_customers WHERE customer_id = $1", cancel, change.CustomerId) is not null)
            return;

        if (!change.AutoCreateCustomer)
            throw StoreErrors.UnknownCustomer(change.CustomerId);

        await PostgresCustomers.CreateAsync(connection, [change.CustomerId], cancel);
        await transaction.CommitAsync(cancel);
    }

    private static async Task<bool> AdvanceAsync(NpgsqlConnection connection, ReadingChange change, CancellationToken cancel) => await connection.ExecuteAsync(
        change.Revision == 0
            ? "INSERT INTO usage_meters (customer_id, service_name, revision) VALUES ($1, $2, $3 + 1) ON CONFLICT DO NOTHING"
            : "UPDATE usage_meters SET revision = $3 + 1 WHERE customer_id = $1 AND service_name = $2 AND revision = $3",
        cancel, change.CustomerId, change.Service, change.Revision) == 1;

    private static async Task<PriceList> GetPricesAsync(NpgsqlConnection connection, string customerId, CancellationToken cancel)
    {
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                PostgresCommands.BatchCommand(PostgresSettings.SelectPlans, PostgresCommands.TextArray([customerId])),
                PostgresCommands.BatchCommand(PostgresSettings.SelectPrices, PostgresCommands.TextArray([customerId])),
            },
        };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
        return await PostgresSettings.ReadPricesAsync(reader, cancel);
    }

    private static Task<int> PutAsync(NpgsqlConnection connection, ReadingChange change, StoredReading reading, long? usageId, CancellationToken cancel) =>
        connection.ExecuteAsync(
            """
            INSERT INTO usage_readings (customer_id, service_name, meter, read_at, kind, value, usage, allowance, usage_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (customer_id, service_name, meter, read_at) DO UPDATE
            SET usage = excluded.usage, allowance = excluded.allowance, usage_id = excluded.usage_id
            """,
            cancel, change.CustomerId, change.Service, reading.Meter, reading.ReadAt.UtcDateTime, reading.Kind.ToString(),
            reading.Value, reading.Usage, reading.Allowance, new NpgsqlParameter { Value = (object?)usageId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });

    private static Task<int> RemoveAsync(NpgsqlConnection connection, ReadingChange change, StoredReading reading, CancellationToken cancel) =>
        connection.ExecuteAsync(
            "DELETE FROM usage_readings WHERE customer_id = $1 AND service_name = $2 AND meter = $3 AND read_at = $4",
            cancel, change.CustomerId, change.Service, reading.Meter, reading.ReadAt.UtcDateTime);

    private static StoredReading ReadOne(NpgsqlDataReader row) => new(
        row.GetString(0), Enum.Parse<ReadingKind>(row.GetString(1)), row.GetFieldValue<DateTimeOffset>(2), ExactDecimal.Trim(row.GetDecimal(3)))
    {
        Usage = ExactDecimal.Trim(row.GetDecimal(4)),
        Allowance = ExactDecimal.Trim(row.GetDecimal(5)),
        UsageId = row.IsDBNull(6) ? null : row.GetInt64(6),
    };
}
