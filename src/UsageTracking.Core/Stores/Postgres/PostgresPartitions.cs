using System.Collections.Concurrent;
using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>Makes sure of the months that records are written to.</summary>
internal sealed class PostgresPartitions(PostgresSource source, StoreAddress address)
{
    private const string SelectMissing =
        """
        SELECT relkind = 'p', ARRAY(
            SELECT m::date
            FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + i * interval '1 month' AS m FROM generate_series(0, 1) i) months
            WHERE NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = t.oid AND inhrelid = to_regclass('billing_usage_records_' || to_char(m, 'YYYY_MM')))
            ORDER BY 1)
        FROM pg_class t
        WHERE oid = 'billing_usage_records'::regclass
        """;

    private readonly ConcurrentDictionary<DateOnly, bool> _months = new();

    /// <summary>Of this month and the next, those that have no partition; null where the table, an adopted one, has none at all.</summary>
    public static async Task<IReadOnlyList<DateOnly>?> FindMissingAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(SelectMissing);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return reader.GetBoolean(0) ? reader.GetFieldValue<DateOnly[]>(1) : null;
    }

    /// <summary>Writes records of these times, each of which has its partition.</summary>
    public async Task<T> WriteAsync<T>(IEnumerable<DateTimeOffset> times, Func<Task<T>> write, CancellationToken cancel)
    {
        await EnsureAsync(times, cancel);
        try
        {
            return await write();
        }
        catch (PostgresException error) when (PostgresErrors.IsMissingPartition(error) || PostgresErrors.IsOfOtherNodesCopy(error))
        {
            // Somebody dropped a partition that was known to be there, or so it may be.
            _months.Clear();
            await EnsureAsync(times, cancel);
            try
            {
                return await write();
            }
            catch (PostgresException again) when (PostgresErrors.IsOfOtherNode(again) && PostgresErrors.IsMissingPartition(again))
            {
                // What comes from another node does not say which constraint; the partitions are there.
                throw StoreErrors.BadRecord(address, again);
            }
        }
    }

    /// <summary>Makes the partitions that records of these times need, each in a transaction of its own.</summary>
    public async Task EnsureAsync(IEnumerable<DateTimeOffset> times, CancellationToken cancel)
    {
        // The current month and the next come first, so that partitions are made ahead of need.
        DateTimeOffset now = DateTimeOffset.UtcNow;
        IEnumerable<DateOnly> months = times.Append(now).Append(now.AddMonths(1)).Select(t => new DateOnly(t.Year, t.Month, 1)).Distinct();
        foreach (DateOnly month in months.Where(m => !_months.ContainsKey(m)).Order().ToList())
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
            await connection.ExecuteAsync("SELECT usage_ensure_partition($1)", cancel, month);
            _months[month] = true;
        }
    }
}
