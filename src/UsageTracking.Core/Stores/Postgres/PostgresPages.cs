using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>Reads all records of a range that count as they come from the server, from one snapshot.</summary>
internal sealed class PostgresPages(PostgresSource source)
{
    private const string Condition = $"{PostgresReader.Matches} AND recorded_at >= $3 AND recorded_at < $4 AND {PostgresReader.Counts}";

    public async IAsyncEnumerable<RecordPage> ReadAsync(UsageFilter filter, TimeRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        // Both statements see what was committed before the first.
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await connection.ExecuteAsync("SET TRANSACTION READ ONLY", cancel);
        await source.ActForAsync(connection, filter.CustomerIds, cancel);
        // Where the server sorts, it does so with fewer passes.
        await connection.ExecuteAsync($"SET LOCAL work_mem = '64MB'; {PostgresDistribution.UseOneConnection}", cancel);
        long total = (long)(await ScalarAsync(connection, filter, range, cancel))!;
        await using NpgsqlCommand command = Command(
            connection, $"SELECT {PostgresReader.RecordColumns} FROM billing_usage_records WHERE {Condition} ORDER BY recorded_at DESC, usage_id DESC", filter, range);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        bool more = true;
        try
        {
            while (more)
            {
                var records = new List<StoredRecord>();
                long metadata = 0;
                while (!RecordPage.IsFull(records.Count, metadata) && (more = await reader.ReadAsync(cancel)))
                {
                    records.Add(PostgresReader.RecordAt(reader));
                    metadata += records[^1].Metadata.Utf8.Length;
                }

                if (records.Count > 0)
                    yield return new RecordPage(total, records);
            }
        }
        finally
        {
            // Whoever has seen enough does not wait until the server has sent the rest.
            if (more)
                command.Cancel();
        }
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, UsageFilter filter, TimeRange range, CancellationToken cancel)
    {
        await using NpgsqlCommand command = Command(connection, $"SELECT count(*) FROM billing_usage_records WHERE {Condition}", filter, range);
        return await command.ExecuteScalarAsync(cancel);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, UsageFilter filter, TimeRange range)
    {
        NpgsqlCommand command = connection.Command(
            sql, PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services), range.Start.UtcDateTime, range.End.UtcDateTime);
        command.CommandTimeout = 0;
        return command;
    }
}
