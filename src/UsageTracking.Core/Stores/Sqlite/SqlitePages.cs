using Microsoft.Data.Sqlite;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Reads all records of a range that count row by row, from one snapshot.</summary>
internal static class SqlitePages
{
    public static IEnumerable<RecordPage> Read(SqliteConnection connection, UsageFilter filter, TimeRange range)
    {
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        long total = (long)connection.Scalar(
            $"SELECT count(*) FROM billing_usage_records WHERE {SqliteCommands.Where(filter)} recorded_at >= $3 AND recorded_at < $4 AND {SqliteReader.Counts}",
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(range.Start), SqliteText.Time(range.End))!;
        var records = new List<StoredRecord>();
        long metadata = 0;
        foreach (StoredRecord record in SqliteReader.ReadRecords(connection, filter, range, null, includeUndone: false))
        {
            records.Add(record);
            metadata += record.Metadata.Utf8.Length;
            if (RecordPage.IsFull(records.Count, metadata))
            {
                yield return new RecordPage(total, records);
                (records, metadata) = ([], 0);
            }
        }

        if (records.Count > 0)
            yield return new RecordPage(total, records);
    }
}
