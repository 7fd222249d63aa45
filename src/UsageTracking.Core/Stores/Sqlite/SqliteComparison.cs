using Microsoft.Data.Sqlite;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Holds what is stored twice against each other, each question in one read transaction, and so one snapshot.</summary>
internal static class SqliteComparison
{
    public static IReadOnlyList<BucketDifference> CompareBuckets(SqliteConnection connection, UsageFilter filter, TimeRange range)
    {
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        object?[] values =
        [
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services),
            SqliteText.Time(Instants.QuarterHour(range.Start)), SqliteText.Time(Instants.NextQuarterHour(range.End)),
        ];
        var pairs = new SortedDictionary<BucketDeltas.Key, Pair>(Comparer<BucketDeltas.Key>.Create(static (a, b) => a.CompareTo(b)));
        foreach (SqliteDataReader row in connection.Query(
            $"""
            SELECT customer_id, service_name, bucket_start, event_count, total_quantity, total_cost, min_quantity, max_quantity, first_event, last_event
            FROM usage_buckets WHERE {SqliteCommands.Where(filter)} bucket_start >= $3 AND bucket_start < $4 AND part = 0
            """, values))
        {
            PairOf(row).Kept = SqliteBuckets.Bucket.Read(row, 3);
        }

        foreach (SqliteDataReader row in connection.Query(
            $"""
            SELECT customer_id, service_name, recorded_at, quantity, coalesce(unit_cost, '0'), corrects_id, aggregated, {SqliteReader.IsCorrected}
            FROM billing_usage_records WHERE {SqliteCommands.Where(filter)} recorded_at >= $3 AND recorded_at < $4
            """, values))
        {
            PairOf(row).Add(row);
        }

        return Differences(pairs);

        Pair PairOf(SqliteDataReader row)
        {
            var key = new BucketDeltas.Key(row.GetString(0), row.GetString(1), Instants.QuarterHour(SqliteText.Time(row.GetString(2))));
            if (!pairs.TryGetValue(key, out Pair? pair))
                pairs.Add(key, pair = new Pair());

            return pair;
        }
    }

    public static QueueBalance CompareQueues(SqliteConnection connection) => connection.Query(
        """
        SELECT coalesce(sum(position), 0), coalesce(sum(duplicates), 0), coalesce(sum(rejected), 0), coalesce(sum(skipped), 0),
               (SELECT coalesce(sum(records), 0) FROM usage_ledger), (SELECT count(*) FROM billing_usage_records WHERE aggregated = 1)
        FROM usage_spools
        """)
        .Select(r => new QueueBalance(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5)))
        .Single();

    // Differing buckets without an agreeing one between them make one range.
    private static List<BucketDifference> Differences(SortedDictionary<BucketDeltas.Key, Pair> pairs)
    {
        var differences = new List<BucketDifference>();
        bool isOpen = false;
        foreach ((BucketDeltas.Key key, Pair pair) in pairs)
        {
            if (!pair.Differs)
            {
                isOpen = false;
                continue;
            }

            var range = new TimeRange(key.Start, key.Start.AddMinutes(15));
            Figures kept = pair.Kept?.Figures ?? Figures.None;
            if (isOpen && differences[^1] is var last && (last.CustomerId, last.Service) == (key.CustomerId, key.Service))
            {
                differences[^1] = last with
                {
                    Range = new TimeRange(last.Range.Start, range.End),
                    InBuckets = last.InBuckets + kept,
                    InRecords = last.InRecords + pair.Truth.ToFigures(),
                    Unfolded = last.Unfolded + pair.Unfolded,
                };
            }
            else
            {
                differences.Add(new BucketDifference(key.CustomerId, key.Service, range, kept, pair.Truth.ToFigures(), pair.Unfolded));
            }

            isOpen = true;
        }

        return differences;
    }

    private sealed class Pair
    {
        private string? _first;
        private string? _last;

        public SqliteBuckets.Bucket? Kept { get; set; }

        public SqliteSums.Sum Truth { get; } = new();

        public long Unfolded { get; private set; }

        public bool Differs => Kept != (_first is null ? null : new SqliteBuckets.Bucket(Truth.ToFigures(), _first, _last));

        public void Add(SqliteDataReader row)
        {
            string time = row.GetString(2);
            Truth.AddRecord(SqliteText.Number(row.GetString(3)), SqliteText.Number(row.GetString(4)), isCorrection: !row.IsDBNull(5), isCorrected: row.GetBoolean(7));
            // The text of times sorts by time.
            if (_first is null || string.CompareOrdinal(time, _first) < 0)
                _first = time;
            if (_last is null || string.CompareOrdinal(time, _last) > 0)
                _last = time;
            if (row.IsDBNull(6) || row.GetInt64(6) != 1)
                Unfolded++;
        }
    }
}
