using Microsoft.Data.Sqlite;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>
/// The table of buckets. SQLite cannot add decimals exactly, so a bucket is read, added to here and written back;
/// the caller holds the write lock.
/// </summary>
internal static class SqliteBuckets
{
    /// <summary>Adds to the buckets of a part: 0 is live, n archive n.</summary>
    public static void Add(SqliteConnection connection, BucketDeltas deltas, int part)
    {
        using SqliteCommand select = connection.Command(
            """
            SELECT event_count, total_quantity, total_cost, min_quantity, max_quantity, first_event, last_event
            FROM usage_buckets WHERE customer_id = $1 AND service_name = $2 AND bucket_start = $3 AND part = $4
            """, "", "", "", part);
        foreach ((BucketDeltas.Key key, BucketDeltas.Delta delta) in deltas.InKeyOrder())
        {
            // What is the smallest and largest quantity without those taken back, only the records tell, which are there already.
            if (part == 0 && delta.HasCorrections)
            {
                SqliteSummary.Rebuild(connection, key);
                continue;
            }

            Bucket added = Bucket.From(delta);
            select.Parameters[0].Value = key.CustomerId;
            select.Parameters[1].Value = key.Service;
            select.Parameters[2].Value = SqliteText.Time(key.Start);
            using (SqliteDataReader reader = select.ExecuteReader())
            {
                if (reader.Read())
                    added = Bucket.Read(reader, 0).Plus(added);
            }

            Put(connection, key, part, added);
        }
    }

    public static void Put(SqliteConnection connection, BucketDeltas.Key key, int part, Bucket bucket) => connection.Execute(
        """
        INSERT OR REPLACE INTO usage_buckets
            (customer_id, service_name, bucket_start, part, event_count, total_quantity, total_cost, min_quantity, max_quantity, first_event, last_event)
        VALUES ($1, $2, $3, $11, $4, $5, $6, $7, $8, $9, $10)
        """,
        key.CustomerId, key.Service, SqliteText.Time(key.Start), bucket.Figures.Events,
        bucket.Figures.Quantity.ToString(), bucket.Figures.Cost.ToString(),
        bucket.Figures.Minimum is { } low ? SqliteText.Number(low) : null, bucket.Figures.Maximum is { } high ? SqliteText.Number(high) : null,
        bucket.FirstEvent, bucket.LastEvent, part);

    /// <summary>What one row of usage_buckets holds.</summary>
    internal sealed record Bucket(Figures Figures, string? FirstEvent, string? LastEvent)
    {
        public static Bucket From(BucketDeltas.Delta delta) => new(
            new Figures(delta.Events, delta.Quantity, delta.Cost, delta.Minimum, delta.Maximum),
            SqliteText.Time(delta.FirstEvent), SqliteText.Time(delta.LastEvent));

        public static Bucket Read(SqliteDataReader reader, int column) => new(
            new Figures(
                reader.GetInt64(column), ExactDecimal.Parse(reader.GetString(column + 1)), ExactDecimal.Parse(reader.GetString(column + 2)),
                reader.NumberAt(column + 3), reader.NumberAt(column + 4)),
            reader.TextAt(column + 5), reader.TextAt(column + 6));

        // The text of times sorts by time.
        public Bucket Plus(Bucket other) => new(
            Figures + other.Figures,
            string.CompareOrdinal(FirstEvent ?? other.FirstEvent, other.FirstEvent ?? FirstEvent) <= 0 ? FirstEvent ?? other.FirstEvent : other.FirstEvent,
            string.CompareOrdinal(LastEvent ?? other.LastEvent, other.LastEvent ?? LastEvent) >= 0 ? LastEvent ?? other.LastEvent : other.LastEvent);
    }
}
