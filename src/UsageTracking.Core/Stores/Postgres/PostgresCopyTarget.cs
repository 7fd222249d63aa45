using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>Writes rows by COPY in one transaction.</summary>
internal sealed class PostgresCopyTarget : ICopyTarget
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly PostgresPartitions _partitions;
    private readonly StoreAddress _address;

    private PostgresCopyTarget(NpgsqlConnection connection, NpgsqlTransaction transaction, PostgresPartitions partitions, StoreAddress address) =>
        (_connection, _transaction, _partitions, _address) = (connection, transaction, partitions, address);

    public static async Task<PostgresCopyTarget> OpenAsync(PostgresSource source, PostgresPartitions partitions, StoreAddress address, CancellationToken cancel)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        try
        {
            return new PostgresCopyTarget(connection, await BeginTransactionAsync(connection, cancel), partitions, address);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public static async Task<IReadOnlyList<string?>> BeginAsync(PostgresSource source, Guid from, StoreAddress address, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await PostgresVisibility.CheckAsync(connection, address, cancel);
        await using NpgsqlTransaction transaction = await BeginTransactionAsync(connection, cancel);
        // Writers take this table first: those that have begun end, and those that come see that there is a copy.
        await connection.ExecuteAsync("LOCK TABLE usage_spools IN EXCLUSIVE MODE", cancel);
        if (await SettingAsync(connection, SettingNames.CopyFrom, cancel) is { } before)
        {
            return Guid.Parse(before) == from
                ? CopyPosition.Parse(await SettingAsync(connection, SettingNames.CopyPosition, cancel))
                : throw StoreErrors.CopyOfOther(address);
        }

        foreach (string table in CopyTables.All.Where(t => !t.IsSeeded).Select(t => t.Name).Append("usage_spools"))
        {
            if ((bool)(await connection.ScalarAsync($"SELECT EXISTS (SELECT 1 FROM {table})", cancel))!)
                throw StoreErrors.StoreNotEmpty(address, table);
        }

        await connection.ExecuteAsync(PostgresSettings.Upsert, cancel, SettingNames.CopyFrom, from.ToString());
        await connection.ExecuteAsync(PostgresSettings.Upsert, cancel, SettingNames.CopyPosition, CopyPosition.ToText([]));
        await transaction.CommitAsync(cancel);
        return [];
    }

    public static async Task CompleteAsync(PostgresSource source, IReadOnlyDictionary<CopyTable, long> numbers, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        foreach ((CopyTable table, long number) in numbers.Where(n => n.Value > 0))
            await connection.ExecuteAsync("SELECT setval(pg_get_serial_sequence($1, $2), $3)", cancel, table.Name, table.Numbered, number);

        await connection.ExecuteAsync("DELETE FROM usage_settings WHERE name IN ($1, $2)", cancel, SettingNames.CopyFrom, SettingNames.CopyPosition);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>A condition on the rows that are copied.</summary>
    public static (string Where, object?[] Values) Where(CopyTable table, CopyGroup? group)
    {
        string where = table.Condition ?? "true";
        if (group is null)
            return (where, []);

        var month = DateTime.ParseExact(group.Month, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return (
            $"{where} AND customer_id = $1 AND service_name = $2 AND {table.GroupedBy} >= $3 AND {table.GroupedBy} < $4",
            [group.CustomerId, group.Service, month, month.AddMonths(1)]);
    }

    public Task ClearAsync(CopyTable table, CopyGroup? group, CancellationToken cancel) => PostgresErrors.GuardAsync(
        async () =>
        {
            (string where, object?[] values) = Where(table, group);
            await using NpgsqlCommand command = _connection.Command($"DELETE FROM {table.Name} WHERE {where}", values);
            command.CommandTimeout = 0;
            return await command.ExecuteNonQueryAsync(cancel);
        },
        _address);

    public Task AddAsync(CopyTable table, IReadOnlyList<string?[]> rows, CancellationToken cancel) => PostgresErrors.GuardAsync(
        async () =>
        {
            if (table == CopyTables.Records)
                await _partitions.EnsureAsync(Months(rows), cancel);

            // Text, since that is what the rows are, and the server reads it exactly.
            string columns = string.Join(", ", table.Columns.Select(c => c.Name));
            await using NpgsqlCopyTextWriter writer = await _connection.BeginTextImportAsync($"COPY {table.Name} ({columns}) FROM STDIN", cancel);
            var lines = new StringBuilder();
            foreach (string?[] row in rows)
            {
                for (int i = 0; i < row.Length; i++)
                    Append(lines, row[i], table.Columns[i].Kind).Append(i < row.Length - 1 ? '\t' : '\n');

                if (lines.Length < 32 * 1024)
                    continue;

                cancel.ThrowIfCancellationRequested();
                await writer.WriteAsync(lines, cancel);
                lines.Clear();
            }

            await writer.WriteAsync(lines, cancel);
            return rows.Count;
        },
        _address);

    public async Task AdvanceAsync(IReadOnlyList<string?> from, IReadOnlyList<string?> to, CancellationToken cancel)
    {
        int advanced = await PostgresErrors.GuardAsync(
            () => _connection.ExecuteAsync(
                "UPDATE usage_settings SET value = $3 WHERE name = $1 AND value = $2", cancel,
                SettingNames.CopyPosition, CopyPosition.ToText(from), CopyPosition.ToText(to)),
            _address);
        if (advanced == 0)
            throw StoreErrors.CopyOvertaken(_address);
    }

    public Task CommitAsync(CancellationToken cancel) => PostgresErrors.GuardAsync(
        async () =>
        {
            ProtocolStep.Pass("copy commit");
            await _transaction.CommitAsync(cancel);
            ProtocolStep.Pass("copy commit done");
            return true;
        },
        _address);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    // Writes tables of every kind, distributed or not.
    private static async Task<NpgsqlTransaction> BeginTransactionAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync($"{PostgresDistribution.WriteInSequence}; {PostgresDistribution.UseOneConnection}", cancel);
        return transaction;
    }

    private static async Task<string?> SettingAsync(NpgsqlConnection connection, string name, CancellationToken cancel) =>
        (string?)await connection.ScalarAsync("SELECT value FROM usage_settings WHERE name = $1", cancel, name);

    private static IEnumerable<DateTimeOffset> Months(IReadOnlyList<string?[]> rows)
    {
        int time = CopyTables.Records.IndexOf("recorded_at");
        return rows.Select(r => r[time]![..7]).Distinct()
            .Select(m => DateTimeOffset.ParseExact(m, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
    }

    // COPY's text format: https://www.postgresql.org/docs/current/sql-copy.html
    private static StringBuilder Append(StringBuilder lines, string? value, CopyKind kind) => (value, kind) switch
    {
        (null, _) => lines.Append(@"\N"),
        (_, CopyKind.Bytes) => lines.Append(@"\\x").Append(value),
        (_, CopyKind.List) => Escape(lines, ArrayOf(value)),
        _ => Escape(lines, value),
    };

    private static StringBuilder Escape(StringBuilder lines, string text)
    {
        int start = 0;
        for (int special; (special = text.AsSpan(start).IndexOfAny("\\\t\n\r")) >= 0; start += special + 1)
        {
            lines.Append(text, start, special).Append('\\').Append(text[start + special] switch
            {
                '\t' => 't',
                '\n' => 'n',
                '\r' => 'r',
                _ => '\\',
            });
        }

        return lines.Append(text, start, text.Length - start);
    }

    private static string ArrayOf(string json) =>
        "{" + string.Join(',', JsonSerializer.Deserialize<string[]>(json)!.Select(v => $"\"{v.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"")) + "}";
}
