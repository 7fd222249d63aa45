using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Short forms for commands; parameters are $1, $2 and so on.</summary>
internal static class SqliteCommands
{
    public static SqliteCommand Command(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${i + 1}"), values[i] ?? DBNull.Value);

        return command;
    }

    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        return command.ExecuteNonQuery();
    }

    public static object? Scalar(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        return command.ExecuteScalar();
    }

    public static IEnumerable<SqliteDataReader> Query(this SqliteConnection connection, string sql, params object?[] values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
            yield return reader;
    }

    public static string? TextAt(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>The bytes of a text, valid until the next row; empty for null.</summary>
    public static ReadOnlySpan<byte> Utf8At(this SqliteDataReader reader, int column) => SQLitePCL.raw.sqlite3_column_blob(reader.Handle, column);

    /// <summary>A number of any length.</summary>
    public static ExactDecimal ExactAt(this SqliteDataReader reader, int column) =>
        SqliteText.TryReadSmall(reader.Utf8At(column), out decimal small) ? small : ExactDecimal.Parse(reader.GetString(column));

    /// <summary>A number as short as a quantity, or null.</summary>
    public static decimal? SmallAt(this SqliteDataReader reader, int column) =>
        SqliteText.TryReadSmall(reader.Utf8At(column), out decimal small) ? small : reader.NumberAt(column);

    public static decimal? NumberAt(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : SqliteText.Number(reader.GetString(column));

    /// <summary>A list as one parameter, read by json_each.</summary>
    public static string? List(IReadOnlyList<string>? values) => values is null ? null : JsonSerializer.Serialize(values);

    /// <summary>
    /// A condition on customers ($1) and services ($2), with only the parts that restrict, so that the index is used; or not,
    /// where another one is better.
    /// </summary>
    public static string Where(UsageFilter filter, bool usesIndex = true)
    {
        // A term with a unary plus is no column of an index.
        string plus = usesIndex ? "" : "+";
        string customers = filter.CustomerIds is null ? "" : plus + "customer_id IN (SELECT value FROM json_each($1)) AND ";
        string services = filter.Services is null ? "" : plus + "service_name IN (SELECT value FROM json_each($2)) AND ";
        return customers + services;
    }
}
