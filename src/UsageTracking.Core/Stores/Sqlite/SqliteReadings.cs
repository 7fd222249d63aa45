using Microsoft.Data.Sqlite;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The tables of meters and their readings.</summary>
internal static class SqliteReadings
{
    private const string Columns = "meter, kind, read_at, value, usage, allowance, usage_id";

    public static ReadingHistory Read(SqliteConnection connection, string customerId, string service, DateTimeOffset since)
    {
        // First the revision: of readings that come in between, a writer is told.
        long revision = (long?)connection.Scalar(
            "SELECT revision FROM usage_meters WHERE customer_id = $1 AND service_name = $2", customerId, service) ?? 0;
        return new ReadingHistory(revision,
        [
            .. connection.Query(
                $"""
                SELECT {Columns} FROM usage_readings
                WHERE customer_id = $1 AND service_name = $2 AND (read_at >= $3 OR (meter, read_at) IN (
                    SELECT meter, max(read_at) FROM usage_readings WHERE customer_id = $1 AND service_name = $2 AND read_at < $3 GROUP BY meter))
                ORDER BY read_at, meter
                """,
                customerId, service, SqliteText.Time(since))
                .Select(ReadOne),
        ]);
    }

    public static IReadOnlyList<FoundReading> Find(SqliteConnection connection, UsageFilter filter, TimeRange range) =>
    [
        .. connection.Query(
            $"""
            SELECT {Columns}, customer_id, service_name FROM usage_readings
            WHERE {SqliteCommands.Where(filter)} read_at >= $3 AND read_at < $4
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(range.Start), SqliteText.Time(range.End))
            .Select(r => new FoundReading(r.GetString(7), r.GetString(8), ReadOne(r))),
    ];

    public static IReadOnlyList<ReadingAllowance> ReadAllowances(SqliteConnection connection, UsageFilter filter) =>
    [
        .. connection.Query(
            $"""
            SELECT customer_id, service_name, read_at, allowance FROM usage_readings
            WHERE {SqliteCommands.Where(filter)} allowance <> '0'
            ORDER BY customer_id, service_name, read_at, meter
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services))
            .Select(r => new ReadingAllowance(r.GetString(0), r.GetString(1), SqliteText.Time(r.GetString(2)), SqliteText.Number(r.GetString(3)))),
    ];

    public static long Write(SqliteConnection connection, ReadingChange change)
    {
        if (!Advance(connection, change))
            throw StoreErrors.ReadingsChanged(change);

        if (SqliteWriter.KnownCustomers(connection, [change.CustomerId], change.AutoCreateCustomer).Count == 0)
            throw StoreErrors.UnknownCustomer(change.CustomerId);

        var rows = new Rows(connection, change);
        foreach (ReadingUpdate update in change.Updates)
        {
            long? usageId = update.Before?.UsageId;
            if (update.ChangesUsage)
            {
                if (usageId is not null)
                    rows.TakeBack(update.Before!, change.CorrectionReason(update));

                usageId = update.After is { Usage: > 0 } ? rows.Add(update.After) : null;
            }

            if (update.After is not null)
                Put(connection, change, update.After, usageId);
            else
                Remove(connection, change, update.Reading);
        }

        SqliteLedger.Add(connection, LedgerEntries.Readings, rows.Count);
        SqliteBuckets.Add(connection, rows.Deltas, part: 0);
        return rows.Count;
    }

    private static bool Advance(SqliteConnection connection, ReadingChange change) => connection.Execute(
        change.Revision == 0
            ? "INSERT INTO usage_meters (customer_id, service_name, revision) VALUES ($1, $2, $3 + 1) ON CONFLICT DO NOTHING"
            : "UPDATE usage_meters SET revision = $3 + 1 WHERE customer_id = $1 AND service_name = $2 AND revision = $3",
        change.CustomerId, change.Service, change.Revision) == 1;

    private static void Put(SqliteConnection connection, ReadingChange change, StoredReading reading, long? usageId) => connection.Execute(
        """
        INSERT INTO usage_readings (customer_id, service_name, meter, read_at, kind, value, usage, allowance, usage_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (customer_id, service_name, meter, read_at) DO UPDATE
        SET usage = excluded.usage, allowance = excluded.allowance, usage_id = excluded.usage_id
        """,
        change.CustomerId, change.Service, reading.Meter, SqliteText.Time(reading.ReadAt), reading.Kind.ToString(),
        SqliteText.Number(reading.Value), SqliteText.Number(reading.Usage), SqliteText.Number(reading.Allowance), usageId);

    private static void Remove(SqliteConnection connection, ReadingChange change, StoredReading reading) => connection.Execute(
        "DELETE FROM usage_readings WHERE customer_id = $1 AND service_name = $2 AND meter = $3 AND read_at = $4",
        change.CustomerId, change.Service, reading.Meter, SqliteText.Time(reading.ReadAt));

    private static StoredReading ReadOne(SqliteDataReader row) => new(
        row.GetString(0), Enum.Parse<ReadingKind>(row.GetString(1)), SqliteText.Time(row.GetString(2)), SqliteText.Number(row.GetString(3)))
    {
        Usage = SqliteText.Number(row.GetString(4)),
        Allowance = SqliteText.Number(row.GetString(5)),
        UsageId = row.IsDBNull(6) ? null : row.GetInt64(6),
    };

    /// <summary>The records that a change adds.</summary>
    private sealed class Rows(SqliteConnection connection, ReadingChange change)
    {
        private readonly PriceList _prices = SqliteSettings.ReadPrices(connection, [change.CustomerId]);
        private readonly string _now = SqliteText.Time(Instants.Truncate(DateTimeOffset.UtcNow));

        public BucketDeltas Deltas { get; } = new();

        public long Count { get; private set; }

        public long Add(StoredReading reading)
        {
            UsageRecord record = reading.ToRecord(change.CustomerId, change.Service);
            decimal unitCost = UnitCost(reading);
            Deltas.Add(record, unitCost);
            return Insert(record, record.Quantity, unitCost, null, null);
        }

        public void TakeBack(StoredReading reading, string reason)
        {
            // One that was archived is known by its reading.
            (UsageRecord record, decimal unitCost) = Find(reading) ?? (reading.ToRecord(change.CustomerId, change.Service), UnitCost(reading));
            // Somebody may have taken it back by hand.
            if (connection.Scalar("SELECT 1 FROM billing_usage_records WHERE recorded_at = $2 AND corrects_id = $1", reading.UsageId, SqliteText.Time(reading.ReadAt)) is not null)
                return;

            Deltas.AddCorrection(record, unitCost);
            Insert(record, -record.Quantity, unitCost, reading.UsageId, reason);
        }

        private decimal UnitCost(StoredReading reading) => _prices.UnitCostAt(change.CustomerId, change.Service, reading.ReadAt);

        private (UsageRecord Record, decimal UnitCost)? Find(StoredReading reading) => connection.Query(
            "SELECT quantity, coalesce(unit_cost, '0'), metadata FROM billing_usage_records WHERE usage_id = $1 AND customer_id = $2",
            reading.UsageId, change.CustomerId)
            .Select(r => ((UsageRecord, decimal)?)(
                reading.ToRecord(change.CustomerId, change.Service) with { Quantity = SqliteText.Number(r.GetString(0)), Metadata = Metadata.FromStore(r.TextAt(2)) },
                SqliteText.Number(r.GetString(1))))
            .SingleOrDefault();

        private long Insert(UsageRecord record, decimal quantity, decimal unitCost, long? corrects, string? reason)
        {
            Count++;
            return connection.Query(
                """
                INSERT INTO billing_usage_records
                    (customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated, received_at, corrects_id, corrected_by, correction_reason)
                VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10)
                RETURNING usage_id
                """,
                record.CustomerId, record.Service, SqliteText.Number(quantity), SqliteText.Number(unitCost), record.Metadata.ToString(),
                SqliteText.Time(record.Timestamp), _now, corrects,
                corrects is null ? null : change.CorrectedBy, reason)
                .Select(r => r.GetInt64(0)).ToList()[0];
        }
    }
}
