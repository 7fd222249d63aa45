using Microsoft.Data.Sqlite;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Answers the questions of reports; sums are formed here, since SQLite has no exact ones.</summary>
internal static class SqliteReader
{
    /// <summary>A condition on records between $3 and $4: corrected. A correction has the time of what it corrects.</summary>
    public const string IsCorrected = $"usage_id IN (SELECT o.usage_id FROM {Pairs})";

    /// <summary>A condition on records between $3 and $4: neither a correction nor corrected, unless the other one of the two is away.</summary>
    public const string Counts = $"usage_id NOT IN (SELECT c.usage_id FROM {Pairs} UNION ALL SELECT o.usage_id FROM {Pairs})";

    /// <summary>What <see cref="RecordAt"/> reads.</summary>
    public const string RecordColumns =
        "usage_id, recorded_at, received_at, customer_id, service_name, quantity, coalesce(unit_cost, '0'), metadata, event_key, corrects_id";

    // One column only: a list of pairs would be looked through from its beginning for every record.
    private const string Pairs =
        """
        billing_usage_records c JOIN billing_usage_records o ON (o.usage_id, o.recorded_at) = (c.corrects_id, c.recorded_at)
        WHERE c.corrects_id IS NOT NULL AND c.recorded_at >= $3 AND c.recorded_at < $4
        """;

    public static IReadOnlyList<PeriodFigures> SumBuckets(
        SqliteConnection connection, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, FigureParts parts)
    {
        string columns = parts == FigureParts.All ? "total_cost, min_quantity, max_quantity" : "'0', NULL, NULL";
        return SumBuckets(connection, columns, SqliteCommands.Where(filter), filter, bounds);
    }

    public static IReadOnlyList<PeriodFigures> SumArchived(SqliteConnection connection, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds) =>
        // Mostly nothing is archived: then the index of what is must be taken, though the key would find a customer's rows.
        SumBuckets(connection, "'0', NULL, NULL", "part > 0 AND " + SqliteCommands.Where(filter, usesIndex: false), filter, bounds);

    private static IReadOnlyList<PeriodFigures> SumBuckets(
        SqliteConnection connection, string columns, string where, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds)
    {
        var sums = new SqliteSums(bounds);
        foreach (SqliteDataReader row in connection.Query(
            $"""
            SELECT customer_id, service_name, bucket_start, event_count, total_quantity, {columns}
            FROM usage_buckets WHERE {where} bucket_start >= $3 AND bucket_start < $4
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(bounds[0]), SqliteText.Time(bounds[^1])))
        {
            sums.For(row).Add(row.GetInt64(3), row.ExactAt(4), row.ExactAt(5), row.SmallAt(6), row.SmallAt(7));
        }

        return sums.ToFigures();
    }

    public static IReadOnlyList<PeriodFigures> SumRecords(SqliteConnection connection, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds) =>
        [.. SumGroups(connection, filter, bounds, []).Select(g => new PeriodFigures(g.CustomerId, g.Service, g.Period, g.Figures))];

    public static IReadOnlyList<GroupFigures> SumGroups(
        SqliteConnection connection, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<string> keys)
    {
        var groups = new Dictionary<string, (string?[] Values, SqliteSums Sums)>(StringComparer.Ordinal);
        foreach (SqliteDataReader row in connection.Query(
            $"""
            SELECT customer_id, service_name, recorded_at, quantity, coalesce(unit_cost, '0'), corrects_id IS NOT NULL, {IsCorrected}, metadata
            FROM billing_usage_records WHERE {SqliteCommands.Where(filter)} recorded_at >= $3 AND recorded_at < $4 AND aggregated = 1
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(bounds[0]), SqliteText.Time(bounds[^1])))
        {
            SumsOf(row.TextAt(7)).For(row.GetString(0), row.GetString(1), row.GetString(2)).AddRecord(
                SqliteText.Number(row.GetString(3)), SqliteText.Number(row.GetString(4)), isCorrection: row.GetBoolean(5), isCorrected: row.GetBoolean(6));
        }

        return [.. groups.Values.SelectMany(g => g.Sums.ToFigures().Select(f => new GroupFigures(f.CustomerId, f.Service, f.Period, g.Values, f.Figures)))];

        SqliteSums SumsOf(string? metadata)
        {
            string?[] values = keys.Count == 0 ? [] : Metadata.JsonOf(metadata, keys);
            // No JSON has a line break outside its strings, nor unescaped in them.
            string group = string.Join('\n', values.Select(v => v ?? ""));
            if (!groups.TryGetValue(group, out (string?[] Values, SqliteSums Sums) found))
                groups.Add(group, found = (values, new SqliteSums(bounds)));

            return found.Sums;
        }
    }

