using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>Asks the server about itself.</summary>
internal sealed class PostgresServer(PostgresSource source)
{
    private const string Select =
        $"""
        SELECT clock_timestamp(), current_user::text, has_table_privilege('billing_usage_records', 'INSERT'),
               format('GRANT INSERT ON %s TO %I', 'billing_usage_records'::regclass, current_user), {PostgresPartitioning.IsBrokenOff}
        """;

    public async Task<ServerState> GetStateAsync(CancellationToken cancel)
    {
        // First what takes its time, so that the clock is asked on a connection that is warm.
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        IReadOnlyList<DateOnly>? missing = await PostgresPartitions.FindMissingAsync(connection, cancel);
        await using NpgsqlCommand command = connection.Command(Select);
        DateTimeOffset asked = DateTimeOffset.UtcNow;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        DateTimeOffset answered = DateTimeOffset.UtcNow;
        TimeSpan offset = reader.GetFieldValue<DateTimeOffset>(0) - (asked + ((answered - asked) / 2));
        return new ServerState(offset, missing, reader.GetString(1), reader.GetBoolean(2), reader.GetString(3))
        {
            IsPartitioningBrokenOff = reader.GetBoolean(4),
        };
    }
}
