using Microsoft.Data.Sqlite;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Writes rows by prepared inserts in one transaction.</summary>
internal sealed class SqliteCopyTarget : ICopyTarget
{
    private readonly SqliteDatabase.Session _session;
    private readonly SqliteTransaction _transaction;
    private readonly StoreAddress _address;

    private SqliteCopyTarget(SqliteDatabase.Session session, StoreAddress address) =>
        (_session, _address, _transaction) = (session, address, session.Connection.BeginTransaction());

    public static SqliteCopyTarget Open(SqliteDatabase database, CancellationToken cancel)
    {
        SqliteDatabase.Session session = database.Open(cancel);
        try
        {
            return new SqliteCopyTarget(session, database.Address);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public static IReadOnlyList<string?> Begin(SqliteConnection connection, Guid from, StoreAddress address)
    {
        var before = (string?)connection.Scalar("SELECT value FROM usage_settings WHERE name = $1", SettingNames.CopyFrom);
        if (before is not null)
        {
            return Guid.Parse(before) == from
                ? CopyPosition.Parse((string?)connection.Scalar("SELECT value FROM usage_settings WHERE name = $1", SettingNames.CopyPosition))
                : throw StoreErrors.CopyOfOther(address);
        }

        foreach (string table in CopyTables.All.Where(t => !t.IsSeeded).Select(t => t.Name).Append("usage_spools"))
        {
            if (connection.Scalar($"SELECT 1 FROM {table} LIMIT 1") is not null)
                throw StoreErrors.StoreNotEmpty(address, table);
        }

        connection.Execute(SqliteSettings.Upsert, SettingNames.CopyFrom, from.ToString());
        connection.Execute(SqliteSettings.Upsert, SettingNames.CopyPosition, CopyPosition.ToText([]));
        return [];
    }

    public static bool Complete(SqliteConnection connection, IReadOnlyDictionary<CopyTable, long> numbers)
    {
        foreach ((CopyTable table, long number) in numbers)
        {
            // Only of the tables that never give a number twice has SQLite a row there.
            connection.Execute("UPDATE sqlite_sequence SET seq = $2 WHERE name = $1 AND seq < $2", table.Name, number);
            connection.Execute(
                """
                INSERT INTO sqlite_sequence (name, seq)
                SELECT $1, $2
                WHERE $2 > 0 AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)
                    AND EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1 AND sql LIKE '% AUTOINCREMENT%')
                """, table.Name, number);
        }

        connection.Execute("DELETE FROM usage_settings WHERE name IN ($1, $2)", SettingNames.CopyFrom, SettingNames.CopyPosition);
        return true;
    }

    /// <summary>A condition on the rows that are copied.</summary>
    public static (string Where, object?[] Values) Where(CopyTable table, CopyGroup? group)
    {
        string where = table.Condition ?? "true";
        return group is null
            ? (where, [])
            // The text of times begins with the month.
            : ($"{where} AND customer_id = $1 AND service_name = $2 AND {table.GroupedBy} >= $3 AND {table.GroupedBy} < $3 || '.'", [group.CustomerId, group.Service, group.Month]);
    }

    public Task ClearAsync(CopyTable table, CopyGroup? group, CancellationToken cancel)
    {
        (string where, object?[] values) = Where(table, group);
        return GuardAsync(() => _session.Connection.Execute($"DELETE FROM {table.Name} WHERE {where}", values), cancel);
    }

    public Task AddAsync(CopyTable table, IReadOnlyList<string?[]> rows, CancellationToken cancel) => GuardAsync(
        () =>
        {
            IEnumerable<string> parameters = table.Columns.Select((c, i) =>
                c.Kind == CopyKind.Bytes ? FormattableString.Invariant($"unhex(${i + 1})") : FormattableString.Invariant($"${i + 1}"));
            using SqliteCommand insert = _session.Connection.Command(
                $"INSERT INTO {table.Name} ({string.Join(", ", table.Columns.Select(c => c.Name))}) VALUES ({string.Join(", ", parameters)})",
                [.. table.Columns.Select(_ => (object?)null)]);
            insert.Prepare();
            foreach (string?[] row in rows)
            {
                for (int i = 0; i < row.Length; i++)
                    insert.Parameters[i].Value = (object?)row[i] ?? DBNull.Value;

                insert.ExecuteNonQuery();
            }

            return rows.Count;
        },
        cancel);

    public async Task AdvanceAsync(IReadOnlyList<string?> from, IReadOnlyList<string?> to, CancellationToken cancel)
    {
        int advanced = await GuardAsync(
            () => _session.Connection.Execute(
                "UPDATE usage_settings SET value = $3 WHERE name = $1 AND value = $2",
                SettingNames.CopyPosition, CopyPosition.ToText(from), CopyPosition.ToText(to)),
            cancel);
        if (advanced == 0)
            throw StoreErrors.CopyOvertaken(_address);
    }

    public Task CommitAsync(CancellationToken cancel) => GuardAsync(
        () =>
        {
            ProtocolStep.Pass("copy commit");
            _transaction.Commit();
            ProtocolStep.Pass("copy commit done");
            return 0;
        },
        cancel);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        _session.Dispose();
    }

    private Task<int> GuardAsync(Func<int> work, CancellationToken cancel) => Task.Run(() => SqliteErrors.Guard(work, _address, cancel), cancel);
}
