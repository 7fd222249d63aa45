using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Postgres;

/// <summary>Reads all tables in one repeatable read.</summary>
internal sealed class PostgresCopySource : ICopySource
{
    private readonly NpgsqlConnection _connection;
    private readonly StoreAddress _address;
    private NpgsqlTransaction? _snapshot;

    private PostgresCopySource(NpgsqlConnection connection, StoreAddress address) => (_connection, _address) = (connection, address);

    public static async Task<PostgresCopySource> OpenAsync(PostgresSource source, StoreAddress address, CancellationToken cancel)
    {
        var opened = new PostgresCopySource(await source.OpenConnectionAsync(cancel), address);
        try
        {
            await PostgresVisibility.CheckAsync(opened._connection, address, cancel);
            opened._snapshot = await opened._connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
            // The first statement that reads is the moment of the snapshot.
            await opened._connection.ExecuteAsync("SET TRANSACTION READ ONLY; SET LOCAL work_mem = '64MB'; SELECT count(*) FROM usage_settings", cancel);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    public Task<CopySummary> SummarizeAsync(CancellationToken cancel) => PostgresErrors.GuardAsync(
        async () =>
        {
            // On its own: a distributed store has its customers and its records in different places.
            await using NpgsqlCommand customers = Command("SELECT count(*) FROM billing_customers");
            long count = (long)(await customers.ExecuteScalarAsync(cancel))!;
            await using NpgsqlCommand command = Command(
                """
                SELECT count(*),
                       count(DISTINCT date_trunc('month', recorded_at AT TIME ZONE 'UTC')) FILTER (WHERE isfinite(recorded_at)),
                       count(*) FILTER (WHERE isfinite(recorded_at) IS NOT TRUE)
                FROM billing_usage_records
                """);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
            await reader.ReadAsync(cancel);
            return new CopySummary(reader.GetInt64(0), count, reader.GetInt64(1), reader.GetInt64(2));
        },
        _address);

    public async IAsyncEnumerable<IReadOnlyList<string?[]>> ReadAsync(
        CopyTable table, IReadOnlyList<string?> after, CopyGroup? group, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using NpgsqlCommand command = await PostgresErrors.GuardAsync(() => SelectAsync(table, after, group, cancel), _address);
        await using NpgsqlDataReader reader = await PostgresErrors.GuardAsync(() => command.ExecuteReaderAsync(cancel), _address);
        bool more = true;
        try
        {
            while (more)
            {
                List<string?[]> page;
                (page, more) = await PostgresErrors.GuardAsync(() => ReadPageAsync(reader, table, cancel), _address);
                if (page.Count > 0)
                    yield return page;
            }
        }
        finally
        {
            // Whoever has seen enough does not wait until the server has sent the rest.
            if (more)
                command.Cancel();
        }
    }

    public IReadOnlyList<string?> KeyOf(CopyTable table, string?[] row) => [.. table.Key.Select(c => row[table.IndexOf(c)])];

    public Task<IReadOnlyDictionary<CopyTable, long>> ReadNumbersAsync(CancellationToken cancel) => PostgresErrors.GuardAsync<IReadOnlyDictionary<CopyTable, long>>(
        async () =>
        {
            var numbers = new Dictionary<CopyTable, long>();
            foreach (CopyTable table in CopyTables.All.Where(t => t.Numbered is not null))
            {
                await using NpgsqlCommand command = Command(
                    $"SELECT greatest((SELECT max({table.Numbered}) FROM {table.Name}), pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass), 0)::bigint",
                    table.Name, table.Numbered);
                numbers.Add(table, (long)(await command.ExecuteScalarAsync(cancel))!);
            }

            return numbers;
        },
        _address);

    public async ValueTask DisposeAsync()
    {
        if (_snapshot is not null)
            await _snapshot.DisposeAsync();

        await _connection.DisposeAsync();
    }

    // By the columns' kinds; a parameter is text too.
    private async Task<NpgsqlCommand> SelectAsync(CopyTable table, IReadOnlyList<string?> after, CopyGroup? group, CancellationToken cancel)
    {
        HashSet<string> there = await ColumnsOfAsync(table, cancel);
        IEnumerable<string> columns = table.Columns.Select(c => there.Contains(c.Name) ? TextOf(c) : "NULL");
        (string where, object?[] values) = PostgresCopyTarget.Where(table, group);
        if (after.Count > 0)
        {
            int given = values.Length;
            IEnumerable<string> parameters = table.Key.Select((c, i) =>
                FormattableString.Invariant($"${given + i + 1}::text{CastTo(table.Columns[table.IndexOf(c)].Kind)}"));
            where += $" AND ({string.Join(", ", table.Key)}) > ({string.Join(", ", parameters)})";
            values = [.. values, .. after];
        }

        string order = table.Key.Length > 0 && group is null ? $" ORDER BY {string.Join(", ", table.Key)}" : "";
        return Command($"SELECT {string.Join(", ", columns)} FROM {table.Source ?? table.Name} WHERE {where}{order}", values);
    }

    // nself's own tables, which were adopted, lack some of the columns that ours have.
    private async Task<HashSet<string>> ColumnsOfAsync(CopyTable table, CancellationToken cancel)
    {
        await using NpgsqlCommand command = Command("SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped", table.Name);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var columns = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancel))
            columns.Add(reader.GetString(0));

        return columns;
    }

    private static async Task<(List<string?[]> Page, bool More)> ReadPageAsync(NpgsqlDataReader reader, CopyTable table, CancellationToken cancel)
    {
        var page = new List<string?[]>();
        long characters = 0;
        while (!CopyPages.IsFull(page.Count, characters))
        {
            if (!await reader.ReadAsync(cancel))
                return (page, false);

            var row = new string?[table.Columns.Count];
            for (int i = 0; i < row.Length; i++)
            {
                if (reader.IsDBNull(i))
                    continue;

                row[i] = table.Columns[i].Kind == CopyKind.Json ? Canonical(reader.GetString(i)) : reader.GetString(i);
                characters += row[i]!.Length;
            }

            page.Add(row);
        }

        return (page, true);
    }

    // As records have it before PostgreSQL reorders it, so that there and back again it is the same. What is no metadata stays as it is.
    private static string Canonical(string json)
    {
        if (json is "{}")
            return json;

        try
        {
            return Metadata.Parse(json).ToString();
        }
        catch (UsageException)
        {
            return json;
        }
    }

    private static string TextOf(CopyColumn column) => column.Kind switch
    {
        // A varchar that is only called text comes as varchar from the nodes of a distributed store, which refuses it then.
        CopyKind.Text => $"{column.Name} || ''",
        CopyKind.Flag => $"{column.Name}::int::text",
        CopyKind.Time => $"to_char({column.Name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US\"Z\"')",
        CopyKind.Date => $"to_char({column.Name}, 'YYYY-MM-DD')",
        CopyKind.Bytes => $"upper(encode({column.Name}, 'hex'))",
        CopyKind.List => $"to_json({column.Name})::text",
        _ => $"{column.Name}::text",
    };

    private static string CastTo(CopyKind kind) => kind switch
    {
        CopyKind.Whole => "::bigint",
        CopyKind.Time => "::timestamptz",
        _ => "",
    };

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
        NpgsqlCommand command = _connection.Command(sql, values);
        command.CommandTimeout = 0;
        return command;
    }
}