    public static IReadOnlyList<Quantiles> ReadQuantiles(
        SqliteConnection connection, UsageFilter filter, TimeRange range, IReadOnlyList<decimal> fractions)
    {
        var populations = new Dictionary<(string Customer, string Service), List<decimal>>();
        foreach (SqliteDataReader row in connection.Query(
            $"""
            SELECT customer_id, service_name, quantity FROM billing_usage_records
            WHERE {SqliteCommands.Where(filter)} recorded_at >= $3 AND recorded_at < $4 AND aggregated = 1
                AND corrects_id IS NULL AND NOT {IsCorrected}
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), SqliteText.Time(range.Start), SqliteText.Time(range.End)))
        {
            (string, string) key = (row.GetString(0), row.GetString(1));
            if (!populations.TryGetValue(key, out List<decimal>? quantities))
                populations.Add(key, quantities = []);

            quantities.Add(SqliteText.Number(row.GetString(2)));
        }

        return [.. populations.Select(p => Quantiles(p.Key.Customer, p.Key.Service, p.Value))];

        Quantiles Quantiles(string customer, string service, List<decimal> quantities)
        {
            quantities.Sort();
            return new Quantiles(customer, service, quantities.Count, [.. fractions.Select(Neighbours)]);

            (decimal, decimal) Neighbours(decimal fraction)
            {
                (long lower, long upper) = Percentile.Ranks(quantities.Count, fraction);
                return (quantities[(int)lower], quantities[(int)upper]);
            }
        }
    }

    public static IEnumerable<StoredRecord> ReadRecords(
        SqliteConnection connection, UsageFilter filter, TimeRange range, long? first, bool includeUndone) =>
        connection.Query(
            $"""
            SELECT {RecordColumns}{(includeUndone ? $", corrected_by, correction_reason, {IsCorrected}" : "")}
            FROM billing_usage_records
            WHERE {SqliteCommands.Where(filter)} recorded_at >= $3 AND recorded_at < $4{(includeUndone ? "" : $" AND {Counts}")}
            ORDER BY recorded_at DESC, usage_id DESC
            LIMIT $5
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services),
            SqliteText.Time(range.Start), SqliteText.Time(range.End), first ?? -1)
        .Select(row => includeUndone
            ? RecordAt(row) with { CorrectedBy = row.TextAt(10), CorrectionReason = row.TextAt(11), IsUndone = row.GetBoolean(12) }
            : RecordAt(row));

    public static StoredRecord RecordAt(SqliteDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Timestamp = SqliteText.Time(row.GetString(1)),
        ReceivedAt = SqliteText.Time(row.GetString(2)),
        CustomerId = row.GetString(3),
        Service = row.GetString(4),
        Quantity = ExactDecimal.Trim(row.SmallAt(5)!.Value),
        UnitCost = ExactDecimal.Trim(row.SmallAt(6)!.Value),
        Metadata = Metadata.FromUtf8(row.Utf8At(7)),
        EventKey = row.TextAt(8),
        CorrectsId = row.IsDBNull(9) ? null : row.GetInt64(9),
    };
}
