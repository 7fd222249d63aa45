using Npgsql;
using NpgsqlTypes;

namespace UsageTracking.Stores.Postgres;

/// <summary>Short forms for commands with positional parameters.</summary>
internal static class PostgresCommands
{
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (object? value in values)
            command.Parameters.Add(Parameter(value));

        return command;
    }

    public static NpgsqlBatchCommand BatchCommand(string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (object? value in values)
            command.Parameters.Add(Parameter(value));

        return command;
    }

    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancel, params object?[] values)
    {
        await using NpgsqlCommand command = connection.Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Executes what takes its time on a large table.</summary>
    public static async Task ExecutePatientlyAsync(this NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancel);
    }

    public static async Task<object?> ScalarAsync(this NpgsqlConnection connection, string sql, CancellationToken cancel, params object?[] values)
    {
        await using NpgsqlCommand command = connection.Command(sql, values);
        return await command.ExecuteScalarAsync(cancel);
    }

    /// <summary>A list as one parameter; null for none.</summary>
    public static NpgsqlParameter TextArray(IReadOnlyCollection<string>? values) => new()
    {
        Value = values is null ? DBNull.Value : values.ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    };

    /// <summary>A text, or null of that type.</summary>
    public static NpgsqlParameter Text(string? value) => Nullable(value, NpgsqlDbType.Text);

    /// <summary>A value, or null, whose type cannot be told from a null.</summary>
    public static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static NpgsqlParameter Parameter(object? value) => value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value };
}
