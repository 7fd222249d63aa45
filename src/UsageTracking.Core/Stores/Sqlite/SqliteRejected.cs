using System.Text.Json;
using Microsoft.Data.Sqlite;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The records that were set aside.</summary>
internal static class SqliteRejected
{
    public static void Add(SqliteConnection connection, string spool, List<Rejection> rejections)
    {
        foreach (Rejection rejection in rejections)
        {
            UsageRecord record = rejection.Record;
            connection.Execute(
                """
                INSERT INTO usage_rejected_records
                    (spool_id, position, error_id, reason, customer_id, service_name, quantity, in_bytes, unit_cost, metadata, recorded_at, own_time, event_key)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                """,
                spool, rejection.Position, rejection.ErrorId, rejection.Reason, record.CustomerId, record.Service,
                SqliteText.Number(record.Quantity), record.InBytes, record.UnitCost is { } cost ? SqliteText.Number(cost) : null,
                record.Metadata.ToString(), SqliteText.Time(record.Timestamp), record.HasOwnTimestamp, record.EventKey);
        }
    }

    public static IEnumerable<RejectedRecord> Read(SqliteConnection connection) =>
        connection.Query(
            """
            SELECT rejected_id, rejected_at, spool_id, position, error_id, reason,
                   customer_id, service_name, quantity, in_bytes, unit_cost, metadata, recorded_at, own_time, event_key
            FROM usage_rejected_records
            ORDER BY rejected_id DESC
            """)
        .Select(row => new RejectedRecord(
            row.GetInt64(0), SqliteText.Time(row.GetString(1)), Guid.Parse(row.GetString(2)), row.GetInt64(3), row.GetString(4), row.GetString(5),
            new UsageRecord
            {
                CustomerId = row.GetString(6),
                Service = row.GetString(7),
                Quantity = SqliteText.Number(row.GetString(8)),
                InBytes = row.GetBoolean(9),
                UnitCost = row.NumberAt(10),
                Metadata = Metadata.FromStore(row.GetString(11)),
                Timestamp = SqliteText.Time(row.GetString(12)),
                HasOwnTimestamp = row.GetBoolean(13),
                EventKey = row.TextAt(14),
            }));

    public static IReadOnlyList<long> Remove(SqliteConnection connection, IReadOnlyCollection<long> ids) =>
        [.. connection.Query(
            "DELETE FROM usage_rejected_records WHERE rejected_id IN (SELECT value FROM json_each($1)) RETURNING rejected_id",
            JsonSerializer.Serialize(ids)).Select(r => r.GetInt64(0))];
}
