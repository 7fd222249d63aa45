using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Reads all tables in one read transaction.</summary>
internal sealed class SqliteCopySource : ICopySource
{
    private readonly SqliteDatabase.Session _session;
    private readonly SqliteTransaction _snapshot;
    private readonly StoreAddress _address;

    private SqliteCopySource(SqliteDatabase.Session session, StoreAddress address)
    {
        (_session, _address) = (session, address);
        _snapshot = session.Connection.BeginTransaction(deferred: true);
        // The snapshot is that of the first statement.
        session.Connection.Scalar("SELECT count(*) FROM usage_settings");
    }

    public static SqliteCopySource Open(SqliteDatabase database, CancellationToken cancel)
    {
        SqliteDatabase.Session session = database.Open(cancel);
        try
        {
            return new SqliteCopySource(session, database.Address);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public Task<CopySummary> SummarizeAsync(CancellationToken cancel) => GuardAsync(
        () => _session.Connection.Query(
            """
            SELECT count(*), (SELECT count(*) FROM billing_customers), count(DISTINCT substr(recorded_at, 1, 7)), count(*) - count(recorded_at)
            FROM billing_usage_records
            """).Select(r => new CopySummary(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3))).Single(), cancel);

    public async IAsyncEnumerable<IReadOnlyList<string?[]>> ReadAsync(
        CopyTable table, IReadOnlyList<string?> after, CopyGroup? group, [EnumeratorCancellation] CancellationToken cancel)
    {
        // SQLite answers at once or not at all; there is nothing to await between rows.
        await Task.CompletedTask;
        using IEnumerator<IReadOnlyList<string?[]>> page = Read(table, after, group).GetEnumerator();
        while (SqliteErrors.Guard(page.MoveNext, _address, cancel))
            yield return page.Current;
    }

    public IReadOnlyList<string?> KeyOf(CopyTable table, string?[] row) => [.. Key(table).Select(c => row[table.IndexOf(c)])];

    public Task<IReadOnlyDictionary<CopyTable, long>> ReadNumbersAsync(CancellationToken cancel) => GuardAsync<IReadOnlyDictionary<CopyTable, long>>(
        () => CopyTables.All.Where(t => t.Numbered is not null).ToDictionary(
            t => t,
            t => (long)_session.Connection.Scalar(
                $"SELECT max(coalesce((SELECT max({t.Numbered}) FROM {t.Name}), 0), coalesce((SELECT seq FROM sqlite_sequence WHERE name = $1), 0))", t.Name)!),
        cancel);

    public async ValueTask DisposeAsync()
    {
        await _snapshot.DisposeAsync();
        _session.Dispose();
    }

    // Rows lie in the order of their numbers.
    private static string[] Key(CopyTable table) => table is { Key.Length: > 0, Numbered: { } number } ? [number] : table.Key;

    private IEnumerable<IReadOnlyList<string?[]>> Read(CopyTable table, IReadOnlyList<string?> after, CopyGroup? group)
    {
        string[] key = Key(table);
        string columns = string.Join(", ", table.Columns.Select(c => c.Kind == CopyKind.Bytes ? $"hex({c.Name})" : c.Name));
        (string where, object?[] values) = SqliteCopyTarget.Where(table, group);
        if (after.Count > 0)
        {
            int given = values.Length;
            IEnumerable<string> parameters = key.Select((c, i) => table.Columns[table.IndexOf(c)].Kind == CopyKind.Whole
                ? FormattableString.Invariant($"CAST(${given + i + 1} AS INTEGER)")
                : FormattableString.Invariant($"${given + i + 1}"));
            where += $" AND ({string.Join(", ", key)}) > ({string.Join(", ", parameters)})";
            values = [.. values, .. after];
        }

        string order = key.Length > 0 && group is null ? $" ORDER BY {string.Join(", ", key)}" : "";
        var page = new List<string?[]>();
        long characters = 0;
        foreach (SqliteDataReader reader in _session.Connection.Query($"SELECT {columns} FROM {table.Source ?? table.Name} WHERE {where}{order}", values))
        {
            var row = new string?[table.Columns.Count];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = ValueAt(reader, i, table.Columns[i].Kind);
                characters += row[i]?.Length ?? 0;
            }

            page.Add(row);
            if (!CopyPages.IsFull(page.Count, characters))
                continue;

            yield return page;
            (page, characters) = ([], 0);
        }

        if (page.Count > 0)
            yield return page;
    }

    private static string? ValueAt(SqliteDataReader reader, int column, CopyKind kind)
    {
        if (reader.IsDBNull(column))
            return null;

        string text = reader.GetString(column);
        // Other programs may write any of SQLite's own forms.
        return kind == CopyKind.Time && text is not { Length: 27 } ? SqliteText.Time(SqliteText.Time(text)) : text;
    }

    private Task<T> GuardAsync<T>(Func<T> work, CancellationToken cancel) => Task.Run(() => SqliteErrors.Guard(work, _address, cancel), cancel);
}
