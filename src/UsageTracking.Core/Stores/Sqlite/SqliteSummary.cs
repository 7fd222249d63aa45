using Microsoft.Data.Sqlite;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Brings the buckets in step with the records.</summary>
internal static class SqliteSummary
{
    public static SummaryUpdate Update(SqliteConnection connection, UsageFilter filter, TimeRange? repair)
    {
        // Whole buckets are rebuilt, so the range grows to quarter hours.
        TimeRange range = repair is { } asked
            ? new TimeRange(Instants.QuarterHour(asked.Start), Instants.NextQuarterHour(asked.End))
            : TimeRange.Everything;
        string where = $"{SqliteCommands.Where(filter)} {{0}} >= $3 AND {{0}} < $4";
        object?[] values =
        [
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(range.Start), SqliteText.Time(range.End),
        ];
        string records = string.Format(null, where, "recorded_at");

        WriteTimesAlike(connection);
        var touched = new HashSet<BucketDeltas.Key>();
        foreach (SqliteDataReader row in connection.Query(
            $"SELECT customer_id, service_name, recorded_at FROM billing_usage_records WHERE {records} AND aggregated IS NOT 1", values))
        {
            touched.Add(KeyOf(row));
        }

        // Whoever has usage is a customer; otherwise reports on all customers would miss it.
        connection.Execute(
            "INSERT INTO billing_customers (customer_id, project_name) SELECT value, value FROM json_each($1) WHERE true ON CONFLICT DO NOTHING",
            SqliteCommands.List([.. touched.Select(t => t.CustomerId).Distinct(StringComparer.Ordinal)]));
        long folded = connection.Execute($"UPDATE billing_usage_records SET aggregated = 1 WHERE {records} AND aggregated IS NOT 1", values);
        if (repair is not null)
        {
            touched.UnionWith(connection.Query($"SELECT customer_id, service_name, recorded_at FROM billing_usage_records WHERE {records}", values).Select(KeyOf));
            touched.UnionWith(connection.Query(
                $"SELECT customer_id, service_name, bucket_start FROM usage_buckets WHERE {string.Format(null, where, "bucket_start")} AND part = 0", values)
                .Select(KeyOf));
        }

        SqliteLedger.Add(connection, LedgerEntries.Folded, folded);
        long changed = touched.Count(key => Rebuild(connection, key));
        return new SummaryUpdate(changed, folded);
    }

    // Times are compared as texts: those that other programs wrote in another form would be found in no range.
    private static void WriteTimesAlike(SqliteConnection connection)
    {
        foreach ((long id, string time) in connection.Query("SELECT usage_id, recorded_at FROM billing_usage_records WHERE aggregated IS NOT 1")
            .Select(r => (r.GetInt64(0), r.GetString(1))).ToList())
        {
            if (SqliteText.Time(SqliteText.Time(time)) is var alike && alike != time)
                connection.Execute("UPDATE billing_usage_records SET recorded_at = $2 WHERE usage_id = $1", id, alike);
        }
    }

    /// <summary>Makes one live bucket say what its records say; returns whether that changed it.</summary>
    public static bool Rebuild(SqliteConnection connection, BucketDeltas.Key key)
    {
        object?[] bucket = [key.CustomerId, key.Service, SqliteText.Time(key.Start)];
        object?[] values = [.. bucket, SqliteText.Time(key.Start.AddMinutes(15))];
        var sum = new SqliteSums.Sum();
        (string? first, string? last) = (null, null);
        foreach (SqliteDataReader row in connection.Query(
            $"""
            SELECT recorded_at, quantity, coalesce(unit_cost, '0'), corrects_id, {SqliteReader.IsCorrected} FROM billing_usage_records
            WHERE customer_id = $1 AND service_name = $2 AND recorded_at >= $3 AND recorded_at < $4 AND aggregated = 1
            ORDER BY recorded_at
            """, values))
        {
            sum.AddRecord(SqliteText.Number(row.GetString(1)), SqliteText.Number(row.GetString(2)), isCorrection: !row.IsDBNull(3), isCorrected: row.GetBoolean(4));
            last = row.GetString(0);
            first ??= last;
        }

        SqliteBuckets.Bucket? before = connection.Query(
            """
            SELECT event_count, total_quantity, total_cost, min_quantity, max_quantity, first_event, last_event
            FROM usage_buckets WHERE customer_id = $1 AND service_name = $2 AND bucket_start = $3 AND part = 0
            """, bucket)
            .Select(r => SqliteBuckets.Bucket.Read(r, 0)).SingleOrDefault();
        SqliteBuckets.Bucket? after = first is null ? null : new SqliteBuckets.Bucket(sum.ToFigures(), first, last);
        if (before == after)
            return false;

        if (after is null)
            connection.Execute("DELETE FROM usage_buckets WHERE customer_id = $1 AND service_name = $2 AND bucket_start = $3 AND part = 0", bucket);
        else
            SqliteBuckets.Put(connection, key, part: 0, after);

        return true;
    }

    public static BucketDeltas.Key KeyOf(SqliteDataReader row) =>
        new(row.GetString(0), row.GetString(1), Instants.QuarterHour(SqliteText.Time(row.GetString(2))));
}
