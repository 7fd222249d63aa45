using System.Data.Common;
using System.Globalization;

namespace UsageTracking.Tests.Testing;

/// <summary>Asks a database past the store, for counting independently.</summary>
internal static class SqlRows
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens the connection, runs SQL and returns the rows, each value as invariant text, a null as an empty one.</summary>
    public static async Task<IReadOnlyList<string[]>> ReadAsync(DbConnection connection, string sql)
    {
        await connection.OpenAsync(Cancel);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await using DbDataReader reader = await command.ExecuteReaderAsync(Cancel);
        var rows = new List<string[]>();
        while (await reader.ReadAsync(Cancel))
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount)
                .Select(i => reader.IsDBNull(i) ? "" : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture)!)]);
        }

        return rows;
    }
}
