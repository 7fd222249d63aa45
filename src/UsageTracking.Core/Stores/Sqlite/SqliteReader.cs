using Microsoft.Data.Sqlite;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Answers the questions of reports; sums are formed here, since SQLite has no exact ones.</summary>
internal static class SqliteReader
{
    public static IReadOnlyList<PeriodFigures> SumBuckets(SqliteConnection connection, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds)
    {
        var sums = new SqliteSums(bounds);
        foreach (SqliteDataReader row in connection.Query(
            $"""
            SELECT customer_id, service_name, bucket_start, event_count, total_quantity, total_cost, min_quantity, max_quantity
            FROM usage_buckets WHERE {SqliteCommands.Where(filter)} bucket_start >= $3 AND bucket_start < $4
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(bounds[0]), SqliteText.Time(bounds[^1])))
        {
            sums.For(row.GetString(0), row.GetString(1), row.GetString(2)).Add(
                row.GetInt64(3), row.GetString(4), row.GetString(5), row.NumberAt(6), row.NumberAt(7));
        }

        return sums.ToFigures();
    }

    public static IReadOnlyList<PeriodFigures> SumRecords(SqliteConnection connection, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds)
    {
        var sums = new SqliteSums(bounds);
        foreach (SqliteDataReader row in connection.Query(
            $"""
            SELECT customer_id, service_name, recorded_at, quantity, coalesce(unit_cost, '0'), corrects_id
            FROM billing_usage_records WHERE {SqliteCommands.Where(filter)} recorded_at >= $3 AND recorded_at < $4 AND aggregated = 1
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(bounds[0]), SqliteText.Time(bounds[^1])))
        {
            sums.For(row.GetString(0), row.GetString(1), row.GetString(2)).AddRecord(
                SqliteText.Number(row.GetString(3)), SqliteText.Number(row.GetString(4)), isCorrection: !row.IsDBNull(5));
        }

        return sums.ToFigures();
    }

    public static IEnumerable<StoredRecord> ReadRecords(SqliteConnection connection, UsageFilter filter, TimeRange range, long? first) =>
        connection.Query(
            $"""
            SELECT usage_id, recorded_at, received_at, customer_id, service_name, quantity, coalesce(unit_cost, '0'), metadata, event_key, corrects_id
            FROM billing_usage_records WHERE {SqliteCommands.Where(filter)} recorded_at >= $3 AND recorded_at < $4
            ORDER BY recorded_at DESC, usage_id DESC
            LIMIT $5
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services),
            SqliteText.Time(range.Start), SqliteText.Time(range.End), first ?? -1)
        .Select(row => new StoredRecord
        {
            Id = row.GetInt64(0),
            Timestamp = SqliteText.Time(row.GetString(1)),
            ReceivedAt = SqliteText.Time(row.GetString(2)),
            CustomerId = row.GetString(3),
            Service = row.GetString(4),
            Quantity = SqliteText.Number(row.GetString(5)),
            UnitCost = SqliteText.Number(row.GetString(6)),
            Metadata = Metadata.FromStore(row.TextAt(7)),
            EventKey = row.TextAt(8),
            CorrectsId = row.IsDBNull(9) ? null : row.GetInt64(9),
        });
}
